//! Findings in the record, and what officers sign over them.
//!
//! A finding's canonical bytes lie in the blob store under their SHA-256; the entry of type `finding`
//! names them. An officer signs a short text with that hash in it ([`SigningText`]), and the signed
//! note goes into an entry of type `signature`. How a finding stands follows from the entries alone
//! ([`Desk`]).
//!
//! A signature counts when its key is an officer's in `vkeys`, of a sending state named by the
//! procedures in force, over the hash that the finding's entry names. Nothing here asks who sent it.
//! Or a passkey's assertion stands in the note's place: its challenge is the SHA-256 of the same text,
//! and an officer's key of that state vouched for the passkey before ([`crate::people`]).

mod desk;
mod text;

use serde::{Deserialize, Serialize};
use signed_note::{Note, NoteError};
use truceline_domain::{
    EventKind, Finding, FindingId, Latitude, Longitude, Observed, Sha256, TheatreId, Verdict,
};

use crate::canonical;
use crate::entry::{Draft, EntryError};
use crate::key::{Algorithm, Role, SignerKey};
use crate::people::{self, People};
use crate::vkeys::Vkeys;
use crate::webauthn::{Assertion, Refused, RelyingParty};

pub use desk::{Case, Counted, Desk, NotTwoStates, SendingStates, Setback, Standing};
pub use text::{Decision, MAX_REASON_BYTES, SigningText, TextRefused};
pub(crate) use text::{cut, is_line};

/// Type of the entry with a [`FindingBody`].
pub const FINDING: &str = "finding";
/// Type of the entry with a [`SignatureBody`].
pub const SIGNATURE: &str = "signature";

/// Body of an entry of type `finding`: where its bytes are, and what people look for it by. What
/// is signed are the bytes; the rest is held against them by `verify`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingBody {
    /// The finding's name.
    pub id: FindingId,
    /// SHA-256 of its canonical bytes.
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
    /// The finding this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<FindingId>,
    /// Whom the engine names.
    pub verdict: Verdict,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub observed: Observed,
    /// Where, WGS 84.
    pub latitude_deg: Latitude,
    /// Where, WGS 84.
    pub longitude_deg: Longitude,
    /// SHA-256 of the procedures in force; without any, nobody can determine it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedures_sha256: Option<Sha256>,
    /// SHA-256 of the agreements it was held against, in order.
    pub agreement_sha256: Vec<Sha256>,
    /// The two states whose keys determine it, as those procedures name them, in order.
    pub sending_states: SendingStates,
}

impl FindingBody {
    /// The body for `finding`, whose canonical bytes are `canonical`. `sending_states` are those that
    /// the procedures in force name.
    #[must_use]
    pub fn of(finding: &Finding, canonical: &[u8], sending_states: SendingStates) -> Self {
        let mut agreements: Vec<Sha256> = finding.assessments.iter().map(|a| a.agreement).collect();
        agreements.sort_unstable();
        agreements.dedup();
        Self {
            id: finding.id.clone(),
            sha256: Sha256::of(canonical),
            bytes: canonical.len() as u64,
            supersedes: finding.supersedes.clone(),
            verdict: finding.event.attribution.verdict.clone(),
            kind: finding.event.kind,
            observed: finding.event.time,
            latitude_deg: finding.event.position.lat,
            longitude_deg: finding.event.position.lon,
            procedures_sha256: finding.procedures,
            agreement_sha256: agreements,
            sending_states,
        }
    }

    /// The entry that puts the finding before the officers. Its bytes must be in the blob store.
    ///
    /// # Errors
    /// When the body has no canonical form.
    pub fn draft(&self, theatre: &TheatreId, by: &str) -> Result<Draft, EntryError> {
        Ok(Draft::new(FINDING, theatre, by, self)?.with_times(Some(self.observed), None))
    }
}

impl SignatureBody {
    /// The entry that records the signature, by the officer's key.
    ///
    /// # Errors
    /// When the body has no canonical form.
    pub fn draft(&self, theatre: &TheatreId) -> Result<Draft, EntryError> {
        Draft::new(SIGNATURE, theatre, &self.key_name, self)
    }
}

/// The bytes of a finding: RFC 8785 canonical JSON. They are what is hashed, stored and signed.
///
/// # Errors
/// When it has no canonical form.
pub fn finding_bytes(finding: &Finding) -> Result<Vec<u8>, EntryError> {
    let id = || finding.id.to_string();
    let value = serde_json::to_value(finding)
        .map_err(|error| EntryError::NotAnEntry(format!("finding {}: {error}", id())))?;
    canonical::to_vec(&value).map_err(|source| EntryError::NoCanonicalForm { id: id(), source })
}

