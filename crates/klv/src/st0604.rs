//! ST 0604: time stamps in video, carried as user data of H.264 and HEVC (SEI message `user_data_unregistered`, payload type
//! 5) and of MPEG-2 video.
//!
//! The payload is a 16-byte identifier, the time status byte of [ST 0603](crate::st0603), and eight bytes of time in pairs,
//! each pair but the last followed by `0xFF` so that no start code can arise (ST 0604.6 §7).

use crate::error::{Allowed, Error, Fault};
use crate::st0603::TimeStatus;

/// Identifier of a precision time stamp in H.264 and MPEG-2 video: the characters `MISPmicrosectime`.
pub const MICROSECONDS_AVC: [u8; 16] = *b"MISPmicrosectime";
/// Identifier (UUID) of a precision time stamp in HEVC: microseconds.
pub const MICROSECONDS_HEVC: [u8; 16] = [
    0xa8, 0x68, 0x7d, 0xd4, 0xd7, 0x59, 0x37, 0x58, 0xa5, 0xce, 0xf0, 0x33, 0x8b, 0x65, 0x45, 0xf1,
];
/// Identifier (UUID) of a nano precision time stamp in HEVC and H.264: nanoseconds.
pub const NANOSECONDS: [u8; 16] = [
    0xcf, 0x84, 0x82, 0x78, 0xee, 0x23, 0x30, 0x6c, 0x92, 0x65, 0xe8, 0xfe, 0xf2, 0x2f, 0xb8, 0xb8,
];

/// Bytes of the payload: identifier, status, eight bytes of time and three of `0xFF`.
pub const PAYLOAD_BYTES: usize = 28;

/// A time stamp of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameTime {
    /// Nanoseconds since 1970-01-01 in MISP time (no leap seconds). Microsecond stamps are multiplied; one that does not fit
    /// is refused.
    pub nanoseconds: u64,
    /// Whether the stamp itself carried nanoseconds.
    pub nano: bool,
    /// What the clock says of itself.
    pub status: TimeStatus,
}

impl FrameTime {
    /// Microseconds since 1970-01-01 in MISP time, rounded down.
    #[must_use]
    pub fn microseconds(&self) -> u64 {
        self.nanoseconds / 1000
    }

    /// The payload of an SEI message `user_data_unregistered` with this time stamp; `identifier` is one of this module's.
    #[must_use]
    pub fn to_sei(&self, identifier: [u8; 16]) -> [u8; PAYLOAD_BYTES] {
        let time = if identifier == NANOSECONDS {
            self.nanoseconds
        } else {
            self.microseconds()
        };
        let mut payload = [0xff; PAYLOAD_BYTES];
        payload[..16].copy_from_slice(&identifier);
        payload[16] = self.status.to_byte();
        for (place, pair) in payload[17..]
            .chunks_mut(3)
            .zip(time.to_be_bytes().as_chunks::<2>().0)
        {
            place[..2].copy_from_slice(pair);
        }
        payload
    }
}

/// Reads the payload of an SEI message `user_data_unregistered` (emulation prevention bytes removed, without type and size).
/// `Ok(None)` when the identifier is another one: such messages are common and no error.
///
/// ```
/// use truceline_klv::st0604::parse_sei;
///
/// let mut payload = b"MISPmicrosectime".to_vec();
/// payload.extend([0x1f, 0x00, 0x04, 0xff, 0x59, 0xf4, 0xff, 0xa6, 0xaa, 0xff, 0x4a, 0xa8]);
/// let time = parse_sei(&payload)?.unwrap();
/// assert_eq!(time.microseconds(), 1_224_807_209_913_000);
/// assert!(time.status.locked);
///
/// // A refusal: a stamp whose separators are not there.
/// payload[19] = 0x00;
/// assert!(parse_sei(&payload).is_err());
/// # Ok::<(), truceline_klv::Error>(())
/// ```
///
/// # Errors
/// A payload with one of the identifiers that is too short, whose separators are not `0xFF`, or whose time does not fit.
pub fn parse_sei(payload: &[u8]) -> Result<Option<FrameTime>, Error> {
    let Some((identifier, rest)) = payload.split_first_chunk::<16>() else {
        return Ok(None);
    };
    let nano = *identifier == NANOSECONDS;
    if !nano && *identifier != MICROSECONDS_AVC && *identifier != MICROSECONDS_HEVC {
        return Ok(None);
    }
    let Some(&[status, a, b, s1, c, d, s2, e, f, s3, g, h]) = rest.first_chunk::<12>() else {
        let fault = Fault::BadLength {
            found: payload.len(),
            expected: Allowed::Exactly(PAYLOAD_BYTES),
        };
        return Err(Error::new("ST 0604", 0, fault));
    };
    for (offset, separator) in [(19, s1), (22, s2), (25, s3)] {
        if separator != 0xff {
            let fault = Fault::Undefined {
                what: "separator byte other than 0xff",
                value: separator.into(),
            };
            return Err(Error::new("ST 0604", offset, fault));
        }
    }
    let time = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let nanoseconds = if nano {
        Some(time)
    } else {
        time.checked_mul(1000)
    };
    let Some(nanoseconds) = nanoseconds else {
        let fault = Fault::Undefined {
            what: "microseconds beyond the year 2554",
            value: time,
        };
        return Err(Error::new("ST 0604", 17, fault));
    };
    Ok(Some(FrameTime {
        nanoseconds,
        nano,
        status: TimeStatus::from_byte(status),
    }))
}
