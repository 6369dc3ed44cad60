//! Sudden flashes: bright, compact, gone within a second.
//!
//! Each decoded picture is looked at in cells: one whose brightest pixel exceeds all that was there and around it in the two
//! pictures before calls for a full analysis. A patch much brighter than the background at such a cell is a candidate, and
//! becomes a flash when it has gone dark again at the same place on the ground, within a second, without anything as bright
//! going on beside it (what moves, like a bird, glides from place to place). Light that stays is no flash.

use crate::background::Difference;
use crate::blobs::{Blob, blobs};
use crate::plane::Plane;
use crate::still::Crop;

/// Side of a cell, pixels of the working size.
const CELL: usize = 8;
/// A cell calls when it grows brighter by so many grey levels.
const CALL_LEVELS: f32 = 24.0;
/// When more than this share of the cells call, the light or the scene has changed as a whole.
const MOST_CALLING: f64 = 0.03;
/// A candidate's brightest pixel exceeds the background by so many grey levels…
const LEAST_PEAK: f32 = 30.0;
/// … and so many standard deviations of a single pixel (three times that of nine averaged).
const LEAST_SIGMA: f32 = 7.0;
/// A flash covers no more than this share of the picture.
const MOST_AREA: f64 = 0.01;
/// More bright patches at once than this are no shots.
const MOST_AT_ONCE: usize = 8;
/// A candidate is gone when less than this share of its peak is left.
const GONE: f32 = 0.4;
/// Nor may anything as bright be left so near, pixels.
const BESIDE_PX: usize = 12;
/// What burns longer than this is no flash, 90 kHz.
const LONGEST_90K: u64 = 90_000;
/// Between looks further apart than this a flash cannot be told from what came to stay, 90 kHz.
const LOOKS_APART_90K: u64 = 30_000;
/// A place that flashed so often within [`QUIET_90K`] is a flickering light, and told no more until it is quiet.
const MOST_AT_ONE_PLACE: u32 = 4;
/// 30 seconds, 90 kHz.
const QUIET_90K: u64 = 30 * 90_000;
/// Places nearer than this are one, pixels.
const ONE_PLACE_PX: f64 = 8.0;
/// So many places are remembered, and candidates held.
const MOST_PLACES: usize = 64;

/// A flash, once it is over.
pub(crate) struct Flash {
    /// Its patch when it was first seen, in pixels of the background.
    pub(crate) blob: Blob,
    pub(crate) pts_90k: u64,
    /// From when it was first to when it was last seen lit, 90 kHz.
    pub(crate) lit_90k: u64,
    /// How far its peak exceeds what was asked of it, in units of that.
    pub(crate) margin: f64,
    pub(crate) still: Option<Crop>,
    /// What it was called when it was first seen, for whoever asks.
    pub(crate) tag: u64,
}

struct Candidate {
    flash: Flash,
    last_90k: u64,
    /// Patches as bright that were there at once.
    others: Vec<(f64, f64)>,
}

struct Place {
    x: f64,
    y: f64,
    last_90k: u64,
    times: u32,
}

/// Looks for flashes in one stream.
#[derive(Default)]
pub(crate) struct Flashes {
    /// Brightest pixel a cell of the last two pictures.
    before: [Vec<f32>; 2],
    /// Cells in a row.
    across: usize,
    calling: Vec<bool>,
    candidates: Vec<Candidate>,
    places: Vec<Place>,
    tags: u64,
}

impl Flashes {
    /// Of a new scene in the same stream: numbers go on.
    pub(crate) fn continued(before: &Self) -> Self {
        Self {
            tags: before.tags,
            ..Self::default()
        }
    }

    /// Looks at a picture, and says whether it is to be analysed whole: because a cell calls, or a candidate is open.
    pub(crate) fn glance(&mut self, picture: &Plane) -> bool {
        let cells = brightest(picture);
        let across = picture.width / CELL;
        let [last, second] = &self.before;
        self.calling = if last.len() == cells.len() && second.len() == cells.len() {
            let reach: Vec<f32> = last.iter().zip(second).map(|(a, b)| a.max(*b)).collect();
            cells
                .iter()
                .enumerate()
                .map(|(n, c)| c - around(&reach, across, n) > CALL_LEVELS)
                .collect()
        } else {
            vec![false; cells.len()]
        };
        let [last, second] = &mut self.before;
        *second = std::mem::replace(last, cells);
        self.across = across;
        let calls = self.calling.iter().filter(|c| **c).count();
        if calls as f64 > MOST_CALLING * self.calling.len() as f64 {
            self.calling.fill(false);
        }
        !self.candidates.is_empty() || self.calling.iter().any(|c| *c)
    }

