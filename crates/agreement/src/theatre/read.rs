//! Reads a theatre from GeoJSON and its terrain from a GeoTIFF, gathering every fault with its line.

use geo::{BoundingRect, Coord};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use truceline_domain::{PartyId, Sha256, SourceId, TheatreId};

use super::feature::{Area, AreaKind, ContactLine, Held, NamedPlace, Operator, Post, Sensor, Site};
use super::properties::{Fields, Spot};
use super::{Terrain, Theatre, shape};
use crate::when::{Offset, Validity};
use crate::{Fault, File};

/// How much a file must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// A lone scenario: a feature without dates stands always, one without accuracy is exact.
    Scenario,
    /// A theatre's folder: every feature says since when and until when (`null` for open), and how
    /// well it is known.
    Theatre,
}

/// Largest file, bytes.
const MAX_FILE_BYTES: usize = 16 << 20;
/// Most features of a theatre.
const MAX_FEATURES: usize = 20_000;
/// Most vertices of a theatre.
const MAX_VERTICES: usize = 100_000;
/// Most features of held ground: they are compared in pairs.
const MAX_HELD: usize = 200;
/// Ground that two parties' areas may share because coordinates are rounded, metres of width.
const OVERLAP_FREE_M: f64 = 50.0;

#[derive(Deserialize)]
struct Collection<'a> {
    r#type: String,
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
    timezone: Option<String>,
    theatre: Option<String>,
    crs: Option<Json>,
}

#[derive(Deserialize)]
struct Feature<'a> {
    r#type: String,
    #[serde(borrow)]
    properties: &'a RawValue,
    #[serde(borrow)]
    geometry: &'a RawValue,
}

/// The theatre that a file says it belongs to.
pub(crate) fn named(file: &File<'_>) -> Option<TheatreId> {
    let collection: Collection<'_> = serde_json::from_str(file.text(MAX_FILE_BYTES).ok()?).ok()?;
    TheatreId::new(collection.theatre?).ok()
}

