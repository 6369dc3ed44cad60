//! How far an observer's word on *who* may be trusted, learnt without knowing the truth.
//!
//! A report that blames a party is held against what all other evidence says of the same series. With b
//! the party that did it, an observer says a with the chance
//!
//! ```text
//! P(a | b) = λ·[a = b] + (1 − λ)·β(a)
//! ```
//!
//! λ is the share of its reports that rest on knowledge, β whom it blames when it does not know: its
//! own habit, from all of its reports, also those of series that nobody else noticed. One that always
//! blames the same party has β ≈ 1 there, whichever party it is, and its word changes nothing. λ is
//! learnt by expectation and maximisation (Dawid and Skene, Applied Statistics 28, 1979): whose it
//! was by all other evidence, other observers' reports as far as they are trusted among it; then λ of
//! each observer and weapon from that. The prior lies near nothing, what counts is the λ that is
//! exceeded with nine chances in ten, and all reports together move the odds between two parties by no
//! more than e^±[`MOST`]: no observer can turn an accusation.

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_domain::{EventKind, PartyId, SourceId};

/// What was learnt of an observer's reports of one weapon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObserverState {
    /// Who reports.
    pub source: SourceId,
    /// Of what.
    pub kind: EventKind,
    /// Reports that blame a party, of series that others noticed too.
    pub reports: usize,
    /// The share of its reports that rests on knowledge, as far as that was earned: with nine chances
    /// in ten it is more.
    pub reliability: f64,
    /// In words.
    pub sentence: String,
}

/// A report that blames someone, of a series that was heard.
#[derive(Debug, Clone)]
pub(crate) struct Accusation {
    /// Its place among the observations.
    pub(crate) report: usize,
    pub(crate) observer: SourceId,
    pub(crate) kind: EventKind,
    /// Which series.
    pub(crate) series: usize,
    pub(crate) accused: PartyId,
    /// The chance of each party by all other evidence, given that one of them did it.
    pub(crate) others: BTreeMap<PartyId, f64>,
}

/// What all observers' words are worth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers {
    /// Whom each report blames, and the logarithm of the odds that it is worth.
    worth: BTreeMap<usize, (PartyId, f64)>,
    pub(crate) told: Vec<ObserverState>,
}

/// All reports together move the logarithm of odds between two parties by no more than this.
pub(crate) const MOST: f64 = 1.5;
/// Shares of knowledge that are weighed, and how likely each is beforehand: most observers blame whom
/// they expect. (In the development scenarios half of all blame is right, as by chance.)
const LAMBDAS: [(f64, f64); 8] = [
    (0.0, 0.5),
    (0.1, 0.14),
    (0.25, 0.1),
    (0.4, 0.08),
    (0.55, 0.06),
    (0.7, 0.05),
    (0.85, 0.04),
    (0.95, 0.03),
];
/// What is earned is exceeded but for this chance.
const DOUBT: f64 = 0.1;
/// Reports of other weapons count by this much.
const OTHER_WEAPONS: f64 = 0.5;
const ROUNDS: usize = 3;
/// Chances are rounded to this, so that nothing depends on the order of the parties' names.
const GRAIN: f64 = (1_u64 << 40) as f64;

type Earned = BTreeMap<(SourceId, EventKind), f64>;

impl Observers {
    /// Learns from accusations; `says` is how often each observer blames each party, in all its reports.
    pub(crate) fn learnt(
        accusations: &[Accusation],
        says: &BTreeMap<SourceId, BTreeMap<PartyId, usize>>,
        parties: usize,
    ) -> Self {
        let habit = |a: &Accusation| {
            let own = says.get(&a.observer);
            let all: usize = own.map_or(0, |s| s.values().sum());
            let this = own.and_then(|s| s.get(&a.accused)).copied().unwrap_or(0);
            (this as f64 + 1.0) / (all + parties.max(2)) as f64
        };
        let habits: Vec<f64> = accusations.iter().map(habit).collect();
        let mut by_series: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (i, a) in accusations.iter().enumerate() {
            by_series.entry(a.series).or_default().push(i);
        }
        let mut earned = Earned::new();
        for _ in 0..ROUNDS {
            let worths: Vec<f64> = (accusations.iter().zip(&habits))
                .map(|(a, habit)| worth(&earned, a, *habit))
                .collect();
            let right: Vec<f64> = (accusations.iter())
                .map(|a| {
                    let same = by_series.get(&a.series).into_iter().flatten();
                    let others =
                        same.filter_map(|j| Some((accusations.get(*j)?, *worths.get(*j)?)));
                    let others = others.filter(|(o, _)| o.observer != a.observer);
                    let blamed = others.map(|(o, w)| (&o.accused, w));
                    chance(&reweighed(&a.others, blamed), &a.accused)
                })
                .collect();
            earned = all_earned(accusations, &habits, &right);
        }
        let worth_of = |(a, habit): (&Accusation, &f64)| {
            (a.report, (a.accused.clone(), worth(&earned, a, *habit)))
        };
        let told = (earned.iter())
            .map(|((source, kind), reliability)| {
                let own = accusations.iter();
                let own = own.filter(|a| a.observer == *source && a.kind == *kind);
                state(source, *kind, own.count(), *reliability)
            })
            .collect();
        Self {
            worth: accusations.iter().zip(&habits).map(worth_of).collect(),
            told,
        }
    }

