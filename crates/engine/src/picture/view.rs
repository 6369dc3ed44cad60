//! A camera's view: where it is, how it is turned, how wide it sees; the rays of its corners, and how
//! uncertain the ground is that they meet.
//!
//! Rotations are those of MISB ST 0601 (items 5, 6/90, 7/91 and 18, 19, 20) and of MAVLink alike: from
//! north-east-down, heading about down, then pitch about right, then roll about forward (aerospace
//! 3-2-1 sequence); the sensor's azimuth, elevation and roll follow in the platform's axes in the same
//! order. The picture's right is the sensor's right, its lower edge the sensor's down.

use nalgebra::{Matrix2, Matrix3, Rotation3, Vector3};
use truceline_domain::Position;

use crate::terrain::globe;
use crate::terrain::ray::Hit;

/// Three angles of one rotation, degrees.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    pub(super) yaw_deg: f64,
    pub(super) pitch_deg: f64,
    pub(super) roll_deg: f64,
}

impl Turn {
    /// Takes vectors of the turned frame into the frame it was turned from.
    fn matrix(self) -> Matrix3<f64> {
        let [roll, pitch, yaw] = [self.roll_deg, self.pitch_deg, self.yaw_deg].map(f64::to_radians);
        // nalgebra's Euler angles are the same sequence: roll first, yaw last, about fixed axes.
        Rotation3::from_euler_angles(roll, pitch, yaw).into_inner()
    }
}

/// One standard deviation of what a ray depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Errors {
    /// The camera's place, each horizontal component, metres.
    pub(super) position_m: f64,
    /// Its height, metres.
    pub(super) height_m: f64,
    /// Its direction about the vertical, degrees: heading and azimuth together.
    pub(super) azimuth_deg: f64,
    /// Its direction about its own right: pitch and elevation together, degrees.
    pub(super) elevation_deg: f64,
    /// About its own axis, degrees.
    pub(super) roll_deg: f64,
    /// Of the field of view, as a share of it.
    pub(super) width: f64,
}

impl Errors {
    /// What is taken where metadata tells none. Attitude: small tactical navigation units hold 0.5°
    /// in pitch and roll and 1° in heading (makers' usual figures), gimbal encoders 0.2°; position:
    /// GNSS without corrections, 5 m and 10 m (GPS SPS Performance Standard 2020, 95 % of 8 and 13 m,
    /// rounded up); field of view 2 %, for lenses zoom between calibrated steps. Assumptions; a
    /// sender's own (ST 0601 item 102) are not in the packets at hand and not read.
    pub(super) const USUAL: Self = Self {
        position_m: 5.0,
        height_m: 10.0,
        azimuth_deg: 1.0,
        elevation_deg: 0.55,
        roll_deg: 0.55,
        width: 0.02,
    };
}

/// A camera that looks.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) place: Position,
    pub(super) height_hae_m: f64,
    /// Its forward, right and down in earth-centred coordinates.
    axes: Matrix3<f64>,
    /// Tangents of half its field of view, across and down.
    half: [f64; 2],
    pub(super) errors: Errors,
}

/// Corners in the standard's order: upper left, upper right, lower right, lower left.
const CORNERS: [[f64; 2]; 4] = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];

/// Narrowest and widest picture, degrees: outside, a field of view is no number to reckon with.
const FIELD_DEG: std::ops::RangeInclusive<f64> = 0.01..=170.0;
/// Height over width where only the width is told: 9:16, the usual picture of motion imagery.
const USUAL_ASPECT: f64 = 9.0 / 16.0;
/// Radius that holds 90 % of a circular Gaussian, in standard deviations: √(−2 ln 0.1).
pub(super) const CE90_PER_SD: f64 = 2.145_966_026_289_347;

