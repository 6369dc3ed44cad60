//! A feed into the record: its original bytes as segments, its observations as batches, what could
//! not be read into quarantine.

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use truceline_domain::{FeedId, Observation, Observed, Sha256, SourceId, TheatreId};
use truceline_intake::{Context, Cut, Feed, FeedError, Format, Item, Piece, Tally};
use truceline_record::batch::BatchWriter;
use truceline_record::bodies::SegmentBody;
use truceline_record::segment::{Limits, SegmentWriter, Stamp};
use truceline_record::{Draft, Record};

use super::quarantine::Quarantine;
use crate::error::io;
use crate::{Centre, CentreError, clock};

/// A feed to take in.
pub struct Input<'a> {
    /// What people call it: its path or address.
    pub name: &'a str,
    /// Its bytes.
    pub reader: &'a mut dyn Read,
    /// The feed's name.
    pub feed: FeedId,
    /// The source that observations name when the bytes name none.
    pub source: SourceId,
    /// Its format; recognised when `None`.
    pub format: Option<Format>,
}

/// What taking a feed in came to.
#[derive(Debug)]
pub struct Taken {
    /// Its format.
    pub format: Format,
    /// What the decoder read.
    pub tally: Tally,
    /// How many segments were stored.
    pub segments: u64,
    /// How many observations were recorded.
    pub observations: u64,
    /// Where what was set aside lies.
    pub quarantine: Option<PathBuf>,
    /// Faults for people, the first of them.
    pub faults: Vec<String>,
}

/// A segment of media that spans so much presentation time is ended at the next random-access point.
const DUE_PTS_90K: u64 = 10 * 90_000;

/// So many bytes are held back for a cut that lies before bytes already read: a decoder knows a
/// random-access point only when it has seen into the access unit.
const HELD_BYTES: usize = 4 << 20;

/// An open batch is written out when it reaches this, even within a segment.
const BATCH_BYTES: usize = 8 << 20;

impl Centre {
    /// Takes a feed into the record and the store. `progress` is told how many bytes were read.
    ///
    /// # Errors
    /// When the feed cannot be read at all or the record refuses. What was recorded before stays.
    pub fn take_in(
        &mut self,
        input: Input<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Taken, CentreError> {
        let context = Context {
            feed: input.feed.clone(),
            source: input.source,
        };
        let refused = |e: FeedError| CentreError::Feed {
            feed: input.name.to_owned(),
            why: e.to_string(),
        };
        let feed = Feed::open(input.reader, input.format).map_err(refused)?;
        let format = feed.format();
        let mut intake = Intake::new(&self.record, &self.config.theatre, input.feed, format);
        let mut failed = None;
        let read = feed.read(context, &mut |piece| {
            if failed.is_some() {
                return;
            }
            if let Piece::Bytes(bytes) = &piece {
                progress(bytes.len() as u64);
            }
            failed = intake.piece(piece).err();
        });
        if let Some(error) = failed {
            return Err(error);
        }
        // What came before a break is evidence too: it is recorded before the break is told.
        let taken = intake.finish(&self.dir, format)?;
        self.catch_up()?;
        let tally = read.map_err(refused)?;
        Ok(Taken { tally, ..taken })
    }
}

/// One feed on its way.
struct Intake<'a> {
    record: &'a Record,
    theatre: &'a TheatreId,
    feed: FeedId,
    segments: SegmentWriter,
    /// Bytes read but not yet in a segment, and where they begin in the feed.
    held: Vec<u8>,
    held_from: u64,
    /// First and last time observed since bytes were last handed on.
    observed: Option<(Observed, Observed)>,
    segment_pts_90k: Option<u64>,
    last_pts_90k: Option<u64>,
    batch: BatchWriter,
    quarantine: Quarantine,
    stored: u64,
    recorded: u64,
}

impl<'a> Intake<'a> {
    fn new(record: &'a Record, theatre: &'a TheatreId, feed: FeedId, format: Format) -> Self {
        let (blobs, word) = (record.blobs(), format.as_str());
        Self {
            record,
            theatre,
            segments: SegmentWriter::new(blobs, feed.clone(), word, Limits::default(), 0),
            batch: BatchWriter::new(feed.clone(), None),
            quarantine: Quarantine::new(feed.clone()),
            feed,
            held: Vec::new(),
            held_from: 0,
            observed: None,
            segment_pts_90k: None,
            last_pts_90k: None,
            stored: 0,
            recorded: 0,
        }
    }

