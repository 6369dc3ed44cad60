//! Which arrivals come from one source: seeds of two arrivals, grown station by station while the
//! likelihood gains, then accepted best first.
//!
//! The score of a source is a logarithm of a likelihood ratio: its picks explained by one source
//! against each by anything else that arrives at its station. Arrivals that ought to have been heard
//! and were not count against it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::locate::{Anchor, Estimate, State, bearing_residual, fit, residuals, time_residual};
use crate::plane::Xy;
use crate::prepare::{Pick, Prepared, Track, Wave};
use crate::signature::{
    self, ANY_PER_DB, ANY_PER_LN_HZ, ANY_PER_LN_S, ARRAY_LEVEL_SD_DB, ARRAY_LN_HZ_SD,
    ARRAY_LN_S_SD, Fingerprint, Mean, Signature, ln_normal,
};
use crate::sound::Air;

/// A source of sound, light or shocks at one place and time.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) estimate: Estimate,
    pub(crate) air: Air,
    /// Its picks, in order of time.
    pub(crate) picks: Vec<usize>,
    pub(crate) fingerprint: Fingerprint,
    /// Logarithm of the likelihood ratio.
    pub(crate) score: f64,
}

/// What a new source costs: the chance that any lies at just this place and time, against noise.
const NEW_SOURCE: f64 = -1.0;
/// Least score of a source to be told.
const LEAST_SCORE: f64 = 3.0;
/// Score from which a source's picks start no other candidates.
const CLEAR_SCORE: f64 = 25.0;
/// Farthest that any weapon was heard, metres.
const REACH_M: f64 = 42_000.0;
/// Partners of a seed are looked for at this many nearest stations.
const PARTNER_STATIONS: usize = 9;
/// Of a station that floods the centre with arrivals no more than these are looked at for one seed.
const MOST_PARTNERS: usize = 400;
/// Candidates of a seed that are grown.
const PARTNERS: usize = 10;
/// Gates in standard deviations.
const GATE_SD: f64 = 4.0;
/// No gate is wider than this, seconds.
const WIDEST_GATE_S: f64 = 2.5;
/// Of two sounds within this time at an array the weaker is lost (the scenario set's statement).
const DEAD_TIME_S: f64 = 0.25;
/// An array counts as up that heard anything within this time, seconds.
const UP_S: f64 = 3600.0;
/// Taken where no frequency was measured.
const UNKNOWN_HZ: f64 = 100.0;
/// An array that works misses a sound that it ought to hear by chance this often.
const OUT_OF_ORDER: f64 = 0.08;

pub(crate) struct Associator<'p, 'a> {
    pub(crate) all: &'p Prepared<'a>,
    signatures: Vec<Signature>,
    /// Stations by distance from each station.
    neighbours: Vec<Vec<usize>>,
    taken: Vec<bool>,
}

impl<'p, 'a> Associator<'p, 'a> {
    pub(crate) fn new(all: &'p Prepared<'a>) -> Self {
        let neighbours = all
            .stations
            .iter()
            .map(|s| {
                let mut order: Vec<usize> = (0..all.stations.len()).collect();
                let distance = |i: &usize| all.stations[*i].at.distance(s.at);
                order.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
                order
            })
            .collect();
        let taken = vec![false; all.picks.len()];
        Self {
            all,
            signatures: signature::all(),
            neighbours,
            taken,
        }
    }

    /// All sources that can be told, in order of time. `least_picks` above two gives the clear ones.
    pub(crate) fn sources(mut self, least_picks: usize) -> Vec<Source> {
        let mut accepted = vec![];
        let rounds = if least_picks > 2 { 1 } else { 4 };
        for _ in 0..rounds {
            let candidates = self.candidates(least_picks);
            let before = accepted.len();
            self.accept(candidates, least_picks, &mut accepted);
            if accepted.len() == before {
                break;
            }
        }
        if least_picks <= 2 {
            self.from_known_places(&mut accepted);
        }
        accepted.sort_by(|a, b| {
            let t = |s: &Source| s.estimate.t_s();
            t(a).total_cmp(&t(b)).then_with(|| a.picks.cmp(&b.picks))
        });
        accepted
    }

