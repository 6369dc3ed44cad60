//! Transport packets and PES headers (ISO/IEC 13818-1, 2.4.3.2 to 2.4.3.7).

use std::collections::BTreeMap;

use bytes::{BufMut as _, BytesMut};

use super::Carried;

const PACKET: usize = 188;
const SYNC: u8 = 0x47;

/// A clock reference to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pcr {
    pub(super) base_90k: u64,
    /// It does not continue the one before.
    pub(super) leapt: bool,
}

/// Writes packets and counts them by PID.
#[derive(Debug, Default)]
pub(super) struct Packets {
    counters: BTreeMap<u16, u8>,
}

impl Packets {
    /// A PES packet in as many transport packets as it takes; random-access mark and clock
    /// reference stand in the first.
    pub(super) fn write(
        &mut self,
        pid: u16,
        head: &[u8],
        data: &[u8],
        random_access: bool,
        pcr: Option<Pcr>,
        out: &mut BytesMut,
    ) {
        let mut parts = (head, data);
        let mut field = adaptation(random_access, pcr);
        let mut start = true;
        while start || parts.0.len() + parts.1.len() > 0 {
            let room = PACKET - 4 - field.len();
            let left = parts.0.len() + parts.1.len();
            stuff(&mut field, room.saturating_sub(left));
            let room = PACKET - 4 - field.len();
            self.header(pid, start, !field.is_empty(), out);
            out.extend_from_slice(&field);
            let (first, rest) = parts.0.split_at(parts.0.len().min(room));
            let (second, after) = parts.1.split_at(parts.1.len().min(room - first.len()));
            out.extend_from_slice(first);
            out.extend_from_slice(second);
            parts = (rest, after);
            field.clear();
            start = false;
        }
    }

    /// A table's section, which fits into one packet.
    pub(super) fn section(&mut self, pid: u16, section: &[u8], out: &mut BytesMut) {
        let end = out.len() + PACKET;
        self.header(pid, true, false, out);
        out.put_u8(0);
        out.extend_from_slice(section);
        out.resize(end, 0xFF);
    }

    fn header(&mut self, pid: u16, start: bool, has_field: bool, out: &mut BytesMut) {
        let counter = self.counters.entry(pid).or_insert(0);
        out.put_u8(SYNC);
        out.put_u16(u16::from(start) << 14 | pid);
        out.put_u8(if has_field { 0x30 } else { 0x10 } | *counter);
        *counter = (*counter + 1) & 0x0F;
    }
}

/// The adaptation field, length first; empty when nothing is to be said.
fn adaptation(random_access: bool, pcr: Option<Pcr>) -> Vec<u8> {
    if !random_access && pcr.is_none() {
        return Vec::new();
    }
    let leapt = pcr.is_some_and(|p| p.leapt);
    let flags = u8::from(leapt) << 7 | u8::from(random_access) << 6 | u8::from(pcr.is_some()) << 4;
    let mut field = vec![0, flags];
    if let Some(Pcr { base_90k, .. }) = pcr {
        // 33 bits of 90 kHz, six reserved, nine of 27 MHz that are zero.
        let bits = base_90k << 15 | 0x7E00;
        field.extend(bits.to_be_bytes().into_iter().skip(2));
    }
    seal(&mut field);
    field
}

/// Lengthens the field by so many bytes.
fn stuff(field: &mut Vec<u8>, by: usize) {
    for _ in 0..by {
        // A field of one byte is its length alone; the second byte are its flags.
        field.push(if field.len() == 1 { 0 } else { 0xFF });
    }
    if let Some(first) = field.first_mut() {
        *first = 0;
    }
    seal(field);
}

fn seal(field: &mut [u8]) {
    let len = u8::try_from(field.len().saturating_sub(1)).unwrap_or(u8::MAX);
    if let Some(first) = field.first_mut() {
        *first = len;
    }
}

/// A PES header and what stands before the access unit's own bytes.
pub(super) fn pes_header(
    carried: Carried,
    pts_90k: u64,
    dts_90k: Option<u64>,
    prefix: &[u8],
    data_len: usize,
) -> Vec<u8> {
    let stream_id = match carried {
        Carried::H264 | Carried::H265 => 0xE0,
        Carried::KlvSync => 0xFC,
        Carried::KlvAsync => 0xBD,
    };
    let dts = dts_90k.filter(|dts| *dts != pts_90k);
    let times_len: u8 = if dts.is_some() { 10 } else { 5 };
    let len = 3 + usize::from(times_len) + prefix.len() + data_len;
    // Zero, «not said», is for video only; longer KLV than a PES packet holds has no other way.
    let len = if carried.is_video() {
        0
    } else {
        u16::try_from(len).unwrap_or(0)
    };
    let mut head = vec![0, 0, 1, stream_id];
    head.extend(len.to_be_bytes());
    // Marker bits 10, data alignment; PTS and DTS flags; how long what follows is.
    head.extend([0x84, if dts.is_some() { 0xC0 } else { 0x80 }, times_len]);
    head.extend(time(if dts.is_some() { 3 } else { 2 }, pts_90k));
    if let Some(dts) = dts {
        head.extend(time(1, dts));
    }
    head.extend_from_slice(prefix);
    head
}

/// A time stamp in five bytes, its parts followed by marker bits.
fn time(mark: u64, at_90k: u64) -> [u8; 5] {
    let bits = mark << 36
        | (at_90k >> 30 & 0x7) << 33
        | 1 << 32
        | (at_90k >> 15 & 0x7FFF) << 17
        | 1 << 16
        | (at_90k & 0x7FFF) << 1
        | 1;
    let [_, _, _, a, b, c, d, e] = bits.to_be_bytes();
    [a, b, c, d, e]
}
