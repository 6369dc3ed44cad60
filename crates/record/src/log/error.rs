//! What can go wrong with the log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::entry::EntryError;

/// An error of the log. It clones, because one failed commit answers all who waited for it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The disk refused; nothing of what was asked is in the log, and the log goes on.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done, e.g. `writing the tile`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: Arc<io::Error>,
    },
    /// The disk failed in a way that leaves open whether the entries are durable. The writer has
    /// stopped; opening the log again finds out.
    #[error("state unknown, the writer has stopped until the log is opened again: {reason}")]
    StateUnknown {
        /// What failed.
        reason: Arc<str>,
    },
    /// Another writer has the record.
    #[error("{} is held by another writer ({holder}): one record, one writer", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote into it.
        holder: String,
    },
    /// The writer was closed before the entry was taken.
    #[error("the log's writer is closed")]
    Closed,
    /// The entry was refused.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A file of the log is not what it must be.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was seen and what was expected.
        reason: String,
    },
    /// A note or checkpoint was refused.
    #[error("not a checkpoint of this log: {0}")]
    Checkpoint(String),
    /// A key was refused.
    #[error("{0}")]
    Key(Arc<crate::key::KeyError>),
    /// There is no such entry or tree.
    #[error("{asked} is not within the tree of {size} entries")]
    OutOfRange {
        /// The index or size that was asked for.
        asked: u64,
        /// The size of the tree that was asked.
        size: u64,
    },
    /// A proof that does not lead to the root.
    #[error("the {0} proof does not hold")]
    Proof(&'static str),
    /// A folder that already holds something is not made into a record.
    #[error("{} exists already, a record is made in a new folder", path.display())]
    Exists {
        /// What is in the way.
        path: PathBuf,
    },
}

impl LogError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            doing,
            path,
            source: Arc::new(source),
        }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_path_buf(),
            reason: reason.into(),
        }
    }

    /// Whether the disk is full (`ENOSPC`, `EDQUOT`): freeing space and trying again helps.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// Whether it is open if the entries are durable.
    #[must_use]
    pub fn is_state_unknown(&self) -> bool {
        matches!(self, Self::StateUnknown { .. })
    }
}

impl From<crate::key::KeyError> for LogError {
    fn from(error: crate::key::KeyError) -> Self {
        Self::Key(Arc::new(error))
    }
}
