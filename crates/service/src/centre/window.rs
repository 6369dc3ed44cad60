//! Judging while feeds go on: the last hours are looked at again and again, and what changed
//! materially is put before the officers anew.
//!
//! *Now* is what the sources say, not this machine's clock: the median of the sources' latest times,
//! so that an exercise of another year can be watched as it runs, and one clock that is years ahead
//! moves nothing. A judgement's entry says which span it looked at; a replay looks at the same.

use std::collections::BTreeMap;

use geo::{Distance as _, Haversine, Point};
use truceline_domain::{
    Body, Event, Finding, Observation, ObservationId, Observed, PartyId, Position, Probability,
    SourceId,
};
use truceline_record::bodies::{BATCH, BatchBody};
use truceline_record::watch::{EXCLUSION, ExclusionBody};

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

/// The observations that are judged again and again.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// In the record's order.
    pub(super) observations: Vec<Observation>,
    /// How many ever came, to tell whether there are new ones.
    pub(super) came: u64,
    latest: BTreeMap<SourceId, Observed>,
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
            self.observations.push(observation);
        }
    }

    /// Judges by an observation no more.
    pub(super) fn exclude(&mut self, id: &ObservationId) {
        self.observations.retain(|o| o.id != *id);
        // Something to be judged anew.
        self.came += 1;
    }

    /// The median of the sources' latest times.
    pub(super) fn now(&self) -> Option<Observed> {
        let mut times: Vec<_> = self.latest.values().copied().collect();
        times.sort();
        times.get(times.len() / 2).copied()
    }

    /// Forgets what is older than `since`.
    pub(super) fn forget_before(&mut self, since: Observed) {
        self.observations
            .retain(|o| o.observed.is_some_and(|at| at >= since));
    }
}

fn is_judged(body: &Body) -> bool {
    JUDGED.contains(&body.kind())
}

/// Whether a batch holds anything that is judged and was observed at `since` or later.
fn concerns(body: &BatchBody, since: Observed) -> bool {
    body.observed.is_some_and(|span| span.last >= since) && holds_judged(body)
}

fn holds_judged(body: &BatchBody) -> bool {
    body.kinds
        .keys()
        .any(|kind| JUDGED.contains(&kind.as_str()))
}

/// Observations to be judged in the log's first `entries` entries that were observed at `since` or
/// later, in the log's order.
pub(super) fn observations_since(
    record: &truceline_record::Record,
    entries: u64,
    since: Observed,
) -> Result<Vec<Observation>, CentreError> {
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
    window.forget_before(since);
    Ok(window.observations)
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
            let since = window.now().map(|now| now.plus_seconds(-WINDOW_S));
            if since.map_or_else(|| holds_judged(&body), |since| concerns(&body, since)) {
                window.take(body.read(self.record.blobs())?);
            }
            if let Some(since) = since.filter(|_| window.observations.len() > PRUNE_AT) {
                window.forget_before(since);
            }
        }
        self.window = Some(window);
        Ok(())
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

/// While the log is read through, what is too old is forgotten when so many are held.
const PRUNE_AT: usize = 500_000;
