//! The shape of the ground: a small digital elevation model, read from a GeoTIFF.
//!
//! What is read of the many things a GeoTIFF (OGC 19-008r4) can be: one band of 16-bit whole or
//! 32-bit floating numbers, uncompressed, Deflate or LZW, strips or tiles, in WGS 84 longitude and
//! latitude (EPSG:4326), north up. Anything else is refused with what was found.
//!
//! **Heights are metres above mean sea level** (EGM96 or EGM2008; they differ by less than a metre
//! nearly everywhere, far less than such a model errs). A file that says that its heights count from
//! the ellipsoid is refused.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use truceline_domain::{Position, Sha256};

/// Largest file, bytes.
const MAX_FILE_BYTES: usize = 16 << 20;
/// Most posts of the grid: 64 MiB once read.
const MAX_POSTS: u64 = 16 << 20;
/// One standard deviation of a height where the file tells none, metres: the SRTM's own 90 % figure
/// of 16 m (Farr et al., Reviews of Geophysics 45, 2007) is 10 m; what was derived from it errs more.
const UNTOLD_SD_M: f64 = 20.0;
/// No ground lies outside these heights, metres: what does is a code for «no data».
const GROUND_M: std::ops::RangeInclusive<f32> = -500.0..=9_000.0;
/// `GDAL_METADATA`, XML; here the item `VERTICAL_SD_M` is looked for.
const GDAL_METADATA: u16 = 42_112;

/// Heights of the ground over a rectangle of longitude and latitude.
#[derive(Clone)]
pub struct Terrain {
    /// SHA-256 of the file's bytes.
    pub sha256: Sha256,
    /// One standard deviation of a height, metres.
    pub sd_m: f64,
    west_deg: f64,
    north_deg: f64,
    step_deg: [f64; 2],
    columns: usize,
    rows: usize,
    /// Row by row from the north, each from the west; NaN where the file has none.
    heights_m: Arc<[f32]>,
    /// Of all of them.
    extremes_m: Option<[f64; 2]>,
}

/// Why a terrain was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; expected {expected}")]
pub struct TerrainError {
    /// What was seen.
    pub what: String,
    /// What would have been right.
    pub expected: &'static str,
}

fn refused<T>(what: impl Into<String>, expected: &'static str) -> Result<T, TerrainError> {
    Err(TerrainError {
        what: what.into(),
        expected,
    })
}

impl fmt::Debug for Terrain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            columns,
            rows,
            sha256,
            ..
        } = self;
        write!(f, "Terrain({columns} x {rows} posts, {sha256})")
    }
}

impl PartialEq for Terrain {
    /// The same bytes are the same terrain.
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.sd_m == other.sd_m
    }
}

impl Terrain {
    /// Reads a GeoTIFF.
    ///
    /// # Errors
    /// When it is larger than 16 MiB or 16 million posts, broken, in another reference system, or of
    /// a kind this module does not read.
    pub fn parse(bytes: &[u8]) -> Result<Self, TerrainError> {
        if bytes.len() > MAX_FILE_BYTES {
            return refused(format!("{} bytes", bytes.len()), "at most 16 MiB");
        }
        let mut limits = Limits::default();
        limits.decoding_buffer_size = MAX_POSTS as usize * 4;
        limits.intermediate_buffer_size = MAX_FILE_BYTES;
        limits.ifd_value_size = 1 << 20;
        let mut file = Decoder::new(Cursor::new(bytes))
            .or_else(broken)?
            .with_limits(limits);
        let (columns, rows) = file.dimensions().or_else(broken)?;
        if columns < 2 || rows < 2 || u64::from(columns) * u64::from(rows) > MAX_POSTS {
            return refused(
                format!("a grid of {columns} by {rows}"),
                "2 by 2 to 16 million posts",
            );
        }
        let frame = Frame::read(&mut file)?;
        let none = no_data(&mut file);
        let sd_m = told_sd_m(&mut file).unwrap_or(UNTOLD_SD_M);
        let heights_m = heights(&mut file, none)?;
        let (columns, rows) = (columns as usize, rows as usize);
        if heights_m.len() != columns * rows {
            return refused(
                format!("{} heights", heights_m.len()),
                "one for each post, in one band",
            );
        }
        frame.holds(columns, rows)?;
        Ok(Self {
            sha256: Sha256::of(bytes),
            sd_m,
            west_deg: frame.west_deg,
            north_deg: frame.north_deg,
            step_deg: frame.step_deg,
            columns,
            rows,
            extremes_m: extremes_m(&heights_m),
            heights_m: heights_m.into(),
        })
    }

