//! MAVLink frames one after another: a bare stream, as UDP, TCP and serial lines carry it, or the
//! same with the ground station's time before each frame (`.tlog`: 8 bytes, big-endian,
//! microseconds since 1970).
//!
//! Which of the two it is, the first frame decides. Where the bytes are out of step, the stream is
//! read on from the next frame whose sum fits.

use truceline_domain::Observed;

use super::clock::plausible_unix_us;
use super::container::Container;
use super::frame::{Candidate, Frame, candidate, message_name};
use super::garbage::Garbage;
use super::message;
use super::outlet::Outlet;
use super::sequence::{Follows, Sequences};
use super::vehicle::{Clocks, OwnTime};
use super::window::Window;
use crate::FaultKind;

/// Bytes of the time before each frame of a `.tlog`.
const STAMP: usize = 8;

/// Reads a bare stream or a `.tlog`.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Whether a time stands before each frame; `None` until the first frame tells.
    stamped: Option<bool>,
    garbage: Garbage,
    sequences: Sequences,
    clocks: Clocks,
    /// Whether the last record's time could be one, so that a run of others is told once.
    stamp_was_absurd: bool,
}

/// What to do at a place.
#[derive(Debug, PartialEq)]
enum Step {
    /// More bytes are needed to know.
    Wait,
    /// A frame's record of so many bytes.
    Record(usize),
    /// A record to be set aside, of so many bytes.
    SetAside(usize, FaultKind, String),
    /// The feed's end cuts off what could be a record here.
    CutOff,
    /// Nothing begins here.
    Skip,
}

impl Container for Stream {
    fn read(&mut self, window: &mut Window, ended: bool, outlet: &mut Outlet<'_, '_>) {
        while !window.rest().is_empty() {
            match self.step(window, ended) {
                Step::Wait => return,
                Step::Skip => self.garbage.skip(window, 1),
                Step::CutOff => self.garbage.skip_cut_off(window),
                Step::SetAside(len, kind, message) => {
                    let bytes = window.rest().get(..len).unwrap_or_default();
                    outlet.fault(kind, window.offset(), message, bytes);
                    window.advance(len);
                }
                Step::Record(len) => {
                    self.garbage.ends("frame", outlet);
                    let offset = window.offset();
                    let record = window.rest().get(..len).unwrap_or_default();
                    self.record(record, offset, outlet);
                    window.advance(len);
                }
            }
        }
        if ended {
            self.garbage.feed_ends("frame", outlet);
        }
    }
}

impl Stream {
    fn step(&mut self, window: &Window, ended: bool) -> Step {
        let rest = window.rest();
        let in_step = self.garbage.is_empty();
        if let Some(stamped) = self.stamped {
            return look(rest, if stamped { STAMP } else { 0 }, in_step, ended);
        }
        let bare = look(rest, 0, in_step, ended);
        if bare != Step::Skip {
            self.stamped = (bare != Step::Wait && bare != Step::CutOff).then_some(false);
            return bare;
        }
        if rest.len() < STAMP && !ended {
            return Step::Wait;
        }
        // Some recorders write time since boot before the frames: believed at the very start only.
        if stamp_of(rest).and_then(plausible_unix_us).is_none() && window.offset() > 0 {
            return Step::Skip;
        }
        let stamped = look(rest, STAMP, in_step, ended);
        if matches!(stamped, Step::Record(_) | Step::SetAside(..)) {
            self.stamped = Some(true);
        }
        stamped
    }

    fn record(&mut self, record: &[u8], offset: u64, outlet: &mut Outlet<'_, '_>) {
        let stamped = self.stamped == Some(true);
        let (stamp, bytes) = record
            .split_at_checked(if stamped { STAMP } else { 0 })
            .unwrap_or_default();
        let stamp_us = stamp_of(stamp).and_then(plausible_unix_us);
        if stamped {
            self.check_stamp(stamp, stamp_us, offset, outlet);
        }
        let (Candidate::Frame(frame) | Candidate::Unknown(frame)) = candidate(bytes) else {
            return;
        };
        outlet.count("frames");
        if frame.signed {
            outlet.count("frames signed (signature not checked)");
        }
        if self.follows(&frame, offset, outlet) {
            self.message(&frame, record, offset, stamp_us, outlet);
        }
    }

    /// Tells of frames missing before this one; false when this one came before.
    fn follows(&mut self, frame: &Frame<'_>, offset: u64, outlet: &mut Outlet<'_, '_>) -> bool {
        let Frame {
            system,
            component,
            sequence,
            ..
        } = *frame;
        match self.sequences.follow(frame) {
            Follows::Next => {}
            Follows::Missing(n) => {
                outlet.tally.add("frames missing", u64::from(n));
                outlet.notice(
                    FaultKind::Missing,
                    offset,
                    format!(
                        "before frame {sequence} of system {system} component {component} {n} are \
                         missing, or that and a multiple of 256"
                    ),
                );
            }
            Follows::Same => {
                outlet.notice(
                    FaultKind::Duplicate,
                    offset,
                    format!("frame {sequence} of system {system} component {component} came again"),
                );
                return false;
            }
        }
        true
    }

