//! Satellites that see heat.
//!
//! They pass a few times a day and are elsewhere otherwise: a shot, which is over within seconds, is
//! never theirs to notice, and they count for no weapon. A fire that burns at a pass is noticed under
//! a clear sky when it is large or hot enough. VIIRS has 375 m at nadir (Schroeder, Oliva, Giglio &
//! Csiszar, Remote Sensing of Environment 143, 2014). How many of the fires along a line of contact
//! it tells is not known to us; one in four is an assumption: half for cloud, half for size.

use truceline_domain::EventKind;

/// Share of burning fires that a pass tells (assumption, see above).
const TOLD_AT_A_PASS: f64 = 0.25;

/// Probability that a satellite tells an event that lasted from `from_s` before to `until_s` after
/// its pass, seconds; 0 when it was over before the pass or began after it.
#[must_use]
pub fn probability(kind: EventKind, from_s: f64, until_s: f64) -> f64 {
    let burns_at_the_pass = from_s >= 0.0 && until_s >= 0.0;
    if kind == EventKind::Fire && burns_at_the_pass {
        TOLD_AT_A_PASS
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shots_are_over_before_it_comes() {
        assert_eq!(probability(EventKind::Artillery, 10.0, 10.0), 0.0);
        assert_eq!(probability(EventKind::Fire, -10.0, 600.0), 0.0);
        assert!(probability(EventKind::Fire, 10.0, 600.0) > 0.0);
    }
}
