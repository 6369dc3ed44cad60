//! Reading the log: one view of it, as of one checkpoint.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tlog_tiles::{HashReader as _, TileHashReader};
use truceline_domain::Sha256;

use super::checkpoint::{Checkpoint, EMPTY_ROOT, TreeHead};
use super::coordinates::{Coordinates, FULL_WIDTH, HEIGHT, Kind};
use super::entry_bundle;
use super::error::LogError;
use super::leaves::{Entries, Leaf};
use super::proof::from_hash;
use super::tile_files::TileFiles;
use crate::entry::{Entry, MAX_ENTRY_BYTES};

/// Tiles held in memory by one view: 256 full ones are 2 MiB.
const CACHED_TILES: usize = 256;

/// A signed note is small; more than this is none (the bound of `signed_note`).
const MAX_CHECKPOINT_BYTES: u64 = 1_000_000;

/// The log as one checkpoint describes it. It stays true while a writer goes on: what the
/// checkpoint covers never changes. To see more, open it again.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    checkpoint: Checkpoint,
    /// Tiles as read from disk. They are checked against the root at every use, not here.
    cache: Mutex<HashMap<Coordinates, Arc<Vec<u8>>>>,
}

impl Log {
    /// Opens the log in `folder` (`record/log`) as of its checkpoint file. Nothing is verified yet:
    /// see [`Checkpoint::check_log_key`] for the signature; entries and proofs are checked against
    /// the root as they are read.
    ///
    /// # Errors
    /// When the checkpoint cannot be read or is none.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        let path = folder.join("checkpoint");
        let bytes = read_bounded(&path, MAX_CHECKPOINT_BYTES)
            .map_err(LogError::io("reading the checkpoint", &path))?;
        let checkpoint = Checkpoint::parse(&bytes)
            .map_err(|error| LogError::damaged(&path, error.to_string()))?;
        Ok(Self::at(folder, checkpoint))
    }

    /// The log in `folder` as of a checkpoint that came from elsewhere, such as
    /// `checkpoint.cosigned` or a witness.
    #[must_use]
    pub fn at(folder: &Path, checkpoint: Checkpoint) -> Self {
        Self {
            folder: folder.to_path_buf(),
            checkpoint,
            cache: Mutex::default(),
        }
    }

    /// The folder of the log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The checkpoint of this view.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What the checkpoint says.
    #[must_use]
    pub fn head(&self) -> &TreeHead {
        self.checkpoint.head()
    }

    /// How many entries this view has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.head().size
    }

    /// The root hash over them.
    #[must_use]
    pub fn root(&self) -> Sha256 {
        self.head().root
    }

    /// The entry at `index`, checked against the root.
    ///
    /// # Errors
    /// When there is none, or its file, its tiles or its form are damaged.
    pub fn entry(&self, index: u64) -> Result<Entry, LogError> {
        self.leaf(index)?.entry()
    }

    /// The leaf at `index`, checked against the root.
    ///
    /// # Errors
    /// When there is none, or its file or its tiles are damaged.
    pub fn leaf(&self, index: u64) -> Result<Leaf, LogError> {
        let size = self.size();
        if index >= size {
            return Err(LogError::OutOfRange { asked: index, size });
        }
        let number = index >> HEIGHT;
        let mut entries = self.bundle(number)?;
        let place = usize::try_from(index - (number << HEIGHT)).unwrap_or(usize::MAX);
        if place >= entries.len() {
            return Err(LogError::OutOfRange { asked: index, size });
        }
        let leaf = Leaf {
            index,
            bytes: entries.swap_remove(place),
        };
        if self.hashes(0, index..index + 1)? != [leaf.hash()] {
            return Err(self.not_in_tree(number, index));
        }
        Ok(leaf)
    }

    /// The leaves at these places in their order, each checked against the root. Quick where they ascend: what lies
    /// near is read once.
    ///
    /// # Errors
    /// Of each, when there is none, or its file or its tiles are damaged.
    pub fn leaves<'a>(
        &'a self,
        indices: impl IntoIterator<Item = u64> + 'a,
    ) -> impl Iterator<Item = Result<Leaf, LogError>> + 'a {
        super::leaves::chosen(self, indices)
    }

    /// All leaves from `from` on, in order, one entry bundle in memory at a time.
    #[must_use]
    pub fn entries(&self, from: u64) -> Entries<'_> {
        Entries::new(self, from)
    }

    /// The entries of the bundle `number` as this view has it, unchecked.
    ///
    /// # Errors
    /// When the view has no such bundle, or its file cannot be read or is damaged.
    pub fn bundle(&self, number: u64) -> Result<Vec<Vec<u8>>, LogError> {
        const MAX_BYTES: u64 = FULL_WIDTH as u64 * (2 + MAX_ENTRY_BYTES as u64);
        let tile = self.tile(Kind::Entries, number)?;
        let (path, bytes) = self.read(tile, MAX_BYTES)?;
        let (entries, fault) = entry_bundle::split(&bytes);
        let width = usize::from(tile.width);
        // A full bundle stands in for a partial one that was tidied away: its first entries count.
        match (entries.get(..width), fault) {
            (Some(entries), _) => Ok(entries.iter().map(|entry| entry.to_vec()).collect()),
            (None, Some(fault)) => Err(LogError::damaged(&path, fault.to_string())),
            (None, None) => {
                let reason = format!("{} entries, expected {width}", entries.len());
                Err(LogError::damaged(&path, reason))
            }
        }
    }

    /// The hashes of `range` of `level` (0: leaves; n: roots of 256^n leaves), checked against the
    /// root.
    ///
    /// # Errors
    /// When they are not all in this view, or the tiles cannot be read or do not lead to the root.
    pub fn hashes(&self, level: u8, range: std::ops::Range<u64>) -> Result<Vec<Sha256>, LogError> {
        let in_level = self
            .size()
            .checked_shr(HEIGHT * u32::from(level))
            .unwrap_or(0);
        if range.end > in_level {
            return Err(LogError::OutOfRange {
                asked: range.end,
                size: self.size(),
            });
        }
        let tree_level = level.saturating_mul(8);
        let indexes: Vec<u64> = range
            .map(|n| tlog_tiles::stored_hash_index(tree_level, n))
            .collect();
        self.with_tiles(|tiles| tiles.read_hashes(&indexes))
    }

    /// Checks that the tiles of this view lead to its root.
    ///
    /// # Errors
    /// When they cannot be read or do not.
    pub fn check_root(&self) -> Result<(), LogError> {
        let size = self.size();
        if size == 0 {
            let holds = self.root() == EMPTY_ROOT;
            return if holds {
                Ok(())
            } else {
                Err(LogError::Checkpoint("another root".into()))
            };
        }
        self.hashes(0, size - 1..size).map(|_| ())
    }

    /// The proof that the tree of `size` entries has the entry `index` (RFC 6962 §2.1.1).
    ///
    /// # Errors
    /// When `index < size <= self.size()` does not hold, or tiles are missing or damaged.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Sha256>, LogError> {
        if size > self.size() || index >= size {
            return Err(LogError::OutOfRange {
                asked: index.max(size),
                size: self.size(),
            });
        }
        self.with_tiles(|tiles| tlog_tiles::prove_record(size, index, tiles))
    }

    /// The proof that the tree of `new` entries begins with the tree of `old` (RFC 6962 §2.1.2);
    /// empty when `old` is 0 or both are the same.
    ///
    /// # Errors
    /// When `old <= new <= self.size()` does not hold, or tiles are missing or damaged.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Sha256>, LogError> {
        if new > self.size() || old > new {
            return Err(LogError::OutOfRange {
                asked: old.max(new),
                size: self.size(),
            });
        }
        if old == 0 {
            return Ok(Vec::new());
        }
        self.with_tiles(|tiles| tlog_tiles::prove_tree(new, old, tiles))
    }

    /// The root of the tree when it had `size` entries.
    ///
    /// # Errors
    /// When it never had so many, or tiles are missing or damaged.
    pub fn root_at(&self, size: u64) -> Result<Sha256, LogError> {
        if size > self.size() {
            return Err(LogError::OutOfRange {
                asked: size,
                size: self.size(),
            });
        }
        if size == 0 {
            return Ok(EMPTY_ROOT);
        }
        let roots = self.with_tiles(|tiles| Ok(vec![tlog_tiles::tree_hash(size, tiles)?]))?;
        roots.first().copied().ok_or(LogError::OutOfRange {
            asked: size,
            size: self.size(),
        })
    }

    /// Runs `read` over tiles that are authenticated against the root.
    fn with_tiles(
        &self,
        read: impl FnOnce(&TileHashReader<'_>) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error>,
    ) -> Result<Vec<Sha256>, LogError> {
        let files = TileFiles {
            log: self,
            failure: RefCell::new(None),
        };
        let root = tlog_tiles::Hash(*self.root().as_bytes());
        match read(&TileHashReader::new(self.size(), root, &files)) {
            Ok(hashes) => Ok(hashes.into_iter().map(from_hash).collect()),
            Err(error) => Err(files.failure.take().unwrap_or_else(|| {
                let reason = format!(
                    "tiles that do not lead to the root {}: {error}",
                    self.root()
                );
                LogError::damaged(&self.folder, reason)
            })),
        }
    }

    fn tile(&self, kind: Kind, index: u64) -> Result<Coordinates, LogError> {
        Coordinates::in_tree(kind, index, self.size()).ok_or(LogError::OutOfRange {
            asked: index,
            size: self.size(),
        })
    }

    /// The file of a tile; the full one where the partial one was tidied away (tlog-tiles: «MAY
    /// delete any partial tile once the corresponding full tile is available»).
    fn read(&self, tile: Coordinates, max: u64) -> Result<(PathBuf, Vec<u8>), LogError> {
        let exact = self.folder.join(tile.to_string());
        match read_bounded(&exact, max) {
            Ok(bytes) => Ok((exact, bytes)),
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound && !tile.is_full() => {
                let full = self.folder.join(tile.full().to_string());
                let bytes = read_bounded(&full, max)
                    .map_err(|_| LogError::io("reading", &exact)(missing))?;
                Ok((full, bytes))
            }
            Err(error) => Err(LogError::io("reading", &exact)(error)),
        }
    }

    pub(super) fn hash_bytes(&self, tile: Coordinates) -> Result<Arc<Vec<u8>>, LogError> {
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = lock().get(&tile) {
            return Ok(Arc::clone(bytes));
        }
        let (path, mut bytes) = self.read(tile, u64::from(FULL_WIDTH) * 32)?;
        let expected = usize::from(tile.width) * 32;
        let from_full = path.ends_with(tile.full().to_string());
        if bytes.len() != expected && !(from_full && bytes.len() == usize::from(FULL_WIDTH) * 32) {
            let reason = format!("{} bytes, expected {expected}", bytes.len());
            return Err(LogError::damaged(&path, reason));
        }
        bytes.truncate(expected);
        let bytes = Arc::new(bytes);
        let mut cache = lock();
        if cache.len() >= CACHED_TILES {
            cache.clear();
        }
        cache.insert(tile, Arc::clone(&bytes));
        Ok(bytes)
    }

    pub(super) fn not_in_tree(&self, bundle: u64, index: u64) -> LogError {
        let tile = Coordinates::in_tree(Kind::Entries, bundle, self.size());
        let path = self
            .folder
            .join(tile.map(|tile| tile.to_string()).unwrap_or_default());
        LogError::damaged(
            &path,
            format!("the entry {index} is not the one that the tree has"),
        )
    }
}

/// Reads a file that is not to be longer than `max` bytes.
fn read_bounded(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    // A copy may come from a stranger: opening a pipe that lies in it would wait for ever.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "not a file",
        ));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        let reason = format!("more than the {max} bytes that it can have");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, reason));
    }
    Ok(bytes)
}
