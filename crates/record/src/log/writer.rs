//! The one writer: many threads hand in entries, one thread commits them in groups.

use std::fmt;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

use truceline_domain::{EntryId, Recorded, Sha256};

use super::checkpoint::{Checkpoint, TreeHead};
use super::committer::{CHECKPOINT, Committer, Failure};
use super::disk::{Disk, SystemDisk};
use super::edge::Edge;
use super::error::LogError;
use super::lock::Lock;
use super::proof::leaf_hash;
use super::queue::{self, Append, COMMIT_BYTES, Cosign, Queue, Shared};
use super::reader::Log;
use super::recovery::{self, Recovery};
use crate::entry::Draft;
use crate::folder::Folder;
use crate::key::SignerKey;

/// A journal that grew by so much is begun anew, after all it stands for was synced. Replaying it
/// takes a second or two; syncing tiles this seldom costs little.
const SETTLE_BYTES: u64 = 16 << 20;

/// The log's clock.
type Clock = dyn Fn() -> Recorded + Send + Sync;

/// What is known of an entry once it is durably in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its place in the log, from 0.
    pub index: u64,
    /// Its name.
    pub id: EntryId,
    /// When it was recorded.
    pub recorded: Recorded,
    /// Its leaf hash in the tree.
    pub leaf: Sha256,
}

/// Whether the cosignatures under a checkpoint are as many as the centre asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quorum {
    /// All that are needed: the checkpoint is also kept as `checkpoint.cosigned`.
    Reached,
    /// Some are missing.
    Open,
}

/// The writer of a log. It can be used from many threads at once; each call returns when its entries
/// are durable. Dropping it ends in order.
pub struct Writer {
    folder: Folder,
    shared: Arc<Shared>,
    clock: Box<Clock>,
    thread: Option<JoinHandle<()>>,
    /// Held until the thread has ended.
    _lock: Lock,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Makes an empty log in a record's folder that has none.
    ///
    /// # Errors
    /// When there is one already or the disk refuses.
    pub fn create(folder: &Folder, signer: &SignerKey) -> Result<(), LogError> {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        for path in [folder.log(), folder.journal()] {
            if path.exists() {
                return Err(LogError::Exists { path });
            }
        }
        for path in [folder.log(), folder.tmp(), folder.quarantine()] {
            disk.make_folder(&path)
                .map_err(LogError::io("making the folder", &path))?;
        }
        let _lock = Lock::take(folder)?;
        let edge = Edge::default();
        let checkpoint = Checkpoint::sign(TreeHead::new(signer.name(), 0, edge.root()), signer)?;
        let (folder, signer) = (folder.clone(), signer.clone());
        let mut committer =
            Committer::new(folder, disk, signer, edge, checkpoint.clone(), SETTLE_BYTES);
        committer
            .publish_checkpoint(CHECKPOINT.as_ref(), &checkpoint)
            .and_then(|()| committer.settle())
            .map_err(|(Failure::Undone(error) | Failure::Unknown(error))| error)
    }

    /// Opens a log for writing, on the system's disk.
    ///
    /// # Errors
    /// When another writer has it, or what is on disk is damaged beyond what a crash does.
    pub fn open(
        folder: &Folder,
        signer: &SignerKey,
        clock: impl Fn() -> Recorded + Send + Sync + 'static,
    ) -> Result<(Self, Recovery), LogError> {
        Self::open_on(Arc::new(SystemDisk), SETTLE_BYTES, folder, signer, clock)
    }

