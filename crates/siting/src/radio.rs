//! Radio over the ground: line of sight on a 4/3 earth with clearance of the first Fresnel zone.
//!
//! ITU-R P.526-15: the radius of the first Fresnel ellipsoid (section 2, equation 3), and that 60 % of it
//! must be free for propagation to count as line of sight (section 2). The effective earth radius of
//! 4/3 is the median of a temperate climate (ITU-R P.310); on rare days it is much less.

use geo::{Distance as _, Geodesic, InterpolatePoint as _, Point};
use truceline_agreement::theatre::Terrain;
use truceline_domain::Position;

/// 4/3 of the mean earth radius, metres.
const EFFECTIVE_RADIUS_M: f64 = 6_371_008.8 * 4.0 / 3.0;
/// Speed of light, metres a second.
const LIGHT_MPS: f64 = 299_792_458.0;
/// This much of the first Fresnel zone must be free (ITU-R P.526).
pub(crate) const FREE_SHARE: f64 = 0.6;
/// Most points along a path.
const MOST_POINTS: f64 = 1_000.0;

/// An antenna above ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Antenna {
    /// Where.
    pub position: Position,
    /// Above ground, metres.
    pub height_m: f64,
}

/// The link that is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Radio {
    /// Megahertz.
    pub frequency_mhz: f64,
    /// Height at which drones fly above the ground of their corridor, metres.
    pub drone_height_m: f64,
}

impl Default for Radio {
    /// S band, as such data links use it, and drones at 1,000 m.
    fn default() -> Self {
        Self {
            frequency_mhz: 2_200.0,
            drone_height_m: 1_000.0,
        }
    }
}

/// Whether a path is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// More than 60 % of the first Fresnel zone is free, by more than the terrain errs.
    Clear,
    /// The terrain errs by more than what is free or missing.
    Marginal,
    /// The ground stands in the way.
    Blocked,
    /// The terrain does not reach along the whole path.
    Unknown,
}

impl Verdict {
    /// What it is worth.
    pub(crate) const fn worth(self) -> f64 {
        match self {
            Self::Clear => 1.0,
            Self::Marginal => 0.5,
            Self::Blocked | Self::Unknown => 0.0,
        }
    }
}

/// A path between two antennas.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Path {
    /// Its length over ground, metres.
    pub length_m: f64,
    /// Whether it is free.
    pub verdict: Verdict,
    /// At the worst place, what is free beyond 60 % of the first Fresnel zone, metres; negative when
    /// that is missing. `None` where the terrain does not reach.
    pub margin_m: Option<f64>,
}

/// The path between two antennas over a terrain.
#[must_use]
pub fn path(terrain: &Terrain, from: &Antenna, to: &Antenna, radio: &Radio) -> Path {
    let point = |p: Position| Point::new(p.lon_deg(), p.lat_deg());
    let (a, b) = (point(from.position), point(to.position));
    let length_m = Geodesic.distance(a, b);
    let unknown = Path {
        length_m,
        verdict: Verdict::Unknown,
        margin_m: None,
    };
    let top = |antenna: &Antenna| Some(terrain.height_msl_m(antenna.position)? + antenna.height_m);
    let (Some(from_m), Some(to_m)) = (top(from), top(to)) else {
        return unknown;
    };
    let points = (length_m / (terrain.posting_m() / 2.0))
        .ceil()
        .clamp(1.0, MOST_POINTS);
    let wavelength_m = LIGHT_MPS / (radio.frequency_mhz * 1e6);
    let mut least_m = f64::INFINITY;
    for i in 1..points as usize {
        let share = i as f64 / points;
        let on_way = Geodesic.point_at_ratio_between(a, b, share);
        let Some(ground_m) = Position::new(on_way.y(), on_way.x())
            .ok()
            .and_then(|p| terrain.height_msl_m(p))
        else {
            return unknown;
        };
        let (near_m, far_m) = (length_m * share, length_m * (1.0 - share));
        let bulge_m = near_m * far_m / (2.0 * EFFECTIVE_RADIUS_M);
        let fresnel_m = (wavelength_m * near_m * far_m / length_m).sqrt();
        let clear_m = from_m + (to_m - from_m) * share - ground_m - bulge_m;
        least_m = least_m.min(clear_m - FREE_SHARE * fresnel_m);
    }
    if least_m.is_infinite() {
        // Nearer than half a posting: nothing lies between.
        least_m = from.height_m.min(to.height_m);
    }
    let verdict = match least_m {
        m if m > terrain.sd_m => Verdict::Clear,
        m if m < -terrain.sd_m => Verdict::Blocked,
        _ => Verdict::Marginal,
    };
    Path {
        length_m,
        verdict,
        margin_m: Some(least_m),
    }
}

