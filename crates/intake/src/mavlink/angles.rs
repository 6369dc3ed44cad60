//! Attitudes as Tait-Bryan angles.

use truceline_domain::Refused;

/// Roll, pitch and yaw, degrees, of the rotation that takes north-east-down into the body's frame:
/// yaw about down, then pitch about right, then roll about forward (aerospace 3-2-1 sequence).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Angles {
    pub(super) roll_deg: f64,
    pub(super) pitch_deg: f64,
    pub(super) yaw_deg: f64,
}

/// A unit quaternion's square norm may be off by so much: single precision and a filter's slack.
const NORM_SLACK: f64 = 0.02;

impl Angles {
    /// From a quaternion w, x, y, z. `None` when a component is not a number, which is how the
    /// protocols say «unknown».
    ///
    /// # Errors
    /// When it is no rotation because its length is not one.
    pub(super) fn from_quaternion(q: [f32; 4]) -> Result<Option<Self>, String> {
        let [w, x, y, z] = q.map(f64::from);
        if [w, x, y, z].iter().any(|c| c.is_nan()) {
            return Ok(None);
        }
        let norm2 = w * w + x * x + y * y + z * z;
        if !((1.0 - NORM_SLACK)..=(1.0 + NORM_SLACK)).contains(&norm2) {
            return Err(format!(
                "quaternion ({w}, {x}, {y}, {z}) has the length {}; a rotation has 1",
                norm2.sqrt()
            ));
        }
        // Diebel 2006, «Representing Attitude», section 8.2 (sequence 1-2-3 of the inverse).
        let sin_pitch = (2.0 * (w * y - z * x) / norm2).clamp(-1.0, 1.0);
        Ok(Some(Self {
            roll_deg: (2.0 * (w * x + y * z))
                .atan2(w * w - x * x - y * y + z * z)
                .to_degrees(),
            pitch_deg: sin_pitch.asin().to_degrees(),
            yaw_deg: (2.0 * (w * z + x * y))
                .atan2(w * w + x * x - y * y - z * z)
                .to_degrees(),
        }))
    }

    /// The three as the domain's numbers.
    pub(super) fn finite(self) -> Result<[truceline_domain::Finite; 3], Refused> {
        use truceline_domain::Finite;
        Ok([
            Finite::new(self.roll_deg)?,
            Finite::new(self.pitch_deg)?,
            Finite::new(self.yaw_deg)?,
        ])
    }
}

/// Whether a gimbal device's yaw counts from north, by its flags (`GIMBAL_DEVICE_FLAGS`, in MAVLink
/// and PX4 alike). Older gimbals set neither of the two frame flags; then the lock tells.
pub(super) fn yaw_from_north(device_flags: u16) -> bool {
    const YAW_LOCK: u16 = 16;
    const YAW_IN_VEHICLE_FRAME: u16 = 32;
    const YAW_IN_EARTH_FRAME: u16 = 64;
    match device_flags & (YAW_IN_VEHICLE_FRAME | YAW_IN_EARTH_FRAME) {
        0 => device_flags & YAW_LOCK != 0,
        frame => frame & YAW_IN_EARTH_FRAME != 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarter_turns_about_each_axis() {
        let h = std::f32::consts::FRAC_1_SQRT_2;
        let angles = |q| Angles::from_quaternion(q).unwrap().unwrap();
        assert!((angles([h, h, 0.0, 0.0]).roll_deg - 90.0).abs() < 1e-4);
        assert!((angles([h, 0.0, 0.0, h]).yaw_deg - 90.0).abs() < 1e-4);
        let nose_up = angles([0.923_879_5, 0.0, 0.382_683_43, 0.0]);
        assert!((nose_up.pitch_deg - 45.0).abs() < 1e-4);
    }

    #[test]
    fn the_frame_of_a_gimbals_yaw() {
        for (flags, from_north) in [(64, true), (16 + 32, false), (16, true), (0, false)] {
            assert_eq!(yaw_from_north(flags), from_north, "{flags}");
        }
    }

    #[test]
    fn what_is_no_rotation_is_refused() {
        assert_eq!(Angles::from_quaternion([f32::NAN, 0.0, 0.0, 0.0]), Ok(None));
        assert!(Angles::from_quaternion([0.0; 4]).is_err());
        assert!(Angles::from_quaternion([f32::INFINITY, 0.0, 0.0, 0.0]).is_err());
    }
}
