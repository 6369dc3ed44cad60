//! Whatever comes, in whatever pieces.

use proptest::prelude::*;
use truceline_intake::{FaultKind, Item};

use super::mux::{
    EPOCH_US, Extra, KLV, KLVA, Mux, PMT, Scene, Told, VIDEO, Way, decode, decode_in, klv, pes,
};

/// What must hold of any feed.
fn holds(told: &Told, length: usize) {
    let cuts = told.cuts();
    assert!(cuts.is_sorted_by(|a, b| a.offset < b.offset));
    assert!(cuts.iter().all(|c| c.offset < length as u64));
    for item in &told.items {
        if let Item::Fault(fault) = item {
            assert!(fault.offset <= length as u64, "{fault}");
            assert!(!fault.message.contains('\n'), "{fault}");
        }
    }
    for (o, m) in told.metadata() {
        assert!(m.offset < length as u64);
        serde_json::to_string(o).unwrap();
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Flip(usize, u8),
    Drop(usize, usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), 1..=255_u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        (any::<usize>(), 1..400_usize).prop_map(|(at, n)| Damage::Drop(at, n)),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..300))
            .prop_map(|(at, b)| Damage::Insert(at, b)),
        (any::<usize>(), 1..600_usize).prop_map(|(at, n)| Damage::Repeat(at, n)),
    ]
}

pub(crate) fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let length = bytes.len();
        match damage {
            Damage::Flip(at, bits) => bytes[at % length] ^= bits,
            Damage::Drop(at, n) => drop(bytes.drain(at % length..(at % length + n).min(length))),
            Damage::Insert(at, more) => drop(bytes.splice(at % length..at % length, more.clone())),
            Damage::Repeat(at, n) => {
                let piece = bytes[at % length..(at % length + n).min(length)].to_vec();
                drop(bytes.splice(at % length..at % length, piece));
            }
        }
    }
    bytes
}

pub(crate) fn feeds() -> impl Strategy<Value = Vec<u8>> {
    let scene = |way| Scene::new(way, (1 << 33) - 60_000).run(40).mux.out.clone();
    let raw: Vec<u8> = (0..30).flat_map(|n| klv(EPOCH_US + n * 10_000)).collect();
    let m2ts = scene(Way::Sync)
        .chunks(188)
        .flat_map(|p| [&[1, 2, 3, 4], p].concat())
        .collect();
    prop::sample::select(vec![scene(Way::Sync), scene(Way::Async), raw, m2ts])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn pieces_do_not_matter(
        feed in feeds(),
        damages in prop::collection::vec(damage(), 0..6),
        sizes in prop::collection::vec(0..900_usize, 1..40),
    ) {
        let bytes = damaged(feed, &damages);
        let told = decode(&bytes);
        holds(&told, bytes.len());
        prop_assert_eq!(&decode_in(&bytes, sizes.iter().copied().cycle().take(4000)), &told);
        prop_assert_eq!(&decode_in(&bytes, std::iter::repeat(188)), &told);
        prop_assert_eq!(told.tally.bytes, bytes.len() as u64);
    }

    #[test]
    fn noise_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..3000), sync in any::<bool>()) {
        let bytes: Vec<u8> = if sync {
            // Packets in step whose inside is noise.
            bytes.chunks(187).flat_map(|p| [&[0x47], p].concat()).collect()
        } else {
            bytes
        };
        holds(&decode(&bytes), bytes.len());
    }
}

#[test]
fn each_single_byte_flipped() {
    let bytes = Scene::new(Way::Sync, 90_000).run(7).mux.out.clone();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0xFF;
        let told = decode(&flipped);
        holds(&told, bytes.len());
        let good = told.times_us();
        assert!(good.len() >= 2 || at < 3 * 188, "byte {at}: {good:?}");
    }
}

#[test]
fn nothing_and_next_to_nothing() {
    for bytes in [
        &[][..],
        &[0x47],
        &[6, 0x0E],
        &[6, 0x0E, 0x2B, 0x34],
        &[0; 1000],
        &[0x47; 188],
    ] {
        holds(&decode(bytes), bytes.len());
    }
    assert_eq!(decode(&[]).items, []);
    let told = decode(&[0x55; 1000]);
    assert_eq!(told.kinds(), [FaultKind::Garbage]);
}

#[test]
fn tables_without_end() {
    let mut mux = Mux::new();
    mux.pat(0, &[(1, PMT)]);
    // A section that declares more than there may be, one that never ends, one whose sum is wrong.
    mux.packet(
        PMT,
        true,
        &[&[0, 2, 0xBF, 0xFF][..], &[0; 180]].concat(),
        Extra::default(),
    );
    for _ in 0..100 {
        mux.packet(PMT, false, &[0xAB; 184], Extra::default());
    }
    mux.packet(
        PMT,
        true,
        &[&[0, 2, 0xB0, 20][..], &[1; 180]].concat(),
        Extra::default(),
    );
    let streams: Vec<_> = (0..180).map(|n| (0x15, 300 + n, &[][..])).collect();
    for version in 0..32 {
        mux.pmt(PMT, 1, version, VIDEO, &streams[version as usize..]);
    }
    mux.unit(
        331,
        &pes(0xBD, None, &klv(EPOCH_US), None),
        Extra::default(),
    );
    let told = decode(&mux.out);
    holds(&told, mux.out.len());
    assert!(told.kinds().contains(&FaultKind::Malformed));
    assert!(told.kinds().contains(&FaultKind::Oversized));
    assert_eq!(told.times_us(), [0]);
}

#[test]
fn a_packet_larger_than_any() {
    let mut mux = Mux::new();
    mux.pat(0, &[(1, PMT)]);
    mux.pmt(PMT, 1, 0, 0x1FFF, &[(6, KLV, KLVA)]);
    let mut huge = klv(EPOCH_US)[..16].to_vec();
    huge.extend([0x84, 0xFF, 0xFF, 0xFF, 0xFF]);
    huge.resize(3 << 20, 0x33);
    mux.unit(KLV, &pes(0xBD, None, &huge, Some(0)), Extra::default());
    mux.unit(
        KLV,
        &pes(0xBD, None, &klv(EPOCH_US), None),
        Extra::default(),
    );
    let told = decode(&mux.out);
    holds(&told, mux.out.len());
    assert!(told.kinds().contains(&FaultKind::Oversized));
    assert_eq!(told.times_us(), [0]);
}

#[test]
fn every_identifier_begins_a_stream_that_never_ends() {
    let mut mux = Mux::new();
    let begins = pes(0xBD, Some(9000), &klv(EPOCH_US)[..60], Some(60_000));
    for pid in 16..8191 {
        mux.packet(pid, true, &begins, Extra::default());
    }
    holds(&decode(&mux.out), mux.out.len());
}
