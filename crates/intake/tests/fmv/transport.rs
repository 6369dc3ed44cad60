//! What can be wrong with, or unusual about, a transport stream.

use truceline_domain::Checksum;
use truceline_intake::{FaultKind, Format};

use super::mux::{
    EPOCH_US, Extra, KLV, KLVA, Mux, PMT, Scene, Told, VIDEO, Way, cell, decode, klv, klv_of, pes,
    picture,
};

/// Offsets of the packets of `pid`.
fn packets_of(bytes: &[u8], pid: u16) -> Vec<usize> {
    (0..bytes.len() / 188)
        .map(|n| n * 188)
        .filter(|at| u16::from_be_bytes([bytes[at + 1] & 0x1F, bytes[at + 2]]) == pid)
        .collect()
}

fn good(told: &Told) {
    assert_eq!(told.kinds(), [], "{:#?}", told.faults());
}

#[test]
fn a_plain_scene_has_no_fault() {
    for way in [Way::Sync, Way::Async] {
        let mut scene = Scene::new(way, 90_000);
        let bytes = &scene.run(60).mux.out;
        assert_eq!(Format::recognise(bytes), Some(Format::Fmv));
        let told = decode(bytes);
        good(&told);
        assert_eq!(told.metadata().len(), 20);
        assert_eq!(told.cuts().len(), 6);
        assert_eq!(told.count("h264 access units (pid 256)"), 60);
        assert_eq!(told.count("random access points (pid 256)"), 6);
    }
}

#[test]
fn pts_are_unwrapped_over_the_turn() {
    let turn = 1 << 33;
    let first = turn - 30 * 3000;
    let mut scene = Scene::new(Way::Sync, first);
    let told = decode(&scene.run(60).mux.out);
    good(&told);
    let pts: Vec<_> = told
        .metadata()
        .iter()
        .map(|(_, m)| m.pts_90k.unwrap())
        .collect();
    let expected: Vec<_> = (0..20).map(|n| first + n * 9000).collect();
    assert_eq!(pts, expected);
    assert!(expected[19] > turn);
    let cuts: Vec<_> = told.cuts().iter().map(|c| c.pts_90k.unwrap()).collect();
    assert_eq!(cuts, (0..6).map(|n| first + n * 30_000).collect::<Vec<_>>());
    assert_eq!(told.count("last pts_90k (pid 256)"), first + 59 * 3000);
    // The time of a cut is carried over from the metadata before it.
    let observed = told.cuts()[4].observed.unwrap().unix_us() - EPOCH_US as i64;
    assert!((observed - 40 * 33_333).abs() < 100, "{observed}");
}

#[test]
fn a_missing_packet_is_told_and_costs_its_own() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    let mut bytes = scene.run(30).mux.out.clone();
    let at = packets_of(&bytes, KLV)[2];
    bytes.drain(at..at + 188);
    let told = decode(&bytes);
    assert_eq!(told.metadata().len(), 9);
    assert!(
        told.metadata()
            .iter()
            .all(|(_, m)| m.checksum == Checksum::Ok)
    );
    assert_eq!(told.count("continuity errors (pid 257)"), 1);
    assert_eq!(told.count("missing transport packets (pid 257)"), 1);
    let fault = told
        .faults()
        .into_iter()
        .find(|f| f.kind == FaultKind::Missing)
        .unwrap();
    assert!(
        fault.message.contains("pid 257: 1 transport packets"),
        "{fault}"
    );
    assert!(told.tally.faults.contains_key("missing"));

    let mut scene = Scene::new(Way::Async, 90_000);
    let mut bytes = scene.run(30).mux.out.clone();
    for at in packets_of(&bytes, VIDEO)[7..12].iter().rev() {
        bytes.drain(at..&(at + 188));
    }
    let told = decode(&bytes);
    assert_eq!(told.metadata().len(), 10);
    assert_eq!(told.kinds(), [FaultKind::Missing]);
    assert_eq!(told.count("missing transport packets (pid 256)"), 5);
}

