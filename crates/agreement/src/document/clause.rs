//! Clauses: who is bound by what, where, from when, by when, and what violates it.

use truceline_domain::{ClauseId, ClauseKind, Observed, PartyId};

use super::fields::{Fields, Place};
use super::term::{self, Term};
use crate::expression::Expression;
use crate::when::Offset;

/// When a clause binds; `None` leaves what the agreement (or the clause before its amendment) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// Binds from here on.
    pub from: Option<Observed>,
    /// To be done before here: the end of the day that the text names.
    pub by: Option<Observed>,
    /// Binds until just before here.
    pub until: Option<Observed>,
}

/// One obligation.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub id: ClauseId,
    /// What it is about.
    pub kind: ClauseKind,
    /// What it asks for, in a sentence.
    pub summary: String,
    /// Who is bound by it.
    pub bound: Vec<PartyId>,
    /// The area it is about, an id of the theatre.
    pub area: Option<String>,
    /// When, as first signed. Ask [`super::Agreement::terms`] for the terms with amendments.
    pub terms: Terms,
    /// What it speaks of beyond what violates it.
    pub applies_if: Option<Expression>,
    /// What violates it.
    pub violated_if: Option<Expression>,
    /// What must have been watched before compliance may be claimed.
    pub coverage: Option<CoverageRule>,
    /// Highest numbers allowed.
    pub ceilings: Vec<Ceiling>,
    /// A corridor's width, metres.
    pub width_m: Option<f64>,
    /// How long it and others last.
    pub term: Option<Term>,
}

/// What must have been watched before a clause may be said to have been complied with.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageRule {
    /// Kinds of observation that would have shown a violation; one of them suffices.
    pub kinds: Vec<String>,
    /// Share of line (or area) × time that was watched, 0 to 1.
    pub min_share: f64,
    /// Longest time unwatched, seconds.
    pub max_gap_s: f64,
}

/// A highest number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// What is counted, e.g. `persons`.
    pub what: String,
    /// How many at most.
    pub at_most: u32,
}

const CLAUSE_KINDS: [(&str, ClauseKind); 11] = [
    ("ceasefire", ClauseKind::Ceasefire),
    ("withdrawal", ClauseKind::Withdrawal),
    ("corridor", ClauseKind::Corridor),
    ("force-ceiling", ClauseKind::ForceCeiling),
    ("no-fly", ClauseKind::NoFly),
    ("no-works", ClauseKind::NoWorks),
    ("observation", ClauseKind::Observation),
    ("term", ClauseKind::Term),
    ("institution", ClauseKind::Institution),
    ("humanitarian", ClauseKind::Humanitarian),
    ("transport", ClauseKind::Transport),
];

/// Kinds of observation that a coverage rule may name.
pub const COVERAGE_KINDS: [&str; 6] =
    ["acoustic", "flash", "report", "seismic", "thermal", "video"];

pub(super) fn read(f: &mut Fields<'_>, offset: Offset) -> Option<Clause> {
    let place = f.place();
    let id = f.required::<ClauseId>("id");
    let kind = f.word("kind", &CLAUSE_KINDS);
    let summary = f.required_text("summary").map(str::to_owned);
    if !f.has("bound") {
        f.error("bound", "no `bound`", "the ids of those it binds");
    }
    let bound = f.list::<PartyId>("bound");
    if bound.as_ref().is_some_and(Vec::is_empty) {
        f.error("bound", "nobody bound", "at least one party");
    }
    let area = f.text("area").map(str::to_owned);
    let terms = terms(f, offset);
    let applies_if = expression(f, "applies_if");
    let violated_if = expression(f, "violated_if");
    let coverage = f.table("coverage", coverage);
    let ceilings = f.tables("ceilings", ceiling);
    let width_m = f.number("width_m", 1.0, 1e6);
    let term = f.table("term", term::read);
    let kind = kind?;
    if kind == ClauseKind::Withdrawal && terms.by.is_none() {
        f.error(
            "by",
            "no `by`",
            "the date by which a withdrawal is complete",
        );
    }
    if kind == ClauseKind::Withdrawal && area.is_none() {
        f.error("area", "no `area`", "the area that is left");
    }
    if kind == ClauseKind::ForceCeiling && ceilings.is_empty() {
        f.error(
            "ceilings",
            "no `ceilings`",
            "ceilings = [ { what = \"…\", at_most = … } ]",
        );
    }
    if kind == ClauseKind::Term && term.is_none() {
        f.error("term", "no `term`", "term = { starts = …, years = …, … }");
    }
    if applies_if.is_some() && violated_if.is_none() {
        f.error(
            "applies_if",
            "`applies_if` alone",
            "`violated_if` beside it",
        );
    }
    if coverage.is_some() && violated_if.is_none() {
        f.error("coverage", "`coverage` alone", "`violated_if` beside it");
    }
    Some(Clause {
        place,
        id: id?,
        kind,
        summary: summary?,
        bound: bound?,
        area,
        terms,
        applies_if,
        violated_if,
        coverage,
        ceilings,
        width_m,
        term,
    })
}

pub(super) fn terms(f: &mut Fields<'_>, offset: Offset) -> Terms {
    let terms = Terms {
        from: f.start("from", offset),
        by: f.end("by", offset),
        until: f.start("until", offset),
    };
    if let (Some(from), Some(by)) = (terms.from, terms.by)
        && by <= from
    {
        f.error("by", format!("by {by}"), format!("a deadline after {from}"));
    }
    if let (Some(from), Some(until)) = (terms.from, terms.until)
        && until <= from
    {
        f.error(
            "until",
            format!("until {until}"),
            format!("a time after {from}"),
        );
    }
    terms
}

fn expression(f: &mut Fields<'_>, key: &'static str) -> Option<Expression> {
    let source = f.text(key)?;
    match Expression::parse(source) {
        Ok(expression) => Some(expression),
        Err(mistakes) => {
            for mistake in mistakes {
                let (line, column) = f.position_within(key, mistake.at);
                f.error(key, format!("{key}: {}", mistake.what), mistake.expected);
                if let Some(fault) = f.faults.last_mut() {
                    fault.line = line;
                    fault.column = Some(column);
                }
            }
            None
        }
    }
}

fn coverage(f: &mut Fields<'_>) -> Option<CoverageRule> {
    let kinds = f.texts("kinds").unwrap_or_default();
    if kinds.is_empty() || kinds.iter().any(|k| !COVERAGE_KINDS.contains(&k.as_str())) {
        let expected = format!("a list of {}", COVERAGE_KINDS.join(", "));
        f.error("kinds", format!("kinds {kinds:?}"), expected);
    }
    for key in ["min_share", "max_gap_min"] {
        if !f.has(key) {
            f.error(
                key,
                format!("no `{key}`"),
                "min_share (0 to 1) and max_gap_min (minutes)",
            );
        }
    }
    Some(CoverageRule {
        kinds,
        min_share: f.number("min_share", 0.0, 1.0)?,
        max_gap_s: f.number("max_gap_min", 0.0, 525_600.0)? * 60.0,
    })
}

fn ceiling(f: &mut Fields<'_>) -> Option<Ceiling> {
    let what = f.required_text("what").map(str::to_owned);
    if !f.has("at_most") {
        f.error("at_most", "no `at_most`", "a whole number");
    }
    let at_most = f.whole("at_most", 0, 10_000_000);
    Some(Ceiling {
        what: what?,
        at_most: at_most?,
    })
}
