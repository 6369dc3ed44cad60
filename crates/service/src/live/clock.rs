//! A feed's clock, judged by what it tells and when it comes.
//!
//! A source stamps what it saw with its own clock; the centre notes when it came. The difference,
//! *lateness* = received − observed, is the way's delay less the clock's error, and from one feed
//! alone the two cannot be told apart, except that a delay is never negative: what comes before it
//! happened shows a clock that is fast by at least so much. What is steady in it over a minute (the
//! median) is told; nothing is corrected here.
//!
//! An offset is told all the same, with its uncertainty, from the delay that is usual ([`USUAL_MS`]):
//! whoever sets two sources beside each other needs one.
//!
//! Presentation time (PTS) runs by the encoder's clock, stamps (ST 0601 item 2) by the source's. Each
//! is held against the centre's clock: their drifts are slopes over the window, told in parts per million. When
//! both are alike, picture and metadata keep together.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use truceline_domain::{Observed, Received};
use truceline_record::bodies::ClockFound;

/// What is known of a feed's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ClockState {
    /// Median of received − observed over the last minute, milliseconds. The way's delay and a slow
    /// clock are both in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<f64>,
    /// Half the spread between its quartiles, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread_ms: Option<f64>,
    /// The clock is fast by at least so much, milliseconds: things came before they happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast_by_ms: Option<f64>,
    /// The source's clock less the centre's as far as can be told, milliseconds: positive when it is ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<f64>,
    /// One standard deviation of that, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_sd_ms: Option<f64>,
    /// What that means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<ClockFound>,
    /// The source's clock against the centre's, parts per million; positive when it is fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_ppm: Option<f64>,
    /// The encoder's clock against the centre's, parts per million; positive when it is fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder_ppm: Option<f64>,
    /// How often the clock went back by more than a second.
    pub jumps_back: u64,
    /// How often it went forward by more than a second against the centre's clock.
    pub jumps_forward: u64,
}

/// A clock that moves by more than this against the centre's between two stamps has jumped, seconds.
pub(super) const JUMP_S: f64 = 1.0;
/// Stamps of so many seconds are looked at.
const WINDOW_S: f64 = 60.0;
/// And so many at most.
const MAX_STAMPS: usize = 1024;
/// A slope is told from so many seconds on.
const SLOPE_S: f64 = 20.0;
/// Delays shorter than this are within what clocks kept by NTP may differ, milliseconds.
const NTP_MS: f64 = 20.0;
/// From seeing to arriving, milliseconds, and one standard deviation of that: encoders hold a few pictures, radio
/// and network take as much again, some links a second (an assumption: no feed at hand has its clock known).
const USUAL_MS: f64 = 300.0;
const USUAL_SD_MS: f64 = 300.0;
/// An offset beyond so many standard deviations is one.
const BEYOND_SD: f64 = 3.0;
/// An offset is told from so many seconds and stamps on.
const JUDGED_S: f64 = 10.0;
const JUDGED_STAMPS: usize = 8;
/// Drifts beyond this are told as such, parts per million: a second in an hour. Quartz has a tenth of it.
const DRIFT_PPM: f64 = 300.0;

/// A jump of a feed's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jump {
    /// From this time.
    pub from: Observed,
    /// To this.
    pub to: Observed,
    /// By so much more than the centre's clock went on, seconds; negative when it went back.
    pub by_s: f64,
}

#[derive(Debug, Clone, Copy)]
struct Stamp {
    observed: Observed,
    received: Received,
    pts_90k: Option<u64>,
}

/// Judges one feed's clock.
#[derive(Debug, Default)]
pub struct Clock {
    stamps: VecDeque<Stamp>,
    /// The last one before the source began anew.
    before: Option<Stamp>,
    jumps_back: u64,
    jumps_forward: u64,
}

