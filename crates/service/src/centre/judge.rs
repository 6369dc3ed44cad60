//! The engine's turn: all observations of the record become events, events become findings.
//!
//! A judgement is an entry. It says how far the log was, and the hashes of all events and findings, so
//! that a replay can judge again and compare byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use truceline_agreement::{Documents as Parsed, Theatre};
use truceline_domain::{Finding, FindingId, Holding, Observation, ObservationId, Observed, Sha256};
use truceline_engine::{Judgement, Parameters};
use truceline_record::bodies::{BATCH, BatchBody};
use truceline_record::canonical;
use truceline_record::signature::{FINDING, FindingBody};
use truceline_record::watch::{EXCLUSION, ExclusionBody};
use truceline_record::{Draft, Record};

use super::Documents;
use super::rules::masked;
use super::window::{judge_live, materially_differs, window_since};

use crate::{Centre, CentreError};

/// Type of the entry with a [`JudgementBody`].
pub const JUDGEMENT: &str = "judgement";

/// Body of an entry of type `judgement`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgementBody {
    /// The engine's name and version.
    pub engine: String,
    /// The log's entries before this number were taken into account.
    pub entries: u64,
    /// Of them, only what was observed then or later; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Observed>,
    /// How many observations they hold.
    pub observations: u64,
    /// A party was named only when the chance of wrongly accusing it was at most this.
    pub max_wrong_accusation: f64,
    /// How many events were found.
    pub events: u64,
    /// How many of them lie outside the area of interest: they are shown to nobody.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub masked: u64,
    /// SHA-256 of all events, one canonical JSON object a line.
    pub events_sha256: Sha256,
    /// SHA-256 of all findings that follow, likewise, before any supersedes another.
    pub findings_sha256: Sha256,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The form serde asks for.
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// What the engine made of a record.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// The events, in order of time.
    pub events: Vec<truceline_domain::Event>,
    findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
}

/// What a judgement came to.
#[derive(Debug)]
pub struct Outcome {
    /// Events found.
    pub events: usize,
    /// Findings newly put before the officers.
    pub findings: usize,
    /// How many of them take the place of an earlier one.
    pub superseded: usize,
    /// What the engine and the centre want people to know.
    pub notes: Vec<String>,
}

impl Outcome {
    /// Nothing was judged, since no procedures are in force.
    pub(super) fn nothing(why: &CentreError) -> Self {
        Self {
            events: 0,
            findings: 0,
            superseded: 0,
            notes: vec![format!("nothing was judged: {why}")],
        }
    }
}

impl Centre {
    /// Judges all there is in the record, and puts before the officers what is new.
    ///
    /// # Errors
    /// When there is no geometry, or the record cannot be read or written.
    pub fn judge(&mut self) -> Result<Outcome, CentreError> {
        if let Err(why) = self.procedures_in_force() {
            return Ok(Outcome::nothing(&why));
        }
        let entries = self.record.log()?.size();
        let observations = observations(&self.record, entries)?;
        let (judged, body) = judge(
            &self.documents,
            &self.config.theatre,
            &observations,
            entries,
        )?;
        let (new, mut notes) = self.against_the_desk(&judged, None)?;
        notes.extend(judged.notes.iter().cloned());
        self.enter(judged, &body, &new, notes)
    }

    /// Records a judgement and the findings that are new.
    pub(super) fn enter(
        &mut self,
        judged: Judged,
        body: &JudgementBody,
        new: &[Finding],
        notes: Vec<String>,
    ) -> Result<Outcome, CentreError> {
        let (theatre, origin) = (&self.config.theatre, &self.config.origin);
        let draft = Draft::new(JUDGEMENT, theatre, origin, body)?;
        let superseding = new.iter().filter(|finding| finding.supersedes.is_some());
        let outcome = Outcome {
            events: judged.events.len(),
            findings: new.len(),
            superseded: superseding.count(),
            notes,
        };
        self.judged.insert(draft.id.clone(), judged);
        let mut drafts = vec![draft];
        for finding in new {
            let Some((_, sending)) = self.documents.procedures_at(finding.event.time) else {
                continue;
            };
            let bytes = canonical_bytes(finding)?;
            self.record.put_blob(&bytes)?;
            let body = FindingBody::of(finding, &bytes, sending);
            drafts.push(Draft::new(FINDING, theatre, origin, &body)?);
        }
        self.record.append_all(drafts)?;
        self.catch_up()?;
        Ok(outcome)
    }

