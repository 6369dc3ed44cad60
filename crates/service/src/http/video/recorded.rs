//! Recorded video by feed and time: which segments there are, and what stands in them.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use truceline_domain::{FeedId, Observed, Received, Sha256};
use truceline_intake::{Context, Format};
use truceline_media::{Index, Source, Span};
use truceline_record::Blobs;
use truceline_record::bodies::{self, SEGMENT, SegmentBody};
use truceline_record::segment::{Limits, OpenFile};

use crate::error::io;
use crate::http::app::{App, Problem, blocking};
use crate::{Centre, CentreError};

/// Segments of one answer at most: two hours of segments of ten seconds.
const MAX_SEGMENTS: usize = 720;
/// Indexes that are kept: some 20 KB each.
const KEPT_INDEXES: usize = 4096;
/// Segments that are known of each feed, the newest: three weeks of segments of ten seconds, 40 MB.
const KNOWN_SEGMENTS: usize = 200_000;
/// So often, and so long apart, it is looked again for a segment that is just ending.
const TURNS: usize = 5;
const TURN: Duration = Duration::from_millis(100);
/// A segment's own time and the centre's clock may differ by so much, microseconds.
const SLACK_US: i64 = 2_000_000;

/// A span of time that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between {
    from: Observed,
    to: Observed,
}

impl Between {
    pub(super) fn new(from: Timestamp, to: Timestamp) -> Result<Self, Problem> {
        if from > to {
            let why = format!("from ({from}) is after to ({to})");
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
        }
        Ok(Self {
            from: from.into(),
            to: to.into(),
        })
    }
}

/// What was found.
pub(super) struct Found {
    pub(super) span: Span,
    pub(super) from_90k: u64,
    pub(super) to_90k: u64,
    pub(super) source: Segments,
}

/// Segments of the record, read where they lie, and the one that is still open, as it was when it was asked for.
#[derive(Clone)]
pub(super) struct Segments {
    blobs: Blobs,
    open: Option<Arc<OpenPart>>,
}

/// An open segment's bytes as far as they had come.
pub(super) struct OpenPart {
    /// The hash of these bytes. The segment that they become has another, but begins with them, as far as it is not cut
    /// before their end.
    pub(super) sha256: Sha256,
    /// Where in the feed they begin, as segments' entries count.
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

impl Segments {
    /// The open segment's part, when it was read.
    pub(super) fn open(&self) -> Option<&OpenPart> {
        self.open.as_deref()
    }
}

impl Source for Segments {
    fn read(&self, segment: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String> {
        if let Some(open) = self.open().filter(|open| open.sha256 == *segment) {
            let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
            let part = range.and_then(|(from, to)| open.bytes.get(from..to.min(open.bytes.len())));
            return Ok(part.unwrap_or_default().to_vec());
        }
        let mut file = self.blobs.open(segment).map_err(|e| e.to_string())?;
        let words = |e: std::io::Error| e.to_string();
        file.seek(SeekFrom::Start(from)).map_err(words)?;
        let mut bytes = Vec::new();
        file.take(to.saturating_sub(from))
            .read_to_end(&mut bytes)
            .map_err(words)?;
        Ok(bytes)
    }
}

/// A segment that is known.
#[derive(Debug, Clone)]
struct Known {
    place: Place,
    /// From when to when, by the source's clock or else the centre's, microseconds.
    from_us: i64,
    to_us: i64,
    received: Received,
    first_pts_90k: Option<u64>,
    /// Where in the feed it begins and ends.
    offset: u64,
    end: u64,
}

/// Where a segment lies.
#[derive(Debug, Clone)]
enum Place {
    Blob(Sha256),
    Open(PathBuf),
}

impl Known {
    fn of(body: &SegmentBody) -> Self {
        let (from_us, to_us) = span_us(body.observed, body.received);
        Self {
            place: Place::Blob(body.sha256),
            from_us,
            to_us,
            received: body.received.first,
            first_pts_90k: body.pts_90k.map(|span| span.first),
            offset: body.offset,
            end: body.offset + body.bytes,
        }
    }

