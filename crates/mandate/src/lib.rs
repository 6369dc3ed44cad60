//! What the centre may do, where, until when, and who decides it.
//!
//! Pure: no clock, disk or network. Statements come in with those who signed them, in the order of the
//! record; out come strength against ceilings, deadlines, the standing of the working procedures. The
//! same statements give the same answers, whether they are a second or a year old.

pub mod deadlines;
pub mod mobility;
pub mod modalities;
pub mod shifts;
pub mod strength;
pub mod talks;
pub mod withdrawals;

use truceline_domain::PartyId;

/// A person whose key stands under a statement. That the signature is right was checked before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Signer {
    /// The state, as the documents name it.
    pub state: PartyId,
    /// The person.
    pub person: String,
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.person, self.state)
    }
}

/// Whether somebody of the state signed.
pub(crate) fn signed_by(signers: &[Signer], state: &PartyId) -> bool {
    signers.iter().any(|signer| signer.state == *state)
}

/// Why a statement has no effect, in a person's words: what was stated, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; expected {expected}")]
pub struct Refusal {
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub expected: String,
}

impl Refusal {
    /// With what is wrong and what would be right.
    pub fn new(what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            expected: expected.into(),
        }
    }
}
