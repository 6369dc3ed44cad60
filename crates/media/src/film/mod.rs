//! A span as one MP4 file, whole or in parts.
//!
//! ```text
//! ftyp  isom, iso2, mp41
//! moov
//!   mvhd
//!   trak
//!     tkhd  edts( elst )  mdia( mdhd  hdlr  minf( vmhd  dinf  stbl( stsd  stts  ctts  stss  stsc  stsz  stco | co64 )))
//! mdat   the samples, a chunk for each random access point and what follows it
//! ```
//!
//! The tables stand before the media (ISO/IEC 14496-12 §8.1.1), so that a player can begin before the end has come. The film begins
//! at the last random access point at or before the wanted instant; the edit list (§8.6.6) says that it is shown from
//! that instant on. Chromium and ffmpeg were seen to obey it.
//!
//! **The layout follows from the indexes alone**, and the samples from the segments: the same span gives the same bytes, today
//! and in a year. So a film needs not be stored; any range of its bytes is made when it is asked for, by reading
//! only the segments' bytes that the range shows, and its tag ([`Film::etag`]) is a strong one.
//!
//! Pauses of the source are pauses in the film: a picture lasts until the next is decoded. A clock that jumps back goes on as in a
//! live stream ([`Timeline`]).

mod tables;

use std::ops::Range;

use truceline_domain::Sha256;

use self::tables::Tables;
use crate::span::{At, Derived, Origin, Source, Span, SpanError, group_pictures};
use crate::timeline::Timeline;

/// Pictures of a film at most: ten hours at 30 Hz.
const MAX_FRAMES: u64 = 1_080_000;
/// Bytes that are made at once at most.
const MAX_AT_ONCE: u64 = 256 << 20;

/// A film that can be made.
#[derive(Debug, Clone)]
pub struct Film {
    span: Span,
    head: Vec<u8>,
    chunks: Vec<Chunk>,
    length: u64,
    starts_90k: u64,
    shown_from_90k: u64,
    ends_90k: u64,
    frames: u64,
}

/// Samples of one group.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    segment: usize,
    group: usize,
    /// So many of its pictures.
    frames: usize,
    /// Where in the file.
    at: u64,
    bytes: u64,
}

impl Film {
    /// The film that shows what there is from `from_90k` to `to_90k` (the feed's clock, unwrapped, both included).
    ///
    /// # Errors
    /// When there is nothing to be shown, too much, or video of a kind that MP4 does not hold here.
    pub fn new(span: &Span, from_90k: u64, to_90k: u64) -> Result<Self, SpanError> {
        let needed = span.needed(from_90k, to_90k)?;
        let mut tables = Tables::new(from_90k);
        let mut timeline = Timeline::recorded();
        let mut chunks = Vec::new();
        for at in &needed {
            let frames = shown(at, to_90k);
            let bytes = tables.chunk(at, frames, &mut timeline);
            if tables.frames() > MAX_FRAMES {
                return Err(SpanError::TooMuch {
                    what: "pictures of a film",
                    count: tables.frames(),
                    most: MAX_FRAMES,
                });
            }
            chunks.push(Chunk {
                segment: at.segment,
                group: group_number(at),
                frames,
                at: 0,
                bytes,
            });
        }
        let (head, places) = tables.write()?;
        let mut length = head.len() as u64;
        for (chunk, at) in chunks.iter_mut().zip(places) {
            chunk.at = at;
            length = at + chunk.bytes;
        }
        Ok(Self {
            span: span.clone(),
            head,
            chunks,
            length,
            starts_90k: tables.starts_90k(),
            shown_from_90k: tables.shown_from_90k(),
            ends_90k: tables.ends_90k(),
            frames: tables.frames(),
        })
    }

    /// How many bytes the file has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How many pictures it holds, those before its edit list's beginning included.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// When its first picture in decoding order is shown, by the feed's clock.
    #[must_use]
    pub fn starts_90k(&self) -> u64 {
        self.starts_90k
    }

    /// The instant at which it begins to be shown: what was asked for, or the first picture's when that is later.
    #[must_use]
    pub fn shown_from_90k(&self) -> u64 {
        self.shown_from_90k
    }

