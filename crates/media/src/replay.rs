//! Recorded time played again, by the same events as a live feed gives.
//!
//! **Speed.** A player plays a media element at 0.25 to 16 times by itself (HTML's `playbackRate`, which browsers allow
//! from 0.0625 to 16); what it needs is that the pictures come in time. So an instant's place on the timeline is the same
//! at every speed, and metadata and map stay in step; only when each event is due follows from the speed. Above four times the
//! source's rate, where most decoders and links give up, only random access points are sent, each with the first metadata
//! after it.
//!
//! Stretching the time stamps instead (a player at rate 1 shows the film at any speed) was weighed and left: every place
//! that compares times (map, events, marks on the time bar) would need the speed and the moment of the last change.

use std::collections::VecDeque;
use std::time::Duration;

use truceline_domain::Body;
use truceline_intake::Item;
use truceline_intake::fmv::{AccessUnit, Seen, Watch};

use crate::packager::{Event, Muxer, OnDamage};
use crate::span::{Frame, Source, Span, SpanError, read, shift_pts, stuffed_tables};
use crate::timeline::Timeline;

/// How many times as fast as it was.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Speed(f64);

impl Speed {
    /// As it was.
    pub const NORMAL: Self = Self(1.0);
    /// The slowest.
    pub const LEAST: f64 = 0.25;
    /// The fastest.
    pub const MOST: f64 = 16.0;
    /// Above it only random access points are sent.
    pub const ALL_PICTURES: f64 = 4.0;

    /// `None` outside 0.25 to 16.
    #[must_use]
    pub fn new(times: f64) -> Option<Self> {
        (Self::LEAST..=Self::MOST)
            .contains(&times)
            .then_some(Self(times))
    }

    /// The number.
    #[must_use]
    pub fn times(self) -> f64 {
        self.0
    }

    fn all_pictures(self) -> bool {
        self.0 <= Self::ALL_PICTURES
    }
}

/// An event and when it is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Paced {
    /// Since the replay's beginning.
    pub due: Duration,
    /// It comes before the wanted instant: a player needs it and does not show it.
    pub preroll: bool,
    /// The event.
    pub event: Event,
}

/// A span played again: an iterator of events in order. Reads one group of pictures at a time.
pub struct Replay<S> {
    source: S,
    /// What is to be read, the next first.
    parts: VecDeque<Part>,
    from_90k: u64,
    to_90k: u64,
    speed: Speed,
    watch: Option<Watch>,
    muxer: Muxer,
    /// What the index knows of pictures that were pushed and not told yet.
    expected: VecDeque<Frame>,
    /// The feed's clock as recorded less as read.
    shift: i64,
    /// A picture of the group in hand was sent, and metadata after it.
    sent: (bool, bool),
    ready: VecDeque<Paced>,
    last_due: Duration,
}

struct Part {
    index: std::sync::Arc<crate::span::Index>,
    group: usize,
}

impl<S: Source> Replay<S> {
    /// What there is from `from_90k` to `to_90k`, by the feed's clock.
    ///
    /// # Errors
    /// When nothing is there.
    pub fn new(
        span: &Span,
        source: S,
        from_90k: u64,
        to_90k: u64,
        speed: Speed,
    ) -> Result<Self, SpanError> {
        let needed = span.needed(from_90k, to_90k)?;
        let parts = needed.iter().filter_map(|at| {
            let group = at
                .index
                .groups
                .iter()
                .position(|g| std::ptr::eq(g, at.group))?;
            let index = std::sync::Arc::clone(span.segments.get(at.segment)?);
            Some(Part { index, group })
        });
        Ok(Self {
            source,
            parts: parts.collect(),
            from_90k,
            to_90k,
            speed,
            watch: None,
            muxer: Muxer::with_timeline(OnDamage::Show, Timeline::recorded()),
            expected: VecDeque::new(),
            shift: 0,
            sent: (false, false),
            ready: VecDeque::new(),
            last_due: Duration::ZERO,
        })
    }

