//! The `<detail>` of an event: what of it the centre uses. All else is left where it is, in the
//! feed's own bytes. Elements may stand twice; the first that says something counts.

use truceline_domain::Position;

use super::event::Problem;
use crate::FaultKind;

/// What the detail says.
#[derive(Debug, Default)]
pub(super) struct Detail {
    pub(super) callsign: Option<String>,
    pub(super) course_deg: Option<f64>,
    pub(super) speed_mps: Option<f64>,
    pub(super) sensor: Option<Sensor>,
    /// Corners of lines, polygons and routes (`<link point>`, `<vertex>`), in order.
    pub(super) corners: Vec<Position>,
    pub(super) ellipse: Option<Ellipse>,
    pub(super) remarks: Option<String>,
    pub(super) problems: Vec<Problem>,
}

/// A `<sensor>`, as said.
#[derive(Debug, Default)]
pub(super) struct Sensor {
    pub(super) azimuth_deg: Option<f64>,
    pub(super) elevation_deg: Option<f64>,
    pub(super) fov_deg: Option<f64>,
    pub(super) vertical_fov_deg: Option<f64>,
    pub(super) range_m: Option<f64>,
}

/// An `<ellipse>`: its half axes, as TAK writes the radius of a circle, and the bearing of the
/// longer one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ellipse {
    major_m: f64,
    minor_m: f64,
    angle_deg: f64,
}

impl Detail {
    /// Takes one element within the detail.
    pub(super) fn take(&mut self, name: &str, attribute: &dyn Fn(&str) -> Option<String>) {
        match name {
            "contact" => {
                let callsign = attribute("callsign").filter(|c| !c.trim().is_empty());
                self.callsign = self.callsign.take().or(callsign);
            }
            "track" => {
                let (course, speed) = (
                    self.number(name, "course", attribute),
                    self.number(name, "speed", attribute),
                );
                self.course_deg = self.course_deg.or(course);
                self.speed_mps = self.speed_mps.or(speed);
            }
            "sensor" if self.sensor.is_none() => {
                self.sensor = Some(Sensor {
                    azimuth_deg: self.number(name, "azimuth", attribute),
                    elevation_deg: self.number(name, "elevation", attribute),
                    fov_deg: self.number(name, "fov", attribute),
                    vertical_fov_deg: self.number(name, "vfov", attribute),
                    range_m: self.number(name, "range", attribute),
                });
            }
            "link" => {
                if let Some(point) = attribute("point") {
                    self.corner(corner_of(&point), &point);
                }
            }
            "vertex" => {
                let (lat, lon) = (attribute("lat"), attribute("lon"));
                let point = format!("{},{}", lat.unwrap_or_default(), lon.unwrap_or_default());
                self.corner(corner_of(&point), &point);
            }
            "ellipse" => self.ellipse(attribute),
            _ => {}
        }
    }

    /// Takes the words of a `<remarks>`.
    pub(super) fn take_remarks(&mut self, words: &str) {
        let words = words.trim();
        if !words.is_empty() && self.remarks.is_none() {
            self.remarks = Some(words.to_owned());
        }
    }

    fn number(
        &mut self,
        element: &str,
        name: &str,
        attribute: &dyn Fn(&str) -> Option<String>,
    ) -> Option<f64> {
        let text = attribute(name)?;
        let number = text.trim().parse().ok();
        if number.is_none() && !text.trim().is_empty() {
            let message = format!("{element} {name}: {text:.80?} is no number");
            self.problems.push((FaultKind::Malformed, message));
        }
        number
    }

    fn corner(&mut self, corner: Option<Position>, text: &str) {
        match corner {
            Some(corner) => self.corners.push(corner),
            None => {
                let message =
                    format!("corner {text:.80?} is no latitude and longitude; it is left out");
                self.problems.push((FaultKind::Absurd, message));
            }
        }
    }

    /// Rings within rings are drawn for one centre; the widest counts.
    fn ellipse(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let major = self.number("ellipse", "major", attribute);
        let minor = self.number("ellipse", "minor", attribute);
        let angle = self.number("ellipse", "angle", attribute);
        let (Some(major_m), Some(minor_m)) = (major, minor) else {
            return;
        };
        if self.ellipse.is_none_or(|e| major_m > e.major_m) {
            self.ellipse = Some(Ellipse {
                major_m,
                minor_m,
                angle_deg: angle.unwrap_or(0.0),
            });
        }
    }
}

