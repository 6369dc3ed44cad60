//! hotspot

use crate::{Context, Decoder, Sink, Tally};

/// Reads a feed of this format.
pub struct Hotspots {
    context: Context,
    tally: Tally,
}

impl Hotspots {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            context,
            tally: Tally::default(),
        }
    }
}

impl Decoder for Hotspots {
    fn push(&mut self, bytes: &[u8], _sink: &mut Sink<'_>) {
        let _ = &self.context;
        self.tally.bytes += bytes.len() as u64;
    }

    fn finish(&mut self, _sink: &mut Sink<'_>) {}

    fn tally(&self) -> Tally {
        self.tally.clone()
    }
}

/// Whether the head of a feed is of this format.
pub(crate) fn recognise(_head: &[u8]) -> bool {
    false
}
