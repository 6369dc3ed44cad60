//! Candidates and what lies around them, from GeoJSON (RFC 7946, WGS 84).

use geo::{Geometry, LineString, MultiPolygon, Point, Polygon};
use serde_json::{Map, Value};
use truceline_domain::Position;

/// Most bytes of a file.
const MAX_BYTES: usize = 16 << 20;
/// Most features.
const MAX_FEATURES: usize = 5_000;
/// Most candidates: each is held against each relay and corridor over the terrain.
const MAX_CANDIDATES: usize = 200;
/// An antenna's height where a feature tells none, metres above ground: a light mast.
const MAST_M: f64 = 10.0;

/// What a place is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// The joint centre.
    Centre,
    /// An observation post.
    Post,
    /// A radio relay.
    Relay,
}

impl Use {
    /// All, with their words.
    pub const ALL: [(&'static str, Self); 3] = [
        ("centre", Self::Centre),
        ("post", Self::Post),
        ("relay", Self::Relay),
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Post => "post",
            Self::Relay => "relay",
        }
    }
}

/// A place that may be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What for.
    pub r#use: Use,
    /// Where.
    pub position: Position,
    /// Height of its antenna, or of its observers' eyes, above ground, metres.
    pub height_m: f64,
}

/// All that a file tells.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// Places that may be chosen.
    pub candidates: Vec<Candidate>,
    /// Relays that stand: name, place, height of the antenna above ground, metres.
    pub relays: Vec<(String, Position, f64)>,
    /// The former zone of conflict.
    pub zone: Vec<MultiPolygon<f64>>,
    /// The host's ground, where the theatre's map does not tell it.
    pub host: Vec<MultiPolygon<f64>>,
    /// Roads.
    pub roads: Vec<Geometry<f64>>,
    /// Power lines and substations.
    pub power: Vec<Geometry<f64>>,
    /// Airfields.
    pub airfields: Vec<Geometry<f64>>,
}

/// A file that was refused; nothing was ranked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}; expected {expected}")]
pub struct Refused {
    /// Where in the file.
    pub place: String,
    /// What was seen.
    pub what: String,
    /// What would have been right.
    pub expected: String,
}

fn refused(place: &str, what: impl Into<String>, expected: impl Into<String>) -> Refused {
    Refused {
        place: place.to_owned(),
        what: what.into(),
        expected: expected.into(),
    }
}

/// Reads the file's bytes.
///
/// # Errors
/// With the first feature that is wrong, what was seen and what was expected.
pub fn read(bytes: &[u8]) -> Result<Candidates, Refused> {
    let whole = |what: String, expected: &str| refused("the file", what, expected);
    if bytes.len() > MAX_BYTES {
        return Err(whole(format!("{} bytes", bytes.len()), "at most 16 MiB"));
    }
    let collection: geojson::FeatureCollection = serde_json::from_slice(bytes)
        .map_err(|e| whole(e.to_string(), "a GeoJSON FeatureCollection"))?;
    if collection.features.len() > MAX_FEATURES {
        let what = format!("{} features", collection.features.len());
        return Err(whole(what, "at most 5000"));
    }
    let mut all = Candidates::default();
    for (number, feature) in collection.features.into_iter().enumerate() {
        one(&mut all, &format!("feature {}", number + 1), feature)?;
    }
    if all.candidates.is_empty() {
        return Err(whole("no candidate".into(), "features of kind `candidate`"));
    }
    if all.candidates.len() > MAX_CANDIDATES {
        let what = format!("{} candidates", all.candidates.len());
        return Err(whole(what, "at most 200"));
    }
    all.candidates.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(pair) = all.candidates.windows(2).find(|w| w[0].id == w[1].id) {
        let id = &pair[0].id;
        return Err(whole(
            format!("two candidates {id:?}"),
            "an id of its own for each",
        ));
    }
    Ok(all)
}