    fn pick(&self, number: usize) -> &Pick {
        &self.all.picks[number]
    }

    /// The best source through each seed, loudest seeds first.
    fn candidates(&self, least_picks: usize) -> Vec<Source> {
        let loudness = |p: &usize| match self.pick(*p).wave {
            Wave::Sound { level_db, .. } => level_db,
            _ => f64::NEG_INFINITY,
        };
        let sounds = self
            .all
            .stations
            .iter()
            .flat_map(|s| s.sounds.picks.iter().copied());
        let mut seeds: Vec<usize> = sounds.filter(|p| !self.taken[*p]).collect();
        seeds.sort_by(|a, b| loudness(b).total_cmp(&loudness(a)).then(a.cmp(b)));
        // Clear sources show through their first partners already.
        let partners = if least_picks > 2 {
            PARTNERS / 3
        } else {
            PARTNERS
        };
        let mut claimed = self.taken.clone();
        let mut candidates = vec![];
        for seed in seeds {
            if claimed[seed] {
                continue;
            }
            let Some(source) = self.best_through(seed, partners) else {
                continue;
            };
            if source.picks.len() >= least_picks && source.score > LEAST_SCORE {
                if source.score > CLEAR_SCORE {
                    source.picks.iter().for_each(|p| claimed[*p] = true);
                }
                candidates.push(source);
            }
        }
        candidates
    }

    /// Best first; what lost picks to a better one is grown again from what it has left.
    fn accept(&mut self, candidates: Vec<Source>, least_picks: usize, accepted: &mut Vec<Source>) {
        let mut queue: BinaryHeap<ByScore> = candidates.into_iter().map(ByScore).collect();
        while let Some(ByScore(source)) = queue.pop() {
            let left: Vec<usize> = source
                .picks
                .iter()
                .copied()
                .filter(|p| !self.taken[*p])
                .collect();
            if left.len() == source.picks.len() {
                left.iter().for_each(|p| self.taken[*p] = true);
                accepted.push(source);
            } else if left.len() >= 2 {
                // The two that were heard best lead; the rest is won again or lost.
                let again = self
                    .lead(&left)
                    .and_then(|(pair, start)| self.grow(&pair, &start, None, 0.0));
                if let Some(again) = again
                    && again.score > LEAST_SCORE
                    && again.picks.len() >= least_picks
                {
                    queue.push(ByScore(again));
                }
            }
        }
    }

    /// The pair among `left` to start again from: the loudest sound and the one after it.
    fn lead(&self, left: &[usize]) -> Option<(Vec<usize>, Estimate)> {
        let level = |p: &usize| match self.pick(*p).wave {
            Wave::Sound { level_db, .. } => level_db,
            Wave::Light => 200.0,
            _ => f64::NEG_INFINITY,
        };
        let mut order = left.to_vec();
        order.sort_by(|a, b| level(b).total_cmp(&level(a)).then(a.cmp(b)));
        let first = order
            .iter()
            .copied()
            .find(|p| matches!(self.pick(*p).wave, Wave::Sound { .. }))?;
        let second = order.iter().copied().find(|p| *p != first)?;
        let (_, pair) = self.pair(first, second)?;
        let estimate = fit(self.all, &[first, second], &self.air(first), &pair, None, 6)?;
        Some((vec![first, second], estimate))
    }

    fn air(&self, pick: usize) -> Air {
        self.all.weather.at(self.pick(pick).t_s)
    }

