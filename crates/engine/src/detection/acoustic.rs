//! Arrays that hear.
//!
//! The level at the array is that of the scenario set's page, section «Physics»:
//! `level = S − 20·log10(r/km) − (0.6 + peak_hz/250)·r/km + 0.8·(w·u)`, heard above a floor of about
//! `38 + 1.2·wind` dB: spherical spreading, an absorption linear in frequency (a fit to ISO 9613-1
//! for 10–500 Hz), sound carried down the wind. It gives, in still air, reaches at which half of the
//! events are heard of 5 km for a rifle, 10 km for a heavy machine gun, 20 km for a mortar and 35 km
//! for artillery; the field's figures for the human ear are 1–3, 3–8, 3–8 and 10–30 km.
//!
//! Not every sound above the floor is told. Over the scenario set's development scenarios (day,
//! busy-day, storm, quiet, deception: 11,600 pairs of a burst of small arms and an array, 25 November
//! 2026) the share told was 0.23, 0.43, 0.46, 0.68, 0.77, 0.89, 0.93 at −2, 0, 2, 4, 6, 8, 10 dB above
//! the floor and never more than 0.93: a normal distribution around +1 dB with a standard deviation of
//! 5 dB, under a ceiling. The 5 dB hold the 3 dB of the level, 2 dB from shot to shot, and what an
//! hourly wind leaves open; the ceiling holds dead time and down time.
//!
//! Not seen here: hills (sound bends round them), inversions (carry farther), the shadow zone upwind
//! beyond a few kilometres (only through the wind term), towns.

use truceline_domain::EventKind;

use super::Conditions;
use crate::normal::phi;

/// How far above the floor half of those that are told at all are told, dB (measured, see above).
const HALF_AT_DB: f64 = 1.0;
/// Scatter between events for one array, dB (measured, see above).
const SD_DB: f64 = 5.0;
/// The part of it that is the event's own and common to all arrays: shot-to-shot level, dB.
const EVENT_SD_DB: f64 = 2.0;
/// No array tells a larger share than this (measured, see above).
const CEILING: f64 = 0.93;
/// The level model says nothing nearer than this, metres.
const NEAREST_M: f64 = 50.0;

/// Level at 1 km before absorption, dB, and strongest frequency, Hz, of the *muzzle* (of the burst,
/// where there is no other): the scenario set's table «Physics». `None` for what makes no sound that
/// an array is there for.
#[must_use]
pub const fn loudness(kind: EventKind) -> Option<[f64; 2]> {
    match kind {
        EventKind::SmallArms => Some([73.0, 450.0]),
        EventKind::Hmg => Some([78.0, 220.0]),
        EventKind::Mortar => Some([83.0, 90.0]),
        EventKind::Artillery => Some([91.0, 35.0]),
        EventKind::Mlrs => Some([90.0, 60.0]),
        EventKind::DroneStrike => Some([80.0, 70.0]),
        EventKind::Demolition => Some([91.0, 20.0]),
        EventKind::BlastQuarry => Some([90.0, 15.0]),
        EventKind::Thunder => Some([95.0, 30.0]),
        _ => None,
    }
}

/// How far the sound stands above the noise at the array on average, dB; −∞ for what makes none.
#[must_use]
pub fn margin_db(kind: EventKind, conditions: &Conditions) -> f64 {
    still_margin_db(kind, conditions.range_m)
        + wind_db(conditions.wind_mps, conditions.wind_along_mps)
}

/// [`margin_db`] in still air.
#[must_use]
pub fn still_margin_db(kind: EventKind, range_m: f64) -> f64 {
    const STILL_FLOOR_DB: f64 = 38.0;
    let Some([level_db, peak_hz]) = loudness(kind) else {
        return f64::NEG_INFINITY;
    };
    let range_km = range_m.max(NEAREST_M) / 1000.0;
    level_db - 20.0 * range_km.log10() - (0.6 + peak_hz / 250.0) * range_km - STILL_FLOOR_DB
}

/// What wind adds to a margin, dB: carries along the path, and hides in its noise.
#[must_use]
pub fn wind_db(wind_mps: f64, wind_along_mps: f64) -> f64 {
    0.8 * wind_along_mps - 1.2 * wind_mps
}

/// Probability that one array tells one event.
#[must_use]
pub fn probability(kind: EventKind, conditions: &Conditions) -> f64 {
    heard(margin_db(kind, conditions))
}

/// Probability that one array tells a sound that stands `margin_db` above the noise on average.
#[must_use]
pub fn heard(margin_db: f64) -> f64 {
    CEILING * phi((margin_db - HALF_AT_DB) / SD_DB)
}

/// [`heard`], given that the event was `sds` of its own standard deviations louder than usual.
pub(super) fn heard_at_loudness(margin_db: f64, sds: f64) -> f64 {
    let path_sd_db = (SD_DB * SD_DB - EVENT_SD_DB * EVENT_SD_DB).sqrt();
    CEILING * phi((margin_db + EVENT_SD_DB * sds - HALF_AT_DB) / path_sd_db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_to_what_was_measured() {
        // (dB above the floor, share told) over small arms of the development scenarios.
        for (margin_db, share) in [
            (-8.0, 0.02),
            (-4.0, 0.16),
            (0.0, 0.43),
            (4.0, 0.68),
            (8.0, 0.89),
            (12.0, 0.93),
        ] {
            let p = heard(margin_db);
            assert!((p - share).abs() < 0.06, "{margin_db} dB: {p} for {share}");
        }
    }

    #[test]
    fn the_wind_carries_and_hides() {
        let at = |along: f64| Conditions {
            range_m: 5_000.0,
            wind_mps: 6.0,
            wind_along_mps: along,
            ..Conditions::default()
        };
        let p = |along| probability(EventKind::Hmg, &at(along));
        assert!(p(6.0) > p(0.0) && p(0.0) > p(-6.0));
        assert!(
            p(6.0)
                < probability(
                    EventKind::Hmg,
                    &Conditions {
                        range_m: 5_000.0,
                        ..Conditions::default()
                    }
                )
        );
    }

    #[test]
    fn a_movement_is_not_heard() {
        assert_eq!(
            probability(EventKind::Movement, &Conditions::default()),
            0.0
        );
    }
}
