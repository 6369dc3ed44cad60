//! A track as fixes arrive: late ones put in their place, a clock that jumped back made a new leg.
//!
//! The last [`LATENESS_S`] seconds stay open. A fix that comes late within them is put where it belongs
//! and they are gone over again, so any order of arrival within the bound gives the same track. What
//! is older is settled.

use std::collections::VecDeque;

use truceline_domain::{Observed, SourceId};

use super::state::KEPT_EVERY_S;
use super::track::{Fix, Run, Step, Track, TrackPoint};

/// Fixes may come so much later than newer ones of the same track, seconds.
pub const LATENESS_S: f64 = 10.0;
/// So many fixes in a row that are too late, each newer than the one before: the clock jumped back.
const CLOCK_JUMPED: usize = 5;
/// Most fixes of the open seconds; beyond, the oldest are settled early.
const MOST_OPEN: usize = 2_048;

/// What changed with a fix.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Moved {
    /// It is here now.
    Here(TrackPoint),
    /// The fix was doubted, late or known already.
    No,
    /// The source's clock jumped back: a new leg has begun.
    ClockBack,
}

#[derive(Debug, Clone)]
pub(super) struct Tracker {
    source: SourceId,
    subject: String,
    leg: u32,
    /// As it stood before the open seconds, and after them.
    settled: Run,
    head: Run,
    open: VecDeque<Fix>,
    too_late: Vec<Fix>,
    /// What was settled, newest last, no older than `keep_s`; of points one in [`KEPT_EVERY_S`].
    log: Track,
    /// The newest settled point, when it lies too near to the last one kept.
    passed_over: Option<TrackPoint>,
    keep_s: f64,
    /// Legs that ended and are still within `keep_s`.
    ended: Vec<Track>,
}

impl Tracker {
    pub(super) fn new(source: SourceId, subject: String, keep_s: f64) -> Self {
        let log = empty(&source, &subject, 0);
        Self {
            source,
            subject,
            leg: 0,
            settled: Run::default(),
            head: Run::default(),
            open: VecDeque::new(),
            too_late: vec![],
            log,
            passed_over: None,
            keep_s,
            ended: vec![],
        }
    }

    pub(super) fn newest(&self) -> Option<Observed> {
        self.open.back().map(|f| f.measured.time)
    }

    pub(super) fn push(&mut self, fix: Fix) -> Moved {
        let time = fix.measured.time;
        let newest = self.newest();
        if newest.is_some_and(|n| n.seconds_since(time) > LATENESS_S) {
            return self.late(fix);
        }
        self.log.left_out += self.too_late.drain(..).len() as u64;
        let key = (time, &fix.observation);
        let place = self
            .open
            .partition_point(|f| (f.measured.time, &f.observation) < key);
        if self
            .open
            .get(place)
            .is_some_and(|f| (f.measured.time, &f.observation) == key)
        {
            return Moved::No;
        }
        let is_newest = place == self.open.len();
        self.open.insert(place, fix);
        self.settle();
        let mut steps = vec![];
        if is_newest {
            if let Some(fix) = self.open.back() {
                self.head.step(fix, &mut steps);
            }
        } else {
            self.head = self.settled.clone();
            for fix in &self.open {
                self.head.step(fix, &mut steps);
            }
        }
        let here = steps.into_iter().rev().find_map(|step| match step {
            Step::Point(point) => Some(Moved::Here(point)),
            _ => None,
        });
        here.unwrap_or(Moved::No)
    }

    fn late(&mut self, fix: Fix) -> Moved {
        let follows = self
            .too_late
            .last()
            .is_none_or(|before| before.measured.time < fix.measured.time);
        if !follows {
            self.log.left_out += self.too_late.drain(..).len() as u64;
        }
        self.too_late.push(fix);
        if self.too_late.len() < CLOCK_JUMPED {
            return Moved::No;
        }
        let again = std::mem::take(&mut self.too_late);
        self.close();
        for fix in again {
            self.push(fix);
        }
        Moved::ClockBack
    }

    /// Ends the leg and begins the next.
    fn close(&mut self) {
        self.settle_before(None);
        let mut steps = vec![];
        self.settled.end(&mut steps);
        self.put(steps);
        self.log.points.extend(self.passed_over.take());
        self.leg += 1;
        let next = empty(&self.source, &self.subject, self.leg);
        let ended = std::mem::replace(&mut self.log, next);
        self.ended.push(ended);
        self.settled = Run::default();
        self.head = Run::default();
    }

    fn settle(&mut self) {
        let Some(newest) = self.newest() else { return };
        self.settle_before(Some(newest.plus_seconds(-LATENESS_S)));
    }

    /// Settles what is older, all without a time; keeps the head as it is.
    fn settle_before(&mut self, time: Option<Observed>) {
        let mut steps = vec![];
        while self.open.front().is_some_and(|f| {
            time.is_none_or(|t| f.measured.time < t) || self.open.len() > MOST_OPEN
        }) {
            if let Some(fix) = self.open.pop_front() {
                self.settled.step(&fix, &mut steps);
            }
        }
        self.put(steps);
    }

    fn put(&mut self, steps: Vec<Step>) {
        if steps.is_empty() {
            return;
        }
        for step in steps {
            match step {
                Step::Point(point) => self.point(point),
                // Where it was last before it was silent, or elsewhere.
                Step::Gap(gap) => {
                    self.log.points.extend(self.passed_over.take());
                    self.log.gaps.push(gap);
                }
                Step::Leap(leap) => {
                    self.log.points.extend(self.passed_over.take());
                    self.log.leaps.push(leap);
                }
                Step::Stop(stop) => self.log.stops.push(stop),
                Step::LeftOut => self.log.left_out += 1,
            }
        }
        if self.keep_s.is_finite() {
            self.forget();
        }
    }

    fn point(&mut self, point: TrackPoint) {
        let last = self.log.points.last();
        if last.is_none_or(|l| point.time.seconds_since(l.time) >= KEPT_EVERY_S) {
            self.passed_over = None;
            self.log.points.push(point);
        } else {
            self.passed_over = Some(point);
        }
    }

    /// Drops what is older than is kept, in whole halves, so that each fix pays little for it.
    fn forget(&mut self) {
        let Some(newest) = self.log.points.last().map(|p| p.time) else {
            return;
        };
        let old = |t: Observed| newest.seconds_since(t) > self.keep_s;
        let count = self.log.points.partition_point(|p| old(p.time));
        if count > self.log.points.len() / 2 {
            self.log.points.drain(..count);
            self.log.gaps.retain(|g| !old(g[1]));
            self.log.stops.retain(|s| !old(s.until));
            self.log.leaps.retain(|l| !old(l.time));
            // Legs that ended are of a clock that was wrong: the last one tells what there is to tell.
            let legs = self.ended.len();
            self.ended.drain(..legs.saturating_sub(1));
        }
    }

    /// All there is, the open seconds too, as if nothing more came.
    pub(super) fn into_tracks(mut self) -> Vec<Track> {
        self.keep_s = f64::INFINITY;
        self.log.left_out += self.too_late.drain(..).len() as u64;
        self.close();
        self.ended.retain(|t| !t.points.is_empty());
        self.ended
    }

    /// What was settled, and whose it is.
    pub(super) fn log(&self) -> &Track {
        &self.log
    }
}

fn empty(source: &SourceId, subject: &str, leg: u32) -> Track {
    Track {
        source: source.clone(),
        subject: subject.to_owned(),
        leg,
        points: vec![],
        gaps: vec![],
        stops: vec![],
        leaps: vec![],
        left_out: 0,
    }
}
