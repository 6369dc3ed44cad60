//! Reads a theatre from GeoJSON and its terrain from a GeoTIFF, gathering every fault with its line.

use geo::Coord;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use truceline_domain::{Sha256, TheatreId};

use super::feature::Operator;
use super::kinds::Read;
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

pub(super) struct Reader {
    pub(super) detail: Detail,
    pub(super) theatre: Theatre,
    pub(super) faults: Vec<Fault>,
    /// (kind of name, name, when, where): for duplicates.
    pub(super) named: Vec<(&'static str, String, Validity, Spot)>,
    /// A place of each feature: for swapped axes.
    pub(super) places: Vec<(Coord<f64>, Spot)>,
    pub(super) operators: Vec<(Operator, Spot)>,
    /// Where each of `theatre.held` stands.
    pub(super) held_at: Vec<Spot>,
    pub(super) features: usize,
    pub(super) vertices: usize,
}

impl Reader {
    pub(super) fn error(
        &mut self,
        spot: &Spot,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
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
        let mut read = Read {
            valid: fields.validity(offset, self.detail),
            accuracy_m: fields.accuracy_m(self.detail),
            fields,
            geometry: &geometry,
        };
        if let Some(place) = self.typed(&mut read) {
            self.places.push((place, spot.clone()));
        }
        self.faults.append(&mut read.fields.faults);
    }
}
