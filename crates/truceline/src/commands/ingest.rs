//! `truceline ingest`: feeds into the record, and what they are judged to be.

use anyhow::Context as _;
use serde_json::{Value, json};
use truceline_service::intake::Input;
use truceline_service::{Centre, Control, source};

use super::{Writer, at_work, decode};
use crate::args::{FeedArgs, Ingest};
use crate::tell;

pub(crate) fn run(args: &Ingest, json: bool) -> anyhow::Result<bool> {
    let mut centre = match super::open_or_find(&args.centre.dir)? {
        Writer::Here(centre) => *centre,
        Writer::AtWork(control) => return post(&control, args, json),
    };
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

/// Has the centre at work take the inputs in; it judges them in its own time.
fn post(control: &Control, args: &Ingest, json: bool) -> anyhow::Result<bool> {
    let mut clean = true;
    for input in &args.inputs {
        match post_one(control, input, &args.feed, json) {
            Ok(fine) => clean &= fine,
            Err(e) => {
                eprintln!("{input}: {}", tell::why(&e));
                clean = false;
            }
        }
    }
    Ok(clean)
}

fn post_one(control: &Control, input: &str, args: &FeedArgs, json: bool) -> anyhow::Result<bool> {
    let context = decode::context(input, args)?;
    let format = args.format.map(|f| f.to_string());
    let mut query = vec![("name", input), ("source", context.source.as_str())];
    query.extend(format.as_deref().map(|format| ("format", format)));
    let path = format!("/api/feeds/{}/observations", context.feed);
    let reader = source::open(input).context("cannot be opened")?;
    let taken: Value = at_work::post_bytes(control, &path, &query, reader)?;
    if json {
        println!("{}", json!({"input": input, "taken": taken}));
    } else {
        eprintln!(
            "{input}: recorded by the centre at work: {} segments, {} observations, {} set aside",
            taken["segments"], taken["observations"], taken["set_aside"]
        );
    }
    Ok(taken["set_aside"] == 0)
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
            attached: Vec::new(),
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
