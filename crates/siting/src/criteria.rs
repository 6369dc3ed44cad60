//! What a place is held against.

use geo::{Closest, Contains, Distance as _, Geodesic, Geometry, MultiPolygon, Point};
use truceline_agreement::theatre::{ContactLine, Terrain};
use truceline_domain::Position;
use truceline_engine::sight;

use crate::radio::{Antenna, Path, Radio, Verdict, path, radio_horizon_m};
use crate::read::{Candidate, Use};

/// A thing to weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Distance outside the former zone of conflict.
    ZoneDistance,
    /// Radio to the relays.
    Relays,
    /// Radio to drones in their corridors.
    Corridors,
    /// Share of the line seen.
    View,
    /// Nearness of a road.
    Road,
    /// Nearness of power.
    Power,
    /// Nearness of an airfield.
    Airfield,
}

impl Criterion {
    /// Those that count for a use.
    #[must_use]
    pub const fn of(r#use: Use) -> &'static [Self] {
        match r#use {
            Use::Centre => &[
                Self::ZoneDistance,
                Self::Relays,
                Self::Corridors,
                Self::Road,
                Self::Power,
                Self::Airfield,
            ],
            Use::Post => &[Self::View, Self::Relays, Self::Road],
            Use::Relay => &[Self::Relays, Self::Corridors, Self::Road, Self::Power],
        }
    }

    /// The word in weights and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ZoneDistance => "zone_distance",
            Self::Relays => "relays",
            Self::Corridors => "corridors",
            Self::View => "view",
            Self::Road => "road",
            Self::Power => "power",
            Self::Airfield => "airfield",
        }
    }
}

/// How a candidate does by one criterion.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Score {
    /// Which.
    pub criterion: Criterion,
    /// 0 to 1. `None` where nothing was given to hold it against.
    pub score: Option<f64>,
    /// Why, in a sentence.
    pub reason: String,
}

impl Score {
    pub(crate) fn of(criterion: Criterion, score: f64, reason: String) -> Self {
        Self {
            criterion,
            score: Some((score.clamp(0.0, 1.0) * 1e4).round() / 1e4),
            reason,
        }
    }

    pub(crate) fn unknown(criterion: Criterion, reason: &str) -> Self {
        Self {
            criterion,
            score: None,
            reason: reason.to_owned(),
        }
    }
}

/// So far outside the zone is as good as farther, metres.
const ZONE_GOOD_M: f64 = 20_000.0;
/// So far from a road, from power, from an airfield is as bad as farther, metres.
const ROAD_FAR_M: f64 = 5_000.0;
const POWER_FAR_M: f64 = 10_000.0;
const AIRFIELD_FAR_M: f64 = 60_000.0;
/// How far observers at a post look, metres: a muzzle flash or a vehicle by good optics.
const LOOK_M: f64 = 15_000.0;
/// The line is looked at so often, metres.
const LINE_STEP_M: f64 = 500.0;
/// A place counts as seen from this probability of a free line of sight on.
const SEEN_P: f64 = 0.5;
/// How high what is to be seen stands, metres: a man, a car, a muzzle.
const THING_M: f64 = 2.0;
/// A corridor is tried at so many places along each side of the box around it.
const GRID: usize = 9;

fn point(p: Position) -> Point<f64> {
    Point::new(p.lon_deg(), p.lat_deg())
}

/// Nearest distance to any of the shapes, metres over the ellipsoid; 0 within one.
pub(crate) fn nearest_m<'g>(
    from: Position,
    shapes: impl IntoIterator<Item = &'g Geometry<f64>>,
) -> Option<f64> {
    use geo::ClosestPoint as _;
    let here = point(from);
    let distance = |shape: &Geometry<f64>| match shape.closest_point(&here) {
        Closest::Intersection(_) => Some(0.0),
        Closest::SinglePoint(there) => Some(Geodesic.distance(here, there)),
        Closest::Indeterminate => None,
    };
    shapes.into_iter().filter_map(distance).reduce(f64::min)
}

