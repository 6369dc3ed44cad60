//! ST 1201: mapping floating point numbers to integers (IMAPA, IMAPB) and the special values between.
//!
//! A value x of the range a..=b becomes `trunc(sF·(x − a) + zOffset)` in L bytes, where sF is the greatest power of two
//! that leaves the top bit free (ST 1201 §7.2.1). The top bit announces a special value (§7.1.2).

use crate::error::{Allowed, Error, Fault, Shown};

/// A range mapped to integers of a given length: the "starting point" of ST 1201 §7.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imap {
    min: f64,
    max: f64,
    length: usize,
    forward: f64,
    reverse: f64,
    zero_offset: f64,
    max_code: u64,
}

/// What an IMAP code means besides a number (ST 1201 §7.1.2, table of bit patterns).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImapSpecial {
    /// `11001…`: +∞.
    PositiveInfinity,
    /// `11101…`: −∞.
    NegativeInfinity,
    /// `11010…`: +quiet NaN.
    PositiveQuietNan,
    /// `11110…`: −quiet NaN.
    NegativeQuietNan,
    /// `11011…`: +signalling NaN.
    PositiveSignalNan,
    /// `11111…`: −signalling NaN.
    NegativeSignalNan,
    /// `11100000…`: below the minimum of the range.
    BelowMinimum,
    /// `11100001…`: above the maximum of the range.
    AboveMaximum,
    /// `11100…` with other low bits: for the MISB to define.
    MisbDefined,
    /// `11000…`: for users to define.
    UserDefined,
    /// `100…` to `101…` other than the maximum itself: reserved.
    Reserved,
}

impl ImapSpecial {
    fn of(first: u8) -> Self {
        match first >> 3 {
            0b11001 => Self::PositiveInfinity,
            0b11101 => Self::NegativeInfinity,
            0b11010 => Self::PositiveQuietNan,
            0b11110 => Self::NegativeQuietNan,
            0b11011 => Self::PositiveSignalNan,
            0b11111 => Self::NegativeSignalNan,
            0b11100 => match first & 7 {
                0 => Self::BelowMinimum,
                1 => Self::AboveMaximum,
                _ => Self::MisbDefined,
            },
            0b11000 => Self::UserDefined,
            _ => Self::Reserved,
        }
    }

    /// First byte that encodes this meaning; the others are zero.
    fn first_byte(self) -> u8 {
        match self {
            Self::PositiveInfinity => 0b1100_1000,
            Self::NegativeInfinity => 0b1110_1000,
            Self::PositiveQuietNan => 0b1101_0000,
            Self::NegativeQuietNan => 0b1111_0000,
            Self::PositiveSignalNan => 0b1101_1000,
            Self::NegativeSignalNan => 0b1111_1000,
            Self::BelowMinimum => 0b1110_0000,
            Self::AboveMaximum => 0b1110_0001,
            Self::MisbDefined => 0b1110_0010,
            Self::UserDefined => 0b1100_0000,
            Self::Reserved => 0b1010_0000,
        }
    }

    /// The meaning in snake case, as JSON carries it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::PositiveInfinity => "positive_infinity",
            Self::NegativeInfinity => "negative_infinity",
            Self::PositiveQuietNan => "positive_quiet_nan",
            Self::NegativeQuietNan => "negative_quiet_nan",
            Self::PositiveSignalNan => "positive_signal_nan",
            Self::NegativeSignalNan => "negative_signal_nan",
            Self::BelowMinimum => "below_minimum",
            Self::AboveMaximum => "above_maximum",
            Self::MisbDefined => "misb_defined",
            Self::UserDefined => "user_defined",
            Self::Reserved => "reserved",
        }
    }
}

/// 2^exponent, exactly. `exponent` stays within ±200 here (ranges below 2^128, lengths up to 8 bytes).
#[inline]
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// The least p with 2^p ≥ range: `ceil(log2(b − a))` of ST 1201, without rounding error.
#[inline]
fn ceil_log2(range: f64) -> i32 {
    let bits = range.to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    if bits << 12 == 0 {
        exponent
    } else {
        exponent + 1
    }
}

impl Imap {
    /// IMAPB: the range `min..=max` in `length` bytes (1 to 8). `None` if the range is empty, not finite or wider than
    /// 2^100, or the length is not 1 to 8.
    #[inline]
    #[must_use]
    pub fn b(min: f64, max: f64, length: usize) -> Option<Self> {
        let range = max - min;
        // False for a NaN too.
        let usable = range > 1e-30 && range < 1e30 && (1..=8).contains(&length);
        if !usable {
            return None;
        }
        let range_bits = ceil_log2(range);
        let code_bits = 8 * length as i32 - 1;
        let forward = power_of_two(code_bits - range_bits);
        let reverse = power_of_two(range_bits - code_bits);
        let zero_offset = if min < 0.0 && max > 0.0 {
            forward * min - (forward * min).floor()
        } else {
            0.0
        };
        let max_code = (forward * range + zero_offset) as u64;
        Some(Self {
            min,
            max,
            length,
            forward,
            reverse,
            zero_offset,
            max_code,
        })
    }

