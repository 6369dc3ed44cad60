//! Agreements and memoranda: who is bound by what, from when, until when, and what violates it.

use jiff::civil::Date;
use truceline_domain::{ClauseId, ClauseKind, Observed, PartyId, Sha256, TheatreId};

use super::fields::{Fields, Place};
use crate::expression::Expression;
use crate::when::{self, Offset, Validity};

/// What kind of text it is. Both are read alike; they differ in whom they bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgreementKind {
    /// Between the parties of a ceasefire.
    Agreement,
    /// Between the sending states of a centre.
    Memorandum,
}

/// One who signs or is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// The id that clauses use.
    pub id: PartyId,
    /// The name that people use.
    pub name: String,
}

/// One version of an agreement or memorandum.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Where its header stands.
    pub place: Place,
    /// SHA-256 of the file it was read from.
    pub sha256: Sha256,
    /// Agreement or memorandum.
    pub kind: AgreementKind,
    /// The same for all versions.
    pub id: String,
    /// The theatre it is about.
    pub theatre: TheatreId,
    /// What people call it.
    pub title: String,
    /// From 1.
    pub version: u32,
    /// The date of signature.
    pub signed: Date,
    /// The offset in which its dates are meant.
    pub offset: Offset,
    /// In force from here on.
    pub from: Observed,
    /// Not in force from here on, when it says so.
    pub until: Option<Observed>,
    /// Languages of the signed text, BCP 47.
    pub languages: Vec<String>,
    /// Who is bound.
    pub parties: Vec<Signatory>,
    /// Who guarantees it.
    pub guarantors: Vec<Signatory>,
    /// SHA-256 of the version before.
    pub supersedes: Option<Sha256>,
    /// Its clauses, in order.
    pub clauses: Vec<Clause>,
    /// Changes agreed later.
    pub amendments: Vec<Amendment>,
    /// Declarations that a term shall not be renewed.
    pub denunciations: Vec<Denunciation>,
}

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
    /// When, as first signed. Ask [`Agreement::terms`] for the terms with amendments.
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

/// How long clauses last: renewed unless denounced in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The date from which it runs.
    pub starts: Date,
    /// Length of the first period.
    pub years: u32,
    /// Length of each further period; zero when it is not renewed.
    pub renew_years: u32,
    /// A denunciation counts for the end of a period when it is given this long before.
    pub notice_months: u32,
    /// The clauses it governs; empty for the whole agreement.
    pub governs: Vec<ClauseId>,
}

/// A change to a clause's times, agreed later.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub id: String,
    /// The clause it changes.
    pub clause: ClauseId,
    /// It counts from here on; before, the clause is read without it.
    pub agreed: Observed,
    /// What it sets.
    pub terms: Terms,
}

/// A declaration that a term shall not be renewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Denunciation {
    /// Where it stands.
    pub place: Place,
    /// Who gave it.
    pub party: PartyId,
    /// The clause that holds the term.
    pub clause: ClauseId,
    /// The date it was given.
    pub given: Date,
}

impl Term {
    /// Most periods looked at: 5,000 years of five.
    const MAX_PERIODS: u32 = 1_000;

    /// The date on which the term ends for good: the end of the first period for which a
    /// denunciation was given in time. `None` while it goes on being renewed.
    ///
    /// Each end is counted from the start, never from the end before, so that a term that starts on
    /// 29 February ends on 28 February of common years and on 29 February of leap years.
    #[must_use]
    pub fn ends(&self, denunciations: impl Iterator<Item = Date> + Clone) -> Option<Date> {
        let mut years = self.years;
        for _ in 0..Self::MAX_PERIODS {
            let end = when::shifted(self.starts, i32::try_from(years).ok()?, 0)?;
            let last_day = when::shifted(end, 0, -i32::try_from(self.notice_months).ok()?)?;
            if self.renew_years == 0 || denunciations.clone().any(|given| given <= last_day) {
                return Some(end);
            }
            years = years.checked_add(self.renew_years)?;
        }
        None
    }
}

impl Agreement {
    /// Whether this version, were it the only one, is in force at an instant.
    #[must_use]
    pub fn holds_at(&self, at: Observed) -> bool {
        Validity {
            from: Some(self.from),
            until: self.until,
        }
        .holds_at(at)
    }

    /// A clause's terms as they read at an instant: with the amendments agreed by then.
    #[must_use]
    pub fn terms(&self, clause: &Clause, at: Observed) -> Terms {
        let mut terms = clause.terms;
        let mut agreed: Vec<_> = self
            .amendments
            .iter()
            .filter(|a| a.clause == clause.id && a.agreed <= at)
            .collect();
        agreed.sort_by_key(|a| a.agreed);
        for amendment in agreed {
            terms.from = amendment.terms.from.or(terms.from);
            terms.by = amendment.terms.by.or(terms.by);
            terms.until = amendment.terms.until.or(terms.until);
        }
        terms
    }

