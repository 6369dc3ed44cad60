//! Opening a log for writing, whatever the last writer left.
//!
//! Two files say how far the log went: the journal and the checkpoint. On a disk that keeps its word
//! the journal is never behind. Where it is (torn, lost), the log's own files are read instead, and
//! each way the tree must have the root that was signed. A checkpoint that was signed is never gone
//! back on: a witness may have seen it.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::committer::{CHECKPOINT, COSIGNED, Committer, Failure, grow};
use super::coordinates::FULL_WIDTH;
use super::disk::Disk;
use super::edge::{Edge, TileFile};
use super::error::LogError;
use super::journal::{self, Frame};
use super::reader::Log;
use crate::folder::Folder;
use crate::key::SignerKey;

/// What opening a log found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// How many entries the log has.
    pub size: u64,
    /// How many of them the checkpoint on disk did not cover yet.
    pub replayed: u64,
    /// Bytes at the journal's end that were no whole commit; nobody was told that they were recorded.
    pub dropped_bytes: u64,
    /// Files that were torn or unfinished, as they now lie under the record's folder.
    pub quarantined: Vec<PathBuf>,
    /// Files that were missing or torn and were written anew, with the reason.
    pub repaired: Vec<String>,
}

impl Recovery {
    /// Whether the last writer ended in order.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let Self {
            size: _,
            replayed,
            dropped_bytes,
            quarantined,
            repaired,
        } = self;
        *replayed == 0 && *dropped_bytes == 0 && quarantined.is_empty() && repaired.is_empty()
    }
}

/// One line for people.
impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the log opens with {} entries", self.size)?;
        if self.replayed > 0 {
            write!(f, ", {} of them published from the journal", self.replayed)?;
        }
        if self.dropped_bytes > 0 {
            write!(
                f,
                "; dropped {} bytes of a commit that was never acknowledged",
                self.dropped_bytes
            )?;
        }
        if !self.quarantined.is_empty() {
            write!(f, "; {} files put into quarantine", self.quarantined.len())?;
        }
        for repaired in &self.repaired {
            write!(f, "; {repaired}")?;
        }
        Ok(())
    }
}

/// Opens the log of a record for its one writer.
pub(super) fn open(
    folder: &Folder,
    signer: &SignerKey,
    disk: &Arc<dyn Disk>,
    settle_bytes: u64,
) -> Result<(Committer, Recovery), LogError> {
    let mut found = Recovery::default();
    for path in [folder.tmp(), folder.quarantine()] {
        disk.make_folder(&path)
            .map_err(LogError::io("making the folder", &path))?;
    }
    set_unfinished_aside(folder, &mut found)?;
    let frames = read_journal(folder, signer, &mut found)?;
    let published = read_published(folder, CHECKPOINT, signer, &mut found)?;
    read_published(folder, COSIGNED, signer, &mut found)?;
    let frames = match (frames.is_empty(), &published) {
        (false, _) => frames,
        (true, Some(checkpoint)) => {
            found
                .repaired
                .push("the journal was lost and was begun anew from the checkpoint".into());
            vec![last_bundle(folder, checkpoint)?]
        }
        (true, None) => {
            let reason =
                "neither the journal nor the checkpoint can be read, restore them from a copy";
            return Err(LogError::damaged(folder.root(), reason));
        }
    };
    let mut committer = base(folder, signer, disk, settle_bytes, &frames)?;
    let size = published
        .as_ref()
        .map_or(0, |checkpoint| checkpoint.head().size);
    replay(&mut committer, &frames, size, &mut found)?;
    meet_checkpoint(&mut committer, published, &mut found)?;

    // From here on as after any commit: the files, the checkpoint, the sync, the new journal.
    let partial = committer.edge.partial_since(0);
    publish_tiles(&mut committer, &partial, size, &mut found)?;
    let checkpoint = committer.checkpoint.clone();
    committer
        .publish_checkpoint(CHECKPOINT.as_ref(), &checkpoint)
        .and_then(|()| committer.settle())
        .map_err(|(Failure::Undone(error) | Failure::Unknown(error))| error)?;
    found.size = committer.edge.size();
    Ok((committer, found))
}