pub(super) fn theatre(
    id: &TheatreId,
    files: &[File<'_>],
    detail: Detail,
) -> (Option<Theatre>, Vec<Fault>) {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by_key(|f| (f.base_name(), f.name));
    let digests: Vec<_> = sorted
        .iter()
        .map(|f| (f.base_name().to_owned(), Sha256::of(f.bytes)))
        .collect();
    let manifest: String = digests
        .iter()
        .map(|(name, digest)| format!("{digest}  {name}\n"))
        .collect();
    let mut reader = Reader {
        detail,
        theatre: Theatre {
            id: id.clone(),
            sha256: Sha256::of(manifest.as_bytes()),
            files: digests,
            lines: vec![],
            held: vec![],
            sensors: vec![],
            posts: vec![],
            sites: vec![],
            areas: vec![],
            places: vec![],
            terrain: None,
        },
        faults: vec![],
        named: vec![],
        places: vec![],
        operators: vec![],
        held_at: vec![],
        features: 0,
        vertices: 0,
    };
    for file in sorted {
        if file.is_terrain() {
            reader.terrain(file);
        } else {
            reader.file(file);
        }
    }
    reader.compare_features();
    let mut faults = reader.faults;
    faults.sort();
    faults.dedup();
    let theatre = (!faults.iter().any(Fault::is_error)).then_some(reader.theatre);
    (theatre, faults)
}

struct Reader {
    detail: Detail,
    theatre: Theatre,
    faults: Vec<Fault>,
    /// (kind of name, name, when, where): for duplicates.
    named: Vec<(&'static str, String, Validity, Spot)>,
    /// A place of each feature: for swapped axes.
    places: Vec<(Coord<f64>, Spot)>,
    operators: Vec<(Operator, Spot)>,
    /// Where each of `theatre.held` stands.
    held_at: Vec<Spot>,
    features: usize,
    vertices: usize,
}

impl Reader {
    fn error(&mut self, spot: &Spot, what: impl Into<String>, expected: impl Into<String>) {
        self.faults
            .push(Fault::error(&spot.file, spot.line, what, expected));
    }

    fn terrain(&mut self, file: &File<'_>) {
        let fault = match Terrain::parse(file.bytes) {
            Ok(_) if self.theatre.terrain.is_some() => {
                Fault::error(file.name, 1, "a second terrain", "one at most")
            }
            Ok(terrain) => {
                self.theatre.terrain = Some(terrain);
                return;
            }
            Err(e) => Fault::error(file.name, 1, e.what, e.expected),
        };
        self.faults.push(fault);
    }

    fn file(&mut self, file: &File<'_>) {
        let top = Spot {
            file: file.name.to_owned(),
            line: 1,
        };
        let text = match file.text(MAX_FILE_BYTES) {
            Ok(text) => text,
            Err(fault) => return self.faults.push(fault),
        };
        let collection: Collection<'_> = match serde_json::from_str(text) {
            Ok(collection) => collection,
            Err(e) => {
                let fault = Fault::error(
                    file.name,
                    e.line(),
                    e.to_string(),
                    "a GeoJSON FeatureCollection",
                );
                return self.faults.push(fault.at_column(e.column()));
            }
        };
        if collection.r#type != "FeatureCollection" {
            self.error(&top, collection.r#type, "\"type\": \"FeatureCollection\"");
        }
        if let Some(theatre) = &collection.theatre
            && theatre != self.theatre.id.as_str()
        {
            let expected = format!("theatre {:?}", self.theatre.id.as_str());
            self.error(&top, format!("theatre {theatre:?}"), expected);
        }
        if let Some(crs) = &collection.crs
            && !crs.to_string().contains("CRS84")
        {
            self.error(&top, "a `crs`", "WGS 84, which RFC 7946 needs not name");
        }
        let offset = collection.timezone.as_deref().map(|zone| {
            Offset::parse(zone).unwrap_or_else(|| {
                self.error(
                    &top,
                    format!("timezone {zone:?}"),
                    "an offset such as +04:00 or Z",
                );
                Offset::UTC
            })
        });
        let newlines: Vec<usize> = text.match_indices('\n').map(|(i, _)| i).collect();
        for raw in collection.features {
            self.features += 1;
            if self.features > MAX_FEATURES {
                return self.error(&top, "more features", format!("at most {MAX_FEATURES}"));
            }
            // The raw feature borrows from `text`, so their addresses tell its line.
            let at = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            let spot = Spot {
                file: file.name.to_owned(),
                line: 1 + newlines.partition_point(|n| *n < at),
            };
            self.feature(raw.get(), &spot, offset);
        }
    }

    fn feature(&mut self, text: &str, spot: &Spot, offset: Option<Offset>) {
        let read = || -> Result<_, serde_json::Error> {
            let feature: Feature<'_> = serde_json::from_str(text)?;
            let properties: Map<String, Json> = serde_json::from_str(feature.properties.get())?;
            let geometry: geojson::Geometry = serde_json::from_str(feature.geometry.get())?;
            Ok((feature.r#type, properties, geometry.value))
        };
        let (r#type, properties, geometry) = match read() {
            Ok(read) => read,
            Err(e) => return self.error(spot, e.to_string(), "a GeoJSON Feature with geometry"),
        };
        if r#type != "Feature" {
            return self.error(spot, format!("type {:?}", r#type), "\"Feature\"");
        }
        self.vertices += shape::vertices(&geometry);
        if self.vertices > MAX_VERTICES {
            return self.error(spot, "more vertices", format!("at most {MAX_VERTICES}"));
        }
        let mut fields = Fields::new(&properties, text, spot);
        let valid = fields.validity(offset, self.detail);
        let accuracy_m = fields.accuracy_m(self.detail);
        let place = self.typed(&mut fields, &geometry, valid, accuracy_m);
        if let Some(place) = place {
            self.places.push((place, spot.clone()));
        }
        self.faults.append(&mut fields.faults);
    }

    /// Reads one feature by its kind and gives one of its places.
    fn typed(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        match fields.required("kind")? {
            "contact_line" => self.line(fields, geometry, valid, accuracy_m),
            "held" => self.held(fields, geometry, valid, accuracy_m),
            "sensor" => self.sensor(fields, geometry, valid, accuracy_m),
            "post" => self.post(fields, geometry, valid, accuracy_m),
            "site" => self.site(fields, geometry, valid, accuracy_m),
            "area" => self.area(fields, geometry, valid, accuracy_m, AreaKind::Area),
            "corridor" => self.area(fields, geometry, valid, accuracy_m, AreaKind::Corridor),
            "place" => self.place(fields, geometry, valid, accuracy_m),
            other => {
                fields.error(
                    "kind",
                    format!("kind {other:?}"),
                    "contact_line, held, sensor, post, site, area, corridor or place",
                );
                None
            }
        }
    }

    fn line(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        let id = fields.text("id").map(str::to_owned);
        let paths = fields.shape(shape::lines(geometry))?;
        let place = paths.first()?.0.first().copied();
        if let Some(id) = &id {
            self.name("line", id, valid, fields.spot);
        }
        for path in paths {
            self.theatre.lines.push(ContactLine {
                id: id.clone(),
                path,
                accuracy_m,
                valid,
            });
        }
        place
    }

    fn held(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        let party = fields.parsed::<PartyId>("party");
        let shape = fields.shape(shape::polygons(geometry))?;
        let party = party?;
        if ["none", "undetermined", "mission"].contains(&party.as_str()) {
            let what = format!("a party called {:?}", party.as_str());
            fields.error("party", what, "any name but none, undetermined and mission");
        }
        let place = shape.bounding_rect().map(|b| b.center());
        self.held_at.push(fields.spot.clone());
        self.theatre.held.push(Held {
            party,
            shape,
            accuracy_m,
            valid,
        });
        place
    }

    fn sensor(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        let id = fields.parsed::<SourceId>("id");
        let operator = self.operator(fields);
        let kinds = fields.kinds();
        let clock_sd_s = fields.positive("clock_sd_s");
        let bearing_sd_deg = fields.positive("bearing_sd_deg");
        let range_m = fields.positive("range_m");
        let position = fields.shape(shape::point(geometry))?;
        let (id, operator) = (id?, operator?);
        self.name("sensor", id.as_str(), valid, fields.spot);
        self.theatre.sensors.push(Sensor {
            id,
            operator,
            kinds,
            position,
            clock_sd_s,
            bearing_sd_deg,
            range_m,
            accuracy_m,
            valid,
        });
        Some(of(position))
    }

    fn post(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        let id = fields.parsed::<SourceId>("id");
        let operator = self.operator(fields);
        let position = fields.shape(shape::point(geometry))?;
        let (id, operator) = (id?, operator?);
        self.name("post", id.as_str(), valid, fields.spot);
        self.theatre.posts.push(Post {
            id,
            operator,
            position,
            accuracy_m,
            valid,
        });
        Some(of(position))
    }

    fn site(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        let id = fields.text("id").map(str::to_owned);
        let what = fields.required("what").map(str::to_owned);
        let position = fields.shape(shape::point(geometry))?;
        if let Some(id) = &id {
            self.name("site", id, valid, fields.spot);
        }
        self.theatre.sites.push(Site {
            id,
            what: what?,
            position,
            accuracy_m,
            valid,
        });
        Some(of(position))
    }

    fn place(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
    ) -> Option<Coord<f64>> {
        let name = fields.required("name").map(str::to_owned);
        let names = fields.names();
        let position = fields.shape(shape::point(geometry))?;
        self.theatre.places.push(NamedPlace {
            name: name?,
            names,
            position,
            accuracy_m,
            valid,
        });
        Some(of(position))
    }

    fn area(
        &mut self,
        fields: &mut Fields<'_>,
        geometry: &geojson::Value,
        valid: Validity,
        accuracy_m: f64,
        kind: AreaKind,
    ) -> Option<Coord<f64>> {
        let id = fields.required("id").map(str::to_owned);
        let name = fields.text("name").map(str::to_owned);
        let width_m = fields.positive("width_m");
        let shape = fields.shape(shape::polygons(geometry))?;
        let id = id?;
        let place = shape.bounding_rect().map(|b| b.center());
        self.name("area", &id, valid, fields.spot);
        self.theatre.areas.push(Area {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            kind,
            shape,
            width_m,
            accuracy_m,
            valid,
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

    fn name(&mut self, kind: &'static str, name: &str, valid: Validity, spot: &Spot) {
        self.named
            .push((kind, name.to_owned(), valid, spot.clone()));
    }

    /// What can only be said once all files are read.
    fn compare_features(&mut self) {
        self.duplicates();
        self.overlaps();
        let parties = self.theatre.parties();
        for (operator, spot) in std::mem::take(&mut self.operators) {
            if let Operator::Party(party) = &operator
                && !parties.contains(party)
            {
                let known: Vec<_> = parties.iter().map(PartyId::as_str).collect();
                let expected = format!("\"mission\" or a party that holds ground ({known:?})");
                self.error(&spot, format!("operator {:?}", party.as_str()), expected);
            }
        }
        let places = std::mem::take(&mut self.places);
        let coords: Vec<_> = places.iter().map(|(c, _)| *c).collect();
        for i in shape::swapped(&coords) {
            if let Some((c, spot)) = places.get(i) {
                self.error(
                    spot,
                    format!("[{}, {}], far from the other features", c.x, c.y),
                    "longitude before latitude (they look exchanged)",
                );
            }
        }
        self.needed();
    }

    fn needed(&mut self) {
        let Some((name, _)) = self.theatre.files.first() else {
            self.faults
                .push(Fault::error("theatre", 1, "no files", "GeoJSON files"));
            return;
        };
        let spot = Spot {
            file: name.clone(),
            line: 1,
        };
        // With other faults, what is missing may only have been misread.
        let whole = self.faults.is_empty();
        if whole && self.theatre.lines.is_empty() {
            self.error(&spot, "no line of contact", "a `contact_line` feature");
        }
        if whole && self.theatre.held.is_empty() {
            self.error(&spot, "no ground held", "`held` features, one per party");
        }
    }

    fn duplicates(&mut self) {
        let mut named = std::mem::take(&mut self.named);
        named.sort_by(|a, b| (a.0, &a.1, a.2.from).cmp(&(b.0, &b.1, b.2.from)));
        for pair in named.windows(2) {
            let [(kind, name, valid, first), (other, again, later, spot)] = pair else {
                continue;
            };
            if kind == other && name == again && valid.overlaps(later) {
                self.error(
                    spot,
                    format!("a second {kind} {name:?}"),
                    format!(
                        "one at a time ({}:{} stands then too)",
                        first.file, first.line
                    ),
                );
            }
        }
    }

    fn overlaps(&mut self) {
        let held = std::mem::take(&mut self.theatre.held);
        if held.len() > MAX_HELD {
            if let Some(spot) = self.held_at.first().cloned() {
                let what = format!("{} features of held ground", held.len());
                self.error(&spot, what, format!("at most {MAX_HELD}"));
            }
        } else {
            for (j, b) in held.iter().enumerate() {
                for (i, a) in held.iter().enumerate().take(j) {
                    if a.party == b.party || !a.valid.overlaps(&b.valid) {
                        continue;
                    }
                    let free_m = OVERLAP_FREE_M.max(a.accuracy_m.max(b.accuracy_m));
                    let width_m = shape::overlap_width_m(&a.shape, &b.shape);
                    if width_m > free_m
                        && let (Some(first), Some(spot)) =
                            (self.held_at.get(i).cloned(), self.held_at.get(j).cloned())
                    {
                        let what = format!(
                            "ground of {} that overlaps that of {} ({}:{}) by {width_m:.0} m",
                            b.party, a.party, first.file, first.line
                        );
                        self.error(&spot, what, format!("at most {free_m:.0} m"));
                    }
                }
            }
        }
        self.theatre.held = held;
    }
}

fn of(position: truceline_domain::Position) -> Coord<f64> {
    Coord {
        x: position.lon_deg(),
        y: position.lat_deg(),
    }
}
