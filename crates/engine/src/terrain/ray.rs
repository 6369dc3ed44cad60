//! Where a ray of sight meets the ground.

use nalgebra::Vector3;
use truceline_agreement::theatre::Terrain;
use truceline_domain::Position;

use super::globe;

/// The ground that a ray may meet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ground<'a> {
    /// A terrain, with the geoid's height above the ellipsoid over the theatre, metres; where the
    /// terrain has no data, level ground at `level_hae_m`.
    Terrain {
        terrain: &'a Terrain,
        geoid_m: f64,
        level_hae_m: f64,
    },
    /// Level ground at a height above the ellipsoid, metres.
    Level(f64),
}

/// Where a ray met the ground.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// Where.
    pub(crate) place: Position,
    /// Height of the ground there above the ellipsoid, metres.
    pub(crate) height_hae_m: f64,
    /// From the eye, metres.
    pub(crate) range_m: f64,
    /// It was the terrain, not level ground.
    pub(crate) on_terrain: bool,
}

/// Nothing farther than this is taken for seen, metres: at it a drone's picture is past all use.
pub(crate) const FARTHEST_M: f64 = 60_000.0;
/// A ray has met the ground when it is so near to it, metres: far below what any terrain knows.
const MET_M: f64 = 1e-4;
/// Most looks between two steps for where it does: each third halves what is left, whatever the ground.
const MOST_LOOKS: usize = 60;
/// Most steps along one ray.
const MOST_STEPS: usize = 2_000;

impl Ground<'_> {
    /// Height of the ground above the ellipsoid at a place, and whether the terrain said so.
    pub(crate) fn height_hae_m(&self, place: Position) -> (f64, bool) {
        match self {
            Self::Terrain {
                terrain,
                geoid_m,
                level_hae_m,
            } => terrain
                .height_msl_m(place)
                .map_or((*level_hae_m, false), |h| (h + geoid_m, true)),
            Self::Level(height_hae_m) => (*height_hae_m, false),
        }
    }

    /// The first point in which the ray from `eye` (earth-centred) along the unit vector `along`
    /// meets the ground. `None` when it does not within [`FARTHEST_M`], or begins below ground.
    pub(crate) fn meets(&self, eye: Vector3<f64>, along: Vector3<f64>) -> Option<Hit> {
        let step_m = match self {
            Self::Terrain { terrain, .. } => terrain.posting_m() / 2.0,
            Self::Level(_) => FARTHEST_M / 200.0,
        };
        let above_m = |range_m: f64| -> Option<f64> {
            let (place, height_m) = globe::to_place(eye + along * range_m)?;
            Some(height_m - self.height_hae_m(place).0)
        };
        let mut near_m = 0.0;
        let mut height_m = above_m(0.0)?;
        if height_m < 0.0 {
            return None;
        }
        let mut below = None;
        for _ in 0..MOST_STEPS {
            // Ground that lies deep below cannot be met within the drop to it: slopes steeper than
            // that between two posts of a terrain are not in it.
            let next_m = near_m + step_m.max(height_m / 4.0);
            if next_m > FARTHEST_M {
                break;
            }
            let next_height_m = above_m(next_m)?;
            if next_height_m <= 0.0 {
                below = Some((next_m, next_height_m));
                break;
            }
            (near_m, height_m) = (next_m, next_height_m);
        }
        let far_m = between(&above_m, (near_m, height_m), below?)?;
        let (place, _) = globe::to_place(eye + along * far_m)?;
        let (height_hae_m, on_terrain) = self.height_hae_m(place);
        Some(Hit {
            place,
            height_hae_m,
            range_m: far_m,
            on_terrain,
        })
    }
}

