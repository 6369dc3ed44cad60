//! Sensors that see flashes of light.
//!
//! Measured on the scenario set's development scenarios (25 November 2026), share of events told by a
//! flash sensor at 0–6, 6–12 and 12–18 km: mortar by day 0.15, 0.11, 0.06, by night 0.30, 0.24, 0.13;
//! artillery 0.22, 0.16, 0.11 and 0.38, 0.27, 0.27; heavy machine gun 0.07, 0.04, 0.03 and 0.14, 0.06,
//! 0.04; small arms 0.03, 0.03, 0.01 and 0.07, 0.06, 0.03; nothing beyond about 20 km. Modelled as
//! falling linearly to nothing at 20 km. That scenario set knows no hills: what hides behind one is
//! taken off by the line of sight. The figures are of simulated sensors, the only ones at hand with
//! the truth beside them; they are low, and a line is hardly ever *watched* by flash sensors alone.

use truceline_domain::EventKind;

use super::{Conditions, DayNight, fading};

/// Nothing is told from farther than this, metres (measured, see above).
const REACH_M: f64 = 20_000.0;

/// Probability that one sensor tells one event.
#[must_use]
pub fn probability(kind: EventKind, conditions: &Conditions) -> f64 {
    let beside = match kind {
        EventKind::SmallArms => DayNight {
            day: 0.035,
            night: 0.08,
        },
        EventKind::Hmg => DayNight {
            day: 0.08,
            night: 0.15,
        },
        EventKind::Mortar => DayNight {
            day: 0.16,
            night: 0.33,
        },
        EventKind::Artillery => DayNight {
            day: 0.24,
            night: 0.42,
        },
        EventKind::Mlrs => DayNight {
            day: 0.27,
            night: 0.50,
        },
        EventKind::DroneStrike => DayNight {
            day: 0.09,
            night: 0.20,
        },
        _ => return 0.0,
    };
    beside.at(conditions.daylight)
        * fading(conditions.range_m, REACH_M)
        * conditions.line_of_sight.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_to_what_was_measured() {
        let p = |kind, daylight, range_m| {
            probability(
                kind,
                &Conditions {
                    range_m,
                    daylight,
                    ..Conditions::default()
                },
            )
        };
        for (kind, daylight, range_m, share) in [
            (EventKind::Mortar, 1.0, 3_500.0, 0.145),
            (EventKind::Mortar, 0.0, 9_000.0, 0.244),
            (EventKind::Artillery, 1.0, 9_000.0, 0.163),
            (EventKind::Hmg, 0.0, 3_500.0, 0.135),
        ] {
            assert!(
                (p(kind, daylight, range_m) - share).abs() < 0.07,
                "{kind:?} {range_m}"
            );
        }
        assert_eq!(p(EventKind::Mortar, 0.0, 25_000.0), 0.0);
    }

    #[test]
    fn what_is_hidden_is_not_seen() {
        let hidden = Conditions {
            line_of_sight: 0.0,
            ..Conditions::default()
        };
        assert_eq!(probability(EventKind::Mlrs, &hidden), 0.0);
    }
}
