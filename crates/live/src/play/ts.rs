//! A recorded transport stream to access units (ISO/IEC 13818-1, 2.4.3 and 2.4.4), as far as a
//! player needs it: the first program's pictures and KLV.
//!
//! What is damaged is left out without a word: a recording is played as it is, and the intake's own
//! reader is the one that judges streams.

use bytes::{Bytes, BytesMut};

use crate::mux::Carried;

/// A transport packet.
pub(crate) const PACKET: usize = 188;
const SYNC: u8 = 0x47;
/// The longest access unit.
const MAX_UNIT: usize = 16 * 1024 * 1024;
const MAX_SECTION: usize = 1024;
const MAX_STREAMS: usize = 16;

/// One access unit of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Which stream, counted in the order of the program's table.
    pub(crate) stream: usize,
    pub(crate) carried: Carried,
    pub(crate) pts_90k: Option<u64>,
    pub(crate) data: Bytes,
}

/// A packet's header, and where its parts are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) pid: u16,
    pub(crate) starts: bool,
    /// Where the payload begins; the packet's length when it has none.
    pub(crate) payload: usize,
    /// Whether it has an adaptation field with flags.
    pub(crate) has_flags: bool,
}

impl Head {
    /// Reads a packet of 188 bytes; `None` when it is damaged.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        let &[sync, b1, b2, b3, ref rest @ ..] = packet else {
            return None;
        };
        if sync != SYNC || b1 & 0x80 != 0 || packet.len() != PACKET {
            return None;
        }
        let field_len = if b3 & 0x20 != 0 {
            1 + usize::from(*rest.first()?)
        } else {
            0
        };
        let payload = if b3 & 0x10 != 0 {
            4 + field_len
        } else {
            PACKET
        };
        (4 + field_len <= PACKET).then_some(Self {
            pid: u16::from_be_bytes([b1 & 0x1F, b2]),
            starts: b1 & 0x40 != 0,
            payload,
            has_flags: field_len > 1,
        })
    }

    /// Where the clock reference's six bytes are, when the packet has one.
    pub(crate) fn pcr_at(&self, packet: &[u8]) -> Option<usize> {
        let flags = packet.get(5).filter(|_| self.has_flags)?;
        let room = packet.get(4).is_some_and(|len| *len >= 7);
        (flags & 0x10 != 0 && room).then_some(6)
    }
}

/// Where a PES header's parts are, from the packet's first byte of payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PesHead {
    /// Length of what follows the length field; zero when not said.
    len: usize,
    /// Where PTS and DTS are.
    pub(crate) pts_at: Option<usize>,
    pub(crate) dts_at: Option<usize>,
    /// Where the payload begins.
    pub(crate) data: usize,
}

impl PesHead {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let &[0, 0, 1, id, l0, l1, mark, flags, header_len, ..] = bytes else {
            return None;
        };
        // Padding, directories and the like have no such header.
        if mark & 0xC0 != 0x80 || matches!(id, 0xBC | 0xBE | 0xBF | 0xF0..=0xF2 | 0xF8 | 0xFF) {
            return None;
        }
        let has_pts = flags & 0x80 != 0 && header_len >= 5;
        let has_dts = flags & 0xC0 == 0xC0 && header_len >= 10;
        Some(Self {
            len: usize::from(u16::from_be_bytes([l0, l1])),
            pts_at: has_pts.then_some(9),
            dts_at: has_dts.then_some(14),
            data: 9 + usize::from(header_len),
        })
    }
}