impl View {
    /// A view from a place; `platform` turns north-east-down, `sensor` the platform. `None` when
    /// the field of view is no angle.
    pub(super) fn new(
        place: Position,
        height_hae_m: f64,
        platform: Turn,
        sensor: Turn,
        [horizontal_deg, vertical_deg]: [Option<f64>; 2],
        errors: Errors,
    ) -> Option<Self> {
        let tangent = |deg: f64| {
            FIELD_DEG
                .contains(&deg)
                .then(|| (deg / 2.0).to_radians().tan())
        };
        let across = tangent(horizontal_deg?)?;
        let down = match vertical_deg {
            Some(deg) => tangent(deg)?,
            None => across * USUAL_ASPECT,
        };
        let enu = globe::axes(place);
        // North, east, down in earth-centred coordinates.
        let ned = Matrix3::from_columns(&[
            enu.column(1).into_owned(),
            enu.column(0).into_owned(),
            -enu.column(2).into_owned(),
        ]);
        let axes = ned * platform.matrix() * sensor.matrix();
        axes.iter().all(|v| v.is_finite()).then_some(Self {
            place,
            height_hae_m,
            axes,
            half: [across, down],
            errors,
        })
    }

    pub(super) fn eye(&self) -> Vector3<f64> {
        globe::from_place(self.place, self.height_hae_m)
    }

    /// Unit vectors of the centre's ray and of the corners'.
    pub(super) fn rays(&self) -> (Vector3<f64>, [Vector3<f64>; 4]) {
        (self.ray([0.0, 0.0]), CORNERS.map(|corner| self.ray(corner)))
    }

    fn ray(&self, [right, down]: [f64; 2]) -> Vector3<f64> {
        let d = Vector3::new(1.0, right * self.half[0], down * self.half[1]);
        (self.axes * d).normalize()
    }

    /// Azimuth of the axis, degrees from true north, and its depression below the horizontal, degrees.
    pub(super) fn axis_deg(&self) -> [f64; 2] {
        let enu = globe::axes(self.place).transpose() * self.axes.column(0);
        [
            enu.x.atan2(enu.y).to_degrees().rem_euclid(360.0),
            (-enu.z).clamp(-1.0, 1.0).asin().to_degrees(),
        ]
    }

    /// The point of the ray at a range over ground: for corners above the horizon.
    pub(super) fn bounded(&self, ray: &Vector3<f64>, range_m: f64) -> Option<Position> {
        let enu = globe::axes(self.place).transpose() * ray;
        let across = enu.x.hypot(enu.y);
        if across < 1e-6 {
            return None;
        }
        let plane = crate::plane::Plane::at(self.place);
        let scale = range_m / across;
        plane.to_position(crate::plane::Xy::new(enu.x * scale, enu.y * scale))
    }
}

/// CE90 of the ground that a ray met, metres: that of a circle with the standard deviation of the
/// ellipse's long axis, which holds 90 % or more.
///
/// Linear: small turns of the camera and shifts of its place move the ray, and a ray that moves slides
/// along the ground, so what lies across it is divided by the sine of the angle at which it meets the
/// ground. So the far edge of a picture is many times less certain than the near one. `ground_sd_m` is
/// one standard deviation of the height of the ground.
pub(super) fn ce90_m(
    eye: Vector3<f64>,
    hit: &Hit,
    axis: Option<&View>,
    errors: &Errors,
    ground_sd_m: f64,
) -> f64 {
    let way = globe::from_place(hit.place, hit.height_hae_m) - eye;
    let enu = globe::axes(hit.place).transpose();
    let d = enu * way.normalize();
    let range_m = hit.range_m;
    // Not flatter than a third of a degree: beyond, the linear form says nothing any more.
    let sine = (-d.z).max(0.006);
    let slid = |moved: Vector3<f64>| -> [f64; 2] {
        let t = moved.z / sine;
        [moved.x + d.x * t, moved.y + d.y * t]
    };
    let up = Vector3::z();
    let (right, forward) = match axis {
        Some(view) => (
            enu * view.axes.column(1).into_owned(),
            enu * view.axes.column(0).into_owned(),
        ),
        // Of a ray alone: level to its side, and along itself.
        None => (
            Vector3::new(d.y, -d.x, 0.0)
                .try_normalize(1e-9)
                .unwrap_or(Vector3::x()),
            d,
        ),
    };
    let turned = |about: Vector3<f64>, deg: f64| slid(about.cross(&d) * deg.to_radians() * range_m);
    let off_axis = d - forward * d.dot(&forward);
    let moves = [
        turned(up, errors.azimuth_deg),
        turned(right, errors.elevation_deg),
        turned(forward, errors.roll_deg),
        slid(off_axis * errors.width * range_m),
        slid(Vector3::x() * errors.position_m),
        slid(Vector3::y() * errors.position_m),
        slid(up * errors.height_m),
        slid(up * ground_sd_m),
    ];
    let covariance = moves.iter().fold(Matrix2::zeros(), |sum, [e, n]| {
        sum + Matrix2::new(e * e, e * n, e * n, n * n)
    });
    CE90_PER_SD * long_axis_m2(&covariance).sqrt()
}