    /// A terrain from a function of latitude and longitude: for tests and examples. North-west post,
    /// step and number of posts as of a file; `None` when they make no grid.
    #[must_use]
    pub fn of_function(
        [north_deg, west_deg]: [f64; 2],
        step_deg: f64,
        [rows, columns]: [usize; 2],
        height_m: impl Fn(f64, f64) -> f64,
    ) -> Option<Self> {
        let frame = Frame {
            west_deg,
            north_deg,
            step_deg: [step_deg, step_deg],
        };
        if rows < 2 || columns < 2 || (rows * columns) as u64 > MAX_POSTS {
            return None;
        }
        frame.holds(columns, rows).ok()?;
        let mut heights_m = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            for column in 0..columns {
                let (lat, lon) = (
                    north_deg - row as f64 * step_deg,
                    west_deg + column as f64 * step_deg,
                );
                heights_m.push(height_m(lat, lon) as f32);
            }
        }
        let bytes: Vec<u8> = heights_m.iter().flat_map(|h| h.to_le_bytes()).collect();
        Some(Self {
            sha256: Sha256::of(&bytes),
            sd_m: UNTOLD_SD_M,
            west_deg,
            north_deg,
            step_deg: frame.step_deg,
            columns,
            rows,
            extremes_m: extremes_m(&heights_m),
            heights_m: heights_m.into(),
        })
    }

    /// The same ground, known to `sd_m`.
    #[must_use]
    pub fn known_to(mut self, sd_m: f64) -> Self {
        self.sd_m = sd_m.max(0.0);
        self
    }

    /// Height of the ground above mean sea level, metres, interpolated between the four posts around
    /// (bilinear). `None` outside the grid and beside posts without data.
    #[must_use]
    pub fn height_msl_m(&self, place: Position) -> Option<f64> {
        let mut east_deg = place.lon_deg() - self.west_deg;
        if east_deg < 0.0 {
            // A grid across the antimeridian begins at its west.
            east_deg += 360.0;
        }
        let x = east_deg / self.step_deg[0];
        let y = (self.north_deg - place.lat_deg()) / self.step_deg[1];
        let last = |posts: usize| (posts - 1) as f64;
        if !(0.0..=last(self.columns)).contains(&x) || !(0.0..=last(self.rows)).contains(&y) {
            return None;
        }
        let column = (x as usize).min(self.columns - 2);
        let row = (y as usize).min(self.rows - 2);
        let (fx, fy) = (x - column as f64, y - row as f64);
        let post = |row: usize, column: usize| {
            let height = self.heights_m.get(row * self.columns + column)?;
            Some(f64::from(*height))
        };
        let upper = post(row, column)? * (1.0 - fx) + post(row, column + 1)? * fx;
        let lower = post(row + 1, column)? * (1.0 - fx) + post(row + 1, column + 1)? * fx;
        let height = upper * (1.0 - fy) + lower * fy;
        height.is_finite().then_some(height)
    }

    /// Between posts, metres, from south to north: nothing narrower is in it.
    #[must_use]
    pub fn posting_m(&self) -> f64 {
        const M_PER_DEG: f64 = 111_195.0;
        self.step_deg[1] * M_PER_DEG
    }

    /// Lowest and highest ground, metres above mean sea level; `None` when no post has data.
    #[must_use]
    pub fn extremes_m(&self) -> Option<[f64; 2]> {
        self.extremes_m
    }
}

fn extremes_m(heights_m: &[f32]) -> Option<[f64; 2]> {
    let known = || heights_m.iter().copied().filter(|h| h.is_finite());
    let (low, high) = (known().reduce(f32::min)?, known().reduce(f32::max)?);
    Some([f64::from(low), f64::from(high)])
}

type File<'a> = Decoder<Cursor<&'a [u8]>>;

fn broken<T>(error: tiff::TiffError) -> Result<T, TerrainError> {
    refused(
        error.to_string(),
        "a GeoTIFF of heights (one band, Deflate, LZW or uncompressed)",
    )
}

/// Where the grid lies: the centre of its north-western post, and its steps east and south.
struct Frame {
    west_deg: f64,
    north_deg: f64,
    step_deg: [f64; 2],
}

