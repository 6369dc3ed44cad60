//! Fires without shots: hotspots seen by satellites with no shot at their place.

use std::collections::{BTreeMap, BTreeSet};

use truceline_domain::{
    Attribution, Body, Contribution, CovarianceM2, Event, EventKind, Explanation, PartyId, Piece,
    Positive, Probabilities, Statement, Thermal, Verdict,
};

use crate::plane::Xy;
use crate::prepare::Prepared;
use crate::say::{Language, say};
use crate::telling::event_id;

/// Pixels of one fire and of its later passes lie this near, in their own standard deviations.
const SAME_FIRE_SD: f64 = 4.5;
/// Hotspots are sorted into cells this wide, metres: pixels of the satellites in use (375 m and 1 km)
/// that belong together lie in neighbouring ones.
const CELL_M: f64 = 6400.0;
/// So many fires of a cell, and so many pixels of a fire, the newest, are looked at.
const MOST_IN_CELL: usize = 64;
/// Passes of one night belong together within this, seconds.
const SAME_FIRE_S: f64 = 3.0 * 3600.0;
/// A satellite sees a fire up to three hours after it began; uniform over that.
const PASS_SD_S: f64 = 3.0 * 3600.0 / 3.464;

struct Fire<'a> {
    pixels: Vec<(usize, &'a Thermal, Xy, f64)>,
}

/// One event for each cluster of hotspots.
pub(crate) fn events(all: &Prepared<'_>, parties: &[PartyId]) -> Vec<Event> {
    let mut fires: Vec<Fire<'_>> = vec![];
    let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for i in &all.hotspots {
        let Some(o) = all.observations.get(*i) else {
            continue;
        };
        let (Body::Thermal(thermal), Some(observed)) = (&o.body, o.observed) else {
            continue;
        };
        let pixel = (
            *i,
            thermal,
            all.plane.to_m(thermal.position),
            all.seconds(observed),
        );
        // Only fires with a pixel in a cell around this one and of the last hours are looked at, each
        // by its newest pixels: a flood costs in proportion to itself.
        let here = cell(pixel.2);
        let around = (-1..=1).flat_map(|e| (-1..=1).map(move |n| (here.0 + e, here.1 + n)));
        let near: BTreeSet<usize> = around
            .filter_map(|c| cells.get(&c))
            .flat_map(|list| list.iter().rev().take(MOST_IN_CELL).copied())
            .collect();
        let is_same = |f: &usize| {
            let newest = fires
                .get(*f)
                .map(|f| f.pixels.iter().rev().take(MOST_IN_CELL));
            newest.is_some_and(|mut p| p.any(|p| belongs(p, &pixel)))
        };
        let same = near.into_iter().find(is_same);
        let number = same.unwrap_or(fires.len());
        let list: &mut Vec<usize> = cells.entry(here).or_default();
        if list.last() != Some(&number) {
            list.push(number);
        }
        match fires.get_mut(number) {
            Some(fire) => fire.pixels.push(pixel),
            None => fires.push(Fire {
                pixels: vec![pixel],
            }),
        }
    }
    fires
        .iter()
        .filter_map(|f| event(all, f, parties))
        .collect()
}

fn cell(at: Xy) -> (i64, i64) {
    (
        (at.e / CELL_M).floor() as i64,
        (at.n / CELL_M).floor() as i64,
    )
}

fn belongs(a: &(usize, &Thermal, Xy, f64), b: &(usize, &Thermal, Xy, f64)) -> bool {
    let sd_m = a.1.sd_m.get().hypot(b.1.sd_m.get());
    a.2.distance(b.2) < SAME_FIRE_SD * sd_m && (a.3 - b.3).abs() < SAME_FIRE_S
}

fn event(all: &Prepared<'_>, fire: &Fire<'_>, parties: &[PartyId]) -> Option<Event> {
    let weight = |t: &Thermal| 1.0 / t.sd_m.get().powi(2);
    let sum: f64 = fire.pixels.iter().map(|p| weight(p.1)).sum();
    let mean = |axis: fn(&Xy) -> f64| {
        fire.pixels
            .iter()
            .map(|p| weight(p.1) * axis(&p.2))
            .sum::<f64>()
            / sum
    };
    let at = Xy::new(mean(|p| p.e), mean(|p| p.n));
    let first = fire
        .pixels
        .iter()
        .map(|p| p.3)
        .fold(f64::INFINITY, f64::min);
    let mut evidence: Vec<_> = fire
        .pixels
        .iter()
        .filter_map(|p| all.observations.get(p.0).map(|o| o.id.clone()))
        .collect();
    evidence.sort();
    // A hotspot alone never names anyone; a strike that lit it would have been heard.
    let p = Probabilities::from_weights(parties.iter().map(|p| (p.clone(), 0.01)), 1.0).ok()?;
    let contributions = evidence
        .iter()
        .map(|id| Contribution {
            observation: Some(id.clone()),
            source: None,
            what: Piece::Hotspot,
            log_odds: 0.0,
            moved_m: None,
            residual_sd: None,
        })
        .collect();
    let count = u32::try_from(fire.pixels.len()).unwrap_or(u32::MAX);
    let statements = vec![
        Statement::Burned { count },
        Statement::NoViolation { p: p.none().get() },
    ];
    Some(Event {
        id: event_id(&evidence)?,
        time: all.epoch.plus_seconds(first),
        time_sd_s: Positive::new(PASS_SD_S).ok()?,
        position: all.plane.to_position(at)?,
        cov_m2: CovarianceM2::new(1.0 / sum, 0.0, 1.0 / sum).ok()?,
        kind: EventKind::Fire,
        impact: None,
        attribution: Attribution {
            p,
            verdict: Verdict::None,
        },
        evidence,
        explanation: Explanation {
            contributions,
            counterfactuals: vec![],
            sentences: say(&statements, Language::En, &|p| p.to_string()),
            statements,
        },
    })
}
