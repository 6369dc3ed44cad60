//! Observations to events, attributions and assessments: pure functions.
//!
//! No clock, no disk, no network: the same observations give the same judgement, in whatever order
//! they came. No party's name occurs: swap the parties in the theatre and in the observations and
//! the findings are the same with the parties swapped. The model, its sources and where it breaks
//! are on the page `docs/engine.md`.

mod again;
mod associate;
mod attribute;
mod battery;
mod blame;
mod calibrate;
mod calibration;
mod chunk;
mod classify;
mod compliance;
mod coverage;
pub mod detection;
mod doubt;
mod equations;
mod exchange;
mod explain;
mod field;
mod findings;
mod fires;
mod grow;
mod guns;
mod joint;
mod judge;
mod kept;
mod link;
mod live;
mod locate;
mod memo;
mod merge;
mod news;
mod normal;
mod observers;
mod pair;
mod picture;
mod plane;
mod prepare;
mod reports;
mod say;
mod scatter;
mod series;
mod signature;
mod sound;
mod telling;
mod terrain;
mod walkers;
mod watching;
mod workers;

pub use calibrate::SensorState;
pub use compliance::compliance;
pub use coverage::{
    BIN_S, CoverageState, Hour, Stretch, WATCHED_P, Watched, coverage, covered, is_camera, reach_s,
};
pub use detection::Watch;
pub use findings::findings;
pub use live::{Live, Pushed, Revision, Window};
pub use observers::ObserverState;
pub use picture::{
    APART_S, BOUND_M, Change, ClockPair, Footprint, Ground, KEPT_EVERY_S, KEPT_S, LATENESS_S, Leap,
    Picture, PictureState, Stop, TRACK_GAP_S, Track, TrackPoint, picture,
};
pub use prepare::Unused;
pub use say::{Language, Messages, kind_word, say};
pub use terrain::sight;

use serde::Serialize;
use truceline_agreement::Theatre;
use truceline_agreement::document::Procedures;
use truceline_domain::{Event, Exchange, Observation};

use crate::memo::{Memo, Pace};
use crate::workers::Workers;

/// The engine's name and version, as findings carry it. The version rises when the same observations
/// may give another judgement.
pub const ENGINE: &str = "truceline-engine/7";

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
    /// Exchanges of fire among them, and who began.
    pub exchanges: Vec<Exchange>,
    /// What was estimated of each sensor, in the theatre's order.
    pub sensors: Vec<SensorState>,
    /// What was learnt of those who report and blame, in order of names.
    pub observers: Vec<ObserverState>,
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
    judge_with(theatre, observations, parameters, Workers::of_machine())
}

/// [`judge()`] on so many threads. The judgement is the same on any number.
#[must_use]
pub fn judge_on(
    theatre: &Theatre,
    observations: &[Observation],
    parameters: &Parameters,
    threads: usize,
) -> Judgement {
    judge_with(theatre, observations, parameters, Workers::of(threads))
}

fn judge_with(
    theatre: &Theatre,
    observations: &[Observation],
    parameters: &Parameters,
    workers: Workers,
) -> Judgement {
    let mut memo = Memo::for_one(workers);
    let observations: Vec<&Observation> = observations.iter().collect();
    judge::judge(theatre, &observations, parameters, &mut memo, Pace::Whole)
}
