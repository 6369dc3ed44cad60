//! Smoke: a veil that begins small within the picture, grows, and stays.
//!
//! The background is looked at in cells. A veil takes contrast from the ground behind it and adds its own light (Koschmieder,
//! *Theorie der horizontalen Sichtweite*, 1924: seen = ground × (1 − α) + veil × α), while a shadow or a change of light only
//! multiplies. So of each patch of cells whose brightness has changed the slope of seen against ground is taken: a shadow
//! that darkens to 0.8 has slope 0.8; smoke that darkens or brightens as much has less. What was large when it was first seen,
//! or came in over the edge, is a cloud's shadow or the camera's doing.

use crate::background::Difference;
use crate::blobs::{Blob, blobs};
use crate::homography::Homography;
use crate::plane::Plane;

/// Side of a cell, pixels of the working size.
pub(crate) const CELL: usize = 8;
/// Time in which a cell's usual brightness and its fluctuation follow, seconds.
const FOLLOW_S: f64 = 15.0;
/// A cell is veiled when its mean differs by so many standard deviations and grey levels.
const VEILED_SIGMA: f32 = 4.0;
const VEILED_LEVELS: f32 = 2.5;
/// Looks before a cell's fluctuation is believed.
const RIPE_LOOKS: u32 = 8;
/// Variance of a cell's mean before it is measured, grey levels squared.
const FIRST_VARIANCE: f32 = 1.0;
/// A patch must have been followed so long, seconds…
const LEAST_AGE_S: f64 = 3.5;
/// … have so many cells by then…
const LEAST_CELLS: usize = 6;
/// … and so many times those it had when first seen.
const LEAST_GROWTH: f64 = 2.0;
/// It began with no more cells than this.
const MOST_CELLS_FIRST: usize = 16;
/// Nor does it cover more than this share of the cells, ever.
const MOST_SHARE: f64 = 0.4;
/// Its slope falls short of that of a mere change of light by this at the least.
const LEAST_VEIL: f64 = 0.04;
/// Ground without texture, grey levels squared a pixel on average, tells nothing of a slope.
const LEAST_TEXTURE: f64 = 6.0;
/// A patch not seen for so long is forgotten, seconds.
const LOST_S: f64 = 1.5;
/// Plumes are followed for so long at the most, seconds, and so many at once.
const FOLLOWED_S: f64 = 60.0;
const MOST_PLUMES: usize = 64;

/// A patch that became smoke.
pub(crate) struct Plume {
    /// The patch as seen last, in pixels of the background.
    pub(crate) blob: Blob,
    /// Where it was first seen: its source, as near as can be told.
    pub(crate) source: (f64, f64),
    pub(crate) growth: f64,
    pub(crate) veil: f64,
    pub(crate) contrast: f64,
    pub(crate) number: u64,
}

struct Patch {
    number: u64,
    first_s: f64,
    last_s: f64,
    first_cells: usize,
    first_at: (f64, f64),
    born_inside: bool,
    /// Sizes at each look, seconds and cells.
    sizes: Vec<(f64, usize)>,
    last: Blob,
    told_s: Option<f64>,
}

/// Looks for smoke in one stream.
#[derive(Default)]
pub(crate) struct Smoke {
    /// Usual mean brightness a cell, its variance, and how often it was seen.
    usual: Vec<(f32, f32, u32)>,
    across: usize,
    patches: Vec<Patch>,
    numbers: u64,
    last_s: Option<f64>,
}

/// What is known of one cell in one picture.
#[derive(Clone, Copy)]
struct Look {
    mean: f32,
    known: bool,
}

impl Smoke {
    /// Of a new scene in the same stream: numbers go on.
    pub(crate) fn continued(before: &Self) -> Self {
        Self {
            numbers: before.numbers,
            ..Self::default()
        }
    }

