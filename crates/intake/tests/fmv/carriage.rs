//! The ways metadata travels, straight and bent.

use truceline_domain::{Checksum, FmvCarriage};
use truceline_intake::FaultKind;

use super::mux::{
    EPOCH_US, Extra, KLV, KLVA, Mux, PMT, Scene, Told, Way, cell, decode, klv, klv_of, pes,
};

/// A stream with only metadata, `payloads` as PES packets with their PTS.
fn stream(
    kind: u8,
    descriptors: &'static [u8],
    id: u8,
    payloads: &[(Option<u64>, Vec<u8>)],
) -> Told {
    let mut mux = Mux::new();
    mux.pat(0, &[(1, PMT)]);
    mux.pmt(PMT, 1, 0, 0x1FFF, &[(kind, KLV, descriptors)]);
    for (pts, payload) in payloads {
        mux.unit(KLV, &pes(id, *pts, payload, None), Extra::default());
    }
    decode(&mux.out)
}

fn sync(payloads: &[(Option<u64>, Vec<u8>)]) -> Told {
    stream(0x15, &[], 0xFC, payloads)
}

fn asynchronous(payloads: &[(Option<u64>, Vec<u8>)]) -> Told {
    stream(6, KLVA, 0xBD, payloads)
}

fn at(n: u64) -> u64 {
    EPOCH_US + n * 100_000
}

#[test]
fn several_packets_in_one_pes_packet() {
    let three: Vec<u8> = (0..3).flat_map(|n| klv(at(n))).collect();
    let told = asynchronous(&[(Some(9000), three), (Some(18_000), klv(at(3)))]);
    assert_eq!(told.kinds(), []);
    assert_eq!(told.times_us(), [0, 100_000, 200_000, 300_000]);
    let pts: Vec<_> = told.metadata().iter().map(|(_, m)| m.pts_90k).collect();
    assert_eq!(pts, [Some(9000), Some(9000), Some(9000), Some(18_000)]);
    // Each is placed at the transport packet it begins in: three of some 100 bytes take more than one.
    let offsets: Vec<_> = told.metadata().iter().map(|(_, m)| m.offset).collect();
    assert!(
        offsets[0] < offsets[2] && offsets.iter().all(|o| o % 188 == 0),
        "{offsets:?}"
    );
}

#[test]
fn several_cells_and_several_packets_in_a_cell() {
    let two = [klv(at(1)), klv(at(2))].concat();
    let row = [
        cell(3, 0, &klv(at(0))),
        cell(3, 1, &two),
        cell(3, 2, &klv(at(3))),
    ]
    .concat();
    let told = sync(&[
        (Some(90_000), row),
        (Some(127_000), cell(3, 3, &klv(at(4)))),
    ]);
    assert_eq!(told.kinds(), [], "{:#?}", told.faults());
    assert_eq!(told.times_us().len(), 5);
    assert!(
        told.metadata()
            .iter()
            .all(|(_, m)| m.carriage == FmvCarriage::Sync)
    );
    assert_eq!(told.metadata()[3].1.pts_90k, Some(90_000));
    assert_eq!(told.metadata()[4].1.pts_90k, Some(127_000));
}

#[test]
fn an_access_unit_in_several_cells_and_pes_packets() {
    let packet = klv(at(0));
    let (a, b, c) = (&packet[..40], &packet[40..80], &packet[80..]);
    let told = sync(&[
        (Some(90_000), [cell(2, 5, a), cell(0, 6, b)].concat()),
        (Some(93_000), cell(1, 7, c)),
        (Some(99_000), cell(3, 8, &klv(at(1)))),
    ]);
    assert_eq!(told.kinds(), [], "{:#?}", told.faults());
    assert_eq!(told.times_us(), [0, 100_000]);
    assert_eq!(told.metadata()[0].1.pts_90k, Some(90_000));
}

