//! ST 0603: the MISP time system's time status byte.

/// What a time stamp's status byte says about the clock (ST 0603.5 §7.4).
///
/// ```
/// use truceline_klv::st0603::{Jump, TimeStatus};
/// let status = TimeStatus::from_byte(0b0111_1111);
/// assert!(status.locked);
/// assert_eq!(status.discontinuity, Some(Jump::Reverse));
/// assert_eq!(status.to_byte(), 0b0111_1111);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeStatus {
    /// The clock is locked to an absolute time reference (bit 7 clear). `false` is "not locked, or not known".
    pub locked: bool,
    /// Time has jumped since the last time stamp (bit 6), and which way (bit 5).
    pub discontinuity: Option<Jump>,
}

/// Which way time jumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// Forwards.
    Forward,
    /// Backwards.
    Reverse,
}

impl TimeStatus {
    /// Reads the status byte; the five low bits are reserved and ignored.
    #[must_use]
    pub fn from_byte(byte: u8) -> Self {
        let jump = if byte & 0x20 == 0 {
            Jump::Forward
        } else {
            Jump::Reverse
        };
        Self {
            locked: byte & 0x80 == 0,
            discontinuity: (byte & 0x40 != 0).then_some(jump),
        }
    }

    /// The status byte, its reserved bits set as the standard asks.
    #[must_use]
    pub fn to_byte(&self) -> u8 {
        let jump = match self.discontinuity {
            None => 0,
            Some(Jump::Forward) => 0x40,
            Some(Jump::Reverse) => 0x60,
        };
        0x1f | jump | if self.locked { 0 } else { 0x80 }
    }
}
