//! One gun, and what was seen around it: who may have come to it or left it, on which way.

use truceline_agreement::Geometry;
use truceline_domain::PartyId;

use super::{Claimant, Seen};
use crate::attribute::{Spot, holder};
use crate::plane::{Plane, Xy};

/// Sightings count within this of the first and last round, seconds.
pub(super) const AROUND_S: f64 = 1000.0;
/// Slowest and fastest pace on foot over rough ground, m/s, and how long they may wait at the gun.
const PACE_MPS: (f64, f64) = (0.4, 2.0);
const WAIT_S: f64 = 300.0;
/// A sighting this near the gun has no direction, metres.
const AT_GUN_M: f64 = 80.0;
/// Sightings lie beside the straight way by less than this, metres, and this share of its length.
pub(super) const BESIDE: (f64, f64) = (60.0, 0.2);
/// How far along the way the ground is asked for its holder, metres.
const STEPS_M: [f64; 5] = [300.0, 500.0, 700.0, 1000.0, 1400.0];
/// Sightings as far apart in time as this, seconds, may be of one group, if its pace allows.
const GROUP_S: f64 = 600.0;

/// Where and between which times something fired.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fired {
    pub(crate) by: Claimant,
    pub(crate) spot: Spot,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
}

impl Spot {
    pub(super) fn sd_m(&self) -> f64 {
        self.cov[0].max(self.cov[2]).sqrt()
    }
}

/// How far two places may seem farther apart than they are, metres.
fn slack_m(sd_m: f64) -> f64 {
    2.5 * sd_m + 30.0
}

/// Nearest and farthest that people are who come to a gun in so many seconds, or left it.
pub(super) fn reach_m(gap_s: f64, sd_m: f64) -> (f64, f64) {
    let near_m = PACE_MPS.0 * (gap_s - WAIT_S) - slack_m(sd_m);
    (near_m, PACE_MPS.1 * gap_s + slack_m(sd_m))
}

/// Whether two sightings may be of one group that walks.
pub(super) fn is_one_group(a: &Seen, b: &Seen) -> bool {
    let apart_s = (a.t_s - b.t_s).abs();
    let most_m = PACE_MPS.1 * apart_s + slack_m(a.sd_m.hypot(b.sd_m));
    apart_s < GROUP_S && a.at.distance(b.at) < most_m
}

/// A sighting with the chance that it is of those who came to this gun and not to another.
pub(super) type Shared<'s> = (&'s Seen, f64);

pub(super) fn sum(shared: &[Shared<'_>]) -> f64 {
    shared.iter().map(|(_, share)| share).sum()
}

impl Fired {
    /// How long before the first round or after the last.
    pub(super) fn gap_s(&self, t_s: f64) -> f64 {
        (self.from_s - t_s).max(t_s - self.until_s).max(0.0)
    }

    /// Whether who was seen may have come to the gun or left it, by distance and time.
    pub(super) fn is_paced(&self, seen: &Seen) -> bool {
        let (near_m, far_m) = reach_m(self.gap_s(seen.t_s), seen.sd_m.hypot(self.spot.sd_m()));
        let apart_m = seen.at.distance(self.spot.at);
        apart_m > near_m && apart_m < far_m
    }

    /// The way through the gun that most of `paced` (in order of time) lie on and went in one sense, and
    /// its direction, where they tell one.
    pub(super) fn way<'s>(&self, paced: &[Shared<'s>]) -> (Vec<Shared<'s>>, Option<Xy>) {
        let sd_m = self.spot.sd_m();
        let on_way = |u: Xy| -> Vec<Shared<'s>> {
            let on = paced.iter().filter(|(s, _)| {
                let d = s.at.minus(self.spot.at);
                let along_m = d.dot(u);
                let beside_m = (d.e * u.n - d.n * u.e).abs();
                let room_m = BESIDE.0.hypot(2.0 * s.sd_m).hypot(2.0 * sd_m);
                beside_m < room_m + BESIDE.1 * along_m.max(0.0) && along_m > -room_m
            });
            self.in_one_sense(&on.copied().collect::<Vec<_>>())
        };
        let directed = paced
            .iter()
            .filter(|(s, _)| s.at.distance(self.spot.at) > AT_GUN_M.max(1.5 * s.sd_m.hypot(sd_m)));
        let ways = directed.map(|(s, _)| {
            let d = s.at.minus(self.spot.at);
            let u = Xy::new(d.e / d.length(), d.n / d.length());
            (on_way(u), d.length(), u)
        });
        let best = ways.max_by(|a, b| sum(&a.0).total_cmp(&sum(&b.0)).then(a.1.total_cmp(&b.1)));
        match best {
            Some((on, _, u)) => (on, Some(u)),
            None => (self.in_one_sense(paced), None),
        }
    }

    /// Of sightings in order of time those, most in sum, that come nearer until the first round and go
    /// away after the last, no faster than on foot.
    fn in_one_sense<'s>(&self, on: &[Shared<'s>]) -> Vec<Shared<'s>> {
        let follows = |a: &Seen, b: &Seen| {
            let sd_m = a.sd_m.hypot(b.sd_m);
            let far_m = |s: &Seen| s.at.distance(self.spot.at);
            let nearer_m = far_m(a) - far_m(b);
            let away_m = if b.t_s <= self.from_s {
                -nearer_m
            } else if a.t_s >= self.until_s {
                nearer_m
            } else {
                return true;
            };
            away_m < slack_m(sd_m) && nearer_m.abs() < PACE_MPS.1 * (b.t_s - a.t_s) + slack_m(sd_m)
        };
        // The heaviest chain that ends with each, and the one before it there.
        let mut chains: Vec<(f64, Option<usize>)> = Vec::with_capacity(on.len());
        for (seen, share) in on {
            let before = on.iter().zip(&chains).enumerate();
            let before = before.filter(|(_, ((a, _), _))| follows(a, seen));
            let best = before.map(|(i, (_, chain))| (chain.0, Some(i)));
            let best = best
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap_or((0.0, None));
            chains.push((best.0 + share, best.1));
        }
        let ends = chains.iter().enumerate();
        let mut at = ends.max_by(|a, b| a.1.0.total_cmp(&b.1.0)).map(|(i, _)| i);
        let mut chain = vec![];
        while let Some((shared, link)) = at.and_then(|i| Some((on.get(i)?, chains.get(i)?))) {
            chain.push(*shared);
            at = link.1;
        }
        chain.reverse();
        chain
    }

    /// Whose ground a way leads to, where that is another's than the gun stands on.
    pub(super) fn towards(&self, geometry: &Geometry<'_>, plane: &Plane, u: Xy) -> Option<PartyId> {
        let own = holder(geometry, plane, self.spot.at);
        let mut ahead = STEPS_M
            .iter()
            .filter_map(|m| holder(geometry, plane, self.spot.at.along(u, *m)));
        ahead.find(|h| Some(h) != own.as_ref())
    }

    /// Whether another stands elsewhere: who comes to guns at one place comes to both.
    pub(super) fn is_elsewhere(&self, other: &Self) -> bool {
        let (a, b) = (&self.spot, &other.spot);
        a.at.distance(b.at) > ONE_PLACE_M + 3.0 * a.sd_m().hypot(b.sd_m())
    }
}