#[test]
fn missing_cells_are_told() {
    let packet = klv(at(0));
    let told = sync(&[
        (Some(90_000), cell(2, 5, &packet[..40])),
        (Some(99_000), cell(3, 8, &klv(at(1)))),
        (Some(108_000), cell(1, 9, &packet[40..])),
        // The same number again and again is how some encoders count.
        (Some(117_000), cell(3, 9, &klv(at(3)))),
        (Some(126_000), cell(3, 9, &klv(at(4)))),
    ]);
    assert_eq!(told.times_us(), [100_000, 300_000, 400_000]);
    let kinds = [
        FaultKind::Missing,
        FaultKind::Truncated,
        FaultKind::Truncated,
    ];
    assert_eq!(told.kinds(), kinds, "{:#?}", told.faults());
}

#[test]
fn a_packet_over_several_pes_packets() {
    let bytes: Vec<u8> = (0..6).flat_map(|n| klv(at(n))).collect();
    for size in [30, 50, 97, 300] {
        let pieces: Vec<_> = bytes
            .chunks(size)
            .enumerate()
            .map(|(n, p)| (Some(9000 * n as u64), p.to_vec()))
            .collect();
        let told = asynchronous(&pieces);
        assert_eq!(
            told.times_us().len(),
            6,
            "pieces of {size}: {:#?}",
            told.faults()
        );
        // The time is that of the PES packet in which it begins.
        let one = bytes.len() / 6;
        let begins = |n: usize| (n * one / size * 9000) as u64;
        for (n, (_, m)) in told.metadata().iter().enumerate() {
            assert_eq!(m.pts_90k, Some(begins(n)));
        }
    }
}

#[test]
fn private_data_that_says_nothing_is_looked_at() {
    for (kind, id, payload) in [
        (6, 0xBD, klv(at(0))),
        (0x80, 0xBD, klv(at(0))),
        (6, 0xFC, cell(3, 0, &klv(at(0)))),
    ] {
        let told = stream(kind, &[], id, &[(Some(9000), payload)]);
        assert_eq!(told.kinds(), []);
        assert_eq!(told.times_us(), [0]);
    }
    // Sound, say.
    let told = stream(6, &[], 0xBD, &vec![(Some(9000), vec![0x0B; 500]); 9]);
    assert_eq!((told.kinds(), told.metadata().len()), (vec![], 0));
    // Announced as another's.
    let told = stream(
        6,
        &[5, 4, b'A', b'C', b'-', b'3'],
        0xBD,
        &[(None, klv(at(0)))],
    );
    assert_eq!((told.kinds(), told.metadata().len()), (vec![], 0));
}

