//! What the first bytes of a unit (NAL unit, MPEG-2 start code) say.

use truceline_klv::st0604;

use super::{Codec, HEAD_BYTES};

/// What a unit means for the row of access units.
pub(super) enum Meaning {
    /// It stands before the slices of an access unit, so that after slices it begins the next.
    Prelude {
        parameters: Parameters,
        /// A recovery point (H.264 §D.2.8): decoding may begin here.
        recovery: bool,
        /// ST 0604 time stamps in it.
        time_stamps: u64,
        time_stamps_malformed: u64,
    },
    /// Coded picture data.
    Slice {
        /// The first slice of its picture.
        first: bool,
        random_access: bool,
    },
    /// Nothing.
    Other,
}

/// Parameter sets seen in an access unit; a segment that begins without them cannot be decoded alone.
#[derive(Clone, Copy, Default)]
pub(super) struct Parameters(u8);

impl Parameters {
    const NONE: Self = Self(0);
    const VIDEO: Self = Self(1);
    const SEQUENCE: Self = Self(2);
    const PICTURE: Self = Self(4);

    pub(super) fn complete(self, codec: Codec) -> bool {
        let all = match codec {
            Codec::Mpeg2 => Self::SEQUENCE.0,
            Codec::H264 => Self::SEQUENCE.0 | Self::PICTURE.0,
            Codec::Hevc => Self::VIDEO.0 | Self::SEQUENCE.0 | Self::PICTURE.0,
        };
        self.0 & all == all
    }
}

impl std::ops::BitOrAssign for Parameters {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

const fn prelude(parameters: Parameters) -> Meaning {
    Meaning::Prelude {
        parameters,
        recovery: false,
        time_stamps: 0,
        time_stamps_malformed: 0,
    }
}

/// How many bytes of a unit [`meaning`] wants to see, by its first.
pub(super) fn enough(codec: Codec, head: &[u8]) -> usize {
    let Some(&first) = head.first() else {
        return 1;
    };
    match (codec, unit_type(codec, first)) {
        (Codec::H264, 6) | (Codec::Hevc, 39) => HEAD_BYTES,
        (Codec::H264, _) => 2,
        (Codec::Hevc | Codec::Mpeg2, _) => 3,
    }
}

fn unit_type(codec: Codec, first: u8) -> u8 {
    match codec {
        Codec::Mpeg2 => first,
        Codec::H264 => first & 0x1F,
        Codec::Hevc => first >> 1 & 0x3F,
    }
}

pub(super) fn meaning(codec: Codec, head: &[u8]) -> Meaning {
    let Some((&first, rest)) = head.split_first() else {
        return Meaning::Other;
    };
    let kind = unit_type(codec, first);
    match codec {
        Codec::Mpeg2 => mpeg2(kind, rest),
        Codec::H264 => h264(kind, rest),
        Codec::Hevc => match rest.split_first() {
            // Only the base layer is looked at: nuh_layer_id 0.
            Some((&second, rest)) if first & 1 == 0 && second >> 3 == 0 => hevc(kind, rest),
            _ => Meaning::Other,
        },
    }
}

/// ITU-T H.264 table 7-1.
fn h264(kind: u8, rest: &[u8]) -> Meaning {
    // first_mb_in_slice is Exp-Golomb coded: a leading one bit is zero.
    let first = rest.first().is_some_and(|b| b & 0x80 != 0);
    match kind {
        1 | 2 | 5 => Meaning::Slice {
            first,
            random_access: kind == 5,
        },
        6 => sei(rest, true),
        7 => prelude(Parameters::SEQUENCE),
        8 => prelude(Parameters::PICTURE),
        9 => prelude(Parameters::NONE),
        _ => Meaning::Other,
    }
}

/// ITU-T H.265 table 7-1.
fn hevc(kind: u8, rest: &[u8]) -> Meaning {
    // first_slice_segment_in_pic_flag is the first bit.
    let first = rest.first().is_some_and(|b| b & 0x80 != 0);
    match kind {
        0..=9 | 16..=23 => Meaning::Slice {
            first,
            random_access: kind >= 16,
        },
        32 => prelude(Parameters::VIDEO),
        33 => prelude(Parameters::SEQUENCE),
        34 => prelude(Parameters::PICTURE),
        35 | 41..=44 | 48..=55 => prelude(Parameters::NONE),
        39 => sei(rest, false),
        _ => Meaning::Other,
    }
}

/// ITU-T H.262 table 6-1 and §6.3.9.
fn mpeg2(kind: u8, rest: &[u8]) -> Meaning {
    match kind {
        0x00 => Meaning::Slice {
            first: true,
            // temporal_reference takes ten bits, picture_coding_type the next three; 1 is intra.
            random_access: rest.get(1).is_some_and(|b| b >> 3 & 7 == 1),
        },
        0xB3 => prelude(Parameters::SEQUENCE),
        0xB8 => prelude(Parameters::NONE),
        _ => Meaning::Other,
    }
}

/// Messages of an SEI unit (ITU-T H.264 §7.3.2.3.1, H.265 §7.3.5).
fn sei(rest: &[u8], recovery_counts: bool) -> Meaning {
    /// Payload types (ITU-T H.264 table in §D.1).
    const USER_DATA_UNREGISTERED: usize = 5;
    const RECOVERY_POINT: usize = 6;

    let bytes = without_emulation_prevention(rest);
    let mut recovery = false;
    let (mut time_stamps, mut time_stamps_malformed) = (0, 0);
    let mut at = 0;
    // The last byte of the unit is its stop bit; a message has a type and a size at the least.
    while at + 2 < bytes.len() {
        let Some((kind, size_at)) = sum_of_ff(&bytes, at) else {
            break;
        };
        let Some((size, payload_at)) = sum_of_ff(&bytes, size_at) else {
            break;
        };
        let payload = bytes
            .get(payload_at..payload_at.saturating_add(size).min(bytes.len()))
            .unwrap_or_default();
        match kind {
            RECOVERY_POINT => recovery = recovery_counts,
            USER_DATA_UNREGISTERED => match st0604::parse_sei(payload) {
                Ok(Some(_)) => time_stamps += 1,
                Ok(None) => {}
                Err(_) => time_stamps_malformed += 1,
            },
            _ => {}
        }
        at = payload_at.saturating_add(size);
    }
    Meaning::Prelude {
        parameters: Parameters::NONE,
        recovery,
        time_stamps,
        time_stamps_malformed,
    }
}

/// A number written as bytes of 0xFF and a last one, all added; and where it ends.
fn sum_of_ff(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut sum = 0;
    for (i, &b) in bytes.iter().enumerate().skip(from) {
        sum += usize::from(b);
        if b != 0xFF {
            return Some((sum, i + 1));
        }
    }
    None
}

/// Drops the 03 of each 00 00 03 (ITU-T H.264 §7.4.1, H.265 §7.4.2).
fn without_emulation_prevention(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &b in bytes {
        if zeros >= 2 && b == 3 {
            zeros = 0;
            continue;
        }
        zeros = if b == 0 { zeros + 1 } else { 0 };
        out.push(b);
    }
    out
}