pub(crate) fn within(place: Position, shapes: &[MultiPolygon<f64>]) -> bool {
    shapes.iter().any(|shape| shape.contains(&point(place)))
}

fn km(m: f64) -> String {
    format!("{:.1} km", m / 1000.0)
}

/// Outside the zone, and how far.
pub(crate) fn zone_distance(candidate: &Candidate, zone: &[MultiPolygon<f64>]) -> Score {
    let criterion = Criterion::ZoneDistance;
    let shapes: Vec<Geometry<f64>> = zone.iter().cloned().map(Geometry::from).collect();
    match nearest_m(candidate.position, &shapes) {
        None => Score::unknown(criterion, "no zone was given"),
        Some(m) => Score::of(
            criterion,
            m / ZONE_GOOD_M,
            format!("{} outside the former zone of conflict", km(m)),
        ),
    }
}

/// Nearness of ways and supplies.
pub(crate) fn near(criterion: Criterion, candidate: &Candidate, shapes: &[Geometry<f64>]) -> Score {
    let (far_m, what) = match criterion {
        Criterion::Power => (POWER_FAR_M, "power"),
        Criterion::Airfield => (AIRFIELD_FAR_M, "an airfield"),
        _ => (ROAD_FAR_M, "a road"),
    };
    match nearest_m(candidate.position, shapes) {
        None => Score::unknown(criterion, &format!("no data on {what}")),
        Some(m) => Score::of(criterion, 1.0 - m / far_m, format!("{} from {what}", km(m))),
    }
}

fn antenna(candidate: &Candidate) -> Antenna {
    Antenna {
        position: candidate.position,
        height_m: candidate.height_m,
    }
}

/// Radio to the relays.
pub(crate) fn relays(
    candidate: &Candidate,
    relays: &[(String, Position, f64)],
    terrain: Option<&Terrain>,
    radio: &Radio,
) -> Score {
    let criterion = Criterion::Relays;
    let Some(terrain) = terrain else {
        return Score::unknown(criterion, "no terrain");
    };
    if relays.is_empty() {
        return Score::unknown(criterion, "no relay was given");
    }
    let from = antenna(candidate);
    let told: Vec<(f64, String)> = relays
        .iter()
        .map(|(name, position, height_m)| {
            let to = Antenna {
                position: *position,
                height_m: *height_m,
            };
            let way = path(terrain, &from, &to, radio);
            (way.verdict.worth(), format!("{name}: {}", words(&way)))
        })
        .collect();
    let mean = told.iter().map(|(worth, _)| worth).sum::<f64>() / told.len() as f64;
    let reasons: Vec<String> = told.into_iter().map(|(_, reason)| reason).collect();
    Score::of(criterion, mean, reasons.join("; "))
}

fn words(way: &Path) -> String {
    let margin = way
        .margin_m
        .map_or_else(String::new, |m| format!(", margin {m:.0} m"));
    let verdict = match way.verdict {
        Verdict::Clear => "clear",
        Verdict::Marginal => "marginal",
        Verdict::Blocked => "blocked",
        Verdict::Unknown => "the terrain does not reach",
    };
    format!("{verdict} over {}{margin}", km(way.length_m))
}

