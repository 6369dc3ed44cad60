//! What is put before the officers.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClauseId, Event, FindingId, Observed, PartyId, Sha256, TheatreId};

/// What a clause is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClauseKind {
    /// No firing, no hostile act.
    Ceasefire,
    /// An area is left or handed over by a date.
    Withdrawal,
    /// A corridor is kept open, of a stated width.
    Corridor,
    /// A force does not exceed stated numbers.
    ForceCeiling,
    /// Nothing flies over an area.
    NoFly,
    /// No fortification works in an area.
    NoWorks,
    /// Observers observe, unhindered.
    Observation,
    /// How long something holds, how it renews and is denounced.
    Term,
    /// An institution is set up.
    Institution,
    /// Prisoners, bodies, displaced persons.
    Humanitarian,
    /// Routes are opened and guarded.
    Transport,
}

impl fmt::Display for ClauseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ceasefire => "ceasefire",
            Self::Withdrawal => "withdrawal",
            Self::Corridor => "corridor",
            Self::ForceCeiling => "force-ceiling",
            Self::NoFly => "no-fly",
            Self::NoWorks => "no-works",
            Self::Observation => "observation",
            Self::Term => "term",
            Self::Institution => "institution",
            Self::Humanitarian => "humanitarian",
            Self::Transport => "transport",
        })
    }
}

/// How an event, or a period, stands to a clause.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Holding {
    /// It violates the clause.
    Violates,
    /// It is covered by the clause and keeps it.
    Complies,
    /// It violates if the named party did it, which is not determined.
    Undetermined,
    /// The clause does not speak of it.
    NotApplicable,
    /// Nobody watched.
    NotObserved,
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Violates => "violates",
            Self::Complies => "complies",
            Self::Undetermined => "undetermined",
            Self::NotApplicable => "not applicable",
            Self::NotObserved => "not observed",
        })
    }
}

/// An event held against one clause, for one party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Which clause.
    pub clause: ClauseId,
    /// The agreement's version that was in force: SHA-256 of its text.
    pub agreement: Sha256,
    /// Whom it is about. `None` when no party can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// How it stands.
    pub holding: Holding,
    /// Why, in a sentence.
    pub reason: String,
}

/// An event with its assessments, as put before the officers. Its canonical bytes (RFC 8785) are
/// what both sending states sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The event's id, with a suffix when it supersedes an earlier finding.
    pub id: FindingId,
    /// Where.
    pub theatre: TheatreId,
    /// What happened and who.
    pub event: Event,
    /// Against the clauses in force at the event's time.
    pub assessments: Vec<Assessment>,
    /// The procedures in force: SHA-256 of their text. `None` when none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedures: Option<Sha256>,
    /// The geometry used: SHA-256 of the theatre's files.
    pub geometry: Sha256,
    /// The engine that judged, name and version.
    pub engine: String,
    /// The latest observation taken into account.
    pub observed_until: Observed,
    /// The finding this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<FindingId>,
}
