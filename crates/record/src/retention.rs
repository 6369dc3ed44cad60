//! Deleting media by procedure, and what stops it.
//!
//! Three types of entries, each with officers' signed notes over a short text:
//!
//! | entry | says | keys |
//! |---|---|---|
//! | `hold` | these bytes, or all, are not deleted | one officer of either sending state |
//! | `release` | that hold ends | an officer of each |
//! | `deletion` | these media segments go, and why | an officer of each |
//!
//! The texts are (every line ends in a newline; `<list>` is the SHA-256 of the hashes, each as 64
//! hexadecimal digits and a newline, in the order of the entry, and `<count>` how many they are):
//!
//! ```text
//! truceline/hold/v1          truceline/release/v1       truceline/deletion/v1
//! <origin of the log>        <origin of the log>        <origin of the log>
//! <hold id>                  <hold id>                  <SHA-256 of the procedures>
//! <list> or everything       why: <one line>            <list>
//! <count>                                               <count>
//! why: <one line>                                       why: <one line>
//! ```
//!
//! Only media go: bytes that a `segment` entry names and no other type does. Batches, documents,
//! findings stay, and so does every hash. A deletion of which one hash is held, unknown or no medium
//! is void as a whole: two officers approved a list, not a part of it.
//!
//! The bytes are removed after the entry is durable ([`finish_deletions`]). If we die between, the
//! next run of the same function removes them.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use truceline_domain::{EntryId, Sha256};

use crate::blob::{BlobError, Blobs, Presence, Tombstone};
use crate::bodies::{
    ATTACHMENT, AttachmentBody, BATCH, BatchBody, DOCUMENT, DocumentBody, QUARANTINE,
    QuarantineBody, SEGMENT, STILL, SegmentBody, StillBody,
};
use crate::deed::REPORT;
use crate::entry::{Entry, EntryError};
use crate::key::SignerKey;
use crate::log::{Log, LogError};
use crate::report::named_by_report;
use crate::signature::{
    FINDING, FindingBody, NotAnOfficersWord, SendingStates, SignError, TextRefused, check_text,
    cut, is_line, sign_text,
};
use crate::vkeys::Vkeys;

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

/// A deletion that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Deletion {
    entry: EntryId,
    index: u64,
}

#[derive(Debug, Clone)]
struct Hold {
    scope: Scope,
    sending: SendingStates,
    standing: bool,
}

/// What entries say of one blob.
#[derive(Debug, Clone)]
struct Named {
    /// Whether a segment's entry names it.
    medium: bool,
    /// Another type that names it.
    other: Option<&'static str>,
}

/// Holds and deletions of a log, entry by entry.
#[derive(Debug, Clone, Default)]
pub struct Retention {
    named: HashMap<Sha256, Named>,
    holds: BTreeMap<String, Hold>,
    deleted: HashMap<Sha256, Deletion>,
}

