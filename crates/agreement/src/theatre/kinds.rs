//! What a feature of each kind says, and what it must.

use geo::{BoundingRect, Coord};
use truceline_domain::{PartyId, Position, SourceId};

use super::feature::{Area, AreaKind, ContactLine, Held, NamedPlace, Operator, Post, Sensor, Site};
use super::properties::Fields;
use super::read::Reader;
use super::shape;
use crate::when::Validity;

/// One feature: its properties, its shape, and what all kinds say alike.
pub(super) struct Read<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) geometry: &'a geojson::Value,
    pub(super) valid: Validity,
    pub(super) accuracy_m: f64,
}

impl Reader {
    /// Reads one feature by its kind and gives one of its places.
    pub(super) fn typed(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        match read.fields.required("kind")? {
            "contact_line" => self.line(read),
            "held" => self.held(read),
            "sensor" => self.sensor(read),
            "post" => self.post(read),
            "site" => self.site(read),
            "area" => self.area(read, AreaKind::Area),
            "corridor" => self.area(read, AreaKind::Corridor),
            "sector" => self.area(read, AreaKind::Sector),
            "place" => self.place(read),
            other => {
                read.fields.error(
                    "kind",
                    format!("kind {other:?}"),
                    "contact_line, held, sensor, post, site, area, corridor, sector or place",
                );
                None
            }
        }
    }

    fn line(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        let id = read.fields.text("id").map(str::to_owned);
        let paths = read.fields.shape(shape::lines(read.geometry))?;
        let place = paths.first()?.0.first().copied();
        if let Some(id) = &id {
            self.name("line", id, read);
        }
        for path in paths {
            self.theatre.lines.push(ContactLine {
                id: id.clone(),
                path,
                accuracy_m: read.accuracy_m,
                valid: read.valid,
            });
        }
        place
    }

    fn held(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        let party = read.fields.parsed::<PartyId>("party");
        let shape = read.fields.shape(shape::polygons(read.geometry))?;
        let party = party?;
        if ["none", "undetermined", "mission"].contains(&party.as_str()) {
            let what = format!("a party called {:?}", party.as_str());
            read.fields
                .error("party", what, "any name but none, undetermined and mission");
        }
        let place = shape.bounding_rect().map(|b| b.center());
        self.held_at.push(read.fields.spot.clone());
        self.theatre.held.push(Held {
            party,
            shape,
            accuracy_m: read.accuracy_m,
            valid: read.valid,
        });
        place
    }

    fn sensor(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        let id = read.fields.parsed::<SourceId>("id");
        let operator = self.operator(&mut read.fields);
        let kinds = read.fields.kinds();
        let clock_sd_s = read.fields.positive("clock_sd_s");
        let bearing_sd_deg = read.fields.positive("bearing_sd_deg");
        let range_m = read.fields.positive("range_m");
        let position = read.fields.shape(shape::point(read.geometry))?;
        let (id, operator) = (id?, operator?);
        self.name("sensor", id.as_str(), read);
        self.theatre.sensors.push(Sensor {
            id,
            operator,
            kinds,
            position,
            clock_sd_s,
            bearing_sd_deg,
            range_m,
            accuracy_m: read.accuracy_m,
            valid: read.valid,
        });
        Some(of(position))
    }

    fn post(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        let id = read.fields.parsed::<SourceId>("id");
        let operator = self.operator(&mut read.fields);
        let position = read.fields.shape(shape::point(read.geometry))?;
        let (id, operator) = (id?, operator?);
        self.name("post", id.as_str(), read);
        self.theatre.posts.push(Post {
            id,
            operator,
            position,
            accuracy_m: read.accuracy_m,
            valid: read.valid,
        });
        Some(of(position))
    }

    fn site(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        let id = read.fields.text("id").map(str::to_owned);
        let what = read.fields.required("what").map(str::to_owned);
        let position = read.fields.shape(shape::point(read.geometry))?;
        if let Some(id) = &id {
            self.name("site", id, read);
        }
        self.theatre.sites.push(Site {
            id,
            what: what?,
            position,
            accuracy_m: read.accuracy_m,
            valid: read.valid,
        });
        Some(of(position))
    }

    fn place(&mut self, read: &mut Read<'_>) -> Option<Coord<f64>> {
        let name = read.fields.required("name").map(str::to_owned);
        let names = read.fields.names();
        let position = read.fields.shape(shape::point(read.geometry))?;
        self.theatre.places.push(NamedPlace {
            name: name?,
            names,
            position,
            accuracy_m: read.accuracy_m,
            valid: read.valid,
        });
        Some(of(position))
    }

    fn area(&mut self, read: &mut Read<'_>, kind: AreaKind) -> Option<Coord<f64>> {
        let id = read.fields.required("id").map(str::to_owned);
        let name = read.fields.text("name").map(str::to_owned);
        let width_m = read.fields.positive("width_m");
        let shape = read.fields.shape(shape::polygons(read.geometry))?;
        let id = id?;
        let place = shape.bounding_rect().map(|b| b.center());
        self.name("area", &id, read);
        self.theatre.areas.push(Area {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            kind,
            shape,
            width_m,
            accuracy_m: read.accuracy_m,
            valid: read.valid,
        });
        place
    }

    fn operator(&mut self, fields: &mut Fields<'_>) -> Option<Operator> {
        let operator = match fields.required("operator")? {
            "mission" => Operator::Mission,
            _ => Operator::Party(fields.parsed("operator")?),
        };
        self.operators.push((operator.clone(), fields.spot.clone()));
        Some(operator)
    }

    fn name(&mut self, kind: &'static str, name: &str, read: &Read<'_>) {
        let spot = read.fields.spot.clone();
        self.named.push((kind, name.to_owned(), read.valid, spot));
    }
}

fn of(position: Position) -> Coord<f64> {
    Coord {
        x: position.lon_deg(),
        y: position.lat_deg(),
    }
}
