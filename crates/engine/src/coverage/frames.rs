//! Which spots cameras had in their frames, and for how long.

use std::collections::{BTreeMap, VecDeque};

use geo::{BoundingRect, Contains, Coord, LineString, Point, Polygon};
use truceline_agreement::theatre::Terrain;
use truceline_domain::{Body, Observation, Observed, SourceId};

use super::places::{Leaf, Places};
use super::{BIN_S, THING_M};
use crate::picture::{Cameras, Footprint};
use crate::terrain::sight::{self, Height};

/// Metadata packets farther apart leave a hole in what a camera saw, seconds.
const PACKETS_S: f64 = 5.0;
/// Of a camera's packets one in this time is looked at, seconds: what it sees changes little faster.
const LOOKED_AT_S: f64 = 1.0;
/// Frames wait so long for earlier ones that come late, seconds.
const WAITS_S: f64 = 10.0;
/// Most cameras; most frames of one that wait; most spots whose last sight is remembered.
const MOST_CAMERAS: usize = 1_024;
const MOST_WAITING: usize = 256;
const MOST_LAST: usize = 4_096;

/// A camera had a spot in its frame for a part of a bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Credit {
    pub(super) bin: i64,
    pub(super) spot: u32,
    pub(super) camera: u32,
    pub(super) seconds: f64,
    /// It came into the frame then.
    pub(super) begins: bool,
    /// Probability that the terrain lets the camera see it.
    pub(super) clear: f64,
    pub(super) pixel_m: f64,
    pub(super) is_infrared: bool,
}

/// What is remembered of a camera.
#[derive(Debug, Clone, Default)]
struct Camera {
    number: u32,
    /// Newest packet that was looked at.
    looked_at: Option<Observed>,
    /// Until when its frames are counted.
    counted: Option<Observed>,
    /// In order of time; not yet counted.
    waiting: VecDeque<Footprint>,
    /// Until when each spot was last in the frame, and how clear the sight to it was.
    last_in: BTreeMap<u32, (Observed, f64)>,
}

/// All cameras.
#[derive(Debug, Clone)]
pub(super) struct Frames {
    terrain: Option<Terrain>,
    cameras: Cameras,
    by_source: BTreeMap<SourceId, Camera>,
}

impl Frames {
    pub(super) fn new(terrain: Option<Terrain>) -> Self {
        Self {
            cameras: Cameras::new(terrain.clone()),
            terrain,
            by_source: BTreeMap::new(),
        }
    }

    /// Takes a packet or a part of a vehicle's telemetry; gives what is settled by it.
    pub(super) fn look(&mut self, places: &Places, o: &Observation, time: Observed) -> Vec<Credit> {
        // A vehicle's other messages are always taken; of what makes a footprint, one a second.
        if matches!(o.body, Body::FmvMetadata(_) | Body::MavlinkPosition(_)) {
            let known = self.by_source.get(&o.source);
            let last = known.and_then(|c| c.looked_at);
            let again = last.is_some_and(|l| (0.0..LOOKED_AT_S).contains(&time.seconds_since(l)));
            if again || (known.is_none() && self.by_source.len() >= MOST_CAMERAS) {
                return vec![];
            }
        }
        let Some(footprint) = self.cameras.footprint(o) else {
            return vec![];
        };
        let number = self.by_source.len() as u32;
        let camera = self.by_source.entry(o.source.clone()).or_insert(Camera {
            number,
            ..Camera::default()
        });
        camera.looked_at = camera.looked_at.max(Some(time));
        // Later than frames wait: its time is counted already, as that of the frame before.
        if camera.counted.is_some_and(|c| time < c) {
            return vec![];
        }
        let place = camera.waiting.partition_point(|f| f.time < time);
        if camera.waiting.get(place).is_none_or(|f| f.time != time) {
            camera.waiting.insert(place, footprint);
        }
        let newest = camera.waiting.back().map(|f| f.time);
        let mut credits = vec![];
        let until = newest.map(|n| n.plus_seconds(-WAITS_S));
        camera.count(places, self.terrain.as_ref(), until, &mut credits);
        credits
    }

