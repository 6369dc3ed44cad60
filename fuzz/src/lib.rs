//! What several targets hold a format's decoder to.

use truceline_domain::{FeedId, Observation, SourceId};
use truceline_intake::{Context, Format, Item, MAX_FAULT_BYTES, Tally, decoder};

/// Any bytes as a feed of a format: what is told does not hang on how the bytes are cut, every observation survives
/// its own JSON, and faults stay within the feed and their bound.
///
/// # Panics
/// When one of these does not hold.
pub fn hold(format: Format, bytes: &[u8], piece: u8) {
    let _ = Format::recognise(bytes);
    let whole = read(format, bytes, usize::MAX);
    let pieces = read(format, bytes, usize::from(piece) + 1);
    assert_eq!(whole, pieces, "pieces changed what was read");
    for item in &whole.0 {
        match item {
            Item::Observation(observation) => {
                let json = serde_json::to_string(observation).expect("an observation is JSON");
                let back: Observation = serde_json::from_str(&json).expect("its JSON is read");
                assert_eq!(back, **observation, "{json}");
            }
            Item::Fault(fault) => {
                assert!(fault.bytes.len() <= MAX_FAULT_BYTES, "{fault}");
                assert!(fault.offset <= bytes.len() as u64, "{fault}");
            }
            Item::Cut(cut) => assert!(cut.offset < bytes.len() as u64),
        }
    }
}

fn read(format: Format, bytes: &[u8], piece: usize) -> (Vec<Item>, Tally) {
    let name = "fuzz";
    let (Ok(feed), Ok(source)) = (FeedId::new(name), SourceId::new(name)) else {
        unreachable!("{name:?} is a name");
    };
    let mut decoder = decoder(format, Context { feed, source });
    let mut items = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.push(piece, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    (items, decoder.tally())
}
