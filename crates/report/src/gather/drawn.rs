//! What the map shows.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Simplify};

use super::Gathering;
use truceline_page::Position;

use crate::model::{Held, Map, Marker};
use crate::places::{five, fix};

/// The map's lines may be off by so much, degrees (about 50 m): what is drawn is smaller.
const DRAWN_DEG: f64 = 0.0005;

impl Gathering<'_> {
    pub(super) fn map(&self) -> Map {
        // The instant before the cut-off: what changes at it belongs to the next day.
        let at = self.day.until.plus_seconds(-1e-6);
        let theatre = self.theatre;
        let standing = theatre.at(at);
        let posts = theatre.posts.iter().filter(|p| p.valid.holds_at(at));
        let places = theatre.places.iter().filter(|p| p.valid.holds_at(at));
        let lines = theatre.lines.iter().filter(|l| l.valid.holds_at(at));
        let held = theatre.held.iter().filter(|h| h.valid.holds_at(at));
        let area = standing.area(&self.day.procedures.area_of_interest);
        Map {
            lines: lines.map(|l| path(&l.path)).collect(),
            held: held
                .map(|h| Held {
                    party: h.party.clone(),
                    rings: rings(&h.shape),
                })
                .collect(),
            interest: area.map_or_else(Vec::new, |a| rings(&a.shape)),
            posts: posts
                .map(|p| Marker {
                    name: p.id.to_string(),
                    names: BTreeMap::new(),
                    fix: fix(p.position),
                })
                .collect(),
            places: places
                .map(|p| Marker {
                    name: p.name.clone(),
                    names: p.names.clone(),
                    fix: fix(p.position),
                })
                .collect(),
        }
    }
}

fn path(line: &LineString<f64>) -> Vec<Position> {
    let drawn = line.simplify(DRAWN_DEG);
    drawn.0.iter().map(position).collect()
}

fn rings(shape: &MultiPolygon<f64>) -> Vec<Vec<Position>> {
    shape
        .iter()
        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
        .map(path)
        .collect()
}

fn position(c: &Coord<f64>) -> Position {
    [five(c.x), five(c.y)]
}
