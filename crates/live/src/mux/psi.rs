//! The two tables (ISO/IEC 13818-1, 2.4.4), and how KLV is announced (MISB ST 1402, 9.4 and 9.5).

use bytes::BytesMut;

use super::Carried;
use super::packet::Packets;

const PROGRAM: u16 = 1;

/// Both sections, ready to be written.
#[derive(Debug)]
pub(super) struct Tables {
    pat: Vec<u8>,
    pmt_pid: u16,
    pmt: Vec<u8>,
}

impl Tables {
    pub(super) fn new(pmt_pid: u16, streams: &[(u16, Carried)]) -> Self {
        let mut pat = PROGRAM.to_be_bytes().to_vec();
        pat.extend((0xE000 | pmt_pid).to_be_bytes());
        let clock_pid = streams.first().map_or(0x1FFF, |(pid, _)| *pid);
        let mut pmt = (0xE000 | clock_pid).to_be_bytes().to_vec();
        pmt.extend([0xF0, 0]);
        for (pid, carried) in streams {
            let (stream_type, descriptors) = announced(*carried);
            pmt.push(stream_type);
            pmt.extend((0xE000 | pid).to_be_bytes());
            let len = u16::try_from(descriptors.len()).unwrap_or(0);
            pmt.extend((0xF000 | len).to_be_bytes());
            pmt.extend_from_slice(descriptors);
        }
        Self {
            pat: section(0x00, 1, &pat),
            pmt_pid,
            pmt: section(0x02, PROGRAM, &pmt),
        }
    }

    pub(super) fn write(&self, packets: &mut Packets, out: &mut BytesMut) {
        packets.section(0, &self.pat, out);
        packets.section(self.pmt_pid, &self.pmt, out);
    }
}

fn announced(carried: Carried) -> (u8, &'static [u8]) {
    match carried {
        Carried::H264 => (0x1B, &[]),
        Carried::H265 => (0x24, &[]),
        Carried::KlvAsync => (0x06, &[0x05, 4, b'K', b'L', b'V', b'A']),
        Carried::KlvSync => (
            0x15,
            &[
                // Metadata descriptor: application 0x0100, format by identifier KLVA, service 0,
                // no decoder configuration.
                0x26, 9, 0x01, 0x00, 0xFF, b'K', b'L', b'V', b'A', 0x00, 0x0F,
                // Metadata STD descriptor: leak rates and buffer size not said.
                0x27, 9, 0xC0, 0, 0, 0xC0, 0, 0, 0xC0, 0, 0,
            ],
        ),
    }
}

/// A section with its header and sum.
fn section(table: u8, id: u16, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 9).unwrap_or(0);
    let mut out = vec![table];
    out.extend((0xB000 | len).to_be_bytes());
    out.extend(id.to_be_bytes());
    // Version 0, current; section 0 of 0.
    out.extend([0xC1, 0, 0]);
    out.extend_from_slice(body);
    out.extend(crc32(&out).to_be_bytes());
    out
}

/// The sum of ISO/IEC 13818-1 annex A (CRC-32/MPEG-2): polynomial 0x04C11DB7, from all ones.
fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
            if sum >> 31 == 1 {
                sum << 1 ^ 0x04C1_1DB7
            } else {
                sum << 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_catalogue() {
        // CRC RevEng, CRC-32/MPEG-2: check value of "123456789".
        assert_eq!(crc32(b"123456789"), 0x0376_E6E7);
    }
}
