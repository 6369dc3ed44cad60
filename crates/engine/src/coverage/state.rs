//! Coverage as observations arrive.

use std::collections::BTreeMap;

use truceline_agreement::Theatre;
use truceline_domain::{Observation, Observed};

use super::evidence::{Changed, Evidence};
use super::places::Places;
use super::sums::{self, Hour, Stretch};
use super::watch::{Cells, REACH_BINS, Watchers};
use super::{BIN_S, bin_of};

/// Bins whose probabilities are kept: a week; older ones are reckoned again when asked for.
const MOST_CELLS: usize = 1_008;

/// What was watched, as it grows: push observations in any order, ask for any span at any time.
///
/// What sensors, posts and stations say gives the same in any order. Of a camera's packets one a second
/// is looked at, in the order in which they arrive, so another order may shift what it saw by a second.
///
/// Only bins that something new speaks of are reckoned again. Memory: a year of bins of evidence (the
/// oldest go first), a week of probabilities. Frames of cameras wait ten seconds for earlier ones that
/// come late; [`CoverageState::settle`] ends the wait.
#[derive(Debug, Clone)]
pub struct CoverageState {
    lines: Vec<sums::Line>,
    places: Option<Places>,
    evidence: Evidence,
    watchers: Watchers,
    cells: BTreeMap<i64, Cells>,
    changed: Vec<Changed>,
}

impl CoverageState {
    /// Nothing observed yet. Lines of sight over the theatre's terrain are found here, once.
    #[must_use]
    pub fn new(theatre: &Theatre) -> Self {
        let places = Places::of(theatre);
        let evidence = Evidence::new(theatre);
        let watchers = places
            .as_ref()
            .map(|places| Watchers::of(theatre, places, &evidence))
            .unwrap_or_default();
        Self {
            lines: theatre.lines.iter().map(sums::Line::of).collect(),
            places,
            evidence,
            watchers,
            cells: BTreeMap::new(),
            changed: vec![],
        }
    }

    /// Takes an observation.
    pub fn push(&mut self, o: &Observation) {
        if let Some(places) = &self.places {
            self.evidence.push(places, o, &mut self.changed);
            self.forget();
        }
    }

    /// Counts frames that still wait for earlier ones, as if none came any more.
    pub fn settle(&mut self) {
        if let Some(places) = &self.places {
            self.evidence.settle(places, &mut self.changed);
            self.forget();
        }
    }

    /// Every stretch of the theatre's lines from `from` until `until`; at most a year.
    pub fn stretches(&mut self, from: Observed, until: Observed) -> Vec<Stretch> {
        let mut sums = sums::Sums::new(&self.lines, self.places.as_ref());
        let Some(places) = &self.places else {
            return sums.stretches();
        };
        for (bin, seconds) in span(from, until) {
            if !self.cells.contains_key(&bin) {
                make_room(&mut self.cells, bin);
                let cells = self.watchers.cells(places, &self.evidence, bin);
                self.cells.insert(bin, cells);
            }
            if let Some(cells) = self.cells.get(&bin) {
                sums.add(cells, bin, seconds);
            }
        }
        sums.stretches()
    }

    /// Every stretch, hour by hour (hours of UTC).
    pub fn hours(&mut self, from: Observed, until: Observed) -> Vec<Hour> {
        let mut hours = vec![];
        let mut at = from;
        while at < until {
            let hour_s = (at.unix_us() as f64 / 3.6e9).floor() + 1.0;
            let next = Observed::from_unix_us((hour_s * 3.6e9) as i64).unwrap_or(until);
            let end = next.min(until);
            if end <= at {
                break;
            }
            let stretches = self.stretches(at, end).into_iter();
            hours.extend(stretches.map(|stretch| Hour {
                from: at,
                until: end,
                stretch,
            }));
            at = end;
        }
        hours
    }

    /// Forgets the probabilities of bins that something new speaks of.
    fn forget(&mut self) {
        for changed in self.changed.drain(..) {
            match changed {
                Changed::Bin(bin) => {
                    self.cells.remove(&bin);
                }
                Changed::Around(bin) => {
                    for near in bin - REACH_BINS..=bin + REACH_BINS {
                        self.cells.remove(&near);
                    }
                }
            }
        }
    }
}

/// Bins of a span with the seconds of each that lie in it.
fn span(from: Observed, until: Observed) -> impl Iterator<Item = (i64, f64)> {
    const MOST_BINS: i64 = 52_704;
    let [from_s, until_s] = [from, until].map(|t| t.unix_us() as f64 / 1e6);
    let first = bin_of(from);
    let last = bin_of(until).min(first + MOST_BINS);
    (first..=last).filter_map(move |bin| {
        let start_s = bin as f64 * BIN_S;
        let seconds = (start_s + BIN_S).min(until_s) - start_s.max(from_s);
        (seconds > 0.0).then_some((bin, seconds))
    })
}

/// Leaves out the oldest bin when there are too many, or the newest when the one to come is older.
fn make_room(cells: &mut BTreeMap<i64, Cells>, bin: i64) {
    if cells.len() < MOST_CELLS {
        return;
    }
    if cells
        .first_key_value()
        .is_some_and(|(first, _)| *first < bin)
    {
        cells.pop_first();
    } else {
        cells.pop_last();
    }
}

/// Coverage of every stretch of the theatre's lines from `from` until `until` (at most a year).
#[must_use]
pub fn coverage(
    theatre: &Theatre,
    observations: &[Observation],
    from: Observed,
    until: Observed,
) -> Vec<Stretch> {
    covered(theatre, observations).stretches(from, until)
}

/// All of a theatre's observations taken, to be asked for spans and hours.
#[must_use]
pub fn covered(theatre: &Theatre, observations: &[Observation]) -> CoverageState {
    let mut state = CoverageState::new(theatre);
    let mut order: Vec<&Observation> = observations.iter().collect();
    order.sort_by(|a, b| (a.observed, &a.id).cmp(&(b.observed, &b.id)));
    for o in order {
        state.push(o);
    }
    state.settle();
    state
}