    fn open(file: OpenFile) -> Self {
        let (from_us, to_us) = span_us(file.observed, file.received);
        Self {
            place: Place::Open(file.path),
            from_us,
            to_us,
            received: file.received.first,
            first_pts_90k: file.first_pts_90k,
            offset: file.offset,
            end: file.offset + file.bytes,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.offset, self.received) == (other.offset, other.received)
    }
}

fn span_us(
    observed: Option<bodies::Span<Observed>>,
    received: bodies::Span<Received>,
) -> (i64, i64) {
    match observed {
        Some(span) => (span.first.unix_us(), span.last.unix_us()),
        None => (received.first.unix_us(), received.last.unix_us()),
    }
}

/// Which segments there are.
#[derive(Default)]
struct Catalogue {
    /// Entries of the log that were looked at.
    seen: u64,
    feeds: BTreeMap<FeedId, VecDeque<Known>>,
}

impl Catalogue {
    fn catch_up(&mut self, centre: &Centre) -> Result<(), CentreError> {
        let log = centre.record().log()?;
        for leaf in log.entries(self.seen) {
            let entry = leaf?.entry()?;
            self.seen += 1;
            if entry.kind != SEGMENT {
                continue;
            }
            let body: SegmentBody = entry.body_as()?;
            if body.format == Format::Fmv.as_str() {
                let known = self.feeds.entry(body.feed.clone()).or_default();
                if known.len() >= KNOWN_SEGMENTS {
                    known.pop_front();
                }
                known.push_back(Known::of(&body));
            }
        }
        Ok(())
    }

    /// The segments of a feed that may show a span of time, and the one before, which may have its random access
    /// point; `open` is the one that is not in the record yet.
    fn between(&self, feed: &FeedId, between: Between, open: Option<&Known>) -> Vec<Known> {
        let (from, to) = (
            between.from.unix_us().saturating_sub(SLACK_US),
            between.to.unix_us().saturating_add(SLACK_US),
        );
        let known = self.feeds.get(feed).into_iter().flatten();
        let mut found: Vec<Known> = Vec::new();
        let mut before = None;
        for segment in known.chain(open) {
            if segment.from_us <= to && segment.to_us >= from {
                found.extend(before.take());
                found.push(segment.clone());
            } else {
                before = Some(segment.clone());
            }
        }
        found
    }

    /// Whether the record has all that came before the open segment: one that has just ended is on its way for a
    /// moment.
    fn reaches(&self, feed: &FeedId, open: &Known) -> bool {
        let last = self.feeds.get(feed).and_then(VecDeque::back);
        open.offset == 0 || last.is_some_and(|last| last.end == open.offset || last.is_same(open))
    }
}

/// Recorded video, as far as it was asked for.
#[derive(Default)]
pub(super) struct Shelf {
    catalogue: Arc<Mutex<Catalogue>>,
    indexes: Arc<Mutex<Indexes>>,
}

/// The indexes kept, oldest first.
#[derive(Default)]
struct Indexes {
    by_segment: BTreeMap<Sha256, Arc<Index>>,
    order: VecDeque<Sha256>,
}

impl Shelf {
    /// The segments that show a span of time of a feed.
    pub(super) async fn find(
        &self,
        app: &App,
        feed: FeedId,
        between: Between,
    ) -> Result<Found, Problem> {
        for _ in 0..TURNS {
            if let Some(found) = self.turn(app, &feed, between, false).await? {
                return Ok(found);
            }
            tokio::time::sleep(TURN).await;
        }
        let found = self.turn(app, &feed, between, true).await?;
        found.ok_or_else(|| nothing(&feed, between))
    }

