//! Reports that a centre issues, and by whose keys.
//!
//! A report's canonical bytes (RFC 8785) lie in the blob store under their SHA-256. An officer who
//! releases it, or refuses to, signs a deed of kind `report` ([`crate::deed`]) that names them. The
//! bytes say nothing of it: a report has the same hash before and after it is released.
//!
//! The rules, those of findings ([`crate::signature`]) where they are alike:
//! 1. A version is *released* when an officer of each of the two sending states has signed `release`
//!    over its hash. Two signatures of one state are one key.
//! 2. An officer's first decision on a version stands.
//! 3. A refusal is kept beside, with its reason, and undoes no key.
//! 4. Of several released versions of one date the one that was completed last stands; those before it
//!    stay in the record and are told as superseded. A version that is not released supersedes nothing.

mod releases;

pub use releases::{Releases, ReportLine, ReportStanding, Version};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use truceline_domain::{Recorded, Sha256};

use crate::deed::Deed;
use crate::entry::{Entry, EntryError};
use crate::signature::{Method, Officer, SendingStates, is_line};

/// Which bytes: one version of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportVersion {
    /// The report, as the procedures call it.
    pub report: String,
    /// Its date, ISO 8601.
    pub date: String,
    /// SHA-256 of its canonical bytes.
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
    /// It rests on entries of the log before this number.
    pub before: u64,
    /// The procedures by which it is issued.
    pub procedures_sha256: Sha256,
    /// The two whose keys release it, as those procedures name them.
    pub sending_states: SendingStates,
}

impl ReportVersion {
    /// What the bytes say otherwise, when they do.
    pub(crate) fn differs_from(&self, bytes: &[u8]) -> Option<String> {
        let Ok(told) = serde_json::from_slice::<Value>(bytes) else {
            return Some("its bytes are no JSON".to_owned());
        };
        let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str);
        let states = told.get("sending_states").and_then(Value::as_array);
        let states: Option<Vec<&str>> = states
            .map(|all| all.iter().filter_map(|s| s.get("id")?.as_str()).collect())
            .map(|mut all: Vec<&str>| {
                all.sort_unstable();
                all
            });
        let sha256 = self.procedures_sha256.to_string();
        let same = text("/report") == Some(self.report.as_str())
            && text("/date") == Some(self.date.as_str())
            && text("/procedures/sha256") == Some(sha256.as_str())
            && told.get("entries").and_then(Value::as_f64) == Some(self.before as f64)
            && states.is_some_and(|states| states == *self.sending_states.names());
        (!same).then(|| "what was signed says otherwise than its bytes".to_owned())
    }
}

/// What an officer says of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportDecision {
    /// It may be issued.
    Release,
    /// It may not, for a reason.
    Refuse,
}

/// The statement of a deed of kind `report`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportStatement {
    /// On which bytes.
    pub version: ReportVersion,
    /// What.
    pub decision: ReportDecision,
    /// Why, with a refusal: one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ReportStatement {
    fn check(&self) -> Result<(), NotReleased> {
        let malformed = |why: &str| Err(NotReleased::Form(why.to_owned()));
        if !is_line(&self.version.report) || !is_line(&self.version.date) {
            return malformed("a report and a date must be one line each");
        }
        match (self.decision, &self.reason) {
            (ReportDecision::Release, Some(_)) => malformed("only a refusal carries a reason"),
            (ReportDecision::Refuse, None) => malformed("a refusal needs a reason"),
            (ReportDecision::Refuse, Some(reason)) if !is_line(reason) => {
                malformed("the reason must be one line of at most 4096 bytes")
            }
            _ => Ok(()),
        }
    }
}

/// The bytes that an entry of kind `report` names, and how many they are.
pub(crate) fn named_by_report(entry: &Entry) -> Result<Option<(Sha256, u64)>, EntryError> {
    let deed: Deed = entry.body_as()?;
    // A statement of another form names nothing; that it is a fault is told where it is taken.
    let statement = deed.statement_as::<ReportStatement>().ok();
    Ok(statement.map(|s| (s.version.sha256, s.version.bytes)))
}

/// Why an entry about a report does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReleased {
    /// Not of the form of its kind.
    #[error("{0}")]
    Form(String),
    /// The state is not one of the two.
    #[error("{officer} cannot decide on this report: the sending states are {sending}")]
    NotASendingState {
        /// The officer.
        officer: Officer,
        /// The two.
        sending: SendingStates,
    },
    /// Somebody signed the same hash as another report, or with other figures.
    #[error("{sha256} was signed before as {report} of {date}, with other figures")]
    OtherVersion {
        /// The hash.
        sha256: Sha256,
        /// The report of the first signature.
        report: String,
        /// And its date.
        date: String,
    },
    /// The officer decided on this version before.
    #[error(
        "{officer} decided on this version before, by entry {before}; the first decision stands"
    )]
    DecidedBefore {
        /// The officer.
        officer: Officer,
        /// The first entry.
        before: u64,
    },
}

impl NotReleased {
    /// Whether an honest officer and honest software can cause it.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::DecidedBefore { .. })
    }
}

/// A decision that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The entry.
    pub entry: u64,
    /// When it was recorded.
    pub at: Recorded,
    /// Who.
    pub officer: Officer,
    /// What.
    pub decision: ReportDecision,
    /// Why, with a refusal.
    pub reason: Option<String>,
    /// How it was signed.
    pub method: Method,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_is_held_against_the_bytes() {
        let of = ReportVersion {
            report: "daily".into(),
            date: "2021-03-15".into(),
            sha256: Sha256::of(b""),
            bytes: 0,
            before: 7,
            procedures_sha256: Sha256::of(b"p"),
            sending_states: SendingStates::new("north", "south").unwrap(),
        };
        let bytes = |entries: u64| {
            serde_json::json!({"report": "daily", "date": "2021-03-15", "entries": entries,
                "procedures": {"sha256": of.procedures_sha256}, "sending_states": [{"id": "south"}, {"id": "north"}]})
            .to_string()
        };
        assert_eq!(of.differs_from(bytes(7).as_bytes()), None);
        assert!(of.differs_from(bytes(8).as_bytes()).is_some());
        assert!(of.differs_from(b"nonsense").is_some());
    }
}
