//! The working procedures on their way: drafted by two, decided by the host.
//!
//! ```text
//! draft ─▶ agreed by both ─▶ submitted ─▶ approved ─▶ in force from a date ─▶ superseded
//!            ▲                  │  │                        ▲      │
//!            │    returned ◀────┘  │                        │      ▼
//!            └── the host's changed text ◀┘ (agreed by both again) suspended
//! ```
//!
//! Each step is signed by who may take it, over the very text's SHA-256. A step by another, over
//! another text or out of order is refused, and changes nothing. Who the two states and the host are is
//! what the first procedures of the record say; a later draft that names others cannot be agreed.
//!
//! In force from the later of the date in the text, which all three signed, and the date that the host
//! gave. A suspension begins and ends when its entry is recorded: nobody undoes what was determined.

mod rules;
mod step;

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_agreement::document::Procedures;
use truceline_agreement::when::Validity;
use truceline_domain::{Observed, PartyId, Sha256};

use self::rules::{a_sending_state, agree, approve, both, decides, in_state, names, resume, said};
use crate::{Refusal, Signer, signed_by};

pub use step::{State, Statement, Step};

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Its entry in the record.
    pub entry: u64,
    /// When it was recorded.
    pub at: Observed,
    /// Which.
    pub step: Step,
    /// By whom.
    pub by: Vec<Signer>,
}

/// One version with its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its number.
    pub version: u32,
    /// The hash of its text.
    pub text_sha256: Sha256,
    /// What people call it.
    pub title: String,
    /// Where it is on its way.
    #[serde(flatten)]
    pub state: State,
    /// The steps, in order.
    pub steps: Vec<Taken>,
    #[serde(skip)]
    from: Observed,
    #[serde(skip)]
    until: Option<Observed>,
    #[serde(skip)]
    parties: Parties,
    #[serde(skip)]
    agreed: Vec<PartyId>,
    /// The host approved it before the two agreed: it is the host's own change.
    #[serde(skip)]
    approved_from: Option<Observed>,
    #[serde(skip)]
    pauses: Vec<Pause>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parties {
    sending: Vec<PartyId>,
    host: PartyId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pause {
    from: Observed,
    until: Option<Observed>,
    by_host: bool,
}

/// All versions of a record, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modalities {
    versions: BTreeMap<u32, Version>,
    parties: Option<Parties>,
}

impl Modalities {
    /// A text has entered the record: a draft until more is said of it. The first one names the states.
    pub fn enter(&mut self, procedures: &Procedures) {
        let mut sending: Vec<PartyId> = procedures
            .sending_states
            .iter()
            .map(|s| s.id.clone())
            .collect();
        sending.sort();
        let parties = Parties {
            sending,
            host: procedures.host.id.clone(),
        };
        self.parties.get_or_insert_with(|| parties.clone());
        self.versions.entry(procedures.version).or_insert(Version {
            version: procedures.version,
            text_sha256: procedures.text_sha256,
            title: procedures.title.clone(),
            state: State::Draft,
            steps: Vec::new(),
            from: procedures.from,
            until: procedures.until,
            parties,
            agreed: Vec::new(),
            approved_from: None,
            pauses: Vec::new(),
        });
    }

