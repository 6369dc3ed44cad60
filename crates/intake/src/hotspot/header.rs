//! Which column stands where.

use crate::report::frame::folded;

/// The columns of FIRMS' products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Latitude,
    Longitude,
    Brightness,
    BrightnessBackground,
    Scan,
    Track,
    AcqDate,
    AcqTime,
    Satellite,
    Instrument,
    Confidence,
    Version,
    Frp,
    DayNight,
    Type,
}

/// Every spelling of a column in the products: `bright_ti4`/`bright_ti5` are VIIRS', `brightness`/
/// `bright_t31` MODIS'; the archive's download gives VIIRS the latter too.
const SPELLINGS: &[(&str, Column)] = &[
    ("latitude", Column::Latitude),
    ("longitude", Column::Longitude),
    ("brightness", Column::Brightness),
    ("brightti4", Column::Brightness),
    ("brightt31", Column::BrightnessBackground),
    ("brightti5", Column::BrightnessBackground),
    ("scan", Column::Scan),
    ("track", Column::Track),
    ("acqdate", Column::AcqDate),
    ("acqtime", Column::AcqTime),
    ("satellite", Column::Satellite),
    ("instrument", Column::Instrument),
    ("confidence", Column::Confidence),
    ("version", Column::Version),
    ("frp", Column::Frp),
    ("daynight", Column::DayNight),
    ("type", Column::Type),
];

const REQUIRED: [(Column, &str); 4] = [
    (Column::Latitude, "latitude"),
    (Column::Longitude, "longitude"),
    (Column::AcqDate, "acq_date"),
    (Column::AcqTime, "acq_time"),
];

/// The columns of a file in its order; `None` for those that are not known.
#[derive(Debug, Clone)]
pub(super) struct Header(Vec<Option<Column>>);

impl Header {
    /// Whether a row is a header: it names a latitude, a longitude and a date.
    pub(super) fn is_one(names: &[String]) -> bool {
        let Self(columns) = Self::of(names);
        REQUIRED
            .iter()
            .take(3)
            .all(|(column, _)| columns.contains(&Some(*column)))
    }

    /// # Errors
    /// The name of a column that is missing or stands twice.
    pub(super) fn read(names: &[String]) -> Result<Self, String> {
        let header = Self::of(names);
        let count = |column| header.0.iter().filter(|c| **c == Some(column)).count();
        for (column, name) in REQUIRED {
            if count(column) == 0 {
                return Err(format!("no column {name}"));
            }
        }
        match SPELLINGS.iter().find(|(_, column)| count(*column) > 1) {
            Some((name, _)) => Err(format!("two columns for {name}")),
            None => Ok(header),
        }
    }

    fn of(names: &[String]) -> Self {
        let column = |name: &String| {
            let name = folded(name);
            SPELLINGS
                .iter()
                .find(|(spelling, _)| *spelling == name)
                .map(|(_, column)| *column)
        };
        Self(names.iter().map(column).collect())
    }

    /// How many fields a row has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What a row has in a column; `None` when the column or the value is not there.
    pub(super) fn value<'a>(&self, row: &'a [String], column: Column) -> Option<&'a str> {
        let at = self.0.iter().position(|c| *c == Some(column))?;
        row.get(at)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}