    /// Looks at a picture taken `at_s` on the stream's clock. Patches told before are told again after `repeat_s`. Returns
    /// also which pixels are veiled, for the background not to learn them.
    pub(crate) fn look(
        &mut self,
        seen: &Difference,
        at_s: f64,
        repeat_s: f64,
    ) -> (Vec<Plume>, Vec<bool>) {
        let across = seen.width / CELL;
        let looks = cells(&seen.now, across);
        if self.usual.len() != looks.len() {
            *self = Self {
                usual: vec![(0.0, 0.0, 0); looks.len()],
                across,
                numbers: self.numbers,
                ..Self::default()
            };
        }
        let veiled = self.veiled(&looks, at_s);
        let (found, inside) = self.gather(&veiled, &looks);
        self.join(&found, &inside, at_s);
        let plumes = self.judge(seen, &veiled, at_s, repeat_s);
        (plumes, spread_out(&veiled, across, seen))
    }

    /// The background is held in other pixels from here on, and looks like `ground` where it was seen `looks` times: cells lie
    /// anew on the ground, and take their habits from that.
    pub(crate) fn remap(&mut self, map: &Homography, ground: &Plane, looks: &Plane) {
        let known = Plane {
            data: ground
                .data
                .iter()
                .zip(&looks.data)
                .map(|(g, n)| if *n > 0.0 { *g } else { f32::NAN })
                .collect(),
            ..*ground
        };
        let fresh = cells(&known, self.across);
        for (usual, cell) in self.usual.iter_mut().zip(fresh) {
            *usual = if cell.known {
                (cell.mean, FIRST_VARIANCE, RIPE_LOOKS)
            } else {
                (0.0, 0.0, 0)
            };
        }
        self.patches.retain_mut(|patch| patch.moved(map).is_some());
    }

    /// What each cell's brightness differs by from its habit where that is much, else 0; the rest is learnt.
    fn veiled(&mut self, looks: &[Look], at_s: f64) -> Vec<f32> {
        let since_s = self.last_s.replace(at_s).map_or(0.2, |last| at_s - last);
        let share = 1.0 - (-since_s / FOLLOW_S).exp();
        let judge = |((mean, variance, times), look): (&mut (f32, f32, u32), &Look)| {
            if !look.known {
                return 0.0;
            }
            if *times == 0 {
                (*mean, *variance, *times) = (look.mean, FIRST_VARIANCE, 1);
                return 0.0;
            }
            let off = look.mean - *mean;
            let limit = (VEILED_SIGMA * variance.sqrt()).max(VEILED_LEVELS);
            let is_veiled = *times >= RIPE_LOOKS && off.abs() > limit;
            let share = f64::from(1.0 / (*times as f32 + 1.0)).max(share) as f32;
            let share = if is_veiled { 0.05 * share } else { share };
            *mean += share * off;
            if !is_veiled {
                *variance += share * (off * off - *variance);
            }
            *times = times.saturating_add(1);
            if is_veiled { off } else { 0.0 }
        };
        self.usual.iter_mut().zip(looks).map(judge).collect()
    }

    /// Patches of veiled cells of one sign, and whether each lies clear of what is not in view.
    fn gather(&self, veiled: &[f32], looks: &[Look]) -> (Vec<Blob>, Vec<bool>) {
        let mut found = vec![];
        for sign in [1.0_f32, -1.0] {
            let mut mask: Vec<bool> = veiled.iter().map(|v| v * sign > 0.0).collect();
            found.extend(blobs(&mut mask, veiled, self.across, 1));
        }
        let known = |x: usize, y: usize| looks.get(y * self.across + x).is_some_and(|l| l.known);
        let down = looks.len() / self.across.max(1);
        let inside = |b: &Blob| {
            let clear = b.left > 0 && b.top > 0 && b.right + 1 < self.across && b.bottom + 1 < down;
            let corners = [
                (b.left, b.top),
                (b.right, b.top),
                (b.left, b.bottom),
                (b.right, b.bottom),
            ];
            let around = |&(x, y): &(usize, usize)| {
                known(x.saturating_sub(1), y.saturating_sub(1)) && known(x + 1, y + 1)
            };
            clear && corners.iter().all(around)
        };
        let inside = found.iter().map(inside).collect();
        (found, inside)
    }

