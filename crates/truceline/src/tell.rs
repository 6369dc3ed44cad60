//! Telling: NDJSON to standard output, words and progress to standard error.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use truceline_intake::Tally;
use truceline_service::CentreError;

/// Whether the error is that nobody reads standard output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with its causes in one line; a cause whose words the error repeats is not told twice.
pub(crate) fn why(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !line.contains(&cause) {
            line.push_str(": ");
            line.push_str(&cause);
        }
    }
    if is_storage_full(error) {
        line.push_str("; make room on that disk, then give the same command again");
    }
    line
}

fn is_storage_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_system = cause.downcast_ref::<io::Error>().is_some_and(|e| {
            matches!(
                e.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            )
        });
        let of_centre = cause.downcast_ref::<CentreError>();
        of_system || of_centre.is_some_and(CentreError::is_storage_full)
    })
}

/// Standard output, one JSON object a line.
pub(crate) struct Lines(BufWriter<StdoutLock<'static>>);

impl Lines {
    pub(crate) fn new() -> Self {
        Self(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }

    pub(crate) fn put(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, value).map_err(io::Error::from)?;
        self.0.write_all(b"\n")
    }

    /// What was put is there for whoever reads on.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    pub(crate) fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A bar on standard error for what takes longer than a second; nothing where no terminal is.
pub(crate) fn progress(what: &str, total_bytes: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match total_bytes {
        Some(total) => (
            ProgressBar::new(total),
            "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{msg} {spinner} {bytes} {elapsed}",
        ),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// What was read from a feed, for people: one line, then one a kind of trouble.
pub(crate) fn tally(name: &str, format: &str, tally: &Tally) {
    let kinds = list(tally.observations.iter().map(|(k, n)| (*k, *n)));
    let observations = tally.observations();
    eprintln!(
        "{name}: {format}, {} bytes, {observations} observations{}",
        tally.bytes,
        paren(&kinds)
    );
    let counts = list(tally.counts.iter().map(|(k, n)| (k.as_str(), *n)));
    if !counts.is_empty() {
        eprintln!("  {counts}");
    }
    let faults = list(tally.faults.iter().map(|(k, n)| (*k, *n)));
    if !faults.is_empty() {
        eprintln!("  faults: {faults}; {} set aside", tally.set_aside());
    }
}

fn list<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> String {
    counts
        .map(|(what, n)| format!("{n} {what}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn paren(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" ({text})")
    }
}
