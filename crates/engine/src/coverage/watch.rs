//! Who would notice what, where: the links between spots and sources that do not change, and the
//! probabilities of one bin.

use truceline_agreement::Theatre;
use truceline_agreement::theatre::{Sensor, SensorKind};
use truceline_agreement::when::Validity;
use truceline_domain::Position;

use super::evidence::{Bin, Evidence, Wind};
use super::places::{Places, Spot};
use super::{BIN_S, THING_M, middle_of};
use crate::detection::video::{self, Frame};
use crate::detection::{Conditions, Looks, WATCHED_FOR, acoustic, flash, post, sun};
use crate::plane::{Plane, Xy};
use crate::terrain::sight::{self, Height};

/// A sensor counts as up in a bin when a reading of its lies within this of the bin's middle, bins.
pub(super) const UP_BINS: i64 = 3;
/// A post counts as manned within this of a report, bins.
const MANNED_BINS: i64 = 1;
/// Weather is looked for so far before and after, bins: two hours.
pub(super) const WEATHER_BINS: i64 = 12;
/// Wind taken where no station tells: fresh, and carrying nothing, so that silence of the stations
/// claims nothing (Beaufort 5).
const UNKNOWN_WIND_MPS: f64 = 8.0;
/// Heights of sensors' masts and of people's eyes above the ground, metres (assumptions).
const SENSOR_M: f64 = 5.0;
const EYE_M: f64 = 3.0;
/// Links that could not add a hundredth to any probability are left out: 15 dB under the noise in
/// still air. Wind only takes from it: what it carries is less than what its noise hides.
const HOPELESS_DB: f64 = -15.0;

/// A source that may notice something at a spot.
#[derive(Debug, Clone)]
struct Link {
    /// The source's number in the evidence.
    source: u32,
    valid: Validity,
    range_m: f64,
    /// Unit vector from the spot to the source.
    towards: Xy,
    line_of_sight: f64,
    /// In still air, for arrays.
    still_margin_db: f64,
}

/// All links of one spot.
#[derive(Debug, Clone, Default)]
struct Links {
    arrays: Vec<Link>,
    flashes: Vec<Link>,
    posts: Vec<Link>,
}

/// What one bin gave for one sample of the line and one kind of violation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Cell {
    /// Probability that a violation then and there would have been noticed by any source.
    pub(super) any: f32,
    /// By each kind of source, in the order of [`crate::detection::Watch::ALL`].
    pub(super) by: [f32; 4],
    /// Share of the bin in which a camera had it in its frame, well enough to notice it.
    pub(super) framed: f32,
}

/// Cells of a bin: by sample, then by kind.
pub(super) type Cells = Vec<[Cell; WATCHED_FOR.len()]>;

/// The links of all spots.
#[derive(Debug, Clone, Default)]
pub(super) struct Watchers {
    links: Vec<Links>,
}

impl Watchers {
    pub(super) fn of(theatre: &Theatre, places: &Places, evidence: &Evidence) -> Self {
        // A line of sight is asked for once for each source and sample, for its spots lie together.
        let mut links = vec![Links::default(); places.spots.len()];
        for sample in &places.samples {
            for sensor in &theatre.sensors {
                let Some(source) = evidence.number(&sensor.id) else {
                    continue;
                };
                let los = sight_of(theatre, sensor.position, SENSOR_M, sample.place);
                for spots in &sample.spots {
                    for i in spots.clone() {
                        if let (Some(links), Some(spot)) = (links.get_mut(i), places.spots.get(i)) {
                            links.sensor(sensor, source, spot, los);
                        }
                    }
                }
            }
            for post in &theatre.posts {
                let Some(source) = evidence.number(&post.id) else {
                    continue;
                };
                let los = sight_of(theatre, post.position, EYE_M, sample.place);
                for i in sample.spots.iter().flat_map(Clone::clone) {
                    if let (Some(links), Some(spot)) = (links.get_mut(i), places.spots.get(i)) {
                        let link = Link::new(
                            source,
                            post.valid,
                            post.position,
                            post.accuracy_m,
                            spot,
                            los,
                        );
                        let beside = Conditions {
                            range_m: link.range_m,
                            ..Conditions::default()
                        };
                        if post::probability(kind_of(spot), &beside) > 0.0 {
                            links.posts.push(link);
                        }
                    }
                }
            }
        }
        Self { links }
    }

