//! Statements of sensors on the ground: sound, light, shock, weather.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::bounded;
use crate::{Probability, Refused};

bounded! {
    /// A finite number within what a machine of this world can measure.
    Finite = "number", -1e12, 1e12, "a finite number";
    /// A number above zero.
    Positive = "number", f64::MIN_POSITIVE, 1e12, "a finite number above zero";
    /// A number of zero or more.
    NonNegative = "number", 0.0, 1e12, "a finite number of zero or more";
}

/// A direction over ground in degrees, clockwise from true north, 0 (included) to 360 (excluded).
/// Reading takes -180 to 360 and brings it into range.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Bearing(f64);

impl Bearing {
    /// # Errors
    /// Refused when not finite or outside -180 to 360 degrees.
    pub fn new(deg: f64) -> Result<Self, Refused> {
        if deg.is_finite() && (-180.0..=360.0).contains(&deg) {
            Ok(Self(deg.rem_euclid(360.0) % 360.0))
        } else {
            Err(Refused::new("bearing", deg, "degrees from -180 to 360"))
        }
    }

    /// Degrees clockwise from true north, 0 to 360 (excluded).
    #[must_use]
    pub const fn deg(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Bearing {
    type Error = Refused;
    fn try_from(deg: f64) -> Result<Self, Refused> {
        Self::new(deg)
    }
}

impl From<Bearing> for f64 {
    fn from(b: Bearing) -> f64 {
        b.0
    }
}

/// A sound's onset at an array; `observed` is the onset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acoustic {
    /// From the sensor to the source of the sound.
    pub bearing_deg: Bearing,
    /// One standard deviation.
    pub bearing_sd_deg: Positive,
    /// Sound pressure level.
    pub level_db: Finite,
    /// What the array takes it for.
    #[serde(default)]
    pub class: AcousticClass,
    /// The chance that `class` is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_p: Option<Probability>,
    /// Duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dur_s: Option<NonNegative>,
    /// Frequency of the strongest component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_hz: Option<NonNegative>,
}

/// What an array takes a sound for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcousticClass {
    /// A gun's muzzle blast.
    Muzzle,
    /// A burst on the ground.
    Impact,
    /// It does not say.
    #[default]
    Unknown,
}

/// A flash of light: muzzle, explosion or lightning, no delay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flash {
    /// From the sensor to the flash.
    pub bearing_deg: Bearing,
    /// One standard deviation.
    pub bearing_sd_deg: Positive,
}

/// A ground shock (impacts, demolitions, quarries); `observed` is its arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Seismic {
    /// Which wave.
    pub arrival: SeismicArrival,
}

/// A seismic phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum SeismicArrival {
    /// The compressional wave, about 5.5 km/s near the surface.
    P,
    /// The short-period surface wave, about 2.8 km/s.
    Rg,
}

/// Weather at a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weather {
    /// Air temperature, degrees Celsius.
    pub temperature_c: Finite,
    /// Where the wind comes from.
    pub wind_from_deg: Bearing,
    /// Wind speed, m/s.
    pub wind_mps: NonNegative,
}
