//! Who kept which clause, where, over a period: violated, complied, not observed.
//!
//! *Complied* is a claim that needs evidence: a clause that says what must have been watched, a stretch
//! watched as well as it says by the kinds of source that it names, and nothing found there that
//! this party may have done. Everything else is *not observed*. What was watched away from the line
//! of contact is not reckoned, so that a clause about ground elsewhere is violated or not observed,
//! never complied with.

use std::collections::BTreeMap;

use truceline_agreement::document::{Agreement, Clause, CoverageRule};
use truceline_agreement::{Documents, Geometry, Theatre};
use truceline_domain::{
    Attribution, Compliance, CovarianceM2, Event, EventKind, Explanation, Finding, FindingId,
    Holding, Kept, Observed, PartyId, Position, Positive, Probabilities, Probability, Verdict,
};

use crate::coverage::{BIN_S, CoverageState, Stretch};
use crate::plane::{Plane, Xy};
use crate::watching::Watching;

/// An event that a party did with less than this chance does not speak against it.
const REMOTE_P: f64 = 0.05;
/// Beside the line a violation is tried this far from it, metres: on either side.
const BESIDE_M: f64 = 1_500.0;
/// No more bins of ten minutes than this: a year.
const MOST_BINS: usize = 52_704;

/// How each party kept each clause on each stretch of the line from `from` until `until`, in order of
/// clauses, parties, stretches. `findings` are those of the period, events held against the clauses;
/// `coverage` has been pushed the observations they rest on.
#[must_use]
pub fn compliance(
    documents: &Documents,
    theatre: &Theatre,
    coverage: &mut CoverageState,
    findings: &[Finding],
    from: Observed,
    until: Observed,
) -> Vec<Compliance> {
    let mut rows = vec![];
    let mut watched: BTreeMap<(Observed, Observed), Vec<Stretch>> = BTreeMap::new();
    for span in spans(documents, from, until) {
        let stretches = watched
            .entry((span.from, span.until))
            .or_insert_with(|| coverage.stretches(span.from, span.until));
        let trial = Trial::new(theatre, &span);
        let against = Against::new(theatre, &span, stretches, findings);
        for party in &span.clause.bound {
            for (number, stretch) in stretches.iter().enumerate().filter(|(_, s)| s.stood) {
                let kinds = trial.kinds(stretch, party);
                let found = against.of(Some(number), party);
                if !kinds.is_empty() || !found.is_empty() {
                    rows.push(row(&span, party, Some(stretch), &kinds, &found));
                }
            }
            // What happened away from every line, and clauses about ground elsewhere.
            let found = against.of(None, party);
            if !found.is_empty() || span.clause.area.is_some() {
                rows.push(row(&span, party, None, &[], &found));
            }
        }
    }
    rows
}

/// A clause while it binds within the period.
struct Span<'d> {
    agreement: &'d Agreement,
    clause: &'d Clause,
    from: Observed,
    until: Observed,
}

/// Clauses with the times they bind, to ten minutes.
fn spans(documents: &Documents, from: Observed, until: Observed) -> Vec<Span<'_>> {
    let seconds = until.seconds_since(from);
    let bins = ((seconds / BIN_S).ceil().max(0.0) as usize).min(MOST_BINS);
    let mut spans: Vec<Span<'_>> = vec![];
    let mut open: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for bin in 0..bins {
        let start = from.plus_seconds(bin as f64 * BIN_S);
        let end = from.plus_seconds((bin + 1) as f64 * BIN_S).min(until);
        let middle = start.plus_seconds(end.seconds_since(start) / 2.0);
        let mut still = BTreeMap::new();
        for agreement in documents.agreements_at(middle) {
            for clause in agreement.clauses_at(middle) {
                let key = (agreement.id.as_str(), clause.id.as_str());
                let known = open.get(&key).copied().filter(|i| {
                    spans
                        .get(*i)
                        .is_some_and(|s| std::ptr::eq(s.clause, clause))
                });
                let at = known.unwrap_or(spans.len());
                match spans.get_mut(at) {
                    Some(span) => span.until = end,
                    None => spans.push(Span {
                        agreement,
                        clause,
                        from: start,
                        until: end,
                    }),
                }
                still.insert(key, at);
            }
        }
        open = still;
    }
    spans
}