/// A time stamp of five bytes.
pub(crate) fn read_time(bytes: &[u8], at: usize) -> Option<u64> {
    let &[a, b, c, d, e] = bytes.get(at..)?.first_chunk::<5>()?;
    let [a, b, c, d, e] = [a, b, c, d, e].map(u64::from);
    Some((a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}

/// Splits a stream as it comes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Demuxer {
    window: BytesMut,
    pmt_pid: Option<u16>,
    section: Vec<u8>,
    streams: Vec<Stream>,
}

#[derive(Debug, Clone)]
struct Stream {
    pid: u16,
    carried: Carried,
    pes: Vec<u8>,
}

impl Demuxer {
    /// Takes the next bytes and gives the access units that they end.
    pub(crate) fn push(&mut self, bytes: &[u8], give: &mut dyn FnMut(Piece)) {
        self.window.extend_from_slice(bytes);
        while self.window.len() >= PACKET {
            if self.window.first() != Some(&SYNC) {
                let skip = memchr::memchr(SYNC, &self.window).unwrap_or(self.window.len());
                drop(self.window.split_to(skip));
                continue;
            }
            let packet = self.window.split_to(PACKET);
            self.packet(&packet, give);
        }
    }

    /// The stream ends.
    pub(crate) fn finish(&mut self, give: &mut dyn FnMut(Piece)) {
        for (index, stream) in self.streams.iter_mut().enumerate() {
            stream.end(index, give);
        }
    }

    /// The streams of the program, once its table has come.
    pub(crate) fn streams(&self) -> Vec<Carried> {
        self.streams.iter().map(|s| s.carried).collect()
    }

    fn packet(&mut self, packet: &[u8], give: &mut dyn FnMut(Piece)) {
        let Some(head) = Head::read(packet) else {
            return;
        };
        let payload = packet.get(head.payload..).unwrap_or_default();
        if head.pid == 0 {
            if let Some(pid) = pmt_pid(payload).filter(|_| head.starts) {
                self.pmt_pid = Some(pid);
            }
        } else if Some(head.pid) == self.pmt_pid {
            self.table(head.starts, payload);
        } else if let Some(index) = self.streams.iter().position(|s| s.pid == head.pid)
            && let Some(stream) = self.streams.get_mut(index)
        {
            if head.starts {
                stream.end(index, give);
            } else if stream.pes.is_empty() {
                return;
            }
            if stream.pes.len() + payload.len() > MAX_UNIT {
                stream.pes.clear();
                return;
            }
            stream.pes.extend_from_slice(payload);
            if stream.is_whole() {
                stream.end(index, give);
            }
        }
    }

    fn table(&mut self, starts: bool, payload: &[u8]) {
        if starts {
            let pointer = payload.first().map_or(0, |p| usize::from(*p));
            self.section = payload.get(1 + pointer..).unwrap_or_default().to_vec();
        } else if !self.section.is_empty() && self.section.len() < MAX_SECTION {
            self.section.extend_from_slice(payload);
        }
        // A program's streams do not change within a recording that is worth playing.
        if self.streams.is_empty()
            && let Some(streams) = streams_of(&self.section)
        {
            self.streams = streams;
        }
    }
}

fn pmt_pid(payload: &[u8]) -> Option<u16> {
    let pointer = usize::from(*payload.first()?);
    let section = payload.get(1 + pointer..)?;
    let len = usize::from(u16::from_be_bytes([
        section.get(1)? & 0x0F,
        *section.get(2)?,
    ]));
    let programs = section.get(8..(3 + len).checked_sub(4)?)?;
    programs.chunks_exact(4).find_map(|p| match *p {
        [0, 0, ..] => None,
        [_, _, high, low] => Some(u16::from_be_bytes([high & 0x1F, low])),
        _ => None,
    })
}

/// The streams of a program's table, when it is whole.
fn streams_of(section: &[u8]) -> Option<Vec<Stream>> {
    if *section.first()? != 2 {
        return None;
    }
    let len = usize::from(u16::from_be_bytes([
        section.get(1)? & 0x0F,
        *section.get(2)?,
    ]));
    let body = section.get(..(3 + len).checked_sub(4)?)?;
    let info = usize::from(u16::from_be_bytes([body.get(10)? & 0x0F, *body.get(11)?]));
    let mut rest = body.get(12 + info..)?;
    let mut streams = Vec::new();
    while let &[kind, p0, p1, l0, l1, ref after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([l0 & 0x0F, l1]));
        let descriptors = after.get(..len)?;
        if let Some(carried) = carried(kind, descriptors)
            && streams.len() < MAX_STREAMS
        {
            let pid = u16::from_be_bytes([p0 & 0x1F, p1]);
            let pes = Vec::new();
            streams.push(Stream { pid, carried, pes });
        }
        rest = after.get(len..)?;
    }
    Some(streams)
}

fn carried(kind: u8, descriptors: &[u8]) -> Option<Carried> {
    match kind {
        0x1B => Some(Carried::H264),
        0x24 => Some(Carried::H265),
        0x15 => Some(Carried::KlvSync),
        0x06 if memchr::memmem::find(descriptors, b"KLVA").is_some() => Some(Carried::KlvAsync),
        _ => None,
    }
}

impl Stream {
    /// Whether the PES packet has all the bytes that it says it has.
    fn is_whole(&self) -> bool {
        PesHead::read(&self.pes).is_some_and(|head| head.len > 0 && self.pes.len() >= 6 + head.len)
    }

    fn end(&mut self, index: usize, give: &mut dyn FnMut(Piece)) {
        let pes = std::mem::take(&mut self.pes);
        let Some(head) = PesHead::read(&pes) else {
            return;
        };
        let end = if head.len > 0 {
            pes.len().min(6 + head.len)
        } else {
            pes.len()
        };
        let Some(mut data) = pes.get(head.data..end) else {
            return;
        };
        let cells;
        if self.carried == Carried::KlvSync {
            cells = without_cells(data);
            data = &cells;
        }
        if data.is_empty() {
            return;
        }
        give(Piece {
            stream: index,
            carried: self.carried,
            pts_90k: head.pts_at.and_then(|at| read_time(&pes, at)),
            data: Bytes::copy_from_slice(data),
        });
    }
}

/// The contents of a row of metadata access-unit cells (ISO/IEC 13818-1, 2.12.4).
fn without_cells(mut row: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(row.len());
    while let &[_, _, _, l0, l1, ref after @ ..] = row {
        let len = usize::from(u16::from_be_bytes([l0, l1])).min(after.len());
        let (cell, rest) = after.split_at(len);
        out.extend_from_slice(cell);
        row = rest;
    }
    out
}
