//! How findings stand, from the entries alone.
//!
//! The rules:
//! 1. A finding is *determined* when an officer of each of the two sending states named by the
//!    procedures it was judged under has signed `determined` over its hash. Two signatures of one
//!    state are one key.
//! 2. An officer's first decision on a finding stands; a second one is kept and told, and changes
//!    nothing. Whoever thinks otherwise later puts a superseding finding.
//! 3. A dissent is kept beside, whatever else is decided. It does not undo the other state's key,
//!    and one state's dissent does not undo its own other officer's key.
//! 4. A finding that is not determined is superseded by the entry of its successor. A determined one
//!    is superseded only when its successor is determined: two keys are undone by two keys alone.
//! 5. What comes after supersession does not count.
//!
//! Whatever does not count stays visible as a [`Setback`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_domain::{FindingId, Sha256};

use super::{
    Decision, FINDING, FindingBody, Method, NotAnOfficersWord, Officer, SIGNATURE, SignatureBody,
    check,
};
use crate::entry::Entry;
use crate::people::{self, People, Unheeded};
use crate::vkeys::Vkeys;

/// The two states whose keys decide, in order of their names. In JSON an array of two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "[String; 2]", into = "[String; 2]")]
pub struct SendingStates([String; 2]);

impl SendingStates {
    /// Two different states, in any order.
    ///
    /// # Errors
    /// When they are the same or one has no name.
    pub fn new(a: &str, b: &str) -> Result<Self, NotTwoStates> {
        let mut states = [a.to_owned(), b.to_owned()];
        states.sort_unstable();
        let [first, second] = &states;
        if first.is_empty() || first == second {
            return Err(NotTwoStates {
                a: a.to_owned(),
                b: b.to_owned(),
            });
        }
        Ok(Self(states))
    }

    /// Their names, as officers' keys have them.
    #[must_use]
    pub fn names(&self) -> &[String; 2] {
        &self.0
    }
}

impl std::fmt::Display for SendingStates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [first, second] = &self.0;
        write!(f, "{first} and {second}")
    }
}

impl TryFrom<[String; 2]> for SendingStates {
    type Error = NotTwoStates;
    fn try_from([a, b]: [String; 2]) -> Result<Self, NotTwoStates> {
        let states = Self::new(&a, &b)?;
        // One form only, so that entries that say the same are the same.
        if states.0 == [a.as_str(), b.as_str()] {
            Ok(states)
        } else {
            Err(NotTwoStates { a, b })
        }
    }
}

impl From<SendingStates> for [String; 2] {
    fn from(states: SendingStates) -> Self {
        states.0
    }
}

/// Not the names of two states.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{a:?} and {b:?} are not the names of two different states in order")]
pub struct NotTwoStates {
    a: String,
    b: String,
}

/// How a finding stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// Nobody has signed or dissented.
    Open,
    /// One sending state has signed.
    HalfSigned {
        /// Which.
        by: String,
    },
    /// Both sending states have signed.
    Determined {
        /// The officers whose keys made it so, one of each state.
        by: Vec<Officer>,
    },
    /// Not determined, and at least one officer dissents.
    Dissented {
        /// The officers who dissent.
        by: Vec<Officer>,
    },
    /// Another finding has taken its place.
    Superseded {
        /// Which.
        by: FindingId,
    },
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |by: &[Officer]| {
            by.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::Open => f.write_str("open"),
            Self::HalfSigned { by } => write!(f, "half-signed, by {by}"),
            Self::Determined { by } => write!(f, "determined, by {}", names(by)),
            Self::Dissented { by } => write!(f, "dissented, by {}", names(by)),
            Self::Superseded { by } => write!(f, "superseded by {by}"),
        }
    }
}

/// A decision that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The entry.
    pub index: u64,
    /// Who.
    pub officer: Officer,
    /// What.
    pub decision: Decision,
    /// Why, with a dissent.
    pub reason: Option<String>,
    /// How it was signed.
    pub method: Method,
}

