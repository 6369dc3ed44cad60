//! Who walked to a gun and away from it.
//!
//! A party that fires from ground it does not hold has to come there and to leave. People and vehicles
//! seen within a quarter of an hour of a series, whose distance from the gun suits their pace, on one
//! straight way through the gun, tell of that, and the way tells whence they came. Those who stand by
//! a gun may also be its own crew: one sighting alone says little.

use truceline_agreement::Geometry;
use truceline_domain::{Body, PartyId, VideoLabel};

use crate::attribute::{Spot, holder};
use crate::plane::Xy;
use crate::prepare::Prepared;

/// People and vehicles seen from above.
pub(crate) struct Walkers {
    /// Place among the observations, time, place and its standard deviation along each axis.
    seen: Vec<(usize, f64, Xy, f64)>,
}

/// What was seen of those who came to a gun or left it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    /// Places among the observations.
    pub(crate) movers: Vec<usize>,
    /// How much likelier a false flag is for it, as a logarithm of odds.
    pub(crate) log_odds: f64,
    /// Whose ground the way leads to, where that is another's than the gun stands on.
    pub(crate) towards: Option<PartyId>,
}

/// Sightings count within this of the first and last round, seconds.
const AROUND_S: f64 = 1000.0;
/// Slowest and fastest pace on foot over rough ground, m/s, and how long they may wait at the gun.
const PACE_MPS: (f64, f64) = (0.4, 2.0);
const WAIT_S: f64 = 300.0;
/// A sighting this near the gun has no direction, metres.
const AT_GUN_M: f64 = 80.0;
/// Sightings lie beside the straight way by less than this, metres, and this share of its length.
const BESIDE: (f64, f64) = (60.0, 0.2);
/// Logarithms of how much likelier sightings are of strangers than of the gun's own crew: the first,
/// each further one, and whether their way leads to other ground: strangers' ways nearly always do, and
/// of ways in any direction through guns some hundred metres from a line two in five.
const FIRST: f64 = 2.8;
const FURTHER: f64 = 1.5;
const LEADS_ACROSS: f64 = 0.9;
const LEADS_NOWHERE: f64 = -1.5;
/// No sightings make a false flag surer than this.
const MOST: f64 = 9.5;
/// How far along the way the ground is asked for its holder, metres.
const STEPS_M: [f64; 5] = [300.0, 500.0, 700.0, 1000.0, 1400.0];

impl Walkers {
    pub(crate) fn new(all: &Prepared<'_>) -> Self {
        let seen = all.movers.iter().filter_map(|i| {
            let o = all.observations.get(*i)?;
            match &o.body {
                Body::Video(v) if matches!(v.label, VideoLabel::Person | VideoLabel::Vehicle) => {
                    let at = all.plane.to_m(v.position);
                    Some((*i, all.seconds(o.observed?), at, v.ce90_m.get() / 2.146))
                }
                _ => None,
            }
        });
        Self {
            seen: seen.collect(),
        }
    }

    /// Those who may have come to a gun at `spot` that fired between two times; `among` these
    /// observations alone, where told.
    pub(crate) fn around(
        &self,
        all: &Prepared<'_>,
        geometry: &Geometry<'_>,
        spot: &Spot,
        (from_s, until_s): (f64, f64),
        among: Option<&[usize]>,
    ) -> Way {
        let gun_sd_m = spot.cov[0].max(spot.cov[2]).sqrt();
        let first = self.seen.partition_point(|s| s.1 < from_s - AROUND_S);
        let near = self.seen.iter().skip(first);
        let near = near.take_while(|s| s.1 <= until_s + AROUND_S);
        let paced: Vec<&(usize, f64, Xy, f64)> = near
            .filter(|(i, ..)| among.is_none_or(|among| among.contains(i)))
            .filter(|(_, t_s, at, sd_m)| {
                let apart_m = at.distance(spot.at);
                let gap_s = (from_s - t_s).max(t_s - until_s).max(0.0);
                let slack_m = 2.5 * sd_m.hypot(gun_sd_m) + 30.0;
                apart_m < PACE_MPS.1 * gap_s + slack_m
                    && apart_m > PACE_MPS.0 * (gap_s - WAIT_S) - slack_m
            })
            .collect();
        // The way that most of them lie on, through the gun.
        let on_way = |u: Xy| {
            let on = paced.iter().filter(move |(_, _, at, sd_m)| {
                let d = at.minus(spot.at);
                let along_m = d.dot(u);
                let beside_m = (d.e * u.n - d.n * u.e).abs();
                let room_m = BESIDE.0.hypot(2.0 * sd_m).hypot(2.0 * gun_sd_m);
                beside_m < room_m + BESIDE.1 * along_m.max(0.0) && along_m > -room_m
            });
            on.map(|s| s.0).collect::<Vec<usize>>()
        };
        let directed = paced.iter().filter(|(_, _, at, sd_m)| {
            at.distance(spot.at) > AT_GUN_M.max(1.5 * sd_m.hypot(gun_sd_m))
        });
        let ways = directed.map(|(_, _, at, _)| {
            let d = at.minus(spot.at);
            let u = Xy::new(d.e / d.length(), d.n / d.length());
            (on_way(u), d.length(), u)
        });
        let best = ways.max_by(|a, b| (a.0.len().cmp(&b.0.len())).then(a.1.total_cmp(&b.1)));
        let (movers, direction) = match best {
            Some((movers, _, u)) => (movers, Some(u)),
            None => (paced.iter().map(|s| s.0).collect(), None),
        };
        if movers.is_empty() {
            return Way::default();
        }
        let own = holder(geometry, &all.plane, spot.at).0;
        let towards = direction.and_then(|u| {
            let ahead = STEPS_M
                .iter()
                .filter_map(|m| holder(geometry, &all.plane, spot.at.along(u, *m)).0);
            ahead.into_iter().find(|h| Some(h) != own.as_ref())
        });
        let way = match (direction, &towards) {
            (None, _) => 0.0,
            (Some(_), Some(_)) => LEADS_ACROSS,
            (Some(_), None) => LEADS_NOWHERE,
        };
        Way {
            log_odds: (FIRST + FURTHER * (movers.len() - 1) as f64 + way).min(MOST),
            movers,
            towards,
        }
    }
}

/// A probability changed by a logarithm of odds.
pub(crate) fn odds(p: f64, by: f64) -> f64 {
    1.0 / (1.0 + ((1.0 - p) / p.max(1e-12)) * (-by).exp())
}
