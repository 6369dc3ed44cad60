//! Writing ST 0601 packets.

use crate::ber::write_length;
use crate::builder::SetBuilder;
use crate::checksum::running_sum_16;
use crate::error::Error;
use crate::key::Key;
use crate::st0601::{CHECKSUM_TAG, DEF};
use crate::value::Value;

/// The edition that a packet written here names in item 65.
pub const VERSION: u64 = 19;

/// Writes one packet: item 2 first, item 1 last, as ST 0601 §6.2 asks.
#[derive(Debug, Clone)]
pub struct Builder {
    set: SetBuilder,
}

impl Builder {
    /// Starts a packet of this time: microseconds since 1970-01-01 in MISP time (item 2), and edition 19 (item 65).
    #[must_use]
    pub fn new(precision_time_stamp_us: u64) -> Self {
        let mut set = SetBuilder::new(&DEF);
        set.put_raw(2, &precision_time_stamp_us.to_be_bytes());
        set.put_raw(65, &[VERSION as u8]);
        Self { set }
    }

    /// Starts a packet without any item.
    #[must_use]
    pub fn bare() -> Self {
        Self {
            set: SetBuilder::new(&DEF),
        }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// As [`SetBuilder::put`]; nothing is appended then.
    pub fn put(&mut self, tag: u32, value: &Value<'_>) -> Result<&mut Self, Error> {
        self.set.put(tag, value)?;
        Ok(self)
    }

    /// Appends a number in the item's unit.
    ///
    /// # Errors
    /// As [`SetBuilder::put_number`].
    pub fn number(&mut self, tag: u32, number: f64) -> Result<&mut Self, Error> {
        self.set.put_number(tag, number)?;
        Ok(self)
    }

    /// Appends a text.
    ///
    /// # Errors
    /// [`crate::Fault::WrongKind`] for an item that carries none.
    pub fn text(&mut self, tag: u32, text: &str) -> Result<&mut Self, Error> {
        self.put(tag, &Value::Text(text))
    }

    /// Appends a pack.
    ///
    /// # Errors
    /// As [`SetBuilder::put_pack`].
    pub fn pack(&mut self, tag: u32, pack: &crate::Pack<'_>) -> Result<&mut Self, Error> {
        self.set.put_pack(tag, pack)?;
        Ok(self)
    }

    /// Appends a nested set that was built apart.
    pub fn nested(&mut self, tag: u32, set: &SetBuilder) -> &mut Self {
        self.raw(tag, set.as_bytes())
    }

    /// Appends bytes as they are, also of unknown tags.
    pub fn raw(&mut self, tag: u32, raw: &[u8]) -> &mut Self {
        self.set.put_raw(tag, raw);
        self
    }

    /// The packet with its key, length and checksum.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let items = self.set.as_bytes();
        let mut packet = Key::UasDatalink.bytes().to_vec();
        write_length(items.len() + 4, &mut packet);
        packet.extend_from_slice(items);
        packet.extend([CHECKSUM_TAG as u8, 2]);
        let sum = running_sum_16(&packet);
        packet.extend(sum.to_be_bytes());
        packet
    }
}
