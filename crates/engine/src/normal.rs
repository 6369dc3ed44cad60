//! The normal distribution.

/// Logarithm of the normal density.
pub(crate) fn ln_normal(x: f64, sd: f64) -> f64 {
    let z = x / sd;
    -0.5 * z * z - sd.ln() - 0.918_938_533_204_672_8
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
    }
}