/// Moves what an ended writer had not finished out of `tmp`.
fn set_unfinished_aside(folder: &Folder, found: &mut Recovery) -> Result<(), LogError> {
    let tmp = folder.tmp();
    let reading = |error| LogError::io("reading the folder", &tmp)(error);
    for file in fs::read_dir(&tmp).map_err(reading)? {
        quarantine(folder, &file.map_err(reading)?.path(), found)?;
    }
    Ok(())
}

/// Moves a file into the quarantine, under a name that is free.
fn quarantine(folder: &Folder, path: &Path, found: &mut Recovery) -> Result<(), LogError> {
    let shown = path.strip_prefix(folder.root()).unwrap_or(path);
    let name = shown.to_string_lossy().replace('/', "_");
    let target = free_name(folder, &name);
    fs::rename(path, folder.root().join(&target))
        .map_err(LogError::io("moving to the quarantine", path))?;
    found.quarantined.push(target);
    Ok(())
}

fn free_name(folder: &Folder, name: &str) -> PathBuf {
    let candidates = (1_u64..).map(|n| Path::new("quarantine").join(format!("{name}.{n}")));
    let mut free = candidates.filter(|path| !folder.root().join(path).exists());
    free.next().unwrap_or_default()
}

/// The whole frames of the journal; what comes after them goes into the quarantine.
fn read_journal(
    folder: &Folder,
    signer: &SignerKey,
    found: &mut Recovery,
) -> Result<Vec<Frame>, LogError> {
    let path = folder.journal();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LogError::io("reading the journal", &path)(error)),
    };
    let (frames, whole) = journal::read(&bytes);
    if let Some(torn) = bytes.get(whole..).filter(|torn| !torn.is_empty()) {
        let target = free_name(folder, "journal");
        let copy = folder.root().join(&target);
        fs::write(&copy, torn).map_err(LogError::io("writing to the quarantine", &copy))?;
        found.quarantined.push(target);
        found.dropped_bytes = torn.len() as u64;
    }
    // The frames between follow from one to the other by their roots.
    for frame in frames.first().into_iter().chain(frames.last()) {
        frame
            .checkpoint
            .check_log_key(signer.verifier())
            .map_err(|error| LogError::damaged(&path, error.to_string()))?;
    }
    Ok(frames)
}

/// A checkpoint of this log in the file `name`. A torn one goes into the quarantine.
fn read_published(
    folder: &Folder,
    name: &str,
    signer: &SignerKey,
    found: &mut Recovery,
) -> Result<Option<Checkpoint>, LogError> {
    let path = folder.log().join(name);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if name == CHECKPOINT {
                found
                    .repaired
                    .push("log/checkpoint was missing and was written anew".into());
            }
            return Ok(None);
        }
        Err(error) => return Err(LogError::io("reading the checkpoint", &path)(error)),
    };
    let checkpoint = Checkpoint::parse(&bytes).and_then(|checkpoint| {
        checkpoint
            .check_log_key(signer.verifier())
            .map(|()| checkpoint)
    });
    match checkpoint {
        Ok(checkpoint) => Ok(Some(checkpoint)),
        Err(error) => {
            quarantine(folder, &path, found)?;
            found
                .repaired
                .push(format!("log/{name} was torn ({error})"));
            Ok(None)
        }
    }
}

/// What the journal's first frame would be: the last bundle of the tree that the checkpoint signs.
fn last_bundle(folder: &Folder, checkpoint: &Checkpoint) -> Result<Frame, LogError> {
    let size = checkpoint.head().size;
    let first = size - size % u64::from(FULL_WIDTH);
    let log = Log::at(&folder.log(), checkpoint.clone());
    let entries = if first == size {
        Vec::new()
    } else {
        log.bundle(first / u64::from(FULL_WIDTH))?
    };
    Ok(Frame {
        first,
        entries,
        checkpoint: checkpoint.clone(),
    })
}

