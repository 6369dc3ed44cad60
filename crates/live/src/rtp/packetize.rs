//! Access units into RTP payloads: H.264 (RFC 6184, non-interleaved mode: single NAL units and
//! FU-A), H.265 (RFC 7798: single NAL units and FU), KLV (RFC 6597).

use bytes::Bytes;

use crate::mux::{Carried, NalUnits};

/// Payloads stay below what Ethernet carries with IPv6, UDP and RTP headers.
pub(crate) const MAX_PAYLOAD: usize = 1400;

/// The payloads of an access unit, in order; the last gets the marker.
pub(crate) fn packetize(carried: Carried, data: &[u8]) -> Vec<Bytes> {
    match carried {
        Carried::H264 => NalUnits::new(data).flat_map(h264).collect(),
        Carried::H265 => NalUnits::new(data).flat_map(h265).collect(),
        Carried::KlvSync | Carried::KlvAsync => data
            .chunks(MAX_PAYLOAD)
            .map(Bytes::copy_from_slice)
            .collect(),
    }
}

/// FU-A (RFC 6184, 5.8): an indicator of type 28 with the unit's NRI, a header with its type.
fn h264(unit: &[u8]) -> Vec<Bytes> {
    match unit {
        [] => Vec::new(),
        _ if unit.len() <= MAX_PAYLOAD => vec![Bytes::copy_from_slice(unit)],
        [first, body @ ..] => fragments(&[first & 0xE0 | 28], first & 0x1F, body),
    }
}

/// FU (RFC 7798, 4.4.3): a header of type 49 with the unit's layer, another with its type.
fn h265(unit: &[u8]) -> Vec<Bytes> {
    match unit {
        [] => Vec::new(),
        _ if unit.len() <= MAX_PAYLOAD => vec![Bytes::copy_from_slice(unit)],
        [first, second, body @ ..] => {
            fragments(&[first & 0x81 | 49 << 1, *second], first >> 1 & 0x3F, body)
        }
        _ => Vec::new(),
    }
}

fn fragments(head: &[u8], kind: u8, body: &[u8]) -> Vec<Bytes> {
    let size = MAX_PAYLOAD - head.len() - 1;
    let count = body.len().div_ceil(size);
    body.chunks(size)
        .enumerate()
        .map(|(index, part)| {
            let start = u8::from(index == 0) << 7;
            let end = u8::from(index + 1 == count) << 6;
            [head, &[start | end | kind], part].concat().into()
        })
        .collect()
}