    /// The best source that explains `seed` together with others.
    fn best_through(&self, seed: usize, partners: usize) -> Option<Source> {
        let station = self.pick(seed).station?;
        let air = self.air(seed);
        let mut starts: Vec<(f64, usize, State)> = vec![];
        for other in self.neighbours[station].iter().take(PARTNER_STATIONS + 1) {
            let there = &self.all.stations[*other];
            let apart_s = there.at.distance(self.all.stations[station].at) / 310.0;
            let t_s = self.pick(seed).t_s;
            let heard = there
                .sounds
                .between(t_s - apart_s - 0.5, t_s + apart_s + 0.5);
            let heard = if *other == station { &[] } else { heard };
            let seen = there.lights.between(t_s - REACH_M / 330.0, t_s);
            for partner in heard.iter().chain(seen).take(MOST_PARTNERS) {
                if self.taken[*partner] {
                    continue;
                }
                if let Some((worth, start)) = self.pair(seed, *partner) {
                    starts.push((worth, *partner, start));
                }
            }
        }
        starts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Option<Source> = None;
        for (worth, partner, start) in starts.into_iter().take(partners) {
            let pair = vec![seed, partner];
            let Some(estimate) = fit(self.all, &pair, &air, &start, None, 6) else {
                continue;
            };
            let Some(source) = self.grow(&pair, &estimate, None, worth) else {
                continue;
            };
            if best.as_ref().is_none_or(|b| source.score > b.score) {
                best = Some(source);
            }
        }
        best
    }

    /// Where a sound and a second arrival (sound elsewhere, or a flash) cross, and what the pair is
    /// worth: how well the second fits what the first leaves open.
    fn pair(&self, sound: usize, other: usize) -> Option<(f64, State)> {
        let (a, b) = (self.pick(sound), self.pick(other));
        let alike = if matches!(b.wave, Wave::Sound { .. }) {
            alike(&a.wave, &b.wave)?
        } else {
            0.0
        };
        let (at_a, at_b) = (
            self.all.stations.get(a.station?)?.at,
            self.all.stations.get(b.station?)?.at,
        );
        let (bearing_a, sd_a) = a.bearing?;
        let (bearing_b, sd_b) = b.bearing?;
        let air = self.all.weather.at(a.t_s);
        let c = air.still_mps;
        let crossing = |at: Xy, bearing: f64, other: Xy, later_s: f64| -> Option<f64> {
            // |at + r·u − other| = r + c·later: the ray from `at` cuts the hyperbola.
            let u = Xy::of_bearing(bearing);
            let d = at.minus(other);
            let ahead_m = c * later_s;
            let r_m = (ahead_m * ahead_m - d.dot(d)) / (2.0 * (u.dot(d) - ahead_m));
            (r_m > 0.0 && r_m < REACH_M && r_m + ahead_m > 0.0).then_some(r_m)
        };
        let mut best: Option<(f64, State)> = None;
        let mut consider = |at: Xy, r_m: f64, bearing: f64, t0: f64| {
            let place = at.along(Xy::of_bearing(bearing), r_m);
            let state = State::from([place.e, place.n, t0, 0.0, 0.0, 0.0]);
            // Each bearing may be off by its own error as seen from the crossing.
            let miss = [a, b]
                .into_iter()
                .filter_map(|p| bearing_residual(self.all, p, &state))
                .map(|r| (r.value / r.sd).powi(2))
                .sum::<f64>();
            if best.is_none_or(|(m, _)| miss < m) {
                best = Some((miss, state));
            }
        };
        if matches!(b.wave, Wave::Light) {
            let speed = air.speed_mps(Xy::of_bearing(bearing_a + std::f64::consts::PI));
            let r_m = speed * (a.t_s - b.t_s);
            if !(0.0..REACH_M).contains(&r_m) {
                return None;
            }
            consider(at_a, r_m, bearing_a, b.t_s);
        } else {
            let later_s = b.t_s - a.t_s;
            for shift in [0.0, -1.0, 1.0, -2.0, 2.0] {
                let bearing = bearing_a + shift * sd_a;
                if let Some(r_m) = crossing(at_a, bearing, at_b, later_s) {
                    consider(at_a, r_m, bearing, a.t_s - r_m / c);
                }
                let bearing = bearing_b + shift * sd_b;
                if let Some(r_m) = crossing(at_b, bearing, at_a, -later_s) {
                    consider(at_b, r_m, bearing, b.t_s - r_m / c);
                }
            }
        }
        let (miss, state) = best?;
        if miss > 2.0 * GATE_SD * GATE_SD {
            return None;
        }
        // Chances of the second arrival at this time and bearing if it were anything.
        let window_s = if matches!(b.wave, Wave::Light) {
            60.0
        } else {
            (2.0 * at_a.distance(at_b) / c).max(1.0)
        };
        let anything = (b.rate_per_s * window_s).max(1e-3).ln() - std::f64::consts::TAU.ln();
        let bearing_gain = ln_normal(0.0, sd_a.hypot(sd_b)) - 0.5 * miss;
        Some((alike + bearing_gain - anything, state))
    }

