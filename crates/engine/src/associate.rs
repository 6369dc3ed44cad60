//! Which arrivals come from one source: seeds of two arrivals, grown station by station while the
//! likelihood gains, then accepted best first.
//!
//! The score of a source is a logarithm of a likelihood ratio: its picks explained by one source
//! against each by anything else that arrives at its station. Arrivals that ought to have been heard
//! and were not count against it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::calibration::{ARRAY_LN_HZ_SD, ARRAY_LN_S_SD};
use crate::field::{Field, Pick, Wave};
use crate::locate::{Anchor, Estimate, State, bearing_residual, fit};
use crate::normal::ln_normal;
use crate::plane::{Xy, root_sum};
use crate::signature::{self, ANY_PER_LN_HZ, ANY_PER_LN_S, Fingerprint, Signature};
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
    /// The gun that it is taken for a round of, when that held its place.
    pub(crate) anchor: Option<Anchor>,
}

/// Least score of a source to be told.
pub(crate) const LEAST_SCORE: f64 = 3.0;
/// Score from which a source's picks start no other candidates.
const CLEAR_SCORE: f64 = 25.0;
/// Farthest that any weapon was heard, metres.
pub(crate) const REACH_M: f64 = 42_000.0;
/// Partners of a seed are looked for at this many nearest stations.
const PARTNER_STATIONS: usize = 9;
/// Of a station that floods the centre with arrivals no more than these are looked at for one seed.
const MOST_PARTNERS: usize = 400;
/// Candidates of a seed that are grown.
const PARTNERS: usize = 7;
/// A candidate of this score is taken for its seed without looking at others.
const BEYOND_DOUBT: f64 = 45.0;
/// Of a station that floods the centre no more than these, the loudest, start sources of a chunk.
const MOST_SEEDS: usize = 400;
/// Clear sources are looked for through this many of a chunk's loudest sounds.
const MOST_CLEAR_SEEDS: usize = 60;
/// Gates in standard deviations.
pub(crate) const GATE_SD: f64 = 4.0;

pub(crate) struct Associator<'p> {
    pub(crate) field: &'p Field,
    pub(crate) signatures: Vec<Signature>,
    /// Stations by distance from each station.
    neighbours: Vec<Vec<usize>>,
    pub(crate) taken: Vec<bool>,
}

impl<'p> Associator<'p> {
    pub(crate) fn new(field: &'p Field) -> Self {
        let neighbours = field
            .stations
            .iter()
            .map(|s| {
                let mut order: Vec<usize> = (0..field.stations.len()).collect();
                let distance = |i: &usize| field.stations[*i].at.distance(s.at);
                order.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
                order
            })
            .collect();
        let taken = vec![false; field.picks.len()];
        Self {
            field,
            signatures: signature::all(),
            neighbours,
            taken,
        }
    }

    /// All sources that can be told, in order of time. `least_picks` above two gives the clear ones.
    pub(crate) fn sources(mut self, least_picks: usize) -> Vec<Source> {
        let mut accepted = vec![];
        let rounds = if least_picks > 2 { 1 } else { 2 };
        for _ in 0..rounds {
            let candidates = self.candidates(least_picks);
            let before = accepted.len();
            self.accept(candidates, least_picks, &mut accepted);
            if accepted.len() == before {
                break;
            }
        }
        in_order(&mut accepted);
        accepted
    }

    /// Sources of several chunks as one list: where two claim the same picks the better one has them,
    /// and the other is grown again from what is left.
    pub(crate) fn resolved(mut self, sources: Vec<Source>) -> Vec<Source> {
        let mut accepted = vec![];
        self.accept(sources, 2, &mut accepted);
        in_order(&mut accepted);
        self.merged(accepted)
    }

    pub(crate) fn pick(&self, number: usize) -> &Pick {
        &self.field.picks[number]
    }

