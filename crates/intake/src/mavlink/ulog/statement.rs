//! What uORB topics in a ULog state. Fields and units: PX4's `msg/` definitions; of a field that
//! changed its name over the years, both names are known.

use truceline_domain::{
    Bearing, Body, Finite, MavlinkAttitude, MavlinkGimbal, MavlinkPosition, NonNegative, Position,
    Refused,
};

use super::definition::Layout;
use crate::mavlink::angles::{Angles, yaw_from_north};

/// The topics that state something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// `vehicle_gps_position`, `sensor_gps`: a receiver's fix.
    Gps,
    /// `vehicle_global_position`: the estimator's place.
    Global,
    /// `vehicle_local_position`: the estimator's place from a reference, velocity and heading.
    Local,
    /// `vehicle_attitude`.
    Attitude,
    /// `gimbal_device_attitude_status`.
    Gimbal,
}

impl Topic {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "vehicle_gps_position" | "sensor_gps" => Self::Gps,
            "vehicle_global_position" => Self::Global,
            "vehicle_local_position" => Self::Local,
            "vehicle_attitude" => Self::Attitude,
            "gimbal_device_attitude_status" => Self::Gimbal,
            _ => return None,
        })
    }
}

/// One message of a topic.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) topic: Topic,
    /// The topic's name, with its instance when it is not the first.
    pub(super) name: &'a str,
    pub(super) layout: &'a Layout,
    pub(super) data: &'a [u8],
    pub(super) system: u8,
}

impl Sample<'_> {
    fn number(&self, name: &str) -> Option<f64> {
        self.layout.number(self.data, name, 0)
    }

    fn finite(&self, name: &str) -> Option<Finite> {
        Finite::new(self.number(name)?).ok()
    }

    /// A flag; `unsaid` when the topic has none of the name.
    fn is(&self, name: &str, unsaid: bool) -> bool {
        self.number(name).map_or(unsaid, |n| n != 0.0)
    }

    /// Microseconds since boot.
    pub(super) fn boot_us(&self) -> Option<u64> {
        self.layout.unsigned(self.data, "timestamp")
    }

    /// UTC by a receiver, microseconds since 1970; zero is unknown.
    pub(super) fn utc_us(&self) -> Option<u64> {
        self.layout.unsigned(self.data, "time_utc_usec")
    }

    /// What it states; nothing when it says that it knows nothing.
    ///
    /// # Errors
    /// In words, when a value cannot be.
    pub(super) fn body(&self) -> Result<Option<Body>, String> {
        match self.topic {
            Topic::Gps => self.gps().map_err(|e| e.to_string()),
            Topic::Global => self.global().map_err(|e| e.to_string()),
            Topic::Local => self.local().map_err(|e| e.to_string()),
            Topic::Attitude => self.attitude(),
            Topic::Gimbal => self.gimbal(),
        }
    }

    fn bare_position(&self, position: Position) -> MavlinkPosition {
        MavlinkPosition {
            system: self.system,
            message: self.name.to_owned(),
            position,
            height_msl_m: None,
            height_hae_m: None,
            height_above_home_m: None,
            velocity_north_mps: None,
            velocity_east_mps: None,
            velocity_down_mps: None,
            heading_deg: None,
            horizontal_sd_m: self.number("eph").and_then(|m| NonNegative::new(m).ok()),
        }
    }

    /// A heading in radians; NaN is unknown.
    fn heading(&self, name: &str) -> Option<Bearing> {
        Bearing::new(self.number(name)?.to_degrees()).ok()
    }

    fn gps(&self) -> Result<Option<Body>, Refused> {
        // Until 2023 degrees were integers of 1e-7 and heights millimetres.
        let scaled = |new, old, scale: f64| {
            self.number(new)
                .or_else(|| self.number(old).map(|n| n / scale))
        };
        let lat = scaled("latitude_deg", "lat", 1e7);
        let lon = scaled("longitude_deg", "lon", 1e7);
        // fix_type: 0 and 1 none, 2 without height, 3 and above with.
        let fix_type = self.number("fix_type").unwrap_or(0.0);
        let Some((lat, lon)) = lat
            .zip(lon)
            .filter(|at| fix_type >= 2.0 && *at != (0.0, 0.0))
        else {
            return Ok(None);
        };
        let height = |new, old| {
            scaled(new, old, 1e3)
                .filter(|_| fix_type >= 3.0)
                .and_then(|m| Finite::new(m).ok())
        };
        let velocity = |name| {
            self.finite(name)
                .filter(|_| self.is("vel_ned_valid", false))
        };
        Ok(Some(Body::MavlinkPosition(MavlinkPosition {
            height_msl_m: height("altitude_msl_m", "alt"),
            height_hae_m: height("altitude_ellipsoid_m", "alt_ellipsoid"),
            velocity_north_mps: velocity("vel_n_m_s"),
            velocity_east_mps: velocity("vel_e_m_s"),
            velocity_down_mps: velocity("vel_d_m_s"),
            heading_deg: self.heading("heading"),
            ..self.bare_position(Position::new(lat, lon)?)
        })))
    }

    fn global(&self) -> Result<Option<Body>, Refused> {
        let at = self.number("lat").zip(self.number("lon"));
        let Some((lat, lon)) = at.filter(|at| self.is("lat_lon_valid", true) && *at != (0.0, 0.0))
        else {
            return Ok(None);
        };
        let height = |name| self.finite(name).filter(|_| self.is("alt_valid", true));
        Ok(Some(Body::MavlinkPosition(MavlinkPosition {
            height_msl_m: height("alt"),
            height_hae_m: height("alt_ellipsoid"),
            // Velocity and yaw left this topic in 2020.
            velocity_north_mps: self.finite("vel_n"),
            velocity_east_mps: self.finite("vel_e"),
            velocity_down_mps: self.finite("vel_d"),
            heading_deg: self.heading("yaw"),
            ..self.bare_position(Position::new(lat, lon)?)
        })))
    }

    fn local(&self) -> Result<Option<Body>, Refused> {
        let [Some(ref_lat), Some(ref_lon), Some(x), Some(y)] =
            ["ref_lat", "ref_lon", "x", "y"].map(|name| self.number(name))
        else {
            return Ok(None);
        };
        if !self.is("xy_global", false) {
            return Ok(None);
        }
        let (lat, lon) = from_reference(ref_lat, ref_lon, x, y);
        let z_global = self.is("z_global", false);
        let msl_m = self
            .number("ref_alt")
            .zip(self.number("z"))
            .map(|(up, down)| up - down);
        let horizontal = |name| self.finite(name).filter(|_| self.is("v_xy_valid", false));
        Ok(Some(Body::MavlinkPosition(MavlinkPosition {
            height_msl_m: msl_m.filter(|_| z_global).and_then(|m| Finite::new(m).ok()),
            velocity_north_mps: horizontal("vx"),
            velocity_east_mps: horizontal("vy"),
            velocity_down_mps: self.finite("vz").filter(|_| self.is("v_z_valid", false)),
            heading_deg: self.heading("heading").or_else(|| self.heading("yaw")),
            ..self.bare_position(Position::new(lat, lon)?)
        })))
    }

    fn angles(&self) -> Result<Option<Angles>, String> {
        let q = |i| self.layout.number(self.data, "q", i);
        let (Some(w), Some(x), Some(y), Some(z)) = (q(0), q(1), q(2), q(3)) else {
            return Ok(None);
        };
        Angles::from_quaternion([w as f32, x as f32, y as f32, z as f32])
    }

    fn attitude(&self) -> Result<Option<Body>, String> {
        let Some(angles) = self.angles()? else {
            return Ok(None);
        };
        let [roll_deg, pitch_deg, yaw_deg] = angles.finite().map_err(|e| e.to_string())?;
        Ok(Some(Body::MavlinkAttitude(MavlinkAttitude {
            system: self.system,
            message: self.name.to_owned(),
            roll_deg,
            pitch_deg,
            yaw_deg,
        })))
    }

    fn gimbal(&self) -> Result<Option<Body>, String> {
        let Some(angles) = self.angles()? else {
            return Ok(None);
        };
        let [roll_deg, pitch_deg, yaw_deg] = angles.finite().map_err(|e| e.to_string())?;
        let flags = self.number("device_flags").unwrap_or(0.0) as u16;
        Ok(Some(Body::MavlinkGimbal(MavlinkGimbal {
            system: self.system,
            message: self.name.to_owned(),
            roll_deg,
            pitch_deg,
            yaw_deg,
            yaw_from_north: yaw_from_north(flags),
        })))
    }
}

