//! Video that looks by itself: a thread beside each feed that decodes a few pictures a second and tells
//! flashes, smoke and vehicles. What it sees is recorded as a feed of its own, `FEED/look`.
//!
//! It takes what was recorded, as a viewer does, and like a viewer it loses its place when it is slow:
//! it never delays recording.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use truceline_detect::{Detection, Told, Watcher};
use truceline_domain::FeedId;
use truceline_intake::fmv::{Seen, Watch};
use truceline_intake::{Context, Format, Item};
use truceline_record::Draft;
use truceline_record::batch::BatchWriter;
use truceline_record::bodies::{STILL, StillBody};

use super::hub::{LiveFeed, Stage};
use crate::intake::Place;
use crate::{CentreError, clock};

/// Looks at one feed.
pub(super) struct Looker {
    feed: Arc<LiveFeed>,
    place: Place,
    /// What it sees is recorded under this name.
    looks: FeedId,
    stop: CancellationToken,
}

impl Looker {
    /// Beside a feed.
    ///
    /// # Errors
    /// When the feed's name leaves no room for another.
    pub(super) fn new(
        feed: Arc<LiveFeed>,
        place: Place,
        stop: CancellationToken,
    ) -> Result<Self, CentreError> {
        let looks = FeedId::new(format!("{}/look", feed.id));
        Ok(Self {
            looks: looks.map_err(|e| CentreError::Refused(e.to_string()))?,
            feed,
            place,
            stop,
        })
    }

    fn context(&self) -> Context {
        Context {
            feed: self.feed.id.clone(),
            source: self.feed.source.clone(),
        }
    }

    /// Runs on a thread of its own.
    pub(super) fn run(self) {
        let mut stages = self.feed.watch();
        let mut watch = Watch::new(self.context());
        let mut watcher = Watcher::new(self.feed.source.clone(), Default::default());
        loop {
            // The feed's sender goes when the hub does; then nothing more will come.
            match stages.blocking_recv() {
                Ok(Stage::Bytes(chunk)) if self.feed.format_now() == Some(Format::Fmv) => {
                    self.bytes(&mut watch, &mut watcher, &chunk.bytes);
                }
                Ok(Stage::Restarted) => watch = Watch::new(self.context()),
                Ok(_) => {}
                Err(RecvError::Lagged(pieces)) => {
                    watch = Watch::new(self.context());
                    watcher.skip(pieces, &mut |told| self.told(told));
                }
                Err(RecvError::Closed) => return,
            }
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    fn bytes(&self, watch: &mut Watch, watcher: &mut Watcher, bytes: &[u8]) {
        watch.push(bytes, &mut |seen| match seen {
            Seen::AccessUnit(unit) => watcher.unit(&unit, &mut |told| self.told(told)),
            Seen::Item(Item::Observation(observation)) => watcher.metadata(&observation),
            Seen::Item(_) => {}
        });
    }

    fn told(&self, told: Told) {
        match told {
            Told::Detection(detection) => {
                if let Err(error) = self.record(&detection) {
                    tracing::error!(feed = %self.looks, %error, "what was seen was not recorded");
                }
            }
            Told::Skipped(pieces) => {
                tracing::info!(feed = %self.looks, pieces, "too slow: pictures were not looked at");
            }
            Told::Fault(error) => tracing::info!(feed = %self.looks, %error, "not looked at"),
        }
    }

    /// An observation with its still. What has no place on the ground is no observation.
    fn record(&self, detection: &Detection) -> Result<(), CentreError> {
        let Some(mut observation) = detection.observation.clone() else {
            return Ok(());
        };
        observation.received = Some(clock::received());
        let record = &self.place.record;
        let still = record.put_blob(&detection.still.png)?;
        let body = StillBody {
            feed: self.feed.id.clone(),
            observation: observation.id.clone(),
            sha256: still.sha256,
            bytes: still.bytes,
            pts_90k: detection.pts_90k,
        };
        let (theatre, by) = (&self.place.theatre, self.looks.as_str());
        let still = Draft::new(STILL, theatre, by, &body)?.with_times(observation.observed, None);
        let mut batch = BatchWriter::new(self.looks.clone(), None);
        batch.push(&observation)?;
        let batch = batch.store(record.blobs())?.draft(theatre, by)?;
        record.append_all(vec![batch, still])?;
        tracing::info!(feed = %self.looks, label = ?detection.label, score = detection.score.get(), "seen");
        Ok(())
    }
}
