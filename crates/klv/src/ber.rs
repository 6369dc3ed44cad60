//! BER lengths and BER-OID numbers (SMPTE ST 336 §6, MISB ST 0107 §6; ITU-T X.690 §8.1.3 and §8.19).
//!
//! A *BER length* is short (one byte below 128) or long (`0x80 | n`, then n bytes, most significant first). A *BER-OID*
//! number carries seven bits a byte, the top bit telling that another byte follows.

use crate::error::{Error, Fault};

/// Reads a BER length at the start of `bytes`; returns it with the number of bytes it took.
///
/// Long forms with leading zeros are accepted (encoders pad them to a fixed width); the indefinite form and lengths of
/// more than eight octets are refused.
///
/// ```
/// use truceline_klv::ber::read_length;
/// assert_eq!(read_length(&[0x26]), Ok((38, 1)));
/// assert_eq!(read_length(&[0x81, 0xc8]), Ok((200, 2)));
/// assert!(read_length(&[0xff, 0, 0]).is_err()); // a length in 127 octets
/// ```
///
/// # Errors
/// [`Fault::Truncated`], [`Fault::IndefiniteLength`], [`Fault::LengthTooLong`].
#[inline]
pub fn read_length(bytes: &[u8]) -> Result<(usize, usize), Error> {
    match bytes.first() {
        Some(&first) if first < 0x80 => Ok((first as usize, 1)),
        Some(&first) => read_long_length(bytes, first),
        None => Err(Error::new(
            "BER",
            0,
            Fault::Truncated {
                needed: 1,
                available: 0,
            },
        )),
    }
}

#[cold]
fn too_long(octets: u8) -> Error {
    Error::new("BER", 0, Fault::LengthTooLong { octets })
}

fn read_long_length(bytes: &[u8], first: u8) -> Result<(usize, usize), Error> {
    let octets = first & 0x7f;
    if octets == 0 {
        return Err(Error::new("BER", 0, Fault::IndefiniteLength));
    }
    if octets > 8 {
        return Err(too_long(octets));
    }
    let end = 1 + octets as usize;
    let Some(body) = bytes.get(1..end) else {
        return Err(Error::new(
            "BER",
            0,
            Fault::Truncated {
                needed: end as u64,
                available: bytes.len() as u64,
            },
        ));
    };
    let length = body.iter().fold(0u64, |n, &b| n << 8 | u64::from(b));
    usize::try_from(length)
        .map(|n| (n, end))
        .map_err(|_| too_long(octets))
}

/// Reads a BER-OID number of up to 32 bits; returns it with the number of bytes it took.
///
/// # Errors
/// [`Fault::Truncated`], [`Fault::OidTooLong`].
#[inline]
pub fn read_oid(bytes: &[u8]) -> Result<(u32, usize), Error> {
    match bytes.first() {
        Some(&first) if first < 0x80 => Ok((u32::from(first), 1)),
        _ => read_long_oid(bytes),
    }
}

fn read_long_oid(bytes: &[u8]) -> Result<(u32, usize), Error> {
    let mut number = 0u64;
    // Nine bytes carry 63 bits, so the shift below cannot lose any before the check.
    for (i, &byte) in bytes.iter().take(9).enumerate() {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return u32::try_from(number)
                .map(|n| (n, i + 1))
                .map_err(|_| Error::new("BER-OID", 0, Fault::OidTooLong));
        }
    }
    if bytes.len() >= 9 {
        return Err(Error::new("BER-OID", 0, Fault::OidTooLong));
    }
    let available = bytes.len() as u64;
    Err(Error::new(
        "BER-OID",
        0,
        Fault::Truncated {
            needed: available + 1,
            available,
        },
    ))
}

/// Appends a BER length in its shortest form.
pub fn write_length(length: usize, out: &mut Vec<u8>) {
    if length < 0x80 {
        out.push(length as u8);
        return;
    }
    let bytes = (length as u64).to_be_bytes();
    let skip = bytes.iter().take_while(|&&b| b == 0).count();
    out.push(0x80 | (8 - skip) as u8);
    out.extend_from_slice(&bytes[skip..]);
}

/// Appends a BER-OID number in its shortest form.
pub fn write_oid(number: u32, out: &mut Vec<u8>) {
    for shift in [28, 21, 14, 7] {
        if number >> shift != 0 {
            out.push(0x80 | (number >> shift & 0x7f) as u8);
        }
    }
    out.push((number & 0x7f) as u8);
}

/// A reader over the fields of a pack: every read says where it failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn length(&mut self) -> Result<usize, Error> {
        let (n, used) = read_length(self.rest()).map_err(|e| e.shifted(self.at))?;
        self.at += used;
        Ok(n)
    }

    pub(crate) fn oid(&mut self) -> Result<u32, Error> {
        let (n, used) = read_oid(self.rest()).map_err(|e| e.shifted(self.at))?;
        self.at += used;
        Ok(n)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let rest = self.rest();
        let Some(taken) = rest.get(..length) else {
            let fault = Fault::Truncated {
                needed: length as u64,
                available: rest.len() as u64,
            };
            return Err(Error::new("pack", self.at, fault));
        };
        self.at += length;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// A field preceded by its BER length.
    pub(crate) fn prefixed(&mut self) -> Result<&'a [u8], Error> {
        let length = self.length()?;
        self.take(length)
    }
}

/// Appends `bytes` preceded by their BER length.
pub(crate) fn write_prefixed(bytes: &[u8], out: &mut Vec<u8>) {
    write_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_come_back() {
        for length in [
            0,
            1,
            127,
            128,
            255,
            256,
            65_535,
            65_536,
            1 << 24,
            u32::MAX as usize,
        ] {
            let mut out = Vec::new();
            write_length(length, &mut out);
            assert_eq!(read_length(&out), Ok((length, out.len())));
        }
    }

    #[test]
    fn oids_come_back() {
        for number in [0, 1, 127, 128, 144, 16_383, 16_384, 2_097_152, u32::MAX] {
            let mut out = Vec::new();
            write_oid(number, &mut out);
            assert_eq!(read_oid(&out), Ok((number, out.len())));
        }
    }

    #[test]
    fn padded_lengths_are_read_and_hostile_ones_refused() {
        assert_eq!(read_length(&[0x84, 0, 0, 0, 5]), Ok((5, 5)));
        assert!(matches!(
            read_length(&[0x80]).unwrap_err().fault,
            Fault::IndefiniteLength
        ));
        assert!(matches!(
            read_length(&[0xff; 200]).unwrap_err().fault,
            Fault::LengthTooLong { octets: 127 }
        ));
        assert!(matches!(
            read_length(&[0x82, 1]).unwrap_err().fault,
            Fault::Truncated {
                needed: 3,
                available: 2
            }
        ));
        assert!(matches!(
            read_oid(&[0xff; 20]).unwrap_err().fault,
            Fault::OidTooLong
        ));
        assert!(matches!(
            read_oid(&[0x90, 0x80, 0x80, 0x80, 0x00]).unwrap_err().fault,
            Fault::OidTooLong
        ));
        assert!(matches!(
            read_oid(&[0x81]).unwrap_err().fault,
            Fault::Truncated { .. }
        ));
        assert!(read_oid(&[]).is_err());
    }
}
