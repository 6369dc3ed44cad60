//! How far the rounds of one gun stand from each other, learnt from where each stands alone.
//!
//! A gun shifts by some metres between rounds. Two guns nearer to each other than their rounds can be
//! told apart are taken for one, whose rounds then scatter by more. So the scatter τ is an unknown of
//! each gun, with [`SCATTER_M`] as prior: with p_i where round i stands alone and P_i how surely,
//!
//! ```text
//! p_i ~ N(m, P_i + τ²),   x_i | τ = m + K_i (p_i − m),   K_i = τ² (P_i + τ²)⁻¹
//! ```
//!
//! m is integrated out, τ summed over; a round's place and covariance are those of the mixture (a
//! random-effects model: Laird and Ware, Biometrics 38, 1982). What air and clocks leave open is
//! common to all rounds and comes on top.

use nalgebra::{Matrix2, Vector2};

use crate::associate::Source;
use crate::field::Field;
use crate::joint::{Joint, alone, misfit, round_sd_m};
use crate::locate::Estimate;
use crate::plane::Xy;

/// Scatter of a gun's rounds, metres along each axis, beside the weapon's own, and how likely
/// beforehand: mostly the weapon's own, else that of guns side by side.
const SCATTER_M: [(f64, f64); 6] = [
    (0.0, 0.72),
    (8.0, 0.06),
    (14.0, 0.07),
    (22.0, 0.07),
    (34.0, 0.05),
    (50.0, 0.03),
];

/// A gun's rounds as they stand.
pub(crate) struct Scattered {
    /// Places of its rounds among the battery's, with the estimate of each.
    pub(crate) rounds: Vec<(usize, Estimate)>,
    /// Root mean square of τ, metres.
    pub(crate) scatter_m: f64,
}

/// A round alone.
struct Alone {
    round: usize,
    at: Vector2<f64>,
    cov: Matrix2<f64>,
}

/// What one τ says: how likely it is, and where each round stands under it.
struct Under {
    ln_weight: f64,
    tau2: f64,
    rounds: Vec<(Vector2<f64>, Matrix2<f64>)>,
}