    fn message(
        &mut self,
        frame: &Frame<'_>,
        record: &[u8],
        offset: u64,
        stamp_us: Option<i64>,
        outlet: &mut Outlet<'_, '_>,
    ) {
        let Some(name) = message_name(frame.message_id) else {
            outlet.count("messages unknown to the dialect");
            outlet.record_begins(offset, self.observed(frame, OwnTime::None, stamp_us));
            return;
        };
        outlet.count(name);
        let stated = message::read(frame);
        let (own, bodies) = match stated {
            Ok(stated) => {
                if let Some((unix_us, boot_ms)) = stated.system_time {
                    let who = (frame.system, frame.component);
                    let told = self.clocks.system_time(who, unix_us, boot_ms, stamp_us);
                    told.into_iter()
                        .for_each(|m| outlet.notice(FaultKind::ClockJump, offset, m));
                }
                (stated.time, stated.bodies)
            }
            Err((kind, reason)) => {
                outlet.fault(kind, offset, format!("{name}: {reason}"), record);
                (OwnTime::None, Vec::new())
            }
        };
        if let OwnTime::Boot(us) = own {
            let told = self
                .clocks
                .tick((frame.system, frame.component), us, stamp_us);
            told.into_iter()
                .for_each(|m| outlet.notice(FaultKind::ClockJump, offset, m));
        }
        let observed = self.observed(frame, own, stamp_us);
        outlet.record_begins(offset, observed);
        for body in bodies {
            outlet.observation(offset, observed, record, body);
        }
    }

    fn observed(&self, frame: &Frame<'_>, own: OwnTime, stamp_us: Option<i64>) -> Option<Observed> {
        self.clocks
            .observed((frame.system, frame.component), own, stamp_us)
    }

    fn check_stamp(
        &mut self,
        stamp: &[u8],
        stamp_us: Option<i64>,
        offset: u64,
        outlet: &mut Outlet<'_, '_>,
    ) {
        if let Some(us) = stamp_us {
            let told = self.clocks.stamp(us);
            told.into_iter()
                .for_each(|m| outlet.notice(FaultKind::ClockJump, offset, m));
        } else {
            outlet.count("records whose time stamp is none");
            if !self.stamp_was_absurd {
                let seen = stamp_of(stamp).unwrap_or_default();
                let message = format!(
                    "the record's time stamp {seen} is not microseconds since 1970 of the years \
                     2000 to 2099; its frame is kept without (told once for a run of them)"
                );
                outlet.fault(FaultKind::Absurd, offset, message, stamp);
            }
        }
        self.stamp_was_absurd = stamp_us.is_none();
    }
}

fn stamp_of(record: &[u8]) -> Option<u64> {
    record
        .first_chunk::<STAMP>()
        .map(|b| u64::from_be_bytes(*b))
}

/// Looks for a record whose frame begins after `head` bytes. In step, a frame that cannot be
/// checked or whose sum does not fit still counts as a record when another follows at its end;
/// out of step, only a sum that fits counts.
fn look(rest: &[u8], head: usize, in_step: bool, ended: bool) -> Step {
    let cut_off = if ended { Step::CutOff } else { Step::Wait };
    let Some(at_frame) = rest.get(head..) else {
        return cut_off;
    };
    let (frame, kind, message) = match candidate(at_frame) {
        Candidate::Frame(frame) => return Step::Record(head + frame.bytes.len()),
        Candidate::No => return Step::Skip,
        Candidate::Short => return cut_off,
        Candidate::Unknown(_) | Candidate::BadSum(_) if !in_step => return Step::Skip,
        Candidate::Unknown(frame) => (frame, None, String::new()),
        Candidate::BadSum(frame) => {
            let message = format!(
                "{} of system {} component {}: sum {:#06x}, its bytes give {:#06x}",
                message_name(frame.message_id).unwrap_or("frame"),
                frame.system,
                frame.component,
                frame.sum(),
                frame.computed_sum()
            );
            (frame, Some(FaultKind::BadChecksum), message)
        }
    };
    let len = head + frame.bytes.len();
    match followed(rest.get(len..).unwrap_or_default(), head, ended) {
        None => Step::Wait,
        Some(false) => Step::Skip,
        Some(true) => match kind {
            Some(kind) => Step::SetAside(len, kind, message),
            None => Step::Record(len),
        },
    }
}

/// Whether another record, or the feed's end, follows; `None` when more bytes would tell.
fn followed(next: &[u8], head: usize, ended: bool) -> Option<bool> {
    if next.is_empty() {
        return ended.then_some(true);
    }
    if next.len() <= head {
        return ended.then_some(false);
    }
    if head == STAMP && stamp_of(next).and_then(plausible_unix_us).is_none() {
        return Some(false);
    }
    match candidate(next.get(head..).unwrap_or_default()) {
        Candidate::Frame(_) | Candidate::Unknown(_) => Some(true),
        Candidate::Short => ended.then_some(true),
        Candidate::BadSum(_) | Candidate::No => Some(false),
    }
}

/// Whether the first bytes are those of a stream or a `.tlog`: a frame whose sum fits at the very
/// start (or after a time), or two of them back to back further on, as in a stream that was
/// joined midway.
pub(super) fn recognise(head: &[u8]) -> bool {
    let at = |from: usize| head.get(from..).map_or(Candidate::No, candidate);
    let first = [0, STAMP].map(at);
    if first.iter().any(|c| matches!(c, Candidate::Frame(_))) {
        return true;
    }
    // A first frame that is cut off or of another dialect still has a time before it.
    let timed = stamp_of(head).and_then(plausible_unix_us).is_some();
    if timed && head.len() > STAMP && !matches!(first[1], Candidate::No) {
        return true;
    }
    (0..head.len()).any(|i| {
        let Candidate::Frame(frame) = at(i) else {
            return false;
        };
        let end = i + frame.bytes.len();
        [end, end + STAMP]
            .into_iter()
            .any(|next| matches!(at(next), Candidate::Frame(_)))
    })
}
