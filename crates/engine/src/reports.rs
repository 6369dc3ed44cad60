//! Which report speaks of which series.
//!
//! One report covers a whole series: its minute is that of the first rounds, its bearing and distance
//! are coarse, its count about that of the rounds heard. It is given to the one series that suits it
//! best, if any does. What its blame is worth is another question ([`crate::observers`]).

use std::collections::BTreeMap;

use truceline_agreement::Theatre;
use truceline_domain::{Body, EventKind};

use crate::explain::weapon_fits;
use crate::plane::{Xy, wrapped};
use crate::prepare::Prepared;

/// Rounds that one report may speak of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    pub(crate) from_s: f64,
    pub(crate) rounds: usize,
    pub(crate) kind: Option<EventKind>,
    /// Where its guns stand and where its rounds come down.
    pub(crate) places: Vec<Xy>,
}

/// A report's minute after the first round, at least and at most, seconds.
const AFTER_S: (f64, f64) = (-50.0, 95.0);
/// Spread of its bearing beside the rounding's, degrees, and of the logarithm of its distance.
const BEARING_SD_DEG: f64 = 9.0;
const LN_DISTANCE_SD: f64 = 0.35;
/// Spread of the logarithm of its count, and of how late its minute is, seconds.
const LN_COUNT_SD: f64 = 0.5;
const LATE_S: f64 = 30.0;
const LATE_SD_S: f64 = 25.0;
/// A report that suits a series worse than this (half a sum of squares) is of none.
const SUITS: f64 = 5.5;
const BEARING_MOST_DEG: f64 = 26.0;

/// For each series (by its key) the reports that speak of it, as places among the observations.
pub(crate) fn by_series<K: Ord + Copy>(
    all: &Prepared<'_>,
    theatre: &Theatre,
    series: &BTreeMap<K, Series>,
) -> BTreeMap<K, Vec<usize>> {
    let mut order: Vec<(f64, K)> = series.iter().map(|(k, s)| (s.from_s, *k)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut told: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for number in &all.reports {
        let Some(o) = all.observations.get(*number) else {
            continue;
        };
        let (Body::Report(r), Some(observed)) = (&o.body, o.observed) else {
            continue;
        };
        let (Some(bearing), Some(distance)) = (r.bearing_deg, r.distance_m) else {
            continue;
        };
        let geometry = theatre.at(observed);
        let Some(post) = geometry.post(o.source.as_str()) else {
            continue;
        };
        let at = all.plane.to_m(post.position);
        let t_s = all.seconds(observed);
        let first = order.partition_point(|(from_s, _)| *from_s < t_s - AFTER_S.1);
        let near = order.iter().skip(first);
        let near = near.take_while(|(from_s, _)| *from_s <= t_s - AFTER_S.0);
        let misfit = |s: &Series| {
            if s.kind.is_some_and(|k| !weapon_fits(r.weapon, k)) {
                return None;
            }
            let count = f64::from(r.count.unwrap_or(1).max(1));
            let ln_count = (count / s.rounds.max(1) as f64).ln() / LN_COUNT_SD;
            let late = (t_s - s.from_s - LATE_S) / LATE_SD_S;
            let place = |p: &Xy| {
                let way = p.minus(at);
                let off_deg = wrapped(way.bearing_rad() - bearing.deg().to_radians()).to_degrees();
                let ln_ratio = (way.length().max(100.0) / distance.get().max(100.0)).ln();
                let off = (off_deg / BEARING_SD_DEG).powi(2) + (ln_ratio / LN_DISTANCE_SD).powi(2);
                (off_deg.abs() < BEARING_MOST_DEG).then_some(off)
            };
            let best = s.places.iter().filter_map(place).min_by(f64::total_cmp)?;
            Some(0.5 * (best + ln_count * ln_count + late * late))
        };
        let best = near
            .filter_map(|(_, k)| Some((misfit(series.get(k)?)?, *k)))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        if let Some((worth, key)) = best
            && worth < SUITS
        {
            told.entry(key).or_default().push(*number);
        }
    }
    told
}
