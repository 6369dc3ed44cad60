//! How the standards put values into bytes: one [`Format`] an item. Decoding is here, encoding in its own file.

mod encode;

pub(crate) use encode::{write_imap, write_unsigned};

use crate::ber::Cursor;
use crate::error::{Allowed, Error, Fault};
use crate::imap::Imap;
use crate::pack::{PackBytes, PackKind};
use crate::set::{LocalSet, SetDef};
use crate::value::{Reading, Special, SpecialKind, Value};

/// The form of an item's value.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Format {
    /// Unsigned integer of `min` to `max` bytes.
    Unsigned {
        /// Fewest bytes.
        min: u8,
        /// Most bytes.
        max: u8,
    },
    /// Two's complement integer of `min` to `max` bytes.
    Signed {
        /// Fewest bytes.
        min: u8,
        /// Most bytes.
        max: u8,
    },
    /// `0..=2^(8·bytes) − 1` mapped linearly to `min..=max`.
    LinearUnsigned {
        /// Bytes of the code.
        bytes: u8,
        /// Value of code 0.
        min: f64,
        /// Value of one step.
        step: f64,
    },
    /// `±(2^(8·bytes−1) − 1)` mapped linearly to `±max`; the one code left over is special.
    LinearSigned {
        /// Bytes of the code.
        bytes: u8,
        /// Value of the greatest code.
        max: f64,
        /// Value of one step.
        step: f64,
        /// What `0x80…0` stands for.
        special: SpecialKind,
    },
    /// As [`Format::LinearSigned`] with `bytes` bytes, of which leading ones that only repeat the sign may be left out.
    ShortenedSigned {
        /// Bytes of the whole code.
        bytes: u8,
        /// Value of the greatest code.
        max: f64,
        /// Value of one step.
        step: f64,
    },
    /// IMAPB of ST 1201 over `min..=max`, of one to `max_bytes` bytes.
    Imapb {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Most bytes.
        max_bytes: u8,
        /// Bytes written when encoding.
        bytes: u8,
    },
    /// UTF-8 text (ISO 646 is part of it).
    Text,
    /// Text in UTF-16 big-endian or, from many encoders, in UTF-8 (ST 0102 item 13).
    TextUtf16,
    /// An enumeration in one byte; the label's position is its code.
    Enumerated(&'static [&'static str]),
    /// An enumeration whose codes have gaps.
    Codes(&'static [(u64, &'static str)]),
    /// Bits in one byte.
    Flags(&'static [&'static str]),
    /// A nested local set.
    Set(&'static SetDef),
    /// The VMTI local set, whose scalings depend on the version that it carries.
    Vmti,
    /// A pack or a list.
    Pack(PackKind),
    /// Bytes kept as they are, of `min` to `max` bytes.
    Bytes {
        /// Fewest bytes.
        min: usize,
        /// Most bytes.
        max: usize,
    },
    /// A structure of another standard (named), kept raw.
    Raw(&'static str),
}

/// `0..=2^(8·bytes) − 1` to `min..=max`.
pub(crate) const fn linear(bytes: u8, min: f64, max: f64) -> Format {
    let top = if bytes >= 8 {
        u64::MAX
    } else {
        (1 << (8 * bytes)) - 1
    };
    Format::LinearUnsigned {
        bytes,
        min,
        step: (max - min) / top as f64,
    }
}

/// `±(2^(8·bytes−1) − 1)` to `±max`, `0x80…0` being the error indicator.
pub(crate) const fn signed_error(bytes: u8, max: f64) -> Format {
    signed(bytes, max, SpecialKind::ErrorIndicator)
}

/// `±(2^(8·bytes−1) − 1)` to `±max`, `0x80…0` being "out of range".
pub(crate) const fn signed_range(bytes: u8, max: f64) -> Format {
    signed(bytes, max, SpecialKind::OutOfRange)
}

const fn signed(bytes: u8, max: f64, special: SpecialKind) -> Format {
    let top = (1u64 << (8 * bytes - 1)) - 1;
    Format::LinearSigned {
        bytes,
        max,
        step: max / top as f64,
        special,
    }
}

pub(crate) const fn imapb(min: f64, max: f64, max_bytes: u8, bytes: u8) -> Format {
    Format::Imapb {
        min,
        max,
        max_bytes,
        bytes,
    }
}

pub(crate) const fn uint(min: u8, max: u8) -> Format {
    Format::Unsigned { min, max }
}

/// An unsigned big-endian number of at most eight bytes.
#[inline]
pub(crate) fn unsigned(raw: &[u8]) -> u64 {
    match *raw {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_be_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => raw.iter().fold(0, |n, &b| n << 8 | u64::from(b)),
    }
}

/// A two's complement big-endian number of one to eight bytes.
#[inline]
pub(crate) fn twos_complement(raw: &[u8]) -> i64 {
    match *raw {
        [a] => i64::from(a as i8),
        [a, b] => i64::from(i16::from_be_bytes([a, b])),
        [a, b, c, d] => i64::from(i32::from_be_bytes([a, b, c, d])),
        _ => {
            let unused = 64 - 8 * raw.len().clamp(1, 8) as u32;
            ((unsigned(raw) << unused) as i64) >> unused
        }
    }
}

#[cold]
fn bad_length(found: usize, expected: Allowed) -> Error {
    Error::new("ST 0107", 0, Fault::BadLength { found, expected })
}

#[inline]
fn check(raw: &[u8], min: usize, max: usize) -> Result<(), Error> {
    if (min..=max).contains(&raw.len()) {
        return Ok(());
    }
    Err(bad_length(
        raw.len(),
        if min == max {
            Allowed::Exactly(min)
        } else {
            Allowed::Between(min, max)
        },
    ))
}

impl Format {
    /// Decodes a value. Zero bytes are [`Value::Empty`] for every format.
    ///
    /// # Errors
    /// [`Fault::BadLength`] for a length that the format does not allow.
    #[inline]
    pub fn decode<'a>(&self, raw: &'a [u8]) -> Result<Value<'a>, Error> {
        if raw.is_empty() {
            return Ok(Value::Empty);
        }
        match *self {
            Self::LinearSigned {
                bytes,
                step,
                special,
                ..
            } => {
                check(raw, bytes as usize, bytes as usize)?;
                let code = twos_complement(raw);
                if code == i64::MIN >> (64 - 8 * u32::from(bytes)) {
                    return Ok(Value::Special(Special {
                        kind: special,
                        code: unsigned(raw),
                        bytes,
                    }));
                }
                Ok(Value::Real(code as f64 * step))
            }
            Self::LinearUnsigned { bytes, min, step } => {
                check(raw, bytes as usize, bytes as usize)?;
                Ok(Value::Real(unsigned(raw) as f64 * step + min))
            }
            Self::Text => Ok(std::str::from_utf8(raw).map_or(Value::TextInvalid(raw), Value::Text)),
            Self::Unsigned { min, max } => {
                check(raw, min as usize, max as usize)?;
                Ok(Value::Unsigned(unsigned(raw)))
            }
            Self::Signed { min, max } => {
                check(raw, min as usize, max as usize)?;
                Ok(Value::Signed(twos_complement(raw)))
            }
            Self::Set(def) => Ok(Value::Set(LocalSet::new(def, raw))),
            _ => self.decode_rare(raw),
        }
    }

    fn decode_rare<'a>(&self, raw: &'a [u8]) -> Result<Value<'a>, Error> {
        match *self {
            Self::Imapb {
                min,
                max,
                max_bytes,
                ..
            } => {
                check(raw, 1, max_bytes as usize)?;
                let Some(map) = Imap::b(min, max, raw.len()) else {
                    return Err(bad_length(
                        raw.len(),
                        Allowed::Between(1, max_bytes as usize),
                    ));
                };
                map.decode(raw).map(Value::from)
            }
            Self::ShortenedSigned { bytes, step, .. } => {
                check(raw, 1, bytes as usize)?;
                let code = twos_complement(raw);
                if code == i64::MIN >> (64 - 8 * u32::from(bytes)) {
                    let kind = SpecialKind::ErrorIndicator;
                    return Ok(Value::Special(Special {
                        kind,
                        code: unsigned(raw),
                        bytes,
                    }));
                }
                Ok(Value::Real(code as f64 * step))
            }
            Self::Enumerated(labels) => {
                check(raw, 1, 1)?;
                let code = unsigned(raw);
                Ok(Value::Enumerated {
                    code,
                    label: labels.get(code as usize).copied().filter(|l| !l.is_empty()),
                })
            }
            Self::Codes(codes) => {
                check(raw, 1, 8)?;
                let code = unsigned(raw);
                Ok(Value::Enumerated {
                    code,
                    label: codes.iter().find(|(c, _)| *c == code).map(|(_, l)| *l),
                })
            }
            Self::Flags(names) => {
                check(raw, 1, 1)?;
                Ok(Value::Flags {
                    bits: unsigned(raw),
                    names,
                })
            }
            Self::TextUtf16 => Ok(text_utf16_or_8(raw)),
            Self::Vmti => Ok(Value::Set(LocalSet::new(crate::st0903::def_for(raw), raw))),
            Self::Pack(kind) => Ok(Value::Pack(PackBytes { kind, raw })),
            Self::Bytes { min, max } => {
                check(raw, min, max)?;
                Ok(Value::Bytes(raw))
            }
            _ => Ok(Value::Bytes(raw)),
        }
    }

    /// What the format carries, for messages.
    #[must_use]
    pub fn carries(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => "an unsigned integer",
            Self::Signed { .. } => "a signed integer",
            Self::LinearUnsigned { .. }
            | Self::LinearSigned { .. }
            | Self::ShortenedSigned { .. }
            | Self::Imapb { .. } => "a real number",
            Self::Text | Self::TextUtf16 => "text",
            Self::Enumerated(_) | Self::Codes(_) => "an enumeration",
            Self::Flags(_) => "flags",
            Self::Set(_) | Self::Vmti => "a local set",
            Self::Pack(_) => "a pack",
            Self::Bytes { .. } => "bytes",
            Self::Raw(standard) => standard,
        }
    }

    /// One quantum in the item's unit: the greatest difference between a number and what is decoded after encoding it.
    #[must_use]
    pub fn quantum(&self) -> Option<f64> {
        match *self {
            Self::LinearUnsigned { step, .. }
            | Self::LinearSigned { step, .. }
            | Self::ShortenedSigned { step, .. } => Some(step),
            Self::Imapb {
                min, max, bytes, ..
            } => Imap::b(min, max, bytes as usize).map(|map| map.resolution()),
            _ => None,
        }
    }
}

/// ST 0102 item 13 is UTF-16 by the letter; encoders in use write ISO 646. An even length with a zero in every other byte
/// is UTF-16 of Latin letters, which is all that country codes use.
fn text_utf16_or_8(raw: &[u8]) -> Value<'_> {
    let (pairs, odd) = raw.as_chunks::<2>();
    if odd.is_empty() && pairs.iter().all(|pair| pair[0] == 0) {
        return Value::TextUtf16(raw);
    }
    std::str::from_utf8(raw).map_or(Value::TextInvalid(raw), Value::Text)
}

/// Reads an IMAPB code of `length` bytes from a pack.
pub(crate) fn read_imap(
    cursor: &mut Cursor<'_>,
    min: f64,
    max: f64,
    length: usize,
) -> Result<Reading, Error> {
    let at = cursor.at();
    let raw = cursor.take(length)?;
    match Imap::b(min, max, length) {
        Some(map) => map.decode(raw).map_err(|e| e.shifted(at)),
        None => Err(bad_length(length, Allowed::Between(1, 8)).shifted(at)),
    }
}
