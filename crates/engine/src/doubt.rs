//! Who holds a source's place, when one of its arrivals may be a like round's.
//!
//! A covariance tells how far a place is off when all arrivals are its own. Where few heard a source, one
//! arrival of the series' next round among them carries the place away by hundreds of metres, and fits:
//! nothing is left over that it could contradict. So the chance that each party holds the place is a mixture
//! over which arrival, if any, is another's:
//!
//! ```text
//! (p_all + Σ_k w_k·p_without_k) / (1 + Σ_k w_k)
//! w_k = (1 − h_k)/h_k · (r_k/N(Δt_k; 0, σ_k²) + e^(−g_k))
//! ```
//!
//! h_k is the chance that the k-th station hears the source that the others make, r_k how many like sounds
//! a second arrive there, Δt_k and σ_k how far from where the others want it the k-th arrival came and how
//! surely they want it, g_k what it gains there against anything else. Where many sensors stand σ is some
//! hundredths of a second and w nothing; where three do, it is the time between two rounds.

use std::collections::BTreeMap;

use truceline_agreement::Geometry;
use truceline_domain::PartyId;

use crate::associate::{Associator, Source};
use crate::attribute;
use crate::explain::exchanged;
use crate::field::{Field, Pick, Wave};
use crate::guns::{ALIKE_DB, ALIKE_LN_HZ};
use crate::locate::{fit, time_residual};
use crate::normal::ln_normal;
use crate::plane::{Plane, root_sum, wrapped};
use crate::telling::spot;

/// Like sounds are counted over so long before and after an arrival, seconds.
const AROUND_S: f64 = 30.0;
/// Like sounds come from bearings that differ by less than this, standard deviations.
const ALIKE_SD: f64 = 3.0;
/// Of a station that floods the centre no more sounds than these are looked at.
const MOST_LOOKED_AT: usize = 400;
/// Whether a flash is seen, or a shock felt, is even.
const SEEN: f64 = 0.5;
/// A station hears what it ought to hear with no more and no less than this chance.
const HEARD: [f64; 2] = [0.05, 0.95];
/// A source of more arrivals than this holds its place without any one of them.
const MOST_ARRIVALS: usize = 8;
/// Steps of the fit without an arrival.
const STEPS: usize = 5;

/// The chance that each party holds a source's place.
pub(crate) fn holders(
    associator: &Associator<'_>,
    geometry: &Geometry<'_>,
    plane: &Plane,
    source: &Source,
    parties: &[PartyId],
) -> BTreeMap<PartyId, f64> {
    let held = |s: &Source| attribute::holders(geometry, plane, &spot(s), parties);
    let mut mixed = held(source);
    if !is_few(source) {
        return mixed;
    }
    let field = associator.field;
    let alone = |picks: &[usize]| {
        let (air, state) = (&source.air, &source.estimate.state);
        fit(field, picks, air, state, None, STEPS)
    };
    let Some(whole) = alone(&source.picks) else {
        return mixed;
    };
    let mut sum = 1.0;
    for foreign in &source.picks {
        let kept = source.picks.iter().copied().filter(|p| p != foreign);
        let rest: Vec<usize> = kept.collect();
        let Some(less) = alone(&rest) else {
            continue;
        };
        let mut without = Source {
            picks: rest,
            estimate: less.clone(),
            ..source.clone()
        };
        without.fingerprint = associator.fingerprint(&without);
        let weight = weight(associator, &without, associator.pick(*foreign));
        without.estimate = exchanged(&source.estimate, &whole, less);
        for (party, p) in held(&without) {
            *mixed.entry(party).or_insert(0.0) += weight * p;
        }
        sum += weight;
    }
    mixed.values_mut().for_each(|p| *p /= sum);
    mixed
}

