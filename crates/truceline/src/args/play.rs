//! `truceline play`, as people type it.

use std::path::PathBuf;

use clap::Args;
use truceline_live::play::{ClockOffset, Target};

/// Send recordings again with their real timing, as their sources would.
///
/// A transport stream goes by its clock, a .tlog by the time before each frame, readings (NDJSON) by
/// `received` or `observed`, Cursor on Target by `time`. Of a folder, the files that its feeds.toml
/// names are played together. An RTSP address where a server answers is published to; elsewhere this
/// is a small RTSP server there. Addresses are those of docs/live.md.
///
/// Examples:
///   truceline play drone.ts --to udp://239.1.2.3:5004 --loop
///   truceline play drone.ts --to rtsp://watch:secret@127.0.0.1:8554/drone --loss 5 --seed 7
///   truceline play flight.tlog --to udp://127.0.0.1:14550 --speed 4 --clock-offset now
///   truceline play theatres/line/feeds --to 'fmv=rtsp://127.0.0.1:8554/{feed}' \
///             --to mavlink=udp://127.0.0.1:14550 --to cot=udp://239.2.3.1:6969 \
///             --to 'sensor=mqtt://broker?topic=sensors/{feed}' --clock-offset now
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Play {
    /// A recording, or a folder with feeds.toml.
    #[arg(value_name = "FILE|DIR")]
    pub(crate) path: PathBuf,
    /// Where to send it: udp, rtp, rtsp, srt, tcp, http(s) or mqtt(s) address. With FORMAT= only
    /// feeds of that format; {feed} becomes the feed's name. May be given several times.
    #[arg(long, value_name = "[FORMAT=]URL", required = true)]
    pub(crate) to: Vec<Target>,
    /// So many times faster than it was recorded.
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
    pub(crate) speed: f64,
    /// Begin again at the end; times and counters run on.
    #[arg(long = "loop")]
    pub(crate) repeat: bool,
    /// Delay each packet by up to so much, milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) jitter: u32,
    /// Leave out so many packets of a hundred.
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = percent)]
    pub(crate) loss: f64,
    /// Move the source's clock (KLV time stamp, SYSTEM_TIME, times of readings and events) by so many
    /// seconds, or `now`: so that the recording begins now.
    #[arg(
        long,
        value_name = "S|now",
        default_value = "0",
        allow_hyphen_values = true
    )]
    pub(crate) clock_offset: ClockOffset,
    /// Added to all time stamps of transport streams, in units of 1/90,000 s: with 8589034592 they wrap after ten
    /// seconds.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..1 << 33))]
    pub(crate) start_90k: u64,
    /// Losses and delays are drawn from this; the same number, the same ones.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if (0.01..=1000.0).contains(&n) => Ok(n),
        _ => Err("expected a number from 0.01 to 1000".to_owned()),
    }
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if (0.0..=100.0).contains(&n) => Ok(n),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}
