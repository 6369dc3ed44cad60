//! The features of a theatre.

use std::collections::BTreeMap;
use std::fmt;

use geo::{LineString, MultiPolygon};
use truceline_domain::{PartyId, Position, SourceId};

use crate::when::Validity;

/// How well a place is known, as a word. Each stands for one standard deviation in metres, where the
/// feature gives no `accuracy_m` of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// Surveyed: 5 m.
    Survey,
    /// The named place's centre (a gazetteer): 500 m, the middle of 0.1 to 1 km.
    Place,
    /// A map of about 1:10 million: 1,000 m, the middle of 0.5 to 2 km.
    SmallScale,
    /// Drawn by hand beside named places: 3,000 m, the middle of 2 to 5 km.
    Sketch,
}

impl Accuracy {
    /// All, with their words.
    pub const ALL: [(&'static str, Self); 4] = [
        ("survey", Self::Survey),
        ("place", Self::Place),
        ("small_scale", Self::SmallScale),
        ("sketch", Self::Sketch),
    ];

    /// One standard deviation, metres.
    #[must_use]
    pub const fn sd_m(self) -> f64 {
        match self {
            Self::Survey => 5.0,
            Self::Place => 500.0,
            Self::SmallScale => 1000.0,
            Self::Sketch => 3000.0,
        }
    }
}

/// A stretch of the line of contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactLine {
    /// Its id, when it has one.
    pub id: Option<String>,
    /// Its course, degrees (x longitude, y latitude).
    pub path: LineString<f64>,
    /// One standard deviation of its course across itself, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it ran so.
    pub valid: Validity,
}

/// Ground held by a party.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Who holds it.
    pub party: PartyId,
    /// The ground, degrees.
    pub shape: MultiPolygon<f64>,
    /// One standard deviation of its edge, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it was held.
    pub valid: Validity,
}

/// Who runs a sensor or mans a post.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// The mission: neutral.
    Mission,
    /// One of the parties.
    Party(PartyId),
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mission => "mission",
            Self::Party(party) => party.as_str(),
        })
    }
}

/// What a sensor observes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SensorKind {
    /// Sound.
    Acoustic,
    /// Flashes of light.
    Flash,
    /// Ground shocks.
    Seismic,
    /// Video.
    Video,
    /// Weather.
    Weather,
}

impl SensorKind {
    /// All, with their words.
    pub const ALL: [(&'static str, Self); 5] = [
        ("acoustic", Self::Acoustic),
        ("flash", Self::Flash),
        ("seismic", Self::Seismic),
        ("video", Self::Video),
        ("weather", Self::Weather),
    ];
}

/// A sensor at one place. `id` may occur again with another place and another time.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    /// The source as its observations name it.
    pub id: SourceId,
    /// Who runs it.
    pub operator: Operator,
    /// What it observes, in order, each once.
    pub kinds: Vec<SensorKind>,
    /// Where it stands.
    pub position: Position,
    /// One standard deviation of its clock against UTC, seconds.
    pub clock_sd_s: Option<f64>,
    /// One standard deviation of its bearings, degrees.
    pub bearing_sd_deg: Option<f64>,
    /// How far it would see or hear what it is for, metres, when documented.
    pub range_m: Option<f64>,
    /// One standard deviation of its position, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it stood there.
    pub valid: Validity,
}

/// An observation post at one place; people's reports come from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The source as its reports name it.
    pub id: SourceId,
    /// Who mans it.
    pub operator: Operator,
    /// Where it stands.
    pub position: Position,
    /// One standard deviation of its position, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it stood there.
    pub valid: Validity,
}

/// A place where harmless things happen that look like violations: a quarry.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its id, when it has one.
    pub id: Option<String>,
    /// What it is, e.g. `quarry`.
    pub what: String,
    /// Where.
    pub position: Position,
    /// One standard deviation of its position, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it worked.
    pub valid: Validity,
}

/// A place that has a name: what people tell distances and directions from.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPlace {
    /// The name where a language has none of its own.
    pub name: String,
    /// The name in a language, by its code (ISO 639-1).
    pub names: BTreeMap<String, String>,
    /// Its middle.
    pub position: Position,
    /// One standard deviation of its position, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it was called so.
    pub valid: Validity,
}

/// What an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AreaKind {
    /// A district, a zone, the area of interest, premises.
    Area,
    /// A strip along a route.
    Corridor,
    /// Ground that a patrol of the mission keeps to.
    Sector,
}

/// An area that documents name.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// The name that documents use.
    pub id: String,
    /// The name that people use.
    pub name: String,
    /// Area, corridor or sector.
    pub kind: AreaKind,
    /// The ground, degrees.
    pub shape: MultiPolygon<f64>,
    /// A corridor's width as agreed, metres.
    pub width_m: Option<f64>,
    /// One standard deviation of its edge, metres; zero when it is exact.
    pub accuracy_m: f64,
    /// When it was so.
    pub valid: Validity,
}