#[test]
fn the_rest_of_a_row_survives_a_missing_packet() {
    let time = |n: u64| EPOCH_US + n * 1000;
    let row: Vec<u8> = (0..9).flat_map(|n| klv(time(n))).collect();
    let cells: Vec<u8> = (0..9)
        .flat_map(|n| cell(3, n as u8, &klv(time(n))))
        .collect();
    for (way, id, payload, pts) in [
        (Way::Async, 0xBD, row, None),
        (Way::Sync, 0xFC, cells, Some(90_000)),
    ] {
        let mut scene = Scene::new(way, 90_000);
        scene.tables();
        let whole = pes(id, pts, &payload, None);
        scene.mux.unit(KLV, &whole, Extra::default());
        let mut bytes = scene.mux.out.clone();
        let hit = packets_of(&bytes, KLV)[2];
        bytes.drain(hit..hit + 188);
        let told = decode(&bytes);
        // What lay in the third transport packet of 184 bytes is lost, and no more.
        let header = whole.len() - payload.len();
        let (from, to) = (2 * 184 - header, 3 * 184 - header);
        let one = payload.len() / 9;
        let expected: Vec<i64> = (0..9)
            .filter(|n| (n + 1) * one <= from || n * one >= to)
            .map(|n| n as i64 * 1000)
            .collect();
        assert!(expected.len() >= 6);
        assert_eq!(told.times_us(), expected, "{:#?}", told.faults());
        assert!(told.metadata().iter().all(|(_, m)| m.pts_90k == pts));
        let kinds = [
            FaultKind::Missing,
            FaultKind::Truncated,
            FaultKind::Truncated,
        ];
        assert_eq!(told.kinds(), kinds, "{:#?}", told.faults());
    }
}

#[test]
fn one_repetition_is_legal_more_are_told() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    let clean = scene.run(12).mux.out.clone();
    for pid in [0, PMT, VIDEO, KLV] {
        let at = packets_of(&clean, pid)[1];
        let again = |times: usize| {
            let repeated = clean[at..at + 188].repeat(times);
            decode(&[&clean[..at + 188], &repeated, &clean[at + 188..]].concat())
        };
        let told = again(1);
        good(&told);
        assert_eq!(
            told.count(&format!("repeated transport packets (pid {pid})")),
            1
        );
        assert_eq!(told.metadata().len(), 4);
        assert_eq!(told.count("h264 access units (pid 256)"), 12);
        let told = again(3);
        assert_eq!(told.kinds(), [FaultKind::Duplicate; 2]);
        assert_eq!(told.metadata().len(), 4);
    }
}

#[test]
fn an_announced_discontinuity_is_no_loss() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    scene.run(10);
    scene.mux.counters.insert(VIDEO, 3);
    let extra = Extra {
        discontinuity: true,
        pcr: Some(scene.pts - 9000),
    };
    let bytes = pes(0xE0, Some(scene.pts), &picture(false, 300), Some(0));
    scene.mux.unit(VIDEO, &bytes, extra);
    scene.step();
    let told = decode(&scene.run(10).mux.out);
    good(&told);
    assert_eq!(told.count("announced discontinuities (pid 256)"), 1);
    assert_eq!(told.count("continuity errors (pid 256)"), 0);
    assert_eq!(told.count("h264 access units (pid 256)"), 21);
}

#[test]
fn jumps_of_the_programmes_clock_are_told() {
    for jump in [600 * 90_000_i64, -30 * 90_000] {
        let mut scene = Scene::new(Way::Sync, 100 * 90_000);
        scene.run(30);
        scene.pts = scene.pts.wrapping_add_signed(jump);
        let told = decode(&scene.run(30).mux.out);
        let jumps: Vec<_> = told.faults();
        assert_eq!(told.kinds(), [FaultKind::ClockJump], "{jumps:#?}");
        assert!(jumps[0].message.contains("PCR"), "{}", jumps[0]);
        assert_eq!(told.metadata().len(), 20);
    }
}

#[test]
fn a_jump_of_pts_against_pcr_is_told() {
    let mut scene = Scene::new(Way::Async, 90_000);
    scene.run(9);
    let bytes = pes(
        0xE0,
        Some(scene.pts + 400_000),
        &picture(false, 50),
        Some(0),
    );
    scene.mux.unit(VIDEO, &bytes, Extra::default());
    scene.step();
    let told = decode(&scene.run(9).mux.out);
    assert_eq!(told.kinds(), [FaultKind::ClockJump]);
    assert!(told.faults()[0].message.contains("pid 256: PTS"));
}

#[test]
fn a_jump_of_the_metadatas_clock_is_told() {
    for way in [Way::Sync, Way::Async] {
        for jump in [7_000_000_i64, -7_000_000] {
            let mut scene = Scene::new(way, 90_000);
            scene.run(30);
            scene.us = scene.us.wrapping_add_signed(jump);
            let told = decode(&scene.run(30).mux.out);
            assert_eq!(told.kinds(), [FaultKind::ClockJump], "{:#?}", told.faults());
            assert!(told.faults()[0].message.contains("metadata's clock"));
            assert_eq!(told.metadata().len(), 20);
        }
    }
}

