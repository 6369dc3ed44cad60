//! How a source grows from its first picks: station by station, the arrival that gains most, and what
//! it costs that a station heard nothing.

use std::cell::LazyCell;

use crate::associate::{Associator, GATE_SD, LEAST_SCORE, REACH_M, Source};
use crate::calibration::{ARRAY_LN_HZ_SD, ARRAY_LN_S_SD};
use crate::field::{Pick, Track, Wave};
use crate::locate::{
    Anchor, Estimate, Residual, bearing_residual, each_residual, fit, time_residual, worst_z,
};
use crate::normal::{Densities, phi};
use crate::plane::Xy;
use crate::signature::{ANY_PER_DB, ANY_PER_LN_HZ, ANY_PER_LN_S, Fingerprint, LEVEL_SD_DB, Mean};
use crate::sound::Air;

/// What a new source costs: the chance that any lies at just this place and time, against noise.
const NEW_SOURCE: f64 = -1.0;
/// Of a station that floods the centre no more arrivals than these are weighed for one source.
const MOST_IN_GATE: usize = 200;
/// No gate is wider than this, seconds.
const WIDEST_GATE_S: f64 = 2.5;
/// Of two sounds within this time at an array the weaker is lost (the scenario set's statement).
const DEAD_TIME_S: f64 = 0.25;
/// Taken where no frequency was measured.
const UNKNOWN_HZ: f64 = 100.0;
/// An array that works misses a sound that it ought to hear by chance this often.
const OUT_OF_ORDER: f64 = 0.08;

