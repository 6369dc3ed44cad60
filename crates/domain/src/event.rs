//! What happened, and who is likely to have done it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::observation::Positive;
use crate::probability::NONE;
use crate::{
    CovarianceM2, Explanation, FindingId, ObservationId, Observed, PartyId, Position, Probabilities,
};

/// What happened.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A shot or burst of rifles or light machine guns.
    SmallArms,
    /// A burst of a heavy machine gun.
    Hmg,
    /// A mortar round.
    Mortar,
    /// A round of a howitzer, gun or tank.
    Artillery,
    /// A ripple of rockets.
    Mlrs,
    /// A strike by an unmanned aircraft; its place is the place struck.
    DroneStrike,
    /// A demolition on the ground.
    Demolition,
    /// Blasting in a quarry.
    BlastQuarry,
    /// Thunder.
    Thunder,
    /// A fire without shots.
    Fire,
    /// People or vehicles moving where that matters.
    Movement,
    /// An aircraft over an area.
    Overflight,
    /// Works on fortifications.
    Works,
    /// People or vehicles across the line.
    Incursion,
    /// Something happened; what, is not known.
    Unknown,
}

/// Coarse classes of events, for clauses.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventClass {
    /// Use of a weapon.
    Firing,
    /// An explosion on the ground that is no shot.
    Blast,
    /// Nature, or a fire.
    Natural,
    /// Movement, overflight, works, incursion.
    Activity,
    /// Not known.
    Unknown,
}

impl EventKind {
    /// All kinds, in order.
    pub const ALL: [Self; 15] = [
        Self::SmallArms,
        Self::Hmg,
        Self::Mortar,
        Self::Artillery,
        Self::Mlrs,
        Self::DroneStrike,
        Self::Demolition,
        Self::BlastQuarry,
        Self::Thunder,
        Self::Fire,
        Self::Movement,
        Self::Overflight,
        Self::Works,
        Self::Incursion,
        Self::Unknown,
    ];

    /// Its class.
    #[must_use]
    pub const fn class(self) -> EventClass {
        match self {
            Self::SmallArms
            | Self::Hmg
            | Self::Mortar
            | Self::Artillery
            | Self::Mlrs
            | Self::DroneStrike => EventClass::Firing,
            Self::Demolition | Self::BlastQuarry => EventClass::Blast,
            Self::Thunder | Self::Fire => EventClass::Natural,
            Self::Movement | Self::Overflight | Self::Works | Self::Incursion => {
                EventClass::Activity
            }
            Self::Unknown => EventClass::Unknown,
        }
    }

    /// The word in JSON, clauses and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SmallArms => "small_arms",
            Self::Hmg => "hmg",
            Self::Mortar => "mortar",
            Self::Artillery => "artillery",
            Self::Mlrs => "mlrs",
            Self::DroneStrike => "drone_strike",
            Self::Demolition => "demolition",
            Self::BlastQuarry => "blast_quarry",
            Self::Thunder => "thunder",
            Self::Fire => "fire",
            Self::Movement => "movement",
            Self::Overflight => "overflight",
            Self::Works => "works",
            Self::Incursion => "incursion",
            Self::Unknown => "unknown",
        }
    }
}

impl EventClass {
    /// The word in JSON and clauses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Blast => "blast",
            Self::Natural => "natural",
            Self::Activity => "activity",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whom the engine names.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Verdict {
    /// This party, with a probability above the procedures' threshold.
    Party(PartyId),
    /// Nobody violated anything.
    None,
    /// The evidence does not carry a name.
    Undetermined,
}

impl From<String> for Verdict {
    fn from(word: String) -> Self {
        match word.as_str() {
            NONE => Self::None,
            _ => PartyId::new(word).map_or(Self::Undetermined, |party| {
                if party.as_str() == "undetermined" {
                    Self::Undetermined
                } else {
                    Self::Party(party)
                }
            }),
        }
    }
}

impl From<Verdict> for String {
    fn from(v: Verdict) -> Self {
        v.to_string()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Party(party) => party.as_str(),
            Self::None => NONE,
            Self::Undetermined => "undetermined",
        })
    }
}

/// Probabilities over the parties and `none`, and whom they let the engine name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// Who violated, if anyone.
    pub p: Probabilities,
    /// Whom the engine names.
    pub verdict: Verdict,
}

/// Where a round came down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// How sure, m².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cov_m2: Option<CovarianceM2>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Observed>,
}

/// Something that happened: located, with covariance, attributed, explained. One event is one round
/// (or burst, or ripple); its time and place are those of firing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Made from the observations it rests on, so that the same evidence gives the same name.
    pub id: FindingId,
    /// When, corrected for sound and clocks.
    pub time: Observed,
    /// One standard deviation of `time`, seconds.
    pub time_sd_s: Positive,
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// How sure, m².
    pub cov_m2: CovarianceM2,
    /// What.
    pub kind: EventKind,
    /// Where its round came down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// Who.
    #[serde(flatten)]
    pub attribution: Attribution,
    /// The observations it rests on, in order of their ids.
    pub evidence: Vec<ObservationId>,
    /// What made the judgement.
    #[serde(default)]
    pub explanation: Explanation,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_json_are_the_words_in_text() {
        for kind in EventKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(
                serde_json::to_value(kind.class()).unwrap(),
                kind.class().as_str()
            );
        }
    }

    #[test]
    fn a_verdict_is_one_word() {
        for word in ["none", "undetermined", "north"] {
            let v: Verdict = serde_json::from_value(word.into()).unwrap();
            assert_eq!(serde_json::to_value(&v).unwrap(), word);
        }
    }
}
