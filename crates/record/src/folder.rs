//! Where things lie in a record's folder.

use std::path::{Path, PathBuf};

/// The folder of one record. All names in it are relative, so that it can be copied whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The record in `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self(root.to_path_buf())
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// The tiled log, served as it is.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// Original bytes by their hash.
    #[must_use]
    pub fn segments(&self) -> PathBuf {
        self.0.join("segments")
    }

    /// Who may sign what.
    #[must_use]
    pub fn vkeys(&self) -> PathBuf {
        self.0.join("vkeys")
    }

    /// The commits since the log's files were last made durable.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    /// What the one writer holds.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// Files that are not finished.
    #[must_use]
    pub fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }

    /// Open segments of live feeds.
    #[must_use]
    pub fn live(&self) -> PathBuf {
        self.0.join("live")
    }

    /// What a crash tore, kept for those who want to look.
    #[must_use]
    pub fn quarantine(&self) -> PathBuf {
        self.0.join("quarantine")
    }
}
