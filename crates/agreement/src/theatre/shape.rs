//! Faults of shapes: out of range, not closed, crossing themselves, overlapping, swapped axes.

use geo::algorithm::Validation;
use geo::{Area as _, BooleanOps, BoundingRect, Coord, Intersects, LineString, MultiPolygon};
use geojson::{Position as Vertex, Value};
use truceline_domain::Position;

use super::antimeridian;
use super::plane::Plane;

/// Most vertices of one ring or line: looking for self-crossings takes the square of it.
const MAX_RING_VERTICES: usize = 5_000;

/// Holds `what` was seen and what was `expected`.
pub(super) type Flaw = (String, String);

fn flaw<T>(what: impl Into<String>, expected: &str) -> Result<T, Flaw> {
    Err((what.into(), expected.to_owned()))
}

pub(super) fn vertices(value: &Value) -> usize {
    match value {
        Value::Point(_) => 1,
        Value::MultiPoint(v) | Value::LineString(v) => v.len(),
        Value::MultiLineString(v) | Value::Polygon(v) => v.iter().map(Vec::len).sum(),
        Value::MultiPolygon(v) => v.iter().flatten().map(Vec::len).sum(),
        Value::GeometryCollection(v) => v.iter().map(|g| vertices(&g.value)).sum(),
    }
}

/// A vertex as it is drawn: longitudes may run on beyond the antimeridian.
fn coord(vertex: &Vertex) -> Result<Coord<f64>, Flaw> {
    const EXPECTED: &str = "longitude from -180 to 180, then latitude from -90 to 90";
    let (Some(&x), Some(&y)) = (vertex.first(), vertex.get(1)) else {
        return flaw(format!("position {vertex:?}"), EXPECTED);
    };
    if (-360.0..=360.0).contains(&x) && (-90.0..=90.0).contains(&y) {
        Ok(Coord { x, y })
    } else {
        flaw(format!("position [{x}, {y}] out of range"), EXPECTED)
    }
}

pub(super) fn point(value: &Value) -> Result<Position, Flaw> {
    let Value::Point(vertex) = value else {
        return flaw(format!("a {}", value.type_name()), "a Point");
    };
    let c = coord(vertex)?;
    Position::new(c.y, antimeridian::wrapped(c.x))
        .map_err(|e| (e.to_string(), "a position".to_owned()))
}

fn path(vertices: &[Vertex]) -> Result<LineString<f64>, Flaw> {
    if vertices.len() > MAX_RING_VERTICES {
        return flaw(
            format!("a line or ring of {} vertices", vertices.len()),
            "at most 5000",
        );
    }
    let coords: Result<Vec<_>, _> = vertices.iter().map(coord).collect();
    let path = LineString(coords?);
    match antimeridian::jump(&path) {
        Some((from, to)) => flaw(
            format!("a step from longitude {from} to {to}"),
            "what crosses the antimeridian cut there, as RFC 7946, section 3.1.9 says: a MultiPolygon or MultiLineString with a part \
            on either side; or longitudes that run on beyond 180 or -180 in one part",
        ),
        None => Ok(path),
    }
}

/// One or more lines.
pub(super) fn lines(value: &Value) -> Result<Vec<LineString<f64>>, Flaw> {
    let all = match value {
        Value::LineString(vertices) => vec![path(vertices)?],
        Value::MultiLineString(all) => all.iter().map(|v| path(v)).collect::<Result<_, _>>()?,
        _ => return flaw(format!("a {}", value.type_name()), "a LineString"),
    };
    let thin = |line: &LineString<f64>| line.0.iter().all(|c| Some(c) == line.0.first());
    if all.is_empty() || all.iter().any(thin) {
        return flaw("an empty line", "a line of two or more distinct positions");
    }
    Ok(all.iter().flat_map(antimeridian::cut_line).collect())
}

/// A valid polygon or several.
pub(super) fn polygons(value: &Value) -> Result<MultiPolygon<f64>, Flaw> {
    let raw: Vec<&Vec<Vec<Vertex>>> = match value {
        Value::Polygon(rings) => vec![rings],
        Value::MultiPolygon(all) => all.iter().collect(),
        _ => {
            return flaw(
                format!("a {}", value.type_name()),
                "a Polygon or MultiPolygon",
            );
        }
    };
    let mut polygons = Vec::with_capacity(raw.len());
    for rings in raw {
        let mut paths = Vec::with_capacity(rings.len());
        for ring in rings {
            let ring = path(ring)?;
            if ring.0.len() < 4 {
                return flaw(
                    format!("a ring of {} positions", ring.0.len()),
                    "four or more, the last equal to the first",
                );
            }
            if !ring.is_closed() {
                return flaw(
                    "a ring that is not closed",
                    "a last position equal to the first",
                );
            }
            paths.push(ring);
        }
        let mut paths = paths.into_iter();
        let Some(exterior) = paths.next() else {
            return flaw("an empty polygon", "at least one ring");
        };
        polygons.push(geo::Polygon::new(exterior, paths.collect()));
    }
    if polygons.is_empty() {
        return flaw("an empty polygon", "at least one ring");
    }
    let shape = MultiPolygon(polygons);
    if let Err(invalid) = shape.check_validation() {
        return flaw(
            invalid.to_string(),
            "rings that neither cross nor touch themselves or each other",
        );
    }
    Ok(antimeridian::cut(shape))
}

/// Mean width in metres of the ground that two valid shapes share; zero when they share none.
pub(super) fn overlap_width_m(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> f64 {
    let (Some(box_a), Some(box_b)) = (a.bounding_rect(), b.bounding_rect()) else {
        return 0.0;
    };
    if !box_a.intersects(&box_b) {
        return 0.0;
    }
    let shared = a.intersection(b);
    let centre = box_a.center();
    let Ok(origin) = Position::new(centre.y, centre.x) else {
        return 0.0;
    };
    let plane = Plane::at(origin);
    let shared_m = geo::MapCoords::map_coords(&shared, |c| {
        let (x, y) = plane.to_m(c);
        Coord { x, y }
    });
    let perimeter_m: f64 = shared_m
        .iter()
        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
        .flat_map(LineString::lines)
        .map(|l| l.dx().hypot(l.dy()))
        .sum();
    if perimeter_m > 0.0 {
        2.0 * shared_m.unsigned_area() / perimeter_m
    } else {
        0.0
    }
}

/// Degrees beyond which a place is taken to lie outside a theatre.
const THEATRE_REACH_DEG: f64 = 5.0;

/// Which of these places lie far from where most lie, but would lie there with longitude and
/// latitude exchanged.
pub(super) fn swapped(places: &[Coord<f64>]) -> Vec<usize> {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let x = median(places.iter().map(|c| c.x).collect());
    let y = median(places.iter().map(|c| c.y).collect());
    let near = |lon: f64, lat: f64| {
        (lon - x).abs() <= THEATRE_REACH_DEG && (lat - y).abs() <= THEATRE_REACH_DEG
    };
    (0..places.len())
        .filter(|i| {
            places
                .get(*i)
                .is_some_and(|c| !near(c.x, c.y) && near(c.y, c.x))
        })
        .collect()
}
