//! What sources state: one decoded observation of one source.
//!
//! JSON is one flat object with `kind`, so that a line of NDJSON can be read by people and by any
//! tool: `{"kind":"flash","id":"o1","source":"F03","observed":"…","bearing_deg":50.4,…}`.

mod ground;
mod platform;
mod sensor;

pub use ground::{
    CountKind, Direction, Means, Notice, Phenomenon, Report, Thermal, Video, VideoLabel, Weapon,
};
pub use platform::{
    Checksum, CotEvent, CotSensor, FmvCarriage, FmvMetadata, MavlinkAttitude, MavlinkCamera,
    MavlinkGimbal, MavlinkPosition,
};
pub use sensor::{Acoustic, AcousticClass, Bearing, Flash, Seismic, SeismicArrival, Weather};
pub use sensor::{Finite, NonNegative, Positive};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ObservationId, Observed, Position, Received, Sha256, SourceId};

/// One decoded statement of one source: when observed, when received, where, what, how precise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// Its name; a second delivery under the same name is the same observation.
    pub id: ObservationId,
    /// What observed it.
    pub source: SourceId,
    /// When, by the source's clock. `None` when the source told no time that can be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// When it reached the centre. `None` until it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Received>,
    /// What.
    #[serde(flatten)]
    pub body: Body,
}

impl Observation {
    /// A name for an observation whose source gives none: the source and the first 96 bits of the
    /// SHA-256 over `parts`. The same bytes of the same source give the same name.
    ///
    /// # Errors
    /// Refused when the source's name leaves no room for the digest.
    pub fn id_from_content(
        source: &SourceId,
        parts: &[&[u8]],
    ) -> Result<ObservationId, crate::Refused> {
        let mut bytes = Vec::new();
        for part in parts {
            // The length before each part keeps ("ab", "c") and ("a", "bc") apart.
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        ObservationId::new(format!("{source}/{}", Sha256::of(&bytes).short(24)))
    }
}

/// What was observed, by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[allow(clippy::large_enum_variant)] // Most observations of a night are of the larger kinds.
pub enum Body {
    /// A sound's onset at an array.
    #[serde(rename = "acoustic")]
    Acoustic(Acoustic),
    /// A flash of light at an optical sensor.
    #[serde(rename = "flash")]
    Flash(Flash),
    /// A ground shock.
    #[serde(rename = "seismic")]
    Seismic(Seismic),
    /// A thermal hotspot of a satellite.
    #[serde(rename = "thermal")]
    Thermal(Thermal),
    /// A detection in video, placed on the ground.
    #[serde(rename = "video")]
    Video(Video),
    /// What people of a post or patrol reported.
    #[serde(rename = "report")]
    Report(Report),
    /// Weather at a station.
    #[serde(rename = "weather")]
    Weather(Weather),
    /// An announced demolition or other agreed activity.
    #[serde(rename = "notice")]
    Notice(Notice),
    /// One metadata packet of a motion-imagery stream (MISB ST 0601).
    #[serde(rename = "fmv.metadata")]
    FmvMetadata(FmvMetadata),
    /// A vehicle's position (MAVLink and its logs).
    #[serde(rename = "mavlink.position")]
    MavlinkPosition(MavlinkPosition),
    /// A vehicle's attitude.
    #[serde(rename = "mavlink.attitude")]
    MavlinkAttitude(MavlinkAttitude),
    /// A gimbal's attitude.
    #[serde(rename = "mavlink.gimbal")]
    MavlinkGimbal(MavlinkGimbal),
    /// A camera's field of view.
    #[serde(rename = "mavlink.camera")]
    MavlinkCamera(MavlinkCamera),
    /// A Cursor on Target event.
    #[serde(rename = "cot.event")]
    CotEvent(CotEvent),
}

impl Body {
    /// The word under `kind` in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Acoustic(_) => "acoustic",
            Self::Flash(_) => "flash",
            Self::Seismic(_) => "seismic",
            Self::Thermal(_) => "thermal",
            Self::Video(_) => "video",
            Self::Report(_) => "report",
            Self::Weather(_) => "weather",
            Self::Notice(_) => "notice",
            Self::FmvMetadata(_) => "fmv.metadata",
            Self::MavlinkPosition(_) => "mavlink.position",
            Self::MavlinkAttitude(_) => "mavlink.attitude",
            Self::MavlinkGimbal(_) => "mavlink.gimbal",
            Self::MavlinkCamera(_) => "mavlink.camera",
            Self::CotEvent(_) => "cot.event",
        }
    }

    /// The place the statement is about, or from; `None` when it has none of its own (a bearing
    /// becomes a place only with the sensor's).
    #[must_use]
    pub fn place(&self) -> Option<Position> {
        match self {
            Self::Thermal(t) => Some(t.position),
            Self::Video(v) => Some(v.position),
            Self::Notice(n) => Some(n.position),
            Self::MavlinkPosition(m) => Some(m.position),
            Self::CotEvent(c) => Some(c.position),
            Self::Report(r) => r.place,
            Self::MavlinkCamera(c) => c.camera,
            Self::FmvMetadata(f) => f.sensor_position(),
            Self::Acoustic(_)
            | Self::Flash(_)
            | Self::Seismic(_)
            | Self::Weather(_)
            | Self::MavlinkAttitude(_)
            | Self::MavlinkGimbal(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
