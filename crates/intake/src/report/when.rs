//! Times as people write them, local mostly.
//!
//! A time counts only with a zone: its own offset, the row's, the column's, or the one that a comment at
//! the table's head gives. Without any it is refused, since an hour's error puts a shot into
//! another exchange of fire, and the blame with it.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Span, ToSpan as _};
use truceline_domain::Observed;

use super::frame::{Refusal, folded};
use crate::FaultKind;

/// An instant, or from when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub(super) observed: Observed,
    pub(super) until: Option<Observed>,
}

/// Reads a zone: `Asia/Baku`, `+04:00`, `UTC+4`, `GMT+4`, `4`, `UTC`, `Z`.
pub(super) fn zone(text: &str) -> Result<TimeZone, Refusal> {
    let text = text.trim();
    let refusal = || {
        let seen: String = text.chars().take(40).collect();
        Refusal::malformed(format!(
            "{seen:?} is no time zone such as Asia/Baku or +04:00"
        ))
    };
    let upper = text.to_uppercase();
    let offset = ["UTC", "GMT"]
        .iter()
        .find_map(|p| upper.strip_prefix(p))
        .unwrap_or(&upper);
    if matches!(offset, "" | "Z") && !upper.is_empty() {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = offset_of(offset) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(text).map_err(|_| refusal())
}

/// `+04:00`, `+0400`, `+4`, `4`, `-03:30`.
fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-" | "−", rest) => (-1, rest),
        ("+", rest) => (1, rest),
        _ => (1, text),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The zone in a column's name: `Date, time (UTC+4)`. «(local)» is none.
pub(super) fn zone_of_name(name: &str) -> Option<TimeZone> {
    let (_, rest) = name.split_once('(')?;
    let (within, _) = rest.split_once(')')?;
    zone(within).ok()
}

/// Reads a time, an RFC 3339 one in any case, others in `local`.
///
/// - `2016-07-22 08:55`, `22.07.2016 08:55`, `22/07/2016, 08:55` (day first), `22-Jul-2016 08:55`,
///   `08:55, 22 July 2016`, with seconds or without; with an offset or `UTC` behind it.
/// - two times of a day with `/`, `-`, `–` or `to` between: from the one until the other, over
///   midnight when the second is earlier.
/// - two days, `2016-07-22/23`.
/// - `day` 06:00–20:00, `evening` 16:00–24:00, `night` 18:00–08:00 on the next day, `morning`
///   04:00–12:00, `afternoon` 12:00–20:00: our reading, wide on purpose. Nothing: the whole day.
///
/// # Errors
/// When it cannot be read, or has no zone.
pub(super) fn when(text: &str, local: Option<&TimeZone>) -> Result<When, Refusal> {
    if let Ok(observed) = text.trim().parse() {
        return Ok(When {
            observed,
            until: None,
        });
    }
    let seen: String = text.chars().take(60).collect();
    let malformed = || {
        Refusal::malformed(format!(
            "time: {seen:?} cannot be read; expected such as 2021-03-14 13:05, 14.03.2021 13:05/13:20 \
             or 2021-03-14/15 night"
        ))
    };
    let (civil, own) = split_zone(text);
    let [from, until] = civil_span(civil).ok_or_else(malformed)?;
    let Some(zone) = own.as_ref().or(local) else {
        return Err(Refusal {
            kind: FaultKind::Undated,
            message: format!(
                "time: {seen:?} without a zone; expected an offset in it, a column `tz` or \
                 `utc_offset`, or a line `# timezone: Area/City` above the table"
            ),
        });
    };
    let observed = instants(from, zone)?[0];
    let until = instants(until, zone)?[1];
    Ok(When {
        observed,
        until: (until > observed).then_some(until),
    })
}

/// The earlier and later instant that a local time stands for: two when clocks went back. One that
/// clocks left out is refused.
fn instants(civil: DateTime, zone: &TimeZone) -> Result<[Observed; 2], Refusal> {
    let absurd = |why: &dyn std::fmt::Display| Refusal::absurd(format!("time: {civil} {why}"));
    let at = |offset: Offset| {
        offset
            .to_timestamp(civil)
            .map(Observed::from)
            .map_err(|e| absurd(&e))
    };
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => Ok([at(offset)?; 2]),
        AmbiguousOffset::Fold { before, after } => Ok([at(before)?, at(after)?]),
        AmbiguousOffset::Gap { .. } => Err(absurd(&"was left out there when clocks were changed")),
    }
}

/// Takes an offset, `Z` or `UTC+4` off the end.
fn split_zone(text: &str) -> (&str, Option<TimeZone>) {
    let text = text.trim();
    let Some(at) = text.rfind(|c: char| c.is_whitespace()) else {
        return (text, None);
    };
    let (civil, last) = text.split_at(at);
    let last = last.trim();
    let named = last.eq_ignore_ascii_case("z")
        || last.to_uppercase().starts_with("UTC")
        || last.to_uppercase().starts_with("GMT")
        || last.starts_with('+');
    match zone(last) {
        Ok(zone) if named => (civil.trim(), Some(zone)),
        _ => (text, None),
    }
}