/// The tree that the journal's first frame stands on.
fn base(
    folder: &Folder,
    signer: &SignerKey,
    disk: &Arc<dyn Disk>,
    settle_bytes: u64,
    frames: &[Frame],
) -> Result<Committer, LogError> {
    let (Some(base), Some(newest)) = (frames.first(), frames.last()) else {
        return Err(LogError::damaged(&folder.journal(), "no whole frame"));
    };
    let edge = Edge::load(&folder.log(), base.first)?;
    let newest = newest.checkpoint.clone();
    let (folder, signer) = (folder.clone(), signer.clone());
    Ok(Committer::new(
        folder,
        Arc::clone(disk),
        signer,
        edge,
        newest,
        settle_bytes,
    ))
}

/// Appends the journal's commits to the tree under them and writes their files.
fn replay(
    committer: &mut Committer,
    frames: &[Frame],
    published: u64,
    found: &mut Recovery,
) -> Result<(), LogError> {
    for frame in frames {
        let (next, files) = grow(&committer.edge, &frame.entries);
        let signed = frame.checkpoint.head().root;
        if next.root() != signed {
            let reason = format!(
                "the tree of {} entries has the root {}, signed was {signed}: a tile of it is damaged, \
                 restore the folder from a copy",
                next.size(),
                next.root()
            );
            return Err(LogError::damaged(&committer.folder.log(), reason));
        }
        publish_tiles(committer, &files, published, found)?;
        committer.edge = next;
    }
    Ok(())
}

/// Brings the tree of the journal and the published checkpoint together.
fn meet_checkpoint(
    committer: &mut Committer,
    published: Option<Checkpoint>,
    found: &mut Recovery,
) -> Result<(), LogError> {
    let Some(published) = published else {
        return Ok(());
    };
    let (signed, size) = (published.head().clone(), committer.edge.size());
    if signed.size < size {
        found.replayed = size - signed.size;
        return Ok(());
    }
    if signed.size > size {
        // Not what a crash leaves: the journal was synced before this checkpoint was written. It
        // was torn later, or the disk lied. What it held is in the log's own files.
        let log = Log::at(&committer.folder.log(), published.clone());
        let entries = log.entries(size).map(|leaf| Ok(leaf?.bytes));
        let entries = entries.collect::<Result<Vec<_>, LogError>>()?;
        let (next, files) = grow(&committer.edge, &entries);
        publish_tiles(committer, &files, signed.size, found)?;
        committer.edge = next;
        let taken = signed.size - size;
        found.repaired.push(format!(
            "the journal lacked {taken} entries, taken from the log's files"
        ));
    }
    if committer.edge.root() != signed.root {
        let path = committer.folder.log().join(CHECKPOINT);
        let reason = format!(
            "signs the root {} over {} entries, the entries on disk have {}: restore the folder from a copy",
            signed.root,
            signed.size,
            committer.edge.root()
        );
        return Err(LogError::damaged(&path, reason));
    }
    // It is of the same tree, and it has the cosignatures.
    committer.checkpoint = published;
    Ok(())
}

/// Writes tiles, telling which were torn, or missing although the checkpoint of `published` entries
/// covers them. All are written anew, also those that look right: what
/// the system shows need not be what the disk holds after a sync that failed.
fn publish_tiles(
    committer: &mut Committer,
    files: &[TileFile],
    published: u64,
    found: &mut Recovery,
) -> Result<(), LogError> {
    for (tile, bytes) in files {
        let path = committer.folder.log().join(tile.to_string());
        let fault = match fs::read(&path) {
            Ok(old) if old == *bytes => continue,
            Ok(_) => {
                quarantine(&committer.folder, &path, found)?;
                "torn"
            }
            Err(_) if tile.end() <= published => "missing",
            // Of a commit that was not published yet.
            Err(_) => continue,
        };
        found
            .repaired
            .push(format!("log/{tile} was {fault} and was written anew"));
    }
    committer.publish_tiles(files)
}
