//! Motion imagery from hostile bytes.
//!
//! The first byte chooses the pieces in which the feed comes. Whatever they are, the same is told; cuts ascend and lie
//! within the feed, as do all places that are named; every byte is counted.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_domain::{Body, FeedId, SourceId};
use truceline_intake::{Context, Format, Item, Tally, decoder};

fn decode(feed: &[u8], piece: usize) -> (Vec<Item>, Tally) {
    let context = Context {
        feed: FeedId::new("feed").expect("a name"),
        source: SourceId::new("source").expect("a name"),
    };
    let mut decoder = decoder(Format::Fmv, context);
    let mut items = Vec::new();
    for bytes in feed.chunks(piece) {
        decoder.push(bytes, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    (items, decoder.tally())
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, feed)) = data.split_first() else {
        return;
    };
    let (items, tally) = decode(feed, feed.len().max(1));
    let in_pieces = decode(feed, usize::from(first) + 1);
    assert!(
        (&items, &tally) == (&in_pieces.0, &in_pieces.1),
        "pieces of {}: {:?} {:?}",
        usize::from(first) + 1,
        tally,
        in_pieces.1
    );

    let length = feed.len() as u64;
    assert_eq!(tally.bytes, length);
    let mut last_cut = None;
    for item in &items {
        match item {
            Item::Cut(cut) => {
                assert!(cut.offset < length && last_cut.is_none_or(|last| cut.offset > last));
                last_cut = Some(cut.offset);
            }
            Item::Fault(fault) => assert!(fault.offset <= length),
            Item::Observation(observation) => {
                if let Body::FmvMetadata(metadata) = &observation.body {
                    assert!(metadata.offset < length);
                }
            }
        }
    }
});
