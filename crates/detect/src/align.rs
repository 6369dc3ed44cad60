//! Registration of a picture to the background.
//!
//! First phase correlation on a quarter of the size, which finds shifts of any length; then Gauss-Newton on a homography in the
//! inverse compositional form (Baker & Matthews, *Lucas-Kanade 20 years on*, IJCV 56, 2004), from coarse to fine, on the
//! pixels with the steepest brightness only, weighted so that what moves by itself does not pull (Cauchy's M-estimator),
//! with the picture's gain and offset taken out.

use crate::correlate::Correlator;
use crate::homography::{Homography, solve};
use crate::plane::Plane;

/// Levels of a pyramid: whole, half and quarter size.
pub(crate) const LEVELS: usize = 3;

/// An image at three sizes.
pub(crate) struct Pyramid(pub(crate) [Plane; LEVELS]);

impl Pyramid {
    pub(crate) fn of(whole: Plane) -> Self {
        let half = whole.halved();
        let quarter = half.halved();
        Self([whole, half, quarter])
    }
}

/// How a picture lies over the background.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Alignment {
    /// From the background's pixels to the picture's.
    pub(crate) map: Homography,
    /// The picture is the background times this…
    pub(crate) gain: f32,
    /// … plus this.
    pub(crate) offset: f32,
    /// Correlation of the two at the pixels compared, weighted, −1 to 1.
    pub(crate) likeness: f32,
}

/// One pixel of the background that is compared.
struct Point {
    x: f64,
    y: f64,
    value: f32,
    /// Brightness per pixel across and down.
    slope: (f32, f32),
}

/// Sides of the cells of which each gives its steepest pixel, iterations, and whether perspective is sought, by level.
const STEPS: [(usize, usize, bool); LEVELS] = [(8, 4, true), (6, 6, true), (4, 12, false)];
/// Cells flatter than this give no pixel, grey levels a pixel.
const LEAST_SLOPE: f32 = 1.0;
/// Fewer pixels than this tell nothing.
const LEAST_POINTS: usize = 40;
/// Spread of what perspective changes between two looks, in units of half the width; a prior that holds it where the ground
/// shows too little to tell.
const PERSPECTIVE_SD: f64 = 0.003;

/// The background as it is compared.
pub(crate) struct Template<'a> {
    images: &'a Pyramid,
    points: [Vec<Point>; LEVELS],
}

impl<'a> Template<'a> {
    /// `seen` is 1 where the background is known, 0 where not.
    pub(crate) fn new(images: &'a Pyramid, seen: &Pyramid) -> Self {
        let mut points: [Vec<Point>; LEVELS] = Default::default();
        for (((to, image), seen), (cell, ..)) in
            points.iter_mut().zip(&images.0).zip(&seen.0).zip(STEPS)
        {
            *to = steepest(image, seen, cell);
        }
        Self { images, points }
    }

    /// Lays a picture over the background, from `guess` on. `None` when nothing in them can be compared.
    pub(crate) fn align(
        &self,
        picture: &Pyramid,
        guess: Homography,
        correlator: &mut Correlator,
    ) -> Option<Alignment> {
        let [.., coarse] = &self.images.0;
        let [.., small] = &picture.0;
        let shifted = correlator
            .shift(coarse, small, &at_level(guess, LEVELS - 1))
            .map(|(x, y)| {
                let scale = (1 << (LEVELS - 1)) as f64;
                Homography::shift(x * scale, y * scale).then(&guess)
            });
        let coarse =
            |start: Homography| self.refine(picture, LEVELS - 1, start, Photometry::default());
        let first = coarse(guess);
        let second = shifted.and_then(coarse);
        let best = match (first, second) {
            (Some(a), Some(b)) => Some(if b.spread < a.spread { b } else { a }),
            (a, b) => a.or(b),
        }?;
        let mut fit = best;
        for level in (0..LEVELS - 1).rev() {
            fit = self.refine(picture, level, fit.map, fit.photometry)?;
        }
        Some(Alignment {
            map: fit.map,
            gain: fit.photometry.gain,
            offset: fit.photometry.offset,
            likeness: fit.likeness,
        })
    }

