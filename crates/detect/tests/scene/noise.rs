//! Random numbers that are the same everywhere.

/// SplitMix64 (Steele et al., *Fast splittable pseudorandom number generators*, OOPSLA 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// From 0 up to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Four bytes of a hash summed: near enough to a Gaussian of mean 0 and standard deviation 1, and quick.
pub(crate) fn grain(n: u64) -> f32 {
    let z = mix(n);
    let sum: u64 = (0..4).map(|i| z >> (8 * i) & 0xFF).sum();
    (sum as f32 - 510.0) / 147.8
}

/// Smooth noise at a point, −1 to 1, one bump a unit.
pub(crate) fn smooth(x: f64, y: f64, seed: u64) -> f64 {
    let at = |i: f64, j: f64| {
        let h = mix((i as i64 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (j as i64 as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
            ^ seed);
        (h >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (i, j) = (x.floor(), y.floor());
    let (u, v) = (ease(x - i), ease(y - j));
    let row = |j: f64| at(i, j) * (1.0 - u) + at(i + 1.0, j) * u;
    row(j) * (1.0 - v) + row(j + 1.0) * v
}