/// An entry about a finding that does not count, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Setback {
    /// The body has not the form of its type.
    #[error("{0}")]
    Body(String),
    /// It is about a person, and does not count.
    #[error(transparent)]
    Person(#[from] Unheeded),
    /// The note is not an officer's word over what the entry says.
    #[error("signature on {finding}: {source}")]
    Signature {
        /// The finding.
        finding: FindingId,
        /// Why.
        source: NotAnOfficersWord,
    },
    /// A finding of this name was recorded before.
    #[error("finding {id} was recorded before by entry {before}{}", if *same { ", with the same bytes" } else { " with other bytes: a finding is superseded, never edited" })]
    Again {
        /// The finding.
        id: FindingId,
        /// The first entry.
        before: u64,
        /// Whether the bytes are the same.
        same: bool,
    },
    /// It supersedes a finding that is not in the log before it, or itself.
    #[error("finding {id} supersedes {supersedes}, which is not recorded before it")]
    SupersedesUnknown {
        /// The finding.
        id: FindingId,
        /// What it would supersede.
        supersedes: FindingId,
    },
    /// It supersedes a finding that already has a successor.
    #[error("finding {id} supersedes {supersedes}, whose successor is already {successor}")]
    SupersededTwice {
        /// The finding.
        id: FindingId,
        /// What it would supersede.
        supersedes: FindingId,
        /// The first successor.
        successor: FindingId,
    },
    /// There is no such finding before the signature.
    #[error("signature on {finding}, which is not recorded before it")]
    UnknownFinding {
        /// The finding.
        finding: FindingId,
    },
    /// The signature is over other bytes.
    #[error("signature on {finding} over the hash {signed}, its entry has {recorded}")]
    OtherBytes {
        /// The finding.
        finding: FindingId,
        /// The hash signed.
        signed: Sha256,
        /// The hash in the finding's entry.
        recorded: Sha256,
    },
    /// The finding was superseded before.
    #[error("signature on {finding} after it was superseded by {by}")]
    AfterSupersession {
        /// The finding.
        finding: FindingId,
        /// By which.
        by: FindingId,
    },
    /// The state is not one of the two.
    #[error("signature on {finding} by an officer of {state}, the sending states are {sending}")]
    NotASendingState {
        /// The finding.
        finding: FindingId,
        /// The officer's state.
        state: String,
        /// The two.
        sending: SendingStates,
    },
    /// No procedures were in force, so nobody can decide.
    #[error("signature on {finding}, which was judged without procedures in force")]
    NoProcedures {
        /// The finding.
        finding: FindingId,
    },
    /// The officer decided before.
    #[error(
        "{officer} had already said {first} on {finding} by entry {before}; the first decision stands"
    )]
    DecidedBefore {
        /// The finding.
        finding: FindingId,
        /// The person.
        officer: String,
        /// The first decision.
        first: Decision,
        /// Its entry.
        before: u64,
    },
}

impl Setback {
    /// Whether an honest officer and honest software can cause it; otherwise it is a fault.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(
            self,
            Self::Again { same: true, .. }
                | Self::AfterSupersession { .. }
                | Self::DecidedBefore { .. }
        )
    }
}

/// One finding with what was decided on it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The finding's entry.
    pub index: u64,
    /// Its body.
    pub body: FindingBody,
    /// The decisions that count, in the log's order.
    pub decisions: Vec<Counted>,
    /// The first finding that says it takes this one's place.
    pub successor: Option<FindingId>,
    superseded: bool,
}

impl Case {
    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        if let (true, Some(by)) = (self.superseded, &self.successor) {
            return Standing::Superseded { by: by.clone() };
        }
        let keys = self.keys();
        let dissents = self.by(Decision::Dissent);
        match keys.as_slice() {
            [_, _] => Standing::Determined { by: keys },
            _ if !dissents.is_empty() => Standing::Dissented { by: dissents },
            [one] => Standing::HalfSigned {
                by: one.state.clone(),
            },
            _ => Standing::Open,
        }
    }

    /// The officers who dissent, beside whatever it stands at.
    #[must_use]
    pub fn dissents(&self) -> Vec<Officer> {
        self.by(Decision::Dissent)
    }

    fn by(&self, decision: Decision) -> Vec<Officer> {
        let said = |c: &&Counted| c.decision == decision;
        self.decisions
            .iter()
            .filter(said)
            .map(|c| c.officer.clone())
            .collect()
    }

    /// The first officer of each sending state who signed `determined`.
    fn keys(&self) -> Vec<Officer> {
        let signed = self.by(Decision::Determined);
        let states = self.body.sending_states.names();
        states
            .iter()
            .filter_map(|s| signed.iter().find(|o| o.state == *s).cloned())
            .collect()
    }

    fn is_determined(&self) -> bool {
        self.keys().len() == 2
    }
}