/// Tries which kinds of event a clause would call a violation, where.
struct Trial<'t> {
    geometry: Geometry<'t>,
    /// The agreement with this clause alone.
    agreement: Agreement,
    clause: &'t Clause,
}

impl<'t> Trial<'t> {
    fn new(theatre: &'t Theatre, span: &Span<'t>) -> Self {
        let half_s = span.until.seconds_since(span.from) / 2.0;
        Self {
            geometry: theatre.at(span.from.plus_seconds(half_s)),
            agreement: Agreement {
                clauses: vec![span.clause.clone()],
                ..span.agreement.clone()
            },
            clause: span.clause,
        }
    }

    /// Kinds whose event on or beside a stretch would violate the clause, had `party` done it.
    fn kinds(&self, stretch: &Stretch, party: &PartyId) -> Vec<EventKind> {
        let plane = Plane::at(stretch.middle);
        let beside = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
        let mut places: Vec<Position> = beside
            .into_iter()
            .filter_map(|(e, n)| plane.to_position(Xy::new(e * BESIDE_M, n * BESIDE_M)))
            .collect();
        if let Some(area) = &self.clause.area {
            places.retain(|p| self.geometry.is_in_area(*p, area) == Some(true));
        }
        let violates = |kind: &EventKind| places.iter().any(|p| self.violates(*kind, *p, party));
        EventKind::ALL.into_iter().filter(violates).collect()
    }

    fn violates(&self, kind: EventKind, place: Position, party: &PartyId) -> bool {
        let Some(event) = made(kind, place, self.geometry.at, party) else {
            return false;
        };
        let assessments = self.agreement.assess(&event, &self.geometry, false);
        assessments.iter().any(|a| a.holding == Holding::Violates)
    }
}

/// An event that did not happen, surely by `party`.
fn made(kind: EventKind, position: Position, time: Observed, party: &PartyId) -> Option<Event> {
    Some(Event {
        id: FindingId::new("trial").ok()?,
        time,
        time_sd_s: Positive::new(1.0).ok()?,
        position,
        cov_m2: CovarianceM2::new(1.0, 0.0, 1.0).ok()?,
        kind,
        impact: None,
        attribution: Attribution {
            p: Probabilities::from_weights([(party.clone(), 1.0)], 0.0).ok()?,
            verdict: Verdict::Party(party.clone()),
        },
        evidence: vec![],
        explanation: Explanation::default(),
    })
}

/// What was found against a clause, by stretch; `None` for what lies near no stretch.
struct Against<'f> {
    violates: BTreeMap<Option<usize>, Vec<(&'f Finding, &'f PartyId)>>,
    open: BTreeMap<Option<usize>, Vec<&'f Finding>>,
}

impl<'f> Against<'f> {
    fn new(
        theatre: &Theatre,
        span: &Span<'_>,
        stretches: &[Stretch],
        findings: &'f [Finding],
    ) -> Self {
        let (mut violates, mut open) = (BTreeMap::new(), BTreeMap::new());
        let within = |f: &&Finding| f.event.time >= span.from && f.event.time < span.until;
        for finding in findings.iter().filter(within) {
            let held = finding
                .assessments
                .iter()
                .filter(|a| a.clause == span.clause.id && a.agreement == span.agreement.sha256);
            for assessment in held {
                let at = nearest(theatre, stretches, &finding.event);
                match (assessment.holding, &assessment.party) {
                    (Holding::Violates, Some(party)) => {
                        violates
                            .entry(at)
                            .or_insert_with(Vec::new)
                            .push((finding, party));
                    }
                    (Holding::Undetermined, _) => {
                        open.entry(at).or_insert_with(Vec::new).push(finding);
                    }
                    _ => {}
                }
            }
        }
        Self { violates, open }
    }

    /// What `party` did on a stretch, or may have done.
    fn of(&self, stretch: Option<usize>, party: &PartyId) -> Found {
        let done = self.violates.get(&stretch).into_iter().flatten();
        let done = done
            .filter(|(_, who)| *who == party)
            .map(|(f, _)| f.id.clone());
        let may = |f: &&&Finding| f.event.attribution.p.of(party).get() >= REMOTE_P;
        let open = self.open.get(&stretch).into_iter().flatten().filter(may);
        Found {
            violations: done.collect(),
            open: open.map(|f| f.id.clone()).collect(),
        }
    }
}