/// How far apart two antennas at these heights above a smooth earth see each other, metres:
/// √(2·R·h₁) + √(2·R·h₂) with 4/3 of the earth's radius.
#[must_use]
pub fn radio_horizon_m(a_m: f64, b_m: f64) -> f64 {
    let horizon = |h: f64| (2.0 * EFFECTIVE_RADIUS_M * h.max(0.0)).sqrt();
    horizon(a_m) + horizon(b_m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn antenna(lat: f64, lon: f64, height_m: f64) -> Antenna {
        Antenna {
            position: Position::new(lat, lon).unwrap(),
            height_m,
        }
    }

    fn plain() -> Terrain {
        Terrain::of_function([40.6, 46.9], 0.002, [400, 200], |_, _| 100.0)
            .unwrap()
            .known_to(1.0)
    }

    #[test]
    fn the_horizon_is_that_of_the_handbook() {
        // 4.12·(√h₁ + √h₂) km, heights in metres.
        let km = radio_horizon_m(100.0, 25.0) / 1000.0;
        assert!((km - 4.12 * 15.0).abs() < 0.1, "{km}");
    }

    #[test]
    fn a_mast_on_a_plain_reaches_to_its_horizon() {
        let radio = Radio::default();
        let low = path(
            &plain(),
            &antenna(40.0, 47.0, 2.0),
            &antenna(40.4, 47.0, 2.0),
            &radio,
        );
        assert_eq!(low.verdict, Verdict::Blocked, "{low:?}");
        let high = path(
            &plain(),
            &antenna(40.0, 47.0, 80.0),
            &antenna(40.4, 47.0, 120.0),
            &radio,
        );
        assert_eq!(high.verdict, Verdict::Clear, "{high:?}");
        assert!((high.length_m - 44_400.0).abs() < 100.0);
    }

    #[test]
    fn beyond_the_terrain_nothing_is_claimed() {
        let away = path(
            &plain(),
            &antenna(40.0, 47.0, 80.0),
            &antenna(41.5, 47.0, 80.0),
            &Radio::default(),
        );
        assert_eq!((away.verdict, away.margin_m), (Verdict::Unknown, None));
    }

    proptest! {
        #[test]
        fn a_path_is_the_same_both_ways(lat in 39.9..40.5f64, lon in 46.95..47.25f64, h in 1.0..300.0f64, f in 100.0..10_000.0f64) {
            let hills = Terrain::of_function([40.6, 46.9], 0.002, [400, 200], |lat, lon| {
                300.0 + 200.0 * (lat * 40.0).sin() * (lon * 30.0).cos()
            }).unwrap();
            let radio = Radio { frequency_mhz: f, ..Radio::default() };
            let (a, b) = (antenna(40.1, 47.1, 20.0), antenna(lat, lon, h));
            let (there, back) = (path(&hills, &a, &b, &radio), path(&hills, &b, &a, &radio));
            prop_assert_eq!(there.verdict == Verdict::Unknown, back.verdict == Verdict::Unknown);
            if let (Some(x), Some(y)) = (there.margin_m, back.margin_m) {
                prop_assert!((x - y).abs() < 1.0, "{} {}", x, y);
            }
        }
    }
}
