//! The picture as observations arrive.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use truceline_agreement::theatre::Terrain;
use truceline_domain::{
    Body, Checksum, CotEvent, FmvMetadata, MavlinkPosition, Observation, Observed, Position,
    SourceId, Video,
};

use super::cameras::Cameras;
use super::filter::Measured;
use super::footprint::{Footprint, is_null_island, sd_of_ce90_m};
use super::track::{Fix, TrackPoint};
use super::tracker::{Moved, Tracker};
use super::view::Errors;
use super::{Picture, TRACK_GAP_S};

/// What is kept of tracks and footprints, seconds: a live map's tail.
pub const KEPT_S: f64 = 900.0;
/// Most tracks and most footprints of one source that are kept; beyond, the longest silent track and
/// the oldest footprint go.
const MOST_TRACKS: usize = 4_096;
const MOST_FOOTPRINTS: usize = 4_096;
/// One standard deviation of a place where its source tells none, metres: of a GNSS receiver, and of
/// a marker on somebody's map (assumptions).
const GNSS_SD_M: f64 = 5.0;
const MARKER_SD_M: f64 = 20.0;

/// Of each subject a statement nearer in time than this to the last one taken is passed over, seconds: metadata
/// at 10 Hz is taken whole with 20 ms of jitter, at 25 or 30 Hz one in two or three. The record keeps all.
pub const APART_S: f64 = 0.08;

/// Of a track one point in so long is kept, and of a camera one footprint, seconds; and the last point before a
/// silence, and the last of all. What changes is told each time.
pub const KEPT_EVERY_S: f64 = 1.0;

/// What changed with an observation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Something moved, or stands where it was.
    Moved {
        /// What told it.
        source: SourceId,
        /// Whom it is about.
        subject: String,
        /// Where it is.
        point: TrackPoint,
    },
    /// A camera saw ground.
    Looked(Box<Footprint>),
    /// The source's clock jumped back: its track goes on as a new leg.
    ClockBack {
        /// What told it.
        source: SourceId,
        /// Whom it is about.
        subject: String,
        /// The time it jumped to.
        time: Observed,
    },
}

/// The picture as it grows, one observation after the other.
///
/// Memory is bounded: [`KEPT_S`] of each track and each camera, at most 4,096 tracks and 4,096
/// footprints a camera. Tracks do not depend on the order of arrival within
/// [`super::LATENESS_S`], as long as statements lie [`APART_S`] from each other; what comes later is counted
/// in [`super::Track::left_out`]. Footprints of MAVLink vehicles are joined from the messages that had arrived
/// when the position did.
#[derive(Debug, Clone)]
pub struct PictureState {
    cameras: Cameras,
    keep_s: f64,
    trackers: BTreeMap<(SourceId, String), Tracker>,
    /// By source and, of MAVLink, system.
    footprints: BTreeMap<(SourceId, u8), VecDeque<Footprint>>,
    /// The time of the last statement taken of each subject.
    taken: BTreeMap<(SourceId, String), Observed>,
}

impl PictureState {
    /// Empty, over a theatre's terrain when it has one.
    #[must_use]
    pub fn new(terrain: Option<Terrain>) -> Self {
        Self::keeping(terrain, KEPT_S)
    }

