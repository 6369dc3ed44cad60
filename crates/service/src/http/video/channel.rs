//! One live feed's pictures for all who watch it: packaged once, however many they are.
//!
//! A channel begins with its first viewer and ends when nobody has watched for a while. It keeps what came since the last random access
//! point, so that who joins sees a picture at once. A viewer that falls behind loses its place in the broadcast and begins
//! again at the newest random access point; nobody waits for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use truceline_domain::FeedId;
use truceline_intake::Context;
use truceline_media::{Event, Metadata, OnDamage, Packager};

use crate::live::{LiveFeed, Stage};

/// So many messages a viewer may be behind: some seconds of pictures at 30 Hz with their metadata.
const BEHIND: usize = 256;
/// What is kept for those who join: a random access point and what follows, at most.
const KEPT_FRAGMENTS: usize = 1200;
const KEPT_BYTES: usize = 32 << 20;
/// A channel that nobody watches is looked at so often, and ends at the second look.
const LOOK: Duration = Duration::from_secs(10);

/// A message for those who watch.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// A header, and what is said of it.
    Init { text: Arc<str>, bytes: Bytes },
    /// A picture.
    Fragment {
        bytes: Bytes,
        random_access: bool,
        damaged: bool,
        media_90k: u64,
    },
    /// Metadata, or that something happened, as JSON.
    Text(Arc<str>),
}

impl Told {
    /// What an event of a packager or a replay is for those who watch; `None` when it is not for them.
    pub(super) fn of(event: Event) -> Option<Self> {
        match event {
            Event::Init(init) => {
                let text = json!({
                    "type": "init", "codec": init.codec_string,
                    "width": init.width, "height": init.height,
                });
                Some(Self::Init {
                    text: text.to_string().into(),
                    bytes: init.bytes.into(),
                })
            }
            Event::Fragment(fragment) => Some(Self::Fragment {
                bytes: fragment.bytes.into(),
                random_access: fragment.random_access,
                damaged: fragment.damaged,
                media_90k: fragment.media_90k,
            }),
            Event::Metadata(metadata) => Some(Self::Text(metadata_json(&metadata).into())),
            Event::Item(_) => None,
        }
    }
}

fn metadata_json(metadata: &Metadata) -> String {
    json!({
        "type": "metadata", "pts_90k": metadata.pts_90k, "media_90k": metadata.media_90k,
        "own_time": metadata.own_time, "observation": &metadata.observation,
    })
    .to_string()
}

/// What stands since the last random access point.
#[derive(Default)]
struct Kept {
    init: Option<Told>,
    fragments: Vec<Told>,
    bytes: usize,
}

/// One feed's.
pub(super) struct Channel {
    kept: Mutex<Kept>,
    told: broadcast::Sender<Told>,
}

impl Channel {
    fn new() -> Self {
        Self {
            kept: Mutex::default(),
            told: broadcast::channel(BEHIND).0,
        }
    }

    /// What a viewer that joins now begins with, and what comes after that.
    pub(super) fn join(&self) -> (Vec<Told>, broadcast::Receiver<Told>) {
        let kept = held(&self.kept);
        let first = kept.init.iter().chain(&kept.fragments).cloned().collect();
        (first, self.told.subscribe())
    }

    /// Under one lock, so that who joins misses nothing and gets nothing twice.
    fn tell(&self, told: Told) {
        let mut kept = held(&self.kept);
        match &told {
            Told::Init { .. } => {
                *kept = Kept {
                    init: Some(told.clone()),
                    ..Kept::default()
                };
            }
            Told::Fragment {
                bytes,
                random_access,
                ..
            } => {
                let full = kept.fragments.len() >= KEPT_FRAGMENTS || kept.bytes >= KEPT_BYTES;
                if *random_access || full {
                    kept.fragments.clear();
                    kept.bytes = 0;
                }
                // After what was dropped nothing can be decoded until the next random access point.
                if *random_access || !kept.fragments.is_empty() {
                    kept.bytes += bytes.len();
                    kept.fragments.push(told.clone());
                }
            }
            Told::Text(_) => {}
        }
        // Nobody watches: then nobody misses it.
        let _nobody = self.told.send(told);
    }

    fn tell_text(&self, text: &str) {
        self.tell(Told::Text(text.into()));
    }
}

/// The channels at work.
#[derive(Default)]
pub(super) struct Channels(Mutex<BTreeMap<FeedId, Arc<Channel>>>);

impl Channels {
    /// The channel of a feed, begun if need be, with a viewer's place in it.
    pub(super) fn join(
        self: &Arc<Self>,
        feed: &Arc<LiveFeed>,
    ) -> (Arc<Channel>, Vec<Told>, broadcast::Receiver<Told>) {
        let mut channels = held(&self.0);
        let channel = channels.entry(feed.id.clone()).or_insert_with(|| {
            let channel = Arc::new(Channel::new());
            let at_work = Arc::clone(self).run(Arc::clone(feed), Arc::clone(&channel));
            tokio::spawn(at_work);
            channel
        });
        let (first, coming) = channel.join();
        (Arc::clone(channel), first, coming)
    }

    async fn run(self: Arc<Self>, feed: Arc<LiveFeed>, channel: Arc<Channel>) {
        let mut stages = feed.watch();
        let context = Context {
            feed: feed.id.clone(),
            source: feed.source.clone(),
        };
        let mut packager = Packager::new(context.clone(), OnDamage::Show);
        let mut idle = 0;
        loop {
            let stage = tokio::time::timeout(LOOK, stages.recv()).await;
            let restarted = match stage {
                Ok(Ok(Stage::Bytes(chunk))) => {
                    packager.push(&chunk.bytes, &mut |event| tell(&channel, event));
                    None
                }
                Ok(Ok(Stage::Observation(_))) | Err(_) => None,
                Ok(Ok(Stage::Restarted)) => Some(r#"{"type":"restarted"}"#),
                // So many bytes at once that even this could not follow: they are in the record.
                Ok(Err(RecvError::Lagged(_))) => Some(r#"{"type":"skipped"}"#),
                Ok(Err(RecvError::Closed)) => break,
            };
            if let Some(text) = restarted {
                packager.finish(&mut |event| tell(&channel, event));
                packager = Packager::new(context.clone(), OnDamage::Show);
                channel.tell_text(text);
            }
            if channel.told.receiver_count() > 0 {
                idle = 0;
            } else if self.ends(&feed.id, &channel, &mut idle) {
                return;
            }
        }
        held(&self.0).remove(&feed.id);
    }

    /// Whether a channel that nobody watches has waited long enough. Viewers join under the same lock.
    fn ends(&self, feed: &FeedId, channel: &Channel, idle: &mut u32) -> bool {
        /// Some hundred looks a second while bytes come, one in [`LOOK`] while none do.
        const PATIENCE: u32 = 3000;
        *idle += 1;
        if *idle < PATIENCE {
            return false;
        }
        let mut channels = held(&self.0);
        let unwatched = channel.told.receiver_count() == 0;
        if unwatched {
            channels.remove(feed);
        }
        unwatched
    }
}

fn tell(channel: &Channel, event: Event) {
    if let Some(told) = Told::of(event) {
        channel.tell(told);
    }
}

/// A lock whose holder panicked holds pictures to show, never evidence.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
