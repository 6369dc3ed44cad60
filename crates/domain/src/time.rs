//! Three instants that are never mixed: observed, received, recorded.
//!
//! All are UTC with microseconds, written `2020-11-09T21:00:00.000000Z` (RFC 3339, six digits
//! always, so that text order is time order for four-digit years).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Refused;

macro_rules! instant {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// 1970-01-01T00:00:00Z.
            pub const UNIX_EPOCH: Self = Self(0);
            /// The first and the last instant: 0000-01-01T00:00:00Z and just before 9999-12-30T22:00:00Z, where
            /// [`jiff::Timestamp`] ends.
            pub const MIN: Self = Self(-62_167_219_200_000_000);
            /// See [`Self::MIN`].
            pub const MAX: Self = Self(253_402_207_199_999_999);

            /// From microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
            ///
            /// # Errors
            /// Refused outside the years 0000 to 9999, which RFC 3339 cannot write.
            pub fn from_unix_us(us: i64) -> Result<Self, Refused> {
                if (Self::MIN.0..=Self::MAX.0).contains(&us) {
                    Ok(Self(us))
                } else {
                    Err(Refused::new($what, us, "microseconds within the years 0000 to 9999"))
                }
            }

            /// Microseconds since 1970-01-01T00:00:00Z.
            #[must_use]
            pub const fn unix_us(self) -> i64 {
                self.0
            }

            /// Seconds from `earlier` to `self`; negative when `self` is the earlier one.
            #[must_use]
            pub fn seconds_since(self, earlier: Self) -> f64 {
                (self.0 - earlier.0) as f64 / 1e6
            }

            /// The same instant moved by `seconds`, held within the years RFC 3339 can write.
            #[must_use]
            pub fn plus_seconds(self, seconds: f64) -> Self {
                let us = self.0.saturating_add((seconds * 1e6).round() as i64);
                Self(us.clamp(Self::MIN.0, Self::MAX.0))
            }

            /// The instant as a [`jiff::Timestamp`].
            #[must_use]
            pub fn timestamp(self) -> Timestamp {
                Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }

        impl From<Timestamp> for $name {
            /// Cuts below the microsecond; what lies beyond the first or last instant becomes that.
            fn from(t: Timestamp) -> Self {
                Self(t.as_microsecond().clamp(Self::MIN.0, Self::MAX.0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:.6}", self.timestamp())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Refused;

            /// Reads RFC 3339 with `Z` or an offset; a time without a zone is refused.
            fn from_str(s: &str) -> Result<Self, Refused> {
                const EXPECTED: &str = "an RFC 3339 time with its zone, such as 2020-11-09T21:00:00.000000Z";
                let t = Timestamp::from_str(s).map_err(|_| Refused::new($what, s, EXPECTED))?;
                Self::from_unix_us(t.as_microsecond())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                crate::id::parse_text(d)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "format": "date-time"})
            }
        }
    };
}

instant!(
    /// When it was observed, by the source's own clock.
    Observed,
    "observed time"
);
instant!(
    /// When it reached the centre, by the centre's clock.
    Received,
    "received time"
);
instant!(
    /// When it entered the log, by the log's clock.
    Recorded,
    "recorded time"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_six_digits_and_comes_back() {
        let t: Observed = "2020-11-10T00:00:00+03:00".parse().unwrap();
        assert_eq!(t.to_string(), "2020-11-09T21:00:00.000000Z");
        assert_eq!(t.to_string().parse::<Observed>().unwrap(), t);
        assert_eq!(t.plus_seconds(0.25).seconds_since(t), 0.25);
    }

    #[test]
    fn a_time_without_zone_is_refused() {
        assert!("2020-11-10T00:00:00".parse::<Observed>().is_err());
        assert!("yesterday".parse::<Received>().is_err());
        assert!(Recorded::from_unix_us(i64::MAX).is_err());
    }
}
