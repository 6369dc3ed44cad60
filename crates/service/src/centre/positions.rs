//! Members' whereabouts, kept as the procedures say and no longer.
//!
//! They lie outside the record, a file a day (`positions/2021-03-14.ndjson`), since nothing can be taken
//! out of the record. The rule is the procedures' `retention` of `positions`; without such a rule nothing
//! is kept at all. When a day goes, an entry says which, how many fixes, and the hash of what is gone.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use truceline_agreement::when::Offset;
use truceline_domain::{Observed, Received, Sha256};
use truceline_mandate::mobility::Fix;
use truceline_record::Draft;

use super::rules::now;
use crate::error::io;
use crate::{Centre, CentreError};

/// Type of the entry with a [`ForgottenBody`].
pub const FORGOTTEN: &str = "positions-forgotten";

/// Body of an entry of type `positions-forgotten`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgottenBody {
    /// The day, UTC, on which they were received.
    pub day: Date,
    /// How many fixes there were.
    pub fixes: u64,
    /// SHA-256 of the file that is gone.
    pub sha256: Sha256,
    /// The days that the procedures allow; zero when they allow none.
    pub days: u32,
}

/// A line as it is read again.
#[derive(Deserialize)]
struct Kept {
    member: String,
    observed: Observed,
    #[serde(flatten)]
    position: truceline_domain::Position,
    sd_m: Option<f64>,
}

#[derive(Serialize)]
struct Line<'a> {
    member: &'a str,
    observed: Observed,
    received: Received,
    #[serde(flatten)]
    position: truceline_domain::Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    sd_m: Option<f64>,
}

impl Centre {
    /// How many days whereabouts may be kept: zero without a rule, or without procedures in force.
    fn positions_days(&self) -> u32 {
        let procedures = self.documents.parsed().procedures_at(now());
        let rule = procedures.and_then(|p| p.retention.iter().find(|r| r.media == "positions"));
        rule.map_or(0, |rule| rule.days)
    }

    pub(super) fn keep_position(&self, fix: &Fix, received: Received) -> Result<(), CentreError> {
        if self.positions_days() == 0 {
            return Ok(());
        }
        let dir = self.positions_dir();
        std::fs::create_dir_all(&dir).map_err(io("making the folder", &dir))?;
        let path = dir.join(format!("{}.ndjson", day_of(received)));
        let line = Line {
            member: &fix.subject,
            observed: fix.observed,
            received,
            position: fix.position,
            sd_m: fix.sd_m,
        };
        let mut text =
            serde_json::to_string(&line).map_err(|e| CentreError::Refused(e.to_string()))?;
        text.push('\n');
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(io("writing", &path))
    }

    /// A member's whereabouts between two instants, as far as they are kept. Lines that cannot be read are passed over.
    pub(super) fn kept_positions(
        &self,
        member: &str,
        (from, until): (Observed, Observed),
    ) -> Result<Vec<Fix>, CentreError> {
        // A file has what was received on its day, which may be a day after.
        let span = (
            Offset::UTC.date_of(from),
            Offset::UTC.date_of(until.plus_seconds(86_400.0)),
        );
        let mut fixes = Vec::new();
        for (day, path) in files(&self.positions_dir())? {
            if day < span.0 || day > span.1 {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(io("reading", &path))?;
            let lines = text
                .lines()
                .filter_map(|l| serde_json::from_str::<Kept>(l).ok());
            let theirs =
                lines.filter(|k| k.member == member && (from..=until).contains(&k.observed));
            fixes.extend(theirs.map(|kept| Fix {
                subject: kept.member,
                observed: kept.observed,
                position: kept.position,
                sd_m: kept.sd_m,
            }));
        }
        Ok(fixes)
    }

    /// Deletes whereabouts that are older than the procedures allow; returns the days that went.
    ///
    /// # Errors
    /// When a file cannot be removed or the record refuses.
    pub fn forget_positions(&mut self) -> Result<Vec<Date>, CentreError> {
        let days = self.positions_days();
        let today = Offset::UTC.date_of(now());
        let oldest = today
            .checked_sub(jiff::Span::new().days(i64::from(days)))
            .unwrap_or(today);
        let mut gone = Vec::new();
        for (day, path) in files(&self.positions_dir())? {
            if days > 0 && day >= oldest {
                continue;
            }
            let bytes = std::fs::read(&path).map_err(io("reading", &path))?;
            let body = ForgottenBody {
                day,
                fixes: bytes.iter().filter(|b| **b == b'\n').count() as u64,
                sha256: Sha256::of(&bytes),
                days,
            };
            let draft = Draft::new(FORGOTTEN, &self.config.theatre, &self.config.origin, &body)?;
            // Gone first: if we die between, a day is forgotten without a word, and not kept too long.
            std::fs::remove_file(&path).map_err(io("removing", &path))?;
            self.record.append(draft)?;
            gone.push(day);
        }
        if !gone.is_empty() {
            self.catch_up()?;
        }
        Ok(gone)
    }

    fn positions_dir(&self) -> PathBuf {
        self.dir.join("positions")
    }
}

fn day_of(received: Received) -> Date {
    Offset::UTC.date_of(Observed::from(received.timestamp()))
}

/// The days that are kept, in order.
fn files(dir: &Path) -> Result<Vec<(Date, PathBuf)>, CentreError> {
    let inside = match std::fs::read_dir(dir) {
        Ok(inside) => inside,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io("reading the folder", dir)(e)),
    };
    let mut days: Vec<(Date, PathBuf)> = inside
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.parse().ok()?, path)))
        .collect();
    days.sort();
    Ok(days)
}
