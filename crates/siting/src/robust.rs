//! How robust a ranking is to the weights: they are drawn at random, and who comes first is counted.

/// So many sets of weights are drawn; the shares are good to half a per cent (one standard deviation of
/// a share of one half is 0.5 % / √(10,000) · 100).
pub const DRAWS: u32 = 10_000;

/// The share of weights, drawn uniformly over all weights that sum to one (Dirichlet with all
/// parameters 1), for which each candidate has the highest weighted sum; where several have it, each gets its
/// part. `scores` has a row a candidate and a column a criterion, each from 0 to 1. The same seed
/// gives the same shares on any machine.
#[must_use]
pub fn shares_first(scores: &[Vec<f64>], seed: u64) -> Vec<f64> {
    let columns = scores.first().map_or(0, Vec::len);
    let mut first = vec![0.0; scores.len()];
    if columns == 0 {
        return first;
    }
    let mut random = SplitMix(seed);
    for _ in 0..DRAWS {
        // Exponential variates over their sum are Dirichlet(1, …, 1).
        let weights: Vec<f64> = (0..columns).map(|_| -random.unit().ln()).collect();
        let sums: Vec<f64> = scores
            .iter()
            .map(|row| row.iter().zip(&weights).map(|(s, w)| s * w).sum())
            .collect();
        let best = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let winners = sums.iter().filter(|s| **s >= best).count() as f64;
        for (share, sum) in first.iter_mut().zip(&sums) {
            if *sum >= best {
                *share += 1.0 / winners;
            }
        }
    }
    first.iter_mut().for_each(|n| *n /= f64::from(DRAWS));
    first
}

/// SplitMix64 (Steele, Lea & Flood, 2014): small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Above 0 and at most 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn who_is_best_in_everything_is_always_first() {
        let shares = shares_first(&[vec![1.0, 0.9], vec![0.5, 0.1]], 1);
        assert_eq!(shares, [1.0, 0.0]);
    }

    #[test]
    fn opposites_share_evenly() {
        let shares = shares_first(&[vec![1.0, 0.0], vec![0.0, 1.0]], 7);
        assert!((shares[0] - 0.5).abs() < 0.02, "{shares:?}");
        assert_eq!(shares, shares_first(&[vec![1.0, 0.0], vec![0.0, 1.0]], 7));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn shares_sum_to_one(rows in proptest::collection::vec(proptest::collection::vec(0.0..1.0f64, 3), 1..6), seed: u64) {
            let sum: f64 = shares_first(&rows, seed).iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
        }
    }
}
