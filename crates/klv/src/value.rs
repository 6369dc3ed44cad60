//! Decoded values: numbers, texts, codes, nested sets, and what is *not* a number.

use crate::imap::ImapSpecial;
use crate::pack::PackBytes;
use crate::set::LocalSet;

/// A decoded value. Borrows the packet; nothing is copied.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A number in the item's unit, always finite.
    Real(f64),
    /// A code that stands for something other than a number: an error indicator, "out of range", an IMAP special value.
    Special(Special),
    /// Text.
    Text(&'a str),
    /// Bytes that were to be text but are not UTF-8 (or UTF-16 where the item says so).
    TextInvalid(&'a [u8]),
    /// Text in UTF-16, big-endian, which ST 0102 uses for item 13.
    TextUtf16(&'a [u8]),
    /// A code of an enumeration, with its label if the standard gives it one.
    Enumerated {
        /// The code as stored.
        code: u64,
        /// The standard's word for it.
        label: Option<&'static str>,
    },
    /// Bits with a meaning each.
    Flags {
        /// The bits as stored.
        bits: u64,
        /// Names of the bits, least significant first; empty names are reserved bits.
        names: &'static [&'static str],
    },
    /// A nested local set that this crate decodes.
    Set(LocalSet<'a>),
    /// A pack or a list of packs, not yet read.
    Pack(PackBytes<'a>),
    /// Bytes whose inner structure is not decoded: binary items, and nested sets of other standards.
    Bytes(&'a [u8]),
    /// A zero-length item: the sender says that the value is unknown, or removes it (ST 0601 §6.3, ST 0107 §6.4).
    Empty,
}

/// A code that stands for something other than a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Special {
    /// What it stands for.
    pub kind: SpecialKind,
    /// The code as stored.
    pub code: u64,
    /// Bytes of the code.
    pub bytes: u8,
}

/// What a code stands for besides numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpecialKind {
    /// `0x80…0` of an item whose standard calls it the error indicator.
    ErrorIndicator,
    /// `0x80…0` of an item whose standard calls it "out of range".
    OutOfRange,
    /// A special value of ST 1201.
    Imap(ImapSpecial),
    /// An IEEE 754 infinity or NaN.
    NotFinite,
    /// An IMAP code above that of the range's maximum, which no encoder produces.
    BeyondRange,
}

impl Special {
    /// The meaning in snake case, as JSON carries it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self.kind {
            SpecialKind::ErrorIndicator => "error_indicator",
            SpecialKind::OutOfRange => "out_of_range",
            SpecialKind::NotFinite => "not_finite",
            SpecialKind::BeyondRange => "beyond_range",
            SpecialKind::Imap(meaning) => meaning.as_str(),
        }
    }
}

impl std::fmt::Display for Special {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} (0x{:0width$x})",
            self.as_str(),
            self.code,
            width = 2 * self.bytes as usize
        )
    }
}

/// A number, or what stands in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// A finite number.
    Value(f64),
    /// Something other than a number.
    Special(Special),
}

impl Reading {
    /// The number, if it is one.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(*value),
            Self::Special(_) => None,
        }
    }
}

impl<'a> From<Reading> for Value<'a> {
    fn from(reading: Reading) -> Self {
        match reading {
            Reading::Value(value) => Self::Real(value),
            Reading::Special(special) => Self::Special(special),
        }
    }
}

impl<'a> Value<'a> {
    /// The value as a number in the item's unit: reals, integers and enumeration codes. `None` for what is not a number.
    #[inline]
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Real(x) => Some(x),
            Self::Unsigned(n) => Some(n as f64),
            Self::Signed(n) => Some(n as f64),
            Self::Enumerated { code, .. } => Some(code as f64),
            _ => None,
        }
    }

    /// The value as an unsigned integer: integers, enumeration codes and flags.
    #[inline]
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Unsigned(n) | Self::Enumerated { code: n, .. } | Self::Flags { bits: n, .. } => {
                Some(n)
            }
            Self::Signed(n) => u64::try_from(n).ok(),
            _ => None,
        }
    }

    /// The value as text, if it is valid text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        match *self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The nested set, if it is one.
    #[must_use]
    pub fn as_set(&self) -> Option<LocalSet<'a>> {
        match *self {
            Self::Set(set) => Some(set),
            _ => None,
        }
    }

    /// The kind of value, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unsigned(_) => "unsigned",
            Self::Signed(_) => "signed",
            Self::Real(_) => "real",
            Self::Special(_) => "special",
            Self::Text(_) | Self::TextInvalid(_) | Self::TextUtf16(_) => "text",
            Self::Enumerated { .. } => "enumerated",
            Self::Flags { .. } => "flags",
            Self::Set(_) => "set",
            Self::Pack(_) => "pack",
            Self::Bytes(_) => "bytes",
            Self::Empty => "empty",
        }
    }
}