impl Clock {
    /// Takes a time that the source told; a jump against the stamp before is returned.
    pub fn push(
        &mut self,
        observed: Observed,
        received: Received,
        pts_90k: Option<u64>,
    ) -> Option<Jump> {
        let last = self.stamps.back().copied().or(self.before);
        let jump = last.and_then(|last| {
            let went_s = observed.seconds_since(last.observed);
            let by_s = went_s - received.seconds_since(last.received).max(0.0);
            // What was held up on its way comes late, and its stamps go on all the same: that is no jump back.
            // What lay in a buffer comes in a bunch, step by step: that is none forward.
            (went_s < -JUMP_S || by_s > JUMP_S).then_some(Jump {
                from: last.observed,
                to: observed,
                by_s,
            })
        });
        if let Some(jump) = jump {
            // What was known of the clock is known no more.
            self.stamps.clear();
            if jump.by_s < 0.0 {
                self.jumps_back += 1;
            } else {
                self.jumps_forward += 1;
            }
        }
        self.stamps.push_back(Stamp {
            observed,
            received,
            pts_90k,
        });
        while self.stamps.len() > MAX_STAMPS
            || self
                .stamps
                .front()
                .is_some_and(|first| received.seconds_since(first.received) > WINDOW_S)
        {
            self.stamps.pop_front();
        }
        jump
    }

    /// The source began anew: what was known of its clock holds no more, but its next stamp is held against the
    /// last one.
    pub fn restart(&mut self) {
        self.before = self.stamps.back().copied().or(self.before);
        self.stamps.clear();
    }

    /// What is known now.
    #[must_use]
    pub fn state(&self) -> ClockState {
        let mut late: Vec<f64> = self.stamps.iter().map(|s| late_ms(*s)).collect();
        late.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = late.len().checked_sub(1)?;
            late.get((last as f64 * share).round() as usize).copied()
        };
        let least = late.first().copied();
        let mut state = ClockState {
            late_ms: at(0.5),
            spread_ms: at(0.75).zip(at(0.25)).map(|(hi, lo)| (hi - lo) / 2.0),
            fast_by_ms: least.filter(|ms| *ms < -NTP_MS).map(|ms| -ms),
            drift_ppm: self.slope_ppm(|s| Some(s.observed.unix_us() as f64 / 1e6)),
            encoder_ppm: self.slope_ppm(|s| Some(s.pts_90k? as f64 / 90_000.0)),
            jumps_back: self.jumps_back,
            jumps_forward: self.jumps_forward,
            ..ClockState::default()
        };
        if self.span_s() >= JUDGED_S && self.stamps.len() >= JUDGED_STAMPS {
            state.judge();
        }
        state
    }

    fn span_s(&self) -> f64 {
        let ends = self.stamps.front().zip(self.stamps.back());
        ends.map_or(0.0, |(a, b)| b.received.seconds_since(a.received))
    }

    /// Slope of a clock over the time of arrival, less one, by least squares.
    fn slope_ppm(&self, clock_s: impl Fn(&Stamp) -> Option<f64>) -> Option<f64> {
        let (first, first_s) = self
            .stamps
            .iter()
            .find_map(|s| Some((s.received, clock_s(s)?)))?;
        let points: Vec<(f64, f64)> = self
            .stamps
            .iter()
            .filter_map(|s| Some((s.received.seconds_since(first), clock_s(s)? - first_s)))
            .collect();
        let span_s = points.last()?.0;
        let n = points.len() as f64;
        if span_s < SLOPE_S {
            return None;
        }
        let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / n;
        let (x, y) = (mean(|p| p.0), mean(|p| p.1));
        let xy: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
        let xx: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
        (xx > 0.0).then(|| (xy / xx - 1.0) * 1e6)
    }
}

impl ClockState {
    /// The offset, its uncertainty, and what they mean.
    fn judge(&mut self) {
        let (Some(late_ms), Some(spread_ms)) = (self.late_ms, self.spread_ms) else {
            return;
        };
        let (offset_ms, sd_ms) = (USUAL_MS - late_ms, USUAL_SD_MS.hypot(spread_ms));
        self.offset_ms = Some(offset_ms);
        self.offset_sd_ms = Some(sd_ms);
        let drifts = |ppm: Option<f64>| ppm.is_some_and(|ppm| ppm.abs() > DRIFT_PPM);
        self.found = Some(if self.fast_by_ms.is_some() {
            ClockFound::Ahead
        } else if offset_ms < -BEYOND_SD * sd_ms {
            ClockFound::Behind
        } else if drifts(self.drift_ppm) {
            ClockFound::Drifts
        } else {
            ClockFound::Agrees
        });
    }
}

