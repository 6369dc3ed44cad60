//! Fire that is answered: which events make an exchange, and who began it.
//!
//! Firing near in time (two minutes) and place (gun to gun, or gun to where the other's rounds fall)
//! is one exchange when the guns in it are likeliest those of two parties or more. Rounds of one gun
//! share whose it is, so that guns are weighed, not rounds. Who began is
//!
//! ```text
//! P(a) = Σ_g p_g(a) · Σ_s f_g(s) · Π_{h≠g} (1 − w_h·F_h(s))
//! ```
//!
//! over guns g and the times s at which they may have begun: w is the chance that a gun's fire
//! violated at all, f and F the distribution of its beginning, which is its first round's time with
//! its error, and with the chance that an earlier round of it went unheard some rounds before.

use truceline_domain::{Event, EventClass, EventKind, Exchange, FindingId, Participant, PartyId};

use crate::attribute;
use crate::normal::phi;
use crate::plane::{Plane, Xy};

/// Rounds farther apart than this are not of one exchange, seconds. (In the development scenarios
/// 99 % of the rounds of an incident follow each other within 79 s, and incidents near each other lie
/// minutes apart.)
const APART_S: f64 = 120.0;
/// Fire farther apart than this is not at each other, metres: from gun to gun, gun to burst or burst
/// to burst, whichever is least.
const APART_M: f64 = 4_000.0;
/// Events looked back at from each; a flood of them is one exchange anyway.
const MOST_BACK: usize = 400;
/// Events this near are of one gun, metres, beside their own uncertainty.
const ONE_GUN_M: f64 = 150.0;
/// Mean time between a gun's rounds where it was heard once, seconds (the scenarios' median).
const ROUND_S: f64 = 9.0;
/// Points at which a normal distribution is looked at, in standard deviations: middles of eight
/// parts of equal weight.
const NORMAL_SD: [f64; 8] = [-1.534, -0.887, -0.489, -0.157, 0.157, 0.489, 0.887, 1.534];
/// The same of an exponential distribution, in means.
const EARLIER: [f64; 8] = [0.065, 0.208, 0.375, 0.575, 0.827, 1.163, 1.674, 2.773];

/// All exchanges among events in order of time.
pub(crate) fn exchanges(events: &[Event], plane: &Plane, max_wrong: f64) -> Vec<Exchange> {
    let shots: Vec<Shot<'_>> = events.iter().filter_map(|e| Shot::of(e, plane)).collect();
    groups(&shots)
        .into_iter()
        .filter_map(|group| exchange(&group, max_wrong))
        .collect()
}

/// An event in which a weapon was used, as likely as not against the ceasefire.
#[derive(Clone, Copy)]
struct Shot<'e> {
    event: &'e Event,
    gun: Xy,
    burst: Option<Xy>,
    sd_m: f64,
}

impl<'e> Shot<'e> {
    fn of(event: &'e Event, plane: &Plane) -> Option<Self> {
        let is_fire = event.kind.class() == EventClass::Firing;
        (is_fire && event.attribution.p.none().get() < 0.5).then(|| Self {
            event,
            gun: plane.to_m(event.position),
            burst: event.impact.as_ref().map(|i| plane.to_m(i.position)),
            sd_m: event.cov_m2.ee().max(event.cov_m2.nn()).sqrt(),
        })
    }

    fn is_with(&self, other: &Self) -> bool {
        let ends = |s: &Self| {
            [Some(s.gun), s.burst]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        };
        let theirs = ends(other);
        let mine = ends(self);
        let near = |a: &Xy| theirs.iter().any(|b| a.distance(*b) < APART_M);
        mine.iter().any(near)
    }
}

