//! What observations say of the sources themselves, bin by bin: which were up, which posts were
//! manned, how the wind blew, what cameras had in their frames.

use std::collections::{BTreeMap, VecDeque};

use geo::{Contains, Coord, LineString, Point, Polygon};
use truceline_agreement::Theatre;
use truceline_agreement::theatre::Terrain;
use truceline_domain::{Body, Checksum, Observation, Observed, Position, SourceId, Weather};

use super::places::{Leaf, Places};
use super::{BIN_S, bin_of};
use crate::picture::{Cameras, Footprint};
use crate::plane::{Plane, Xy};
use crate::terrain::sight::{self, Height};

/// Metadata packets farther apart leave a hole in what a camera saw, seconds.
const PACKETS_S: f64 = 5.0;
/// Of a camera's packets one in this time is looked at, seconds: what it sees changes little faster.
const LOOKED_AT_S: f64 = 1.0;
/// Frames wait so long for earlier ones that come late, seconds.
const WAITS_S: f64 = 10.0;
/// A post counts as manned when somebody's marker lies so near, metres.
const AT_POST_M: f64 = 200.0;
/// Most bins kept: a year in bins of ten minutes.
const MOST_BINS: usize = 52_704;
/// Most cameras; most frames of one that wait.
const MOST_CAMERAS: usize = 1_024;
const MOST_WAITING: usize = 256;

/// Whether readings lie in a bin's first half, its second half (its middle belongs to both).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Halves {
    pub(super) early: bool,
    pub(super) late: bool,
}

/// What a camera had of one spot within a bin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Framed {
    pub(super) seconds: f64,
    /// Pixel size, infrared and line of sight, each times seconds.
    pub(super) pixel_m_s: f64,
    pub(super) infrared_s: f64,
    pub(super) clear_s: f64,
    /// Looks without a break.
    pub(super) looks: u32,
}

/// Wind over the theatre within a bin: sums over readings.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Wind {
    pub(super) readings: f64,
    /// Where it blows to.
    pub(super) to: Xy,
    pub(super) speed_mps: f64,
}

/// One bin.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bin {
    /// By source's number: any reading, and reports.
    pub(super) up: BTreeMap<u32, Halves>,
    pub(super) reports: BTreeMap<u32, Halves>,
    pub(super) wind: Wind,
    /// By spot and camera.
    pub(super) framed: BTreeMap<(u32, u32), Framed>,
}

/// A frame and the time at which it was seen.
#[derive(Debug, Clone)]
struct Frame {
    time: Observed,
    footprint: Footprint,
}

/// What is remembered of a camera.
#[derive(Debug, Clone, Default)]
struct Camera {
    number: u32,
    /// Newest packet that was looked at.
    looked_at: Option<Observed>,
    /// In order of time; not yet counted.
    waiting: VecDeque<Frame>,
    /// Until when each spot was last in the frame, and how clear the sight to it was.
    last_in: BTreeMap<u32, (Observed, f64)>,
}

/// All evidence.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    terrain: Option<Terrain>,
    cameras: Cameras,
    by_camera: BTreeMap<SourceId, Camera>,
    /// Sensors' and posts' ids to their numbers.
    sources: BTreeMap<SourceId, u32>,
    posts: Vec<(u32, Position)>,
    pub(super) bins: BTreeMap<i64, Bin>,
}

/// What an observation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// The bin itself.
    Bin(i64),
    /// The bin and those around whose sources it says are up.
    Around(i64),
}

impl Evidence {
    pub(super) fn new(theatre: &Theatre) -> Self {
        let mut sources = BTreeMap::new();
        let ids = theatre
            .sensors
            .iter()
            .map(|s| &s.id)
            .chain(theatre.posts.iter().map(|p| &p.id));
        for id in ids {
            let next = sources.len() as u32;
            sources.entry(id.clone()).or_insert(next);
        }
        let posts = theatre
            .posts
            .iter()
            .filter_map(|p| Some((*sources.get(&p.id)?, p.position)))
            .collect();
        Self {
            terrain: theatre.terrain.clone(),
            cameras: Cameras::new(theatre.terrain.clone()),
            by_camera: BTreeMap::new(),
            sources,
            posts,
            bins: BTreeMap::new(),
        }
    }

    pub(super) fn number(&self, id: &SourceId) -> Option<u32> {
        self.sources.get(id).copied()
    }

    /// How many sources the theatre names.
    pub(super) fn sources(&self) -> usize {
        self.sources.len()
    }

