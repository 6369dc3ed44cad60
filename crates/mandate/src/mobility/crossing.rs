//! A sequential test of whether somebody crossed an edge.
//!
//! Each fix gives a log-likelihood ratio of «beyond the margin» against «within the edge», of its
//! measured distance d beyond the edge (metres, negative within), its standard deviation s and the
//! margin m, each hypothesis at its own most likely place:
//!
//! ```text
//! within:  true place d or, when d > 0, the edge:            e0 = max(d, 0)
//! outside: true place d or, when d < m, the margin:          e1 = max(m - d, 0)
//! llr = (e0² - e1²) / 2 s²,  held within ±ln(1/OUTLIER)
//! ```
//!
//! The margin is at least two standard deviations, so that a coarse fix says little either way.
//!
//! The sum is held at zero from below (Page, «Continuous inspection schemes», Biometrika 41, 1954) and
//! compared with ln(1/ALARM) (Wald, «Sequential Analysis», 1947, eq. 3:27): many fixes that agree prove
//! what one cannot, and what speaks against is not remembered for longer than it takes to be outweighed.
//! Between edge and margin nothing is concluded in either direction: that is the hysteresis.
//!
//! Errors of a receiver hold on for a while, so fixes are not independent. The sum is of fixes that lie
//! [`CORRELATED_S`] apart, and the last of them is replaced by whatever came since: a receiver that is
//! off by its own standard deviation for minutes proves nothing by repeating it, and one that tells a
//! place far beyond its accuracy does so at once.
//!
//! What it does not see: a receiver that lies about its accuracy, and a device left behind.

use serde::{Deserialize, Serialize};
use truceline_domain::Observed;

/// Chance of a false alarm that one excursion of the sum may have.
const ALARM: f64 = 1e-7;
/// Chance that a fix is wrong by far more than it says: no single fix weighs more than this is
/// unlikely. Smaller than [`ALARM`], so that one decisive fix suffices.
const OUTLIER: f64 = 1e-8;
/// So far apart fixes are taken to be independent, seconds: three times the minute within which errors
/// of multipath decorrelate (an assumption; the receivers' own figures are seldom told).
pub const CORRELATED_S: f64 = 180.0;
/// No receiver is better than this without corrections, metres.
const BEST_SD_M: f64 = 3.0;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Beyond the edge.
    Out,
    /// Within.
    #[default]
    In,
}

/// One subject's test.
#[derive(Debug, Clone, Default)]
pub struct Crosser {
    /// Where it is by what was proved.
    turn: Turn,
    /// The sum of what independent fixes before the last one say, at least zero.
    settled: f64,
    /// What the last of them says, and when it was.
    anchor: f64,
    anchored: Option<Observed>,
    last: Option<Observed>,
    /// The first fix of the present run of the sum above zero.
    since: Option<Observed>,
}

impl Crosser {
    /// Where it is by what was proved.
    #[must_use]
    pub fn turn(&self) -> Turn {
        self.turn
    }

    /// The last fix that was taken.
    #[must_use]
    pub fn last(&self) -> Option<Observed> {
        self.last
    }

    /// The first of the fixes that together proved the last crossing.
    #[must_use]
    pub fn since(&self) -> Observed {
        self.since.or(self.last).unwrap_or(Observed::UNIX_EPOCH)
    }

    /// It is known to be there since.
    pub fn set(&mut self, turn: Turn, at: Observed) {
        *self = Self {
            turn,
            last: Some(at),
            since: Some(at),
            ..Self::default()
        };
    }

    /// Takes a fix at `at`, `beyond_m` beyond the edge with a standard deviation of `sd_m`; tells the
    /// turn that it proves. A fix that is not later than the last one is passed over.
    pub fn take(&mut self, at: Observed, beyond_m: f64, sd_m: f64, margin_m: f64) -> Option<Turn> {
        if self.last.is_some_and(|last| at <= last) {
            return None;
        }
        self.last = Some(at);
        let outward = llr(beyond_m, sd_m, margin_m);
        let says = match self.turn {
            Turn::In => outward,
            Turn::Out => -outward,
        };
        let dependent = self
            .anchored
            .is_some_and(|then| at.seconds_since(then) < CORRELATED_S);
        if !dependent {
            self.settled = (self.settled + self.anchor).max(0.0);
            (self.anchor, self.anchored) = (says, Some(at));
        }
        let sum = self.settled + says;
        if sum <= 0.0 {
            self.since = None;
            return None;
        }
        self.since.get_or_insert(at);
        if sum < (1.0 / ALARM).ln() {
            return None;
        }
        self.turn = match self.turn {
            Turn::In => Turn::Out,
            Turn::Out => Turn::In,
        };
        // The run of fixes that proved it stays to be told; the sum begins anew.
        (self.settled, self.anchor, self.anchored) = (0.0, 0.0, None);
        Some(self.turn)
    }
}