/// Greater eigenvalue of a covariance.
fn long_axis_m2(c: &Matrix2<f64>) -> f64 {
    let (ee, en, nn) = (c[(0, 0)], c[(0, 1)], c[(1, 1)]);
    f64::midpoint(ee, nn) + ((ee - nn) / 2.0).hypot(en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terrain::ray::Ground;

    fn view(heading_deg: f64, elevation_deg: f64) -> View {
        let place = Position::new(40.0, 47.0).unwrap();
        let platform = Turn {
            yaw_deg: heading_deg,
            ..Turn::default()
        };
        let sensor = Turn {
            pitch_deg: elevation_deg,
            ..Turn::default()
        };
        View::new(
            place,
            2_000.0,
            platform,
            sensor,
            [Some(10.0), Some(6.0)],
            Errors::USUAL,
        )
        .unwrap()
    }

    #[test]
    fn the_axis_points_where_it_was_turned() {
        let [azimuth, depression] = view(70.0, -30.0).axis_deg();
        assert!((azimuth - 70.0).abs() < 1e-9 && (depression - 30.0).abs() < 1e-9);
        // Looking right of a northbound platform that banks right by 20°: down by 20°.
        let place = Position::new(40.0, 47.0).unwrap();
        let banked = View::new(
            place,
            2_000.0,
            Turn {
                roll_deg: 20.0,
                ..Turn::default()
            },
            Turn {
                yaw_deg: 90.0,
                ..Turn::default()
            },
            [Some(10.0), None],
            Errors::USUAL,
        );
        let [azimuth, depression] = banked.unwrap().axis_deg();
        assert!((azimuth - 90.0).abs() < 1e-9 && (depression - 20.0).abs() < 1e-9);
    }

    #[test]
    fn the_far_edge_is_less_certain_than_the_near_one() {
        let view = view(0.0, -12.0);
        let (_, rays) = view.rays();
        let ce90 = |i: usize| {
            let hit = Ground::Level(0.0).meets(view.eye(), rays[i]).unwrap();
            ce90_m(view.eye(), &hit, Some(&view), &Errors::USUAL, 20.0)
        };
        let (far_m, near_m) = (ce90(0), ce90(3));
        assert!(far_m > 2.0 * near_m, "{far_m} {near_m}");
    }

    #[test]
    fn straight_down_only_the_tilt_and_the_place_count() {
        let view = view(0.0, -90.0);
        let (centre, _) = view.rays();
        let hit = Ground::Level(0.0).meets(view.eye(), centre).unwrap();
        let ce90 = ce90_m(view.eye(), &hit, Some(&view), &Errors::USUAL, 20.0);
        // 2 km × 0.55° = 19.2 m, and 5 m of place: 19.8 m.
        assert!((ce90 - CE90_PER_SD * 19.84).abs() < 0.5, "{ce90}");
    }

    #[test]
    fn an_absurd_field_of_view_is_none() {
        let place = Position::new(0.0, 0.0).unwrap();
        let field = |deg| {
            View::new(
                place,
                1.0,
                Turn::default(),
                Turn::default(),
                [deg, None],
                Errors::USUAL,
            )
        };
        assert!(
            field(Some(0.0)).is_none() && field(Some(180.0)).is_none() && field(None).is_none()
        );
    }
}
