//! What DataFlash records state. Names, labels and units: ArduPilot's «Onboard Message Log
//! Messages», <https://ardupilot.org/copter/docs/logmessages.html>.

use truceline_domain::{
    Bearing, Body, Finite, MavlinkAttitude, MavlinkGimbal, MavlinkPosition, Position, Refused,
};

use super::format::Format;

/// A record with its format and the system it is of.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) format: &'a Format,
    pub(super) bytes: &'a [u8],
    pub(super) system: u8,
}

impl Record<'_> {
    pub(super) fn number(&self, label: &str) -> Option<f64> {
        self.format.number(self.bytes, label)
    }

    /// The record's name, with its instance when it is not the first: `GPS[1]`.
    fn message(&self) -> String {
        match self.instance() {
            0 => self.format.name.clone(),
            i => format!("{}[{i}]", self.format.name),
        }
    }

    /// Which of several sensors or mounts it is of.
    pub(super) fn instance(&self) -> u64 {
        self.format.unsigned(self.bytes, "I").unwrap_or(0)
    }

    /// What it states; nothing when it is of no use here or says that it knows nothing.
    ///
    /// # Errors
    /// When a value cannot be.
    pub(super) fn bodies(&self) -> Result<Vec<Body>, Refused> {
        let bodies = match self.format.name.as_str() {
            "GPS" | "GPS2" => [self.fix()?, None],
            "POS" => [self.position("RelHomeAlt")?, None],
            "CAM" => [self.position("RelAlt")?, None],
            "ATT" => [self.attitude()?, None],
            "AHR2" => [self.attitude()?, self.position("")?],
            "MNT" => [self.gimbal()?, None],
            _ => [None, None],
        };
        Ok(bodies.into_iter().flatten().collect())
    }

    fn finite(&self, label: &str) -> Option<Finite> {
        Finite::new(self.number(label)?).ok()
    }

    /// Both zero is what the autopilot writes before it knows where it is.
    fn place(&self) -> Result<Option<Position>, Refused> {
        match (self.number("Lat"), self.number("Lng")) {
            (Some(lat), Some(lon)) if (lat, lon) != (0.0, 0.0) => Position::new(lat, lon).map(Some),
            _ => Ok(None),
        }
    }

    fn bare_position(&self, position: Position) -> MavlinkPosition {
        MavlinkPosition {
            system: self.system,
            message: self.message(),
            position,
            height_msl_m: self.finite("Alt"),
            height_hae_m: None,
            height_above_home_m: None,
            velocity_north_mps: None,
            velocity_east_mps: None,
            velocity_down_mps: None,
            heading_deg: None,
            horizontal_sd_m: None,
        }
    }

    fn position(&self, above_home: &str) -> Result<Option<Body>, Refused> {
        Ok(self.place()?.map(|place| {
            Body::MavlinkPosition(MavlinkPosition {
                height_above_home_m: self.finite(above_home),
                ..self.bare_position(place)
            })
        }))
    }

    /// A receiver's fix. Status: 2 is a fix without height, 3 and above one with.
    fn fix(&self) -> Result<Option<Body>, Refused> {
        let status = self.number("Status").unwrap_or(0.0);
        let Some(place) = self.place()?.filter(|_| status >= 2.0) else {
            return Ok(None);
        };
        let (speed_mps, course) = (self.number("Spd"), self.number("GCrs"));
        let course = course.and_then(|deg| Bearing::new(deg).ok());
        let along = speed_mps
            .zip(course)
            .map(|(mps, c)| (mps, c.deg().to_radians()));
        let bare = self.bare_position(place);
        Ok(Some(Body::MavlinkPosition(MavlinkPosition {
            height_msl_m: bare.height_msl_m.filter(|_| status >= 3.0),
            velocity_north_mps: along.and_then(|(mps, c)| Finite::new(mps * c.cos()).ok()),
            velocity_east_mps: along.and_then(|(mps, c)| Finite::new(mps * c.sin()).ok()),
            velocity_down_mps: self.finite("VZ").filter(|_| status >= 3.0),
            ..bare
        })))
    }

    fn attitude(&self) -> Result<Option<Body>, Refused> {
        let [Some(roll_deg), Some(pitch_deg), Some(yaw_deg)] =
            ["Roll", "Pitch", "Yaw"].map(|label| self.number(label))
        else {
            return Ok(None);
        };
        Ok(Some(Body::MavlinkAttitude(MavlinkAttitude {
            system: self.system,
            message: self.message(),
            roll_deg: Finite::new(roll_deg)?,
            pitch_deg: Finite::new(pitch_deg)?,
            yaw_deg: Finite::new(yaw_deg)?,
        })))
    }

    /// A mount's own angles; those it does not know are NaN. Yaw from north when it is known.
    fn gimbal(&self) -> Result<Option<Body>, Refused> {
        let (Some(roll_deg), Some(pitch_deg)) = (self.finite("Roll"), self.finite("Pitch")) else {
            return Ok(None);
        };
        let from_north = self.finite("YawE").map(|yaw| (yaw, true));
        let Some((yaw_deg, yaw_from_north)) =
            from_north.or_else(|| self.finite("YawB").map(|yaw| (yaw, false)))
        else {
            return Ok(None);
        };
        Ok(Some(Body::MavlinkGimbal(MavlinkGimbal {
            system: self.system,
            message: self.message(),
            roll_deg,
            pitch_deg,
            yaw_deg,
            yaw_from_north,
        })))
    }
}
