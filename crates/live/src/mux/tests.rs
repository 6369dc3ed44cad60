//! What is muxed is read by the house's own reader, and split by another crate's demultiplexer.

use bytes::BytesMut;
use proptest::prelude::*;
use truceline_domain::{Body, FeedId, SourceId};
use truceline_intake::{Context, Format, Item, decoder};

use super::*;
use crate::play::ts::{Demuxer, Piece};

/// ST 0601 with tags 2 (time stamp), 65 (version) and 1 (sum, right).
fn klv(time_us: u64) -> Vec<u8> {
    let mut packet = vec![
        0x06, 0x0E, 0x2B, 0x34, 0x02, 0x0B, 0x01, 0x01, 0x0E, 0x01, 0x03, 0x01, 0x01, 0, 0, 0, 17,
        2, 8,
    ];
    packet.extend(time_us.to_be_bytes());
    packet.extend([65, 1, 19, 1, 2]);
    let sum = packet.iter().enumerate().fold(0_u16, |sum, (i, b)| {
        sum.wrapping_add(u16::from(*b) << (8 * ((i + 1) % 2)))
    });
    packet.extend(sum.to_be_bytes());
    packet
}

fn times(stream: &[u8]) -> (Vec<i64>, Vec<String>) {
    let context = Context {
        feed: FeedId::new("f").unwrap(),
        source: SourceId::new("s").unwrap(),
    };
    let mut reader = decoder(Format::Fmv, context);
    let (mut times, mut faults) = (Vec::new(), Vec::new());
    let mut sink = |item: Item| match item {
        Item::Observation(o) if matches!(o.body, Body::FmvMetadata(_)) => {
            times.push(o.observed.unwrap().unix_us());
        }
        Item::Fault(f) => faults.push(f.to_string()),
        _ => {}
    };
    reader.push(stream, &mut sink);
    reader.finish(&mut sink);
    (times, faults)
}

#[test]
fn klv_of_both_carriages_is_read_back() {
    for carriage in [Carried::KlvSync, Carried::KlvAsync] {
        let mut muxer = Muxer::new(&[Carried::H264, carriage]);
        let mut out = BytesMut::new();
        let mut sent = Vec::new();
        for n in 0..50_u64 {
            let picture = [
                &[0, 0, 0, 1, if n == 0 { 0x65 } else { 0x41 }][..],
                &[0x88; 700],
            ]
            .concat();
            let pts_90k = 90_000 + n * 3600;
            muxer.write(
                0,
                Unit {
                    pts_90k,
                    dts_90k: None,
                    data: &picture,
                },
                &mut out,
            );
            let time_us = 1_600_000_000_000_000 + n * 40_000;
            sent.push(time_us as i64);
            muxer.write(
                1,
                Unit {
                    pts_90k,
                    dts_90k: None,
                    data: &klv(time_us),
                },
                &mut out,
            );
        }
        assert_eq!(out.len() % 188, 0);
        let (read, faults) = times(&out);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(read, sent, "{carriage:?}");
    }
}

proptest! {
    #[test]
    fn access_units_come_out_as_they_went_in(
        sizes in prop::collection::vec(1_usize..2000, 1..30),
        start_90k in prop::sample::select(vec![0_u64, 90_000, TIME_MASK_90K - 20_000]),
        h265: bool,
    ) {
        let carried = if h265 { Carried::H265 } else { Carried::H264 };
        let mut muxer = Muxer::new(&[carried, Carried::KlvAsync]);
        let mut out = BytesMut::new();
        let mut sent = Vec::new();
        for (n, size) in sizes.iter().enumerate() {
            let mut data = if h265 { vec![0, 0, 0, 1, 0x46, 1, 0x50] } else { vec![0, 0, 0, 1, 9, 0xF0] };
            data.extend([0, 0, 1, 0x41]);
            data.extend((0..*size).map(|i| (i % 250) as u8 | 4));
            let pts_90k = (start_90k + n as u64 * 3600) & TIME_MASK_90K;
            let dts = n.is_multiple_of(2).then_some(pts_90k.wrapping_sub(1800) & TIME_MASK_90K);
            muxer.write(0, Unit { pts_90k, dts_90k: dts, data: &data }, &mut out);
            muxer.write(1, Unit { pts_90k, dts_90k: None, data: &data }, &mut out);
            sent.push((0_usize, pts_90k, data.clone()));
            sent.push((1, pts_90k, data));
        }
        prop_assert!(out.len().is_multiple_of(188));
        let mut demuxer = Demuxer::default();
        let mut pieces = Vec::new();
        for piece in out.chunks(1316) {
            demuxer.push(piece, &mut |p: Piece| pieces.push((p.stream, p.pts_90k.unwrap(), p.data.to_vec())));
        }
        demuxer.finish(&mut |p: Piece| pieces.push((p.stream, p.pts_90k.unwrap(), p.data.to_vec())));
        pieces.sort_by_key(|(stream, ..)| *stream);
        sent.sort_by_key(|(stream, ..)| *stream);
        prop_assert_eq!(pieces, sent);
    }
}
