//! Reads a theatre from GeoJSON, gathering every fault with its line.

use geo::{BoundingRect, Coord};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use truceline_domain::{PartyId, Sha256, SourceId, TheatreId};

use super::feature::{
    Accuracy, Area, AreaKind, ContactLine, Held, Operator, Post, Sensor, SensorKind, Site,
};
use super::{Theatre, shape};
use crate::when::{self, Offset, Validity};
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
        reader.file(file);
    }
    reader.compare_features();
    let mut faults = reader.faults;
    faults.sort();
    faults.dedup();
    let theatre = (!faults.iter().any(Fault::is_error)).then_some(reader.theatre);
    (theatre, faults)
}

/// Where a feature stands in its file.
#[derive(Clone)]
struct Spot {
    file: String,
    line: usize,
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
        let mut fields = Fields {
            map: &properties,
            text,
            spot,
            faults: vec![],
        };
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
            other => {
                fields.error(
                    "kind",
                    format!("kind {other:?}"),
                    "contact_line, held, sensor, post, site, area or corridor",
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

/// A feature's properties, with faults gathered where they lie.
struct Fields<'a> {
    map: &'a Map<String, Json>,
    text: &'a str,
    spot: &'a Spot,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// A fault on the line of `key`, or of the feature when it has no such key.
    fn error(&mut self, key: &str, what: impl Into<String>, expected: impl Into<String>) {
        let before = self
            .text
            .split_once(&format!("\"{key}\""))
            .map_or("", |(before, _)| before);
        let line = self.spot.line + before.matches('\n').count();
        self.faults
            .push(Fault::error(&self.spot.file, line, what, expected));
    }

    fn shape<T>(&mut self, shape: Result<T, shape::Flaw>) -> Option<T> {
        shape
            .map_err(|(what, expected)| self.error("geometry", what, expected))
            .ok()
    }

    fn present(&self, key: &str) -> Option<&'a Json> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &str) -> Option<&'a str> {
        let value = self.present(key)?;
        let text = value.as_str().filter(|t| !t.is_empty());
        if text.is_none() {
            self.error(key, format!("{key} {value}"), "text");
        }
        text
    }

    fn required(&mut self, key: &str) -> Option<&'a str> {
        if self.present(key).is_none() {
            self.error(key, format!("no `{key}`"), format!("a property `{key}`"));
        }
        self.text(key)
    }

    fn parsed<T: std::str::FromStr<Err = truceline_domain::Refused>>(
        &mut self,
        key: &str,
    ) -> Option<T> {
        let text = self.required(key)?;
        text.parse()
            .map_err(|e: truceline_domain::Refused| {
                self.error(key, format!("{} {:?}", e.what, e.seen), e.expected);
            })
            .ok()
    }

    fn positive(&mut self, key: &str) -> Option<f64> {
        let value = self.present(key)?;
        let number = value.as_f64().filter(|n| *n > 0.0 && *n <= 1e7);
        if number.is_none() {
            self.error(
                key,
                format!("{key} {value}"),
                "a number above zero, or null",
            );
        }
        number
    }

    fn kinds(&mut self) -> Vec<SensorKind> {
        const EXPECTED: &str = "a list of acoustic, flash, seismic, video, weather";
        let Some(words) = self.present("kinds").and_then(Json::as_array) else {
            self.error("kinds", "no list of `kinds`", EXPECTED);
            return vec![];
        };
        let mut kinds = vec![];
        for word in words {
            match SensorKind::ALL
                .iter()
                .find(|(name, _)| Some(*name) == word.as_str())
            {
                Some((_, kind)) => kinds.push(*kind),
                None => self.error("kinds", format!("kind {word}"), EXPECTED),
            }
        }
        if words.is_empty() {
            self.error("kinds", "an empty list", EXPECTED);
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn validity(&mut self, offset: Option<Offset>, detail: Detail) -> Validity {
        let own = self.text("timezone").and_then(|zone| {
            let offset = Offset::parse(zone);
            if offset.is_none() {
                self.error(
                    "timezone",
                    format!("timezone {zone:?}"),
                    "an offset such as +04:00 or Z",
                );
            }
            offset
        });
        let offset = own.or(offset);
        let mut instant = |key: &str| {
            if detail == Detail::Theatre && !self.map.contains_key(key) {
                let what = format!("no `{key}`");
                self.error(key, what, format!("a property `{key}`, null when open"));
            }
            let text = self.text(key)?;
            if when::date(text).is_some() && offset.is_none() {
                self.error(
                    key,
                    format!("{key} {text:?} without a zone"),
                    "a `timezone` such as +04:00 beside `features`",
                );
            }
            let instant = when::start(text, offset.unwrap_or_default());
            if instant.is_none() {
                self.error(key, format!("{key} {text:?}"), when::DATE_OR_TIME);
            }
            instant
        };
        let valid = Validity {
            from: instant("valid_from"),
            until: instant("valid_until"),
        };
        if let (Some(from), Some(until)) = (valid.from, valid.until)
            && until <= from
        {
            self.error(
                "valid_until",
                format!("valid_until {until}, which is not after valid_from"),
                format!("a time after {from}"),
            );
        }
        valid
    }

    fn accuracy_m(&mut self, detail: Detail) -> f64 {
        let word = self.text("accuracy").and_then(|word| {
            let known = Accuracy::ALL.iter().find(|(name, _)| *name == word);
            if known.is_none() {
                self.error(
                    "accuracy",
                    format!("accuracy {word:?}"),
                    "survey, place, small_scale or sketch",
                );
            }
            known.map(|(_, accuracy)| accuracy.sd_m())
        });
        let stated = self.present("accuracy_m").is_some() || self.present("accuracy").is_some();
        if detail == Detail::Theatre && !stated {
            self.error(
                "accuracy",
                "no `accuracy`",
                "`accuracy` or `accuracy_m`: nothing on a map is exact",
            );
        }
        self.positive("accuracy_m").or(word).unwrap_or(0.0)
    }
}
