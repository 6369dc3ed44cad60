//! All live feeds of a centre.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use truceline_agreement::theatre::Terrain;
use truceline_domain::{FeedId, Observation, Sha256, SourceId};
use truceline_engine::{Change as Seen, Picture, PictureState};
use truceline_intake::Format;
use truceline_live::Chunk;
use truceline_record::bodies::ClockBody;
use truceline_record::segment::OpenFile;

use super::look::Looker;
use super::state::{Against, FeedState};
use super::worker::Worker;
use crate::centre::{Contact, CrossingRow, Rules};
use crate::config::FeedConfig;
use crate::intake::Place;
use crate::{CentreError, clock};

/// So many events lie between a source's task and its worker: a few thousand datagrams, beside the
/// source's own bounded queue of bytes.
const EVENTS: usize = 256;
/// So many pieces of a feed a viewer may be behind before it loses its place: at 4 Mb/s in datagrams of
/// 1,316 bytes, three seconds.
const BEHIND: usize = 1024;
/// So many changes a listener may be behind.
const CHANGES: usize = 4096;

/// What a feed's viewers get, in order; all of it stands in the record's write path already.
#[derive(Debug, Clone)]
pub enum Stage {
    /// The next bytes.
    Bytes(Chunk),
    /// What was decoded from bytes before.
    Observation(Arc<Observation>),
    /// The bytes that follow do not continue those before.
    Restarted,
}

/// What changes at the centre, for those who watch.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "change", content = "of", rename_all = "snake_case")]
pub enum Change {
    /// A feed is otherwise than before.
    Feed(Box<FeedState>),
    /// Something was found of a feed's clock, and stands in the record, or will.
    Clock(Box<ClockBody>),
    /// Something moved, or a camera looked elsewhere.
    Picture(Box<Seen>),
    /// The record has so many entries, and they are in the store.
    Record {
        /// How many.
        entries: u64,
    },
    /// Somebody left the place they are confined to, or came back; it is in the record.
    Crossing(Box<CrossingRow>),
    /// An alert was raised, acknowledged or overtaken.
    Alert(Box<crate::watch::Alert>),
    /// An officer released a report or refused it; it is in the record.
    Report(Box<Issued>),
    /// A contact with a party was written down; it is in the record.
    Liaison(Box<Contact>),
    /// A shift of the ground mission was planned or cancelled; it is in the record.
    Shift {
        /// Its name.
        shift: String,
        /// Its entry.
        entry: u64,
    },
    /// Findings were put, signed or superseded.
    Findings {
        /// Each as the list has it now.
        changed: Vec<serde_json::Value>,
        /// Whether others changed too, more than are told one by one: whoever shows them asks for the list.
        more: bool,
    },
    /// The engine judged.
    Judgement {
        /// Events it found in the span it looked at.
        events: usize,
        /// Findings that are new.
        findings: usize,
        /// Findings that they supersede.
        superseded: usize,
    },
}

/// An officer's decision on a report, as those who receive it are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issued {
    /// The report, as the procedures call it.
    pub report: String,
    /// Its date.
    pub date: jiff::civil::Date,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// How this version stands now.
    pub standing: truceline_record::report::ReportStanding,
    /// Who receives it, by the ids in the procedures.
    pub recipients: Vec<String>,
}

/// The open segment of a live feed, as it was within the last tenth of a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSegment {
    /// Where it is, and what it has.
    pub file: OpenFile,
    /// What its bytes are.
    pub format: Format,
}

/// One live feed.
#[derive(Debug)]
pub struct LiveFeed {
    /// Its name.
    pub id: FeedId,
    /// The source that its observations name when its bytes name none.
    pub source: SourceId,
    /// Its format as configured, or as its address tells.
    pub format: Option<Format>,
    state: Mutex<FeedState>,
    open: Mutex<Option<OpenSegment>>,
    stage: broadcast::Sender<Stage>,
}

impl LiveFeed {
    /// How it is now.
    #[must_use]
    pub fn state(&self) -> FeedState {
        held(&self.state).clone()
    }

