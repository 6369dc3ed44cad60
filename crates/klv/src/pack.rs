//! Packs and lists: values made of several fields (SMPTE ST 336 §9, ST 0107 §6.5; MISB "DLP", "VLP", "FLP", series).

use crate::ber::{Cursor, read_oid, write_length, write_oid, write_prefixed};
use crate::error::Error;
use crate::st0601::lists::{
    ActivePayloads, ControlCommand, CountryCodes, FrameRate, Payload, PayloadList, SubstreamId,
};
use crate::st0601::locations::{AirbaseLocations, ImageHorizon, ViewDomain};
use crate::st0601::weapons::{WeaponFired, WeaponLoad};
use crate::st0903::packs::{DetectionStatus, FpaIndex, Motion, TargetLocation};
use crate::st1010::Sdcc;
use crate::st1204::CoreId;

/// A pack's bytes and which pack they are; [`PackBytes::read`] decodes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackBytes<'a> {
    /// Which pack.
    pub kind: PackKind,
    /// Its bytes.
    pub raw: &'a [u8],
}

impl<'a> PackBytes<'a> {
    /// Decodes the pack; of lists only the frame is looked at.
    ///
    /// # Errors
    /// When the bytes are not of the pack's form. Offsets count from the start of the pack.
    pub fn read(&self) -> Result<Pack<'a>, Error> {
        Pack::decode(self.kind, self.raw)
    }
}