    /// Whom these reports blame, and what each is worth.
    pub(crate) fn blame<'o>(
        &'o self,
        reports: &'o [usize],
    ) -> impl Iterator<Item = (&'o PartyId, f64)> {
        let worth = reports.iter().filter_map(|r| self.worth.get(r));
        worth.map(|(party, worth)| (party, *worth))
    }
}

fn state(source: &SourceId, kind: EventKind, reports: usize, reliability: f64) -> ObserverState {
    let of = if reports == 1 { "report" } else { "reports" };
    let sentence = if reliability > 0.0 {
        format!(
            "{source}, {kind}: of {reports} {of} that blame a party at least {reliability:.2} rest on knowledge, with nine chances in ten."
        )
    } else {
        format!(
            "{source}, {kind}: {reports} {of} that blame a party do not show that it knows; its blame weighs nothing."
        )
    };
    ObserverState {
        source: source.clone(),
        kind,
        reports,
        reliability,
        sentence,
    }
}

/// The logarithm of the odds for whom it accuses: P(a | a) to P(a | another).
fn worth(earned: &Earned, a: &Accusation, habit: f64) -> f64 {
    let key = (a.observer.clone(), a.kind);
    let lambda = earned.get(&key).copied().unwrap_or(0.0);
    (lambda / ((1.0 - lambda) * habit)).ln_1p()
}

/// What each observer has earned for each weapon.
fn all_earned(accusations: &[Accusation], habits: &[f64], right: &[f64]) -> Earned {
    let mut by_observer: BTreeMap<&SourceId, Vec<(EventKind, f64, f64)>> = BTreeMap::new();
    for ((a, habit), right) in accusations.iter().zip(habits).zip(right) {
        let list = by_observer.entry(&a.observer).or_default();
        list.push((a.kind, *habit, *right));
    }
    let mut earned = Earned::new();
    for (observer, reports) in by_observer {
        for (kind, ..) in &reports {
            let key = (observer.clone(), *kind);
            if earned.contains_key(&key) {
                continue;
            }
            // P(it says a) = λ·P(a did it) + (1 − λ)·β(a).
            let ln = |lambda: f64| -> f64 {
                let of = |(k, habit, right): &(EventKind, f64, f64)| {
                    let counts = if k == kind { 1.0 } else { OTHER_WEAPONS };
                    counts * (lambda * right + (1.0 - lambda) * habit).max(1e-6).ln()
                };
                reports.iter().map(of).sum()
            };
            let weights = LAMBDAS.map(|(lambda, prior)| (lambda, ln(lambda).exp() * prior));
            let sum: f64 = weights.iter().map(|w| w.1).sum();
            let mut below = 0.0;
            let least = weights.iter().find(|(_, w)| {
                below += w / sum;
                below > DOUBT
            });
            earned.insert(key, least.map_or(0.0, |(lambda, _)| *lambda));
        }
    }
    earned
}

/// Chances of parties with the odds of those blamed raised, by e^[`MOST`] at most; their sum stays.
pub(crate) fn reweighed<'p>(
    parties: &BTreeMap<PartyId, f64>,
    blamed: impl Iterator<Item = (&'p PartyId, f64)>,
) -> BTreeMap<PartyId, f64> {
    let mut by_party: BTreeMap<&PartyId, Vec<f64>> = BTreeMap::new();
    for (party, worth) in blamed.filter(|(_, w)| *w > 0.0) {
        by_party.entry(party).or_default().push(worth);
    }
    if by_party.is_empty() {
        return parties.clone();
    }
    let factor = |party: &PartyId| {
        let sum = by_party.get(party).map_or(0.0, |own| sum(own.clone()));
        sum.min(MOST).exp()
    };
    let raised: BTreeMap<&PartyId, f64> = parties.iter().map(|(p, w)| (p, w * factor(p))).collect();
    let before = sum(parties.values().copied().collect());
    let after = sum(raised.values().copied().collect()).max(1e-300);
    (raised.into_iter())
        .map(|(party, w)| (party.clone(), w * before / after))
        .collect()
}

