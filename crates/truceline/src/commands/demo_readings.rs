//! The demo's readings of sensors, a day later and at their own pace: those of the last minutes are in the record when the
//! centre opens, so that something has just happened; the rest comes at its times, by the door of every feed that posts.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;
use truceline_domain::Observed;
use truceline_intake::Format;
use truceline_service::{Centre, Control};

use super::{at_work, ingest};
use crate::args::FeedArgs;

/// The feed under which they come.
const FEED: &str = "sensors-live";
/// What came together in so short a time is posted together.
const TOGETHER: Duration = Duration::from_millis(500);
/// How long the centre may take to open.
const OPENS_WITHIN: Duration = Duration::from_secs(60);

/// Readings with the times at which they come, microseconds, in order.
pub(super) struct Readings {
    lines: Vec<(i64, String)>,
    opens_us: i64,
}

impl Readings {
    /// Reads a recording of readings, of which the moment `opens` becomes the moment `becomes`. Lines that are none stay behind:
    /// they were told when the recording was taken in.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(path: &Path, opens: Observed, becomes: Observed) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let later_us = becomes.unix_us() - opens.unix_us();
        let mut lines: Vec<_> = text
            .lines()
            .filter_map(|line| moved(line, later_us))
            .collect();
        lines.sort();
        Ok(Self {
            lines,
            opens_us: becomes.unix_us(),
        })
    }

    /// Puts what came before the centre opens into its record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn take_in_earlier(&mut self, centre: &mut Centre) -> anyhow::Result<()> {
        let count = self.lines.partition_point(|(at, _)| *at <= self.opens_us);
        let earlier: String = self
            .lines
            .drain(..count)
            .map(|(_, line)| line + "\n")
            .collect();
        let path: PathBuf = centre.dir().join("readings-before.ndjson");
        std::fs::write(&path, earlier).with_context(|| path.display().to_string())?;
        let args = FeedArgs {
            feed: Some(FEED.to_owned()),
            source: Some(FEED.to_owned()),
            format: Some(Format::Sensor),
        };
        ingest::one(centre, &path.display().to_string(), &args, false)?;
        std::fs::remove_file(&path).with_context(|| path.display().to_string())
    }

    /// Posts the rest, each at its time, on a thread of its own, until all are sent or the process ends.
    pub(super) fn start(self, dir: PathBuf) {
        std::thread::spawn(move || {
            if let Err(error) = self.play(&dir) {
                tracing::warn!("the exercise's readings: {error:#}");
            }
        });
    }

    fn play(self, dir: &Path) -> anyhow::Result<()> {
        let began = Instant::now();
        let control = loop {
            if let Some(control) = Control::find(dir) {
                break control;
            }
            anyhow::ensure!(began.elapsed() < OPENS_WITHIN, "the centre did not open");
            std::thread::sleep(TOGETHER);
        };
        let opened = Instant::now();
        let mut rest = self.lines.as_slice();
        while !rest.is_empty() {
            let now_us = self.opens_us + i64::try_from(opened.elapsed().as_micros())?;
            let (due, coming) = rest.split_at(rest.partition_point(|(at, _)| *at <= now_us));
            rest = coming;
            if !due.is_empty() {
                let body: String = due.iter().map(|(_, line)| format!("{line}\n")).collect();
                let path = format!("/api/feeds/{FEED}/observations");
                let query = [("format", "sensor"), ("source", FEED)];
                let reader = Box::new(Cursor::new(body.into_bytes()));
                at_work::post_bytes::<Value>(&control, &path, &query, reader)?;
            }
            std::thread::sleep(TOGETHER);
        }
        Ok(())
    }
}

/// A reading so much later by its own clock, under a name of its own, and when it comes.
fn moved(line: &str, later_us: i64) -> Option<(i64, String)> {
    let mut reading: Value = serde_json::from_str(line).ok()?;
    let members = reading.as_object_mut()?;
    let mut comes_us = None;
    let later = |value: &mut Value| {
        let told: Observed = value.as_str()?.parse().ok()?;
        let then = Observed::from_unix_us(told.unix_us() + later_us).ok()?;
        *value = Value::String(then.to_string());
        Some(then.unix_us())
    };
    for (name, value) in members.iter_mut() {
        match name.as_str() {
            "observed" => comes_us = comes_us.max(later(value)),
            "received" => comes_us = later(value),
            "window" => value.as_array_mut()?.iter_mut().for_each(|time| {
                later(time);
            }),
            "id" => *value = Value::String(format!("{}-live", value.as_str()?)),
            _ => {}
        }
    }
    Some((comes_us?, reading.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_comes_later_under_another_name_and_says_the_same() {
        let line = r#"{"id":"x1","source":"A","observed":"2021-03-14T09:00:00.000000Z","received":"2021-03-14T09:00:01.000000Z","kind":"flash","bearing_deg":12.5}"#;
        let (at, line) = moved(line, 60_000_000).unwrap();
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["id"], "x1-live");
        assert_eq!(read["observed"], "2021-03-14T09:01:00.000000Z");
        assert_eq!(read["received"], "2021-03-14T09:01:01.000000Z");
        assert_eq!(read["bearing_deg"], 12.5);
        assert_eq!(
            at,
            read["received"]
                .as_str()
                .unwrap()
                .parse::<Observed>()
                .unwrap()
                .unix_us()
        );
    }

    #[test]
    fn lines_that_are_no_readings_stay_behind() {
        for line in [
            "",
            "{",
            "[]",
            r#"{"id":"x"}"#,
            r#"{"id":1,"observed":"2021-03-14T09:00:00Z"}"#,
        ] {
            assert_eq!(moved(line, 1), None, "{line}");
        }
    }
}
