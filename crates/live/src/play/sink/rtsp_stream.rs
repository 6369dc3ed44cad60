//! A transport stream as the streams of an RTSP session: H.264, H.265 and KLV in RTP.

use std::collections::BTreeMap;

use super::Packet;
use crate::mux::{Carried, NalUnits, nal_kind};
use crate::play::recording::Recording;
use crate::play::ts::{Demuxer, Piece};
use crate::rtp::header::{self, Header};
use crate::rtp::packetize::packetize;
use crate::rtsp::sdp::{FIRST_PAYLOAD_TYPE, Media, ParameterSets};

/// So much of a recording is read to find its parameter sets.
const LOOK_AT_BYTES: usize = 8 * 1024 * 1024;

/// Packetizes as the bytes come.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) media: Vec<Media>,
    /// The SSRC of the first stream; those after it count on.
    pub(super) ssrc: u32,
    numbers: Vec<u16>,
    demuxer: Demuxer,
    last_90k: u32,
}

impl Stream {
    /// Finds what a recording carries.
    pub(super) fn describe(recording: &Recording) -> Result<Self, String> {
        let mut demuxer = Demuxer::default();
        let mut found: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        let mut looked_at = 0;
        for bytes in recording.head() {
            looked_at += bytes.len();
            demuxer.push(&bytes, &mut |piece| parameters(&piece, &mut found));
            let carried = demuxer.streams();
            let complete = !carried.is_empty()
                && carried
                    .iter()
                    .enumerate()
                    .all(|(i, c)| !c.is_video() || found.contains_key(&i));
            if complete || looked_at > LOOK_AT_BYTES {
                break;
            }
        }
        let media: Vec<_> = demuxer
            .streams()
            .into_iter()
            .enumerate()
            .map(|(index, carried)| Media {
                carried,
                parameters: ParameterSets::new(found.remove(&index).unwrap_or_default()),
            })
            .collect();
        if media.is_empty() {
            return Err("the recording has neither H.264, H.265 nor KLV".to_owned());
        }
        Ok(Self {
            numbers: media.iter().map(|_| fastrand::u16(..)).collect(),
            media,
            ssrc: fastrand::u32(..u32::MAX - 16),
            demuxer: Demuxer::default(),
            last_90k: 0,
        })
    }

    /// The packets of the access units that these bytes end.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Packet> {
        let mut pieces = Vec::new();
        self.demuxer.push(bytes, &mut |piece| pieces.push(piece));
        pieces.iter().flat_map(|p| self.packets(p)).collect()
    }

    /// The packets of the access units that the recording's end ends.
    pub(super) fn finish(&mut self) -> Vec<Packet> {
        let mut pieces = Vec::new();
        self.demuxer.finish(&mut |piece| pieces.push(piece));
        pieces.iter().flat_map(|p| self.packets(p)).collect()
    }

    fn packets(&mut self, piece: &Piece) -> Vec<Packet> {
        // RTP's 32 bits of 90 kHz are the lower ones of the transport stream's 33.
        let timestamp = piece.pts_90k.map_or(self.last_90k, |pts| pts as u32);
        self.last_90k = timestamp;
        let payloads = packetize(piece.carried, &piece.data);
        let last = payloads.len().saturating_sub(1);
        let Some(number) = self.numbers.get_mut(piece.stream) else {
            return Vec::new();
        };
        let stream = u8::try_from(piece.stream).unwrap_or(0);
        payloads
            .iter()
            .enumerate()
            .map(|(index, payload)| {
                *number = number.wrapping_add(1);
                let header = Header {
                    marker: index == last,
                    payload_type: FIRST_PAYLOAD_TYPE + stream,
                    sequence: *number,
                    timestamp,
                    ssrc: self.ssrc + u32::from(stream),
                };
                Packet {
                    stream: piece.stream,
                    bytes: [&header::write(&header)[..], payload].concat().into(),
                }
            })
            .collect()
    }
}

/// Keeps the first parameter sets of each stream.
fn parameters(piece: &Piece, found: &mut BTreeMap<usize, Vec<Vec<u8>>>) {
    let h265 = match piece.carried {
        Carried::H264 => false,
        Carried::H265 => true,
        Carried::KlvSync | Carried::KlvAsync => return,
    };
    if found.contains_key(&piece.stream) {
        return;
    }
    let sets: Vec<_> = NalUnits::new(&piece.data)
        .filter(|unit| {
            matches!(
                (h265, nal_kind(unit, h265)),
                (false, Some(7 | 8)) | (true, Some(32..=34))
            )
        })
        .map(<[u8]>::to_vec)
        .collect();
    if !sets.is_empty() {
        found.insert(piece.stream, sets);
    }
}