    fn piece(&mut self, piece: Piece<'_>) -> Result<(), CentreError> {
        match piece {
            Piece::Bytes(bytes) => {
                self.held.extend_from_slice(bytes);
                let surplus = self.held.len().saturating_sub(HELD_BYTES);
                self.hand_on(surplus)
            }
            Piece::Item(Item::Cut(cut)) => self.cut(cut),
            Piece::Item(Item::Observation(observation)) => self.observation(*observation),
            Piece::Item(Item::Fault(fault)) => {
                self.quarantine.put(fault);
                Ok(())
            }
        }
    }

    /// Puts the first `count` held bytes into the open segment.
    fn hand_on(&mut self, count: usize) -> Result<(), CentreError> {
        if count == 0 {
            return Ok(());
        }
        let received = clock::received();
        let span = self.observed.take();
        let stamp = |observed, pts_90k| Stamp {
            observed,
            received,
            pts_90k,
        };
        let bytes = self.held.get(..count).unwrap_or_default();
        let full = self
            .segments
            .push(bytes, stamp(span.map(|s| s.0), self.segment_pts_90k))?;
        // The last of the span, for the same segment.
        let more = self
            .segments
            .push(&[], stamp(span.map(|s| s.1), self.last_pts_90k))?;
        self.held.drain(..count);
        self.held_from += count as u64;
        [full, more]
            .into_iter()
            .flatten()
            .try_for_each(|body| self.segment(&body))
    }

    fn cut(&mut self, cut: Cut) -> Result<(), CentreError> {
        let Some(before) = cut.offset.checked_sub(self.held_from) else {
            // Too far back: the bytes are in a segment already, which then spans one more point.
            return Ok(());
        };
        self.hand_on(
            usize::try_from(before)
                .unwrap_or(usize::MAX)
                .min(self.held.len()),
        )?;
        let began_90k = *self.segment_pts_90k.get_or_insert(cut.pts_90k.unwrap_or(0));
        let long = cut
            .pts_90k
            .is_some_and(|pts| pts.saturating_sub(began_90k) >= DUE_PTS_90K);
        let ended = if long { self.segments.finish()? } else { None };
        let due = self.segments.random_access_point()?;
        self.last_pts_90k = cut.pts_90k;
        if ended.is_some() || due.is_some() {
            self.segment_pts_90k = cut.pts_90k;
        }
        [ended, due]
            .into_iter()
            .flatten()
            .try_for_each(|body| self.segment(&body))
    }

    fn observation(&mut self, mut observation: Observation) -> Result<(), CentreError> {
        observation.received.get_or_insert_with(clock::received);
        if let Some(at) = observation.observed {
            let (first, last) = self.observed.unwrap_or((at, at));
            self.observed = Some((first.min(at), last.max(at)));
        }
        self.batch.push(&observation)?;
        if self.batch.bytes() >= BATCH_BYTES {
            self.write_batch(None)
        } else {
            Ok(())
        }
    }

    /// Records a finished segment and what was decoded from it, in one commit.
    fn segment(&mut self, body: &SegmentBody) -> Result<(), CentreError> {
        self.stored += 1;
        self.record
            .append(body.draft(self.theatre, self.feed.as_str())?)?;
        self.write_batch(Some(body.sha256))
    }

    fn write_batch(&mut self, segment: Option<Sha256>) -> Result<(), CentreError> {
        let open = std::mem::replace(&mut self.batch, BatchWriter::new(self.feed.clone(), None));
        if open.count() == 0 {
            return Ok(());
        }
        let count = open.count();
        let mut body = open.store(self.record.blobs())?;
        // Known only now: a segment has its name when its last byte is there.
        body.segment = segment;
        self.record
            .append(body.draft(self.theatre, self.feed.as_str())?)?;
        self.recorded += count;
        Ok(())
    }

    fn finish(mut self, dir: &Path, format: Format) -> Result<Taken, CentreError> {
        self.hand_on(self.held.len())?;
        if let Some(body) = self.segments.finish()? {
            self.segment(&body)?;
        }
        self.write_batch(None)?;
        let (faults, quarantine) = match self.quarantine.finish(self.record)? {
            None => (Vec::new(), None),
            Some(set_aside) => {
                let body = &set_aside.body;
                let by = self.feed.as_str();
                self.record.append(Draft::new(
                    truceline_record::bodies::QUARANTINE,
                    self.theatre,
                    by,
                    body,
                )?)?;
                let path = dir.join("quarantine").join(&set_aside.file_name);
                std::fs::File::create(&path)
                    .and_then(|mut file| file.write_all(&set_aside.lines))
                    .map_err(io("writing", &path))?;
                (set_aside.told, Some(path))
            }
        };
        let (segments, observations) = (self.stored, self.recorded);
        Ok(Taken {
            format,
            tally: Tally::default(),
            segments,
            observations,
            quarantine,
            faults,
        })
    }
}
