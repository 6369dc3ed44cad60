//! A feed into the record: its original bytes as segments, its observations as batches, what could
//! not be read into quarantine. The same code takes in a file, a live feed and what a crash left.
//!
//! A segment and the observations decoded from it are committed in one turn. When the disk refuses,
//! nothing is lost: what was not committed is kept and tried again with the next call.

mod quarantine;
mod reading;

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use truceline_domain::{Body, FeedId, Observation, Received, Sha256, TheatreId};
use truceline_intake::{Cut, Fault, Format};
use truceline_record::batch::BatchWriter;
use truceline_record::bodies::{BatchBody, QUARANTINE, SegmentBody};
use truceline_record::segment::{Limits, OpenFile, SegmentWriter};
use truceline_record::{Draft, Record};

use self::quarantine::Quarantine;
use crate::CentreError;
use crate::centre::{Rules, Watch};
use crate::clock;
use crate::error::io;

pub use reading::{Input, Taken, take_in};

/// Within a long segment, observations are written out when so many bytes of them came.
const BATCH_BYTES: usize = 8 << 20;

/// So many observations that know their place in the bytes are held for the segment they belong to.
const MAX_PLACED: usize = 1024;

/// Where a feed's bytes and observations go.
#[derive(Clone)]
pub struct Place {
    /// The record.
    pub record: Arc<Record>,
    /// The theatre that the feed belongs to.
    pub theatre: TheatreId,
    /// The centre's folder for what was set aside.
    pub quarantine: PathBuf,
    /// What the procedures in force allow to be recorded.
    pub rules: Rules,
    /// Watches who is confined to an area.
    pub watch: Watch,
}

/// Type of the entry with a [`MaskedBody`].
pub const MASKED: &str = "masked";

/// Body of an entry of type `masked`: observations that lie outside the area of interest. They stay in
/// the record, and are left out of every view and export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskedBody {
    /// The batch that most of them are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Sha256>,
    /// How many.
    pub observations: u64,
    /// SHA-256 of the procedures whose area of interest it is.
    pub procedures_sha256: Sha256,
}

/// One feed on its way into the record.
pub(crate) struct FeedIntake {
    place: Place,
    feed: FeedId,
    segments: SegmentWriter,
    /// How many observations of the open batch are masked, and by which procedures.
    masked: BTreeMap<Sha256, u64>,
    /// Observations whose bytes may turn out to be the next segment's, with their offset.
    placed: VecDeque<(u64, Observation)>,
    batch: BatchWriter,
    /// Ended segments and batches that are not in the log yet, in order.
    uncommitted: VecDeque<Commit>,
    quarantine: Quarantine,
    stored: u64,
    recorded: u64,
}

/// What is to enter the log in one turn.
struct Commit {
    segment: Option<SegmentBody>,
    observations: Option<BatchWriter>,
    masked: BTreeMap<Sha256, u64>,
    /// The same when its bytes are stored.
    batch: Option<BatchBody>,
}

impl FeedIntake {
    /// A feed whose bytes are of `format` and begin at `offset`.
    pub(crate) fn new(
        place: Place,
        feed: FeedId,
        format: Format,
        limits: Limits,
        offset: u64,
    ) -> Self {
        let blobs = place.record.blobs();
        let segments = SegmentWriter::new(blobs, feed.clone(), format.as_str(), limits, offset);
        Self {
            segments,
            masked: BTreeMap::new(),
            placed: VecDeque::new(),
            batch: BatchWriter::new(feed.clone(), None),
            uncommitted: VecDeque::new(),
            quarantine: Quarantine::new(feed.clone()),
            stored: 0,
            recorded: 0,
            place,
            feed,
        }
    }

    /// The same for a live feed that was opened at `opened`.
    pub(crate) fn live(mut self, opened: Received) -> Self {
        let folder = self.place.record.folder().live();
        self.segments = self.segments.live(folder, opened);
        self
    }

    /// Takes bytes that were received at `received`, before anything that was found in them.
    ///
    /// # Errors
    /// When the record refuses. [`CentreError::is_storage`] says that the bytes were not taken and
    /// can be pushed again.
    pub(crate) fn bytes(&mut self, bytes: &[u8], received: Received) -> Result<(), CentreError> {
        let ended = self.segments.push(bytes, received)?;
        self.ended(ended);
        // The bytes are taken: what cannot be committed now is committed later.
        self.commit().or_else(later)
    }

    /// Takes a place where the feed may be cut.
    pub(crate) fn cut(&mut self, cut: Cut) -> Result<(), CentreError> {
        match self.segments.random_access_point(cut.offset, cut.pts_90k) {
            Ok(ended) => self.ended(ended),
            // The segment goes on, and spans one more such place.
            Err(error) => later(error.into())?,
        }
        self.commit().or_else(later)
    }

    /// Takes an observation that was found in the bytes: watched, and counted when it will be masked.
    pub(crate) fn observation(&mut self, observation: Observation) -> Result<(), CentreError> {
        let received = observation.received.unwrap_or_else(clock::received);
        self.place.watch.push(&observation, received);
        if let Some(procedures) = self.place.rules.masks(&observation) {
            *self.masked.entry(procedures).or_default() += 1;
        }
        let own = match &observation.body {
            Body::FmvMetadata(metadata) => Some(metadata.offset),
            // A target stands in the packet told before it.
            Body::Video(_) => self.placed.back().map(|(offset, _)| *offset),
            _ => None,
        };
        let offset = own.unwrap_or_else(|| self.segments.offset().saturating_sub(1));
        if let Some(at) = observation.observed {
            self.segments.observed(offset, at);
        }
        if own.is_none() {
            self.batch.push(&observation)?;
        } else {
            self.placed.push_back((offset, observation));
            if self.placed.len() > MAX_PLACED
                && let Some((_, earliest)) = self.placed.pop_front()
            {
                self.batch.push(&earliest)?;
            }
        }
        if self.batch.bytes() >= BATCH_BYTES {
            self.queue(None);
            return self.commit().or_else(later);
        }
        Ok(())
    }

