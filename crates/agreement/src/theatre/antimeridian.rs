//! Shapes across the antimeridian: cut there, as RFC 7946 (section 3.1.9) asks of writers.
//!
//! People also draw on: longitudes beyond 180 or below -180 in one part. Such a part is cut here, so that
//! a theatre holds longitudes from -180 to 180 alone. A ring that jumps from one side to the other is not
//! guessed at: the same numbers describe the rest of the world.

use geo::{BooleanOps, BoundingRect, Coord, LineString, MapCoords, MultiPolygon, Rect};

/// Where shapes are cut, degrees.
const SEAM_DEG: f64 = 180.0;
/// Cutting rounds by less than this, degrees (a centimetre).
const CUT_DEG: f64 = 1e-7;
/// A place on the seam itself is asked for this far beside it, degrees (0.1 mm).
const BESIDE_DEG: f64 = 1e-9;

/// A longitude from -360 to 360 as one from -180 to 180.
pub(super) fn wrapped(lon_deg: f64) -> f64 {
    if lon_deg > SEAM_DEG {
        lon_deg - 360.0
    } else if lon_deg < -SEAM_DEG {
        lon_deg + 360.0
    } else {
        lon_deg
    }
}

/// A longitude on the seam brought a little to its own side, so that it lies within what was cut there.
pub(super) fn beside(lon_deg: f64) -> f64 {
    lon_deg.clamp(BESIDE_DEG - SEAM_DEG, SEAM_DEG - BESIDE_DEG)
}

/// The first step of a path that is longer than half the way around the earth.
pub(super) fn jump(path: &LineString<f64>) -> Option<(f64, f64)> {
    let step = path.lines().find(|l| l.dx().abs() > SEAM_DEG)?;
    Some((step.start.x, step.end.x))
}

/// Whether both ends of a part of an edge lie on the seam: it was made by cutting and is no edge.
pub(super) fn is_seam(a: Coord<f64>, b: Coord<f64>) -> bool {
    a.x.abs() >= SEAM_DEG && a.x.total_cmp(&b.x).is_eq()
}

/// A line, cut where it crosses the seam.
pub(super) fn cut_line(line: &LineString<f64>) -> Vec<LineString<f64>> {
    let turn = |c: Coord<f64>| ((c.x + SEAM_DEG) / 360.0).floor();
    let is_within = |c: &Coord<f64>| c.x.abs() <= SEAM_DEG;
    if line.0.iter().all(is_within) {
        return vec![line.clone()];
    }
    let mut parts: Vec<LineString<f64>> = vec![];
    let mut part: Vec<Coord<f64>> = vec![];
    for step in line.lines() {
        let (a, b) = (step.start, step.end);
        let seam_x = 360.0 * turn(a).max(turn(b)) - SEAM_DEG;
        if part.is_empty() {
            part.push(a);
        }
        if (a.x - seam_x) * (b.x - seam_x) < 0.0 {
            let y = a.y + (b.y - a.y) * (seam_x - a.x) / (b.x - a.x);
            let at = Coord { x: seam_x, y };
            part.push(at);
            parts.push(LineString(std::mem::replace(&mut part, vec![at])));
        }
        part.push(b);
        if (b.x - SEAM_DEG).rem_euclid(360.0) == 0.0 {
            parts.push(LineString(std::mem::replace(&mut part, vec![b])));
        }
    }
    if part.len() > 1 {
        parts.push(LineString(part));
    }
    parts.iter().map(home).collect()
}

/// A part that lies on one side of the seam, in longitudes from -180 to 180.
fn home(part: &LineString<f64>) -> LineString<f64> {
    let middle = part.bounding_rect().map_or(0.0, |r| r.center().x);
    let shift = wrapped(middle) - middle;
    part.map_coords(|c| Coord {
        x: c.x + shift,
        y: c.y,
    })
}

/// A valid shape, cut where it crosses the seam.
pub(super) fn cut(shape: MultiPolygon<f64>) -> MultiPolygon<f64> {
    let Some(drawn) = shape.bounding_rect() else {
        return shape;
    };
    if drawn.min().x >= -SEAM_DEG && drawn.max().x <= SEAM_DEG {
        return shape;
    }
    // No wider than needed: the finer the grid on which shapes are cut.
    let (low, high) = (drawn.min().y - 1.0, drawn.max().y + 1.0);
    let parts = [-360.0, 0.0, 360.0].into_iter().flat_map(|shift| {
        let west = (shift - SEAM_DEG).max(drawn.min().x - 1.0);
        let east = (shift + SEAM_DEG).min(drawn.max().x + 1.0);
        if west >= east {
            return vec![];
        }
        let turn = Rect::new(Coord { x: west, y: low }, Coord { x: east, y: high });
        let part = shape.intersection(&turn.to_polygon());
        // What was cut lies on the seam to the last digit: there edges are told from cuts.
        let on_seam = |x: f64| {
            let near = [-SEAM_DEG, SEAM_DEG]
                .into_iter()
                .find(|s| (x - s).abs() < CUT_DEG);
            near.unwrap_or(x)
        };
        let home = part.map_coords(|c| Coord {
            x: on_seam(c.x - shift),
            y: c.y,
        });
        home.0
    });
    MultiPolygon(parts.collect())
}

#[cfg(test)]
mod tests {
    use geo::Area as _;
    use proptest::prelude::*;

    use super::*;

    fn boxed(west: f64, east: f64) -> MultiPolygon<f64> {
        let corner = |x, y| Coord { x, y };
        MultiPolygon(vec![
            Rect::new(corner(west, -10.0), corner(east, 10.0)).to_polygon(),
        ])
    }

    proptest! {
        #[test]
        fn what_is_cut_is_as_large_and_lies_within(west in -350.0..340.0f64, width in 0.01..20.0f64) {
            let whole = boxed(west, west + width);
            let cut = cut(whole.clone());
            prop_assert!((cut.unsigned_area() - whole.unsigned_area()).abs() < 1e-6);
            let within = cut.bounding_rect().unwrap();
            prop_assert!(within.min().x >= -180.0 && within.max().x <= 180.0);
        }

        #[test]
        fn a_line_that_is_cut_is_as_long_and_lies_within(
            start in -340.0..340.0f64,
            steps in prop::collection::vec((-5.0..5.0f64, -1.0..1.0f64), 1..12),
        ) {
            let mut path = vec![Coord { x: start, y: 0.0 }];
            for (dx, dy) in steps {
                let last = path[path.len() - 1];
                path.push(Coord { x: (last.x + dx).clamp(-360.0, 360.0), y: last.y + dy });
            }
            let whole = LineString(path);
            let parts = cut_line(&whole);
            let length = |l: &LineString<f64>| l.lines().map(|s| s.dx().hypot(s.dy())).sum::<f64>();
            prop_assert!((parts.iter().map(length).sum::<f64>() - length(&whole)).abs() < 1e-6);
            for c in parts.iter().flat_map(|l| &l.0) {
                prop_assert!(c.x.abs() <= 180.0 + 1e-9);
            }
        }
    }
}
