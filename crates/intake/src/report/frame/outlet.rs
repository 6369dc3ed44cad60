//! Where the readers of text tell what they found: counted, then handed to the sink.

use truceline_domain::Observation;

use super::{At, Framed};
use crate::{Cut, Fault, FaultKind, Item, MAX_FAULT_BYTES, Sink, Tally};

/// Why an item was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: FaultKind,
    /// What was being read, the value seen, what was expected.
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Malformed,
            message: message.into(),
        }
    }

    pub(crate) fn absurd(message: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Absurd,
            message: message.into(),
        }
    }
}

impl From<truceline_domain::Refused> for Refusal {
    /// What the domain refuses can be read, and cannot be.
    fn from(refused: truceline_domain::Refused) -> Self {
        Self::absurd(refused.to_string())
    }
}

/// The sink with the count beside it.
pub(crate) struct Outlet<'a, 'b> {
    pub(crate) tally: &'a mut Tally,
    pub(crate) sink: &'a mut Sink<'b>,
}

impl Outlet<'_, '_> {
    fn tell(&mut self, item: Item) {
        self.tally.count(&item);
        (self.sink)(item);
    }

    /// Tells of an observation; the feed may be cut before the item it stands in.
    pub(crate) fn observation(&mut self, observation: Observation, at: At) {
        let observed = observation.observed;
        self.tell(Item::Cut(Cut {
            offset: at.offset,
            pts_90k: None,
            observed,
        }));
        self.tell(Item::Observation(Box::new(observation)));
    }

    /// Tells of something set aside, with its bytes.
    pub(crate) fn refused(&mut self, refusal: Refusal, at: At, bytes: &[u8]) {
        let Refusal { kind, message } = refusal;
        let kept = bytes.get(..MAX_FAULT_BYTES).unwrap_or(bytes);
        self.tell(Item::Fault(Fault {
            kind,
            offset: at.offset,
            line: Some(at.line),
            message,
            bytes: kept.to_vec(),
        }));
    }

    /// Passes a whole item on; tells of one that is not, naming it by `what`.
    pub(crate) fn whole<'i>(
        &mut self,
        framed: Framed<'i>,
        at: At,
        what: &str,
        limit_bytes: usize,
    ) -> Option<&'i [u8]> {
        let (kind, message, bytes) = match framed {
            Framed::Item(bytes) => return Some(bytes),
            Framed::Oversized(bytes) => (
                FaultKind::Oversized,
                format!("{what} without end; expected at most {limit_bytes} bytes"),
                bytes,
            ),
            Framed::Unfinished(bytes) => (
                FaultKind::Truncated,
                format!("{what} that does not end"),
                bytes,
            ),
        };
        self.refused(Refusal { kind, message }, at, bytes);
        None
    }
}

/// The text of an item: UTF-8 without a byte order mark at the feed's start and without white space
/// around it. `None` when nothing is left.
pub(crate) fn text(bytes: &[u8], at: At) -> Result<Option<&str>, Refusal> {
    let bytes = match at.offset {
        0 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        _ => bytes,
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Refusal::malformed(format!("byte {} of it is no UTF-8", e.valid_up_to())))?;
    Ok(Some(text.trim()).filter(|t| !t.is_empty()))
}
