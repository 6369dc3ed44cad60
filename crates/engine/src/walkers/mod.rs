//! Who walked to a gun and away from it.
//!
//! A party that fires from ground it does not hold has to come there and to leave. People and vehicles
//! seen within a quarter of an hour of a series, whose distance from the gun suits their pace, who come
//! nearer before it and go away after it on one straight way through the gun, tell of that, and the way
//! tells whence they came. Those who stand by a gun may also be its own crew: one sighting alone says
//! little. Where many people are seen anyway, sightings say less. A group that was seen where none who
//! comes to this gun would be speaks against it. And who came to one gun is no evidence of another that
//! fired near it: guns share out what was seen by how likely each was come to (a mean field over whose
//! each sighting is).

mod way;

use std::collections::BTreeMap;

use truceline_agreement::Geometry;
use truceline_domain::{Body, PartyId, VideoLabel};

use crate::plane::Xy;
use crate::prepare::Prepared;
pub(crate) use way::Fired;
use way::{AROUND_S, BESIDE, Shared, is_one_group, reach_m, sum};

/// People and vehicles seen from above.
pub(crate) struct Walkers {
    /// In order of time.
    seen: Vec<Seen>,
    /// The chance that a sighting is of those who came to this gun and not to another that it suits
    /// too; one where it suits no other.
    shares: BTreeMap<(Claimant, usize), f64>,
    /// Of each sighting the guns on whose ways it lies, and the chance that each was come to.
    owners: BTreeMap<usize, Vec<(Claimant, f64)>>,
}

/// One sighting: its place among the observations, when and where, and the standard deviation along each axis.
#[derive(Debug, Clone, Copy)]
struct Seen {
    observation: usize,
    t_s: f64,
    at: Xy,
    sd_m: f64,
}

/// A gun, or a source that stands alone, by its number.
pub(crate) type Claimant = (bool, usize);

/// What was seen of those who came to a gun or left it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Way {
    /// Places among the observations, and the share of each.
    pub(crate) movers: Vec<usize>,
    pub(crate) shares: Vec<f64>,
    /// Sightings of the same group, as it seems, that suit nobody who came to the gun.
    pub(crate) against: f64,
    /// Sightings to be expected by chance.
    pub(crate) by_chance: f64,
    /// How much likelier a false flag is for it, as a logarithm of odds.
    pub(crate) log_odds: f64,
    /// Whose ground the way leads to, where that is another's than the gun stands on.
    pub(crate) towards: Option<PartyId>,
}

/// Chance that a party fires from ground that another holds.
pub(crate) const FALSE_FLAG: f64 = 0.015;
/// Sightings to be expected of strangers who come and leave, and of a gun's own crew: each sighting is
/// likelier by their ratio, e^1.5.
const OF_STRANGERS: f64 = 4.0;
const OF_CREW: f64 = 0.9;
/// That anyone was seen at all is worth this more, where no one is seen by chance; and whether their way
/// leads to other ground: strangers' ways nearly always do, and of ways in any direction through guns
/// some hundred metres from a line two in five. Logarithms of odds.
const FIRST: f64 = 1.3;
const LEADS_ACROSS: f64 = 0.9;
const LEADS_NOWHERE: f64 = -1.5;
/// Of a group that came to this gun one sighting in twenty lies where it ought not to, of others every
/// second: a logarithm of odds.
const AGAINST: f64 = -2.3;
/// No sightings make a false flag surer than this.
const MOST: f64 = 9.5;
/// Sightings by chance are reckoned from all within this distance of a gun and time of its rounds.
const CHANCE_M: f64 = 5000.0;
const CHANCE_S: f64 = 7200.0;
/// Times that shares are weighed anew.
const ROUNDS: usize = 8;
/// Sightings around one gun, and guns that one sighting may belong to, at most.
const MOST_SEEN: usize = 64;
const MOST_RIVALS: usize = 32;
/// A sighting with less than this share is another gun's.
const OWN_SHARE: f64 = 0.5;

