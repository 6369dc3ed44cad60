//! Normal equations of six unknowns: gathered residual by residual, solved by Cholesky's factor.
//!
//! Fixed in size and without allocation, because most of a judgement's time goes here.
#![allow(clippy::needless_range_loop)] // Matrices are read by their indices.

use crate::locate::{Matrix, Residual, State};

const SIZE: usize = 6;

/// The lower triangle of a normal matrix, and the pull towards its solution.
pub(crate) struct Equations {
    lower: [[f64; SIZE]; SIZE],
    pull: [f64; SIZE],
}

/// Cholesky's factor of a normal matrix; its diagonal inverted.
pub(crate) struct Factor {
    lower: [[f64; SIZE]; SIZE],
}

impl Equations {
    /// Each unknown held `off` from where it is, by its own precision.
    pub(crate) fn held(precision: &State, off: &State) -> Self {
        let mut equations = Self {
            lower: [[0.0; SIZE]; SIZE],
            pull: [0.0; SIZE],
        };
        for i in 0..SIZE {
            equations.lower[i][i] = precision[i];
            equations.pull[i] = precision[i] * off[i];
        }
        equations
    }

    /// Adds a residual that counts by `weight`.
    pub(crate) fn add(&mut self, residual: &Residual, weight: f64) {
        match residual.reach {
            ..=2 => self.add_leading::<2>(residual, weight),
            3 => self.add_leading::<3>(residual, weight),
            _ => self.add_leading::<SIZE>(residual, weight),
        }
    }

    fn add_leading<const N: usize>(&mut self, residual: &Residual, weight: f64) {
        for i in 0..N {
            let weighted = weight * residual.slope[i];
            for j in 0..=i {
                self.lower[i][j] += weighted * residual.slope[j];
            }
            self.pull[i] += weighted * residual.value;
        }
    }

    /// `None` where the matrix is not positive definite.
    pub(crate) fn factor(&self) -> Option<Factor> {
        let mut lower = self.lower;
        for i in 0..SIZE {
            for j in 0..=i {
                let mut rest = lower[i][j];
                for k in 0..j {
                    rest -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = if i != j {
                    rest * lower[j][j]
                } else if rest > 0.0 {
                    1.0 / rest.sqrt()
                } else {
                    return None;
                };
            }
        }
        Some(Factor { lower })
    }

    /// The step to the solution.
    pub(crate) fn solved(&self, factor: &Factor) -> State {
        let lower = &factor.lower;
        let mut x = self.pull;
        for i in 0..SIZE {
            for k in 0..i {
                x[i] -= lower[i][k] * x[k];
            }
            x[i] *= lower[i][i];
        }
        for i in (0..SIZE).rev() {
            for k in i + 1..SIZE {
                x[i] -= lower[k][i] * x[k];
            }
            x[i] *= lower[i][i];
        }
        State::from(x)
    }
}

impl Factor {
    /// The inverse of the normal matrix: the covariance.
    pub(crate) fn inverse(&self) -> Matrix {
        // The factor's own inverse first, again a lower triangle.
        let mut inverse = [[0.0; SIZE]; SIZE];
        for j in 0..SIZE {
            inverse[j][j] = self.lower[j][j];
            for i in j + 1..SIZE {
                let mut sum = 0.0;
                for k in j..i {
                    sum += self.lower[i][k] * inverse[k][j];
                }
                inverse[i][j] = -sum * self.lower[i][i];
            }
        }
        let mut whole = Matrix::zeros();
        for i in 0..SIZE {
            for j in 0..=i {
                let mut sum = 0.0;
                for k in i..SIZE {
                    sum += inverse[k][i] * inverse[k][j];
                }
                whole[(i, j)] = sum;
                whole[(j, i)] = sum;
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_solution_solves(
            slopes in prop::collection::vec((prop::array::uniform6(-1.0..1.0f64), 2_usize..7, -3.0..3.0f64), 1..12),
        ) {
            let ones = State::repeat(1.0);
            let mut equations = Equations::held(&ones, &State::zeros());
            let (mut normal, mut pull) = (Matrix::identity(), State::zeros());
            for (slope, reach, value) in slopes {
                let reach = if reach > 3 { SIZE } else { reach };
                let mut slope = State::from(slope);
                slope.iter_mut().skip(reach).for_each(|s| *s = 0.0);
                equations.add(&Residual { value, var: 1.0, slope, reach }, 0.7);
                normal += slope * slope.transpose() * 0.7;
                pull += slope * (0.7 * value);
            }
            let factor = equations.factor().unwrap();
            prop_assert!((normal * equations.solved(&factor) - pull).norm() < 1e-9);
            prop_assert!((normal * factor.inverse() - Matrix::identity()).norm() < 1e-9);
        }
    }

    #[test]
    fn what_is_not_positive_has_no_factor() {
        let equations = Equations::held(&State::zeros(), &State::zeros());
        assert!(equations.factor().is_none());
        let nan = Equations::held(&State::repeat(f64::NAN), &State::zeros());
        assert!(nan.factor().is_none());
    }
}
