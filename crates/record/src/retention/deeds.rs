//! Holds, releases and deletions as they are signed, and why one is void.

use serde::{Deserialize, Serialize};
use truceline_domain::Sha256;

use crate::key::SignerKey;
use crate::signature::{
    NotAnOfficersWord, SendingStates, SignError, TextRefused, cut, is_line, sign_text,
};

/// Type of the entry with a [`HoldBody`].
pub const HOLD: &str = "hold";
/// Type of the entry with a [`ReleaseBody`].
pub const RELEASE: &str = "release";
/// Type of the entry with a [`DeletionBody`].
pub const DELETION: &str = "deletion";

/// Most hashes in one entry: so many fit, with their approvals, into 65,535 bytes.
pub const MAX_HASHES: usize = 800;

/// What a hold holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All media of the record, present and future.
    Everything,
    /// These.
    Blobs(Vec<Sha256>),
}

/// Body of an entry of type `hold`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldBody {
    /// The hold's name.
    pub hold: String,
    /// What it holds.
    pub scope: Scope,
    /// For which proceedings.
    pub why: String,
    /// The two states whose officers count.
    pub sending_states: SendingStates,
    /// Signed notes over [`HoldBody::text`]; one is enough.
    pub approvals: Vec<String>,
}

/// Body of an entry of type `release`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody {
    /// The hold's name.
    pub hold: String,
    /// Why it ends.
    pub why: String,
    /// Signed notes over [`ReleaseBody::text`], one of each sending state.
    pub approvals: Vec<String>,
}

/// Body of an entry of type `deletion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeletionBody {
    /// The media that go.
    pub sha256: Vec<Sha256>,
    /// Why, in the words of the procedures.
    pub why: String,
    /// SHA-256 of the procedures that say so.
    pub procedures_sha256: Sha256,
    /// The two states whose officers count, as those procedures name them.
    pub sending_states: SendingStates,
    /// Signed notes over [`DeletionBody::text`], one of each sending state.
    pub approvals: Vec<String>,
}

fn text(deed: &str, origin: &str, lines: &[&str], why: &str) -> Result<String, TextRefused> {
    for line in [origin, why] {
        if !is_line(line) {
            return Err(TextRefused::Reason { reason: cut(line) });
        }
    }
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(format!(
        "truceline/{deed}/v1\n{origin}\n{lines}why: {why}\n"
    ))
}

fn list(hashes: &[Sha256]) -> String {
    let lines: String = hashes.iter().map(|hash| format!("{hash}\n")).collect();
    format!("{}\n{}", Sha256::of(lines.as_bytes()), hashes.len())
}

impl HoldBody {
    /// The text that officers of the log `origin` sign.
    ///
    /// # Errors
    /// When the name or the reason would not stay on its line.
    pub fn text(&self, origin: &str) -> Result<String, TextRefused> {
        if !is_line(&self.hold) {
            return Err(TextRefused::Reason {
                reason: cut(&self.hold),
            });
        }
        let what = match &self.scope {
            Scope::Everything => "everything\n0".to_owned(),
            Scope::Blobs(hashes) => list(hashes),
        };
        text("hold", origin, &[&self.hold, &what], &self.why)
    }
}

impl ReleaseBody {
    /// The text that officers of the log `origin` sign.
    ///
    /// # Errors
    /// When the name or the reason would not stay on its line.
    pub fn text(&self, origin: &str) -> Result<String, TextRefused> {
        if !is_line(&self.hold) {
            return Err(TextRefused::Reason {
                reason: cut(&self.hold),
            });
        }
        text("release", origin, &[&self.hold], &self.why)
    }
}

impl DeletionBody {
    /// The text that officers of the log `origin` sign.
    ///
    /// # Errors
    /// When the reason would not stay on its line.
    pub fn text(&self, origin: &str) -> Result<String, TextRefused> {
        let procedures = self.procedures_sha256.to_string();
        text(
            "deletion",
            origin,
            &[&procedures, &list(&self.sha256)],
            &self.why,
        )
    }
}

/// Signs one of the texts above as an officer of the log `origin`.
///
/// # Errors
/// When the key is not an officer's of this log.
pub fn approve(origin: &str, text: &str, key: &SignerKey) -> Result<String, SignError> {
    Ok(sign_text(origin, text, key)?.1)
}

/// An entry about retention that is void, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Void {
    /// The body has not the form of its type.
    #[error("{0}")]
    Body(String),
    /// Its text cannot be.
    #[error(transparent)]
    Text(#[from] TextRefused),
    /// An approval is not an officer's word over the text.
    #[error("approval {number}: {source}")]
    Approval {
        /// Which, from 1.
        number: usize,
        /// Why.
        source: NotAnOfficersWord,
    },
    /// An approval by an officer of a third state.
    #[error("approval {number} is by an officer of {state}, the sending states are {sending}")]
    ThirdState {
        /// Which, from 1.
        number: usize,
        /// The officer's state.
        state: String,
        /// The two.
        sending: SendingStates,
    },
    /// A key is missing.
    #[error("no officer of {0} approved it")]
    KeyMissing(String),
    /// More hashes than an entry has.
    #[error("{0} hashes, at most {MAX_HASHES} in one entry")]
    TooMany(usize),
    /// A hold of this name stands, or stood.
    #[error("a hold {0:?} was placed before")]
    HoldAgain(String),
    /// There is no such hold to release.
    #[error("no hold {0:?} stands")]
    NoHold(String),
    /// A legal hold stops it.
    #[error("{sha256} is under the legal hold {hold:?}")]
    Held {
        /// The bytes.
        sha256: Sha256,
        /// The hold.
        hold: String,
    },
    /// No segment of this hash was recorded before.
    #[error("{0} is no recorded medium")]
    NoMedium(Sha256),
    /// The bytes are more than a medium.
    #[error("{sha256} is named by an entry of type {kind} too, only media are deleted")]
    NotOnlyMedium {
        /// The bytes.
        sha256: Sha256,
        /// The other type.
        kind: &'static str,
    },
}
