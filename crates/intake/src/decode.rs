//! What every decoder is given and what it tells.

use std::fmt;

use truceline_domain::{FeedId, Observation, Observed, SourceId};

use crate::lines::Lines;
use crate::{Format, Tally};

/// What a decoder is told about its feed.
#[derive(Debug, Clone)]
pub struct Context {
    /// The feed's name.
    pub feed: FeedId,
    /// The source that observations name when the bytes name none.
    pub source: SourceId,
}

/// What a decoder tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// One observation. `received` is set only when the bytes tell it.
    Observation(Box<Observation>),
    /// The feed may be cut here.
    Cut(Cut),
    /// Something could not be used; it is set aside.
    Fault(Fault),
}

/// A place where a segment of the feed may begin: a random-access point of media, the start of a
/// record of anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Byte offset in the feed at which the next segment would begin.
    pub offset: u64,
    /// Presentation time stamp there, 90 kHz, unwrapped.
    pub pts_90k: Option<u64>,
    /// The source's time there, when it is known.
    pub observed: Option<Observed>,
}

/// Something that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong with it.
    pub kind: FaultKind,
    /// Byte offset in the feed where it begins.
    pub offset: u64,
    /// Line (from 1) in formats that have lines.
    pub line: Option<u64>,
    /// In a person's words: what was being read, the value seen, what was expected.
    pub message: String,
    /// The bytes themselves for quarantine, cut to [`MAX_FAULT_BYTES`]. Empty when the fault is one
    /// of order or time and nothing was set aside.
    pub bytes: Vec<u8>,
}

/// At most so many bytes of a faulty item are kept beside its report; the feed's segment has all.
pub const MAX_FAULT_BYTES: usize = 64 * 1024;

/// Classes of faults, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The item cannot be read at all.
    Malformed,
    /// The item is readable and says something that cannot be.
    Absurd,
    /// The item's own sum does not fit.
    BadChecksum,
    /// Bytes that belong to nothing were skipped.
    Garbage,
    /// The feed ends within an item.
    Truncated,
    /// An item is larger than anything of its kind can be.
    Oversized,
    /// Packets are missing by their own count.
    Missing,
    /// The same item again.
    Duplicate,
    /// A clock jumped.
    ClockJump,
    /// A local time without a zone: the item is kept, without the time.
    Undated,
}

impl FaultKind {
    /// The word for counts and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Absurd => "absurd",
            Self::BadChecksum => "bad checksum",
            Self::Garbage => "garbage",
            Self::Truncated => "truncated",
            Self::Oversized => "oversized",
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::ClockJump => "clock jump",
            Self::Undated => "time without zone",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}: {}", self.kind.as_str(), self.message),
            None => write!(
                f,
                "byte {}: {}: {}",
                self.offset,
                self.kind.as_str(),
                self.message
            ),
        }
    }
}

/// Where a decoder's items go.
pub type Sink<'a> = dyn FnMut(Item) + 'a;

/// Reads one feed of one format.
pub trait Decoder: Send {
    /// Takes the next bytes of the feed.
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>);

    /// The feed has ended: what is still held is told or reported as truncated.
    fn finish(&mut self, sink: &mut Sink<'_>);

    /// What was read so far.
    fn tally(&self) -> Tally;
}

/// A decoder for `format`.
#[must_use]
pub fn decoder(format: Format, context: Context) -> Box<dyn Decoder> {
    match format {
        Format::Fmv => Box::new(crate::fmv::Fmv::new(context)),
        Format::Mavlink => Box::new(crate::mavlink::Mavlink::new(context)),
        Format::Cot => Box::new(crate::cot::Cot::new(context)),
        Format::Report => Box::new(crate::report::Reports::new(context)),
        Format::Hotspot => Box::new(Lines::of(crate::hotspot::Hotspots::new(context))),
        Format::Sensor => Box::new(Lines::of(crate::sensor::Sensors::new(context))),
    }
}