impl Frame {
    fn read(file: &mut File<'_>) -> Result<Self, TerrainError> {
        const KEYS: &str = "WGS 84 longitude and latitude (EPSG:4326)";
        const PLACE: &str = "one tie point and a pixel scale, north up";
        let numbers = |file: &mut File<'_>, tag: Tag| file.get_tag_f64_vec(tag).unwrap_or_default();
        let keys = file
            .get_tag_u16_vec(Tag::GeoKeyDirectoryTag)
            .unwrap_or_default();
        // GeoTIFF 1.1, section 7.1.1: entries of four numbers after a header of four.
        let key = |id: u16| {
            keys.chunks_exact(4)
                .skip(1)
                .find(|entry| entry.first() == Some(&id) && entry.get(1) == Some(&0))
                .and_then(|entry| entry.get(3).copied())
        };
        const MODEL_TYPE: u16 = 1024;
        const RASTER_TYPE: u16 = 1025;
        const GEODETIC_CRS: u16 = 2048;
        const VERTICAL: u16 = 4096;
        if key(MODEL_TYPE) != Some(2) || key(GEODETIC_CRS) != Some(4326) {
            let what = format!(
                "model type {:?}, reference system {:?}",
                key(MODEL_TYPE),
                key(GEODETIC_CRS)
            );
            return refused(what, KEYS);
        }
        // EPSG 5030 (old) and 4979: heights above the ellipsoid.
        if let Some(ellipsoid @ (5030 | 4979)) = key(VERTICAL) {
            return refused(
                format!("vertical reference {ellipsoid}"),
                "heights above mean sea level",
            );
        }
        let scale = numbers(file, Tag::ModelPixelScaleTag);
        let tie = numbers(file, Tag::ModelTiepointTag);
        let (&[east_deg, south_deg, ..], &[i, j, _, x, y, ..]) = (scale.as_slice(), tie.as_slice())
        else {
            return refused("no place on the ground", PLACE);
        };
        let whole = [east_deg, south_deg, i, j, x, y]
            .iter()
            .all(|v| v.is_finite());
        if !whole || east_deg <= 0.0 || south_deg <= 0.0 {
            return refused(
                format!("a pixel of {east_deg} by {south_deg} degrees"),
                PLACE,
            );
        }
        // RasterPixelIsArea (1, the default): the tie point is the pixel's corner.
        let half = if key(RASTER_TYPE) == Some(2) {
            0.0
        } else {
            0.5
        };
        Ok(Self {
            west_deg: x + (half - i) * east_deg,
            north_deg: y - (half - j) * south_deg,
            step_deg: [east_deg, south_deg],
        })
    }

    /// That all of it lies on the globe.
    fn holds(&self, columns: usize, rows: usize) -> Result<(), TerrainError> {
        let east_deg = self.west_deg + (columns - 1) as f64 * self.step_deg[0];
        let south_deg = self.north_deg - (rows - 1) as f64 * self.step_deg[1];
        let on_globe = (-180.0..=180.0).contains(&self.west_deg)
            && east_deg - self.west_deg <= 360.0
            && self.north_deg <= 90.0
            && south_deg >= -90.0;
        if on_globe {
            return Ok(());
        }
        let what = format!(
            "a grid from {} to {east_deg} E and {south_deg} to {} N",
            self.west_deg, self.north_deg
        );
        refused(what, "longitudes and latitudes in degrees")
    }
}

/// The file's own code for «no data».
fn no_data(file: &mut File<'_>) -> Option<f32> {
    let text = file.get_tag_ascii_string(Tag::GdalNodata).ok()?;
    text.trim_matches(['\0', ' ']).parse().ok()
}

/// `<Item name="VERTICAL_SD_M">20</Item>` in the file's metadata.
fn told_sd_m(file: &mut File<'_>) -> Option<f64> {
    let xml = file
        .get_tag_ascii_string(Tag::Unknown(GDAL_METADATA))
        .ok()?;
    let after = xml.split_once("name=\"VERTICAL_SD_M\"")?.1;
    let value = after.split_once('>')?.1.split_once('<')?.0;
    let sd_m: f64 = value.trim().parse().ok()?;
    (0.1..=500.0).contains(&sd_m).then_some(sd_m)
}

fn heights(file: &mut File<'_>, none: Option<f32>) -> Result<Vec<f32>, TerrainError> {
    let mut heights: Vec<f32> = match file.read_image().or_else(broken)? {
        DecodingResult::I16(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::U16(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::F32(v) => v,
        _ => {
            return refused(
                "numbers of another kind",
                "16-bit whole or 32-bit floating heights",
            );
        }
    };
    for height in &mut heights {
        if Some(*height) == none || !GROUND_M.contains(height) {
            *height = f32::NAN;
        }
    }
    Ok(heights)
}

#[cfg(test)]
mod tests;