    /// The same; `None` while a segment is just ending. With `is_last` what there is must do.
    async fn turn(
        &self,
        app: &App,
        feed: &FeedId,
        between: Between,
        is_last: bool,
    ) -> Result<Option<Found>, Problem> {
        // Before the record is read: what ends meanwhile is then in one of the two.
        let live = app.hub().feed(feed);
        let open = live.and_then(|live| live.open_segment());
        let open = open
            .filter(|open| open.format == Format::Fmv)
            .map(|open| Known::open(open.file));
        let (catalogue, asked) = (Arc::clone(&self.catalogue), feed.clone());
        let found = app.clone().with(move |centre| {
            let mut catalogue = catalogue.lock().unwrap_or_else(PoisonError::into_inner);
            catalogue.catch_up(centre)?;
            let reaches = open
                .as_ref()
                .is_none_or(|open| catalogue.reaches(&asked, open));
            let ended = |open: &Known| {
                let mut all = catalogue.feeds.get(&asked).into_iter().flatten().rev();
                all.any(|known| known.is_same(open))
            };
            let open = open.filter(|open| !ended(open));
            let known = catalogue.between(&asked, between, open.as_ref());
            let config = centre.config().feeds.iter().find(|f| f.id == asked);
            let source = config.map_or_else(|| (&asked).into(), |c| c.source_id());
            Ok((known, reaches, source, centre.record().blobs().clone()))
        });
        let (known, reaches, source, blobs) = found.await?;
        if !reaches && !is_last {
            return Ok(None);
        }
        if known.is_empty() {
            return Err(nothing(feed, between));
        }
        if known.len() > MAX_SEGMENTS {
            let why = format!(
                "{} segments lie between {} and {}, expected at most {MAX_SEGMENTS}; ask for a shorter span",
                known.len(),
                between.from,
                between.to
            );
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
        }
        let indexes = Arc::clone(&self.indexes);
        let context = Context {
            feed: feed.clone(),
            source,
        };
        let found = blocking(move || {
            let mut span = Vec::with_capacity(known.len());
            let mut open = None;
            for segment in &known {
                match &segment.place {
                    Place::Blob(sha256) => {
                        span.push(index(&indexes, &context, segment, sha256, &blobs)?);
                    }
                    Place::Open(path) => {
                        // It has ended since, and lies under another name.
                        let Some(part) = open_part(path, segment.offset)? else {
                            return Ok(None);
                        };
                        let near = segment.first_pts_90k;
                        let index = Index::build(&context, part.sha256, &part.bytes, near);
                        span.push(Arc::new(index));
                        open = Some(Arc::new(part));
                    }
                }
            }
            let span = Span::new(span);
            let pts = |at| pts_of(&span, &known, at);
            let (from_90k, to_90k) = (pts(between.from), pts(between.to));
            Ok(Some(Found {
                from_90k,
                to_90k: to_90k.max(from_90k),
                span,
                source: Segments { blobs, open },
            }))
        });
        Ok(found.await?)
    }
}

fn nothing(feed: &FeedId, between: Between) -> Problem {
    let why = format!(
        "no video of {feed} is recorded between {} and {}",
        between.from, between.to
    );
    Problem::not_found(why)
}

/// What an open segment's file holds; `None` when it is there no more.
fn open_part(path: &Path, offset: u64) -> Result<Option<OpenPart>, CentreError> {
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(Limits::LIVE.max_bytes).read_to_end(&mut bytes));
    match read {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(io("reading", path))?,
    };
    Ok(Some(OpenPart {
        sha256: Sha256::of(&bytes),
        offset,
        bytes,
    }))
}

/// The presentation time of an instant: by the metadata, else by when the bytes came.
fn pts_of(span: &Span, known: &[Known], at: Observed) -> u64 {
    span.pts_of(at).unwrap_or_else(|| {
        let near = known
            .iter()
            .filter(|k| k.first_pts_90k.is_some())
            .min_by_key(|k| k.received.unix_us().abs_diff(at.unix_us()));
        let Some(near) = near else { return 0 };
        let since_us = i128::from(at.unix_us() - near.received.unix_us());
        let ticks = i64::try_from(since_us * 9 / 100).unwrap_or(0);
        near.first_pts_90k.unwrap_or(0).saturating_add_signed(ticks)
    })
}

fn index(
    indexes: &Mutex<Indexes>,
    context: &Context,
    segment: &Known,
    sha256: &Sha256,
    blobs: &Blobs,
) -> Result<Arc<Index>, CentreError> {
    let held = || indexes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(index) = held().by_segment.get(sha256) {
        return Ok(Arc::clone(index));
    }
    // Checked against its hash as it is read.
    let bytes = blobs.read(sha256)?;
    let index = Index::build(context, *sha256, &bytes, segment.first_pts_90k);
    let index = Arc::new(index);
    let mut indexes = held();
    if indexes.order.len() >= KEPT_INDEXES
        && let Some(oldest) = indexes.order.pop_front()
    {
        indexes.by_segment.remove(&oldest);
    }
    if indexes
        .by_segment
        .insert(*sha256, Arc::clone(&index))
        .is_none()
    {
        indexes.order.push_back(*sha256);
    }
    Ok(index)
}
