//! From a vehicle's clock since boot to UTC.

use truceline_domain::Observed;

/// 2000-01-01T00:00:00Z. A clock that says less was never set.
const EARLIEST_UNIX_US: u64 = 946_684_800_000_000;
/// 2100-01-01T00:00:00Z. A clock that says more is broken.
const LATEST_UNIX_US: u64 = 4_102_444_800_000_000;

/// An offset between two clocks may move by so much unnoticed. Receivers and links are late by
/// some tenths of a second, never evenly.
pub(super) const JUMP_US: i64 = 1_000_000;

/// Records of different tasks of one vehicle may be out of order by so much.
const DISORDER_US: u64 = 10_000_000;

/// Microseconds since 1970 when they can be a time of a vehicle that was switched on and had its
/// clock set; `None` for zero, times since boot and nonsense.
pub(super) fn plausible_unix_us(us: u64) -> Option<i64> {
    (EARLIEST_UNIX_US..LATEST_UNIX_US)
        .contains(&us)
        .then_some(us as i64)
}

/// A vehicle's clock since boot, and what UTC it stands for when that was told.
#[derive(Debug, Clone, Default)]
pub(super) struct BootClock {
    /// UTC minus time since boot.
    offset_us: Option<i64>,
    latest_us: Option<u64>,
}

impl BootClock {
    /// The vehicle says that at `boot_us` since its boot it was `unix_us`. The newest statement
    /// holds. Tells in words when it contradicts the one before.
    pub(super) fn set(&mut self, boot_us: u64, unix_us: i64) -> Option<String> {
        let boot = i64::try_from(boot_us).ok()?;
        let offset = unix_us.checked_sub(boot)?;
        let before = self.offset_us.replace(offset)?;
        let moved = offset.saturating_sub(before);
        (moved.saturating_abs() > JUMP_US).then(|| {
            format!(
                "the vehicle's UTC jumped by {:.3} s against its clock since boot",
                seconds(moved)
            )
        })
    }

    /// A record of the time `boot_us` came. Going back by more than disorder explains means that
    /// the vehicle started anew: what its clock stood for is forgotten. Tells so in words.
    pub(super) fn tick(&mut self, boot_us: u64) -> Option<String> {
        let latest = self.latest_us.unwrap_or(boot_us);
        if boot_us.saturating_add(DISORDER_US) < latest {
            *self = Self {
                offset_us: None,
                latest_us: Some(boot_us),
            };
            return Some(format!(
                "the vehicle's clock since boot went back from {:.3} s to {:.3} s; its UTC is \
                 unknown until it tells it again",
                latest as f64 / 1e6,
                boot_us as f64 / 1e6
            ));
        }
        self.latest_us = Some(latest.max(boot_us));
        None
    }

    /// UTC at `boot_us` since boot, when the vehicle told what its clock stands for.
    pub(super) fn utc(&self, boot_us: u64) -> Option<Observed> {
        let us = i64::try_from(boot_us).ok()?.checked_add(self.offset_us?)?;
        Observed::from_unix_us(us).ok()
    }
}

/// Microseconds as seconds.
pub(super) fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_is_known_from_the_first_statement_until_a_restart() {
        let mut clock = BootClock::default();
        assert_eq!(clock.utc(5), None);
        assert_eq!(clock.set(1_000_000, 1_600_000_001_000_000), None);
        assert_eq!(
            clock.utc(2_500_000).unwrap().unix_us(),
            1_600_000_002_500_000
        );
        assert_eq!(clock.tick(60_000_000), None);
        assert_eq!(
            clock.tick(51_000_000),
            None,
            "records may be a little out of order"
        );
        assert!(
            clock
                .tick(49_000_000)
                .unwrap()
                .contains("from 60.000 s to 49.000 s")
        );
        assert_eq!(clock.utc(49_000_000), None);
    }

    #[test]
    fn a_jump_is_told_and_the_newer_statement_holds() {
        let mut clock = BootClock::default();
        assert_eq!(clock.set(0, 1_600_000_000_000_000), None);
        assert_eq!(clock.set(0, 1_600_000_000_900_000), None);
        assert!(
            clock
                .set(0, 1_600_003_600_900_000)
                .unwrap()
                .contains("3600.000 s")
        );
        assert_eq!(clock.utc(0).unwrap().unix_us(), 1_600_003_600_900_000);
        assert_eq!(clock.set(u64::MAX, 0), None, "no such clock");
    }

    #[test]
    fn a_clock_that_was_never_set_is_none() {
        for unset in [0, 689_345_000, u64::MAX] {
            assert_eq!(plausible_unix_us(unset), None);
        }
        assert_eq!(
            plausible_unix_us(1_683_220_541_493_000),
            Some(1_683_220_541_493_000)
        );
    }
}
