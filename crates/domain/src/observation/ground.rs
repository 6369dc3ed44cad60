//! Statements about a place on the ground: hotspots, detections, people's reports, notices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bearing, NonNegative, Positive};
use crate::{CovarianceM2, Observed, PartyId, Position, Probability};

/// A thermal hotspot; `observed` is the satellite's pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Thermal {
    /// Centre of the pixel.
    #[serde(flatten)]
    pub position: Position,
    /// One standard deviation along each axis, metres.
    pub sd_m: Positive,
    /// Fire radiative power, megawatts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frp_mw: Option<NonNegative>,
    /// The satellite, as the product names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satellite: Option<String>,
    /// `VIIRS` or `MODIS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// Confidence, 0 to 1: MODIS percentages divided by 100; VIIRS words as
    /// low 0.2, nominal 0.6, high 0.9 (our reading of an ordinal scale).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_p: Option<Probability>,
    /// Confidence as the product wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
    /// Brightness temperature of the fire channel (MODIS 21/22, VIIRS I-4), kelvin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness_k: Option<Positive>,
    /// Brightness temperature of the background channel (MODIS 31, VIIRS I-5), kelvin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness_background_k: Option<Positive>,
    /// Pixel size along the scan, kilometres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan_km: Option<Positive>,
    /// Pixel size along the track, kilometres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_km: Option<Positive>,
    /// `D` by day, `N` by night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_night: Option<String>,
    /// The product's own type of source (0 vegetation, 1 volcano, 2 other static land, 3 offshore).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_code: Option<u8>,
    /// The product's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A detection in video, placed on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Video {
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// Radius that holds 90 % of the error, metres (CE90).
    pub ce90_m: Positive,
    /// The error's covariance, where it is known: seen from the side, a place is less certain along
    /// the line of sight than across it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cov_m2: Option<CovarianceM2>,
    /// What it is taken for.
    pub label: VideoLabel,
    /// The detector's score.
    pub score: Probability,
    /// The target's number in the stream (MISB ST 0903), when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<u64>,
}

/// What a detection is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VideoLabel {
    /// A gun firing.
    MuzzleFlash,
    /// A burst on the ground.
    Impact,
    /// Smoke; seen 5 to 60 seconds after its cause.
    Smoke,
    /// A vehicle.
    Vehicle,
    /// A person.
    Person,
    /// A moving target that the detector does not name.
    Unknown,
}

/// What people of a post or patrol reported: one row of a table of ceasefire violations. One report
/// may cover a whole series; its time is good to a minute, its place is coarse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// From the observer to the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearing_deg: Option<Bearing>,
    /// Half the width of the sector the bearing stands for (5 to 22.5 degrees), when the form tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearing_half_width_deg: Option<Positive>,
    /// From the observer to the event, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<NonNegative>,
    /// The nearer end when a range was given, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_min_m: Option<NonNegative>,
    /// The farther end when a range was given, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_max_m: Option<NonNegative>,
    /// Where the event was, when the observers gave a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Position>,
    /// Where the observers stood, when the report says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observer: Option<Position>,
    /// Where the observers stood, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observer_place: Option<String>,
    /// How many. `None` is «not known» or uncounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What `count` means.
    #[serde(default, skip_serializing_if = "CountKind::is_exact")]
    pub count_kind: CountKind,
    /// Heard, seen, by camera, by unmanned aircraft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<Means>,
    /// Explosion, burst, shot and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phenomenon: Option<Phenomenon>,
    /// With what.
    #[serde(default)]
    pub weapon: Weapon,
    /// The weapon as written, e.g. `mortar 120mm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weapon_text: Option<String>,
    /// Relative to the observer's side.
    #[serde(default)]
    pub direction: Direction,
    /// Direction of flight, from, degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight_from_deg: Option<Bearing>,
    /// Direction of flight, to, degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight_to_deg: Option<Bearing>,
    /// Whom the observers blame.
    #[serde(default)]
    pub attributed: Option<PartyId>,
    /// The end of the time the report covers, when it gives a span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_until: Option<Observed>,
    /// The observers' words.
    #[serde(default)]
    pub text: String,
    /// Files that came with it: their SHA-256, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<crate::Sha256>,
}

impl Report {
    /// Whether it says nothing but that its post was manned from when until when: a span, and no event.
    #[must_use]
    pub fn is_of_a_shift(&self) -> bool {
        let of_an_event = self.phenomenon.is_some()
            || self.count.is_some()
            || self.bearing_deg.is_some()
            || self.distance_m.is_some()
            || self.place.is_some()
            || self.means.is_some()
            || self.weapon != Weapon::Unknown;
        self.observed_until.is_some() && !of_an_event
    }
}

/// How a count was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountKind {
    /// Counted.
    #[default]
    Exact,
    /// About so many.
    About,
    /// So many or more.
    AtLeast,
    /// A total that contains other rows.
    Total,
    /// Not counted.
    Uncounted,
}

impl CountKind {
    #[allow(clippy::trivially_copy_pass_by_ref)] // The form serde asks for.
    fn is_exact(&self) -> bool {
        *self == Self::Exact
    }
}

/// How it was perceived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// By ear.
    Heard,
    /// By eye.
    Saw,
    /// By a camera.
    Camera,
    /// By an unmanned aircraft.
    Uav,
}

/// What was perceived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phenomenon {
    /// An explosion.
    Explosion,
    /// A burst of fire.
    Burst,
    /// A single shot.
    Shot,
    /// A projectile in flight.
    Projectile,
    /// A muzzle flash.
    MuzzleFlash,
    /// A tracer round.
    Tracer,
    /// A flare.
    Flare,
    /// Something else, told in the text.
    Other,
}

/// A weapon class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weapon {
    /// Rifles and light machine guns.
    SmallArms,
    /// Heavy machine gun.
    Hmg,
    /// Automatic grenade launcher.
    Agl,
    /// Cannon of an infantry fighting vehicle, anti-aircraft cannon.
    Cannon,
    /// Mortar.
    Mortar,
    /// Howitzer or gun.
    Artillery,
    /// Tank gun.
    Tank,
    /// Multiple-launch rocket system.
    Mlrs,
    /// Anti-tank guided missile, recoilless gun.
    AntiTank,
    /// Unmanned aircraft.
    Drone,
    /// Not known (N/K).
    #[default]
    Unknown,
}

/// Direction of fire relative to the observer's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Leaving.
    Outgoing,
    /// Arriving.
    Incoming,
    /// An impact was seen.
    Impact,
    /// Burst in the air.
    Airburst,
    /// Not determined.
    #[default]
    Unknown,
}

/// An announced demolition or other agreed activity. May arrive late.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// From and until.
    pub window: [Observed; 2],
    /// Centre of the announced place.
    #[serde(flatten)]
    pub position: Position,
    /// Radius of the announced place, metres.
    pub radius_m: Positive,
    /// Who announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
