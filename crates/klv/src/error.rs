//! What can be wrong with KLV bytes, and where.

/// A fault in KLV bytes: which standard was being read, at which byte, of which item, and what was wrong.
///
/// `offset` counts from the first byte of the slice that was handed to the function that failed.
///
/// ```
/// use truceline_klv::st0601::Packet;
///
/// let error = Packet::parse(b"not KLV at all, I fear").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "ST 0601 at byte 0: key 6e6f74204b4c5620617420616c6c2c20, expected 060e2b34020b01010e01030101000000"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{standard}{} at byte {offset}: {fault}", tag_text(.tag))]
pub struct Error {
    /// The standard whose structure was being read (`"ST 0601"`, `"BER"`, …).
    pub standard: &'static str,
    /// The item (local set tag), where one was known.
    pub tag: Option<u32>,
    /// Byte offset of the fault within the slice handed in.
    pub offset: usize,
    /// What was wrong.
    pub fault: Fault,
}

/// What was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end before the structure does.
    #[error("needs {needed} bytes, {available} are there")]
    Truncated {
        /// Bytes that the structure needs from here on.
        needed: u64,
        /// Bytes that are there.
        available: u64,
    },
    /// A BER length whose length-of-length exceeds eight bytes, or that does not fit this machine.
    #[error("BER length in {octets} octets, expected at most 8")]
    LengthTooLong {
        /// Octets announced by the first byte.
        octets: u8,
    },
    /// `0x80`: the indefinite form, which SMPTE ST 336 does not allow.
    #[error("indefinite BER length (0x80), which ST 336 does not allow")]
    IndefiniteLength,
    /// A BER-OID number longer than 32 bits.
    #[error("BER-OID number of more than 32 bits")]
    OidTooLong,
    /// An item's value has a length that its standard does not allow.
    #[error("value of {found} bytes, expected {expected}")]
    BadLength {
        /// Bytes found.
        found: usize,
        /// What the standard allows.
        expected: Allowed,
    },
    /// Another universal key than the one expected.
    #[error("key {}, expected {}", Hex(.found), Hex(.expected))]
    WrongKey {
        /// The key found.
        found: [u8; 16],
        /// The key expected.
        expected: [u8; 16],
    },
    /// Bytes after the end of what was to be one packet.
    #[error("{0} bytes after the end of the packet")]
    TrailingBytes(usize),
    /// A value that the standard does not define.
    #[error("{what}: {value:#x}")]
    Undefined {
        /// What was read.
        what: &'static str,
        /// The value seen.
        value: u64,
    },
    /// A number that cannot be expressed in the item's range, when encoding.
    #[error("{value} is outside {min}..={max}", value = .value.0, min = .min.0, max = .max.0)]
    OutOfRange {
        /// The number.
        value: Shown,
        /// Least value that can be expressed.
        min: Shown,
        /// Greatest value that can be expressed.
        max: Shown,
    },
    /// The value is of another kind than the item carries, when encoding.
    #[error("a {given} value cannot be put into an item that carries {carries}")]
    WrongKind {
        /// What was given.
        given: &'static str,
        /// What the item carries.
        carries: &'static str,
    },
    /// The text form of an identifier does not follow its grammar.
    #[error("{0}")]
    BadText(&'static str),
    /// A metadata access unit cell does not follow the ones before it.
    #[error("metadata access unit cell out of order: {0}")]
    CellOrder(&'static str),
}

/// Which lengths a value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Exactly this many bytes.
    Exactly(usize),
    /// Between these many bytes, both included.
    Between(usize, usize),
    /// One of three forms of a pack with optional groups at its end.
    OneOf(usize, usize, usize),
}

impl std::fmt::Display for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(n) => write!(f, "{n}"),
            Self::Between(a, b) => write!(f, "{a} to {b}"),
            Self::OneOf(a, b, c) => write!(f, "{a}, {b} or {c}"),
        }
    }
}

/// An `f64` inside an error, compared by its bits so that errors stay `Eq`.
#[derive(Debug, Clone, Copy)]
pub struct Shown(pub f64);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}
impl Eq for Shown {}

struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

fn tag_text(tag: &Option<u32>) -> String {
    tag.map_or(String::new(), |t| format!(" item {t}"))
}

impl Error {
    /// An error without an item.
    pub(crate) fn new(standard: &'static str, offset: usize, fault: Fault) -> Self {
        Self {
            standard,
            tag: None,
            offset,
            fault,
        }
    }

    /// The same error, seen from a slice in which this one starts at `base`.
    pub(crate) fn shifted(mut self, base: usize) -> Self {
        self.offset += base;
        self
    }

    /// The same error, named as of this item unless an inner one is already named.
    pub(crate) fn of_item(mut self, standard: &'static str, tag: u32) -> Self {
        if self.tag.is_none() {
            self.standard = standard;
            self.tag = Some(tag);
        }
        self
    }
}
