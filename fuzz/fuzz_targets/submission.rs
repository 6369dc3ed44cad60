//! Any bytes as a filled form: read or refused with a reason; what is read is what the intake of reports
//! reads from the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_domain::{FeedId, Observation, SourceId};
use truceline_intake::report::Submission;
use truceline_intake::{Context, Format, Item, decoder};

fuzz_target!(|bytes: &[u8]| {
    let (Ok(feed), Ok(source)) = (FeedId::new("forms"), SourceId::new("tablet")) else {
        unreachable!("these are names");
    };
    match Submission::read(bytes, &source) {
        Err(why) => assert!(!why.is_empty()),
        Ok(read) => {
            let mut told: Vec<Observation> = Vec::new();
            let mut decoder = decoder(Format::Report, Context { feed, source });
            let mut take = |item| {
                if let Item::Observation(observation) = item {
                    told.push(*observation);
                }
            };
            decoder.push(bytes, &mut take);
            decoder.finish(&mut take);
            assert_eq!(told, [read.observation]);
        }
    }
});
