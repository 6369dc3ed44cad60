//! Messages that say how a vehicle, a gimbal or a camera is turned and what it sees.

use mavlink::dialects::ardupilotmega::{
    ATTITUDE_DATA, ATTITUDE_QUATERNION_DATA, CAMERA_FOV_STATUS_DATA, CAMERA_INFORMATION_DATA,
    GIMBAL_DEVICE_ATTITUDE_STATUS_DATA, MOUNT_ORIENTATION_DATA, MOUNT_STATUS_DATA,
};
use truceline_domain::{
    Body, MavlinkAttitude, MavlinkCamera, MavlinkGimbal, Position, Positive, Refused,
};

use super::{Absurd, Origin, Stated, known};
use crate::mavlink::angles::{Angles, yaw_from_north};
use crate::mavlink::vehicle::OwnTime;

fn attitude_body(origin: Origin, angles: Angles) -> Result<Body, Absurd> {
    let [roll_deg, pitch_deg, yaw_deg] = angles.finite()?;
    Ok(Body::MavlinkAttitude(MavlinkAttitude {
        system: origin.system,
        message: origin.message.to_owned(),
        roll_deg,
        pitch_deg,
        yaw_deg,
    }))
}

fn gimbal_body(origin: Origin, angles: Angles, yaw_from_north: bool) -> Result<Body, Absurd> {
    let [roll_deg, pitch_deg, yaw_deg] = angles.finite()?;
    Ok(Body::MavlinkGimbal(MavlinkGimbal {
        system: origin.system,
        message: origin.message.to_owned(),
        roll_deg,
        pitch_deg,
        yaw_deg,
        yaw_from_north,
    }))
}

pub(super) fn attitude(origin: Origin, m: &ATTITUDE_DATA) -> Result<Stated, Absurd> {
    let angles = Angles {
        roll_deg: f64::from(m.roll).to_degrees(),
        pitch_deg: f64::from(m.pitch).to_degrees(),
        yaw_deg: f64::from(m.yaw).to_degrees(),
    };
    Ok(Stated::at(
        OwnTime::from_boot_ms(m.time_boot_ms),
        Some(attitude_body(origin, angles)?),
    ))
}

pub(super) fn attitude_quaternion(
    origin: Origin,
    m: &ATTITUDE_QUATERNION_DATA,
) -> Result<Stated, Absurd> {
    let angles = Angles::from_quaternion([m.q1, m.q2, m.q3, m.q4])?;
    let body = angles.map(|a| attitude_body(origin, a)).transpose()?;
    Ok(Stated::at(OwnTime::from_boot_ms(m.time_boot_ms), body))
}

pub(super) fn gimbal_device_attitude_status(
    origin: Origin,
    m: &GIMBAL_DEVICE_ATTITUDE_STATUS_DATA,
) -> Result<Stated, Absurd> {
    let angles = Angles::from_quaternion(m.q)?;
    let body = angles
        .map(|a| gimbal_body(origin, a, yaw_from_north(m.flags.bits())))
        .transpose()?;
    Ok(Stated::at(OwnTime::from_boot_ms(m.time_boot_ms), body))
}

pub(super) fn mount_status(origin: Origin, m: &MOUNT_STATUS_DATA) -> Result<Stated, Absurd> {
    let deg = |cdeg: i32| f64::from(cdeg) / 100.0;
    let angles = Angles {
        pitch_deg: deg(m.pointing_a),
        roll_deg: deg(m.pointing_b),
        yaw_deg: deg(m.pointing_c),
    };
    Ok(Stated::at(
        OwnTime::None,
        Some(gimbal_body(origin, angles, false)?),
    ))
}

pub(super) fn mount_orientation(
    origin: Origin,
    m: &MOUNT_ORIENTATION_DATA,
) -> Result<Stated, Absurd> {
    let time = OwnTime::from_boot_ms(m.time_boot_ms);
    // The absolute yaw is an extension: zero also means that it was not sent.
    let absolute = known(m.yaw_absolute).filter(|deg| *deg != 0.0);
    let (yaw_deg, from_north) = match (known(m.yaw), absolute) {
        (Some(from_nose), _) => (from_nose, false),
        (None, Some(from_north)) => (from_north, true),
        (None, None) => return Ok(Stated::at(time, None)),
    };
    let (Some(roll_deg), Some(pitch_deg)) = (known(m.roll), known(m.pitch)) else {
        return Ok(Stated::at(time, None));
    };
    let angles = Angles {
        roll_deg,
        pitch_deg,
        yaw_deg,
    };
    Ok(Stated::at(
        time,
        Some(gimbal_body(origin, angles, from_north)?),
    ))
}

/// A field of view; `None` for NaN and zero (unknown). More than all round cannot be.
fn field_of_view(deg: f64) -> Result<Option<Positive>, Absurd> {
    if deg.is_nan() || deg == 0.0 {
        return Ok(None);
    }
    if !(0.0..=360.0).contains(&deg) {
        return Err(Absurd(format!(
            "field of view: {deg} is not within 0 to 360 degrees"
        )));
    }
    Ok(Some(Positive::new(deg)?))
}

/// A place of a camera message: `INT32_MAX` is unknown.
fn place(lat_e7: i32, lon_e7: i32) -> Result<Option<Position>, Refused> {
    if lat_e7 == i32::MAX || lon_e7 == i32::MAX || (lat_e7, lon_e7) == (0, 0) {
        return Ok(None);
    }
    Position::new(f64::from(lat_e7) / 1e7, f64::from(lon_e7) / 1e7).map(Some)
}

pub(super) fn camera_fov_status(
    origin: Origin,
    m: &CAMERA_FOV_STATUS_DATA,
) -> Result<Stated, Absurd> {
    let camera = MavlinkCamera {
        system: origin.system,
        message: origin.message.to_owned(),
        horizontal_fov_deg: field_of_view(f64::from(m.hfov))?,
        vertical_fov_deg: field_of_view(f64::from(m.vfov))?,
        camera: place(m.lat_camera, m.lon_camera)?,
        image: place(m.lat_image, m.lon_image)?,
    };
    Ok(Stated::at(
        OwnTime::from_boot_ms(m.time_boot_ms),
        something(camera),
    ))
}

/// The field of view of a lens: twice the arc tangent of half the sensor over the focal length.
pub(super) fn camera_information(
    origin: Origin,
    m: &CAMERA_INFORMATION_DATA,
) -> Result<Stated, Absurd> {
    let fov = |sensor_mm: f32| {
        let focal_mm = known(m.focal_length).filter(|f| *f > 0.0)?;
        let sensor_mm = known(sensor_mm).filter(|s| *s > 0.0)?;
        Some((2.0 * (sensor_mm / (2.0 * focal_mm)).atan()).to_degrees())
    };
    let camera = MavlinkCamera {
        system: origin.system,
        message: origin.message.to_owned(),
        horizontal_fov_deg: field_of_view(fov(m.sensor_size_h).unwrap_or(0.0))?,
        vertical_fov_deg: field_of_view(fov(m.sensor_size_v).unwrap_or(0.0))?,
        camera: None,
        image: None,
    };
    Ok(Stated::at(
        OwnTime::from_boot_ms(m.time_boot_ms),
        something(camera),
    ))
}

/// The statement, unless it says nothing.
fn something(camera: MavlinkCamera) -> Option<Body> {
    let says = camera.horizontal_fov_deg.is_some()
        || camera.vertical_fov_deg.is_some()
        || camera.camera.is_some()
        || camera.image.is_some();
    says.then_some(Body::MavlinkCamera(camera))
}
