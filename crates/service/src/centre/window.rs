//! Judging while feeds go on: the last hours are looked at again and again, and what changed
//! materially is put before the officers anew.
//!
//! *Now* is what the sources say, not this machine's clock: the median of the sources' latest times,
//! so that an exercise of another year can be watched as it runs, and one clock that is years ahead
//! moves nothing. A judgement's entry says which span it looked at; a replay looks at the same.

use std::collections::BTreeMap;

use geo::{Distance as _, Haversine, Point};
use truceline_agreement::{Documents, Theatre};
use truceline_domain::{
    Body, Event, Finding, Observation, ObservationId, Observed, PartyId, Position, Probability,
    SourceId,
};
use truceline_engine::{self as engine, Live, Parameters};
use truceline_record::bodies::{BATCH, BatchBody};
use truceline_record::watch::{EXCLUSION, ExclusionBody};

use super::judge::{
    Considered, Judged, JudgementBody, Outcome, geometry, held_against, parameters,
};
use crate::{Centre, CentreError};

/// Observations so much older than now are not looked at again, seconds: a satellite's pass is told
/// three hours late at most, and a day's picture of the sensors' clocks is not needed to judge an hour.
pub(super) const WINDOW_S: f64 = 6.0 * 3600.0;
/// Events so near to the window's beginning are left as they were judged when all that belongs to
/// them was within it, seconds.
pub(super) const EDGE_S: f64 = 900.0;
/// An event goes before the officers when so much time has passed after it, seconds: sound of 20 km
/// takes one minute, a shell as much, and a post writes its report within the minute.
pub(super) const SETTLED_S: f64 = 120.0;

/// Kinds of observations that the engine makes events of; a drone's own whereabouts are not among them.
const JUDGED: [&str; 8] = [
    "acoustic", "flash", "seismic", "thermal", "video", "report", "weather", "notice",
];

/// The observations that are judged again and again, and the engine that judges them as they come.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Those the engine was not given yet.
    new: Vec<Observation>,
    /// How many ever came, to tell whether there are new ones.
    pub(super) came: u64,
    latest: BTreeMap<SourceId, Observed>,
    live: Option<Live>,
}

impl Window {
    /// Takes a batch's observations, those that are judged.
    pub(super) fn take(&mut self, observations: Vec<Observation>) {
        for observation in observations {
            let Some(at) = observation.observed else {
                continue;
            };
            if !is_judged(&observation.body) {
                continue;
            }
            let latest = self.latest.entry(observation.source.clone()).or_insert(at);
            *latest = at.max(*latest);
            self.came += 1;
            self.new.push(observation);
        }
    }

    /// Judges by an observation no more.
    pub(super) fn exclude(&mut self, id: &ObservationId) {
        self.new.retain(|o| o.id != *id);
        if let Some(live) = &mut self.live {
            live.exclude(id);
        }
        // Something to be judged anew.
        self.came += 1;
    }

    /// The median of the sources' latest times.
    fn now(&self) -> Option<Observed> {
        let mut times: Vec<_> = self.latest.values().copied().collect();
        times.sort();
        times.get(times.len() / 2).copied()
    }

    /// Now, and since when is judged; `None` when nothing is known yet.
    pub(super) fn span(&self) -> Option<[Observed; 2]> {
        let now = self.now()?;
        Some([now.plus_seconds(-WINDOW_S), now])
    }

    /// The engine with all that came, what is older than `since` forgotten, over the geometry and
    /// thresholds in force.
    pub(super) fn live(
        &mut self,
        documents: &Documents,
        theatre: &Theatre,
        since: Observed,
    ) -> &mut Live {
        let live = self.live.get_or_insert_with(|| {
            let window = engine::Window {
                span_s: f64::INFINITY,
                ..engine::Window::default()
            };
            Live::new(theatre.clone(), Parameters::default(), window)
        });
        live.push(&std::mem::take(&mut self.new));
        live.forget_before(since);
        let parameters = parameters(documents, live.observations());
        if parameters != live.parameters() || theatre.sha256 != live.theatre().sha256 {
            live.set(theatre.clone(), parameters);
        }
        live
    }

