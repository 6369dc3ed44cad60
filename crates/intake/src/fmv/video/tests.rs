use super::*;

/// Feeds a stream in pieces of `step` bytes as one PES packet each `packet` bytes.
fn look(codec: Codec, packets: &[Vec<u8>], step: usize) -> (Counts, Vec<u64>) {
    let mut video = Video::new(codec);
    let mut cuts = Vec::new();
    for (n, packet) in packets.iter().enumerate() {
        video.start(Entry {
            cut_offset: n as u64,
            pts_90k: None,
            dts_90k: None,
        });
        for piece in packet.chunks(step) {
            video.take(piece, &mut |f| entries(f, &mut cuts));
        }
    }
    video.finish(&mut |f| entries(f, &mut cuts));
    (video.counts(), cuts)
}

fn entries(found: Found, cuts: &mut Vec<u64>) {
    if let Found::Entry(entry) = found {
        cuts.push(entry.cut_offset);
    }
}

fn stream(units: &[&[u8]]) -> Vec<u8> {
    units
        .iter()
        .flat_map(|u| [&[0, 0, 0, 1], *u].concat())
        .collect()
}

const AUD: &[u8] = &[0x09, 0xF0];
const SPS: &[u8] = &[0x67, 1, 2];
const PPS: &[u8] = &[0x68, 1];
const IDR: &[u8] = &[0x65, 0x88, 9, 9];
const IDR_SECOND_SLICE: &[u8] = &[0x65, 0x40, 9, 9];
const P: &[u8] = &[0x41, 0x9A, 7];
const RECOVERY: &[u8] = &[0x06, 0x06, 0x01, 0xC4, 0x80];

#[test]
fn h264_units_and_entries_do_not_depend_on_the_pieces() {
    let packets = [
        stream(&[AUD, SPS, PPS, IDR, IDR_SECOND_SLICE]),
        stream(&[AUD, P]),
        stream(&[AUD, P]),
        stream(&[AUD, SPS, PPS, RECOVERY, P]),
        // Without parameter sets nobody can begin here.
        stream(&[AUD, IDR]),
        // Two in one packet: the second is no place to cut.
        stream(&[P, SPS, PPS, IDR]),
    ];
    for step in [1, 2, 3, 5, 7, 1000] {
        let (counts, cuts) = look(Codec::H264, &packets, step);
        assert_eq!(counts.access_units, 7, "step {step}");
        assert_eq!(counts.random_access_points, 4, "step {step}");
        assert_eq!(cuts, [0, 3], "step {step}");
    }
}

#[test]
fn hevc_irap_types_are_random_access_points() {
    let slice = |kind: u8, first: bool| vec![kind << 1, 1, if first { 0x80 } else { 0x20 }, 5];
    let parameters: [&[u8]; 3] = [&[32 << 1, 1, 0], &[33 << 1, 1, 0], &[34 << 1, 1, 0]];
    for kind in [16, 19, 20, 21, 23] {
        let (irap, more, trail) = (slice(kind, true), slice(kind, false), slice(1, true));
        let first = stream(&[parameters[0], parameters[1], parameters[2], &irap, &more]);
        let packets = [first, stream(&[&[35 << 1, 1, 0x50], &trail])];
        let (counts, cuts) = look(Codec::Hevc, &packets, 4);
        assert_eq!((counts.access_units, counts.random_access_points), (2, 1));
        assert_eq!(cuts, [0]);
    }
}

#[test]
fn mpeg2_begins_at_a_sequence_header() {
    let picture = |kind: u8| vec![0, 0, kind << 3, 0];
    let (intra, predicted) = (picture(1), picture(2));
    let packets = [
        stream(&[&[0xB3, 1, 1], &[0xB8, 0], &intra, &[0x01, 5]]),
        stream(&[&predicted, &[0x01, 5]]),
        stream(&[&intra]),
    ];
    let (counts, cuts) = look(Codec::Mpeg2, &packets, 3);
    assert_eq!((counts.access_units, counts.random_access_points), (3, 1));
    assert_eq!(cuts, [0]);
}

#[test]
fn misp_time_stamps_are_counted() {
    let mut sei = vec![0x06, 5, 28];
    sei.extend(b"MISPmicrosectime");
    sei.extend([
        0x1F, 0x00, 0x04, 0xFF, 0x59, 0xF4, 0xFF, 0xA6, 0xAA, 0xFF, 0x4A, 0xA8, 0x80,
    ]);
    let mut broken = sei.clone();
    broken[22] = 1;
    let packets = [stream(&[AUD, &sei, P]), stream(&[AUD, &broken, P])];
    for step in [1, 9, 1000] {
        let (counts, _) = look(Codec::H264, &packets, step);
        assert_eq!(counts.misp_time_stamps, 1);
        assert_eq!(counts.misp_time_stamps_malformed, 1);
    }
}

#[test]
fn hostile_messages_end() {
    for bytes in [
        &[0x06][..],
        &[6, 255, 255, 255],
        &[6, 5, 255, 255],
        &[6, 5, 200, 1],
    ] {
        look(Codec::H264, &[stream(&[bytes])], 2);
    }
}