/// A decoded pack. Lists are read lazily, record by record.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is named after what it holds")]
pub enum Pack<'a> {
    WeaponLoad(WeaponLoad),
    WeaponFired(WeaponFired),
    ImageHorizon(ImageHorizon),
    CoreId(CoreId),
    Sdcc(Sdcc<'a>),
    ControlCommand(ControlCommand<'a>),
    Oids(OidList<'a>),
    CountryCodes(CountryCodes<'a>),
    FrameRate(FrameRate),
    Wavelengths(Series<'a>),
    Airbases(AirbaseLocations),
    Payloads(PayloadList<'a>),
    ActivePayloads(ActivePayloads<'a>),
    WeaponStores(Series<'a>),
    Waypoints(Series<'a>),
    ViewDomain(ViewDomain),
    SubstreamId(SubstreamId),
    VTargets { series: Series<'a>, legacy: bool },
    Algorithms(Series<'a>),
    Ontologies(Series<'a>),
    Objects(Series<'a>),
    Chips(Series<'a>),
    Location(TargetLocation),
    Locations { series: Series<'a>, legacy: bool },
    Motion(Motion),
    FpaIndex(FpaIndex),
    PixelContour(Series<'a>),
    PixelRuns(Series<'a>),
    DetectionStatus(DetectionStatus),
    Uuid([u8; 16]),
}

/// Which pack an item carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is named after what it holds")]
pub enum PackKind {
    WeaponLoad,
    WeaponFired,
    ImageHorizon,
    CoreId,
    Sdcc,
    ControlCommand,
    Oids,
    CountryCodes,
    FrameRate,
    Wavelengths,
    Airbases,
    Payloads,
    ActivePayloads,
    WeaponStores,
    Waypoints,
    ViewDomain,
    SubstreamId,
    VTargets {
        legacy: bool,
    },
    Algorithms,
    Ontologies,
    Objects,
    Chips,
    Location {
        legacy: bool,
    },
    Locations {
        legacy: bool,
    },
    /// Velocity or acceleration.
    Motion {
        legacy: bool,
    },
    FpaIndex,
    PixelContour,
    PixelRuns,
    DetectionStatus,
    Uuid,
}

impl<'a> Pack<'a> {
    /// Decodes a pack; of lists only the frame is looked at.
    ///
    /// # Errors
    /// When the bytes are not of the pack's form.
    pub fn decode(kind: PackKind, raw: &'a [u8]) -> Result<Self, Error> {
        let series = Series { bytes: raw };
        Ok(match kind {
            PackKind::WeaponLoad => Self::WeaponLoad(WeaponLoad::read(raw)?),
            PackKind::WeaponFired => Self::WeaponFired(WeaponFired::read(raw)?),
            PackKind::ImageHorizon => Self::ImageHorizon(ImageHorizon::read(raw)?),
            PackKind::CoreId => Self::CoreId(CoreId::read(raw)?),
            PackKind::Sdcc => Self::Sdcc(Sdcc::read(raw)?),
            PackKind::ControlCommand => Self::ControlCommand(ControlCommand::read(raw)?),
            PackKind::Oids => Self::Oids(OidList { bytes: raw }),
            PackKind::CountryCodes => Self::CountryCodes(CountryCodes::read(raw)?),
            PackKind::FrameRate => Self::FrameRate(FrameRate::read(raw)?),
            PackKind::Wavelengths => Self::Wavelengths(series),
            PackKind::Airbases => Self::Airbases(AirbaseLocations::read(raw)?),
            PackKind::Payloads => Self::Payloads(PayloadList::read(raw)?),
            PackKind::ActivePayloads => Self::ActivePayloads(ActivePayloads::new(raw)),
            PackKind::WeaponStores => Self::WeaponStores(series),
            PackKind::Waypoints => Self::Waypoints(series),
            PackKind::ViewDomain => Self::ViewDomain(ViewDomain::read(raw)?),
            PackKind::SubstreamId => Self::SubstreamId(SubstreamId::read(raw)?),
            PackKind::VTargets { legacy } => Self::VTargets { series, legacy },
            PackKind::Algorithms => Self::Algorithms(series),
            PackKind::Ontologies => Self::Ontologies(series),
            PackKind::Objects => Self::Objects(series),
            PackKind::Chips => Self::Chips(series),
            PackKind::Location { legacy } => Self::Location(TargetLocation::read(raw, legacy)?),
            PackKind::Locations { legacy } => Self::Locations { series, legacy },
            PackKind::Motion { legacy } => Self::Motion(Motion::read(raw, legacy)?),
            PackKind::FpaIndex => Self::FpaIndex(FpaIndex::read(raw)?),
            PackKind::PixelContour => Self::PixelContour(series),
            PackKind::PixelRuns => Self::PixelRuns(series),
            PackKind::DetectionStatus => Self::DetectionStatus(DetectionStatus::read(raw)?),
            PackKind::Uuid => Self::Uuid(Cursor::new(raw).array()?),
        })
    }

    /// Which pack this is.
    #[must_use]
    pub fn kind(&self) -> PackKind {
        match self {
            Self::WeaponLoad(_) => PackKind::WeaponLoad,
            Self::WeaponFired(_) => PackKind::WeaponFired,
            Self::ImageHorizon(_) => PackKind::ImageHorizon,
            Self::CoreId(_) => PackKind::CoreId,
            Self::Sdcc(_) => PackKind::Sdcc,
            Self::ControlCommand(_) => PackKind::ControlCommand,
            Self::Oids(_) => PackKind::Oids,
            Self::CountryCodes(_) => PackKind::CountryCodes,
            Self::FrameRate(_) => PackKind::FrameRate,
            Self::Wavelengths(_) => PackKind::Wavelengths,
            Self::Airbases(_) => PackKind::Airbases,
            Self::Payloads(_) => PackKind::Payloads,
            Self::ActivePayloads(_) => PackKind::ActivePayloads,
            Self::WeaponStores(_) => PackKind::WeaponStores,
            Self::Waypoints(_) => PackKind::Waypoints,
            Self::ViewDomain(_) => PackKind::ViewDomain,
            Self::SubstreamId(_) => PackKind::SubstreamId,
            Self::VTargets { legacy, .. } => PackKind::VTargets { legacy: *legacy },
            Self::Algorithms(_) => PackKind::Algorithms,
            Self::Ontologies(_) => PackKind::Ontologies,
            Self::Objects(_) => PackKind::Objects,
            Self::Chips(_) => PackKind::Chips,
            Self::Location(location) => PackKind::Location {
                legacy: location.legacy,
            },
            Self::Locations { legacy, .. } => PackKind::Locations { legacy: *legacy },
            Self::Motion(motion) => PackKind::Motion {
                legacy: motion.legacy,
            },
            Self::FpaIndex(_) => PackKind::FpaIndex,
            Self::PixelContour(_) => PackKind::PixelContour,
            Self::PixelRuns(_) => PackKind::PixelRuns,
            Self::DetectionStatus(_) => PackKind::DetectionStatus,
            Self::Uuid(_) => PackKind::Uuid,
        }
    }

    /// Appends the pack's bytes.
    ///
    /// # Errors
    /// [`crate::Fault::OutOfRange`] for a number that the pack's mapping cannot express.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::WeaponLoad(pack) => pack.write(out),
            Self::WeaponFired(pack) => pack.write(out),
            Self::ImageHorizon(pack) => return pack.write(out),
            Self::CoreId(pack) => pack.write(out),
            Self::Sdcc(pack) => out.extend_from_slice(pack.bytes()),
            Self::ControlCommand(pack) => pack.write(out),
            Self::Oids(list) => out.extend_from_slice(list.bytes),
            Self::CountryCodes(pack) => pack.write(out),
            Self::FrameRate(pack) => pack.write(out),
            Self::Airbases(pack) => return pack.write(out),
            Self::Payloads(pack) => pack.write(out),
            Self::ActivePayloads(pack) => out.extend_from_slice(pack.bytes()),
            Self::ViewDomain(pack) => return pack.write(out),
            Self::SubstreamId(pack) => pack.write(out),
            Self::Wavelengths(series)
            | Self::WeaponStores(series)
            | Self::Waypoints(series)
            | Self::VTargets { series, .. }
            | Self::Algorithms(series)
            | Self::Ontologies(series)
            | Self::Objects(series)
            | Self::Chips(series)
            | Self::Locations { series, .. }
            | Self::PixelContour(series)
            | Self::PixelRuns(series) => out.extend_from_slice(series.bytes),
            Self::Location(pack) => return pack.write(out),
            Self::Motion(pack) => return pack.write(out),
            Self::FpaIndex(pack) => pack.write(out),
            Self::DetectionStatus(pack) => pack.write(out),
            Self::Uuid(uuid) => out.extend_from_slice(uuid),
        }
        Ok(())
    }
}

/// One kind of record in a [`Series`].
pub trait Record<'a>: Sized {
    /// Reads a record that fills `raw`.
    ///
    /// # Errors
    /// When the bytes are not of the record's form.
    fn read(raw: &'a [u8]) -> Result<Self, Error>;

    /// Appends the record's bytes, without its length.
    ///
    /// # Errors
    /// [`crate::Fault::OutOfRange`] for a number that the record's mapping cannot express.
    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error>;
}

/// Builds the bytes of a [`Series`].
///
/// # Errors
/// The first record's error.
pub fn write_series<'a, R: Record<'a>>(records: &[R]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut one = Vec::new();
    for record in records {
        one.clear();
        record.write(&mut one)?;
        write_prefixed(&one, &mut out);
    }
    Ok(out)
}

/// Records that follow each other, each after its BER length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series<'a> {
    bytes: &'a [u8],
}

impl<'a> Series<'a> {
    /// Reads `bytes` as a series; nothing is looked at before the records are asked for.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The series' bytes.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The raw records with their offsets. A length beyond the series ends it with one error.
    pub fn raw(&self) -> impl Iterator<Item = Result<(usize, &'a [u8]), Error>> + use<'a> {
        let mut cursor = Cursor::new(self.bytes);
        let mut failed = false;
        std::iter::from_fn(move || {
            if failed || cursor.is_empty() {
                return None;
            }
            let record = cursor.length().and_then(|length| {
                let at = cursor.at();
                cursor.take(length).map(|raw| (at, raw))
            });
            failed = record.is_err();
            Some(record)
        })
    }

    /// The records, each read as an `R`. A record that is not of its form is one error, and the next follows.
    pub fn records<R: Record<'a>>(&self) -> impl Iterator<Item = Result<R, Error>> + use<'a, R> {
        self.raw()
            .map(|r| r.and_then(|(at, raw)| R::read(raw).map_err(|e| e.shifted(at))))
    }
}

/// A list of BER-OID numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OidList<'a> {
    bytes: &'a [u8],
}

impl<'a> OidList<'a> {
    /// Reads `bytes` as a list of BER-OID numbers.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The numbers; a malformed one ends the list with one error.
    pub fn numbers(&self) -> impl Iterator<Item = Result<u32, Error>> + use<'a> {
        let bytes = self.bytes;
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            match read_oid(rest) {
                Ok((number, used)) => {
                    at += used;
                    Some(Ok(number))
                }
                Err(error) => {
                    let error = error.shifted(at);
                    at = bytes.len();
                    Some(Err(error))
                }
            }
        })
    }
}

/// Builds the bytes of an [`OidList`].
#[must_use]
pub fn write_oids(numbers: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    numbers.iter().for_each(|n| write_oid(*n, &mut out));
    out
}

/// Reads an unsigned number of one to eight bytes that fills `raw`; pixel numbers of ST 0903 are series of these.
impl Record<'_> for u64 {
    fn read(raw: &[u8]) -> Result<Self, Error> {
        match crate::format::uint(1, 8).decode(raw)?.as_u64() {
            Some(number) => Ok(number),
            None => Ok(0),
        }
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        crate::format::write_unsigned(*self, 1, 8, out)
    }
}

pub(crate) fn write_counted(count: u32, records: &[Payload<'_>], out: &mut Vec<u8>) {
    write_oid(count, out);
    let mut one = Vec::new();
    for record in records {
        one.clear();
        record.put(&mut one);
        write_length(one.len(), out);
        out.extend_from_slice(&one);
    }
}
