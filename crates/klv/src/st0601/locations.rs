//! The packs of ST 0601 that say where: image horizon (81), airbases (130), waypoints (141), view domain (142).

use crate::ber::{Cursor, write_length, write_oid};
use crate::error::{Error, Fault};
use crate::format::{Format, read_imap, signed_error, write_imap};
use crate::pack::Record;
use crate::value::{Reading, Value};

const LATITUDE: Format = signed_error(4, 90.0);
const LONGITUDE: Format = signed_error(4, 180.0);

fn read_linear(format: &Format, cursor: &mut Cursor<'_>) -> Result<Reading, Error> {
    let at = cursor.at();
    match format.decode(cursor.take(4)?).map_err(|e| e.shifted(at))? {
        Value::Real(value) => Ok(Reading::Value(value)),
        Value::Special(special) => Ok(Reading::Special(special)),
        other => Err(Error::new(
            "ST 0601",
            at,
            Fault::WrongKind {
                given: other.kind(),
                carries: format.carries(),
            },
        )),
    }
}

/// A point on the ground at one end of the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct HorizonPoint {
    /// WGS 84 latitude.
    pub latitude_deg: Reading,
    /// WGS 84 longitude.
    pub longitude_deg: Reading,
}

/// Image Horizon Pixel Pack (item 81): the line between sky and ground, from start to end; ground lies to its right.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct ImageHorizon {
    /// Start, from the left edge.
    pub x0_percent: u8,
    /// Start, from the top edge.
    pub y0_percent: u8,
    /// End, from the left edge.
    pub x1_percent: u8,
    /// End, from the top edge.
    pub y1_percent: u8,
    /// Where start and end lie on the Earth, if sent.
    pub points: Option<[HorizonPoint; 2]>,
}

impl ImageHorizon {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        let [x0_percent, y0_percent, x1_percent, y1_percent] = c.array()?;
        let mut point = || -> Result<HorizonPoint, Error> {
            Ok(HorizonPoint {
                latitude_deg: read_linear(&LATITUDE, &mut c)?,
                longitude_deg: read_linear(&LONGITUDE, &mut c)?,
            })
        };
        let points = if raw.len() > 4 {
            Some([point()?, point()?])
        } else {
            None
        };
        Ok(Self {
            x0_percent,
            y0_percent,
            x1_percent,
            y1_percent,
            points,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend([
            self.x0_percent,
            self.y0_percent,
            self.x1_percent,
            self.y1_percent,
        ]);
        for point in self.points.iter().flatten() {
            LATITUDE.encode(&point.latitude_deg.into(), out)?;
            LONGITUDE.encode(&point.longitude_deg.into(), out)?;
        }
        Ok(())
    }
}

/// A location of items 130 and 141: IMAPB, latitude and longitude in four bytes, height in three.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Location {
    /// WGS 84 latitude, IMAPB(−90, 90, 4).
    pub latitude_deg: Reading,
    /// WGS 84 longitude, IMAPB(−180, 180, 4).
    pub longitude_deg: Reading,
    /// Height above the WGS 84 ellipsoid, IMAPB(−900, 9000, 3), if sent.
    pub height_hae_m: Option<Reading>,
}

impl Location {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        Ok(Self {
            latitude_deg: read_imap(cursor, -90.0, 90.0, 4)?,
            longitude_deg: read_imap(cursor, -180.0, 180.0, 4)?,
            height_hae_m: if cursor.is_empty() {
                None
            } else {
                Some(read_imap(cursor, -900.0, 9000.0, 3)?)
            },
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        write_imap(self.latitude_deg, -90.0, 90.0, 4, out)?;
        write_imap(self.longitude_deg, -180.0, 180.0, 4, out)?;
        self.height_hae_m
            .map_or(Ok(()), |height| write_imap(height, -900.0, 9000.0, 3, out))
    }
}

/// Airbase Locations (item 130).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct AirbaseLocations {
    /// Where the aircraft took off; `None` is "unknown".
    pub take_off: Option<Location>,
    /// Where it is to land; `None` is "unknown". A pack that ends after the first location says that both are the same.
    pub recovery: Option<Location>,
}

