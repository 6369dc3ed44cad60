//! Phase correlation of two pictures (Kuglin & Hines, *The phase correlation image alignment method*, IEEE Conf. Cybernetics and
//! Society, 1975).

use std::sync::Arc;

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftDirection, FftPlanner};

use crate::homography::Homography;
use crate::plane::Plane;

/// Finds shifts by phase correlation; keeps its tables and memory from picture to picture.
pub(crate) struct Correlator {
    planner: FftPlanner<f32>,
    plans: Option<Plans>,
}

struct Plans {
    width: usize,
    height: usize,
    rows: [Arc<dyn Fft<f32>>; 2],
    columns: [Arc<dyn Fft<f32>>; 2],
}

impl Correlator {
    pub(crate) fn new() -> Self {
        Self {
            planner: FftPlanner::new(),
            plans: None,
        }
    }

    /// By how many pixels what `picture` shows under `map` lies off `background`. `None` when the two have no common
    /// peak.
    pub(crate) fn shift(
        &mut self,
        background: &Plane,
        picture: &Plane,
        map: &Homography,
    ) -> Option<(f64, f64)> {
        let (width, height) = (background.width, background.height);
        let planner = &mut self.planner;
        let plans = match &mut self.plans {
            Some(plans) if (plans.width, plans.height) == (width, height) => plans,
            stale => stale.insert(Plans {
                width,
                height,
                rows: [FftDirection::Forward, FftDirection::Inverse]
                    .map(|d| planner.plan_fft(width, d)),
                columns: [FftDirection::Forward, FftDirection::Inverse]
                    .map(|d| planner.plan_fft(height, d)),
            }),
        };
        let mut warped = Plane::filled(width, height, f32::NAN);
        for (n, to) in warped.data.iter_mut().enumerate() {
            if let Some((x, y)) = map.map((n % width) as f64, (n / width) as f64)
                && let Some(seen) = picture.sample(x as f32, y as f32)
            {
                *to = seen;
            }
        }
        let a = plans.transform(windowed(background));
        let b = plans.transform(windowed(&warped));
        let product = a.iter().zip(&b).map(|(a, b)| {
            let cross = a.conj() * b;
            let size = cross.norm();
            if size > 1e-6 {
                cross / size
            } else {
                Complex32::default()
            }
        });
        let surface = plans.back(product.collect());
        let (peak, _) = surface
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.re.total_cmp(&b.1.re))?;
        // The transform came back turned on its side.
        let (x, y) = (peak / height, peak % height);
        let signed = |at: usize, size: usize| {
            if at > size / 2 {
                at as f64 - size as f64
            } else {
                at as f64
            }
        };
        Some((signed(x, width), signed(y, height)))
    }
}

impl Plans {
    /// Two-dimensional transform, the result column by column.
    fn transform(&self, mut data: Vec<Complex32>) -> Vec<Complex32> {
        let ([rows, _], [columns, _]) = (&self.rows, &self.columns);
        rows.process(&mut data);
        let mut turned = turned(&data, self.width);
        columns.process(&mut turned);
        turned
    }

    /// The way back of [`transform`](Self::transform); the result column by column, too.
    fn back(&self, mut data: Vec<Complex32>) -> Vec<Complex32> {
        let ([_, rows], [_, columns]) = (&self.rows, &self.columns);
        columns.process(&mut data);
        let mut straight = turned(&data, self.height);
        rows.process(&mut straight);
        turned(&straight, self.width)
    }
}

/// Rows become columns.
fn turned(data: &[Complex32], width: usize) -> Vec<Complex32> {
    (0..width)
        .flat_map(|x| data.iter().skip(x).step_by(width).copied())
        .collect()
}

/// Less its mean, faded towards the edges (Hann), so that the edges do not correlate with themselves.
fn windowed(plane: &Plane) -> Vec<Complex32> {
    let known = || plane.data.iter().filter(|v| v.is_finite());
    let mean = known().sum::<f32>() / (known().count().max(1) as f32);
    let hann = |n: usize, size: usize| {
        let turn = std::f32::consts::TAU * (n as f32 + 0.5) / size as f32;
        0.5 - 0.5 * turn.cos()
    };
    let across: Vec<f32> = (0..plane.width).map(|x| hann(x, plane.width)).collect();
    let rows = plane.rows().enumerate();
    rows.flat_map(|(y, row)| {
        let down = hann(y, plane.height);
        let faded = row.iter().zip(&across).map(move |(v, w)| {
            if v.is_finite() {
                (v - mean) * w * down
            } else {
                0.0
            }
        });
        faded.map(|v| Complex32::new(v, 0.0)).collect::<Vec<_>>()
    })
    .collect()
}