    /// The probabilities of a bin.
    pub(super) fn cells(&self, places: &Places, evidence: &Evidence, bin: i64) -> Cells {
        let moment = Moment::new(places, evidence, bin);
        if moment.is_dark() {
            return vec![Default::default(); places.samples.len()];
        }
        let cells = places.samples.iter().map(|sample| {
            let mut kinds = [Cell::default(); WATCHED_FOR.len()];
            for (cell, spots) in kinds.iter_mut().zip(&sample.spots) {
                *cell = self.cell(places, &moment, spots.clone());
            }
            kinds
        });
        cells.collect()
    }

    fn cell(&self, places: &Places, moment: &Moment<'_>, spots: std::ops::Range<usize>) -> Cell {
        let count = spots.len().max(1) as f64;
        let mut sums = [0.0_f64; 6];
        for i in spots {
            let (Some(links), Some(spot)) = (self.links.get(i), places.spots.get(i)) else {
                continue;
            };
            let of_spot = moment.spot(links, spot, i as u32);
            for (sum, value) in sums.iter_mut().zip(of_spot) {
                *sum += value / count;
            }
        }
        let [any, a, b, c, d, framed] = sums.map(|s| s as f32);
        Cell {
            any,
            by: [a, b, c, d],
            framed,
        }
    }
}

impl Links {
    fn sensor(&mut self, sensor: &Sensor, source: u32, spot: &Spot, los: f64) {
        let mut link = Link::new(
            source,
            sensor.valid,
            sensor.position,
            sensor.accuracy_m,
            spot,
            los,
        );
        // A documented range is believed: beyond it nothing is claimed.
        if sensor.range_m.is_some_and(|range_m| link.range_m > range_m) {
            return;
        }
        link.still_margin_db = acoustic::still_margin_db(kind_of(spot), link.range_m);
        let beside = Conditions {
            range_m: link.range_m,
            daylight: 0.0,
            ..Conditions::default()
        };
        if sensor.kinds.contains(&SensorKind::Flash)
            && flash::probability(kind_of(spot), &beside) > 0.0
        {
            self.flashes.push(link.clone());
        }
        if sensor.kinds.contains(&SensorKind::Acoustic) && link.still_margin_db > HOPELESS_DB {
            self.arrays.push(link);
        }
    }
}

impl Link {
    fn new(
        source: u32,
        valid: Validity,
        at: Position,
        accuracy_m: f64,
        spot: &Spot,
        los: f64,
    ) -> Self {
        let way = Plane::at(spot.place).to_m(at);
        let range_m = way.length();
        let scale = 1.0 / range_m.max(1.0);
        Self {
            source,
            valid,
            // A source that is known to lie only somewhere about here may lie farther.
            range_m: range_m + accuracy_m,
            towards: Xy::new(way.e * scale, way.n * scale),
            line_of_sight: los,
            still_margin_db: f64::NEG_INFINITY,
        }
    }

    fn conditions(&self, moment: &Moment<'_>) -> Conditions {
        Conditions {
            range_m: self.range_m,
            wind_mps: moment.wind_mps,
            wind_along_mps: moment.wind_to.dot(self.towards),
            daylight: moment.daylight,
            line_of_sight: self.line_of_sight,
        }
    }
}

fn kind_of(spot: &Spot) -> truceline_domain::EventKind {
    let [first, ..] = WATCHED_FOR;
    WATCHED_FOR.get(spot.kind).copied().unwrap_or(first)
}

fn sight_of(theatre: &Theatre, from: Position, height_m: f64, to: Position) -> f64 {
    theatre.terrain.as_ref().map_or(1.0, |terrain| {
        let from = sight::Point {
            place: from,
            height: Height::AboveGround(height_m),
        };
        let to = sight::Point {
            place: to,
            height: Height::AboveGround(THING_M),
        };
        sight::probability(terrain, &from, &to)
    })
}

/// What holds for all of a theatre in one bin.
struct Moment<'a> {
    evidence: &'a Evidence,
    bin: i64,
    here: Option<&'a Bin>,
    middle: truceline_domain::Observed,
    up: Vec<bool>,
    manned: Vec<bool>,
    wind_mps: f64,
    wind_to: Xy,
    daylight: f64,
}

impl<'a> Moment<'a> {
    fn new(places: &Places, evidence: &'a Evidence, bin: i64) -> Self {
        let middle = middle_of(bin);
        let amid = places.plane.to_position(Xy::default());
        let wind = wind(evidence, bin);
        let (wind_mps, wind_to) = wind.map_or((UNKNOWN_WIND_MPS, Xy::default()), |w| {
            let scale = 1.0 / w.readings;
            (w.speed_mps * scale, Xy::new(w.to.e * scale, w.to.n * scale))
        });
        let count = evidence.sources();
        let mut moment = Self {
            evidence,
            bin,
            here: evidence.bins.get(&bin),
            middle,
            up: vec![false; count],
            manned: vec![false; count],
            wind_mps,
            wind_to,
            daylight: amid.map_or(0.0, |place| sun::daylight(place, middle)),
        };
        for (apart, other) in moment.around(UP_BINS) {
            mark(&mut moment.up, apart, UP_BINS, &other.up);
        }
        for (apart, other) in moment.around(MANNED_BINS) {
            mark(&mut moment.manned, apart, MANNED_BINS, &other.reports);
        }
        moment
    }

