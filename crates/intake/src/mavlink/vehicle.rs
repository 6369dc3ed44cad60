//! When a message of a MAVLink stream was true.
//!
//! Three clocks meet here: each component's time since its boot, the UTC that an autopilot tells in
//! `SYSTEM_TIME`, and, in a `.tlog`, the ground station's clock at reception. `observed` is
//!
//! 1. the UTC in the message itself, when it has one;
//! 2. the message's time since boot, turned into UTC by the component's last `SYSTEM_TIME`;
//! 3. the ground station's clock, moved by as much as the vehicle's UTC was ahead of it at the
//!    system's last `SYSTEM_TIME` (by nothing when the vehicle told no UTC): good to the link's
//!    delay, some tenths of a second as a rule;
//! 4. nothing: a bare stream tells no other time.

use std::collections::BTreeMap;

use truceline_domain::Observed;

use super::clock::{BootClock, JUMP_US, plausible_unix_us, seconds};

/// The clock a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnTime {
    /// None.
    None,
    /// Since boot, microseconds.
    Boot(u64),
    /// UTC, microseconds since 1970.
    Unix(i64),
}

impl OwnTime {
    /// From a field that is UTC or time since boot, which only its size tells (`GPS_RAW_INT` and
    /// others say so in their definition).
    pub(super) fn from_usec(us: u64) -> Self {
        match (us, plausible_unix_us(us)) {
            (0, _) => Self::None,
            (_, Some(unix)) => Self::Unix(unix),
            (boot, None) => Self::Boot(boot),
        }
    }

    /// From milliseconds since boot.
    pub(super) fn from_boot_ms(ms: u32) -> Self {
        Self::Boot(u64::from(ms) * 1000)
    }
}

/// A vehicle's clock and the ground station's may differ by so much before it is told; a link can
/// hold messages back for seconds.
const DISAGREE_US: i64 = 10_000_000;

/// The clocks of one feed.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    components: BTreeMap<(u8, u8), Component>,
    /// By system: its UTC minus the ground station's.
    ahead_us: BTreeMap<u8, i64>,
    /// By system: the same when it was last told as a disagreement.
    told_ahead_us: BTreeMap<u8, i64>,
    last_stamp_us: Option<i64>,
}

#[derive(Debug, Default)]
struct Component {
    boot: BootClock,
    /// The ground station's clock minus time since boot.
    ground_us: Option<i64>,
}

impl Clocks {
    /// A record with the ground station's time came. Tells in words when that clock went back.
    pub(super) fn stamp(&mut self, stamp_us: i64) -> Option<String> {
        let before = self.last_stamp_us.replace(stamp_us)?;
        (stamp_us.saturating_add(JUMP_US) < before).then(|| {
            format!(
                "the ground station's clock went back by {:.3} s",
                seconds(before - stamp_us)
            )
        })
    }

    /// A `SYSTEM_TIME` came: the component's UTC (zero when it knows none) at its time since boot.
    pub(super) fn system_time(
        &mut self,
        who: (u8, u8),
        unix_us: u64,
        boot_ms: u32,
        stamp_us: Option<i64>,
    ) -> Vec<String> {
        let Some(unix_us) = plausible_unix_us(unix_us) else {
            return Vec::new();
        };
        let component = self.components.entry(who).or_default();
        let jump = component.boot.set(u64::from(boot_ms) * 1000, unix_us);
        let disagreement = stamp_us.and_then(|s| self.disagreement(who.0, unix_us - s));
        jump.into_iter().chain(disagreement).collect()
    }

    fn disagreement(&mut self, system: u8, ahead_us: i64) -> Option<String> {
        self.ahead_us.insert(system, ahead_us);
        let told = self.told_ahead_us.get(&system).copied().unwrap_or(0);
        if (ahead_us - told).saturating_abs() <= DISAGREE_US {
            return None;
        }
        self.told_ahead_us.insert(system, ahead_us);
        Some(format!(
            "the vehicle's UTC is {:.3} s ahead of the ground station's clock (less than zero: \
             behind)",
            seconds(ahead_us)
        ))
    }

