//! Which burst on the ground is the end of which round: by weapon, flight time and the rhythm of the
//! gun it came from.

use std::collections::{BTreeMap, BTreeSet};

use truceline_domain::EventKind;

use crate::associate::Source;
use crate::classify::ANNOUNCED_LN;
use crate::guns::Guns;
use crate::normal::ln_normal;
use crate::signature::Signature;

/// A source with the log-probabilities of its kinds.
pub(crate) struct Heard {
    pub(crate) source: Source,
    pub(crate) ln_kinds: Vec<f64>,
}

impl Heard {
    /// The same, and where `is_unannounced`, as if no notice had spoken for a demolition.
    pub(crate) fn unannounced(&self, signatures: &[Signature], is_unannounced: bool) -> Self {
        let mut heard = Self {
            source: self.source.clone(),
            ln_kinds: self.ln_kinds.clone(),
        };
        for (s, ln) in signatures.iter().zip(&mut heard.ln_kinds) {
            if is_unannounced && s.kind == EventKind::Demolition {
                *ln -= ANNOUNCED_LN;
            }
        }
        heard
    }
}

/// Gun and burst, places in the list of what was heard, and the weapon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    pub(crate) gun: usize,
    pub(crate) burst: usize,
    pub(crate) weapon: EventKind,
    pub(crate) flight_s: f64,
    pub(crate) worth: f64,
    /// The chance that just this burst is this round's, and not a neighbour's of the same series.
    pub(crate) sure: f64,
}

pub(crate) const WEAPONS: [EventKind; 3] =
    [EventKind::Mortar, EventKind::Artillery, EventKind::Mlrs];
const SHORTEST_S: f64 = 8.0;
pub(crate) const LONGEST_S: f64 = 110.0;
/// Rounds of one gun at one target fly alike within this, seconds.
const SERIES_SD_S: f64 = 1.1;
/// Of more candidates than this only some are tried as the flight time that a series shares.
const MOST_TRIED: usize = 300;
/// Bursts a second that happen to lie where a link would want one.
const CHANCE_PER_S: f64 = 0.01;
const LEAST_WORTH: f64 = -2.0;
/// What it is worth that a round has no burst at all.
const UNLINKED: f64 = -2.0;

/// Logarithm of the density of a flight time over a distance. Shells and rockets fly at a mean
/// ground speed of 320 and 345 m/s over their usual ranges; mortars fire in the upper register,
/// T = √(2·r·tan θ/g) with tan θ from 1.2 to 3.4 (no drag; both as measured on the scenarios).
fn ln_flight(weapon: EventKind, range_m: f64, flight_s: f64) -> f64 {
    let (expected_s, sd) = match weapon {
        EventKind::Mortar => ((2.0 * range_m * 1.8 / 9.81).sqrt(), 0.22),
        EventKind::Artillery => (range_m / 322.0, 0.06),
        _ => (range_m / 345.0, 0.06),
    };
    ln_normal((flight_s / expected_s.max(1.0)).ln(), sd) - flight_s.ln()
}

/// Links, at most one of each gun's round and each burst. `heard` in order of time.
pub(crate) fn links(heard: &[Heard], signatures: &[Signature], guns: &Guns) -> Vec<Link> {
    let mut candidates = candidates(heard, signatures);
    let typical = typical_flights(guns, &candidates);
    for (link, typical_s) in candidates.iter_mut().zip(&typical) {
        if let Some(typical_s) = typical_s {
            link.worth += (ln_normal(link.flight_s - typical_s, SERIES_SD_S)
                - ln_normal(4.0 * SERIES_SD_S, SERIES_SD_S))
            .max(0.0)
                - 4.0;
        }
    }
    candidates.sort_by(|a, b| {
        b.worth
            .total_cmp(&a.worth)
            .then((a.gun, a.burst).cmp(&(b.gun, b.burst)))
    });
    let mut used = vec![false; heard.len()];
    let mut chosen: Vec<Link> = vec![];
    for link in &candidates {
        if link.worth > LEAST_WORTH && !used[link.gun] && !used[link.burst] {
            used[link.gun] = true;
            used[link.burst] = true;
            chosen.push(*link);
        }
    }
    weigh(&mut chosen, &candidates);
    chosen
}