    /// Which findings are new: not those that stand on the desk as they are. One that rests on the same
    /// evidence as a finding on the desk supersedes it when it says something materially else, or when
    /// the one on the desk rests on what is excluded now: each later observation moves every figure a
    /// little, and what officers signed is not undone for that. While feeds go on, only events `within`
    /// a span are looked at.
    pub(super) fn against_the_desk(
        &self,
        judged: &Judged,
        within: Option<[Observed; 2]>,
    ) -> Result<(Vec<Finding>, Vec<String>), CentreError> {
        let looked_at = |f: &Finding| within.is_none_or(|[a, b]| (a..=b).contains(&f.event.time));
        let mut standing: BTreeMap<FindingId, Finding> = BTreeMap::new();
        for row in self.store.findings()? {
            let id = row.finding.id.clone();
            let case = self.desk.case(&id);
            if looked_at(&row.finding) && case.is_some_and(|case| case.successor.is_none()) {
                standing.insert(id, row.finding);
            }
        }
        let known: BTreeSet<FindingId> =
            self.desk.cases().map(|case| case.body.id.clone()).collect();
        let mut new = Vec::new();
        for finding in &judged.findings {
            if standing.remove(&finding.id).is_some() || known.contains(&finding.id) {
                continue;
            }
            if looked_at(finding) {
                new.push(finding.clone());
            }
        }
        let mut unchanged = BTreeSet::new();
        for finding in &mut new {
            let Some(earlier) = best_overlap(finding, &standing) else {
                continue;
            };
            let was = standing.remove(&earlier);
            let stays = |was: &Finding| -> Result<bool, CentreError> {
                Ok(!materially_differs(finding, was) && !self.rests_on_excluded(was)?)
            };
            if was.as_ref().map(stays).transpose()? == Some(true) {
                unchanged.insert(finding.id.clone());
            } else {
                finding.supersedes = Some(earlier);
            }
        }
        new.retain(|finding| !unchanged.contains(&finding.id));
        let gone = standing
            .into_keys()
            .map(|id| format!("{id} is on the desk, and the engine finds it no more"));
        Ok((new, gone.collect()))
    }