impl Associator<'_> {
    /// Adds, station by station from the nearest, the arrivals that fit best.
    pub(crate) fn grow(
        &self,
        start: &[usize],
        estimate: &Estimate,
        air: Air,
        anchor: Option<&Anchor>,
        worth: f64,
    ) -> Option<Source> {
        let mut source = Source {
            estimate: estimate.clone(),
            air,
            picks: start.to_vec(),
            fingerprint: Fingerprint::default(),
            score: worth + NEW_SOURCE,
            anchor: anchor.copied(),
        };
        source.fingerprint = self.fingerprint(&source);
        let place = source.estimate.place();
        let mut order: Vec<(f64, usize)> = (self.field.stations.iter().enumerate())
            .map(|(i, s)| (s.at.distance(place), i))
            .filter(|(r, _)| *r < REACH_M)
            .collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let begun = source.fingerprint;
        let start_kind = LazyCell::new(|| self.ln_kind(&begun));
        let mut passed = 0;
        for (_, station) in order {
            let gain = self.visit(&mut source, station, start, anchor)?;
            source.score += gain;
            passed += 1;
            // Most false starts show at the stations nearest to them.
            if passed >= 5
                && source.picks.len() <= start.len()
                && source.score + *start_kind < LEAST_SCORE - 4.0
            {
                return None;
            }
        }
        self.add_seen(&mut source);
        source.estimate = fit(
            self.field,
            &source.picks,
            &source.air,
            &source.estimate.state,
            anchor,
            5,
        )?;
        self.drop_outliers(&mut source, anchor)?;
        source.fingerprint = self.fingerprint(&source);
        source.score += self.ln_kind(&source.fingerprint);
        self.by_time(&mut source.picks);
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
        let there = self.field.stations.get(station)?;
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
                    self.field,
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
        let expected = time_residual(self.field, &probe, &source.air, &source.estimate.state);
        let gate_s =
            (GATE_SD * expected.variance(&source.estimate.cov).sqrt() + 0.1).min(WIDEST_GATE_S);
        let due_s = -expected.value;
        let mut best: Option<(f64, usize)> = None;
        let in_gate = list.between(due_s - gate_s, due_s + gate_s);
        for number in in_gate.iter().take(MOST_IN_GATE) {
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
    pub(crate) fn gain(&self, source: &Source, pick: &Pick) -> Option<f64> {
        let (state, cov) = (&source.estimate.state, &source.estimate.cov);
        let mut gain = Densities::ONE.over(pick.rate_per_s.max(2e-3));
        let time = time_residual(self.field, pick, &source.air, state);
        let is_far = |r: &Residual, var: f64| r.value * r.value > GATE_SD * GATE_SD * var;
        let var = time.variance(cov);
        if is_far(&time, var) {
            return None;
        }
        gain = gain.normal(time.value, var);
        if let Some(r) = bearing_residual(self.field, pick, state) {
            let var = r.variance(cov);
            if is_far(&r, var) {
                return None;
            }
            gain = gain.normal(r.value, var).over(1.0 / std::f64::consts::TAU);
        }
        if let Wave::Sound { ln_hz, ln_s, .. } = pick.wave {
            let f = &source.fingerprint;
            if f.level_db.arrays == 0.0 {
                return Some(gain.ln());
            }
            let level = self.level_at_1_km(source, pick)?;
            gain = f.level_db.next(gain, level, LEVEL_SD_DB, ANY_PER_DB);
            if let Some(v) = ln_hz.filter(|_| f.ln_hz.arrays > 0.0) {
                gain = f.ln_hz.next(gain, v, ARRAY_LN_HZ_SD, ANY_PER_LN_HZ);
            }
            if let Some(v) = ln_s.filter(|_| f.ln_s.arrays > 0.0) {
                gain = f.ln_s.next(gain, v, ARRAY_LN_S_SD, ANY_PER_LN_S);
            }
        }
        Some(gain.ln())
    }

    /// How loud a source ought to be at a station, dB, and how surely that is known. `None` before
    /// anyone heard it.
    fn due_level(&self, source: &Source, station: usize) -> Option<(f64, f64)> {
        let way = self
            .field
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
        let sd = LEVEL_SD_DB * (1.0 + 1.0 / f.level_db.arrays).sqrt() + 1.0;
        Some((f.level_db.value - source.air.loss_db(u, r_m, hz), sd))
    }

    /// The chance that a station hears a source; `None` before anyone heard it.
    pub(crate) fn heard(&self, source: &Source, station: usize) -> Option<f64> {
        let (level_db, sd) = self.due_level(source, station)?;
        Some((1.0 - OUT_OF_ORDER) * phi((level_db - source.air.floor_db()) / sd))
    }

    /// What it costs that a station heard nothing of a source due at `level_db`.
    fn silence(&self, source: &Source, station: usize, level_db: f64, sd: f64) -> f64 {
        let there = &self.field.stations[station];
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
        if near.iter().any(hides) || !self.field.is_up(station, due_s) {
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
            .field
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
        let near = self.field.seen.between(t_s - 2.0, t_s + 2.0);
        let estimate = &source.estimate;
        let fits = |p: &&usize| {
            let mut fits = !self.taken[**p];
            each_residual(
                self.field,
                self.pick(**p),
                &source.air,
                &estimate.state,
                |r| {
                    fits &= r.z2(&estimate.cov) < GATE_SD * GATE_SD;
                },
            );
            fits
        };
        let found: Vec<usize> = near.iter().filter(fits).copied().collect();
        source.score += 4.0 * found.len() as f64;
        source.picks.extend(found);
    }

    pub(crate) fn by_time(&self, picks: &mut [usize]) {
        let time = |p: &usize| self.pick(*p).t_s;
        picks.sort_by(|a, b| time(a).total_cmp(&time(b)).then(a.cmp(b)));
    }

    /// Throws out, one by one, what does not fit the whole.
    pub(crate) fn drop_outliers(&self, source: &mut Source, anchor: Option<&Anchor>) -> Option<()> {
        while source.picks.len() > 3 {
            let worst = source
                .picks
                .iter()
                .enumerate()
                .map(|(i, p)| {
                    let (pick, state) = (self.pick(*p), &source.estimate.state);
                    (worst_z(self.field, pick, &source.air, state), i)
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match worst {
                Some((z, i)) if z > GATE_SD => {
                    source.picks.remove(i);
                    source.score -= 4.0;
                    source.estimate = fit(
                        self.field,
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
}
