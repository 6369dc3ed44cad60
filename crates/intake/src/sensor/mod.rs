//! Sensors' readings: one JSON object a line (NDJSON), in the form that `truceline decode` writes too.
//!
//! Every line has `id`, `kind`, `observed`, and mostly `source` and `received`; the kinds are `acoustic`,
//! `flash`, `seismic`, `thermal`, `video`, `report`, `weather` and `notice`, with the fields of
//! the domain's types of these names. Fields that no kind knows are passed over.
//!
//! - A line is at most 64 KiB long and ends with LF or CR LF; blank lines and a byte order mark are
//!   passed over.
//! - A line without `source` is the feed's own source's. `received` stays as the line tells it.
//! - Lines come in any order of time.
//! - The same `id` with the same content is a duplicate: told, and not an observation again. With other
//!   content it is refused: an observation is never rewritten. The last 262,144 names are
//!   remembered.

pub(crate) mod seen;

mod line;

use seen::{Seen, Sighting};
use truceline_domain::{Observation, SourceId};

use crate::lines::ReadLine;
use crate::report::frame::Refusal;
use crate::{Context, FaultKind};

/// Reads a feed of this format, line by line.
pub(crate) struct Sensors {
    context: Context,
    seen: Seen,
}

impl Sensors {
    /// At the start of a feed.
    pub(crate) fn new(context: Context) -> Self {
        Self {
            context,
            seen: Seen::default(),
        }
    }
}

impl ReadLine for Sensors {
    fn read(&mut self, text: &str, bytes: &[u8]) -> Result<Option<Observation>, Refusal> {
        let line = line::read(text, &self.context.source).map_err(|mut refusal| {
            // Only the last line can be cut off; another that ends too early is wrong in itself.
            if refusal.kind == FaultKind::Truncated && bytes.ends_with(b"\n") {
                refusal.kind = FaultKind::Malformed;
            }
            refusal
        })?;
        let id = &line.observation.id;
        let name = seen::digest(id.as_str().as_bytes());
        match self.seen.note(name, line.content) {
            Sighting::First => Ok(Some(line.observation)),
            Sighting::Again => Err(Refusal {
                kind: FaultKind::Duplicate,
                message: format!("id {:?} came before with the same content", id.as_str()),
            }),
            Sighting::Changed => Err(Refusal::absurd(format!(
                "id {:?} came before with other content; expected a new id for a new statement",
                id.as_str()
            ))),
        }
    }
}

/// Reads one line in the domain's own form.
pub(crate) fn line(text: &str, source: &SourceId) -> Result<Observation, Refusal> {
    line::read(text, source).map(|line| line.observation)
}

/// Whether the head of a feed is of this format: its first line that is not blank begins a JSON
/// object with `kind` and `source`.
pub(crate) fn recognise(head: &[u8]) -> bool {
    let head = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    let has = |key: &[u8]| line.windows(key.len()).any(|w| w == key);
    line.starts_with(b"{") && has(b"\"kind\"") && has(b"\"source\"")
}
