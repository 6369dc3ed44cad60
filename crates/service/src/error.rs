//! What can go wrong at the centre, by what a person can do about it.

use std::io::ErrorKind;
use std::path::PathBuf;

use truceline_agreement::Faults;
use truceline_record::batch::BatchError;
use truceline_record::blob::BlobError;
use truceline_record::{EntryError, KeyError, LogError};
use truceline_store::StoreError;

use crate::config::ConfigError;

/// An error of the centre.
#[derive(Debug, thiserror::Error)]
pub enum CentreError {
    /// `truceline.toml`.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log.
    #[error("record: {0}")]
    Log(#[from] LogError),
    /// Original bytes.
    #[error("record: {0}")]
    Blob(#[from] BlobError),
    /// Observations in the record.
    #[error("record: {0}")]
    Batch(#[from] BatchError),
    /// An entry.
    #[error("record: {0}")]
    Entry(#[from] EntryError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store; `truceline replay` makes it anew.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The centre's documents.
    #[error("documents:\n{0}")]
    Documents(#[from] Faults),
    /// A file or folder.
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A feed that could not be read.
    #[error("{feed}: {why}")]
    Feed {
        /// Its name.
        feed: String,
        /// Why.
        why: String,
    },
    /// What was asked cannot be done; nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// A vector tile.
    #[error("the tile could not be written: {0}")]
    Tile(String),
    /// The record holds what this program never writes.
    #[error("entry {index} ({kind}): {why}")]
    Foreign {
        /// The entry.
        index: u64,
        /// Its type.
        kind: String,
        /// What is wrong.
        why: String,
    },
}

impl CentreError {
    /// Whether the disk refused, nothing was changed, and the same can be tried again.
    #[must_use]
    pub fn is_storage(&self) -> bool {
        matches!(
            self,
            Self::Blob(BlobError::Io { .. })
                | Self::Batch(BatchError::Blob(BlobError::Io { .. }))
                | Self::Log(LogError::Io { .. })
                | Self::Io { .. }
        )
    }

    /// Whether the disk is full: making room and asking for the same again helps.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        match self {
            Self::Blob(e) | Self::Batch(BatchError::Blob(e)) => e.is_storage_full(),
            Self::Log(e) => e.is_storage_full(),
            Self::Store(e) => e.is_storage_full(),
            Self::Io { source, .. } => matches!(
                source.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            ),
            _ => false,
        }
    }
}

/// Says what was being done when the system refused.
pub(crate) fn io(
    doing: &'static str,
    path: &std::path::Path,
) -> impl FnOnce(std::io::Error) -> CentreError + use<> {
    let path = path.to_path_buf();
    move |source| CentreError::Io {
        doing,
        path,
        source,
    }
}
