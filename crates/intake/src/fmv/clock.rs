//! A programme's clock: 33 bits made 64, and jumps noticed.
//!
//! PTS and PCR base count 90 kHz in 33 bits and turn over every 26.5 hours (ISO/IEC 13818-1
//! §2.4.2.1, §2.4.3.7). All streams of a programme share one clock, so one reference unwraps them.

/// The values 33 bits can hold.
pub(super) const TURN_90K: u64 = 1 << 33;
/// Ticks of a second.
pub(super) const SECOND_90K: i64 = 90_000;

/// A value within this of the reference is its next value; one farther away must be confirmed by
/// a second before it becomes the reference, so that one corrupt time stamp does not add a turn.
const NEAR_90K: i64 = 60 * SECOND_90K;
/// PCRs stand at most 100 ms apart (ISO/IEC 13818-1 §2.7.2); ten times that is a jump.
const PCR_STEP_90K: i64 = SECOND_90K;
/// After lost packets a forward step of the PCR is the loss, up to this.
const PCR_STEP_AFTER_LOSS_90K: i64 = 30 * SECOND_90K;

/// A jump: from and to, 90 kHz, unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Jump {
    pub(super) from_90k: u64,
    pub(super) to_90k: u64,
}

impl Jump {
    pub(super) fn seconds(self) -> f64 {
        difference(self.to_90k, self.from_90k) as f64 / SECOND_90K as f64
    }
}

/// One programme's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    reference: Option<u64>,
    unconfirmed: Option<u64>,
    pcr: Option<u64>,
}

/// `a - b`; both are far below 2^63, since each turn takes a day.
fn difference(a: u64, b: u64) -> i64 {
    a.wrapping_sub(b).cast_signed()
}

impl Clock {
    /// A 33-bit value as the 64-bit one nearest to the clock. The first is taken as it stands.
    pub(super) fn unwrap_90k(&mut self, raw: u64) -> u64 {
        let raw = raw % TURN_90K;
        let Some(reference) = self.reference else {
            self.reference = Some(raw);
            return raw;
        };
        let ahead = raw.wrapping_sub(reference) % TURN_90K;
        let nearest = if ahead < TURN_90K / 2 {
            reference.checked_add(ahead)
        } else {
            reference.checked_sub(TURN_90K - ahead)
        };
        // Before the feed's own zero there is nothing to count from.
        let value = nearest.unwrap_or(raw);
        let near = |to: u64| difference(value, to).abs() <= NEAR_90K;
        if near(reference) || self.unconfirmed.is_some_and(near) {
            self.reference = Some(value);
            self.unconfirmed = None;
        } else {
            self.unconfirmed = Some(value);
        }
        value
    }

    /// The last PCR, unwrapped.
    pub(super) fn pcr_90k(&self) -> Option<u64> {
        self.pcr
    }

    /// Takes a PCR base; tells a jump. `lost`: packets were missing since the last one.
    pub(super) fn take_pcr(&mut self, raw: u64, lost: bool) -> Option<Jump> {
        let value = self.unwrap_90k(raw);
        let before = self.pcr.replace(value)?;
        let step = difference(value, before);
        let most = if lost {
            PCR_STEP_AFTER_LOSS_90K
        } else {
            PCR_STEP_90K
        };
        (!(0..=most).contains(&step)).then_some(Jump {
            from_90k: before,
            to_90k: value,
        })
    }
}

/// Whether two clocks keep step: the difference of their readings stays what it was.
///
/// A reading that leaves step is told once; if the next comes back, nothing more is said, if it
/// confirms the new difference, that becomes the step to keep.
#[derive(Debug, Default)]
pub(super) struct Pace {
    skew: Option<i64>,
    left: Option<i64>,
}