/// Where the height goes through zero, between a range at which it is positive and one at which it is
/// not: regula falsi that halves the weight of the end that stays (Dowell & Jarratt, *A modified regula
/// falsi*, BIT 11, 1971), and halves the way itself each third time, for ground that is no slope.
fn between(
    above_m: &impl Fn(f64) -> Option<f64>,
    (mut near_m, mut near_height_m): (f64, f64),
    (mut far_m, mut far_height_m): (f64, f64),
) -> Option<f64> {
    let mut near_stays = false;
    for look in 0..MOST_LOOKS {
        if far_height_m.abs() <= MET_M || far_m - near_m <= MET_M {
            break;
        }
        let share = if look % 3 == 2 {
            0.5
        } else {
            near_height_m / (near_height_m - far_height_m)
        };
        let middle_m = near_m + share * (far_m - near_m);
        let height_m = above_m(middle_m)?;
        if height_m.abs() <= MET_M {
            return Some(middle_m);
        }
        if height_m > 0.0 {
            (near_m, near_height_m) = (middle_m, height_m);
            if !near_stays && look > 0 {
                far_height_m /= 2.0;
            }
            near_stays = false;
        } else {
            (far_m, far_height_m) = (middle_m, height_m);
            if near_stays {
                near_height_m /= 2.0;
            }
            near_stays = true;
        }
    }
    Some(far_m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ray(place: Position, azimuth_deg: f64, depression_deg: f64) -> Vector3<f64> {
        let (sin_a, cos_a) = azimuth_deg.to_radians().sin_cos();
        let (sin_d, cos_d) = depression_deg.to_radians().sin_cos();
        globe::axes(place) * Vector3::new(sin_a * cos_d, cos_a * cos_d, -sin_d)
    }

    proptest! {
        /// Looking at the point that was met finds the same ray: the inverse, anywhere on earth.
        #[test]
        fn what_is_met_lies_on_the_ray(
            lat in -89.9..89.9f64, lon in -180.0..180.0f64, azimuth in 0.0..360.0f64,
            depression in 5.0..90.0f64, height_m in 200.0..4_000.0f64, ground_m in -50.0..150.0f64,
        ) {
            let place = Position::new(lat, lon).unwrap();
            let eye = globe::from_place(place, height_m);
            let along = ray(place, azimuth, depression);
            let hit = Ground::Level(ground_m).meets(eye, along).unwrap();
            let back = globe::from_place(hit.place, hit.height_hae_m) - eye;
            prop_assert!((back.norm() - hit.range_m).abs() < 0.01);
            prop_assert!((back.normalize() - along).norm() * hit.range_m < 0.01);
        }
    }

    #[test]
    fn a_hill_stops_a_flat_ray() {
        // A ridge 500 m high along 40.05 N, 3 km wide.
        let hill = |lat: f64, _| {
            if (lat - 40.05).abs() < 0.013 {
                500.0
            } else {
                0.0
            }
        };
        let terrain = Terrain::of_function([40.2, 46.9], 0.002, [200, 100], hill).unwrap();
        let ground = Ground::Terrain {
            terrain: &terrain,
            geoid_m: 0.0,
            level_hae_m: 0.0,
        };
        let place = Position::new(40.0, 47.0).unwrap();
        let eye = globe::from_place(place, 400.0);
        let hit = ground.meets(eye, ray(place, 0.0, 2.0)).unwrap();
        assert!(
            hit.on_terrain && (hit.place.lat_deg() - 40.036).abs() < 0.002,
            "{hit:?}"
        );
        let level = Ground::Level(0.0).meets(eye, ray(place, 0.0, 2.0)).unwrap();
        assert!(level.range_m > 2.0 * hit.range_m);
    }

    #[test]
    fn a_step_in_the_ground_is_met_where_it_is() {
        // A wall at 2,000 m: before it the ray is 50 m above ground, behind it below.
        for wall in [1_000.5, 1_777.7, 2_999.9] {
            let above = |m: f64| Some(if m < wall { 50.0 } else { -0.2 });
            let met = between(&above, (1_000.0, 50.0), (3_000.0, -0.2)).unwrap();
            assert!((met - wall).abs() < 0.01, "{met} for {wall}");
        }
    }

    #[test]
    fn above_the_horizon_nothing_is_met() {
        let place = Position::new(40.0, 47.0).unwrap();
        let eye = globe::from_place(place, 1_000.0);
        assert!(
            Ground::Level(0.0)
                .meets(eye, ray(place, 10.0, -1.0))
                .is_none()
        );
        assert!(
            Ground::Level(2_000.0)
                .meets(eye, ray(place, 10.0, 45.0))
                .is_none()
        );
    }
}
