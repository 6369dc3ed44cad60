//! Original bytes under the name of their SHA-256: `segments/<ab>/<64 hex digits>`, where `ab` are
//! the first two digits. Media segments, batches of observations, documents and the bytes of findings
//! lie here alike.
//!
//! Bytes that were deleted by procedure leave a tombstone, `segments/<ab>/<64 hex digits>.tombstone`,
//! which names the entry that ordered it. So *deleted* and *missing* are told apart; what a tombstone
//! claims is worth what the entry in the log says, nothing more.

mod writer;

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use truceline_domain::{EntryId, Sha256};

pub use self::writer::BlobWriter;
use crate::folder::Folder;

/// What went wrong with a blob.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There are no such bytes, and nothing says that they were deleted.
    #[error("{sha256} is missing")]
    Missing {
        /// The hash that was asked for.
        sha256: Sha256,
    },
    /// They were deleted by procedure.
    #[error("{sha256} was deleted by the entry {} at index {}", tombstone.entry, tombstone.index)]
    Deleted {
        /// The hash that was asked for.
        sha256: Sha256,
        /// Which entry ordered it.
        tombstone: Tombstone,
    },
    /// The bytes under this name have another hash, or a tombstone is none.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was seen.
        reason: String,
    },
}

impl BlobError {
    /// Whether the disk is full: freeing space and trying again helps.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BlobError {
    let path = path.to_path_buf();
    move |source| BlobError::Io {
        doing,
        path,
        source,
    }
}

/// What stands in the place of deleted bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// The entry that ordered the deletion.
    pub entry: EntryId,
    /// Its place in the log.
    pub index: u64,
}

/// Whether bytes are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// A file of so many bytes lies under the name. Its hash is not checked by this.
    Present {
        /// Its length.
        bytes: u64,
    },
    /// They were deleted by procedure.
    Deleted(Tombstone),
    /// Neither.
    Missing,
}

/// Bytes that are durably stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Their name.
    pub sha256: Sha256,
    /// How many.
    pub bytes: u64,
    /// False when they were there before.
    pub new: bool,
}

/// The store of one record. It clones cheaply and can be used from many threads.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: Folder,
    /// Numbers unfinished files of this process.
    next: Arc<AtomicU64>,
}

