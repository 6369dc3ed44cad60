//! One battery: its rounds parted between guns, and placed.

use nalgebra::Matrix2;

use crate::associate::Source;
use crate::field::Field;
use crate::joint::{Battery, Joint, alone, distance2, round_sd_m};
use crate::locate::Estimate;
use crate::plane::Xy;
use crate::scatter::scattered;

/// How far rounds stand from a gun whose rounds cannot be placed one by one, metres.
const GUNS_APART_M: f64 = 20.0;
/// Guns of one battery at most.
const MOST_GUNS: usize = 3;
/// One more gun must explain this much, in squared standard deviations: `.0 + .1·rounds`. (Halving a
/// cloud of n rounds that stand at one place gains about 0.64·n along its longest axis.)
const ONE_MORE_GUN: (f64, f64) = (10.0, 0.9);

/// A battery's guns and rounds where they stand.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) guns: Vec<Placed>,
    /// Of each round its gun and its estimate.
    pub(crate) rounds: Vec<(usize, Estimate)>,
}

/// A gun: its place, the largest standard deviation of that, and how far its rounds stand from it,
/// metres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) at: Xy,
    pub(crate) sd_m: f64,
    pub(crate) shift_m: f64,
}

/// Parts a battery's rounds between guns and places them: a pure function of them and their picks.
pub(crate) fn settled(field: &Field, rounds: &[&Source]) -> Option<Settled> {
    let (joint, gun_of) = parted(field, rounds)?;
    let mut estimates = joint.rounds.clone();
    let mut guns = vec![];
    for (k, (at, cov)) in joint.guns.iter().enumerate() {
        let scattered = scattered(field, rounds, &gun_of, k, &joint);
        guns.push(Placed {
            at: *at,
            sd_m: largest_sd(cov),
            shift_m: scattered.as_ref().map_or(GUNS_APART_M, |s| s.scatter_m),
        });
        for (i, own) in scattered.into_iter().flat_map(|s| s.rounds) {
            if let Some(estimate) = estimates.get_mut(i) {
                *estimate = own;
            }
        }
    }
    let rounds = gun_of.into_iter().zip(estimates).collect();
    Some(Settled { guns, rounds })
}

fn largest_sd(cov: &Matrix2<f64>) -> f64 {
    let (ee, en, nn) = (cov[(0, 0)], cov[(0, 1)], cov[(1, 1)]);
    (f64::midpoint(ee, nn) + ((ee - nn) / 2.0).hypot(en))
        .max(0.0)
        .sqrt()
}

/// One fit of all as one gun, then as many guns as the rounds ask for.
fn parted(field: &Field, rounds: &[&Source]) -> Option<(Joint, Vec<usize>)> {
    let fit = |gun_of: Vec<usize>, places: Vec<Xy>| {
        let battery = Battery {
            field,
            rounds: rounds.to_vec(),
            gun_of: gun_of.clone(),
            places,
        };
        Some((battery.fit()?, gun_of))
    };
    let best = rounds
        .iter()
        .min_by(|a, b| a.estimate.place_sd_m().total_cmp(&b.estimate.place_sd_m()))?
        .estimate
        .place();
    let one = fit(vec![0; rounds.len()], vec![best])?;
    let points: Vec<(Xy, Matrix2<f64>)> = rounds
        .iter()
        .map(|r| {
            let (at, cov) = alone(field, r, &one.0)?;
            let jitter = Matrix2::identity() * round_sd_m(r).powi(2);
            Some((at, cov + jitter))
        })
        .collect::<Option<_>>()?;
    let (gun_of, places) = clusters(&points);
    if places.len() == 1 {
        return Some(one);
    }
    fit(gun_of, places).or(Some(one))
}

/// Parts points between one to three places.
fn clusters(points: &[(Xy, Matrix2<f64>)]) -> (Vec<usize>, Vec<Xy>) {
    let mut best = place_all(points, vec![mean(points.iter())]);
    while best.1.len() < MOST_GUNS {
        let worst = points.iter().zip(&best.0).max_by(|a, b| {
            let off = |(p, k): &(&(Xy, Matrix2<f64>), &usize)| {
                best.1.get(**k).map_or(0.0, |c| distance2(p.0, *c, &p.1))
            };
            off(a).total_cmp(&off(b))
        });
        let Some((point, _)) = worst else { break };
        let mut seeds = best.1.clone();
        seeds.push(point.0);
        let more = place_all(points, seeds);
        let least = ONE_MORE_GUN.0 + ONE_MORE_GUN.1 * points.len() as f64;
        if best.2 - more.2 < least {
            break;
        }
        best = more;
    }
    (best.0, best.1)
}

/// Lloyd's iteration with each point's own covariance: assignment, places, sum of squares.
fn place_all(points: &[(Xy, Matrix2<f64>)], mut places: Vec<Xy>) -> (Vec<usize>, Vec<Xy>, f64) {
    let mut of = vec![0; points.len()];
    let mut sum = 0.0;
    for _ in 0..8 {
        sum = 0.0;
        for (p, k) in points.iter().zip(&mut of) {
            let (d2, nearest) = places
                .iter()
                .enumerate()
                .map(|(i, c)| (distance2(p.0, *c, &p.1), i))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap_or((0.0, 0));
            *k = nearest;
            sum += d2;
        }
        for (i, place) in places.iter_mut().enumerate() {
            let own = points.iter().zip(&of).filter(|(_, k)| **k == i);
            let own: Vec<_> = own.map(|(p, _)| p).collect();
            if !own.is_empty() {
                *place = mean(own.into_iter());
            }
        }
    }
    (of, places, sum)
}

/// The mean of points weighted by their information.
fn mean<'p>(points: impl Iterator<Item = &'p (Xy, Matrix2<f64>)>) -> Xy {
    let mut information = Matrix2::zeros();
    let mut sum = nalgebra::Vector2::zeros();
    for (at, cov) in points {
        if let Some(inverse) = cov.try_inverse() {
            information += inverse;
            sum += inverse * nalgebra::Vector2::new(at.e, at.n);
        }
    }
    information.try_inverse().map_or(Xy::default(), |i| {
        let at = i * sum;
        Xy::new(at[0], at[1])
    })
}
