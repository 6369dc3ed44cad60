//! Bytes that come bit by bit: hashed and written as they come.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::Digest as _;
use truceline_domain::Sha256;

use super::{BlobError, Blobs, Presence, Stored, failed, sync_folder};

/// Bytes may lie unwritten in the system's memory until so many; then a second thread begins to
/// write them, so that the disk works while more comes in.
const FLUSH_BYTES: u64 = 8 << 20;

/// Bytes on their way into the store. Dropped unfinished, it leaves nothing, unless its file is an
/// open segment's ([`Blobs::writer_at`]), which the next opening salvages.
///
/// Bytes may be *appended* before it is known whether they belong to this blob: they are in the file
/// at once, and become part of the blob when they are *settled*.
#[derive(Debug)]
pub struct BlobWriter {
    blobs: Blobs,
    /// The unfinished file, until it is renamed.
    unfinished: Option<PathBuf>,
    /// Whether the file stays when this is dropped unfinished.
    stays: bool,
    file: File,
    hash: sha2::Sha256,
    /// How many bytes are settled.
    bytes: u64,
    /// What the file has behind them, after `settled` bytes that are among them already.
    tail: Vec<u8>,
    settled: usize,
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
    pub(super) fn new(blobs: Blobs, unfinished: PathBuf, stays: bool, file: File) -> Self {
        Self {
            blobs,
            unfinished: Some(unfinished),
            stays,
            file,
            hash: sha2::Sha256::new(),
            bytes: 0,
            tail: Vec::new(),
            settled: 0,
            unflushed: 0,
            flusher: None,
        }
    }

    /// Adds bytes: appends and settles them.
    ///
    /// # Errors
    /// When the disk refuses; nothing was added then, and the same bytes can be pushed again.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.append(bytes)?;
        self.settle(usize::MAX);
        Ok(())
    }

    /// Writes bytes behind those that are settled.
    ///
    /// # Errors
    /// When the disk refuses; nothing was appended then, and the same bytes can be appended again.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        if let Err(error) = self.file.write_all(bytes) {
            // A full disk may have taken a part. What cannot be cut off now is written over later.
            let whole = self.bytes + self.tail().len() as u64;
            let cut = self.file.set_len(whole);
            let back = self.file.seek(SeekFrom::Start(whole));
            tracing::warn!(path = %self.path().display(), %error, ?cut, ?back, "a write was refused");
            return Err(failed("writing", &self.path())(error));
        }
        self.tail.extend_from_slice(bytes);
        self.unflushed += bytes.len() as u64;
        if self.unflushed >= FLUSH_BYTES {
            // Its outcome is learnt when the file is finished.
            self.flush();
        }
        Ok(())
    }

    /// Makes the first `count` appended bytes part of the blob.
    pub fn settle(&mut self, count: usize) {
        let count = count.min(self.tail().len());
        let taken = self.tail.get(self.settled..self.settled + count);
        self.hash.update(taken.unwrap_or_default());
        self.settled += count;
        self.bytes += count as u64;
        // Moving the rest to the front each time would cost more than reading it.
        if self.settled > self.tail.len() / 2 {
            self.tail.drain(..self.settled);
            self.settled = 0;
        }
    }

    /// How many bytes are settled.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of the settled bytes.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        Sha256::from_bytes(self.hash.clone().finalize().into())
    }

    /// What was appended and is not settled.
    #[must_use]
    pub fn tail(&self) -> &[u8] {
        self.tail.get(self.settled..).unwrap_or_default()
    }

    /// Has what was written so far made durable by a second thread, so that the caller never waits
    /// for the disk. Whether it succeeded is learnt when the file is finished.
    pub fn flush(&mut self) {
        if self.unflushed > 0 {
            self.unflushed = 0;
            if let Err(error) = self.flush_beside() {
                tracing::warn!(path = %self.path().display(), %error, "no thread to flush with");
            }
        }
    }

    /// The unfinished file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
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

    /// Ends the file behind what is settled and makes its bytes durable under their unfinished name.
    pub(super) fn sync(&mut self) -> Result<PathBuf, BlobError> {
        let path = self.path();
        self.file
            .set_len(self.bytes)
            .map_err(failed("cutting", &path))?;
        self.tail.clear();
        self.settled = 0;
        if let Some(Flusher { more, thread }) = self.flusher.take() {
            drop(more);
            // The system tells a failed sync once, so the flusher's answer must not be lost.
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the flushing thread panicked")))
                .map_err(failed("syncing", &path))?;
        }
        self.file.sync_all().map_err(failed("syncing", &path))?;
        Ok(path)
    }

    /// Makes the settled bytes durable under their name; what was only appended is cut off.
    ///
    /// # Errors
    /// When the disk refuses or the same bytes were deleted by procedure. It can be tried again.
    pub fn finish(&mut self) -> Result<Stored, BlobError> {
        let sha256 = self.sha256();
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
        self.unfinished = None;
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
        if let Some(path) = self.unfinished.take().filter(|_| !self.stays) {
            // What stays goes into the quarantine when the record is opened next.
            let _stays = fs::remove_file(path);
        }
    }
}
