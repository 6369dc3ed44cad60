//! How well an event could be placed at best: the Cramér–Rao bound.

use super::geometry::Point;
use super::physics::sound_mps;

/// One reading's share in where and when an event was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    pub(super) sensor: Point,
    pub(super) bearing_sd_deg: f64,
    /// Standard deviation of the time of arrival, clock included; `None` when the time of the arrival says
    /// nothing of the muzzle.
    pub(super) time_sd_s: Option<f64>,
    /// A sound; else light.
    pub(super) sound: bool,
}

/// The square root of the bound's trace over east and north, metres. `None` when the readings leave the place
/// open. The weather's error of 0.4 m/s in the speed of sound counts as one of each path's own.
pub(super) fn crlb_m(at: Point, evidence: &[Evidence]) -> Option<f64> {
    // Unknown: east, north, time.
    let mut information = [[0.0; 3]; 3];
    let mut add = |row: [f64; 3], sd: f64| {
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                information[i][j] += a * b / (sd * sd);
            }
        }
    };
    for e in evidence {
        let range_m = e.sensor.distance_m(at).max(50.0);
        let east = (at.east_m - e.sensor.east_m) / range_m;
        let north = (at.north_m - e.sensor.north_m) / range_m;
        add(
            [north / range_m, -east / range_m, 0.0],
            e.bearing_sd_deg.to_radians(),
        );
        if let Some(sd_s) = e.time_sd_s {
            let slowness = if e.sound {
                1.0 / sound_mps(at, e.sensor)
            } else {
                0.0
            };
            let weather_s = range_m * 0.4 * slowness * slowness;
            add(
                [east * slowness, north * slowness, 1.0],
                sd_s.hypot(weather_s),
            );
        }
    }
    trace_of_inverse(information)
}

/// The sum of the first two of the inverse's diagonal, its root.
fn trace_of_inverse(m: [[f64; 3]; 3]) -> Option<f64> {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a][c] * m[b][d] - m[a][d] * m[b][c];
    let determinant =
        m[0][0] * minor(1, 2, 1, 2) - m[0][1] * minor(1, 2, 0, 2) + m[0][2] * minor(1, 2, 0, 1);
    let trace = (minor(1, 2, 1, 2) + minor(0, 2, 0, 2)) / determinant;
    // Without any time the third unknown is open, and the determinant zero.
    (trace.is_finite() && trace > 0.0).then(|| trace.sqrt())
}
