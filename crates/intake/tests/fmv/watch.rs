//! Pictures put together: the same items as without, every access unit, whole, at once.

use proptest::prelude::*;
use truceline_domain::{FeedId, SourceId};
use truceline_intake::fmv::{AccessUnit, Seen, Watch};
use truceline_intake::{Context, Item};

use super::hostile::{damage, damaged, feeds};
use super::mux::{Extra, Mux, PMT, Scene, VIDEO, Way, decode, pes, picture};

struct Watched {
    items: Vec<Item>,
    units: Vec<AccessUnit>,
    /// How many bytes had come when each was told.
    told_after: Vec<usize>,
}

fn watch(bytes: &[u8], sizes: impl IntoIterator<Item = usize>) -> Watched {
    let context = Context {
        feed: FeedId::new("feed").unwrap(),
        source: SourceId::new("drone").unwrap(),
    };
    let mut watch = Watch::new(context);
    let mut watched = Watched {
        items: Vec::new(),
        units: Vec::new(),
        told_after: Vec::new(),
    };
    let mut at = 0;
    let mut sizes = sizes.into_iter();
    while at < bytes.len() {
        let end = (at + sizes.next().unwrap_or(65_536).max(1)).min(bytes.len());
        watch.push(&bytes[at..end], &mut |seen| watched.take(seen, end));
        at = end;
    }
    watch.finish(&mut |seen| watched.take(seen, bytes.len()));
    watched
}

impl Watched {
    fn take(&mut self, seen: Seen, after: usize) {
        match seen {
            Seen::Item(item) => self.items.push(item),
            Seen::AccessUnit(unit) => {
                self.units.push(unit);
                self.told_after.push(after);
            }
        }
    }
}

#[test]
fn every_picture_of_real_streams_is_whole() {
    for name in ["sample-stream.ts", "sync_h264.ts", "async_h264.ts"] {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fmv/");
        let bytes = std::fs::read(format!("{dir}{name}")).unwrap();
        let told = decode(&bytes);
        let watched = watch(&bytes, []);
        assert_eq!(watched.items, told.items, "{name}");
        let pictures = told.count("h264 access units (pid 256)");
        assert_eq!(watched.units.len() as u64, pictures, "{name}");
        let points = watched.units.iter().filter(|u| u.random_access);
        assert_eq!(
            points.count() as u64,
            told.count("random access points (pid 256)")
        );
        for unit in &watched.units {
            assert!(!unit.damaged && unit.cut_offset.is_some());
            assert!(unit.pts_90k >= unit.dts_90k && unit.dts_90k.is_some());
            let units: usize = unit.nal_units().map(|n| n.len() + 4).sum();
            assert_eq!(units, unit.units.len());
            assert!(unit.nal_units().all(|n| n.last() != Some(&0)));
        }
        assert!(watched.units.is_sorted_by(|a, b| a.dts_90k < b.dts_90k));
        let cuts: Vec<u64> = told.cuts().iter().map(|c| c.offset).collect();
        let entries = watched.units.iter().filter(|u| u.random_access);
        assert!(entries.filter_map(|u| u.cut_offset).eq(cuts));
    }
}

/// Frames of 30 Hz, without a declared length, stuffed in their last packet.
#[test]
fn a_picture_is_told_with_its_last_byte_once_the_stream_has_shown_its_habit() {
    let mut scene = Scene::new(Way::Sync, 90_000);
    let mut ends = Vec::new();
    for _ in 0..40 {
        scene.video();
        ends.push(scene.mux.out.len());
        scene.step();
    }
    let watched = watch(&scene.mux.out, std::iter::repeat(188));
    assert_eq!(watched.units.len(), 40);
    // A packet is believed when the byte after it is in step: one packet later.
    let told = watched.told_after.iter().zip(&ends).enumerate();
    for (n, (told_after, end)) in told.take(39).skip(12) {
        assert!(*told_after <= end + 188, "picture {n}");
    }
}

/// Pictures that go on in the next PES packet are never torn, however often they end with one.
#[test]
fn without_the_habit_a_picture_waits_for_the_next() {
    let mut mux = Mux::new();
    mux.pat(0, &[(1, PMT)]);
    mux.pmt(PMT, 1, 0, VIDEO, &[(0x1B, VIDEO, &[])]);
    for n in 0..60 {
        let au = picture(n % 10 == 0, 600);
        let (first, second) = au.split_at(if n % 4 == 3 { 300 } else { au.len() });
        mux.unit(
            VIDEO,
            &pes(0xE0, Some(n * 3000), first, Some(0)),
            Extra::default(),
        );
        if !second.is_empty() {
            mux.unit(VIDEO, &pes(0xE0, None, second, Some(0)), Extra::default());
        }
    }
    let watched = watch(&mux.out, []);
    assert_eq!(watched.units.len(), 60);
    for (n, unit) in watched.units.iter().enumerate() {
        assert!(!unit.damaged, "picture {n}");
        assert_eq!(unit.pts_90k, Some(n as u64 * 3000));
        assert!(unit.units.len() > 600, "picture {n}: {}", unit.units.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn pieces_do_not_matter_and_items_are_the_same(
        feed in feeds(),
        damages in prop::collection::vec(damage(), 0..6),
        sizes in prop::collection::vec(1..900_usize, 1..40),
    ) {
        let bytes = damaged(feed, &damages);
        let told = decode(&bytes);
        let whole = watch(&bytes, []);
        prop_assert_eq!(&whole.items, &told.items);
        let pieces = watch(&bytes, sizes.iter().copied().cycle());
        prop_assert_eq!(&pieces.items, &told.items);
        prop_assert_eq!(&pieces.units, &whole.units);
        for unit in &whole.units {
            let units: usize = unit.nal_units().map(|n| n.len() + 4).sum();
            prop_assert_eq!(units, unit.units.len());
        }
    }
}
