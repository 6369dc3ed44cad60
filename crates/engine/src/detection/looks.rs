//! Several sources at once.

use super::acoustic;

/// Nodes and weights of the three-point Gauss–Hermite rule for a standard normal variable
/// (Abramowitz & Stegun, table 25.10, x·√2 and w/√π): exact for polynomials up to the fifth degree.
const NODES: [(f64, f64); 3] = [
    (-1.732_050_807_568_877, 1.0 / 6.0),
    (0.0, 2.0 / 3.0),
    (1.732_050_807_568_877, 1.0 / 6.0),
];

/// Gathers what several sources would have noticed of one event, and tells the probability that at
/// least one did.
///
/// Given how loud the event was, sources miss it independently of each other; how loud it was is
/// common to all that hear. So the chance of missing is a mean over loudness of a product over
/// sources, greater than the product of the means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Looks {
    /// For each node of the event's loudness, the chance that nobody noticed.
    missed: [f64; 3],
}

impl Default for Looks {
    fn default() -> Self {
        Self { missed: [1.0; 3] }
    }
}

impl Looks {
    /// An array at which the sound stands `margin_db` above the noise ([`acoustic::margin_db`]).
    pub fn sound(&mut self, margin_db: f64) {
        for (missed, (node, _)) in self.missed.iter_mut().zip(NODES) {
            *missed *= 1.0 - acoustic::heard_at_loudness(margin_db, node);
        }
    }

    /// Any other source that notices with probability `p`.
    pub fn other(&mut self, p: f64) {
        for missed in &mut self.missed {
            *missed *= 1.0 - p.clamp(0.0, 1.0);
        }
    }

    /// All sources of `more` besides.
    pub fn and(&mut self, more: &Self) {
        for (missed, others) in self.missed.iter_mut().zip(more.missed) {
            *missed *= others;
        }
    }

    /// Probability that at least one source noticed.
    #[must_use]
    pub fn p_seen(&self) -> f64 {
        let seen: f64 = self
            .missed
            .iter()
            .zip(NODES)
            .map(|(missed, (_, weight))| (1.0 - missed) * weight)
            .sum();
        seen.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sees_nothing_and_one_is_itself() {
        assert_eq!(Looks::default().p_seen(), 0.0);
        let mut one = Looks::default();
        one.other(0.3);
        assert!((one.p_seen() - 0.3).abs() < 1e-12);
    }

    #[test]
    fn ten_arrays_at_the_limit_are_no_certainty() {
        // Independent, ten arrays that each hear with p = 0.39 would miss 0.7 %.
        let mut ten = Looks::default();
        for _ in 0..10 {
            ten.sound(0.0);
        }
        assert!(ten.p_seen() < 0.99, "{}", ten.p_seen());
        let mut joined = Looks::default();
        joined.and(&ten);
        assert_eq!(joined, ten);
    }
}