    /// When its last picture ends, by the feed's clock.
    #[must_use]
    pub fn ends_90k(&self) -> u64 {
        self.ends_90k
    }

    /// A strong entity tag (RFC 9110 §8.8.3), without its quotes: a hash of the layout and of the segments' hashes, from which every byte
    /// follows.
    #[must_use]
    pub fn etag(&self) -> String {
        let mut of = self.head.clone();
        for chunk in &self.chunks {
            if let Some(index) = self.span.segments.get(chunk.segment) {
                of.extend_from_slice(index.segment.as_bytes());
            }
        }
        Sha256::of(&of).to_string()
    }

    /// Makes bytes of the file.
    ///
    /// # Errors
    /// When the range is not in the file or has more than 256 MiB, or when a segment cannot be read.
    pub fn read(&self, range: Range<u64>, source: &dyn Source) -> Result<Vec<u8>, SpanError> {
        if range.start > range.end || range.end > self.length {
            return Err(SpanError::OutOfRange {
                from: range.start,
                to: range.end,
                length: self.length,
            });
        }
        let wanted = range.end - range.start;
        if wanted > MAX_AT_ONCE {
            return Err(SpanError::TooMuch {
                what: "bytes at once",
                count: wanted,
                most: MAX_AT_ONCE,
            });
        }
        let mut bytes = Vec::new();
        copy(&mut bytes, &self.head, 0, &range);
        for chunk in &self.chunks {
            if chunk.at < range.end && chunk.at + chunk.bytes > range.start {
                copy(&mut bytes, &self.samples(chunk, source)?, chunk.at, &range);
            }
        }
        Ok(bytes)
    }

    /// Makes the whole file.
    ///
    /// # Errors
    /// As [`Film::read`].
    pub fn whole(&self, source: &dyn Source) -> Result<Derived, SpanError> {
        Ok(Derived::new(
            self.read(0..self.length, source)?,
            self.origins(),
        ))
    }

    /// The segments' bytes that it is made of.
    #[must_use]
    pub fn origins(&self) -> Vec<Origin> {
        let mut origins: Vec<Origin> = Vec::new();
        for chunk in &self.chunks {
            let Some(index) = self.span.segments.get(chunk.segment) else {
                continue;
            };
            let Some(group) = index.groups.get(chunk.group) else {
                continue;
            };
            match origins.last_mut().filter(|o| o.segment == index.segment) {
                Some(origin) => origin.end = group.end,
                None => origins.push(Origin {
                    segment: index.segment,
                    first: group.offset,
                    end: group.end,
                }),
            }
        }
        origins
    }

    fn samples(&self, chunk: &Chunk, source: &dyn Source) -> Result<Vec<u8>, SpanError> {
        let found = self.span.segments.get(chunk.segment);
        let Some((index, group)) = found.and_then(|i| Some((i, i.groups.get(chunk.group)?))) else {
            return Ok(Vec::new());
        };
        let pictures = group_pictures(index, group, chunk.frames, source)?;
        let samples: Vec<Vec<u8>> = pictures.into_iter().map(|(_, sample)| sample).collect();
        Ok(samples.concat())
    }
}

/// How many of the group's pictures, in the order decoded, are needed to show all up to `to_90k`.
fn shown(at: &At<'_>, to_90k: u64) -> usize {
    let last = at.group.frames.iter().rposition(|f| f.pts_90k <= to_90k);
    last.map_or(0, |i| i + 1)
}

fn group_number(at: &At<'_>) -> usize {
    let position = at
        .index
        .groups
        .iter()
        .position(|g| std::ptr::eq(g, at.group));
    position.unwrap_or(usize::MAX)
}

/// Appends what of `part`, which stands at `at` in the file, lies in `range`.
fn copy(to: &mut Vec<u8>, part: &[u8], at: u64, range: &Range<u64>) {
    let end = at + part.len() as u64;
    let (from, until) = (range.start.max(at), range.end.min(end));
    if from < until {
        // Both are within the part, whose length is a usize.
        let clip = |place: u64| usize::try_from(place - at).unwrap_or(usize::MAX);
        to.extend_from_slice(part.get(clip(from)..clip(until)).unwrap_or_default());
    }
}
