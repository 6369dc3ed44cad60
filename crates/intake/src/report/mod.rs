//! Ground observers' reports, in three notations that say the same:
//!
//! - **tables**: CSV (comma, semicolon or tab) with the columns of the OSCE mission's table of ceasefire
//!   violations, `SMM position | Event location | Means | No. | Observation | Description | Weapon |
//!   Date, time`, in many spellings; a record is at most 64 KiB;
//! - **objects**: JSON, one a line, one after another, in an array, or as KoboToolbox exports them; the domain's
//!   own form (`"kind":"report"`) or a table's names for keys; an object is at most 256 KiB;
//! - **submissions**: XForm instances of ODK and KoboToolbox, one after another; one is at most 1 MiB.
//!
//! **Zone.** Tables give local times. The zone is the time's own offset, else the row's column `tz` or
//! `utc_offset`, else the one in the column's name (`Date, time (UTC+4)`), else the one of a comment line
//! above (`# timezone: Asia/Baku` or `# utc_offset: +04:00`). A time without any is told, and the
//! report kept without it.
//!
//! **Source.** The observer or post that the report names (`observer`, `post`, `source` …), else the feed's source. The
//! position in words is `observer_place`.
//!
//! **Bearings** in winds stand for their sector: 11.25° to each side. Distances from a named place are not from
//! the observer and stay words. What no field takes goes into `text`; a count or a number that cannot be
//! read refuses the row.
//!
//! **Names.** A report without an id of its own is named by all it tells, so the same row again is a duplicate:
//! told, and not an observation again. An id that comes again with other content is refused.
//! The last 262,144 reports are remembered.

pub(crate) mod frame;

mod bearing;
mod field;
mod object;
mod row;
mod submission;
mod table;
mod when;
mod words;
mod xform;

#[cfg(test)]
mod tests;

pub use self::submission::{Named, Submission};

use jiff::tz::TimeZone;
use truceline_domain::{Body, Observation};

use self::field::{Field, Fields};
use self::frame::{
    At, CsvRecord, Framed, Framer, Grammar, JsonItem, Outlet, Refusal, XmlDocument, text,
};
use self::table::Header;
use crate::sensor::seen::{Seen, Sighting, digest};
use crate::{Context, Decoder, FaultKind, Sink, Tally};

/// Reads a feed of this format.
pub struct Reports {
    notation: Notation,
    reader: Reader,
}

/// How the feed is written; its first byte that is no white space tells.
enum Notation {
    /// Nothing but white space and perhaps a byte order mark has come.
    Unknown(Vec<u8>),
    Table(Framer<CsvRecord>),
    Objects(Framer<JsonItem>),
    Submissions(Framer<XmlDocument>),
}

struct Reader {
    context: Context,
    tally: Tally,
    header: Option<Header>,
    /// The zone that a comment gave.
    zone: Option<TimeZone>,
    seen: Seen,
}

impl Reports {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let reader = Reader {
            context,
            tally: Tally::default(),
            header: None,
            zone: None,
            seen: Seen::default(),
        };
        Self {
            notation: Notation::Unknown(Vec::new()),
            reader,
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// White space that is kept until the notation shows.
const MAX_BLANK_BYTES: usize = 4096;

/// What an item of a notation is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Record,
    Object,
    Submission,
}

impl Kind {
    /// For messages, with the most bytes of one.
    const fn words(self) -> (&'static str, usize) {
        match self {
            Self::Record => ("a record", CsvRecord::LIMIT_BYTES),
            Self::Object => ("an object", JsonItem::LIMIT_BYTES),
            Self::Submission => ("a submission", XmlDocument::LIMIT_BYTES),
        }
    }
}

type Tell<'a> = dyn FnMut(Kind, Framed<'_>, At) + 'a;

