//! Who was where and what was looked at: tracks of platforms and footprints of cameras, with the
//! times between which nothing was told.

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_domain::{
    Body, Checksum, FmvMetadata, MavlinkPosition, Observation, ObservationId, Observed, Position,
    SourceId,
};

/// Longer silences of a platform are told as gaps, seconds.
pub const TRACK_GAP_S: f64 = 60.0;

/// Tracks and footprints.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Picture {
    /// In order of source and subject.
    pub tracks: Vec<Track>,
    /// In order of time and observation.
    pub footprints: Vec<Footprint>,
}

/// Where one platform was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Track {
    /// What told it.
    pub source: SourceId,
    /// Whom it is about, when a source tells of several: a CoT uid, a MAVLink system.
    pub subject: String,
    /// In order of time.
    pub points: Vec<TrackPoint>,
    /// Silences longer than [`TRACK_GAP_S`], from point to point.
    pub gaps: Vec<[Observed; 2]>,
}

/// Where it was at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackPoint {
    /// When.
    pub time: Observed,
    /// Where.
    pub position: Position,
    /// Height above mean sea level, metres, when told.
    pub height_msl_m: Option<f64>,
    /// Height above the WGS 84 ellipsoid, metres, when told.
    pub height_hae_m: Option<f64>,
    /// The observation that says so.
    pub observation: ObservationId,
}

/// Ground that a camera saw at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Footprint {
    /// Whose camera.
    pub source: SourceId,
    /// When.
    pub time: Observed,
    /// Upper left, upper right, lower right, lower left corner of the frame on the ground.
    pub corners: [Position; 4],
    /// The observation that says so.
    pub observation: ObservationId,
}

/// The picture that observations tell, in whatever order they come.
#[must_use]
pub fn picture(observations: &[Observation]) -> Picture {
    let mut points: BTreeMap<(&SourceId, String), Vec<TrackPoint>> = BTreeMap::new();
    let mut footprints = vec![];
    for o in observations {
        let Some(time) = o.observed else { continue };
        if let Some((subject, position, [height_msl_m, height_hae_m])) = place(&o.body) {
            points
                .entry((&o.source, subject))
                .or_default()
                .push(TrackPoint {
                    time,
                    position,
                    height_msl_m,
                    height_hae_m,
                    observation: o.id.clone(),
                });
        }
        if let Body::FmvMetadata(m) = &o.body
            && let Some(corners) = corners(m)
        {
            footprints.push(Footprint {
                source: o.source.clone(),
                time,
                corners,
                observation: o.id.clone(),
            });
        }
    }
    footprints.sort_by(|a, b| (a.time, &a.observation).cmp(&(b.time, &b.observation)));
    footprints.dedup_by(|a, b| a.observation == b.observation);
    let tracks = points.into_iter().map(|((source, subject), mut points)| {
        points.sort_by(|a, b| (a.time, &a.observation).cmp(&(b.time, &b.observation)));
        points.dedup_by(|a, b| a.observation == b.observation);
        let pairs = points.iter().zip(points.iter().skip(1));
        let silent = pairs.filter(|(a, b)| b.time.seconds_since(a.time) > TRACK_GAP_S);
        let gaps = silent.map(|(a, b)| [a.time, b.time]).collect();
        Track {
            source: source.clone(),
            subject,
            points,
            gaps,
        }
    });
    Picture {
        tracks: tracks.collect(),
        footprints,
    }
}

impl Picture {
    /// The picture as it stood at an instant: of each track the last point, of each camera the last
    /// footprint, where they are no older than [`TRACK_GAP_S`]. What fell silent is not shown.
    #[must_use]
    pub fn at(&self, time: Observed) -> Self {
        let fresh = |t: Observed| t <= time && time.seconds_since(t) <= TRACK_GAP_S;
        let last = |track: &Track| {
            let count = track.points.partition_point(|p| p.time <= time);
            let point = track.points.get(count.checked_sub(1)?)?;
            fresh(point.time).then(|| Track {
                points: vec![point.clone()],
                gaps: vec![],
                ..track.clone()
            })
        };
        let mut seen: BTreeMap<&SourceId, &Footprint> = BTreeMap::new();
        for footprint in self.footprints.iter().filter(|f| fresh(f.time)) {
            seen.insert(&footprint.source, footprint);
        }
        Self {
            tracks: self.tracks.iter().filter_map(last).collect(),
            footprints: seen.into_values().cloned().collect(),
        }
    }
}