    /// Joins patches to those of before that they overlap, the greatest first.
    fn join(&mut self, found: &[Blob], inside: &[bool], at_s: f64) {
        let mut order: Vec<(&Blob, bool)> = found.iter().zip(inside.iter().copied()).collect();
        order.sort_by(|(a, _), (b, _)| {
            b.area
                .cmp(&a.area)
                .then((a.top, a.left).cmp(&(b.top, b.left)))
        });
        for (blob, inside) in order {
            let has_room = self.patches.len() < MOST_PLUMES;
            let same = self
                .patches
                .iter_mut()
                .filter(|p| overlaps(&p.last, blob) && p.last.mean.signum() == blob.mean.signum());
            match same.min_by(|a, b| a.first_s.total_cmp(&b.first_s)) {
                Some(patch) if patch.last_s == at_s => patch.add(blob),
                Some(patch) => {
                    patch.last = *blob;
                    patch.last_s = at_s;
                    patch.sizes.push((at_s, blob.area));
                }
                None if has_room => {
                    self.numbers += 1;
                    self.patches.push(Patch {
                        number: self.numbers,
                        first_s: at_s,
                        last_s: at_s,
                        first_cells: blob.area,
                        first_at: (blob.x, blob.y),
                        born_inside: inside,
                        sizes: vec![(at_s, blob.area)],
                        last: *blob,
                        told_s: None,
                    });
                }
                None => {}
            }
        }
        self.patches
            .retain(|p| at_s - p.last_s <= LOST_S && at_s - p.first_s <= FOLLOWED_S);
    }

    fn judge(&mut self, seen: &Difference, veiled: &[f32], at_s: f64, repeat_s: f64) -> Vec<Plume> {
        let cells = veiled.len();
        let across = self.across;
        let judge = |patch: &mut Patch| {
            let due = patch.told_s.is_none_or(|s| at_s - s >= repeat_s);
            let grown = patch.last.area as f64 / patch.first_cells as f64;
            let fits = due
                && patch.last_s == at_s
                && patch.born_inside
                && at_s - patch.first_s >= LEAST_AGE_S
                && (LEAST_CELLS..=(MOST_SHARE * cells as f64) as usize).contains(&patch.last.area)
                && patch.first_cells <= MOST_CELLS_FIRST
                && grown >= LEAST_GROWTH
                && patch.is_growing();
            let veil = fits.then(|| veil(seen, veiled, across, &patch.last))?;
            // Where the ground tells no slope, growth has to do.
            let veil = match veil {
                Some(veil) if veil >= LEAST_VEIL => veil,
                Some(_) => return None,
                None => 0.0,
            };
            patch.told_s = Some(at_s);
            let (x, y) = patch.first_at;
            Some(Plume {
                blob: in_pixels(&patch.last),
                source: ((x + 0.5) * CELL as f64, (y + 0.5) * CELL as f64),
                growth: grown,
                veil,
                contrast: f64::from(patch.last.mean.abs()),
                number: patch.number,
            })
        };
        self.patches.iter_mut().filter_map(judge).collect()
    }
}

impl Patch {
    fn moved(&mut self, map: &Homography) -> Option<()> {
        let size = CELL as f64;
        let go = |x: f64, y: f64| {
            let (x, y) = map.map((x + 0.5) * size, (y + 0.5) * size)?;
            Some((x / size - 0.5, y / size - 0.5))
        };
        let (last, at) = (&mut self.last, self.first_at);
        let (left, top) = go(last.left as f64, last.top as f64)?;
        let (right, bottom) = go(last.right as f64, last.bottom as f64)?;
        (last.x, last.y) = go(last.x, last.y)?;
        self.first_at = go(at.0, at.1)?;
        let cell = |v: f64| v.round().max(0.0) as usize;
        (last.left, last.right) = (cell(left.min(right)), cell(left.max(right)));
        (last.top, last.bottom) = (cell(top.min(bottom)), cell(top.max(bottom)));
        Some(())
    }

    /// A second patch that overlaps the same one of before.
    fn add(&mut self, blob: &Blob) {
        let last = &mut self.last;
        let (a, b) = (last.area as f64, blob.area as f64);
        last.x = (last.x * a + blob.x * b) / (a + b);
        last.y = (last.y * a + blob.y * b) / (a + b);
        last.left = last.left.min(blob.left);
        last.top = last.top.min(blob.top);
        last.right = last.right.max(blob.right);
        last.bottom = last.bottom.max(blob.bottom);
        last.area += blob.area;
        if let Some(size) = self.sizes.last_mut() {
            size.1 = last.area;
        }
    }

