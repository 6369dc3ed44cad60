//! What each weapon and each harmless thing sounds like.
//!
//! Levels, frequencies and durations are those of the scenario set's table «Physics»; the scatter
//! from event to event was measured on its development scenarios, that from array to array is in
//! [`crate::calibration`].

use truceline_domain::{AcousticClass, EventKind};

use crate::calibration::{ARRAY_LEVEL_SD_DB, ARRAY_LN_HZ_SD, ARRAY_LN_S_SD};
use crate::normal::{Densities, ln_normal};
use crate::plane::root_sum;

/// A kind of sound: the muzzle or the burst of one kind of event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Signature {
    pub(crate) kind: EventKind,
    /// The burst on the ground of a round fired elsewhere.
    pub(crate) is_burst: bool,
    /// A muzzle whose round bursts on the ground as loudly.
    pub(crate) bursts: bool,
    /// Shakes the ground.
    pub(crate) shocks: bool,
    /// What an array ought to call it.
    pub(crate) class: AcousticClass,
    /// Level at 1 km before absorption, dB.
    pub(crate) level_db: f64,
    /// Natural logarithm of the peak frequency in Hz.
    pub(crate) ln_hz: f64,
    /// Natural logarithm of the duration in s, and its spread between events.
    pub(crate) ln_s: f64,
    pub(crate) ln_s_sd: f64,
    /// Firing point behind the line, nearest and farthest usual, metres.
    pub(crate) behind_line_m: Option<(f64, f64)>,
    /// Share of such sounds among all, roughly.
    pub(crate) prior: f64,
}

/// A muzzle's flash is called an impact, an impact a flash, or one taken for another's, once in fifty: as a
/// logarithm. (None of 225 on the development scenarios was; six more were of nothing.)
const SEEN_LN: f64 = 3.9;
/// Scatter between events.
const EVENT_LEVEL_SD_DB: f64 = 2.0;
const EVENT_LN_HZ_SD: f64 = 0.15;
/// Levels scatter between arrays by more than is learnt where the place is known: dB.
pub(crate) const LEVEL_SD_DB: f64 = ARRAY_LEVEL_SD_DB + 0.3;

#[allow(clippy::too_many_arguments)]
fn signature(
    kind: EventKind,
    is_burst: bool,
    shocks: bool,
    class: AcousticClass,
    level_db: f64,
    hz: f64,
    (short_s, long_s): (f64, f64),
    behind_line_m: Option<(f64, f64)>,
    prior: f64,
) -> Signature {
    Signature {
        kind,
        is_burst,
        bursts: !is_burst
            && matches!(
                kind,
                EventKind::Mortar | EventKind::Artillery | EventKind::Mlrs
            ),
        shocks,
        class,
        level_db,
        ln_hz: f64::ln(hz),
        ln_s: f64::midpoint(short_s.ln(), long_s.ln()),
        // Standard deviation of a uniform distribution between the two logarithms.
        ln_s_sd: (long_s / short_s).ln() / 12f64.sqrt(),
        behind_line_m,
        prior,
    }
}

/// All signatures.
pub(crate) fn all() -> Vec<Signature> {
    use AcousticClass::{Impact, Muzzle};
    use EventKind as K;
    let km = |near: f64, far: f64| Some((near * 1e3, far * 1e3));
    vec![
        signature(
            K::SmallArms,
            false,
            false,
            Muzzle,
            73.5,
            450.0,
            (0.5, 3.0),
            km(0.05, 0.8),
            0.15,
        ),
        signature(
            K::Hmg,
            false,
            false,
            Muzzle,
            78.5,
            220.0,
            (0.5, 3.0),
            km(0.1, 1.5),
            0.15,
        ),
        signature(
            K::Mortar,
            false,
            false,
            Muzzle,
            83.5,
            90.0,
            (0.15, 0.4),
            km(0.4, 4.0),
            0.2,
        ),
        signature(
            K::Mortar,
            true,
            true,
            Impact,
            87.5,
            50.0,
            (0.15, 0.4),
            None,
            0.2,
        ),
        signature(
            K::Artillery,
            false,
            false,
            Muzzle,
            91.5,
            35.0,
            (0.3, 0.6),
            km(4.0, 11.0),
            0.08,
        ),
        signature(
            K::Artillery,
            true,
            true,
            Impact,
            91.3,
            30.0,
            (0.3, 0.6),
            None,
            0.08,
        ),
        signature(
            K::Mlrs,
            false,
            false,
            Muzzle,
            90.3,
            60.0,
            (2.0, 8.0),
            km(6.0, 14.0),
            0.02,
        ),
        signature(
            K::Mlrs,
            true,
            true,
            Impact,
            92.0,
            30.0,
            (2.0, 8.0),
            None,
            0.02,
        ),
        signature(
            K::DroneStrike,
            false,
            true,
            Impact,
            80.5,
            70.0,
            (0.15, 0.4),
            None,
            0.02,
        ),
        signature(
            K::Demolition,
            false,
            true,
            Impact,
            91.3,
            20.0,
            (0.3, 0.6),
            None,
            0.03,
        ),
        signature(
            K::BlastQuarry,
            false,
            true,
            Impact,
            90.3,
            15.0,
            (0.8, 2.0),
            None,
            0.02,
        ),
        signature(
            K::Thunder,
            false,
            false,
            Impact,
            95.3,
            30.0,
            (2.0, 10.0),
            None,
            0.03,
        ),
    ]
}

