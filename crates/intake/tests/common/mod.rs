//! A feed through its decoder, and what it gives.

use truceline_domain::{FeedId, Observation, SourceId};
use truceline_intake::{Context, Fault, Format, Item, Tally, decoder};

/// What a feed gives whose bytes come in these pieces.
pub(crate) fn items<'a>(
    format: Format,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Item>, Tally) {
    let context = Context {
        feed: FeedId::new("f").unwrap(),
        source: SourceId::new("source").unwrap(),
    };
    let mut decoder = decoder(format, context);
    let (mut items, mut bytes) = (Vec::new(), 0);
    for piece in pieces {
        bytes += piece.len() as u64;
        decoder.push(piece, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    let tally = decoder.tally();
    assert_eq!(tally.bytes, bytes);
    (items, tally)
}

/// What is observed, and what is at fault.
pub(crate) fn told(items: Vec<Item>) -> (Vec<Observation>, Vec<Fault>) {
    let (mut observations, mut faults) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Observation(o) => observations.push(*o),
            Item::Fault(f) => faults.push(f),
            Item::Cut(_) => {}
        }
    }
    (observations, faults)
}
