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

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_agreement::document::Procedures;
use truceline_agreement::when::Validity;
use truceline_domain::{Observed, PartyId, Sha256};

use crate::{Refusal, Signer, signed_by};

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

fn names(states: &[PartyId]) -> String {
    let all: Vec<_> = states.iter().map(PartyId::as_str).collect();
    all.join(" and ")
}

fn said(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() || text.len() > 4096 {
        return Err(Refusal::new(
            "no reason given",
            "a reason of at most 4,096 bytes",
        ));
    }
    Ok(())
}

fn in_state(version: &Version, fits: bool, step: &str, expected: &str) -> Result<(), Refusal> {
    if fits {
        return Ok(());
    }
    let what = format!(
        "cannot {step}: version {} is {}",
        version.version, version.state
    );
    Err(Refusal::new(what, expected))
}

fn a_sending_state(parties: &Parties, signers: &[Signer]) -> Result<(), Refusal> {
    if parties
        .sending
        .iter()
        .any(|state| signed_by(signers, state))
    {
        return Ok(());
    }
    let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
    let what = format!("signed by {}", who.join(", "));
    Err(Refusal::new(
        what,
        format!("an officer of {}", names(&parties.sending)),
    ))
}

fn both(parties: &Parties, signers: &[Signer]) -> Result<(), Refusal> {
    match parties
        .sending
        .iter()
        .find(|state| !signed_by(signers, state))
    {
        None => Ok(()),
        Some(missing) => {
            let expected = format!(
                "{} together, or the host {}",
                names(&parties.sending),
                parties.host
            );
            Err(Refusal::new(format!("no key of {missing}"), expected))
        }
    }
}

/// The host decides, on what was submitted.
fn decides(
    version: &Version,
    parties: &Parties,
    signers: &[Signer],
    step: &str,
) -> Result<(), Refusal> {
    if !signed_by(signers, &parties.host) {
        let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
        let expected = format!("an official of the host, {}", parties.host);
        return Err(Refusal::new(
            format!("signed by {}", who.join(", ")),
            expected,
        ));
    }
    let submitted = matches!(version.state, State::Submitted);
    in_state(
        version,
        submitted,
        step,
        "procedures that were submitted to the host",
    )
}

fn agree(version: &mut Version, parties: &Parties, signers: &[Signer]) -> Result<(), Refusal> {
    let open = matches!(version.state, State::Draft | State::HalfAgreed { .. });
    in_state(version, open, "agree", "a draft")?;
    a_sending_state(parties, signers)?;
    if let Some(host) = signers.iter().find(|s| s.state == parties.host) {
        return Err(Refusal::new(
            format!("signed by {host}"),
            "the two sending states alone: the host decides after them",
        ));
    }
    for signer in signers {
        if version.agreed.contains(&signer.state) {
            let what = format!("{} has agreed already", signer.state);
            return Err(Refusal::new(what, "the other sending state"));
        }
        version.agreed.push(signer.state.clone());
    }
    version.state = match (version.agreed.as_slice(), version.approved_from) {
        ([one], _) => State::HalfAgreed { by: one.clone() },
        // The host had approved this very text when it changed the one before.
        (_, Some(from)) => State::Approved {
            from: from.max(version.from),
        },
        _ => State::Agreed,
    };
    Ok(())
}

fn approve(version: &mut Version, from: Observed) {
    version.approved_from = Some(from);
    version.state = State::Approved {
        from: from.max(version.from),
    };
}

fn resume(
    version: &mut Version,
    parties: &Parties,
    signers: &[Signer],
    at: Observed,
) -> Result<(), Refusal> {
    let suspended = matches!(version.state, State::Suspended { .. });
    in_state(version, suspended, "resume", "suspended procedures")?;
    let own_from = version.from;
    let Some(pause) = version.pauses.last_mut() else {
        return Err(Refusal::new("nothing suspended", "suspended procedures"));
    };
    if !pause.by_host {
        both(parties, signers)?;
    } else if !signed_by(signers, &parties.host) {
        let what = "resumed by others than the host, who suspended it";
        return Err(Refusal::new(
            what,
            format!("an official of {}", parties.host),
        ));
    }
    pause.until = Some(at);
    version.state = State::Approved {
        from: version
            .approved_from
            .map_or(own_from, |from| from.max(own_from)),
    };
    Ok(())
}
