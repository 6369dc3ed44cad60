//! What the record holds of a day, gathered into a report.

mod drawn;
mod trends;
mod watched;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use truceline_agreement::document::{AgreementKind, Signatory};
use truceline_agreement::{Documents, Theatre};
use truceline_domain::{
    Body, Event, EventClass, Finding as OfDomain, Holding, Observation, ObservationId, Observed,
    Probability, Sha256,
};
use truceline_engine::covered;
use truceline_record::signature::{Counted, Decision as Said, Standing};

use crate::day::{Day, NotReported, day};
use crate::model::{Clause, DailyReport, Decision, Document, Finding, Name, Row};
use crate::places::{fix, locate};
use crate::rows;

use self::watched::lines;

/// The form's name, in the report's own bytes.
const FORM: &str = "truceline/daily-report/v1";
/// What was observed so long before the day still tells whether a source was up at its beginning,
/// seconds (`docs/coverage.md`).
const BEFORE_S: f64 = 3600.0;

/// A finding on the desk, with what was decided on it.
#[derive(Debug, Clone)]
pub struct Put {
    /// The finding.
    pub finding: OfDomain,
    /// SHA-256 of its canonical bytes.
    pub sha256: Sha256,
    /// Its entry in the log.
    pub entry: u64,
    /// How it stands.
    pub standing: Standing,
    /// The decisions that count, in the log's order.
    pub decisions: Vec<Counted>,
}

/// What a report is made of. Superseded findings are passed over; times decide what belongs to the day.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The theatre's documents, all versions.
    pub documents: &'a Documents,
    /// The findings on the desk.
    pub findings: &'a [Put],
    /// The events.
    pub events: &'a [Event],
    /// The observations of the day and the hour before it, in the record's order.
    pub observations: &'a [Observation],
    /// The log's origin.
    pub origin: &'a str,
    /// All this rests on entries of the log before this number.
    pub entries: u64,
    /// The log's root over them.
    pub root: Sha256,
}

/// The report `report` dated `date`.
///
/// # Errors
/// When no procedures are in force at its cut-off, they order no such report, or there is no map.
pub fn gather(input: &Input<'_>, report: &str, date: Date) -> Result<DailyReport, NotReported> {
    let day = day(input.documents, report, date)?;
    let theatre = input
        .documents
        .theatre
        .as_ref()
        .ok_or(NotReported::NoDate(date))?;
    Ok(Gathering {
        input,
        day,
        theatre,
    }
    .report(report))
}

struct Gathering<'a> {
    input: &'a Input<'a>,
    day: Day<'a>,
    theatre: &'a Theatre,
}

