//! Cuts a feed's bytes into segments.
//!
//! The caller pushes the feed's bytes as they come and cuts where a decoder can begin: at random
//! access points, which it knows and this module does not. A segment is due when it is large or long
//! enough; it is cut without such a point only when it reaches the largest size.

use truceline_domain::{FeedId, Observed, Received, TheatreId};

use crate::blob::{BlobError, BlobWriter, Blobs};
use crate::bodies::{SEGMENT, SegmentBody, Span};
use crate::entry::{Draft, EntryError};

/// When to cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// A segment of so many bytes is cut at the next random access point.
    pub due_bytes: u64,
    /// A segment that took so long to receive is cut at the next random access point.
    pub due_s: f64,
    /// No segment is larger.
    pub max_bytes: u64,
}

/// 64 MiB or a minute: a drone's stream of 2 to 8 Mb/s makes segments of 15 to 60 MB, so that a clip
/// of an event touches one or two, and what a crash leaves unfinished is a minute at most.
impl Default for Limits {
    fn default() -> Self {
        Self {
            due_bytes: 64 << 20,
            due_s: 60.0,
            max_bytes: 256 << 20,
        }
    }
}

/// When the bytes of one push were observed and received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// When what they show was observed, where the feed says so.
    pub observed: Option<Observed>,
    /// When they reached the centre.
    pub received: Received,
    /// Presentation time in units of 1/90,000 s, unwrapped.
    pub pts_90k: Option<u64>,
}

/// One feed on its way into the store.
#[derive(Debug)]
pub struct SegmentWriter {
    blobs: Blobs,
    feed: FeedId,
    format: String,
    limits: Limits,
    /// Where in the feed the next byte is.
    offset: u64,
    /// Whether the next byte is a random access point.
    random_access: bool,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    writer: BlobWriter,
    offset: u64,
    random_access: bool,
    observed: Option<Span<Observed>>,
    received: Span<Received>,
    pts_90k: Option<Span<u64>>,
}

impl SegmentWriter {
    /// A feed whose bytes are of `format` and begin at `offset` in the feed.
    #[must_use]
    pub fn new(blobs: &Blobs, feed: FeedId, format: &str, limits: Limits, offset: u64) -> Self {
        let format = format.to_owned();
        Self {
            blobs: blobs.clone(),
            feed,
            format,
            limits,
            offset,
            random_access: false,
            open: None,
        }
    }

    /// Adds bytes. When they do not fit the largest size, the segment before them is finished and
    /// returned; the new one begins without a random access point.
    ///
    /// # Errors
    /// When the disk refuses; the open segment is then lost and the feed goes on with the next push.
    pub fn push(&mut self, bytes: &[u8], stamp: Stamp) -> Result<Option<SegmentBody>, BlobError> {
        let full = self.open.as_ref().is_some_and(|open| {
            open.writer.bytes().saturating_add(bytes.len() as u64) > self.limits.max_bytes
        });
        let finished = if full { self.finish()? } else { None };
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open {
                writer: self.blobs.writer()?,
                offset: self.offset,
                random_access: std::mem::take(&mut self.random_access),
                observed: None,
                received: Span::with(None, stamp.received),
                pts_90k: None,
            },
        };
        self.offset += bytes.len() as u64;
        open.writer.push(bytes)?;
        if let Some(observed) = stamp.observed {
            open.observed = Some(Span::with(open.observed, observed));
        }
        open.received = Span::with(Some(open.received), stamp.received);
        if let Some(pts_90k) = stamp.pts_90k {
            open.pts_90k = Some(Span::with(open.pts_90k, pts_90k));
        }
        self.open = Some(open);
        Ok(finished)
    }

    /// Says that a decoder can begin with the byte that is pushed next. If the segment is due, it is
    /// finished and returned.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn random_access_point(&mut self) -> Result<Option<SegmentBody>, BlobError> {
        let due = self.open.as_ref().is_some_and(|open| {
            open.writer.bytes() >= self.limits.due_bytes
                || open.received.last.seconds_since(open.received.first) >= self.limits.due_s
        });
        let finished = if due { self.finish()? } else { None };
        self.random_access = self.open.is_none();
        Ok(finished)
    }

    /// Finishes the open segment, if there is one, and makes it durable: at the feed's end, at a
    /// random access point that the caller wants, before a report.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(&mut self) -> Result<Option<SegmentBody>, BlobError> {
        let Some(open) = self.open.take() else {
            return Ok(None);
        };
        let stored = open.writer.finish()?;
        Ok(Some(SegmentBody {
            feed: self.feed.clone(),
            format: self.format.clone(),
            sha256: stored.sha256,
            bytes: stored.bytes,
            offset: open.offset,
            observed: open.observed,
            received: open.received,
            pts_90k: open.pts_90k,
            random_access: open.random_access,
        }))
    }
}

impl SegmentBody {
    /// The entry that puts the segment into the log.
    ///
    /// # Errors
    /// When the body has no canonical form.
    pub fn draft(&self, theatre: &TheatreId, by: &str) -> Result<Draft, EntryError> {
        let observed = self.observed.map(|span| span.first);
        Ok(Draft::new(SEGMENT, theatre, by, self)?.with_times(observed, Some(self.received.first)))
    }
}