/// A sum that does not depend on the order.
fn sum(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.into_iter().sum()
}

fn chance(parties: &BTreeMap<PartyId, f64>, party: &PartyId) -> f64 {
    let all = sum(parties.values().copied().collect()).max(1e-300);
    let share = parties.get(party).copied().unwrap_or(0.0) / all;
    (share * GRAIN).round() / GRAIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn party(name: &str) -> PartyId {
        PartyId::new(name).unwrap()
    }

    fn chances(a: f64) -> BTreeMap<PartyId, f64> {
        [(party("a"), a), (party("b"), 1.0 - a)].into()
    }

    /// Reports of one observer: whom each blames, and the chance of `a` by other evidence.
    fn reports(all: &[(&str, f64)]) -> Vec<Accusation> {
        let one = |(i, (accused, a)): (usize, &(&str, f64))| Accusation {
            report: i,
            observer: SourceId::new("post").unwrap(),
            kind: EventKind::Mortar,
            series: i,
            accused: party(accused),
            others: chances(*a),
        };
        all.iter().enumerate().map(one).collect()
    }

    fn learnt(accusations: &[Accusation], inventions: usize) -> Observers {
        let mut says: BTreeMap<SourceId, BTreeMap<PartyId, usize>> = BTreeMap::new();
        for a in accusations {
            let own = says.entry(a.observer.clone()).or_default();
            *own.entry(a.accused.clone()).or_default() += 1;
        }
        if let (Some(own), Some(first)) = (says.values_mut().next(), accusations.first()) {
            *own.entry(first.accused.clone()).or_default() += inventions;
        }
        Observers::learnt(accusations, &says, 2)
    }

    fn worth_of(observers: &Observers, report: usize) -> f64 {
        observers.blame(&[report]).map(|b| b.1).sum()
    }

    #[test]
    fn who_always_blames_the_same_is_worth_nothing_whichever_it_is() {
        for accused in ["a", "b"] {
            let half: Vec<(&str, f64)> = (0..40)
                .map(|i| (accused, if i % 2 == 0 { 0.97 } else { 0.03 }))
                .collect();
            let observers = learnt(&reports(&half), 20);
            assert_eq!(worth_of(&observers, 0), 0.0);
            assert!(observers.told[0].sentence.ends_with("weighs nothing."));
        }
    }

    #[test]
    fn who_is_mostly_right_about_both_earns_something_and_a_newcomer_nothing() {
        let right: Vec<(&str, f64)> = (0..24)
            .map(|i| if i % 2 == 0 { ("a", 0.97) } else { ("b", 0.03) })
            .collect();
        let observers = learnt(&reports(&right), 0);
        assert!(worth_of(&observers, 0) > 0.7);
        assert_eq!(worth_of(&learnt(&reports(&right[..2]), 0), 0), 0.0);
    }

    proptest! {
        /// However it reports, and whatever it earned before: no party named at 0.95 becomes another.
        #[test]
        fn no_accusation_is_turned(
            all in prop::collection::vec((any::<bool>(), 0.0..1.0f64), 1..60),
            named in 0.95..1.0f64,
        ) {
            let all: Vec<(&str, f64)> = all.iter().map(|(a, p)| (if *a { "a" } else { "b" }, *p)).collect();
            let observers = learnt(&reports(&all), 0);
            let every: Vec<usize> = (0..all.len()).collect();
            for a in [named, 1.0 - named] {
                let before = chances(a);
                let after = reweighed(&before, observers.blame(&every));
                let likeliest = |p: &BTreeMap<PartyId, f64>| p[&party("a")] > p[&party("b")];
                prop_assert_eq!(likeliest(&before), likeliest(&after));
                prop_assert!((after.values().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }

        #[test]
        fn parties_swapped_are_worths_swapped(all in prop::collection::vec((any::<bool>(), 0.0..1.0f64), 1..40)) {
            let say = |swap: bool| -> Vec<Accusation> {
                let mut reports = reports(&all.iter().map(|(a, p)| (if *a { "a" } else { "b" }, *p)).collect::<Vec<_>>());
                for r in reports.iter_mut().filter(|_| swap) {
                    let other = |p: &PartyId| if *p == party("a") { party("b") } else { party("a") };
                    r.accused = other(&r.accused);
                    r.others = r.others.iter().map(|(p, w)| (other(p), *w)).collect();
                }
                reports
            };
            let (one, other) = (learnt(&say(false), 0), learnt(&say(true), 0));
            for i in 0..all.len() {
                prop_assert_eq!(worth_of(&one, i), worth_of(&other, i));
            }
        }
    }
}