    /// The versions, in order.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.versions.values()
    }

    /// Takes a step that `signers` signed, recorded as `entry` at `at`.
    ///
    /// # Errors
    /// [`Refusal`] when there is no such text, the wrong ones signed, or it is out of order. Nothing is
    /// changed then.
    pub fn take(
        &mut self,
        entry: u64,
        at: Observed,
        statement: &Statement,
        signers: &[Signer],
    ) -> Result<(), Refusal> {
        let mut version = self
            .known(statement.version, statement.text_sha256)?
            .clone();
        let parties = self.parties.clone().unwrap_or(version.parties.clone());
        if version.parties != parties {
            let what = format!(
                "version {} names other states or another host",
                version.version
            );
            let expected = format!("{} and the host {}", names(&parties.sending), parties.host);
            return Err(Refusal::new(what, expected));
        }
        if let Some(stranger) = signers
            .iter()
            .find(|s| s.state != parties.host && !parties.sending.contains(&s.state))
        {
            let expected = format!("{} or the host {}", names(&parties.sending), parties.host);
            return Err(Refusal::new(format!("signed by {stranger}"), expected));
        }
        let mut changed = None;
        match &statement.step {
            Step::Draft => {
                in_state(
                    &version,
                    matches!(version.state, State::Draft),
                    "draft",
                    "a draft",
                )?;
                a_sending_state(&parties, signers)?;
            }
            Step::Agree => agree(&mut version, &parties, signers)?,
            Step::Submit => {
                let agreed = matches!(version.state, State::Agreed);
                in_state(
                    &version,
                    agreed,
                    "submit",
                    "what both sending states have agreed",
                )?;
                a_sending_state(&parties, signers)?;
                version.state = State::Submitted;
            }
            Step::Approve { from, .. } => {
                decides(&version, &parties, signers, "approve")?;
                self.after_those_in_force(version.version, version.from.max(*from))?;
                approve(&mut version, *from);
            }
            Step::Return { remarks } => {
                decides(&version, &parties, signers, "return")?;
                said(remarks)?;
                version.state = State::Returned {
                    remarks: remarks.clone(),
                };
            }
            Step::ApproveWithChanges {
                from,
                remarks,
                changed_version,
                changed_sha256,
            } => {
                decides(&version, &parties, signers, "approve")?;
                said(remarks)?;
                let mut other = self.known(*changed_version, *changed_sha256)?.clone();
                if other.version == version.version || other.state != State::Draft {
                    let what = format!("version {changed_version} as the changed text");
                    return Err(Refusal::new(what, "a text that nobody has agreed to yet"));
                }
                if other.parties != parties {
                    let what = format!("version {changed_version} names other states");
                    return Err(Refusal::new(what, "the same states and host"));
                }
                self.after_those_in_force(other.version, other.from.max(*from))?;
                other.approved_from = Some(*from);
                version.state = State::Changed {
                    version: *changed_version,
                };
                changed = Some(other);
            }
            Step::Suspend { why } => {
                let approved = matches!(version.state, State::Approved { .. });
                in_state(&version, approved, "suspend", "approved procedures")?;
                said(why)?;
                let by_host = signed_by(signers, &parties.host);
                if !by_host {
                    both(&parties, signers)?;
                }
                version.pauses.push(Pause {
                    from: at,
                    until: None,
                    by_host,
                });
                version.state = State::Suspended { why: why.clone() };
            }
            Step::Resume { why } => {
                said(why)?;
                resume(&mut version, &parties, signers, at)?;
            }
        }
        let taken = Taken {
            entry,
            at,
            step: statement.step.clone(),
            by: signers.to_vec(),
        };
        version.steps.push(taken);
        self.versions.insert(version.version, version);
        if let Some(changed) = changed {
            self.versions.insert(changed.version, changed);
        }
        Ok(())
    }

    fn known(&self, version: u32, text_sha256: Sha256) -> Result<&Version, Refusal> {
        let known = self.versions.get(&version).ok_or_else(|| {
            let all: Vec<_> = self.versions.keys().map(u32::to_string).collect();
            let what = format!("no version {version} of the procedures");
            Refusal::new(what, format!("one of {}", all.join(", ")))
        })?;
        if known.text_sha256 != text_sha256 {
            let what = format!("version {version} with another text, {text_sha256}");
            return Err(Refusal::new(what, known.text_sha256.to_string()));
        }
        Ok(known)
    }

    /// A later version begins after the earlier ones, and an earlier one before the later.
    fn after_those_in_force(&self, version: u32, from: Observed) -> Result<(), Refusal> {
        for other in self.versions.values() {
            let Some(theirs) = other.in_force_from() else {
                continue;
            };
            let fits = if other.version < version {
                theirs < from
            } else {
                other.version == version
            };
            if !fits {
                let what = format!("version {version} from {from}");
                let expected = format!(
                    "a later version and time than version {}, {theirs}",
                    other.version
                );
                return Err(Refusal::new(what, expected));
            }
        }
        Ok(())
    }

    /// When a version is in force, were it the only one.
    #[must_use]
    pub fn spans(&self, version: u32, text_sha256: Sha256) -> Vec<Validity> {
        self.known(version, text_sha256)
            .map(Version::spans)
            .unwrap_or_default()
    }

    /// The version in force at an instant: of those that have begun the latest, if it is not
    /// suspended or over.
    #[must_use]
    pub fn in_force(&self, at: Observed) -> Option<&Version> {
        let begun = |v: &&Version| v.in_force_from().is_some_and(|from| from <= at);
        let latest = self.versions.values().rfind(begun)?;
        latest
            .spans()
            .iter()
            .any(|span| span.holds_at(at))
            .then_some(latest)
    }

    /// Why no procedures are in force at an instant; `None` when some are.
    #[must_use]
    pub fn why_not(&self, at: Observed) -> Option<String> {
        if self.in_force(at).is_some() {
            return None;
        }
        let Some(last) = self.versions.values().next_back() else {
            return Some("no procedures are in force: the record holds none".to_owned());
        };
        let over = last
            .until
            .filter(|until| *until <= at && last.in_force_from().is_some());
        let state = match over {
            Some(until) => format!("over since {until}"),
            None => last.state.to_string(),
        };
        Some(format!(
            "no procedures are in force: version {} is {state}",
            last.version
        ))
    }
}

impl Version {
    /// The instant from which it is in force; `None` before it is approved and agreed.
    #[must_use]
    pub fn in_force_from(&self) -> Option<Observed> {
        match self.state {
            State::Approved { from } => Some(from),
            State::Suspended { .. } => self.approved_from.map(|from| from.max(self.from)),
            _ => None,
        }
    }

    /// How it stands at an instant: `draft`, …, `in-force`, `superseded` when another is.
    #[must_use]
    pub fn standing_at(&self, at: Observed, all: &Modalities) -> String {
        let Some(from) = self.in_force_from() else {
            return self.state.to_string();
        };
        match all.in_force(at) {
            Some(now) if now.version == self.version => format!("in force from {from}"),
            Some(now) if now.version > self.version => {
                format!("superseded by version {}", now.version)
            }
            _ => self.state.to_string(),
        }
    }

    fn spans(&self) -> Vec<Validity> {
        let Some(from) = self.in_force_from() else {
            return Vec::new();
        };
        let mut spans = Vec::new();
        let mut start = Some(from);
        for pause in &self.pauses {
            if let Some(begun) = start.filter(|begun| *begun < pause.from) {
                spans.push(Validity {
                    from: Some(begun),
                    until: Some(self.until.map_or(pause.from, |u| u.min(pause.from))),
                });
            }
            start = pause.until.map(|until| until.max(from));
        }
        if let Some(begun) = start {
            spans.push(Validity {
                from: Some(begun),
                until: self.until,
            });
        }
        spans.retain(|s| {
            s.until
                .is_none_or(|until| s.from.is_some_and(|from| from < until))
        });
        spans
    }
}
