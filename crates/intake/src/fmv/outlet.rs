//! Where the parts of this module tell what they found: counted, then handed to the sink.

use truceline_domain::{Observation, SourceId};

use super::watch::{AccessUnit, Seen};
use crate::{Cut, Fault, FaultKind, Item, MAX_FAULT_BYTES, Tally};

/// The sink with the count beside it.
pub(super) struct Outlet<'a, 'b> {
    pub(super) source: &'a SourceId,
    pub(super) tally: &'a mut Tally,
    pub(super) sink: &'a mut (dyn FnMut(Seen) + 'b),
    /// Whether pictures are wanted too.
    pub(super) watching: bool,
}

impl Outlet<'_, '_> {
    fn tell(&mut self, item: Item) {
        self.tally.count(&item);
        (self.sink)(Seen::Item(item));
    }

    pub(super) fn access_unit(&mut self, unit: AccessUnit) {
        (self.sink)(Seen::AccessUnit(unit));
    }

    pub(super) fn observation(&mut self, observation: Observation) {
        self.tell(Item::Observation(Box::new(observation)));
    }

    pub(super) fn cut(&mut self, cut: Cut) {
        self.tell(Item::Cut(cut));
    }

    /// Tells of something set aside, with its bytes.
    pub(super) fn fault(&mut self, kind: FaultKind, offset: u64, message: String, bytes: &[u8]) {
        self.tell(Item::Fault(Fault {
            kind,
            offset,
            line: None,
            message,
            bytes: bytes[..bytes.len().min(MAX_FAULT_BYTES)].to_vec(),
        }));
    }
}