    /// Its open segment: what came since the last one in the record.
    #[must_use]
    pub fn open_segment(&self) -> Option<OpenSegment> {
        held(&self.open).clone()
    }

    /// What comes from now on. A subscriber that falls behind loses its place, nobody else does.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Its format, as far as it is known.
    #[must_use]
    pub fn format_now(&self) -> Option<Format> {
        self.format
            .or_else(|| held(&self.state).format.and_then(|f| f.parse().ok()))
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut FeedState)) {
        change(&mut held(&self.state));
    }

    pub(super) fn set_open(&self, open: Option<OpenSegment>) {
        *held(&self.open) = open;
    }
}

/// Where a worker's stages and changes go.
#[derive(Clone)]
pub(super) struct Stages {
    stage: broadcast::Sender<Stage>,
    changes: broadcast::Sender<Change>,
    live: Arc<Mutex<LivePicture>>,
    rules: Rules,
}

/// The picture as the live feeds tell it, and what was told of it to those who watch.
struct LivePicture {
    state: PictureState,
    /// When each moving thing and each camera was told last.
    told: BTreeMap<(SourceId, String), Instant>,
}

/// What moves is told to those who watch at most so often.
const TOLD_EVERY: Duration = Duration::from_millis(200);

impl LivePicture {
    /// Takes an observation; what changed and was not told just now is returned.
    fn push(&mut self, observation: &Observation) -> Vec<Seen> {
        let mut changes = self.state.push(observation);
        changes.retain(|change| {
            let key = match change {
                Seen::Moved {
                    source, subject, ..
                } => (source.clone(), subject.clone()),
                Seen::Looked(footprint) => (footprint.source.clone(), "\u{0}looked".to_owned()),
                Seen::ClockBack { .. } => return true,
            };
            let now = Instant::now();
            if self.told.get(&key).is_some_and(|at| now - *at < TOLD_EVERY) {
                return false;
            }
            if self.told.len() >= MOST_TOLD {
                self.told.clear();
            }
            self.told.insert(key, now);
            true
        });
        changes
    }
}

/// So many moving things are remembered; beyond, all are told anew.
const MOST_TOLD: usize = 8192;

impl Stages {
    pub(super) fn send(&self, stage: Stage) {
        if let Stage::Observation(observation) = &stage
            && self.rules.masks(observation).is_none()
        {
            for change in held(&self.live).push(observation) {
                self.tell(Change::Picture(Box::new(change)));
            }
        }
        // Nobody watches: then nobody misses it.
        let _nobody = self.stage.send(stage);
    }

    pub(super) fn tell(&self, change: Change) {
        let _nobody = self.changes.send(change);
    }
}

/// All live feeds of a centre, at work.
pub struct Hub {
    feeds: BTreeMap<FeedId, Arc<LiveFeed>>,
    changes: broadcast::Sender<Change>,
    live: Arc<Mutex<LivePicture>>,
    stop: CancellationToken,
    workers: Mutex<Vec<JoinHandle<()>>>,
    lookers: Mutex<Vec<JoinHandle<()>>>,
}

