//! Maps between planes seen in perspective.

/// A plane projective map, rows of a 3 × 3 matrix with the last number 1 as a rule (Hartley & Zisserman, *Multiple View
/// Geometry*, 2nd ed., §2.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Homography(pub(crate) [f64; 9]);

impl Homography {
    pub(crate) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    pub(crate) fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0])
    }

    pub(crate) fn scale(s: f64) -> Self {
        Self([s, 0.0, 0.0, 0.0, s, 0.0, 0.0, 0.0, 1.0])
    }

    /// Where a point goes; `None` for one on or behind the horizon.
    pub(crate) fn map(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        let w = g * x + h * y + i;
        let (px, py) = ((a * x + b * y + c) / w, (d * x + e * y + f) / w);
        (w > 1e-9 && px.is_finite() && py.is_finite()).then_some((px, py))
    }

    /// First `self`, then `next`.
    pub(crate) fn then(&self, next: &Self) -> Self {
        let (a, b) = (&next.0, &self.0);
        let at = |m: &[f64; 9], row: usize, column: usize| {
            m.get(3 * row + column).copied().unwrap_or(0.0)
        };
        Self(std::array::from_fn(|n| {
            (0..3).map(|k| at(a, n / 3, k) * at(b, k, n % 3)).sum()
        }))
        .normalised()
    }

    /// The way back; `None` when there is none.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        let adjugate = [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ];
        let determinant = a * adjugate[0] + b * adjugate[3] + c * adjugate[6];
        (determinant.abs() > 1e-12)
            .then(|| Self(adjugate.map(|x| x / determinant)).normalised())
            .filter(|m| m.0.iter().all(|x| x.is_finite()))
    }

    /// The map that takes four points to four others; `None` when three of them lie on a line.
    pub(crate) fn of_points(from: [(f64, f64); 4], to: [(f64, f64); 4]) -> Option<Self> {
        let mut rows = [[0.0; 9]; 8];
        for (pair, ((x, y), (u, v))) in rows.chunks_exact_mut(2).zip(from.into_iter().zip(to)) {
            if let [first, second] = pair {
                *first = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
                *second = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
            }
        }
        let [a, b, c, d, e, f, g, h] = solve(&mut rows)?;
        Some(Self([a, b, c, d, e, f, g, h, 1.0]))
    }

    /// How many pixels of the target one pixel at a point becomes, as a length: the root of the area's change.
    pub(crate) fn length_scale(&self, x: f64, y: f64) -> Option<f64> {
        let (x0, y0) = self.map(x, y)?;
        let (x1, y1) = self.map(x + 1.0, y)?;
        let (x2, y2) = self.map(x, y + 1.0)?;
        Some(((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)).abs().sqrt())
    }

    fn normalised(self) -> Self {
        let last = self.0[8];
        if last.abs() < 1e-12 {
            self
        } else {
            Self(self.0.map(|x| x / last))
        }
    }
}

/// Solves linear equations by elimination, the greatest pivot first; each row ends in its right-hand side. `None` when they
/// have no single solution.
pub(crate) fn solve<const N: usize, const M: usize>(rows: &mut [[f64; M]; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot = (column..N).max_by(|&a, &b| {
            let size = |r: usize| {
                rows.get(r)
                    .and_then(|r| r.get(column))
                    .map_or(0.0, |x| x.abs())
            };
            size(a).total_cmp(&size(b))
        })?;
        rows.swap(column, pivot);
        let pivot_row = *rows.get(column)?;
        let head = *pivot_row.get(column)?;
        if !head.is_finite() || head.abs() < 1e-12 {
            return None;
        }
        for (n, row) in rows.iter_mut().enumerate() {
            if n != column {
                let factor = row.get(column)? / head;
                row.iter_mut()
                    .zip(pivot_row)
                    .for_each(|(x, p)| *x -= factor * p);
            }
        }
    }
    let mut solution = [0.0; N];
    for (n, (x, row)) in solution.iter_mut().zip(rows.iter()).enumerate() {
        *x = row.last()? / row.get(n)?;
    }
    solution.iter().all(|x| x.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(
            p in prop::array::uniform8(-20.0..20.0_f64),
            x in 0.0..100.0_f64,
            y in 0.0..100.0_f64,
        ) {
            let from = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)];
            let mut to = from;
            for (t, d) in to.iter_mut().zip(p.chunks_exact(2)) {
                *t = (t.0 + d[0], t.1 + d[1]);
            }
            let map = Homography::of_points(from, to).unwrap();
            for (f, t) in from.into_iter().zip(to) {
                let (u, v) = map.map(f.0, f.1).unwrap();
                prop_assert!((u - t.0).abs() < 1e-6 && (v - t.1).abs() < 1e-6);
            }
            let back = map.inverse().unwrap();
            let (u, v) = map.map(x, y).unwrap();
            let (x1, y1) = back.map(u, v).unwrap();
            prop_assert!((x - x1).abs() < 1e-6 && (y - y1).abs() < 1e-6);
            let both = map.then(&back);
            prop_assert!(both.0.iter().zip(Homography::IDENTITY.0).all(|(a, b)| (a - b).abs() < 1e-6));
        }
    }

    #[test]
    fn points_on_a_line_have_no_map() {
        let line = [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)];
        let square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        assert_eq!(Homography::of_points(line, square), None);
        assert_eq!(Homography([0.0; 9]).inverse(), None);
    }
}
