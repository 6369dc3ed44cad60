//! A theatre's geometry as it stood at one instant, and the questions asked of it.

use std::collections::BTreeSet;

use geo::{Contains, LineString, MultiPolygon, Point};
use truceline_domain::{Observed, PartyId, Position};

use super::antimeridian;
use super::plane::Plane;
use super::{Area, ContactLine, Held, Post, Sensor, Site, Theatre};

/// What stood at one instant, in the order of the files.
#[derive(Debug, Clone)]
pub struct Geometry<'a> {
    /// The theatre.
    pub theatre: &'a Theatre,
    /// The instant.
    pub at: Observed,
    /// Stretches of the line of contact.
    pub lines: Vec<&'a ContactLine>,
    /// Ground held by the parties.
    pub held: Vec<&'a Held>,
    /// Sensors.
    pub sensors: Vec<&'a Sensor>,
    /// Observation posts.
    pub posts: Vec<&'a Post>,
    /// Sites.
    pub sites: Vec<&'a Site>,
    /// Areas and corridors.
    pub areas: Vec<&'a Area>,
}

/// The point of the line of contact nearest to a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearestLine<'a> {
    /// The stretch it lies on.
    pub line: &'a ContactLine,
    /// From the place to it, metres over ground.
    pub distance_m: f64,
    /// Where it is.
    pub foot: Position,
    /// Direction from the place to it, degrees clockwise from true north, 0 to 360.
    pub bearing_deg: f64,
}

impl<'a> Geometry<'a> {
    pub(super) fn new(theatre: &'a Theatre, at: Observed) -> Self {
        Self {
            theatre,
            at,
            lines: standing(&theatre.lines, |f| f.valid.holds_at(at)),
            held: standing(&theatre.held, |f| f.valid.holds_at(at)),
            sensors: standing(&theatre.sensors, |f| f.valid.holds_at(at)),
            posts: standing(&theatre.posts, |f| f.valid.holds_at(at)),
            sites: standing(&theatre.sites, |f| f.valid.holds_at(at)),
            areas: standing(&theatre.areas, |f| f.valid.holds_at(at)),
        }
    }

    /// The party that holds the ground at a place. `None` outside all, on an edge, and where the
    /// drawn areas of two parties overlap.
    #[must_use]
    pub fn holder(&self, place: Position) -> Option<&'a PartyId> {
        let mut holders: BTreeSet<&PartyId> = BTreeSet::new();
        for held in &self.held {
            if contains(&held.shape, place) {
                holders.insert(&held.party);
            }
        }
        (holders.len() == 1).then(|| holders.first().copied())?
    }

    /// The point of the line of contact nearest to a place. `None` when there is no line.
    #[must_use]
    pub fn nearest_line(&self, place: Position) -> Option<NearestLine<'a>> {
        let plane = Plane::at(place);
        let mut best: Option<NearestLine<'a>> = None;
        for line in &self.lines {
            let Some((distance_m, (east_m, north_m))) = plane.nearest(&line.path) else {
                continue;
            };
            if best.is_some_and(|b| b.distance_m <= distance_m) {
                continue;
            }
            let foot = plane.to_deg(east_m, north_m);
            let Ok(foot) = Position::new(foot.y, foot.x) else {
                continue;
            };
            best = Some(NearestLine {
                line,
                distance_m,
                foot,
                bearing_deg: east_m.atan2(north_m).to_degrees().rem_euclid(360.0),
            });
        }
        best
    }

    /// From a place to the line of contact, metres over ground.
    #[must_use]
    pub fn line_distance_m(&self, place: Position) -> Option<f64> {
        self.nearest_line(place).map(|n| n.distance_m)
    }

    /// From a place to the line of contact, metres over ground: positive on ground held by `party`,
    /// negative elsewhere. `None` when there is no line or nobody holds the place.
    #[must_use]
    pub fn signed_line_distance_m(&self, place: Position, party: &PartyId) -> Option<f64> {
        let holder = self.holder(place)?;
        let distance_m = self.line_distance_m(place)?;
        Some(if holder == party {
            distance_m
        } else {
            -distance_m
        })
    }

    /// The areas and corridors around a place.
    pub fn areas_around(&self, place: Position) -> impl Iterator<Item = &'a Area> + '_ {
        self.areas
            .iter()
            .copied()
            .filter(move |area| contains(&area.shape, place))
    }

    /// Whether a place lies in the area `id`. `None` when no such area stands at this instant.
    #[must_use]
    pub fn is_in_area(&self, place: Position, id: &str) -> Option<bool> {
        let mut shapes = self.areas.iter().filter(|a| a.id == id).peekable();
        shapes.peek()?;
        Some(shapes.any(|area| contains(&area.shape, place)))
    }

    /// The area or corridor `id`.
    #[must_use]
    pub fn area(&self, id: &str) -> Option<&'a Area> {
        self.areas.iter().copied().find(|a| a.id == id)
    }

    /// From a place to the nearest edge of an area, metres over ground, within or without.
    #[must_use]
    pub fn edge_distance_m(&self, place: Position, area: &Area) -> f64 {
        let plane = Plane::at(place);
        area.shape
            .iter()
            .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
            .flat_map(LineString::lines)
            .filter(|edge| !antimeridian::is_seam(edge.start, edge.end))
            .filter_map(|edge| plane.nearest(&LineString::from(edge)))
            .map(|(distance_m, _)| distance_m)
            .fold(f64::INFINITY, f64::min)
    }

    /// The sensor `id` where it stands now.
    #[must_use]
    pub fn sensor(&self, id: &str) -> Option<&'a Sensor> {
        self.sensors.iter().copied().find(|s| s.id.as_str() == id)
    }

    /// The post `id` where it stands now.
    #[must_use]
    pub fn post(&self, id: &str) -> Option<&'a Post> {
        self.posts.iter().copied().find(|p| p.id.as_str() == id)
    }
}

/// From a place to the nearest point of a way through places, metres over ground. `None` without any.
#[must_use]
pub fn way_distance_m(place: Position, way: &[Position]) -> Option<f64> {
    let path = way.iter().map(|p| (p.lon_deg(), p.lat_deg())).collect();
    let (distance_m, _) = Plane::at(place).nearest(&path)?;
    Some(distance_m)
}

fn standing<T>(features: &[T], stands: impl Fn(&T) -> bool) -> Vec<&T> {
    features.iter().filter(|f| stands(f)).collect()
}

fn contains(shape: &MultiPolygon<f64>, place: Position) -> bool {
    let lon_deg = antimeridian::beside(place.lon_deg());
    shape.contains(&Point::new(lon_deg, place.lat_deg()))
}
