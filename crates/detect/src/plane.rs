//! Images of one number a pixel.

use truceline_media::decode::Picture;

/// An image of numbers, row by row from the upper left; pixel centres lie at whole coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<f32>,
}

impl Plane {
    pub(crate) fn filled(width: usize, height: usize, value: f32) -> Self {
        Self {
            width,
            height,
            data: vec![value; width * height],
        }
    }

    /// A picture's brightness, `factor` × `factor` pixels averaged into one. What does not fill a block is left out.
    pub(crate) fn of(picture: &Picture, factor: usize) -> Self {
        let (width, height) = (picture.width / factor, picture.height / factor);
        let mut sums = vec![0_u32; width];
        let mut data = Vec::with_capacity(width * height);
        let share = 1.0 / (factor * factor) as f32;
        for rows in picture.luma.chunks_exact(picture.width * factor) {
            sums.fill(0);
            for row in rows.chunks_exact(picture.width) {
                for (sum, block) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                    *sum += block.iter().map(|&b| u32::from(b)).sum::<u32>();
                }
            }
            data.extend(sums.iter().map(|&sum| sum as f32 * share));
        }
        data.truncate(width * height);
        Self {
            width,
            height,
            data,
        }
    }

    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.data.chunks_exact(self.width.max(1))
    }

    /// The pixel at whole coordinates; the nearest one outside.
    pub(crate) fn at(&self, x: usize, y: usize) -> f32 {
        let x = x.min(self.width.saturating_sub(1));
        let y = y.min(self.height.saturating_sub(1));
        self.data.get(y * self.width + x).copied().unwrap_or(0.0)
    }

    /// Between four pixels; `None` outside.
    pub(crate) fn sample(&self, x: f32, y: f32) -> Option<f32> {
        let inside = x >= 0.0 && y >= 0.0;
        let (column, row) = (x as usize, y as usize);
        if !inside || column + 1 >= self.width || row + 1 >= self.height {
            return None;
        }
        let at = row * self.width + column;
        let (above, below) = (
            self.data.get(at..at + 2)?,
            self.data.get(at + self.width..at + self.width + 2)?,
        );
        let (&[a, b], &[c, d]) = (above, below) else {
            return None;
        };
        let (fx, fy) = (x - column as f32, y - row as f32);
        let top = a + (b - a) * fx;
        Some(top + (c + (d - c) * fx - top) * fy)
    }

    /// Half as wide and high, each pixel the mean of four.
    pub(crate) fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut data = Vec::with_capacity(width * height);
        for rows in self.data.chunks_exact(2 * self.width.max(1)) {
            let (above, below) = rows.split_at(self.width);
            data.extend(
                above
                    .chunks_exact(2)
                    .zip(below.chunks_exact(2))
                    .map(|(a, b)| (a.iter().sum::<f32>() + b.iter().sum::<f32>()) * 0.25),
            );
        }
        data.truncate(width * height);
        Self {
            width,
            height,
            data,
        }
    }

    /// The mean over 3 × 3 pixels, edges repeated.
    pub(crate) fn smoothed(&self) -> Self {
        let across = self.along_rows();
        let mut out = across.clone();
        let last = self.height.saturating_sub(1);
        for y in 0..self.height {
            let row = |y: usize| {
                across
                    .data
                    .get(y * self.width..(y + 1) * self.width)
                    .unwrap_or_default()
            };
            let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(last)));
            let target = out.data.iter_mut().skip(y * self.width);
            for (((to, a), b), c) in target.zip(above).zip(here).zip(below) {
                *to = (a + b + c) / 9.0;
            }
        }
        out
    }

    fn along_rows(&self) -> Self {
        let mut out = self.clone();
        for (to, row) in out
            .data
            .chunks_exact_mut(self.width.max(1))
            .zip(self.rows())
        {
            let (Some(&first), Some(&last)) = (row.first(), row.last()) else {
                continue;
            };
            let left = std::iter::once(&first).chain(row);
            let right = row.iter().skip(1).chain(std::iter::once(&last));
            for (((to, a), b), c) in to.iter_mut().zip(left).zip(row).zip(right) {
                *to = a + b + c;
            }
        }
        out
    }

    /// Half the difference of the neighbours across and down.
    pub(crate) fn gradient(&self, x: usize, y: usize) -> (f32, f32) {
        (
            0.5 * (self.at(x + 1, y) - self.at(x.saturating_sub(1), y)),
            0.5 * (self.at(x, y + 1) - self.at(x, y.saturating_sub(1))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Plane {
        let data = (0..12 * 9)
            .map(|i| (i % 12 + 3 * (i / 12)) as f32)
            .collect();
        Plane {
            width: 12,
            height: 9,
            data,
        }
    }

    #[test]
    fn a_ramp_stays_a_ramp() {
        let ramp = ramp();
        assert_eq!(ramp.sample(2.5, 3.25), Some(12.25));
        assert_eq!(ramp.sample(-0.1, 3.0), None);
        assert_eq!(ramp.sample(11.0, 3.0), None);
        assert_eq!(ramp.sample(f32::NAN, 3.0), None);
        assert_eq!(ramp.gradient(5, 5), (1.0, 3.0));
        assert!((ramp.smoothed().at(5, 5) - ramp.at(5, 5)).abs() < 1e-4);
        let halved = ramp.halved();
        assert_eq!((halved.width, halved.height), (6, 4));
        assert_eq!(halved.at(0, 0), 2.0);
    }
}
