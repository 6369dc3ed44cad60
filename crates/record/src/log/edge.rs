//! The right edge of the tree: all that is needed to append to it.

use std::path::Path;

use truceline_domain::Sha256;

use super::EMPTY_ROOT;
use super::coordinates::{Coordinates, FULL_WIDTH, HEIGHT, Kind};
use super::entry_bundle;
use super::error::LogError;
use super::proof::{leaf_hash, root_of};

/// A tile as it is to be written.
pub(super) type TileFile = (Coordinates, Vec<u8>);

/// The tiles that are not full, and the entries of the last bundle when that is not full.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    size: u64,
    /// `levels[n]` holds fewer than 256 hashes, each over 256^n entries, and only full ones.
    levels: Vec<Vec<Sha256>>,
    bundle: Vec<u8>,
}

impl Edge {
    /// The edge of the tree of `size` entries, a multiple of 256, from the full tiles in `folder`.
    /// Every hash is computed from the tiles of the level below, so that a torn partial tile above
    /// level 0 does no harm. At most 255 files a level are read.
    pub(super) fn load(folder: &Path, size: u64) -> Result<Self, LogError> {
        debug_assert_eq!(size % u64::from(FULL_WIDTH), 0);
        let mut levels = vec![Vec::new()];
        let mut below = 0_u8;
        while let Some(hashes) = size
            .checked_shr(HEIGHT * (u32::from(below) + 1))
            .filter(|&n| n > 0)
        {
            let first = hashes - hashes % u64::from(FULL_WIDTH);
            let roots = (first..hashes).map(|index| full_tile_root(folder, below, index));
            levels.push(roots.collect::<Result<Vec<_>, _>>()?);
            below += 1;
        }
        Ok(Self {
            size,
            levels,
            bundle: Vec::new(),
        })
    }

    /// How many entries the tree has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The index of the first entry of the last bundle.
    pub(super) fn bundle_first(&self) -> u64 {
        self.size - self.size % u64::from(FULL_WIDTH)
    }

    /// The bytes of the last bundle, empty when it is full.
    pub(super) fn bundle(&self) -> &[u8] {
        &self.bundle
    }

    /// The tree's root.
    pub(super) fn root(&self) -> Sha256 {
        let mut right = None;
        for level in &self.levels {
            // What is smaller than this level's trees is one more leaf at their right.
            let leaves: Vec<Sha256> = level.iter().copied().chain(right).collect();
            right = root_of(&leaves);
        }
        right.unwrap_or(EMPTY_ROOT)
    }

    /// Adds an entry of at most 65,535 bytes; tiles that it fills go to `filled`.
    pub(super) fn push(&mut self, entry: &[u8], filled: &mut Vec<TileFile>) {
        let fits = entry_bundle::push(&mut self.bundle, entry);
        debug_assert!(fits, "entries are measured when they are taken");
        let mut hash = leaf_hash(entry);
        self.size += 1;
        for level in 0_u8.. {
            let place = usize::from(level);
            if self.levels.len() <= place {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(place) else {
                return;
            };
            hashes.push(hash);
            if hashes.len() < usize::from(FULL_WIDTH) {
                return;
            }
            let Some(root) = root_of(hashes) else { return };
            let index = (self.size >> (HEIGHT * (u32::from(level) + 1))) - 1;
            let tile = |kind| Coordinates {
                kind,
                index,
                width: FULL_WIDTH,
            };
            if level == 0 {
                filled.push((tile(Kind::Entries), std::mem::take(&mut self.bundle)));
            }
            filled.push((tile(Kind::Hashes(level)), bytes_of(hashes)));
            hashes.clear();
            hash = root;
        }
    }

    /// The partial tiles that the tree has and had not when it was of `old_size` entries.
    pub(super) fn partial_since(&self, old_size: u64) -> Vec<TileFile> {
        let mut files = Vec::new();
        let tile = |kind, level: usize, width: usize| {
            let index = self.size >> (HEIGHT as usize * (level + 1));
            Coordinates {
                kind,
                index,
                width: u16::try_from(width).unwrap_or(FULL_WIDTH),
            }
        };
        for (level, hashes) in self.levels.iter().enumerate() {
            let shift = HEIGHT as usize * level;
            if hashes.is_empty() || self.size >> shift == old_size >> shift {
                continue;
            }
            if level == 0 {
                files.push((
                    tile(Kind::Entries, level, hashes.len()),
                    self.bundle.clone(),
                ));
            }
            let kind = Kind::Hashes(u8::try_from(level).unwrap_or(u8::MAX));
            files.push((tile(kind, level, hashes.len()), bytes_of(hashes)));
        }
        files
    }
}

fn bytes_of(hashes: &[Sha256]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn full_tile_root(folder: &Path, level: u8, index: u64) -> Result<Sha256, LogError> {
    let tile = Coordinates {
        kind: Kind::Hashes(level),
        index,
        width: FULL_WIDTH,
    };
    let path = folder.join(tile.to_string());
    let bytes = std::fs::read(&path).map_err(LogError::io("reading the tile", &path))?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    let hashes: Vec<Sha256> = hashes
        .iter()
        .map(|hash| Sha256::from_bytes(*hash))
        .collect();
    match root_of(&hashes) {
        Some(root) if rest.is_empty() && hashes.len() == usize::from(FULL_WIDTH) => Ok(root),
        _ => Err(LogError::damaged(
            &path,
            format!("{} bytes, expected 8192", bytes.len()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_that_of_the_plain_tree() {
        let mut edge = Edge::default();
        assert_eq!(edge.root(), EMPTY_ROOT);
        let mut leaves = Vec::new();
        let mut filled = Vec::new();
        for n in 0..70_000_u32 {
            let entry = n.to_be_bytes();
            edge.push(&entry, &mut filled);
            leaves.push(leaf_hash(&entry));
            if n % 977 == 0 || [255, 256, 511, 65_535, 65_536].contains(&n) {
                assert_eq!(Some(edge.root()), root_of(&leaves), "{n}");
            }
        }
        // The example of the specification: 273 full tiles at level 0, one at level 1.
        let of = |kind| filled.iter().filter(|(tile, _)| tile.kind == kind).count();
        assert_eq!(
            (of(Kind::Entries), of(Kind::Hashes(0)), of(Kind::Hashes(1))),
            (273, 273, 1)
        );
        let widths: Vec<_> = edge
            .partial_since(0)
            .iter()
            .map(|(tile, _)| (tile.kind, tile.index, tile.width))
            .collect();
        let partial = [
            (Kind::Entries, 273, 112),
            (Kind::Hashes(0), 273, 112),
            (Kind::Hashes(1), 1, 17),
            (Kind::Hashes(2), 0, 1),
        ];
        assert_eq!(widths, partial);
        assert!(
            edge.partial_since(69_999).len() == 2,
            "levels that did not change are not written"
        );
    }
}
