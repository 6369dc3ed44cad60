//! ST 0601: the UAS Datalink Local Set.
//!
//! [`Packet`] reads one, [`Builder`] writes one, [`table::DEF`] is the standard's table of items (edition 19).

pub mod encode;
pub mod lists;
pub mod locations;
pub mod table;
pub mod view;
pub mod weapons;

pub use encode::Builder;
pub use table::DEF;

use crate::checksum::Checksum;
use crate::error::{Error, Fault};
use crate::key::Key;
use crate::set::{Item, Items, LocalSet};
use crate::st0903::Vmti;
use crate::stream::{self, KlvPacket};

/// Item 1, which ends a packet.
pub(crate) const CHECKSUM_TAG: u32 = 1;

/// One ST 0601 packet. Borrows its bytes; items are read and converted when asked for.
///
/// ```
/// use truceline_klv::st0601::{Builder, Packet};
///
/// let mut builder = Builder::new(1_773_480_600_000_000);
/// builder.number(13, 39.925_811_756)?.number(14, 46.910_370_787)?.text(11, "EO Nose")?;
/// let bytes = builder.finish();
///
/// let packet = Packet::parse(&bytes)?;
/// assert_eq!(packet.checksum().as_str(), "ok");
/// assert_eq!(packet.precision_time_stamp_us(), Some(1_773_480_600_000_000));
/// let sensor = packet.sensor_position().unwrap();
/// assert!((sensor.latitude_deg - 39.925_811_756).abs() < 42e-9);
/// for item in packet.items() {
///     let item = item?;
///     println!("{:3} {:40} {:?}", item.tag, item.name(), item.value());
/// }
///
/// // A refusal: one byte short.
/// let error = Packet::parse(&bytes[..bytes.len() - 1]).unwrap_err();
/// assert_eq!(error.to_string(), "ST 336 at byte 0: needs 55 bytes, 54 are there");
/// # Ok::<(), truceline_klv::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packet<'a> {
    bytes: &'a [u8],
    set: LocalSet<'a>,
}

impl<'a> Packet<'a> {
    /// Reads one packet, which must fill `bytes` from its key to its last item. Items are not looked at yet: see
    /// [`Packet::items`] for what they can fail with.
    ///
    /// # Errors
    /// [`Fault::WrongKey`], [`Fault::Truncated`], [`Fault::TrailingBytes`] and BER length faults.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (packet, rest) = Self::split_first(bytes)?;
        if rest.is_empty() {
            return Ok(packet);
        }
        Err(Error::new(
            "ST 0601",
            packet.bytes.len(),
            Fault::TrailingBytes(rest.len()),
        ))
    }

    /// Reads the packet at the start of `bytes`; returns it with the bytes after it.
    ///
    /// # Errors
    /// [`Fault::WrongKey`], [`Fault::Truncated`] and BER length faults.
    pub fn split_first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Error> {
        let expected = Key::UasDatalink.bytes();
        if let Some(found) = bytes
            .first_chunk::<16>()
            .filter(|found| **found != expected)
        {
            return Err(Error::new(
                "ST 0601",
                0,
                Fault::WrongKey {
                    found: *found,
                    expected,
                },
            ));
        }
        let packet = stream::first(bytes)?;
        let rest = &bytes[packet.bytes.len()..];
        Ok((
            Self {
                bytes: packet.bytes,
                set: LocalSet::new(&DEF, packet.value),
            },
            rest,
        ))
    }

    /// The packet that [`stream::scan`] found, if it is one of ST 0601.
    #[must_use]
    pub fn from_klv(packet: &KlvPacket<'a>) -> Option<Self> {
        let is_ours = packet.key == Key::UasDatalink;
        is_ours.then(|| Self {
            bytes: packet.bytes,
            set: LocalSet::new(&DEF, packet.value),
        })
    }

    /// Key, length and value.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The items as a local set.
    #[must_use]
    pub fn set(&self) -> LocalSet<'a> {
        self.set
    }

    /// The items in the order of the bytes, duplicates and unknown tags included. A fault in the set's structure ends the
    /// iteration after one error; what came before it is good. Offsets count from the start of the value.
    #[inline]
    #[must_use]
    pub fn items(&self) -> Items<'a> {
        self.set.items()
    }

    /// The first item of a tag.
    #[must_use]
    pub fn find(&self, tag: u32) -> Option<Item<'a>> {
        self.set.find(tag)
    }

    /// Holds the packet's checksum (item 1) against its bytes. Nothing of a packet with a bad checksum is evidence.
    ///
    /// The last item 1 counts, wherever it stands; what follows it is not covered, so a packet in which anything does is bad.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        self.checksum_of(
            self.items()
                .map_while(Result::ok)
                .filter(|item| item.tag == CHECKSUM_TAG)
                .last(),
        )
    }

    /// [`Packet::checksum`] for one who has walked through the items already: `item` is the last of tag 1.
    #[must_use]
    pub fn checksum_of(&self, item: Option<Item<'a>>) -> Checksum {
        Checksum::running_sum(self.bytes, self.set, item)
    }

    /// Item 2: microseconds since 1970-01-01 in MISP time, which has no leap seconds.
    #[must_use]
    pub fn precision_time_stamp_us(&self) -> Option<u64> {
        self.set.unsigned(2)
    }

    /// Item 48: the security metadata (ST 0102).
    #[must_use]
    pub fn security(&self) -> Option<LocalSet<'a>> {
        self.set.set(48)
    }

    /// Item 74: moving target indicators (ST 0903). Look at [`Vmti::edition`] before using mapped numbers.
    #[must_use]
    pub fn vmti(&self) -> Option<Vmti<'a>> {
        self.find(74).map(|item| Vmti::new(item.raw))
    }

    /// The same, with the VMTI version that an earlier packet of the stream stated.
    #[must_use]
    pub fn vmti_with_version(&self, earlier: Option<u64>) -> Option<Vmti<'a>> {
        self.find(74)
            .map(|item| Vmti::with_version(item.raw, earlier))
    }

    /// Item 73: Remote Video Terminal set (ST 0806).
    #[must_use]
    pub fn rvt(&self) -> Option<LocalSet<'a>> {
        self.set.set(73)
    }

    /// Item 94: the core identifier (ST 1204).
    #[must_use]
    pub fn core_id(&self) -> Option<crate::st1204::CoreId> {
        match self.set.pack(94)? {
            crate::Pack::CoreId(id) => Some(id),
            _ => None,
        }
    }
}