impl Notation {
    /// Decides by the first byte that says something; `None` when more bytes must come first.
    fn decide(head: &[u8]) -> Option<Self> {
        let all = head.len() >= MAX_BLANK_BYTES;
        let head = &head[..head.len().min(MAX_BLANK_BYTES)];
        let head = head
            .strip_prefix(BYTE_ORDER_MARK)
            .unwrap_or(head)
            .trim_ascii_start();
        match head.first() {
            None if !all => None,
            // A byte order mark of which the rest is still to come.
            Some(0xef) if !all && BYTE_ORDER_MARK.starts_with(head) => None,
            Some(b'{' | b'[') => Some(Self::Objects(Framer::new(JsonItem::default()))),
            Some(b'<') => Some(Self::Submissions(Framer::new(XmlDocument::default()))),
            _ => Some(Self::Table(Framer::new(CsvRecord::default()))),
        }
    }

    fn push(&mut self, bytes: &[u8], tell: &mut Tell<'_>) {
        match self {
            Self::Unknown(head) => {
                head.extend_from_slice(bytes);
                if let Some(mut known) = Self::decide(head) {
                    known.push(&std::mem::take(head), tell);
                    *self = known;
                }
            }
            Self::Table(framer) => framer.push(bytes, &mut |f, at| tell(Kind::Record, f, at)),
            Self::Objects(framer) => framer.push(bytes, &mut |f, at| tell(Kind::Object, f, at)),
            Self::Submissions(framer) => {
                framer.push(bytes, &mut |f, at| tell(Kind::Submission, f, at));
            }
        }
    }

    fn finish(&mut self, tell: &mut Tell<'_>) {
        match self {
            Self::Unknown(_) => {}
            Self::Table(framer) => framer.finish(&mut |f, at| tell(Kind::Record, f, at)),
            Self::Objects(framer) => framer.finish(&mut |f, at| tell(Kind::Object, f, at)),
            Self::Submissions(framer) => framer.finish(&mut |f, at| tell(Kind::Submission, f, at)),
        }
    }
}

impl Decoder for Reports {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let Self { notation, reader } = self;
        reader.tally.bytes += bytes.len() as u64;
        notation.push(bytes, &mut |kind, framed, at| {
            reader.framed(kind, framed, at, sink)
        });
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        let Self { notation, reader } = self;
        notation.finish(&mut |kind, framed, at| reader.framed(kind, framed, at, sink));
    }

    fn tally(&self) -> Tally {
        self.reader.tally.clone()
    }
}

impl Reader {
    fn framed(&mut self, kind: Kind, framed: Framed<'_>, at: At, sink: &mut Sink<'_>) {
        let (what, limit_bytes) = kind.words();
        let mut tally = std::mem::take(&mut self.tally);
        let mut out = Outlet {
            tally: &mut tally,
            sink,
        };
        if let Some(bytes) = out.whole(framed, at, what, limit_bytes) {
            let read = text(bytes, at).and_then(|text| match text {
                Some(text) => self.read(kind, text),
                None => Ok(None),
            });
            match read {
                Ok(Some(observation)) => {
                    if observation.observed.is_none() {
                        let message = "a local time without a zone, kept without its time; \
                                       expected an offset, a column `tz` or `utc_offset`, or a line \
                                       `# timezone: Area/City` above the table";
                        let kind = FaultKind::Undated;
                        out.refused(
                            Refusal {
                                kind,
                                message: message.to_owned(),
                            },
                            at,
                            &[],
                        );
                    }
                    out.observation(observation, at);
                }
                Ok(None) => {}
                Err(refusal) => out.refused(refusal, at, bytes),
            }
        }
        self.tally = tally;
    }

    /// Reads an item; `None` when it is no report but a header or a comment.
    fn read(&mut self, kind: Kind, text: &str) -> Result<Option<Observation>, Refusal> {
        let observation = match kind {
            Kind::Record => self.record(text)?,
            Kind::Object => Some(self.object(text)?),
            Kind::Submission => Some(self.told(&xform::read(text)?.0, None)?),
        };
        observation.map(|o| self.unseen(o)).transpose()
    }

