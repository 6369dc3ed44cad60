//! The packs of ST 0903: targets, locations with their covariance, velocities, pixel runs.

use crate::ber::{Cursor, write_length, write_oid, write_prefixed};
use crate::error::{Allowed, Error, Fault};
use crate::format::{linear, read_imap, unsigned, write_imap, write_unsigned};
use crate::pack::{Record, Series};
use crate::set::LocalSet;
use crate::st0903::{VTARGET, VTARGET_LEGACY};
use crate::value::Reading;

/// One target of item 101: a number and a local set of items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VTarget<'a> {
    /// Number of the target, which stays with it from frame to frame.
    pub id: u32,
    /// Its items.
    pub items: LocalSet<'a>,
}

pub(crate) fn targets<'a>(
    series: Series<'a>,
    legacy: bool,
) -> impl Iterator<Item = Result<VTarget<'a>, Error>> + use<'a> {
    let def = if legacy { &VTARGET_LEGACY } else { &VTARGET };
    series.raw().map(move |record| {
        let (at, raw) = record?;
        let mut c = Cursor::new(raw);
        let id = c.oid().map_err(|e| e.shifted(at))?;
        Ok(VTarget {
            id,
            items: LocalSet::new(def, c.rest()),
        })
    })
}

impl<'a> Record<'a> for VTarget<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            id: c.oid()?,
            items: LocalSet::new(&VTARGET, c.rest()),
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        write_oid(self.id, out);
        out.extend_from_slice(self.items.bytes());
        Ok(())
    }
}

impl<'a> VTarget<'a> {
    /// Item 17: where the target is, if sent as such.
    #[must_use]
    pub fn location(&self) -> Option<TargetLocation> {
        match self.items.pack(17)? {
            crate::Pack::Location(location) => Some(location),
            _ => None,
        }
    }

    /// Items 10 and 11: offset of the target from the frame centre (ST 0601 items 23 and 24), latitude and longitude.
    #[must_use]
    pub fn offset_deg(&self) -> Option<(f64, f64)> {
        Some((self.items.number(10)?, self.items.number(11)?))
    }

    /// Item 12: height above the WGS 84 ellipsoid.
    #[must_use]
    pub fn height_hae_m(&self) -> Option<f64> {
        self.items.number(12)
    }

    /// Item 5: confidence that the detection is real.
    #[must_use]
    pub fn confidence_percent(&self) -> Option<u64> {
        self.items.unsigned(5)
    }

    /// Velocity of the target's track (item 104, its item 10), m/s.
    #[must_use]
    pub fn velocity_mps(&self) -> Option<Motion> {
        match self.items.set(104)?.pack(10)? {
            crate::Pack::Motion(motion) => Some(motion),
            _ => None,
        }
    }

    /// Item 8: red, green and blue of the target.
    #[must_use]
    pub fn color_rgb(&self) -> Option<[u8; 3]> {
        self.items.find(8)?.raw.try_into().ok()
    }

    /// Item 23: whether the target is active, dropped, ….
    #[must_use]
    pub fn detection_status(&self) -> Option<DetectionStatus> {
        DetectionStatus::read(self.items.find(23)?.raw).ok()
    }

    /// Item 1 or items 19 and 20: row and column of the centroid, from 1. `frame_width_px` is the VMTI set's item 8.
    #[must_use]
    pub fn centroid_px(&self, frame_width_px: u64) -> Option<(u64, u64)> {
        match (self.items.unsigned(19), self.items.unsigned(20)) {
            (Some(row), Some(column)) => Some((row, column)),
            _ => pixel_at(self.items.unsigned(1)?, frame_width_px),
        }
    }

    /// Items 2 and 3: (row, column) of the bounding box's top left and bottom right pixels, from 1.
    #[must_use]
    pub fn bounding_box_px(&self, frame_width_px: u64) -> Option<[(u64, u64); 2]> {
        let corner = |tag| pixel_at(self.items.unsigned(tag)?, frame_width_px);
        Some([corner(2)?, corner(3)?])
    }
}

/// Row and column of a pixel number: numbers run from 1 along the rows from the top left (ST 0903.5 §6.3.1).
fn pixel_at(number: u64, frame_width_px: u64) -> Option<(u64, u64)> {
    let index = number.checked_sub(1)?;
    Some((
        index.checked_div(frame_width_px)? + 1,
        index.checked_rem(frame_width_px)? + 1,
    ))
}

