//! Cuts a feed's bytes into segments.
//!
//! The caller pushes the feed's bytes as they come and says where a decoder can begin: at random
//! access points, which it knows and this module does not, and which it may know only when later
//! bytes have come. A segment that is due ends there; without such a point it ends only when it is
//! as large or as long as a segment may be.
//!
//! Bytes are in the open segment's file as soon as they are pushed. A live feed's open segments lie
//! in `live/`, each with a sidecar that says what it is: they can be read before they are finished,
//! and the next opening finds what a crash left of them ([`left_over`]).

mod live;

use std::collections::VecDeque;
use std::path::PathBuf;

use truceline_domain::{FeedId, Observed, Received, Sha256, TheatreId};

pub use self::live::{Arrival, LeftOver, Sidecar, left_over};
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
    /// A segment that spans so much presentation time is cut at the next random access point.
    pub due_pts_90k: u64,
    /// No segment is larger.
    pub max_bytes: u64,
    /// No segment takes longer to receive, with or without a random access point.
    pub max_s: f64,
}

impl Limits {
    /// For a feed that is read from a file: 64 MiB or ten seconds of video, whichever comes first.
    pub const FILE: Self = Self {
        due_bytes: 64 << 20,
        due_s: 60.0,
        due_pts_90k: 10 * 90_000,
        max_bytes: 256 << 20,
        max_s: f64::INFINITY,
    };

    /// For a live feed: eight seconds, so that with a random access point every second or two no
    /// segment is longer than ten; one without any is ended at ten all the same.
    pub const LIVE: Self = Self {
        due_bytes: 32 << 20,
        due_s: 8.0,
        due_pts_90k: 8 * 90_000,
        max_bytes: 64 << 20,
        max_s: 10.0,
    };
}

/// So many bytes are kept open for a cut that lies before bytes already pushed.
const HELD_BYTES: usize = 4 << 20;

/// One feed on its way into the store.
#[derive(Debug)]
pub struct SegmentWriter {
    blobs: Blobs,
    feed: FeedId,
    format: String,
    limits: Limits,
    /// Where open segments of a live feed lie; `None` for a feed that can be read again.
    live: Option<live::Place>,
    /// Where in the feed the next pushed byte is.
    offset: u64,
    /// Whether the next pushed byte is a random access point.
    random_access: Option<Point>,
    open: Option<Open>,
    /// Segments that have their last byte and could not be finished yet: the disk refused.
    ended: VecDeque<Open>,
    /// Sidecars of finished segments whose entries the log may not have yet.
    uncommitted: VecDeque<(Sha256, Sidecar)>,
}

/// A segment that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    /// Its file. When the segment ends it has another name.
    pub path: PathBuf,
    /// Where in the feed it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// When they came.
    pub received: Span<Received>,
    /// When what they show was observed, as far as they say.
    pub observed: Option<Span<Observed>>,
    /// The presentation time of its first random access point.
    pub first_pts_90k: Option<u64>,
}

/// A place where a decoder can begin.
#[derive(Debug, Clone, Copy)]
struct Point {
    pts_90k: Option<u64>,
}

#[derive(Debug)]
struct Open {
    writer: BlobWriter,
    sidecar: Option<Sidecar>,
    offset: u64,
    random_access: bool,
    /// Told times, with the offset of the bytes that tell them; those beyond the end go to the next.
    observed: Vec<(u64, Observed)>,
    received: Span<Received>,
    pts_90k: Option<Span<u64>>,
}

impl Open {
    fn end(&self) -> u64 {
        self.offset + self.writer.bytes()
    }

