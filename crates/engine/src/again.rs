//! The second association: rounds of known guns take the arrivals that suit their gun's place, and
//! what is left over is tried at places that fired.

use std::cell::LazyCell;

use crate::associate::{Associator, LEAST_SCORE, REACH_M, Source, in_order};
use crate::field::Track;
use crate::locate::{Anchor, State, fit};
use crate::plane::{Xy, root_sum};
use crate::sound::Air;
use crate::workers::Workers;

/// A place that fired, and between which times it is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) anchor: Anchor,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
}

/// What the first association found out about a chunk's time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Sources, those of a gun anchored at it. Their picks are numbered as in the chunk.
    pub(crate) sources: Vec<Source>,
    /// Places in order of `from_s`.
    pub(crate) places: Vec<Place>,
}

/// A place is tried this long before and after it is known to have fired, seconds.
const KNOWN_S: f64 = 900.0;
/// An arrival from a known place comes within this of where it is due, seconds: its time by one
/// arrival, the place's error, and the air over 20 km.
const DUE_S: f64 = 1.5;
/// Between the speeds of the two kinds of shocks, m/s.
const SHOCK_MPS: f64 = 4000.0;
/// Of a station that floods the centre no more arrivals than these are tried.
const MOST_TRIED: usize = 1000;
/// What the time of a round counts as against it: nothing is as cheap as an arrival at one array.
const KNOWN_TIME: f64 = -5.0;

impl Known {
    /// All of it as numbers, for the digest of a chunk.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let anchor = |a: &Anchor| [a.at.e, a.at.n, a.sd_m];
        let mut all = vec![];
        for s in &self.sources {
            all.extend(s.estimate.state.iter());
            all.extend(s.estimate.cov.iter());
            all.extend(s.picks.iter().map(|p| *p as f64));
            all.extend(s.anchor.iter().flat_map(anchor));
            all.push(s.score);
        }
        for p in &self.places {
            all.extend(anchor(&p.anchor));
            all.extend([p.from_s, p.until_s]);
        }
        all
    }
}

impl Associator<'_> {
    /// All sources, given what is known. A chunk full of arrivals takes the longest of all that a judgement
    /// does: its parts are shared out too.
    pub(crate) fn again(mut self, known: &Known, workers: &Workers) -> Vec<Source> {
        let candidates = workers.each(&known.sources, |s| {
            self.round(s).unwrap_or_else(|| s.clone())
        });
        let mut accepted = vec![];
        self.accept(candidates, 2, &mut accepted);
        let mut seeds: Vec<usize> = vec![];
        for station in &self.field.stations {
            let free = station.sounds.picks.iter().filter(|p| !self.taken[**p]);
            seeds.extend(free.take(MOST_TRIED));
        }
        let more = workers.each(&seeds, |seed| self.best_from_places(*seed, &known.places));
        self.accept(more.into_iter().flatten().collect(), 2, &mut accepted);
        in_order(&mut accepted);
        accepted
    }

    /// An anchored source grown again from its gun's place and its time, of the picks that are free.
    pub(crate) fn round(&self, source: &Source) -> Option<Source> {
        let anchor = source.anchor.as_ref()?;
        self.grow(&[], &source.estimate, source.air, Some(anchor), KNOWN_TIME)
    }

    /// Whether anything free that may come from a place and time reached another station: most single
    /// arrivals are alone, and nothing dearer is asked of them.
    fn is_heard_elsewhere(&self, but: Option<usize>, at: Xy, t0_s: f64, air: &Air) -> bool {
        let is_free = |p: &usize| !self.taken[*p];
        let stations = self.field.stations.iter().enumerate();
        let mut others = stations.filter(|(number, _)| Some(*number) != but);
        others.any(|(_, there)| {
            let way = there.at.minus(at);
            let r_m = way.length().max(50.0);
            let due_s = t0_s + r_m / air.speed_mps(Xy::new(way.e / r_m, way.n / r_m));
            let near = |list: &Track, due_s: f64| {
                let near = list.between(due_s - DUE_S, due_s + DUE_S);
                near.iter().any(is_free)
            };
            r_m < REACH_M
                && (near(&there.sounds, due_s)
                    || near(&there.lights, t0_s)
                    || near(&there.shocks, t0_s + r_m / SHOCK_MPS))
        })
    }

    pub(crate) fn best_from_places(&self, seed: usize, places: &[Place]) -> Option<Source> {
        let pick = self.pick(seed);
        let at = self.field.stations.get(pick.station?)?.at;
        let (bearing, sd) = pick.bearing?;
        let air = LazyCell::new(|| self.air(seed));
        let mut tried: Vec<Xy> = vec![];
        let mut best: Option<Source> = None;
        for place in places {
            if pick.t_s < place.from_s - KNOWN_S || pick.t_s > place.until_s + KNOWN_S {
                continue;
            }
            let anchor = &place.anchor;
            let way = at.minus(anchor.at);
            let r_m = way.length().max(50.0);
            let off = crate::plane::wrapped(anchor.at.minus(at).bearing_rad() - bearing);
            if r_m > REACH_M
                || off.abs() > 3.5 * root_sum(sd, anchor.sd_m / r_m)
                || tried.iter().any(|t| t.distance(anchor.at) < 30.0)
            {
                continue;
            }
            tried.push(anchor.at);
            let u = Xy::new(way.e / r_m, way.n / r_m);
            let t0 = pick.t_s - r_m / air.speed_mps(u);
            if !self.is_heard_elsewhere(pick.station, anchor.at, t0, &air) {
                continue;
            }
            let start = State::from([anchor.at.e, anchor.at.n, t0, 0.0, 0.0, 0.0]);
            let Some(estimate) = fit(self.field, &[seed], &air, &start, Some(anchor), 2) else {
                continue;
            };
            if let Some(source) = self.grow(&[seed], &estimate, *air, Some(anchor), 0.0)
                && source.picks.len() >= 2
                && source.score > LEAST_SCORE
                && best.as_ref().is_none_or(|b| source.score > b.score)
            {
                best = Some(source);
            }
        }
        best
    }
}
