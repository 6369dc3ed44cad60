//! Line of sight over a terrain, as a probability: a model of the ground that errs by tens of metres
//! does not know whether a bank two metres high hides a man.
//!
//! Along the straight line between two points the clearance over the ground is taken every half
//! posting, with the drop of the ground by the earth's curvature and the bending of light: a sphere of
//! radius R/(1 − k), k = 0.13 (C. F. Gauss's coefficient of refraction; Torge & Müller, *Geodesy*,
//! 2012, section 5.1.3), which is 1.15 R. Radio's 4/3 would bend light too much. Each clearance
//! is held against what the model errs there: heights of places far from both ends err independently of
//! those of the ends, heights near an end err with it. The least favourable place decides.

use truceline_agreement::theatre::Terrain;
use truceline_domain::Position;

use crate::normal::phi;
use crate::plane::{Plane, Xy};

/// Mean radius of the earth over one less the coefficient of refraction, metres.
const BENT_RADIUS_M: f64 = 6_371_008.8 / (1.0 - 0.13);
/// Errors of heights a distance d apart agree by exp(−d/1 km): two postings of a model whose true
/// resolution is 15" (an assumption; published variograms of the SRTM's errors lie about there).
const AGREE_M: f64 = 1_000.0;
/// Most points looked at along one line.
const MOST_POINTS: f64 = 2_000.0;

/// A point to look from or at.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// Where.
    pub place: Position,
    /// How high.
    pub height: Height,
}

/// How high it is, metres.
#[derive(Debug, Clone, Copy)]
pub enum Height {
    /// Above the ground there.
    AboveGround(f64),
    /// Above mean sea level.
    Msl(f64),
}

/// Probability that nothing of the terrain stands between two points; 1 where the terrain does not
/// reach: what is not known to hide does not hide, which coverage tells beside its figures.
#[must_use]
pub fn probability(terrain: &Terrain, from: &Point, to: &Point) -> f64 {
    let plane = Plane::at(from.place);
    let way = plane.to_m(to.place);
    let length_m = way.length();
    let height = |point: &Point| match point.height {
        Height::AboveGround(m) => terrain.height_msl_m(point.place).map(|ground| ground + m),
        Height::Msl(m) => Some(m),
    };
    let (Some(from_m), Some(to_m)) = (height(from), height(to)) else {
        return 1.0;
    };
    let points = (length_m / (terrain.posting_m() / 2.0))
        .ceil()
        .clamp(1.0, MOST_POINTS);
    let mut least = f64::INFINITY;
    for i in 1..points as usize {
        let share = i as f64 / points;
        let at = Xy::new(way.e * share, way.n * share);
        let Some(ground_m) = plane.to_position(at).and_then(|p| terrain.height_msl_m(p)) else {
            continue;
        };
        let (near_m, far_m) = (length_m * share, length_m * (1.0 - share));
        let bulge_m = near_m * far_m / (2.0 * BENT_RADIUS_M);
        let clear_m = from_m + (to_m - from_m) * share - ground_m - bulge_m;
        let sd_m = terrain.sd_m * relative_sd(near_m.min(far_m));
        least = least.min(clear_m / sd_m.max(0.1));
    }
    phi(least)
}

/// Error of a height relative to one `apart_m` away, in standard deviations of one height: √2 far
/// apart, nothing close by.
fn relative_sd(apart_m: f64) -> f64 {
    (2.0 * (1.0 - (-apart_m / AGREE_M).exp())).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon).unwrap()
    }

    fn post(lat: f64, lon: f64) -> Point {
        Point {
            place: at(lat, lon),
            height: Height::AboveGround(5.0),
        }
    }

    fn ridge() -> Terrain {
        let hill = |lat: f64, _| {
            if (lat - 40.05).abs() < 0.006 {
                300.0
            } else {
                100.0
            }
        };
        Terrain::of_function([40.2, 46.9], 0.002, [200, 100], hill)
            .unwrap()
            .known_to(20.0)
    }

    #[test]
    fn a_ridge_hides_and_an_eye_above_it_sees() {
        let terrain = ridge();
        let (south, north) = (post(40.0, 47.0), post(40.1, 47.0));
        assert!(probability(&terrain, &south, &north) < 0.01);
        assert!(probability(&terrain, &north, &south) < 0.01);
        let drone = Point {
            place: at(40.0, 47.0),
            height: Height::Msl(3_000.0),
        };
        assert!(probability(&terrain, &drone, &north) > 0.99);
    }

    #[test]
    fn on_a_plain_it_is_as_good_as_the_terrain_is_known() {
        let plain = Terrain::of_function([40.2, 46.9], 0.002, [200, 100], |_, _| 50.0).unwrap();
        let p = |sd_m: f64| {
            probability(
                &plain.clone().known_to(sd_m),
                &post(40.0, 47.0),
                &post(40.03, 47.0),
            )
        };
        assert!(
            p(0.5) > 0.99 && (0.4..0.7).contains(&p(20.0)),
            "{} {}",
            p(0.5),
            p(20.0)
        );
    }

    #[test]
    fn where_nothing_is_known_nothing_is_said_to_hide() {
        assert_eq!(
            probability(&ridge(), &post(50.0, 47.0), &post(50.1, 47.0)),
            1.0
        );
    }
}