impl Blobs {
    /// The store in the record's folder.
    #[must_use]
    pub fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            next: Arc::default(),
        }
    }

    /// Where bytes of this name lie.
    #[must_use]
    pub fn path(&self, sha256: &Sha256) -> PathBuf {
        self.folder
            .segments()
            .join(sha256.short(2))
            .join(sha256.to_string())
    }

    fn tombstone_path(&self, sha256: &Sha256) -> PathBuf {
        self.path(sha256).with_extension("tombstone")
    }

    /// Whether bytes are there.
    ///
    /// # Errors
    /// When the folder cannot be read or a tombstone is none.
    pub fn presence(&self, sha256: &Sha256) -> Result<Presence, BlobError> {
        let path = self.path(sha256);
        match fs::metadata(&path) {
            Ok(metadata) => {
                return Ok(Presence::Present {
                    bytes: metadata.len(),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("reading", &path)(error)),
        }
        Ok(self
            .tombstone(sha256)?
            .map_or(Presence::Missing, Presence::Deleted))
    }

    fn tombstone(&self, sha256: &Sha256) -> Result<Option<Tombstone>, BlobError> {
        let path = self.tombstone_path(sha256);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("reading", &path)(error)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| BlobError::Damaged {
                path,
                reason: format!("no tombstone: {error}"),
            })
    }

    /// Stores bytes durably.
    ///
    /// # Errors
    /// When the disk refuses or the same bytes were deleted by procedure.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored, BlobError> {
        let mut writer = self.writer()?;
        writer.push(bytes)?;
        writer.finish()
    }

    /// Begins to store bytes that come bit by bit.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn writer(&self) -> Result<BlobWriter, BlobError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let tmp = self.folder.tmp();
        let path = tmp.join(format!("blob-{}-{number}", std::process::id()));
        let file = File::create_new(&path).map_err(failed("making", &path))?;
        Ok(BlobWriter::new(self.clone(), path, false, file))
    }

    /// Begins to store bytes that come bit by bit in the new file `path`, which must lie on the same
    /// disk as the record. The file stays where it is when the writer ends before it is finished.
    ///
    /// # Errors
    /// When the disk refuses or the file is there.
    pub fn writer_at(&self, path: &Path) -> Result<BlobWriter, BlobError> {
        let file = File::create_new(path).map_err(failed("making", path))?;
        Ok(BlobWriter::new(
            self.clone(),
            path.to_path_buf(),
            true,
            file,
        ))
    }

    /// All bytes of this name, checked against it.
    ///
    /// # Errors
    /// When they are missing, deleted, damaged or cannot be read.
    pub fn read(&self, sha256: &Sha256) -> Result<Vec<u8>, BlobError> {
        let mut bytes = Vec::new();
        self.copy_to(sha256, &mut bytes)?;
        Ok(bytes)
    }

    /// Copies the bytes of this name and returns how many they were. Their hash is known at the end
    /// only: on [`BlobError::Damaged`], what was written is not what the name says.
    ///
    /// # Errors
    /// When they are missing, deleted, damaged or cannot be read, or `to` refuses them.
    pub fn copy_to(&self, sha256: &Sha256, to: &mut impl Write) -> Result<u64, BlobError> {
        let path = self.path(sha256);
        let mut file = self.open(sha256)?;
        let mut hash = sha2::Sha256::new();
        let mut buffer = vec![0; 256 << 10];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer).map_err(failed("reading", &path))?;
            let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else {
                break;
            };
            hash.update(chunk);
            to.write_all(chunk).map_err(failed("copying", &path))?;
            bytes += chunk.len() as u64;
        }
        let found = Sha256::from_bytes(hash.finalize().into());
        if found == *sha256 {
            return Ok(bytes);
        }
        Err(BlobError::Damaged {
            path,
            reason: format!("{bytes} bytes with the hash {found}"),
        })
    }

    /// Checks that the bytes of this name have it, and returns how many they are.
    ///
    /// # Errors
    /// When they are missing, deleted, damaged or cannot be read.
    pub fn check(&self, sha256: &Sha256) -> Result<u64, BlobError> {
        self.copy_to(sha256, &mut io::sink())
    }

    /// The file of this name, unchecked: for players that seek.
    ///
    /// # Errors
    /// When the bytes are missing, deleted or cannot be read.
    pub fn open(&self, sha256: &Sha256) -> Result<File, BlobError> {
        let path = self.path(sha256);
        // A copy may come from a stranger: opening a pipe that lies in it would wait for ever.
        let file = fs::metadata(&path).and_then(|metadata| match metadata.is_file() {
            true => File::open(&path),
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file")),
        });
        match file {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(match self.tombstone(sha256)? {
                    Some(tombstone) => BlobError::Deleted {
                        sha256: *sha256,
                        tombstone,
                    },
                    None => BlobError::Missing { sha256: *sha256 },
                })
            }
            Err(error) => Err(failed("reading", &path)(error)),
        }
    }

    /// Deletes bytes by procedure: the tombstone first, then they. The caller has made sure that the
    /// entry it names is in the log, has both keys, and that no legal hold stands.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn bury(&self, sha256: &Sha256, tombstone: &Tombstone) -> Result<(), BlobError> {
        let path = self.tombstone_path(sha256);
        let shard = self.make_shard(sha256)?;
        let text = serde_json::to_vec(tombstone).map_err(|error| BlobError::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let mut writer = self.writer()?;
        writer.push(&text)?;
        let unfinished = writer.sync()?;
        // If we die here, nothing happened. If we die after the rename, the bytes are there beside
        // their tombstone: they count as present, and burying them again ends it.
        fs::rename(&unfinished, &path).map_err(failed("renaming", &path))?;
        sync_folder(&shard)?;
        let bytes = self.path(sha256);
        match fs::remove_file(&bytes) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed("deleting", &bytes)(error))
            }
            _ => sync_folder(&shard),
        }
    }

    /// The folder that bytes of this name lie in, made durably.
    fn make_shard(&self, sha256: &Sha256) -> Result<PathBuf, BlobError> {
        let segments = self.folder.segments();
        let shard = segments.join(sha256.short(2));
        if !shard.is_dir() {
            fs::create_dir_all(&shard).map_err(failed("making", &shard))?;
            sync_folder(&segments)?;
        }
        Ok(shard)
    }
}

fn sync_folder(path: &Path) -> Result<(), BlobError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("syncing", path))
}
