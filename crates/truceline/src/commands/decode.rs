//! `truceline decode`: observations as NDJSON, without a centre.

use std::io;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use truceline_domain::{FeedId, SourceId};
use truceline_intake::{Context, Feed, Item, Piece};
use truceline_live::Source;
use truceline_service::source;

use super::live;
use crate::args::{Decode, FeedArgs};
use crate::tell::{self, Lines};

/// At most so many faults of one feed are told one by one; the rest is counted.
const TOLD_FAULTS: u64 = 100;

pub(crate) fn run(args: &Decode, json: bool) -> anyhow::Result<bool> {
    let mut lines = Lines::new();
    let mut clean = true;
    for input in &args.inputs {
        let read = if Source::is_live(input) {
            let after = args.seconds.map(|s| Duration::from_secs(u64::from(s)));
            live::decode(input, &args.feed, after, json, &mut lines)
        } else {
            one(input, &args.feed, json, &mut lines)
        };
        match read {
            Ok(fine) => clean &= fine,
            Err(e) if tell::is_broken_pipe(&e) => return Err(e),
            // The other inputs are still read.
            Err(e) => {
                eprintln!("{}: {}", Source::shown(input), tell::why(&e));
                clean = false;
            }
        }
    }
    lines.end()?;
    Ok(clean)
}

/// The decoder's context for an input, by what the command line says and by its name.
pub(crate) fn context(input: &str, args: &FeedArgs) -> anyhow::Result<Context> {
    let feed = FeedId::new(args.feed.clone().unwrap_or_else(|| source::stem(input)))?;
    let source = SourceId::new(args.source.clone().unwrap_or_else(|| feed.to_string()))?;
    Ok(Context { feed, source })
}

fn one(input: &str, args: &FeedArgs, json: bool, lines: &mut Lines) -> anyhow::Result<bool> {
    let mut reader = source::open(input).context("cannot be opened")?;
    let bar = tell::progress(input, std::fs::metadata(input).ok().map(|m| m.len()));
    let mut failed: Option<io::Error> = None;
    let mut faults = 0;
    let feed = Feed::open(&mut reader, args.format)?;
    let format = feed.format();
    let read = feed.read(context(input, args)?, &mut |piece| match piece {
        Piece::Bytes(bytes) => bar.inc(bytes.len() as u64),
        Piece::Item(Item::Observation(observation)) if failed.is_none() => {
            failed = lines.put(&*observation).err();
        }
        Piece::Item(Item::Fault(fault)) => {
            faults += 1;
            if faults <= TOLD_FAULTS {
                bar.suspend(|| eprintln!("{input}: {fault}"));
            }
        }
        Piece::Item(_) => {}
    });
    bar.finish_and_clear();
    if let Some(e) = failed {
        return Err(e.into());
    }
    let tally = read?;
    if json {
        eprintln!(
            "{}",
            json!({"input": input, "format": format.as_str(), "tally": tally})
        );
    } else {
        if faults > TOLD_FAULTS {
            eprintln!("{input}: and {} faults more", faults - TOLD_FAULTS);
        }
        tell::tally(input, format.as_str(), &tally);
    }
    Ok(tally.set_aside() == 0)
}
