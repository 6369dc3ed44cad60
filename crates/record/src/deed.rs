//! Statements that people sign beside findings: what a sending state deploys, steps of the working
//! procedures, what was agreed in talks, what was reported of a withdrawal, which report is released,
//! which shifts the ground mission has.
//!
//! An entry of one of the [`KINDS`] has the body of a [`Deed`]: a statement, whose form its kind
//! says, and approvals of a text that names its hash:
//!
//! ```text
//! truceline/deed/v1
//! <origin of the log>
//! <kind>
//! <SHA-256 of the statement's RFC 8785 canonical JSON, 64 lower-case hexadecimal digits>
//! ```
//!
//! Every line ends in a newline. An approval is a signed note over it, or a passkey's assertion whose
//! challenge is the SHA-256 of the text ([`Approval`]). Whose keys are needed is a rule of the kind, not of this module: it
//! tells who signed, and refuses an approval that is over another text or by an unknown key.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use truceline_domain::{Sha256, TheatreId};

use crate::canonical;
use crate::entry::{Draft, Entry, EntryError};
use crate::key::SignerKey;
use crate::people::People;
use crate::signature::{
    Method, NotAnOfficersWord, Officer, SignError, check_assertion, check_text, sign_text,
};
use crate::vkeys::Vkeys;
use crate::webauthn::Assertion;

/// People and things deployed under an authorisation.
pub const DEPLOYMENT: &str = "deployment";
/// A step of the working procedures, from draft to in force.
pub const MODALITY: &str = "modality";
/// Talks: delegations, rounds, points, drafts, comments, initials.
pub const TALKS: &str = "talks";
/// What was reported of an area that is to be left.
pub const WITHDRAWAL: &str = "withdrawal";
/// A report that a centre issues is released or refused ([`crate::report`]).
pub const REPORT: &str = "report";

/// A shift of the ground mission is planned or cancelled.
pub const SHIFT: &str = "shift";

/// All kinds of entries with this body.
pub const KINDS: [&str; 6] = [DEPLOYMENT, MODALITY, TALKS, WITHDRAWAL, REPORT, SHIFT];

/// Most approvals of one deed: an officer of each state, and a few more.
const MAX_APPROVALS: usize = 8;

/// Body of an entry of one of the [`KINDS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// What is stated, in the form of the entry's kind.
    pub statement: Value,
    /// Words over [`Deed::text`].
    pub approvals: Vec<Approval>,
}

/// One person's word over a deed's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Approval {
    /// A signed note by the person's own Ed25519 key.
    Note(String),
    /// An assertion of the person's passkey.
    Passkey(ByPasskey),
    /// A signed note by a key that the centre of an exercise holds: nobody's word.
    Exercise(InExercise),
}

/// What a passkey answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByPasskey {
    /// The person's name in the form of a key's.
    pub by: String,
    /// The assertion, whose challenge is the SHA-256 of the text.
    pub assertion: Assertion,
}

/// What was signed for whoever played a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InExercise {
    /// The signed note.
    pub exercise: String,
}

impl Approval {
    /// How it was given.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Self::Note(_) => Method::Key,
            Self::Passkey(_) => Method::Webauthn,
            Self::Exercise(_) => Method::Exercise,
        }
    }

    fn check(
        &self,
        text: &str,
        vkeys: &Vkeys,
        people: &People,
    ) -> Result<(Officer, String), NotAnOfficersWord> {
        match self {
            Self::Note(note) | Self::Exercise(InExercise { exercise: note }) => {
                check_text(note, text, vkeys)
            }
            Self::Passkey(ByPasskey { by, assertion }) => {
                check_assertion(assertion, by, text, vkeys, people)
            }
        }
    }
}

/// Why a deed is not what its signatures say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADeed {
    /// The body or the statement has not the form of its kind.
    #[error("{0}")]
    Form(String),
    /// Nobody signed it.
    #[error("nobody signed it")]
    Unsigned,
    /// More signatures than a deed has.
    #[error("{0} signatures, at most {MAX_APPROVALS}")]
    TooMany(usize),
    /// An approval is no word over the text by a key of the record.
    #[error("signature {number}: {source}")]
    Approval {
        /// Which, from 1.
        number: usize,
        /// Why.
        source: NotAnOfficersWord,
    },
    /// One person signed twice.
    #[error("{0} signed twice")]
    Twice(Officer),
}

impl Deed {
    /// An unsigned deed of a statement.
    ///
    /// # Errors
    /// When the statement has no JSON form.
    pub fn of(statement: &impl Serialize) -> Result<Self, NotADeed> {
        let statement =
            serde_json::to_value(statement).map_err(|e| NotADeed::Form(e.to_string()))?;
        Ok(Self {
            statement,
            approvals: Vec::new(),
        })
    }

    /// The text that is signed.
    ///
    /// # Errors
    /// When the statement has no canonical form.
    pub fn text(&self, kind: &str, origin: &str) -> Result<String, NotADeed> {
        let bytes =
            canonical::to_vec(&self.statement).map_err(|e| NotADeed::Form(e.to_string()))?;
        let sha256 = Sha256::of(&bytes);
        Ok(format!("truceline/deed/v1\n{origin}\n{kind}\n{sha256}\n"))
    }

