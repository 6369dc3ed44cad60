//! Transport packets in a run of bytes: finding them, keeping step, finding them again.
//!
//! ISO/IEC 13818-1 §2.4.3.2: a packet has 188 bytes and begins with 0x47. Recorders keep them bare
//! (188), behind a four-byte arrival time (192: BDAV, M2TS) or before sixteen bytes of
//! Reed-Solomon parity (204: DVB).
//!
//! A sync byte alone proves nothing, since 0x47 occurs in payloads. Lock is taken on five in step;
//! once locked, a single corrupt sync byte costs its one packet. A packet is handed on only when
//! the byte after it is known to be in step (or the feed has ended), so that a packet whose tail was
//! cut out of the feed is not glued to the head of the next.

use mpeg2ts_reader::packet::Packet;

use crate::MAX_FAULT_BYTES;

/// Strides of packets in files, bytes; the commonest first.
const STRIDES: [usize; 3] = [188, 192, 204];
/// Bytes of the arrival time before a packet of 192.
const MAX_LEAD: usize = 4;
/// The longest of them.
const MAX_STRIDE: usize = 204;
/// So many sync bytes in step are asked for at the beginning: by chance one in 2^32 places of random
/// bytes has them after a first.
const FIRST_LOCK: usize = 5;
/// So many are asked for after a slip to another phase, when the stride is known.
const NEXT_LOCK: usize = 3;
/// So many are asked for where the next packet is due anyway.
const SAME_PHASE_LOCK: usize = 2;

/// What a run of bytes holds.
pub(super) enum Framed {
    /// A whole packet; `offset` is where a cut before it would fall.
    Packet {
        offset: u64,
        bytes: [u8; Packet::SIZE],
    },
    /// Bytes out of step; of `length`, at most [`MAX_FAULT_BYTES`] are kept.
    Garbage {
        offset: u64,
        length: u64,
        bytes: Vec<u8>,
    },
    /// The feed ended within a packet.
    Truncated { offset: u64, bytes: Vec<u8> },
}

/// Keeps step.
#[derive(Default)]
pub(super) struct Framer {
    pending: Vec<u8>,
    /// Offset of `pending[0]` in the feed.
    base: u64,
    /// Where in `pending` reading goes on: at the sync byte when in step, else where to search.
    at: usize,
    /// Once found it holds for the whole feed.
    form: Option<Form>,
    in_step: bool,
    skipped: Skipped,
}

#[derive(Clone, Copy)]
struct Form {
    stride: usize,
    /// Bytes of the packet's record before its sync byte.
    lead: usize,
    /// Offset of the last sync byte that was in step.
    phase: u64,
}

#[derive(Default)]
struct Skipped {
    offset: u64,
    length: u64,
    bytes: Vec<u8>,
}

