//! Why: what each observation contributed to a judgement, what would change it, and what may be said
//! of it in words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventKind, ObservationId, PartyId, SourceId, Verdict};

/// What made a judgement, so that a person can follow and contest it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// What each piece contributed, strongest first.
    #[serde(default)]
    pub contributions: Vec<Contribution>,
    /// What the answer would have been without some of the evidence: for each source without which
    /// it would be another. Empty when no single source carries it.
    #[serde(default)]
    pub counterfactuals: Vec<Counterfactual>,
    /// What may be said, with its numbers; sentences in any language are made from these alone.
    #[serde(default)]
    pub statements: Vec<Statement>,
    /// The statements in English.
    #[serde(default)]
    pub sentences: Vec<String>,
}

impl Explanation {
    /// The piece that speaks loudest against the answer; `None` when nothing does.
    #[must_use]
    pub fn strongest_against(&self) -> Option<&Contribution> {
        let against = self.contributions.iter().filter(|c| c.log_odds < 0.0);
        against.reduce(|most, c| if c.log_odds < most.log_odds { c } else { most })
    }
}

/// One piece of a judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// The observation, or `None` for a prior or the theatre's geometry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<ObservationId>,
    /// What observed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// What it is.
    pub what: Piece,
    /// Log-odds (natural) in favour of the likeliest answer against all others; negative speaks
    /// against.
    pub log_odds: f64,
    /// How far the place would lie from where it is without this piece, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_m: Option<f64>,
    /// How far it is from what the event's time and place predict, in standard deviations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residual_sd: Option<f64>,
}

/// What a piece of a judgement is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The sound of the event at an array.
    Sound,
    /// A flash.
    Flash,
    /// A ground shock.
    Shock,
    /// Seen in video.
    Seen,
    /// A hotspot of a satellite.
    Hotspot,
    /// An arrival of the burst that ended the round.
    Burst,
    /// People or vehicles at the firing point: another side may have fired from there.
    Movers,
    /// A report of people that fits in time, direction and distance.
    Report,
    /// An announcement for this place and time.
    Notice,
    /// The firing point against line and held ground as drawn.
    Ground,
}

impl Piece {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::Sound,
        Self::Flash,
        Self::Shock,
        Self::Seen,
        Self::Hotspot,
        Self::Burst,
        Self::Movers,
        Self::Report,
        Self::Notice,
        Self::Ground,
    ];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Flash => "flash",
            Self::Shock => "shock",
            Self::Seen => "seen",
            Self::Hotspot => "hotspot",
            Self::Burst => "burst",
            Self::Movers => "movers",
            Self::Report => "report",
            Self::Notice => "notice",
            Self::Ground => "ground",
        }
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sound => "sound of the event",
            Self::Flash => "flash",
            Self::Shock => "ground shock",
            Self::Seen => "seen in video",
            Self::Hotspot => "satellite hotspot",
            Self::Burst => "burst of the round",
            Self::Movers => "people or vehicles seen at the firing point",
            Self::Report => "report that fits in time, direction and distance",
            Self::Notice => "announced at this place and time",
            Self::Ground => "firing point against line and held ground as drawn",
        })
    }
}

/// The answer as it would be without a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Counterfactual {
    /// The source left out.
    pub source: SourceId,
    /// Its observations that the event rests on, in order of their ids.
    pub without: Vec<ObservationId>,
    /// Whom the engine would then name.
    pub verdict: Verdict,
    /// The probability that the answer given with all evidence would then have.
    pub p: f64,
    /// How far off the place would then lie, metres. `None` when nothing would be located.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_m: Option<f64>,
}

/// Something that may be said of a judgement, with the numbers that carry it. JSON:
/// `{"says":"located","kind":"mortar","arrivals":9,…}`; `says` names the message that puts it into
/// words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Statement {
    /// How well it is located.
    Located {
        /// What it is taken for.
        kind: EventKind,
        /// Arrivals it is located from.
        arrivals: u32,
        /// At how many sensors.
        stations: u32,
        /// Largest standard deviation of its place, metres.
        sd_m: f64,
    },
    /// How sure its kind is.
    Kind {
        /// The likeliest kind.
        kind: EventKind,
        /// Its probability.
        p_kind: f64,
        /// The probability that a weapon was used at all.
        p_weapon: f64,
    },
    /// On whose ground it lies.
    Held {
        /// Distance from the line of contact, metres.
        line_m: f64,
        /// To what the line is known, metres (one standard deviation).
        line_sd_m: f64,
        /// Who holds the ground on the map.
        party: PartyId,
        /// The probability of that, over the uncertainty of place and map.
        p: f64,
    },
    /// It lies on ground that nobody holds on the map.
    NobodyHolds {
        /// Distance from the line of contact, metres.
        line_m: f64,
        /// To what the line is known, metres (one standard deviation).
        line_sd_m: f64,
    },
    /// A burst fits the flight of its round.
    Round {
        /// The weapon.
        kind: EventKind,
        /// Time of flight, seconds.
        flight_s: f64,
        /// Distance, kilometres.
        range_km: f64,
    },
    /// It was announced.
    Announced,
    /// People or vehicles were seen at the firing point.
    Moved {
        /// How many detections.
        count: u32,
        /// What they are worth for whom the answer names.
        log_odds: f64,
    },
    /// Reports fit, and are worth this much.
    Reported {
        /// How many.
        count: u32,
        /// What they are worth together for the answer.
        log_odds: f64,
    },
    /// Hotspots within one place and three hours.
    Burned {
        /// How many.
        count: u32,
    },
    /// A party is named.
    Named {
        /// Who.
        party: PartyId,
        /// Probability.
        p: f64,
    },
    /// Nobody violated anything.
    NoViolation {
        /// Probability.
        p: f64,
    },
    /// No answer is sure enough.
    Undetermined {
        /// The likeliest party.
        party: PartyId,
        /// Its probability.
        p: f64,
        /// What naming a party asks for.
        needed: f64,
    },
    /// The source that speaks loudest for the answer.
    For {
        /// Which.
        source: SourceId,
        /// Worth of all its observations.
        log_odds: f64,
    },
    /// The source that speaks loudest against the answer.
    Against {
        /// Which.
        source: SourceId,
        /// Worth of all its observations; negative.
        log_odds: f64,
    },
    /// Without a source the answer would be another.
    Without {
        /// Which.
        source: SourceId,
        /// What the answer would be.
        verdict: Verdict,
    },
    /// No single source's absence would change the answer.
    Firm,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_json_are_the_words_in_text() {
        for piece in Piece::ALL {
            assert_eq!(serde_json::to_value(piece).unwrap(), piece.as_str());
        }
    }

    #[test]
    fn a_statement_names_its_message_beside_its_numbers() {
        let said = Statement::Named {
            party: PartyId::new("north").unwrap(),
            p: 0.97,
        };
        let json = serde_json::json!({"says": "named", "party": "north", "p": 0.97});
        assert_eq!(serde_json::to_value(&said).unwrap(), json);
        assert_eq!(serde_json::from_value::<Statement>(json).unwrap(), said);
    }
}
