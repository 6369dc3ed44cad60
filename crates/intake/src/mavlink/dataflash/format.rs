//! What a DataFlash log says about its own records (`FMT`).

/// One kind of record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Format {
    pub(super) name: String,
    /// Bytes of a record, its header of three included.
    pub(super) len: usize,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
struct Field {
    label: String,
    /// Its type, one character of `FMT.Format`.
    kind: u8,
    /// Where it begins, counted from the record's first byte.
    at: usize,
}

/// Bytes of the header of every record: 0xA3 0x95 and the type.
pub(super) const HEADER: usize = 3;
/// The type of `FMT`, and the length of its record.
pub(super) const FMT: u8 = 128;
pub(super) const FMT_LEN: usize = 89;

/// Bytes of a field of a type, after ArduPilot's `LogStructure.h`.
const fn size_of(kind: u8) -> Option<usize> {
    Some(match kind {
        b'b' | b'B' | b'M' => 1,
        b'h' | b'H' | b'c' | b'C' | b'g' => 2,
        b'i' | b'I' | b'e' | b'E' | b'f' | b'L' | b'n' => 4,
        b'q' | b'Q' | b'd' => 8,
        b'N' => 16,
        b'Z' | b'a' => 64,
        _ => return None,
    })
}

impl Format {
    /// The format of `FMT` itself, with which every log begins.
    pub(super) fn of_formats() -> Self {
        Self {
            name: "FMT".to_owned(),
            len: FMT_LEN,
            fields: Vec::new(),
        }
    }

    /// Reads a record of `FMT`: the type it is for, and its format.
    ///
    /// # Errors
    /// In words, when it cannot be.
    pub(super) fn read(record: &[u8]) -> Result<(u8, Self), String> {
        let part = |from: usize, len: usize| record.get(from..from + len).unwrap_or_default();
        let (&[r#type], &[len]) = (part(3, 1), part(4, 1)) else {
            return Err("FMT is cut off".to_owned());
        };
        let name = text(part(5, 4)).ok_or("FMT: the name is not ASCII")?;
        let kinds = text(part(9, 16)).ok_or("FMT: the format is not ASCII")?;
        let labels = text(part(25, 64)).ok_or("FMT: the labels are not ASCII")?;
        let len = usize::from(len);
        let fields = fields(kinds, labels).map_err(|e| format!("FMT of {name:?}: {e}"))?;
        let size = HEADER + kinds.bytes().filter_map(size_of).sum::<usize>();
        if size != len || name.is_empty() {
            return Err(format!(
                "FMT of {name:?} (type {type}): says {len} bytes, its fields {kinds:?} take {size}"
            ));
        }
        Ok((
            r#type,
            Self {
                name: name.to_owned(),
                len,
                fields,
            },
        ))
    }

    fn field<'r>(&self, record: &'r [u8], label: &str) -> Option<(u8, &'r [u8])> {
        let field = self.fields.iter().find(|f| f.label == label)?;
        Some((
            field.kind,
            record.get(field.at..field.at + size_of(field.kind)?)?,
        ))
    }

    /// A field as a number in the unit of the log's documentation: the types `c`, `C`, `e` and
    /// `E` are hundredths, `L` is 1e-7 degrees. `None` when there is no such number.
    pub(super) fn number(&self, record: &[u8], label: &str) -> Option<f64> {
        let (kind, bytes) = self.field(record, label)?;
        let i16_ = || {
            bytes
                .first_chunk()
                .map(|b| f64::from(i16::from_le_bytes(*b)))
        };
        let u16_ = || {
            bytes
                .first_chunk()
                .map(|b| f64::from(u16::from_le_bytes(*b)))
        };
        let i32_ = || {
            bytes
                .first_chunk()
                .map(|b| f64::from(i32::from_le_bytes(*b)))
        };
        let u32_ = || {
            bytes
                .first_chunk()
                .map(|b| f64::from(u32::from_le_bytes(*b)))
        };
        match kind {
            b'b' => bytes.first().map(|b| f64::from(b.cast_signed())),
            b'B' | b'M' => bytes.first().map(|b| f64::from(*b)),
            b'h' => i16_(),
            b'H' => u16_(),
            b'c' => i16_().map(|n| n / 100.0),
            b'C' => u16_().map(|n| n / 100.0),
            b'i' => i32_(),
            b'I' => u32_(),
            b'e' => i32_().map(|n| n / 100.0),
            b'E' => u32_().map(|n| n / 100.0),
            b'L' => i32_().map(|n| n / 1e7),
            b'f' => bytes
                .first_chunk()
                .map(|b| f64::from(f32::from_le_bytes(*b))),
            b'd' => bytes.first_chunk().map(|b| f64::from_le_bytes(*b)),
            _ => None,
        }
    }

    /// A field of 64 bits without sign, such as `TimeUS`.
    pub(super) fn unsigned(&self, record: &[u8], label: &str) -> Option<u64> {
        match self.field(record, label)? {
            (b'Q', bytes) => bytes.first_chunk().map(|b| u64::from_le_bytes(*b)),
            (b'I', bytes) => bytes
                .first_chunk()
                .map(|b| u64::from(u32::from_le_bytes(*b))),
            (b'H', bytes) => bytes
                .first_chunk()
                .map(|b| u64::from(u16::from_le_bytes(*b))),
            (b'B', bytes) => bytes.first().map(|b| u64::from(*b)),
            _ => None,
        }
    }

    /// A field of text.
    pub(super) fn text<'r>(&self, record: &'r [u8], label: &str) -> Option<&'r str> {
        match self.field(record, label)? {
            (b'n' | b'N' | b'Z', bytes) => text(bytes),
            _ => None,
        }
    }
}

fn fields(kinds: &str, labels: &str) -> Result<Vec<Field>, String> {
    let mut at = HEADER;
    let mut fields = Vec::new();
    // A record without labels is only skipped over.
    let mut labels = labels.split(',');
    for kind in kinds.bytes() {
        let size =
            size_of(kind).ok_or_else(|| format!("{:?} is no field type", char::from(kind)))?;
        let label = labels.next().unwrap_or_default().to_owned();
        fields.push(Field { label, kind, at });
        at += size;
    }
    Ok(fields)
}

/// Text up to the first zero byte, when it is printable ASCII.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = bytes.split(|b| *b == 0).next()?;
    let printable = text.iter().all(|b| (0x20..0x7F).contains(b));
    printable.then(|| std::str::from_utf8(text).ok())?
}
