//! Thermal hotspots: the CSV that NASA's FIRMS gives of VIIRS (375 m) and MODIS (1 km), near real time and
//! archive (<https://firms.modaps.eosdis.nasa.gov>, «Attributes»).
//!
//! Columns are known by their names, in any order, and those that are not known are passed over;
//! latitude, longitude, `acq_date` and `acq_time` are needed. A header may come again, as it does
//! when files are put together, and may then be another.
//!
//! - `observed` is the satellite's pass, UTC, good to the minute.
//! - The source is the satellite with its instrument (`suomi-npp-viirs`, `terra-modis`), since each errs on its
//!   own; the feed's source when a row names no satellite.
//! - `sd_m` is the larger side of the pixel over √12: the fire is somewhere in it.
//! - The same row again, as overlapping downloads give it, is a duplicate: told, and not an observation again. The
//!   last 262,144 rows are remembered.
//! - A line is at most 64 KiB long.

mod header;
mod row;
mod satellite;

use truceline_domain::Observation;

use self::header::Header;
use crate::lines::ReadLine;
use crate::report::frame::{Refusal, fields};
use crate::sensor::seen::{Seen, Sighting, digest};
use crate::{Context, FaultKind};

/// Reads a feed of this format, line by line.
pub(crate) struct Hotspots {
    context: Context,
    header: Option<Header>,
    seen: Seen,
}

impl Hotspots {
    /// At the start of a feed.
    pub(crate) fn new(context: Context) -> Self {
        Self {
            context,
            header: None,
            seen: Seen::default(),
        }
    }
}

impl ReadLine for Hotspots {
    fn read(&mut self, text: &str, _: &[u8]) -> Result<Option<Observation>, Refusal> {
        let row = fields(text, b',')?;
        if Header::is_one(&row) {
            // Rows behind a header that cannot be read are not read by the one before it.
            self.header = None;
            let read = Header::read(&row);
            self.header = Some(read.map_err(|why| Refusal::malformed(format!("header: {why}")))?);
            return Ok(None);
        }
        let Some(header) = &self.header else {
            return Err(Refusal::malformed(
                "a row before any header; expected latitude, longitude, acq_date, acq_time …",
            ));
        };
        if row.len() != header.len() {
            return Err(Refusal::malformed(format!(
                "{} fields; expected {} as in the header",
                row.len(),
                header.len()
            )));
        }
        let observation = row::read(header, &row, &self.context.source)?;
        let name = digest(observation.id.as_str().as_bytes());
        match self.seen.note(name, 0) {
            Sighting::First => Ok(Some(observation)),
            Sighting::Again | Sighting::Changed => Err(Refusal {
                kind: FaultKind::Duplicate,
                message: format!("{} came before", observation.id),
            }),
        }
    }
}

/// Whether the head of a feed is of this format: its first line that is not blank names a latitude, a
/// longitude and `acq_date`.
pub(crate) fn recognise(head: &[u8]) -> bool {
    let head = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    std::str::from_utf8(line)
        .ok()
        .and_then(|line| fields(line, b',').ok())
        .is_some_and(|names| Header::is_one(&names))
}
