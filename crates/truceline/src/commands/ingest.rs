//! `truceline ingest`: feeds into the record, and what they are judged to be.

use anyhow::Context as _;
use serde_json::json;
use truceline_service::intake::Input;
use truceline_service::{Centre, source};

use super::decode;
use crate::args::{FeedArgs, Ingest};
use crate::tell;

pub(crate) fn run(args: &Ingest, json: bool) -> anyhow::Result<bool> {
    let mut centre = super::open(&args.centre.dir)?;
    let mut clean = true;
    for input in &args.inputs {
        match one(&mut centre, input, &args.feed, json) {
            Ok(fine) => clean &= fine,
            // The other inputs are still taken in.
            Err(e) => {
                eprintln!("{input}: {}", tell::why(&e));
                clean = false;
            }
        }
    }
    judge(&mut centre, json)?;
    super::sign::tell_witnesses(&centre);
    Ok(clean)
}

/// Takes one input in; `false` when something of it was set aside.
pub(super) fn one(
    centre: &mut Centre,
    input: &str,
    args: &FeedArgs,
    json: bool,
) -> anyhow::Result<bool> {
    let context = decode::context(input, args)?;
    let mut reader = source::open(input).context("cannot be opened")?;
    let bar = tell::progress(input, std::fs::metadata(input).ok().map(|m| m.len()));
    let taken = centre.take_in(
        Input {
            name: input,
            reader: &mut reader,
            feed: context.feed,
            source: context.source,
            format: args.format,
        },
        &mut |bytes| bar.inc(bytes),
    );
    bar.finish_and_clear();
    let taken = taken?;
    for fault in &taken.faults {
        eprintln!("{input}: {fault}");
    }
    if json {
        println!(
            "{}",
            json!({"input": input, "format": taken.format.as_str(), "segments": taken.segments,
                   "observations": taken.observations, "tally": taken.tally, "quarantine": taken.quarantine})
        );
    } else {
        tell::tally(input, taken.format.as_str(), &taken.tally);
        eprintln!(
            "  recorded: {} segments, {} observations",
            taken.segments, taken.observations
        );
        if let Some(path) = &taken.quarantine {
            eprintln!(
                "  faults, with the bytes of what was set aside: {}",
                path.display()
            );
        }
    }
    Ok(taken.tally.set_aside() == 0)
}

/// Has the engine judge all there is, and tells what came of it.
pub(super) fn judge(centre: &mut Centre, json: bool) -> anyhow::Result<()> {
    let bar = tell::progress("judging", None);
    let outcome = centre.judge()?;
    bar.finish_and_clear();
    if json {
        println!(
            "{}",
            json!({"events": outcome.events, "findings": outcome.findings, "superseded": outcome.superseded})
        );
    } else {
        eprintln!(
            "judged: {} events, {} new findings, {} superseded",
            outcome.events, outcome.findings, outcome.superseded
        );
        for note in &outcome.notes {
            eprintln!("  {note}");
        }
    }
    Ok(())
}
