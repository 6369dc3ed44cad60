//! Feeds of which each line is an observation of its own: what their decoders have in common.

use truceline_domain::Observation;

use crate::report::frame::{At, Framed, Framer, Grammar, Line, Outlet, Refusal, text};
use crate::{Decoder, Sink, Tally};

/// Knows what a line of a format says.
pub(crate) trait ReadLine: Send {
    /// Reads a line that is not blank: `text` without its end and byte order mark, `bytes` as they came. `None` when it states nothing by itself.
    fn read(&mut self, text: &str, bytes: &[u8]) -> Result<Option<Observation>, Refusal>;
}

/// A decoder of such a feed.
pub(crate) struct Lines<R> {
    framer: Framer<Line>,
    reader: R,
    tally: Tally,
}

impl<R: ReadLine> Lines<R> {
    /// At the start of a feed.
    pub(crate) fn of(reader: R) -> Self {
        Self {
            framer: Framer::new(Line::default()),
            reader,
            tally: Tally::default(),
        }
    }
}

impl<R: ReadLine> Decoder for Lines<R> {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let Self {
            framer,
            reader,
            tally,
        } = self;
        tally.bytes += bytes.len() as u64;
        framer.push(bytes, &mut |framed, at| {
            line(reader, Outlet { tally, sink }, framed, at);
        });
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        let Self {
            framer,
            reader,
            tally,
        } = self;
        framer.finish(&mut |framed, at| line(reader, Outlet { tally, sink }, framed, at));
    }

    fn tally(&self) -> Tally {
        self.tally.clone()
    }
}

fn line(reader: &mut impl ReadLine, mut out: Outlet<'_, '_>, framed: Framed<'_>, at: At) {
    let Some(bytes) = out.whole(framed, at, "a line", Line::LIMIT_BYTES) else {
        return;
    };
    let told = text(bytes, at).and_then(|text| match text {
        Some(text) => reader.read(text, bytes),
        None => Ok(None),
    });
    match told {
        Ok(Some(observation)) => out.observation(observation, at),
        Ok(None) => {}
        Err(refusal) => out.refused(refusal, at, bytes),
    }
}
