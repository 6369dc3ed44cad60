//! The engine's picture as rows of the store.

use std::collections::BTreeMap;

use geo_types::{Coord, Geometry, LineString, Polygon};
use truceline_domain::{Observed, Position};
use truceline_engine::{Footprint, Picture, Track};
use truceline_store::{FootprintRow, TrackRow};

/// Footprints of one source lie so far apart, seconds: a camera looks at the same ground for longer.
const FOOTPRINT_S: f64 = 2.0;

/// Tracks with at least two fixes, and footprints, in the picture's order.
pub(super) fn rows(picture: &Picture) -> (Vec<TrackRow>, Vec<FootprintRow>) {
    let tracks = picture.tracks.iter().filter_map(track).collect();
    let mut last = BTreeMap::new();
    let apart = |f: &&Footprint| {
        let near = |t: &Observed| f.time.seconds_since(*t) < FOOTPRINT_S;
        if last.get(&f.source).is_some_and(near) {
            return false;
        }
        last.insert(f.source.clone(), f.time);
        true
    };
    let footprints = picture.footprints.iter().filter(apart);
    (tracks, footprints.map(footprint).collect())
}

fn track(track: &Track) -> Option<TrackRow> {
    let (first, last) = (track.points.first()?, track.points.last()?);
    if track.points.len() < 2 {
        return None;
    }
    let way = track
        .points
        .iter()
        .map(|point| coordinate(point.position))
        .collect();
    Some(TrackRow {
        source: track.source.clone(),
        name: track.subject.clone(),
        from: first.time,
        until: last.time,
        fixes: track.points.len() as u64,
        geometry: Geometry::LineString(LineString::new(way)),
    })
}

fn footprint(footprint: &Footprint) -> FootprintRow {
    let ring = footprint
        .corners
        .iter()
        .map(|corner| coordinate(*corner))
        .collect();
    FootprintRow {
        source: footprint.source.clone(),
        observed: footprint.time,
        observation: footprint.observation.clone(),
        geometry: Geometry::Polygon(Polygon::new(LineString::new(ring), Vec::new())),
    }
}

fn coordinate(position: Position) -> Coord<f64> {
    Coord {
        x: position.lon_deg(),
        y: position.lat_deg(),
    }
}
