//! What can go wrong with the store.

use std::path::PathBuf;

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