/// Standard deviations and correlations of a location or motion in east, north, up.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Uncertainty {
    /// Standard deviations east, north, up: metres (per second, per second squared).
    pub sigma: [Reading; 3],
    /// Correlations east-north, east-up, north-up, if sent.
    pub rho: Option<[Reading; 3]>,
}

/// Reads one number of a location or motion: IMAPB, or linear over all codes as up to edition 3.
fn read_mapped(
    c: &mut Cursor<'_>,
    legacy: bool,
    min: f64,
    max: f64,
    length: u8,
) -> Result<Reading, Error> {
    if !legacy {
        return read_imap(c, min, max, usize::from(length));
    }
    let value = linear(length, min, max).decode(c.take(usize::from(length))?)?;
    // A linear mapping without reserved codes is always a number.
    Ok(Reading::Value(value.as_f64().unwrap_or(min)))
}

fn write_mapped(
    reading: Reading,
    legacy: bool,
    min: f64,
    max: f64,
    length: u8,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    if legacy {
        return linear(length, min, max).encode(&reading.into(), out);
    }
    write_imap(reading, min, max, usize::from(length), out)
}

impl Uncertainty {
    fn read(c: &mut Cursor<'_>, legacy: bool) -> Result<Option<Self>, Error> {
        if c.is_empty() {
            return Ok(None);
        }
        let mut triple = |min, max| -> Result<[Reading; 3], Error> {
            let mut next = || read_mapped(c, legacy, min, max, 2);
            Ok([next()?, next()?, next()?])
        };
        let sigma = triple(0.0, 650.0)?;
        let rho = if c.is_empty() {
            None
        } else {
            Some(Self::read_rho(c, legacy)?)
        };
        Ok(Some(Self { sigma, rho }))
    }

    fn read_rho(c: &mut Cursor<'_>, legacy: bool) -> Result<[Reading; 3], Error> {
        let mut next = || read_mapped(c, legacy, -1.0, 1.0, 2);
        Ok([next()?, next()?, next()?])
    }

    fn write(&self, legacy: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        self.sigma
            .iter()
            .try_for_each(|s| write_mapped(*s, legacy, 0.0, 650.0, 2, out))?;
        self.rho
            .iter()
            .flatten()
            .try_for_each(|r| write_mapped(*r, legacy, -1.0, 1.0, 2, out))
    }

    /// Covariance matrix in east, north, up (square metres, …), when all numbers are numbers. Correlations not sent are
    /// zero.
    #[must_use]
    pub fn covariance(&self) -> Option<[[f64; 3]; 3]> {
        let [e, n, u] = self.sigma.map(|s| s.value());
        let (e, n, u) = (e?, n?, u?);
        let [en, eu, nu] = match self.rho {
            Some(rho) => [rho[0].value()?, rho[1].value()?, rho[2].value()?],
            None => [0.0; 3],
        };
        Some([
            [e * e, en * e * n, eu * e * u],
            [en * e * n, n * n, nu * n * u],
            [eu * e * u, nu * n * u, u * u],
        ])
    }
}

/// Target Location pack (item 17 and records of location series).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct TargetLocation {
    /// WGS 84 latitude.
    pub latitude_deg: Reading,
    /// WGS 84 longitude.
    pub longitude_deg: Reading,
    /// Height above the WGS 84 ellipsoid.
    pub height_hae_m: Reading,
    /// Its uncertainty, if sent.
    pub uncertainty: Option<Uncertainty>,
    /// Mapped linearly, as up to edition 3.
    #[cfg_attr(feature = "json", serde(skip))]
    pub legacy: bool,
}

