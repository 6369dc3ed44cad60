//! How metadata travels: PES payloads to KLV packets (MISB ST 1402).
//!
//! A synchronous stream's payload is a row of access-unit cells, an asynchronous one's is KLV itself. What a stream is
//! announced as is believed unless its payloads say otherwise.

use truceline_domain::FmvCarriage;
use truceline_klv::carriage::{
    CELL_HEADER_BYTES, Fragment, MetadataCell, Reassembly, metadata_cells,
};
use truceline_klv::key::LABEL_PREFIX;

use super::outlet::Outlet;
use super::packets::{Found, Origin, Packets};
use super::statements::{Instant, Statements};
use crate::FaultKind;

/// A PES packet without a declared length is read in parts of this size.
const MAX_PES_BYTES: usize = 1 << 18;
/// So many transport packets of one PES packet are told apart by their offsets.
const MAX_MARKS: usize = 1 << 14;
/// Unlabelled private data that is not KLV in so many packets is something else.
const TRIES: u8 = 3;

/// One metadata stream.
pub(super) struct Metadata {
    /// As announced; `None` when the payload has yet to show whether it is KLV at all.
    carriage: Option<FmvCarriage>,
    failed_tries: u8,
    pes: PesPayload,
    packets: Packets,
    cells: Cells,
    pub(super) statements: Statements,
}

/// The payload of the PES packet in hand.
#[derive(Default)]
struct PesPayload {
    bytes: Vec<u8>,
    /// Position in `bytes` and offset in the feed of the transport packet that brought it.
    marks: Vec<(usize, u64)>,
    pts_90k: Option<u64>,
    /// Its beginning was lost.
    headless: bool,
}

/// Access units in cells.
#[derive(Default)]
struct Cells {
    join: Reassembly,
    /// Where the access unit in hand began.
    first: Option<Origin>,
    last_number: Option<u8>,
    /// Loss was told by other means.
    torn: bool,
}

impl Metadata {
    pub(super) fn new(carriage: Option<FmvCarriage>, pid: u16, program: u16) -> Self {
        Self {
            carriage,
            failed_tries: 0,
            pes: PesPayload::default(),
            packets: Packets::default(),
            cells: Cells::default(),
            statements: Statements::new(pid, program),
        }
    }

    pub(super) fn carriage(&self) -> Option<FmvCarriage> {
        self.carriage
    }

    /// A table announces it after all.
    pub(super) fn adopt(&mut self, carriage: Option<FmvCarriage>, program: u16) {
        self.carriage = carriage.or(self.carriage);
        self.statements.adopt(program);
    }

    /// It is no metadata after all.
    pub(super) fn is_hopeless(&self) -> bool {
        self.carriage.is_none() && self.failed_tries >= TRIES
    }

    /// A PES packet begins.
    pub(super) fn start(&mut self, pts_90k: Option<u64>) {
        self.pes = PesPayload {
            pts_90k,
            ..PesPayload::default()
        };
    }

    /// Bytes of it, from the transport packet at `offset`.
    pub(super) fn data(
        &mut self,
        offset: u64,
        bytes: &[u8],
        now: Instant,
        out: &mut Outlet<'_, '_>,
    ) {
        if self.pes.bytes.len() + bytes.len() > MAX_PES_BYTES {
            self.read(now, out);
            self.pes.bytes.clear();
            self.pes.marks.clear();
        }
        if self.pes.marks.len() < MAX_MARKS {
            self.pes.marks.push((self.pes.bytes.len(), offset));
        }
        self.pes.bytes.extend_from_slice(bytes);
    }

    /// The PES packet ends; `missing` bytes that it declared did not come.
    pub(super) fn end(&mut self, missing: usize, now: Instant, out: &mut Outlet<'_, '_>) {
        self.read(now, out);
        if missing > 0 {
            self.tear("the rest of its PES packet did not come", now, out);
        }
        self.pes = PesPayload::default();
    }

    /// Transport packets were lost. `same_pes`: what follows still belongs to the PES packet in hand.
    pub(super) fn lose(&mut self, same_pes: bool, now: Instant, out: &mut Outlet<'_, '_>) {
        self.read(now, out);
        self.tear("transport packets are missing", now, out);
        self.pes = PesPayload {
            pts_90k: self.pes.pts_90k.filter(|_| same_pes),
            headless: true,
            ..PesPayload::default()
        };
    }

    /// The stream ends.
    pub(super) fn finish(&mut self, now: Instant, out: &mut Outlet<'_, '_>) {
        let Self {
            packets,
            carriage,
            statements,
            ..
        } = self;
        let carriage = carriage.unwrap_or(FmvCarriage::Async);
        packets.end("the stream ends", &mut |f| {
            statements.found(f, carriage, now, out);
        });
    }

    fn tear(&mut self, why: &str, now: Instant, out: &mut Outlet<'_, '_>) {
        let Self {
            packets,
            carriage,
            statements,
            cells,
            ..
        } = self;
        let carriage = carriage.unwrap_or(FmvCarriage::Async);
        packets.tear(why, &mut |f| statements.found(f, carriage, now, out));
        cells.tear(why, out);
    }

