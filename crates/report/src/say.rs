//! Words, numbers and dates as each language writes them.

use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use truceline_domain::Observed;
use truceline_engine::{Language, Messages};

static MESSAGES: LazyLock<Messages> = LazyLock::new(|| Messages::read(TEXTS));

/// The messages' files, in the order of [`Language::ALL`].
pub(crate) const TEXTS: [&str; 6] = [
    include_str!("../locales/en.ftl"),
    include_str!("../locales/az.ftl"),
    include_str!("../locales/hy.ftl"),
    include_str!("../locales/ru.ftl"),
    include_str!("../locales/tr.ftl"),
    include_str!("../locales/ar.ftl"),
];

/// A language's words for a report.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The language.
    pub language: Language,
    /// Local time, seconds east of UTC.
    pub utc_offset_s: i32,
}

impl Words {
    /// A message without arguments. A message that is not there is told by its name: a test holds all
    /// files to the same messages.
    #[must_use]
    pub fn word(&self, id: &str) -> String {
        self.say(id, &[])
    }

    /// A message with its arguments.
    #[must_use]
    pub fn say(&self, id: &str, arguments: &[(&'static str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in arguments {
            args.set(*name, *value);
        }
        MESSAGES
            .tell(self.language, id, Some(&args))
            .unwrap_or_else(|| id.to_owned())
    }

    /// A number with so many decimals: decimal mark and groups of three as CLDR 44 has them for the
    /// language (Arabic with Western digits).
    #[must_use]
    pub fn number(&self, value: f64, decimals: usize) -> String {
        let group = match self.language {
            Language::En | Language::Ar => ",",
            Language::Az | Language::Tr => ".",
            // No-break space.
            Language::Hy | Language::Ru => "\u{a0}",
        };
        let text = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::new();
        if value < 0.0 {
            out.push('\u{2212}');
        }
        for (i, digit) in whole.chars().enumerate() {
            let left = whole.len() - i;
            if i > 0 && left % 3 == 0 && whole.len() > 4 {
                out.push_str(group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push(self.language.decimal_mark());
            out.push_str(fraction);
        }
        out
    }

    /// A count.
    #[must_use]
    pub fn count(&self, n: u64) -> String {
        self.number(n as f64, 0)
    }

    /// A share, as per cent without decimals; neither 0 nor 100 when it is not.
    #[must_use]
    pub fn percent(&self, share: f64) -> String {
        let per_cent = share * 100.0;
        let (sign, figure) = match per_cent {
            p if p > 0.0 && p < 0.5 => ("< ", 1.0),
            p if p < 100.0 && p > 99.5 => ("> ", 99.0),
            p => ("", p),
        };
        let n = format!("{sign}{}", self.number(figure, 0));
        self.say("percent", &[("n", &n)])
    }

    /// A probability with three decimals; neither 0 nor 1 when it is not.
    #[must_use]
    pub fn probability(&self, p: f64) -> String {
        match p {
            p if p > 0.0 && p < 0.0005 => format!("< {}", self.number(0.001, 3)),
            p if p < 1.0 && p > 0.9995 => format!("> {}", self.number(0.999, 3)),
            p => self.number(p, 3),
        }
    }

    /// A date.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        let month = self.word(&format!("month-{}", date.month()));
        unmarked(&self.say(
            "date",
            &[
                ("day", &date.day().to_string()),
                ("month", &month),
                ("year", &date.year().to_string()),
            ],
        ))
    }

    /// An instant in local time, to the minute.
    #[must_use]
    pub fn minute(&self, at: Observed) -> String {
        let local = self.local(at);
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        self.at(local, &time)
    }

    /// An instant in local time, to the second.
    #[must_use]
    pub fn second(&self, at: Observed) -> String {
        let local = self.local(at);
        self.at(local, &clock(local))
    }

    /// The time of day alone, to the second.
    #[must_use]
    pub fn clock(&self, at: Observed) -> String {
        clock(self.local(at))
    }

    /// The local date of an instant.
    #[must_use]
    pub fn day_of(&self, at: Observed) -> Date {
        self.local(at).date()
    }

    /// The zone as an offset, `UTC+04:00`.
    #[must_use]
    pub fn zone(&self) -> String {
        let minutes = self.utc_offset_s.unsigned_abs() / 60;
        let sign = if self.utc_offset_s < 0 {
            '\u{2212}'
        } else {
            '+'
        };
        format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    fn at(&self, local: DateTime, time: &str) -> String {
        let date = self.date(local.date());
        unmarked(&self.say("date-time", &[("date", &date), ("time", time)]))
    }

    fn local(&self, at: Observed) -> DateTime {
        let shift = SignedDuration::from_secs(i64::from(self.utc_offset_s));
        let moved = at
            .timestamp()
            .saturating_add(shift)
            .unwrap_or(at.timestamp());
        jiff::tz::TimeZone::UTC.to_datetime(moved)
    }
}

/// A text without the marks around its parts: a date is read as one, and where all its letters lie within
/// marks it would be taken for one from left to right (UAX #9, rule P2).
fn unmarked(text: &str) -> String {
    let is_mark = |c: &char| ('\u{2066}'..='\u{2069}').contains(c);
    text.chars().filter(|c| !is_mark(c)).collect()
}

fn clock(local: DateTime) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        local.hour(),
        local.minute(),
        local.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use fluent_bundle::FluentResource;
    use std::collections::BTreeMap;

    fn words(language: Language) -> Words {
        Words {
            language,
            utc_offset_s: 4 * 3600,
        }
    }

    /// Each message with the arguments it names.
    fn messages(text: &str) -> BTreeMap<String, Vec<String>> {
        let resource = FluentResource::try_new(text.to_owned());
        let resource = resource.unwrap_or_else(|(_, e)| panic!("{e:?}"));
        let entries = resource.entries().filter_map(|e| match e {
            fluent_syntax::ast::Entry::Message(m) => Some(m.id.name.to_owned()),
            _ => None,
        });
        let mut of = BTreeMap::new();
        for id in entries {
            let line = text.lines().find(|l| l.starts_with(&format!("{id} = ")));
            let mut args: Vec<String> = line
                .unwrap_or_default()
                .split("{ $")
                .skip(1)
                .filter_map(|rest| rest.split(' ').next().map(str::to_owned))
                .collect();
            args.sort();
            args.dedup();
            of.insert(id, args);
        }
        of
    }

    #[test]
    fn every_file_has_the_same_messages_with_the_same_arguments() {
        let en = messages(TEXTS[0]);
        for (language, text) in Language::ALL.into_iter().zip(TEXTS) {
            assert_eq!(messages(text), en, "{language}");
        }
    }

    #[test]
    fn numbers_and_dates_are_written_as_each_language_writes_them() {
        let at: Observed = "2021-03-14T09:03:59Z".parse().unwrap();
        let told = Language::ALL.map(|l| words(l).minute(at));
        assert_eq!(
            told,
            [
                "14 March 2021, 13:03",
                "14 mart 2021, 13:03",
                "14 մարտի 2021 թ., 13:03",
                "14 марта 2021 г., 13:03",
                "14 Mart 2021, 13:03",
                "14 مارس 2021، 13:03",
            ]
        );
        let figures = Language::ALL.map(|l| words(l).number(12345.67, 1));
        assert_eq!(
            figures,
            [
                "12,345.7",
                "12.345,7",
                "12\u{a0}345,7",
                "12\u{a0}345,7",
                "12.345,7",
                "12,345.7"
            ]
        );
        assert_eq!(words(Language::Tr).percent(0.57), "%57");
        assert_eq!(words(Language::En).percent(0.999), "> 99%");
        assert_eq!(words(Language::En).zone(), "UTC+04:00");
    }
}