    fn refine(
        &self,
        picture: &Pyramid,
        level: usize,
        start: Homography,
        photometry: Photometry,
    ) -> Option<Fit> {
        let (points, image) = (self.points.get(level)?, picture.0.get(level)?);
        let (_, iterations, perspective) = STEPS.get(level).copied()?;
        let frame = Frame::of(image);
        let mut map = at_level(start, level);
        let mut photometry = photometry;
        let mut pairs = vec![];
        for _ in 0..iterations {
            look(points, image, &map, &mut pairs);
            let spread = photometry.fit(points, &pairs)?;
            let Some(step) = step(points, &pairs, photometry, spread, &frame, perspective) else {
                break;
            };
            let Some(back) = frame.in_pixels(&step).inverse() else {
                break;
            };
            map = back.then(&map);
            // A hundredth of a pixel at the picture's edge is as good as nothing.
            if step.iter().all(|s| s.abs() * frame.half_width < 0.01) {
                break;
            }
        }
        look(points, image, &map, &mut pairs);
        let spread = photometry.fit(points, &pairs)?;
        Some(Fit {
            map: from_level(map, level),
            photometry,
            spread,
            likeness: likeness(points, &pairs, photometry, spread),
        })
    }
}

/// A level's result, in pixels of the whole size.
#[derive(Clone, Copy)]
struct Fit {
    map: Homography,
    photometry: Photometry,
    /// Robust standard deviation of what is left, grey levels.
    spread: f32,
    likeness: f32,
}

/// A map of the whole size at a level: halving puts pixel centres half a pixel off.
fn at_level(map: Homography, level: usize) -> Homography {
    let (down, up) = level_maps(level);
    up.then(&map).then(&down)
}

fn from_level(map: Homography, level: usize) -> Homography {
    let (down, up) = level_maps(level);
    down.then(&map).then(&up)
}

fn level_maps(level: usize) -> (Homography, Homography) {
    let scale = (1_u32 << level) as f64;
    let off = (scale - 1.0) / 2.0;
    (
        Homography::shift(-off, -off).then(&Homography::scale(1.0 / scale)),
        Homography::scale(scale).then(&Homography::shift(off, off)),
    )
}

/// Of each cell the pixel at which brightness changes most, where the background is known all around.
fn steepest(image: &Plane, seen: &Plane, cell: usize) -> Vec<Point> {
    let mut points = vec![];
    for top in (1..image.height.saturating_sub(cell)).step_by(cell) {
        for left in (1..image.width.saturating_sub(cell)).step_by(cell) {
            let mut best: Option<(f32, Point)> = None;
            for y in top..top + cell {
                for x in left..left + cell {
                    let slope = image.gradient(x, y);
                    let steep = slope.0 * slope.0 + slope.1 * slope.1;
                    if steep > best.as_ref().map_or(LEAST_SLOPE * LEAST_SLOPE, |b| b.0)
                        && known(seen, x, y)
                    {
                        let point = Point {
                            x: x as f64,
                            y: y as f64,
                            value: image.at(x, y),
                            slope,
                        };
                        best = Some((steep, point));
                    }
                }
            }
            points.extend(best.map(|(_, point)| point));
        }
    }
    points
}

fn known(seen: &Plane, x: usize, y: usize) -> bool {
    let around = [
        (x, y),
        (x + 1, y),
        (x.saturating_sub(1), y),
        (x, y + 1),
        (x, y.saturating_sub(1)),
    ];
    around.iter().all(|&(x, y)| seen.at(x, y) > 0.99)
}

/// What the picture shows at each point under a map; `NAN` outside.
fn look(points: &[Point], image: &Plane, map: &Homography, pairs: &mut Vec<f32>) {
    pairs.clear();
    pairs.extend(points.iter().map(|p| {
        map.map(p.x, p.y)
            .and_then(|(x, y)| image.sample(x as f32, y as f32))
            .unwrap_or(f32::NAN)
    }));
}

/// Gain and offset of the picture over the background.
#[derive(Debug, Clone, Copy)]
struct Photometry {
    gain: f32,
    offset: f32,
}

impl Default for Photometry {
    fn default() -> Self {
        Self {
            gain: 1.0,
            offset: 0.0,
        }
    }
}

impl Photometry {
    fn residual(self, point: &Point, seen: f32) -> f32 {
        seen - self.gain * point.value - self.offset
    }

    /// Fits to what is seen, twice, the second time with little weight for what stands out; returns the robust standard
    /// deviation of what is left. `None` for too few points.
    fn fit(&mut self, points: &[Point], pairs: &[f32]) -> Option<f32> {
        let mut spread = self.spread(points, pairs)?;
        for _ in 0..2 {
            let (mut n, mut b, mut c, mut bb, mut bc) = (0.0_f64, 0.0, 0.0, 0.0, 0.0);
            for (point, &seen) in points.iter().zip(pairs).filter(|(_, s)| s.is_finite()) {
                let w = f64::from(weight(self.residual(point, seen), spread));
                let (x, y) = (f64::from(point.value), f64::from(seen));
                n += w;
                b += w * x;
                c += w * y;
                bb += w * x * x;
                bc += w * x * y;
            }
            let varied = bb * n - b * b;
            let gain = if varied > 1e-3 * n * n {
                (bc * n - b * c) / varied
            } else {
                1.0
            };
            // A picture of something else would be explained by no contrast at all.
            self.gain = gain.clamp(0.4, 2.5) as f32;
            self.offset = ((c - f64::from(self.gain) * b) / n.max(1e-9)) as f32;
            spread = self.spread(points, pairs)?;
        }
        Some(spread)
    }

