//! What packaging costs, beside reading the feed for the record alone.
//!
//! `cargo xtask bench media` prints one table: of each sample, megabytes a second and microseconds a picture. Best of several
//! rounds on one core; the samples are in memory.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use truceline_domain::{FeedId, Sha256, SourceId};
use truceline_intake::{Context, Format, decoder};
use truceline_media::still::thumbnails;
use truceline_media::{Event, Film, Index, OnDamage, Packager, Source, Span};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Datagrams of seven transport packets, as live feeds come.
const PIECE: usize = 7 * 188;
const ROUNDS: usize = 7;

struct Memory(Vec<u8>);

impl Source for Memory {
    fn read(&self, _: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String> {
        let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
        let bytes = range.and_then(|(from, to)| self.0.get(from..to));
        bytes
            .map(<[u8]>::to_vec)
            .ok_or_else(|| "beyond its end".to_owned())
    }
}

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this too, with another argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let context = Context {
        feed: FeedId::new("feed")?,
        source: SourceId::new("drone")?,
    };
    println!("{:<34} {:>9} {:>12}", "one core", "MB/s", "us a picture");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in [
        "../intake/tests/data/fmv/sample-stream.ts",
        "../intake/tests/data/fmv/sync_h264.ts",
        "tests/data/hevc.ts",
    ] {
        let bytes = std::fs::read(root.join(name))?;
        let short = name.rsplit('/').next().unwrap_or(name);
        let mut pictures = 0;
        let packaged = best(|| {
            pictures = 0;
            let mut packager = Packager::new(context.clone(), OnDamage::Show);
            let mut count =
                |event: Event| pictures += usize::from(matches!(event, Event::Fragment(_)));
            for piece in bytes.chunks(PIECE) {
                packager.push(piece, &mut count);
            }
            packager.finish(&mut count);
        });
        let read = best(|| {
            let mut decoder = decoder(Format::Fmv, context.clone());
            for piece in bytes.chunks(PIECE) {
                decoder.push(piece, &mut |_| {});
            }
            decoder.finish(&mut |_| {});
        });
        let sha256 = Sha256::of(&bytes);
        let mut index = None;
        let indexed = best(|| index = Some(Index::build(&context, sha256, &bytes, None)));
        let span = Span::new(index.map(Arc::new).into_iter().collect());
        row(
            &format!("{short}: read for the record"),
            bytes.len(),
            read,
            pictures,
        );
        row(
            &format!("{short}: packaged"),
            bytes.len(),
            packaged,
            pictures,
        );
        row(&format!("{short}: indexed"), bytes.len(), indexed, pictures);
        let memory = Memory(bytes);
        let (first, last) = span.times_90k().unwrap_or_default();
        let film = Film::new(&span, first, last)?;
        let made = best(|| drop(film.whole(&memory)));
        row(
            &format!("{short}: film of all"),
            memory.0.len(),
            made,
            pictures,
        );
        if name.ends_with("hevc.ts") {
            continue;
        }
        let bar = best(|| drop(thumbnails(&span, first, last, 10, &memory)));
        row(&format!("{short}: ten thumbnails"), memory.0.len(), bar, 10);
    }
    Ok(())
}

/// Seconds of the best round.
fn best(mut work: impl FnMut()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

fn row(what: &str, bytes: usize, seconds: f64, pictures: usize) {
    let rate = bytes as f64 / 1e6 / seconds;
    let each = seconds * 1e6 / pictures.max(1) as f64;
    println!("{what:<34} {rate:>9.0} {each:>12.1}");
}