    /// The same with one more signature.
    ///
    /// # Errors
    /// When the key is no officer's or official's of the log `origin`, or there is no canonical form.
    pub fn signed(mut self, kind: &str, origin: &str, key: &SignerKey) -> Result<Self, SignDeed> {
        let text = self.text(kind, origin)?;
        let (_, note) = sign_text(origin, &text, key)?;
        self.approvals.push(Approval::Note(note));
        Ok(self)
    }

    /// The same, signed for whoever plays a part in an exercise by the key that the centre holds.
    ///
    /// # Errors
    /// As [`Self::signed`].
    pub fn played(mut self, kind: &str, origin: &str, key: &SignerKey) -> Result<Self, SignDeed> {
        let text = self.text(kind, origin)?;
        let (_, exercise) = sign_text(origin, &text, key)?;
        self.approvals
            .push(Approval::Exercise(InExercise { exercise }));
        Ok(self)
    }

    /// Who signed it, in order: each a person whose key is in `vkeys`, or whose passkey one of these
    /// vouched for, over exactly this statement.
    ///
    /// # Errors
    /// When there is no signature, or one of them is wrong.
    pub fn signers(
        &self,
        kind: &str,
        vkeys: &Vkeys,
        people: &People,
    ) -> Result<Vec<Officer>, NotADeed> {
        if self.approvals.is_empty() {
            return Err(NotADeed::Unsigned);
        }
        if self.approvals.len() > MAX_APPROVALS {
            return Err(NotADeed::TooMany(self.approvals.len()));
        }
        let text = self.text(kind, vkeys.origin())?;
        let mut signers: Vec<Officer> = Vec::new();
        for (approval, number) in self.approvals.iter().zip(1..) {
            let (officer, _) = approval
                .check(&text, vkeys, people)
                .map_err(|source| NotADeed::Approval { number, source })?;
            if signers.contains(&officer) {
                return Err(NotADeed::Twice(officer));
            }
            signers.push(officer);
        }
        Ok(signers)
    }

    /// The statement as the type that the kind stands for.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn statement_as<T: DeserializeOwned>(&self) -> Result<T, NotADeed> {
        T::deserialize(&self.statement).map_err(|e| NotADeed::Form(e.to_string()))
    }

    /// The entry that records it, by those who signed.
    ///
    /// # Errors
    /// When the body has no canonical form.
    pub fn draft(&self, kind: &str, theatre: &TheatreId, by: &str) -> Result<Draft, EntryError> {
        Draft::new(kind, theatre, by, self)
    }
}

/// Who signed the deed that an entry records.
///
/// # Errors
/// When it is no deed or a signature is wrong.
pub fn read(
    entry: &Entry,
    vkeys: &Vkeys,
    people: &People,
) -> Result<(Deed, Vec<Officer>), NotADeed> {
    let deed: Deed = entry.body_as().map_err(|e| NotADeed::Form(e.to_string()))?;
    let signers = deed.signers(&entry.kind, vkeys, people)?;
    Ok((deed, signers))
}

/// Why a deed could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignDeed {
    /// The deed.
    #[error(transparent)]
    Deed(#[from] NotADeed),
    /// The key.
    #[error(transparent)]
    Key(#[from] SignError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Algorithm;

    fn key(name: &str, seed: u8) -> SignerKey {
        SignerKey::from_seed(name, Algorithm::Ed25519, &[seed; 32]).unwrap()
    }

    #[test]
    fn it_tells_who_signed_and_refuses_another_text() {
        let (log, a, b) = (
            key("c.example/l", 1),
            key("c.example/l/officer/north/p", 2),
            key("c.example/l/officer/south/q", 3),
        );
        let nobody = People::default();
        let mut vkeys = Vkeys::new(log.verifier().clone());
        vkeys.add(a.verifier().clone());
        vkeys.add(b.verifier().clone());
        let deed = Deed::of(&serde_json::json!({"count": 3})).unwrap();
        assert_eq!(
            deed.signers(DEPLOYMENT, &vkeys, &nobody),
            Err(NotADeed::Unsigned)
        );
        let deed = deed.signed(DEPLOYMENT, "c.example/l", &a).unwrap();
        let twice = deed.clone().signed(DEPLOYMENT, "c.example/l", &a).unwrap();
        assert!(matches!(
            twice.signers(DEPLOYMENT, &vkeys, &nobody),
            Err(NotADeed::Twice(_))
        ));
        let deed = deed.signed(DEPLOYMENT, "c.example/l", &b).unwrap();
        let states: Vec<_> = deed
            .signers(DEPLOYMENT, &vkeys, &nobody)
            .unwrap()
            .into_iter()
            .map(|o| o.state)
            .collect();
        assert_eq!(states, ["north", "south"]);
        // The same signatures over another number, or as another kind of deed, are none.
        let mut other = deed.clone();
        other.statement = serde_json::json!({"count": 4});
        assert!(other.signers(DEPLOYMENT, &vkeys, &nobody).is_err());
        assert!(deed.signers(MODALITY, &vkeys, &nobody).is_err());
        // The log's own key is nobody's word.
        assert!(
            Deed::of(&1)
                .unwrap()
                .signed(TALKS, "c.example/l", &log)
                .is_err()
        );
    }
}