    /// Looks at an analysed picture; returns the flashes that are over.
    pub(crate) fn look(
        &mut self,
        seen: &Difference,
        pts_90k: u64,
        still: impl Fn(&Blob) -> Option<Crop>,
    ) -> Vec<Flash> {
        let lit = lit(seen);
        let done = self.follow(seen, &lit, pts_90k);
        if lit.len() <= MOST_AT_ONCE {
            for blob in &lit {
                if self.is_new(seen, blob, pts_90k) {
                    self.open(blob, &lit, pts_90k, still(blob));
                }
            }
        }
        done
    }

    /// The background is held in other pixels from here on.
    pub(crate) fn remap(&mut self, map: &crate::homography::Homography) {
        self.places
            .retain_mut(|place| match map.map(place.x, place.y) {
                Some((x, y)) => {
                    (place.x, place.y) = (x, y);
                    true
                }
                None => false,
            });
        // A flash lasts less than a second: those open are let go.
        self.candidates.clear();
    }

    fn follow(&mut self, seen: &Difference, lit: &[Blob], pts_90k: u64) -> Vec<Flash> {
        let mut done = vec![];
        let reach_px = 0.08 * seen.width as f64;
        self.candidates.retain_mut(|candidate| {
            let flash = &mut candidate.flash;
            let (x, y) = (flash.blob.x, flash.blob.y);
            let apart_90k = pts_90k.saturating_sub(candidate.last_90k);
            let moved = lit.iter().any(|b| {
                let away = (b.x - x).hypot(b.y - y);
                let known = candidate
                    .others
                    .iter()
                    .any(|o| (b.x - o.0).hypot(b.y - o.1) < ONE_PLACE_PX);
                let beside = flash.blob.length() / 2.0 + 2.5;
                b.peak > 0.5 * flash.blob.peak && (beside..reach_px).contains(&away) && !known
            });
            if moved || apart_90k > LOOKS_APART_90K || pts_90k - flash.pts_90k > LONGEST_90K {
                return false;
            }
            if brightest_near(seen, &flash.blob, 2) > GONE * flash.blob.peak {
                flash.lit_90k = pts_90k - flash.pts_90k;
                candidate.last_90k = pts_90k;
                return true;
            }
            // What glides by a pixel or two a picture leaves its old place by halves.
            if brightest_near(seen, &flash.blob, BESIDE_PX) > GONE * flash.blob.peak {
                return false;
            }
            done.push(Flash {
                still: flash.still.take(),
                ..*flash
            });
            false
        });
        done.retain(|flash| self.is_worth_telling(flash));
        done
    }

    /// Whether the cell that a patch lies in has just grown bright, and no candidate is open there.
    fn is_new(&self, seen: &Difference, blob: &Blob, pts_90k: u64) -> bool {
        let calls = seen.map.map(blob.x, blob.y).is_some_and(|(x, y)| {
            let (column, row) = ((x.max(0.0) as usize) / CELL, (y.max(0.0) as usize) / CELL);
            let near = |n: usize, by: usize| n.saturating_sub(1)..=n + by;
            near(row, 1).any(|r| {
                near(column, 1).any(|c| {
                    c < self.across && self.calling.get(r * self.across + c) == Some(&true)
                })
            })
        });
        let open = self.candidates.iter().any(|c| {
            (c.flash.blob.x - blob.x).hypot(c.flash.blob.y - blob.y) < ONE_PLACE_PX + blob.length()
                && c.last_90k < pts_90k
        });
        calls && !open && self.candidates.len() < MOST_PLACES
    }

