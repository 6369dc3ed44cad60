//! A tile's bytes.

use fast_mvt::{MvtError, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtTileBuilder};
use geo_types::{Coord, Geometry, LineString, Polygon};
use serde_json::Value;
use truceline_store::FeatureRow;

use super::{EXTENT, Tile, clip};
use crate::CentreError;

/// A tile has at most so many corners; beyond, it is drawn on a coarser grid.
const MOST_CORNERS: usize = 100_000;
/// The coarsest grid, units: then lines of any length have few corners that differ.
const COARSEST: i32 = 64;

/// A tile with one layer: each row with the number of those that it stands for.
pub(crate) fn encode(
    tile: Tile,
    layer: &str,
    rows: &[(FeatureRow, u64)],
) -> Result<Vec<u8>, CentreError> {
    let failed = |error: MvtError| CentreError::Tile(error.to_string());
    let step = coarse_enough(tile, rows);
    let mut builder = MvtTileBuilder::new().layer(layer).map_err(failed)?;
    for (row, count) in rows {
        builder = put(builder, tile, row, *count, step).map_err(failed)?;
    }
    let empty = builder.num_features() == 0;
    Ok(if empty { Vec::new() } else { builder.encode() })
}

/// The finest grid on which the tile's corners are few enough.
fn coarse_enough(tile: Tile, rows: &[(FeatureRow, u64)]) -> i32 {
    let corners = |step| {
        let drawn = rows
            .iter()
            .map(|(row, _)| Drawn::of(tile, &row.geometry, step));
        drawn.map(|drawn| drawn.corners()).sum::<usize>()
    };
    let mut step = 1;
    while step < COARSEST && corners(step) > MOST_CORNERS {
        step *= 2;
    }
    step
}

/// A geometry on a tile's grid.
enum Drawn {
    Points(Vec<clip::Node>),
    Lines(Vec<Vec<clip::Node>>),
    /// Each with its holes behind it.
    Areas(Vec<(Vec<clip::Node>, bool)>),
}

impl Drawn {
    fn of(tile: Tile, geometry: &Geometry<f64>, step: i32) -> Self {
        let units = |c: &Coord<f64>| tile.units(*c);
        // A point lies in its own tile, at most on its last unit.
        let point = |c: &Coord<f64>| {
            let Coord { x, y } = tile.units(*c);
            let within = |v: f64| v.floor().clamp(0.0, EXTENT - 1.0);
            clip::node(
                Coord {
                    x: within(x),
                    y: within(y),
                },
                1,
            )
        };
        let line = |path: &LineString<f64>| clip::line(path.0.iter().map(units), step);
        let area = |polygon: &Polygon<f64>| {
            let ring = |ring: &LineString<f64>| clip::ring(ring.0.iter().map(units), step);
            let Some(outer) = ring(polygon.exterior()) else {
                return Vec::new();
            };
            let holes = polygon.interiors().iter().filter_map(ring);
            std::iter::once((outer, true))
                .chain(holes.map(|hole| (hole, false)))
                .collect()
        };
        match geometry {
            Geometry::Point(p) => Self::Points(vec![point(&p.0)]),
            Geometry::MultiPoint(all) => Self::Points(all.iter().map(|p| point(&p.0)).collect()),
            Geometry::Line(l) => Self::Lines(clip::line([units(&l.start), units(&l.end)], step)),
            Geometry::LineString(path) => Self::Lines(line(path)),
            Geometry::MultiLineString(all) => Self::Lines(all.iter().flat_map(line).collect()),
            Geometry::Polygon(polygon) => Self::Areas(area(polygon)),
            Geometry::MultiPolygon(all) => Self::Areas(all.iter().flat_map(area).collect()),
            Geometry::Rect(rect) => Self::Areas(area(&rect.to_polygon())),
            Geometry::Triangle(triangle) => Self::Areas(area(&triangle.to_polygon())),
            // The store has none.
            Geometry::GeometryCollection(_) => Self::Points(Vec::new()),
        }
    }

    fn corners(&self) -> usize {
        match self {
            Self::Points(all) => all.len(),
            Self::Lines(all) => all.iter().map(Vec::len).sum(),
            Self::Areas(all) => all.iter().map(|(ring, _)| ring.len()).sum(),
        }
    }

    fn kind(&self) -> MvtGeomType {
        match self {
            Self::Points(_) => MvtGeomType::Point,
            Self::Lines(_) => MvtGeomType::LineString,
            Self::Areas(_) => MvtGeomType::Polygon,
        }
    }
}

fn put(
    layer: MvtLayerBuilder,
    tile: Tile,
    row: &FeatureRow,
    count: u64,
    step: i32,
) -> Result<MvtLayerBuilder, MvtError> {
    let drawn = Drawn::of(tile, &row.geometry, step);
    if drawn.corners() == 0 {
        // It touches the tile's surroundings, not the tile.
        return Ok(layer);
    }
    let mut feature = layer.feature_of(drawn.kind());
    match &drawn {
        Drawn::Points(all) => drop(feature.points(all.iter().copied())?),
        Drawn::Lines(all) => {
            for line in all {
                feature.line(line.iter().copied())?;
            }
        }
        Drawn::Areas(all) => {
            for (ring, outer) in all {
                feature.ring(ring.iter().copied(), *outer)?;
            }
        }
    }
    feature.tag_uint("count", count)?;
    for (name, value) in &row.properties {
        tag(&mut feature, name, value)?;
    }
    Ok(feature.end())
}

/// Values that a tile can hold; lists and objects are none (§ 4.4).
fn tag(feature: &mut MvtFeatureBuilder, name: &str, value: &Value) -> Result<(), MvtError> {
    match value {
        Value::String(text) => drop(feature.tag_string(name, text.as_str())?),
        Value::Bool(is) => drop(feature.tag_bool(name, *is)?),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => drop(feature.tag_auto_int(name, n)?),
            (None, Some(x)) => drop(feature.tag_double(name, x)?),
            (None, None) => {}
        },
        Value::Null | Value::Array(_) | Value::Object(_) => {}
    }
    Ok(())
}
