//! Who: from where it was fired, over all that place and map leave open.

use std::collections::BTreeMap;

use truceline_agreement::Geometry;
use truceline_agreement::theatre::NearestLine;
use truceline_domain::{Attribution, PartyId, Probabilities, Verdict};

use crate::normal::phi;
use crate::plane::{Plane, Xy};

/// A place with its covariance (east-east, east-north, north-north; m²).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub(crate) at: Xy,
    pub(crate) cov: [f64; 3],
}

/// Radii, in standard deviations, that part a plane's normal distribution into rings of equal
/// weight, at the middle of each: √(−2 ln(1 − p)) for p = 1/6, 1/2, 5/6.
const RINGS_SD: [f64; 3] = [0.604, 1.177, 1.893];
const SPOKES: usize = 8;
/// So many standard deviations from the line nothing of the spot lies across it.
const FAR_SD: f64 = 5.0;
/// How far beyond the line the ground is asked for its holder, metres.
const BEYOND_M: f64 = 50.0;

/// The chance that each party holds the ground under a spot, integrated over the spot's covariance
/// and over the accuracy to which the line and the held areas are drawn. What nobody holds is
/// shared evenly.
pub(crate) fn holders(
    geometry: &Geometry<'_>,
    plane: &Plane,
    spot: &Spot,
    parties: &[PartyId],
) -> BTreeMap<PartyId, f64> {
    let mut shares: BTreeMap<PartyId, f64> = parties.iter().map(|p| (p.clone(), 0.0)).collect();
    let centre = plane.to_position(spot.at);
    let line_m = centre.and_then(|p| geometry.line_distance_m(p));
    let [ee, en, nn] = spot.cov;
    let sd_m = (f64::midpoint(ee, nn) + ((ee - nn) / 2.0).hypot(en))
        .max(0.0)
        .sqrt();
    // Far from the line the whole spot is one side's.
    let points = match line_m {
        Some(m) if m > FAR_SD * sd_m => vec![spot.at],
        _ => points(spot),
    };
    let weight = 1.0 / points.len() as f64;
    for point in points {
        let (holder, certainty, line) = held(geometry, plane, point);
        let beyond = holder.zip(line).and_then(|(h, line)| {
            across(geometry, plane, point, &line).filter(|beyond| *beyond != h)
        });
        for (party, share) in &mut shares {
            *share += weight
                * match (holder, beyond) {
                    (Some(h), _) if h == party => certainty,
                    (Some(_), Some(b)) if b == party => 1.0 - certainty,
                    (Some(_), Some(_)) => 0.0,
                    (Some(_), None) => (1.0 - certainty) / (parties.len().max(2) - 1) as f64,
                    (None, _) => 1.0 / parties.len().max(1) as f64,
                };
        }
    }
    shares
}

fn points(spot: &Spot) -> Vec<Xy> {
    let [ee, en, nn] = spot.cov;
    // Cholesky factor of the covariance.
    let a = ee.max(1e-6).sqrt();
    let b = en / a;
    let c = (nn - b * b).max(1e-6).sqrt();
    let ring = |r: f64| {
        (0..SPOKES).map(move |k| {
            let angle = std::f64::consts::TAU * k as f64 / SPOKES as f64;
            let (x, y) = (r * angle.sin(), r * angle.cos());
            Xy::new(spot.at.e + a * x, spot.at.n + b * x + c * y)
        })
    };
    RINGS_SD.into_iter().flat_map(ring).collect()
}

/// Who holds a point on the map as drawn.
pub(crate) fn holder(geometry: &Geometry<'_>, plane: &Plane, point: Xy) -> Option<PartyId> {
    geometry.holder(plane.to_position(point)?).cloned()
}

