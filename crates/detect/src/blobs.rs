//! Patches of pixels that stand out.

/// So many patches in one picture are no scene but a disturbance.
pub(crate) const MAX_BLOBS: usize = 400;

/// A connected patch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Blob {
    /// Pixels.
    pub(crate) area: usize,
    /// Middle, weighted by how much each pixel stands out.
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) right: usize,
    pub(crate) bottom: usize,
    /// Mean of what its pixels stand out by, grey levels.
    pub(crate) mean: f32,
    /// The pixel that stands out most, grey levels; its sign is that of the mean.
    pub(crate) peak: f32,
}

impl Blob {
    /// The longer side of its box, pixels.
    pub(crate) fn length(&self) -> f64 {
        (self.right - self.left).max(self.bottom - self.top) as f64 + 1.0
    }

    /// The share of its box that it fills.
    pub(crate) fn fill(&self) -> f64 {
        let boxed = (self.right - self.left + 1) * (self.bottom - self.top + 1);
        self.area as f64 / boxed as f64
    }
}

/// The patches of `mask` connected by sides or corners, of at least `least` pixels, in order of their uppermost pixel; at most
/// [`MAX_BLOBS`] and one. `values` is what each pixel stands out by. Clears the mask.
pub(crate) fn blobs(mask: &mut [bool], values: &[f32], width: usize, least: usize) -> Vec<Blob> {
    let mut found = vec![];
    let mut open = vec![];
    for start in 0..mask.len() {
        if !mask.get_mut(start).is_some_and(std::mem::take) {
            continue;
        }
        open.push(start);
        let mut patch = Patch::at(start, width);
        while let Some(at) = open.pop() {
            patch.add(at, width, values.get(at).copied().unwrap_or(0.0));
            let x = at % width;
            for (dx, dy) in [
                (-1_isize, -1_isize),
                (0, -1),
                (1, -1),
                (-1, 0),
                (1, 0),
                (-1, 1),
                (0, 1),
                (1, 1),
            ] {
                let inside = x.checked_add_signed(dx).is_some_and(|x| x < width);
                let next = at.checked_add_signed(dy * width as isize + dx);
                if let Some(next) = next.filter(|_| inside)
                    && mask.get_mut(next).is_some_and(std::mem::take)
                {
                    open.push(next);
                }
            }
        }
        if patch.area >= least {
            found.push(patch.done());
            if found.len() > MAX_BLOBS {
                break;
            }
        }
    }
    found
}

struct Patch {
    area: usize,
    weight: f64,
    x: f64,
    y: f64,
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    sum: f32,
    peak: f32,
}

impl Patch {
    fn at(start: usize, width: usize) -> Self {
        let (x, y) = (start % width, start / width);
        Self {
            area: 0,
            weight: 0.0,
            x: 0.0,
            y: 0.0,
            left: x,
            top: y,
            right: x,
            bottom: y,
            sum: 0.0,
            peak: 0.0,
        }
    }

    fn add(&mut self, at: usize, width: usize, value: f32) {
        let (x, y) = (at % width, at / width);
        let weight = f64::from(value.abs()) + 1e-3;
        self.area += 1;
        self.weight += weight;
        self.x += weight * x as f64;
        self.y += weight * y as f64;
        self.left = self.left.min(x);
        self.right = self.right.max(x);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
        self.sum += value;
        if value.abs() > self.peak.abs() {
            self.peak = value;
        }
    }

    fn done(&self) -> Blob {
        Blob {
            area: self.area,
            x: self.x / self.weight,
            y: self.y / self.weight,
            left: self.left,
            top: self.top,
            right: self.right,
            bottom: self.bottom,
            mean: self.sum / self.area as f32,
            peak: self.peak,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_told_apart_and_do_not_reach_round_the_edge() {
        #[rustfmt::skip]
        let drawn = [
            1, 1, 0, 0, 0,
            0, 0, 1, 0, 1,
            1, 0, 0, 0, 1,
        ];
        let mut mask = drawn.map(|d| d == 1);
        let values = drawn.map(|d| 10.0 * d as f32);
        let found = blobs(&mut mask, &values, 5, 2);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].area, found[0].right, found[0].bottom), (3, 2, 1));
        assert_eq!(
            (found[1].area, found[1].left, found[1].length()),
            (2, 4, 2.0)
        );
        assert_eq!(found[0].mean, 10.0);
        assert!((found[1].y - 1.5).abs() < 1e-9);
        assert!(mask.iter().all(|m| !m));
    }
}
