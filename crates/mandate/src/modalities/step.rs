//! The steps of the procedures and the states they lead through.

use serde::{Deserialize, Serialize};
use truceline_domain::{Observed, PartyId, Sha256};

/// What an entry of type `modality` states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The version of the procedures.
    pub version: u32,
    /// SHA-256 of their text: all before the first `approval` block.
    pub text_sha256: Sha256,
    /// What is done with it.
    pub step: Step,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// It is put forward as a draft.
    Draft,
    /// A sending state agrees.
    Agree,
    /// A sending state submits to the host what both have agreed.
    Submit,
    /// The host approves.
    Approve {
        /// In force from then, when the text does not say later.
        from: Observed,
        /// The host's own reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// The host approves another text, which the two must agree to.
    ApproveWithChanges {
        /// In force from then, when the text does not say later.
        from: Observed,
        /// What was changed, and why.
        remarks: String,
        /// The version of the changed text.
        changed_version: u32,
        /// And its hash.
        changed_sha256: Sha256,
    },
    /// The host returns it.
    Return {
        /// Why.
        remarks: String,
    },
    /// The host, or both sending states together, suspend it.
    Suspend {
        /// Why.
        why: String,
    },
    /// Who suspended it lets it go on.
    Resume {
        /// Why.
        why: String,
    },
}

impl Step {
    /// Its name, as commands have it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Agree => "agree",
            Self::Submit => "submit",
            Self::Approve { .. } => "approve",
            Self::ApproveWithChanges { .. } => "approve with changes",
            Self::Return { .. } => "return",
            Self::Suspend { .. } => "suspend",
            Self::Resume { .. } => "resume",
        }
    }
}

/// Where a version is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Nobody has agreed.
    Draft,
    /// One sending state has agreed.
    HalfAgreed {
        /// Which.
        by: PartyId,
    },
    /// Both have.
    Agreed,
    /// The host has it.
    Submitted,
    /// The host returned it.
    Returned {
        /// Why.
        remarks: String,
    },
    /// The host approved another text in its place.
    Changed {
        /// The version of that text. It stands beside the number of the version itself.
        #[serde(rename = "into_version")]
        version: u32,
    },
    /// The host approved it, and it is in force from a date.
    Approved {
        /// That date.
        from: Observed,
    },
    /// It was approved, and is suspended.
    Suspended {
        /// Why.
        why: String,
    },
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Draft => f.write_str("a draft that nobody has agreed to"),
            Self::HalfAgreed { by } => write!(f, "a draft that only {by} has agreed to"),
            Self::Agreed => f.write_str("agreed by both and not submitted to the host"),
            Self::Submitted => f.write_str("submitted, and the host has not decided"),
            Self::Returned { remarks } => write!(f, "returned by the host: {remarks}"),
            Self::Changed { version } => write!(f, "changed by the host into version {version}"),
            Self::Approved { from } => write!(f, "approved, in force from {from}"),
            Self::Suspended { why } => write!(f, "suspended: {why}"),
        }
    }
}