/// The rounds of gun `k` of a battery, each at its own place; `None` when one cannot stand alone.
pub(crate) fn scattered(
    field: &Field,
    rounds: &[&Source],
    gun_of: &[usize],
    k: usize,
    joint: &Joint,
) -> Option<Scattered> {
    let own = gun_of.iter().enumerate().filter(|(_, g)| **g == k);
    let points: Vec<Alone> = own
        .map(|(i, _)| {
            let (at, cov) = alone(field, rounds.get(i)?, joint)?;
            let at = Vector2::new(at.e, at.n);
            Some(Alone { round: i, at, cov })
        })
        .collect::<Option<_>>()?;
    let jitter_m = round_sd_m(rounds.get(points.first()?.round)?);
    let under: Vec<Under> = SCATTER_M
        .iter()
        .map(|(m, p)| {
            let mut under = under(&points, jitter_m * jitter_m + m * m)?;
            under.ln_weight += p.ln();
            Some(under)
        })
        .collect::<Option<_>>()?;
    let top = under.iter().map(|u| u.ln_weight).fold(f64::MIN, f64::max);
    let weights: Vec<f64> = under.iter().map(|u| (u.ln_weight - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let share = |i: usize| weights.get(i).map_or(0.0, |w| w / sum);
    // What is common to all rounds: the gun's covariance less what is its rounds' own noise.
    let (centre, noise) = centre(&points, 0.0)?;
    let (place, cov) = joint.guns.get(k)?;
    let common = not_negative(cov - noise);
    let moved = Vector2::new(place.e, place.n) - centre;
    let estimates = points.iter().enumerate().map(|(j, point)| {
        let mut estimate = joint.rounds.get(point.round)?.clone();
        let at = |u: &Under| u.rounds.get(j).map(|r| r.0);
        let mut mean = Vector2::zeros();
        for (i, u) in under.iter().enumerate() {
            mean += at(u)? * share(i);
        }
        let mut spread = common;
        for (i, u) in under.iter().enumerate() {
            let (at, cov) = u.rounds.get(j)?;
            let off = at - mean;
            spread += (cov + off * off.transpose()) * share(i);
        }
        let stands = mean + moved;
        let there = Xy::new(stands[0], stands[1]);
        // Its time follows its place.
        let round = rounds.get(point.round)?;
        let time = |at: Xy| misfit(field, round, at, joint.air).1;
        estimate.state[2] += time(there) - time(*place);
        (estimate.state[0], estimate.state[1]) = (there.e, there.n);
        for a in 0..2 {
            for b in 0..2 {
                estimate.cov[(a, b)] = spread[(a, b)];
            }
        }
        Some((point.round, estimate))
    });
    let scatter2: f64 = under
        .iter()
        .enumerate()
        .map(|(i, u)| share(i) * u.tau2)
        .sum();
    Some(Scattered {
        rounds: estimates.collect::<Option<_>>()?,
        scatter_m: scatter2.sqrt(),
    })
}

/// The mean of all points when they scatter by τ² beside their own noise, and its covariance.
fn centre(points: &[Alone], tau2: f64) -> Option<(Vector2<f64>, Matrix2<f64>)> {
    let (mut information, mut pull) = (Matrix2::zeros(), Vector2::zeros());
    for p in points {
        let inverse = (p.cov + Matrix2::identity() * tau2).try_inverse()?;
        information += inverse;
        pull += inverse * p.at;
    }
    let cov = information.try_inverse()?;
    Some((cov * pull, cov))
}

fn under(points: &[Alone], tau2: f64) -> Option<Under> {
    let (mean, mean_cov) = centre(points, tau2)?;
    let mut ln_weight = 0.5 * mean_cov.determinant().max(1e-12).ln();
    let scatter = Matrix2::identity() * tau2;
    let rounds = points.iter().map(|p| {
        let whole = p.cov + scatter;
        let inverse = whole.try_inverse()?;
        let off = p.at - mean;
        ln_weight -=
            0.5 * (whole.determinant().max(1e-12).ln() + (off.transpose() * inverse * off)[0]);
        let gain = inverse * tau2;
        let rest = Matrix2::identity() - gain;
        let cov = p.cov * gain + rest.transpose() * mean_cov * rest;
        Some((mean + gain.transpose() * off, (cov + cov.transpose()) * 0.5))
    });
    Some(Under {
        rounds: rounds.collect::<Option<_>>()?,
        ln_weight,
        tau2,
    })
}

/// The part of a symmetric matrix that is a covariance.
fn not_negative(of: Matrix2<f64>) -> Matrix2<f64> {
    let mut parts = of.symmetric_eigen();
    parts.eigenvalues.apply(|v| *v = v.max(0.0));
    parts.recompose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(places: &[(f64, f64)], sd_m: f64) -> Vec<Alone> {
        let point = |(round, (e, n)): (usize, &(f64, f64))| Alone {
            round,
            at: Vector2::new(*e, *n),
            cov: Matrix2::identity() * sd_m * sd_m,
        };
        places.iter().enumerate().map(point).collect()
    }

    #[test]
    fn one_round_stands_where_it_stands_alone() {
        let under = under(&points(&[(3.0, -4.0)], 20.0), 100.0).unwrap();
        let (at, cov) = under.rounds[0];
        assert!((at - Vector2::new(3.0, -4.0)).norm() < 1e-9);
        assert!((cov - Matrix2::identity() * 400.0).norm() < 1e-9);
    }

    #[test]
    fn rounds_far_apart_for_their_noise_scatter() {
        let apart = points(&[(0.0, 0.0), (60.0, 0.0), (0.0, 1.0), (61.0, 1.0)], 10.0);
        let near = points(&[(0.0, 0.0), (6.0, 3.0), (0.0, 1.0), (-6.0, 1.0)], 10.0);
        let likelier =
            |p: &[Alone]| under(p, 900.0).unwrap().ln_weight > under(p, 9.0).unwrap().ln_weight;
        assert!(likelier(&apart) && !likelier(&near));
    }

    proptest! {
        #[test]
        fn every_covariance_is_one(
            places in prop::collection::vec((-200.0..200.0f64, -200.0..200.0f64), 1..20),
            sd_m in 0.5..200.0f64,
            tau_m in 0.5..80.0f64,
        ) {
            for (_, cov) in under(&points(&places, sd_m), tau_m * tau_m).unwrap().rounds {
                prop_assert!(cov.symmetric_eigen().eigenvalues.min() > -1e-6);
            }
        }
    }
}