    /// Adds, station by station from the nearest, the arrivals that fit best.
    fn grow(
        &self,
        start: &[usize],
        estimate: &Estimate,
        anchor: Option<&Anchor>,
        worth: f64,
    ) -> Option<Source> {
        let air = self.air(*start.first()?);
        let mut source = Source {
            estimate: estimate.clone(),
            air,
            picks: start.to_vec(),
            fingerprint: Fingerprint::default(),
            score: worth + NEW_SOURCE,
        };
        source.fingerprint = self.fingerprint(&source);
        let place = source.estimate.place();
        let mut order: Vec<(f64, usize)> = (self.all.stations.iter().enumerate())
            .map(|(i, s)| (s.at.distance(place), i))
            .filter(|(r, _)| *r < REACH_M)
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let start_kind = self.ln_kind(&source.fingerprint);
        let mut passed = 0;
        for (_, station) in order {
            let gain = self.visit(&mut source, station, start, anchor)?;
            source.score += gain;
            passed += 1;
            // Most false starts show at the stations nearest to them.
            if passed >= 5
                && source.picks.len() <= start.len()
                && source.score + start_kind < LEAST_SCORE - 4.0
            {
                return None;
            }
        }
        self.add_seen(&mut source);
        source.estimate = fit(
            self.all,
            &source.picks,
            &source.air,
            &source.estimate.state,
            anchor,
            5,
        )?;
        self.drop_outliers(&mut source, anchor)?;
        source.fingerprint = self.fingerprint(&source);
        source.score += self.ln_kind(&source.fingerprint);
        source.picks.sort_by(|a, b| {
            self.pick(*a)
                .t_s
                .total_cmp(&self.pick(*b).t_s)
                .then(a.cmp(b))
        });
        let stations = source.picks.iter().map(|p| self.pick(*p).station);
        let apart = stations.clone().any(|s| Some(s) != stations.clone().next());
        apart.then_some(source)
    }

    /// What the fingerprint is worth under the likeliest kinds, against anything.
    fn ln_kind(&self, fingerprint: &Fingerprint) -> f64 {
        let sum: f64 = self
            .signatures
            .iter()
            .map(|s| s.prior * s.ln_density(fingerprint).exp())
            .sum();
        let anything = ANY_PER_DB.ln() + ANY_PER_LN_HZ.ln() + ANY_PER_LN_S.ln();
        sum.max(1e-30).ln() - anything
    }

    /// One station: takes what fits best there; the gain, or what it costs that nothing was heard.
    fn visit(
        &self,
        source: &mut Source,
        station: usize,
        start: &[usize],
        anchor: Option<&Anchor>,
    ) -> Option<f64> {
        let there = self.all.stations.get(station)?;
        let at = |number: &usize| self.pick(*number).station == Some(station);
        let mut gain = 0.0;
        let mut won = vec![];
        for list in [&there.lights, &there.shocks] {
            let is_started = start.iter().any(|p| at(p) && list.picks.contains(p));
            if let Some((g, pick)) = (!is_started).then(|| self.best_of(source, list)).flatten()
                && g > 0.0
            {
                gain += g;
                won.push(pick);
            }
        }
        if !start
            .iter()
            .any(|p| at(p) && matches!(self.pick(*p).wave, Wave::Sound { .. }))
        {
            let due = self.due_level(source, station);
            let (level_db, sd) = due.unwrap_or((f64::INFINITY, 1.0));
            if level_db + 3.5 * sd > source.air.floor_db() {
                match self.best_of(source, &there.sounds) {
                    Some((g, pick)) if g > 0.0 => {
                        gain += g;
                        won.push(pick);
                    }
                    _ if due.is_some() => gain += self.silence(source, station, level_db, sd),
                    _ => {}
                }
            }
        }
        if !won.is_empty() {
            source.picks.extend(won);
            if source.picks.len() <= 8 || source.picks.len().is_multiple_of(3) {
                let rounds = if source.picks.len() <= 4 { 3 } else { 1 };
                source.estimate = fit(
                    self.all,
                    &source.picks,
                    &source.air,
                    &source.estimate.state,
                    anchor,
                    rounds,
                )?;
            }
            source.fingerprint = self.fingerprint(source);
        }
        Some(gain)
    }

