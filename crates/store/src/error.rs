//! What can go wrong with the store.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

/// An error of the store; the record is untouched by any of them.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("store: {doing}: {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is something else, or of another version of this program.
    #[error("{path}: {why}; delete it and run `truceline replay` to make it again")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why it cannot be used.
        why: String,
    },
    /// A geometry could not be written or read.
    #[error("store: geometry of {what}: {why}")]
    Geometry {
        /// Whose.
        what: String,
        /// Why.
        why: String,
    },
    /// A row holds what this program never writes.
    #[error("store: {what}: {why}")]
    Row {
        /// Which.
        what: String,
        /// Why.
        why: String,
    },
    /// An export could not be written.
    #[error("export to {path}: {why}")]
    Export {
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Says what was being done when SQLite failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Sqlite { doing, source })
    }
}

impl StoreError {
    /// Whether the disk is full: making room and trying again helps.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        let Self::Sqlite { source, .. } = self else {
            return false;
        };
        // SQLite calls it by another name when its shared memory finds no room.
        source.sqlite_error_code() == Some(ErrorCode::DiskFull)
            || source
                .sqlite_error()
                .is_some_and(|e| e.extended_code == SQLITE_IOERR_SHMSIZE)
    }

    /// The error of whoever opens this file: what is no database of SQLite's, or a broken one, is another file than it should be.
    pub(crate) fn of_file(self, path: &Path) -> Self {
        match self {
            Self::Sqlite { source, .. }
                if matches!(
                    source.sqlite_error_code(),
                    Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
                ) =>
            {
                Self::Foreign {
                    path: path.to_owned(),
                    why: source.to_string(),
                }
            }
            other => other,
        }
    }
}