struct Found {
    violations: Vec<FindingId>,
    open: Vec<FindingId>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.violations.is_empty() && self.open.is_empty()
    }
}

/// The stretch whose middle is nearest to the point of the line nearest to an event.
fn nearest(theatre: &Theatre, stretches: &[Stretch], event: &Event) -> Option<usize> {
    let geometry = theatre.at(event.time);
    let line = geometry.nearest_line(event.position)?;
    let number = theatre
        .lines
        .iter()
        .position(|l| std::ptr::eq(l, line.line))?;
    let plane = Plane::at(line.foot);
    let apart_m = |s: &Stretch| plane.to_m(s.middle).length();
    let there = stretches
        .iter()
        .enumerate()
        .filter(|(_, s)| s.line_number == number);
    there
        .min_by(|a, b| apart_m(a.1).total_cmp(&apart_m(b.1)))
        .map(|(i, _)| i)
}

fn row(
    span: &Span<'_>,
    party: &PartyId,
    stretch: Option<&Stretch>,
    kinds: &[EventKind],
    found: &Found,
) -> Compliance {
    let span_s = span.until.seconds_since(span.from);
    let rule = span.clause.coverage.as_ref();
    let watching = stretch
        .zip(rule)
        .and_then(|(stretch, rule)| Watching::of(stretch, kinds, rule, span_s));
    let (kept, reason) = kept(rule, watching.as_ref(), stretch.is_some(), found);
    let watched = watching.as_ref().map_or(0.0, |w| w.watched);
    Compliance {
        party: party.clone(),
        clause: span.clause.id.clone(),
        agreement: span.agreement.sha256,
        line: stretch.and_then(|s| s.line.clone()),
        line_number: stretch.and_then(|s| u32::try_from(s.line_number).ok()),
        along_m: stretch.map(|s| [s.from_m, s.to_m]),
        middle: stretch.map(|s| s.middle),
        from: span.from,
        until: span.until,
        kept,
        findings: match kept {
            Kept::Violated => found.violations.clone(),
            _ => found.open.clone(),
        },
        watched: Probability::new(watched.clamp(0.0, 1.0)).unwrap_or(Probability::ZERO),
        longest_gap_s: watching.as_ref().map_or(span_s, |w| w.longest_gap_s),
        p_missed: watching
            .as_ref()
            .and_then(|w| Probability::new(w.p_missed?.clamp(0.0, 1.0)).ok()),
        reason,
    }
}

fn kept(
    rule: Option<&CoverageRule>,
    watching: Option<&Watching>,
    is_stretch: bool,
    found: &Found,
) -> (Kept, String) {
    if !found.violations.is_empty() {
        let count = found.violations.len();
        return (Kept::Violated, format!("{count} events violate it"));
    }
    if !found.open.is_empty() {
        let count = found.open.len();
        let reason = format!("{count} events would violate it if this party did them");
        return (Kept::Undetermined, reason);
    }
    let not = |reason: &str| (Kept::NotObserved, reason.to_owned());
    let Some(rule) = rule else {
        return not(
            "the clause does not say what must be watched before it counts as complied with",
        );
    };
    if !is_stretch {
        return not("what was watched away from the line of contact is not reckoned");
    }
    let Some(w) = watching else {
        return not("nothing that watches would have seen a violation of this kind");
    };
    let (share, gap_min) = (100.0 * w.watched, w.longest_gap_s / 60.0);
    let (asked, most_min) = (100.0 * rule.min_share, rule.max_gap_s / 60.0);
    if w.watched < rule.min_share {
        let reason = format!("watched {share:.0} % of it, where the clause asks for {asked:.0} %");
        return (Kept::NotObserved, reason);
    }
    if w.longest_gap_s > rule.max_gap_s {
        let reason = format!(
            "unwatched for up to {gap_min:.0} min, where the clause bears {most_min:.0} min"
        );
        return (Kept::NotObserved, reason);
    }
    let missed = w.p_missed.map_or(String::new(), |p| {
        format!("; one violation would have been missed with probability {p:.2}")
    });
    let reason =
        format!("nothing found, watched {share:.0} % with gaps up to {gap_min:.0} min{missed}");
    (Kept::Complied, reason)
}
