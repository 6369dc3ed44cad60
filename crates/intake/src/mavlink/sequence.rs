//! Frames missing or twice, by each component's own count.

use std::collections::BTreeMap;

use super::frame::Frame;

/// What a frame's sequence number says, next to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    /// The next one, or the first of its component.
    Next,
    /// So many are missing; or 256 more, or 512: the count is one byte.
    Missing(u8),
    /// It is the very frame that came before.
    Same,
}

/// The last frame of each component of each system. At most 65,536 of them.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    last: BTreeMap<(u8, u8), Last>,
}

#[derive(Debug, PartialEq, Eq)]
struct Last {
    sequence: u8,
    message_id: u32,
    sum: u16,
}

impl Sequences {
    /// A frame came.
    pub(super) fn follow(&mut self, frame: &Frame<'_>) -> Follows {
        let this = Last {
            sequence: frame.sequence,
            message_id: frame.message_id,
            sum: frame.sum(),
        };
        let now = this.sequence;
        let key = (frame.system, frame.component);
        let Some(last) = self.last.get(&key) else {
            self.last.insert(key, this);
            return Follows::Next;
        };
        if *last == this {
            return Follows::Same;
        }
        let missing = now.wrapping_sub(last.sequence).wrapping_sub(1);
        self.last.insert(key, this);
        match missing {
            0 => Follows::Next,
            n => Follows::Missing(n),
        }
    }
}
