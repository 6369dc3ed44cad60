//! What MAVLink messages state, apart from how their frames came.
//!
//! Definitions: <https://mavlink.io/en/messages/ardupilotmega.html>. A value that a definition
//! calls unknown or invalid (`INT32_MAX`, 65535, NaN, no fix) is not a number here.

#[allow(deprecated)] // Superseded messages are still what vehicles in service send.
mod aim;
mod position;

use mavlink::MessageData;
use mavlink::dialects::ardupilotmega as dialect;
use truceline_domain::{Body, Refused};

use super::frame::Frame;
use super::vehicle::OwnTime;
use crate::FaultKind;

/// What one message states.
#[derive(Debug)]
pub(super) struct Stated {
    /// The clock it carries.
    pub(super) time: OwnTime,
    /// What it says; nothing when it says that it knows nothing, or is of no use here.
    pub(super) bodies: Vec<Body>,
    /// `SYSTEM_TIME`: microseconds since 1970 (zero: unknown), milliseconds since boot.
    pub(super) system_time: Option<(u64, u32)>,
}

impl Stated {
    fn at(time: OwnTime, body: Option<Body>) -> Self {
        Self {
            time,
            bodies: body.into_iter().collect(),
            system_time: None,
        }
    }
}

/// Why a message's values were not believed.
#[derive(Debug)]
pub(super) struct Absurd(pub(super) String);

impl From<Refused> for Absurd {
    fn from(e: Refused) -> Self {
        Self(e.to_string())
    }
}
impl From<String> for Absurd {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

/// Who a message is from and what it is called: the fields all statements share.
#[derive(Debug, Clone, Copy)]
struct Origin {
    system: u8,
    message: &'static str,
}

/// Reads a frame whose sum fitted.
///
/// # Errors
/// The class of fault and the reason, when the payload is not of the message's form or says what
/// cannot be.
#[allow(deprecated)] // See `aim`.
pub(super) fn read(frame: &Frame<'_>) -> Result<Stated, (FaultKind, String)> {
    match frame.message_id {
        dialect::SYSTEM_TIME_DATA::ID => {
            let m: dialect::SYSTEM_TIME_DATA = payload(frame)?;
            let mut stated = Stated::at(OwnTime::from_boot_ms(m.time_boot_ms), None);
            stated.system_time = Some((m.time_unix_usec, m.time_boot_ms));
            Ok(stated)
        }
        dialect::GLOBAL_POSITION_INT_DATA::ID => state(frame, position::global_position_int),
        dialect::GPS_RAW_INT_DATA::ID => state(frame, position::gps_raw_int),
        dialect::GPS2_RAW_DATA::ID => state(frame, position::gps2_raw),
        dialect::HIGH_LATENCY2_DATA::ID => state(frame, position::high_latency2),
        dialect::ATTITUDE_DATA::ID => state(frame, aim::attitude),
        dialect::ATTITUDE_QUATERNION_DATA::ID => state(frame, aim::attitude_quaternion),
        dialect::GIMBAL_DEVICE_ATTITUDE_STATUS_DATA::ID => {
            state(frame, aim::gimbal_device_attitude_status)
        }
        dialect::MOUNT_STATUS_DATA::ID => state(frame, aim::mount_status),
        dialect::MOUNT_ORIENTATION_DATA::ID => state(frame, aim::mount_orientation),
        dialect::CAMERA_FOV_STATUS_DATA::ID => state(frame, aim::camera_fov_status),
        dialect::CAMERA_INFORMATION_DATA::ID => state(frame, aim::camera_information),
        _ => Ok(Stated::at(OwnTime::None, None)),
    }
}

fn state<M: MessageData>(
    frame: &Frame<'_>,
    say: fn(Origin, &M) -> Result<Stated, Absurd>,
) -> Result<Stated, (FaultKind, String)> {
    let origin = Origin {
        system: frame.system,
        message: M::NAME,
    };
    say(origin, &payload(frame)?).map_err(|Absurd(reason)| (FaultKind::Absurd, reason))
}

fn payload<M: MessageData>(frame: &Frame<'_>) -> Result<M, (FaultKind, String)> {
    M::deser(frame.version, frame.payload).map_err(|e| (FaultKind::Malformed, e.to_string()))
}

/// A number that the sender may not have: `None` for NaN.
fn known(value: f32) -> Option<f64> {
    (!value.is_nan()).then_some(f64::from(value))
}
