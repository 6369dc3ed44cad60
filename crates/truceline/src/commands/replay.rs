//! `truceline replay`.

use serde_json::json;
use truceline_service::Centre;

use crate::args::Replay;

pub(crate) fn run(args: &Replay, json: bool) -> anyhow::Result<bool> {
    let replayed = Centre::replay(&args.centre.dir)?;
    let same = replayed
        .before
        .is_none_or(|before| before == replayed.after);
    if json {
        let before = replayed.before;
        println!(
            "{}",
            json!({"entries": replayed.entries, "judgements": replayed.judgements,
                   "content_before": before, "content_after": replayed.after, "same": same})
        );
        return Ok(same);
    }
    println!(
        "{} entries projected; {} judgements made again, each the recorded one byte for byte",
        replayed.entries, replayed.judgements
    );
    match replayed.before {
        None => println!(
            "there was no store to compare with; it is now {}",
            replayed.after
        ),
        Some(_) if same => println!("the store's content is the same: {}", replayed.after),
        Some(before) => println!(
            "the store's content was {before} and is now {}: somebody had changed it, or an earlier version had made it",
            replayed.after
        ),
    }
    Ok(same)
}