    /// Reads the payload in hand.
    fn read(&mut self, now: Instant, out: &mut Outlet<'_, '_>) {
        let pes = &self.pes;
        if pes.bytes.is_empty() {
            return;
        }
        let is_klv = pes.bytes.starts_with(&LABEL_PREFIX);
        let has_cells = !is_klv && begins_with_cell(&pes.bytes);
        let carriage = match self.carriage {
            Some(carriage) => carriage,
            None if is_klv => FmvCarriage::Async,
            None if has_cells => FmvCarriage::Sync,
            None => {
                self.failed_tries += 1;
                return;
            }
        };
        self.carriage = Some(carriage);
        let in_cells = has_cells || (carriage == FmvCarriage::Sync && !is_klv);
        let Self {
            packets,
            statements,
            cells,
            ..
        } = self;
        let mut on =
            |f: Found<'_>, out: &mut Outlet<'_, '_>| statements.found(f, carriage, now, out);
        if in_cells && !pes.headless {
            cells.read(pes, packets, &mut on, out);
            return;
        }
        if is_klv && packets.is_within_packet() {
            packets.end("another begins", &mut |f| on(f, out));
        }
        // In a row of cells whose beginning was lost, packets are found by their keys, with the cells' headers between.
        let in_row = pes.headless && carriage == FmvCarriage::Sync;
        packets.tolerated = if in_row { CELL_HEADER_BYTES } else { 0 };
        pes.feed(0, pes.bytes.len(), packets);
        packets.read(&mut |f| on(f, out));
        if carriage == FmvCarriage::Sync {
            packets.end("its access unit ends", &mut |f| on(f, out));
        }
    }
}

/// Whether the payload begins with a cell that holds the start of KLV.
fn begins_with_cell(payload: &[u8]) -> bool {
    payload
        .get(CELL_HEADER_BYTES..)
        .is_some_and(|p| p.starts_with(&LABEL_PREFIX))
}

impl PesPayload {
    fn origin(&self, at: usize) -> Origin {
        let i = self.marks.partition_point(|(from, _)| *from <= at);
        let offset = self
            .marks
            .get(i.saturating_sub(1))
            .map_or(0, |(_, offset)| *offset);
        Origin {
            offset,
            pts_90k: self.pts_90k,
        }
    }

    /// Hands bytes on with the offsets of the transport packets that brought them.
    fn feed(&self, from: usize, to: usize, packets: &mut Packets) {
        let mut at = from;
        let first = self.marks.partition_point(|(mark, _)| *mark <= from);
        for &(mark, _) in self.marks[first..]
            .iter()
            .take_while(|(mark, _)| *mark < to)
        {
            packets.extend(&self.bytes[at..mark], self.origin(at));
            at = mark;
        }
        packets.extend(&self.bytes[at..to], self.origin(at));
    }
}

impl Cells {
    fn read(
        &mut self,
        pes: &PesPayload,
        packets: &mut Packets,
        on: &mut dyn FnMut(Found<'_>, &mut Outlet<'_, '_>),
        out: &mut Outlet<'_, '_>,
    ) {
        let mut read_to = 0;
        for cell in metadata_cells(&pes.bytes) {
            let cell = match cell {
                Ok(cell) => cell,
                Err(e) => {
                    let rest = &pes.bytes[read_to..];
                    if rest.iter().any(|&b| b != 0 && b != 0xFF) {
                        let message = format!("a metadata access-unit cell is cut short: {e}");
                        let offset = pes.origin(read_to).offset;
                        out.fault(FaultKind::Truncated, offset, message, rest);
                    }
                    return;
                }
            };
            read_to = cell.offset + cell.data.len();
            let origin = pes.origin(cell.offset);
            self.check_number(&cell, origin, out);
            self.check_order(&cell, origin, out);
            if cell.fragment == Fragment::First {
                self.first = Some(origin);
            }
            match cell.fragment {
                Fragment::Whole => pes.feed(cell.offset, read_to, packets),
                _ => match self.join.push(&cell).unit {
                    Some(unit) => packets.extend(unit, self.first.take().unwrap_or(origin)),
                    None => continue,
                },
            }
            packets.read(&mut |f| on(f, out));
            packets.end("its access unit ends", &mut |f| on(f, out));
        }
    }

    /// Cells are numbered; some encoders write the same number always.
    fn check_number(&mut self, cell: &MetadataCell<'_>, origin: Origin, out: &mut Outlet<'_, '_>) {
        let last = self.last_number.replace(cell.sequence_number);
        let torn = std::mem::take(&mut self.torn);
        let Some(last) = last else { return };
        let missing = cell.sequence_number.wrapping_sub(last).wrapping_sub(1);
        // A step back is a repetition, which shows in the packets.
        if !torn && (1..128).contains(&missing) {
            let message = format!(
                "{missing} metadata cells are missing by their own numbers ({last}, then {})",
                cell.sequence_number
            );
            out.fault(FaultKind::Missing, origin.offset, message, &[]);
        }
    }

    /// Tells of an access unit in parts that was not ended, and of a part that belongs to none.
    fn check_order(&mut self, cell: &MetadataCell<'_>, origin: Origin, out: &mut Outlet<'_, '_>) {
        let starts = matches!(cell.fragment, Fragment::First | Fragment::Whole);
        match (starts, self.first) {
            (true, Some(first)) => {
                self.first = None;
                let message = "a metadata access unit has no last cell".to_owned();
                out.fault(FaultKind::Truncated, first.offset, message, &[]);
            }
            (false, None) => {
                let message =
                    "a metadata cell continues an access unit that has no first".to_owned();
                out.fault(FaultKind::Truncated, origin.offset, message, cell.data);
            }
            _ => {}
        }
    }

    fn tear(&mut self, why: &str, out: &mut Outlet<'_, '_>) {
        self.torn = true;
        self.join = Reassembly::default();
        if let Some(first) = self.first.take() {
            let message = format!("a metadata access unit is cut short: {why}");
            out.fault(FaultKind::Truncated, first.offset, message, &[]);
        }
    }
}