impl Hub {
    /// Connects to the live feeds among `configured` and records what comes. Tasks run on `runtime`;
    /// cameras look at `ground`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        configured: &[FeedConfig],
        place: &Place,
        ground: Option<Terrain>,
        runtime: &Handle,
    ) -> Result<Self, CentreError> {
        let (changes, _) = broadcast::channel(CHANGES);
        let live = Arc::new(Mutex::new(LivePicture {
            state: PictureState::new(ground),
            told: BTreeMap::new(),
        }));
        let stop = CancellationToken::new();
        let (mut feeds, mut workers, mut lookers) = (BTreeMap::new(), Vec::new(), Vec::new());
        for config in configured {
            let Some(source) = &config.live else { continue };
            let (stage, _) = broadcast::channel(BEHIND);
            let name = config.source_id();
            let address = source.to_string();
            let state = FeedState::new(config.id.clone(), name.clone(), address, clock::received());
            let feed = Arc::new(LiveFeed {
                id: config.id.clone(),
                source: name,
                format: config.format.or(source.format()),
                state: Mutex::new(state),
                open: Mutex::default(),
                stage: stage.clone(),
            });
            let stages = Stages {
                stage,
                changes: changes.clone(),
                live: live.clone(),
                rules: place.rules.clone(),
            };
            let (events, queue) = tokio::sync::mpsc::channel(EVENTS);
            runtime.spawn(truceline_live::run(source.clone(), events, stop.clone()));
            let worker = Worker {
                feed: feed.clone(),
                place: place.clone(),
                patience: config.patience(),
                stages,
                stop: stop.clone(),
            };
            let handle = runtime.clone();
            let thread = std::thread::Builder::new()
                .name(format!("feed {}", config.id))
                .spawn(move || worker.run(queue, &handle))
                .map_err(no_thread(&config.id))?;
            workers.push(thread);
            if config.look {
                let looker = Looker::new(feed.clone(), place.clone(), stop.clone())?;
                let thread = std::thread::Builder::new()
                    .name(format!("look {}", config.id))
                    .spawn(move || looker.run())
                    .map_err(no_thread(&config.id))?;
                lookers.push(thread);
            }
            feeds.insert(config.id.clone(), feed);
        }
        runtime.spawn(compare_clocks(feeds.clone(), live.clone(), stop.clone()));
        Ok(Self {
            feeds,
            changes,
            live,
            stop,
            workers: Mutex::new(workers),
            lookers: Mutex::new(lookers),
        })
    }

    /// The feeds, in order of their names.
    pub fn feeds(&self) -> impl Iterator<Item = &Arc<LiveFeed>> {
        self.feeds.values()
    }

    /// The feed of a name.
    #[must_use]
    pub fn feed(&self, id: &FeedId) -> Option<&Arc<LiveFeed>> {
        self.feeds.get(id)
    }

    /// What changes from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Tells those who watch.
    pub fn tell(&self, change: Change) {
        let _nobody = self.changes.send(change);
    }

    /// The picture as the live feeds tell it: the last quarter of an hour.
    #[must_use]
    pub fn picture(&self) -> Picture {
        held(&self.live).state.picture()
    }

    /// Ends all feeds: what was received is recorded before this returns.
    pub fn stop(&self) {
        self.stop.cancel();
        for worker in std::mem::take(&mut *held(&self.workers)) {
            if worker.join().is_err() {
                tracing::error!("a feed's thread panicked");
            }
        }
        // Those who look wait for what comes: a last word wakes them.
        for feed in self.feeds.values() {
            let _nobody = feed.stage.send(Stage::Restarted);
        }
        for looker in std::mem::take(&mut *held(&self.lookers)) {
            if looker.join().is_err() {
                tracing::error!("the thread that looks at a feed panicked");
            }
        }
    }
}

/// Sources' clocks are held against each other so often.
const COMPARE: Duration = Duration::from_secs(20);

/// Holds the clocks of sources that see the same things against each other, and tells each feed.
async fn compare_clocks(
    feeds: BTreeMap<FeedId, Arc<LiveFeed>>,
    live: Arc<Mutex<LivePicture>>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(COMPARE) => {}
            () = stop.cancelled() => return,
        }
        let live = live.clone();
        let compared = tokio::task::spawn_blocking(move || {
            let picture = held(&live).state.picture();
            picture.clock_pairs()
        });
        let Ok(pairs) = compared.await else { continue };
        for feed in feeds.values() {
            let against = pairs
                .iter()
                .filter_map(|pair| Against::of(pair, &feed.source));
            let against = against.collect();
            feed.change(|state| state.clock_against = against);
        }
    }
}

fn no_thread(feed: &FeedId) -> impl FnOnce(std::io::Error) -> CentreError + use<> {
    let path = feed.as_str().into();
    move |source| CentreError::Io {
        doing: "starting a thread for the feed",
        path,
        source,
    }
}

/// A lock whose holder panicked holds what it last had: a state to show, never evidence.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
