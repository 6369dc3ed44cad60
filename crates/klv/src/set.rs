//! Local sets (SMPTE ST 336 §8, MISB ST 0107): items of a BER-OID tag, a BER length and a value, read lazily.

use crate::ber::{read_length, read_oid};
use crate::error::{Error, Fault};
use crate::format::Format;
use crate::pack::Pack;
use crate::value::Value;

/// The unit of an item's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is its unit's name")]
pub enum Unit {
    None,
    Degrees,
    DegreesPerSecond,
    Meters,
    Kilometers,
    MetersPerSecond,
    Millibars,
    Celsius,
    Kilograms,
    Percent,
    Seconds,
    Microseconds,
    Pixels,
    Megahertz,
    Gigabytes,
    RevolutionsPerMinute,
    BitsPerSecond,
    Knots,
}

impl Unit {
    /// The suffix of the item's JSON name, with its underscore; empty for [`Unit::None`].
    #[must_use]
    pub fn suffix(&self) -> &'static str {
        match self {
            Self::None => "",
            Self::Degrees => "_deg",
            Self::DegreesPerSecond => "_dps",
            Self::Meters => "_m",
            Self::Kilometers => "_km",
            Self::MetersPerSecond => "_mps",
            Self::Millibars => "_mbar",
            Self::Celsius => "_c",
            Self::Kilograms => "_kg",
            Self::Percent => "_percent",
            Self::Seconds => "_s",
            Self::Microseconds => "_us",
            Self::Pixels => "_px",
            Self::Megahertz => "_mhz",
            Self::Gigabytes => "_gb",
            Self::RevolutionsPerMinute => "_rpm",
            Self::BitsPerSecond => "_bps",
            Self::Knots => "_kn",
        }
    }
}

/// One item of a local set as its standard defines it.
#[derive(Debug)]
pub struct Field {
    /// The tag.
    pub tag: u32,
    /// The standard's English name.
    pub name: &'static str,
    /// The name in snake case with the unit as suffix.
    pub json: &'static str,
    /// The unit of numbers.
    pub unit: Unit,
    /// The form of the value.
    pub format: Format,
    /// Whether the standard lets the item occur more than once in one set.
    pub multiple: bool,
}

impl Field {
    pub(crate) const fn new(
        tag: u32,
        name: &'static str,
        json: &'static str,
        unit: Unit,
        format: Format,
    ) -> Self {
        Self {
            tag,
            name,
            json,
            unit,
            format,
            multiple: false,
        }
    }

    pub(crate) const fn repeated(mut self) -> Self {
        self.multiple = true;
        self
    }
}

/// A local set as its standard defines it.
#[derive(Debug)]
pub struct SetDef {
    /// The standard, as in `"ST 0601"`.
    pub standard: &'static str,
    /// The items in ascending order of tag, without gaps from tag 1 as far as the standard has none.
    pub fields: &'static [Field],
}

impl SetDef {
    /// The definition of a tag, if the standard has one.
    #[inline]
    #[must_use]
    pub fn field(&self, tag: u32) -> Option<&'static Field> {
        match self.fields.get((tag as usize).wrapping_sub(1)) {
            Some(field) if field.tag == tag => Some(field),
            _ => self
                .fields
                .binary_search_by_key(&tag, |f| f.tag)
                .ok()
                .and_then(|i| self.fields.get(i)),
        }
    }

    /// The definition of an item by its JSON name.
    #[must_use]
    pub fn field_named(&self, json: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.json == json)
    }
}

/// A local set's bytes, with its definition.
#[derive(Clone, Copy)]
pub struct LocalSet<'a> {
    def: &'static SetDef,
    bytes: &'a [u8],
}

impl PartialEq for LocalSet<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.def, other.def) && self.bytes == other.bytes
    }
}

impl std::fmt::Debug for LocalSet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes", self.def.standard, self.bytes.len())
    }
}

impl<'a> LocalSet<'a> {
    /// Reads `bytes` as the items of a set; nothing is looked at before the items are asked for.
    #[inline]
    #[must_use]
    pub fn new(def: &'static SetDef, bytes: &'a [u8]) -> Self {
        Self { def, bytes }
    }

