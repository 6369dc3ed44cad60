//! Recorded video by feed and time: which segments there are, and what stands in them.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use jiff::Timestamp;
use truceline_domain::{FeedId, Observed, Received, Sha256};
use truceline_intake::{Context, Format};
use truceline_media::{Index, Source, Span};
use truceline_record::Blobs;
use truceline_record::bodies::{SEGMENT, SegmentBody};

use crate::http::app::{App, Problem, blocking};
use crate::{Centre, CentreError};

/// Segments of one answer at most: two hours of segments of ten seconds.
const MAX_SEGMENTS: usize = 720;
/// Indexes that are kept: some 20 KB each.
const KEPT_INDEXES: usize = 4096;
/// Segments that are known of each feed, the newest: three weeks of segments of ten seconds, 40 MB.
const KNOWN_SEGMENTS: usize = 200_000;
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

/// Segments of the record, read where they lie.
#[derive(Clone)]
pub(super) struct Segments(Blobs);

impl Source for Segments {
    fn read(&self, segment: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String> {
        let mut file = self.0.open(segment).map_err(|e| e.to_string())?;
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
    sha256: Sha256,
    /// From when to when, by the source's clock or else the centre's, microseconds.
    from_us: i64,
    to_us: i64,
    received: Received,
    first_pts_90k: Option<u64>,
}

impl Known {
    fn of(body: &SegmentBody) -> Self {
        let (from_us, to_us) = match body.observed {
            Some(span) => (span.first.unix_us(), span.last.unix_us()),
            None => (body.received.first.unix_us(), body.received.last.unix_us()),
        };
        Self {
            sha256: body.sha256,
            from_us,
            to_us,
            received: body.received.first,
            first_pts_90k: body.pts_90k.map(|span| span.first),
        }
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

    /// The segments of a feed that may show a span of time, and the one before, which may have its random access point.
    fn between(&self, feed: &FeedId, between: Between) -> Vec<Known> {
        let (from, to) = (
            between.from.unix_us().saturating_sub(SLACK_US),
            between.to.unix_us().saturating_add(SLACK_US),
        );
        let known = self.feeds.get(feed).into_iter().flatten();
        let mut found: Vec<Known> = Vec::new();
        let mut before = None;
        for segment in known {
            if segment.from_us <= to && segment.to_us >= from {
                found.extend(before.take());
                found.push(segment.clone());
            } else {
                before = Some(segment.clone());
            }
        }
        found
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
        let (catalogue, asked) = (Arc::clone(&self.catalogue), feed.clone());
        let found = app.clone().with(move |centre| {
            let mut catalogue = catalogue.lock().unwrap_or_else(PoisonError::into_inner);
            catalogue.catch_up(centre)?;
            let known = catalogue.between(&asked, between);
            let config = centre.config().feeds.iter().find(|f| f.id == asked);
            let source = config.map_or_else(|| (&asked).into(), |c| c.source_id());
            Ok((known, source, centre.record().blobs().clone()))
        });
        let (known, source, blobs) = found.await?;
        if known.is_empty() {
            let why = format!(
                "no video of {feed} is recorded between {} and {}",
                between.from, between.to
            );
            return Err(Problem::not_found(why));
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
        let context = Context { feed, source };
        let found = blocking(move || {
            let mut span = Vec::with_capacity(known.len());
            for segment in &known {
                span.push(index(&indexes, &context, segment, &blobs)?);
            }
            let span = Span::new(span);
            let pts = |at| pts_of(&span, &known, at);
            let (from_90k, to_90k) = (pts(between.from), pts(between.to));
            Ok(Found {
                from_90k,
                to_90k: to_90k.max(from_90k),
                span,
                source: Segments(blobs),
            })
        });
        Ok(found.await?)
    }
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
    blobs: &Blobs,
) -> Result<Arc<Index>, CentreError> {
    let held = || indexes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(index) = held().by_segment.get(&segment.sha256) {
        return Ok(Arc::clone(index));
    }
    // Checked against its hash as it is read.
    let bytes = blobs.read(&segment.sha256)?;
    let index = Index::build(context, segment.sha256, &bytes, segment.first_pts_90k);
    let index = Arc::new(index);
    let mut indexes = held();
    if indexes.order.len() >= KEPT_INDEXES
        && let Some(oldest) = indexes.order.pop_front()
    {
        indexes.by_segment.remove(&oldest);
    }
    if indexes
        .by_segment
        .insert(segment.sha256, Arc::clone(&index))
        .is_none()
    {
        indexes.order.push_back(segment.sha256);
    }
    Ok(index)
}