fn candidates(heard: &[Heard], signatures: &[Signature]) -> Vec<Link> {
    let of = |h: &Heard, kind: EventKind, is_burst: bool| {
        let found = signatures.iter().zip(&h.ln_kinds);
        found
            .filter(|(s, _)| s.kind == kind && s.is_burst == is_burst)
            .map(|(_, ln)| *ln)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let best: Vec<f64> = heard
        .iter()
        .map(|h| h.ln_kinds.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        .collect();
    let mut links = vec![];
    for (g, gun) in heard.iter().enumerate() {
        let t0 = gun.source.estimate.t_s();
        for (b, burst) in heard.iter().enumerate().skip(g + 1) {
            let flight_s = burst.source.estimate.t_s() - t0;
            if flight_s > LONGEST_S {
                break;
            }
            if flight_s < SHORTEST_S {
                continue;
            }
            let range_m = burst
                .source
                .estimate
                .place()
                .distance(gun.source.estimate.place());
            if range_m < 300.0 {
                continue;
            }
            let worth = |weapon: &EventKind| {
                of(gun, *weapon, false) - best[g] + of(burst, *weapon, true) - best[b]
                    + ln_flight(*weapon, range_m, flight_s)
                    - CHANCE_PER_S.ln()
            };
            let by_weapon = WEAPONS.iter().map(|w| (worth(w), *w));
            if let Some((worth, weapon)) = by_weapon.max_by(|a, b| a.0.total_cmp(&b.0))
                && worth > LEAST_WORTH - 4.0
            {
                links.push(Link {
                    gun: g,
                    burst: b,
                    weapon,
                    flight_s,
                    worth,
                    sure: 1.0,
                });
            }
        }
    }
    links
}

/// How sure each link is: against its exchange with each other chosen one, and against a free burst.
fn weigh(chosen: &mut [Link], candidates: &[Link]) {
    let worth: BTreeMap<(usize, usize), f64> = candidates
        .iter()
        .map(|l| ((l.gun, l.burst), l.worth))
        .collect();
    let mut of_burst: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
    for l in chosen.iter() {
        of_burst.insert(l.burst, (l.gun, l.worth));
    }
    let mut of_gun: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    for l in candidates {
        of_gun.entry(l.gun).or_default().push((l.burst, l.worth));
    }
    for link in chosen.iter_mut() {
        let others = of_gun.get(&link.gun).into_iter().flatten();
        let against: f64 = others
            .filter(|(burst, _)| *burst != link.burst)
            .map(|(burst, instead)| match of_burst.get(burst) {
                // The neighbour would have this one's burst for it, or none.
                Some((neighbour, its)) => {
                    let exchanged = worth.get(&(*neighbour, link.burst));
                    let exchanged = exchanged.copied().unwrap_or(f64::NEG_INFINITY);
                    (instead + exchanged.max(UNLINKED) - link.worth - its).exp()
                }
                None => (instead - link.worth).exp(),
            })
            .sum();
        link.sure = 1.0 / (1.0 + against);
    }
}

/// For each candidate the flight time that most rounds of its battery share, when there are several.
fn typical_flights(guns: &Guns, candidates: &[Link]) -> Vec<Option<f64>> {
    let battery_of = |link: &Link| {
        let gun = guns.of.get(link.gun).copied().flatten()?;
        guns.guns.get(gun).map(|g| g.battery)
    };
    let mut by_battery: BTreeMap<usize, Vec<&Link>> = BTreeMap::new();
    for link in candidates {
        if let Some(battery) = battery_of(link) {
            by_battery.entry(battery).or_default().push(link);
        }
    }
    let typical: BTreeMap<usize, f64> = by_battery
        .into_iter()
        .filter_map(|(battery, links)| Some((battery, shared_flight(&links)?)))
        .collect();
    candidates
        .iter()
        .map(|link| typical.get(&battery_of(link)?).copied())
        .collect()
}

/// The flight time that gives the most rounds a burst of their own near it.
fn shared_flight(links: &[&Link]) -> Option<f64> {
    let rounds: BTreeSet<usize> = links.iter().map(|l| l.gun).collect();
    if rounds.len() < 2 {
        return None;
    }
    let stride = (links.len() / MOST_TRIED).max(1);
    let support = |flight_s: f64| {
        // Of each round its best burst counts, and of each burst its best round.
        let mut best: BTreeMap<usize, (f64, usize, f64)> = BTreeMap::new();
        for l in links {
            let off = (l.flight_s - flight_s) / SERIES_SD_S;
            if off.abs() < 2.5 {
                let worth = 4.0 + l.worth.clamp(-4.0, 4.0) / 2.0 - 0.5 * off * off;
                let entry = best.entry(l.gun).or_insert((worth, l.burst, l.flight_s));
                if worth > entry.0 {
                    *entry = (worth, l.burst, l.flight_s);
                }
            }
        }
        let mut bursts: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for (worth, burst, flight) in best.into_values() {
            let entry = bursts.entry(burst).or_insert((worth, flight));
            if worth > entry.0 {
                *entry = (worth, flight);
            }
        }
        let sum: f64 = bursts.values().map(|b| b.0).sum();
        let mean = bursts.values().map(|b| b.1).sum::<f64>() / bursts.len().max(1) as f64;
        (sum, mean)
    };
    links
        .iter()
        .step_by(stride)
        .map(|l| support(l.flight_s))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(_, mean)| mean)
}
