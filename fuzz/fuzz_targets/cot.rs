//! Cursor on Target, XML and TAK Protocol: no panic, the same items however the bytes come, and
//! every fault within the feed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_domain::{FeedId, SourceId};
use truceline_intake::{Context, Format, Item, Tally, decoder};

fn read(bytes: &[u8], chunk: usize) -> Option<(Vec<Item>, Tally)> {
    let context = Context {
        feed: FeedId::new("f").ok()?,
        source: SourceId::new("s").ok()?,
    };
    let mut decoder = decoder(Format::Cot, context);
    let mut items = Vec::new();
    for piece in bytes.chunks(chunk) {
        decoder.push(piece, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    Some((items, decoder.tally()))
}

fuzz_target!(|data: &[u8]| {
    let _ = Format::recognise(data);
    let Some((&chunk, feed)) = data.split_first() else {
        return;
    };
    let whole = read(feed, usize::MAX);
    assert_eq!(
        whole,
        read(feed, usize::from(chunk) + 1),
        "pieces changed what was read"
    );
    for item in whole.map(|(items, _)| items).unwrap_or_default() {
        if let Item::Fault(fault) = item {
            assert!(fault.offset < feed.len() as u64, "{fault}");
        }
    }
});
