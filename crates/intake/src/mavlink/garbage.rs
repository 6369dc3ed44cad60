//! A run of bytes that belong to no record.

use super::outlet::Outlet;
use super::window::Window;
use crate::{FaultKind, MAX_FAULT_BYTES};

/// Bytes skipped since the last record; empty while in step.
#[derive(Debug, Default)]
pub(crate) struct Garbage {
    offset: u64,
    count: u64,
    /// The first of them.
    bytes: Vec<u8>,
    /// Whether the run begins with a record that the feed's end cut off.
    cut_off: bool,
}

impl Garbage {
    /// Whether the last bytes read belonged to a record.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Skips `n` bytes of the window.
    pub(crate) fn skip(&mut self, window: &mut Window, n: usize) {
        if self.count == 0 {
            self.offset = window.offset();
        }
        let skipped = window.rest().get(..n).unwrap_or(window.rest());
        let room = MAX_FAULT_BYTES.saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(&skipped[..skipped.len().min(room)]);
        self.count += skipped.len() as u64;
        window.advance(n);
    }

    /// Skips the first byte of what looks like a record that the feed's end cut off.
    pub(crate) fn skip_cut_off(&mut self, window: &mut Window) {
        self.cut_off |= self.count == 0;
        self.skip(window, 1);
    }

    /// A record begins, so the run is over: tells of it. `what` is what the bytes are not.
    pub(crate) fn ends(&mut self, what: &str, outlet: &mut Outlet<'_, '_>) {
        if self.count > 0 {
            let message = format!("{} bytes that belong to no {what} were skipped", self.count);
            outlet.fault(FaultKind::Garbage, self.offset, message, &self.bytes);
            *self = Self::default();
        }
    }

    /// The feed is over: tells of a run that no record ended.
    pub(crate) fn feed_ends(&mut self, what: &str, outlet: &mut Outlet<'_, '_>) {
        if self.cut_off {
            let message = format!(
                "the feed ends within a {what}, {} bytes after it began",
                self.count
            );
            outlet.fault(FaultKind::Truncated, self.offset, message, &self.bytes);
            *self = Self::default();
        } else {
            self.ends(what, outlet);
        }
    }
}