    /// The pick of `list` that gains most.
    fn best_of(&self, source: &Source, list: &Track) -> Option<(f64, usize)> {
        let probe = Pick {
            t_s: 0.0,
            ..*self.pick(*list.picks.first()?)
        };
        let expected = time_residual(self.all, &probe, &source.air, &source.estimate.state);
        let gate_s =
            (GATE_SD * expected.variance(&source.estimate.cov).sqrt() + 0.1).min(WIDEST_GATE_S);
        let due_s = -expected.value;
        let mut best: Option<(f64, usize)> = None;
        for number in list.between(due_s - gate_s, due_s + gate_s) {
            if self.taken[*number] {
                continue;
            }
            if let Some(gain) = self.gain(source, self.pick(*number))
                && best.is_none_or(|(g, _)| gain > g)
            {
                best = Some((gain, *number));
            }
        }
        best
    }

    /// What a pick adds to the source's score; `None` when it lies outside a gate.
    fn gain(&self, source: &Source, pick: &Pick) -> Option<f64> {
        let (state, cov) = (&source.estimate.state, &source.estimate.cov);
        let mut gain = -(pick.rate_per_s.max(2e-3)).ln();
        let time = time_residual(self.all, pick, &source.air, state);
        if time.z2(cov) > GATE_SD * GATE_SD {
            return None;
        }
        gain += ln_normal(time.value, time.variance(cov).sqrt());
        if let Some(r) = bearing_residual(self.all, pick, state) {
            if r.z2(cov) > GATE_SD * GATE_SD {
                return None;
            }
            gain += ln_normal(r.value, r.variance(cov).sqrt()) + std::f64::consts::TAU.ln();
        }
        if let Wave::Sound { ln_hz, ln_s, .. } = pick.wave {
            let f = &source.fingerprint;
            if f.level_db.arrays == 0.0 {
                return Some(gain);
            }
            let level = self.level_at_1_km(source, pick)?;
            gain += f.level_db.ln_next(level, ARRAY_LEVEL_SD_DB) - ANY_PER_DB.ln();
            if let Some(v) = ln_hz.filter(|_| f.ln_hz.arrays > 0.0) {
                gain += f.ln_hz.ln_next(v, ARRAY_LN_HZ_SD) - ANY_PER_LN_HZ.ln();
            }
            if let Some(v) = ln_s.filter(|_| f.ln_s.arrays > 0.0) {
                gain += f.ln_s.ln_next(v, ARRAY_LN_S_SD) - ANY_PER_LN_S.ln();
            }
        }
        Some(gain)
    }

    /// How loud a source ought to be at a station, dB, and how surely that is known. `None` before
    /// anyone heard it.
    fn due_level(&self, source: &Source, station: usize) -> Option<(f64, f64)> {
        let way = self
            .all
            .stations
            .get(station)?
            .at
            .minus(source.estimate.place());
        let f = &source.fingerprint;
        if f.level_db.arrays == 0.0 {
            return None;
        }
        let r_m = way.length().max(50.0);
        let u = Xy::new(way.e / r_m, way.n / r_m);
        let hz = if f.ln_hz.arrays > 0.0 {
            f.ln_hz.value.exp()
        } else {
            UNKNOWN_HZ
        };
        let sd = ARRAY_LEVEL_SD_DB * (1.0 + 1.0 / f.level_db.arrays).sqrt() + 1.0;
        Some((f.level_db.value - source.air.loss_db(u, r_m, hz), sd))
    }

