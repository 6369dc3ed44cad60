//! One commit after another: the journal first, then the log's files, then the checkpoint.
//!
//! What a crash leaves behind is told at each write. `record/journal` is the one file that decides:
//! an entry is in the log when its frame is whole there, and is acknowledged only after that. The
//! log's own files follow without being synced each time; until they are, the journal keeps what is
//! needed to write them anew, which every opening does, by the functions that wrote them first.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::{Checkpoint, TreeHead};
use super::coordinates::Coordinates;
use super::disk::Disk;
use super::edge::{Edge, TileFile};
use super::error::LogError;
use super::journal;
use crate::folder::Folder;
use crate::key::SignerKey;

/// The newest checkpoint.
pub(super) const CHECKPOINT: &str = "checkpoint";

/// The newest checkpoint with its quorum of cosignatures.
pub(super) const COSIGNED: &str = "checkpoint.cosigned";

/// How a commit failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Undone; the next commit may succeed.
    Undone(LogError),
    /// Nobody knows; the writer must stop.
    Unknown(LogError),
}

/// All that the one writing thread owns.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) folder: Folder,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) signer: SignerKey,
    /// The tree as the journal has it.
    pub(super) edge: Edge,
    /// Its checkpoint, with the cosignatures that were gathered for it.
    pub(super) checkpoint: Checkpoint,
    /// The journal, open for writing, and how long its whole frames are.
    pub(super) journal: Option<File>,
    pub(super) journal_bytes: u64,
    /// Beyond this length the journal is begun anew.
    pub(super) settle_at: u64,
    /// How much longer than at its beginning it may become.
    pub(super) settle_bytes: u64,
    /// Files written since then that must be synced before: paths under the log's folder.
    pub(super) unsynced: BTreeSet<PathBuf>,
    /// Tiles that became full since then, whose partial forms can go.
    pub(super) filled: Vec<Coordinates>,
}

impl Committer {
    pub(super) fn new(
        folder: Folder,
        disk: Arc<dyn Disk>,
        signer: SignerKey,
        edge: Edge,
        checkpoint: Checkpoint,
        settle_bytes: u64,
    ) -> Self {
        Self {
            folder,
            disk,
            signer,
            edge,
            checkpoint,
            journal: None,
            journal_bytes: 0,
            settle_at: settle_bytes,
            settle_bytes,
            unsynced: BTreeSet::new(),
            filled: Vec::new(),
        }
    }

    /// Appends `entries` durably and publishes them. On success they may be acknowledged.
    pub(super) fn commit(&mut self, entries: &[&[u8]]) -> Result<(), Failure> {
        let (next, files) = grow(&self.edge, entries);
        let head = TreeHead::new(self.signer.name(), next.size(), next.root());
        let checkpoint = Checkpoint::sign(head, &self.signer).map_err(Failure::Undone)?;
        let (count, laid_out) = journal::lay_out(entries.iter().copied());
        let frame = journal::frame_bytes(self.edge.size(), count, &laid_out, &checkpoint);

        // If we die here, nothing happened.
        let begun = self.journal_bytes;
        self.write_frame(&frame)?;
        // If we die here or anywhere below, the entries are in the log, though nobody was told so:
        // opening it reads the frame and writes the files.
        if let Err(error) = self.publish(&files, &checkpoint) {
            return Err(match error {
                Failure::Undone(error) => self.undo(begun, error),
                unknown => unknown,
            });
        }
        self.edge = next;
        self.checkpoint = checkpoint;
        Ok(())
    }

    /// Adds a frame to the journal and syncs it.
    fn write_frame(&mut self, frame: &[u8]) -> Result<(), Failure> {
        let path = self.folder.journal();
        let begun = self.journal_bytes;
        let file = self.journal_file()?;
        // If we die within this write, the journal ends in a torn frame. Its digest tells, and
        // opening the log cuts it off into the quarantine. Nobody was told of its entries.
        if let Err(error) = self.disk.write_at(file, begun, frame) {
            // A full disk above all. Whatever part of the frame was written must not be found
            // later: the entries are refused, and the journal goes on from where it was.
            return Err(self.undo(begun, LogError::io("writing the journal", &path)(error)));
        }
        // A failed sync may or may not have written, and the system may forget that it failed
        // (LWN 752063, «PostgreSQL's fsync() surprise»): trying again proves nothing.
        self.disk
            .sync_data(file)
            .map_err(|error| Failure::Unknown(LogError::io("syncing the journal", &path)(error)))?;
        self.journal_bytes = begun + frame.len() as u64;
        Ok(())
    }