    /// Takes an observation; tells which bins it changes.
    pub(super) fn push(&mut self, places: &Places, o: &Observation, changed: &mut Vec<Changed>) {
        let Some(time) = o.observed else { return };
        match &o.body {
            Body::FmvMetadata(m) if m.checksum == Checksum::Bad => return,
            Body::Weather(w) => {
                let bin = bin_of(time);
                self.bin(bin).wind.add(w);
                changed.push(Changed::Around(bin));
            }
            Body::CotEvent(c) => {
                let plane = Plane::at(c.position);
                let near = |p: &Position| plane.to_m(*p).length() <= AT_POST_M;
                let manned = self.posts.iter().filter(|(_, p)| near(p)).map(|(n, _)| *n);
                for number in manned.collect::<Vec<_>>() {
                    self.mark(time, number, true, changed);
                }
            }
            Body::FmvMetadata(_)
            | Body::MavlinkPosition(_)
            | Body::MavlinkAttitude(_)
            | Body::MavlinkGimbal(_)
            | Body::MavlinkCamera(_) => self.look(places, o, time, changed),
            _ => {}
        }
        if let Some(number) = self.number(&o.source) {
            let is_report = matches!(o.body, Body::Report(_));
            self.mark(time, number, is_report, changed);
            if let Body::Report(report) = &o.body
                && let Some(until) = report.observed_until
            {
                self.mark_span(time, until, number, changed);
            }
        }
    }

    /// Counts the frames that wait, as if nothing earlier came any more.
    pub(super) fn settle(&mut self, places: &Places, changed: &mut Vec<Changed>) {
        let mut cameras = std::mem::take(&mut self.by_camera);
        for camera in cameras.values_mut() {
            self.count(places, camera, None, changed);
        }
        self.by_camera = cameras;
    }

    fn bin(&mut self, bin: i64) -> &mut Bin {
        if self.bins.len() >= MOST_BINS && !self.bins.contains_key(&bin) {
            self.bins.pop_first();
        }
        self.bins.entry(bin).or_default()
    }

    fn mark(&mut self, time: Observed, number: u32, is_report: bool, changed: &mut Vec<Changed>) {
        let bin = bin_of(time);
        let into_s = time.unix_us() as f64 / 1e6 - bin as f64 * BIN_S;
        let half = Halves {
            early: into_s <= BIN_S / 2.0,
            late: into_s >= BIN_S / 2.0,
        };
        let known = self.bin(bin);
        let mut news = known.up.entry(number).or_default().add(half);
        if is_report {
            news |= known.reports.entry(number).or_default().add(half);
        }
        if news {
            changed.push(Changed::Around(bin));
        }
    }

    /// A report that covers a span says that somebody was there through it; at most a day.
    fn mark_span(
        &mut self,
        from: Observed,
        until: Observed,
        number: u32,
        changed: &mut Vec<Changed>,
    ) {
        const LONGEST_BINS: i64 = 144;
        let (first, last) = (bin_of(from), bin_of(until));
        for bin in first..=last.min(first + LONGEST_BINS) {
            self.mark(super::middle_of(bin), number, true, changed);
        }
    }

    fn look(
        &mut self,
        places: &Places,
        o: &Observation,
        time: Observed,
        changed: &mut Vec<Changed>,
    ) {
        // A vehicle's other messages are always taken; of what makes a footprint, one a second.
        let makes_footprint = matches!(o.body, Body::FmvMetadata(_) | Body::MavlinkPosition(_));
        if makes_footprint {
            let known = self.by_camera.get(&o.source);
            let last = known.and_then(|c| c.looked_at);
            if last.is_some_and(|l| (0.0..LOOKED_AT_S).contains(&time.seconds_since(l))) {
                return;
            }
            if known.is_none() && self.by_camera.len() >= MOST_CAMERAS {
                return;
            }
        }
        let Some(footprint) = self.cameras.footprint(o) else {
            return;
        };
        let next = self.by_camera.len() as u32;
        let mut camera = self.by_camera.remove(&o.source).unwrap_or(Camera {
            number: next,
            ..Camera::default()
        });
        camera.looked_at = camera.looked_at.max(Some(time));
        let place = camera.waiting.partition_point(|f| f.time < time);
        if camera.waiting.get(place).is_none_or(|f| f.time != time) {
            camera.waiting.insert(place, Frame { time, footprint });
        }
        let newest = camera.waiting.back().map(|f| f.time);
        self.count(
            places,
            &mut camera,
            newest.map(|n| n.plus_seconds(-WAITS_S)),
            changed,
        );
        self.by_camera.insert(o.source.clone(), camera);
    }

