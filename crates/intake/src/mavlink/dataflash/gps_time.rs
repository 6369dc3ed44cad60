//! From GPS week and milliseconds to UTC.

/// 1980-01-06T00:00:00Z, the start of GPS time, in seconds since 1970.
const GPS_EPOCH_UNIX_S: i64 = 315_964_800;
const WEEK_S: i64 = 7 * 86_400;

/// From which GPS second on GPS time is so many leap seconds ahead of UTC (IERS Bulletin C, all
/// since 2006; none was announced after 2017-01-01 when this was written, in 2026). Older than
/// the oldest autopilot is not asked for.
const LEAP_SECONDS: [(i64, i64); 5] = [
    (1_483_228_800 - GPS_EPOCH_UNIX_S + 18, 18), // 2017-01-01
    (1_435_708_800 - GPS_EPOCH_UNIX_S + 17, 17), // 2015-07-01
    (1_341_100_800 - GPS_EPOCH_UNIX_S + 16, 16), // 2012-07-01
    (1_230_768_000 - GPS_EPOCH_UNIX_S + 15, 15), // 2009-01-01
    (1_136_073_600 - GPS_EPOCH_UNIX_S + 14, 14), // 2006-01-01
];

/// Microseconds since 1970 at so many milliseconds of a GPS week. `None` for week zero (no time
/// known), milliseconds beyond a week, and years before 2006.
pub(super) fn unix_us(week: u64, ms: u64) -> Option<i64> {
    let (week, ms) = (i64::try_from(week).ok()?, i64::try_from(ms).ok()?);
    if week == 0 || week > 10_000 || ms >= WEEK_S * 1000 {
        return None;
    }
    let gps_s = week * WEEK_S + ms / 1000;
    let (_, ahead_s) = LEAP_SECONDS.into_iter().find(|(from, _)| gps_s >= *from)?;
    Some((week * WEEK_S + GPS_EPOCH_UNIX_S - ahead_s) * 1_000_000 + ms * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        // 2017-01-01T00:00:00Z is GPS week 1930, 18 s into its Sunday.
        assert_eq!(unix_us(1930, 18_000), Some(1_483_228_800_000_000));
        assert_eq!(unix_us(1930, 16_999), Some(1_483_228_799_999_000));
        // 2020-11-09T21:00:00Z: week 2131, Monday.
        assert_eq!(unix_us(2131, 162_018_000), Some(1_604_955_600_000_000));
        for none in [
            unix_us(0, 5),
            unix_us(1930, 604_800_000),
            unix_us(900, 0),
            unix_us(u64::MAX, 0),
        ] {
            assert_eq!(none, None);
        }
    }
}
