//! What most readers of a packet ask for: where the sensor is, where it looks, what the frame covers.
//!
//! Each of these walks through the packet's items once (the corners twice at most) and allocates nothing. A number that is absent,
//! malformed or special is `None`; [`crate::set::Item::value`] tells which.

use crate::st0601::Packet;

/// Where a sensor is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SensorPosition {
    /// Item 13, WGS 84.
    pub latitude_deg: f64,
    /// Item 14, WGS 84.
    pub longitude_deg: f64,
    /// Item 15: above mean sea level.
    pub altitude_msl_m: Option<f64>,
    /// Item 104, else 75: above the WGS 84 ellipsoid.
    pub height_hae_m: Option<f64>,
}

/// A point on the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroundPoint {
    /// WGS 84.
    pub latitude_deg: f64,
    /// WGS 84.
    pub longitude_deg: f64,
    /// Above mean sea level.
    pub elevation_msl_m: Option<f64>,
    /// Above the WGS 84 ellipsoid.
    pub height_hae_m: Option<f64>,
}

/// Where a corner came from, and so how fine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CornerSource {
    /// Items 82 to 89: some 42 and 84 nanodegrees.
    Full,
    /// Items 26 to 33 added to the frame centre: some 2.3 microdegrees, within ±0.075° of the centre.
    Offset,
}

/// The corners of the frame on the ground, in the standard's order: upper left, upper right, lower right, lower left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corners {
    /// (latitude, longitude), WGS 84.
    pub points_deg: [(f64, f64); 4],
    /// Which items they are from.
    pub source: CornerSource,
}

/// How wide the sensor sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldOfView {
    /// Item 16.
    pub horizontal_deg: f64,
    /// Item 17.
    pub vertical_deg: Option<f64>,
}

/// How the platform lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlatformAttitude {
    /// Item 5: clockwise from true north.
    pub heading_deg: f64,
    /// Item 90, else 6: nose up is positive.
    pub pitch_deg: Option<f64>,
    /// Item 91, else 7: right wing down is positive.
    pub roll_deg: Option<f64>,
}

/// How the sensor points, relative to the platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SensorPointing {
    /// Item 18: clockwise from the nose, seen from above.
    pub relative_azimuth_deg: f64,
    /// Item 19: above the platform's plane is positive.
    pub relative_elevation_deg: f64,
    /// Item 20: clockwise seen from behind the camera.
    pub relative_roll_deg: Option<f64>,
}

impl<'a> Packet<'a> {
    /// The first item of a tag as a number in the standard's unit.
    #[must_use]
    pub fn number(&self, tag: u32) -> Option<f64> {
        self.set().number(tag)
    }

    /// The first item of a tag as text.
    #[must_use]
    pub fn text(&self, tag: u32) -> Option<&'a str> {
        self.set().text(tag)
    }

    /// Items 13, 14, 15, 75, 104.
    #[must_use]
    pub fn sensor_position(&self) -> Option<SensorPosition> {
        let [latitude, longitude, altitude, height, extended] =
            self.set().numbers([13, 14, 15, 75, 104]);
        Some(SensorPosition {
            latitude_deg: latitude?,
            longitude_deg: longitude?,
            altitude_msl_m: altitude,
            height_hae_m: extended.or(height),
        })
    }

    /// Items 23, 24, 25, 78: the ground in the middle of the frame.
    #[must_use]
    pub fn frame_center(&self) -> Option<GroundPoint> {
        let [latitude, longitude, elevation, height] = self.set().numbers([23, 24, 25, 78]);
        Some(GroundPoint {
            latitude_deg: latitude?,
            longitude_deg: longitude?,
            elevation_msl_m: elevation,
            height_hae_m: height,
        })
    }

    /// Items 40, 41, 42: the target under the crosshair, if other than the frame centre.
    #[must_use]
    pub fn target_location(&self) -> Option<GroundPoint> {
        let [latitude, longitude, elevation] = self.set().numbers([40, 41, 42]);
        Some(GroundPoint {
            latitude_deg: latitude?,
            longitude_deg: longitude?,
            elevation_msl_m: elevation,
            height_hae_m: None,
        })
    }

    /// The corners of the frame: items 82 to 89, else items 26 to 33 added to the frame centre. All four or none.
    #[must_use]
    pub fn corners(&self) -> Option<Corners> {
        if let Some(points_deg) = pairs(self.set().numbers([82, 83, 84, 85, 86, 87, 88, 89])) {
            return Some(Corners {
                points_deg,
                source: CornerSource::Full,
            });
        }
        let [latitude, longitude, offsets @ ..] =
            self.set().numbers([23, 24, 26, 27, 28, 29, 30, 31, 32, 33]);
        let (latitude, longitude) = (latitude?, longitude?);
        let points_deg =
            pairs(offsets)?.map(|(north, east)| (latitude + north, within_180(longitude + east)));
        Some(Corners {
            points_deg,
            source: CornerSource::Offset,
        })
    }

    /// Items 16 and 17.
    #[must_use]
    pub fn field_of_view(&self) -> Option<FieldOfView> {
        let [horizontal, vertical] = self.set().numbers([16, 17]);
        Some(FieldOfView {
            horizontal_deg: horizontal?,
            vertical_deg: vertical,
        })
    }

    /// Items 5, 6, 7, 90, 91.
    #[must_use]
    pub fn platform_attitude(&self) -> Option<PlatformAttitude> {
        let [heading, pitch, roll, pitch_full, roll_full] = self.set().numbers([5, 6, 7, 90, 91]);
        Some(PlatformAttitude {
            heading_deg: heading?,
            pitch_deg: pitch_full.or(pitch),
            roll_deg: roll_full.or(roll),
        })
    }

    /// Items 18, 19, 20.
    #[must_use]
    pub fn sensor_pointing(&self) -> Option<SensorPointing> {
        let [azimuth, elevation, roll] = self.set().numbers([18, 19, 20]);
        Some(SensorPointing {
            relative_azimuth_deg: azimuth?,
            relative_elevation_deg: elevation?,
            relative_roll_deg: roll,
        })
    }

    /// Item 21: distance from the sensor to the frame centre.
    #[must_use]
    pub fn slant_range_m(&self) -> Option<f64> {
        self.number(21)
    }

    /// Item 96, else 22: width of the frame on the ground.
    #[must_use]
    pub fn target_width_m(&self) -> Option<f64> {
        self.number(96).or_else(|| self.number(22))
    }

    /// Item 3.
    #[must_use]
    pub fn mission_id(&self) -> Option<&'a str> {
        self.text(3)
    }

    /// Item 4.
    #[must_use]
    pub fn platform_tail_number(&self) -> Option<&'a str> {
        self.text(4)
    }

    /// Item 10.
    #[must_use]
    pub fn platform_designation(&self) -> Option<&'a str> {
        self.text(10)
    }

    /// Item 11.
    #[must_use]
    pub fn image_source_sensor(&self) -> Option<&'a str> {
        self.text(11)
    }
}

/// Latitude and longitude of four points, if all are there.
fn pairs(numbers: [Option<f64>; 8]) -> Option<[(f64, f64); 4]> {
    let [a, b, c, d, e, f, g, h] = numbers;
    Some([(a?, b?), (c?, d?), (e?, f?), (g?, h?)])
}

/// A longitude brought back over the antimeridian.
fn within_180(longitude_deg: f64) -> f64 {
    if longitude_deg > 180.0 {
        longitude_deg - 360.0
    } else if longitude_deg < -180.0 {
        longitude_deg + 360.0
    } else {
        longitude_deg
    }
}
