//! Areas that are to be left by a day: how far each has come, by what was reported, seen and watched.
//!
//! | status | when |
//! |---|---|
//! | `not-begun` | nothing was reported, and nobody saw the ground empty |
//! | `under-way` | it was reported begun, or somebody was seen there after it was reported left |
//! | `reported-not-verified` | it was reported left, and the ground was not watched enough since |
//! | `left` | the ground was watched enough and nobody was seen, but nobody reported it left |
//! | `verified` | it was reported left, watched enough since, and nobody was seen |
//! | `overdue` | the deadline has passed, and it was neither reported, seen nor verified to be left |
//!
//! *Watched enough* is a share of the area's ground, seen since it was reported left (else since its
//! deadline): what the clause asks for, or [`NEEDED_SHARE`]. *Withdrawn* is never said of ground that
//! nobody watched.

use serde::{Deserialize, Serialize};
use truceline_agreement::Documents;
use truceline_agreement::document::{Agreement, Clause};
use truceline_domain::{ClauseKind, Observed, PartyId};

use crate::{Refusal, Signer, signed_by};

/// The share of an area's ground that must have been seen, where the clause asks for nothing else: nine
/// tenths, since woods and ravines hide the last (our choice).
pub const NEEDED_SHARE: f64 = 0.9;

/// What an entry of type `withdrawal` states: what was reported of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The clause by which it is left.
    pub clause: String,
    /// What is said of it.
    pub says: Says,
    /// When that was so.
    pub at: Observed,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What is said of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// They have begun to leave.
    Begun,
    /// They have left.
    Left,
    /// They are there.
    Present,
}

/// How far an area has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing was reported, and nobody saw it empty.
    NotBegun,
    /// They are leaving, or were seen after they were said to have left.
    UnderWay,
    /// Said to have left, and not watched enough since.
    ReportedNotVerified,
    /// Watched and empty, and nobody said so.
    Left,
    /// Said to have left, watched since, and empty.
    Verified,
    /// The deadline has passed.
    Overdue,
}

/// A deadline, and since when it is the one that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// To be left before then.
    pub by: Observed,
    /// Agreed then; `None` for the first.
    pub agreed: Option<Observed>,
}

/// Somebody was seen in an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// When.
    pub at: Observed,
    /// What: the kind of observation or event.
    pub what: String,
    /// The observation or event.
    pub id: String,
}

/// What is known of an area's ground, by whoever holds the store.
pub trait Ground {
    /// Who was seen in an area from an instant until another: vehicles and people in video, events that
    /// are attributed to one of `bound`.
    fn seen(&self, area: &str, bound: &[PartyId], from: Observed, until: Observed) -> Vec<Seen>;
    /// Share of an area's ground that was seen at least once from an instant until another, 0 to 1.
    fn watched_share(&self, area: &str, from: Observed, until: Observed) -> f64;
}

/// One area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Withdrawal {
    /// The agreement.
    pub agreement: String,
    /// The clause.
    pub clause: String,
    /// The area, an id of the theatre.
    pub area: String,
    /// Who leaves.
    pub bound: Vec<PartyId>,
    /// All deadlines, the first and those that were agreed later; the last one counts.
    pub deadlines: Vec<Deadline>,
    /// How far it has come.
    pub state: State,
    /// Whether the deadline that counts has passed.
    pub deadline_passed: bool,
    /// Share of the ground that was seen since it was to be, or was reported, left.
    pub watched_share: Option<f64>,
    /// The share that is needed.
    pub needed_share: f64,
    /// Who was seen there since, the last ten.
    pub seen: Vec<Seen>,
    /// What was reported, in order of time.
    pub reports: Vec<Reported>,
}

/// A report, by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// Its entry.
    pub entry: u64,
    /// What it says.
    #[serde(flatten)]
    pub report: Report,
    /// Who signed it.
    pub by: Vec<Signer>,
}

/// What was reported, in the record's order.
#[derive(Debug, Clone, Default)]
pub struct Reports(Vec<Reported>);

