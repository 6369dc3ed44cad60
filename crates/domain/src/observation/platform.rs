//! Statements of platforms about themselves: drones, vehicles, people with a tracker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Bearing, Finite, NonNegative, Positive};
use crate::{Observed, Position};

/// One metadata packet of a motion-imagery stream. `observed` is its precision time stamp
/// (ST 0601 item 2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FmvMetadata {
    /// Presentation time stamp, 90 kHz, unwrapped over the 33-bit turn. `None` in asynchronous
    /// carriage without one.
    pub pts_90k: Option<u64>,
    /// Packet identifier of the metadata stream; 0 in a raw KLV file.
    pub pid: u16,
    /// Programme number; 0 in a raw KLV file.
    #[serde(default)]
    pub program: u16,
    /// How it was carried.
    pub carriage: FmvCarriage,
    /// Whether the packet's own sum (item 1) is right. A packet with a bad one is no evidence.
    pub checksum: Checksum,
    /// Byte offset in the feed of the transport packet (raw KLV: of the key) it began in.
    pub offset: u64,
    /// Items by their names in ST 0601, snake case, unit as suffix. An item that says «out of
    /// range» or «error» is null here and named in `special`.
    pub st0601: Map<String, Value>,
    /// Items with a code in place of a number: name to code.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub special: Map<String, Value>,
}

impl FmvMetadata {
    /// A number of the packet by its name; `None` when it is not there or says «out of range».
    #[must_use]
    pub fn number(&self, item: &str) -> Option<f64> {
        self.st0601.get(item).and_then(Value::as_f64)
    }

    /// Where the sensor was (items 13 and 14).
    #[must_use]
    pub fn sensor_position(&self) -> Option<Position> {
        let lat = self.number("sensor_latitude_deg")?;
        let lon = self.number("sensor_longitude_deg")?;
        Position::new(lat, lon).ok()
    }

    /// The corners of the frame on the ground as sent, upper left, upper right, lower right, lower left: full ones
    /// (items 82 to 89), else offsets (26 to 33) added to the frame's centre (23 and 24). All four or none; none of
    /// a packet with a wrong sum.
    #[must_use]
    pub fn corners(&self) -> Option<[Position; 4]> {
        if self.checksum == Checksum::Bad {
            return None;
        }
        let full =
            |[lat, lon, ..]: [&str; 4]| Position::new(self.number(lat)?, self.number(lon)?).ok();
        let offset = |[_, _, north, east]: [&str; 4]| {
            let lat = self.number("frame_center_latitude_deg")? + self.number(north)?;
            let lon = self.number("frame_center_longitude_deg")? + self.number(east)?;
            // The short way round at the antimeridian.
            Position::new(lat, (lon + 180.0).rem_euclid(360.0) - 180.0).ok()
        };
        let all = |corner: &dyn Fn([&'static str; 4]) -> Option<Position>| {
            let [a, b, c, d] = CORNER_ITEMS.map(corner);
            Some([a?, b?, c?, d?])
        };
        all(&full).or_else(|| all(&offset))
    }
}

/// Names of a corner's items: full latitude and longitude, and offsets.
const CORNER_ITEMS: [[&str; 4]; 4] = [
    [
        "corner_latitude_point_1_full_deg",
        "corner_longitude_point_1_full_deg",
        "offset_corner_latitude_point_1_deg",
        "offset_corner_longitude_point_1_deg",
    ],
    [
        "corner_latitude_point_2_full_deg",
        "corner_longitude_point_2_full_deg",
        "offset_corner_latitude_point_2_deg",
        "offset_corner_longitude_point_2_deg",
    ],
    [
        "corner_latitude_point_3_full_deg",
        "corner_longitude_point_3_full_deg",
        "offset_corner_latitude_point_3_deg",
        "offset_corner_longitude_point_3_deg",
    ],
    [
        "corner_latitude_point_4_full_deg",
        "corner_longitude_point_4_full_deg",
        "offset_corner_latitude_point_4_deg",
        "offset_corner_longitude_point_4_deg",
    ],
];

/// How metadata was carried (MISB ST 1402).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FmvCarriage {
    /// Stream type 0x15 with metadata access-unit cells.
    Sync,
    /// Stream type 0x06 with a KLVA registration.
    Async,
    /// A raw KLV file.
    Raw,
}