    fn is_due(&self, limits: &Limits, pts_90k: Option<u64>) -> bool {
        let span_90k = self
            .pts_90k
            .zip(pts_90k)
            .map_or(0, |(span, now)| now.saturating_sub(span.first));
        self.writer.bytes() >= limits.due_bytes
            || self.received.last.seconds_since(self.received.first) >= limits.due_s
            || span_90k >= limits.due_pts_90k
    }
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
            live: None,
            offset,
            random_access: None,
            open: None,
            ended: VecDeque::new(),
            uncommitted: VecDeque::new(),
        }
    }

    /// The same for a live feed that was opened at `opened`: its open segments lie in `folder`, and
    /// stay there when the process dies.
    #[must_use]
    pub fn live(mut self, folder: PathBuf, opened: Received) -> Self {
        self.live = Some(live::Place { folder, opened });
        self
    }

    /// Adds bytes, received at `received`. Segments that this completes are returned.
    ///
    /// # Errors
    /// When the disk refuses: the bytes were not added, and can be pushed again.
    pub fn push(
        &mut self,
        bytes: &[u8],
        received: Received,
    ) -> Result<Vec<SegmentBody>, BlobError> {
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        if self.open.as_ref().is_some_and(|open| {
            let held = open.writer.bytes() + open.writer.tail().len() as u64;
            held + bytes.len() as u64 > self.limits.max_bytes
        }) {
            self.end_all()?;
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin(self.offset, received)?,
        };
        let appended = open.writer.append(bytes);
        if appended.is_ok() {
            open.received = Span::with(Some(open.received), received);
            if let Some(sidecar) = &mut open.sidecar {
                sidecar.arrived(self.offset - open.offset, received);
            }
            self.offset += bytes.len() as u64;
            let held = open.writer.tail().len();
            if held > HELD_BYTES {
                open.writer.settle(held - HELD_BYTES / 2);
            }
        }
        self.open = Some(open);
        appended?;
        // These bytes are in. What cannot be finished now is tried again with the next call.
        match self.finish_ended() {
            Err(BlobError::Io { .. }) => Ok(Vec::new()),
            finished => finished,
        }
    }

    /// Says that the bytes at `offset` in the feed tell of `at`.
    pub fn observed(&mut self, offset: u64, at: Observed) {
        if let Some(open) = &mut self.open {
            open.observed.push((offset, at));
            if open.observed.len() > MAX_TOLD {
                narrow(&mut open.observed, open.offset + open.writer.bytes());
            }
        }
    }

    /// Says that a decoder can begin with the byte at `offset` in the feed, which shows `pts_90k`.
    /// If the segment before it is due, it ends there and is returned.
    ///
    /// # Errors
    /// When the disk refuses; the segment then goes on, and is offered again at the next point.
    pub fn random_access_point(
        &mut self,
        offset: u64,
        pts_90k: Option<u64>,
    ) -> Result<Vec<SegmentBody>, BlobError> {
        let Some(mut open) = self.open.take() else {
            self.random_access = Some(Point { pts_90k });
            return self.finish_ended();
        };
        // Too far back: those bytes are settled, and their segment spans one more point.
        let Some(before) = offset.checked_sub(open.end()) else {
            self.open = Some(open);
            return self.finish_ended();
        };
        open.writer
            .settle(usize::try_from(before).unwrap_or(usize::MAX));
        if open.writer.bytes() == 0 {
            open.random_access = true;
            open.pts_90k = pts_90k.map(|pts| Span::with(None, pts));
            if let Some(sidecar) = &mut open.sidecar {
                sidecar.random_access();
            }
            self.open = Some(open);
            return self.finish_ended();
        }
        let due = open.is_due(&self.limits, pts_90k);
        if !due {
            if let Some(pts) = pts_90k {
                open.pts_90k = Some(Span::with(open.pts_90k, pts));
            }
            self.open = Some(open);
            return self.finish_ended();
        }
        self.random_access = Some(Point { pts_90k });
        self.turn(open)?;
        self.finish_ended()
    }

    /// Ends a segment that has been open as long as one may be. To be called from time to time; also
    /// has what was written made durable in the background.
    ///
    /// # Errors
    /// When the disk refuses; it can be tried again.
    pub fn tick(&mut self, now: Received) -> Result<Vec<SegmentBody>, BlobError> {
        if let Some(open) = &mut self.open {
            open.writer.flush();
            if now.seconds_since(open.received.first) >= self.limits.max_s {
                return self.finish();
            }
        }
        self.finish_ended()
    }

    /// Ends the open segment with all that was pushed, if there is one, and makes it durable: at the
    /// feed's end, before a report.
    ///
    /// # Errors
    /// When the disk refuses; it can be tried again.
    pub fn finish(&mut self) -> Result<Vec<SegmentBody>, BlobError> {
        self.end_all()?;
        self.finish_ended()
    }

    /// Says that the log has the entry of a segment that was returned. Until then, or until a restart, a live
    /// feed's folder says that it may not.
    pub fn committed(&mut self, sha256: &Sha256) {
        while let Some((_, sidecar)) = self.uncommitted.pop_front_if(|(of, _)| of == sha256) {
            sidecar.remove();
        }
    }

    /// Where in the feed the next byte is.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where in the feed the open segment begins.
    #[must_use]
    pub fn open_begins(&self) -> Option<u64> {
        self.open.as_ref().map(|open| open.offset)
    }

    /// The open segment as it is, for those who read a live feed.
    #[must_use]
    pub fn open_file(&self) -> Option<OpenFile> {
        let open = self.open.as_ref()?;
        Some(OpenFile {
            path: open.writer.path(),
            offset: open.offset,
            bytes: open.writer.bytes() + open.writer.tail().len() as u64,
            received: open.received,
            observed: span(&open.observed),
            first_pts_90k: open.pts_90k.map(|span| span.first),
        })
    }

    fn begin(&mut self, offset: u64, received: Received) -> Result<Open, BlobError> {
        let point = self.random_access.take();
        let made = match &self.live {
            None => self.blobs.writer().map(|writer| (writer, None)),
            Some(place) => place
                .begin(
                    &self.blobs,
                    &self.feed,
                    &self.format,
                    offset,
                    point.is_some(),
                )
                .map(|(writer, sidecar)| (writer, Some(sidecar))),
        };
        let (writer, sidecar) = made.inspect_err(|_| self.random_access = point)?;
        Ok(Open {
            writer,
            sidecar,
            offset,
            random_access: point.is_some(),
            observed: Vec::new(),
            received: Span::with(None, received),
            pts_90k: point
                .and_then(|p| p.pts_90k)
                .map(|pts| Span::with(None, pts)),
        })
    }

    /// Ends `open` behind what is settled; what came after begins the next segment. The next one's
    /// file has its bytes before the ended one's is cut, so that a crash finds them once at least.
    fn turn(&mut self, mut open: Open) -> Result<(), BlobError> {
        let end = open.end();
        if !open.writer.tail().is_empty() {
            let next = self
                .begin(end, open.received.last)
                .and_then(|mut next| next.writer.append(open.writer.tail()).map(|()| next));
            let mut next = match next {
                Ok(next) => next,
                Err(error) => {
                    self.open = Some(open);
                    return Err(error);
                }
            };
            let (mine, theirs) = open.observed.iter().partition(|(at, _)| *at < end);
            (open.observed, next.observed) = (mine, theirs);
            self.open = Some(next);
        }
        self.ended.push_back(open);
        Ok(())
    }

    fn end_all(&mut self) -> Result<(), BlobError> {
        if let Some(mut open) = self.open.take() {
            open.writer.settle(usize::MAX);
            self.turn(open)?;
        }
        Ok(())
    }

    fn finish_ended(&mut self) -> Result<Vec<SegmentBody>, BlobError> {
        let mut finished = Vec::new();
        while let Some(open) = self.ended.front_mut() {
            if let Some(sidecar) = &mut open.sidecar {
                let (sha256, bytes) = (open.writer.sha256(), open.writer.bytes());
                if let Err(source) = sidecar.ended(sha256, bytes) {
                    if !finished.is_empty() {
                        break;
                    }
                    let path = sidecar.path().to_path_buf();
                    return Err(BlobError::Io {
                        doing: "writing",
                        path,
                        source,
                    });
                }
            }
            // If we die from here on, the sidecar says where the bytes are.
            let stored = match open.writer.finish() {
                Ok(stored) => stored,
                // Told with the next call, when nothing was finished before it.
                Err(BlobError::Io { .. }) if !finished.is_empty() => break,
                Err(error) => {
                    if !matches!(error, BlobError::Io { .. }) {
                        self.ended.pop_front();
                    }
                    return Err(error);
                }
            };
            let Some(mut open) = self.ended.pop_front() else {
                break;
            };
            if let Some(sidecar) = open.sidecar.take() {
                self.uncommitted.push_back((stored.sha256, sidecar));
            }
            finished.push(SegmentBody {
                feed: self.feed.clone(),
                format: self.format.clone(),
                sha256: stored.sha256,
                bytes: stored.bytes,
                offset: open.offset,
                observed: span(&open.observed),
                received: open.received,
                pts_90k: open.pts_90k,
                random_access: open.random_access,
            });
        }
        Ok(finished)
    }
}

/// So many told times are kept one by one.
const MAX_TOLD: usize = 4096;

/// Of the times told by bytes before `settled`, which no cut can take away any more, keeps the first
/// and the last.
fn narrow(observed: &mut Vec<(u64, Observed)>, settled: u64) {
    let (before, after): (Vec<_>, Vec<_>) = observed.iter().partition(|(at, _)| *at < settled);
    let span = span(&before);
    let at = before.first().map_or(0, |(at, _)| *at);
    *observed = span
        .into_iter()
        .flat_map(|s| [(at, s.first), (at, s.last)])
        .chain(after)
        .collect();
}

fn span(observed: &[(u64, Observed)]) -> Option<Span<Observed>> {
    observed
        .iter()
        .fold(None, |span, (_, at)| Some(Span::with(span, *at)))
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