    /// The best source through each seed, loudest seeds first.
    fn candidates(&self, least_picks: usize) -> Vec<Source> {
        let loudness = |p: &usize| match self.pick(*p).wave {
            Wave::Sound { level_db, .. } => level_db,
            _ => f64::NEG_INFINITY,
        };
        let louder = |a: &usize, b: &usize| loudness(b).total_cmp(&loudness(a)).then(a.cmp(b));
        let mut seeds = vec![];
        for station in &self.field.stations {
            let free = station.sounds.picks.iter().filter(|p| !self.taken[**p]);
            let mut own: Vec<usize> = free.copied().collect();
            if own.len() > MOST_SEEDS {
                own.sort_by(louder);
                own.truncate(MOST_SEEDS);
            }
            seeds.extend(own);
        }
        seeds.sort_by(louder);
        // Clear sources show through their first partners already.
        let partners = if least_picks > 2 {
            PARTNERS / 3
        } else {
            PARTNERS
        };
        if least_picks > 2 {
            seeds.truncate(MOST_CLEAR_SEEDS);
        }
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
    pub(crate) fn accept(
        &mut self,
        candidates: Vec<Source>,
        least_picks: usize,
        accepted: &mut Vec<Source>,
    ) {
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
                // From its gun's place, or led by the two that were heard best: the rest is won again
                // or lost.
                let again = if source.anchor.is_some() {
                    self.round(&source)
                } else {
                    (self.lead(&left)).and_then(|(pair, start)| {
                        self.grow(&pair, &start, self.air(pair[0]), None, 0.0)
                    })
                };
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
        let (_, pair) = self.pair(first, second, &self.air(first))?;
        let estimate = fit(
            self.field,
            &[first, second],
            &self.air(first),
            &pair,
            None,
            6,
        )?;
        Some((vec![first, second], estimate))
    }

    pub(crate) fn air(&self, pick: usize) -> Air {
        self.field.weather.at(self.pick(pick).t_s)
    }

    /// The best source that explains `seed` together with others.
    fn best_through(&self, seed: usize, partners: usize) -> Option<Source> {
        let station = self.pick(seed).station?;
        let air = self.air(seed);
        let mut starts: Vec<(f64, usize, State)> = vec![];
        for other in self.neighbours[station].iter().take(PARTNER_STATIONS + 1) {
            let there = &self.field.stations[*other];
            let apart_s = there.at.distance(self.field.stations[station].at) / 310.0;
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
                if let Some((worth, start)) = self.pair(seed, *partner, &air) {
                    starts.push((worth, *partner, start));
                }
            }
        }
        starts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Option<Source> = None;
        for (worth, partner, start) in starts.into_iter().take(partners) {
            let pair = vec![seed, partner];
            let Some(estimate) = fit(self.field, &pair, &air, &start, None, 6) else {
                continue;
            };
            let Some(source) = self.grow(&pair, &estimate, air, None, worth) else {
                continue;
            };
            if best.as_ref().is_none_or(|b| source.score > b.score) {
                let is_clear = source.score > BEYOND_DOUBT;
                best = Some(source);
                if is_clear {
                    break;
                }
            }
        }
        best
    }

    /// Where a sound and a second arrival (sound elsewhere, or a flash) cross, and what the pair is
    /// worth: how well the second fits what the first leaves open. `air` is that at the first's time.
    fn pair(&self, sound: usize, other: usize, air: &Air) -> Option<(f64, State)> {
        let (a, b) = (self.pick(sound), self.pick(other));
        let alike = if matches!(b.wave, Wave::Sound { .. }) {
            alike(&a.wave, &b.wave)?
        } else {
            0.0
        };
        let (at_a, at_b) = (
            self.field.stations.get(a.station?)?.at,
            self.field.stations.get(b.station?)?.at,
        );
        let (bearing_a, sd_a) = a.bearing?;
        let (bearing_b, sd_b) = b.bearing?;
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
                .filter_map(|p| bearing_residual(self.field, p, &state))
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
        let bearing_gain = ln_normal(0.0, root_sum(sd_a, sd_b)) - 0.5 * miss;
        Some((alike + bearing_gain - anything, state))
    }
}

pub(crate) fn in_order(sources: &mut [Source]) {
    sources.sort_by(|a, b| {
        let t = |s: &Source| s.estimate.t_s();
        t(a).total_cmp(&t(b)).then_with(|| a.picks.cmp(&b.picks))
    });
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
