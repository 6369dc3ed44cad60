//! The log's tiles for `tlog_tiles`.

use std::cell::RefCell;

use tlog_tiles::{Tile, TileReader};

use super::coordinates::{Coordinates, FULL_WIDTH, Kind};
use super::error::LogError;
use super::reader::Log;

/// The log's tiles for `tlog_tiles`, whose errors have no room for ours.
pub(super) struct TileFiles<'a> {
    pub(super) log: &'a Log,
    pub(super) failure: RefCell<Option<LogError>>,
}

impl TileReader for TileFiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            let width = u16::try_from(tile.width()).unwrap_or(FULL_WIDTH);
            let kind = Kind::Hashes(tile.level());
            self.log.hash_bytes(Coordinates {
                kind,
                index: tile.level_index(),
                width,
            })
        };
        let bytes: Result<Vec<_>, LogError> =
            tiles.iter().map(|tile| Ok(read(tile)?.to_vec())).collect();
        bytes.map_err(|error| {
            self.failure.replace(Some(error));
            tlog_tiles::Error::InvalidTile
        })
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}