    /// Counts frames that ended before `until`, all without.
    fn count(
        &mut self,
        places: &Places,
        camera: &mut Camera,
        until: Option<Observed>,
        changed: &mut Vec<Changed>,
    ) {
        while let (Some(frame), Some(next)) = (camera.waiting.front(), camera.waiting.get(1)) {
            let due = until.is_none_or(|u| next.time <= u) || camera.waiting.len() > MOST_WAITING;
            if !due {
                break;
            }
            let end = next.time;
            let length_s = end.seconds_since(frame.time);
            if length_s > 0.0 && length_s <= PACKETS_S {
                let frame = frame.clone();
                self.frame(places, camera, &frame, end, changed);
            }
            camera.waiting.pop_front();
        }
    }

    fn frame(
        &mut self,
        places: &Places,
        camera: &mut Camera,
        frame: &Frame,
        end: Observed,
        changed: &mut Vec<Changed>,
    ) {
        let corners = frame.footprint.corners.map(|c| {
            let at = places.plane.to_m(c);
            Coord { x: at.e, y: at.n }
        });
        let polygon = Polygon::new(LineString::from(corners.to_vec()), vec![]);
        let around = geo::BoundingRect::bounding_rect(&polygon);
        let Some(around) = around else { return };
        let envelope = rstar::AABB::from_corners(around.min().into(), around.max().into());
        let inside = places.tree.locate_in_envelope(&envelope);
        let inside = inside.filter(|leaf| polygon.contains(&Point::from(*leaf.geom())));
        for number in inside.map(|leaf: &Leaf| leaf.data).collect::<Vec<_>>() {
            let before = camera.last_in.get(&number).copied();
            let goes_on = before.is_some_and(|(last, _)| last >= frame.time);
            let clear = match before {
                Some((_, clear)) if goes_on => clear,
                _ => self.clear(places, number, &frame.footprint),
            };
            camera.last_in.insert(number, (end, clear));
            let key = (number, camera.number);
            self.spread(key, frame, end, clear, !goes_on, changed);
        }
        // What left the frame long ago needs no memory.
        if camera.last_in.len() > 4_096 {
            camera.last_in.retain(|_, (last, _)| *last >= frame.time);
        }
    }

    /// Adds a frame's time to the bins it lies in.
    fn spread(
        &mut self,
        key: (u32, u32),
        frame: &Frame,
        end: Observed,
        clear: f64,
        begins: bool,
        changed: &mut Vec<Changed>,
    ) {
        let unix_s = |t: Observed| t.unix_us() as f64 / 1e6;
        let (mut at_s, end_s) = (unix_s(frame.time), unix_s(end));
        let mut begins = begins;
        while at_s < end_s {
            let bin = (at_s / BIN_S).floor() as i64;
            let until_s = end_s.min((bin + 1) as f64 * BIN_S);
            if until_s <= at_s {
                break;
            }
            let seconds = until_s - at_s;
            let framed = self.bin(bin).framed.entry(key).or_default();
            framed.looks += u32::from(begins || framed.looks == 0);
            framed.seconds += seconds;
            framed.pixel_m_s += frame.footprint.pixel_m * seconds;
            framed.infrared_s += if frame.footprint.is_infrared {
                seconds
            } else {
                0.0
            };
            framed.clear_s += clear * seconds;
            if changed.last() != Some(&Changed::Bin(bin)) {
                changed.push(Changed::Bin(bin));
            }
            begins = false;
            at_s = until_s;
        }
    }

    /// Whether the terrain lets the camera see the spot.
    fn clear(&self, places: &Places, number: u32, footprint: &Footprint) -> f64 {
        let (Some(terrain), Some(spot)) = (&self.terrain, places.spots.get(number as usize)) else {
            return 1.0;
        };
        let Some((camera, msl_m)) = footprint.camera.zip(footprint.camera_msl_m) else {
            return 1.0;
        };
        let from = sight::Point {
            place: camera,
            height: Height::Msl(msl_m),
        };
        let to = sight::Point {
            place: spot.place,
            height: Height::AboveGround(super::THING_M),
        };
        sight::probability(terrain, &from, &to)
    }
}

impl Halves {
    /// Whether it says more than before.
    fn add(&mut self, more: Self) -> bool {
        let before = *self;
        self.early |= more.early;
        self.late |= more.late;
        *self != before
    }
}

impl Wind {
    fn add(&mut self, w: &Weather) {
        let speed_mps = w.wind_mps.get();
        let from = Xy::of_bearing(w.wind_from_deg.deg().to_radians());
        self.readings += 1.0;
        self.to = Xy::new(
            self.to.e - from.e * speed_mps,
            self.to.n - from.n * speed_mps,
        );
        self.speed_mps += speed_mps;
    }
}
