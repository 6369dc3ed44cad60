//! What was watched, kept as it grows: a new minute costs its own observations and not the whole hour's again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use truceline_agreement::Theatre;
use truceline_domain::{FeedId, Observation, Observed, Sha256};
use truceline_engine::{CoverageState, is_camera, reach_s};
use truceline_record::bodies::BatchBody;

use super::batches::{Batches, Found, touches};
use crate::CentreError;

/// What is asked for until so long before the newest observation is kept and grows, seconds; what is older is made, and let go.
const RECENT_S: f64 = 3600.0;
/// A camera's packets that come later than this after newer ones of their feed are taken in their place: all is made anew, seconds.
const LATE_S: f64 = 10.0;

/// What was watched of late. One batch of observations is in memory at a time.
#[derive(Debug)]
pub(crate) struct Watching {
    batches: Arc<Batches>,
    grown: Mutex<Option<Grown>>,
}

/// All that was recorded and may speak for the time since an instant.
#[derive(Debug)]
struct Grown {
    theatre: Sha256,
    from: Observed,
    /// So many entries of the log are in it.
    entries: u64,
    /// Until when the cameras of each feed were seen.
    newest: BTreeMap<FeedId, Observed>,
    state: CoverageState,
}

impl Watching {
    pub(super) fn new(batches: Arc<Batches>) -> Self {
        Self {
            batches,
            grown: Mutex::default(),
        }
    }

    /// What was watched, to be asked for any part of a span.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(crate) fn between(
        &self,
        theatre: &Theatre,
        from: Observed,
        to: Observed,
    ) -> Result<CoverageState, CentreError> {
        // Who asks meanwhile waits, and has the same sooner than by reading it too.
        let mut kept = self.grown.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|grown| grown.has(theatre, from)) {
            // It is out while it grows: what fails is made anew.
            let grown = kept.take().map(|grown| self.grow(grown)).transpose()?;
            *kept = grown.flatten();
        } else if let Some(newest) = self.batches.newest()?
            && newest.seconds_since(to) > RECENT_S
        {
            drop(kept);
            return Ok(self.begin(theatre, from, to)?.settled(from, to));
        }
        let mut grown = match kept.take().filter(|grown| grown.has(theatre, from)) {
            Some(grown) => grown,
            None => self.begin(theatre, from, Observed::MAX)?,
        };
        let state = grown.settled(from, to);
        *kept = Some(grown);
        Ok(state)
    }

    /// All that speaks for a span.
    fn begin(&self, theatre: &Theatre, from: Observed, to: Observed) -> Result<Grown, CentreError> {
        let far_s = reach_s("report");
        let wide = [from.plus_seconds(-far_s), to.plus_seconds(far_s)];
        let Found { bodies, entries } = self.batches.bodies(wide[0], wide[1])?;
        let mut grown = Grown {
            theatre: theatre.sha256,
            from,
            entries,
            newest: BTreeMap::new(),
            state: CoverageState::new(theatre),
        };
        let mut speaks: Vec<_> = bodies
            .iter()
            .filter_map(|body| Some((body.observed?, body)))
            .filter(|(span, body)| {
                let reach_s = body
                    .kinds
                    .keys()
                    .map(|kind| reach_s(kind))
                    .fold(0.0, f64::max);
                touches(*span, from.plus_seconds(-reach_s), to.plus_seconds(reach_s))
            })
            .collect();
        // What a feed sent late, and what was taken from a file long after, comes in its place.
        speaks.sort_by_key(|(span, _)| span.first);
        for (_, body) in speaks {
            grown.take(body, self.batches.read(body)?);
        }
        Ok(grown)
    }

    /// With what was recorded since; `None` when that belongs before what it has.
    fn grow(&self, mut grown: Grown) -> Result<Option<Grown>, CentreError> {
        let Found { bodies, entries } = self.batches.since(grown.entries)?;
        for body in &bodies {
            if grown.is_late(body) {
                return Ok(None);
            }
            grown.take(body, self.batches.read(body)?);
        }
        grown.entries = entries;
        Ok(Some(grown))
    }
}

impl Grown {
    /// Whether it has all that speaks for the time since an instant.
    fn has(&self, theatre: &Theatre, from: Observed) -> bool {
        self.theatre == theatre.sha256 && self.from <= from
    }

    fn is_late(&self, body: &BatchBody) -> bool {
        let newest = self.newest.get(&body.feed);
        let first = body.observed.map(|span| span.first);
        let late_s = newest
            .zip(first)
            .map(|(newest, first)| newest.seconds_since(first));
        looks(body) && late_s.is_some_and(|late_s| late_s > LATE_S)
    }

    fn take(&mut self, body: &BatchBody, mut observations: Vec<Observation>) {
        observations.sort_by(|a, b| (a.observed, &a.id).cmp(&(b.observed, &b.id)));
        for o in &observations {
            self.state.push(o);
        }
        if let Some(span) = body.observed.filter(|_| looks(body)) {
            let newest = self.newest.entry(body.feed.clone()).or_insert(span.last);
            *newest = span.last.max(*newest);
        }
    }

    /// As if no frame came late any more. What is reckoned of the span stays known.
    fn settled(&mut self, from: Observed, to: Observed) -> CoverageState {
        self.state.stretches(from, to);
        let mut state = self.state.clone();
        state.settle();
        state
    }
}

/// Whether there are packets of cameras in it.
fn looks(body: &BatchBody) -> bool {
    body.kinds.keys().any(|kind| is_camera(kind))
}

#[cfg(test)]
mod tests;
