//! Cursor on Target through the public decoder: events in the forms that TAK writes, made here;
//! what is wrong with them; both carriages, whole and in pieces.

mod feed;
mod tak;
mod xml;

use proptest::prelude::*;
use truceline_intake::Format;

use feed::{event, faults, read, read_in};
use tak::{mesh, message, stream};

#[test]
fn other_formats_are_not_taken_for_events() {
    for other in [
        &b""[..],
        b"\xBF",
        b"\xBF\x01\xBF",
        b"<event>",
        b"<event name='x' type='y'/>",
        b"<?xml version='1.0'?><html><body/></html>",
        b"<data id='report' version='1'><time>2021</time></data>",
        b"{\"event\":{\"uid\":1,\"type\":2}}",
        b"uid,type,time\n1,2,3\n",
        &[0xBF; 4096],
        &[b'<'; 4096],
    ] {
        assert_ne!(Format::recognise(other), Some(Format::Cot), "{other:?}");
    }
    for known in [
        event("a", ""),
        format!(
            "\u{feff}<!-- x -->\n<?xml version='1.0'?>{}",
            event("a", "")
        ),
        format!("<events>{}", event("a", "")),
        "<event uid='a' type='".to_owned(),
    ] {
        assert_eq!(
            Format::recognise(known.as_bytes()),
            Some(Format::Cot),
            "{known}"
        );
    }
}

fn any_feed() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        "[a-d]".prop_map(|uid| event(&uid, "<link point='1,2'/>").into_bytes()),
        "[a-d]".prop_map(|uid| stream(&message(&uid))),
        "[a-d]".prop_map(|uid| mesh(&message(&uid))),
        Just(b"<!-- </event> -->".to_vec()),
        Just(b"<event uid='x".to_vec()),
        Just(b"\xBF\x01\xBF".to_vec()),
        "[<>/!?'\" \\[\\]a-z-]{0,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    // A feed in which single bytes are changed.
    let parts = prop::collection::vec(part, 0..8).prop_map(|p| p.concat());
    (
        parts,
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    )
        .prop_map(|(mut feed, changes)| {
            for (at, byte) in changes {
                if !feed.is_empty() {
                    let at = at.index(feed.len());
                    feed[at] = byte;
                }
            }
            feed
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_pieces_give_the_same_items(feed in any_feed(), chunk in 1..200usize) {
        let whole = read(&feed);
        prop_assert_eq!(&read_in(&feed, chunk), &whole);
        for fault in faults(&whole.0) {
            prop_assert!(fault.offset < feed.len().max(1) as u64);
        }
    }
}
