//! How likely a source is to notice a thing that happens: by kind of source, kind of thing, range,
//! wind along the path, daylight, line of sight and resolution.
//!
//! Each model is a page of its own: [`acoustic`], [`flash`], [`post`], [`video`], [`satellite`].
//! All are pure, all give a probability from 0 to 1, and none grows with range. Where a figure was
//! measured, it was measured on the development scenarios of the project's scenario set, in which
//! the truth is known; where it is an assumption, its page says so. `docs/coverage.md` has the
//! tables.
//!
//! A probability here is that of *one* source noticing *one* event. Several sources are put together
//! by [`Looks`], which does not take for independent what is not: a quiet shot is quiet for all.
//!
//! ```
//! use truceline_domain::EventKind;
//! use truceline_engine::detection::{Conditions, Looks, acoustic, post};
//!
//! let near = Conditions { range_m: 2_000.0, ..Conditions::default() };
//! let far = Conditions { range_m: 9_000.0, ..near };
//! assert!(acoustic::probability(EventKind::SmallArms, &near) > 0.8);
//! assert!(acoustic::probability(EventKind::SmallArms, &far) < 0.1);
//! // Artillery is heard where a rifle is not.
//! assert!(acoustic::probability(EventKind::Artillery, &far) > 0.8);
//!
//! let mut looks = Looks::default();
//! looks.sound(acoustic::margin_db(EventKind::SmallArms, &near));
//! looks.other(post::probability(EventKind::SmallArms, &near));
//! assert!(looks.p_seen() > acoustic::probability(EventKind::SmallArms, &near));
//! ```

pub mod acoustic;
pub mod flash;
mod looks;
pub mod post;
pub mod satellite;
pub mod sun;
pub mod video;

pub use looks::Looks;

use serde::Serialize;
use truceline_domain::EventKind;

/// Which kind of source watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// Arrays that hear.
    Acoustic,
    /// Sensors that see flashes.
    Flash,
    /// Cameras of aircraft.
    Uav,
    /// People at posts.
    Post,
}

impl Watch {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Acoustic, Self::Flash, Self::Uav, Self::Post];

    /// The word in JSON and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acoustic => "acoustic",
            Self::Flash => "flash",
            Self::Uav => "uav",
            Self::Post => "post",
        }
    }
}

/// What coverage is computed for, the hardest to notice first: the weapons, and a vehicle moving.
pub const WATCHED_FOR: [EventKind; 7] = [
    EventKind::SmallArms,
    EventKind::Hmg,
    EventKind::Mortar,
    EventKind::Artillery,
    EventKind::Mlrs,
    EventKind::DroneStrike,
    EventKind::Movement,
];

/// How far behind the line of contact a thing usually happens, nearest and farthest, metres: the
/// scenario set's table «Physics», firing points behind the line. A drone strikes on the victim's
/// side, near the line (assumption: within 2 km); movement is asked for at the line itself.
#[must_use]
pub const fn behind_line_m(kind: EventKind) -> [f64; 2] {
    match kind {
        EventKind::SmallArms => [50.0, 800.0],
        EventKind::Hmg => [100.0, 1_500.0],
        EventKind::Mortar => [400.0, 4_000.0],
        EventKind::Artillery => [4_000.0, 11_000.0],
        EventKind::Mlrs => [6_000.0, 14_000.0],
        EventKind::DroneStrike => [0.0, 2_000.0],
        _ => [0.0, 0.0],
    }
}

/// What lies between a source and a thing at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// Between them, metres over ground.
    pub range_m: f64,
    /// Wind speed, m/s.
    pub wind_mps: f64,
    /// The wind's component from the thing to the source, m/s: positive carries sound there.
    pub wind_along_mps: f64,
    /// Share of daylight, 0 (night) to 1 (day), of [`sun::daylight`].
    pub daylight: f64,
    /// Probability that nothing stands between them: of a terrain's line of sight, 1 when there is
    /// no terrain to ask.
    pub line_of_sight: f64,
}

impl Default for Conditions {
    /// Beside it, in still air, by day, in sight.
    fn default() -> Self {
        Self {
            range_m: 0.0,
            wind_mps: 0.0,
            wind_along_mps: 0.0,
            daylight: 1.0,
            line_of_sight: 1.0,
        }
    }
}

/// A pair of figures, by day and by night, mixed through twilight.
#[derive(Debug, Clone, Copy)]
struct DayNight {
    day: f64,
    night: f64,
}

impl DayNight {
    fn at(self, daylight: f64) -> f64 {
        let share = daylight.clamp(0.0, 1.0);
        self.night + (self.day - self.night) * share
    }
}

/// Falls linearly from 1 beside the source to 0 at `reach_m`.
fn fading(range_m: f64, reach_m: f64) -> f64 {
    (1.0 - range_m.max(0.0) / reach_m).clamp(0.0, 1.0)
}