    /// Counts the frames that wait, as if nothing earlier came any more.
    pub(super) fn settle(&mut self, places: &Places) -> Vec<Credit> {
        let mut credits = vec![];
        for camera in self.by_source.values_mut() {
            camera.count(places, self.terrain.as_ref(), None, &mut credits);
        }
        credits
    }
}

impl Camera {
    /// Counts frames that ended before `until`, all without.
    fn count(
        &mut self,
        places: &Places,
        terrain: Option<&Terrain>,
        until: Option<Observed>,
        credits: &mut Vec<Credit>,
    ) {
        while let Some(end) = self.waiting.get(1).map(|next| next.time) {
            if until.is_some_and(|u| end > u) && self.waiting.len() <= MOST_WAITING {
                break;
            }
            let Some(frame) = self.waiting.pop_front() else {
                break;
            };
            self.counted = Some(end);
            let length_s = end.seconds_since(frame.time);
            if length_s > 0.0 && length_s <= PACKETS_S {
                self.frame(places, terrain, &frame, end, credits);
            }
        }
    }

    fn frame(
        &mut self,
        places: &Places,
        terrain: Option<&Terrain>,
        frame: &Footprint,
        end: Observed,
        credits: &mut Vec<Credit>,
    ) {
        let corners = frame.corners.map(|c| {
            let at = places.plane.to_m(c);
            Coord { x: at.e, y: at.n }
        });
        let polygon = Polygon::new(LineString::from(corners.to_vec()), vec![]);
        let Some(around) = polygon.bounding_rect() else {
            return;
        };
        let envelope = rstar::AABB::from_corners(around.min().into(), around.max().into());
        let near = places.tree.locate_in_envelope(&envelope);
        let inside = near.filter(|leaf: &&Leaf| polygon.contains(&Point::from(*leaf.geom())));
        for spot in inside.map(|leaf| leaf.data) {
            let before = self.last_in.get(&spot).copied();
            let goes_on = before.is_some_and(|(last, _)| last >= frame.time);
            let clear = match before {
                Some((_, clear)) if goes_on => clear,
                _ => clear(places, terrain, spot, frame),
            };
            self.last_in.insert(spot, (end, clear));
            let credit = Credit {
                bin: 0,
                spot,
                camera: self.number,
                seconds: 0.0,
                begins: !goes_on,
                clear,
                pixel_m: frame.pixel_m,
                is_infrared: frame.is_infrared,
            };
            spread(credit, frame.time, end, credits);
        }
        // What left the frame needs no memory.
        if self.last_in.len() > MOST_LAST {
            self.last_in.retain(|_, (last, _)| *last >= frame.time);
        }
    }
}

/// Cuts a time in the frame where bins end.
fn spread(whole: Credit, from: Observed, until: Observed, credits: &mut Vec<Credit>) {
    let unix_s = |t: Observed| t.unix_us() as f64 / 1e6;
    let (mut at_s, end_s) = (unix_s(from), unix_s(until));
    let mut begins = whole.begins;
    while at_s < end_s {
        let bin = (at_s / BIN_S).floor() as i64;
        let until_s = end_s.min((bin + 1) as f64 * BIN_S);
        if until_s <= at_s {
            break;
        }
        let seconds = until_s - at_s;
        credits.push(Credit {
            bin,
            seconds,
            begins,
            ..whole
        });
        begins = false;
        at_s = until_s;
    }
}

/// Whether the terrain lets the camera see the spot.
fn clear(places: &Places, terrain: Option<&Terrain>, spot: u32, frame: &Footprint) -> f64 {
    let (Some(terrain), Some(spot)) = (terrain, places.spots.get(spot as usize)) else {
        return 1.0;
    };
    let Some((camera, msl_m)) = frame.camera.zip(frame.camera_msl_m) else {
        return 1.0;
    };
    let from = sight::Point {
        place: camera,
        height: Height::Msl(msl_m),
    };
    let to = sight::Point {
        place: spot.place,
        height: Height::AboveGround(THING_M),
    };
    sight::probability(terrain, &from, &to)
}
