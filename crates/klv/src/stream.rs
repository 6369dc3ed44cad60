//! Finding KLV packets in a byte stream: each a 16-byte universal key, a BER length and a value (SMPTE ST 336 §6).

use crate::ber::read_length;
use crate::checksum::Checksum;
use crate::error::{Error, Fault};
use crate::key::{Key, LABEL_PREFIX};
use crate::set::LocalSet;
use crate::st0601::CHECKSUM_TAG;
use crate::{st0102, st0601, st0806, st0903};

/// Longest packet value that [`scan`] takes for real. ST 0601 packets are some hundred bytes; a VMTI packet with embedded
/// images may be a few hundred kilobytes. A longer length in a byte stream is taken for damage, and reported as garbage.
pub const MAX_VALUE_BYTES: usize = 1 << 22;

/// One KLV packet: a key and its value, with the place where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KlvPacket<'a> {
    /// What the key announces.
    pub key: Key,
    /// Offset of the key's first byte in what was scanned.
    pub offset: usize,
    /// Key, length and value.
    pub bytes: &'a [u8],
    /// The value.
    pub value: &'a [u8],
}

impl<'a> KlvPacket<'a> {
    /// The value as a local set, if this crate decodes the set that the key announces: ST 0601, 0102 (local), 0806, 0903.
    #[must_use]
    pub fn set(&self) -> Option<LocalSet<'a>> {
        let def = match self.key {
            Key::UasDatalink | Key::Segment | Key::Amend => &st0601::DEF,
            Key::SecurityLocal => &st0102::DEF,
            Key::Rvt => &st0806::DEF,
            Key::Vmti => st0903::def_for(self.value),
            _ => return None,
        };
        Some(LocalSet::new(def, self.value))
    }

    /// Holds the packet's own checksum against its bytes: the running sum of ST 0601 and ST 0903, the CRC-32 of ST 0806.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        let Some(set) = self.set() else {
            return Checksum::None;
        };
        let item = set
            .items()
            .map_while(Result::ok)
            .filter(|item| item.tag == CHECKSUM_TAG)
            .last();
        match self.key {
            Key::UasDatalink | Key::Vmti => Checksum::running_sum(self.bytes, set, item),
            Key::Rvt => Checksum::crc_32(self.bytes, set, item),
            _ => Checksum::None,
        }
    }
}

/// What [`scan`] meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// A packet.
    Packet(KlvPacket<'a>),
    /// Bytes that belong to no packet.
    Garbage {
        /// Where they start.
        offset: usize,
        /// How many they are.
        length: usize,
    },
    /// A packet that starts but does not end within the bytes: wait for more, or count it as lost.
    Truncated {
        /// What its key announces.
        key: Key,
        /// Where it starts.
        offset: usize,
        /// Bytes that are there, from the key on.
        available: usize,
        /// Bytes that the whole packet has, if its length could be read.
        needed: Option<usize>,
    },
}

/// Reads the packet at the start of `bytes`.
///
/// # Errors
/// [`Fault::Truncated`] when the bytes end before the packet does, and BER length faults.
pub fn first(bytes: &[u8]) -> Result<KlvPacket<'_>, Error> {
    let truncated = |needed: usize| {
        Error::new(
            "ST 336",
            0,
            Fault::Truncated {
                needed: needed as u64,
                available: bytes.len() as u64,
            },
        )
    };
    let (key, rest) = bytes
        .split_first_chunk::<16>()
        .ok_or_else(|| truncated(16))?;
    let (length, used) = read_length(rest).map_err(|e| e.shifted(16))?;
    let value = rest[used..]
        .get(..length)
        .ok_or_else(|| truncated((16 + used).saturating_add(length)))?;
    let bytes = &bytes[..16 + used + length];
    Ok(KlvPacket {
        key: Key::from_bytes(*key),
        offset: 0,
        bytes,
        value,
    })
}

/// Walks through bytes from packet to packet, finding the next universal label after anything that is none.
///
/// Every byte is accounted for: the lengths of packets, garbage and the truncated tail add up to the input.
///
/// ```
/// use truceline_klv::stream::{Found, scan};
/// # use truceline_klv::st0601::Builder;
/// let packet = Builder::new(1_773_480_600_000_000).finish();
/// let mut bytes = b"noise".to_vec();
/// bytes.extend(&packet);
/// bytes.extend(&packet[..20]);
///
/// let found: Vec<_> = scan(&bytes).collect();
/// assert_eq!(found[0], Found::Garbage { offset: 0, length: 5 });
/// assert!(matches!(found[1], Found::Packet(p) if p.offset == 5 && p.bytes == packet));
/// assert!(matches!(found[2], Found::Truncated { available: 20, .. }));
/// assert_eq!(found.len(), 3);
/// ```
#[must_use]
pub fn scan(bytes: &[u8]) -> Scan<'_> {
    Scan {
        bytes,
        at: 0,
        held: None,
        good: Good::Unknown,
    }
}

