//! The formats, and how one is recognised.

use std::fmt;
use std::str::FromStr;

/// Whether the head of a feed is of a format.
type Knows = fn(&[u8]) -> bool;

/// A format that feeds come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Motion imagery: MPEG-2 transport stream with KLV (STANAG 4609), or a raw KLV stream.
    Fmv,
    /// Drone telemetry: MAVLink `.tlog`, ArduPilot DataFlash `.BIN`, PX4 `.ulg`.
    Mavlink,
    /// Cursor on Target, XML or protobuf.
    Cot,
    /// Ground observers' reports: CSV, JSON, XForm.
    Report,
    /// Thermal hotspots: NASA FIRMS CSV.
    Hotspot,
    /// Sensors' readings: NDJSON.
    Sensor,
}

impl Format {
    /// All formats, in order.
    pub const ALL: [Self; 6] = [
        Self::Fmv,
        Self::Mavlink,
        Self::Cot,
        Self::Report,
        Self::Hotspot,
        Self::Sensor,
    ];

    /// The word on the command line and in configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fmv => "fmv",
            Self::Mavlink => "mavlink",
            Self::Cot => "cot",
            Self::Report => "report",
            Self::Hotspot => "hotspot",
            Self::Sensor => "sensor",
        }
    }

    /// How many of a feed's first bytes [`Format::recognise`] wants to see.
    pub const HEAD_BYTES: usize = 4096;

    /// The format of a feed by its first bytes; its name is not looked at, since names lie. Each
    /// format says in its own module what it looks for. `None` when no format knows it.
    #[must_use]
    pub fn recognise(head: &[u8]) -> Option<Self> {
        let head = &head[..head.len().min(Self::HEAD_BYTES)];
        // From the most to the least certain: binary marks first, lines of text last.
        let by_certainty: [(Self, Knows); 6] = [
            (Self::Fmv, crate::fmv::recognise),
            (Self::Mavlink, crate::mavlink::recognise),
            (Self::Cot, crate::cot::recognise),
            (Self::Hotspot, crate::hotspot::recognise),
            (Self::Sensor, crate::sensor::recognise),
            (Self::Report, crate::report::recognise),
        ];
        by_certainty
            .into_iter()
            .find(|(_, knows)| knows(head))
            .map(|(format, _)| format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Format {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Format {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|f| f.as_str() == s)
            .ok_or_else(|| {
                let all: Vec<_> = Self::ALL.iter().map(|f| f.as_str()).collect();
                format!("{s:?} is no format; expected one of {}", all.join(", "))
            })
    }
}
