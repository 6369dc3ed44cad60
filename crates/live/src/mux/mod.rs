//! Elementary streams into an MPEG transport stream (ISO/IEC 13818-1 = Rec. ITU-T H.222.0; KLV by
//! MISB ST 1402), so that the rest of the house sees one form whatever carried the pictures.
//!
//! Without loss: every byte of every access unit is in the stream. What is added besides headers:
//! start codes and an access unit delimiter before a picture that has none, which the standard
//! demands (2.14.1 for H.264, 2.17.1 for H.265), and around synchronous KLV the cells of ST 1402.
//!
//! ```text
//! PID 0x0000 PAT   0x1000 PMT   0x0100, 0x0101, … the streams in the order they were named
//! ```
//!
//! The clock reference (PCR) runs on the first stream, 700 ms behind its decoding times, and never
//! goes back; tables are repeated at random-access points and every 100 ms (ETSI TR 101 290, 1.3).

mod annex_b;
mod packet;
mod psi;
#[cfg(test)]
mod tests;

pub(crate) use annex_b::{NalUnits, is_random_access, nal_kind};

use bytes::BytesMut;

use packet::{Packets, Pcr};

/// Time stamps have 33 bits.
pub const TIME_MASK_90K: u64 = (1 << 33) - 1;
const PMT_PID: u16 = 0x1000;
const FIRST_PID: u16 = 0x0100;
/// How far the clock reference is behind, 90 kHz: what a decoder's buffer may hold.
const BEHIND_90K: u64 = 63_000;
const TABLES_EVERY_90K: u64 = 9_000;
/// A leap of the times by more is a new timeline: the clock reference follows.
const LEAP_90K: u64 = 90_000;

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// H.264 in Annex B form (stream type 0x1B).
    H264,
    /// H.265 in Annex B form (stream type 0x24).
    H265,
    /// KLV in access-unit cells (stream type 0x15, ST 1402 synchronous).
    KlvSync,
    /// KLV as it is (stream type 0x06 registered as KLVA, ST 1402 asynchronous).
    KlvAsync,
}

impl Carried {
    /// Whether it carries pictures.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::H264 | Self::H265)
    }
}

/// One access unit: a picture with all its NAL units, or KLV packets of one instant.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// When it is shown, 90 kHz; more than 33 bits are cut off.
    pub pts_90k: u64,
    /// When it is decoded, where that is another time and known.
    pub dts_90k: Option<u64>,
    /// Annex B bytes, or KLV.
    pub data: &'a [u8],
}

/// Writes one program.
#[derive(Debug)]
pub struct Muxer {
    streams: Vec<Stream>,
    packets: Packets,
    tables: psi::Tables,
    /// When the tables were last written, by the first stream's time.
    tables_at_90k: Option<u64>,
    /// The last clock reference, 90 kHz.
    pcr_90k: Option<u64>,
}

#[derive(Debug)]
struct Stream {
    carried: Carried,
    pid: u16,
    /// The next cell's number.
    cell: u8,
}

impl Muxer {
    /// For streams in this order; at most 16, further ones are left out.
    #[must_use]
    pub fn new(streams: &[Carried]) -> Self {
        let streams: Vec<_> = (FIRST_PID..FIRST_PID + 16)
            .zip(streams)
            .map(|(pid, carried)| Stream {
                carried: *carried,
                pid,
                cell: 0,
            })
            .collect();
        let announced: Vec<_> = streams.iter().map(|s| (s.pid, s.carried)).collect();
        Self {
            tables: psi::Tables::new(PMT_PID, &announced),
            streams,
            packets: Packets::default(),
            tables_at_90k: None,
            pcr_90k: None,
        }
    }

    /// Appends an access unit of a stream. One of a stream that was not named is left out.
    pub fn write(&mut self, stream: usize, unit: Unit<'_>, out: &mut BytesMut) {
        let Some(Stream { carried, pid, cell }) = self.streams.get_mut(stream) else {
            return;
        };
        let (carried, pid) = (*carried, *pid);
        let number = *cell;
        if carried == Carried::KlvSync {
            *cell = cell.wrapping_add(1);
        }
        let decoded_90k = unit.dts_90k.unwrap_or(unit.pts_90k) & TIME_MASK_90K;
        let random_access = match carried {
            Carried::H264 => is_random_access(unit.data, false),
            Carried::H265 => is_random_access(unit.data, true),
            Carried::KlvSync | Carried::KlvAsync => false,
        };
        let due = self.tables_at_90k.is_none_or(|at| {
            let since = decoded_90k.wrapping_sub(at) & TIME_MASK_90K;
            since >= TABLES_EVERY_90K
        });
        if due || random_access {
            self.tables_at_90k = Some(decoded_90k);
            self.tables.write(&mut self.packets, out);
        }
        let pcr = (stream == 0).then(|| self.clock(decoded_90k));
        let head = packet::pes_header(
            carried,
            unit.pts_90k & TIME_MASK_90K,
            unit.dts_90k.map(|dts| dts & TIME_MASK_90K),
            &prefix(carried, number, unit.data),
            unit.data.len(),
        );
        self.packets
            .write(pid, &head, unit.data, random_access, pcr, out);
    }

    /// The clock reference for a decoding time: behind it, and never going back but for a leap.
    fn clock(&mut self, decoded_90k: u64) -> Pcr {
        let wanted = decoded_90k.wrapping_sub(BEHIND_90K) & TIME_MASK_90K;
        let before = self.pcr_90k.unwrap_or(wanted);
        let ahead = wanted.wrapping_sub(before) & TIME_MASK_90K;
        let back = before.wrapping_sub(wanted) & TIME_MASK_90K;
        let leapt = ahead.min(back) > LEAP_90K;
        // Pictures shown out of order have decoding times that are only guessed from their PTS.
        let now = if back < ahead && !leapt {
            before
        } else {
            wanted
        };
        self.pcr_90k = Some(now);
        Pcr {
            base_90k: now,
            leapt,
        }
    }
}

/// What stands before an access unit's own bytes.
fn prefix(carried: Carried, number: u8, data: &[u8]) -> Vec<u8> {
    match carried {
        Carried::H264 => annex_b::delimiter(data, false).to_vec(),
        Carried::H265 => annex_b::delimiter(data, true).to_vec(),
        Carried::KlvAsync => Vec::new(),
        // Metadata service 0, whole unit in one cell, a random-access point (ST 1402, 9.4.1).
        Carried::KlvSync => {
            let [high, low] = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
            vec![0, number, 0xDF, high, low]
        }
    }
}
