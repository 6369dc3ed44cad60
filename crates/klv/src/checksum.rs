//! The two checksums of the MISB local sets.

use crate::format::unsigned;
use crate::set::{Item, LocalSet};

/// The 16-bit running sum of ST 0601 (§7.2 "checksum"; also ST 0903 item 1): the bytes taken two by two as big-endian
/// numbers and added modulo 2^16, from the first byte of the universal key to the checksum item's length byte.
///
/// ```
/// assert_eq!(truceline_klv::checksum::running_sum_16(&[0x01, 0x02, 0x03]), 0x0402);
/// ```
#[inline]
#[must_use]
pub fn running_sum_16(bytes: &[u8]) -> u16 {
    // Sixteen lanes that wrap: the order of addition does not matter, and the compiler can vectorise it.
    let mut lanes = [0u16; 16];
    let (blocks, tail) = bytes.as_chunks::<32>();
    for block in blocks {
        for (lane, pair) in lanes.iter_mut().zip(block.as_chunks::<2>().0) {
            *lane = lane.wrapping_add(u16::from_be_bytes(*pair));
        }
    }
    let mut sum = lanes.iter().fold(0u16, |s, &l| s.wrapping_add(l));
    let (pairs, odd) = tail.as_chunks::<2>();
    for pair in pairs {
        sum = sum.wrapping_add(u16::from_be_bytes(*pair));
    }
    if let [last] = odd {
        sum = sum.wrapping_add(u16::from(*last) << 8);
    }
    sum
}

/// The CRC-32 of ST 0806 (§7.1 item 1): polynomial 0x04C11DB7, initial value all ones, no reflection, no final xor
/// ("CRC-32/MPEG-2", ISO/IEC 13818-1 Annex A), over everything before the CRC's own four bytes.
///
/// ```
/// assert_eq!(truceline_klv::checksum::crc_32_mpeg2(b"123456789"), 0x0376_e6e7);
/// ```
#[must_use]
pub fn crc_32_mpeg2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 24, |c, _| {
            if c & 0x8000_0000 == 0 {
                c << 1
            } else {
                c << 1 ^ 0x04c1_1db7
            }
        })
    })
}

/// The packet's bytes before the item's value, and whether the item is the last.
fn before<'a>(packet: &'a [u8], set: LocalSet<'_>, item: Item<'_>) -> (&'a [u8], bool) {
    let value_at = packet.len() - set.bytes().len();
    let covered = packet.get(..value_at + item.offset).unwrap_or_default();
    (covered, item.offset + item.raw.len() == set.bytes().len())
}

/// What a packet's own checksum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// The stored checksum is that of the bytes.
    Ok,
    /// The stored checksum is not that of the bytes: the packet is no evidence.
    Bad {
        /// The checksum as stored.
        stored: u32,
        /// The checksum of the bytes.
        computed: u32,
    },
    /// The packet carries none.
    None,
}

impl Checksum {
    /// The verdict on a packet whose last item of tag 1 carries the running sum of all bytes before the sum itself.
    #[inline]
    pub(crate) fn running_sum(packet: &[u8], set: LocalSet<'_>, item: Option<Item<'_>>) -> Self {
        let Some(item) = item else {
            return Self::None;
        };
        let (covered, is_last) = before(packet, set, item);
        let computed = u32::from(running_sum_16(covered));
        match *item.raw {
            [high, low] if is_last => Self::of(u16::from_be_bytes([high, low]).into(), computed),
            _ => Self::Bad {
                stored: unsigned(item.raw) as u32,
                computed,
            },
        }
    }

    /// The same for the CRC-32 of ST 0806.
    pub(crate) fn crc_32(packet: &[u8], set: LocalSet<'_>, item: Option<Item<'_>>) -> Self {
        let Some(item) = item else {
            return Self::None;
        };
        let (covered, is_last) = before(packet, set, item);
        let computed = crc_32_mpeg2(covered);
        match *item.raw {
            [a, b, c, d] if is_last => Self::of(u32::from_be_bytes([a, b, c, d]), computed),
            _ => Self::Bad {
                stored: unsigned(item.raw) as u32,
                computed,
            },
        }
    }

    pub(crate) fn of(stored: u32, computed: u32) -> Self {
        if stored == computed {
            Self::Ok
        } else {
            Self::Bad { stored, computed }
        }
    }

    /// `"ok"`, `"bad"` or `"none"`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Bad { .. } => "bad",
            Self::None => "none",
        }
    }
}
