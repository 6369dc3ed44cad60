//! Recorded segments as one span of time: what stands where in them, so that any instant is found and any part made anew.
//!
//! An [`Index`] tells of one segment where each random access point is, and of each picture when it is shown and how many bytes
//! its sample has. It is made by reading the segment once, holds some 40 bytes a picture, and can be kept for as long as the
//! segment is, since neither changes. Of a feed's indexes in their order a [`Span`] is made; films, clips, stills and replays
//! are made of that, and read from a [`Source`] only the bytes that they need.

mod index;
mod read;

use std::sync::Arc;

use truceline_domain::{Observed, Sha256};
use truceline_intake::fmv::Codec;

pub use self::index::{Frame, Group, Index};
pub(crate) use self::read::{group_pictures, read, shift_pts, stuffed_tables};

/// What cannot be made of recorded segments.
#[derive(Debug, thiserror::Error)]
pub enum SpanError {
    /// No picture is there to be shown.
    #[error(
        "no picture that can be decoded lies between {from_90k} and {to_90k} (90 kHz); the span holds {held}"
    )]
    Nothing {
        /// From.
        from_90k: u64,
        /// To.
        to_90k: u64,
        /// What there is instead, in words.
        held: String,
    },
    /// The video is of a kind that the wanted form does not know.
    #[error("segment {segment} holds {codec} video, which {wanted} cannot hold")]
    Codec {
        /// The segment.
        segment: Sha256,
        /// How it is coded.
        codec: &'static str,
        /// What was to be made.
        wanted: &'static str,
    },
    /// A segment cannot be read.
    #[error("reading bytes {from} to {to} of segment {segment}: {reason}")]
    Read {
        /// The segment.
        segment: Sha256,
        /// The first byte.
        from: u64,
        /// The byte after the last.
        to: u64,
        /// The reason.
        reason: String,
    },
    /// A segment is not what its index says.
    #[error(
        "segment {segment}: the pictures at byte {offset} are not those of its index; make the index anew"
    )]
    Changed {
        /// The segment.
        segment: Sha256,
        /// Where.
        offset: u64,
    },
    /// More than can be made at once.
    #[error("{what}: {count}, expected at most {most}; ask for a shorter span")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: u64,
        /// The most.
        most: u64,
    },
    /// It has no bytes there.
    #[error("bytes {from} to {to} of {length}")]
    OutOfRange {
        /// The first byte.
        from: u64,
        /// The byte after the last.
        to: u64,
        /// How many there are.
        length: u64,
    },
    /// A box cannot be written.
    #[error(transparent)]
    Box(#[from] crate::boxes::BoxError),
}

/// Where segments are.
pub trait Source {
    /// Bytes `from..to` of a segment.
    ///
    /// # Errors
    /// In words, when they cannot be had.
    fn read(&self, segment: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String>;
}

/// What was made, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub sha256: Sha256,
    /// The segments' bytes that they were made from, in order.
    pub from: Vec<Origin>,
}

/// Bytes of a segment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Origin {
    /// The segment.
    pub segment: Sha256,
    /// The first byte.
    pub first: u64,
    /// The byte after the last.
    pub end: u64,
}

impl Derived {
    pub(crate) fn new(bytes: Vec<u8>, from: Vec<Origin>) -> Self {
        Self {
            sha256: Sha256::of(&bytes),
            bytes,
            from,
        }
    }
}

/// Segments of one feed, in order.
#[derive(Debug, Clone, Default)]
pub struct Span {
    pub(crate) segments: Vec<Arc<Index>>,
}

/// A group of a span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) segment: usize,
    pub(crate) index: &'a Index,
    pub(crate) group: &'a Group,
}

impl Span {
    /// A span of segments in the order recorded.
    #[must_use]
    pub fn new(segments: Vec<Arc<Index>>) -> Self {
        Self { segments }
    }

    /// Its segments.
    #[must_use]
    pub fn segments(&self) -> &[Arc<Index>] {
        &self.segments
    }

