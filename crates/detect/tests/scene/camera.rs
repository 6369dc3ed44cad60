//! A drone's camera over the ground, and the metadata it would send.

use serde_json::json;
use truceline_domain::Observation;

use super::{Random, smooth};

/// How the camera goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Motion {
    /// Looks at one point from a circle, and shakes a little.
    Orbit,
    /// Slides over the ground at so many metres a second.
    Pan(f64),
    /// Comes nearer, so many times in ten seconds.
    Zoom(f64),
    /// Cuts to another place each so many seconds.
    Cuts(f64),
}

pub(crate) struct Camera {
    seed: u64,
    motion: Motion,
    /// Ground across the picture, metres.
    pub(crate) width_m: f64,
    /// Shake, metres on the ground.
    pub(crate) shake_m: f64,
    /// Error of the footprint that the metadata tells, metres, slowly changing and from packet to packet.
    pub(crate) error_m: (f64, f64),
}

/// From pixels to metres.
pub(crate) struct ToGround {
    centre: (f64, f64),
    across: (f64, f64),
    down: (f64, f64),
    tilt: f64,
    half: (f64, f64),
}

impl ToGround {
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (u, v) = (
            (x - self.half.0) / self.half.0,
            (y - self.half.1) / self.half.0,
        );
        // Rows above the middle look farther.
        let w = 1.0 + self.tilt * v;
        let (u, v) = (u / w, v / w);
        (
            self.centre.0 + u * self.across.0 + v * self.down.0,
            self.centre.1 + u * self.across.1 + v * self.down.1,
        )
    }

    /// Pixels of a point on the ground.
    pub(crate) fn back(&self, east: f64, north: f64) -> (f64, f64) {
        let (e, n) = (east - self.centre.0, north - self.centre.1);
        let determinant = self.across.0 * self.down.1 - self.across.1 * self.down.0;
        let a = (e * self.down.1 - n * self.down.0) / determinant;
        let b = (n * self.across.0 - e * self.across.1) / determinant;
        // b = v / (1 + tilt v)
        let v = b / (1.0 - self.tilt * b);
        let u = a * (1.0 + self.tilt * v);
        (self.half.0 + u * self.half.0, self.half.1 + v * self.half.0)
    }

    /// Pixels a metre at a point on the ground.
    pub(crate) fn pixels_per_m(&self, east: f64, north: f64) -> f64 {
        let (a, b) = (self.back(east - 0.5, north), self.back(east + 0.5, north));
        (a.0 - b.0).hypot(a.1 - b.1)
    }
}

impl Camera {
    pub(crate) fn new(seed: u64, motion: Motion) -> Self {
        Self {
            seed,
            motion,
            width_m: 320.0,
            shake_m: 0.4,
            error_m: (20.0, 1.5),
        }
    }

    pub(crate) fn to_ground(&self, at_s: f64, width: usize, height: usize) -> ToGround {
        let mut width_m = self.width_m;
        let mut heading = 0.4;
        let mut centre = (0.0, 0.0);
        match self.motion {
            Motion::Orbit => heading += 0.017 * at_s,
            Motion::Pan(speed) => centre.0 = speed * (at_s - 20.0),
            Motion::Zoom(times) => width_m /= times.powf(at_s / 10.0),
            Motion::Cuts(every_s) => {
                let mut random = Random(self.seed ^ (at_s / every_s) as u64);
                centre = (random.within(-300.0, 300.0), random.within(-300.0, 300.0));
            }
        }
        let shake = |axis: u64| self.shake_m * smooth(at_s * 3.0, 0.5, self.seed ^ axis);
        centre.0 += shake(11);
        centre.1 += shake(12);
        let (sin, cos) = f64::sin_cos(heading + 0.002 * smooth(at_s * 2.0, 0.5, self.seed ^ 13));
        let half_m = width_m / 2.0;
        ToGround {
            centre,
            across: (half_m * cos, -half_m * sin),
            // Looked at slantwise, a pixel covers more ground down than across.
            down: (-1.4 * half_m * sin, -1.4 * half_m * cos),
            tilt: 0.25,
            half: (width as f64 / 2.0, height as f64 / 2.0),
        }
    }

    /// What the drone tells of it, ten times a second: the number of the packet.
    pub(crate) fn metadata(&self, n: usize, width: usize, height: usize) -> Observation {
        let at_s = n as f64 / 10.0;
        let view = self.to_ground(at_s, width, height);
        let mut random = Random(self.seed ^ 0xABCD ^ n as u64);
        let mut error = |axis: u64| {
            self.error_m.0 * smooth(at_s / 20.0, 0.5, self.seed ^ axis)
                + self.error_m.1 * random.within(-1.0, 1.0)
        };
        let (east, north) = (error(21), error(22));
        let (w, h) = (width as f64, height as f64);
        let mut items = json!({
            "frame_center_latitude_deg": CENTRE.0, "frame_center_longitude_deg": CENTRE.1,
            "slant_range_m": 1500.0, "sensor_true_altitude_m": 1500.0, "frame_center_elevation_m": 400.0,
        });
        for (point, (x, y)) in [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
            .into_iter()
            .enumerate()
        {
            let (e, n) = view.at(x, y);
            let (lat, lon) = position(e + east, n + north);
            items[format!("offset_corner_latitude_point_{}_deg", point + 1)] =
                json!(lat - CENTRE.0);
            items[format!("offset_corner_longitude_point_{}_deg", point + 1)] =
                json!(lon - CENTRE.1);
        }
        let us = 1_605_074_400_000_000_i64 + n as i64 * 100_000;
        let observed = truceline_domain::Observed::from_unix_us(us).unwrap();
        serde_json::from_value(json!({
            "id": format!("m{n}"), "source": "UAV1", "kind": "fmv.metadata", "observed": observed,
            "pts_90k": 90_000 + 9_000 * n, "pid": 257, "carriage": "sync", "checksum": "ok", "offset": 0, "st0601": items,
        }))
        .unwrap()
    }
}

/// Where the world's middle lies, degrees.
const CENTRE: (f64, f64) = (39.9, 46.9);

/// A point of the world in degrees.
pub(crate) fn position(east: f64, north: f64) -> (f64, f64) {
    let per_m = (1.0_f64 / 6_371_008.8).to_degrees();
    (
        CENTRE.0 + north * per_m,
        CENTRE.1 + east * per_m / CENTRE.0.to_radians().cos(),
    )
}
