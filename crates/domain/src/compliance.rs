//! How a party kept a clause on a stretch of the line over a period.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClauseId, FindingId, Observed, PartyId, Position, Probability, Sha256};

/// Whether a clause was kept.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// At least one event violates it, and the party is named.
    Violated,
    /// Something happened that would violate it had this party done it, which is not determined.
    Undetermined,
    /// No violation was found, and enough was watched to say so.
    Complied,
    /// Too little was watched to say anything.
    NotObserved,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Violated => "violated",
            Self::Undetermined => "undetermined",
            Self::Complied => "complied",
            Self::NotObserved => "not observed",
        })
    }
}

/// One party, one clause, one stretch of the line (or one area), one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compliance {
    /// Who is bound.
    pub party: PartyId,
    /// By which clause.
    pub clause: ClauseId,
    /// The agreement's version in force: SHA-256 of its text.
    pub agreement: Sha256,
    /// The line's id, when it has one. `None` too for what happened far from any line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The line's place among the theatre's lines, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_number: Option<u32>,
    /// Where along the line the stretch begins and ends, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub along_m: Option<[f64; 2]>,
    /// The stretch's middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle: Option<Position>,
    /// The period, within that asked for, in which the clause bound the party and the line stood.
    pub from: Observed,
    /// See `from`.
    pub until: Observed,
    /// Whether it was kept.
    pub kept: Kept,
    /// Events that violate the clause (violated), or would if this party did them (undetermined), in
    /// order of time.
    #[serde(default)]
    pub findings: Vec<FindingId>,
    /// Share of stretch × period that sources of the clause's kinds watched.
    pub watched: Probability,
    /// Longest time in which some part of it was unwatched, seconds.
    pub longest_gap_s: f64,
    /// The chance that one violation of the weapon hardest to notice, anywhere on the stretch at any
    /// time of the period, would have gone unnoticed. `None` where no detection model speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_missed: Option<Probability>,
    /// Why, in a sentence.
    pub reason: String,
}