#[test]
fn metadata_before_its_tables_is_not_lost() {
    let mut mux = Mux::new();
    for n in 0..8 {
        if n == 4 {
            mux.pat(0, &[(1, PMT)]);
            mux.pmt(PMT, 1, 0, 0x1FFF, &[(6, KLV, KLVA)]);
        }
        mux.unit(KLV, &pes(0xBD, None, &klv(at(n)), None), Extra::default());
    }
    let told = decode(&mux.out);
    assert_eq!(told.kinds(), [], "{:#?}", told.faults());
    let programs: Vec<_> = told.metadata().iter().map(|(_, m)| m.program).collect();
    assert_eq!(programs, [0, 0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn announced_one_way_and_sent_the_other() {
    let told = sync(&[(Some(9000), klv(at(0))), (Some(18_000), klv(at(1)))]);
    assert_eq!((told.kinds(), told.times_us().len()), (vec![], 2));
    let told = asynchronous(&[(Some(9000), cell(3, 0, &klv(at(0))))]);
    assert_eq!((told.kinds(), told.times_us().len()), (vec![], 1));
}

#[test]
fn a_wrong_sum_is_told_and_no_evidence() {
    let mut bad = klv(at(1));
    let n = bad.len();
    bad[n - 10] ^= 0x10;
    let told = asynchronous(&[(None, klv(at(0))), (None, bad.clone()), (None, klv(at(2)))]);
    assert_eq!(told.kinds(), [FaultKind::BadChecksum]);
    assert_eq!(told.faults()[0].bytes, bad);
    let sums: Vec<_> = told.metadata().iter().map(|(_, m)| m.checksum).collect();
    assert_eq!(sums, [Checksum::Ok, Checksum::Bad, Checksum::Ok]);
    assert!(told.metadata()[1].0.observed.is_none());
    assert_eq!(told.tally.set_aside(), 1);
}

#[test]
fn a_wrong_length_does_not_swallow_the_next() {
    for wrong in [5_i16, 60, 200, -5] {
        let mut bad = klv(at(1));
        let length = usize::from(bad[16]);
        bad[16] = (length as i16 + wrong).clamp(1, 127) as u8;
        let row = [klv(at(0)), bad.clone(), klv(at(2)), klv(at(3))].concat();
        let told = asynchronous(&[(None, row), (None, klv(at(4)))]);
        let times = told.times_us();
        for good in [0, 200_000, 300_000, 400_000] {
            assert!(
                times.contains(&good),
                "length {wrong:+}: {times:?} {:#?}",
                told.faults()
            );
        }
        let apart = asynchronous(&[(None, klv(at(0))), (None, bad), (None, klv(at(2)))]);
        assert!(apart.times_us().contains(&200_000));
        assert_ne!(apart.kinds(), []);
    }
}

#[test]
fn the_same_packet_again_is_counted() {
    let told = asynchronous(&[(None, klv(at(0))), (None, klv(at(0))), (None, klv(at(1)))]);
    assert_eq!(told.kinds(), [FaultKind::Duplicate]);
    assert_eq!(told.metadata().len(), 2);
    // Sent again for a later frame it is another statement.
    let told = asynchronous(&[(Some(9000), klv(at(0))), (Some(12_000), klv(at(0)))]);
    assert_eq!((told.kinds(), told.metadata().len()), (vec![], 2));
}

#[test]
fn pes_packets_that_lie_about_their_length() {
    let header = 3;
    for (declared, told_kind) in [
        (klv(at(0)).len() + header + 40, FaultKind::Truncated),
        (klv(at(0)).len() + header - 40, FaultKind::Malformed),
        (1, FaultKind::Malformed),
    ] {
        let mut scene = Scene::new(Way::Async, 90_000);
        scene.tables();
        let lie = pes(0xBD, None, &klv(at(0)), Some(declared as u16));
        scene.mux.unit(KLV, &lie, Extra::default());
        let honest = pes(0xBD, None, &klv(at(1)), None);
        scene.mux.unit(KLV, &honest, Extra::default());
        let told = decode(&scene.mux.out);
        assert!(
            told.kinds().contains(&told_kind),
            "{declared}: {:?}",
            told.kinds()
        );
        assert!(told.times_us().contains(&100_000));
        // What came whole counts whatever was declared.
        assert_eq!(
            told.times_us().contains(&0),
            told_kind == FaultKind::Truncated
        );
    }
}

#[test]
fn a_pes_packet_without_length() {
    let big: Vec<u8> = (0..4000).flat_map(|n| klv_of(at(n), "SENSOR")).collect();
    let mut scene = Scene::new(Way::Async, 90_000);
    scene.tables();
    scene
        .mux
        .unit(KLV, &pes(0xBD, Some(9000), &big, Some(0)), Extra::default());
    let told = decode(&scene.mux.out);
    assert_eq!(told.kinds(), []);
    assert_eq!(told.times_us().len(), 4000);
}

#[test]
fn keys_of_other_standards_are_counted() {
    let mut vmti = vec![
        0x06, 0x0E, 0x2B, 0x34, 2, 0x0B, 1, 1, 0x0E, 1, 3, 3, 6, 0, 0, 0, 1, 0,
    ];
    vmti.extend([
        0x06, 0x0E, 0x2B, 0x34, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 2, 1, 1,
    ]);
    vmti.extend(klv(at(0)));
    let told = asynchronous(&[(None, vmti)]);
    assert_eq!((told.kinds(), told.times_us().len()), (vec![], 1));
    assert_eq!(told.count("klv packets (pid 257)"), 3);
    assert_eq!(
        told.count("klv packets of other standards than ST 0601 (pid 257)"),
        1
    );
    assert_eq!(told.count("klv packets of unknown keys (pid 257)"), 1);
}
