//! Fragments, films and replays from hostile transport streams.
//!
//! The first byte chooses the pieces in which the feed comes. Whatever they are, the same is told; numbers ascend; the first
//! picture is one that decoding can begin with. What is indexed can be made: any film of it is read back by its own index.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use truceline_domain::{FeedId, Sha256, SourceId};
use truceline_intake::Context;
use truceline_media::{Event, Film, Index, OnDamage, Packager, Replay, Source, Span, Speed};

fn context() -> Context {
    Context {
        feed: FeedId::new("feed").expect("a name"),
        source: SourceId::new("source").expect("a name"),
    }
}

fn package(feed: &[u8], piece: usize) -> Vec<Event> {
    let mut packager = Packager::new(context(), OnDamage::Show);
    let mut events = Vec::new();
    for bytes in feed.chunks(piece) {
        packager.push(bytes, &mut |event| events.push(event));
    }
    packager.finish(&mut |event| events.push(event));
    events
}

struct Memory<'a>(&'a [u8]);

impl Source for Memory<'_> {
    fn read(&self, _: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String> {
        let bytes = self.0.get(from as usize..to as usize);
        bytes.map(<[u8]>::to_vec).ok_or_else(|| "beyond its end".to_owned())
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, feed)) = data.split_first() else {
        return;
    };
    let events = package(feed, feed.len().max(1));
    assert!(events == package(feed, usize::from(first) + 1));
    let mut number = 0;
    for event in &events {
        if let Event::Fragment(fragment) = event {
            assert!(number > 0 || fragment.random_access);
            assert_eq!(fragment.number, number + 1);
            number = fragment.number;
        }
    }
    let index = Index::build(&context(), Sha256::of(feed), feed, None);
    let span = Span::new(vec![Arc::new(index)]);
    let Some((from, to)) = span.times_90k() else {
        return;
    };
    let memory = Memory(feed);
    if let Ok(film) = Film::new(&span, from, to) {
        let whole = film.whole(&memory).expect("what was indexed can be made");
        assert_eq!(whole.bytes.len() as u64, film.length());
    }
    if let Ok(replay) = Replay::new(&span, memory, from, to, Speed::NORMAL) {
        replay.for_each(|paced| drop(paced.expect("what was indexed can be played")));
    }
});
