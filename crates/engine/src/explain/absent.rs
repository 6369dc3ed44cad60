//! An event judged again without some of its observations.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use nalgebra::{Matrix2, Vector2};
use truceline_domain::{Attribution, PartyId, SourceId};

use super::{Evidence, NEAR_LOG_ODDS, Told, chance, likeliest, log_odds};
use crate::associate::Source;
use crate::locate::{Estimate, Matrix, fit, worst_z};
use crate::normal::phi;
use crate::plane::Xy;
use crate::prepare::Prepared;

/// Observations left out, as places among all.
pub(super) struct Gone {
    pub(super) observations: Vec<usize>,
}

impl Gone {
    pub(super) fn new(observations: Vec<usize>) -> Self {
        Self { observations }
    }

    pub(super) fn observation(one: usize) -> Self {
        Self::new(vec![one])
    }

    fn keep(&self, list: &[usize]) -> Vec<usize> {
        let kept = |i: &&usize| !self.observations.contains(i);
        list.iter().filter(kept).copied().collect()
    }
}

/// What would have been judged.
#[derive(Clone)]
pub(super) struct Absent {
    /// `None` when nothing would have been located.
    pub(super) attribution: Option<Attribution>,
    /// How far the place (of a burst's pick: the place of the burst) would lie off.
    pub(super) moved_m: Option<f64>,
}

/// Distance of the gun from the nearest line, positive on the side it is on, and the unit vector
/// away from the line; the line taken as straight there.
struct Side {
    foot: Xy,
    away: Xy,
    map_sd_m: f64,
    holder: PartyId,
    /// Log-odds that the place lies on this side, with all observations.
    whole: f64,
}

impl Side {
    fn of(all: &Prepared<'_>, told: &Told<'_>) -> Option<Self> {
        let place = told.gun.estimate.place();
        let position = all.plane.to_position(place)?;
        let line = told.geometry.nearest_line(position)?;
        let foot = all.plane.to_m(line.foot);
        let way = place.minus(foot);
        let length = way.length().max(1e-3);
        let mut side = Self {
            foot,
            away: Xy::new(way.e / length, way.n / length),
            map_sd_m: line.line.accuracy_m,
            holder: told.geometry.holder(position)?.clone(),
            whole: 0.0,
        };
        side.whole = side.log_odds(place, &told.gun.estimate.cov);
        Some(side)
    }

    /// Log-odds that a place known with this covariance lies on this side.
    fn log_odds(&self, at: Xy, cov: &Matrix) -> f64 {
        let variance = self.away.e * self.away.e * cov[(0, 0)]
            + 2.0 * self.away.e * self.away.n * cov[(0, 1)]
            + self.away.n * self.away.n * cov[(1, 1)];
        let sd_m = variance.max(1.0).sqrt().hypot(self.map_sd_m);
        log_odds(phi(at.minus(self.foot).dot(self.away) / sd_m))
    }

    /// The holders' chances with the side's log-odds as they are at another place.
    fn tilted(
        &self,
        holders: &BTreeMap<PartyId, f64>,
        estimate: &Estimate,
    ) -> BTreeMap<PartyId, f64> {
        let share = holders.get(&self.holder).copied().unwrap_or(0.0);
        let moved = log_odds(share) + self.log_odds(estimate.place(), &estimate.cov) - self.whole;
        let now = 1.0 / (1.0 + (-moved).exp());
        let rest = (1.0 - now) / (1.0 - share).max(1e-12);
        let mut tilted = holders.clone();
        for (party, p) in &mut tilted {
            *p = if *party == self.holder {
                now
            } else {
                (*p * rest).min(1.0)
            };
        }
        tilted
    }
}

/// Where events are judged again.
pub(super) struct Bench<'b> {
    pub(super) all: &'b Prepared<'b>,
    pub(super) told: &'b Told<'b>,
    side: Option<Side>,
    answer: Option<PartyId>,
    /// Log-odds of the answer with everything.
    whole: f64,
    /// Gun and burst as their own arrivals place them.
    gun_alone: OnceCell<Option<Estimate>>,
    burst_alone: OnceCell<Option<Estimate>>,
    /// Answers of [`Bench::without`] by what was left out: most sources have one observation.
    judged: RefCell<BTreeMap<Vec<usize>, Absent>>,
}

