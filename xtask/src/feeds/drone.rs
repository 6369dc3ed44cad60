//! The drone's film moved to the day of the exercise: `drone.ts`.
//!
//! Only the precision time stamp (ST 0601 item 2) and the sum (item 1) of each metadata packet are written over
//! where they stand in the transport stream; nothing changes its length.

use truceline_klv::ber;
use truceline_klv::checksum::running_sum_16;

use super::sensors::unix_us;

const PACKET_BYTES: usize = 188;

/// The key of the UAS datalink local set (ST 0601).
const UAS_KEY: [u8; 16] = [
    0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0x00, 0x00, 0x00,
];

const ITEM_CHECKSUM: u32 = 1;
const ITEM_TIME_STAMP: u32 = 2;

/// The film's own beginning, 2026-03-14T09:30:00Z, and the exercise's, microseconds.
const FILMED_US: i64 = 1_773_480_600_000_000;
const SHOWN_S: f64 = 1_800.0;

/// # Errors
/// When the stream is no transport stream or has a metadata packet that cannot be followed.
pub(super) fn moved_to_the_exercise(stream: &[u8]) -> Result<Vec<u8>, String> {
    let mut moved = stream.to_vec();
    let mut packets = 0;
    for pid in pids(stream)? {
        let places = payload(stream, pid);
        let bytes: Vec<u8> = places.iter().map(|&at| stream[at]).collect();
        let starts = bytes
            .windows(UAS_KEY.len())
            .enumerate()
            .filter(|(_, w)| *w == UAS_KEY);
        for (start, _) in starts {
            move_packet(&bytes, start, &places, &mut moved)?;
            packets += 1;
        }
    }
    if packets == 0 {
        return Err("the film has no metadata".to_owned());
    }
    Ok(moved)
}

fn pids(stream: &[u8]) -> Result<Vec<u16>, String> {
    let mut pids = Vec::new();
    for (number, packet) in stream.chunks(PACKET_BYTES).enumerate() {
        let [0x47, high, low, _, ..] = *packet else {
            return Err(format!("packet {number} does not begin with 0x47"));
        };
        let pid = u16::from_be_bytes([high & 0x1f, low]);
        if !pids.contains(&pid) {
            pids.push(pid);
        }
    }
    Ok(pids)
}

/// Where in the stream the bytes of a PID's payload stand, in order.
fn payload(stream: &[u8], pid: u16) -> Vec<usize> {
    let mut places = Vec::new();
    for (number, packet) in stream.chunks_exact(PACKET_BYTES).enumerate() {
        if u16::from_be_bytes([packet[1] & 0x1f, packet[2]]) != pid || packet[3] & 0x10 == 0 {
            continue;
        }
        let adaptation = if packet[3] & 0x20 == 0 {
            0
        } else {
            1 + usize::from(packet[4])
        };
        let base = number * PACKET_BYTES;
        places.extend((base + 4 + adaptation).min(base + PACKET_BYTES)..base + PACKET_BYTES);
    }
    places
}

/// Writes a packet's new time stamp and sum. `places` tells where each of `bytes` stands in the stream.
fn move_packet(
    bytes: &[u8],
    start: usize,
    places: &[usize],
    stream: &mut [u8],
) -> Result<(), String> {
    let at = |e: &dyn std::fmt::Display| format!("metadata at byte {}: {e}", places[start]);
    let after_key = start + UAS_KEY.len();
    let (value_bytes, length_bytes) = ber::read_length(&bytes[after_key..]).map_err(|e| at(&e))?;
    let value = after_key + length_bytes;
    let end = value + value_bytes;
    let mut packet = bytes
        .get(start..end)
        .ok_or_else(|| at(&"it is cut off"))?
        .to_vec();
    let mut next = value - start;
    while next < packet.len() {
        let (tag, tag_bytes) = ber::read_oid(&packet[next..]).map_err(|e| at(&e))?;
        let (item_bytes, length_bytes) =
            ber::read_length(&packet[next + tag_bytes..]).map_err(|e| at(&e))?;
        let item = next + tag_bytes + length_bytes;
        next = item + item_bytes;
        match (tag, packet.get(item..next)) {
            (ITEM_TIME_STAMP, Some(&[a, b, c, d, e, f, g, h])) => {
                let filmed_us = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
                let shown_us = filmed_us - FILMED_US + unix_us(SHOWN_S);
                packet[item..next].copy_from_slice(&shown_us.to_be_bytes());
            }
            (ITEM_CHECKSUM, Some(&[_, _])) => {
                // Over everything from the key to the sum's own length.
                let sum = running_sum_16(&packet[..item]);
                packet[item..next].copy_from_slice(&sum.to_be_bytes());
            }
            (_, Some(_)) => {}
            (_, None) => return Err(at(&format!("item {tag} is cut off"))),
        }
    }
    for (byte, &place) in packet.iter().zip(&places[start..end]) {
        stream[place] = *byte;
    }
    Ok(())
}