/// A mean over arrays, and how many said anything.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Mean {
    pub(crate) value: f64,
    pub(crate) arrays: f64,
}

impl Mean {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let (sum, arrays) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
        Self {
            value: if arrays > 0.0 { sum / arrays } else { 0.0 },
            arrays,
        }
    }

    /// Times the density of one more array's value, each array scattering by `sd`, over that of
    /// anything.
    pub(crate) fn next(self, densities: Densities, value: f64, sd: f64, any: f64) -> Densities {
        let var = sd * sd * (1.0 + 1.0 / self.arrays.max(1.0));
        densities.normal(value - self.value, var).over(any)
    }

    fn ln_density(self, expected: f64, event_sd: f64, array_sd: f64, anything: f64) -> f64 {
        if self.arrays == 0.0 {
            return anything.ln();
        }
        ln_normal(
            self.value - expected,
            root_sum(event_sd, array_sd / self.arrays.sqrt()),
        )
    }
}

/// What the arrays that heard one sound say of it on average.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Fingerprint {
    /// Level at 1 km, dB.
    pub(crate) level_db: Mean,
    pub(crate) ln_hz: Mean,
    pub(crate) ln_s: Mean,
}

/// Densities of anything that arrives, noise and other people's shots alike: levels over about
/// 40 dB, frequencies from 10 to 600 Hz, durations from 0.1 to 10 s.
pub(crate) const ANY_PER_DB: f64 = 1.0 / 40.0;
pub(crate) const ANY_PER_LN_HZ: f64 = 0.3;
pub(crate) const ANY_PER_LN_S: f64 = 0.3;

impl Signature {
    /// Logarithm of the density of a fingerprint (per dB, per ln Hz, per ln s).
    pub(crate) fn ln_density(&self, f: &Fingerprint) -> f64 {
        f.level_db
            .ln_density(self.level_db, EVENT_LEVEL_SD_DB, LEVEL_SD_DB, ANY_PER_DB)
            + f.ln_hz
                .ln_density(self.ln_hz, EVENT_LN_HZ_SD, ARRAY_LN_HZ_SD, ANY_PER_LN_HZ)
            + f.ln_s
                .ln_density(self.ln_s, self.ln_s_sd, ARRAY_LN_S_SD, ANY_PER_LN_S)
    }

    /// What the label of a video's frame speaks for or against it: a muzzle's flash, or an `impact`.
    pub(crate) fn ln_seen(&self, impact: bool) -> f64 {
        if impact == (self.class == AcousticClass::Impact) {
            0.0
        } else {
            -SEEN_LN
        }
    }

    /// Logarithm of the chance that an array says `class`, right with chance `class_p`.
    pub(crate) fn ln_class(&self, class: AcousticClass, class_p: f64) -> f64 {
        if class == AcousticClass::Unknown {
            return 0.0;
        }
        let p = class_p.clamp(0.5, 0.97);
        match self.class {
            right if right == class => p.ln(),
            _ => (1.0 - p).ln(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_muzzle_flash_speaks_against_all_that_strikes_and_an_impact_against_all_that_fires() {
        for s in all() {
            let fires = s.class == AcousticClass::Muzzle;
            assert_eq!(s.ln_seen(false) == 0.0, fires, "{:?}", s.kind);
            assert_eq!(s.ln_seen(true) == 0.0, !fires, "{:?}", s.kind);
        }
    }
}