    fn open(&mut self, blob: &Blob, lit: &[Blob], pts_90k: u64, still: Option<Crop>) {
        self.tags += 1;
        self.candidates.push(Candidate {
            flash: Flash {
                blob: *blob,
                pts_90k,
                lit_90k: 0,
                margin: f64::from(blob.peak / LEAST_PEAK) - 1.0,
                still,
                tag: self.tags,
            },
            last_90k: pts_90k,
            others: lit.iter().map(|b| (b.x, b.y)).collect(),
        });
    }

    fn is_worth_telling(&mut self, flash: &Flash) -> bool {
        self.places
            .retain(|p| flash.pts_90k.saturating_sub(p.last_90k) < QUIET_90K);
        let (x, y) = (flash.blob.x, flash.blob.y);
        if let Some(place) = self
            .places
            .iter_mut()
            .find(|p| (p.x - x).hypot(p.y - y) < ONE_PLACE_PX)
        {
            place.last_90k = flash.pts_90k;
            place.times += 1;
            return place.times <= MOST_AT_ONE_PLACE;
        }
        if self.places.len() >= MOST_PLACES {
            self.places.remove(0);
        }
        self.places.push(Place {
            x,
            y,
            last_90k: flash.pts_90k,
            times: 1,
        });
        true
    }
}

/// The brightest pixel a cell, row by row.
fn brightest(picture: &Plane) -> Vec<f32> {
    let across = picture.width / CELL;
    let mut cells = vec![0.0_f32; across * (picture.height / CELL)];
    for (to, rows) in cells
        .chunks_exact_mut(across.max(1))
        .zip(picture.data.chunks_exact(picture.width.max(1) * CELL))
    {
        for row in rows.chunks_exact(picture.width) {
            for (cell, pixels) in to.iter_mut().zip(row.chunks_exact(CELL)) {
                *cell = pixels.iter().fold(*cell, |a, b| a.max(*b));
            }
        }
    }
    cells
}

/// The greatest of a cell and its eight neighbours.
fn around(cells: &[f32], across: usize, n: usize) -> f32 {
    let (column, row) = (n % across.max(1), n / across.max(1));
    let mut most = 0.0_f32;
    for r in row.saturating_sub(1)..=row + 1 {
        for c in column.saturating_sub(1)..=(column + 1).min(across.saturating_sub(1)) {
            most = most.max(cells.get(r * across + c).copied().unwrap_or(0.0));
        }
    }
    most
}

/// Patches much brighter than the background, compact ones only.
fn lit(seen: &Difference) -> Vec<Blob> {
    let spreads = seen.raw.data.iter().zip(&seen.spread.data);
    // The fringes of a flash belong to it: half of what its peak must have.
    let mut mask: Vec<bool> = spreads
        .map(|(e, s)| *e > 0.5 * LEAST_PEAK.max(3.0 * LEAST_SIGMA * s))
        .collect();
    let most = (MOST_AREA * seen.raw.data.len() as f64) as usize;
    let mut found = blobs(&mut mask, &seen.raw.data, seen.width, 1);
    found.retain(|b| {
        let at = (b.y.round() as usize) * seen.width + b.x.round() as usize;
        let spread = seen.spread.data.get(at).copied().unwrap_or(f32::INFINITY);
        let (w, h) = ((b.right - b.left + 1) as f64, (b.bottom - b.top + 1) as f64);
        let compact = b.fill() >= 0.3 && w.max(h) <= 6.0 * w.min(h) && b.area <= most;
        compact && b.peak > LEAST_PEAK.max(3.0 * LEAST_SIGMA * spread)
    });
    found
}

/// The brightest of what is left at a patch's place and so many pixels around it.
fn brightest_near(seen: &Difference, blob: &Blob, around: usize) -> f32 {
    let rows = blob.top.saturating_sub(around)..=blob.bottom + around;
    let right = (blob.right + around).min(seen.width.saturating_sub(1));
    let columns = blob.left.saturating_sub(around)..=right;
    let at = |x: usize, y: usize| {
        seen.raw
            .data
            .get(y * seen.width + x)
            .copied()
            .unwrap_or(0.0)
    };
    rows.flat_map(|y| columns.clone().map(move |x| (x, y)))
        .fold(0.0, |most, (x, y)| at(x, y).max(most))
}