    /// What it costs that a station heard nothing of a source due at `level_db`.
    fn silence(&self, source: &Source, station: usize, level_db: f64, sd: f64) -> f64 {
        let there = &self.all.stations[station];
        let heard = phi((level_db - source.air.floor_db()) / sd);
        if heard < 0.01 {
            return 0.0;
        }
        let r_m = there.at.distance(source.estimate.place());
        let due_s = source.estimate.t_s() + r_m / source.air.still_mps;
        // Another, louder sound may have hidden it; a dead array hears nothing for long.
        let slack_s = DEAD_TIME_S + 0.3;
        let near = there.sounds.between(due_s - slack_s, due_s + slack_s);
        let hides = |p: &usize| match self.pick(*p).wave {
            Wave::Sound {
                level_db: other, ..
            } => other > level_db - 4.0,
            _ => false,
        };
        if near.iter().any(hides) || !there.sounds.has_any(due_s - UP_S, due_s + UP_S) {
            return 0.0;
        }
        (1.0 - heard * (1.0 - OUT_OF_ORDER)).ln()
    }

    /// Level at 1 km that a pick speaks for, dB.
    fn level_at_1_km(&self, source: &Source, pick: &Pick) -> Option<f64> {
        let Wave::Sound {
            level_db, ln_hz, ..
        } = pick.wave
        else {
            return None;
        };
        let way = self
            .all
            .stations
            .get(pick.station?)?
            .at
            .minus(source.estimate.place());
        let r_m = way.length().max(50.0);
        let u = Xy::new(way.e / r_m, way.n / r_m);
        let hz = ln_hz.map_or(UNKNOWN_HZ, f64::exp);
        Some(level_db + source.air.loss_db(u, r_m, hz))
    }

    pub(crate) fn fingerprint(&self, source: &Source) -> Fingerprint {
        let picks = || source.picks.iter().map(|p| self.pick(*p));
        let number = |get: fn(&Wave) -> Option<f64>| Mean::of(picks().filter_map(|p| get(&p.wave)));
        Fingerprint {
            level_db: Mean::of(picks().filter_map(|p| self.level_at_1_km(source, p))),
            ln_hz: number(|w| match w {
                Wave::Sound { ln_hz, .. } => *ln_hz,
                _ => None,
            }),
            ln_s: number(|w| match w {
                Wave::Sound { ln_s, .. } => *ln_s,
                _ => None,
            }),
        }
    }

    /// Adds a place seen from above at the time of the source.
    fn add_seen(&self, source: &mut Source) {
        let t_s = source.estimate.t_s();
        let near = self.all.seen.between(t_s - 2.0, t_s + 2.0);
        let fits = |p: &&usize| {
            !self.taken[**p]
                && residuals(
                    self.all,
                    self.pick(**p),
                    &source.air,
                    &source.estimate.state,
                )
                .all(|r| r.z2(&source.estimate.cov) < GATE_SD * GATE_SD)
        };
        let found: Vec<usize> = near.iter().filter(fits).copied().collect();
        source.score += 4.0 * found.len() as f64;
        source.picks.extend(found);
    }

