//! The parsers that read what strangers send, for the fuzz targets; nothing else should use them.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::mux::{Carried, Muxer, Unit};
use crate::play::ts::Demuxer;
use crate::rtp::depacketize::Depacketizer;
use crate::rtp::reorder::Order;
use crate::rtp::{header, packetize::packetize};
use crate::rtsp::message;
use crate::rtsp::sdp::ParameterSets;

/// An RTSP connection's bytes; further, a session description.
pub fn rtsp(bytes: &[u8]) {
    let mut came = BytesMut::from(bytes);
    while let Ok(Some(_)) = message::next(&mut came) {}
    let _ = ParameterSets::read(&String::from_utf8_lossy(bytes), 96);
}

/// RTP packets, each with its length in one byte before it: put in order, then assembled.
pub fn rtp(mut bytes: &[u8]) {
    let mut order = Order::new(Duration::ZERO);
    let kinds = [Carried::H264, Carried::H265, Carried::KlvSync];
    let mut depacketizers = kinds.map(Depacketizer::new);
    while let Some((&len, rest)) = bytes.split_first() {
        let (packet, after) = rest.split_at(rest.len().min(usize::from(len)));
        bytes = after;
        let Some((head, payload)) = header::read(packet) else {
            continue;
        };
        let payload = Bytes::copy_from_slice(payload);
        let mut given = Vec::new();
        order.push(head.sequence, payload, Instant::now(), &mut |p| {
            given.push(p)
        });
        for payload in given {
            for depacketizer in &mut depacketizers {
                let lost = head.payload_type & 1 == 1;
                depacketizer.push(head.timestamp, head.marker, lost, &payload, &mut |_| {});
            }
        }
    }
}

/// Access units, each with a length in two bytes before it: muxed, split again, and held to be the
/// same; then the bytes themselves as a transport stream, split and packetized.
///
/// # Panics
/// When what comes out is not what went in.
pub fn mux(bytes: &[u8]) {
    let mut muxer = Muxer::new(&[Carried::KlvAsync]);
    let mut out = BytesMut::new();
    let mut sent = Vec::new();
    let mut rest = bytes;
    while let [high, low, after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low]) % 2048);
        let (data, more) = after.split_at(after.len().min(len));
        if !data.is_empty() {
            let pts_90k = sent.len() as u64 * 3600;
            let unit = Unit {
                pts_90k,
                dts_90k: None,
                data,
            };
            muxer.write(0, unit, &mut out);
            sent.push(data.to_vec());
        }
        rest = more;
    }
    let mut came = Vec::new();
    let mut demuxer = Demuxer::default();
    demuxer.push(&out, &mut |p| came.push(p.data.to_vec()));
    demuxer.finish(&mut |p| came.push(p.data.to_vec()));
    assert_eq!(came, sent, "access units through muxer and demuxer");
    let mut demuxer = Demuxer::default();
    let mut pieces = Vec::new();
    demuxer.push(bytes, &mut |p| pieces.push(p));
    demuxer.finish(&mut |p| pieces.push(p));
    for piece in pieces {
        let _ = packetize(piece.carried, &piece.data);
    }
}

/// An address, whose password must not be told.
pub fn address(text: &str) {
    let _ = text.parse::<crate::Source>();
}