    /// IMAPA: the range `min..=max` at a precision of at least `precision`; the length follows (ST 1201 §7.2.2).
    ///
    /// ```
    /// use truceline_klv::imap::Imap;
    /// // ST 1201 appendix: -900..19000 m to half a metre takes three bytes.
    /// let map = Imap::a(-900.0, 19_000.0, 0.5).unwrap();
    /// assert_eq!((map.length(), map.forward(10.0)), (3, Some(232_960)));
    /// ```
    #[must_use]
    pub fn a(min: f64, max: f64, precision: f64) -> Option<Self> {
        let range = max - min;
        if !(precision > 0.0 && precision < range) {
            return None;
        }
        let bits = (range / precision).log2().ceil() + 1.0;
        let length = (bits / 8.0).ceil();
        if length <= 8.0 {
            Self::b(min, max, length as usize)
        } else {
            None
        }
    }

    /// Bytes of a code.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// One step: the code truncates, so a decoded number lies less than this below the encoded one.
    #[must_use]
    pub fn resolution(&self) -> f64 {
        self.reverse
    }

    /// The code of a number, or `None` outside the range.
    #[must_use]
    pub fn forward(&self, value: f64) -> Option<u64> {
        if !(value >= self.min && value <= self.max) {
            return None;
        }
        Some((self.forward * (value - self.min) + self.zero_offset) as u64)
    }

    /// The number of a code that [`Imap::forward`] can have produced.
    #[inline]
    fn reverse(&self, code: u64) -> f64 {
        let value = self.reverse * (code as f64 - self.zero_offset) + self.min;
        // The offset that makes zero exact puts the first code up to one step below the minimum.
        if value < self.min { self.min } else { value }
    }

    /// Decodes a code of exactly [`Imap::length`] bytes.
    ///
    /// # Errors
    /// [`Fault::BadLength`] for another length.
    #[inline]
    pub fn decode(&self, bytes: &[u8]) -> Result<Reading, Error> {
        if bytes.len() != self.length {
            let fault = Fault::BadLength {
                found: bytes.len(),
                expected: Allowed::Exactly(self.length),
            };
            return Err(Error::new("ST 1201", 0, fault));
        }
        let code = bytes.iter().fold(0u64, |n, &b| n << 8 | u64::from(b));
        if code <= self.max_code {
            return Ok(Reading::Value(self.reverse(code)));
        }
        let special = code > 1 << (8 * self.length - 1);
        let kind = if special {
            SpecialKind::Imap(ImapSpecial::of(bytes[0]))
        } else {
            SpecialKind::BeyondRange
        };
        Ok(Reading::Special(Special {
            kind,
            code,
            bytes: self.length as u8,
        }))
    }

    /// Appends the code of a reading.
    ///
    /// # Errors
    /// [`Fault::OutOfRange`] for a number outside the range; use [`ImapSpecial::AboveMaximum`] to say so in the stream.
    pub fn encode(&self, reading: Reading, out: &mut Vec<u8>) -> Result<(), Error> {
        let code = match reading {
            Reading::Value(value) => self.forward(value).ok_or_else(|| {
                let fault = Fault::OutOfRange {
                    value: Shown(value),
                    min: Shown(self.min),
                    max: Shown(self.max),
                };
                Error::new("ST 1201", 0, fault)
            })?,
            Reading::Special(special) => special.code_for(self.length)?,
        };
        out.extend_from_slice(&code.to_be_bytes()[8 - self.length..]);
        Ok(())
    }
}

pub use crate::value::{Reading, Special, SpecialKind};

impl Special {
    /// An IMAP special value of `length` bytes whose further bits are zero.
    #[must_use]
    pub fn imap(meaning: ImapSpecial, length: usize) -> Self {
        let length = length.clamp(1, 8);
        let code = u64::from(meaning.first_byte()) << (8 * (length - 1));
        Self {
            kind: SpecialKind::Imap(meaning),
            code,
            bytes: length as u8,
        }
    }

    fn code_for(&self, length: usize) -> Result<u64, Error> {
        if self.bytes as usize == length && matches!(self.kind, SpecialKind::Imap(_)) {
            return Ok(self.code);
        }
        let fault = Fault::WrongKind {
            given: "special",
            carries: "an IMAP code of another length",
        };
        Err(Error::new("ST 1201", 0, fault))
    }
}
