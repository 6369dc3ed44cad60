//! Tables: CSV with the columns of the OSCE mission's table of ceasefire violations, or others that
//! mean the same.

use jiff::tz::TimeZone;

use super::field::{Field, Fields};
use super::frame::{Refusal, fields};
use super::when;

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Header {
    delimiter: u8,
    names: Vec<String>,
    /// The zone that the name of the time's column tells.
    zone: Option<TimeZone>,
}

/// A table needs so many known columns, and so many that hardly any other table has.
const NEEDED: (usize, usize) = (3, 2);

impl Header {
    /// Reads a record as a header; `None` when it is none.
    pub(super) fn read(record: &str) -> Option<Self> {
        let candidate = |delimiter: u8| {
            let names = fields(record, delimiter).ok()?;
            let known: Vec<Field> = names.iter().filter_map(|name| Field::of(name)).collect();
            let telling = known.iter().filter(|f| f.is_telling()).count();
            (known.len() >= NEEDED.0 && telling >= NEEDED.1).then_some((
                known.len(),
                delimiter,
                names,
            ))
        };
        let (_, delimiter, names) = [b',', b';', b'\t']
            .into_iter()
            .filter_map(candidate)
            .max_by_key(|(known, ..)| *known)?;
        let zone = names
            .iter()
            .filter(|name| {
                matches!(
                    Field::of(name),
                    Some(Field::When | Field::Time | Field::Date)
                )
            })
            .find_map(|name| when::zone_of_name(name));
        Some(Self {
            delimiter,
            names,
            zone,
        })
    }

    /// The zone that the header itself tells.
    pub(super) fn zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }

    /// What a row tells.
    ///
    /// # Errors
    /// When it has another number of fields than the header (empty ones at its end aside): its
    /// values would stand under wrong names.
    pub(super) fn row(&self, record: &str) -> Result<Fields, Refusal> {
        let mut row = fields(record, self.delimiter)?;
        while row.len() > self.names.len() && row.last().is_some_and(String::is_empty) {
            row.pop();
        }
        if row.len() != self.names.len() {
            return Err(Refusal::malformed(format!(
                "{} fields; expected {} as in the header",
                row.len(),
                self.names.len()
            )));
        }
        let mut told = Fields::default();
        for (name, value) in self.names.iter().zip(&row) {
            told.tell(name, value)?;
        }
        Ok(told)
    }
}

/// What a comment line says: the zone of the times below it.
pub(super) fn comment(record: &str) -> Option<Result<TimeZone, Refusal>> {
    let (name, value) = record.strip_prefix('#')?.split_once(':')?;
    let name = super::frame::folded(name);
    ["timezone", "tz", "utcoffset"]
        .contains(&name.as_str())
        .then(|| when::zone(value))
}
