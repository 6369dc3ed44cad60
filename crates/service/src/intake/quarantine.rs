//! What could not be read: kept whole in the feed's segment, and piece by piece here, so that a
//! person can look at each. One file and one entry a feed, however many faults it has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use truceline_domain::FeedId;
use truceline_intake::Fault;
use truceline_record::Record;
use truceline_record::bodies::QuarantineBody;

use crate::CentreError;

/// So many faults of a feed are told one by one.
pub(super) const TOLD: usize = 20;

/// The file of a feed's faults is not larger; the rest is counted, and stands in the segment.
const MAX_BYTES: usize = 16 << 20;

/// The faults of one feed.
pub(super) struct Quarantine {
    feed: FeedId,
    lines: Vec<u8>,
    told: Vec<String>,
    counts: BTreeMap<&'static str, u64>,
    unwritten: u64,
}

/// What was set aside.
pub(super) struct SetAside {
    pub(super) body: QuarantineBody,
    pub(super) file_name: String,
    pub(super) lines: Vec<u8>,
    pub(super) told: Vec<String>,
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    fault: &'a str,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    message: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    bytes_hex: String,
}

impl Quarantine {
    pub(super) fn new(feed: FeedId) -> Self {
        let counts = BTreeMap::new();
        Self {
            feed,
            lines: Vec::new(),
            told: Vec::new(),
            counts,
            unwritten: 0,
        }
    }

    pub(super) fn put(&mut self, fault: Fault) {
        *self.counts.entry(fault.kind.as_str()).or_default() += 1;
        if self.told.len() < TOLD {
            self.told.push(fault.to_string());
        }
        let bytes_hex = fault.bytes.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        let Fault {
            kind,
            offset,
            line,
            message,
            ..
        } = &fault;
        let line = Line {
            fault: kind.as_str(),
            offset: *offset,
            line: *line,
            message,
            bytes_hex,
        };
        match serde_json::to_vec(&line) {
            Ok(json) if self.lines.len() + json.len() < MAX_BYTES => {
                self.lines.extend_from_slice(&json);
                self.lines.push(b'\n');
            }
            _ => self.unwritten += 1,
        }
    }

    /// How many faults there are.
    pub(super) fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Stores the faults among the record's blobs; `None` when there were none.
    pub(super) fn finish(self, record: &Record) -> Result<Option<SetAside>, CentreError> {
        let total = self.total();
        if total == 0 {
            return Ok(None);
        }
        let stored = record.put_blob(&self.lines)?;
        let counts: Vec<_> = self
            .counts
            .iter()
            .map(|(kind, n)| format!("{n} {kind}"))
            .collect();
        let mut reason = counts.join(", ");
        if self.unwritten > 0 {
            let _ = write!(reason, "; {} of them only counted here", self.unwritten);
        }
        let mut told = self.told;
        if total > told.len() as u64 {
            told.push(format!("and {} faults more", total - told.len() as u64));
        }
        let file_name = format!(
            "{}-{}.ndjson",
            file_safe(self.feed.as_str()),
            stored.sha256.short(12)
        );
        let body = QuarantineBody {
            feed: self.feed,
            sha256: Some(stored.sha256),
            bytes: stored.bytes,
            place: format!("{total} places of the feed, told in the bytes"),
            reason,
        };
        Ok(Some(SetAside {
            body,
            file_name,
            lines: self.lines,
            told,
        }))
    }
}

/// A feed's name as part of a file's.
fn file_safe(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}