    /// Forgets what the engine was not given yet and will not need: notices are given beforehand.
    fn forget_before(&mut self, since: Observed) {
        let is_needed =
            |o: &Observation| matches!(o.body, Body::Notice(_)) || o.observed >= Some(since);
        self.new.retain(is_needed);
    }
}

fn is_judged(body: &Body) -> bool {
    JUDGED.contains(&body.kind())
}

/// Whether a batch holds anything that is judged and may speak of what happened at `since` or later:
/// notices are given beforehand.
fn concerns(body: &BatchBody, since: Observed) -> bool {
    let is_late = body.observed.is_some_and(|span| span.last >= since);
    holds_judged(body) && is_late || body.kinds.keys().any(|kind| kind == "notice")
}

fn holds_judged(body: &BatchBody) -> bool {
    body.kinds
        .keys()
        .any(|kind| JUDGED.contains(&kind.as_str()))
}

/// What was judged from the log's first `entries` entries, of it what was observed at `since` or later.
pub(super) fn window_since(
    record: &truceline_record::Record,
    entries: u64,
    since: Observed,
) -> Result<Window, CentreError> {
    let log = record.log()?;
    let mut window = Window::default();
    for leaf in log.entries(0) {
        let leaf = leaf?;
        if leaf.index >= entries {
            break;
        }
        let entry = leaf.entry()?;
        if entry.kind == BATCH {
            let body = entry.body_as::<BatchBody>()?;
            if concerns(&body, since) {
                window.take(body.read(record.blobs())?);
            }
        } else if entry.kind == EXCLUSION {
            window.exclude(&entry.body_as::<ExclusionBody>()?.observation);
        }
    }
    Ok(window)
}

/// Observations to be judged in the log's first `entries` entries that were observed at `since` or
/// later, and all notices, in the log's order.
pub(super) fn observations_since(
    record: &truceline_record::Record,
    entries: u64,
    since: Observed,
) -> Result<Vec<Observation>, CentreError> {
    let mut window = window_since(record, entries, since)?;
    window.forget_before(since);
    Ok(window.new)
}

/// Whether a finding says something else than the one that stands on the desk, in a way that an
/// officer would want to know: another verdict or kind, a probability moved by five points, a place
/// outside the earlier 50 % ellipse, or a fifth of the evidence more or less.
pub(super) fn materially_differs(new: &Finding, standing: &Finding) -> bool {
    let (a, b) = (&new.event, &standing.event);
    let p_moved = || {
        let moved = |(party, p): (&PartyId, Probability)| {
            (p.get() - b.attribution.p.of(party).get()).abs() >= 0.05
        };
        a.attribution.p.parties().any(moved)
            || (a.attribution.p.none().get() - b.attribution.p.none().get()).abs() >= 0.05
    };
    a.attribution.verdict != b.attribution.verdict
        || a.kind != b.kind
        || holdings(new) != holdings(standing)
        || new.procedures != standing.procedures
        || p_moved()
        || has_moved(a, b)
        || evidence_changed(a, b)
}

fn holdings(finding: &Finding) -> Vec<(String, String)> {
    let held = finding.assessments.iter();
    held.map(|a| (a.clause.to_string(), format!("{:?}", a.holding)))
        .collect()
}

/// Beyond the earlier ellipse of 50 %, along its longer axis: a coarse bound on purpose.
fn has_moved(a: &Event, b: &Event) -> bool {
    let half = Probability::new(0.5);
    let reach_m = half.map_or(0.0, |p| b.cov_m2.ellipse(p).0);
    let point = |p: Position| Point::new(p.lon_deg(), p.lat_deg());
    Haversine.distance(point(a.position), point(b.position)) > reach_m.max(1.0)
}

fn evidence_changed(a: &Event, b: &Event) -> bool {
    let before: std::collections::BTreeSet<_> = b.evidence.iter().collect();
    let shared = a.evidence.iter().filter(|id| before.contains(id)).count();
    let changed = a.evidence.len() + b.evidence.len() - 2 * shared;
    changed * 5 > b.evidence.len()
}

