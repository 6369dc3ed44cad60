//! Guns: rounds that stand at one place within minutes, and what they say together.
//!
//! A gun in a series does not move. Rounds near each other in place, time and sound make a battery;
//! its rounds are parted between one, two or three guns by where each stands alone (air and clocks
//! as the whole battery finds them); then all are located at once ([`crate::joint`]). Rounds placed
//! too poorly to lead join a gun that suits their arrivals nearly as well as their own best place.

use std::collections::BTreeMap;

use truceline_domain::{AcousticClass, Sha256};

use crate::associate::Source;
use crate::battery::{Settled, settled};
use crate::field::{Field, Wave, chunk_of};
use crate::joint::misfit;
use crate::locate::Anchor;
use crate::memo::{Memo, Question};
use crate::plane::Xy;
use crate::signature::{self, Signature};

/// A gun: its place, and between which times it is known to have fired.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gun {
    pub(crate) at: Xy,
    /// Largest standard deviation of its place, metres.
    pub(crate) sd_m: f64,
    /// How far its rounds stand from its place, metres, one standard deviation along each axis.
    pub(crate) shift_m: f64,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
    /// Which battery it stands in: guns of one battery fire at one target.
    pub(crate) battery: usize,
    /// Its rounds, places in the list of sources.
    pub(crate) rounds: Vec<usize>,
}

/// Guns, and for each source the gun it is a round of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guns {
    pub(crate) guns: Vec<Gun>,
    pub(crate) of: Vec<Option<usize>>,
}

impl Gun {
    pub(crate) fn anchor(&self) -> Anchor {
        Anchor {
            at: self.at,
            sd_m: self.sd_m.hypot(self.shift_m),
        }
    }
}

/// A series goes on after a silence no longer than this, seconds.
const SILENCE_S: f64 = 240.0;
/// Sources that are weapons' muzzles with less than this chance are no gun's rounds.
const MUZZLE_LEAST: f64 = 0.3;
/// Rounds placed better than this may lead, metres.
const LEADING_SD_M: f64 = 120.0;
/// Guns of one battery stand within this, metres; rounds farther apart than this and three standard
/// deviations are not one battery.
const BATTERY_M: f64 = 60.0;
/// Logarithms of peak frequencies of two rounds of one gun differ by less than this.
pub(crate) const ALIKE_LN_HZ: f64 = 0.6;
/// Levels at 1 km of two rounds of one gun differ by less than this, dB.
pub(crate) const ALIKE_DB: f64 = 9.0;
/// Rounds taken together at most: what more would tell is little, and what a flood costs is bounded.
const MOST_ROUNDS: usize = 64;
/// A round that suits a gun this much worse than its own best place is none of its own.
const JOINS: f64 = 14.0;
/// The same for whether the second-best gun is as likely.
const UNDECIDED: f64 = 5.0;

/// Finds guns among `sources` (in order of time) and sets each round's estimate to what the gun's
/// rounds say together. `question` is whose answers these are.
pub(crate) fn guns(
    field: &Field,
    sources: &mut [Source],
    question: Question,
    memo: &mut Memo,
) -> Guns {
    let mut found = Guns {
        guns: vec![],
        of: vec![None; sources.len()],
    };
    let signatures = signature::all();
    let is_gun: Vec<bool> = sources
        .iter()
        .map(|s| muzzle_share(field, &signatures, s) > MUZZLE_LEAST)
        .collect();
    let batteries = batteries(sources, &is_gun);
    let rounds = |members: &Vec<usize>| -> Vec<&Source> {
        members.iter().filter_map(|m| sources.get(*m)).collect()
    };
    let settled = memo.settled(
        question,
        &batteries,
        |members| names_and_digest(field, &rounds(members)),
        |members| settled(field, &rounds(members)),
    );
    for (battery, (members, settled)) in batteries.iter().zip(settled).enumerate() {
        if let Some(settled) = settled {
            place(sources, members, battery, &settled, &mut found);
        }
    }
    join(field, sources, &is_gun, &mut found);
    found
}