    pub(super) fn keeping(terrain: Option<Terrain>, keep_s: f64) -> Self {
        Self {
            cameras: Cameras::new(terrain),
            keep_s,
            trackers: BTreeMap::new(),
            footprints: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }

    /// Takes an observation and tells what changed. Observations that place nothing, that tell no
    /// time, packets with a bad sum, and those nearer than [`APART_S`] to the last change nothing.
    pub fn push(&mut self, o: &Observation) -> Vec<Change> {
        let Some(time) = o.observed else {
            return vec![];
        };
        if !self.is_apart(o, time) {
            return vec![];
        }
        let mut changes = vec![];
        if let Some((subject, fix)) = fix(o, time) {
            self.fix(o, subject, fix, &mut changes);
        }
        if let Some(footprint) = self.cameras.footprint(o)
            && self.keep(&footprint, system(o))
        {
            changes.push(Change::Looked(Box::new(footprint)));
        }
        changes
    }

    /// Whether a statement lies far enough from the last one of its subject. What tells no place by itself
    /// (a vehicle's attitude, its gimbal) is always taken.
    fn is_apart(&mut self, o: &Observation, time: Observed) -> bool {
        let Some(subject) = subject(o) else {
            return true;
        };
        let key = (o.source.clone(), subject);
        if let Some(last) = self.taken.get_mut(&key) {
            let is_apart = time.seconds_since(*last).abs() >= APART_S;
            if is_apart {
                *last = time;
            }
            return is_apart;
        }
        if self.keep_s.is_finite() && self.taken.len() >= 2 * MOST_TRACKS {
            self.taken.clear();
        }
        self.taken.insert(key, time);
        true
    }

    /// All that is kept, in order.
    #[must_use]
    pub fn picture(&self) -> Picture {
        self.clone().into_picture()
    }

    /// [`PictureState::picture`], without a copy.
    #[must_use]
    pub fn into_picture(self) -> Picture {
        let tracks = self
            .trackers
            .into_values()
            .flat_map(Tracker::into_tracks)
            .collect();
        let mut footprints: Vec<Footprint> = self.footprints.into_values().flatten().collect();
        footprints.sort_by(|a, b| (a.time, &a.observation).cmp(&(b.time, &b.observation)));
        Picture { tracks, footprints }
    }

    fn fix(&mut self, o: &Observation, subject: String, fix: Fix, changes: &mut Vec<Change>) {
        let key = (o.source.clone(), subject);
        if self.keep_s.is_finite()
            && self.trackers.len() >= MOST_TRACKS
            && !self.trackers.contains_key(&key)
        {
            let silent = self.trackers.iter().min_by_key(|(_, t)| t.newest());
            if let Some(key) = silent.map(|(key, _)| key.clone()) {
                self.trackers.remove(&key);
            }
        }
        let time = fix.measured.time;
        let keep_s = self.keep_s;
        let tracker = self
            .trackers
            .entry(key)
            .or_insert_with_key(|(s, subject)| Tracker::new(s.clone(), subject.clone(), keep_s));
        let of = tracker.log();
        let (source, subject) = (of.source.clone(), of.subject.clone());
        match tracker.push(fix) {
            Moved::Here(point) => changes.push(Change::Moved {
                source,
                subject,
                point,
            }),
            Moved::ClockBack => changes.push(Change::ClockBack {
                source,
                subject,
                time,
            }),
            Moved::No => {}
        }
    }

    /// Keeps a footprint, unless one near in time is kept; drops what is too old. `false` when it was known.
    fn keep(&mut self, footprint: &Footprint, system: u8) -> bool {
        let kept = self
            .footprints
            .entry((footprint.source.clone(), system))
            .or_default();
        let key = (footprint.time, &footprint.observation);
        let place = kept.partition_point(|f| (f.time, &f.observation) < key);
        let after = kept.get(place);
        if after.is_some_and(|f| (f.time, &f.observation) == key) {
            return false;
        }
        let before = place.checked_sub(1).and_then(|n| kept.get(n));
        let is_near = |f: &Footprint| f.time.seconds_since(footprint.time).abs() < KEPT_EVERY_S;
        if before.is_some_and(is_near) || after.is_some_and(is_near) {
            return true;
        }
        kept.insert(place, footprint.clone());
        if self.keep_s.is_finite() {
            let newest = kept.back().map(|f| f.time);
            while kept.len() > MOST_FOOTPRINTS
                || kept
                    .front()
                    .zip(newest)
                    .is_some_and(|(f, n)| n.seconds_since(f.time) > self.keep_s)
            {
                kept.pop_front();
            }
        }
        true
    }
}

/// Which of a source's cameras.
fn system(o: &Observation) -> u8 {
    match &o.body {
        Body::MavlinkPosition(m) => m.system,
        _ => 0,
    }
}

/// Whom a statement places; `None` when it is of no such kind.
///
/// Several MAVLink messages tell of one vehicle with filters of their own: they are kept apart. Of CoT
/// events atoms alone (`a-…`): people, vehicles, aircraft; drawings, routes and points of interest do not
/// move. Of a stream's targets those with a number of their own.
fn subject(o: &Observation) -> Option<String> {
    match &o.body {
        Body::FmvMetadata(m) => (m.checksum != Checksum::Bad).then(String::new),
        Body::MavlinkPosition(m) => Some(format!("{}/{}", m.system, m.message)),
        Body::CotEvent(c) => c.r#type.starts_with("a-").then(|| c.uid.clone()),
        Body::Video(v) => Some(format!("target {}", v.target_id?)),
        _ => None,
    }
}

/// Whom a statement places, and where.
fn fix(o: &Observation, time: Observed) -> Option<(String, Fix)> {
    let subject = subject(o)?;
    let (position, sd_m, [height_msl_m, height_hae_m]) = match &o.body {
        Body::FmvMetadata(m) => of_packet(m)?,
        Body::MavlinkPosition(m) => of_vehicle(m),
        Body::CotEvent(c) => of_cot(c),
        Body::Video(v) => of_target(v),
        _ => return None,
    };
    if is_null_island(position) {
        return None;
    }
    let fix = Fix {
        measured: Measured {
            time,
            position,
            sd_m: sd_m.clamp(0.5, 5_000.0),
        },
        height_msl_m,
        height_hae_m,
        observation: o.id.clone(),
    };
    Some((subject, fix))
}

type Place = (Position, f64, [Option<f64>; 2]);

fn of_packet(m: &FmvMetadata) -> Option<Place> {
    let heights = [
        m.number("sensor_true_altitude_m"),
        m.number("sensor_ellipsoid_height_extended_m")
            .or_else(|| m.number("sensor_ellipsoid_height_m")),
    ];
    Some((m.sensor_position()?, Errors::USUAL.position_m, heights))
}

fn of_vehicle(m: &MavlinkPosition) -> Place {
    let sd_m = m.horizontal_sd_m.map_or(GNSS_SD_M, f64::from);
    let heights = [m.height_msl_m.map(f64::from), m.height_hae_m.map(f64::from)];
    (m.position, sd_m, heights)
}

/// `ce` is one standard deviation (the schema's word).
fn of_cot(c: &CotEvent) -> Place {
    let told_m = c.ce_m.map(f64::from).filter(|m| *m > 0.0);
    let heights = [None, c.hae_m.map(f64::from)];
    (c.position, told_m.unwrap_or(MARKER_SD_M), heights)
}

fn of_target(v: &Video) -> Place {
    (v.position, sd_of_ce90_m(f64::from(v.ce90_m)), [None, None])
}

/// Whether a track or a footprint of time `t` is still shown at `time`.
pub(super) fn is_fresh(t: Observed, time: Observed) -> bool {
    t <= time && time.seconds_since(t) <= TRACK_GAP_S
}