/// Shots that hang together, each group in order of time, groups in order of their first.
fn groups<'s, 'e>(shots: &'s [Shot<'e>]) -> Vec<Vec<&'s Shot<'e>>> {
    let mut group_of: Vec<usize> = (0..shots.len()).collect();
    for (i, shot) in shots.iter().enumerate() {
        let before = shots.iter().enumerate().take(i).rev().take(MOST_BACK);
        let recent = before
            .take_while(|(_, s)| shot.event.time.seconds_since(s.event.time) < APART_S)
            .filter(|(_, s)| shot.is_with(s));
        for (j, _) in recent {
            let (a, b) = (group_of[i], group_of[j]);
            // The earlier group takes in the later one.
            let (into, from) = (a.min(b), a.max(b));
            if into != from {
                group_of
                    .iter_mut()
                    .filter(|g| **g == from)
                    .for_each(|g| *g = into);
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, Vec<&Shot<'_>>> =
        std::collections::BTreeMap::new();
    for (shot, group) in shots.iter().zip(&group_of) {
        groups.entry(*group).or_default().push(shot);
    }
    groups.into_values().collect()
}

/// One gun's part in an exchange.
struct Gun<'e> {
    first: &'e Event,
    rounds: Vec<&'e Event>,
    at: Xy,
    reach_m: f64,
}

impl Gun<'_> {
    /// The chance that it fired against the ceasefire for `party`: the mean over its rounds.
    fn p(&self, party: &PartyId) -> f64 {
        let sum: f64 = self
            .rounds
            .iter()
            .map(|e| e.attribution.p.of(party).get())
            .sum();
        sum / self.rounds.len() as f64
    }

    /// The chance that it violated at all.
    fn violated(&self) -> f64 {
        let none = |e: &&Event| e.attribution.p.none().get();
        1.0 - self.rounds.iter().map(none).sum::<f64>() / self.rounds.len() as f64
    }

    /// Mean time between its rounds, seconds.
    fn rhythm_s(&self) -> f64 {
        let span_s = self
            .rounds
            .last()
            .map_or(0.0, |l| l.time.seconds_since(self.first.time));
        match self.rounds.len() {
            0 | 1 => ROUND_S,
            n => (span_s / (n - 1) as f64).clamp(1.0, 60.0),
        }
    }

    /// The chance that it fired before it was heard first: what was missed of that weapon in the
    /// development scenarios.
    fn unheard(&self) -> f64 {
        match self.first.kind {
            EventKind::SmallArms => 0.15,
            EventKind::Hmg => 0.08,
            _ => 0.05,
        }
    }

    /// Times at which it may have begun, seconds after `zero`, with their weights.
    fn beginnings(&self, zero: truceline_domain::Observed) -> Vec<(f64, f64)> {
        let t_s = self.first.time.seconds_since(zero);
        let (sd_s, unheard) = (self.first.time_sd_s.get(), self.unheard());
        let heard = NORMAL_SD.map(|z| (t_s + z * sd_s, (1.0 - unheard) / NORMAL_SD.len() as f64));
        let rhythm_s = self.rhythm_s();
        let earlier = EARLIER.map(|x| (t_s - x * rhythm_s, unheard / EARLIER.len() as f64));
        heard.into_iter().chain(earlier).collect()
    }

    /// The chance that it had begun by a time.
    fn had_begun(&self, zero: truceline_domain::Observed, s: f64) -> f64 {
        let late_s = self.first.time.seconds_since(zero) - s;
        let unheard = self.unheard();
        let earlier = (-late_s.max(0.0) / self.rhythm_s()).exp();
        (1.0 - unheard) * phi(-late_s / self.first.time_sd_s.get()) + unheard * earlier
    }
}

fn guns<'e>(group: &[&Shot<'e>]) -> Vec<Gun<'e>> {
    let mut guns: Vec<Gun<'e>> = vec![];
    for shot in group {
        let same = guns.iter_mut().find(|g| {
            g.first.kind == shot.event.kind && g.at.distance(shot.gun) < g.reach_m + 2.0 * shot.sd_m
        });
        match same {
            Some(gun) => gun.rounds.push(shot.event),
            None => guns.push(Gun {
                first: shot.event,
                rounds: vec![shot.event],
                at: shot.gun,
                reach_m: ONE_GUN_M + 2.0 * shot.sd_m,
            }),
        }
    }
    guns
}

fn exchange(group: &[&Shot<'_>], max_wrong: f64) -> Option<Exchange> {
    let first = group.first()?.event;
    let guns = guns(group);
    let parties: Vec<PartyId> = first
        .attribution
        .p
        .parties()
        .map(|(p, _)| p.clone())
        .collect();
    let participants = participants(&guns, &parties);
    if participants.len() < 2 {
        return None;
    }
    let mut weights: Vec<f64> = vec![0.0; parties.len()];
    for (i, gun) in guns.iter().enumerate() {
        let first_of_all: f64 = gun
            .beginnings(first.time)
            .into_iter()
            .map(|(s, weight)| {
                let others = guns.iter().enumerate().filter(|(j, _)| *j != i);
                let none_before =
                    |(_, h): (usize, &Gun<'_>)| 1.0 - h.violated() * h.had_begun(first.time, s);
                weight * others.map(none_before).product::<f64>()
            })
            .sum();
        for (weight, party) in weights.iter_mut().zip(&parties) {
            *weight += gun.p(party) * first_of_all;
        }
    }
    let none: f64 = guns.iter().map(|g| 1.0 - g.violated()).product();
    let began = parties.into_iter().zip(weights).collect();
    let attribution = attribute::of_weights(&began, none, max_wrong)?;
    let events: Vec<FindingId> = group.iter().map(|s| s.event.id.clone()).collect();
    let names: Vec<&str> = events.iter().map(FindingId::as_str).collect();
    let digest = truceline_domain::Sha256::of(names.join("\n").as_bytes());
    Some(Exchange {
        id: FindingId::new(format!("x-{}", digest.short(20))).ok()?,
        from: first.time,
        until: group.last()?.event.time,
        participants,
        first_event: first.id.clone(),
        events,
        began: attribution.p,
        verdict: attribution.verdict,
    })
}

/// The parties by which some gun is likeliest, in order of their ids.
fn participants(guns: &[Gun<'_>], parties: &[PartyId]) -> Vec<Participant> {
    let likeliest = |gun: &Gun<'_>| {
        let of = parties.iter().map(|p| (gun.p(p), p));
        of.filter(|(p, _)| *p > 0.5)
            .map(|(_, party)| party.clone())
            .next()
    };
    let part = |party: &PartyId| {
        let theirs = || guns.iter().filter(|g| likeliest(g).as_ref() == Some(party));
        let first = theirs().map(|g| g.first).min_by_key(|e| (e.time, &e.id))?;
        Some(Participant {
            party: party.clone(),
            events: u32::try_from(theirs().map(|g| g.rounds.len()).sum::<usize>()).ok()?,
            first_event: first.id.clone(),
            first: first.time,
        })
    };
    parties.iter().filter_map(part).collect()
}

#[cfg(test)]
mod tests;
