//! What was read from a feed, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Fault, FaultKind, Item};

/// Counts of one feed, told on standard error at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Bytes taken.
    pub bytes: u64,
    /// Observations by kind.
    pub observations: BTreeMap<&'static str, u64>,
    /// Faults by class.
    pub faults: BTreeMap<&'static str, u64>,
    /// What else the format counts, such as `h264 access units (pid 256)`, by name.
    pub counts: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts an item as it passes.
    pub fn count(&mut self, item: &Item) {
        match item {
            Item::Observation(o) => *self.observations.entry(o.body.kind()).or_default() += 1,
            Item::Fault(Fault { kind, .. }) => *self.faults.entry(kind.as_str()).or_default() += 1,
            Item::Cut(_) => {}
        }
    }

    /// Adds to one of the format's own counts.
    pub fn add(&mut self, name: impl Into<String>, n: u64) {
        *self.counts.entry(name.into()).or_default() += n;
    }

    /// Adds what another decoder of the same feed counted.
    pub fn join(&mut self, other: &Self) {
        self.bytes += other.bytes;
        for (kind, n) in &other.observations {
            *self.observations.entry(kind).or_default() += n;
        }
        for (kind, n) in &other.faults {
            *self.faults.entry(kind).or_default() += n;
        }
        for (name, n) in &other.counts {
            self.add(name, *n);
        }
    }

    /// All observations.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations.values().sum()
    }

    /// All faults that took an item away; a missing packet, a duplicate, a clock's jump or a
    /// time without a zone did not.
    #[must_use]
    pub fn set_aside(&self) -> u64 {
        let told_only = [
            FaultKind::Missing,
            FaultKind::Duplicate,
            FaultKind::ClockJump,
            FaultKind::Undated,
        ];
        self.faults
            .iter()
            .filter(|(kind, _)| !told_only.iter().any(|k| k.as_str() == **kind))
            .map(|(_, n)| n)
            .sum()
    }
}