impl Retention {
    /// With nothing recorded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next entry of the log; entries about other things are passed over.
    ///
    /// # Errors
    /// [`Void`] when the entry has no effect.
    pub fn take(&mut self, index: u64, entry: &Entry, vkeys: &Vkeys) -> Result<(), Void> {
        let malformed = |e: EntryError| Void::Body(e.to_string());
        match entry.kind.as_str() {
            SEGMENT => {
                self.name(
                    entry.body_as::<SegmentBody>().map_err(malformed)?.sha256,
                    None,
                );
            }
            STILL => {
                let body: StillBody = entry.body_as().map_err(malformed)?;
                self.name(body.sha256, None);
            }
            BATCH => self.name(
                entry.body_as::<BatchBody>().map_err(malformed)?.sha256,
                Some(BATCH),
            ),
            ATTACHMENT => {
                let body: AttachmentBody = entry.body_as().map_err(malformed)?;
                self.name(body.sha256, Some(ATTACHMENT));
            }
            DOCUMENT => {
                self.name(
                    entry.body_as::<DocumentBody>().map_err(malformed)?.sha256,
                    Some(DOCUMENT),
                );
            }
            FINDING => {
                self.name(
                    entry.body_as::<FindingBody>().map_err(malformed)?.sha256,
                    Some(FINDING),
                );
            }
            REPORT => {
                let named = named_by_report(entry).map_err(malformed)?;
                named
                    .into_iter()
                    .for_each(|(sha256, _)| self.name(sha256, Some(REPORT)));
            }
            QUARANTINE => {
                let body: QuarantineBody = entry.body_as().map_err(malformed)?;
                body.sha256
                    .into_iter()
                    .for_each(|sha256| self.name(sha256, Some(QUARANTINE)));
            }
            HOLD => return self.hold(&entry.body_as().map_err(malformed)?, vkeys),
            RELEASE => return self.release(&entry.body_as().map_err(malformed)?, vkeys),
            DELETION => {
                let body: DeletionBody = entry.body_as().map_err(malformed)?;
                self.check_deletion(&body, vkeys)?;
                let deletion = Deletion {
                    entry: entry.id.clone(),
                    index,
                };
                for sha256 in &body.sha256 {
                    self.deleted
                        .entry(*sha256)
                        .or_insert_with(|| deletion.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a deletion would hold now: to ask before it is recorded.
    ///
    /// # Errors
    /// [`Void`] when it would not.
    pub fn check_deletion(&self, body: &DeletionBody, vkeys: &Vkeys) -> Result<(), Void> {
        if body.sha256.len() > MAX_HASHES {
            return Err(Void::TooMany(body.sha256.len()));
        }
        has_both_keys(body, vkeys)?;
        for sha256 in &body.sha256 {
            match self.named.get(sha256) {
                Some(Named {
                    other: Some(kind), ..
                }) => {
                    return Err(Void::NotOnlyMedium {
                        sha256: *sha256,
                        kind,
                    });
                }
                Some(Named {
                    medium: true,
                    other: None,
                }) => {}
                _ => return Err(Void::NoMedium(*sha256)),
            }
            if let Some(hold) = self.held(sha256) {
                return Err(Void::Held {
                    sha256: *sha256,
                    hold: hold.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// The legal hold that these bytes are under.
    #[must_use]
    pub fn held(&self, sha256: &Sha256) -> Option<&str> {
        let holds = |hold: &Hold| match &hold.scope {
            _ if !hold.standing => false,
            Scope::Everything => true,
            Scope::Blobs(hashes) => hashes.contains(sha256),
        };
        self.holds
            .iter()
            .find(|(_, hold)| holds(hold))
            .map(|(name, _)| name.as_str())
    }

    /// The tombstone that must stand in the place of these bytes, if a deletion holds.
    #[must_use]
    pub fn deleted(&self, sha256: &Sha256) -> Option<Tombstone> {
        let deletion = self.deleted.get(sha256)?;
        Some(Tombstone {
            entry: deletion.entry.clone(),
            index: deletion.index,
        })
    }

    /// All bytes that a deletion holds for.
    pub fn deletions(&self) -> impl Iterator<Item = (Sha256, Tombstone)> {
        self.deleted
            .iter()
            .map(|(sha256, Deletion { entry, index })| {
                (
                    *sha256,
                    Tombstone {
                        entry: entry.clone(),
                        index: *index,
                    },
                )
            })
    }

    fn name(&mut self, sha256: Sha256, other: Option<&'static str>) {
        let named = self.named.entry(sha256).or_insert(Named {
            medium: false,
            other: None,
        });
        match other {
            None => named.medium = true,
            Some(kind) => named.other = Some(kind),
        }
    }

    fn hold(&mut self, body: &HoldBody, vkeys: &Vkeys) -> Result<(), Void> {
        if let Scope::Blobs(hashes) = &body.scope
            && hashes.len() > MAX_HASHES
        {
            return Err(Void::TooMany(hashes.len()));
        }
        let text = body.text(vkeys.origin())?;
        if approved(&body.approvals, &text, &body.sending_states, vkeys)?.is_empty() {
            return Err(Void::KeyMissing(format!(
                "{}, or of the other",
                body.sending_states
            )));
        }
        if self.holds.contains_key(&body.hold) {
            return Err(Void::HoldAgain(body.hold.clone()));
        }
        let hold = Hold {
            scope: body.scope.clone(),
            sending: body.sending_states.clone(),
            standing: true,
        };
        self.holds.insert(body.hold.clone(), hold);
        Ok(())
    }

    fn release(&mut self, body: &ReleaseBody, vkeys: &Vkeys) -> Result<(), Void> {
        let text = body.text(vkeys.origin())?;
        let hold = self.holds.get_mut(&body.hold).filter(|hold| hold.standing);
        let hold = hold.ok_or_else(|| Void::NoHold(body.hold.clone()))?;
        both(
            &approved(&body.approvals, &text, &hold.sending, vkeys)?,
            &hold.sending,
        )?;
        hold.standing = false;
        Ok(())
    }
}

/// Whether an officer of each sending state approved a deletion. It says nothing of holds.
///
/// # Errors
/// [`Void`] when an approval is wrong or a key is missing.
pub fn has_both_keys(body: &DeletionBody, vkeys: &Vkeys) -> Result<(), Void> {
    let text = body.text(vkeys.origin())?;
    both(
        &approved(&body.approvals, &text, &body.sending_states, vkeys)?,
        &body.sending_states,
    )
}

/// The states whose officers approved `text`; a wrong approval voids all.
fn approved(
    approvals: &[String],
    text: &str,
    sending: &SendingStates,
    vkeys: &Vkeys,
) -> Result<Vec<String>, Void> {
    let mut states = Vec::new();
    for (approval, number) in approvals.iter().zip(1..) {
        let (officer, _) = check_text(approval, text, vkeys)
            .map_err(|source| Void::Approval { number, source })?;
        if !sending.names().contains(&officer.state) {
            return Err(Void::ThirdState {
                number,
                state: officer.state,
                sending: sending.clone(),
            });
        }
        states.push(officer.state);
    }
    Ok(states)
}

fn both(states: &[String], sending: &SendingStates) -> Result<(), Void> {
    match sending.names().iter().find(|state| !states.contains(state)) {
        Some(missing) => Err(Void::KeyMissing(missing.clone())),
        None => Ok(()),
    }
}

/// What [`finish_deletions`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// Bytes that were removed now.
    pub removed: Vec<Sha256>,
    /// Entries that are void: index and reason.
    pub void: Vec<(u64, Void)>,
}

/// Why deletions could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file could not be removed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Removes what deletions of the log order and is still there. Run after a deletion was appended and
/// whenever a record is opened for writing: it is the same work, so that a crash between is nothing
/// special.
///
/// # Errors
/// When the log cannot be read or a file cannot be removed; what was removed before stays removed, and
/// running it again goes on.
pub fn finish_deletions(
    log: &Log,
    vkeys: &Vkeys,
    blobs: &Blobs,
) -> Result<Finished, RetentionError> {
    let mut retention = Retention::new();
    let mut finished = Finished::default();
    for leaf in log.entries(0).verified() {
        let leaf = leaf?;
        if let Err(void) = retention.take(leaf.index, &leaf.entry()?, vkeys) {
            finished.void.push((leaf.index, void));
        }
    }
    let mut deletions: Vec<(Sha256, Tombstone)> = retention.deletions().collect();
    deletions.sort_unstable_by_key(|(sha256, tombstone)| (tombstone.index, *sha256));
    for (sha256, tombstone) in deletions {
        // A hold that came after the deletion and before the bytes went still saves them.
        if retention.held(&sha256).is_some() {
            continue;
        }
        if let Presence::Present { .. } = blobs.presence(&sha256)? {
            blobs.bury(&sha256, &tombstone)?;
            finished.removed.push(sha256);
        }
    }
    Ok(finished)
}
