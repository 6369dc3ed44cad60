//! Cursor on Target: what people, vehicles and sensors tell about where they are and what they
//! see, as XML events and as TAK Protocol version 1 messages, also mixed in one stream, as when a
//! TAK connection changes over after its negotiation.
//!
//! ```text
//! <event …>…</event>          XML, one after another, with or without a prolog (`split`, `xml`)
//! BF length message           TAK Protocol, stream (`tak`)
//! BF 01 BF message            TAK Protocol, mesh datagram; BF 00 BF before an XML event
//! ```
//!
//! All become the same draft of an event (`event`, `detail`), which is held against what can be;
//! what of an event cannot be used is told and left out, the rest is kept. An event without uid,
//! type or place is not kept.
//!
//! Limits: an event has at most [`MAX_EVENT_BYTES`]. A document type declaration is refused, so that
//! no entity is ever expanded but XML's own five. Events whose point is 0/0 with an unknown error,
//! as pings and chat have, are about no place: they are counted only, unless they draw a shape.

mod detail;
mod event;
mod seen;
mod split;
mod tak;
mod xml;

use event::{Draft, Kept, Outcome};
use seen::Seen;
use split::{Part, Splitter};

use crate::mavlink::garbage::Garbage;
use crate::mavlink::outlet::Outlet;
use crate::mavlink::window::Window;
use crate::{Context, Decoder, FaultKind, Sink, Tally};

/// The longest event: routes and drawings of some thousand points stay far below.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// Reads a feed of Cursor on Target.
pub struct Cot {
    context: Context,
    tally: Tally,
    last_cut: u64,
    window: Window,
    garbage: Garbage,
    splitter: Splitter,
    seen: Seen,
    /// Within a mesh datagram, after its event.
    after_event: bool,
}

impl Cot {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            context,
            tally: Tally::default(),
            last_cut: 0,
            window: Window::default(),
            garbage: Garbage::default(),
            splitter: Splitter::default(),
            seen: Seen::default(),
            after_event: false,
        }
    }

    fn read(&mut self, ended: bool, sink: &mut Sink<'_>) {
        let mut outlet = Outlet {
            source: &self.context.source,
            tally: &mut self.tally,
            last_cut: &mut self.last_cut,
            sink,
        };
        let mut reading = Reading {
            window: &mut self.window,
            garbage: &mut self.garbage,
            splitter: &mut self.splitter,
            seen: &mut self.seen,
            after_event: &mut self.after_event,
            outlet: &mut outlet,
            ended,
        };
        while reading.step() {}
        if ended {
            self.garbage.feed_ends("event", &mut outlet);
        }
    }
}

impl Decoder for Cot {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        self.tally.bytes += bytes.len() as u64;
        self.window.push(bytes);
        self.read(false, sink);
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        self.read(true, sink);
    }

    fn tally(&self) -> Tally {
        self.tally.clone()
    }
}

/// The decoder's parts while it reads.
struct Reading<'r, 'a, 'b> {
    window: &'r mut Window,
    garbage: &'r mut Garbage,
    splitter: &'r mut Splitter,
    seen: &'r mut Seen,
    after_event: &'r mut bool,
    outlet: &'r mut Outlet<'a, 'b>,
    ended: bool,
}