/// The local span that a text stands for; both ends are the same for one instant.
fn civil_span(text: &str) -> Option<[DateTime; 2]> {
    let mut words = Words::read(text)?;
    let day = words.day?;
    let last_day = words.last_day.unwrap_or(day);
    if last_day < day || last_day > day.checked_add(2.days()).ok()? {
        return None;
    }
    let span = match (words.times.pop(), words.times.pop(), words.parts.as_slice()) {
        (Some(time), None, _) if last_day == day => [day.to_datetime(time); 2],
        (Some(until), Some(from), _) if words.times.is_empty() => {
            let over_midnight = last_day == day && until < from;
            let last_day = if over_midnight {
                day.tomorrow().ok()?
            } else {
                last_day
            };
            [day.to_datetime(from), last_day.to_datetime(until)]
        }
        (None, None, []) => [midnight(day), midnight(last_day.tomorrow().ok()?)],
        (None, None, parts) => {
            let first = parts.iter().map(|p| p.from_h).min()?;
            let last = parts.iter().map(|p| p.until_h).max()?;
            // A night of two dates begins on the first.
            [after_hours(day, first)?, after_hours(day, last)?]
        }
        _ => return None,
    };
    Some(span)
}

fn midnight(day: Date) -> DateTime {
    day.to_datetime(Time::midnight())
}

fn after_hours(day: Date, hours: i32) -> Option<DateTime> {
    midnight(day).checked_add(Span::new().hours(hours)).ok()
}

/// A part of a day, hours from its midnight.
#[derive(Debug, Clone, Copy)]
struct Part {
    word: &'static str,
    from_h: i32,
    until_h: i32,
}

const PARTS: [Part; 5] = [
    Part {
        word: "day",
        from_h: 6,
        until_h: 20,
    },
    Part {
        word: "morning",
        from_h: 4,
        until_h: 12,
    },
    Part {
        word: "afternoon",
        from_h: 12,
        until_h: 20,
    },
    Part {
        word: "evening",
        from_h: 16,
        until_h: 24,
    },
    Part {
        word: "night",
        from_h: 18,
        until_h: 32,
    },
];

/// The words of a time.
#[derive(Debug, Default)]
struct Words {
    day: Option<Date>,
    last_day: Option<Date>,
    times: Vec<Time>,
    parts: Vec<Part>,
}

impl Words {
    fn read(text: &str) -> Option<Self> {
        let mut words = Self::default();
        // A date may be three words, «14 March 2021»: these are joined first.
        let joined = join_month(text);
        let pieces = joined.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        let mut pieces = pieces.filter(|p| !p.is_empty()).peekable();
        while let Some(piece) = pieces.next() {
            let duration = pieces
                .peek()
                .is_some_and(|next| ["min", "minutes", "h"].contains(next));
            if duration && piece.parse::<u32>().is_ok() {
                pieces.next();
            } else {
                words.piece(piece)?;
            }
        }
        Some(words)
    }

    fn piece(&mut self, piece: &str) -> Option<()> {
        let lower = piece.to_lowercase();
        if let Some(part) = PARTS.iter().find(|p| p.word == lower) {
            self.parts.push(*part);
        } else if [
            "and", "to", "-", "–", "/", "at", "hours", "hrs", "local", "time",
        ]
        .contains(&lower.as_str())
        {
            // Words between others.
        } else if let Some((first, last)) = dates(&lower) {
            if self.day.is_some() {
                // «14.03.2021 22:00 - 15.03.2021 02:00»
                self.last_day = Some(first);
            } else {
                self.day = Some(first);
                self.last_day = last;
            }
        } else {
            for time in lower.split(['/', '-', '–']).map(clock) {
                self.times.push(time?);
            }
        }
        Some(())
    }
}

fn clock(text: &str) -> Option<Time> {
    // Four digits alone are a year as well as a time; a colon tells.
    if !text.contains(':') {
        return None;
    }
    let mut parts = text.splitn(3, ':');
    let number = |part: Option<&str>| part.and_then(|p| p.parse::<i8>().ok());
    let (hour, minute) = (number(parts.next())?, number(parts.next())?);
    let second = parts.next().map_or(Some(0.0), |s| s.parse::<f64>().ok())?;
    if !(0.0..60.0).contains(&second) {
        return None;
    }
    let nanosecond = (second.fract() * 1e6).floor() as i32 * 1000;
    Time::new(hour, minute, second.floor() as i8, nanosecond).ok()
}

/// `2016-07-22`, `2016-07-22/23`, `22.07.2016`, `22/07/2016`, `22-jul-2016`, `2016-07-22t08:55` is no date.
fn dates(text: &str) -> Option<(Date, Option<Date>)> {
    let (text, last) = match text.split_once('/') {
        Some((iso, day)) if iso.len() == 10 && day.len() <= 2 => (iso, Some(day)),
        _ => (text, None),
    };
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    let &[a, b, c] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    if year.len() != 4 {
        return None;
    }
    let month = month.parse().ok().or_else(|| month_number(month))?;
    let first = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let Some(last) = last else {
        return Some((first, None));
    };
    let last: i8 = last.parse().ok()?;
    // «2016-07-31/01» goes over the month's end.
    let mut date = first;
    while date.day() != last {
        date = date.tomorrow().ok()?;
        if date > first.checked_add(2.days()).ok()? {
            return None;
        }
    }
    Some((first, Some(date)))
}

fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = folded(word);
    let at = MONTHS
        .iter()
        .position(|m| word.len() >= 3 && m.starts_with(&word))?;
    i8::try_from(at + 1).ok()
}

/// `14 March 2021` to `14-March-2021`.
fn join_month(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut joined = String::with_capacity(text.len());
    for (at, word) in words.iter().enumerate() {
        let month = |at: Option<usize>| {
            at.and_then(|at| words.get(at))
                .is_some_and(|w| month_number(w).is_some())
        };
        let glue = month(Some(at)) || month(at.checked_sub(1));
        if at > 0 {
            joined.push(if glue { '-' } else { ' ' });
        }
        joined.push_str(word);
    }
    joined
}
