//! Dates and times as people write them in documents, and the offset they are meant in.
//!
//! Offsets are written as numbers (`+03:00`), never as names: what a named zone means changes with
//! later decisions of governments, and a signed text must not.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use truceline_domain::Observed;

/// A fixed offset from UTC, `Z` or `+hh:mm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offset {
    seconds: i32,
}

impl Offset {
    /// UTC.
    pub const UTC: Self = Self { seconds: 0 };

    /// Reads `Z`, `+hh:mm` or `-hh:mm`, at most 14 hours either way.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "Z" {
            return Some(Self::UTC);
        }
        let (sign, digits) = match text.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let (hours, minutes) = digits.split_once(':')?;
        let two = |s: &str| {
            (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()))
                .then(|| s.parse::<i32>().ok())
                .flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        let seconds = hours * 3600 + minutes * 60;
        (minutes < 60 && seconds <= 14 * 3600).then_some(Self {
            seconds: sign * seconds,
        })
    }

    /// Seconds east of UTC.
    #[must_use]
    pub const fn seconds(self) -> i32 {
        self.seconds
    }

    /// 00:00 of a date, in this offset.
    #[must_use]
    pub fn midnight(self, date: Date) -> Option<Observed> {
        let civil = date.to_datetime(jiff::civil::Time::midnight());
        let utc = jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?;
        let us = utc
            .as_microsecond()
            .checked_sub(i64::from(self.seconds) * 1_000_000)?;
        Observed::from_unix_us(us).ok()
    }

    /// The date on which an instant falls, in this offset.
    #[must_use]
    pub fn date_of(self, at: Observed) -> Date {
        let local = at
            .timestamp()
            .saturating_add(SignedDuration::from_secs(i64::from(self.seconds)))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        jiff::tz::TimeZone::UTC.to_datetime(local).date()
    }
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.seconds < 0 { '-' } else { '+' };
        let minutes = self.seconds.unsigned_abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A span of time, its start included and its end excluded; open where `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// Holds from here on.
    pub from: Option<Observed>,
    /// Holds until just before here.
    pub until: Option<Observed>,
}

impl Validity {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds_at(&self, at: Observed) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether some instant lies in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let before = |until: Option<Observed>, from: Option<Observed>| match (until, from) {
            (Some(until), Some(from)) => until <= from,
            _ => false,
        };
        !before(self.until, other.from) && !before(other.until, self.from)
    }
}

/// The last instant that can be written: at it, all amendments have been agreed.
pub(crate) fn last() -> Observed {
    // 9999-12-30T00:00:00Z
    const LAST_US: i64 = 253_402_128_000_000_000;
    Observed::from_unix_us(LAST_US).unwrap_or_else(|_| Timestamp::UNIX_EPOCH.into())
}

/// What a written date or time was expected to look like.
pub(crate) const DATE_OR_TIME: &str =
    "a date that exists (2020-11-20) or a time with its zone (2020-11-10T00:00:00+03:00)";

/// A date as written, `None` when there is no such day.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    shape.then(|| text.parse().ok()).flatten()
}

/// The start of a written time: a date is its 00:00 in `offset`, RFC 3339 is itself.
#[must_use]
pub fn start(text: &str, offset: Offset) -> Option<Observed> {
    match date(text) {
        Some(date) => offset.midnight(date),
        None => text.parse().ok(),
    }
}

/// The end of a written time limit: a date means that its whole day still counts, so its end is the
/// next day's 00:00 in `offset`; RFC 3339 is itself.
#[must_use]
pub fn end(text: &str, offset: Offset) -> Option<Observed> {
    match date(text) {
        Some(date) => offset.midnight(date.tomorrow().ok()?),
        None => text.parse().ok(),
    }
}

/// The same day of a later (or earlier) month or year; a day that the month lacks becomes its last.
#[must_use]
pub fn shifted(date: Date, years: i32, months: i32) -> Option<Date> {
    let span = Span::new().try_years(years).ok()?.try_months(months).ok()?;
    date.checked_add(span).ok()
}
