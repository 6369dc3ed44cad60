//! Observations to events, attributions and assessments: pure functions.
//!
//! No clock, no disk, no network: the same observations give the same judgement, in whatever order
//! they came. No party's name occurs: swap the parties in the theatre and in the observations and
//! the findings are the same with the parties swapped. The model, its sources and where it breaks
//! are on the page `docs/engine.md`.

mod associate;
mod attribute;
mod calibrate;
mod classify;
mod coverage;
mod explain;
mod findings;
mod fires;
mod grow;
mod judge;
mod link;
mod locate;
mod normal;
mod picture;
mod plane;
mod prepare;
mod signature;
mod sound;

pub use calibrate::SensorState;
pub use coverage::{Stretch, Watch, coverage};
pub use findings::findings;
pub use picture::{Footprint, Picture, TRACK_GAP_S, Track, TrackPoint, picture};
pub use prepare::Unused;

use serde::Serialize;
use truceline_agreement::Theatre;
use truceline_agreement::document::Procedures;
use truceline_domain::{Event, Observation};

/// The engine's name and version, as findings carry it.
pub const ENGINE: &str = concat!("truceline-engine/", env!("CARGO_PKG_VERSION"));

/// What a judgement is asked to keep to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// A party is named only from a probability of one less this on: the share of accusations that
    /// the centre's procedures allow to be wrong.
    pub max_wrong_accusation: f64,
}

impl Parameters {
    /// As the procedures in force set them.
    #[must_use]
    pub fn of(procedures: &Procedures) -> Self {
        Self {
            max_wrong_accusation: procedures.max_wrong_accusation.get(),
        }
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            max_wrong_accusation: 0.05,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Judgement {
    /// Events in order of time.
    pub events: Vec<Event>,
    /// What was estimated of each sensor, in the theatre's order.
    pub sensors: Vec<SensorState>,
    /// What was not taken as evidence, counted.
    pub unused: Unused,
}

/// Judges a theatre's observations.
#[must_use]
pub fn judge(
    theatre: &Theatre,
    observations: &[Observation],
    parameters: &Parameters,
) -> Judgement {
    judge::judge(theatre, observations, parameters)
}
