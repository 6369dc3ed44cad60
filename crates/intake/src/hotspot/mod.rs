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
use crate::report::frame::{At, Framed, Framer, Grammar, Line, Outlet, Refusal, fields, text};
use crate::sensor::seen::{Seen, Sighting, digest};
use crate::{Context, Decoder, FaultKind, Sink, Tally};

/// Reads a feed of this format.
pub struct Hotspots {
    framer: Framer<Line>,
    reader: Reader,
}

struct Reader {
    context: Context,
    tally: Tally,
    header: Option<Header>,
    seen: Seen,
}

impl Hotspots {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            framer: Framer::new(Line::default()),
            reader: Reader {
                context,
                tally: Tally::default(),
                header: None,
                seen: Seen::default(),
            },
        }
    }
}

impl Decoder for Hotspots {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let Self { framer, reader } = self;
        reader.tally.bytes += bytes.len() as u64;
        framer.push(bytes, &mut |framed, at| reader.framed(framed, at, sink));
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        let Self { framer, reader } = self;
        framer.finish(&mut |framed, at| reader.framed(framed, at, sink));
    }

    fn tally(&self) -> Tally {
        self.reader.tally.clone()
    }
}

impl Reader {
    fn framed(&mut self, framed: Framed<'_>, at: At, sink: &mut Sink<'_>) {
        let Self {
            context,
            tally,
            header,
            seen,
        } = self;
        let mut out = Outlet { tally, sink };
        let Some(bytes) = out.whole(framed, at, "a line", Line::LIMIT_BYTES) else {
            return;
        };
        let told = text(bytes, at).and_then(|text| match text {
            Some(text) => read(text, header, context, seen),
            None => Ok(None),
        });
        match told {
            Ok(Some(observation)) => out.observation(observation, at),
            Ok(None) => {}
            Err(refusal) => out.refused(refusal, at, bytes),
        }
    }
}

/// Reads a line: `None` when it was a header.
fn read(
    text: &str,
    header: &mut Option<Header>,
    context: &Context,
    seen: &mut Seen,
) -> Result<Option<Observation>, Refusal> {
    let row = fields(text, b',')?;
    if Header::is_one(&row) {
        // Rows behind a header that cannot be read are not read by the one before it.
        *header = None;
        *header =
            Some(Header::read(&row).map_err(|why| Refusal::malformed(format!("header: {why}")))?);
        return Ok(None);
    }
    let Some(header) = header else {
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
    let observation = row::read(header, &row, &context.source)?;
    match seen.note(digest(observation.id.as_str().as_bytes()), 0) {
        Sighting::First => Ok(Some(observation)),
        Sighting::Again | Sighting::Changed => Err(Refusal {
            kind: FaultKind::Duplicate,
            message: format!("{} came before", observation.id),
        }),
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