fn llr(beyond_m: f64, sd_m: f64, margin_m: f64) -> f64 {
    let sd_m = sd_m.max(BEST_SD_M);
    let margin_m = margin_m.max(2.0 * sd_m);
    let (within, outside) = (beyond_m.max(0.0), (margin_m - beyond_m).max(0.0));
    let bound = (1.0 / OUTLIER).ln();
    ((within * within - outside * outside) / (2.0 * sd_m * sd_m)).clamp(-bound, bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: f64) -> Observed {
        Observed::UNIX_EPOCH.plus_seconds(1e9 + seconds)
    }

    #[test]
    fn one_fix_far_beyond_its_accuracy_proves_it_at_once() {
        let mut crosser = Crosser::default();
        for second in 0..60 {
            assert_eq!(crosser.take(at(f64::from(second)), -50.0, 5.0, 20.0), None);
        }
        assert_eq!(crosser.take(at(60.0), 300.0, 5.0, 20.0), Some(Turn::Out));
        assert_eq!(crosser.since(), at(60.0));
        // And told once.
        assert_eq!(crosser.take(at(61.0), 300.0, 5.0, 20.0), None);
        assert_eq!(crosser.take(at(62.0), -300.0, 5.0, 20.0), Some(Turn::In));
    }

    #[test]
    fn a_fix_that_noise_explains_proves_nothing_however_often_it_is_repeated_at_once() {
        let mut crosser = Crosser::default();
        // 150 m beyond, good to 100 m: ten times a second for three minutes.
        for tenth in 0..1_799 {
            assert_eq!(
                crosser.take(at(f64::from(tenth) / 10.0), 150.0, 100.0, 20.0),
                None
            );
        }
        // But there for an hour: no noise explains that.
        let at_minutes = |n: i32| at(f64::from(n) * 180.0);
        let proved = (1..).find(|n| crosser.take(at_minutes(*n), 150.0, 100.0, 20.0).is_some());
        assert!((10..25).contains(&proved.unwrap()), "{proved:?}");
    }

    #[test]
    fn between_edge_and_margin_nothing_turns() {
        for start in [Turn::In, Turn::Out] {
            let mut crosser = Crosser::default();
            crosser.set(start, at(0.0));
            for n in 1..10_000 {
                assert_eq!(crosser.take(at(f64::from(n) * 31.0), 10.0, 5.0, 20.0), None);
            }
            assert_eq!(crosser.turn(), start);
        }
    }

    /// A generator of normal numbers that needs no crate: the sum of twelve uniform ones.
    struct Noise(u64);
    impl Noise {
        fn next(&mut self) -> f64 {
            let mut uniform = || {
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 7;
                self.0 ^= self.0 << 17;
                (self.0 >> 11) as f64 / (1_u64 << 53) as f64
            };
            (0..12).map(|_| uniform()).sum::<f64>() - 6.0
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Eight hours at a desk one standard deviation within the fence, a fix a second, with errors that
        /// hold on for a minute.
        #[test]
        fn a_day_at_the_fence_raises_no_alarm(seed in 1_u64.., sd_m in 3.0..60.0_f64) {
            let (mut crosser, mut noise, mut error) = (Crosser::default(), Noise(seed), 0.0);
            let kept: f64 = (-1.0_f64 / 60.0).exp();
            for second in 0..28_800 {
                error = kept * error + sd_m * (1.0 - kept * kept).sqrt() * noise.next();
                prop_assert_eq!(crosser.take(at(f64::from(second)), error - sd_m, sd_m, 20.0), None);
            }
        }

        #[test]
        fn who_walks_away_is_noticed_before_ten_standard_deviations(
            seed in 1_u64.., sd_m in 3.0..30.0_f64,
        ) {
            let (mut crosser, mut noise) = (Crosser::default(), Noise(seed));
            let mut beyond_m = -20.0;
            let mut second = 0.0;
            while beyond_m < 20.0 + 10.0 * sd_m {
                if crosser.take(at(second), beyond_m + sd_m * noise.next(), sd_m, 20.0).is_some() {
                    return Ok(());
                }
                second += 1.0;
                beyond_m += 1.4;
            }
            prop_assert!(false, "not noticed {beyond_m} m beyond, {sd_m}");
        }
    }
}
