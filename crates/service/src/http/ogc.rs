//! OGC API – Features, Part 1 (17-069r4): the layers of the store for GIS clients, such as QGIS and GDAL.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use geo::BoundingRect as _;
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_domain::Observed;
use truceline_store::FeatureRow;
use truceline_store::export::feature_collection;

use super::app::{App, Problem};
use super::front::Base;
use super::paging::tagged_bytes;
use crate::CentreError;

/// So many features when nothing is said, and at most (§ 7.15.2).
const USUAL: usize = 1000;
const MOST: usize = 10_000;
/// Longitude and latitude on WGS 84.
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// What can be had: the layer's name and what it is.
const COLLECTIONS: [(&str, &str); 6] = [
    ("events", "What happened, by the latest judgement"),
    ("event_ellipses", "The 90 % ellipse of each event"),
    ("findings", "What was put before the officers"),
    ("tracks", "Ways of platforms"),
    ("footprints", "Ground that a source could see"),
    ("theatre", "Line, areas, posts, sensors"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ogc", get(landing))
        .route("/ogc/conformance", get(conformance))
        .route("/ogc/collections", get(collections))
        .route("/ogc/collections/{collection}", get(collection))
        .route("/ogc/collections/{collection}/items", get(items))
        .route("/ogc/collections/{collection}/items/{item}", get(item))
}

fn link(rel: &str, kind: &str, href: String) -> Value {
    json!({"rel": rel, "type": kind, "href": href})
}

/// The address of this service as whoever asks knows it.
fn base(app: &App, below: &Base, headers: &HeaderMap) -> String {
    format!("{}/ogc", below.url(app, headers))
}

async fn landing(State(app): State<App>, below: Base, headers: HeaderMap) -> Json<Value> {
    let at = base(&app, &below, &headers);
    let api = at.trim_end_matches("/ogc").to_owned();
    Json(json!({
        "title": app.directory().origin, "description": "The layers of a centre of truceline",
        "links": [
            link("self", "application/json", at.clone()),
            link("service-desc", "application/vnd.oai.openapi+json;version=3.1", format!("{api}/api/openapi.json")),
            link("service-doc", "text/html", format!("{api}/api/docs")),
            link("conformance", "application/json", format!("{at}/conformance")),
            link("data", "application/json", format!("{at}/collections")),
        ],
    }))
}

async fn conformance() -> Json<Value> {
    let class =
        |name: &str| format!("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}");
    Json(json!({"conformsTo": [class("core"), class("geojson")]}))
}

fn collection_json(at: &str, id: &str, what: &str) -> Value {
    let here = format!("{at}/collections/{id}");
    json!({
        "id": id, "title": what, "itemType": "feature", "crs": [CRS84],
        "links": [
            link("self", "application/json", here.clone()),
            link("items", "application/geo+json", format!("{here}/items")),
        ],
    })
}

async fn collections(State(app): State<App>, below: Base, headers: HeaderMap) -> Json<Value> {
    let at = base(&app, &below, &headers);
    let all: Vec<Value> = COLLECTIONS
        .iter()
        .map(|(id, what)| collection_json(&at, id, what))
        .collect();
    Json(
        json!({"links": [link("self", "application/json", format!("{at}/collections"))], "collections": all}),
    )
}

fn known(id: &str) -> Result<(&'static str, &'static str), Problem> {
    let found = COLLECTIONS.iter().find(|(known, _)| *known == id).copied();
    found.ok_or_else(|| Problem::not_found(format!("there is no collection {id:?}")))
}

async fn collection(
    State(app): State<App>,
    below: Base,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (id, what) = known(&id)?;
    Ok(Json(collection_json(
        &base(&app, &below, &headers),
        id,
        what,
    )))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    bbox: Option<String>,
    datetime: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// What features must meet.
struct Meets {
    /// West, south, east, north, degrees; west is beyond east across the 180th meridian.
    bbox: Option<[f64; 4]>,
    from: Option<Observed>,
    until: Option<Observed>,
}

fn bad(why: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, why)
}

impl Asked {
    fn meets(&self) -> Result<Meets, Problem> {
        let bbox = self.bbox.as_deref().map(|text| {
            let numbers: Vec<f64> = text
                .split(',')
                .map_while(|n| n.trim().parse().ok())
                .collect();
            match (text.split(',').count(), numbers.as_slice()) {
                (4, [w, s, e, n]) | (6, [w, s, _, e, n, _])
                    if numbers.iter().all(|n| n.is_finite()) =>
                {
                    Ok([*w, *s, *e, *n])
                }
                _ => Err(bad("bbox: expected west,south,east,north in degrees")),
            }
        });
        let instant = |text: &str| match text {
            "" | ".." => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| bad("datetime: expected an RFC 3339 time, or two with / between")),
        };
        let (from, until) = match self
            .datetime
            .as_deref()
            .map(|text| text.split_once('/').ok_or(text))
        {
            None => (None, None),
            Some(Ok((from, until))) => (instant(from)?, instant(until)?),
            Some(Err(one)) => (instant(one)?, instant(one)?),
        };
        Ok(Meets {
            bbox: bbox.transpose()?,
            from,
            until,
        })
    }
}

