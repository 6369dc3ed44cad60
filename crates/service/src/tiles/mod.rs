//! Vector tiles (Mapbox Vector Tile specification 2.1) of the web's square grid: what lies in a tile, in its own
//! units, and never more than it can hold.
//!
//! **Thinned, and told.** A tile that more than [`MOST`] features lie in is divided into 32 × 32 cells by where the
//! middle of each feature is; of each cell the last feature of the layer's order is drawn, and its `count` says
//! for how many it stands. In every other tile each `count` is 1. A point is in one tile of each zoom, so that
//! counts add up.

mod clip;
mod encode;

use std::collections::BTreeMap;

use geo_types::Coord;
use truceline_store::Located;

pub(crate) use encode::encode;

/// A tile's side in its own units (§ 4.1: `extent`).
const EXTENT: f64 = 4096.0;
/// Lines and areas are drawn so many units beyond a tile's edges, so that their strokes join.
const BUFFER: f64 = 64.0;
/// The most features that a tile has.
pub(crate) const MOST: usize = CELLS * CELLS;
/// Cells along each side of a tile that is thinned.
const CELLS: usize = 32;
/// Beyond this nothing is told apart: a unit is a centimetre.
pub(crate) const MAX_ZOOM: u8 = 22;
/// Where the web's square ends: atan(sinh π).
const MAX_LAT_DEG: f64 = 85.051_128_779_806_6;

/// One tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    zoom: u8,
    x: u32,
    y: u32,
}

impl Tile {
    /// The tile of a zoom, counted from the north-west; none where the grid has no such tile.
    pub(crate) fn new(zoom: u8, x: u32, y: u32) -> Option<Self> {
        let inside = zoom <= MAX_ZOOM && x < 1 << zoom && y < 1 << zoom;
        inside.then_some(Self { zoom, x, y })
    }

    /// West, south, east, north with the buffer, degrees.
    pub(crate) fn bounds_deg(self) -> [f64; 4] {
        let (west, north) = self.place(-BUFFER, -BUFFER);
        let (east, south) = self.place(EXTENT + BUFFER, EXTENT + BUFFER);
        [west, south, east, north]
    }

    /// How many tiles a side of the whole grid has.
    fn side(self) -> f64 {
        f64::from(1_u32 << self.zoom)
    }

    /// Longitude and latitude of a place in the tile's units.
    fn place(self, x: f64, y: f64) -> (f64, f64) {
        let along = (f64::from(self.x) + x / EXTENT) / self.side();
        let down = (f64::from(self.y) + y / EXTENT) / self.side();
        let lat = (std::f64::consts::PI * (1.0 - 2.0 * down)).sinh().atan();
        (along * 360.0 - 180.0, lat.to_degrees())
    }

    /// A place in the tile's units: x to the east, y to the south (spherical Mercator, EPSG:3857).
    fn units(self, place: Coord<f64>) -> Coord<f64> {
        let lat = place.y.clamp(-MAX_LAT_DEG, MAX_LAT_DEG).to_radians();
        let along = (place.x + 180.0) / 360.0;
        let down = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
        Coord {
            x: (along * self.side() - f64::from(self.x)) * EXTENT,
            y: (down * self.side() - f64::from(self.y)) * EXTENT,
        }
    }
}

/// Which features a tile has, by their numbers, and for how many each stands. Of a layer of `points` those alone
/// that lie in the tile itself, without its buffer.
pub(crate) fn thin(tile: Tile, points: bool, found: &[Located]) -> Vec<(i64, u64)> {
    let at = |located: &Located| {
        tile.units(Coord {
            x: located.lon_deg,
            y: located.lat_deg,
        })
    };
    let within = |c: &Coord<f64>| (0.0..EXTENT).contains(&c.x) && (0.0..EXTENT).contains(&c.y);
    let all: Vec<(i64, Coord<f64>)> = found
        .iter()
        .map(|located| (located.fid, at(located)))
        .filter(|(_, c)| !points || within(c))
        .collect();
    if all.len() <= MOST {
        return all.into_iter().map(|(fid, _)| (fid, 1)).collect();
    }
    let cell = |units: f64| {
        let n = units * CELLS as f64 / EXTENT;
        n.clamp(0.0, (CELLS - 1) as f64) as usize
    };
    let mut cells: BTreeMap<(usize, usize), (i64, u64)> = BTreeMap::new();
    for (fid, c) in all {
        let kept = cells.entry((cell(c.x), cell(c.y))).or_insert((fid, 0));
        *kept = (kept.0.max(fid), kept.1 + 1);
    }
    cells.into_values().collect()
}

#[cfg(test)]
mod tests;
