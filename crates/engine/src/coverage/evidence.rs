//! What observations say of the sources themselves, bin by bin: which were up, which posts were
//! manned, how the wind blew, what cameras had in their frames.

use std::collections::BTreeMap;

use truceline_agreement::Theatre;
use truceline_agreement::when::Validity;
use truceline_domain::{Body, Checksum, Observation, Observed, Position, SourceId, Weather};

use super::frames::{Credit, Frames};
use super::places::Places;
use super::{BIN_S, bin_of};
use crate::plane::{Plane, Xy};

/// A post counts as manned when somebody's marker lies so near, metres.
const AT_POST_M: f64 = 200.0;
/// Most bins kept: a year in bins of ten minutes.
const MOST_BINS: usize = 52_704;
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

/// All evidence.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    frames: Frames,
    /// Sensors' and posts' ids to their numbers.
    sources: BTreeMap<SourceId, u32>,
    /// Posts, where and when they stood: a relocated one stands here once per place.
    posts: Vec<(u32, Position, Validity)>,
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
            .filter_map(|p| Some((*sources.get(&p.id)?, p.position, p.valid)))
            .collect();
        Self {
            frames: Frames::new(theatre.terrain.clone()),
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
                let there =
                    |(_, p, valid): &&(u32, Position, Validity)| valid.holds_at(time) && near(p);
                let manned = self.posts.iter().filter(there).map(|(n, ..)| *n);
                for number in manned.collect::<Vec<_>>() {
                    self.mark(time, number, true, changed);
                }
            }
            Body::FmvMetadata(_)
            | Body::MavlinkPosition(_)
            | Body::MavlinkAttitude(_)
            | Body::MavlinkGimbal(_)
            | Body::MavlinkCamera(_) => {
                let credits = self.frames.look(places, o, time);
                self.credit(credits, changed);
            }
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
        let credits = self.frames.settle(places);
        self.credit(credits, changed);
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

    /// Puts what cameras saw into the bins.
    fn credit(&mut self, credits: Vec<Credit>, changed: &mut Vec<Changed>) {
        for credit in credits {
            let key = (credit.spot, credit.camera);
            let framed = self.bin(credit.bin).framed.entry(key).or_default();
            framed.looks += u32::from(credit.begins || framed.looks == 0);
            framed.seconds += credit.seconds;
            framed.pixel_m_s += credit.pixel_m * credit.seconds;
            framed.infrared_s += if credit.is_infrared {
                credit.seconds
            } else {
                0.0
            };
            framed.clear_s += credit.clear * credit.seconds;
            if changed.last() != Some(&Changed::Bin(credit.bin)) {
                changed.push(Changed::Bin(credit.bin));
            }
        }
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
