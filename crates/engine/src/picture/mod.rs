//! Who was where and what was looked at: tracks of platforms and moving targets, footprints of
//! cameras on the ground, and the times between which nothing was told.
//!
//! One piece of code serves the live map and the batch: [`PictureState`] takes an observation at a
//! time, [`picture`] gives it all of them. The page `docs/picture.md` has the models, their errors and
//! what was measured.

mod cameras;
mod clocks;
mod filter;
mod footprint;
mod state;
mod telemetry;
mod track;
mod tracker;
mod view;

pub(crate) use cameras::Cameras;
pub use clocks::ClockPair;
pub use footprint::{BOUND_M, Footprint, Ground};
pub use state::{APART_S, Change, KEPT_EVERY_S, KEPT_S, PictureState};
pub use track::{Leap, Stop, Track, TrackPoint};
pub use tracker::LATENESS_S;

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_agreement::theatre::Terrain;
use truceline_domain::{Observation, Observed, SourceId};

/// Longer silences of a platform are told as gaps, seconds.
pub const TRACK_GAP_S: f64 = 60.0;

/// Tracks and footprints.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Picture {
    /// In order of source, subject and leg.
    pub tracks: Vec<Track>,
    /// In order of time and observation.
    pub footprints: Vec<Footprint>,
}

impl Picture {
    /// What a map draws: of each track what lies within `tail_s` seconds of its newest point, and of each
    /// source its newest footprint. Gaps, stops and leaps stay.
    #[must_use]
    pub fn tail(mut self, tail_s: f64) -> Self {
        for track in &mut self.tracks {
            if let Some(newest) = track.points.iter().map(|p| p.time).max() {
                track
                    .points
                    .retain(|p| newest.seconds_since(p.time) <= tail_s.max(0.0));
            }
        }
        // In order of time: the last of each source is its newest.
        let mut seen = std::collections::BTreeSet::new();
        self.footprints.reverse();
        self.footprints.retain(|f| seen.insert(f.source.clone()));
        self.footprints.reverse();
        self
    }
}

/// The picture that observations tell, over the theatre's terrain when it has one. They are taken in
/// the order in which they were received (by their own times, where that is not known), whatever their
/// order in the slice.
#[must_use]
pub fn picture(observations: &[Observation], terrain: Option<&Terrain>) -> Picture {
    let mut order: Vec<(i64, &Observation)> = observations
        .iter()
        .filter_map(|o| {
            let observed_us = o.observed?.unix_us();
            Some((o.received.map_or(observed_us, |r| r.unix_us()), o))
        })
        .collect();
    order.sort_by(|(a_us, a), (b_us, b)| (a_us, a.observed, &a.id).cmp(&(b_us, b.observed, &b.id)));
    let mut state = PictureState::keeping(terrain.cloned(), f64::INFINITY);
    for (_, o) in order {
        state.push(o);
    }
    state.into_picture()
}

impl Picture {
    /// The picture as it stood at an instant: of each track the last point, of each camera the last
    /// footprint, where they are no older than [`TRACK_GAP_S`]. What fell silent is not shown.
    #[must_use]
    pub fn at(&self, time: Observed) -> Self {
        let last = |track: &Track| {
            let count = track.points.partition_point(|p| p.time <= time);
            let point = track.points.get(count.checked_sub(1)?)?;
            state::is_fresh(point.time, time).then(|| Track {
                source: track.source.clone(),
                subject: track.subject.clone(),
                leg: track.leg,
                points: vec![point.clone()],
                gaps: vec![],
                stops: vec![],
                leaps: vec![],
                left_out: 0,
            })
        };
        let mut seen: BTreeMap<&SourceId, &Footprint> = BTreeMap::new();
        for footprint in &self.footprints {
            if state::is_fresh(footprint.time, time) {
                seen.insert(&footprint.source, footprint);
            }
        }
        Self {
            tracks: self.tracks.iter().filter_map(last).collect(),
            footprints: seen.into_values().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn packet(second: u32, lon: f64, checksum: &str) -> Observation {
        serde_json::from_value(json!({
            "id": format!("p{second}"), "source": "UAV1", "kind": "fmv.metadata",
            "observed": format!("2020-11-11T06:{:02}:{:02}Z", second / 60, second % 60),
            "pts_90k": null, "pid": 0, "carriage": "raw", "checksum": checksum, "offset": 0,
            "st0601": {
                "sensor_latitude_deg": 39.7, "sensor_longitude_deg": lon, "sensor_true_altitude_m": 2400.0,
                "frame_center_latitude_deg": 39.75, "frame_center_longitude_deg": lon,
                "offset_corner_latitude_point_1_deg": 0.01, "offset_corner_longitude_point_1_deg": -0.01,
                "offset_corner_latitude_point_2_deg": 0.01, "offset_corner_longitude_point_2_deg": 0.01,
                "offset_corner_latitude_point_3_deg": -0.01, "offset_corner_longitude_point_3_deg": 0.01,
                "offset_corner_latitude_point_4_deg": -0.01, "offset_corner_longitude_point_4_deg": -0.01,
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_flight_is_a_track_with_its_silence_told() {
        let flight = [
            packet(0, 46.7, "ok"),
            packet(200, 46.8, "ok"),
            packet(1, 46.701, "ok"),
            packet(2, 0.0, "bad"),
        ];
        let picture = picture(&flight, None);
        let track = &picture.tracks[0];
        assert_eq!(track.points.len(), 3, "a bad sum is no evidence");
        assert_eq!(track.gaps, [[track.points[1].time, track.points[2].time]]);
        assert_eq!(track.points[0].height_msl_m, Some(2400.0));
        assert_eq!(picture.footprints.len(), 3);
        assert!((picture.footprints[0].corners[0].lat_deg() - 39.76).abs() < 1e-9);
    }

    #[test]
    fn what_fell_silent_is_not_shown() {
        let picture = picture(&[packet(0, 46.7, "ok"), packet(200, 46.8, "ok")], None);
        let start = picture.tracks[0].points[0].time;
        assert_eq!(picture.at(start.plus_seconds(30.0)).tracks.len(), 1);
        assert_eq!(picture.at(start.plus_seconds(100.0)), Picture::default());
        assert_eq!(picture.at(start.plus_seconds(-1.0)), Picture::default());
    }
}