type Place = (String, Position, [Option<f64>; 2]);

/// Whom a statement places, where, and its heights (MSL, HAE).
fn place(body: &Body) -> Option<Place> {
    match body {
        Body::FmvMetadata(m) if m.checksum != Checksum::Bad => Some((
            String::new(),
            m.sensor_position()?,
            [
                m.number("sensor_true_altitude_m"),
                m.number("sensor_ellipsoid_height_m"),
            ],
        )),
        Body::MavlinkPosition(m) if !is_null_island(m) => Some((
            // Several messages tell of one vehicle with filters of their own: kept apart.
            format!("{}/{}", m.system, m.message),
            m.position,
            [m.height_msl_m.map(f64::from), m.height_hae_m.map(f64::from)],
        )),
        Body::CotEvent(c) => Some((c.uid.clone(), c.position, [None, c.hae_m.map(f64::from)])),
        _ => None,
    }
}

/// Receivers without a fix send zeros.
fn is_null_island(m: &MavlinkPosition) -> bool {
    m.position.lat_deg() == 0.0 && m.position.lon_deg() == 0.0
}

/// The corners of a frame (ST 0601 items 82–89, else 26–33 added to the frame centre, 23 and 24);
/// all four or none. A packet with a bad sum tells none.
pub(crate) fn corners(m: &FmvMetadata) -> Option<[Position; 4]> {
    if m.checksum == Checksum::Bad {
        return None;
    }
    let full = |n: usize| {
        let lat = m.number(&format!("corner_latitude_point_{n}_full_deg"))?;
        let lon = m.number(&format!("corner_longitude_point_{n}_full_deg"))?;
        Position::new(lat, lon).ok()
    };
    let centre = || {
        let lat = m.number("frame_center_latitude_deg")?;
        Some((lat, m.number("frame_center_longitude_deg")?))
    };
    let offset = |n: usize| {
        let (lat, lon) = centre()?;
        let north = m.number(&format!("offset_corner_latitude_point_{n}_deg"))?;
        let east = m.number(&format!("offset_corner_longitude_point_{n}_deg"))?;
        Position::new(lat + north, wrapped_deg(lon + east)).ok()
    };
    let all = |corner: &dyn Fn(usize) -> Option<Position>| {
        Some([corner(1)?, corner(2)?, corner(3)?, corner(4)?])
    };
    all(&full).or_else(|| all(&offset))
}

fn wrapped_deg(lon: f64) -> f64 {
    if lon > 180.0 {
        lon - 360.0
    } else if lon < -180.0 {
        lon + 360.0
    } else {
        lon
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
        let picture = picture(&flight);
        let track = &picture.tracks[0];
        assert_eq!(track.points.len(), 3, "a bad sum is no evidence");
        assert_eq!(track.gaps, [[track.points[1].time, track.points[2].time]]);
        assert_eq!(track.points[0].height_msl_m, Some(2400.0));
        assert_eq!(picture.footprints.len(), 3);
        assert!((picture.footprints[0].corners[0].lat_deg() - 39.76).abs() < 1e-9);
    }

    #[test]
    fn what_fell_silent_is_not_shown() {
        let picture = picture(&[packet(0, 46.7, "ok"), packet(200, 46.8, "ok")]);
        let start = picture.tracks[0].points[0].time;
        assert_eq!(picture.at(start.plus_seconds(30.0)).tracks.len(), 1);
        assert_eq!(picture.at(start.plus_seconds(100.0)), Picture::default());
        assert_eq!(picture.at(start.plus_seconds(-1.0)), Picture::default());
    }
}