    /// Opens a log for writing, on a disk of the caller's, with a journal that is begun anew when it
    /// grew by `settle_bytes`.
    ///
    /// # Errors
    /// When another writer has it, or what is on disk is damaged beyond what a crash does.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        settle_bytes: u64,
        folder: &Folder,
        signer: &SignerKey,
        clock: impl Fn() -> Recorded + Send + Sync + 'static,
    ) -> Result<(Self, Recovery), LogError> {
        let lock = Lock::take(folder)?;
        let (committer, recovery) = recovery::open(folder, signer, &disk, settle_bytes)?;
        let queue = Queue {
            appends: Vec::new(),
            cosigned: Vec::new(),
            last_recorded: last_recorded(&committer)?,
            closed: false,
            stopped: None,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            work: Condvar::new(),
        });
        let thread = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || queue::run(&shared, committer)
            })
            .map_err(LogError::io(
                "starting the writer's thread of",
                folder.root(),
            ))?;
        let folder = folder.clone();
        let clock = Box::new(clock);
        Ok((
            Self {
                folder,
                shared,
                clock,
                thread: Some(thread),
                _lock: lock,
            },
            recovery,
        ))
    }

    /// The log as it is now, for reading.
    ///
    /// # Errors
    /// When its checkpoint cannot be read.
    pub fn log(&self) -> Result<Log, LogError> {
        Log::open(&self.folder.log())
    }

    /// Records entries, in this order. Returns when all of them are durable and published. What
    /// fits one commit (4 MiB) is recorded whole or not at all; of more, a beginning may be recorded
    /// when an error is returned.
    ///
    /// # Errors
    /// When an entry is refused (then none is recorded), the disk refuses
    /// ([`LogError::is_storage_full`]), or the state is unknown ([`LogError::is_state_unknown`]).
    pub fn append_all(&self, drafts: Vec<Draft>) -> Result<Vec<Appended>, LogError> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let mut appended = Vec::with_capacity(drafts.len());
        let mut waiting = Vec::new();
        {
            let mut queue = self.queue();
            if let Some(stopped) = &queue.stopped {
                return Err(stopped.clone());
            }
            if queue.closed {
                return Err(LogError::Closed);
            }
            // A clock that was set back does not set the log back.
            let recorded = queue
                .last_recorded
                .map_or((self.clock)(), |last| last.max((self.clock)()));
            let mut entries = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let entry = draft.stamped(recorded);
                let bytes = entry.to_bytes()?;
                let leaf = leaf_hash(&bytes);
                appended.push(Appended {
                    index: 0,
                    id: entry.id,
                    recorded,
                    leaf,
                });
                entries.push(bytes);
            }
            queue.last_recorded = Some(recorded);
            for entries in commits(entries) {
                let (reply, answer) = sync_channel(1);
                waiting.push((entries.len(), answer));
                queue.appends.push(Append { entries, reply });
            }
        }
        self.shared.work.notify_one();
        let mut rest = appended.iter_mut();
        for (count, answer) in waiting {
            let first = answer.recv().map_err(|_| LogError::Closed)??;
            for (index, appended) in (first..).zip(rest.by_ref().take(count)) {
                appended.index = index;
            }
        }
        Ok(appended)
    }

    /// Records one entry. Returns when it is durable and published.
    ///
    /// # Errors
    /// As [`Self::append_all`].
    pub fn append(&self, draft: Draft) -> Result<Appended, LogError> {
        let appended = self.append_all(vec![draft])?;
        appended.into_iter().next().ok_or(LogError::Closed)
    }

    /// Publishes cosignatures: `cosigned` is a checkpoint of this log with cosignature lines. They
    /// join `checkpoint` if that is still of the same tree; with [`Quorum::Reached`] the checkpoint
    /// becomes `checkpoint.cosigned` too, which stays when the log grows. The cosignatures are the
    /// caller's to verify; the log's own signature is verified here.
    ///
    /// # Errors
    /// When it is no checkpoint of this log or larger than the log, or the disk refuses.
    pub fn publish_cosigned(&self, cosigned: Checkpoint, quorum: Quorum) -> Result<(), LogError> {
        let log = self.log()?;
        if cosigned.head().origin != log.head().origin
            || cosigned.head().root != log.root_at(cosigned.head().size)?
        {
            return Err(LogError::Checkpoint("it is of another tree".into()));
        }
        let (reply, answer) = sync_channel(1);
        {
            let mut queue = self.queue();
            if let Some(stopped) = &queue.stopped {
                return Err(stopped.clone());
            }
            let quorum = quorum == Quorum::Reached;
            queue.cosigned.push(Cosign {
                checkpoint: cosigned,
                quorum,
                reply,
            });
        }
        self.shared.work.notify_one();
        answer.recv().map_err(|_| LogError::Closed)?
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.shared.lock()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue().closed = true;
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic there was told on stderr; what is on disk stands either way.
            let _ended = thread.join();
        }
    }
}

/// Cuts entries into runs of at most [`COMMIT_BYTES`].
fn commits(entries: Vec<Vec<u8>>) -> Vec<Vec<Vec<u8>>> {
    let mut runs: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut bytes = COMMIT_BYTES;
    for entry in entries {
        if bytes + entry.len() > COMMIT_BYTES {
            runs.push(Vec::new());
            bytes = 0;
        }
        bytes += entry.len();
        if let Some(run) = runs.last_mut() {
            run.push(entry);
        }
    }
    runs
}

fn last_recorded(committer: &Committer) -> Result<Option<Recorded>, LogError> {
    let size = committer.edge.size();
    if size == 0 {
        return Ok(None);
    }
    let log = Log::at(&committer.folder.log(), committer.checkpoint.clone());
    Ok(Some(log.entry(size - 1)?.recorded))
}