    fn journal_file(&self) -> Result<&File, Failure> {
        self.journal
            .as_ref()
            .ok_or(Failure::Unknown(LogError::Closed))
    }

    /// Cuts the journal back to `length`, so that a refused commit is not found in it later.
    fn undo(&mut self, length: u64, error: LogError) -> Failure {
        let path = self.folder.journal();
        let cut = self.journal_file().and_then(|file| {
            // If we die before the cut is durable, the refused entries may still be in the log when
            // it opens: «refused» says that nothing was acknowledged, not that nothing was tried.
            self.disk
                .truncate(file, length)
                .and_then(|()| self.disk.sync_data(file))
                .map_err(|cause| {
                    Failure::Unknown(LogError::io("cutting the journal", &path)(cause))
                })
        });
        match cut {
            Ok(()) => {
                self.journal_bytes = length;
                Failure::Undone(error)
            }
            Err(unknown) => unknown,
        }
    }

    /// Writes the files of a commit that is durable in the journal. The checkpoint is the last, so
    /// that a reader never sees one whose tiles are not there.
    fn publish(&mut self, files: &[TileFile], checkpoint: &Checkpoint) -> Result<(), Failure> {
        let filled = self.filled.len();
        let tiles = self.publish_tiles(files).map_err(Failure::Undone);
        let published =
            tiles.and_then(|()| self.publish_checkpoint(CHECKPOINT.as_ref(), checkpoint));
        if published.is_err() {
            // They may be full on disk, but they are not in the tree: their partial forms stay.
            self.filled.truncate(filled);
        }
        published
    }

    /// Writes tiles and entry bundles.
    pub(super) fn publish_tiles(&mut self, files: &[TileFile]) -> Result<(), LogError> {
        for (tile, bytes) in files {
            // If we die between these, tiles lie there that no checkpoint covers yet; they are
            // written again with the same bytes.
            let path = PathBuf::from(tile.to_string());
            self.put(&path, bytes).map_err(|(error, _)| error)?;
            self.unsynced.insert(path);
            if tile.is_full() {
                self.filled.push(*tile);
            }
        }
        Ok(())
    }

    pub(super) fn publish_checkpoint(
        &mut self,
        name: &Path,
        checkpoint: &Checkpoint,
    ) -> Result<(), Failure> {
        // If we die before the rename, the old checkpoint stands, which is true as well. If we die
        // after it, the new one stands, and the journal has its entries.
        self.put(name, &checkpoint.to_bytes())
            .map_err(|(error, step)| match step {
                PutStep::Write => Failure::Undone(error),
                // It may have happened. A witness may have seen it: no other tree of this size may
                // ever be signed, so the entries cannot be taken back.
                PutStep::Rename => Failure::Unknown(error),
            })?;
        self.unsynced.insert(name.to_path_buf());
        Ok(())
    }