    /// When the first picture is shown and when the last is; `None` without pictures.
    #[must_use]
    pub fn times_90k(&self) -> Option<(u64, u64)> {
        let frames = || self.groups().flat_map(|at| &at.group.frames);
        let first = frames().map(|f| f.pts_90k).min()?;
        let last = frames().map(|f| f.pts_90k).max()?;
        Some((first, last))
    }

    /// The presentation time of an instant by the source's clock, and the instant of a presentation time, as the metadata
    /// nearest to it tells; `None` without metadata.
    #[must_use]
    pub fn pts_of(&self, observed: Observed) -> Option<u64> {
        let anchors = self.segments.iter().flat_map(|i| &i.anchors);
        let distance = |at: &Observed| (observed.unix_us() - at.unix_us()).unsigned_abs();
        let (pts, at) = anchors.min_by_key(|(_, at)| distance(at))?;
        // 9 units in 100 microseconds.
        let ticks = i128::from(observed.unix_us() - at.unix_us()) * 9 / 100;
        Some(pts.saturating_add_signed(i64::try_from(ticks).ok()?))
    }

    /// The source's time at a presentation time; `None` without metadata.
    #[must_use]
    pub fn observed_at(&self, pts_90k: u64) -> Option<Observed> {
        let anchors = self.segments.iter().flat_map(|i| &i.anchors);
        let (pts, at) = anchors.min_by_key(|(pts, _)| pts.abs_diff(pts_90k))?;
        let ticks = pts_90k.wrapping_sub(*pts).cast_signed();
        Some(at.plus_seconds(ticks as f64 / 90_000.0))
    }

    /// All groups, in order.
    pub(crate) fn groups(&self) -> impl DoubleEndedIterator<Item = At<'_>> {
        self.segments
            .iter()
            .enumerate()
            .flat_map(|(segment, index)| {
                index.groups.iter().map(move |group| At {
                    segment,
                    index,
                    group,
                })
            })
    }

    /// The groups whose pictures are needed to show all from `from_90k` to `to_90k`, in order: from the last random access point
    /// at or before the first instant.
    pub(crate) fn needed(&self, from_90k: u64, to_90k: u64) -> Result<Vec<At<'_>>, SpanError> {
        let groups: Vec<_> = self.groups().collect();
        let begins = |at: &At<'_>| at.group.first_pts_90k().is_some_and(|pts| pts <= from_90k);
        let first = groups.iter().rposition(begins).unwrap_or(0);
        let needed: Vec<_> = groups
            .into_iter()
            .skip(first)
            .take_while(|at| at.group.first_pts_90k().is_some_and(|pts| pts <= to_90k))
            .collect();
        // The instant asked for may lie beyond what there is, or in a gap.
        let last_pts = needed
            .iter()
            .flat_map(|at| &at.group.frames)
            .map(|f| f.pts_90k)
            .max();
        match last_pts {
            Some(last) if last + MAX_SHOWN_90K >= from_90k && from_90k <= to_90k => Ok(needed),
            _ => Err(self.nothing(from_90k, to_90k)),
        }
    }

    fn nothing(&self, from_90k: u64, to_90k: u64) -> SpanError {
        if let Some((segment, codec)) = self
            .segments
            .iter()
            .find_map(|i| Some((i.segment, i.codec?)))
            && !matches!(codec, Codec::H264 | Codec::Hevc)
        {
            return SpanError::Codec {
                segment,
                codec: codec.as_str(),
                wanted: "an MP4 of this centre",
            };
        }
        SpanError::Nothing {
            from_90k,
            to_90k,
            held: match self.times_90k() {
                Some((first, last)) => format!("pictures from {first} to {last}"),
                None => "none".to_owned(),
            },
        }
    }
}

/// An instant so long after a picture is still that picture's, when no other came.
const MAX_SHOWN_90K: u64 = 90_000;
