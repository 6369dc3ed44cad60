//! Where tiles and entry bundles lie (C2SP tlog-tiles). The crate `tlog_tiles` writes the older
//! paths of Go's checksum database (`tile/8/…`), which are not these.

use std::fmt;

/// Entries in a full entry bundle and hashes in a full tile (tlog-tiles: height 8).
pub const FULL_WIDTH: u16 = 256;

/// Bits of an index that one level of tiles takes.
pub(crate) const HEIGHT: u32 = 8;

/// The highest level that a tree of 2^48 entries has: level n holds hashes of 256^n entries.
pub const MAX_LEVEL: u8 = 5;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The entries themselves (`tile/entries/…`).
    Entries,
    /// Hashes of the given level (`tile/<L>/…`).
    Hashes(u8),
}

/// One file under `tile/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coordinates {
    /// What it holds.
    pub kind: Kind,
    /// Which one of its level.
    pub index: u64,
    /// How many it holds: 1 to 256; below 256 it is partial.
    pub width: u16,
}

impl Coordinates {
    /// The tile `index` of `kind` as the tree of `size` entries has it; none when it is empty there.
    #[must_use]
    pub fn in_tree(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            Kind::Entries => 0,
            Kind::Hashes(level) => u32::from(level),
        };
        let hashes = size.checked_shr(HEIGHT * level).unwrap_or(0);
        let before = index.checked_mul(u64::from(FULL_WIDTH))?;
        let rest = hashes.checked_sub(before).filter(|&rest| rest > 0)?;
        let width = u16::try_from(rest).unwrap_or(FULL_WIDTH).min(FULL_WIDTH);
        Some(Self { kind, index, width })
    }

    /// How many entries a tree has at least that has this tile.
    #[must_use]
    pub fn end(&self) -> u64 {
        let level = match self.kind {
            Kind::Entries => 0,
            Kind::Hashes(level) => u32::from(level),
        };
        let before = self.index.saturating_mul(u64::from(FULL_WIDTH));
        let hashes = before.saturating_add(u64::from(self.width));
        hashes.saturating_mul(1_u64.checked_shl(HEIGHT * level).unwrap_or(u64::MAX))
    }

    /// The same tile when it is full.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: FULL_WIDTH,
            ..self
        }
    }

    /// Whether it is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }

    /// The folder of the tile's partial forms, `tile/…/NNN.p`.
    #[must_use]
    pub fn partial_folder(self) -> String {
        format!("{}.p", self.full())
    }
}

/// The path under the log's folder: `tile/<L>/<N>[.p/<W>]`, `N` in groups of three digits.
impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Entries => f.write_str("tile/entries/")?,
            Kind::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (place, group) in groups.iter().enumerate().rev() {
            if place > 0 {
                write!(f, "x{group:03}/")?;
            } else {
                write!(f, "{group:03}")?;
            }
        }
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(kind: Kind, index: u64, width: u16) -> String {
        Coordinates { kind, index, width }.to_string()
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(
            path(Kind::Hashes(4), 1_234_067, 1),
            "tile/4/x001/x234/067.p/1"
        );
        assert_eq!(path(Kind::Hashes(0), 0, 256), "tile/0/000");
        assert_eq!(
            path(Kind::Entries, 1000, 255),
            "tile/entries/x001/000.p/255"
        );
        let tile = Coordinates {
            kind: Kind::Entries,
            index: 7,
            width: 3,
        };
        assert_eq!(tile.partial_folder(), "tile/entries/007.p");
    }

    #[test]
    fn the_tree_of_70_000_entries_has_the_tiles_of_the_specification() {
        let in_tree = |level, index| Coordinates::in_tree(Kind::Hashes(level), index, 70_000);
        assert_eq!(in_tree(0, 272).map(|t| t.width), Some(256));
        assert_eq!(in_tree(0, 273).map(|t| t.width), Some(112));
        assert_eq!(in_tree(0, 274), None);
        assert_eq!(in_tree(1, 1).map(|t| t.end()), Some((256 + 17) * 256));
        assert_eq!(in_tree(1, 0).map(|t| t.width), Some(256));
        assert_eq!(in_tree(1, 1).map(|t| t.width), Some(17));
        assert_eq!(in_tree(2, 0).map(|t| t.width), Some(1));
        assert_eq!(in_tree(3, 0), None);
        assert_eq!(
            Coordinates::in_tree(Kind::Hashes(200), u64::MAX, u64::MAX),
            None
        );
    }
}
