//! What receiving costs: many sources at once, and the processor time and memory that they take.
//!
//! ```text
//! cargo run --release -p truceline-live --example load -- send FILE 20 8     one process sends
//! cargo run --release -p truceline-live --example load -- receive rtsp 20 60  another receives
//! ```
//!
//! `send` plays the file to RTSP and UDP, 20 times each, at 8 times its speed; `receive` takes 20
//! feeds by `udp` or `rtsp` for 60 seconds.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truceline_live::play::{PlayOptions, play};
use truceline_live::{Event, Source, run};

const RTSP_PORT: u16 = 8554;
const UDP_PORT: u16 = 15000;

#[tokio::main]
async fn main() -> Result<(), String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().map_err(|_| format!("{text:?} is no number"));
    match words.as_slice() {
        ["send", file, count, speed] => send(file, number(count)?, number(speed)?).await,
        ["receive", scheme, count, seconds] => {
            receive(scheme, number(count)?, number(seconds)?.into()).await
        }
        _ => Err("send FILE COUNT SPEED | receive udp|rtsp COUNT SECONDS".to_owned()),
    }
}

async fn send(file: &str, count: u16, speed: u16) -> Result<(), String> {
    let options = PlayOptions {
        speed: f64::from(speed),
        repeat: true,
        ..PlayOptions::default()
    };
    let mut players = tokio::task::JoinSet::new();
    for n in 0..count {
        for to in [
            format!("udp://127.0.0.1:{}", UDP_PORT + n),
            format!("rtsp://127.0.0.1:{}/feed", RTSP_PORT + n),
        ] {
            let (file, options, target) = (file.to_owned(), options.clone(), to.parse()?);
            players.spawn(async move {
                let stop = CancellationToken::new();
                let mut tell = |word: String| eprintln!("{word}");
                play(file.as_ref(), &[target], &options, &mut tell, stop).await
            });
        }
    }
    while let Some(ended) = players.join_next().await {
        eprintln!("{ended:?}");
    }
    Ok(())
}

async fn receive(scheme: &str, count: u16, seconds: u64) -> Result<(), String> {
    let (out, mut events) = mpsc::channel(256);
    let stop = CancellationToken::new();
    for n in 0..count {
        let address = match scheme {
            "udp" => format!("udp://127.0.0.1:{}", UDP_PORT + n),
            _ => format!("rtsp://127.0.0.1:{}/feed", RTSP_PORT + n),
        };
        let source: Source = address.parse().map_err(|e| format!("{e}"))?;
        tokio::spawn(run(source, out.clone(), stop.clone()));
    }
    let began = Instant::now();
    let (mut bytes, mut chunks, mut missing) = (0_u64, 0_u64, 0_u64);
    let mut waits: Vec<Duration> = Vec::new();
    let until = began + Duration::from_secs(seconds);
    while let Ok(Some(event)) = tokio::time::timeout_at(until.into(), events.recv()).await {
        match event {
            Event::Bytes(chunk) => {
                bytes += chunk.bytes.len() as u64;
                chunks += 1;
                waits.push(chunk.at.elapsed());
            }
            Event::Missing { count, .. } => missing += count,
            other => eprintln!("{other:?}"),
        }
    }
    let wall = began.elapsed().as_secs_f64();
    waits.sort_unstable();
    let p95 = waits
        .get(waits.len() * 95 / 100)
        .copied()
        .unwrap_or_default();
    let (cpu_s, rss_kib) = own_cost();
    println!(
        "{scheme}: {count} feeds, {wall:.1} s, {:.1} Mb/s, {chunks} chunks, {missing} missing, \
         {cpu_s:.2} s of processor time ({:.1} % of a core), {rss_kib} KiB resident, \
         {:.2} ms in the queue at the 95th percentile",
        bytes as f64 * 8e-6 / wall,
        cpu_s * 100.0 / wall,
        p95.as_secs_f64() * 1e3,
    );
    Ok(())
}

/// Processor time of this process in seconds, and its resident memory (proc_pid_stat(5); clock ticks
/// are hundredths of a second on Linux).
fn own_cost() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let field = |n: usize| after.split_ascii_whitespace().nth(n)?.parse::<u64>().ok();
    let ticks = field(11).unwrap_or(0) + field(12).unwrap_or(0);
    (ticks as f64 / 100.0, field(21).unwrap_or(0) * 4)
}
