//! Places on WGS 84, and how sure they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Refused;

/// A number that is finite and within a range fixed by its type.
macro_rules! bounded {
    ($($(#[$doc:meta])* $name:ident = $what:literal, $low:expr, $high:expr, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            /// # Errors
            /// Refused when not finite or outside the range of the type.
            pub fn new(value: f64) -> Result<Self, $crate::Refused> {
                if value.is_finite() && ($low..=$high).contains(&value) {
                    // Adding zero makes -0.0 the same value as 0.0 in every output.
                    Ok(Self(value + 0.0))
                } else {
                    Err($crate::Refused::new($what, value, $expected))
                }
            }

            /// The number, in the unit of the type.
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = $crate::Refused;
            fn try_from(value: f64) -> Result<Self, $crate::Refused> {
                Self::new(value)
            }
        }

        impl From<$name> for f64 {
            fn from(value: $name) -> f64 {
                value.0
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "number", "minimum": $low, "maximum": $high})
            }
        }
    )*};
}
pub(crate) use bounded;

bounded! {
    /// Geodetic latitude on WGS 84, degrees north.
    Latitude = "latitude", -90.0, 90.0, "a latitude from -90 to 90 degrees";
    /// Longitude on WGS 84, degrees east, -180 to 180.
    Longitude = "longitude", -180.0, 180.0, "a longitude from -180 to 180 degrees";
}

/// A place on WGS 84. Heights are told apart by name where they are known (`_hae_m`, `_msl_m`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Degrees north.
    pub lat: Latitude,
    /// Degrees east.
    pub lon: Longitude,
}

impl Position {
    /// # Errors
    /// Refused when a coordinate is not finite or out of range.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Result<Self, Refused> {
        Ok(Self {
            lat: Latitude::new(lat_deg)?,
            lon: Longitude::new(lon_deg)?,
        })
    }

    /// Degrees north.
    #[must_use]
    pub const fn lat_deg(self) -> f64 {
        self.lat.get()
    }

    /// Degrees east.
    #[must_use]
    pub const fn lon_deg(self) -> f64 {
        self.lon.get()
    }
}

/// A 2 × 2 covariance of a horizontal position in square metres, axes east and north of the
/// position: `[[ee, en], [en, nn]]`. Positive definite by construction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "[[f64; 2]; 2]", into = "[[f64; 2]; 2]")]
#[schemars(with = "[[f64; 2]; 2]")]
pub struct CovarianceM2 {
    ee: f64,
    en: f64,
    nn: f64,
}

impl CovarianceM2 {
    /// # Errors
    /// Refused when not finite or not positive definite.
    pub fn new(ee: f64, en: f64, nn: f64) -> Result<Self, Refused> {
        let definite = ee > 0.0 && nn > 0.0 && ee * nn - en * en > 0.0;
        if definite && ee.is_finite() && en.is_finite() && nn.is_finite() {
            Ok(Self { ee, en, nn })
        } else {
            Err(Refused::new(
                "covariance",
                format!("[[{ee},{en}],[{en},{nn}]]"),
                "positive definite",
            ))
        }
    }

    /// East-east, m².
    #[must_use]
    pub const fn ee(self) -> f64 {
        self.ee
    }

    /// East-north, m².
    #[must_use]
    pub const fn en(self) -> f64 {
        self.en
    }

    /// North-north, m².
    #[must_use]
    pub const fn nn(self) -> f64 {
        self.nn
    }

    /// The ellipse that holds the share `p` of a Gaussian: semi-major and semi-minor axis in metres
    /// and the major axis' bearing in degrees, clockwise from north, 0 to 180.
    #[must_use]
    pub fn ellipse(self, p: Probability) -> (f64, f64, f64) {
        let mean = f64::midpoint(self.ee, self.nn);
        let spread = ((self.ee - self.nn) / 2.0).hypot(self.en);
        // Two degrees of freedom: chi-square quantile is -2 ln(1 - p).
        let scale = -2.0 * (1.0 - p.get().min(1.0 - 1e-12)).ln();
        let major = ((mean + spread) * scale).sqrt();
        let minor = ((mean - spread).max(0.0) * scale).sqrt();
        let bearing_deg = (0.5 * (2.0 * self.en).atan2(self.nn - self.ee)).to_degrees();
        (major, minor, bearing_deg.rem_euclid(180.0))
    }
}

use crate::Probability;

impl TryFrom<[[f64; 2]; 2]> for CovarianceM2 {
    type Error = Refused;
    fn try_from([[ee, en], [ne, nn]]: [[f64; 2]; 2]) -> Result<Self, Refused> {
        if (en - ne).abs() > 1e-6 * (ee.abs() + nn.abs()) {
            return Err(Refused::new(
                "covariance",
                format!("{en} and {ne}"),
                "symmetric",
            ));
        }
        Self::new(ee, en, nn)
    }
}

impl From<CovarianceM2> for [[f64; 2]; 2] {
    fn from(c: CovarianceM2) -> Self {
        [[c.ee, c.en], [c.en, c.nn]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_places_are_refused() {
        for (lat, lon) in [
            (90.1, 0.0),
            (f64::NAN, 0.0),
            (0.0, f64::INFINITY),
            (0.0, 180.5),
        ] {
            assert!(Position::new(lat, lon).is_err());
        }
        assert!(CovarianceM2::new(1.0, 1.0, 1.0).is_err());
        assert!(serde_json::from_str::<CovarianceM2>("[[4,1],[2,4]]").is_err());
    }

    #[test]
    fn an_ellipse_points_along_its_long_axis() {
        let east = CovarianceM2::new(400.0, 0.0, 100.0).unwrap();
        let (major, minor, bearing_deg) = east.ellipse(Probability::new(0.9).unwrap());
        assert!((bearing_deg - 90.0).abs() < 1e-9);
        assert!((major / minor - 2.0).abs() < 1e-9);
        assert!((major - 20.0 * 4.605_170_185_988_091_f64.sqrt()).abs() < 1e-9);
    }
}