impl Gathering<'_> {
    fn report(&self, report: &str) -> DailyReport {
        let (day, documents) = (&self.day, self.input.documents);
        let procedures = day.procedures;
        let standing: Vec<&Put> = self.standing().collect();
        let findings: Vec<Finding> = standing.iter().map(|put| self.finding(put)).collect();
        let seen: Vec<Observation> = self.observed(-BEFORE_S).cloned().collect();
        let mut coverage = covered(self.theatre, &seen);
        let (other_events, outside) = self.other_events(&standing);
        DailyReport {
            form: FORM.to_owned(),
            report: report.to_owned(),
            theatre: self.theatre.id.clone(),
            date: day.date.to_string(),
            from: day.from,
            until: day.until,
            utc_offset_s: procedures.offset.seconds(),
            origin: self.input.origin.to_owned(),
            entries: self.input.entries,
            root: self.input.root,
            procedures: Document {
                title: procedures.title.clone(),
                version: Some(procedures.version),
                sha256: procedures.sha256,
            },
            agreements: self.agreements(),
            map_files: self
                .theatre
                .files
                .iter()
                .map(|(title, sha256)| Document {
                    title: title.clone(),
                    version: None,
                    sha256: *sha256,
                })
                .collect(),
            parties: documents
                .parties_at(day.until)
                .into_iter()
                .map(name)
                .collect(),
            sending_states: procedures.sending_states.iter().map(name).collect(),
            host: name(&procedures.host),
            recipients: self.recipients(),
            rows: self.rows(&standing),
            findings,
            other_events,
            outside,
            compliance: self.kept(&mut coverage, &standing),
            coverage: lines(&coverage.stretches(day.from, day.until)),
            trends: self.trends(report),
            map: self.map(),
        }
    }

    fn agreements(&self) -> Vec<Document> {
        let mut all = self.input.documents.agreements_at(self.day.until);
        all.sort_by_key(|a| (a.kind == AgreementKind::Memorandum, a.signed, a.id.clone()));
        all.into_iter()
            .map(|a| Document {
                title: a.title.clone(),
                version: Some(a.version),
                sha256: a.sha256,
            })
            .collect()
    }

    fn recipients(&self) -> Vec<Name> {
        let known = &self.day.procedures.recipients;
        let named = self.day.rule.recipients.iter();
        named
            .filter_map(|id| known.iter().find(|r| r.id == *id))
            .map(|r| Name {
                id: r.id.clone(),
                name: r.name.clone(),
            })
            .collect()
    }

    fn in_day(&self, at: Observed) -> bool {
        at >= self.day.from && at < self.day.until
    }

    fn observed(&self, from_s: f64) -> impl Iterator<Item = &Observation> {
        let span = self.day.from.plus_seconds(from_s)..self.day.until;
        self.input
            .observations
            .iter()
            .filter(move |o| o.observed.is_some_and(|at| span.contains(&at)))
    }

    fn within(&self, place: truceline_domain::Position, at: Observed) -> bool {
        let area = &self.day.procedures.area_of_interest;
        self.theatre.at(at).is_in_area(place, area) != Some(false)
    }

    /// Findings of the day that no other took the place of: those within the area of interest, and
    /// those on which an officer has decided.
    fn standing(&self) -> impl Iterator<Item = &Put> {
        let mut all: Vec<&Put> = self
            .input
            .findings
            .iter()
            .filter(|put| is_standing(put) && self.in_day(put.finding.event.time))
            .filter(|put| {
                let event = &put.finding.event;
                !put.decisions.is_empty() || self.within(event.position, event.time)
            })
            .collect();
        all.sort_by(|a, b| {
            (a.finding.event.time, &a.finding.id).cmp(&(b.finding.event.time, &b.finding.id))
        });
        all.into_iter()
    }

    fn finding(&self, put: &Put) -> Finding {
        let event = &put.finding.event;
        let ninety = Probability::new(0.9).unwrap_or(Probability::ZERO);
        let (major, minor, bearing) = event.cov_m2.ellipse(ninety);
        let against = put.finding.assessments.iter().filter_map(|a| {
            let violated = match a.holding {
                Holding::Violates => true,
                Holding::Undetermined => false,
                _ => return None,
            };
            Some(Clause {
                clause: a.clause.to_string(),
                violated,
                party: a.party.clone(),
            })
        });
        Finding {
            id: put.finding.id.clone(),
            sha256: put.sha256,
            entry: put.entry,
            standing: standing_word(&put.standing).to_owned(),
            decisions: put.decisions.iter().map(decision).collect(),
            time: event.time,
            fix: fix(event.position),
            ellipse_90: [major.round(), minor.round(), bearing.round()],
            location: locate(self.theatre, event.position, event.time),
            kind: event.kind,
            verdict: event.attribution.verdict.clone(),
            p: event.attribution.p.clone(),
            clauses: against.collect(),
            evidence: event.evidence.len() as u64,
            statements: event.explanation.statements.clone(),
        }
    }

    /// Events that no finding of the day is about: by kind within the area of interest, and how many
    /// lie outside it.
    fn other_events(&self, standing: &[&Put]) -> (BTreeMap<String, u64>, u64) {
        let told: BTreeSet<_> = standing
            .iter()
            .flat_map(|put| &put.finding.event.evidence)
            .collect();
        let (mut by_kind, mut outside) = (BTreeMap::new(), 0);
        for event in self.input.events.iter().filter(|e| self.in_day(e.time)) {
            if !self.within(event.position, event.time) {
                outside += 1;
            } else if !event.evidence.iter().any(|id| told.contains(id)) {
                *by_kind.entry(event.kind.as_str().to_owned()).or_default() += 1;
            }
        }
        (by_kind, outside)
    }

    fn rows(&self, standing: &[&Put]) -> Vec<Row> {
        let kinds: BTreeMap<&ObservationId, &Body> = self
            .input
            .observations
            .iter()
            .map(|o| (&o.id, &o.body))
            .collect();
        let findings = standing
            .iter()
            .filter(|put| put.finding.event.kind.class() != EventClass::Natural)
            .map(|put| rows::of_finding(self.theatre, &put.finding, &kinds));
        let reports = self.observed(0.0).filter_map(|o| match &o.body {
            Body::Report(report) => rows::of_report(self.theatre, o, report),
            _ => None,
        });
        let mut rows: Vec<Row> = findings.chain(reports).collect();
        // A stable sort: rows of one instant stay in the record's order.
        rows.sort_by_key(|row| row.time);
        rows
    }
}

fn is_standing(put: &Put) -> bool {
    !matches!(put.standing, Standing::Superseded { .. })
}

fn name(signatory: &Signatory) -> Name {
    Name {
        id: signatory.id.to_string(),
        name: signatory.name.clone(),
    }
}

fn decision(counted: &Counted) -> Decision {
    Decision {
        state: counted.officer.state.clone(),
        person: counted.officer.person.clone(),
        decision: match counted.decision {
            Said::Determined => "determined",
            Said::Dissent => "dissent",
        }
        .to_owned(),
        reason: counted.reason.clone(),
        entry: counted.index,
    }
}

fn standing_word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::HalfSigned { .. } => "half-signed",
        Standing::Determined { .. } => "determined",
        Standing::Dissented { .. } => "dissented",
        Standing::Superseded { .. } => "superseded",
    }
}