impl TargetLocation {
    pub(crate) fn read(raw: &[u8], legacy: bool) -> Result<Self, Error> {
        check_groups(raw, 10)?;
        let mut c = Cursor::new(raw);
        Ok(Self {
            latitude_deg: read_mapped(&mut c, legacy, -90.0, 90.0, 4)?,
            longitude_deg: read_mapped(&mut c, legacy, -180.0, 180.0, 4)?,
            height_hae_m: read_mapped(&mut c, legacy, -900.0, 19_000.0, 2)?,
            uncertainty: Uncertainty::read(&mut c, legacy)?,
            legacy,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        write_mapped(self.latitude_deg, self.legacy, -90.0, 90.0, 4, out)?;
        write_mapped(self.longitude_deg, self.legacy, -180.0, 180.0, 4, out)?;
        write_mapped(self.height_hae_m, self.legacy, -900.0, 19_000.0, 2, out)?;
        self.uncertainty
            .map_or(Ok(()), |u| u.write(self.legacy, out))
    }
}

impl Record<'_> for TargetLocation {
    fn read(raw: &[u8]) -> Result<Self, Error> {
        Self::read(raw, false)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.write(out)
    }
}

fn check_groups(raw: &[u8], first: usize) -> Result<(), Error> {
    let expected = [first, first + 6, first + 12];
    if expected.contains(&raw.len()) {
        return Ok(());
    }
    let fault = Fault::BadLength {
        found: raw.len(),
        expected: Allowed::OneOf(first, first + 6, first + 12),
    };
    Err(Error::new("ST 0903", 0, fault))
}

/// Velocity (m/s) or acceleration (m/s²) pack of `VTracker`, −900 to 900 in two bytes each.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Motion {
    /// Towards east.
    pub east: Reading,
    /// Towards north.
    pub north: Reading,
    /// Upwards.
    pub up: Reading,
    /// Its uncertainty, if sent.
    pub uncertainty: Option<Uncertainty>,
    /// Mapped linearly, as up to edition 3.
    #[cfg_attr(feature = "json", serde(skip))]
    pub legacy: bool,
}

impl Motion {
    pub(crate) fn read(raw: &[u8], legacy: bool) -> Result<Self, Error> {
        check_groups(raw, 6)?;
        let mut c = Cursor::new(raw);
        Ok(Self {
            east: read_mapped(&mut c, legacy, -900.0, 900.0, 2)?,
            north: read_mapped(&mut c, legacy, -900.0, 900.0, 2)?,
            up: read_mapped(&mut c, legacy, -900.0, 900.0, 2)?,
            uncertainty: Uncertainty::read(&mut c, legacy)?,
            legacy,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        for axis in [self.east, self.north, self.up] {
            write_mapped(axis, self.legacy, -900.0, 900.0, 2, out)?;
        }
        self.uncertainty
            .map_or(Ok(()), |u| u.write(self.legacy, out))
    }
}

/// FPA Index pack: which focal plane array saw the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[allow(missing_docs, reason = "named by the standard")]
pub struct FpaIndex {
    pub row: u8,
    pub column: u8,
}

impl FpaIndex {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let [row, column] = crate::st0601::lists::exactly(raw)?;
        Ok(Self { row, column })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend([self.row, self.column]);
    }
}

/// Detection status, by code.
pub const DETECTION_STATUSES: &[&str] = &[
    "Inactive",
    "Active-Moving",
    "Dropped",
    "Active-Stopped",
    "Active-Coasting",
];

/// Detection status (item 23 of a target, item 2 of a tracker).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetectionStatus {
    /// The code.
    pub code: u8,
}

impl DetectionStatus {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let [code] = crate::st0601::lists::exactly(raw)?;
        Ok(Self { code })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.code);
    }

    /// The status in the standard's words.
    #[must_use]
    pub fn label(&self) -> Option<&'static str> {
        DETECTION_STATUSES.get(self.code as usize).copied()
    }
}

/// A run of pixels of a bit mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct PixelRun {
    /// Number of the first pixel.
    pub first_pixel: u64,
    /// Pixels in the run.
    pub count: u64,
}

impl Record<'_> for PixelRun {
    fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        let pixel = c.prefixed()?;
        if pixel.is_empty() || pixel.len() > 6 {
            let fault = Fault::BadLength {
                found: pixel.len(),
                expected: Allowed::Between(1, 6),
            };
            return Err(Error::new("ST 0903", 0, fault));
        }
        Ok(Self {
            first_pixel: unsigned(pixel),
            count: c.length()? as u64,
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut pixel = Vec::new();
        write_unsigned(self.first_pixel, 1, 6, &mut pixel)?;
        write_prefixed(&pixel, out);
        write_length(usize::try_from(self.count).unwrap_or(usize::MAX), out);
        Ok(())
    }
}
