//! Synthetic scenes: ground with texture, seen from a drone, with what is looked for and what looks like it, and the truth.
//!
//! The world is a plane of metres, x east and y north, painted once at [`TEXEL_M`]. A camera sees it by a homography; each
//! picture is drawn, its light changed, grain added, and may be encoded as H.264.
#![allow(
    dead_code,
    unused_imports,
    reason = "tests and benches use parts of it"
)]

mod camera;
mod noise;
mod things;

pub(crate) use camera::{Camera, Motion, position};
pub(crate) use noise::{Random, grain, smooth};
pub(crate) use things::{Thing, Truth};

use truceline_media::decode::{Colour, Matrix, Picture};

/// Side of a painted square of ground, metres.
const TEXEL_M: f64 = 0.5;
/// Side of the painted ground, squares.
const SIDE: usize = 3000;

/// Ground, camera, light and what happens.
pub(crate) struct Scene {
    pub(crate) seed: u64,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rate_hz: f64,
    pub(crate) camera: Camera,
    pub(crate) things: Vec<Thing>,
    /// Grain, grey levels, one standard deviation.
    pub(crate) grain: f32,
    /// Gain and offset of the picture by seconds.
    pub(crate) light: fn(f64) -> (f32, f32),
    ground: Vec<f32>,
}

impl Scene {
    pub(crate) fn new(seed: u64, (width, height): (usize, usize), motion: Motion) -> Self {
        Self {
            seed,
            width,
            height,
            rate_hz: 25.0,
            camera: Camera::new(seed, motion),
            things: vec![],
            grain: 2.0,
            light: |_| (1.0, 0.0),
            ground: ground(seed),
        }
    }

    /// The picture of number `n`.
    pub(crate) fn picture(&self, n: usize) -> Picture {
        let at_s = n as f64 / self.rate_hz;
        let (width, height) = (self.width, self.height);
        let to_ground = self.camera.to_ground(at_s, width, height);
        let mut luma = vec![0.0_f32; width * height];
        for (y, row) in luma.chunks_exact_mut(width).enumerate() {
            for (x, to) in row.iter_mut().enumerate() {
                let (east, north) = to_ground.at(x as f64, y as f64);
                *to = self.brightness(east, north);
            }
        }
        for thing in &self.things {
            thing.draw(at_s, &to_ground, &mut luma, (width, height));
        }
        let (gain, offset) = (self.light)(at_s);
        let seed = self.seed.wrapping_add((n as u64) << 32);
        let grey = |(i, v): (usize, &f32)| {
            let noisy = v * gain
                + offset
                + self.grain * grain(seed ^ (i as u64).wrapping_mul(0x2545_F491_4F6C_DD1D));
            noisy.round().clamp(16.0, 235.0) as u8
        };
        Picture {
            width,
            height,
            luma: luma.iter().enumerate().map(grey).collect(),
            chroma_u: vec![128; width * height / 4],
            chroma_v: vec![128; width * height / 4],
            colour: Colour {
                full_range: false,
                matrix: Matrix::Bt709,
            },
            pts_90k: (90_000.0 * at_s).round() as u64 + 90_000,
        }
    }

    /// The ground between four squares.
    fn brightness(&self, east: f64, north: f64) -> f32 {
        let half = SIDE as f64 / 2.0;
        let (x, y) = (
            (east / TEXEL_M + half) as f32,
            (north / TEXEL_M + half) as f32,
        );
        let (i, j) = (
            x.clamp(0.0, (SIDE - 2) as f32) as usize,
            y.clamp(0.0, (SIDE - 2) as f32) as usize,
        );
        let (u, v) = (
            (x - i as f32).clamp(0.0, 1.0),
            (y - j as f32).clamp(0.0, 1.0),
        );
        let at = |i: usize, j: usize| self.ground[j * SIDE + i];
        let low = at(i, j) + (at(i + 1, j) - at(i, j)) * u;
        let high = at(i, j + 1) + (at(i + 1, j + 1) - at(i, j + 1)) * u;
        low + (high - low) * v
    }
}

/// Fields, woods, bare ground and tracks.
fn ground(seed: u64) -> Vec<f32> {
    let mut ground = Vec::with_capacity(SIDE * SIDE);
    for j in 0..SIDE {
        for i in 0..SIDE {
            let (x, y) = (i as f64 * TEXEL_M, j as f64 * TEXEL_M);
            let field = smooth(x / 180.0, y / 140.0, seed);
            let patch = smooth(x / 37.0, y / 41.0, seed ^ 1);
            let bush = smooth(x / 9.0, y / 8.0, seed ^ 2).max(0.0).powi(2);
            let grit = smooth(x / 2.1, y / 2.3, seed ^ 3);
            let fine = smooth(x / 0.9, y / 0.8, seed ^ 4);
            let track = (y - 750.0 - 60.0 * (x / 210.0).sin()).abs() < 3.5
                || (x - 800.0 - 0.3 * y).abs() < 2.5;
            let base = 105.0 + 28.0 * field + 16.0 * patch - 30.0 * bush + 8.0 * grit + 4.0 * fine;
            ground.push(if track { 150.0 + 4.0 * grit } else { base } as f32);
        }
    }
    ground
}
