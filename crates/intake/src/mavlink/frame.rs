//! Framing of MAVLink 1 and 2, apart from what the messages mean and from what carries them.
//!
//! Layout: <https://mavlink.io/en/guide/serialization.html>. A frame's sum covers a byte that is
//! made from the message's definition (CRC_EXTRA), so only frames of known messages can be
//! checked; the dialect is `ardupilotmega`, which contains `common`.
//!
//! What this does not see: whether a signature is right (the key is the vehicle's), and frames
//! with incompatibility flags other than «signed», which a reader must not interpret.

use mavlink::dialects::ardupilotmega::MavMessage;
use mavlink::{MavlinkVersion, Message, calculate_crc};

const MAGIC_V1: u8 = 0xFE;
const MAGIC_V2: u8 = 0xFD;
const HEADER_V1: usize = 6;
const HEADER_V2: usize = 10;
const SUM: usize = 2;
const SIGNATURE: usize = 13;
/// Incompatibility flag: a signature follows the sum.
const SIGNED: u8 = 0x01;

/// One frame, its fields still raw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame<'a> {
    /// All of it, from magic to sum or signature.
    pub(super) bytes: &'a [u8],
    pub(super) version: MavlinkVersion,
    pub(super) sequence: u8,
    pub(super) system: u8,
    pub(super) component: u8,
    pub(super) message_id: u32,
    pub(super) payload: &'a [u8],
    pub(super) signed: bool,
}

/// What the bytes at a place are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Candidate<'a> {
    /// A frame whose sum fits.
    Frame(Frame<'a>),
    /// In a frame's form, of a message that the dialect does not know: its sum cannot be checked.
    Unknown(Frame<'a>),
    /// In a frame's form, of a known message, and its sum does not fit.
    BadSum(Frame<'a>),
    /// It could be a frame; more bytes would tell.
    Short,
    /// No frame begins here, or one whose incompatibility flags forbid to interpret it.
    No,
}

/// Looks at the bytes from their first.
pub(super) fn candidate(bytes: &[u8]) -> Candidate<'_> {
    match bytes.first() {
        None => Candidate::Short,
        Some(&MAGIC_V1) => candidate_v1(bytes),
        Some(&MAGIC_V2) => candidate_v2(bytes),
        Some(_) => Candidate::No,
    }
}

fn candidate_v1(bytes: &[u8]) -> Candidate<'_> {
    let &[_, length, sequence, system, component, id, ..] = bytes else {
        return Candidate::Short;
    };
    let end = HEADER_V1 + usize::from(length);
    let (Some(frame), Some(payload)) = (bytes.get(..end + SUM), bytes.get(HEADER_V1..end)) else {
        return Candidate::Short;
    };
    checked(Frame {
        bytes: frame,
        version: MavlinkVersion::V1,
        sequence,
        system,
        component,
        message_id: u32::from(id),
        payload,
        signed: false,
    })
}

fn candidate_v2(bytes: &[u8]) -> Candidate<'_> {
    let &[
        _,
        length,
        flags,
        _compatible,
        sequence,
        system,
        component,
        id0,
        id1,
        id2,
        ..,
    ] = bytes
    else {
        return Candidate::Short;
    };
    if flags & !SIGNED != 0 {
        return Candidate::No;
    }
    let signed = flags & SIGNED != 0;
    let end = HEADER_V2 + usize::from(length);
    let whole = end + SUM + if signed { SIGNATURE } else { 0 };
    let (Some(frame), Some(payload)) = (bytes.get(..whole), bytes.get(HEADER_V2..end)) else {
        return Candidate::Short;
    };
    checked(Frame {
        bytes: frame,
        version: MavlinkVersion::V2,
        sequence,
        system,
        component,
        message_id: u32::from_le_bytes([id0, id1, id2, 0]),
        payload,
        signed,
    })
}

fn checked(frame: Frame<'_>) -> Candidate<'_> {
    if message_name(frame.message_id).is_none() {
        Candidate::Unknown(frame)
    } else if frame.sum_fits() {
        Candidate::Frame(frame)
    } else {
        Candidate::BadSum(frame)
    }
}

impl Frame<'_> {
    fn header_len(&self) -> usize {
        match self.version {
            MavlinkVersion::V1 => HEADER_V1,
            MavlinkVersion::V2 => HEADER_V2,
        }
    }

    /// The sum it carries.
    pub(super) fn sum(&self) -> u16 {
        let end = self.header_len() + self.payload.len();
        match self.bytes.get(end..end + SUM) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => 0,
        }
    }

    /// The sum its bytes and its message's definition give: X.25 over all after the magic.
    pub(super) fn computed_sum(&self) -> u16 {
        let end = self.header_len() + self.payload.len();
        calculate_crc(
            self.bytes.get(1..end).unwrap_or_default(),
            MavMessage::extra_crc(self.message_id),
        )
    }

    fn sum_fits(&self) -> bool {
        self.sum() == self.computed_sum()
    }
}

/// The message's name; `None` when the dialect does not know it.
pub(super) fn message_name(id: u32) -> Option<&'static str> {
    MavMessage::default_message_from_id(id).map(|m| m.message_name())
}

#[cfg(test)]
mod tests;