impl Meets {
    fn takes(&self, row: &FeatureRow) -> bool {
        self.bbox.is_none_or(|bbox| touches(row, bbox)) && self.is_then(row)
    }

    /// Whether the row's time, or span of time, meets what is asked for; what has none always does.
    fn is_then(&self, row: &FeatureRow) -> bool {
        let time = |names: &[&str]| {
            let words = names
                .iter()
                .filter_map(|name| row.properties.get(*name)?.as_str());
            words
                .filter_map(|text| text.parse::<Observed>().ok())
                .next()
        };
        let begins = time(&["from_time", "valid_from", "time", "observed"]);
        let ends = time(&["until_time", "valid_until", "time", "observed"]);
        let ended_before = self.from.zip(ends).is_some_and(|(from, ends)| ends < from);
        let begins_after = self
            .until
            .zip(begins)
            .is_some_and(|(until, begins)| begins > until);
        !ended_before && !begins_after
    }
}

fn touches(row: &FeatureRow, [west, south, east, north]: [f64; 4]) -> bool {
    let Some(rect) = row.geometry.bounding_rect() else {
        return false;
    };
    let (min, max) = (rect.min(), rect.max());
    let along = if west <= east {
        max.x >= west && min.x <= east
    } else {
        max.x >= west || min.x <= east
    };
    along && max.y >= south && min.y <= north
}

async fn items(
    State(app): State<App>,
    below: Base,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (id, _) = known(&id)?;
    let limit = asked.limit.unwrap_or(USUAL);
    if limit == 0 {
        return Err(bad("limit: expected a number from 1"));
    }
    let (limit, offset) = (limit.min(MOST), asked.offset.unwrap_or(0));
    let meets = asked.meets()?;
    let here = format!("{}/collections/{id}/items", base(&app, &below, &headers));
    let found = app.with(move |centre| {
        let mut rows = centre.store().features(id)?;
        rows.retain(|row| meets.takes(row));
        let matched = rows.len();
        let page: Vec<FeatureRow> = rows.into_iter().skip(offset).take(limit).collect();
        let mut value = collection_of(&page)?;
        if let Some(members) = value.as_object_mut() {
            members.insert("numberMatched".to_owned(), matched.into());
            members.insert("numberReturned".to_owned(), page.len().into());
        }
        Ok((value, offset.saturating_add(page.len()) < matched))
    });
    let (mut value, more) = found.await?;
    let query = |offset: usize| {
        let mut query = format!("{here}?limit={limit}&offset={offset}");
        for (name, given) in [("bbox", &asked.bbox), ("datetime", &asked.datetime)] {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.,:/".contains(&b);
            let told = given.iter().flat_map(|text| text.bytes());
            let told: String = told
                .map(|b| {
                    if plain(b) {
                        char::from(b).to_string()
                    } else {
                        format!("%{b:02X}")
                    }
                })
                .collect();
            if given.is_some() {
                query.push_str(&format!("&{name}={told}"));
            }
        }
        query
    };
    let mut links = vec![link("self", "application/geo+json", query(offset))];
    if more {
        links.push(link(
            "next",
            "application/geo+json",
            query(offset.saturating_add(limit)),
        ));
    }
    if let Some(members) = value.as_object_mut() {
        members.insert("links".to_owned(), links.into());
    }
    Ok(tagged_bytes(
        &headers,
        "application/geo+json",
        value.to_string().into_bytes(),
    ))
}

/// Rows as GeoJSON whose features have the rows' own ids.
fn collection_of(rows: &[FeatureRow]) -> Result<Value, CentreError> {
    let text = feature_collection(rows)?;
    let mut value: Value =
        serde_json::from_str(&text).map_err(|e| CentreError::Refused(e.to_string()))?;
    let features = value.get_mut("features").and_then(Value::as_array_mut);
    for (feature, row) in features.into_iter().flatten().zip(rows) {
        if let Some(members) = feature.as_object_mut() {
            members.insert("id".to_owned(), row.id.clone().into());
        }
    }
    Ok(value)
}

async fn item(
    State(app): State<App>,
    headers: HeaderMap,
    Path((id, item)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (id, _) = known(&id)?;
    let none = Problem::not_found(format!("there is no feature {item:?} in {id}"));
    let found = app.with(move |centre| {
        let rows: Vec<_> = centre
            .store()
            .features(id)?
            .into_iter()
            .filter(|row| row.id == item)
            .take(1)
            .collect();
        let mut value = collection_of(&rows)?;
        let features = value.get_mut("features").and_then(Value::as_array_mut);
        Ok(features.and_then(Vec::pop))
    });
    let feature = found.await?.ok_or(none)?;
    Ok(tagged_bytes(
        &headers,
        "application/geo+json",
        feature.to_string().into_bytes(),
    ))
}