impl Reports {
    /// Takes a report that officers of the sending states signed.
    ///
    /// # Errors
    /// [`Refusal`] when there is no such clause, a stranger signed, or it is of the time to come.
    pub fn take(
        &mut self,
        entry: u64,
        recorded: Observed,
        report: &Report,
        signers: &[Signer],
        sending: &[PartyId],
        documents: &Documents,
    ) -> Result<(), Refusal> {
        if !sending.iter().any(|state| signed_by(signers, state)) {
            let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
            let what = format!("signed by {}", who.join(", "));
            return Err(Refusal::new(what, "an officer of a sending state"));
        }
        if report.at > recorded {
            let what = format!("a report of {}, which is to come", report.at);
            return Err(Refusal::new(what, "a time that has been"));
        }
        let clauses = documents.agreements.iter().flat_map(|a| &a.clauses);
        let mut withdrawals = clauses.filter(|c| c.kind == ClauseKind::Withdrawal);
        if !withdrawals.clone().any(|c| c.id.as_str() == report.clause) {
            let known: Vec<_> = withdrawals.by_ref().map(|c| c.id.as_str()).collect();
            let what = format!("no withdrawal {:?}", report.clause);
            return Err(Refusal::new(what, format!("one of {}", known.join(", "))));
        }
        self.0.push(Reported {
            entry,
            report: report.clone(),
            by: signers.to_vec(),
        });
        Ok(())
    }

    /// How far each area has come at an instant, in the order of the agreements.
    #[must_use]
    pub fn at(&self, at: Observed, documents: &Documents, ground: &dyn Ground) -> Vec<Withdrawal> {
        let mut all = Vec::new();
        for agreement in documents.agreements_at(at) {
            let clauses = agreement.clauses.iter();
            for clause in clauses.filter(|c| c.kind == ClauseKind::Withdrawal) {
                all.extend(self.of(at, agreement, clause, ground));
            }
        }
        all
    }

    fn of(
        &self,
        at: Observed,
        agreement: &Agreement,
        clause: &Clause,
        ground: &dyn Ground,
    ) -> Option<Withdrawal> {
        let area = clause.area.clone()?;
        let deadlines = deadlines(at, agreement, clause);
        let deadline = deadlines.last()?.by;
        let mut reports: Vec<Reported> = self
            .0
            .iter()
            .filter(|r| r.report.clause == clause.id.as_str() && r.report.at <= at)
            .cloned()
            .collect();
        reports.sort_by_key(|r| (r.report.at, r.entry));
        let last = |says| {
            reports
                .iter()
                .rfind(|r| r.report.says == says)
                .map(|r| r.report.at)
        };
        let present = last(Says::Present);
        // Said to have left, and not said to be there since.
        let left = last(Says::Left).filter(|left| present.is_none_or(|p| p < *left));
        let since = left.unwrap_or(deadline);
        let needed_share = clause
            .coverage
            .as_ref()
            .map_or(NEEDED_SHARE, |c| c.min_share);
        let (mut seen, mut watched) = (Vec::new(), None);
        if since <= at {
            seen = ground.seen(&area, &clause.bound, since, at);
            watched = Some(ground.watched_share(&area, since, at));
        }
        let is_watched = watched.is_some_and(|share| share >= needed_share);
        let passed = deadline <= at;
        let begun = !reports.is_empty();
        let state = match (left, is_watched, seen.is_empty()) {
            (Some(_), true, true) => State::Verified,
            (Some(_), false, true) => State::ReportedNotVerified,
            (None, true, true) if present.is_none_or(|p| p < since) => State::Left,
            _ if passed => State::Overdue,
            _ if begun => State::UnderWay,
            _ => State::NotBegun,
        };
        let skip = seen.len().saturating_sub(10);
        Some(Withdrawal {
            agreement: agreement.id.clone(),
            clause: clause.id.to_string(),
            area,
            bound: clause.bound.clone(),
            deadlines,
            state,
            deadline_passed: passed,
            watched_share: watched,
            needed_share,
            seen: seen.split_off(skip),
            reports,
        })
    }
}

/// The first deadline, and those that were agreed by an instant.
fn deadlines(at: Observed, agreement: &Agreement, clause: &Clause) -> Vec<Deadline> {
    let mut all = Vec::new();
    if let Some(by) = clause.terms.by {
        all.push(Deadline { by, agreed: None });
    }
    let moved = agreement
        .amendments
        .iter()
        .filter(|a| a.clause == clause.id);
    let mut moved: Vec<_> = moved
        .filter(|a| a.agreed <= at)
        .filter_map(|a| Some((a.agreed, a.terms.by?)))
        .collect();
    moved.sort();
    all.extend(moved.into_iter().map(|(agreed, by)| Deadline {
        by,
        agreed: Some(agreed),
    }));
    all
}
