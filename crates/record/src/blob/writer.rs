//! Bytes that come bit by bit: hashed and written as they come.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::Digest as _;
use truceline_domain::Sha256;

use super::{BlobError, Blobs, Presence, Stored, failed, sync_folder};

/// Bytes may lie unwritten in the system's memory until so many; then a second thread begins to
/// write them, so that the disk works while more comes in.
const FLUSH_BYTES: u64 = 8 << 20;

/// Bytes on their way into the store. Dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {
    blobs: Blobs,
    /// The file under `tmp/`, until it is renamed.
    unfinished: Option<PathBuf>,
    file: File,
    hash: sha2::Sha256,
    bytes: u64,
    /// How many of them the flusher was not told of.
    unflushed: u64,
    /// Started when the bytes are many.
    flusher: Option<Flusher>,
}

/// A thread that syncs the file when told, so that the disk writes while more bytes come.
#[derive(Debug)]
struct Flusher {
    more: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl BlobWriter {
    /// Bytes of `blobs` that go to the new file `unfinished`.
    pub(super) fn new(blobs: Blobs, unfinished: PathBuf, file: File) -> Self {
        Self {
            blobs,
            unfinished: Some(unfinished),
            file,
            hash: sha2::Sha256::new(),
            bytes: 0,
            unflushed: 0,
            flusher: None,
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.hash.update(bytes);
        self.file
            .write_all(bytes)
            .map_err(|error| failed("writing", &self.path())(error))?;
        self.bytes += bytes.len() as u64;
        self.unflushed += bytes.len() as u64;
        if self.unflushed >= FLUSH_BYTES {
            self.unflushed = 0;
            self.flush_beside()
                .map_err(|error| failed("syncing", &self.path())(error))?;
        }
        Ok(())
    }

    /// How many bytes came so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn path(&self) -> PathBuf {
        self.unfinished.clone().unwrap_or_default()
    }

    fn flush_beside(&mut self) -> io::Result<()> {
        let flusher = match self.flusher.take() {
            Some(flusher) => flusher,
            None => {
                let (more, told) = sync_channel(1);
                let file = self.file.try_clone()?;
                let thread = std::thread::Builder::new()
                    .name("blob-flusher".to_owned())
                    .spawn(move || told.iter().try_for_each(|()| file.sync_data()))?;
                Flusher { more, thread }
            }
        };
        // Busy: it will see these bytes with the next. Ended: it failed, which `sync` learns.
        let _busy_or_ended = flusher.more.try_send(());
        self.flusher = Some(flusher);
        Ok(())
    }

    /// Ends the file and makes its bytes durable under their unfinished name.
    pub(super) fn sync(&mut self) -> Result<PathBuf, BlobError> {
        let path = self.path();
        if let Some(Flusher { more, thread }) = self.flusher.take() {
            drop(more);
            // The system tells a failed sync once, so the flusher's answer must not be lost.
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the flushing thread panicked")))
                .map_err(failed("syncing", &path))?;
        }
        self.file.sync_all().map_err(failed("syncing", &path))?;
        self.unfinished = None;
        Ok(path)
    }

    /// Makes the bytes durable under their name.
    ///
    /// # Errors
    /// When the disk refuses or the same bytes were deleted by procedure.
    pub fn finish(mut self) -> Result<Stored, BlobError> {
        let sha256 = Sha256::from_bytes(std::mem::take(&mut self.hash).finalize().into());
        let path = self.blobs.path(&sha256);
        let presence = self.blobs.presence(&sha256)?;
        if let Presence::Deleted(tombstone) = presence {
            return Err(BlobError::Deleted { sha256, tombstone });
        }
        let shard = self.blobs.make_shard(&sha256)?;
        // If we die here or before, the unfinished file goes into the quarantine at the next
        // opening. Nobody was told of it.
        let unfinished = self.sync()?;
        // Over an older file of that name: if that one was damaged, it is whole again.
        fs::rename(&unfinished, &path).map_err(failed("renaming", &path))?;
        // If we die here, the bytes are whole under one name or the other.
        sync_folder(&shard)?;
        Ok(Stored {
            sha256,
            bytes: self.bytes,
            new: presence == Presence::Missing,
        })
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if let Some(path) = self.unfinished.take() {
            // What stays goes into the quarantine when the record is opened next.
            let _stays = fs::remove_file(path);
        }
    }
}