impl Reading<'_, '_, '_> {
    /// Reads the next thing; false when more bytes are needed or none are left.
    fn step(&mut self) -> bool {
        let rest = self.window.rest();
        let Some(&first) = rest.first() else {
            return false;
        };
        if std::mem::take(self.after_event) {
            let more = tak::field_after_event(rest, self.ended);
            *self.after_event = more != Some(0);
            let Some(len) = more else { return false };
            self.window.advance(len);
            return true;
        }
        match first {
            b'<' => self.xml(),
            tak::MAGIC => self.tak(),
            b' ' | b'\t' | b'\r' | b'\n' | 0 if self.garbage.is_empty() => {
                self.window.advance(1);
                true
            }
            // A byte-order mark, before an event.
            0xEF if self.garbage.is_empty()
                && b"\xEF\xBB\xBF".starts_with(&rest[..rest.len().min(3)]) =>
            {
                if rest.len() < 3 && !self.ended {
                    return false;
                }
                self.window.advance(3);
                true
            }
            _ => {
                self.garbage.skip(self.window, 1);
                true
            }
        }
    }

    fn xml(&mut self) -> bool {
        let rest = self.window.rest();
        let offset = self.window.offset();
        let (len, fault) = match self.splitter.next(rest) {
            Part::More if rest.len() > MAX_EVENT_BYTES => (
                rest.len(),
                Some((FaultKind::Oversized, oversized(rest.len()))),
            ),
            Part::More if self.ended => {
                let message = format!(
                    "the feed ends within an event, {} bytes after it began",
                    rest.len()
                );
                (rest.len(), Some((FaultKind::Truncated, message)))
            }
            Part::More => return false,
            Part::Noise(len) => (len, None),
            Part::Stray(len) => {
                self.garbage.skip(self.window, len);
                self.splitter.reset();
                return true;
            }
            Part::Doctype(len) => {
                let message = "a document type declaration is refused: no entity is expanded";
                (len, Some((FaultKind::Malformed, message.to_owned())))
            }
            Part::Broken(len) => {
                let message = "another event begins before this one has ended";
                (len, Some((FaultKind::Malformed, message.to_owned())))
            }
            Part::Event(len) if len > MAX_EVENT_BYTES => {
                (len, Some((FaultKind::Oversized, oversized(len))))
            }
            Part::Event(len) => {
                self.garbage.ends("event", self.outlet);
                self.outlet.count("XML events");
                let bytes = rest.get(..len).unwrap_or_default();
                match xml::read(bytes) {
                    Ok(draft) => self.event(draft, len),
                    Err(reason) => self
                        .outlet
                        .fault(FaultKind::Malformed, offset, reason, bytes),
                }
                (len, None)
            }
        };
        if let Some((kind, message)) = fault {
            self.garbage.ends("event", self.outlet);
            let bytes = self.window.rest().get(..len).unwrap_or_default();
            self.outlet.fault(kind, offset, message, bytes);
        }
        self.splitter.reset();
        self.window.advance(len);
        true
    }

    fn tak(&mut self) -> bool {
        let rest = self.window.rest();
        let in_step = self.garbage.is_empty();
        match tak::next(rest, in_step, self.ended) {
            tak::Next::Wait => return false,
            tak::Next::Skip => self.garbage.skip(self.window, 1),
            tak::Next::CutOff => self.garbage.skip_cut_off(self.window),
            tak::Next::XmlFollows(len) => self.window.advance(len),
            tak::Next::SetAside { len, kind, message } => {
                let bytes = rest.get(..len).unwrap_or_default();
                self.outlet
                    .fault(kind, self.window.offset(), message, bytes);
                self.window.advance(len);
            }
            tak::Next::Message { len, message, mesh } => {
                self.garbage.ends("event", self.outlet);
                self.outlet.count("TAK Protocol messages");
                match message.draft() {
                    Some(Ok(draft)) => self.event(draft, len),
                    Some(Err(reason)) => {
                        let bytes = self.window.rest().get(..len).unwrap_or_default();
                        let offset = self.window.offset();
                        self.outlet
                            .fault(FaultKind::Malformed, offset, reason, bytes);
                    }
                    None => self.outlet.count("TAK Protocol messages without event"),
                }
                *self.after_event = mesh;
                self.window.advance(len);
            }
        }
        true
    }

    /// Tells of an event, the first `len` bytes of the window.
    fn event(&mut self, draft: Draft, len: usize) {
        let offset = self.window.offset();
        let bytes = self.window.rest().get(..len).unwrap_or_default();
        let Outcome {
            observed,
            kept,
            problems,
        } = draft.complete();
        self.outlet.record_begins(offset, observed);
        for (kind, message) in problems {
            self.outlet.fault(kind, offset, message, bytes);
        }
        let event = match kept {
            Kept::Event(event) => *event,
            Kept::NoPlace => return self.outlet.count("events without a place"),
            Kept::Nothing => return,
        };
        // Its name comes from what it says, so that XML and protobuf of one event are the same.
        let said = serde_json::to_vec(&event).unwrap_or_else(|_| bytes.to_vec());
        if self.seen.again(observed, &said) {
            let message = format!(
                "event {:?} of the same time and content came again",
                event.uid
            );
            return self.outlet.notice(FaultKind::Duplicate, offset, message);
        }
        let body = truceline_domain::Body::CotEvent(event);
        self.outlet.observation(offset, observed, &said, body);
    }
}

fn oversized(len: usize) -> String {
    format!("{len} bytes and more without the end of an event; one has at most {MAX_EVENT_BYTES}")
}

/// Whether the head of a feed is of this format: an `<event>` with attributes of Cursor on Target
/// as its first or second element, or a TAK Protocol message.
pub(crate) fn recognise(head: &[u8]) -> bool {
    split::recognise(head) || tak::recognise(head)
}