/// The chance, by sound and what was seen from above, that a source is a weapon's muzzle: bursts and
/// blasts do not stand at one place.
fn muzzle_share(field: &Field, signatures: &[Signature], source: &Source) -> f64 {
    let picks = || source.picks.iter().filter_map(|p| field.picks.get(*p));
    let classes = || {
        picks().filter_map(|p| match p.wave {
            Wave::Sound { class, class_p, .. } => Some((class, class_p)),
            _ => None,
        })
    };
    let seen = || {
        picks().filter_map(|p| match p.wave {
            Wave::Seen { burst, .. } => Some(burst),
            _ => None,
        })
    };
    let ln: Vec<f64> = signatures
        .iter()
        .map(|s| {
            let said: f64 = classes().map(|(c, p)| s.ln_class(c, p)).sum();
            let seen: f64 = seen().map(|impact| s.ln_seen(impact)).sum();
            s.prior.ln() + s.ln_density(&source.fingerprint) + said + seen
        })
        .collect();
    let top = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut muzzles, mut all) = (0.0, 0.0);
    for (s, ln) in signatures.iter().zip(&ln) {
        let p = (ln - top).exp();
        all += p;
        if s.class == AcousticClass::Muzzle {
            muzzles += p;
        }
    }
    muzzles / all
}

/// Whether two sources may be one weapon's, by frequency and level.
pub(crate) fn alike(a: &Source, b: &Source) -> bool {
    let (f, g) = (&a.fingerprint, &b.fingerprint);
    let near = |x: crate::signature::Mean, y: crate::signature::Mean, within: f64| {
        x.arrays == 0.0 || y.arrays == 0.0 || {
            // Few arrays measure a mean less well.
            let slack = (1.0 / x.arrays + 1.0 / y.arrays).sqrt();
            (x.value - y.value).abs() < within * (1.0 + 0.5 * slack)
        }
    };
    near(f.ln_hz, g.ln_hz, ALIKE_LN_HZ) && near(f.level_db, g.level_db, ALIKE_DB)
}

