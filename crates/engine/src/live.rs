//! The engine as observations arrive: the same judgement as over all of them at once, in whatever
//! order they came.
//!
//! What lies within a window behind the latest observation is kept and judged again at each asking;
//! what has not changed since is not worked out anew. An event that falls behind the window's edge is
//! settled: it is told as such once, and not touched again.
//!
//! A judgement heeds every observation that came. What no new observation touches, but what was learnt
//! meanwhile of sensors, air and guns does, is brought up to date bit by bit, so that no one waits for
//! it; the judgement is that of the whole once [`Live::is_current`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use truceline_agreement::Theatre;
use truceline_domain::{Body, Event, FindingId, Observation, ObservationId, Observed};

use crate::chunk::MARGIN_S;
use crate::link::LONGEST_S;
use crate::memo::{Memo, Pace};
use crate::workers::Workers;
use crate::{Judgement, Parameters, judge};

/// How far back observations are kept and revised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Observations older than this, against the latest observed, are forgotten, seconds. At least
    /// the lateness that is to be borne (a satellite's pass: three hours) and [`Window::EDGE_S`].
    /// Infinite where [`Live::forget_before`] alone forgets. A notice is as old as the end of what it
    /// announces, a month after it was given at most.
    pub span_s: f64,
    /// An observation whose source's clock runs this far ahead of its arrival is refused, seconds: it
    /// would push the window past all others.
    pub ahead_s: f64,
}

impl Window {
    /// Events nearer than this to the window's old end are settled, seconds: part of what they rest
    /// on may be forgotten already (the longest way of sound, twice, and the longest flight).
    pub const EDGE_S: f64 = 2.0 * MARGIN_S + LONGEST_S;
}

impl Default for Window {
    /// Three hours and the edge; clocks up to ten minutes ahead.
    fn default() -> Self {
        Self {
            span_s: 3.0 * 3600.0 + Self::EDGE_S,
            ahead_s: 600.0,
        }
    }
}

/// What is announced for later than this after the notice needs another, seconds (a month).
const LONGEST_NOTICE_S: f64 = 31.0 * 86_400.0;

/// Chunks of each question that no new reading touches and that are brought up to date in one
/// judgement: when something new came, and when nothing did.
const AT_ONCE: [usize; 2] = [1, 4];

/// What became of observations that were pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pushed {
    /// Taken into the window.
    pub kept: usize,
    /// A second delivery of what is there.
    pub again: usize,
    /// Older than the window.
    pub too_late: usize,
    /// Observed after they were received, by more than a clock may run ahead.
    pub ahead: usize,
    /// Without a time that can be believed.
    pub no_time: usize,
}

/// What a judgement changed since the one before.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Revision {
    /// Events that were not there.
    pub new: Vec<Event>,
    /// Events that say something else, with the name of the one each takes the place of (its own
    /// where it rests on the same evidence).
    pub revised: Vec<(FindingId, Event)>,
    /// Events that are found no more.
    pub withdrawn: Vec<FindingId>,
    /// Events that will not be revised any more: the window has passed them.
    pub settled: Vec<FindingId>,
}

impl Revision {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.revised.is_empty()
            && self.withdrawn.is_empty()
            && self.settled.is_empty()
    }
}

/// A theatre judged as observations arrive.
///
/// Memory is bounded by the window: what lies behind it is forgotten. The judgement, once current, is
/// that of [`crate::judge()`] over the observations in the window, each once.
#[derive(Debug)]
pub struct Live {
    theatre: Theatre,
    parameters: Parameters,
    window: Window,
    kept: BTreeMap<(Observed, ObservationId), Observation>,
    latest: Option<Observed>,
    /// What was observed before is refused, whatever the span.
    begins: Option<Observed>,
    memo: Memo,
    judgement: Judgement,
    is_stale: bool,
    has_forgotten: bool,
}

impl Live {
    /// With nothing observed yet.
    #[must_use]
    pub fn new(theatre: Theatre, parameters: Parameters, window: Window) -> Self {
        Self {
            theatre,
            parameters,
            window,
            kept: BTreeMap::new(),
            latest: None,
            begins: None,
            memo: Memo::of(Workers::of_machine()),
            judgement: Judgement::default(),
            is_stale: false,
            has_forgotten: false,
        }
    }

    /// Takes in observations, in any order.
    pub fn push(&mut self, observations: &[Observation]) -> Pushed {
        let mut pushed = Pushed::default();
        for o in observations {
            let Some(observed) = o.observed else {
                pushed.no_time += 1;
                continue;
            };
            let is_ahead = |o: &Observation| {
                let received = o.received.map(|r| r.unix_us());
                let ahead_us = (self.window.ahead_s * 1e6) as i64;
                received.is_some_and(|r| observed.unix_us() > r.saturating_add(ahead_us))
            };
            if is_ahead(o) {
                pushed.ahead += 1;
            } else if self.edge().is_some_and(|edge| lasts(o, observed) < edge) {
                pushed.too_late += 1;
                self.has_forgotten = true;
            } else {
                self.latest = self.latest.max(Some(observed));
                self.keep(observed, o, &mut pushed);
            }
        }
        self.forget();
        pushed
    }

    /// Of two deliveries of one name the first received speaks, as in a judgement of all at once.
    fn keep(&mut self, observed: Observed, o: &Observation, pushed: &mut Pushed) {
        let key = (lasts(o, observed), o.id.clone());
        match self.kept.get(&key) {
            Some(there) if (there.received, order(there)) <= (o.received, order(o)) => {
                pushed.again += 1;
            }
            _ => {
                pushed.kept += 1;
                self.is_stale = true;
                self.kept.insert(key, o.clone());
            }
        }
    }