impl<'b> Bench<'b> {
    pub(super) fn new(all: &'b Prepared<'_>, told: &'b Told<'_>) -> Self {
        let answer = likeliest(told.attribution);
        let whole = log_odds(chance(told.attribution, answer.as_ref()));
        Self {
            side: Side::of(all, told),
            all,
            told,
            answer,
            whole,
            gun_alone: OnceCell::new(),
            burst_alone: OnceCell::new(),
            judged: RefCell::default(),
        }
    }

    /// The chance of the answer given with everything.
    pub(super) fn chance(&self, attribution: &Attribution) -> f64 {
        chance(attribution, self.answer.as_ref())
    }

    /// What the missing pieces are worth for the answer, log-odds. Without a located event nothing
    /// speaks for any answer.
    pub(super) fn worth(&self, absent: &Absent) -> f64 {
        let without = absent.attribution.as_ref();
        self.whole - without.map_or(0.0, |a| log_odds(self.chance(a)))
    }

    /// Whether the answer would be another, or nearly so.
    pub(super) fn is_near(&self, absent: &Absent) -> bool {
        let Some(attribution) = &absent.attribution else {
            return false;
        };
        let edge = log_odds(self.told.needed);
        let top = attribution
            .p
            .likeliest_party()
            .map_or(0.0, |(_, p)| p.get());
        attribution.verdict != self.told.attribution.verdict
            || (log_odds(top) - edge).abs() < NEAR_LOG_ODDS
    }

    /// Log-odds that the ground brings: against parties of whose ground nothing is known.
    pub(super) fn ground(&self) -> f64 {
        let holders = &self.told.evidence.holders;
        let even = 1.0 / holders.len().max(1) as f64;
        let even = holders.keys().map(|p| (p.clone(), even)).collect();
        let evidence = Evidence {
            holders: &even,
            ..self.told.evidence
        };
        let without = (self.told.weigh)(&evidence);
        self.whole - without.map_or(0.0, |a| log_odds(self.chance(&a)))
    }

    /// The observations whose arrivals a source is made of.
    pub(super) fn observations(&self, source: &Source) -> Vec<usize> {
        let picks = source.picks.iter();
        let picks = picks.filter_map(|p| self.all.field.picks.get(*p));
        picks.map(|p| p.observation).collect()
    }

    /// What is cited by what observed it, in order of names.
    pub(super) fn by_source(&self, cited: &BTreeSet<usize>) -> BTreeMap<SourceId, Vec<usize>> {
        let mut by_source: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for i in cited {
            if let Some(o) = self.all.observations.get(*i) {
                by_source.entry(o.source.clone()).or_default().push(*i);
            }
        }
        by_source
    }

    /// The largest residual of a pick, in standard deviations.
    pub(super) fn worst_residual_sd(&self, number: usize, source: &Source) -> f64 {
        let pick = self.all.field.picks.get(number);
        let (field, state) = (&self.all.field, &source.estimate.state);
        pick.map_or(0.0, |pick| worst_z(field, pick, &source.air, state))
    }

    /// A source located again without what is gone: itself when nothing of it is. `None` when too
    /// little is left: nothing at all, or one sensor alone that no other round of its gun helps.
    fn located(
        &self,
        source: &Source,
        whole: &OnceCell<Option<Estimate>>,
        gone: &Gone,
    ) -> Option<Estimate> {
        let observation = |p: &usize| self.all.field.picks.get(*p).map(|p| p.observation);
        let is_gone = |p: &usize| observation(p).is_some_and(|o| gone.observations.contains(&o));
        if !source.picks.iter().any(is_gone) {
            return Some(source.estimate.clone());
        }
        let kept = source.picks.iter().copied().filter(|p| !is_gone(p));
        let rest: Vec<usize> = kept.collect();
        let station = |p: &usize| self.all.field.picks.get(*p).map(|p| p.station);
        let mut stations = rest.iter().filter_map(station);
        let first = stations.next()?;
        if self.told.rounds <= 1 && stations.all(|s| s == first) {
            return None;
        }
        let alone = |picks: &[usize]| {
            let (air, state) = (&source.air, &source.estimate.state);
            fit(&self.all.field, picks, air, state, None, 2)
        };
        let without = alone(&rest)?;
        let whole = whole.get_or_init(|| alone(&source.picks)).as_ref()?;
        Some(exchanged(&source.estimate, whole, without))
    }