    /// Nothing and nobody watched, anywhere: so are most bins of a month that is asked for as a whole.
    fn is_dark(&self) -> bool {
        let framed = self.here.is_some_and(|bin| !bin.framed.is_empty());
        !framed && !self.up.contains(&true) && !self.manned.contains(&true)
    }

    fn around(&self, reach: i64) -> Vec<(i64, &'a Bin)> {
        let range = self
            .evidence
            .bins
            .range(self.bin - reach..=self.bin + reach);
        range.map(|(bin, other)| (bin - self.bin, other)).collect()
    }

    fn is(&self, which: &[bool], link: &Link) -> bool {
        which.get(link.source as usize).copied().unwrap_or(false)
            && link.valid.holds_at(self.middle)
    }

    /// Probabilities at one spot: any, then by kind of source, then the share of time in a frame.
    fn spot(&self, links: &Links, spot: &Spot, number: u32) -> [f64; 6] {
        let kind = kind_of(spot);
        let mut arrays = Looks::default();
        for link in links.arrays.iter().filter(|l| self.is(&self.up, l)) {
            let along_mps = self.wind_to.dot(link.towards);
            arrays.sound(link.still_margin_db + acoustic::wind_db(self.wind_mps, along_mps));
        }
        let mut flashes = Looks::default();
        for link in links.flashes.iter().filter(|l| self.is(&self.up, l)) {
            flashes.other(flash::probability(kind, &link.conditions(self)));
        }
        let mut posts = Looks::default();
        for link in links.posts.iter().filter(|l| self.is(&self.manned, l)) {
            posts.other(post::probability(kind, &link.conditions(self)));
        }
        let (cameras, framed) = self.cameras(kind, number);
        let mut all = arrays;
        all.and(&flashes);
        all.and(&cameras);
        all.and(&posts);
        [
            all.p_seen(),
            arrays.p_seen(),
            flashes.p_seen(),
            cameras.p_seen(),
            posts.p_seen(),
            framed,
        ]
    }

    /// Cameras over a spot: what they notice, and the share of the bin in which the spot is in a frame
    /// well enough to be noticed rather than not.
    fn cameras(&self, kind: truceline_domain::EventKind, number: u32) -> (Looks, f64) {
        let mut looks = Looks::default();
        let mut framed = 0.0_f64;
        let all = self
            .here
            .map(|bin| bin.framed.range((number, 0)..=(number, u32::MAX)));
        for (_, f) in all.into_iter().flatten().filter(|(_, f)| f.seconds > 0.0) {
            let share = (f.seconds / BIN_S).min(1.0);
            let frame = Frame {
                pixel_m: f.pixel_m_s / f.seconds,
                dwell_s: f.seconds / f64::from(f.looks.max(1)),
                daylight: self.daylight,
                is_infrared: f.infrared_s > f.seconds / 2.0,
            };
            let p = video::probability(kind, &frame) * f.clear_s / f.seconds;
            looks.other(share * p);
            if p >= super::WATCHED_P {
                // Two cameras over one place count once, as far as bins can tell.
                framed = framed.max(share);
            }
        }
        (looks, framed)
    }
}

/// Marks sources with readings from the middle of the bin `reach` before to that of the bin `reach`
/// after.
fn mark(
    which: &mut [bool],
    apart: i64,
    reach: i64,
    bin: &std::collections::BTreeMap<u32, super::evidence::Halves>,
) {
    for (number, halves) in bin {
        let counts = match apart {
            a if a == -reach => halves.late,
            a if a == reach => halves.early,
            _ => true,
        };
        if counts && let Some(is) = which.get_mut(*number as usize) {
            *is = true;
        }
    }
}

/// The wind of the nearest bin that has any; of two alike near, the earlier.
fn wind(evidence: &Evidence, bin: i64) -> Option<Wind> {
    let range = evidence.bins.range(bin - WEATHER_BINS..=bin + WEATHER_BINS);
    range
        .filter(|(_, b)| b.wind.readings > 0.0)
        .min_by_key(|(at, _)| (**at - bin).abs())
        .map(|(_, b)| b.wind)
}

/// Bins whose cells change when a bin's sources, reports or weather do.
pub(super) const REACH_BINS: i64 = WEATHER_BINS;