    fn record(&mut self, text: &str) -> Result<Option<Observation>, Refusal> {
        if text.starts_with('#') {
            if let Some(zone) = table::comment(text) {
                self.zone = Some(zone?);
            }
            return Ok(None);
        }
        if let Some(header) = Header::read(text) {
            self.header = Some(header);
            return Ok(None);
        }
        let Some(header) = &self.header else {
            return Err(Refusal {
                kind: FaultKind::Garbage,
                message: "text above the table's header; expected columns such as «SMM position, \
                          Event location, Means, No., Observation, Description, Weapon, Date, time»"
                    .to_owned(),
            });
        };
        let zone = header.zone().cloned();
        self.told(&header.row(text)?, zone).map(Some)
    }

    fn object(&self, text: &str) -> Result<Observation, Refusal> {
        if is_of_the_domain(text) {
            let own = crate::sensor::line(text, &self.context.source)?;
            return match own.body {
                Body::Report(_) => Ok(own),
                other => Err(Refusal::malformed(format!(
                    "kind: {} is no report",
                    other.kind()
                ))),
            };
        }
        self.told(&object::read(text)?, None)
    }

    fn told(&self, fields: &Fields, zone: Option<TimeZone>) -> Result<Observation, Refusal> {
        if fields.telling() == 0 {
            return Err(Refusal::malformed(
                "it tells nothing of an event; expected a place, means, number, observation or weapon",
            ));
        }
        row::observation(
            fields,
            &self.context.source,
            zone.as_ref().or(self.zone.as_ref()),
        )
    }

    fn unseen(&mut self, observation: Observation) -> Result<Observation, Refusal> {
        let id = observation.id.as_str();
        let content = match serde_json::to_vec(&Observation {
            received: None,
            ..observation.clone()
        }) {
            Ok(said) => digest(&said) as u64,
            Err(e) => return Err(Refusal::malformed(e.to_string())),
        };
        match self.seen.note(digest(id.as_bytes()), content) {
            Sighting::First => Ok(observation),
            Sighting::Again => Err(Refusal {
                kind: FaultKind::Duplicate,
                message: format!("report {id:?} came before"),
            }),
            Sighting::Changed => Err(Refusal::absurd(format!(
                "report {id:?} came before with other content; expected a new id"
            ))),
        }
    }
}

/// Whether an object is an observation in the domain's own form.
fn is_of_the_domain(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Own {
        #[allow(dead_code)] // Only whether it is there.
        kind: String,
    }
    serde_json::from_str::<Own>(text).is_ok()
}

/// Whether the head of a feed is of this format: a table's header among its first lines, an object with
/// two keys of a report, or an XForm instance.
pub(crate) fn recognise(head: &[u8]) -> bool {
    let head = head
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(head)
        .trim_ascii_start();
    // The last character may be cut.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(e) if e.error_len().is_none() => {
            std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    match text.chars().next() {
        Some('{' | '[') => has_report_keys(text),
        Some('<') => is_instance(text),
        Some(_) => text
            .lines()
            .take(MAX_TITLE_LINES)
            .any(|line| Header::read(line).is_some()),
        None => false,
    }
}

/// Titles and comments that a table may have above its header.
const MAX_TITLE_LINES: usize = 20;

fn has_report_keys(text: &str) -> bool {
    let mut keys: Vec<Field> = text
        .split('"')
        .skip(1)
        .step_by(2)
        .filter_map(|word| Field::of(word.rsplit('/').next().unwrap_or(word)))
        .filter(|field| field.is_telling())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len() >= 2
}

/// An XForm instance names OpenRosa's or JavaRosa's namespace or has an `instanceID`; a Cursor on Target event
/// has neither.
fn is_instance(text: &str) -> bool {
    ["openrosa.org", "instanceID"]
        .iter()
        .any(|mark| text.contains(mark))
}
