//! One row to one hotspot.

use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use truceline_domain::{
    Body, NonNegative, Observation, Observed, Position, Positive, Probability, Refused, SourceId,
    Thermal,
};

use super::header::{Column, Header};
use super::satellite::{self, Instrument};
use crate::report::frame::Refusal;

/// Reads a row. `source` is named when the row names no satellite.
pub(super) fn read(
    header: &Header,
    row: &[String],
    source: &SourceId,
) -> Result<Observation, Refusal> {
    let row = Row { header, row };
    let known = row.text(Column::Satellite).and_then(satellite::known);
    let instrument = match row.text(Column::Instrument) {
        Some(word) => Some(Instrument::from_word(word).ok_or_else(|| {
            Refusal::malformed(format!(
                "instrument: {:?} is neither VIIRS nor MODIS",
                cut(word)
            ))
        })?),
        None => known.map(|(_, instrument)| instrument),
    };
    let source = row.source(known.map(|(name, _)| name), instrument, source)?;
    let scan_km = row.positive(Column::Scan, "scan")?;
    let track_km = row.positive(Column::Track, "track")?;
    let thermal = Thermal {
        position: row.position()?,
        sd_m: sd_m(scan_km, track_km, instrument)?,
        frp_mw: row.optional(Column::Frp, "frp", NonNegative::new)?,
        satellite: row.owned(Column::Satellite),
        instrument: instrument.map(|i| i.as_str().to_owned()),
        confidence_p: row.text(Column::Confidence).map(confidence).transpose()?,
        confidence: row.owned(Column::Confidence),
        brightness_k: row.positive(Column::Brightness, "brightness")?,
        brightness_background_k: row
            .positive(Column::BrightnessBackground, "background brightness")?,
        scan_km,
        track_km,
        day_night: row.text(Column::DayNight).map(day_night).transpose()?,
        type_code: row.parsed(Column::Type, "type", "a whole number from 0 to 255")?,
        version: row.owned(Column::Version),
    };
    let id = Observation::id_from_content(&source, &row.identity())?;
    let observed = Some(row.observed()?);
    Ok(Observation {
        id,
        source,
        observed,
        received: None,
        body: Body::Thermal(thermal),
    })
}

/// The fire lies anywhere in its pixel, whose centre is given, so along an axis of size `s` it is
/// uniform over ± s/2 with a standard deviation of s/√12. The pixel's axes are the scan's and the
/// track's, not east and north; the larger holds for both. The geolocation itself is good to a
/// tenth of that and is left out.
fn sd_m(
    scan_km: Option<Positive>,
    track_km: Option<Positive>,
    instrument: Option<Instrument>,
) -> Result<Positive, Refusal> {
    let larger_km = match (scan_km, track_km) {
        (Some(scan), Some(track)) => scan.get().max(track.get()),
        _ => instrument.unwrap_or(Instrument::Modis).largest_pixel_km(),
    };
    const LARGEST_KM: f64 = 10.0;
    if larger_km > LARGEST_KM {
        return Err(Refusal::absurd(format!(
            "pixel of {larger_km} km; expected at most {LARGEST_KM} km"
        )));
    }
    // Millimetres suffice.
    Ok(Positive::new(
        (larger_km * 1e6 / 12f64.sqrt()).round() / 1e3,
    )?)
}

/// MODIS gives 0 to 100, VIIRS one of three words or their first letters.
fn confidence(word: &str) -> Result<Probability, Refusal> {
    let p = match word.to_ascii_lowercase().as_str() {
        "l" | "low" => 0.2,
        "n" | "nominal" => 0.6,
        "h" | "high" => 0.9,
        _ => number(word, "confidence", "0 to 100 or low, nominal, high")? / 100.0,
    };
    Probability::new(p).map_err(|_| {
        Refusal::absurd(format!(
            "confidence: {:?} is not within 0 to 100",
            cut(word)
        ))
    })
}

fn day_night(word: &str) -> Result<String, Refusal> {
    match word {
        "D" | "N" => Ok(word.to_owned()),
        _ => Err(Refusal::malformed(format!(
            "daynight: {:?} is neither D nor N",
            cut(word)
        ))),
    }
}

fn number(text: &str, what: &str, expected: &str) -> Result<f64, Refusal> {
    text.parse()
        .map_err(|_| Refusal::malformed(format!("{what}: {:?} is not {expected}", cut(text))))
}