    /// Judged without, the line taken as straight around the place.
    pub(super) fn without(&self, gone: &Gone) -> Absent {
        if let Some(absent) = self.judged.borrow().get(&gone.observations) {
            return absent.clone();
        }
        let absent = self.judged(gone, &|estimate| match &self.side {
            Some(side) => side.tilted(self.told.evidence.holders, estimate),
            None => self.told.evidence.holders.clone(),
        });
        let mut judged = self.judged.borrow_mut();
        judged.insert(gone.observations.clone(), absent.clone());
        absent
    }

    /// Judged without, over line and ground as drawn.
    pub(super) fn without_in_full(&self, gone: &Gone) -> Absent {
        let gun = self.told.gun;
        let is_kept = |p: &usize| {
            let pick = self.all.field.picks.get(*p);
            pick.is_some_and(|p| !gone.observations.contains(&p.observation))
        };
        self.judged(gone, &|estimate| {
            (self.told.held)(&Source {
                estimate: estimate.clone(),
                picks: gun.picks.iter().copied().filter(is_kept).collect(),
                ..gun.clone()
            })
        })
    }

    fn judged(&self, gone: &Gone, holders: &dyn Fn(&Estimate) -> BTreeMap<PartyId, f64>) -> Absent {
        let Some(gun) = self.located(self.told.gun, &self.gun_alone, gone) else {
            return Absent {
                attribution: None,
                moved_m: None,
            };
        };
        let burst = self.told.burst.and_then(|b| {
            let again = self.located(b, &self.burst_alone, gone)?;
            let moved_m = again.place().distance(b.estimate.place());
            Some(moved_m)
        });
        let moved_m = gun.place().distance(self.told.gun.estimate.place());
        let is_still = gun == self.told.gun.estimate;
        let held = if is_still {
            self.told.evidence.holders.clone()
        } else {
            holders(&gun)
        };
        let evidence = &self.told.evidence;
        let (reports, movers) = (gone.keep(evidence.reports), gone.keep(evidence.movers));
        let attribution = (self.told.weigh)(&Evidence {
            holders: &held,
            burst: evidence.burst.filter(|_| burst.is_some()),
            reports: &reports,
            movers: &movers,
            notice: evidence.notice.filter(|n| !gone.observations.contains(n)),
        });
        Absent {
            attribution,
            moved_m: Some(moved_m.max(burst.unwrap_or(0.0))),
        }
    }
}

/// An estimate that rests on a round's own arrivals, `whole` by themselves, and on what other rounds of
/// its gun say, with the arrivals exchanged for fewer, `less` by themselves: in the plane, of normal
/// distributions, Λ = Λ_all − Λ_whole + Λ_less. Where that is no distribution, what is left alone.
pub(crate) fn exchanged(all: &Estimate, whole: &Estimate, less: Estimate) -> Estimate {
    let parts = |e: &Estimate| {
        let cov = Matrix2::new(e.cov[(0, 0)], e.cov[(0, 1)], e.cov[(1, 0)], e.cov[(1, 1)]);
        let precision = cov.try_inverse()?;
        Some((precision, precision * Vector2::new(e.state[0], e.state[1])))
    };
    let (Some(a), Some(w), Some(l)) = (parts(all), parts(whole), parts(&less)) else {
        return less;
    };
    let Some(chol) = (a.0 - w.0 + l.0).cholesky() else {
        return less;
    };
    let (cov, place) = (chol.inverse(), chol.solve(&(a.1 - w.1 + l.1)));
    // Rounding in the difference of nearly equal numbers must not make it surer than with all.
    if !(cov[(0, 0)] >= 0.5 * all.cov[(0, 0)] && cov[(1, 1)] >= 0.5 * all.cov[(1, 1)]) {
        return less;
    }
    let mut merged = less;
    for i in 0..2 {
        merged.state[i] = place[i];
        for j in 0..2 {
            merged.cov[(i, j)] = cov[(i, j)];
        }
    }
    merged
}
