//! Vector tiles of the layers, with a TileJSON 3.0 that describes each.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use geo::BoundingRect as _;
use geo_types::Geometry;
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_domain::{EventKind, Observed};
use truceline_store::{FeatureRow, GeoPackage, Located, TimeSpan};

use super::app::{App, Problem, blocking};
use super::findings::words;
use super::front::Base;
use super::paging::{tagged, tagged_bytes};
use super::watch::is_short;
use super::watched::{By, Of, Spans, Watched};
use crate::CentreError;
use crate::tiles::{self, MAX_ZOOM, Tile};

/// What a layer is and what its features tell.
struct Layer {
    id: &'static str,
    what: &'static str,
    /// Whether its features are points.
    points: bool,
    fields: &'static [&'static str],
}

/// All layers. `coverage` is made of what was observed, the others are the store's.
const LAYERS: [Layer; 6] = [
    Layer {
        id: "events",
        what: "What happened, by the latest judgement",
        points: true,
        fields: &["id", "time", "kind", "class", "verdict"],
    },
    Layer {
        id: "event_ellipses",
        what: "The ellipse that holds the place of each event at 90 %",
        points: false,
        fields: &["id", "time", "kind", "verdict"],
    },
    Layer {
        id: "findings",
        what: "What was put before the officers",
        points: true,
        fields: &["id", "time", "kind", "verdict", "standing"],
    },
    Layer {
        id: "tracks",
        what: "Ways of platforms",
        points: false,
        fields: &["source", "name", "from_time", "until_time", "fixes"],
    },
    Layer {
        id: COVERAGE,
        what: "What was watched, and how well",
        points: false,
        fields: &[
            "line",
            "from_m",
            "to_m",
            "kind",
            "watched",
            "p_seen",
            "never_watched",
            "longest_gap_s",
            "stood",
        ],
    },
    Layer {
        id: "theatre",
        what: "Line, areas, posts, sensors",
        points: false,
        fields: &[
            "kind",
            "id",
            "name",
            "party",
            "valid_from",
            "valid_until",
            "accuracy_m",
        ],
    },
];

const COVERAGE: &str = "coverage";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/tiles/{layer}", get(description))
        .route("/tiles/{layer}/{z}/{x}/{y}", get(tile))
}

/// What tiles are made from beside the centre, so that no tile waits for a judgement.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// The store, opened when the first tile is asked for.
    store: Mutex<Option<GeoPackage>>,
    /// What was watched lately.
    pub(super) watched: Spans,
}

impl Ready {
    /// Rows of a layer in a tile, each with the number of those it stands for.
    fn rows(
        &self,
        dir: &FilePath,
        layer: &Layer,
        tile: Tile,
        span: TimeSpan,
        standings: &[String],
    ) -> Result<Vec<(FeatureRow, u64)>, CentreError> {
        let mut store = held(&self.store);
        let store = match &mut *store {
            Some(store) => store,
            none => none.insert(GeoPackage::open(&dir.join("store.gpkg"))?),
        };
        let found = store.located(layer.id, tile.bounds_deg(), span, standings)?;
        let kept: BTreeMap<i64, u64> = tiles::thin(tile, layer.points, &found)
            .into_iter()
            .collect();
        let rows = store.numbered(layer.id, layer.fields, kept.keys().copied())?;
        // A row that went since is in neither.
        let counts = rows.into_iter().map(|(fid, row)| {
            let count = kept.get(&fid).copied().unwrap_or(1);
            (row, count)
        });
        Ok(counts.collect())
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: Option<Observed>,
    to: Option<Observed>,
    /// Coverage for what: small arms when left out.
    kind: Option<EventKind>,
    /// Findings that stand so, as their list takes it.
    standing: Option<String>,
}

impl Asked {
    fn span(&self) -> Result<TimeSpan, Problem> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to <= from
        {
            return Err(bad(format!("from {from} to {to}: expected a later end")));
        }
        Ok(TimeSpan {
            from: self.from,
            until: self.to,
        })
    }

    /// How what is shown of a layer stands; findings alone do.
    fn standings(&self, layer: &Layer) -> Result<Vec<String>, Problem> {
        if self.standing.is_some() && layer.id != "findings" {
            return Err(bad(format!("standing: {} have none", layer.id)));
        }
        Ok(words(self.standing.as_deref()))
    }

    /// The span of coverage, which must be whole.
    fn covered(&self) -> Result<(Of, EventKind), Problem> {
        let (Some(from), Some(to)) = (self.from, self.to) else {
            return Err(bad("coverage: expected from and to".to_owned()));
        };
        is_short(from, to)?;
        let by = By::Span;
        Ok((
            Of { from, to, by },
            self.kind.unwrap_or(EventKind::SmallArms),
        ))
    }
}

fn bad(why: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, why)
}

fn known(id: &str) -> Result<&'static Layer, Problem> {
    let none = || {
        let all: Vec<_> = LAYERS.iter().map(|layer| layer.id).collect();
        Problem::not_found(format!(
            "there is no layer {id:?}; there are {}",
            all.join(", ")
        ))
    };
    LAYERS.iter().find(|layer| layer.id == id).ok_or_else(none)
}