/// What a packet's own sum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Checksum {
    /// It fits.
    Ok,
    /// It does not fit.
    Bad,
    /// There is none.
    None,
}

/// A vehicle's position (`GLOBAL_POSITION_INT`, `GPS_RAW_INT` and the logs' like).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MavlinkPosition {
    /// MAVLink system id; 0 in logs that tell none.
    pub system: u8,
    /// The message it comes from.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// Height above mean sea level, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_msl_m: Option<Finite>,
    /// Height above the WGS 84 ellipsoid, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_hae_m: Option<Finite>,
    /// Height above the home position, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_above_home_m: Option<Finite>,
    /// Velocity north, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub velocity_north_mps: Option<Finite>,
    /// Velocity east, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub velocity_east_mps: Option<Finite>,
    /// Velocity down, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub velocity_down_mps: Option<Finite>,
    /// Heading of the vehicle's nose, true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<Bearing>,
    /// Horizontal accuracy as the receiver tells it, one standard deviation, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizontal_sd_m: Option<NonNegative>,
}

/// A vehicle's attitude, Tait-Bryan angles of the body in north-east-down, degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MavlinkAttitude {
    /// MAVLink system id; 0 in logs that tell none.
    pub system: u8,
    /// The message it comes from.
    pub message: String,
    /// Roll.
    pub roll_deg: Finite,
    /// Pitch, nose up.
    pub pitch_deg: Finite,
    /// Yaw, clockwise from north.
    pub yaw_deg: Finite,
}

/// A gimbal's attitude, degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MavlinkGimbal {
    /// MAVLink system id; 0 in logs that tell none.
    pub system: u8,
    /// The message it comes from.
    pub message: String,
    /// Roll.
    pub roll_deg: Finite,
    /// Pitch, up.
    pub pitch_deg: Finite,
    /// Yaw, clockwise.
    pub yaw_deg: Finite,
    /// Whether yaw counts from north (true) or from the vehicle's nose (false).
    pub yaw_from_north: bool,
}

/// A camera's field of view and where its axis meets the ground (`CAMERA_FOV_STATUS`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MavlinkCamera {
    /// MAVLink system id.
    pub system: u8,
    /// The message it comes from.
    pub message: String,
    /// Horizontal field of view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizontal_fov_deg: Option<Positive>,
    /// Vertical field of view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertical_fov_deg: Option<Positive>,
    /// The camera's own place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<Position>,
    /// Where the centre of the picture meets the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Position>,
}

/// A Cursor on Target event. `observed` is its `time`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CotEvent {
    /// Who or what it is about.
    pub uid: String,
    /// CoT type, e.g. `a-f-G-U-C`.
    pub r#type: String,
    /// How the point was come by, e.g. `m-g`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// Height above the ellipsoid, metres; `None` for the 9999999.0 that means unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hae_m: Option<Finite>,
    /// Circular error, metres; `None` for unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ce_m: Option<NonNegative>,
    /// Linear error, metres; `None` for unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub le_m: Option<NonNegative>,
    /// Valid from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Observed>,
    /// Valid until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Observed>,
    /// The name people call it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callsign: Option<String>,
    /// Course over ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_deg: Option<Bearing>,
    /// Speed over ground, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<NonNegative>,
    /// What its sensor looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor: Option<CotSensor>,
    /// Corners of a drawn shape or route, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<Position>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

/// The `<sensor>` detail of a CoT event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CotSensor {
    /// Azimuth of its axis, true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azimuth_deg: Option<Bearing>,
    /// Elevation of its axis, up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_deg: Option<Finite>,
    /// Horizontal field of view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fov_deg: Option<Positive>,
    /// Vertical field of view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertical_fov_deg: Option<Positive>,
    /// Reach, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_m: Option<NonNegative>,
}
