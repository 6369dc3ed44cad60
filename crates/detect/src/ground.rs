//! From the picture to the ground: where a pixel lies and how surely.

use truceline_domain::{Body, FmvMetadata, Observation, Observed, Position};

use crate::homography::Homography;

/// Radius of a circle that holds 90 % of a circular Gaussian, in standard deviations: sqrt(-2 ln 0.1).
const CE90_PER_SIGMA: f64 = 2.145_966_026_289_347;
/// Error of the direction in which a sensor looks when nobody tells it, degrees: as for targets of ST 0903 from the same
/// platforms.
const POINTING_ERROR_DEG: f64 = 2.0;
/// No place taken from a picture is believed better than this, metres (CE90): the sensor's own position and the terrain under
/// the line of sight are not known better.
const LEAST_CE90_M: f64 = 30.0;
/// Mean radius of the earth, metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Metadata older or younger than this does not tell where a picture looks, 90 kHz (one second).
const MAX_AGE_90K: u64 = 90_000;

/// Where a picture looks, of one metadata packet (MISB ST 0601).
#[derive(Debug, Clone, PartialEq)]
pub struct Telemetry {
    pts_90k: Option<u64>,
    observed: Option<Observed>,
    corners: Option<Corners>,
    ce90_m: f64,
}

/// A footprint on a plane that touches the earth at its first corner, metres east and north.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Corners {
    origin: Position,
    plane_m: [(f64, f64); 4],
}

impl Telemetry {
    /// Of an `fmv.metadata` observation; `None` for any other. A packet with a wrong sum tells nothing.
    #[must_use]
    pub fn of(observation: &Observation) -> Option<Self> {
        let Body::FmvMetadata(metadata) = &observation.body else {
            return None;
        };
        Some(Self {
            pts_90k: metadata.pts_90k,
            observed: observation.observed,
            corners: metadata.corners().map(Corners::of),
            ce90_m: ce90_m(metadata),
        })
    }

    /// Its presentation time stamp, 90 kHz.
    #[must_use]
    pub fn pts_90k(&self) -> Option<u64> {
        self.pts_90k
    }

    /// When a picture was taken, by the packet's own time and the time stamps of both.
    pub(crate) fn observed_at(&self, pts_90k: u64) -> Option<Observed> {
        let own_90k = self.pts_90k?;
        self.fits(pts_90k).then_some(())?;
        let later_s = (pts_90k as f64 - own_90k as f64) / 90_000.0;
        Some(self.observed?.plus_seconds(later_s))
    }

    /// The ground under a picture of so many pixels.
    pub(crate) fn view(&self, pts_90k: u64, width: usize, height: usize) -> Option<View> {
        let corners = self.corners.filter(|_| self.fits(pts_90k))?;
        // The corners of the picture are the outer corners of its corner pixels.
        let (right, bottom) = (width as f64 - 0.5, height as f64 - 0.5);
        let from = [(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)];
        Some(View {
            origin: corners.origin,
            map: Homography::of_points(from, corners.plane_m)?,
            ce90_m: self.ce90_m,
        })
    }

    /// A packet without time stamp is taken as belonging to the pictures that come with it.
    fn fits(&self, pts_90k: u64) -> bool {
        self.pts_90k
            .is_none_or(|own| own.abs_diff(pts_90k) <= MAX_AGE_90K)
    }
}

impl Corners {
    fn of(corners: [Position; 4]) -> Self {
        let [origin, ..] = corners;
        Self {
            origin,
            plane_m: corners.map(|corner| {
                let north = (corner.lat_deg() - origin.lat_deg()).to_radians();
                // The short way round at the antimeridian.
                let east_deg =
                    (corner.lon_deg() - origin.lon_deg() + 180.0).rem_euclid(360.0) - 180.0;
                let east = east_deg.to_radians() * origin.lat_deg().to_radians().cos();
                (EARTH_RADIUS_M * east, EARTH_RADIUS_M * north)
            }),
        }
    }
}

/// From a picture's pixels to the ground, taken as a plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    origin: Position,
    map: Homography,
    ce90_m: f64,
}

impl View {
    /// Where a pixel lies; `None` at or above the horizon.
    pub(crate) fn position(&self, x: f64, y: f64) -> Option<Position> {
        let (east_m, north_m) = self.map.map(x, y)?;
        let lat_deg = self.origin.lat_deg() + (north_m / EARTH_RADIUS_M).to_degrees();
        let cos = self.origin.lat_deg().to_radians().cos().max(1e-6);
        let lon_deg = self.origin.lon_deg() + (east_m / (EARTH_RADIUS_M * cos)).to_degrees();
        Position::new(lat_deg, (lon_deg + 180.0).rem_euclid(360.0) - 180.0).ok()
    }

    /// Metres that a pixel covers at a point, as a length.
    pub(crate) fn metres_per_pixel(&self, x: f64, y: f64) -> Option<f64> {
        self.map.length_scale(x, y).filter(|m| *m > 0.0)
    }

    /// Radius that holds 90 % of the error of a place that is sure to so many pixels: the footprint's own error and theirs.
    pub(crate) fn ce90_m(&self, x: f64, y: f64, pixels: f64) -> f64 {
        self.ce90_m
            .hypot(pixels * self.metres_per_pixel(x, y).unwrap_or(0.0))
    }

    /// From this view's pixels to another's of the same ground.
    pub(crate) fn to(&self, other: &Self) -> Option<Homography> {
        let scale = EARTH_RADIUS_M.to_radians();
        let north = (self.origin.lat_deg() - other.origin.lat_deg()) * scale;
        let cos = other.origin.lat_deg().to_radians().cos();
        let east = (self.origin.lon_deg() - other.origin.lon_deg()) * scale * cos;
        Some(
            self.map
                .then(&Homography::shift(east, north))
                .then(&other.map.inverse()?),
        )
    }
}

/// CE90 of a footprint: as the sender tells for its target (item 45); else of the pointing error over the slant range (item
/// 21), drawn out along the ground where the line of sight is flat; never less than [`LEAST_CE90_M`].
fn ce90_m(metadata: &FmvMetadata) -> f64 {
    let told = metadata
        .number("target_error_estimate_ce90_m")
        .filter(|m| *m > 0.0);
    let derived = || {
        let range_m = metadata.number("slant_range_m").filter(|r| *r > 0.0)?;
        let sensor_m = metadata.number("sensor_true_altitude_m");
        let drop_m = sensor_m
            .zip(metadata.number("frame_center_elevation_m"))
            .map(|(s, g)| (s - g).max(0.0));
        // Flatter than about six degrees the formula says nothing any more.
        let sine = drop_m.map_or(1.0, |drop_m| (drop_m / range_m).clamp(0.1, 1.0));
        let across_m = range_m * POINTING_ERROR_DEG.to_radians().tan();
        Some(CE90_PER_SIGMA / 2.0 * across_m * (1.0 + 1.0 / sine))
    };
    /// Nothing is known of the error but that it was in view of a camera.
    const UNKNOWN_M: f64 = 1000.0;
    told.or_else(derived).unwrap_or(UNKNOWN_M).max(LEAST_CE90_M)
}

#[cfg(test)]
mod tests;
