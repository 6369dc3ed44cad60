//! Where the containers tell what they found: named, counted, then handed to the sink.

use truceline_domain::{Body, Observation, Observed, SourceId};

use crate::{Cut, Fault, FaultKind, Item, MAX_FAULT_BYTES, Sink, Tally};

/// A feed may be cut about so often, at the start of a record.
const CUT_EVERY_BYTES: u64 = 4 * 1024 * 1024;

/// The sink with the count beside it.
pub(crate) struct Outlet<'a, 'b> {
    pub(crate) source: &'a SourceId,
    pub(crate) tally: &'a mut Tally,
    /// Byte offset of the last cut.
    pub(crate) last_cut: &'a mut u64,
    pub(crate) sink: &'a mut Sink<'b>,
}

impl Outlet<'_, '_> {
    fn tell(&mut self, item: Item) {
        self.tally.count(&item);
        (self.sink)(item);
    }

    /// Tells what a record states. The observation's name comes from the record's bytes, so that
    /// the same record of the same source always has the same name.
    pub(crate) fn observation(
        &mut self,
        offset: u64,
        observed: Option<Observed>,
        record: &[u8],
        body: Body,
    ) {
        let at = observed.map_or([0; 8], |o| o.unix_us().to_be_bytes());
        let parts = [body.kind().as_bytes(), &at, record];
        match Observation::id_from_content(self.source, &parts) {
            Ok(id) => self.tell(Item::Observation(Box::new(Observation {
                id,
                source: self.source.clone(),
                observed,
                received: None,
                body,
            }))),
            Err(e) => self.fault(FaultKind::Malformed, offset, e.to_string(), record),
        }
    }

    /// Tells of something set aside, with its bytes.
    pub(crate) fn fault(&mut self, kind: FaultKind, offset: u64, message: String, bytes: &[u8]) {
        self.tell(Item::Fault(Fault {
            kind,
            offset,
            line: None,
            message,
            bytes: bytes[..bytes.len().min(MAX_FAULT_BYTES)].to_vec(),
        }));
    }

    /// Tells of something in order or time; nothing was set aside.
    pub(crate) fn notice(&mut self, kind: FaultKind, offset: u64, message: String) {
        self.fault(kind, offset, message, &[]);
    }

    /// A record begins here: the feed may be cut when enough has come since the last cut.
    pub(crate) fn record_begins(&mut self, offset: u64, observed: Option<Observed>) {
        if offset >= self.last_cut.saturating_add(CUT_EVERY_BYTES) {
            *self.last_cut = offset;
            self.tell(Item::Cut(Cut {
                offset,
                pts_90k: None,
                observed,
            }));
        }
    }

    /// Adds one to a count of the format.
    pub(crate) fn count(&mut self, name: &str) {
        // The name is made into text only the first time it is met.
        if let Some(n) = self.tally.counts.get_mut(name) {
            *n += 1;
        } else {
            self.tally.add(name, 1);
        }
    }
}