impl Walkers {
    /// What was seen, shared out among all that `fired`.
    pub(crate) fn new(all: &Prepared<'_>, fired: &[Fired]) -> Self {
        let seen = all.movers.iter().filter_map(|i| {
            let o = all.observations.get(*i)?;
            match &o.body {
                Body::Video(v) if matches!(v.label, VideoLabel::Person | VideoLabel::Vehicle) => {
                    Some(Seen {
                        observation: *i,
                        t_s: all.seconds(o.observed?),
                        at: all.plane.to_m(v.position),
                        sd_m: v.ce90_m.get() / 2.146,
                    })
                }
                _ => None,
            }
        });
        let mut walkers = Self {
            seen: seen.collect(),
            shares: BTreeMap::new(),
            owners: BTreeMap::new(),
        };
        let paced = |f: &Fired| {
            walkers
                .paced(f)
                .iter()
                .map(|s| s.observation)
                .collect::<Vec<_>>()
        };
        let claims = fired.iter().map(|f| (f, paced(f)));
        let claims: Vec<(&Fired, Vec<usize>)> = claims.filter(|c| !c.1.is_empty()).collect();
        if !claims.is_empty() {
            walkers.share_out(all, &claims);
        }
        walkers
    }

    /// Sightings within so long of the rounds.
    fn within(&self, fired: &Fired, around_s: f64) -> &[Seen] {
        let first = (self.seen).partition_point(|s| s.t_s < fired.from_s - around_s);
        let end = (self.seen).partition_point(|s| s.t_s <= fired.until_s + around_s);
        self.seen.get(first..end.max(first)).unwrap_or_default()
    }

    /// Those who may have come to a gun or left it, in order of time: of very many the nearest in time.
    fn paced(&self, fired: &Fired) -> Vec<&Seen> {
        let near = self.within(fired, AROUND_S).iter();
        let mut paced: Vec<&Seen> = near.filter(|s| fired.is_paced(s)).collect();
        if paced.len() > MOST_SEEN {
            let gap_s = |s: &Seen| fired.gap_s(s.t_s);
            paced.sort_by(|a, b| gap_s(a).total_cmp(&gap_s(b)));
            paced.truncate(MOST_SEEN);
            paced.sort_by_key(|s| s.observation);
        }
        paced
    }

    /// Shares out what suits several guns: by how likely each was come to, as all that is its share of
    /// what was seen tells, and by how near to its ways it lies.
    fn share_out(&mut self, all: &Prepared<'_>, claims: &[(&Fired, Vec<usize>)]) {
        let mut of: BTreeMap<usize, Vec<&Fired>> = BTreeMap::new();
        for (fired, paced) in claims {
            for observation in paced {
                of.entry(*observation).or_default().push(*fired);
            }
        }
        of.retain(|observation, rivals| {
            // Between very many it tells of none.
            if rivals.len() > MOST_RIVALS {
                let even = 1.0 / rivals.len() as f64;
                let shares = rivals.iter().map(|f| ((f.by, *observation), even));
                self.shares.extend(shares);
            }
            (2..=MOST_RIVALS).contains(&rivals.len())
        });
        for _ in 0..ROUNDS {
            let mut owners: BTreeMap<usize, Vec<(Claimant, f64)>> = BTreeMap::new();
            // How likely each was come to by all but one sighting: what is to be shared out must not
            // prove whose it is.
            let mut others: BTreeMap<(Claimant, usize), f64> = BTreeMap::new();
            for (fired, _) in claims {
                let geometry = all.theatre.at(all.epoch.plus_seconds(fired.from_s));
                let way = self.around(all, &geometry, fired, None);
                let p = odds(FALSE_FLAG, way.log_odds);
                for mover in &way.movers {
                    owners.entry(*mover).or_default().push((fired.by, p));
                    if of.contains_key(mover) {
                        let rest = way.movers.iter().filter(|m| *m != mover);
                        let rest: Vec<usize> = rest.copied().collect();
                        let without = self.around(all, &geometry, fired, Some(&rest));
                        let p = odds(FALSE_FLAG, without.log_odds);
                        others.insert((fired.by, *mover), p);
                    }
                }
            }
            self.owners = owners;
            if of.is_empty() {
                break;
            }
            for (observation, rivals) in &of {
                let likely = |f: &Fired| others.get(&(f.by, *observation)).copied();
                let weight = |f: &Fired, p: f64| {
                    let room_m = BESIDE.0.hypot(2.0 * f.spot.sd_m());
                    p / (room_m * room_m)
                };
                for fired in rivals {
                    let own = weight(fired, likely(fired).unwrap_or(FALSE_FLAG));
                    let elsewhere = rivals.iter().filter(|f| fired.is_elsewhere(f));
                    let elsewhere = elsewhere.filter_map(|f| Some(weight(f, likely(f)?)));
                    let share = own / (own + elsewhere.sum::<f64>());
                    self.shares.insert((fired.by, *observation), share);
                }
            }
        }
    }