/// Sources that may stand in one battery, each list in order of time: single linkage.
fn batteries(sources: &[Source], is_gun: &[bool]) -> Vec<Vec<usize>> {
    let mut open: Vec<Vec<usize>> = vec![];
    let mut closed: Vec<Vec<usize>> = vec![];
    for (i, source) in sources.iter().enumerate() {
        if source.estimate.place_sd_m() > LEADING_SD_M || !is_gun.get(i).copied().unwrap_or(false) {
            continue;
        }
        let t_s = source.estimate.t_s();
        let is_over = |b: &Vec<usize>| {
            b.len() >= MOST_ROUNDS
                || b.last()
                    .and_then(|l| sources.get(*l))
                    .is_none_or(|l| t_s - l.estimate.t_s() > SILENCE_S)
        };
        let (over, going): (Vec<_>, Vec<_>) = open.into_iter().partition(is_over);
        closed.extend(over);
        open = going;
        let suits = |b: &Vec<usize>| {
            b.iter().filter_map(|j| sources.get(*j)).any(|other| {
                let sd_m = (source.estimate.place_sd_m()).hypot(other.estimate.place_sd_m());
                let apart_m = source.estimate.place().distance(other.estimate.place());
                apart_m < BATTERY_M + 3.0 * sd_m && alike(source, other)
            })
        };
        let (mut mine, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(suits);
        open = rest;
        let mut merged: Vec<usize> = mine.drain(..).flatten().collect();
        merged.push(i);
        merged.sort_unstable();
        open.push(merged);
    }
    closed.extend(open);
    closed.retain(|b| b.len() >= 2);
    closed.sort();
    closed
}

/// Which rounds these are, and all that [`settled()`] looks at, as digests.
fn names_and_digest(field: &Field, rounds: &[&Source]) -> (Sha256, Sha256) {
    let mut names = vec![];
    let mut all = Vec::with_capacity(rounds.len() * 1024);
    for round in rounds {
        round.write_names(field, &mut names);
        round.write(field, &mut all);
    }
    (Sha256::of(&names), Sha256::of(&all))
}

/// Sets a battery's rounds where they were found to stand, and lists its guns.
fn place(
    sources: &mut [Source],
    members: &[usize],
    battery: usize,
    settled: &Settled,
    found: &mut Guns,
) {
    let first = found.guns.len();
    for (k, placed) in settled.guns.iter().enumerate() {
        let own = members.iter().zip(&settled.rounds);
        let own = own.filter(|(_, (gun, _))| *gun == k);
        let rounds: Vec<usize> = own.map(|(m, _)| *m).collect();
        let time = |i: Option<&usize>| {
            i.and_then(|i| sources.get(*i))
                .map_or(0.0, |s| s.estimate.t_s())
        };
        found.guns.push(Gun {
            at: placed.at,
            sd_m: placed.sd_m,
            shift_m: placed.shift_m,
            from_s: time(rounds.first()),
            until_s: time(rounds.last()),
            battery,
            rounds,
        });
    }
    for (member, (gun, estimate)) in members.iter().zip(&settled.rounds) {
        if let (Some(source), Some(of)) = (sources.get_mut(*member), found.of.get_mut(*member)) {
            source.estimate = estimate.clone();
            *of = Some(first + gun);
        }
    }
}

/// Rounds that lead no gun join the one that suits their arrivals.
fn join(field: &Field, sources: &mut [Source], is_gun: &[bool], found: &mut Guns) {
    let mut by_chunk: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (g, gun) in found.guns.iter().enumerate() {
        for chunk in chunk_of(gun.from_s - SILENCE_S)..=chunk_of(gun.until_s + SILENCE_S) {
            by_chunk.entry(chunk).or_default().push(g);
        }
    }
    for i in 0..sources.len() {
        if found.of.get(i).copied().flatten().is_some() || !is_gun.get(i).copied().unwrap_or(false)
        {
            continue;
        }
        let Some(source) = sources.get(i) else {
            continue;
        };
        let t_s = source.estimate.t_s();
        let own_sd_m = source.estimate.place_sd_m();
        let air = [3, 4, 5].map(|j| source.estimate.state[j]);
        let own = misfit(field, source, source.estimate.place(), air).0;
        let mut suits: Vec<(f64, f64, usize)> = vec![];
        for g in by_chunk.get(&chunk_of(t_s)).into_iter().flatten().copied() {
            let Some(gun) = found.guns.get(g) else {
                continue;
            };
            let apart_m = gun.at.distance(source.estimate.place());
            let is_near = t_s > gun.from_s - SILENCE_S
                && t_s < gun.until_s + SILENCE_S
                && apart_m < BATTERY_M + 4.0 * own_sd_m.hypot(gun.sd_m);
            let like = gun.rounds.first().and_then(|r| sources.get(*r));
            if is_near && like.is_some_and(|l| alike(l, source)) {
                let (sum, time_s) = misfit(field, source, gun.at, air);
                suits.push((sum - own, time_s, g));
            }
        }
        suits.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let Some((worse, time_s, g)) = suits.first().copied().filter(|s| s.0 < JOINS) else {
            continue;
        };
        let near: Vec<&Gun> = suits
            .iter()
            .filter(|s| s.0 < worse + UNDECIDED)
            .filter_map(|s| found.guns.get(s.2))
            .collect();
        let spread_m = near
            .iter()
            .map(|gun| gun.at.distance(near.first().map_or(gun.at, |n| n.at)))
            .fold(0.0, f64::max);
        let (Some(gun), Some(source)) = (found.guns.get(g), sources.get_mut(i)) else {
            continue;
        };
        // Between two guns that suit alike the round stands at either.
        let sd_m = gun.sd_m.hypot(gun.shift_m).hypot(0.5 * spread_m);
        let estimate = &mut source.estimate;
        estimate.state[0] = gun.at.e;
        estimate.state[1] = gun.at.n;
        estimate.state[2] = time_s;
        let time_var = estimate.cov[(2, 2)];
        for a in 0..6 {
            for b in 0..3 {
                estimate.cov[(a, b)] = 0.0;
                estimate.cov[(b, a)] = 0.0;
            }
        }
        estimate.cov[(0, 0)] = sd_m * sd_m;
        estimate.cov[(1, 1)] = sd_m * sd_m;
        estimate.cov[(2, 2)] = time_var.min(0.05 * 0.05 + (sd_m / 340.0).powi(2));
        if let Some(of) = found.of.get_mut(i) {
            *of = Some(g);
        }
    }
}