async fn tile(
    State(app): State<App>,
    headers: HeaderMap,
    Path((layer, z, x, y)): Path<(String, String, String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let layer = known(&layer)?;
    let y = y.strip_suffix(".mvt").unwrap_or(&y);
    let tile = z.parse().ok().zip(x.parse().ok()).zip(y.parse().ok());
    let tile = tile.and_then(|((z, x), y)| Tile::new(z, x, y));
    let tile = tile.ok_or_else(|| {
        Problem::not_found(format!(
            "there is no tile {z}/{x}/{y}; zooms go from 0 to {MAX_ZOOM}"
        ))
    })?;
    let (span, standings) = (asked.span()?, asked.standings(layer)?);
    let ready = app.tiles().clone();
    let bytes = if layer.id == COVERAGE {
        let (of, kind) = asked.covered()?;
        let watched = ready.watched.get(app, of).await?;
        let made = blocking(move || {
            let rows = covered(&watched, of.from, kind)?;
            tiles::encode(tile, COVERAGE, &within(tile, &rows))
        });
        made.await?
    } else {
        let made = blocking(move || {
            let rows = ready.rows(app.dir(), layer, tile, span, &standings)?;
            tiles::encode(tile, layer.id, &rows)
        });
        made.await?
    };
    let kind = "application/vnd.mapbox-vector-tile";
    Ok(tagged_bytes(&headers, kind, bytes))
}

/// Coverage of a span for a kind of event, a row a stretch.
fn covered(
    watched: &Watched,
    from: Observed,
    kind: EventKind,
) -> Result<Vec<FeatureRow>, CentreError> {
    let stretches = crate::coverage::stretches(&watched.rows, kind, watched.theatre()?);
    let fields = LAYERS
        .iter()
        .find(|layer| layer.id == COVERAGE)
        .map_or(&[][..], |l| l.fields);
    let row = |(n, (path, told)): (usize, (_, Value))| FeatureRow {
        layer: COVERAGE.to_owned(),
        id: n.to_string(),
        kind: kind.to_string(),
        time: Some(from.to_string()),
        properties: fields
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), told.get(field)?.clone())))
            .collect(),
        geometry: Geometry::LineString(path),
    };
    Ok(stretches.into_iter().enumerate().map(row).collect())
}

/// The rows that touch a tile, thinned as the store's are.
fn within(tile: Tile, rows: &[FeatureRow]) -> Vec<(FeatureRow, u64)> {
    let [west, south, east, north] = tile.bounds_deg();
    let located: Vec<Located> = (0_i64..)
        .zip(rows)
        .filter_map(|(fid, row)| {
            let rect = row.geometry.bounding_rect()?;
            let (min, max, middle) = (rect.min(), rect.max(), rect.center());
            let touches = max.x >= west && min.x <= east && max.y >= south && min.y <= north;
            touches.then_some(Located {
                fid,
                lon_deg: middle.x,
                lat_deg: middle.y,
            })
        })
        .collect();
    let kept = tiles::thin(tile, false, &located);
    let row = |fid: i64| rows.get(usize::try_from(fid).ok()?).cloned();
    kept.into_iter()
        .filter_map(|(fid, count)| Some((row(fid)?, count)))
        .collect()
}

/// The layer's TileJSON, with tiles of the span that was asked for.
async fn description(
    State(app): State<App>,
    below: Base,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let Some(id) = name.strip_suffix(".json") else {
        return Err(Problem::not_found(
            "expected /tiles/{layer}.json, or /tiles/{layer}/{z}/{x}/{y}.mvt",
        ));
    };
    let layer = known(id)?;
    asked.span()?;
    asked.standings(layer)?;
    if id == COVERAGE {
        asked.covered()?;
    }
    let told = [
        ("from", asked.from.map(|at| at.to_string())),
        ("to", asked.to.map(|at| at.to_string())),
        ("kind", asked.kind.map(|kind| kind.to_string())),
        ("standing", asked.standing),
    ];
    let query: Vec<String> = told
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
        .collect();
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    let bounds = app.clone().with(|centre| {
        let rows = centre.store().features("theatre")?;
        let rects = rows.iter().filter_map(|row| row.geometry.bounding_rect());
        Ok(rects.reduce(|a, b| {
            let (low, high) = (a.min(), a.max());
            let (l, h) = (b.min(), b.max());
            geo_types::Rect::new(
                (low.x.min(l.x), low.y.min(l.y)),
                (high.x.max(h.x), high.y.max(h.y)),
            )
        }))
    });
    let url = below.url(&app, &headers);
    let fields: BTreeMap<&str, &str> = layer.fields.iter().map(|field| (*field, "")).collect();
    let mut value = json!({
        "tilejson": "3.0.0", "name": layer.id, "description": layer.what, "scheme": "xyz",
        "tiles": [format!("{url}/tiles/{id}/{{z}}/{{x}}/{{y}}.mvt{query}")],
        "minzoom": 0, "maxzoom": 16,
        "vector_layers": [{
            "id": layer.id, "description": layer.what, "minzoom": 0, "maxzoom": 16, "fields": fields,
        }],
    });
    if let (Some(rect), Some(members)) = (bounds.await?, value.as_object_mut()) {
        let (min, max) = (rect.min(), rect.max());
        members.insert("bounds".to_owned(), json!([min.x, min.y, max.x, max.y]));
    }
    Ok(tagged(&headers, &value))
}