/// `lat,lon` or `lat,lon,hae`.
fn corner_of(text: &str) -> Option<Position> {
    let mut parts = text.split(',').map(str::trim);
    let lat = parts.next()?.parse().ok()?;
    let lon = parts.next()?.parse().ok()?;
    Position::new(lat, lon).ok()
}

/// So many corners stand for an ellipse: the chord's middle is less than 0.4 % of the half axis
/// within it.
const CORNERS: u32 = 36;
/// No drawing of a theatre is wider.
const MAX_HALF_AXIS_M: f64 = 200_000.0;

impl Ellipse {
    /// The ellipse as a closed polygon, its first corner again at its end, around a centre. Metres
    /// become degrees by the ellipsoid's radii of curvature at the centre (WGS 84), which is good
    /// to 1 % of the half axis within 100 km away from the poles.
    pub(super) fn corners(self, centre: Position) -> Result<Vec<Position>, String> {
        const SEMI_MAJOR_M: f64 = 6_378_137.0;
        const ECCENTRICITY_2: f64 = 6.694_379_990_14e-3;
        let Self {
            major_m,
            minor_m,
            angle_deg,
        } = self;
        let fits = |m: f64| m > 0.0 && m <= MAX_HALF_AXIS_M;
        if !fits(major_m)
            || !fits(minor_m)
            || !angle_deg.is_finite()
            || centre.lat_deg().abs() > 85.0
        {
            return Err(format!(
                "ellipse of {major_m} by {minor_m} m at {angle_deg} degrees: half axes are above 0 \
                 and at most {MAX_HALF_AXIS_M} m, away from the poles; it is left out"
            ));
        }
        let (sin_lat, cos_lat) = centre.lat_deg().to_radians().sin_cos();
        let w2 = 1.0 - ECCENTRICITY_2 * sin_lat * sin_lat;
        let prime_vertical_m = SEMI_MAJOR_M / w2.sqrt();
        let meridian_m = prime_vertical_m * (1.0 - ECCENTRICITY_2) / w2;
        let (sin_angle, cos_angle) = angle_deg.to_radians().sin_cos();
        let corner = |i: u32| {
            let (sin, cos) =
                (f64::from(i % CORNERS) / f64::from(CORNERS) * std::f64::consts::TAU).sin_cos();
            let (along_m, across_m) = (major_m * cos, minor_m * sin);
            let north_m = along_m * cos_angle - across_m * sin_angle;
            let east_m = along_m * sin_angle + across_m * cos_angle;
            let lat = centre.lat_deg() + (north_m / meridian_m).to_degrees();
            let lon = centre.lon_deg() + (east_m / (prime_vertical_m * cos_lat)).to_degrees();
            // Over the antimeridian.
            Position::new(lat, (lon + 540.0).rem_euclid(360.0) - 180.0).map_err(|e| e.to_string())
        };
        (0..=CORNERS).map(corner).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_becomes_a_closed_polygon_of_its_radius() {
        let centre = Position::new(40.0, 46.0).unwrap();
        let circle = Ellipse {
            major_m: 1000.0,
            minor_m: 1000.0,
            angle_deg: 360.0,
        };
        let corners = circle.corners(centre).unwrap();
        assert_eq!((corners.len(), corners[0]), (37, corners[36]));
        // A degree of latitude at 40 N is 111,035 m, of longitude 85,394 m.
        assert!(((corners[0].lat_deg() - 40.0) * 111_035.0 - 1000.0).abs() < 1.0);
        assert!(((corners[9].lon_deg() - 46.0) * 85_394.0 - 1000.0).abs() < 1.0);
    }

    #[test]
    fn an_ellipse_that_cannot_be_is_refused() {
        let centre = Position::new(40.0, 46.0).unwrap();
        for (major_m, minor_m) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (1e9, 1.0)] {
            assert!(
                Ellipse {
                    major_m,
                    minor_m,
                    angle_deg: 0.0
                }
                .corners(centre)
                .is_err()
            );
        }
    }
}
