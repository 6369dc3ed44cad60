//! Any bytes as a feed of the format `report`: what is told does not hang on how the bytes are cut, every
//! observation survives its own JSON, and faults stay within the feed and their bound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_domain::{FeedId, Observation, SourceId};
use truceline_intake::{Context, Format, Item, MAX_FAULT_BYTES, decoder};

fn items<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Item> {
    let name = "fuzz";
    let (Ok(feed), Ok(source)) = (FeedId::new(name), SourceId::new(name)) else {
        unreachable!("{name:?} is a name");
    };
    let mut decoder = decoder(Format::Report, Context { feed, source });
    let mut items = Vec::new();
    for chunk in chunks {
        decoder.push(chunk, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    items
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let whole = items(std::iter::once(bytes));
    assert_eq!(items(bytes.chunks(usize::from(size) + 1)), whole);
    for item in &whole {
        match item {
            Item::Observation(observation) => {
                let json = serde_json::to_string(observation).expect("an observation is JSON");
                let back: Observation = serde_json::from_str(&json).expect("its JSON is read");
                assert_eq!(back, **observation, "{json}");
            }
            Item::Fault(fault) => {
                assert!(fault.bytes.len() <= MAX_FAULT_BYTES);
                assert!(fault.offset <= bytes.len() as u64);
            }
            Item::Cut(cut) => assert!(cut.offset < bytes.len() as u64),
        }
    }
});
