//! Lines and rings cut at a tile's edges, and put on its grid.

use geo_types::Coord;

use super::{BUFFER, EXTENT};

/// Where what is drawn ends, units.
const LOW: f64 = -BUFFER;
const HIGH: f64 = EXTENT + BUFFER;

/// A place on a tile's grid.
pub(super) type Node = Coord<i32>;

/// The place on the grid of every `step`-th unit. What lies outside is held at the buffer's edge.
pub(super) fn node(c: Coord<f64>, step: i32) -> Node {
    let on = |v: f64| {
        let step = f64::from(step);
        // Within the buffer, so that it fits.
        ((v.clamp(LOW, HIGH) / step).round() * step) as i32
    };
    Coord {
        x: on(c.x),
        y: on(c.y),
    }
}

/// The pieces of a line within the buffer (Liang and Barsky 1984, segment by segment).
pub(super) fn line(path: impl IntoIterator<Item = Coord<f64>>, step: i32) -> Vec<Vec<Node>> {
    let mut pieces: Vec<Vec<Node>> = Vec::new();
    let mut open = false;
    let mut before: Option<Coord<f64>> = None;
    for at in path {
        let Some(from) = before.replace(at) else {
            continue;
        };
        let Some((a, b, ends_inside)) = segment(from, at) else {
            open = false;
            continue;
        };
        if !open {
            pieces.push(vec![node(a, step)]);
        }
        if let Some(piece) = pieces.last_mut() {
            let next = node(b, step);
            if piece.last() != Some(&next) {
                piece.push(next);
            }
        }
        open = ends_inside;
    }
    // What is smaller than a unit is drawn as one: it does not vanish.
    for piece in &mut pieces {
        if let [only] = piece[..] {
            piece.push(Coord {
                x: only.x + step,
                y: only.y,
            });
        }
    }
    pieces
}

/// The part of a segment within the buffer, and whether it ends there by itself.
fn segment(a: Coord<f64>, b: Coord<f64>) -> Option<(Coord<f64>, Coord<f64>, bool)> {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (towards, room) in [
        (-dx, a.x - LOW),
        (dx, HIGH - a.x),
        (-dy, a.y - LOW),
        (dy, HIGH - a.y),
    ] {
        if towards == 0.0 {
            if room < 0.0 {
                return None;
            }
            continue;
        }
        let share = room / towards;
        if towards < 0.0 {
            first = first.max(share);
        } else {
            last = last.min(share);
        }
    }
    let at = |share: f64| Coord {
        x: a.x + dx * share,
        y: a.y + dy * share,
    };
    (first <= last).then(|| (at(first), at(last), last >= 1.0))
}

/// A ring within the buffer (Sutherland and Hodgman 1974), its last place not the first again; nothing when none
/// of it is there.
pub(super) fn ring(path: impl IntoIterator<Item = Coord<f64>>, step: i32) -> Option<Vec<Node>> {
    let mut ring: Vec<Coord<f64>> = path.into_iter().collect();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    // Each edge: which coordinate, which side, where.
    for (of_x, sign, edge) in [
        (true, 1.0, LOW),
        (true, -1.0, HIGH),
        (false, 1.0, LOW),
        (false, -1.0, HIGH),
    ] {
        let beyond = |c: &Coord<f64>| sign * (if of_x { c.x } else { c.y } - edge);
        let mut kept = Vec::with_capacity(ring.len());
        let mut before = ring.last().copied();
        for at in ring {
            if let Some(from) = before.replace(at) {
                let (was, is) = (beyond(&from), beyond(&at));
                if (was < 0.0) != (is < 0.0) {
                    let share = was / (was - is);
                    kept.push(Coord {
                        x: from.x + (at.x - from.x) * share,
                        y: from.y + (at.y - from.y) * share,
                    });
                }
                if is >= 0.0 {
                    kept.push(at);
                }
            }
        }
        ring = kept;
    }
    let mut nodes: Vec<Node> = ring.into_iter().map(|c| node(c, step)).collect();
    nodes.dedup();
    while nodes.len() > 1 && nodes.first() == nodes.last() {
        nodes.pop();
    }
    let first = *nodes.first()?;
    // What is smaller than a unit is drawn as one: it does not vanish.
    if nodes.len() < 3 {
        let at = |x, y| Coord {
            x: first.x + x,
            y: first.y + y,
        };
        return Some(vec![first, at(step, 0), at(step, step), at(0, step)]);
    }
    Some(nodes)
}
