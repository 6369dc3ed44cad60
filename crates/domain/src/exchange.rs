//! Fire that is answered: who began, and how sure that is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FindingId, Observed, PartyId, Probabilities, Verdict};

/// Fire by two or more parties at each other, near in time and place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Made from its events' names.
    pub id: FindingId,
    /// Time of its first event.
    pub from: Observed,
    /// Time of its last event.
    pub until: Observed,
    /// Its events in order of time.
    pub events: Vec<FindingId>,
    /// Who took part, in order of their ids.
    pub participants: Vec<Participant>,
    /// The earliest event that was heard.
    pub first_event: FindingId,
    /// Who began: over the errors of time, the attribution of each gun, and rounds that nobody heard
    /// before its first. `none` is the chance that no violation was among it.
    pub began: Probabilities,
    /// Whom the engine names as having begun, by the same threshold as for an event.
    pub verdict: Verdict,
}

/// A party in an exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Participant {
    /// Who.
    pub party: PartyId,
    /// Events by which it is the likeliest.
    pub events: u32,
    /// The first of them.
    pub first_event: FindingId,
    /// When that was.
    pub first: Observed,
}
