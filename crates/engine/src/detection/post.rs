//! People at a post: by ear, and by eye where there is a line of sight.
//!
//! **By ear.** Field figures: a muzzle blast is heard at 1–3 km (rifle), 3–8 km (heavy machine gun,
//! mortar), 10–30 km (artillery, rockets). Heard is not reported: over the scenario set's development
//! scenarios (25 November 2026) posts reported, at 0–3, 3–6, 6–9, 9–12, 12–15 km, of small arms 0.40,
//! 0.18, 0, 0, 0; heavy machine guns 0.46, 0.30, 0.15, 0, 0; mortars 0.49, 0.43, 0.34, 0.21, 0.05;
//! artillery 0.63, 0.58, 0.48, 0.40, 0.29, and nothing beyond 24 km; by night the same within the
//! scatter. Modelled as falling linearly to nothing. Wind shifts the range as it shifts the level:
//! 6 dB of the level of [`super::acoustic`] for each doubling, against a light breeze of 2 m/s,
//! because people's hearing is not measured in wind.
//!
//! **By eye.** By day a vehicle is noticed to about 3 km without optics, by night not at all
//! (assumption: 2.3 m at 3 km are 2.6 minutes of arc, and the eye resolves one; five times that is
//! the usual allowance for noticing without being told where to look). Muzzle flashes are left to
//! [`super::flash`]: what people report of shots, they mostly heard (field figures: *cameras see
//! mostly projectiles at night, people mostly hear*).

use truceline_domain::EventKind;

use super::acoustic::wind_db;
use super::{Conditions, DayNight, fading};

/// The breeze in which the figures hold, m/s.
const LIGHT_BREEZE_MPS: f64 = 2.0;
/// How far people notice a vehicle by day, metres, and how often (assumption, see above).
const VEHICLE_M: f64 = 3_000.0;
const VEHICLE: DayNight = DayNight {
    day: 0.6,
    night: 0.0,
};

/// Probability that a manned post notices one event.
#[must_use]
pub fn probability(kind: EventKind, conditions: &Conditions) -> f64 {
    if matches!(
        kind,
        EventKind::Movement | EventKind::Incursion | EventKind::Works
    ) {
        return VEHICLE.at(conditions.daylight)
            * fading(conditions.range_m, VEHICLE_M)
            * conditions.line_of_sight.clamp(0.0, 1.0);
    }
    let Some((beside, reach_m)) = ear(kind) else {
        return 0.0;
    };
    let lost_db =
        wind_db(LIGHT_BREEZE_MPS, 0.0) - wind_db(conditions.wind_mps, conditions.wind_along_mps);
    // Spherical spreading: a level lower by 20 dB is heard at a tenth of the range.
    let as_if_m = conditions.range_m.max(0.0) * 10f64.powf(lost_db.max(0.0) / 20.0);
    beside * fading(as_if_m, reach_m)
}

/// How often a thing is reported from beside it, and from how far at all, metres (measured).
const fn ear(kind: EventKind) -> Option<(f64, f64)> {
    match kind {
        EventKind::SmallArms => Some((0.50, 6_000.0)),
        EventKind::Hmg => Some((0.52, 9_500.0)),
        EventKind::Mortar => Some((0.56, 14_000.0)),
        EventKind::Artillery => Some((0.68, 24_000.0)),
        EventKind::Mlrs => Some((0.55, 24_000.0)),
        EventKind::DroneStrike => Some((0.56, 8_000.0)),
        EventKind::Demolition | EventKind::BlastQuarry => Some((0.40, 13_000.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_to_what_was_measured() {
        let p = |kind, range_m| {
            let still = Conditions {
                range_m,
                wind_mps: 2.0,
                ..Conditions::default()
            };
            probability(kind, &still)
        };
        for (kind, range_m, share) in [
            (EventKind::SmallArms, 2_000.0, 0.37),
            (EventKind::Hmg, 4_500.0, 0.30),
            (EventKind::Mortar, 7_500.0, 0.33),
            (EventKind::Artillery, 13_500.0, 0.29),
        ] {
            assert!(
                (p(kind, range_m) - share).abs() < 0.08,
                "{kind:?} {}",
                p(kind, range_m)
            );
        }
    }

    #[test]
    fn a_vehicle_is_seen_by_day_alone() {
        let by_day = Conditions {
            range_m: 1_000.0,
            ..Conditions::default()
        };
        assert!(probability(EventKind::Movement, &by_day) > 0.3);
        let by_night = Conditions {
            daylight: 0.0,
            ..by_day
        };
        assert_eq!(probability(EventKind::Movement, &by_night), 0.0);
    }

    #[test]
    fn a_gale_deafens() {
        let calm = Conditions {
            range_m: 2_000.0,
            wind_mps: 1.0,
            ..Conditions::default()
        };
        let gale = Conditions {
            wind_mps: 12.0,
            ..calm
        };
        assert!(probability(EventKind::Hmg, &gale) < 0.5 * probability(EventKind::Hmg, &calm));
    }
}
