//! Drone telemetry through the public decoder: real recordings against the figures of other
//! readers (pymavlink 2.4.50, pyulog 1.3.0), and frames and logs made here for what those lack.

mod feed;
mod logs;
mod recordings;
mod stream;

use proptest::prelude::*;
use truceline_intake::Format;

use feed::{APPENDED, DATAFLASH, PIXHAWK, TLOG, faults, read, read_in};
use stream::{at, frame};

#[test]
fn feeds_are_recognised_by_their_first_bytes() {
    let bare = frame(0, &at(1, 397_000_000));
    let joined = [b"\x00\x01\xFEnoise", &bare[..], &bare[..]].concat();
    for known in [
        TLOG,
        DATAFLASH,
        PIXHAWK,
        APPENDED,
        &TLOG[..20],
        &bare,
        &joined,
    ] {
        assert_eq!(Format::recognise(known), Some(Format::Mavlink));
    }
    for other in [
        &b""[..],
        b"\xFD",
        b"{\"kind\":\"flash\"}\n",
        b"latitude,longitude\n1,2\n",
        b"ULog is a format",
        b"\xA3\x95",
        &bare[..bare.len() - 1],
        &[0xFD; 4096],
        &[0xFE; 4096],
        &[0; 4096],
    ] {
        assert_ne!(Format::recognise(other), Some(Format::Mavlink), "{other:?}");
    }
}

fn any_feed() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        (0..TLOG.len(), 0..600usize)
            .prop_map(|(at, n)| TLOG[at..(at + n).min(TLOG.len())].to_vec()),
        (0..DATAFLASH.len(), 0..600usize)
            .prop_map(|(at, n)| DATAFLASH[at..(at + n).min(DATAFLASH.len())].to_vec()),
        (0..APPENDED.len(), 0..600usize)
            .prop_map(|(at, n)| APPENDED[at..(at + n).min(APPENDED.len())].to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let head = prop_oneof![
        Just(Vec::new()),
        Just(TLOG[..2000].to_vec()),
        Just(DATAFLASH[..16_000].to_vec()),
        Just(PIXHAWK[..66_000].to_vec()),
    ];
    (head, prop::collection::vec(part, 0..6)).prop_map(|(h, parts)| [h, parts.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_pieces_give_the_same_items(feed in any_feed(), chunk in 1..700usize) {
        let whole = read(&feed);
        prop_assert_eq!(&read_in(&feed, chunk), &whole);
        for fault in faults(&whole.0) {
            prop_assert!(fault.offset <= feed.len() as u64);
        }
    }
}
