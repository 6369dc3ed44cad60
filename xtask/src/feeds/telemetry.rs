//! The drone's own telemetry: `telemetry.tlog`, MAVLink 2 with a time stamp before each frame.
//!
//! The flight is that of `drone.ts`: an orbit of 3 km radius over 39.9 N 46.9 E, clockwise, at 45 m/s and 2,600 m
//! above the sea, with a camera that looks at the middle. The film has its ten seconds from 09:30:00 on, the log
//! two minutes around it.

use mavlink::dialects::ardupilotmega::{
    ATTITUDE_DATA, CAMERA_FOV_STATUS_DATA, GIMBAL_DEVICE_ATTITUDE_STATUS_DATA,
    GLOBAL_POSITION_INT_DATA, GimbalDeviceErrorFlags, GimbalDeviceFlags, HEARTBEAT_DATA,
    MavMessage, SYSTEM_TIME_DATA,
};
use mavlink::{MavHeader, write_v2_msg};

use super::geometry::Point;
use super::sensors::unix_us;

/// 09:30:00, when the film begins, and the log's begin and end.
const FILM_S: f64 = 1_800.0;
const LOG_S: [f64; 2] = [1_740.0, 1_860.0];
/// The autopilot was switched on three quarters of an hour before.
const BOOT_S: f64 = -900.0;

const RADIUS_M: f64 = 3_000.0;
const SPEED_MPS: f64 = 45.0;
const HEIGHT_MSL_M: f64 = 2_600.0;
const GROUND_MSL_M: f64 = 412.0;
/// Bearing from the orbit's middle at which the film begins.
const FILM_BEARING_DEG: f64 = 17.19;
/// What keeps 45 m/s on a radius of 3 km: atan(v²/gr).
const BANK_DEG: f64 = 3.94;
const PITCH_DEG: f64 = 2.5;

/// Steps of 100 ms: attitude in each, position in every second, gimbal and camera in every fifth.
const STEP_S: f64 = 0.1;

/// # Errors
/// When a message cannot be written, which no message of these can.
pub(super) fn tlog() -> Result<Vec<u8>, String> {
    let mut log = Log {
        bytes: Vec::new(),
        sequence: 0,
    };
    let steps = ((LOG_S[1] - LOG_S[0]) / STEP_S).round() as u32;
    for step in 0..=steps {
        let at_s = LOG_S[0] + f64::from(step) * STEP_S;
        let flight = Flight::at(at_s);
        if step % 10 == 0 {
            log.write(at_s, MavMessage::HEARTBEAT(HEARTBEAT_DATA::default()))?;
            log.write(at_s, MavMessage::SYSTEM_TIME(flight.system_time()))?;
        }
        if step % 2 == 0 {
            log.write(at_s, MavMessage::GLOBAL_POSITION_INT(flight.position()))?;
        }
        log.write(at_s, MavMessage::ATTITUDE(flight.attitude()))?;
        if step % 5 == 0 {
            log.write(
                at_s,
                MavMessage::GIMBAL_DEVICE_ATTITUDE_STATUS(flight.gimbal()),
            )?;
            log.write(at_s, MavMessage::CAMERA_FOV_STATUS(flight.camera()))?;
        }
    }
    Ok(log.bytes)
}

struct Log {
    bytes: Vec<u8>,
    sequence: u8,
}

impl Log {
    fn write(&mut self, at_s: f64, message: MavMessage) -> Result<(), String> {
        self.bytes.extend_from_slice(&unix_us(at_s).to_be_bytes());
        let header = MavHeader {
            system_id: 1,
            component_id: 1,
            sequence: self.sequence,
        };
        self.sequence = self.sequence.wrapping_add(1);
        write_v2_msg(&mut self.bytes, header, &message).map_err(|e| format!("{e:?}"))?;
        Ok(())
    }
}

/// The drone at an instant.
struct Flight {
    at_s: f64,
    middle: Point,
    place: Point,
    heading_deg: f64,
}

impl Flight {
    fn at(at_s: f64) -> Self {
        let middle = Point::of(39.9, 46.9);
        let turned_deg = ((at_s - FILM_S) * SPEED_MPS / RADIUS_M).to_degrees();
        let bearing_deg = FILM_BEARING_DEG + turned_deg;
        Self {
            at_s,
            middle,
            place: middle.moved(bearing_deg, RADIUS_M),
            heading_deg: (bearing_deg + 90.0).rem_euclid(360.0),
        }
    }

