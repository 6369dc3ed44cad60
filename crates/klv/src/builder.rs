//! Writing local sets.

use crate::ber::{write_length, write_oid};
use crate::error::{Error, Fault};
use crate::format::Format;
use crate::pack::{Pack, PackBytes};
use crate::set::SetDef;
use crate::value::Value;

/// Writes the items of a local set.
///
/// ```
/// use truceline_klv::{SetBuilder, Value, st0102};
///
/// let mut set = SetBuilder::new(&st0102::DEF);
/// set.put(1, &Value::Enumerated { code: 1, label: None })?;
/// // A refusal: item 3 is text.
/// let error = set.put(3, &Value::Unsigned(5)).unwrap_err();
/// assert_eq!(error.to_string(), "ST 0102 item 3 at byte 3: a unsigned value cannot be put into an item that carries text");
/// assert_eq!(set.as_bytes(), [1, 1, 1]);
/// # Ok::<(), truceline_klv::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SetBuilder {
    def: &'static SetDef,
    bytes: Vec<u8>,
    scratch: Vec<u8>,
}

impl SetBuilder {
    /// An empty set.
    #[must_use]
    pub fn new(def: &'static SetDef) -> Self {
        Self {
            def,
            bytes: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Appends an item. On error nothing is appended.
    ///
    /// # Errors
    /// [`Fault::WrongKind`] and [`Fault::OutOfRange`] as [`Format::encode`]; [`Fault::Undefined`] for a tag that the
    /// standard does not define, unless the value is [`Value::Bytes`].
    pub fn put(&mut self, tag: u32, value: &Value<'_>) -> Result<&mut Self, Error> {
        let place = |e: Error| e.shifted(self.bytes.len()).of_item(self.def.standard, tag);
        self.scratch.clear();
        match (self.def.field(tag), value) {
            (Some(field), _) => field
                .format
                .encode(value, &mut self.scratch)
                .map_err(place)?,
            (None, Value::Bytes(raw)) => self.scratch.extend_from_slice(raw),
            (None, Value::Empty) => {}
            (None, _) => {
                let fault = Fault::Undefined {
                    what: "tag",
                    value: u64::from(tag),
                };
                return Err(place(Error::new(self.def.standard, 0, fault)));
            }
        }
        write_oid(tag, &mut self.bytes);
        write_length(self.scratch.len(), &mut self.bytes);
        self.bytes.extend_from_slice(&self.scratch);
        Ok(self)
    }

    /// Appends a pack.
    ///
    /// # Errors
    /// As [`SetBuilder::put`], and [`Fault::OutOfRange`] for a number that the pack's mapping cannot express.
    pub fn put_pack(&mut self, tag: u32, pack: &Pack<'_>) -> Result<&mut Self, Error> {
        let mut raw = Vec::new();
        pack.encode(&mut raw)
            .map_err(|e| e.of_item(self.def.standard, tag))?;
        self.put(
            tag,
            &Value::Pack(PackBytes {
                kind: pack.kind(),
                raw: &raw,
            }),
        )
    }

    /// Appends an item's bytes as they are.
    pub fn put_raw(&mut self, tag: u32, raw: &[u8]) -> &mut Self {
        write_oid(tag, &mut self.bytes);
        write_length(raw.len(), &mut self.bytes);
        self.bytes.extend_from_slice(raw);
        self
    }

    /// Appends a number in the item's unit, in whatever form the standard gives the item.
    ///
    /// # Errors
    /// As [`SetBuilder::put`]; integers refuse numbers with a fraction.
    pub fn put_number(&mut self, tag: u32, number: f64) -> Result<&mut Self, Error> {
        let value = match self.def.field(tag).map(|f| f.format) {
            Some(Format::Unsigned { .. }) if number.fract() == 0.0 && number >= 0.0 => {
                Value::Unsigned(number as u64)
            }
            Some(Format::Signed { .. }) if number.fract() == 0.0 => Value::Signed(number as i64),
            _ => Value::Real(number),
        };
        self.put(tag, &value)
    }

    /// The items so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The finished items.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