fn late_ms(stamp: Stamp) -> f64 {
    (stamp.received.unix_us() - stamp.observed.unix_us()) as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(clock: &mut Clock, at_s: f64, late_s: f64) -> Option<Jump> {
        let origin = 1_600_000_000.0;
        let us = |s: f64| ((origin + s) * 1e6) as i64;
        let observed = Observed::from_unix_us(us(at_s - late_s)).unwrap();
        let received = Received::from_unix_us(us(at_s)).unwrap();
        clock.push(observed, received, Some((at_s * 90_000.0 * 1.0001) as u64))
    }

    #[test]
    fn a_steady_lateness_is_told_with_its_spread() {
        let mut clock = Clock::default();
        for n in 0..500 {
            let jitter = if n % 2 == 0 { 0.01 } else { -0.01 };
            assert!(stamp(&mut clock, f64::from(n) / 10.0, 0.4 + jitter).is_none());
        }
        let state = clock.state();
        assert!((state.late_ms.unwrap() - 400.0).abs() < 11.0, "{state:?}");
        assert!(state.spread_ms.unwrap() < 21.0);
        assert_eq!(state.fast_by_ms, None);
        assert_eq!(state.found, Some(ClockFound::Agrees));
        assert!(
            (state.offset_ms.unwrap() + 100.0).abs() < 11.0
                && state.drift_ppm.unwrap().abs() < 50.0
        );
        assert!(
            (state.encoder_ppm.unwrap() - 100.0).abs() < 5.0,
            "{state:?}"
        );
    }

    #[test]
    fn what_comes_before_it_happened_shows_a_fast_clock() {
        let mut clock = Clock::default();
        for n in 0..50 {
            stamp(&mut clock, f64::from(n) / 10.0, -2.5);
        }
        let state = clock.state();
        assert!((state.fast_by_ms.unwrap() - 2500.0).abs() < 1.0);
        assert_eq!(state.found, None, "five seconds tell little");
        for n in 50..150 {
            stamp(&mut clock, f64::from(n) / 10.0, -2.5);
        }
        assert_eq!(clock.state().found, Some(ClockFound::Ahead));
    }

    #[test]
    fn a_clock_that_loses_is_told() {
        let mut clock = Clock::default();
        for n in 0..400 {
            let at_s = f64::from(n) / 10.0;
            stamp(&mut clock, at_s, 0.3 + 0.001 * at_s);
        }
        let state = clock.state();
        assert!(
            (state.drift_ppm.unwrap() + 1000.0).abs() < 10.0,
            "{state:?}"
        );
        assert_eq!(state.found, Some(ClockFound::Drifts));
    }

    #[test]
    fn a_clock_that_jumps_back_is_told_and_judged_anew() {
        let mut clock = Clock::default();
        stamp(&mut clock, 0.0, 0.2);
        let jump = stamp(&mut clock, 0.1, 10.2).unwrap();
        assert!((jump.by_s + 10.0).abs() < 0.01);
        assert!(stamp(&mut clock, 0.2, 10.2).is_none());
        let state = clock.state();
        assert_eq!((state.jumps_back, state.jumps_forward), (1, 0));
        assert!((state.late_ms.unwrap() - 10_200.0).abs() < 1.0);
    }

    #[test]
    fn what_was_held_up_and_comes_in_a_bunch_is_no_jump() {
        let mut clock = Clock::default();
        for n in 0..100 {
            stamp(&mut clock, f64::from(n) / 10.0, 0.2);
        }
        // Five seconds of it come at once.
        for n in 0..50 {
            let observed_s = 10.0 + f64::from(n) / 10.0;
            stamp(&mut clock, 15.0, 15.0 - observed_s);
        }
        let state = clock.state();
        assert_eq!((state.jumps_back, state.jumps_forward), (0, 0));
    }
}
