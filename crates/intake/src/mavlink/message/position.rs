//! Messages that say where a vehicle is.

use mavlink::dialects::ardupilotmega::{
    GLOBAL_POSITION_INT_DATA, GPS_RAW_INT_DATA, GPS2_RAW_DATA, GpsFixType, HIGH_LATENCY2_DATA,
};
use truceline_domain::{Bearing, Body, Finite, MavlinkPosition, NonNegative, Position, Refused};

use super::{Absurd, Origin, Stated};
use crate::mavlink::vehicle::OwnTime;

/// Degrees in 1e-7; `None` where the sender knows no place: `INT32_MAX`, or both exactly zero,
/// which is what autopilots send before their first fix.
fn place(lat_e7: i32, lon_e7: i32) -> Result<Option<Position>, Refused> {
    if (lat_e7, lon_e7) == (0, 0) || lat_e7 == i32::MAX || lon_e7 == i32::MAX {
        return Ok(None);
    }
    Position::new(f64::from(lat_e7) / 1e7, f64::from(lon_e7) / 1e7).map(Some)
}

fn metres_from_mm(mm: i32) -> Result<Option<Finite>, Refused> {
    if mm == i32::MAX {
        Ok(None)
    } else {
        Finite::new(f64::from(mm) / 1e3).map(Some)
    }
}

fn bearing_from_cdeg(cdeg: u16) -> Result<Option<Bearing>, Refused> {
    if cdeg == u16::MAX {
        Ok(None)
    } else {
        Bearing::new(f64::from(cdeg) / 100.0).map(Some)
    }
}

fn bare(origin: Origin, position: Position) -> MavlinkPosition {
    MavlinkPosition {
        system: origin.system,
        message: origin.message.to_owned(),
        position,
        height_msl_m: None,
        height_hae_m: None,
        height_above_home_m: None,
        velocity_north_mps: None,
        velocity_east_mps: None,
        velocity_down_mps: None,
        heading_deg: None,
        horizontal_sd_m: None,
    }
}

pub(super) fn global_position_int(
    origin: Origin,
    m: &GLOBAL_POSITION_INT_DATA,
) -> Result<Stated, Absurd> {
    let time = OwnTime::from_boot_ms(m.time_boot_ms);
    let Some(position) = place(m.lat, m.lon)? else {
        return Ok(Stated::at(time, None));
    };
    let speed = |cmps: i16| Finite::new(f64::from(cmps) / 100.0).map(Some);
    let body = MavlinkPosition {
        height_msl_m: metres_from_mm(m.alt)?,
        height_above_home_m: metres_from_mm(m.relative_alt)?,
        velocity_north_mps: speed(m.vx)?,
        velocity_east_mps: speed(m.vy)?,
        velocity_down_mps: speed(m.vz)?,
        heading_deg: bearing_from_cdeg(m.hdg)?,
        ..bare(origin, position)
    };
    Ok(Stated::at(time, Some(Body::MavlinkPosition(body))))
}

/// What `GPS_RAW_INT` and `GPS2_RAW` share.
struct Receiver {
    fix: GpsFixType,
    lat_e7: i32,
    lon_e7: i32,
    msl_mm: i32,
    hae_mm: i32,
    speed_cmps: u16,
    course_cdeg: u16,
    yaw_cdeg: u16,
    accuracy_mm: u32,
}

pub(super) fn gps_raw_int(origin: Origin, m: &GPS_RAW_INT_DATA) -> Result<Stated, Absurd> {
    let receiver = Receiver {
        fix: m.fix_type,
        lat_e7: m.lat,
        lon_e7: m.lon,
        msl_mm: m.alt,
        hae_mm: m.alt_ellipsoid,
        speed_cmps: m.vel,
        course_cdeg: m.cog,
        yaw_cdeg: m.yaw,
        accuracy_mm: m.h_acc,
    };
    Ok(Stated::at(
        OwnTime::from_usec(m.time_usec),
        receiver.says(origin)?,
    ))
}

pub(super) fn gps2_raw(origin: Origin, m: &GPS2_RAW_DATA) -> Result<Stated, Absurd> {
    let receiver = Receiver {
        fix: m.fix_type,
        lat_e7: m.lat,
        lon_e7: m.lon,
        msl_mm: m.alt,
        hae_mm: m.alt_ellipsoid,
        speed_cmps: m.vel,
        course_cdeg: m.cog,
        yaw_cdeg: m.yaw,
        accuracy_mm: m.h_acc,
    };
    Ok(Stated::at(
        OwnTime::from_usec(m.time_usec),
        receiver.says(origin)?,
    ))
}

impl Receiver {
    fn says(&self, origin: Origin) -> Result<Option<Body>, Absurd> {
        if (self.fix as u8) < (GpsFixType::GPS_FIX_TYPE_2D_FIX as u8) {
            return Ok(None);
        }
        let Some(position) = place(self.lat_e7, self.lon_e7)? else {
            return Ok(None);
        };
        let has_height = self.fix != GpsFixType::GPS_FIX_TYPE_2D_FIX;
        let (north, east) = self.velocity()?;
        Ok(Some(Body::MavlinkPosition(MavlinkPosition {
            height_msl_m: if has_height {
                metres_from_mm(self.msl_mm)?
            } else {
                None
            },
            // Extension fields: zero where the sender knows them not.
            height_hae_m: if has_height && self.hae_mm != 0 {
                metres_from_mm(self.hae_mm)?
            } else {
                None
            },
            velocity_north_mps: north,
            velocity_east_mps: east,
            heading_deg: if self.yaw_cdeg == 0 {
                None
            } else {
                bearing_from_cdeg(self.yaw_cdeg)?
            },
            horizontal_sd_m: match self.accuracy_mm {
                0 | u32::MAX => None,
                mm => Some(NonNegative::new(f64::from(mm) / 1e3)?),
            },
            ..bare(origin, position)
        })))
    }

    /// North and east, from speed and course over ground.
    fn velocity(&self) -> Result<(Option<Finite>, Option<Finite>), Refused> {
        let Some(course) = bearing_from_cdeg(self.course_cdeg)? else {
            return Ok((None, None));
        };
        if self.speed_cmps == u16::MAX {
            return Ok((None, None));
        }
        let mps = f64::from(self.speed_cmps) / 100.0;
        let (sin, cos) = course.deg().to_radians().sin_cos();
        Ok((Some(Finite::new(mps * cos)?), Some(Finite::new(mps * sin)?)))
    }
}

pub(super) fn high_latency2(origin: Origin, m: &HIGH_LATENCY2_DATA) -> Result<Stated, Absurd> {
    // The message says «milliseconds since boot or Unix epoch»; 32 bits hold only the first.
    let time = OwnTime::from_boot_ms(m.timestamp);
    let Some(position) = place(m.latitude, m.longitude)? else {
        return Ok(Stated::at(time, None));
    };
    let body = MavlinkPosition {
        height_msl_m: Some(Finite::new(f64::from(m.altitude))?),
        heading_deg: Some(Bearing::new(f64::from(m.heading) * 2.0)?),
        ..bare(origin, position)
    };
    Ok(Stated::at(time, Some(Body::MavlinkPosition(body))))
}
