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

mod deeds;
mod finish;

use std::collections::{BTreeMap, HashMap};

use truceline_domain::{EntryId, Sha256};

use crate::blob::Tombstone;
use crate::bodies::{
    ATTACHMENT, AttachmentBody, BATCH, BatchBody, DOCUMENT, DocumentBody, QUARANTINE,
    QuarantineBody, SEGMENT, STILL, SegmentBody, StillBody,
};
use crate::deed::REPORT;
use crate::entry::{Entry, EntryError};
use crate::report::named_by_report;
use crate::signature::{FINDING, FindingBody, SendingStates, check_text};
use crate::vkeys::Vkeys;

pub use deeds::{
    DELETION, DeletionBody, HOLD, HoldBody, MAX_HASHES, RELEASE, ReleaseBody, Scope, Void, approve,
};
pub use finish::{Finished, RetentionError, finish_deletions};

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
