//! Whole access units put together for those who watch, beside what [`super::Video`] looks at anyway.
//!
//! **Where an access unit ends** is known for certain only when the next begins: one frame late. Most streams have one
//! access unit a PES packet, whose end shows at once: by its declared length, or, where none is declared, by stuffing in the
//! adaptation field of its last transport packet (ISO/IEC 13818-1 §2.4.3.5: the only way to end a PES packet there). Neither
//! proves that the access unit ends too, so each stream has to show it first: after [`HABIT`] such ends that were each
//! followed by a new access unit, without one that was not, an access unit is handed on at once. One exception ends this for
//! the rest of the stream, and costs one damaged picture.

use super::Entry;

/// An access unit is not gathered beyond this; one of the largest H.264 level in use (5.2) has at most 7 MiB.
const MAX_BYTES: usize = 8 << 20;
/// Bytes of a unit's length before it.
const LENGTH: usize = 4;
/// So many confirmed ends make a habit.
const HABIT: u8 = 8;

/// Puts access units together. Holds at most [`MAX_BYTES`].
#[derive(Default)]
pub(super) struct Gather {
    /// Units, each behind its length; the last may be in progress.
    bytes: Vec<u8>,
    /// Where the unit in progress has its length.
    unit_at: Option<usize>,
    /// Bytes of the access unit in hand are missing.
    damaged: bool,
    hint: Hint,
    confirmed: u8,
    refuted: bool,
}

/// What became of the last sign that an access unit ends.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Hint {
    #[default]
    None,
    /// It was given.
    Given,
    /// A PES packet began after it.
    Started,
}

/// One access unit's bytes.
#[derive(Debug, Default)]
pub(in crate::fmv) struct Gathered {
    pub(in crate::fmv) units: Vec<u8>,
    pub(in crate::fmv) damaged: bool,
    pub(in crate::fmv) random_access: bool,
    pub(in crate::fmv) pes: Option<Entry>,
    pub(in crate::fmv) begins_pes: bool,
}

impl Gather {
    /// A unit begins.
    pub(super) fn begin_unit(&mut self) {
        self.end_unit();
        self.unit_at = Some(self.bytes.len());
        self.bytes.extend([0; LENGTH]);
    }

    /// Bytes of the unit in progress.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        if self.unit_at.is_none() {
            return;
        }
        if self.bytes.len() + bytes.len() > MAX_BYTES {
            self.end_unit();
            self.damaged = true;
            return;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends the unit in progress: no unit ends with a zero byte (ITU-T H.264 §7.4.1), so such are of the next start code.
    pub(super) fn end_unit(&mut self) {
        let Some(at) = self.unit_at.take() else {
            return;
        };
        let from = at + LENGTH;
        let last = self
            .bytes
            .get(from..)
            .and_then(|unit| unit.iter().rposition(|&b| b != 0));
        let Some(last) = last else {
            self.bytes.truncate(at);
            return;
        };
        self.bytes.truncate(from + last + 1);
        // MAX_BYTES is far below 2^32.
        let length = u32::try_from(last + 1).unwrap_or(u32::MAX);
        if let Some(field) = self.bytes.get_mut(at..from) {
            field.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// The unit in progress begins another access unit: gives what came before it.
    pub(super) fn split(&mut self) -> Gathered {
        let at = self.unit_at.unwrap_or(self.bytes.len());
        let rest = self.bytes.split_off(at);
        let units = std::mem::replace(&mut self.bytes, rest);
        self.unit_at = self.unit_at.map(|_| 0);
        Gathered {
            units,
            damaged: std::mem::take(&mut self.damaged),
            ..Gathered::default()
        }
    }

    /// What is gathered is damaged.
    pub(super) fn damage(&mut self) {
        self.damaged = true;
    }

    /// Bytes of the stream were lost.
    pub(super) fn lose(&mut self) {
        self.end_unit();
        self.damaged = true;
        self.hint = Hint::None;
    }

    /// A sign that the access unit in hand ends here. True when it may be believed.
    pub(super) fn hint(&mut self) -> bool {
        self.hint = Hint::Given;
        self.confirmed >= HABIT && !self.refuted
    }

    /// A PES packet begins.
    pub(super) fn start(&mut self) {
        if self.hint == Hint::Given {
            self.hint = Hint::Started;
        }
    }

    /// Bytes come in the same PES packet.
    pub(super) fn goes_on(&mut self) {
        if self.hint == Hint::Given {
            self.hint = Hint::None;
            self.refuted = true;
        }
    }

    /// A unit was looked at: whether it begins an access unit, and its PES packet.
    pub(super) fn looked_at(&mut self, begins_picture: bool, begins_pes: bool) {
        if self.hint == Hint::Started {
            self.hint = Hint::None;
            if begins_picture && begins_pes {
                self.confirmed = self.confirmed.saturating_add(1);
            } else {
                self.refuted = true;
            }
        }
    }
}