/// Iterator of [`scan`].
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What follows a stretch of garbage, found while looking for the garbage's end.
    held: Option<Found<'a>>,
    good: Good,
}

/// Where the next whole packet stands, so that each label is tried once however damaged the bytes are.
#[derive(Debug, Clone, Copy)]
enum Good {
    Unknown,
    At(usize),
    Nowhere,
}

impl<'a> Scan<'a> {
    /// What stands at `at`, if it is the start of a packet that can be believed.
    fn look(&mut self, at: usize) -> Option<Found<'a>> {
        let rest = &self.bytes[at..];
        if !rest.starts_with(&LABEL_PREFIX) {
            // A tail that may be the beginning of a label is the beginning of a packet, for all we know.
            let tail = rest.len() < LABEL_PREFIX.len() && LABEL_PREFIX.starts_with(rest);
            let key = Key::Unknown([0; 16]);
            return tail.then_some(Found::Truncated {
                key,
                offset: at,
                available: rest.len(),
                needed: None,
            });
        }
        match first(rest) {
            Ok(packet) if packet.value.len() <= MAX_VALUE_BYTES => Some(Found::Packet(KlvPacket {
                offset: at,
                ..packet
            })),
            Err(Error {
                fault: Fault::Truncated { needed, .. },
                ..
            }) => self.truncated(at, rest, needed),
            _ => None,
        }
    }

    fn truncated(&mut self, at: usize, rest: &[u8], needed: u64) -> Option<Found<'a>> {
        let limit = (MAX_VALUE_BYTES + 16 + 9) as u64;
        if needed > limit {
            return None;
        }
        let key = rest
            .first_chunk::<16>()
            .map_or(Key::Unknown([0; 16]), |key| Key::from_bytes(*key));
        let length_known = rest.get(16..).is_some_and(|r| read_length(r).is_ok());
        let needed = usize::try_from(needed).ok().filter(|_| length_known);
        // A damaged length may reach over good packets behind it: those are worth more than one that is lost anyway.
        if length_known && self.good_packet_from(at + LABEL_PREFIX.len()) {
            return None;
        }
        Some(Found::Truncated {
            key,
            offset: at,
            available: rest.len(),
            needed,
        })
    }

    fn good_packet_from(&mut self, from: usize) -> bool {
        match self.good {
            Good::At(at) if at >= from => return true,
            Good::Nowhere => return false,
            _ => self.good = Good::Nowhere,
        }
        let mut at = from;
        while let Some(skip) = self.bytes.get(at..).and_then(next_label) {
            at += skip;
            if first(&self.bytes[at..]).is_ok_and(|packet| packet.value.len() <= MAX_VALUE_BYTES) {
                self.good = Good::At(at);
                return true;
            }
            at += 1;
        }
        false
    }

    fn step(&mut self, found: Found<'a>) -> Found<'a> {
        self.at = match found {
            Found::Packet(packet) => packet.offset + packet.bytes.len(),
            Found::Garbage { offset, length } => offset + length,
            Found::Truncated { .. } => self.bytes.len(),
        };
        found
    }
}

/// Offset of the next bytes that may be a label: a whole prefix, or the beginning of one at the very end.
fn next_label(bytes: &[u8]) -> Option<usize> {
    let whole = bytes
        .windows(LABEL_PREFIX.len())
        .position(|w| w == LABEL_PREFIX);
    whole.or_else(|| {
        let from = bytes.len().saturating_sub(LABEL_PREFIX.len() - 1);
        (from..bytes.len()).find(|&i| LABEL_PREFIX.starts_with(&bytes[i..]))
    })
}

impl<'a> Iterator for Scan<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        if let Some(found) = self.held.take() {
            return Some(self.step(found));
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        if let Some(found) = self.look(self.at) {
            return Some(self.step(found));
        }
        let start = self.at;
        let mut at = start + 1;
        while let Some(skip) = self.bytes.get(at..).and_then(next_label) {
            at += skip;
            self.held = self.look(at);
            if self.held.is_some() {
                return Some(self.step(Found::Garbage {
                    offset: start,
                    length: at - start,
                }));
            }
            at += 1;
        }
        Some(self.step(Found::Garbage {
            offset: start,
            length: self.bytes.len() - start,
        }))
    }
}

impl std::iter::FusedIterator for Scan<'_> {}