impl Pace {
    /// `a` and `b` are two clocks' readings at one instant, in one unit; true when they fell out of
    /// step by more than `most`.
    pub(super) fn breaks(&mut self, a: i64, b: i64, most: i64) -> bool {
        let skew = a.wrapping_sub(b);
        let near = |to: i64| skew.wrapping_sub(to).unsigned_abs() <= most.unsigned_abs();
        match (self.skew, self.left) {
            (None, _) => self.skew = Some(skew),
            (Some(kept), _) if near(kept) => {
                self.skew = Some(skew);
                self.left = None;
            }
            (_, Some(left)) if near(left) => {
                self.skew = Some(skew);
                self.left = None;
            }
            _ => {
                self.left = Some(skew);
                return true;
            }
        }
        false
    }
}

/// One stream's PTS against its programme's clock.
#[derive(Debug, Default)]
pub(super) struct StreamClock {
    last: Option<u64>,
    first: Option<u64>,
    pace: Pace,
}

impl StreamClock {
    /// Takes an unwrapped PTS; tells a jump that the programme's own clock did not make.
    pub(super) fn take_pts(&mut self, pts: u64, pcr: Option<u64>) -> Option<Jump> {
        /// Streams of a programme are interleaved within a second of their time (ISO/IEC 13818-1
        /// §2.4.2.7: no byte waits longer than that in the standard decoder).
        const SKEW_90K: i64 = SECOND_90K;
        /// Without a PCR to hold against, a gap is not a jump until it is this long.
        const GAP_90K: i64 = 10 * SECOND_90K;
        self.first.get_or_insert(pts);
        let before = self.last.replace(pts);
        let jumped = match pcr {
            Some(pcr) => self
                .pace
                .breaks(pts.cast_signed(), pcr.cast_signed(), SKEW_90K),
            None => before.is_some_and(|b| !(-SECOND_90K..=GAP_90K).contains(&difference(pts, b))),
        };
        let from_90k = before?;
        jumped.then_some(Jump {
            from_90k,
            to_90k: pts,
        })
    }

    pub(super) fn first_90k(&self) -> Option<u64> {
        self.first
    }

    pub(super) fn last_90k(&self) -> Option<u64> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_is_unwrapped_both_ways() {
        let mut clock = Clock::default();
        let last = TURN_90K - 3000;
        assert_eq!(clock.unwrap_90k(last), last);
        assert_eq!(clock.unwrap_90k(3000), TURN_90K + 3000);
        // A picture shown before, sent after.
        assert_eq!(clock.unwrap_90k(TURN_90K - 1), TURN_90K - 1);
        assert_eq!(clock.unwrap_90k(6000), TURN_90K + 6000);
    }

    #[test]
    fn one_corrupt_value_does_not_add_a_turn() {
        let mut clock = Clock::default();
        for n in 0..3 {
            assert_eq!(clock.unwrap_90k(n * 3000), n * 3000);
        }
        clock.unwrap_90k(9000 + TURN_90K / 2 - 1);
        assert_eq!(clock.unwrap_90k(12_000), 12_000);
    }

    #[test]
    fn a_real_jump_becomes_the_reference() {
        let mut clock = Clock::default();
        clock.unwrap_90k(0);
        let far = 20_000 * 90_000;
        clock.unwrap_90k(far);
        clock.unwrap_90k(far + 3000);
        assert_eq!(clock.unwrap_90k(far + 6000), far + 6000);
        assert!(clock.take_pcr(far, false).is_none());
        assert!(clock.take_pcr(far + 9000, false).is_none());
        assert!(clock.take_pcr(far, false).is_some());
        assert!(clock.take_pcr(far + 5 * 90_000, true).is_none());
    }

    #[test]
    fn out_of_step_is_told_once() {
        let mut pace = Pace::default();
        let told: Vec<bool> = [(0, 0), (10, 11), (120, 20), (130, 30), (140, 40)]
            .into_iter()
            .map(|(a, b)| pace.breaks(a, b, 50))
            .collect();
        assert_eq!(told, [false, false, true, false, false]);
        let mut pace = Pace::default();
        let told: Vec<bool> = [(0, 0), (100, 1), (2, 2), (3, 3)]
            .into_iter()
            .map(|(a, b)| pace.breaks(a, b, 50))
            .collect();
        assert_eq!(told, [false, true, false, false]);
    }
}