/// Body of an entry of type `signature`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureBody {
    /// The finding's name.
    pub finding: FindingId,
    /// SHA-256 of the finding's canonical bytes.
    pub sha256: Sha256,
    /// What the officer says.
    pub decision: Decision,
    /// Why, with a dissent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The officer's state.
    pub state: String,
    /// The officer's key; of a passkey, the officer's name in the form of one.
    pub key_name: String,
    /// The signed note: the text and one signature line. Empty, and left out, with an assertion.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// A passkey's assertion, whose challenge is the SHA-256 of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Assertion>,
    /// How it was signed; left out when the officer's own key signed the note.
    #[serde(default, skip_serializing_if = "Method::is_key")]
    pub method: Method,
}

/// How an officer signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The officer's own Ed25519 key signed a note.
    #[default]
    Key,
    /// The officer's passkey made an assertion.
    Webauthn,
    /// An exercise: the centre itself holds the key, and signed for whoever played the officer. It is
    /// nobody's word.
    Exercise,
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Webauthn => "webauthn",
            Self::Exercise => "exercise",
        })
    }
}

impl Method {
    fn is_key(&self) -> bool {
        *self == Self::Key
    }
}

/// Why a note is not an officer's word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOfficersWord {
    /// Not a signed note.
    #[error("not a signed note")]
    Malformed,
    /// The note is over another text than the entry says.
    #[error("the note's text is not that of the entry, which would begin {expected:?}")]
    OtherText {
        /// The text expected, cut to 80 characters.
        expected: String,
    },
    /// A note with several signatures.
    #[error("the note has {0} signature lines, expected one")]
    Signatures(usize),
    /// A key that is not in `vkeys`.
    #[error("the key {0} is not among the record's verifier keys")]
    UnknownKey(String),
    /// The signature does not fit the text.
    #[error("the signature by {0} is wrong")]
    Wrong(String),
    /// A key of another role.
    #[error("the key {0} is not an officer's")]
    NotAnOfficer(String),
    /// The entry says one thing, the note another.
    #[error("the entry names {said:?} as {what}, the note is by {signed:?}")]
    Claim {
        /// `state` or `key`.
        what: &'static str,
        /// In the entry.
        said: String,
        /// By the note.
        signed: String,
    },
    /// A text that cannot be.
    #[error(transparent)]
    Text(#[from] TextRefused),
    /// Neither a note alone nor an assertion alone, or not by the method that is said.
    #[error("the entry says {said:?}, and has not the one thing that this takes")]
    Method {
        /// The method stated.
        said: Method,
    },
    /// A passkey that is not this officer's, or was revoked.
    #[error("{officer} has no passkey {credential:?}")]
    NoPasskey {
        /// State and person, as the entry names them.
        officer: String,
        /// The credential's id, cut to 80 characters.
        credential: String,
    },
    /// A passkey for which nobody of its state vouched before.
    #[error("no officer of {state} has vouched for the passkey of {person}")]
    NotVouchedFor {
        /// The person's state.
        state: String,
        /// The person.
        person: String,
    },
    /// The assertion is wrong.
    #[error("{0}")]
    Assertion(#[from] Refused),
}

/// An officer who signed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Officer {
    /// The sending state.
    pub state: String,
    /// The person.
    pub person: String,
}

impl std::fmt::Display for Officer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.state, self.person)
    }
}

/// A key that cannot sign findings, or a text that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Its name is not that of an officer of this log.
    #[error(
        "the key {name} is not an officer's of {origin}: expected {origin}/officer/<state>/<person>"
    )]
    NotAnOfficer {
        /// The key's name.
        name: String,
        /// The log's origin.
        origin: String,
    },
    /// The text cannot be.
    #[error(transparent)]
    Text(#[from] TextRefused),
}

/// Signs the finding `finding`, whose canonical bytes hash to `sha256`, for the log `origin`.
///
/// # Errors
/// When `key` is not an officer's of this log, a dissent has no reason, or a determination has one.
pub fn sign(
    origin: &str,
    finding: &FindingId,
    sha256: Sha256,
    decision: Decision,
    reason: Option<&str>,
    key: &SignerKey,
) -> Result<SignatureBody, SignError> {
    let text = SigningText::new(origin, finding, sha256, decision, reason)?;
    let (officer, note) = sign_text(origin, &text.to_string(), key)?;
    Ok(SignatureBody {
        finding: finding.clone(),
        sha256,
        decision,
        reason: reason.map(str::to_owned),
        state: officer.state,
        key_name: key.name().to_owned(),
        note,
        assertion: None,
        method: Method::Key,
    })
}

impl SignatureBody {
    /// The text that was signed, in the log `origin`.
    ///
    /// # Errors
    /// When a part of it would not stay on its line.
    pub fn text(&self, origin: &str) -> Result<SigningText, TextRefused> {
        let reason = self.reason.as_deref();
        SigningText::new(origin, &self.finding, self.sha256, self.decision, reason)
    }
}

