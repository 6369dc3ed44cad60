//! The other direction: values to bytes.

use crate::error::{Allowed, Error, Fault, Shown};
use crate::format::{Format, bad_length};
use crate::imap::Imap;
use crate::value::{Reading, SpecialKind, Value};

impl Format {
    /// Appends the bytes of a value; [`Value::Empty`] appends none, [`Value::Bytes`] is taken as it is by every format.
    ///
    /// # Errors
    /// [`Fault::WrongKind`] for a value that the format does not carry, [`Fault::OutOfRange`] for a number outside its range.
    pub fn encode(&self, value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        match (self, value) {
            (_, Value::Empty) => {}
            (_, Value::Bytes(raw)) => out.extend_from_slice(raw),
            (Self::Text, Value::Text(text)) | (Self::TextUtf16, Value::Text(text)) => {
                out.extend_from_slice(text.as_bytes())
            }
            (Self::Text | Self::TextUtf16, Value::TextInvalid(raw) | Value::TextUtf16(raw)) => {
                out.extend_from_slice(raw)
            }
            (Self::Unsigned { min, max }, Value::Unsigned(n)) => {
                write_unsigned(*n, *min, *max, out)?
            }
            (Self::Signed { min, max }, Value::Signed(n)) => write_signed(*n, *min, *max, out)?,
            (Self::LinearUnsigned { bytes, min, step }, Value::Real(x)) => {
                let top = u64::MAX >> (64 - 8 * u32::from(*bytes));
                let code = ((x - min) / step).round();
                // False for a NaN too.
                let fits = code >= 0.0 && code <= top as f64;
                if !fits {
                    return Err(outside(*x, *min, top as f64 * step + min));
                }
                write_unsigned(code as u64, *bytes, *bytes, out)?;
            }
            (
                Self::LinearSigned {
                    bytes, max, step, ..
                }
                | Self::ShortenedSigned { bytes, max, step },
                Value::Real(x),
            ) => {
                let code = (x / step).round();
                // False for a NaN too.
                let fits = code.abs() <= (max / step).round();
                if !fits {
                    return Err(outside(*x, -max, *max));
                }
                write_signed(code as i64, *bytes, *bytes, out)?;
            }
            (Self::ShortenedSigned { bytes, .. }, Value::Special(given))
                if given.kind == SpecialKind::ErrorIndicator =>
            {
                write_unsigned(1 << (8 * u32::from(*bytes) - 1), *bytes, *bytes, out)?;
            }
            (Self::LinearSigned { bytes, special, .. }, Value::Special(given))
                if given.kind == *special =>
            {
                write_unsigned(1 << (8 * u32::from(*bytes) - 1), *bytes, *bytes, out)?;
            }
            (
                Self::Imapb {
                    min, max, bytes, ..
                },
                Value::Real(x),
            ) => self.write_imap(*min, *max, *bytes, Reading::Value(*x), out)?,
            (Self::Imapb { min, max, .. }, Value::Special(special)) => {
                self.write_imap(*min, *max, special.bytes, Reading::Special(*special), out)?;
            }
            (Self::Enumerated(_), Value::Enumerated { code, .. }) => {
                write_unsigned(*code, 1, 1, out)?
            }
            (Self::Codes(_), Value::Enumerated { code, .. }) => write_unsigned(*code, 1, 8, out)?,
            (Self::Flags(_), Value::Flags { bits, .. }) => write_unsigned(*bits, 1, 1, out)?,
            (Self::Set(_) | Self::Vmti, Value::Set(set)) => out.extend_from_slice(set.bytes()),
            (Self::Pack(kind), Value::Pack(pack)) if pack.kind == *kind => {
                out.extend_from_slice(pack.raw)
            }
            _ => {
                let fault = Fault::WrongKind {
                    given: value.kind(),
                    carries: self.carries(),
                };
                return Err(Error::new("ST 0107", 0, fault));
            }
        }
        Ok(())
    }

    fn write_imap(
        &self,
        min: f64,
        max: f64,
        bytes: u8,
        reading: Reading,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let Some(map) = Imap::b(min, max, bytes as usize) else {
            return Err(bad_length(bytes as usize, Allowed::Between(1, 8)));
        };
        map.encode(reading, out)
    }
}

fn outside(value: f64, min: f64, max: f64) -> Error {
    Error::new(
        "ST 0107",
        0,
        Fault::OutOfRange {
            value: Shown(value),
            min: Shown(min),
            max: Shown(max),
        },
    )
}

/// Appends `n` in the fewest bytes that hold it, at least `min`.
pub(crate) fn write_unsigned(n: u64, min: u8, max: u8, out: &mut Vec<u8>) -> Result<(), Error> {
    let needed = 8 - n.leading_zeros() as usize / 8;
    if needed > max as usize {
        return Err(outside(
            n as f64,
            0.0,
            (u64::MAX >> (64 - 8 * u32::from(max).clamp(1, 8))) as f64,
        ));
    }
    let length = needed.max(min as usize).max(1);
    out.extend_from_slice(&n.to_be_bytes()[8 - length..]);
    Ok(())
}

fn write_signed(n: i64, min: u8, max: u8, out: &mut Vec<u8>) -> Result<(), Error> {
    let bits = 65
        - if n < 0 {
            (!n).leading_zeros()
        } else {
            n.leading_zeros()
        };
    let needed = bits.div_ceil(8) as usize;
    if needed > max as usize {
        let limit = (1u128 << (8 * u32::from(max) - 1)) as f64;
        return Err(outside(n as f64, -limit, limit - 1.0));
    }
    let length = needed.max(min as usize);
    out.extend_from_slice(&n.to_be_bytes()[8 - length..]);
    Ok(())
}

/// Appends an IMAPB code of `length` bytes.
pub(crate) fn write_imap(
    reading: Reading,
    min: f64,
    max: f64,
    length: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    match Imap::b(min, max, length) {
        Some(map) => map.encode(reading, out),
        None => Err(bad_length(length, Allowed::Between(1, 8))),
    }
}
