//! The other packs and lists of ST 0601: control command (115), country codes (122), frame rate (127), wavelengths (128),
//! payloads (138, 139), metadata substream id (143).

use crate::ber::{Cursor, write_oid, write_prefixed};
use crate::error::{Error, Fault};
use crate::format::{read_imap, write_imap};
use crate::pack::{Record, Series, write_counted};
use crate::value::Reading;

/// Text within a pack: lossless only if it is UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackText<'a>(pub &'a [u8]);

impl<'a> PackText<'a> {
    /// The text, if it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }
}

impl<'a> From<&'a str> for PackText<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

#[cfg(feature = "json")]
impl serde::Serialize for PackText<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => serde::Serialize::serialize(&crate::json::NotUtf8(self.0), serializer),
        }
    }
}

pub(crate) fn exactly<const N: usize>(raw: &[u8]) -> Result<[u8; N], Error> {
    raw.try_into().map_err(|_| {
        let expected = crate::error::Allowed::Exactly(N);
        Error::new(
            "pack",
            0,
            Fault::BadLength {
                found: raw.len(),
                expected,
            },
        )
    })
}

/// Control Command (item 115): a copy of a command to platform or sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct ControlCommand<'a> {
    /// Number of the command, which item 116 repeats when it is acknowledged.
    pub id: u32,
    /// The command, in words of the platform's maker.
    pub command: PackText<'a>,
    /// When it was given, microseconds since 1970 (MISP time); `None` is the packet's own time.
    pub time_us: Option<u64>,
}

impl<'a> ControlCommand<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            id: c.oid()?,
            command: PackText(c.prefixed()?),
            time_us: if c.is_empty() {
                None
            } else {
                Some(u64::from_be_bytes(c.array()?))
            },
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_oid(self.id, out);
        write_prefixed(self.command.0, out);
        out.extend(self.time_us.iter().flat_map(|t| t.to_be_bytes()));
    }
}

/// Country Codes (item 122). An empty or missing code is "unknown".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct CountryCodes<'a> {
    /// How the codes are written ([`crate::st0102::OBJECT_COUNTRY_CODING_METHODS`]).
    pub coding_method: u8,
    /// Country that the platform flies over.
    pub overflight_country: Option<PackText<'a>>,
    /// Country of the operator.
    pub operator_country: Option<PackText<'a>>,
    /// Country where the platform was made.
    pub country_of_manufacture: Option<PackText<'a>>,
}

impl<'a> CountryCodes<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        let [coding_method] = exactly(c.prefixed()?)?;
        let mut codes = [None; 3];
        for code in &mut codes {
            if c.is_empty() {
                break;
            }
            *code = Some(c.prefixed()?)
                .filter(|text| !text.is_empty())
                .map(PackText);
        }
        let [overflight_country, operator_country, country_of_manufacture] = codes;
        Ok(Self {
            coding_method,
            overflight_country,
            operator_country,
            country_of_manufacture,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_prefixed(&[self.coding_method], out);
        let codes = [
            self.overflight_country,
            self.operator_country,
            self.country_of_manufacture,
        ];
        let sent = codes
            .iter()
            .rposition(Option::is_some)
            .map_or(1, |last| last + 1);
        for code in codes.iter().take(sent) {
            write_prefixed(code.map_or(&[][..], |text| text.0), out);
        }
    }
}

/// Sensor Frame Rate Pack (item 127).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct FrameRate {
    /// Frames …
    pub numerator: u32,
    /// … in so many seconds; 1 if not sent.
    pub denominator: u32,
}

impl FrameRate {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            numerator: c.oid()?,
            denominator: if c.is_empty() { 1 } else { c.oid()? },
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_oid(self.numerator, out);
        if self.denominator != 1 {
            write_oid(self.denominator, out);
        }
    }

    /// Frames per second; `None` when the denominator is zero.
    #[must_use]
    pub fn frames_per_second(&self) -> Option<f64> {
        (self.denominator != 0).then(|| f64::from(self.numerator) / f64::from(self.denominator))
    }
}

/// One band of the Wavelengths List (item 128).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct WavelengthBand<'a> {
    /// Number of the band: 1 VIS, 2 IR, 3 NIR, 4 MIR, 5 LIR, 6 FIR; own bands from 21 on (ST 0601 table 14).
    pub id: u32,
    /// Shortest wavelength, IMAPB(0, 10^9, 4).
    pub min_nm: Reading,
    /// Longest wavelength, IMAPB(0, 10^9, 4).
    pub max_nm: Reading,
    /// Name of the band.
    pub name: PackText<'a>,
}

impl<'a> Record<'a> for WavelengthBand<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            id: c.oid()?,
            min_nm: read_imap(&mut c, 0.0, 1e9, 4)?,
            max_nm: read_imap(&mut c, 0.0, 1e9, 4)?,
            name: PackText(c.rest()),
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        write_oid(self.id, out);
        write_imap(self.min_nm, 0.0, 1e9, 4, out)?;
        write_imap(self.max_nm, 0.0, 1e9, 4, out)?;
        out.extend_from_slice(self.name.0);
        Ok(())
    }
}

/// Kinds of payload (item 138).
pub const PAYLOAD_TYPES: &[&str] = &[
    "Electro Optical MI Sensor",
    "LIDAR",
    "RADAR",
    "SIGINT",
    "SAR",
];

/// One payload of item 138.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Payload<'a> {
    /// Number of the payload, from 0, which is its bit in item 139.
    pub id: u32,
    /// Its kind ([`PAYLOAD_TYPES`]).
    pub payload_type: u32,
    /// Its name.
    pub name: PackText<'a>,
}

impl Payload<'_> {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        write_oid(self.id, out);
        write_oid(self.payload_type, out);
        write_prefixed(self.name.0, out);
    }
}

impl<'a> Record<'a> for Payload<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            id: c.oid()?,
            payload_type: c.oid()?,
            name: PackText(c.prefixed()?),
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.put(out);
        Ok(())
    }
}

/// Payload List (item 138): how many payloads the platform has, and those described in this packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadList<'a> {
    /// Payloads on the platform, whether described here or in another packet.
    pub count: u32,
    /// Records of [`Payload`].
    pub payloads: Series<'a>,
}

impl<'a> PayloadList<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            count: c.oid()?,
            payloads: Series::new(c.rest()),
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_oid(self.count, out);
        out.extend_from_slice(self.payloads.bytes());
    }

    /// The bytes of a payload list, for [`crate::Value::Bytes`].
    #[must_use]
    pub fn build(count: u32, payloads: &[Payload<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        write_counted(count, payloads, &mut out);
        out
    }
}

/// Active Payloads (item 139): a bit for each payload of item 138, payload 0 being the last byte's lowest bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivePayloads<'a>(&'a [u8]);

impl<'a> ActivePayloads<'a> {
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The numbers of the active payloads.
    pub fn ids(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.0.iter().rev().enumerate().flat_map(|(byte, &bits)| {
            (0..8)
                .filter(move |bit| bits >> bit & 1 == 1)
                .map(move |bit| 8 * byte + bit)
        })
    }
}

/// Metadata Substream ID Pack (item 143; ST 1607): a number within the stream, or 0 and a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubstreamId {
    /// Number within this stream; 0 when the UUID identifies the substream.
    pub local_id: u32,
    /// The UUID, with `local_id` 0.
    pub universal_id: Option<[u8; 16]>,
}

impl SubstreamId {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            local_id: c.oid()?,
            universal_id: if c.is_empty() { None } else { Some(c.array()?) },
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_oid(self.local_id, out);
        out.extend(self.universal_id.iter().flatten());
    }
}