    fn rests_on_excluded(&self, finding: &Finding) -> Result<bool, CentreError> {
        for id in &finding.event.evidence {
            if self.store.is_excluded(id.as_str())? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Judges a record again as it was when the judgement `body` at entry `index` was made.
///
/// # Errors
/// When it cannot be read, or gives other events or findings.
pub(super) fn again(
    record: &Record,
    documents: &Documents,
    theatre: &truceline_domain::TheatreId,
    index: u64,
    body: &JudgementBody,
) -> Result<Judged, CentreError> {
    let foreign = |why: String| CentreError::Foreign {
        index,
        kind: JUDGEMENT.to_owned(),
        why,
    };
    if body.engine != truceline_engine::ENGINE {
        return Err(foreign(format!(
            "judged by {}, this program has {}; replay with the version that judged",
            body.engine,
            truceline_engine::ENGINE
        )));
    }
    let (judged, now) = match body.since {
        None => {
            let observations = observations(record, body.entries)?;
            judge(documents, theatre, &observations, body.entries)?
        }
        Some(since) => {
            let mut window = window_since(record, body.entries, since)?;
            let parsed = documents.parsed();
            let live = window.live(parsed, geometry(documents)?, since);
            judge_live(parsed, theatre, live, body.entries, since)?
        }
    };
    if now != *body {
        return Err(foreign(format!(
            "judged again, {} events with hash {} come out, the entry has {} with {}",
            now.events, now.events_sha256, body.events, body.events_sha256
        )));
    }
    Ok(judged)
}

/// All observations in the log's first `entries` entries that nobody excluded, in the log's order.
pub(super) fn observations(record: &Record, entries: u64) -> Result<Vec<Observation>, CentreError> {
    let log = record.log()?;
    let (mut all, mut excluded) = (Vec::new(), BTreeSet::new());
    for leaf in log.entries(0) {
        let leaf = leaf?;
        if leaf.index >= entries {
            break;
        }
        let entry = leaf.entry()?;
        if entry.kind == BATCH {
            all.extend(entry.body_as::<BatchBody>()?.read(record.blobs())?);
        } else if entry.kind == EXCLUSION {
            excluded.insert(entry.body_as::<ExclusionBody>()?.observation);
        }
    }
    if !excluded.is_empty() {
        all.retain(|observation| !excluded.contains(&observation.id));
    }
    Ok(all)
}

/// Observations between two instants, in the log's order; batches of other times are not read.
pub(super) fn observations_between(
    record: &Record,
    from: Observed,
    to: Observed,
) -> Result<Vec<Observation>, CentreError> {
    let mut all = Vec::new();
    for leaf in record.log()?.entries(0) {
        let entry = leaf?.entry()?;
        if entry.kind != BATCH {
            continue;
        }
        let body = entry.body_as::<BatchBody>()?;
        if body
            .observed
            .is_some_and(|span| span.last >= from && span.first < to)
        {
            all.extend(body.read(record.blobs())?);
        }
    }
    all.retain(|o| o.observed.is_some_and(|at| at >= from && at < to));
    Ok(all)
}

/// What the procedures ask of the engine: of all versions that were in force when something was
/// observed, the one that allows the fewest wrong accusations. An observation with an absurd date can
/// thus never loosen what is asked.
#[must_use]
pub fn parameters<'o>(
    documents: &Parsed,
    observations: impl IntoIterator<Item = &'o Observation>,
) -> Parameters {
    let times = observations.into_iter().filter_map(|o| o.observed);
    let in_force = times
        .filter_map(|at| documents.procedures_at(at))
        .map(Parameters::of);
    in_force
        .reduce(|a, b| {
            if b.max_wrong_accusation < a.max_wrong_accusation {
                b
            } else {
                a
            }
        })
        .unwrap_or_default()
}

/// The geometry in force.
pub(super) fn geometry(documents: &Documents) -> Result<&Theatre, CentreError> {
    documents.theatre().ok_or_else(|| {
        CentreError::Refused(
            "the record has no geometry; enter theatre/*.geojson with `truceline amend`".into(),
        )
    })
}

/// Judges observations at once.
fn judge(
    documents: &Documents,
    theatre_id: &truceline_domain::TheatreId,
    observations: &[Observation],
    entries: u64,
) -> Result<(Judged, JudgementBody), CentreError> {
    let theatre = geometry(documents)?;
    let parsed = documents.parsed();
    let parameters = parameters(parsed, observations);
    let judgement = truceline_engine::judge(theatre, observations, &parameters);
    let all = Considered {
        entries,
        since: None,
        theatre,
        observations,
        parameters,
    };
    held_against(parsed, theatre_id, &all, &judgement)
}

/// What was judged.
pub(super) struct Considered<'c> {
    /// The log's entries before this number.
    pub(super) entries: u64,
    /// Of them, what was observed then or later.
    pub(super) since: Option<Observed>,
    pub(super) theatre: &'c Theatre,
    pub(super) observations: &'c [Observation],
    pub(super) parameters: Parameters,
}

/// Events of a judgement as findings, and the body of its entry.
pub(super) fn held_against(
    documents: &Parsed,
    theatre_id: &truceline_domain::TheatreId,
    all: &Considered<'_>,
    judgement: &Judgement,
) -> Result<(Judged, JudgementBody), CentreError> {
    let corrected = judgement.sensors.iter().filter(|sensor| sensor.corrected);
    let mut notes: Vec<String> = corrected.map(|sensor| sensor.sentence.clone()).collect();
    let (mut findings, mut without_procedures) = (Vec::new(), 0);
    let held = truceline_engine::findings(documents, all.theatre, all.observations, judgement);
    for finding in held {
        // What no clause speaks of is an event, not a finding.
        if finding
            .assessments
            .iter()
            .all(|a| a.holding == Holding::NotApplicable)
        {
            continue;
        }
        let event = &finding.event;
        if masked(documents, event.position, event.time).is_some() {
            continue;
        }
        if finding.procedures.is_none() {
            without_procedures += 1;
            continue;
        }
        findings.push(named(Finding {
            theatre: theatre_id.clone(),
            ..finding
        })?);
    }
    if without_procedures > 0 {
        notes.push(format!(
            "{without_procedures} events happened when no procedures were in force: nothing is determined of them"
        ));
    }
    let body = JudgementBody {
        engine: truceline_engine::ENGINE.to_owned(),
        entries: all.entries,
        since: all.since,
        observations: all.observations.len() as u64,
        max_wrong_accusation: all.parameters.max_wrong_accusation,
        events: judgement.events.len() as u64,
        masked: judgement
            .events
            .iter()
            .filter(|e| masked(documents, e.position, e.time).is_some())
            .count() as u64,
        events_sha256: lines_sha256(&judgement.events)?,
        findings_sha256: lines_sha256(&findings)?,
    };
    let events = judgement.events.clone();
    Ok((
        Judged {
            events,
            findings,
            notes,
        },
        body,
    ))
}

/// Names a finding after what it says: the same judgement of the same evidence has the same name,
/// whenever it is made.
fn named(finding: Finding) -> Result<Finding, CentreError> {
    let mut said = finding.clone();
    // When it was made is not what it says.
    said.observed_until = Observed::from_unix_us(0).unwrap_or(said.observed_until);
    let digest = Sha256::of(&canonical_bytes(&said)?).short(12);
    let id =
        FindingId::new(format!("F-{digest}")).map_err(|e| CentreError::Refused(e.to_string()))?;
    Ok(Finding { id, ..finding })
}

/// The finding on the desk that rests on at least half of the same evidence, by the smaller of the
/// two; of several the one with most in common, then the first by name.
fn best_overlap(finding: &Finding, standing: &BTreeMap<FindingId, Finding>) -> Option<FindingId> {
    let evidence: BTreeSet<&ObservationId> = finding.event.evidence.iter().collect();
    let shared = |other: &Finding| {
        other
            .event
            .evidence
            .iter()
            .filter(|id| evidence.contains(id))
            .count()
    };
    standing
        .iter()
        .map(|(id, other)| {
            (
                shared(other),
                evidence.len().min(other.event.evidence.len()),
                id,
            )
        })
        .filter(|(shared, smaller, _)| *shared > 0 && shared * 2 >= *smaller)
        .max_by(|a, b| a.0.cmp(&b.0).then(b.2.cmp(a.2)))
        .map(|(_, _, id)| id.clone())
}

fn canonical_bytes(value: &impl Serialize) -> Result<Vec<u8>, CentreError> {
    let value = serde_json::to_value(value).map_err(|e| CentreError::Refused(e.to_string()))?;
    canonical::to_vec(&value).map_err(|e| CentreError::Refused(e.to_string()))
}

fn lines_sha256(values: &[impl Serialize]) -> Result<Sha256, CentreError> {
    let mut lines = Vec::new();
    for value in values {
        lines.extend(canonical_bytes(value)?);
        lines.push(b'\n');
    }
    Ok(Sha256::of(&lines))
}
