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

pub(crate) fn observations(items: &[Item]) -> Vec<&Observation> {
    items
        .iter()
        .filter_map(|item| {
            if let Item::Observation(o) = item {
                Some(&**o)
            } else {
                None
            }
        })
        .collect()
}

pub(crate) fn faults(items: &[Item]) -> Vec<&Fault> {
    items
        .iter()
        .filter_map(|item| {
            if let Item::Fault(f) = item {
                Some(f)
            } else {
                None
            }
        })
        .collect()
}

/// What is observed, and what is at fault.
pub(crate) fn told(items: &[Item]) -> (Vec<Observation>, Vec<Fault>) {
    let observed = observations(items).into_iter().cloned().collect();
    (observed, faults(items).into_iter().cloned().collect())
}