impl Centre {
    /// Keeps the observations of the last hours at hand, for judging while feeds go on.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn keep_window(&mut self) -> Result<(), CentreError> {
        let log = self.record.log()?;
        let mut window = Window::default();
        for leaf in log.entries(0) {
            let leaf = leaf?;
            if leaf.index >= self.seen {
                break;
            }
            let entry = leaf.entry()?;
            if entry.kind == EXCLUSION {
                window.exclude(&entry.body_as::<ExclusionBody>()?.observation);
            }
            if entry.kind != BATCH {
                continue;
            }
            let body = entry.body_as::<BatchBody>()?;
            let since = window.span().map(|[since, _]| since);
            if since.map_or_else(|| holds_judged(&body), |since| concerns(&body, since)) {
                window.take(body.read(self.record.blobs())?);
            }
            if let Some(since) = since.filter(|_| window.new.len() > PRUNE_AT) {
                window.forget_before(since);
            }
        }
        self.window = Some(window);
        Ok(())
    }

    /// Judges what came since the last time, as far as it goes in a moment; whether all that is known
    /// is heeded in full. `None` when nothing is known yet.
    ///
    /// # Errors
    /// When there is no geometry; refused without [`Self::keep_window`].
    pub fn judge_turn(&mut self) -> Result<Option<bool>, CentreError> {
        let (window, theatre, documents) = self.judged_by()?;
        let Some([since, _]) = window.span() else {
            return Ok(None);
        };
        let live = window.live(documents, theatre, since);
        live.judge();
        Ok(Some(live.is_current()))
    }

    /// Judges the last hours in full, and puts before the officers what is new and settled, or
    /// materially otherwise than before. `None` when nothing is known yet.
    ///
    /// # Errors
    /// As [`Self::judge`]; refused without [`Self::keep_window`].
    pub fn judge_window(&mut self) -> Result<Option<Outcome>, CentreError> {
        self.catch_up()?;
        if let Err(why) = self.procedures_in_force() {
            return Ok(Some(Outcome::nothing(&why)));
        }
        let entries = self.seen;
        let theatre_id = self.config.theatre.clone();
        let (window, theatre, documents) = self.judged_by()?;
        let Some([since, now]) = window.span() else {
            return Ok(None);
        };
        let live = window.live(documents, theatre, since);
        let (judged, body) = judge_live(documents, &theatre_id, live, entries, since)?;
        let settled = [since.plus_seconds(EDGE_S), now.plus_seconds(-SETTLED_S)];
        let (new, mut notes) = self.against_the_desk(&judged, Some(settled))?;
        notes.extend(judged.notes.iter().cloned());
        self.enter(judged, &body, &new, notes).map(Some)
    }

    /// The window, and what it is judged by.
    fn judged_by(&mut self) -> Result<(&mut Window, &Theatre, &Documents), CentreError> {
        let theatre = geometry(&self.documents)?;
        let Some(window) = &mut self.window else {
            return Err(CentreError::Refused("no window is kept".into()));
        };
        Ok((window, theatre, self.documents.parsed()))
    }

    /// Whether an instant is within the hours that are judged again and again.
    pub(super) fn is_in_window(&self, at: Observed) -> bool {
        let now = self.window.as_ref().and_then(Window::now);
        now.is_some_and(|now| at >= now.plus_seconds(EDGE_S - WINDOW_S))
    }

    /// How many observations ever came that are judged while feeds go on; a number that only grows.
    #[must_use]
    pub fn to_be_judged(&self) -> u64 {
        self.window.as_ref().map_or(0, |window| window.came)
    }
}

/// Judges all that the engine holds as observations come, in full.
pub(super) fn judge_live(
    documents: &Documents,
    theatre_id: &truceline_domain::TheatreId,
    live: &mut Live,
    entries: u64,
    since: Observed,
) -> Result<(Judged, JudgementBody), CentreError> {
    live.judge_whole();
    let observations: Vec<Observation> = live.observations().cloned().collect();
    let all = Considered {
        entries,
        since: Some(since),
        theatre: live.theatre(),
        observations: &observations,
        parameters: live.parameters(),
    };
    held_against(documents, theatre_id, &all, live.judgement())
}

/// While the log is read through, what is too old is forgotten when so many are held.
const PRUNE_AT: usize = 500_000;