    /// Whether it grew in most of the thirds of its life so far, and was seen in most looks.
    fn is_growing(&self) -> bool {
        let n = self.sizes.len();
        let third = n / 3;
        if third == 0 {
            return false;
        }
        let mean = |from: usize| {
            let part = self.sizes.iter().skip(from).take(third);
            part.map(|s| s.1 as f64).sum::<f64>() / third as f64
        };
        let (a, b, c) = (mean(0), mean(third), mean(n - third));
        b > 1.1 * a && c > 0.9 * b && c > 1.4 * a
    }
}

/// Mean brightness a cell; known where all of it is in view.
fn cells(now: &Plane, across: usize) -> Vec<Look> {
    let mut sums = vec![0.0_f32; across * (now.height / CELL)];
    for (to, rows) in sums
        .chunks_exact_mut(across.max(1))
        .zip(now.data.chunks_exact(now.width.max(1) * CELL))
    {
        for row in rows.chunks_exact(now.width) {
            for (sum, pixels) in to.iter_mut().zip(row.chunks_exact(CELL)) {
                *sum += pixels.iter().sum::<f32>();
            }
        }
    }
    let share = 1.0 / (CELL * CELL) as f32;
    sums.iter()
        .map(|sum| Look {
            mean: sum * share,
            known: sum.is_finite(),
        })
        .collect()
}

fn overlaps(a: &Blob, b: &Blob) -> bool {
    a.left <= b.right + 1 && b.left <= a.right + 1 && a.top <= b.bottom + 1 && b.top <= a.bottom + 1
}

/// By how much the slope of seen against ground falls short of what a change of light alone would make it; `None` where the
/// ground has too little texture to tell.
fn veil(seen: &Difference, veiled: &[f32], across: usize, patch: &Blob) -> Option<f64> {
    let (mut bb, mut bc, mut ground, mut light, mut pixels) = (0.0_f64, 0.0, 0.0, 0.0, 0.0);
    for row in patch.top..=patch.bottom {
        for column in patch.left..=patch.right {
            if veiled.get(row * across + column).is_none_or(|v| *v == 0.0) {
                continue;
            }
            let pairs = cell_pairs(seen, column, row);
            let n = pairs.len().max(1) as f64;
            let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
            let (b, c) = (mean(|p| p.0), mean(|p| p.1));
            for (x, y) in &pairs {
                bb += (x - b) * (x - b);
                bc += (x - b) * (y - c);
            }
            ground += b * n;
            light += c * n;
            pixels += n;
        }
    }
    (pixels > 0.0 && bb / pixels >= LEAST_TEXTURE && ground > pixels)
        .then(|| light / ground - bc / bb)
}

/// Ground and picture at each pixel of a cell, both known, both averaged over 3 × 3 so that noise does not flatten the slope.
fn cell_pairs(seen: &Difference, column: usize, row: usize) -> Vec<(f64, f64)> {
    let mut pairs = Vec::with_capacity(CELL * CELL);
    for y in row * CELL..(row + 1) * CELL {
        for x in column * CELL..(column + 1) * CELL {
            let at = y * seen.width + x;
            if let (Some(b), Some(e)) = (seen.before.data.get(at), seen.smooth.data.get(at))
                && b.is_finite()
            {
                pairs.push((f64::from(*b), f64::from(*b + *e)));
            }
        }
    }
    pairs
}

fn in_pixels(cells: &Blob) -> Blob {
    let size = CELL as f64;
    Blob {
        area: cells.area * CELL * CELL,
        x: (cells.x + 0.5) * size,
        y: (cells.y + 0.5) * size,
        left: cells.left * CELL,
        top: cells.top * CELL,
        right: (cells.right + 1) * CELL - 1,
        bottom: (cells.bottom + 1) * CELL - 1,
        ..*cells
    }
}

/// Each pixel of a veiled cell.
fn spread_out(veiled: &[f32], across: usize, seen: &Difference) -> Vec<bool> {
    let at = |x: usize, y: usize| {
        let (column, row) = (x / CELL, y / CELL);
        column < across && veiled.get(row * across + column).is_some_and(|v| *v != 0.0)
    };
    (0..seen.raw.data.len())
        .map(|n| at(n % seen.width, n / seen.width))
        .collect()
}
