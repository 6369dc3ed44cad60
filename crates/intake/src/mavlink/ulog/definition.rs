//! What a ULog says about its own messages: formats, nested and in arrays.

use std::collections::BTreeMap;
use std::sync::Arc;

/// More formats than any firmware defines.
const MAX_FORMATS: usize = 4096;
/// Fields of one message, nested ones counted. uORB topics have some dozens.
const MAX_FIELDS: usize = 4096;
/// A message's size is a 16-bit number.
const MAX_BYTES: usize = 65_535;

/// A type of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "int8_t" | "char" => Self::I8,
            "uint8_t" | "bool" => Self::U8,
            "int16_t" => Self::I16,
            "uint16_t" => Self::U16,
            "int32_t" => Self::I32,
            "uint32_t" => Self::U32,
            "int64_t" => Self::I64,
            "uint64_t" => Self::U64,
            "float" => Self::F32,
            "double" => Self::F64,
            _ => return None,
        })
    }

    const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }
}

/// A field as written: `type name` or `type[n] name`.
#[derive(Debug, Clone)]
struct Written {
    r#type: String,
    count: usize,
    name: String,
}

/// The formats of a log, by name.
#[derive(Debug, Default)]
pub(super) struct Formats {
    by_name: BTreeMap<String, Vec<Written>>,
    /// Those asked for so far: one for however many subscriptions.
    layouts: BTreeMap<String, Arc<Layout>>,
}

/// A message's fields with their places, nested ones as `outer.inner`.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    fields: Vec<Field>,
    /// Bytes of all fields.
    pub(super) len: usize,
    /// The same without the padding at the end, which loggers leave out.
    pub(super) len_unpadded: usize,
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    kind: Kind,
    count: usize,
    at: usize,
}

impl Formats {
    /// Takes a format message: `name:type field;type field;…`.
    ///
    /// # Errors
    /// In words, when it cannot be read, or the name is taken by another format.
    pub(super) fn define(&mut self, text: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(text).map_err(|_| "format: it is not text".to_owned())?;
        let (name, fields) = text
            .split_once(':')
            .ok_or_else(|| format!("format {:.80?} has no colon", text))?;
        if name.is_empty() || name.len() > 255 {
            return Err(format!("format: {:.80?} is no name", name));
        }
        if self.by_name.len() >= MAX_FORMATS {
            return Err(format!("format {name:?}: there are {MAX_FORMATS} already"));
        }
        let fields: Option<Vec<_>> = fields
            .split(';')
            .filter(|f| !f.is_empty())
            .map(written)
            .collect();
        let fields = fields
            .filter(|f| f.len() <= MAX_FIELDS)
            .ok_or_else(|| format!("format {name:?}: its fields cannot be read"))?;
        self.by_name.entry(name.to_owned()).or_insert(fields);
        Ok(())
    }

    /// Where the fields of a message lie. When they are not `wanted`, only its size is kept.
    ///
    /// # Errors
    /// In words, when a type is not defined, or it is larger than a message can be.
    pub(super) fn layout(&mut self, name: &str, wanted: bool) -> Result<Arc<Layout>, String> {
        if let Some(layout) = self.layouts.get(name) {
            return Ok(Arc::clone(layout));
        }
        let mut layout = Layout::default();
        self.lay(name, "", 0, &mut layout)?;
        if !wanted {
            layout.fields = Vec::new();
        }
        let layout = Arc::new(layout);
        self.layouts.insert(name.to_owned(), Arc::clone(&layout));
        Ok(layout)
    }