impl AirbaseLocations {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        let take_off = Self::location(&mut c)?;
        let recovery = if c.is_empty() {
            take_off
        } else {
            Self::location(&mut c)?
        };
        Ok(Self { take_off, recovery })
    }

    fn location(c: &mut Cursor<'_>) -> Result<Option<Location>, Error> {
        let field = c.prefixed()?;
        let at = c.at() - field.len();
        if field.is_empty() {
            return Ok(None);
        }
        Location::read(&mut Cursor::new(field))
            .map(Some)
            .map_err(|e| e.shifted(at))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut put = |location: &Option<Location>| -> Result<(), Error> {
            let mut field = Vec::new();
            location.map_or(Ok(()), |l| l.write(&mut field))?;
            write_length(field.len(), out);
            out.extend_from_slice(&field);
            Ok(())
        };
        put(&self.take_off)?;
        if self.recovery != self.take_off || self.take_off.is_none() {
            put(&self.recovery)
        } else {
            Ok(())
        }
    }
}

/// One waypoint of item 141.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Waypoint {
    /// Number of the waypoint.
    pub id: u32,
    /// Place in the order: 0 is the current one, positive are planned, negative are past, 32767 is cancelled.
    pub prosecution_order: i16,
    /// Bit 0: manual (else automatic); bit 1: ad hoc (else pre-planned). `None` if not sent.
    pub info: Option<u8>,
    /// Where, if sent.
    pub location: Option<Location>,
}

impl Record<'_> for Waypoint {
    fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            id: c.oid()?,
            prosecution_order: i16::from_be_bytes(c.array()?),
            info: if c.is_empty() {
                None
            } else {
                Some(c.array::<1>()?[0])
            },
            location: if c.is_empty() {
                None
            } else {
                Some(Location::read(&mut c)?)
            },
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        write_oid(self.id, out);
        out.extend(self.prosecution_order.to_be_bytes());
        match (self.info, self.location) {
            (info, Some(location)) => {
                out.push(info.unwrap_or(0));
                location.write(out)
            }
            (info, None) => {
                out.extend(info);
                Ok(())
            }
        }
    }
}

/// One axis of the view domain: an interval of angles.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct ViewInterval {
    /// Where the interval starts.
    pub start_deg: Reading,
    /// How far it reaches from there, clockwise.
    pub range_deg: Reading,
    /// Bytes of each IMAPB code.
    #[cfg_attr(feature = "json", serde(skip))]
    pub code_bytes: u8,
}

/// View Domain (item 142): the angles that the sensor can take. `None` is "unknown".
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct ViewDomain {
    /// Relative azimuth, start IMAPB(0, 360), range IMAPB(0, 360).
    pub azimuth: Option<ViewInterval>,
    /// Relative elevation, start IMAPB(−180, 180), range IMAPB(0, 360).
    pub elevation: Option<ViewInterval>,
    /// Relative roll, start IMAPB(0, 360), range IMAPB(0, 360).
    pub roll: Option<ViewInterval>,
}

/// Least and greatest start of azimuth, elevation and roll.
const VIEW_STARTS: [(f64, f64); 3] = [(0.0, 360.0), (-180.0, 180.0), (0.0, 360.0)];

impl ViewDomain {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        let mut axes = [None; 3];
        for (axis, (min, max)) in axes.iter_mut().zip(VIEW_STARTS) {
            if c.is_empty() {
                break;
            }
            let field = c.prefixed()?;
            let at = c.at() - field.len();
            if !field.is_empty() {
                *axis = Some(ViewInterval::read(field, min, max).map_err(|e| e.shifted(at))?);
            }
        }
        let [azimuth, elevation, roll] = axes;
        Ok(Self {
            azimuth,
            elevation,
            roll,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let axes = [self.azimuth, self.elevation, self.roll];
        let sent = axes
            .iter()
            .rposition(Option::is_some)
            .map_or(0, |last| last + 1);
        for (axis, (min, max)) in axes.iter().take(sent).zip(VIEW_STARTS) {
            let Some(interval) = axis else {
                out.push(0);
                continue;
            };
            let bytes = interval.code_bytes as usize;
            write_length(2 * bytes, out);
            write_imap(interval.start_deg, min, max, bytes, out)?;
            write_imap(interval.range_deg, 0.0, 360.0, bytes, out)?;
        }
        Ok(())
    }
}

impl ViewInterval {
    fn read(field: &[u8], min: f64, max: f64) -> Result<Self, Error> {
        let half = field.len() / 2;
        let mut c = Cursor::new(field);
        let interval = Self {
            start_deg: read_imap(&mut c, min, max, half)?,
            range_deg: read_imap(&mut c, 0.0, 360.0, half)?,
            code_bytes: half as u8,
        };
        if c.is_empty() {
            return Ok(interval);
        }
        Err(Error::new(
            "ST 0601",
            c.at(),
            Fault::Undefined {
                what: "odd length of an interval",
                value: field.len() as u64,
            },
        ))
    }
}