#[test]
fn a_clock_that_was_never_set_is_not_believed() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    scene.us = 5_000_000;
    let told = decode(&scene.run(12).mux.out);
    assert_eq!(told.kinds(), [FaultKind::Absurd]);
    assert_eq!(told.count("time stamps not believed (pid 257)"), 4);
    assert!(told.metadata().iter().all(|(o, _)| o.observed.is_none()));
}

#[test]
fn a_programme_may_change_its_streams() {
    let mut scene = Scene::new(Way::Async, 90_000);
    scene.run(10);
    scene
        .mux
        .pmt(PMT, 1, 1, VIDEO, &[(0x1B, VIDEO, &[]), (6, 300, KLVA)]);
    for n in 0..3 {
        let bytes = pes(0xBD, None, &klv(scene.us + n * 100_000), None);
        scene.mux.unit(300, &bytes, Extra::default());
    }
    let told = decode(&scene.mux.out);
    good(&told);
    let pids: Vec<_> = told.metadata().iter().map(|(_, m)| m.pid).collect();
    assert_eq!(pids, [257, 257, 257, 257, 300, 300, 300]);
    assert_eq!(told.count("klv packets (pid 257)"), 4);
    assert_eq!(told.count("klv packets (pid 300)"), 3);
}

#[test]
fn cuts_go_by_the_first_programmes_video() {
    let mut mux = Mux::new();
    let mut expected = Vec::new();
    for n in 0..40_u64 {
        let (pts, other_pts) = (90_000 + n * 3000, 5_000_000 + n * 3000);
        if n % 10 == 0 {
            expected.push(mux.out.len() as u64);
            mux.pat(0, &[(1, PMT), (2, PMT + 1)]);
            mux.pmt(PMT, 1, 0, VIDEO, &[(0x1B, VIDEO, &[]), (0x15, KLV, &[])]);
            mux.pmt(PMT + 1, 2, 0, 512, &[(0x24, 512, &[]), (6, 513, KLVA)]);
        }
        let extra = |pts: u64| Extra {
            pcr: Some(pts - 9000),
            discontinuity: false,
        };
        mux.unit(
            VIDEO,
            &pes(0xE0, Some(pts), &picture(n % 10 == 0, 200), Some(0)),
            extra(pts),
        );
        // HEVC: access unit delimiter, parameter sets, then a slice of a clean random access picture or a trailing one.
        let mut au = vec![0, 0, 1, 0x46, 1, 0x50];
        if n % 4 == 0 {
            au.extend([
                0, 0, 1, 0x40, 1, 9, 0, 0, 1, 0x42, 1, 9, 0, 0, 1, 0x44, 1, 9,
            ]);
        }
        au.extend([0, 0, 1, if n % 4 == 0 { 21 << 1 } else { 1 << 1 }, 1, 0x80]);
        au.extend([0xAA; 100]);
        mux.unit(
            512,
            &pes(0xE1, Some(other_pts), &au, Some(0)),
            extra(other_pts),
        );
        let us = EPOCH_US + n * 33_333;
        let eo = cell(3, n as u8, &klv_of(us, "EO"));
        mux.unit(KLV, &pes(0xFC, Some(pts), &eo, None), Extra::default());
        mux.unit(
            513,
            &pes(0xBD, Some(other_pts), &klv_of(us, "IR"), None),
            Extra::default(),
        );
    }
    let told = decode(&mux.out);
    good(&told);
    assert_eq!(
        told.cuts().iter().map(|c| c.offset).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(told.count("programs"), 2);
    assert_eq!(told.count("hevc access units (pid 512)"), 40);
    assert_eq!(told.count("random access points (pid 512)"), 10);
    let of = |program: u16, sensor: &str| {
        told.metadata()
            .iter()
            .filter(|(_, m)| m.program == program && m.st0601["image_source_sensor"] == sensor)
            .count()
    };
    assert_eq!((of(1, "EO"), of(2, "IR")), (40, 40));
    let second = told
        .metadata()
        .into_iter()
        .find(|(_, m)| m.program == 2)
        .unwrap();
    assert_eq!(second.1.pts_90k, Some(5_000_000));
}

#[test]
fn packets_of_192_and_204_bytes() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    let plain = scene.run(30).mux.out.clone();
    let expected = decode(&plain);
    for (lead, tail) in [(4, 0), (0, 16)] {
        let framed: Vec<u8> = plain
            .chunks(188)
            .flat_map(|p| [&vec![0x11; lead][..], p, &vec![0x22; tail]].concat())
            .collect();
        assert_eq!(Format::recognise(&framed), Some(Format::Fmv));
        let told = decode(&framed);
        good(&told);
        assert_eq!(
            told.count("bytes between transport packets"),
            (188 + lead + tail) as u64
        );
        let ids = |t: &Told| t.observations().map(|o| o.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&told), ids(&expected));
        for (cut, plain) in told.cuts().iter().zip(expected.cuts()) {
            assert_eq!(cut.offset, plain.offset / 188 * (188 + lead + tail) as u64);
        }
        let cut_short = decode(&framed[..framed.len() - 100]);
        assert_eq!(cut_short.kinds().first(), Some(&FaultKind::Truncated));
    }
}