    /// Sets a fault aside.
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.quarantine.put(fault);
    }

    /// Ends what has been open too long, and commits what is still to be committed.
    ///
    /// # Errors
    /// When the record refuses; it can be tried again.
    pub(crate) fn tick(&mut self, now: Received) -> Result<(), CentreError> {
        let ended = self.segments.tick(now)?;
        self.ended(ended);
        self.commit()
    }

    /// Ends the feed: everything enters the log.
    ///
    /// # Errors
    /// When the record refuses; it can be tried again.
    pub(crate) fn finish(&mut self) -> Result<(), CentreError> {
        let ended = self.segments.finish()?;
        self.ended(ended);
        self.batch_up_to(u64::MAX);
        self.queue(None);
        self.commit()
    }

    /// Where in the feed the open segment begins.
    pub(crate) fn open_begins(&self) -> Option<u64> {
        self.segments.open_begins()
    }

    /// The open segment as it is.
    pub(crate) fn open_file(&self) -> Option<OpenFile> {
        self.segments.open_file()
    }

    /// How many segments and observations are in the log.
    pub(crate) fn recorded(&self) -> (u64, u64) {
        (self.stored, self.recorded)
    }

    fn ended(&mut self, ended: Vec<SegmentBody>) {
        for body in ended {
            self.batch_up_to(body.offset + body.bytes);
            self.queue(Some(body));
        }
    }

    /// Moves the observations of bytes before `end` into the open batch.
    fn batch_up_to(&mut self, end: u64) {
        while self.placed.front().is_some_and(|(at, _)| *at < end) {
            let Some((_, observation)) = self.placed.pop_front() else {
                break;
            };
            if let Err(error) = self.batch.push(&observation) {
                tracing::error!(feed = %self.feed, id = %observation.id, %error, "not recorded");
            }
        }
    }

    /// Puts the segment and the open batch behind what is to be committed.
    fn queue(&mut self, segment: Option<SegmentBody>) {
        let open = std::mem::replace(&mut self.batch, BatchWriter::new(self.feed.clone(), None));
        let observations = (open.count() > 0).then_some(open);
        let masked = std::mem::take(&mut self.masked);
        if segment.is_some() || observations.is_some() {
            self.uncommitted.push_back(Commit {
                segment,
                observations,
                masked,
                batch: None,
            });
        }
    }

    fn commit(&mut self) -> Result<(), CentreError> {
        while let Some(commit) = self.uncommitted.front_mut() {
            let record = &self.place.record;
            if let Some(observations) = commit.observations.clone() {
                let mut body = observations.store(record.blobs())?;
                // Known only now: a segment has its name when its last byte is there.
                body.segment = commit.segment.as_ref().map(|s| s.sha256);
                commit.batch = Some(body);
                commit.observations = None;
            }
            let (theatre, by) = (&self.place.theatre, self.feed.as_str());
            let segment = commit.segment.as_ref().map(|s| s.draft(theatre, by));
            let batch = commit.batch.as_ref().map(|b| b.draft(theatre, by));
            let masks = commit.masked.iter().map(|(procedures, count)| {
                let body = MaskedBody {
                    batch: commit.batch.as_ref().map(|b| b.sha256),
                    observations: *count,
                    procedures_sha256: *procedures,
                };
                Draft::new(MASKED, theatre, by, &body)
            });
            let drafts = segment.into_iter().chain(batch).chain(masks);
            let drafts = drafts.collect::<Result<_, _>>()?;
            record.append_all(drafts)?;
            if let Some(segment) = &commit.segment {
                self.segments.committed(&segment.sha256);
            }
            self.stored += u64::from(commit.segment.is_some());
            self.recorded += commit.batch.as_ref().map_or(0, |b| b.count);
            self.uncommitted.pop_front();
        }
        Ok(())
    }

    /// What was set aside, into the record and the centre's folder; begins anew after it.
    ///
    /// # Errors
    /// When the record or the disk refuses.
    pub(crate) fn set_aside(&mut self) -> Result<(Vec<String>, Option<PathBuf>), CentreError> {
        let aside = std::mem::replace(&mut self.quarantine, Quarantine::new(self.feed.clone()));
        let Some(aside) = aside.finish(&self.place.record)? else {
            return Ok((Vec::new(), None));
        };
        let (theatre, by) = (&self.place.theatre, self.feed.as_str());
        let draft = Draft::new(QUARANTINE, theatre, by, &aside.body)?;
        self.place.record.append(draft)?;
        let path = self.place.quarantine.join(&aside.file_name);
        write(&path, &aside.lines)?;
        Ok((aside.told, Some(path)))
    }

    /// How many faults were set aside since the last time.
    pub(crate) fn faults(&self) -> u64 {
        self.quarantine.total()
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CentreError> {
    std::fs::File::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(io("writing", path))
}

/// What the disk refuses is tried again later; anything else is an error now.
fn later(error: CentreError) -> Result<(), CentreError> {
    if error.is_storage() {
        Ok(())
    } else {
        Err(error)
    }
}
