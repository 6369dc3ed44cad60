//! A record as a whole.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use truceline_domain::{Recorded, Sha256};

use crate::blob::{BlobError, Blobs, Stored};
use crate::entry::Draft;
use crate::folder::Folder;
use crate::key::SignerKey;
use crate::log::{Appended, Checkpoint, Log, LogError, Quorum, Recovery, Writer};
use crate::vkeys::Vkeys;

/// The record of one centre, open for reading or for writing.
#[derive(Debug)]
pub struct Record {
    folder: Folder,
    blobs: Blobs,
    writer: Option<Writer>,
}

impl Record {
    /// Makes an empty record in `path`, which must not exist or be empty, for the log that `signer`
    /// signs. Its origin is the key's name.
    ///
    /// # Errors
    /// When something is there already or the disk refuses.
    pub fn create(path: &Path, signer: &SignerKey) -> Result<(), LogError> {
        let folder = Folder::new(path);
        fs::create_dir_all(path).map_err(LogError::io("making the folder", path))?;
        let mut inside = fs::read_dir(path).map_err(LogError::io("reading the folder", path))?;
        if inside.next().is_some() {
            return Err(LogError::Exists {
                path: path.to_path_buf(),
            });
        }
        let segments = folder.segments();
        fs::create_dir(&segments).map_err(LogError::io("making the folder", &segments))?;
        let vkeys = folder.vkeys();
        let text = Vkeys::new(signer.verifier().clone()).to_text();
        File::create_new(&vkeys)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
            })
            .map_err(LogError::io("writing", &vkeys))?;
        // Last, because it is what makes the folder a record; it syncs the folder too.
        Writer::create(&folder, signer)?;
        match path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            Some(parent) => File::open(parent)
                .and_then(|parent| parent.sync_all())
                .map_err(LogError::io("syncing the folder", parent)),
            None => Ok(()),
        }
    }

    /// Opens a record for its one writer; `clock` gives the times at which entries are recorded.
    ///
    /// # Errors
    /// When another writer has it, `signer` is not its log's key, or it is damaged beyond what a
    /// crash does.
    pub fn open_writer(
        path: &Path,
        signer: &SignerKey,
        clock: impl Fn() -> Recorded + Send + Sync + 'static,
    ) -> Result<(Self, Recovery), LogError> {
        let reader = Self::open_reader(path)?;
        let vkeys = reader.vkeys()?;
        if vkeys.log() != signer.verifier() {
            let reason = format!(
                "the log's key is {}, not {}",
                vkeys.log(),
                signer.verifier()
            );
            return Err(LogError::damaged(&reader.folder.vkeys(), reason));
        }
        let (writer, recovery) = Writer::open(&reader.folder, signer, clock)?;
        Ok((
            Self {
                writer: Some(writer),
                ..reader
            },
            recovery,
        ))
    }

    /// Opens a record for reading, also while a writer has it, also a copy.
    ///
    /// # Errors
    /// When there is no log in the folder.
    pub fn open_reader(path: &Path) -> Result<Self, LogError> {
        let folder = Folder::new(path);
        let log = folder.log();
        fs::metadata(&log).map_err(LogError::io("opening the record", &log))?;
        let blobs = Blobs::new(&folder);
        Ok(Self {
            folder,
            blobs,
            writer: None,
        })
    }

    /// Where things lie.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Who may sign what.
    ///
    /// # Errors
    /// When the file cannot be read or a line holds no key.
    pub fn vkeys(&self) -> Result<Vkeys, LogError> {
        Ok(Vkeys::load(&self.folder.vkeys())?)
    }

    /// The log as it is now, for reading.
    ///
    /// # Errors
    /// When its checkpoint cannot be read.
    pub fn log(&self) -> Result<Log, LogError> {
        Log::open(&self.folder.log())
    }

    /// Records an entry durably.
    ///
    /// # Errors
    /// As [`Writer::append_all`]; [`LogError::Closed`] when the record was opened for reading.
    pub fn append(&self, draft: Draft) -> Result<Appended, LogError> {
        self.writer()?.append(draft)
    }

    /// Records entries durably, in this order.
    ///
    /// # Errors
    /// As [`Writer::append_all`]; [`LogError::Closed`] when the record was opened for reading.
    pub fn append_all(&self, drafts: Vec<Draft>) -> Result<Vec<Appended>, LogError> {
        self.writer()?.append_all(drafts)
    }

    /// Publishes a checkpoint with cosignatures.
    ///
    /// # Errors
    /// As [`Writer::publish_cosigned`]; [`LogError::Closed`] when opened for reading.
    pub fn publish_cosigned(&self, cosigned: Checkpoint, quorum: Quorum) -> Result<(), LogError> {
        self.writer()?.publish_cosigned(cosigned, quorum)
    }

    fn writer(&self) -> Result<&Writer, LogError> {
        self.writer.as_ref().ok_or(LogError::Closed)
    }

    /// The store of original bytes.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Stores original bytes durably. They count as evidence when an entry names their hash.
    ///
    /// # Errors
    /// When the disk refuses or the same bytes were deleted by procedure.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Stored, BlobError> {
        self.blobs.put(bytes)
    }

    /// Original bytes, checked against their hash.
    ///
    /// # Errors
    /// When they are missing, deleted, damaged or cannot be read.
    pub fn blob(&self, sha256: &Sha256) -> Result<Vec<u8>, BlobError> {
        self.blobs.read(sha256)
    }
}