    /// Those who may have come to a gun; `among` these observations alone, where told.
    pub(crate) fn around(
        &self,
        all: &Prepared<'_>,
        geometry: &Geometry<'_>,
        fired: &Fired,
        among: Option<&[usize]>,
    ) -> Way {
        let share = |s: &Seen| self.shares.get(&(fired.by, s.observation)).copied();
        let paced = self.paced(fired).into_iter();
        let paced: Vec<Shared<'_>> = paced.map(|s| (s, share(s).unwrap_or(1.0))).collect();
        if paced.is_empty() {
            return Way::default();
        }
        let (on, direction) = fired.way(&paced);
        let is_among = |s: &Seen| among.is_none_or(|among| among.contains(&s.observation));
        let told: Vec<Shared<'_>> = on.iter().copied().filter(|(s, _)| is_among(s)).collect();
        if told.is_empty() {
            return Way::default();
        }
        let towards = direction.and_then(|u| fired.towards(geometry, &all.plane, u));
        let way = match (direction, &towards) {
            (None, _) => 0.0,
            (Some(_), Some(_)) => LEADS_ACROSS,
            (Some(_), None) => LEADS_NOWHERE,
        };
        let (seen, by_chance) = (sum(&told), self.by_chance(fired));
        let against = self.against(fired, &on, &told);
        let each = ((OF_STRANGERS + by_chance) / (OF_CREW + by_chance)).ln();
        let any = seen.min(1.0) * (FIRST * (-by_chance).exp() + way);
        let of = each * seen + any;
        let own = told.iter().filter(|(_, share)| *share >= OWN_SHARE);
        let (movers, shares) = own.map(|(s, share)| (s.observation, *share)).unzip();
        Way {
            movers,
            shares,
            against,
            by_chance,
            // That others walked there is nothing for the ground's holder either.
            log_odds: (of + AGAINST * against).max(of.min(0.0)).min(MOST),
            towards,
        }
    }

    /// Sightings around a gun that are not `on` its way, but of the same group as those told of, as far as
    /// no other gun explains them.
    fn against(&self, fired: &Fired, on: &[Shared<'_>], told: &[Shared<'_>]) -> f64 {
        let is_on = |s: &Seen| on.iter().any(|(o, _)| o.observation == s.observation);
        let explained = |s: &Seen| {
            let owners = self.owners.get(&s.observation).into_iter().flatten();
            let others = owners.filter(|(by, _)| *by != fired.by);
            others.map(|(_, p)| *p).fold(0.0, f64::max)
        };
        let around = self.within(fired, AROUND_S).iter();
        around
            .filter(|s| !is_on(s))
            .filter(|s| told.iter().any(|(t, _)| is_one_group(s, t)))
            .map(|s| 1.0 - explained(s))
            .sum()
    }

    /// How many sightings that suit a gun are to be expected by chance, from those around that do not.
    fn by_chance(&self, fired: &Fired) -> f64 {
        let around = self.within(fired, CHANCE_S).iter();
        let others = around
            .filter(|s| s.at.distance(fired.spot.at) < CHANCE_M)
            .filter(|s| fired.gap_s(s.t_s) > AROUND_S || !fired.is_paced(s));
        let others = others.count() as f64;
        if others == 0.0 {
            return 0.0;
        }
        let disc_m2 = |r_m: f64| std::f64::consts::PI * r_m.max(0.0).powi(2);
        let suits_m2 = |gap_s: f64| {
            let (near_m, far_m) = reach_m(gap_s, fired.spot.sd_m());
            disc_m2(far_m.min(CHANCE_M)) - disc_m2(near_m.min(CHANCE_M))
        };
        let lasts_s = (fired.until_s - fired.from_s).max(0.0);
        let step_s = AROUND_S / 20.0;
        let beside = (0..20).map(|i| 2.0 * step_s * suits_m2(step_s * (f64::from(i) + 0.5)));
        let suits = suits_m2(0.0) * lasts_s + beside.sum::<f64>();
        let whole = disc_m2(CHANCE_M) * (lasts_s + 2.0 * CHANCE_S);
        others * suits / (whole - suits).max(0.1 * whole)
    }
}

/// A probability changed by a logarithm of odds.
pub(crate) fn odds(p: f64, by: f64) -> f64 {
    1.0 / (1.0 + ((1.0 - p) / p.max(1e-12)) * (-by).exp())
}