    /// The set's definition.
    #[must_use]
    pub fn def(&self) -> &'static SetDef {
        self.def
    }

    /// The set's bytes: items without the set's own key or tag and length.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The items in the order of the bytes. A fault ends the iteration after one error; what came before it is good.
    #[inline]
    #[must_use]
    pub fn items(&self) -> Items<'a> {
        Items {
            def: self.def,
            rest: self.bytes,
            at: 0,
        }
    }

    /// The first item of a tag.
    #[inline]
    #[must_use]
    pub fn find(&self, tag: u32) -> Option<Item<'a>> {
        self.items()
            .map_while(Result::ok)
            .find(|item| item.tag == tag)
    }

    /// The first item of a tag as a number in its unit: `None` if absent, malformed, special or empty.
    #[must_use]
    pub fn number(&self, tag: u32) -> Option<f64> {
        self.find(tag)?.value().ok()?.as_f64()
    }

    /// The first items of some tags as numbers in their units, found in one walk through the set.
    #[must_use]
    pub fn numbers<const N: usize>(&self, tags: [u32; N]) -> [Option<f64>; N] {
        let mut seen = [false; N];
        let mut numbers = [None; N];
        for item in self.items().map_while(Result::ok) {
            let Some(place) = tags.iter().position(|tag| *tag == item.tag) else {
                continue;
            };
            if !std::mem::replace(&mut seen[place], true) {
                numbers[place] = item.value().ok().and_then(|value| value.as_f64());
            }
        }
        numbers
    }

    /// The first item of a tag as an unsigned integer.
    #[must_use]
    pub fn unsigned(&self, tag: u32) -> Option<u64> {
        self.find(tag)?.value().ok()?.as_u64()
    }

    /// The first item of a tag as text.
    #[must_use]
    pub fn text(&self, tag: u32) -> Option<&'a str> {
        self.find(tag)?.value().ok()?.as_str()
    }

    /// The first item of a tag as a pack.
    #[must_use]
    pub fn pack(&self, tag: u32) -> Option<Pack<'a>> {
        self.find(tag)?.pack()?.ok()
    }

    /// The first item of a tag as a nested set.
    #[must_use]
    pub fn set(&self, tag: u32) -> Option<LocalSet<'a>> {
        self.find(tag)?.value().ok()?.as_set()
    }
}

/// One item: its tag, its raw bytes and where they lie. The value is computed when asked for.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The tag.
    pub tag: u32,
    /// The value's bytes.
    pub raw: &'a [u8],
    /// Offset of the value's first byte within the set.
    pub offset: usize,
    def: &'static SetDef,
}

impl std::fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} ({}): {:?}",
            self.def.standard,
            self.tag,
            self.name(),
            self.value()
        )
    }
}

impl<'a> Item<'a> {
    /// The standard's definition of the item; `None` for a tag that this edition does not know.
    #[inline]
    #[must_use]
    pub fn field(&self) -> Option<&'static Field> {
        self.def.field(self.tag)
    }

    /// The standard's English name, `"Unknown"` for a tag that this edition does not know.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.field().map_or("Unknown", |f| f.name)
    }

    /// The decoded value. Items of unknown tags are [`Value::Bytes`].
    ///
    /// # Errors
    /// When the bytes are not of the form that the standard gives the item; [`Item::raw`] still has them.
    #[inline]
    pub fn value(&self) -> Result<Value<'a>, Error> {
        match self.field() {
            Some(field) => field.format.decode(self.raw).map_err(|e| self.place(e)),
            None => Ok(Value::Bytes(self.raw)),
        }
    }

    /// The decoded pack, if the standard has one here and the item is not empty.
    ///
    /// # Errors
    /// When the bytes are not of the pack's form.
    #[must_use]
    pub fn pack(&self) -> Option<Result<Pack<'a>, Error>> {
        match self.value() {
            Ok(Value::Pack(pack)) => Some(pack.read().map_err(|e| self.place(e))),
            _ => None,
        }
    }

    #[cold]
    fn place(&self, error: Error) -> Error {
        error
            .shifted(self.offset)
            .of_item(self.def.standard, self.tag)
    }
}

/// Iterator over the items of a local set.
#[derive(Clone)]
pub struct Items<'a> {
    def: &'static SetDef,
    rest: &'a [u8],
    at: usize,
}

impl<'a> Items<'a> {
    /// Offset of the next item's tag within the set.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    #[cold]
    fn fail(&mut self, at: usize, tag: Option<u32>, error: Error) -> Error {
        self.at += self.rest.len();
        self.rest = &[];
        let mut error = error.shifted(at);
        error.standard = self.def.standard;
        error.tag = tag;
        error
    }

    /// Items whose tag or length takes more than a byte, and faults.
    #[inline(never)]
    fn next_long(&mut self) -> Option<Result<Item<'a>, Error>> {
        if self.rest.is_empty() {
            return None;
        }
        let (tag, tag_bytes) = match read_oid(self.rest) {
            Ok(read) => read,
            Err(error) => return Some(Err(self.fail(self.at, None, error))),
        };
        let after_tag = &self.rest[tag_bytes..];
        let (length, length_bytes) = match read_length(after_tag) {
            Ok(read) => read,
            Err(error) => return Some(Err(self.fail(self.at + tag_bytes, Some(tag), error))),
        };
        let body = &after_tag[length_bytes..];
        let offset = self.at + tag_bytes + length_bytes;
        let Some((raw, rest)) = body.split_at_checked(length) else {
            let fault = Fault::Truncated {
                needed: length as u64,
                available: body.len() as u64,
            };
            let error = Error::new(self.def.standard, 0, fault);
            return Some(Err(self.fail(offset, Some(tag), error)));
        };
        self.rest = rest;
        self.at = offset + length;
        Some(Ok(Item {
            tag,
            raw,
            offset,
            def: self.def,
        }))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // Nearly every item: tag and length of one byte each.
        if let [tag @ 0..=0x7f, length @ 0..=0x7f, body @ ..] = self.rest
            && let Some((raw, rest)) = body.split_at_checked(usize::from(*length))
        {
            let offset = self.at + 2;
            self.rest = rest;
            self.at = offset + raw.len();
            return Some(Ok(Item {
                tag: u32::from(*tag),
                raw,
                offset,
                def: self.def,
            }));
        }
        self.next_long()
    }
}

impl std::iter::FusedIterator for Items<'_> {}