impl Framer {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        // What stands before the sync byte in hand belongs to its record.
        let lead = self.form.filter(|_| self.in_step).map_or(0, |f| f.lead);
        let done = self.at.saturating_sub(lead);
        self.pending.drain(..done);
        self.base += done as u64;
        self.at -= done;
        self.pending.extend_from_slice(bytes);
    }

    /// The stride in use, bytes; `None` before the first lock.
    pub(super) fn stride(&self) -> Option<usize> {
        self.form.map(|f| f.stride)
    }

    /// The next thing found; `None` when more bytes are needed, or, with `ended`, when all is told.
    pub(super) fn next(&mut self, ended: bool) -> Option<Framed> {
        loop {
            if !self.in_step {
                if !self.search(ended) {
                    return if ended { self.take_skipped() } else { None };
                }
                if let Some(garbage) = self.take_skipped() {
                    return Some(garbage);
                }
            }
            let form = self.form?;
            if self.pending.len() < self.at + form.stride + 1 && !ended {
                return None;
            }
            if self.pending.len() < self.at + Packet::SIZE {
                return self.take_tail(form);
            }
            match self.pending.get(self.at + form.stride) {
                Some(&Packet::SYNC_BYTE) | None => {}
                Some(_) => {
                    // Out of step after this packet. Was its own tail cut out?
                    if self.pending.len() < self.at + 3 * form.stride + 1 && !ended {
                        return None;
                    }
                    self.in_step = false;
                    let slipped = (self.at + 1..self.at + form.stride)
                        .any(|i| self.locks(i, form.stride, NEXT_LOCK, false));
                    if slipped {
                        let from = self.at - form.lead.min(self.at);
                        self.skip(from, self.at + 1);
                        continue;
                    }
                }
            }
            return Some(self.take_packet(form));
        }
    }

    fn take_packet(&mut self, mut form: Form) -> Framed {
        let mut bytes = [0; Packet::SIZE];
        bytes.copy_from_slice(&self.pending[self.at..self.at + Packet::SIZE]);
        let sync = self.base + self.at as u64;
        form.phase = sync;
        self.form = Some(form);
        // The search after a lost step begins with the next record, not with its sync byte.
        let next = self.at + form.stride - if self.in_step { 0 } else { form.lead };
        self.at = next.min(self.pending.len());
        Framed::Packet {
            offset: sync - form.lead as u64,
            bytes,
        }
    }

    /// At the end of the feed: less than a packet is left.
    fn take_tail(&mut self, form: Form) -> Option<Framed> {
        let from = self.at - form.lead.min(self.at);
        let tail = self.pending.get(from..).unwrap_or_default().to_vec();
        let offset = self.base + from as u64;
        self.at = self.pending.len();
        self.in_step = false;
        // Parity or part of an arrival time after the last packet is no packet.
        (tail.len() > form.lead).then_some(Framed::Truncated {
            offset,
            bytes: tail,
        })
    }

    /// Moves `at` to a sync byte in step, over bytes that are not; false when none is to be had yet.
    fn search(&mut self, ended: bool) -> bool {
        let mut i = self.at;
        loop {
            let look = match self.form {
                Some(form) => (NEXT_LOCK - 1) * form.stride + 1,
                None => (FIRST_LOCK - 1) * MAX_STRIDE + 1,
            };
            if i >= self.pending.len() || (!ended && self.pending.len() < i + look) {
                // The next sync byte's record may begin before it.
                let held = if ended { 0 } else { MAX_LEAD };
                self.skip(self.at, i.saturating_sub(held));
                return false;
            }
            if let Some(form) = self.form_at(i, ended) {
                let from = i - form.lead.min(i - self.at);
                self.skip(self.at, from);
                self.form = Some(form);
                self.at = i;
                self.in_step = true;
                return true;
            }
            i += 1;
        }
    }

    /// The form of the packet whose sync byte may be at `i`.
    fn form_at(&self, i: usize, ended: bool) -> Option<Form> {
        if self.pending.get(i) != Some(&Packet::SYNC_BYTE) {
            return None;
        }
        let here = self.base + i as u64;
        if let Some(form) = self.form {
            let due = (here.wrapping_sub(form.phase)) % form.stride as u64 == 0;
            let wanted = if due { SAME_PHASE_LOCK } else { NEXT_LOCK };
            return self.locks(i, form.stride, wanted, ended).then_some(Form {
                phase: here,
                ..form
            });
        }
        STRIDES
            .into_iter()
            .find(|&stride| self.locks(i, stride, FIRST_LOCK, ended))
            .map(|stride| Form {
                stride,
                lead: if stride == 192 {
                    here.min(MAX_LEAD as u64) as usize
                } else {
                    0
                },
                phase: here,
            })
    }

    /// Whether `wanted` sync bytes stand in step from `i`. At the end of the feed those it still has
    /// room for are enough, when the first packet is whole.
    fn locks(&self, i: usize, stride: usize, wanted: usize, ended: bool) -> bool {
        let mut seen = 0;
        for k in 0..wanted {
            match self.pending.get(i + k * stride) {
                Some(&Packet::SYNC_BYTE) => seen += 1,
                Some(_) => return false,
                None => break,
            }
        }
        seen == wanted || (ended && seen > 0 && i + Packet::SIZE <= self.pending.len())
    }

    fn skip(&mut self, from: usize, to: usize) {
        if to > from {
            if self.skipped.length == 0 {
                self.skipped.offset = self.base + from as u64;
            }
            self.skipped.length += (to - from) as u64;
            let room = MAX_FAULT_BYTES.saturating_sub(self.skipped.bytes.len());
            let keep = &self.pending[from..to];
            self.skipped
                .bytes
                .extend_from_slice(&keep[..keep.len().min(room)]);
        }
        self.at = self.at.max(to);
    }

    fn take_skipped(&mut self) -> Option<Framed> {
        let skipped = std::mem::take(&mut self.skipped);
        (skipped.length > 0).then_some(Framed::Garbage {
            offset: skipped.offset,
            length: skipped.length,
            bytes: skipped.bytes,
        })
    }
}

/// Whether `head` has packets in step from its first record on, for as long as it lasts.
pub(super) fn is_transport_stream(head: &[u8]) -> bool {
    // Text can have 'G' in step; no transport stream is without a zero byte for long.
    if !head.contains(&0) {
        return false;
    }
    STRIDES.into_iter().any(|stride| {
        (0..stride.min(head.len())).any(|first| {
            let due = (head.len() - first).div_ceil(stride);
            let wanted = due.min(FIRST_LOCK);
            let enough = wanted >= 3 || (first <= 4 && head.len() >= first + Packet::SIZE);
            enough && (0..wanted).all(|k| head.get(first + k * stride) == Some(&Packet::SYNC_BYTE))
        })
    })
}