    /// Older than this is forgotten.
    fn edge(&self) -> Option<Observed> {
        let span_s = self.window.span_s;
        let latest = self.latest.filter(|_| span_s.is_finite());
        latest.map(|t| t.plus_seconds(-span_s)).max(self.begins)
    }

    /// Forgets all that was observed before a time, and refuses it from now on, whatever the window's
    /// span: for those who know better what time it is than the latest observation tells.
    pub fn forget_before(&mut self, time: Observed) {
        if Some(time) > self.begins {
            self.begins = Some(time);
            self.has_forgotten = true;
            self.forget();
        }
    }

    /// Judges by an observation no more.
    pub fn exclude(&mut self, id: &ObservationId) {
        let before = self.kept.len();
        self.kept.retain(|(_, known), _| known != id);
        self.is_stale |= self.kept.len() < before;
    }

    fn forget(&mut self) {
        let Some(edge) = self.edge() else { return };
        while let Some(first) = self.kept.first_entry().filter(|e| e.key().0 < edge) {
            first.remove();
            self.is_stale = true;
            self.has_forgotten = true;
        }
    }

    /// Whether the judgement is that of the whole window: nothing came since, and nothing in it waits
    /// to be brought up to date.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        !self.is_stale && !self.memo.is_behind
    }

    /// Judges with other geometry or another threshold from now on. All is judged anew.
    pub fn set(&mut self, theatre: Theatre, parameters: Parameters) {
        self.theatre = theatre;
        self.parameters = parameters;
        self.memo = Memo::of(self.memo.workers());
        self.is_stale = true;
    }

    /// Judges what there is now, and tells what changed since the last time: all that new observations
    /// touch, and a part of what waits to be brought up to date.
    pub fn judge(&mut self) -> Revision {
        if self.is_current() {
            return Revision::default();
        }
        let pace = Pace::Turn {
            chunks: AT_ONCE[usize::from(!self.is_stale)],
            keeps_corrections: self.is_stale,
        };
        self.judge_at(pace)
    }

    /// Judges until the judgement is current; what changed since the last time.
    pub fn judge_whole(&mut self) -> Revision {
        if self.is_current() {
            return Revision::default();
        }
        self.judge_at(Pace::Whole)
    }

    fn judge_at(&mut self, pace: Pace) -> Revision {
        self.is_stale = false;
        let all: Vec<&Observation> = self.kept.values().collect();
        let mut judgement =
            judge::judge(&self.theatre, &all, &self.parameters, &mut self.memo, pace);
        // Where observations were forgotten the evidence is cut: what was found there before stands.
        let edge = self.edge().filter(|_| self.has_forgotten);
        let settled_before = edge.map(|e| e.plus_seconds(Window::EDGE_S));
        let is_settled = |e: &Event| settled_before.is_some_and(|s| e.time < s);
        judgement.events.retain(|e| !is_settled(e));
        let before = std::mem::replace(&mut self.judgement, judgement);
        revision(before.events, &self.judgement.events, is_settled)
    }

    /// The judgement of the window as last judged.
    #[must_use]
    pub const fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// The observations in the window, in order of time (notices: of the end of what they announce).
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.kept.values()
    }

    /// What the judgement keeps to.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        self.parameters
    }

    /// The theatre judged.
    #[must_use]
    pub const fn theatre(&self) -> &Theatre {
        &self.theatre
    }
}

/// Until when an observation may be evidence of what happens.
fn lasts(o: &Observation, observed: Observed) -> Observed {
    match &o.body {
        Body::Notice(notice) => {
            let most = observed.plus_seconds(LONGEST_NOTICE_S);
            notice.window[1].clamp(observed, most)
        }
        _ => observed,
    }
}

fn order(o: &Observation) -> String {
    serde_json::to_string(o).unwrap_or_default()
}

/// What changed from the events before to those now. A new event that rests on at least half of the
/// same evidence as one that is gone, by the smaller of the two, takes its place.
fn revision(before: Vec<Event>, now: &[Event], is_settled: impl Fn(&Event) -> bool) -> Revision {
    let mut revision = Revision::default();
    let mut gone: BTreeMap<FindingId, Event> =
        before.into_iter().map(|e| (e.id.clone(), e)).collect();
    let mut others = vec![];
    for event in now {
        match gone.remove(&event.id) {
            Some(earlier) if earlier == *event => {}
            Some(earlier) => revision.revised.push((earlier.id, event.clone())),
            None => others.push(event),
        }
    }
    gone.retain(|id, event| {
        let settled = is_settled(event);
        if settled {
            revision.settled.push(id.clone());
        }
        !settled
    });
    for event in others {
        match successor_of(event, &gone) {
            Some(id) => {
                gone.remove(&id);
                revision.revised.push((id, event.clone()));
            }
            None => revision.new.push(event.clone()),
        }
    }
    revision.withdrawn = gone.into_keys().collect();
    revision
}

/// The event among those gone that another takes the place of; of several the one with most evidence
/// in common, then the first by name.
fn successor_of(event: &Event, gone: &BTreeMap<FindingId, Event>) -> Option<FindingId> {
    let evidence: BTreeSet<&ObservationId> = event.evidence.iter().collect();
    let shared = |other: &Event| {
        other
            .evidence
            .iter()
            .filter(|id| evidence.contains(id))
            .count()
    };
    gone.iter()
        .map(|(id, other)| (shared(other), evidence.len().min(other.evidence.len()), id))
        .filter(|(shared, smaller, _)| *shared > 0 && shared * 2 >= *smaller)
        .max_by(|a, b| a.0.cmp(&b.0).then(b.2.cmp(a.2)))
        .map(|(_, _, id)| id.clone())
}
