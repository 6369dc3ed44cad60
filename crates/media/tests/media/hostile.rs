//! Whatever comes.

use proptest::prelude::*;
use truceline_media::OnDamage;

use crate::samples::{NAMES, Packaged, package, package_in, read};

/// What must hold of any feed.
fn holds(packaged: &Packaged) {
    let fragments = packaged.fragments();
    assert!(fragments.is_sorted_by(|a, b| a.number < b.number));
    if let Some(first) = fragments.first() {
        assert!(first.random_access);
        assert!(!packaged.inits().is_empty());
    }
}

#[test]
fn every_so_many_bytes_flipped() {
    for name in NAMES {
        let bytes = read(name);
        let end = bytes.len().min(150_000);
        for (step, bits) in [(97, 0xFF), (1013, 0x01), (7919, 0x80)] {
            let mut flipped = bytes[..end].to_vec();
            flipped.iter_mut().step_by(step).for_each(|b| *b ^= bits);
            holds(&package(&flipped));
        }
    }
}

#[test]
fn truncated_anywhere() {
    let bytes = read("bframes.ts");
    for end in (0..30_000).step_by(509) {
        holds(&package(&bytes[..end]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_told_and_pieces_do_not_matter(
        name in prop::sample::select(NAMES.to_vec()),
        flips in prop::collection::vec((any::<usize>(), 1..=255_u8), 0..8),
        lost in prop::collection::vec(any::<usize>(), 0..8),
        sizes in prop::collection::vec(1..3000_usize, 1..20),
    ) {
        let mut bytes = read(name);
        bytes.truncate(188 * 600);
        let length = bytes.len();
        for (at, bits) in flips {
            bytes[at % length] ^= bits;
        }
        for packet in lost {
            let at = packet % (bytes.len() / 188) * 188;
            bytes.drain(at..at + 188);
        }
        for on_damage in [OnDamage::Show, OnDamage::Hold] {
            let whole = package_in(&bytes, [], on_damage);
            holds(&whole);
            let pieces = package_in(&bytes, sizes.iter().copied().cycle(), on_damage);
            prop_assert!(pieces == whole);
            if on_damage == OnDamage::Hold {
                prop_assert!(whole.fragments().iter().all(|f| !f.damaged));
            }
        }
    }
}
