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

use crate::report::frame::{At, Framed, Framer, Grammar, Line, Outlet, Refusal, text};
use crate::{Context, Decoder, FaultKind, Sink, Tally};

/// Reads a feed of this format.
pub struct Sensors {
    framer: Framer<Line>,
    reader: Reader,
}

struct Reader {
    context: Context,
    tally: Tally,
    seen: Seen,
}

impl Sensors {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            framer: Framer::new(Line::default()),
            reader: Reader {
                context,
                tally: Tally::default(),
                seen: Seen::default(),
            },
        }
    }
}

impl Decoder for Sensors {
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
            seen,
        } = self;
        let mut out = Outlet { tally, sink };
        let Some(bytes) = out.whole(framed, at, "a line", Line::LIMIT_BYTES) else {
            return;
        };
        let told = text(bytes, at).and_then(|text| match text {
            Some(text) => read(text, bytes, context, seen).map(Some),
            None => Ok(None),
        });
        match told {
            Ok(Some(observation)) => out.observation(observation, at),
            Ok(None) => {}
            Err(refusal) => out.refused(refusal, at, bytes),
        }
    }
}

/// Reads one line in the domain's own form.
pub(crate) fn line(text: &str, source: &SourceId) -> Result<Observation, Refusal> {
    line::read(text, source).map(|line| line.observation)
}

fn read(
    text: &str,
    bytes: &[u8],
    context: &Context,
    seen: &mut Seen,
) -> Result<Observation, Refusal> {
    let line = line::read(text, &context.source).map_err(|mut refusal| {
        // Only the last line can be cut off; another that ends too early is wrong in itself.
        if refusal.kind == FaultKind::Truncated && bytes.ends_with(b"\n") {
            refusal.kind = FaultKind::Malformed;
        }
        refusal
    })?;
    let id = &line.observation.id;
    match seen.note(seen::digest(id.as_str().as_bytes()), line.content) {
        Sighting::First => Ok(line.observation),
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
