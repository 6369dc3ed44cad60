//! How often somebody may ask: a bucket for each, which fills again at a steady rate.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How often: so many a second, and so many at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    per_s: f64,
    at_once: f64,
}

/// Somebody who is known: a console asks some ten times a second while a map is moved.
pub(super) const KNOWN: Rate = Rate {
    per_s: 50.0,
    at_once: 500.0,
};
/// Whoever is not: pages, and attempts to log in.
pub(super) const UNKNOWN: Rate = Rate {
    per_s: 5.0,
    at_once: 100.0,
};

/// So many buckets at once; beyond, those that are full again are forgotten.
const MOST: usize = 8192;

/// All buckets.
#[derive(Debug, Default)]
pub(in crate::http) struct Limits(Mutex<HashMap<String, (f64, Instant)>>);

impl Limits {
    /// Whether somebody may ask once more now.
    pub(super) fn takes(&self, who: &str, rate: Rate) -> bool {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, (left, at)| {
                *left + at.elapsed().as_secs_f64() * UNKNOWN.per_s < UNKNOWN.at_once
            });
        }
        let (left, at) = all.entry(who.to_owned()).or_insert((rate.at_once, now));
        *left = (*left + now.duration_since(*at).as_secs_f64() * rate.per_s).min(rate.at_once);
        *at = now;
        let takes = *left >= 1.0;
        if takes {
            *left -= 1.0;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_is_told_and_nobody_else() {
        let (limits, slow) = (
            Limits::default(),
            Rate {
                per_s: 0.0,
                at_once: 3.0,
            },
        );
        let taken = (0..5).filter(|_| limits.takes("a", slow)).count();
        assert_eq!(taken, 3);
        assert!(limits.takes("b", slow));
    }
}