    fn lay(&self, name: &str, prefix: &str, depth: usize, into: &mut Layout) -> Result<(), String> {
        let fields = self
            .by_name
            .get(name)
            .ok_or_else(|| format!("format {name:?} is not defined"))?;
        for field in fields {
            if depth > 8 || into.fields.len() >= MAX_FIELDS {
                return Err(format!(
                    "format {name:?} nests too deep or has too many fields"
                ));
            }
            let path = format!("{prefix}{}", field.name);
            let Some(kind) = Kind::of(&field.r#type) else {
                for i in 0..field.count {
                    let inner = if field.count == 1 {
                        format!("{path}.")
                    } else {
                        format!("{path}[{i}].")
                    };
                    let before = into.fields.len();
                    self.lay(&field.r#type, &inner, depth + 1, into)?;
                    // An empty format in an array would be walked for nothing.
                    if into.fields.len() == before {
                        return Err(format!("format {:?} has no fields", field.r#type));
                    }
                }
                continue;
            };
            let at = into.len;
            into.len = at.saturating_add(kind.size().saturating_mul(field.count));
            if into.len > MAX_BYTES {
                return Err(format!("format {name:?} is larger than {MAX_BYTES} bytes"));
            }
            if !field.name.starts_with("_padding") {
                into.len_unpadded = into.len;
            }
            into.fields.push(Field {
                name: path,
                kind,
                count: field.count,
                at,
            });
        }
        Ok(())
    }
}

fn written(field: &str) -> Option<Written> {
    let (r#type, name) = field.split_once(' ')?;
    let (r#type, count) = match r#type.split_once('[') {
        Some((r#type, count)) => (r#type, count.strip_suffix(']')?.parse().ok()?),
        None => (r#type, 1),
    };
    (1..=MAX_BYTES).contains(&count).then(|| Written {
        r#type: r#type.to_owned(),
        count,
        name: name.to_owned(),
    })
}

impl Layout {
    fn value<'d>(&self, data: &'d [u8], name: &str, i: usize) -> Option<(Kind, &'d [u8])> {
        let field = self
            .fields
            .iter()
            .find(|f| f.name == name)
            .filter(|f| i < f.count)?;
        let at = field.at + i * field.kind.size();
        Some((field.kind, data.get(at..at + field.kind.size())?))
    }

    /// The `i`th value of a field as a number. `None` when there is no such field.
    pub(super) fn number(&self, data: &[u8], name: &str, i: usize) -> Option<f64> {
        let (kind, bytes) = self.value(data, name, i)?;
        Some(match kind {
            Kind::F32 => f64::from(f32::from_le_bytes(*bytes.first_chunk()?)),
            Kind::F64 => f64::from_le_bytes(*bytes.first_chunk()?),
            Kind::I8 => f64::from(bytes.first()?.cast_signed()),
            Kind::U8 => f64::from(*bytes.first()?),
            Kind::I16 => f64::from(i16::from_le_bytes(*bytes.first_chunk()?)),
            Kind::U16 => f64::from(u16::from_le_bytes(*bytes.first_chunk()?)),
            Kind::I32 => f64::from(i32::from_le_bytes(*bytes.first_chunk()?)),
            Kind::U32 => f64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            // No statement asks for these as numbers; `unsigned` is exact.
            Kind::I64 | Kind::U64 => return None,
        })
    }

    /// A field of 64 bits without sign.
    pub(super) fn unsigned(&self, data: &[u8], name: &str) -> Option<u64> {
        match self.value(data, name, 0)? {
            (Kind::U64, bytes) => bytes.first_chunk().map(|b| u64::from_le_bytes(*b)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_formats_arrays_and_padding() {
        let mut formats = Formats::default();
        formats
            .define(b"outer:uint64_t timestamp;inner[2] legs;uint8_t[3] _padding0;")
            .unwrap();
        formats.define(b"inner:float[2] x;int16_t y;").unwrap();
        let layout = formats.layout("outer", true).unwrap();
        assert_eq!((layout.len, layout.len_unpadded), (31, 28));
        let mut data = [0; 28];
        data[0] = 9;
        data[22..26].copy_from_slice(&1.5f32.to_le_bytes());
        data[26..28].copy_from_slice(&(-2i16).to_le_bytes());
        assert_eq!(layout.unsigned(&data, "timestamp"), Some(9));
        assert_eq!(layout.number(&data, "legs[1].x", 1), Some(1.5));
        assert_eq!(layout.number(&data, "legs[1].y", 0), Some(-2.0));
        assert_eq!(layout.number(&data, "legs[1].y", 1), None);
        assert_eq!(layout.number(&data[..27], "legs[1].y", 0), None);
    }

    #[test]
    fn hostile_formats_are_refused() {
        let mut formats = Formats::default();
        for bad in [
            &b"no colon"[..],
            b":uint8_t a;",
            b"a:uint8_t[0] b;",
            b"a:uint8_t",
            b"a:x[9999999999999] b;",
            b"\xff:",
        ] {
            assert!(formats.define(bad).is_err(), "{bad:?}");
        }
        formats.define(b"loop:loop a;").unwrap();
        assert!(formats.layout("loop", true).is_err());
        formats.define(b"empty:").unwrap();
        formats.define(b"many:empty[65535] a;").unwrap();
        assert!(formats.layout("many", true).is_err());
        formats.define(b"big:double[65535] a;").unwrap();
        assert!(formats.layout("big", true).is_err());
        formats.define(b"b0:uint8_t[1] a;uint8_t[1] b;").unwrap();
        for i in 1..8 {
            formats
                .define(format!("b{i}:b{}[60000] a;", i - 1).as_bytes())
                .unwrap();
        }
        assert!(formats.layout("b7", true).is_err());
    }
}
