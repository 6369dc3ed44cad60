//! Why there is no picture.

use thiserror::Error;

use truceline_intake::fmv::Codec;

/// Why an access unit gave no picture. After each but [`Codec`](Self::Codec) the decoder goes on at the next random
/// access point; nothing of what was recorded is touched.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// No decoder for this codec is part of truceline.
    #[error(
        "pictures of {} video cannot be decoded here; it is recorded and shown all the same, but nothing looks at \
         it by itself and no still can be taken", codec.as_str()
    )]
    Codec {
        /// Which.
        codec: Codec,
    },
    /// The decoder itself could not be set up.
    #[error("the H.264 decoder cannot be set up (OpenH264 tells {native_code})")]
    Setup {
        /// OpenH264's number.
        native_code: i64,
    },
    /// An access unit larger than [`MAX_ACCESS_UNIT_BYTES`](super::MAX_ACCESS_UNIT_BYTES).
    #[error("the picture at PTS {pts_90k} has more than the {max_bytes} bytes that are decoded")]
    Oversized {
        /// Presentation time stamp, 90 kHz.
        pts_90k: u64,
        /// What is taken at most.
        max_bytes: usize,
    },
    /// A sequence parameter set (ITU-T H.264 §7.3.2.1) that cannot be read.
    #[error("the parameters of the video at PTS {pts_90k} cannot be read: {why}")]
    Parameters {
        /// Presentation time stamp, 90 kHz.
        pts_90k: u64,
        /// What is wrong with them.
        why: String,
    },
    /// Parameters that ask for more memory than a picture is worth.
    #[error("the video at PTS {pts_90k} wants {what}, and {most} is the most that is decoded")]
    Limit {
        /// Presentation time stamp, 90 kHz.
        pts_90k: u64,
        /// What it asks for, e.g. `8192 × 4320 pixels`.
        what: String,
        /// What is allowed, e.g. `4096 × 2304 pixels`.
        most: String,
    },
    /// A tool of the standard that the decoder lacks.
    #[error("the video at PTS {pts_90k} is {what}, which the decoder cannot do")]
    Unsupported {
        /// Presentation time stamp, 90 kHz.
        pts_90k: u64,
        /// What it is, e.g. `interlaced`.
        what: &'static str,
    },
    /// Bytes that are no picture, or that build on one that is not there.
    #[error(
        "the picture at PTS {pts_90k} is damaged or builds on one that is missing (OpenH264 tells {native_code}); \
         decoding goes on at the next random access point"
    )]
    Corrupt {
        /// Presentation time stamp, 90 kHz.
        pts_90k: u64,
        /// OpenH264's `DECODING_STATE` bits, of `codec_app_def.h`.
        native_code: i64,
    },
}
