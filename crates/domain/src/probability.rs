//! Probabilities, and sets of them that sum to one by construction.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::bounded;
use crate::{PartyId, Refused};

bounded! {
    /// A probability, 0 to 1.
    Probability = "probability", 0.0, 1.0, "a probability from 0 to 1";
}

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0.0);

    /// The word people use for it (0–5 % remote, 5–20 very unlikely, 20–45 unlikely, 45–55 even,
    /// 55–80 likely, 80–95 very likely, 95–100 almost certain). Always print the number too.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self.0 {
            p if p < 0.05 => "remote",
            p if p < 0.20 => "very unlikely",
            p if p < 0.45 => "unlikely",
            p if p < 0.55 => "even",
            p if p < 0.80 => "likely",
            p if p < 0.95 => "very likely",
            _ => "almost certain",
        }
    }
}

/// The name under which «nobody violated anything» stands beside the parties.
pub const NONE: &str = "none";

/// Probabilities over the parties and `none` that sum to one.
///
/// JSON: `{"<party>": 0.7, "none": 0.3}`.
///
/// ```
/// use truceline_domain::{PartyId, Probabilities};
/// let north = PartyId::new("north").unwrap();
/// let p = Probabilities::from_weights([(north.clone(), 3.0)], 1.0).unwrap();
/// assert_eq!(p.of(&north).get(), 0.75);
/// assert!(Probabilities::from_weights([(north, 0.0)], 0.0).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "BTreeMap<String, f64>", into = "BTreeMap<String, f64>")]
#[schemars(with = "BTreeMap<String, Probability>")]
pub struct Probabilities {
    parties: BTreeMap<PartyId, f64>,
    none: f64,
}

impl Probabilities {
    /// Normalises non-negative weights.
    ///
    /// # Errors
    /// Refused when a weight is negative or not finite, when all are zero, or when a party is
    /// called `none`.
    pub fn from_weights(
        parties: impl IntoIterator<Item = (PartyId, f64)>,
        none: f64,
    ) -> Result<Self, Refused> {
        let mut by_party = BTreeMap::new();
        for (party, weight) in parties {
            if party.as_str() == NONE {
                return Err(Refused::new(
                    "party id",
                    NONE,
                    "any name but the reserved `none`",
                ));
            }
            *by_party.entry(party).or_insert(0.0) += weight;
        }
        let weights = || by_party.values().copied().chain([none]);
        let sum: f64 = weights().sum();
        if !sum.is_finite() || sum <= 0.0 || weights().any(|w| w < 0.0) {
            return Err(Refused::new(
                "probabilities",
                sum,
                "weights of zero or more, one above zero",
            ));
        }
        by_party.values_mut().for_each(|w| *w /= sum);
        Ok(Self {
            parties: by_party,
            none: none / sum,
        })
    }

    /// The probability that `party` violated; zero for one that is not in the set.
    #[must_use]
    pub fn of(&self, party: &PartyId) -> Probability {
        Probability(
            self.parties
                .get(party)
                .copied()
                .unwrap_or(0.0)
                .clamp(0.0, 1.0),
        )
    }

    /// The probability that nobody violated anything.
    #[must_use]
    pub fn none(&self) -> Probability {
        Probability(self.none.clamp(0.0, 1.0))
    }

    /// Parties with their probabilities, in order of their ids.
    pub fn parties(&self) -> impl Iterator<Item = (&PartyId, Probability)> {
        self.parties
            .iter()
            .map(|(id, p)| (id, Probability(p.clamp(0.0, 1.0))))
    }

    /// The party with the highest probability; `None` without parties. Of equals, the first by id:
    /// a caller that must be neutral looks at ties itself.
    #[must_use]
    pub fn likeliest_party(&self) -> Option<(&PartyId, Probability)> {
        self.parties()
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

impl TryFrom<BTreeMap<String, f64>> for Probabilities {
    type Error = Refused;
    fn try_from(mut map: BTreeMap<String, f64>) -> Result<Self, Refused> {
        let sum: f64 = map.values().sum();
        if (sum - 1.0).abs() > 1e-6 {
            return Err(Refused::new("probabilities", sum, "a sum of 1"));
        }
        let none = map.remove(NONE).unwrap_or(0.0);
        let parties: Result<Vec<_>, _> = map
            .into_iter()
            .map(|(id, p)| PartyId::new(id).map(|id| (id, p)))
            .collect();
        // Kept as they were written, so that reading and writing gives the same bytes.
        let parties: BTreeMap<_, _> = parties?.into_iter().collect();
        if parties
            .values()
            .chain([&none])
            .any(|p| !(0.0..=1.0).contains(p))
        {
            return Err(Refused::new("probabilities", sum, "each from 0 to 1"));
        }
        Ok(Self { parties, none })
    }
}

impl From<Probabilities> for BTreeMap<String, f64> {
    fn from(p: Probabilities) -> Self {
        let mut map: Self = p
            .parties
            .into_iter()
            .map(|(id, w)| (id.to_string(), w))
            .collect();
        map.insert(NONE.to_owned(), p.none);
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_to_one_and_survives_json(a in 0.0..1e6f64, b in 0.0..1e6f64, none in 1e-9..1e6f64) {
            let [x, y] = ["x", "y"].map(|id| PartyId::new(id).unwrap());
            let p = Probabilities::from_weights([(x.clone(), a), (y.clone(), b)], none).unwrap();
            let sum = p.of(&x).get() + p.of(&y).get() + p.none().get();
            prop_assert!((sum - 1.0).abs() < 1e-12);
            let text = serde_json::to_string(&p).unwrap();
            prop_assert_eq!(serde_json::from_str::<Probabilities>(&text).unwrap(), p);
        }
    }

    #[test]
    fn what_does_not_sum_to_one_is_refused() {
        assert!(serde_json::from_str::<Probabilities>(r#"{"x":0.6,"none":0.6}"#).is_err());
        assert!(serde_json::from_str::<Probabilities>(r#"{"x":1.5,"none":-0.5}"#).is_err());
        let x = PartyId::new("x").unwrap();
        assert!(Probabilities::from_weights([(x.clone(), -1.0)], 2.0).is_err());
        assert!(Probabilities::from_weights([(x, f64::NAN)], 2.0).is_err());
    }

    #[test]
    fn words_change_where_people_expect() {
        let word = |p| Probability::new(p).unwrap().word();
        assert_eq!(
            [word(0.0), word(0.5), word(0.951)],
            ["remote", "even", "almost certain"]
        );
    }
}
