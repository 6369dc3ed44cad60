//! How long to wait before the next attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// A connection that held so long was a good one: the next wait is the first again.
pub(crate) const GOOD_AFTER: Duration = Duration::from_secs(20);

/// Exponential back-off with jitter: the wait doubles from half a second to thirty, and each is
/// drawn between half and all of it, so that many sources of one server that fell do not come back
/// in the same instant (AWS Architecture Blog, «Exponential Backoff And Jitter», equal jitter).
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after another failure.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = FIRST
            .saturating_mul(1_u32 << self.failures.min(10))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// A connection held.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_begin_again() {
        let mut backoff = Backoff::default();
        for whole in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0] {
            let wait = backoff.next().as_secs_f64();
            assert!((whole / 2.0..=whole).contains(&wait), "{wait} of {whole}");
        }
        (0..100).for_each(|_| assert!(backoff.next() <= LONGEST));
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }
}