    /// Reads the next group; false when there is none.
    fn load(&mut self) -> Result<bool, SpanError> {
        let Some(part) = self.parts.pop_front() else {
            let Some(mut watch) = self.watch.take() else {
                return Ok(false);
            };
            let mut seen = Vec::new();
            watch.finish(&mut |s| seen.push(s));
            seen.into_iter().for_each(|s| self.take(s));
            return Ok(true);
        };
        let Some(group) = part.index.groups.get(part.group) else {
            return Ok(true);
        };
        let bytes = read(&self.source, &part.index.segment, group.offset, group.end)?;
        let mut seen = Vec::new();
        let watch = self.watch.get_or_insert_with(|| {
            let mut watch = Watch::recorded(part.index.context());
            let tables = stuffed_tables(&part.index.tables, part.index.stride);
            watch.push(&tables, &mut |_| {});
            watch
        });
        self.expected.extend(group.frames.iter().copied());
        watch.push(&bytes, &mut |s| seen.push(s));
        seen.into_iter().for_each(|s| self.take(s));
        Ok(true)
    }

    fn take(&mut self, seen: Seen) {
        let seen = match seen {
            Seen::AccessUnit(unit) => match self.picture(unit) {
                Some(unit) => Seen::AccessUnit(unit),
                None => return,
            },
            Seen::Item(Item::Observation(mut observation)) => {
                if let Body::FmvMetadata(metadata) = &mut observation.body {
                    metadata.pts_90k = metadata
                        .pts_90k
                        .map(|t| t.saturating_add_signed(self.shift));
                }
                if !self.speed.all_pictures() {
                    let (picture, metadata) = &mut self.sent;
                    if !*picture || std::mem::replace(metadata, true) {
                        return;
                    }
                }
                Seen::Item(Item::Observation(observation))
            }
            // Where it could be cut and what was wrong was told when it was recorded.
            Seen::Item(_) => return,
        };
        let mut events = Vec::new();
        self.muxer.take(seen, &mut |e| events.push(e));
        for event in events {
            self.pace(event);
        }
    }

    /// The picture with the times that the index has for it; `None` when it is not to be sent.
    fn picture(&mut self, mut unit: AccessUnit) -> Option<AccessUnit> {
        let begins = unit.random_access && unit.cut_offset.is_some();
        let frame = match unit.pts_90k {
            Some(pts) => {
                let same = |f: &Frame| {
                    shift_pts(pts, f.pts_90k) == f.pts_90k.wrapping_sub(pts).cast_signed()
                };
                let at = self.expected.iter().position(same)?;
                self.expected.drain(..=at).next_back()?
            }
            None => self.expected.pop_front()?,
        };
        if let Some(pts) = unit.pts_90k {
            self.shift = frame.pts_90k.wrapping_sub(pts).cast_signed();
        }
        (unit.pts_90k, unit.dts_90k) = (Some(frame.pts_90k), Some(frame.dts_90k));
        if frame.dts_90k > self.to_90k {
            return None;
        }
        if !self.speed.all_pictures() {
            if !begins {
                return None;
            }
            self.sent = (true, false);
        }
        Some(unit)
    }

    fn pace(&mut self, event: Event) {
        let pts_90k = match &event {
            Event::Fragment(fragment) => Some(fragment.dts_90k),
            Event::Metadata(metadata) => metadata.pts_90k,
            Event::Init(_) | Event::Item(_) => None,
        };
        let shown = match &event {
            Event::Fragment(fragment) => fragment.pts_90k + u64::from(fragment.duration_90k),
            _ => pts_90k.unwrap_or(self.from_90k),
        };
        if pts_90k.is_some_and(|pts| pts > self.to_90k) {
            return;
        }
        if let Some(pts) = pts_90k {
            let since_90k = pts.saturating_sub(self.from_90k) as f64;
            let due = Duration::from_secs_f64(since_90k / 90_000.0 / self.speed.times());
            // A clock that jumped back does not make anything due before what went before.
            self.last_due = due.max(self.last_due);
        }
        self.ready.push_back(Paced {
            due: self.last_due,
            preroll: shown < self.from_90k,
            event,
        });
    }
}

impl<S: Source> Iterator for Replay<S> {
    type Item = Result<Paced, SpanError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(paced) = self.ready.pop_front() {
                return Some(Ok(paced));
            }
            match self.load() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(e) => {
                    // What cannot be read is told once; the replay goes on after it with fresh eyes.
                    self.watch = None;
                    return Some(Err(e));
                }
            }
        }
    }
}