/// As much of a value as a message needs.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

struct Row<'a> {
    header: &'a Header,
    row: &'a [String],
}

impl<'a> Row<'a> {
    fn text(&self, column: Column) -> Option<&'a str> {
        self.header.value(self.row, column)
    }

    fn owned(&self, column: Column) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    fn required(&self, column: Column, what: &str) -> Result<&'a str, Refusal> {
        self.text(column)
            .ok_or_else(|| Refusal::malformed(format!("{what}: nothing")))
    }

    fn parsed<T: FromStr>(
        &self,
        column: Column,
        what: &str,
        expected: &str,
    ) -> Result<Option<T>, Refusal> {
        let parse = |text: &str| {
            let refusal =
                || Refusal::malformed(format!("{what}: {:?} is not {expected}", cut(text)));
            text.parse().map_err(|_| refusal())
        };
        self.text(column).map(parse).transpose()
    }

    fn optional<T>(
        &self,
        column: Column,
        what: &str,
        new: impl Fn(f64) -> Result<T, Refused>,
    ) -> Result<Option<T>, Refusal> {
        let value = self.parsed(column, what, "a number")?.map(new).transpose();
        value.map_err(|refused| Refusal::absurd(format!("{what}: {refused}")))
    }

    fn positive(&self, column: Column, what: &str) -> Result<Option<Positive>, Refusal> {
        self.optional(column, what, Positive::new)
    }

    fn position(&self) -> Result<Position, Refusal> {
        let degrees = |column, what| number(self.required(column, what)?, what, "degrees");
        let lat_deg = degrees(Column::Latitude, "latitude")?;
        let lon_deg = degrees(Column::Longitude, "longitude")?;
        Ok(Position::new(lat_deg, lon_deg)?)
    }

    /// `acq_date` and `acq_time`: HHMM in UTC, from which some tools take the leading zeros.
    fn observed(&self) -> Result<Observed, Refusal> {
        let date_text = self.required(Column::AcqDate, "acq_date")?;
        let date: Date = date_text.parse().map_err(|_| {
            Refusal::malformed(format!("acq_date: {:?} is not YYYY-MM-DD", cut(date_text)))
        })?;
        let time_text = self.required(Column::AcqTime, "acq_time")?;
        let time = hour_minute(time_text).ok_or_else(|| {
            Refusal::malformed(format!("acq_time: {:?} is not HHMM", cut(time_text)))
        })?;
        let instant = TimeZone::UTC.to_timestamp(date.to_datetime(time));
        instant
            .map(Observed::from)
            .map_err(|e| Refusal::absurd(format!("acq_date: {e}")))
    }

    /// Each satellite is a source of its own, `suomi-npp-viirs`; one that is not known keeps its code.
    fn source(
        &self,
        known: Option<&str>,
        instrument: Option<Instrument>,
        otherwise: &SourceId,
    ) -> Result<SourceId, Refusal> {
        let Some(satellite) = known.or(self.text(Column::Satellite)) else {
            return Ok(otherwise.clone());
        };
        let name = match instrument {
            Some(instrument) => format!("{satellite}-{}", instrument.as_str()),
            None => satellite.to_owned(),
        };
        Ok(SourceId::new(name.to_lowercase())?)
    }

    /// What makes this hotspot another than the next: the same in whatever order the columns stand.
    fn identity(&self) -> [&'a [u8]; 9] {
        [
            Column::Satellite,
            Column::AcqDate,
            Column::AcqTime,
            Column::Latitude,
            Column::Longitude,
            Column::Scan,
            Column::Track,
            Column::Frp,
            Column::Version,
        ]
        .map(|column| self.text(column).unwrap_or_default().as_bytes())
    }
}

fn hour_minute(text: &str) -> Option<Time> {
    let (hour, minute) = match text.split_once(':') {
        Some(parts) => parts,
        None => text.split_at_checked(text.len().saturating_sub(2))?,
    };
    let part = |digits: &str| -> Option<i8> {
        let plain = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
        let digits = if digits.is_empty() { "0" } else { digits };
        digits.parse().ok().filter(|_| plain)
    };
    Time::new(part(hour)?, part(minute)?, 0, 0).ok()
}