/// The findings of a log and the persons who decide on them, entry by entry.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    cases: BTreeMap<FindingId, Case>,
    people: People,
}

impl Desk {
    /// A desk with nothing on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next entry of the log; entries about other things are passed over.
    ///
    /// # Errors
    /// [`Setback`] when the entry does not count. The desk goes on.
    pub fn take(&mut self, index: u64, entry: &Entry, vkeys: &Vkeys) -> Result<(), Setback> {
        let malformed = |e: crate::entry::EntryError| Setback::Body(e.to_string());
        match entry.kind.as_str() {
            FINDING => self.put(index, entry.body_as().map_err(malformed)?),
            SIGNATURE => self.decide(index, &entry.body_as().map_err(malformed)?, vkeys),
            kind if people::KINDS.contains(&kind) => Ok(self.people.take(entry, vkeys)?),
            _ => Ok(()),
        }
    }

    /// The findings by name.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// One finding.
    #[must_use]
    pub fn case(&self, id: &FindingId) -> Option<&Case> {
        self.cases.get(id)
    }

    /// The persons of the centre.
    #[must_use]
    pub fn people(&self) -> &People {
        &self.people
    }

    fn put(&mut self, index: u64, body: FindingBody) -> Result<(), Setback> {
        if let Some(before) = self.cases.get(&body.id) {
            let same = before.body == body;
            return Err(Setback::Again {
                id: body.id,
                before: before.index,
                same,
            });
        }
        let id = body.id.clone();
        let supersedes = body.supersedes.clone();
        let case = Case {
            index,
            body,
            decisions: Vec::new(),
            successor: None,
            superseded: false,
        };
        self.cases.insert(id.clone(), case);
        let Some(supersedes) = supersedes else {
            return Ok(());
        };
        match self.cases.get_mut(&supersedes) {
            Some(old) if supersedes != id => match &old.successor {
                Some(successor) => {
                    let successor = successor.clone();
                    Err(Setback::SupersededTwice {
                        id,
                        supersedes,
                        successor,
                    })
                }
                None => {
                    old.successor = Some(id);
                    old.superseded = !old.is_determined();
                    Ok(())
                }
            },
            _ => Err(Setback::SupersedesUnknown { id, supersedes }),
        }
    }

    fn decide(&mut self, index: u64, body: &SignatureBody, vkeys: &Vkeys) -> Result<(), Setback> {
        let finding = body.finding.clone();
        let officer = check(body, vkeys, &self.people).map_err(|source| Setback::Signature {
            finding: finding.clone(),
            source,
        })?;
        let Some(case) = self.cases.get_mut(&finding) else {
            return Err(Setback::UnknownFinding { finding });
        };
        if case.body.sha256 != body.sha256 {
            let recorded = case.body.sha256;
            return Err(Setback::OtherBytes {
                finding,
                signed: body.sha256,
                recorded,
            });
        }
        if let Standing::Superseded { by } = case.standing() {
            return Err(Setback::AfterSupersession { finding, by });
        }
        if case.body.procedures_sha256.is_none() {
            return Err(Setback::NoProcedures { finding });
        }
        if !case.body.sending_states.names().contains(&officer.state) {
            let sending = case.body.sending_states.clone();
            return Err(Setback::NotASendingState {
                finding,
                state: officer.state,
                sending,
            });
        }
        if let Some(first) = case.decisions.iter().find(|c| c.officer == officer) {
            let Counted {
                decision: first,
                index: before,
                ..
            } = *first;
            return Err(Setback::DecidedBefore {
                finding,
                officer: officer.person,
                first,
                before,
            });
        }
        let (decision, reason) = (body.decision, body.reason.clone());
        case.decisions.push(Counted {
            index,
            officer,
            decision,
            reason,
            method: body.method,
        });
        if case.is_determined() {
            self.take_the_place_of(&finding);
        }
        Ok(())
    }

    /// `finding` is determined: a determined finding that it supersedes gives way now.
    fn take_the_place_of(&mut self, finding: &FindingId) {
        let older = self
            .cases
            .get(finding)
            .and_then(|case| case.body.supersedes.clone());
        let older = older.and_then(|older| self.cases.get_mut(&older));
        if let Some(older) = older.filter(|older| older.successor.as_ref() == Some(finding)) {
            older.superseded = true;
        }
    }
}