/// Radio to drones at their height over places within the corridors.
pub(crate) fn corridors(
    candidate: &Candidate,
    corridors: &[&MultiPolygon<f64>],
    terrain: Option<&Terrain>,
    radio: &Radio,
) -> Score {
    let criterion = Criterion::Corridors;
    let Some(terrain) = terrain else {
        return Score::unknown(criterion, "no terrain");
    };
    let places: Vec<Position> = corridors.iter().flat_map(|shape| grid(shape)).collect();
    if places.is_empty() {
        return Score::unknown(criterion, "the procedures name no drone corridor");
    }
    let from = antenna(candidate);
    let drone = |position| Antenna {
        position,
        height_m: radio.drone_height_m,
    };
    let ways: Vec<Path> = places
        .iter()
        .map(|place| path(terrain, &from, &drone(*place), radio))
        .collect();
    let worth: f64 = ways.iter().map(|way| way.verdict.worth()).sum();
    let clear = ways.iter().filter(|w| w.verdict == Verdict::Clear).count();
    let farthest_m = ways.iter().map(|way| way.length_m).fold(0.0, f64::max);
    let horizon_m = radio_horizon_m(candidate.height_m, radio.drone_height_m);
    let reason = format!(
        "clear to {clear} of {} places at {:.0} m above the corridor, farthest {}; radio horizon {}",
        ways.len(),
        radio.drone_height_m,
        km(farthest_m),
        km(horizon_m)
    );
    Score::of(criterion, worth / ways.len() as f64, reason)
}

/// Places of a grid that lie within a shape; its middle when none does.
fn grid(shape: &MultiPolygon<f64>) -> Vec<Position> {
    use geo::{BoundingRect as _, InteriorPoint as _};
    let Some(bounds) = shape.bounding_rect() else {
        return Vec::new();
    };
    let at = |i: usize, from: f64, size: f64| from + size * (i as f64 + 0.5) / GRID as f64;
    let mut places = Vec::new();
    for i in 0..GRID {
        for j in 0..GRID {
            let place = Point::new(
                at(i, bounds.min().x, bounds.width()),
                at(j, bounds.min().y, bounds.height()),
            );
            if shape.contains(&place) {
                places.extend(Position::new(place.y(), place.x()));
            }
        }
    }
    if places.is_empty() {
        let middle = shape.interior_point();
        places.extend(middle.and_then(|p| Position::new(p.y(), p.x()).ok()));
    }
    places
}

/// Share of the line that eyes at the candidate's height see.
pub(crate) fn view(
    candidate: &Candidate,
    lines: &[&ContactLine],
    terrain: Option<&Terrain>,
) -> Score {
    let criterion = Criterion::View;
    let Some(terrain) = terrain else {
        return Score::unknown(criterion, "no terrain");
    };
    let eye = sight::Point {
        place: candidate.position,
        height: sight::Height::AboveGround(candidate.height_m),
    };
    let (mut seen, mut all) = (0_u32, 0_u32);
    for place in lines.iter().flat_map(|line| along(line)) {
        all += 1;
        let near = Geodesic.distance(point(candidate.position), point(place)) <= LOOK_M;
        let thing = sight::Point {
            place,
            height: sight::Height::AboveGround(THING_M),
        };
        if near && sight::probability(terrain, &eye, &thing) >= SEEN_P {
            seen += 1;
        }
    }
    if all == 0 {
        return Score::unknown(criterion, "no line of contact stands");
    }
    let km_of = |n: u32| f64::from(n) * LINE_STEP_M / 1000.0;
    let reason = format!(
        "sees {:.1} of {:.1} km of the line within {}",
        km_of(seen),
        km_of(all),
        km(LOOK_M)
    );
    Score::of(criterion, f64::from(seen) / f64::from(all), reason)
}

/// Places along a line, [`LINE_STEP_M`] apart.
fn along(line: &ContactLine) -> Vec<Position> {
    use geo::InterpolatePoint as _;
    let mut places = Vec::new();
    let mut left_m = LINE_STEP_M / 2.0;
    for leg in line.path.lines() {
        let (a, b) = (Point::from(leg.start), Point::from(leg.end));
        let length_m = Geodesic.distance(a, b);
        while left_m <= length_m {
            let there = Geodesic.point_at_distance_between(a, b, left_m);
            places.extend(Position::new(there.y(), there.x()));
            left_m += LINE_STEP_M;
        }
        left_m -= length_m;
    }
    places
}