    /// A message with a time since boot came.
    pub(super) fn tick(
        &mut self,
        who: (u8, u8),
        boot_us: u64,
        stamp_us: Option<i64>,
    ) -> Vec<String> {
        let component = self.components.entry(who).or_default();
        let restart = component.boot.tick(boot_us);
        let ground = stamp_us
            .zip(i64::try_from(boot_us).ok())
            .map(|(s, b)| s - b);
        let before = component.ground_us;
        component.ground_us = ground.or(before);
        let leap = match (&restart, before, ground) {
            (None, Some(before), Some(now)) => now.saturating_sub(before),
            _ => 0,
        };
        // Going back is told by the stamps themselves.
        let leap = (leap > DISAGREE_US).then(|| {
            format!(
                "the ground station's clock leapt ahead by {:.3} s against the vehicle's",
                seconds(leap)
            )
        });
        restart.into_iter().chain(leap).collect()
    }

    /// When a message was true.
    pub(super) fn observed(
        &self,
        who: (u8, u8),
        own: OwnTime,
        stamp_us: Option<i64>,
    ) -> Option<Observed> {
        let by_own_clock = match own {
            OwnTime::Unix(us) => Observed::from_unix_us(us).ok(),
            OwnTime::Boot(us) => self.components.get(&who).and_then(|c| c.boot.utc(us)),
            OwnTime::None => None,
        };
        by_own_clock.or_else(|| {
            let ahead = self.ahead_us.get(&who.0).copied().unwrap_or(0);
            Observed::from_unix_us(stamp_us?.checked_add(ahead)?).ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: i64 = 1_683_220_541_000_000;

    #[test]
    fn without_utc_of_the_vehicle_the_ground_stations_clock_is_taken() {
        let mut clocks = Clocks::default();
        assert!(clocks.system_time((1, 1), 0, 5000, Some(STAMP)).is_empty());
        let at = |own| clocks.observed((1, 1), own, Some(STAMP)).unwrap().unix_us();
        assert_eq!(at(OwnTime::from_boot_ms(5000)), STAMP);
        assert_eq!(at(OwnTime::from_usec(STAMP as u64 + 7)), STAMP + 7);
        assert_eq!(clocks.observed((1, 1), OwnTime::from_usec(0), None), None);
    }

    #[test]
    fn the_vehicles_utc_counts_for_all_components_and_its_distance_is_told_once() {
        let mut clocks = Clocks::default();
        let hour = 3_600_000_000;
        let told = clocks.system_time((1, 1), (STAMP + hour) as u64, 5000, Some(STAMP));
        assert!(
            told.len() == 1 && told[0].contains("3600.000 s ahead"),
            "{told:?}"
        );
        let again = clocks.system_time((1, 1), (STAMP + hour + 9) as u64, 5000, Some(STAMP));
        assert!(again.is_empty(), "{again:?}");
        let gimbal = clocks.observed((1, 154), OwnTime::Boot(77), Some(STAMP + 1));
        assert_eq!(gimbal.unwrap().unix_us(), STAMP + 1 + hour + 9);
        let autopilot = clocks.observed((1, 1), OwnTime::from_boot_ms(6000), None);
        assert_eq!(autopilot.unwrap().unix_us(), STAMP + hour + 9 + 1_000_000);
    }

    #[test]
    fn leaps_of_the_ground_stations_clock_are_told_both_ways() {
        let mut clocks = Clocks::default();
        assert!(clocks.stamp(STAMP).is_none());
        assert!(clocks.stamp(STAMP - 2_500_000).unwrap().contains("2.500 s"));
        assert!(clocks.tick((1, 1), 1000, Some(STAMP)).is_empty());
        assert!(clocks.tick((1, 1), 2000, Some(STAMP + 60_000_000))[0].contains("leapt ahead"));
        assert!(
            clocks
                .tick((1, 1), 90_002_000, Some(STAMP + 150_000_000))
                .is_empty()
        );
    }
}