fn one(all: &mut Candidates, place: &str, feature: geojson::Feature) -> Result<(), Refused> {
    let properties = feature.properties.unwrap_or_default();
    let geometry = feature
        .geometry
        .ok_or_else(|| refused(place, "no geometry", "a place"))?;
    let geometry: Geometry<f64> = geometry
        .try_into()
        .map_err(|_| refused(place, "a geometry that cannot be read", "RFC 7946"))?;
    in_range(place, &geometry)?;
    let text = |key: &str| properties.get(key).and_then(Value::as_str);
    match text("kind") {
        Some("candidate") => all
            .candidates
            .push(candidate(place, &properties, &geometry)?),
        Some("relay") => {
            let name = text("id").or_else(|| text("name")).unwrap_or(place);
            let height_m = height(place, &properties)?;
            all.relays
                .push((name.to_owned(), point(place, &geometry)?, height_m));
        }
        Some("zone") => all.zone.push(polygons(place, geometry)?),
        Some("host") => all.host.push(polygons(place, geometry)?),
        Some("road") => all.roads.push(geometry),
        Some("power") => all.power.push(geometry),
        Some("airfield") => all.airfields.push(geometry),
        other => {
            let what = format!("kind {other:?}");
            let expected = "candidate, relay, zone, host, road, power or airfield";
            return Err(refused(place, what, expected));
        }
    }
    Ok(())
}

fn candidate(
    place: &str,
    properties: &Map<String, Value>,
    geometry: &Geometry<f64>,
) -> Result<Candidate, Refused> {
    let text = |key: &str| properties.get(key).and_then(Value::as_str);
    let id = text("id").filter(|id| !id.is_empty() && id.len() <= 128);
    let id = id.ok_or_else(|| refused(place, "no `id`", "an id of at most 128 bytes"))?;
    let word = text("use");
    let known = Use::ALL.iter().find(|(name, _)| Some(*name) == word);
    let (_, r#use) =
        known.ok_or_else(|| refused(place, format!("use {word:?}"), "centre, post or relay"))?;
    Ok(Candidate {
        id: id.to_owned(),
        name: text("name").unwrap_or(id).to_owned(),
        r#use: *r#use,
        position: point(place, geometry)?,
        height_m: height(place, properties)?,
    })
}

fn height(place: &str, properties: &Map<String, Value>) -> Result<f64, Refused> {
    match properties.get("height_m").filter(|v| !v.is_null()) {
        None => Ok(MAST_M),
        Some(value) => value
            .as_f64()
            .filter(|m| (0.5..=500.0).contains(m))
            .ok_or_else(|| {
                let what = format!("height_m {value}");
                refused(place, what, "0.5 to 500 metres above ground")
            }),
    }
}

fn point(place: &str, geometry: &Geometry<f64>) -> Result<Position, Refused> {
    let Geometry::Point(Point(c)) = geometry else {
        return Err(refused(place, "another geometry", "a Point"));
    };
    Position::new(c.y, c.x)
        .map_err(|e| refused(place, format!("{} {}", e.what, e.seen), e.expected))
}

fn polygons(place: &str, geometry: Geometry<f64>) -> Result<MultiPolygon<f64>, Refused> {
    let shape = match geometry {
        Geometry::Polygon(p) => MultiPolygon(vec![p]),
        Geometry::MultiPolygon(m) => m,
        _ => return Err(refused(place, "another geometry", "a Polygon")),
    };
    let crosses = |ring: &LineString<f64>| {
        !geo::algorithm::Validation::is_valid(&Polygon::new(ring.clone(), vec![]))
    };
    if shape.iter().any(|p| crosses(p.exterior())) {
        return Err(refused(
            place,
            "a ring that crosses itself",
            "a simple ring",
        ));
    }
    Ok(shape)
}

fn in_range(place: &str, geometry: &Geometry<f64>) -> Result<(), Refused> {
    use geo::CoordsIter as _;
    let wrong = geometry
        .coords_iter()
        .find(|c| !(c.x.abs() <= 180.0 && c.y.abs() <= 90.0));
    match wrong {
        Some(c) => {
            let what = format!("[{}, {}]", c.x, c.y);
            Err(refused(
                place,
                what,
                "longitude before latitude, in degrees",
            ))
        }
        None => Ok(()),
    }
}