/// How much likelier it is that an arrival is another's than that it is the source's that the others make.
fn weight(associator: &Associator<'_>, others: &Source, pick: &Pick) -> f64 {
    let field = associator.field;
    let (state, cov) = (&others.estimate.state, &others.estimate.cov);
    let time = time_residual(field, pick, &others.air, state);
    let own_per_s = ln_normal(time.value, time.variance(cov).sqrt()).exp();
    let gain = associator.gain(others, pick).map_or(1.0, |g| (-g).exp());
    let due = (pick.station).filter(|_| matches!(pick.wave, Wave::Sound { .. }));
    let due = due.and_then(|s| associator.heard(others, s));
    let heard = due.unwrap_or(SEEN).clamp(HEARD[0], HEARD[1]);
    let foreign = like_per_s(field, pick) / own_per_s.max(1e-9) + gain;
    ((1.0 - heard) / heard * foreign).min(1.0)
}

/// Whether one arrival may carry the place away, and leaves others that tell another.
fn is_few(source: &Source) -> bool {
    (3..=MOST_ARRIVALS).contains(&source.picks.len())
}

/// What the answer depends on beside the source and its own arrivals, for a digest.
pub(crate) fn rates(field: &Field, source: &Source) -> Vec<f64> {
    let picks = source.picks.iter().filter(|_| is_few(source));
    let picks = picks.filter_map(|p| field.picks.get(*p));
    picks
        .flat_map(|p| [p.rate_per_s, like_per_s(field, p)])
        .collect()
}

/// How many other arrivals like this one a second come to its station around its time.
fn like_per_s(field: &Field, pick: &Pick) -> f64 {
    let Some(there) = pick.station.and_then(|s| field.stations.get(s)) else {
        return 0.0;
    };
    let track = match pick.wave {
        Wave::Sound { .. } => &there.sounds,
        Wave::Light => &there.lights,
        _ => return 0.0,
    };
    let around = track.between(pick.t_s - AROUND_S, pick.t_s + AROUND_S);
    let others = around.iter().filter_map(|p| field.picks.get(*p));
    let alike = others
        .take(MOST_LOOKED_AT)
        .filter(|o| o.name != pick.name && is_like(pick, o));
    alike.count() as f64 / (2.0 * AROUND_S)
}

fn is_like(a: &Pick, b: &Pick) -> bool {
    let bearings = match (a.bearing, b.bearing) {
        (Some((a, a_sd)), Some((b, b_sd))) => {
            wrapped(a - b).abs() < ALIKE_SD * root_sum(a_sd, b_sd)
        }
        _ => true,
    };
    let sounds = match (&a.wave, &b.wave) {
        (
            Wave::Sound {
                level_db, ln_hz, ..
            },
            Wave::Sound {
                level_db: other_db,
                ln_hz: other_hz,
                ..
            },
        ) => {
            let hz = ln_hz
                .zip(*other_hz)
                .is_none_or(|(a, b)| (a - b).abs() < ALIKE_LN_HZ);
            hz && (level_db - other_db).abs() < ALIKE_DB
        }
        _ => true,
    };
    bearings && sounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use truceline_domain::AcousticClass;

    fn sound(bearing_deg: f64, level_db: f64, hz: f64) -> Pick {
        Pick {
            observation: 0,
            name: 0,
            station: Some(0),
            t_s: 0.0,
            bearing: Some((bearing_deg.to_radians(), 3f64.to_radians())),
            wave: Wave::Sound {
                level_db,
                ln_hz: Some(hz.ln()),
                ln_s: None,
                class: AcousticClass::Unknown,
                class_p: 0.5,
            },
            rate_per_s: 0.01,
        }
    }

    #[test]
    fn rounds_of_one_series_sound_alike_and_others_do_not() {
        let one = sound(359.0, 45.0, 200.0);
        assert!(is_like(&one, &sound(5.0, 50.0, 240.0)));
        assert!(!is_like(&one, &sound(30.0, 45.0, 200.0)));
        assert!(!is_like(&one, &sound(359.0, 60.0, 200.0)));
        assert!(!is_like(&one, &sound(359.0, 45.0, 60.0)));
        let unmeasured = Pick {
            bearing: None,
            ..sound(0.0, 45.0, 200.0)
        };
        assert!(is_like(&one, &unmeasured));
    }
}