    fn boot_ms(&self) -> u32 {
        ((self.at_s - BOOT_S) * 1000.0).round() as u32
    }

    fn system_time(&self) -> SYSTEM_TIME_DATA {
        SYSTEM_TIME_DATA {
            time_unix_usec: unix_us(self.at_s).unsigned_abs(),
            time_boot_ms: self.boot_ms(),
        }
    }

    fn position(&self) -> GLOBAL_POSITION_INT_DATA {
        let (lat, lon) = scaled(self.place);
        let (sin, cos) = self.heading_deg.to_radians().sin_cos();
        GLOBAL_POSITION_INT_DATA {
            time_boot_ms: self.boot_ms(),
            lat,
            lon,
            alt: (HEIGHT_MSL_M * 1000.0) as i32,
            relative_alt: ((HEIGHT_MSL_M - GROUND_MSL_M) * 1000.0) as i32,
            vx: (SPEED_MPS * cos * 100.0).round() as i16,
            vy: (SPEED_MPS * sin * 100.0).round() as i16,
            vz: 0,
            hdg: (self.heading_deg * 100.0).round() as u16 % 36_000,
        }
    }

    fn attitude(&self) -> ATTITUDE_DATA {
        // Yaw from -π to π, as autopilots give it.
        let yaw_deg = (self.heading_deg + 180.0).rem_euclid(360.0) - 180.0;
        ATTITUDE_DATA {
            time_boot_ms: self.boot_ms(),
            roll: BANK_DEG.to_radians() as f32,
            pitch: PITCH_DEG.to_radians() as f32,
            yaw: yaw_deg.to_radians() as f32,
            yawspeed: (SPEED_MPS / RADIUS_M) as f32,
            ..ATTITUDE_DATA::default()
        }
    }

    /// Where the camera looks: pitch and yaw from north, degrees.
    fn gaze_deg(&self) -> (f64, f64) {
        let drop_m = HEIGHT_MSL_M - GROUND_MSL_M;
        let pitch_deg = -drop_m
            .atan2(self.place.distance_m(self.middle))
            .to_degrees();
        (pitch_deg, self.place.bearing_deg(self.middle))
    }

    fn gimbal(&self) -> GIMBAL_DEVICE_ATTITUDE_STATUS_DATA {
        let (pitch_deg, yaw_deg) = self.gaze_deg();
        GIMBAL_DEVICE_ATTITUDE_STATUS_DATA {
            time_boot_ms: self.boot_ms(),
            q: quaternion(pitch_deg, yaw_deg),
            failure_flags: GimbalDeviceErrorFlags::empty(),
            flags: GimbalDeviceFlags::GIMBAL_DEVICE_FLAGS_YAW_LOCK
                | GimbalDeviceFlags::GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME,
            ..GIMBAL_DEVICE_ATTITUDE_STATUS_DATA::default()
        }
    }

    fn camera(&self) -> CAMERA_FOV_STATUS_DATA {
        let (pitch_deg, yaw_deg) = self.gaze_deg();
        let ((lat_camera, lon_camera), (lat_image, lon_image)) =
            (scaled(self.place), scaled(self.middle));
        CAMERA_FOV_STATUS_DATA {
            time_boot_ms: self.boot_ms(),
            lat_camera,
            lon_camera,
            alt_camera: (HEIGHT_MSL_M * 1000.0) as i32,
            lat_image,
            lon_image,
            alt_image: (GROUND_MSL_M * 1000.0) as i32,
            q: quaternion(pitch_deg, yaw_deg),
            hfov: 9.6,
            vfov: 5.4,
            ..CAMERA_FOV_STATUS_DATA::default()
        }
    }
}

/// Degrees times ten million, as MAVLink gives positions.
fn scaled(at: Point) -> (i32, i32) {
    let (lat_deg, lon_deg) = at.degrees();
    (
        (lat_deg * 1e7).round() as i32,
        (lon_deg * 1e7).round() as i32,
    )
}

/// Yaw about down, then pitch; no roll. w, x, y, z.
fn quaternion(pitch_deg: f64, yaw_deg: f64) -> [f32; 4] {
    let (sin_pitch, cos_pitch) = (pitch_deg.to_radians() / 2.0).sin_cos();
    let (sin_yaw, cos_yaw) = (yaw_deg.to_radians() / 2.0).sin_cos();
    [
        cos_pitch * cos_yaw,
        -sin_pitch * sin_yaw,
        sin_pitch * cos_yaw,
        cos_pitch * sin_yaw,
    ]
    .map(|part| part as f32)
}
