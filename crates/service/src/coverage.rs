//! Coverage as people and maps are shown it.

use geo::{Coord, LineString};
use serde_json::{Value, json};
use truceline_agreement::Theatre;
use truceline_domain::EventKind;
use truceline_engine::{Hour, Watched};

/// The figures of a row for one kind of violation.
#[must_use]
pub fn of(row: &Hour, kind: EventKind) -> Option<&Watched> {
    row.stretch.kinds.get(&kind)
}

/// What people call the line of a row.
#[must_use]
pub fn name(row: &Hour) -> String {
    let number = row.stretch.line_number + 1;
    row.stretch
        .line
        .clone()
        .unwrap_or_else(|| format!("line {number}"))
}

/// Rows of coverage for one kind of violation as GeoJSON, a line a stretch.
#[must_use]
pub fn geojson(rows: &[Hour], weapon: EventKind, theatre: &Theatre) -> Value {
    let features: Vec<Value> = stretches(rows, weapon, theatre)
        .into_iter()
        .map(|(piece, properties)| {
            let coordinates: Vec<[f64; 2]> = piece.0.iter().map(|c| [c.x, c.y]).collect();
            json!({
                "type": "Feature", "properties": properties,
                "geometry": {"type": "LineString", "coordinates": coordinates},
            })
        })
        .collect();
    json!({"type": "FeatureCollection", "features": features})
}

/// Rows of coverage for one kind of violation as lines with what is told of each.
pub(crate) fn stretches(
    rows: &[Hour],
    weapon: EventKind,
    theatre: &Theatre,
) -> Vec<(LineString<f64>, Value)> {
    let paths: Vec<&LineString<f64>> = theatre.lines.iter().map(|line| &line.path).collect();
    let told = rows.iter().filter_map(|row| {
        let w = of(row, weapon)?;
        let path = paths.get(row.stretch.line_number)?;
        let piece = piece(path, row.stretch.from_m, row.stretch.to_m);
        let properties = json!({
            "from": row.from, "until": row.until, "line": name(row),
            "from_m": row.stretch.from_m, "to_m": row.stretch.to_m, "stood": row.stretch.stood,
            "kind": weapon, "watched": w.watched, "p_seen": w.p_seen,
            "watched_by": w.watched_by, "p_seen_by": w.p_seen_by,
            "longest_gap_s": w.longest_gap_s, "never_watched": w.never_watched,
        });
        Some((LineString::from(piece), properties))
    });
    told.collect()
}

/// The piece of a line between two lengths along it, metres over the ellipsoid.
fn piece(path: &LineString<f64>, from_m: f64, to_m: f64) -> Vec<[f64; 2]> {
    use geo::{Distance as _, Geodesic, Point};
    let mut piece = Vec::new();
    let mut at_m = 0.0;
    for leg in path.lines() {
        let (a, b) = (leg.start, leg.end);
        let length_m = Geodesic.distance(Point::from(a), Point::from(b)).max(1e-9);
        let between = |m: f64| {
            let share = ((m - at_m) / length_m).clamp(0.0, 1.0);
            Coord {
                x: a.x + (b.x - a.x) * share,
                y: a.y + (b.y - a.y) * share,
            }
        };
        let (start_m, end_m) = (from_m.max(at_m), to_m.min(at_m + length_m));
        if start_m <= end_m {
            for c in [between(start_m), between(end_m)] {
                if piece.last() != Some(&[c.x, c.y]) {
                    piece.push([c.x, c.y]);
                }
            }
        }
        at_m += length_m;
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_line_join() {
        let path = LineString::from(vec![(46.0, 40.0), (46.1, 40.0), (46.1, 40.1)]);
        let (first, second) = (
            piece(&path, 0.0, 10_000.0),
            piece(&path, 10_000.0, 99_000.0),
        );
        assert_eq!(first.last(), second.first());
        assert_eq!(first[1], [46.1, 40.0]);
        assert_eq!(second.last(), Some(&[46.1, 40.1]));
    }
}