    /// When a clause ends because its term was denounced in time.
    #[must_use]
    pub fn term_ends(&self, clause: &Clause) -> Option<Observed> {
        let ends = self.clauses.iter().filter_map(|holder| {
            let term = holder.term.as_ref()?;
            if !term.governs.is_empty() && !term.governs.contains(&clause.id) {
                return None;
            }
            let given = self
                .denunciations
                .iter()
                .filter(|d| d.clause == holder.id)
                .map(|d| d.given);
            self.offset.midnight(term.ends(given)?)
        });
        ends.min()
    }

    /// Whether a clause binds at an instant, so that an event then can violate it. A withdrawal
    /// binds once its deadline has passed; the others from their start.
    #[must_use]
    pub fn binds(&self, clause: &Clause, at: Observed) -> bool {
        let terms = self.terms(clause, at);
        let from = match clause.kind {
            ClauseKind::Withdrawal => terms.by.or(terms.from),
            _ => terms.from,
        };
        let valid = Validity {
            from: Some(from.unwrap_or(self.from)),
            until: terms.until,
        };
        self.holds_at(at) && valid.holds_at(at) && self.term_ends(clause).is_none_or(|end| at < end)
    }

    /// The clause `id`.
    #[must_use]
    pub fn clause(&self, id: &ClauseId) -> Option<&Clause> {
        self.clauses.iter().find(|c| c.id == *id)
    }
}

/// Reads a header block, `agreement` or `memorandum`.
pub(super) fn header(f: &mut Fields<'_>, kind: AgreementKind, sha256: Sha256) -> Option<Agreement> {
    let place = f.place();
    let id = f.required_text("id").map(str::to_owned);
    let theatre = f.required::<TheatreId>("theatre");
    let title = f.required_text("title").map(str::to_owned);
    let version = f.whole("version", 1, 9_999).unwrap_or(1);
    let signed = f.required_date("signed");
    let offset = f.offset();
    let zone = offset.unwrap_or_default();
    let from = f.required_start("from", zone);
    let until = f.start("until", zone);
    let languages = f.texts("languages").unwrap_or_default();
    let parties = f.tables("parties", signatory);
    if parties.is_empty() {
        f.error(
            "parties",
            "no parties",
            "parties = [ { id = \"…\", name = \"…\" }, … ]",
        );
    }
    let guarantors = f.tables("guarantors", signatory);
    let supersedes = f.sha256("supersedes");
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        f.error(
            "until",
            format!("until {until}"),
            format!("a time after {from}"),
        );
    }
    Some(Agreement {
        place,
        sha256,
        kind,
        id: id?,
        theatre: theatre?,
        title: title?,
        version,
        signed: signed?,
        offset: offset?,
        from: from?,
        until,
        languages,
        parties,
        guarantors,
        supersedes,
        clauses: Vec::new(),
        amendments: Vec::new(),
        denunciations: Vec::new(),
    })
}

pub(super) fn signatory(f: &mut Fields<'_>) -> Option<Signatory> {
    let id = f.required::<PartyId>("id");
    let name = f.required_text("name").map(str::to_owned);
    Some(Signatory {
        id: id?,
        name: name?,
    })
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

pub(super) fn clause(f: &mut Fields<'_>, offset: Offset) -> Option<Clause> {
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
    let term = f.table("term", term);
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

fn terms(f: &mut Fields<'_>, offset: Offset) -> Terms {
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

fn term(f: &mut Fields<'_>) -> Option<Term> {
    let starts = f.required_date("starts");
    for key in ["years", "renew_years", "notice_months"] {
        if !f.has(key) {
            f.error(
                key,
                format!("no `{key}`"),
                "years, renew_years and notice_months",
            );
        }
    }
    let years = f.whole("years", 1, 1_000);
    let renew_years = f.whole("renew_years", 0, 1_000);
    let notice_months = f.whole("notice_months", 0, 1_200);
    let governs = f.list::<ClauseId>("governs").unwrap_or_default();
    Some(Term {
        starts: starts?,
        years: years?,
        renew_years: renew_years?,
        notice_months: notice_months?,
        governs,
    })
}

pub(super) fn amendment(f: &mut Fields<'_>, offset: Offset) -> Option<Amendment> {
    let place = f.place();
    let id = f.required_text("id").map(str::to_owned);
    let clause = f.required::<ClauseId>("clause");
    let agreed = f.required_start("agreed", offset);
    let terms = terms(f, offset);
    if terms == Terms::default() {
        f.error(
            "clause",
            "an amendment that changes nothing",
            "`from`, `by` or `until`",
        );
    }
    Some(Amendment {
        place,
        id: id?,
        clause: clause?,
        agreed: agreed?,
        terms,
    })
}

pub(super) fn denunciation(f: &mut Fields<'_>) -> Option<Denunciation> {
    let place = f.place();
    let party = f.required::<PartyId>("party");
    let clause = f.required::<ClauseId>("clause");
    let given = f.required_date("given");
    Some(Denunciation {
        place,
        party: party?,
        clause: clause?,
        given: given?,
    })
}
