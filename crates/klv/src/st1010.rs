//! ST 1010: the standard deviation and correlation coefficient pack (SDCC-FLP, ST 0601 item 102).
//!
//! Parse control and matrix: ST 1010.3 §7. The deviations belong to the items that precede the pack in the set, in their
//! order; the correlations are the upper triangle, row by row.

use crate::ber::Cursor;
use crate::error::{Allowed, Error, Fault};
use crate::imap::Imap;
use crate::value::Reading;

/// An SDCC-FLP, its parse control read, its numbers read when asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sdcc<'a> {
    raw: &'a [u8],
    /// Numbers that the pack describes.
    pub size: u32,
    /// Bytes of each standard deviation, 0 when none are sent.
    pub sigma_bytes: u8,
    /// Bytes of each correlation, 0 when none are sent.
    pub rho_bytes: u8,
    /// Deviations are IMAPB codes over a range that the invoking standard gives (else IEEE 754): then they are kept raw.
    pub sigma_imap: bool,
    /// Correlations are IMAPB(−1, 1) codes (else IEEE 754).
    pub rho_imap: bool,
    /// One bit for each correlation that is sent, when zero ones are left out.
    present: Option<&'a [u8]>,
    sigmas: &'a [u8],
    rhos: &'a [u8],
}

impl<'a> Sdcc<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        let size = c.oid()?;
        let control_at = c.at();
        let control = c.oid()?;
        let (sparse, sigma_bytes, sigma_imap, rho_bytes, rho_imap) = if c.at() - control_at == 1 {
            // Mode 1: 0 sss s rrr with the sparse bit between (ST 1010.3 figure 3).
            (
                control >> 3 & 1 == 1,
                (control >> 4 & 7) as u8,
                false,
                (control & 7) as u8,
                true,
            )
        } else {
            // Mode 2: two BER-OID bytes: sparse, Rf, R(4) | Sf, S(4) with their reserved bits.
            (
                control >> 12 & 1 == 1,
                (control & 15) as u8,
                control >> 4 & 1 == 1,
                (control >> 7 & 15) as u8,
                control >> 11 & 1 == 1,
            )
        };
        let pairs = u64::from(size) * u64::from(size.saturating_sub(1)) / 2;
        let present = if sparse {
            Some(c.take(clamp(pairs.div_ceil(8)))?)
        } else {
            None
        };
        let sigmas = c.take(clamp(
            u64::from(size).saturating_mul(u64::from(sigma_bytes)),
        ))?;
        let sent = present.map_or(pairs, |bits| count(bits, pairs));
        let rhos = c.take(clamp(sent.saturating_mul(u64::from(rho_bytes))))?;
        if !c.is_empty() {
            return Err(Error::new(
                "ST 1010",
                c.at(),
                Fault::TrailingBytes(c.rest().len()),
            ));
        }
        Ok(Self {
            raw,
            size,
            sigma_bytes,
            rho_bytes,
            sigma_imap,
            rho_imap,
            present,
            sigmas,
            rhos,
        })
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// The standard deviations in the order of the items before the pack; `None` when they are IMAPB codes, whose range this
    /// pack does not tell.
    ///
    /// # Errors
    /// [`Fault::BadLength`] for a length that is no IEEE 754 format.
    pub fn standard_deviations(
        &self,
    ) -> Option<impl Iterator<Item = Result<Reading, Error>> + use<'a>> {
        let bytes = self.sigma_bytes;
        let chunks = self.sigmas.chunks_exact(usize::from(bytes).max(1));
        (!self.sigma_imap).then(|| chunks.map(ieee))
    }

    /// The correlations that are sent, as (row, column, value) with row < column, from 0; those left out are zero.
    pub fn correlations(
        &self,
    ) -> impl Iterator<Item = (u32, u32, Result<Reading, Error>)> + use<'a> {
        let (present, imap) = (self.present, self.rho_imap);
        let mut values = self.rhos.chunks_exact(usize::from(self.rho_bytes).max(1));
        let (size, mut row, mut column, mut index) = (self.size, 0u32, 0u32, 0usize);
        std::iter::from_fn(move || {
            loop {
                column += 1;
                if column >= size {
                    row += 1;
                    column = row + 1;
                }
                // Ends with the values, so a size without values does not make a long loop.
                if values.len() == 0 || column >= size {
                    return None;
                }
                let here = present.is_none_or(|bits| bit(bits, index));
                index += 1;
                if here {
                    let value = values.next()?;
                    return Some((
                        row,
                        column,
                        if imap {
                            correlation(value)
                        } else {
                            ieee(value)
                        },
                    ));
                }
            }
        })
    }
}

/// A length that no slice has stands for one that does not fit.
fn clamp(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn bit(bits: &[u8], index: usize) -> bool {
    bits.get(index / 8)
        .is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}

/// Set bits among the first `pairs`.
fn count(bits: &[u8], pairs: u64) -> u64 {
    let spare = (8 * bits.len() as u64).saturating_sub(pairs);
    let all: u64 = bits.iter().map(|b| u64::from(b.count_ones())).sum();
    let unused = bits.last().map_or(0, |last| {
        (last & ((1u16 << spare.min(8)) - 1) as u8).count_ones()
    });
    all - u64::from(unused)
}

fn correlation(raw: &[u8]) -> Result<Reading, Error> {
    match Imap::b(-1.0, 1.0, raw.len()) {
        Some(map) => map.decode(raw),
        None => Err(Error::new(
            "ST 1010",
            0,
            Fault::BadLength {
                found: raw.len(),
                expected: Allowed::Between(1, 8),
            },
        )),
    }
}

fn ieee(raw: &[u8]) -> Result<Reading, Error> {
    use crate::value::{Special, SpecialKind};
    let value = match *raw {
        [a, b] => half(u16::from_be_bytes([a, b])),
        [a, b, c, d] => f64::from(f32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => {
            let fault = Fault::BadLength {
                found: raw.len(),
                expected: Allowed::OneOf(2, 4, 8),
            };
            return Err(Error::new("ST 1010", 0, fault));
        }
    };
    if value.is_finite() {
        return Ok(Reading::Value(value));
    }
    Ok(Reading::Special(Special {
        kind: SpecialKind::NotFinite,
        code: crate::format::unsigned(raw),
        bytes: raw.len() as u8,
    }))
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(bits & 0x3ff);
    match bits >> 10 & 0x1f {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        exponent => sign * (1.0 + fraction / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    }
}