    /// Throws out, one by one, what does not fit the whole.
    fn drop_outliers(&self, source: &mut Source, anchor: Option<&Anchor>) -> Option<()> {
        while source.picks.len() > 3 {
            let worst = source
                .picks
                .iter()
                .enumerate()
                .map(|(i, p)| {
                    let all =
                        residuals(self.all, self.pick(*p), &source.air, &source.estimate.state);
                    (all.map(|r| (r.value / r.sd).abs()).fold(0.0, f64::max), i)
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match worst {
                Some((z, i)) if z > GATE_SD => {
                    source.picks.remove(i);
                    source.score -= 4.0;
                    source.estimate = fit(
                        self.all,
                        &source.picks,
                        &source.air,
                        &source.estimate.state,
                        anchor,
                        4,
                    )?;
                }
                _ => break,
            }
        }
        Some(())
    }

    /// Rounds too weakly heard to stand alone, from places that fired before.
    fn from_known_places(&mut self, accepted: &mut Vec<Source>) {
        let mut places: Vec<(f64, Anchor)> = accepted
            .iter()
            .filter(|s| s.picks.len() >= 4)
            .map(|s| {
                // The next round may come from beside the gun.
                let sd_m = s.estimate.place_sd_m().hypot(25.0);
                (
                    s.estimate.t_s(),
                    Anchor {
                        at: s.estimate.place(),
                        sd_m,
                    },
                )
            })
            .collect();
        places.retain(|(_, a)| a.sd_m < 250.0);
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut candidates = vec![];
        for station in &self.all.stations {
            for seed in station
                .sounds
                .picks
                .iter()
                .copied()
                .filter(|p| !self.taken[*p])
            {
                candidates.extend(self.best_from_places(seed, &places));
            }
        }
        self.accept(candidates, 2, accepted);
    }

    fn best_from_places(&self, seed: usize, places: &[(f64, Anchor)]) -> Option<Source> {
        let pick = self.pick(seed);
        let at = self.all.stations.get(pick.station?)?.at;
        let (bearing, sd) = pick.bearing?;
        let air = self.air(seed);
        let from = places.partition_point(|(t, _)| *t < pick.t_s - 900.0);
        let mut tried: Vec<Xy> = vec![];
        let mut best: Option<Source> = None;
        for (_, anchor) in places
            .get(from..)?
            .iter()
            .take_while(|(t, _)| *t < pick.t_s + 900.0)
        {
            let way = at.minus(anchor.at);
            let r_m = way.length().max(50.0);
            let off = crate::plane::wrapped(anchor.at.minus(at).bearing_rad() - bearing);
            if r_m > REACH_M
                || off.abs() > 3.5 * sd.hypot(anchor.sd_m / r_m)
                || tried.iter().any(|t| t.distance(anchor.at) < 60.0)
            {
                continue;
            }
            tried.push(anchor.at);
            let u = Xy::new(way.e / r_m, way.n / r_m);
            let t0 = pick.t_s - r_m / air.speed_mps(u);
            let start = State::from([anchor.at.e, anchor.at.n, t0, 0.0, 0.0, 0.0]);
            let Some(estimate) = fit(self.all, &[seed], &air, &start, Some(anchor), 2) else {
                continue;
            };
            if let Some(source) = self.grow(&[seed], &estimate, Some(anchor), 0.0)
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

/// How much two sounds are one, by frequency and duration; `None` when they cannot be.
fn alike(a: &Wave, b: &Wave) -> Option<f64> {
    let (
        Wave::Sound { ln_hz, ln_s, .. },
        Wave::Sound {
            ln_hz: hz_b,
            ln_s: s_b,
            ..
        },
    ) = (a, b)
    else {
        return None;
    };
    let mut worth = 0.0;
    for (x, y, sd, any) in [
        (ln_hz, hz_b, ARRAY_LN_HZ_SD, ANY_PER_LN_HZ),
        (ln_s, s_b, ARRAY_LN_S_SD, ANY_PER_LN_S),
    ] {
        if let (Some(x), Some(y)) = (x, y) {
            let sd = sd * std::f64::consts::SQRT_2;
            if (x - y).abs() > 3.5 * sd {
                return None;
            }
            worth += ln_normal(x - y, sd) - any.ln();
        }
    }
    Some(worth)
}

/// The standard normal distribution function (Abramowitz & Stegun 7.1.26, |error| < 1.5e-7).
pub(crate) fn phi(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let tail = 0.5 * poly * (-x * x).exp();
    if z > 0.0 { 1.0 - tail } else { tail }
}

struct ByScore(Source);

impl Ord for ByScore {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .score
            .total_cmp(&other.0.score)
            .then_with(|| other.0.picks.cmp(&self.0.picks))
    }
}
impl PartialOrd for ByScore {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for ByScore {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for ByScore {}
