//! Mean sea level over the ellipsoid: the geoid EGM96 (Lemoine et al., NASA/TP-1998-206861), by the
//! crate `egm96`, which sums its spherical harmonics to degree 360. Good to about a metre.
//!
//! One sum runs over 65,000 coefficients; the geoid changes by centimetres in a kilometre. So it is summed at
//! the corners of cells of a quarter degree and interpolated within, which is how the model's own grid
//! is used, and the corners are kept.

use std::collections::BTreeMap;

use truceline_domain::Position;

/// Width of a cell, degrees.
const CELL_DEG: f64 = 0.25;
/// Most corners kept: a theatre has some hundreds. Beyond, all are forgotten and summed again.
const MOST_KEPT: usize = 4_096;

/// The geoid with the corners that were asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Geoid {
    corners: BTreeMap<(i16, i16), f64>,
}

impl Geoid {
    /// Height of mean sea level above the WGS 84 ellipsoid, metres.
    pub(crate) fn undulation_m(&mut self, place: Position) -> f64 {
        let y = place.lat_deg() / CELL_DEG;
        let x = place.lon_deg() / CELL_DEG;
        let (row, column) = (y.floor(), x.floor());
        let (fy, fx) = (y - row, x - column);
        let mut corner = |north: f64, east: f64| self.corner(row + north, column + east);
        let south = corner(0.0, 0.0) * (1.0 - fx) + corner(0.0, 1.0) * fx;
        let north = corner(1.0, 0.0) * (1.0 - fx) + corner(1.0, 1.0) * fx;
        south * (1.0 - fy) + north * fy
    }

    fn corner(&mut self, row: f64, column: f64) -> f64 {
        if self.corners.len() > MOST_KEPT {
            self.corners.clear();
        }
        *self
            .corners
            .entry((row as i16, column as i16))
            .or_insert_with(|| {
                let lat_deg = (row * CELL_DEG).clamp(-90.0, 90.0);
                let lon_deg = (column * CELL_DEG + 180.0).rem_euclid(360.0) - 180.0;
                let undulation_m = egm96::egm96_compute_altitude_offset(lat_deg, lon_deg);
                // The model lies within ±107 m; anything else would be the sum's own trouble.
                if undulation_m.abs() < 110.0 {
                    undulation_m
                } else {
                    0.0
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_to_the_models_own_test_values() {
        // NGA's file OUTPT.DAT for the program F477.
        for (lat, lon, undulation_m) in [
            (38.628_155_0, 269.779_155_0 - 360.0, -31.628),
            (-14.621_217_0, 305.021_114_0 - 360.0, -2.969),
            (46.874_319_0, 102.448_729_0, -43.575),
            (-23.617_446_0, 133.874_712_0, 15.871),
            (38.625_473_0, 359.999_500_0 - 360.0, 50.066),
            (-0.466_744_0, 0.002_300_0, 17.329),
        ] {
            let got = Geoid::default().undulation_m(Position::new(lat, lon).unwrap());
            assert!(
                (got - undulation_m).abs() < 0.3,
                "{lat} {lon}: {got} for {undulation_m}"
            );
        }
    }

    #[test]
    fn it_has_no_seam() {
        let mut geoid = Geoid::default();
        let mut at = |lat: f64, lon: f64| geoid.undulation_m(Position::new(lat, lon).unwrap());
        assert!((at(10.0, 180.0) - at(10.0, -180.0)).abs() < 1e-6);
        assert!((at(90.0, 0.0) - at(90.0, 90.0)).abs() < 1e-6);
    }
}