    /// 1.4826 times the median absolute deviation; half a grey level at the least, as much as rounding makes.
    fn spread(self, points: &[Point], pairs: &[f32]) -> Option<f32> {
        let seen = points.iter().zip(pairs).filter(|(_, s)| s.is_finite());
        let mut sizes: Vec<f32> = seen.map(|(p, &s)| self.residual(p, s).abs()).collect();
        if sizes.len() < LEAST_POINTS {
            return None;
        }
        let middle = sizes.len() / 2;
        let (_, median, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
        Some((1.4826 * *median).max(0.5))
    }
}

/// Cauchy's weight; 2.385 standard deviations give 95 % efficiency for a Gaussian (Zhang, *Parameter estimation techniques*,
/// Image and Vision Computing 15, 1997, table 1).
fn weight(residual: f32, spread: f32) -> f32 {
    let x = residual / (2.385 * spread);
    1.0 / (1.0 + x * x)
}

/// Coordinates in which the unknowns are of like size: from the middle, in units of half the width.
struct Frame {
    half_width: f64,
    to: Homography,
    from: Homography,
}

impl Frame {
    fn of(image: &Plane) -> Self {
        let (x, y) = (image.width as f64 / 2.0, image.height as f64 / 2.0);
        Self {
            half_width: x,
            to: Homography::shift(-x, -y).then(&Homography::scale(1.0 / x)),
            from: Homography::scale(x).then(&Homography::shift(x, y)),
        }
    }

    /// A step of the unknowns as a map of pixels.
    fn in_pixels(&self, step: &[f64; 8]) -> Homography {
        let [a, b, c, d, e, f, g, h] = *step;
        let map = Homography([1.0 + a, b, c, d, 1.0 + e, f, g, h, 1.0]);
        self.to.then(&map).then(&self.from)
    }
}

/// One Gauss-Newton step.
fn step(
    points: &[Point],
    pairs: &[f32],
    photometry: Photometry,
    spread: f32,
    frame: &Frame,
    perspective: bool,
) -> Option<[f64; 8]> {
    let mut rows = [[0.0_f64; 9]; 8];
    for (point, &seen) in points.iter().zip(pairs).filter(|(_, s)| s.is_finite()) {
        let residual = photometry.residual(point, seen);
        let w = f64::from(weight(residual, spread));
        let (x, y) = frame.to.map(point.x, point.y)?;
        let scale = f64::from(photometry.gain) * frame.half_width;
        let (gx, gy) = (
            f64::from(point.slope.0) * scale,
            f64::from(point.slope.1) * scale,
        );
        let along = gx * x + gy * y;
        let line = [
            gx * x,
            gx * y,
            gx,
            gy * x,
            gy * y,
            gy,
            -along * x,
            -along * y,
            f64::from(residual),
        ];
        for (row, a) in rows.iter_mut().zip(line) {
            row.iter_mut()
                .zip(line)
                .for_each(|(sum, b)| *sum += w * a * b);
        }
    }
    let trace: f64 = rows
        .iter()
        .enumerate()
        .filter_map(|(n, row)| row.get(n))
        .sum();
    let prior = if perspective {
        (f64::from(spread) / PERSPECTIVE_SD).powi(2)
    } else {
        1e12 * (trace + 1.0)
    };
    for (n, row) in rows.iter_mut().enumerate() {
        if let Some(diagonal) = row.get_mut(n) {
            *diagonal += 1e-6 * trace + if n >= 6 { prior } else { 0.0 };
        }
    }
    solve(&mut rows)
}

/// Weighted correlation.
fn likeness(points: &[Point], pairs: &[f32], photometry: Photometry, spread: f32) -> f32 {
    let (mut n, mut a, mut b, mut aa, mut bb, mut ab) = (0.0_f64, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (point, &seen) in points.iter().zip(pairs).filter(|(_, s)| s.is_finite()) {
        let w = f64::from(weight(photometry.residual(point, seen), 3.0 * spread));
        let (x, y) = (f64::from(point.value), f64::from(seen));
        n += w;
        a += w * x;
        b += w * y;
        aa += w * x * x;
        bb += w * y * y;
        ab += w * x * y;
    }
    let spread = ((aa * n - a * a) * (bb * n - b * b)).max(0.0).sqrt();
    if spread > 0.0 {
        ((ab * n - a * b) / spread) as f32
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
