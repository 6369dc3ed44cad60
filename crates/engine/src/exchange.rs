//! Fire that is answered: which events make an exchange, and who began it.
//!
//! Rounds of one weapon from one place are a gun's series. Two series of different parties that begin
//! within two minutes of each other, near enough for their weapons to be aimed at each other's ground
//! (gun to gun, or gun to where the other's rounds fall), hang together, and so do a party's series
//! side by side. Where two parties or more are in what hangs together, that is an exchange. Rounds of one gun
//! share whose it is, so that guns are weighed, not rounds. Who began is
//!
//! ```text
//! P(a) = Σ_g p_g(a) · Σ_s f_g(s) · Π_{h≠g} (1 − w_h·F_h(s))
//! ```
//!
//! over guns g and the times s at which they may have begun: w is the chance that a gun's fire
//! violated at all, f and F the distribution of its beginning, which is its first round's time with
//! its error, and with the chance that an earlier round of it went unheard some rounds before.

use std::collections::BTreeMap;

use truceline_domain::{Event, EventClass, EventKind, Exchange, FindingId, Participant, PartyId};

use crate::attribute;
use crate::calibration::{UNHEARD_HEAVY, UNHEARD_HMG, UNHEARD_SMALL_ARMS};
use crate::normal::phi;
use crate::plane::{Plane, Xy};

/// Series that begin farther apart than this are not of one exchange, seconds. (In the development
/// scenarios the answer began 9 to 108 s after the first round.)
const APART_S: f64 = 110.0;
/// A gun that was silent longer begins a new series, seconds. (99 % of the rounds of an incident follow
/// each other within 79 s there.)
const SILENT_S: f64 = 120.0;
/// Fire farther apart than this is not at each other, metres: gun to gun, gun to burst or burst to
/// burst, whichever is least. Nine in ten exchanges of the development scenarios lie within these;
/// unrelated fire begins at 0.9 to 1.3 km, half of it beyond 17 km.
const APART_M: f64 = 3_000.0;
/// The same where artillery or rockets take part, and where something came from the air.
const APART_HEAVY_M: f64 = 6_500.0;
const APART_AIR_M: f64 = 8_000.0;
/// Guns of one party side by side, metres.
const BATTERY_M: f64 = 400.0;
/// Series looked back at from each; a flood of them is one exchange anyway.
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
    let guns = guns(events, plane);
    let groups = groups(&guns).into_iter();
    groups
        .filter_map(|group| exchange(&group, max_wrong))
        .collect()
}

/// A series of one gun: rounds of a weapon from one place, as likely as not against the ceasefire.
struct Gun<'e> {
    first: &'e Event,
    last: &'e Event,
    rounds: Vec<&'e Event>,
    at: Xy,
    /// Where its first round came down, when that is known.
    burst: Option<Xy>,
    reach_m: f64,
    /// Whose it likeliest is; `None` when nobody's rather than not.
    party: Option<PartyId>,
}

/// Series in order of their first rounds.
fn guns<'e>(events: &'e [Event], plane: &Plane) -> Vec<Gun<'e>> {
    let mut guns: Vec<Gun<'e>> = vec![];
    let is_shot =
        |e: &&Event| e.kind.class() == EventClass::Firing && e.attribution.p.none().get() < 0.5;
    for event in events.iter().filter(is_shot) {
        let at = plane.to_m(event.position);
        let sd_m = event.cov_m2.ee().max(event.cov_m2.nn()).sqrt();
        let recent = guns.iter_mut().rev().take(MOST_BACK);
        let mut same = recent.filter(|g| {
            g.first.kind == event.kind
                && event.time.seconds_since(g.last.time) < SILENT_S
                && g.at.distance(at) < g.reach_m + 2.0 * sd_m
        });
        match same.next() {
            Some(gun) => {
                gun.rounds.push(event);
                gun.last = event;
            }
            None => guns.push(Gun {
                first: event,
                last: event,
                rounds: vec![event],
                at,
                burst: event.impact.as_ref().map(|i| plane.to_m(i.position)),
                reach_m: ONE_GUN_M + 2.0 * sd_m,
                party: None,
            }),
        }
    }
    for gun in &mut guns {
        let mut parties = gun.first.attribution.p.parties().map(|(p, _)| p);
        gun.party = parties.find(|p| gun.p(p) > 0.5).cloned();
    }
    guns
}

