//! The weights that negotiators choose: TOML, a table a use.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::criteria::Criterion;
use crate::radio::Radio;
use crate::read::Use;

/// Weights of the criteria by use, and the radio link wanted.
///
/// ```
/// use truceline_siting::{Criterion, Use, Weights};
/// let weights = Weights::parse("[centre]\nroad = 2\npower = 0\n[radio]\nfrequency_mhz = 1400\n")?;
/// assert_eq!(weights.of(Use::Centre, Criterion::Road), 2.0);
/// assert_eq!(weights.of(Use::Centre, Criterion::Relays), 1.0);
/// assert!(Weights::parse("[centre]\nview_from_the_terrace = 1\n").is_err());
/// # Ok::<(), truceline_siting::WeightsRefused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights {
    by_use: BTreeMap<Use, BTreeMap<Criterion, f64>>,
    /// The link.
    pub radio: Radio,
}

/// A file of weights that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WeightsRefused(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    centre: BTreeMap<String, f64>,
    #[serde(default)]
    post: BTreeMap<String, f64>,
    #[serde(default)]
    relay: BTreeMap<String, f64>,
    #[serde(default)]
    radio: Link,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Link {
    frequency_mhz: Option<f64>,
    drone_height_m: Option<f64>,
}

impl Weights {
    /// The weight of a criterion for a use; 1 where nothing else was said.
    #[must_use]
    pub fn of(&self, r#use: Use, criterion: Criterion) -> f64 {
        let of_use = self.by_use.get(&r#use);
        let told = of_use.and_then(|weights| weights.get(&criterion));
        told.copied().unwrap_or(1.0)
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// When it is no such TOML, a criterion is unknown, or a weight is not from 0 to 1,000.
    pub fn parse(text: &str) -> Result<Self, WeightsRefused> {
        let file: File = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| {
                1 + text.get(..s.start).unwrap_or(text).matches('\n').count()
            });
            WeightsRefused(format!("line {line}: {}", e.message()))
        })?;
        let mut by_use = BTreeMap::new();
        let tables = [
            (Use::Centre, file.centre),
            (Use::Post, file.post),
            (Use::Relay, file.relay),
        ];
        for (r#use, table) in tables {
            let of_use = Criterion::of(r#use);
            let mut weights = BTreeMap::new();
            for (word, weight) in table {
                let known = of_use.iter().find(|c| c.as_str() == word);
                let Some(criterion) = known else {
                    let words: Vec<_> = of_use.iter().map(|c| c.as_str()).collect();
                    let of = r#use.as_str();
                    let words = words.join(", ");
                    let why = format!("[{of}] {word}: unknown; expected {words}");
                    return Err(WeightsRefused(why));
                };
                if !(0.0..=1_000.0).contains(&weight) {
                    let of = r#use.as_str();
                    let why = format!("[{of}] {word} = {weight}; expected 0 to 1000");
                    return Err(WeightsRefused(why));
                }
                weights.insert(*criterion, weight);
            }
            by_use.insert(r#use, weights);
        }
        let usual = Radio::default();
        let within =
            |value: Option<f64>, usual: f64, name: &str, range: std::ops::RangeInclusive<f64>| {
                match value {
                    None => Ok(usual),
                    Some(v) if range.contains(&v) => Ok(v),
                    Some(v) => {
                        let (a, b) = (range.start(), range.end());
                        Err(WeightsRefused(format!(
                            "[radio] {name} = {v}; expected {a} to {b}"
                        )))
                    }
                }
            };
        let link = file.radio;
        Ok(Self {
            by_use,
            radio: Radio {
                frequency_mhz: within(
                    link.frequency_mhz,
                    usual.frequency_mhz,
                    "frequency_mhz",
                    30.0..=40_000.0,
                )?,
                drone_height_m: within(
                    link.drone_height_m,
                    usual.drone_height_m,
                    "drone_height_m",
                    10.0..=12_000.0,
                )?,
            },
        })
    }
}