/// Who holds a point on the map as drawn, the chance that the map is right about it, and the nearest line.
fn held<'g>(
    geometry: &Geometry<'g>,
    plane: &Plane,
    point: Xy,
) -> (Option<&'g PartyId>, f64, Option<NearestLine<'g>>) {
    let place = plane.to_position(point);
    let Some((place, holder)) = place.and_then(|p| Some((p, geometry.holder(p)?))) else {
        return (None, 0.5, None);
    };
    let drawn = geometry.held.iter().filter(|h| &h.party == holder);
    let drawn_m = drawn.map(|h| h.accuracy_m).fold(0.0, f64::max);
    let line = geometry.nearest_line(place);
    let certainty = line.map_or(1.0, |n| {
        let sd_m = n.line.accuracy_m.max(drawn_m);
        if sd_m > 0.0 {
            phi(n.distance_m / sd_m)
        } else {
            1.0
        }
    });
    (Some(holder), certainty, line)
}

/// Who holds the ground across the line nearest to a point.
fn across<'g>(
    geometry: &Geometry<'g>,
    plane: &Plane,
    point: Xy,
    line: &NearestLine<'g>,
) -> Option<&'g PartyId> {
    let foot = plane.to_m(line.foot);
    let way = foot.minus(point);
    let length = way.length().max(1e-3);
    let beyond = foot.along(Xy::new(way.e / length, way.n / length), BEYOND_M);
    geometry.holder(plane.to_position(beyond)?)
}

/// Weights of the parties as those who did it. Where a weapon was fired, the ground's holder did,
/// unless another used it (`false_flag`), the one `towards` whose ground its people walked; what came from the air (`p_air`) came from those who do not
/// hold the ground.
pub(crate) fn doers(
    holders: &BTreeMap<PartyId, f64>,
    p_air: f64,
    false_flag: f64,
    towards: Option<&PartyId>,
) -> BTreeMap<PartyId, f64> {
    let others = (holders.len().max(2) - 1) as f64;
    let weight = |(party, share): (&PartyId, &f64)| {
        // Strangers came from where their way leads, else from any other party alike.
        let strangers = match towards {
            Some(whence) if whence == party => 1.0,
            Some(_) => 0.0,
            None => (1.0 - share) / others,
        };
        let fired = share * (1.0 - false_flag) + strangers * false_flag;
        let flown = share * FLOWN_ON_OWN + (1.0 - share) * (1.0 - FLOWN_ON_OWN) / others;
        (party.clone(), (1.0 - p_air) * fired + p_air * flown)
    };
    holders.iter().map(weight).collect()
}

/// Chance that a strike from the air is by those who hold the ground struck.
const FLOWN_ON_OWN: f64 = 0.015;

/// Weights are rounded to this before they are summed, so that the sum does not depend on the
/// order of the parties' names.
const GRAIN: f64 = (1_u64 << 40) as f64;

/// Probabilities and the verdict from who did it and the chance that it was a violation at all.
pub(crate) fn verdict(
    doers: &BTreeMap<PartyId, f64>,
    violation: f64,
    max_wrong: f64,
) -> Option<Attribution> {
    let weights = doers
        .iter()
        .map(|(party, w)| (party.clone(), w * violation));
    of_weights(&weights.collect(), 1.0 - violation, max_wrong)
}

/// Probabilities and the verdict: a party only from `1 − max_wrong` on, and never of two equal ones.
pub(crate) fn of_weights(
    parties: &BTreeMap<PartyId, f64>,
    none: f64,
    max_wrong: f64,
) -> Option<Attribution> {
    let grained = |w: f64| (w * GRAIN).round() / GRAIN;
    let weights = parties
        .iter()
        .map(|(party, w)| (party.clone(), grained(*w)));
    let p = Probabilities::from_weights(weights, grained(none).max(1.0 / GRAIN)).ok()?;
    let enough = 1.0 - max_wrong;
    let named = p
        .likeliest_party()
        .filter(|(_, q)| q.get() >= enough && q.get() > 0.5);
    let verdict = match named {
        Some((party, _)) => Verdict::Party(party.clone()),
        None if p.none().get() >= NONE_FROM => Verdict::None,
        None => Verdict::Undetermined,
    };
    Some(Attribution { p, verdict })
}

/// «Nobody violated» is said from this probability on.
const NONE_FROM: f64 = 0.85;