/// Checks that a signature is over exactly what its entry says: a note by an officer in `vkeys`, or an
/// assertion by a passkey among `people` for which such an officer vouched.
///
/// # Errors
/// [`NotAnOfficersWord`] says what is wrong.
pub fn check(
    body: &SignatureBody,
    vkeys: &Vkeys,
    people: &People,
) -> Result<Officer, NotAnOfficersWord> {
    let text = body.text(vkeys.origin())?.to_string();
    let (officer, key_name) = match (&body.assertion, body.method) {
        (Some(assertion), Method::Webauthn) if body.note.is_empty() => {
            check_assertion(assertion, &body.key_name, &text, vkeys, people)?
        }
        (None, Method::Key | Method::Exercise) => check_text(&body.note, &text, vkeys)?,
        _ => return Err(NotAnOfficersWord::Method { said: body.method }),
    };
    let claim = |what, said: &str, signed: &str| NotAnOfficersWord::Claim {
        what,
        said: cut(said),
        signed: signed.to_owned(),
    };
    if key_name != body.key_name {
        return Err(claim("key", &body.key_name, &key_name));
    }
    if officer.state != body.state {
        return Err(claim("state", &body.state, &officer.state));
    }
    Ok(officer)
}

/// Checks that a passkey of the person whom `key_name` names answered to the SHA-256 of `text`.
pub(crate) fn check_assertion(
    assertion: &Assertion,
    key_name: &str,
    text: &str,
    vkeys: &Vkeys,
    people: &People,
) -> Result<(Officer, String), NotAnOfficersWord> {
    let no_passkey = || NotAnOfficersWord::NoPasskey {
        officer: cut(key_name),
        credential: cut(&assertion.credential),
    };
    let (state, person) = people::person_of(key_name, vkeys.origin()).ok_or_else(no_passkey)?;
    let known = people
        .person(&person)
        .filter(|known| known.body.state == state);
    let passkey = known
        .and_then(|known| known.passkey(&assertion.credential))
        .ok_or_else(no_passkey)?;
    if passkey.vouched_by.is_none() {
        return Err(NotAnOfficersWord::NotVouchedFor { state, person });
    }
    let centre = RelyingParty {
        id: passkey.body.rp_id.clone(),
        origin: None,
    };
    let challenge = Sha256::of(text.as_bytes());
    assertion.check(&centre, &passkey.body.public_key, challenge.as_bytes())?;
    Ok((Officer { state, person }, key_name.to_owned()))
}

/// Signs a text as an officer: the note, text and one signature line.
pub(crate) fn sign_text(
    origin: &str,
    text: &str,
    key: &SignerKey,
) -> Result<(Officer, String), SignError> {
    let not_an_officer = || SignError::NotAnOfficer {
        name: key.name().to_owned(),
        origin: origin.to_owned(),
    };
    let Role::Officer { state, person } = Role::of(key.name(), origin) else {
        return Err(not_an_officer());
    };
    if key.verifier().algorithm() != Algorithm::Ed25519 {
        return Err(not_an_officer());
    }
    let id = key.verifier().id();
    let signature = signed_note::Signature::new(
        key.name().to_owned(),
        id,
        key.sign(text.as_bytes()).to_vec(),
    )
    .map_err(|_| not_an_officer())?;
    let line = String::from_utf8_lossy(&signature.to_bytes()).into_owned();
    Ok((Officer { state, person }, format!("{text}\n{line}")))
}

/// Checks that `note` is over exactly `text`, with one signature, by an officer in `vkeys`.
pub(crate) fn check_text(
    note: &str,
    text: &str,
    vkeys: &Vkeys,
) -> Result<(Officer, String), NotAnOfficersWord> {
    let lines = note
        .strip_prefix(text)
        .and_then(|rest| rest.strip_prefix('\n'))
        .ok_or_else(|| NotAnOfficersWord::OtherText {
            expected: cut(text),
        })?;
    let count = lines.lines().count();
    if count != 1 {
        return Err(NotAnOfficersWord::Signatures(count));
    }
    let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| NotAnOfficersWord::Malformed)?;
    if parsed.text() != text.as_bytes() || parsed.to_bytes() != note.as_bytes() {
        return Err(NotAnOfficersWord::Malformed);
    }
    let name_of = || lines.split(' ').nth(1).unwrap_or_default().to_owned();
    let signature = match parsed.verify(vkeys) {
        Ok((valid, _)) => valid
            .into_iter()
            .next()
            .ok_or(NotAnOfficersWord::Malformed)?,
        Err(NoteError::InvalidSignature { name, .. }) => {
            return Err(NotAnOfficersWord::Wrong(name));
        }
        Err(_) => return Err(NotAnOfficersWord::UnknownKey(name_of())),
    };
    let key_name = signature.name().to_owned();
    let plain = vkeys
        .find(&key_name, signature.id())
        .is_some_and(|key| key.algorithm() == Algorithm::Ed25519);
    match Role::of(&key_name, vkeys.origin()) {
        Role::Officer { state, person } if plain => Ok((Officer { state, person }, key_name)),
        _ => Err(NotAnOfficersWord::NotAnOfficer(key_name)),
    }
}