/// PX4's own projection (`MapProjection`: azimuthal equidistant on a sphere of 6,371,000 m), from
/// metres north and east of a reference back to degrees.
fn from_reference(ref_lat_deg: f64, ref_lon_deg: f64, north_m: f64, east_m: f64) -> (f64, f64) {
    const RADIUS_M: f64 = 6_371_000.0;
    let (x, y) = (north_m / RADIUS_M, east_m / RADIUS_M);
    let c = x.hypot(y);
    if c == 0.0 {
        return (ref_lat_deg, ref_lon_deg);
    }
    let (sin_c, cos_c) = c.sin_cos();
    let (sin_ref, cos_ref) = ref_lat_deg.to_radians().sin_cos();
    let lat = (cos_c * sin_ref + x * sin_c * cos_ref / c)
        .clamp(-1.0, 1.0)
        .asin();
    let lon = (y * sin_c).atan2(c * cos_ref * cos_c - x * sin_ref * sin_c);
    let lon_deg = ref_lon_deg + lon.to_degrees();
    // Over the antimeridian.
    let lon_deg = if lon_deg > 180.0 {
        lon_deg - 360.0
    } else {
        lon_deg
    };
    (
        lat.to_degrees(),
        if lon_deg < -180.0 {
            lon_deg + 360.0
        } else {
            lon_deg
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_north_and_a_degree_east() {
        let degree_m = 6_371_000.0_f64.to_radians();
        let (lat, lon) = from_reference(40.0, 46.0, degree_m, 0.0);
        assert!((lat - 41.0).abs() < 1e-9 && (lon - 46.0).abs() < 1e-9);
        let (lat, lon) = from_reference(0.0, 179.5, 0.0, degree_m);
        assert!(lat.abs() < 1e-9 && (lon + 179.5).abs() < 1e-9);
        assert_eq!(from_reference(40.0, 46.0, 0.0, 0.0), (40.0, 46.0));
    }
}
