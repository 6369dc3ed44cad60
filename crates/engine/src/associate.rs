//! Which arrivals come from one source: seeds of two arrivals, grown station by station while the
//! likelihood gains, then accepted best first.
//!
//! The score of a source is a logarithm of a likelihood ratio: its picks explained by one source
//! against each by anything else that arrives at its station. Arrivals that ought to have been heard
//! and were not count against it.

use std::cell::LazyCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::field::{Field, Pick, Wave};
use crate::locate::{Anchor, Estimate, State, fit};
use crate::pair::Ray;
use crate::signature::{self, Fingerprint, Signature};
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

impl Source {
    /// Writes down all that may be worked out from it and its picks, for a digest.
    pub(crate) fn write(&self, field: &Field, bytes: &mut Vec<u8>) {
        let mut number = |v: f64| bytes.extend_from_slice(&v.to_bits().to_le_bytes());
        self.estimate.state.iter().copied().for_each(&mut number);
        self.estimate.cov.iter().copied().for_each(&mut number);
        let air = &self.air;
        let air = [
            air.still_mps,
            air.still_sd_mps,
            air.wind.e,
            air.wind.n,
            air.wind_sd_mps,
        ];
        air.into_iter().for_each(&mut number);
        number(self.score);
        for pick in self.picks.iter().filter_map(|p| field.picks.get(*p)) {
            let (bearing, sd) = pick.bearing.unwrap_or((f64::NAN, f64::NAN));
            [pick.t_s, bearing, sd].into_iter().for_each(&mut number);
        }
        self.write_names(field, bytes);
    }

    /// Writes down which picks are its own.
    pub(crate) fn write_names(&self, field: &Field, bytes: &mut Vec<u8>) {
        for pick in self.picks.iter().filter_map(|p| field.picks.get(*p)) {
            bytes.extend_from_slice(&pick.name.to_le_bytes());
        }
        // Where one source's end.
        bytes.extend_from_slice(&u64::MAX.to_le_bytes());
    }
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
pub(crate) const PARTNERS: usize = 7;
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
    /// For each pick with a bearing where it points.
    pub(crate) rays: Vec<Option<Ray>>,
    pub(crate) taken: Vec<bool>,
}

impl<'p> Associator<'p> {
    pub(crate) fn new(field: &'p Field) -> Self {
        let taken = vec![false; field.picks.len()];
        Self {
            field,
            signatures: signature::all(),
            rays: field.picks.iter().map(Ray::of).collect(),
            taken,
        }
    }

    /// All sources that can be told, in order of time. `least_picks` above two gives the clear ones.
    pub(crate) fn sources(mut self, least_picks: usize) -> Vec<Source> {
        let mut accepted = vec![];
        let mut barren = vec![false; self.field.picks.len()];
        let rounds = if least_picks > 2 { 1 } else { 2 };
        for _ in 0..rounds {
            let candidates = self.candidates(least_picks, &mut barren);
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

    /// The best source through each seed, loudest seeds first. `barren` are seeds that gave none, all
    /// of whose partners are as free now as then.
    fn candidates(&self, least_picks: usize, barren: &mut [bool]) -> Vec<Source> {
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
            if claimed[seed] || barren[seed] && !self.has_lost_partner(seed) {
                continue;
            }
            let source = self.best_through(seed, partners);
            barren[seed] = source.as_ref().is_none_or(|s| s.score <= LEAST_SCORE);
            let Some(source) = source else { continue };
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
    pub(crate) fn best_through(&self, seed: usize, partners: usize) -> Option<Source> {
        // Most arrivals have no partner.
        let air = LazyCell::new(|| self.air(seed));
        let mut starts: Vec<(f64, usize, State)> = vec![];
        self.each_partner(seed, |partner| {
            if !self.taken[partner]
                && let Some((worth, start)) = self.pair(seed, partner, &air)
            {
                starts.push((worth, partner, start));
            }
            false
        });
        if starts.is_empty() {
            return None;
        }
        let air = *air;
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

    /// Whether any arrival that would make a source with `seed` belongs to another by now.
    fn has_lost_partner(&self, seed: usize) -> bool {
        let air = LazyCell::new(|| self.air(seed));
        self.each_partner(seed, |partner| {
            self.taken[partner] && self.pair(seed, partner, &air).is_some()
        })
    }

    /// Asks of the arrivals that may have come from one source with `seed`, nearest stations first, until
    /// one answers yes; whether one did.
    fn each_partner(&self, seed: usize, mut ask: impl FnMut(usize) -> bool) -> bool {
        let Some(station) = self.pick(seed).station else {
            return false;
        };
        let stations = &self.field.stations;
        let t_s = self.pick(seed).t_s;
        let nearest = self.field.nearest[station].iter();
        nearest.take(PARTNER_STATIONS + 1).any(|other| {
            let there = &stations[*other];
            let apart_s = there.at.distance(stations[station].at) / 310.0;
            let heard = there
                .sounds
                .between(t_s - apart_s - 0.5, t_s + apart_s + 0.5);
            let heard = if *other == station { &[] } else { heard };
            let seen = there.lights.between(t_s - REACH_M / 330.0, t_s);
            let mut partners = heard.iter().chain(seen).take(MOST_PARTNERS);
            partners.any(|partner| ask(*partner))
        })
    }
}

pub(crate) fn in_order(sources: &mut [Source]) {
    sources.sort_by(|a, b| {
        let t = |s: &Source| s.estimate.t_s();
        t(a).total_cmp(&t(b)).then_with(|| a.picks.cmp(&b.picks))
    });
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
