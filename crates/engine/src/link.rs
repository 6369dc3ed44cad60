//! Which burst on the ground is the end of which round: by weapon, flight time and the rhythm of the
//! gun it came from.

use truceline_domain::EventKind;

use crate::associate::Source;
use crate::classify::ANNOUNCED_LN;
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
}

const WEAPONS: [EventKind; 3] = [EventKind::Mortar, EventKind::Artillery, EventKind::Mlrs];
const SHORTEST_S: f64 = 8.0;
pub(crate) const LONGEST_S: f64 = 110.0;
/// Rounds of one gun at one target fly alike within this, seconds.
const SERIES_SD_S: f64 = 1.5;
/// Sources this near are taken for one gun, metres, beside their own uncertainty.
const ONE_GUN_M: f64 = 120.0;
/// Bursts a second that happen to lie where a link would want one.
const CHANCE_PER_S: f64 = 0.01;
const LEAST_WORTH: f64 = -2.0;

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
pub(crate) fn links(heard: &[Heard], signatures: &[Signature]) -> Vec<Link> {
    let mut candidates = candidates(heard, signatures);
    let typical = typical_flights(heard, &candidates);
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
    for link in candidates {
        if link.worth > LEAST_WORTH && !used[link.gun] && !used[link.burst] {
            used[link.gun] = true;
            used[link.burst] = true;
            chosen.push(link);
        }
    }
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
                });
            }
        }
    }
    links
}

/// For each candidate the flight time that most rounds of its gun share, when there are several.
fn typical_flights(heard: &[Heard], candidates: &[Link]) -> Vec<Option<f64>> {
    let gun_at = |link: &Link| heard[link.gun].source.estimate.place();
    let time = |link: &Link| heard[link.gun].source.estimate.t_s();
    let same_gun = |a: &Link, b: &Link| {
        let sd_m = heard[a.gun].source.estimate.place_sd_m();
        gun_at(a).distance(gun_at(b)) < ONE_GUN_M + 2.0 * sd_m
    };
    candidates
        .iter()
        .enumerate()
        .map(|(i, link)| {
            // Candidates stand in order of their gun's time, so that a series lies around each.
            let before = candidates[..i]
                .iter()
                .rev()
                .take_while(|c| time(link) - time(c) < 600.0);
            let after = candidates[i..]
                .iter()
                .take_while(|c| time(c) - time(link) < 600.0);
            let series: Vec<&Link> = before.chain(after).filter(|c| same_gun(link, c)).collect();
            let support = |t: f64| {
                let near = series
                    .iter()
                    .filter(|c| (c.flight_s - t).abs() < SERIES_SD_S);
                near.map(|c| (1.0 + (c.worth / 4.0).exp().min(3.0), c.flight_s))
                    .fold((0.0, 0.0), |(w, s), (v, f)| (w + v, s + v * f))
            };
            let rounds = series.iter().filter(|c| c.gun != link.gun).count();
            if rounds == 0 {
                return None;
            }
            series
                .iter()
                .map(|c| support(c.flight_s))
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)))
                .map(|(weight, sum)| sum / weight)
        })
        .collect()
}
