//! Withdrawals as the store tells of them: who was seen in an area, and how much of it was watched.

use std::cell::RefCell;

use geo::{BoundingRect as _, Contains as _, Point};
use geo_types::Geometry;
use serde_json::{Value, json};
use truceline_agreement::theatre::MultiPolygon;
use truceline_domain::{EventClass, Observed, PartyId};
use truceline_mandate::withdrawals::{Ground, Seen, Withdrawal};

use truceline_store::{FeatureRow, StoreError, TimeSpan};

use crate::{Centre, CentreError};

/// An area is looked at at so many places along each side of its box: a place of a district of 40 km
/// stands for a kilometre or so.
const GRID: u32 = 40;

/// The layers that tell of an area, with the columns that are needed of each.
const VIDEO: (&str, &[&str]) = ("observations", &["id", "observed", "kind", "body"]);
const EVENTS: (&str, &[&str]) = ("events", &["id", "time", "kind", "class", "verdict"]);
const FOOTPRINTS: (&str, &[&str]) = ("footprints", &["source", "observed"]);
/// Classes of events that say that somebody is there.
const PRESENT: [&str; 2] = [EventClass::Firing.as_str(), EventClass::Activity.as_str()];

/// What the store has of an area and a span: a year has more than is read for a board.
struct Store<'a> {
    centre: &'a Centre,
    /// The first reading that failed: nobody is to be told that nobody was seen where nothing was read.
    failed: RefCell<Option<StoreError>>,
}

impl Store<'_> {
    fn shape(&self, area: &str, at: Observed) -> Option<MultiPolygon<f64>> {
        let theatre = self.centre.documents().theatre()?;
        theatre.at(at).area(area).map(|area| area.shape.clone())
    }

    /// Rows of a layer that may touch a shape, from an instant until another, both included.
    fn rows(
        &self,
        (layer, columns): (&str, &[&str]),
        kind: Option<&str>,
        shape: &MultiPolygon<f64>,
        [from, until]: [Observed; 2],
    ) -> Vec<FeatureRow> {
        let Some(bounds) = shape.bounding_rect() else {
            return Vec::new();
        };
        let (min, max) = (bounds.min(), bounds.max());
        let span = TimeSpan {
            from: Some(from),
            until: Some(until.plus_seconds(1e-6)),
        };
        let found =
            self.centre
                .store
                .within(layer, columns, kind, [min.x, min.y, max.x, max.y], span);
        found.unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            Vec::new()
        })
    }
}

impl Ground for Store<'_> {
    fn seen(&self, area: &str, bound: &[PartyId], from: Observed, until: Observed) -> Vec<Seen> {
        let Some(shape) = self.shape(area, until) else {
            return Vec::new();
        };
        let span = [from, until];
        let mut seen = Vec::new();
        for row in self.rows(VIDEO, Some("video"), &shape, span) {
            let label = row.properties.get("body").and_then(label);
            let at = row.time.and_then(|time| time.parse().ok());
            if let (Some(what), Geometry::Point(place), Some(at)) = (label, row.geometry, at)
                && shape.contains(&place)
            {
                seen.push(Seen {
                    at,
                    what,
                    id: row.id,
                });
            }
        }
        for row in self.rows(EVENTS, None, &shape, span) {
            let word = |name: &str| row.properties.get(name).and_then(Value::as_str);
            let theirs = word("verdict").is_some_and(|v| bound.iter().any(|p| p.as_str() == v));
            let present = word("class").is_some_and(|class| PRESENT.contains(&class));
            let at = row.time.as_deref().and_then(|time| time.parse().ok());
            if let (Geometry::Point(place), Some(at)) = (&row.geometry, at)
                && theirs
                && present
                && shape.contains(place)
            {
                seen.push(Seen {
                    at,
                    what: row.kind,
                    id: row.id,
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
        for row in self.rows(FOOTPRINTS, None, &shape, [from, until]) {
            open.retain(|place| !row.geometry.contains(place));
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
        let store = Store {
            centre: self,
            failed: RefCell::default(),
        };
        let withdrawals = self.deeds.reports().at(at, self.documents.parsed(), &store);
        match store.failed.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(withdrawals),
        }
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
