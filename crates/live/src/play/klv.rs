//! The clock in a recorded stream's KLV: ST 0601 tag 2, microseconds since 1970 (MISB ST 0603), in
//! place within the transport packets, with the packet's sum (tag 1) made right again.

use super::ts::{Head, PACKET, PesHead};

/// The universal label of the UAS Datalink Local Set (ST 0601, 6.1).
const LABEL: [u8; 16] = [
    0x06, 0x0E, 0x2B, 0x34, 0x02, 0x0B, 0x01, 0x01, 0x0E, 0x01, 0x03, 0x01, 0x01, 0x00, 0x00, 0x00,
];
const TIME_STAMP: u64 = 2;
const SUM: u64 = 1;

/// The payload of one PES packet, and where in the stream each of its bytes is.
#[derive(Default)]
struct Payload {
    bytes: Vec<u8>,
    at: Vec<usize>,
}

/// The first time stamp of the stream.
pub(crate) fn first_time_us(stream: &[u8]) -> Option<i64> {
    let mut found = None;
    each_payload(stream, &mut |payload| {
        if let Some(set) = set_of(&payload.bytes)
            && let Some(at) = set.time
        {
            found = time_at(&payload.bytes, at);
        }
        found.is_some()
    });
    found
}

/// Moves every time stamp by so much.
pub(crate) fn shift(stream: &mut [u8], by_us: i64) {
    let mut changed: Vec<(usize, u8)> = Vec::new();
    each_payload(stream, &mut |payload| {
        let Payload { bytes, at } = payload;
        let mut from = 0;
        while let Some(set) = bytes.get(from..).and_then(set_of) {
            shift_set(bytes, from, &set, by_us);
            let end = from + set.end;
            for (byte, at) in bytes.iter().zip(at.iter()).take(end).skip(from) {
                changed.push((*at, *byte));
            }
            from = end;
        }
        false
    });
    for (at, byte) in changed {
        if let Some(place) = stream.get_mut(at) {
            *place = byte;
        }
    }
}

/// Calls for the payload of each PES packet that holds the label, until told to stop.
fn each_payload(stream: &[u8], on: &mut dyn FnMut(&mut Payload) -> bool) {
    let mut open: std::collections::BTreeMap<u16, Payload> = std::collections::BTreeMap::new();
    for (index, packet) in stream.chunks_exact(PACKET).enumerate() {
        let Some(head) = Head::read(packet) else {
            continue;
        };
        let mut from = head.payload;
        if head.starts {
            if let Some(mut done) = open.remove(&head.pid)
                && on(&mut done)
            {
                return;
            }
            let pes = packet.get(from..).unwrap_or_default();
            let Some(pes_head) = PesHead::read(pes).filter(|_| holds_metadata(pes)) else {
                continue;
            };
            open.insert(head.pid, Payload::default());
            from += pes_head.data;
        }
        if let Some(payload) = open.get_mut(&head.pid) {
            let data = packet.get(from..).unwrap_or_default();
            payload.bytes.extend_from_slice(data);
            let first = index * PACKET + from;
            payload.at.extend(first..first + data.len());
        }
    }
    for (_, mut done) in open {
        if on(&mut done) {
            return;
        }
    }
}

/// Private data and metadata streams (ISO/IEC 13818-1, table 2-22).
fn holds_metadata(pes: &[u8]) -> bool {
    matches!(pes.get(3), Some(0xBD | 0xFC))
}

/// A local set: where it is and where two of its items are, from the bytes' beginning.
struct Set {
    label: usize,
    time: Option<usize>,
    sum: Option<usize>,
    end: usize,
}

fn set_of(bytes: &[u8]) -> Option<Set> {
    let label = memchr::memmem::find(bytes, &LABEL)?;
    let (len, len_bytes) = ber_length(bytes.get(label + 16..)?)?;
    let body = label + 16 + len_bytes;
    let end = body.checked_add(len).filter(|end| *end <= bytes.len())?;
    let mut set = Set {
        label,
        time: None,
        sum: None,
        end,
    };
    let mut at = body;
    while at < end {
        let (tag, tag_bytes) = ber_oid(bytes.get(at..end)?)?;
        let (len, len_bytes) = ber_length(bytes.get(at + tag_bytes..end)?)?;
        let value = at + tag_bytes + len_bytes;
        match (tag, len) {
            (TIME_STAMP, 8) => set.time = Some(value),
            (SUM, 2) => set.sum = Some(value),
            _ => {}
        }
        at = value.checked_add(len)?;
    }
    Some(set)
}

fn time_at(bytes: &[u8], at: usize) -> Option<i64> {
    let stated = u64::from_be_bytes(*bytes.get(at..)?.first_chunk::<8>()?);
    i64::try_from(stated).ok()
}

fn shift_set(bytes: &mut [u8], from: usize, set: &Set, by_us: i64) {
    let Some(bytes) = bytes.get_mut(from..) else {
        return;
    };
    let Some(at) = set.time else { return };
    let Some(stated) = time_at(bytes, at) else {
        return;
    };
    // A sum that did not fit is left wrong: a fault of the recording is played too.
    let fitted = set
        .sum
        .is_some_and(|at| sum(bytes, set.label, at) == read_sum(bytes, at));
    let moved = stated.saturating_add(by_us).max(0).to_be_bytes();
    if let Some(place) = bytes.get_mut(at..at + 8) {
        place.copy_from_slice(&moved);
    }
    if let (true, Some(at)) = (fitted, set.sum) {
        let right = sum(bytes, set.label, at).to_be_bytes();
        if let Some(place) = bytes.get_mut(at..at + 2) {
            place.copy_from_slice(&right);
        }
    }
}

fn read_sum(bytes: &[u8], at: usize) -> u16 {
    match bytes.get(at..at + 2) {
        Some(&[high, low]) => u16::from_be_bytes([high, low]),
        _ => 0,
    }
}

/// The running sum of 16-bit words from the label to the sum's length (ST 0601, 7.1).
fn sum(bytes: &[u8], from: usize, to: usize) -> u16 {
    let covered = bytes.get(from..to).unwrap_or_default();
    covered.chunks(2).fold(0, |sum: u16, word| match *word {
        [high, low] => sum.wrapping_add(u16::from_be_bytes([high, low])),
        [high] => sum.wrapping_add(u16::from(high) << 8),
        _ => sum,
    })
}

/// A length (SMPTE ST 336): the value, and how many bytes it takes.
fn ber_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.first()?;
    if first & 0x80 == 0 {
        return Some((usize::from(first), 1));
    }
    let count = usize::from(first & 0x7F);
    if count == 0 || count > 4 {
        return None;
    }
    let value = bytes.get(1..=count)?;
    let len = value.iter().fold(0, |len, b| len << 8 | usize::from(*b));
    Some((len, 1 + count))
}

/// A tag (BER OID): the value, and how many bytes it takes.
fn ber_oid(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut tag = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        tag = tag << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some((tag, index + 1));
        }
    }
    None
}