    /// Writes a file under another name and renames it, so that no reader sees half of it.
    fn put(&self, name: &Path, bytes: &[u8]) -> Result<(), (LogError, PutStep)> {
        let path = self.folder.log().join(name);
        let unfinished = self.folder.tmp().join("publish");
        let write = |error| (LogError::io("writing", &path)(error), PutStep::Write);
        self.disk.put(&unfinished, bytes).map_err(write)?;
        let renamed = match self.disk.rename(&unfinished, &path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let parent = path.parent().unwrap_or(&path);
                self.disk.make_folder(parent).map_err(write)?;
                self.disk.rename(&unfinished, &path)
            }
            other => other,
        };
        renamed.map_err(|error| (LogError::io("renaming", &path)(error), PutStep::Rename))
    }

    /// Takes up cosignatures for a checkpoint of this log: into `checkpoint` when it is the newest,
    /// and into `checkpoint.cosigned` when `quorum` says that they are enough.
    pub(super) fn cosign(&mut self, cosigned: &Checkpoint, quorum: bool) -> Result<(), Failure> {
        if cosigned.head() == self.checkpoint.head() {
            let merged = self
                .checkpoint
                .clone()
                .with_signatures(cosigned.signatures());
            self.publish_checkpoint(CHECKPOINT.as_ref(), &merged)?;
            self.checkpoint = merged;
        }
        if quorum {
            // Cosignatures are not in the journal. If we die before they are synced, they are
            // gathered again; a torn file is put aside when the log opens.
            self.publish_checkpoint(COSIGNED.as_ref(), cosigned)?;
        }
        Ok(())
    }

    /// Whether the journal is long enough to be begun anew.
    pub(super) fn wants_to_settle(&self) -> bool {
        self.journal_bytes >= self.settle_at
    }

    /// Makes the log's files durable and begins a new journal that stands on them.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        // If we die before the journal is replaced, the old one stands and is replayed.
        self.sync_files().map_err(Failure::Unknown)?;
        let path = self.folder.journal();
        let unfinished = self.folder.tmp().join("journal");
        let count = u32::try_from(self.edge.size() - self.edge.bundle_first()).unwrap_or(0);
        // Without cosignatures: they are not what the journal vouches for.
        let checkpoint = Checkpoint::sign(self.checkpoint.head().clone(), &self.signer)
            .map_err(Failure::Undone)?;
        let frame = journal::frame_bytes(
            self.edge.bundle_first(),
            count,
            self.edge.bundle(),
            &checkpoint,
        );
        let write = |error| Failure::Undone(LogError::io("writing the journal", &path)(error));
        self.disk.put(&unfinished, &frame).map_err(write)?;
        let unknown = |doing| {
            let path = path.clone();
            move |error| Failure::Unknown(LogError::io(doing, &path)(error))
        };
        self.disk
            .sync(&unfinished)
            .map_err(unknown("syncing the journal"))?;
        // If we die around the rename, either journal gives the same log. But when it fails, or the
        // folder's sync, we must not go on writing to a file that may not be the journal.
        self.disk
            .rename(&unfinished, &path)
            .map_err(unknown("renaming the journal"))?;
        self.disk
            .sync(self.folder.root())
            .map_err(unknown("syncing the record's folder"))?;
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(unknown("opening the journal"))?;
        self.journal = Some(file);
        self.journal_bytes = frame.len() as u64;
        self.settle_at = self.journal_bytes + self.settle_bytes;
        self.drop_partial_tiles();
        Ok(())
    }

    /// Syncs what was written since the journal began: files, then the folders that name them.
    fn sync_files(&mut self) -> Result<(), LogError> {
        let log = self.folder.log();
        let superseded: BTreeSet<PathBuf> = self
            .filled
            .iter()
            .map(|tile| PathBuf::from(tile.partial_folder()))
            .collect();
        let mut folders = BTreeSet::from([PathBuf::new()]);
        for file in &self.unsynced {
            // Partial tiles whose full one is there are about to be removed.
            if file
                .parent()
                .is_some_and(|folder| superseded.contains(folder))
            {
                continue;
            }
            let path = log.join(file);
            self.disk
                .sync(&path)
                .map_err(LogError::io("syncing", &path))?;
            folders.extend(file.ancestors().skip(1).map(Path::to_path_buf));
        }
        for folder in folders.iter().rev() {
            let path = log.join(folder);
            self.disk
                .sync(&path)
                .map_err(LogError::io("syncing the folder", &path))?;
        }
        self.unsynced.clear();
        Ok(())
    }

    /// Removes the partial forms of tiles that are full and durable. What cannot be removed is
    /// superfluous, not wrong, so it is left.
    fn drop_partial_tiles(&mut self) {
        for tile in std::mem::take(&mut self.filled) {
            let folder = self.folder.log().join(tile.partial_folder());
            if folder.exists() {
                let _superfluous = self.disk.remove_folder(&folder);
            }
        }
    }
}

/// The tree with `entries` appended, and the files that it then has and had not before.
pub(super) fn grow<E: AsRef<[u8]>>(edge: &Edge, entries: &[E]) -> (Edge, Vec<TileFile>) {
    let mut next = edge.clone();
    let mut files = Vec::new();
    for entry in entries {
        next.push(entry.as_ref(), &mut files);
    }
    files.extend(next.partial_since(edge.size()));
    (next, files)
}

#[derive(Debug, Clone, Copy)]
enum PutStep {
    Write,
    Rename,
}
