//! Recordings of text: lines of readings by `received`, or else `observed`; XML events of Cursor on
//! Target by `time`; tables, whose rows tell of no instant of sending, whole at the beginning.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::recording::Timed;

/// How long the last record is on show before the next lap.
const LAST_US: i64 = 1_000_000;
/// Attributes of an event that are its clock.
const EVENT_TIMES: [&str; 3] = ["time=\"", "start=\"", "stale=\""];
const LINE_TIMES: [&str; 2] = ["\"observed\":\"", "\"received\":\""];

/// Records of text, in the order in which they are sent.
#[derive(Debug)]
pub(crate) struct Records {
    /// From the first, microseconds.
    records: Vec<(i64, String)>,
    /// What stands before the times in a record.
    marks: &'static [&'static str],
    pub(crate) begins_us: Option<i64>,
    pub(crate) length_us: i64,
}

impl Records {
    /// Lines of JSON.
    pub(crate) fn lines(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let records = text.lines().filter(|l| !l.trim().is_empty()).map(|line| {
            let at = time_after(line, "\"received\":\"").or(time_after(line, "\"observed\":\""));
            (at, format!("{line}\n"))
        });
        Self::new(records.collect(), &LINE_TIMES)
    }

    /// XML events.
    pub(crate) fn events(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut records = Vec::new();
        let mut rest = &*text;
        while let Some(from) = rest.find("<event") {
            let event = rest.get(from..).unwrap_or_default();
            let end = event.find("</event>").map_or(event.len(), |at| at + 8);
            let (event, after) = event.split_at(end);
            records.push((time_after(event, " time=\""), format!("{event}\n")));
            rest = after;
        }
        Self::new(records, &EVENT_TIMES)
    }

    /// A table.
    pub(crate) fn whole(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        Self::new(vec![(None, text)], &[])
    }

    fn new(records: Vec<(Option<i64>, String)>, marks: &'static [&'static str]) -> Option<Self> {
        if records.is_empty() {
            return None;
        }
        let begins_us = records.iter().filter_map(|(at, _)| *at).min();
        let mut last_us = 0;
        let mut timed: Vec<_> = records
            .into_iter()
            .map(|(at, text)| {
                // A record without a time goes with the one before it.
                last_us = at
                    .zip(begins_us)
                    .map_or(last_us, |(at, begins)| at - begins);
                (last_us, text)
            })
            .collect();
        timed.sort_by_key(|(at_us, _)| *at_us);
        let length_us = timed.last().map_or(0, |(at_us, _)| *at_us) + LAST_US;
        Some(Self {
            records: timed,
            marks,
            begins_us,
            length_us,
        })
    }

    pub(crate) fn lap(&self, lap: u64, offset_us: i64) -> Vec<Timed> {
        let said = |text: &str| {
            let mut text = text.to_owned();
            if offset_us != 0 {
                for mark in self.marks {
                    text = shifted(&text, mark, offset_us);
                }
            }
            if lap > 0 && self.marks == LINE_TIMES {
                text = renamed(&text, lap);
            }
            Bytes::from(text)
        };
        self.records
            .iter()
            .map(|(at_us, text)| Timed {
                at_us: *at_us,
                bytes: said(text),
            })
            .collect()
    }
}

/// The text between a mark and the next quote.
fn quoted<'a>(text: &'a str, mark: &str) -> Option<(usize, &'a str)> {
    let from = text.find(mark)? + mark.len();
    let rest = text.get(from..)?;
    Some((from, rest.get(..rest.find('"')?)?))
}

fn time_after(text: &str, mark: &str) -> Option<i64> {
    let (_, time) = quoted(text, mark)?;
    Some(time.parse::<Timestamp>().ok()?.as_microsecond())
}

/// The record with the time after a mark moved; as it was when there is none.
fn shifted(text: &str, mark: &str, by_us: i64) -> String {
    let moved = quoted(text, mark).and_then(|(from, time)| {
        let at: Timestamp = time.parse().ok()?;
        let moved = at.checked_add(SignedDuration::from_micros(by_us)).ok()?;
        let before = text.get(..from)?;
        let after = text.get(from + time.len()..)?;
        Some(format!("{before}{moved:.6}{after}"))
    });
    moved.unwrap_or_else(|| text.to_owned())
}

/// The line with its name made another, so that a further lap is no repetition.
fn renamed(line: &str, lap: u64) -> String {
    match quoted(line, "\"id\":\"") {
        Some((from, id)) => {
            let (before, after) = line.split_at(from + id.len());
            format!("{before}~{lap}{after}")
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_by_their_arrival_and_run_on() {
        let text = concat!(
            r#"{"id":"a","observed":"2021-03-14T07:00:00.000000Z","received":"2021-03-14T07:00:03.000000Z"}"#,
            "\n",
            r#"{"id":"b","observed":"2021-03-14T07:00:01.000000Z"}"#,
            "\n"
        );
        let records = Records::lines(text.as_bytes()).unwrap();
        let sent = records.lap(1, 1_000_000);
        assert_eq!((sent[0].at_us, sent[1].at_us), (0, 2_000_000));
        assert_eq!(
            sent[0].bytes,
            "{\"id\":\"b~1\",\"observed\":\"2021-03-14T07:00:02.000000Z\"}\n"
        );
        assert_eq!(
            records.lap(0, 0)[1].bytes,
            text.lines().next().unwrap().to_owned() + "\n"
        );
    }

    #[test]
    fn events_go_by_their_time() {
        let text = "<?xml version=\"1.0\"?>\n<event time=\"2021-03-14T09:05:00Z\" stale=\"2021-03-14T09:06:00Z\"></event>\n<event time=\"2021-03-14T09:05:02Z\"></event>";
        let sent = Records::events(text.as_bytes()).unwrap().lap(0, 60_000_000);
        assert_eq!((sent[0].at_us, sent[1].at_us), (0, 2_000_000));
        assert!(sent[0].bytes.starts_with(
            b"<event time=\"2021-03-14T09:06:00.000000Z\" stale=\"2021-03-14T09:07:00.000000Z\">"
        ));
    }
}