/// Series that hang together, each group in order of time, groups in order of their first.
fn groups<'g, 'e>(guns: &'g [Gun<'e>]) -> Vec<Vec<&'g Gun<'e>>> {
    let mut group_of: Vec<usize> = (0..guns.len()).collect();
    for (i, gun) in guns.iter().enumerate() {
        let before = guns.iter().enumerate().take(i).rev().take(MOST_BACK);
        let linked = before
            .take_while(|(_, g)| gun.first.time.seconds_since(g.first.time) < APART_S)
            .filter(|(_, g)| gun.hangs_with(g));
        for (j, _) in linked {
            let (Some(&a), Some(&b)) = (group_of.get(i), group_of.get(j)) else {
                continue;
            };
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
    let mut groups: BTreeMap<usize, Vec<&Gun<'_>>> = BTreeMap::new();
    for (gun, group) in guns.iter().zip(&group_of) {
        groups.entry(*group).or_default().push(gun);
    }
    groups.into_values().collect()
}

impl Gun<'_> {
    /// Whether two series that begin near each other in time are of one exchange.
    fn hangs_with(&self, other: &Self) -> bool {
        if self.party.is_some() && self.party == other.party {
            return self.first.kind == other.first.kind && self.at.distance(other.at) < BATTERY_M;
        }
        let is = |kinds: &[EventKind]| {
            kinds.contains(&self.first.kind) || kinds.contains(&other.first.kind)
        };
        let most_m = match () {
            () if is(&[EventKind::DroneStrike]) => APART_AIR_M,
            () if is(&[EventKind::Artillery, EventKind::Mlrs]) => APART_HEAVY_M,
            () => APART_M,
        };
        let ends = |g: &Self| [Some(g.at), g.burst];
        let theirs = ends(other);
        let near = |a: Xy| theirs.iter().flatten().any(|b| a.distance(*b) < most_m);
        ends(self).into_iter().flatten().any(near)
    }

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

    /// The chance that it fired before it was heard first.
    fn unheard(&self) -> f64 {
        match self.first.kind {
            EventKind::SmallArms => UNHEARD_SMALL_ARMS,
            EventKind::Hmg => UNHEARD_HMG,
            _ => UNHEARD_HEAVY,
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

fn exchange(guns: &[&Gun<'_>], max_wrong: f64) -> Option<Exchange> {
    let mut rounds: Vec<&Event> = guns.iter().flat_map(|g| g.rounds.iter().copied()).collect();
    rounds.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    let first = *rounds.first()?;
    let parties: Vec<PartyId> = first
        .attribution
        .p
        .parties()
        .map(|(p, _)| p.clone())
        .collect();
    let participants = participants(guns, &parties);
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
                    |(_, h): (usize, &&Gun<'_>)| 1.0 - h.violated() * h.had_begun(first.time, s);
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
    let events: Vec<FindingId> = rounds.iter().map(|e| e.id.clone()).collect();
    let names: Vec<&str> = events.iter().map(FindingId::as_str).collect();
    let digest = truceline_domain::Sha256::of(names.join("\n").as_bytes());
    Some(Exchange {
        id: FindingId::new(format!("x-{}", digest.short(20))).ok()?,
        from: first.time,
        until: rounds.last()?.time,
        participants,
        first_event: first.id.clone(),
        events,
        began: attribution.p,
        verdict: attribution.verdict,
    })
}

/// The parties by which some gun is likeliest, in order of their ids.
fn participants(guns: &[&Gun<'_>], parties: &[PartyId]) -> Vec<Participant> {
    let part = |party: &PartyId| {
        let theirs = || guns.iter().filter(|g| g.party.as_ref() == Some(party));
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
