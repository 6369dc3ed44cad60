//! The normal distribution.

/// Logarithm of the normal density.
pub(crate) fn ln_normal(x: f64, sd: f64) -> f64 {
    let z = x / sd;
    -0.5 * z * z - sd.ln() - 0.918_938_533_204_672_8
}

/// A product of densities, of which only the logarithm is asked: taken once, at its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Densities {
    z2: f64,
    /// Square of the product of what the densities are divided by.
    scale2: f64,
}

impl Densities {
    pub(crate) const ONE: Self = Self {
        z2: 0.0,
        scale2: 1.0,
    };

    /// Times the normal density of this variance at `x`.
    pub(crate) fn normal(mut self, x: f64, var: f64) -> Self {
        self.z2 += x * x / var;
        self.scale2 *= std::f64::consts::TAU * var;
        self
    }

    /// Divided by a density.
    pub(crate) fn over(mut self, density: f64) -> Self {
        self.scale2 *= density * density;
        self
    }

    pub(crate) fn ln(self) -> f64 {
        -0.5 * (self.z2 + self.scale2.ln())
    }
}

/// The standard normal distribution function (Abramowitz & Stegun 7.1.26, |error| < 1.5e-7).
pub(crate) fn phi(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let tail = 0.5 * poly * (-x * x).exp();
    if z > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_is_the_integral_of_the_density() {
        // Abramowitz & Stegun, table 26.1.
        for (z, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_7),
            (-1.96, 0.024_997_9),
            (3.0, 0.998_650_1),
        ] {
            assert!((phi(z) - p).abs() < 2e-7, "{z}");
        }
        assert!((ln_normal(0.0, 1.0).exp() - 0.398_942_28).abs() < 1e-8);
        let two = Densities::ONE.normal(0.3, 4.0).normal(-1.0, 0.09).over(0.2);
        let sum = ln_normal(0.3, 2.0) + ln_normal(-1.0, 0.3) - f64::ln(0.2);
        assert!((two.ln() - sum).abs() < 1e-12);
    }
}
