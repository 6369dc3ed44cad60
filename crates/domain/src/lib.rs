//! The words of the centre as types (architecture page, «Words»).
//!
//! This crate knows no clock, no disk and no network. Its types cannot hold a wrong value: text is
//! parsed at the border by [`std::str::FromStr`] or serde, and refused there with the value seen
//! and what was expected.
//!
//! JSON is the documented wire form; its schemas are generated into `docs/schema/`.

mod compliance;
mod event;
mod exchange;
mod explanation;
mod finding;
mod hash;
mod id;
mod observation;
mod place;
mod probability;
mod time;

pub use compliance::{Compliance, Kept};
pub use event::{Attribution, Event, EventClass, EventKind, Impact, Verdict};
pub use exchange::{Exchange, Participant};
pub use explanation::{Contribution, Counterfactual, Explanation, Piece, Statement};
pub use finding::{Assessment, ClauseKind, Finding, Holding};
pub use hash::Sha256;
pub use id::{
    ClauseId, EntryId, FeedId, FindingId, Id, ObservationId, PartyId, SourceId, TheatreId,
};
pub use observation::*;
pub use place::{CovarianceM2, Latitude, Longitude, Position};
pub use probability::{NONE, Probabilities, Probability};
pub use time::{Observed, Received, Recorded};

/// A value that was refused at the border: what it was to be, what was seen, what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {seen:?} is not {expected}")]
pub struct Refused {
    /// The word of the domain, e.g. `latitude`.
    pub what: &'static str,
    /// The value as it came, cut to 80 characters.
    pub seen: String,
    /// What would have been right.
    pub expected: &'static str,
}

impl Refused {
    pub(crate) fn new(
        what: &'static str,
        seen: impl std::fmt::Display,
        expected: &'static str,
    ) -> Self {
        Self {
            what,
            seen: seen.to_string().chars().take(80).collect(),
            expected,
        }
    }
}
