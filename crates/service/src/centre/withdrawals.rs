//! Withdrawals as the store tells of them: who was seen in an area, and how much of it was watched.

use geo::{BoundingRect as _, Contains as _, Point};
use geo_types::Geometry;
use serde_json::{Value, json};
use truceline_agreement::theatre::MultiPolygon;
use truceline_domain::{EventClass, Observed, PartyId, Verdict};
use truceline_mandate::withdrawals::{Ground, Seen, Withdrawal};

use crate::{Centre, CentreError};

/// An area is looked at at so many places along each side of its box: a place of a district of 40 km
/// stands for a kilometre or so.
const GRID: u32 = 40;

/// What the store has, read once.
struct Store<'a> {
    centre: &'a Centre,
    footprints: Vec<(Observed, Geometry<f64>)>,
    /// Vehicles and people in video.
    video: Vec<(Observed, Point<f64>, Seen)>,
    events: Vec<truceline_domain::Event>,
}

impl Store<'_> {
    fn shape(&self, area: &str, at: Observed) -> Option<MultiPolygon<f64>> {
        let theatre = self.centre.documents().theatre()?;
        theatre.at(at).area(area).map(|area| area.shape.clone())
    }
}

impl Ground for Store<'_> {
    fn seen(&self, area: &str, bound: &[PartyId], from: Observed, until: Observed) -> Vec<Seen> {
        let Some(shape) = self.shape(area, until) else {
            return Vec::new();
        };
        let within = |at: Observed| (from..=until).contains(&at);
        let video = self.video.iter();
        let video = video.filter(|(at, place, _)| within(*at) && shape.contains(place));
        let mut seen: Vec<Seen> = video.map(|(.., seen)| seen.clone()).collect();
        for event in &self.events {
            let place = Point::new(event.position.lon_deg(), event.position.lat_deg());
            let theirs =
                matches!(&event.attribution.verdict, Verdict::Party(p) if bound.contains(p));
            let present = matches!(
                event.kind.class(),
                EventClass::Firing | EventClass::Activity
            );
            if theirs && present && within(event.time) && shape.contains(&place) {
                seen.push(Seen {
                    at: event.time,
                    what: event.kind.as_str().to_owned(),
                    id: event.id.to_string(),
                });
            }
        }
        seen.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        seen
    }

    fn watched_share(&self, area: &str, from: Observed, until: Observed) -> f64 {
        let Some(shape) = self.shape(area, until) else {
            return 0.0;
        };
        let mut open = places(&shape);
        let all = open.len();
        let within = self
            .footprints
            .iter()
            .filter(|(at, _)| (from..=until).contains(at));
        for (_, footprint) in within {
            open.retain(|place| !footprint.contains(place));
        }
        if all == 0 {
            0.0
        } else {
            (all - open.len()) as f64 / all as f64
        }
    }
}

/// Places spread evenly over a shape.
fn places(shape: &MultiPolygon<f64>) -> Vec<Point<f64>> {
    let Some(bounds) = shape.bounding_rect() else {
        return Vec::new();
    };
    let step = |n: u32, extent: f64| (f64::from(n) + 0.5) / f64::from(GRID) * extent;
    let mut places = Vec::new();
    for i in 0..GRID {
        for j in 0..GRID {
            let place = Point::new(
                bounds.min().x + step(i, bounds.width()),
                bounds.min().y + step(j, bounds.height()),
            );
            if shape.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

impl Centre {
    /// How far each area that is to be left has come at an instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn withdrawals(&self, at: Observed) -> Result<Vec<Withdrawal>, CentreError> {
        let mut footprints = Vec::new();
        for row in self.store.features("footprints")? {
            if let Some(at) = row.time.and_then(|time| time.parse().ok()) {
                footprints.push((at, row.geometry));
            }
        }
        let mut video = Vec::new();
        for row in self.store.features("observations")? {
            let label = row.properties.get("body").and_then(label);
            let (Some(what), Geometry::Point(place), Some(time)) = (label, row.geometry, row.time)
            else {
                continue;
            };
            if let Ok(at) = time.parse() {
                let seen = Seen {
                    at,
                    what,
                    id: row.id,
                };
                video.push((at, place, seen));
            }
        }
        let store = Store {
            centre: self,
            footprints,
            video,
            events: self.store.events()?,
        };
        Ok(self.deeds.reports().at(at, self.documents.parsed(), &store))
    }

    /// The same as a map: each area with how far it has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn withdrawals_map(&self, at: Observed) -> Result<Value, CentreError> {
        let mut features = Vec::new();
        for withdrawal in self.withdrawals(at)? {
            let theatre = self.documents.theatre();
            let area = theatre.and_then(|t| {
                let geometry = t.at(at);
                geometry.area(&withdrawal.area).map(|a| a.shape.clone())
            });
            let geometry = area
                .map(|shape| json!({"type": "MultiPolygon", "coordinates": coordinates(&shape)}));
            features
                .push(json!({"type": "Feature", "geometry": geometry, "properties": withdrawal}));
        }
        Ok(json!({"type": "FeatureCollection", "features": features}))
    }
}

/// A shape's coordinates as GeoJSON has them.
pub(super) fn coordinates(shape: &MultiPolygon<f64>) -> Vec<Vec<Vec<[f64; 2]>>> {
    let ring = |ring: &geo::LineString<f64>| ring.0.iter().map(|c| [c.x, c.y]).collect();
    let rings = |p: &geo::Polygon<f64>| {
        std::iter::once(p.exterior())
            .chain(p.interiors())
            .map(ring)
            .collect()
    };
    shape.iter().map(rings).collect()
}

/// A vehicle or a person that video saw.
fn label(body: &Value) -> Option<String> {
    let parsed: Value = match body {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let label = parsed.get("label")?.as_str()?;
    matches!(label, "vehicle" | "person").then(|| label.to_owned())
}
