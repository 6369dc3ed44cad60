//! What the record takes in a second, beside what the disk takes alone.
//!
//! `cargo bench -p truceline-record` prints one table. `TRUCELINE_BENCH_DIR` chooses the disk (the
//! system's folder for temporary files otherwise), `TRUCELINE_BENCH_S` the seconds for each row (3).
//! Rates are over all threads; everything counted was acknowledged durably.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use truceline_domain::{FeedId, Observation, Recorded, TheatreId};
use truceline_record::batch::BatchWriter;
use truceline_record::{Algorithm, Draft, Record, SignerKey};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this too, with another argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let seconds = std::env::var("TRUCELINE_BENCH_S").map_or(Ok(3.0), |text| text.parse())?;
    let place = std::env::var_os("TRUCELINE_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(place)?;
    let key = SignerKey::generate("bench.example/log", Algorithm::Ed25519)?;
    Record::create(&folder.path().join("record"), &key)?;
    let clock = || Recorded::from_unix_us(1_605_000_000_000_000).unwrap_or_else(|_| unreachable!());
    let (record, _) = Record::open_writer(&folder.path().join("record"), &key, clock)?;
    let time = Duration::from_secs_f64(seconds);

    println!("{:<58} {:>12}", "the record", "per second");
    row(
        "disk alone: append 16 KiB and sync",
        disk_syncs(folder.path(), time)?,
        "",
    );
    for writers in [1, 8, 64] {
        let rate = entries(&record, writers, time)?;
        row(&format!("single entries, {writers} writers"), rate, "");
    }
    for (threads, batch) in [(1, 200), (4, 1000)] {
        let rate = observations(&record, threads, batch, time)?;
        row(
            &format!("observations, batches of {batch}, {threads} threads"),
            rate,
            "",
        );
    }
    let chunk: Vec<u8> = (0..1 << 20)
        .map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    row(
        "disk alone: 64 MiB files, each synced at its end",
        disk_bytes(folder.path(), &chunk, time)?,
        "MB",
    );
    for feeds in [1, 2] {
        let rate = segments(&record, feeds, &chunk, time)?;
        row(
            &format!("segments of 64 MiB, {feeds} feeds, hashed and synced"),
            rate,
            "MB",
        );
    }
    row(
        "disk alone, again",
        disk_bytes(folder.path(), &chunk, time)?,
        "MB",
    );
    let log = record.log()?;
    let begun = Instant::now();
    let read = log.entries(0).verified().filter(Result::is_ok).count();
    let rate = read as f64 / begun.elapsed().as_secs_f64();
    row(
        &format!("reading {read} entries, each checked against the root"),
        rate,
        "",
    );
    Ok(())
}

fn row(what: &str, per_second: f64, unit: &str) {
    println!("{what:<58} {per_second:>9.0} {unit}");
}

fn draft(n: u64) -> Result<Draft, Failure> {
    let body = serde_json::json!({
        "feed": "post-4", "n": n, "reason": "a body of a common size, as that of a segment or gap",
        "received": {"first": "2020-11-10T09:00:00.000000Z", "last": "2020-11-10T09:00:01.000000Z"},
    });
    Ok(Draft::new(
        "note",
        &TheatreId::new("bench")?,
        "bench",
        &body,
    )?)
}

/// Runs `work` in `threads` threads until `time` is over; the sum of what it returns, per second.
fn rate(
    threads: u64,
    time: Duration,
    work: impl Fn(u64) -> Result<u64, Failure> + Sync,
) -> Result<f64, Failure> {
    let begun = Instant::now();
    let done: u64 = std::thread::scope(|scope| {
        let work = &work;
        let run = move |thread: u64| {
            let mut done = 0;
            let mut n = thread << 32;
            while begun.elapsed() < time {
                done += work(n)?;
                n += 1;
            }
            Ok::<u64, Failure>(done)
        };
        let threads: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || run(thread)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("panicked".into())))
            .sum::<Result<u64, Failure>>()
    })?;
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

fn entries(record: &Record, writers: u64, time: Duration) -> Result<f64, Failure> {
    rate(writers, time, |n| {
        record.append(draft(n)?)?;
        Ok(1)
    })
}

fn observations(record: &Record, threads: u64, batch: u64, time: Duration) -> Result<f64, Failure> {
    let theatre = TheatreId::new("bench")?;
    rate(threads, time, |n| {
        let mut writer = BatchWriter::new(FeedId::new("post-4")?, None);
        for k in 0..batch {
            let observation: Observation = serde_json::from_value(serde_json::json!({
                "id": format!("o{}", n * batch + k), "source": "A1", "kind": "acoustic",
                "observed": "2020-11-10T09:00:00.000000Z", "bearing_deg": 50.4,
                "bearing_sd_deg": 2.0, "level_db": 71.5,
            }))?;
            writer.push(&observation)?;
        }
        let body = writer.store(record.blobs())?;
        record.append(body.draft(&theatre, "bench")?)?;
        Ok(batch)
    })
}

fn segments(record: &Record, feeds: u64, chunk: &[u8], time: Duration) -> Result<f64, Failure> {
    let bytes = rate(feeds, time, |n| {
        let mut writer = record.blobs().writer()?;
        writer.push(&n.to_be_bytes())?;
        for _ in 0..64 {
            writer.push(chunk)?;
        }
        let stored = writer.finish()?;
        std::fs::remove_file(record.blobs().path(&stored.sha256))?;
        Ok(stored.bytes)
    })?;
    Ok(bytes / 1e6)
}

fn disk_syncs(folder: &Path, time: Duration) -> Result<f64, Failure> {
    let mut file = File::create(folder.join("raw"))?;
    let rate = rate_alone(time, || {
        file.write_all(&[7; 16 << 10])?;
        file.sync_data()?;
        Ok(1)
    });
    std::fs::remove_file(folder.join("raw"))?;
    rate
}

fn disk_bytes(folder: &Path, chunk: &[u8], time: Duration) -> Result<f64, Failure> {
    let path = folder.join("raw");
    let rate = rate_alone(time, || {
        let mut file = File::create(&path)?;
        for _ in 0..64 {
            file.write_all(chunk)?;
        }
        file.sync_all()?;
        std::fs::remove_file(&path)?;
        Ok(64 * chunk.len() as u64)
    })?;
    Ok(rate / 1e6)
}

fn rate_alone(
    time: Duration,
    mut work: impl FnMut() -> Result<u64, Failure>,
) -> Result<f64, Failure> {
    let begun = Instant::now();
    let mut done = 0;
    while begun.elapsed() < time {
        done += work()?;
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}