#[test]
fn step_is_found_again() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    let plain = scene.run(60).mux.out.clone();
    let at = packets_of(&plain, VIDEO)[20];
    let all = decode(&plain).metadata().len();

    // One wrong sync byte costs one packet.
    let mut bytes = plain.clone();
    bytes[at] = 0;
    let told = decode(&bytes);
    assert_eq!(told.kinds(), [FaultKind::Garbage, FaultKind::Missing]);
    assert_eq!(told.faults()[0].bytes.len(), 188);
    assert_eq!(told.metadata().len(), all);

    // Bytes between packets cost none.
    let noise = [&plain[..at], &[0x47; 3], &[7; 70], &plain[at..]].concat();
    let told = decode(&noise);
    assert_eq!(told.kinds(), [FaultKind::Garbage]);
    assert_eq!(
        (told.faults()[0].offset, told.faults()[0].bytes.len()),
        (at as u64, 73)
    );
    assert_eq!(told.metadata().len(), all);

    // A packet with a part cut out is not glued to the next.
    let cut = [&plain[..at + 50], &plain[at + 90..]].concat();
    let told = decode(&cut);
    assert_eq!(told.kinds(), [FaultKind::Garbage, FaultKind::Missing]);
    assert_eq!(
        (told.faults()[0].offset, told.faults()[0].bytes.len()),
        (at as u64, 148)
    );

    // A feed that begins and ends within packets.
    let told = decode(&plain[100..plain.len() - 50]);
    assert_eq!(told.kinds(), [FaultKind::Garbage, FaultKind::Truncated]);
    assert!(told.metadata().len() >= all - 1);
}

#[test]
fn damaged_and_scrambled_packets_are_told() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    let plain = scene.run(30).mux.out.clone();
    let mut bytes = plain.clone();
    let at = packets_of(&bytes, VIDEO)[5];
    bytes[at + 1] |= 0x80;
    let told = decode(&bytes);
    assert_eq!(told.kinds(), [FaultKind::Malformed, FaultKind::Missing]);
    assert_eq!(told.count("damaged transport packets"), 1);

    let mut bytes = plain;
    for at in packets_of(&bytes, VIDEO) {
        bytes[at + 3] |= 0x80;
    }
    let told = decode(&bytes);
    assert_eq!(told.kinds(), [FaultKind::Malformed]);
    assert!(told.faults()[0].message.contains("scrambled"));
    assert!(told.count("scrambled transport packets (pid 256)") > 30);
    assert_eq!(told.metadata().len(), 10);
    assert_eq!(told.cuts(), []);
}

#[test]
fn a_feed_that_ends_within_a_packet() {
    let mut scene = Scene::new(Way::Async, 90_000);
    scene.run(10);
    let bytes = &scene.mux.out;
    let last = *packets_of(bytes, KLV).last().unwrap();
    let told = decode(&bytes[..last]);
    assert!(told.kinds().iter().all(|k| *k == FaultKind::Truncated));
    assert_eq!(told.metadata().len(), 3);
    // The PES packet and the metadata packet in it.
    assert_eq!(told.faults().len(), 2, "{:#?}", told.faults());
}

#[test]
fn without_video_a_feed_is_cut_at_its_tables() {
    let mut mux = Mux::new();
    let mut expected = Vec::new();
    for n in 0..4 {
        expected.push(mux.out.len() as u64);
        mux.pat(0, &[(1, PMT)]);
        mux.pmt(PMT, 1, 0, 0x1FFF, &[(6, KLV, KLVA)]);
        mux.unit(
            KLV,
            &pes(0xBD, None, &klv(EPOCH_US + n * 1000), None),
            Extra::default(),
        );
    }
    let told = decode(&mux.out);
    good(&told);
    assert_eq!(
        told.cuts().iter().map(|c| c.offset).collect::<Vec<_>>(),
        expected[1..]
    );
}