/// Guns nearer to each other than this, beside three standard deviations, are one place, metres.
const ONE_PLACE_M: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fired() -> Fired {
        let spot = Spot {
            at: Xy::default(),
            cov: [100.0, 0.0, 100.0],
        };
        Fired {
            by: (true, 0),
            spot,
            from_s: 2000.0,
            until_s: 2100.0,
        }
    }

    /// Seen north of the gun so far away, at such a time.
    fn seen(observation: usize, (t_s, north_m): (f64, f64)) -> Seen {
        Seen {
            observation,
            t_s,
            at: Xy::new(0.0, north_m),
            sd_m: 20.0,
        }
    }

    fn on_way(sightings: &[(f64, f64)]) -> usize {
        let seen: Vec<Seen> = (sightings.iter().enumerate())
            .map(|(i, s)| seen(i, *s))
            .collect();
        let paced = seen.iter().filter(|s| fired().is_paced(s));
        let paced: Vec<Shared<'_>> = paced.map(|s| (s, 1.0)).collect();
        fired().way(&paced).0.len()
    }

    #[test]
    fn who_comes_and_leaves_is_on_the_way() {
        let all = [
            (1200.0, 700.0),
            (1600.0, 350.0),
            (2400.0, 300.0),
            (2800.0, 640.0),
        ];
        assert_eq!(on_way(&all), 4);
        let mirrored = all.map(|(t, n)| (t, -n));
        assert_eq!(on_way(&mirrored), 4);
    }

    #[test]
    fn who_passes_by_the_other_way_is_not() {
        // Going away while the gun is yet to fire, and coming near after it has.
        assert_eq!(
            on_way(&[(1200.0, 600.0), (1400.0, 750.0), (1700.0, 1000.0)]),
            1
        );
        assert_eq!(
            on_way(&[(2500.0, 700.0), (2700.0, 500.0), (2900.0, 340.0)]),
            1
        );
    }

    proptest! {
        #[test]
        fn a_chain_is_a_part_of_what_was_seen_in_order(
            all in prop::collection::vec((1000.0..3100.0f64, -2000.0..2000.0f64, 0.0..1.0f64), 0..30),
        ) {
            let mut all = all;
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let list: Vec<Seen> = (all.iter().enumerate())
                .map(|(i, s)| seen(i, (s.0, s.1)))
                .collect();
            let shared: Vec<Shared<'_>> = (list.iter().zip(&all)).map(|(s, a)| (s, a.2)).collect();
            let chain = fired().in_one_sense(&shared);
            prop_assert!(chain.is_sorted_by_key(|(s, _)| s.observation));
            prop_assert!(sum(&chain) <= sum(&shared) + 1e-9);
            // The heaviest single sighting is a chain by itself.
            let heaviest = all.iter().map(|a| a.2).fold(0.0, f64::max);
            prop_assert!(sum(&chain) >= heaviest - 1e-9);
        }
    }
}
