//! How long the offline check of a large log takes.
//!
//! `cargo bench -p truceline-record --bench verify` makes a log of a million entries (or of
//! `TRUCELINE_BENCH_ENTRIES`) of about 300 bytes in `TRUCELINE_BENCH_DIR` (the system's folder for
//! temporary files otherwise), and checks it with one thread and with all: every entry's form, every
//! tile, up to the root. The files were just written, so they come from memory, not from the disk.

use std::time::Instant;

use truceline_domain::{Recorded, TheatreId};
use truceline_record::verify::{Options, verify};
use truceline_record::{Algorithm, Draft, Record, SignerKey};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this too, with another argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let entries =
        std::env::var("TRUCELINE_BENCH_ENTRIES").map_or(Ok(1_000_000), |text| text.parse())?;
    let place = std::env::var_os("TRUCELINE_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(place)?;
    let path = folder.path().join("record");
    let key = SignerKey::generate("bench.example/log", Algorithm::Ed25519)?;
    Record::create(&path, &key)?;
    let begun = Instant::now();
    let bytes = fill(&path, &key, entries)?;
    println!(
        "wrote    {entries} entries of {bytes} bytes in {:.2} s",
        begun.elapsed().as_secs_f64()
    );
    for threads in [1, Options::default().threads] {
        let begun = Instant::now();
        let report = verify(
            &path,
            &Options {
                threads,
                ..Options::default()
            },
            &|_| {},
        )?;
        let seconds = begun.elapsed().as_secs_f64();
        let rate = entries as f64 / seconds;
        println!(
            "verified {entries} entries, {threads} threads: {seconds:.2} s, {rate:.0} a second"
        );
        if !report.passed() {
            return Err(report.to_string().into());
        }
    }
    Ok(())
}

/// Fills the log and returns the length of one entry.
fn fill(path: &std::path::Path, key: &SignerKey, entries: u64) -> Result<usize, Failure> {
    let clock = || Recorded::from_unix_us(1_605_000_000_000_000).unwrap_or_else(|_| unreachable!());
    let (record, _) = Record::open_writer(path, key, clock)?;
    let theatre = TheatreId::new("bench")?;
    // A gap, as feeds have them all the time.
    let draft = |n: u64| {
        let body = serde_json::json!({
            "feed": "UAV1", "missing": n, "reason": "lost",
            "received": {"first": "2020-11-10T09:00:00.000000Z", "last": "2020-11-10T09:00:01.000000Z"},
        });
        Draft::new("gap", &theatre, "intake", &body)
    };
    for first in (0..entries).step_by(10_000) {
        let drafts: Result<Vec<Draft>, _> =
            (first..entries.min(first + 10_000)).map(draft).collect();
        record.append_all(drafts?)?;
    }
    Ok(record.log()?.leaf(0)?.bytes.len())
}
