//! `truceline play`: recordings sent again with their real timing.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use truceline_live::play::{PlayOptions, play};

use crate::args::Play;

pub(crate) fn run(args: &Play, as_json: bool) -> anyhow::Result<bool> {
    let options = PlayOptions {
        speed: args.speed,
        repeat: args.repeat,
        jitter: Duration::from_millis(u64::from(args.jitter)),
        loss: args.loss / 100.0,
        clock: args.clock_offset,
        seed: args.seed,
        start_90k: args.start_90k,
    };
    let played = super::live::runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let _ended = super::live::until_interrupted(&stop, None);
        let mut tell = |word: String| eprintln!("{word}");
        play(&args.path, &args.to, &options, &mut tell, stop.clone())
            .await
            .context("cannot be played")
    })?;
    if as_json {
        eprintln!(
            "{}",
            json!({"packets": played.packets, "bytes": played.bytes, "left_out": played.lost})
        );
    } else {
        let left_out = match played.lost {
            0 => String::new(),
            n => format!(", {n} left out as asked"),
        };
        eprintln!(
            "sent {} packets, {} bytes{left_out}",
            played.packets, played.bytes
        );
    }
    Ok(true)
}
