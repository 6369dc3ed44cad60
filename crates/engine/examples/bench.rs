//! What a judgement costs: `bench THEATRE.geojson OBSERVATIONS.ndjson FINDINGS.ndjson [RATE [cpu]]`.
//!
//! Exchanges of fire are written beside the findings, as `FINDINGS.ndjson.exchanges`.
//! Without a rate all observations are judged at once. With one they arrive so many a second, in the
//! order in which the centre received them, and are judged as they arrive: whatever came while one
//! judgement was made waits for the next. The clock is reckoned, not waited for: it moves by the time
//! that each judgement took on the wall, or with `cpu` on the processor (of the main thread, so that it is
//! all of it only on one core: `taskset -c 0`), which is the figure on a machine with other work. `told_as_whole`
//! is the share of the events of a judgement at once that what was told meanwhile has with the same verdict.
//! Prints one JSON object.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use truceline_agreement::theatre::Detail;
use truceline_agreement::{File, Theatre};
use truceline_domain::{Event, Observation, TheatreId};
use truceline_engine::{Judgement, Live, Parameters, Window, judge};

/// The program's allocator: what is measured is what runs.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// After each so many observations what is told as they arrive is held against a judgement at once.
const COMPARED_EVERY: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [theatre, observations, findings, rate @ ..] = args.as_slice() else {
        return Err(
            "usage: bench THEATRE.geojson OBSERVATIONS.ndjson FINDINGS.ndjson [RATE [cpu]]".into(),
        );
    };
    let bytes = std::fs::read(theatre)?;
    let theatre = Theatre::parse(
        &TheatreId::new("scenario")?,
        &[File::new(theatre, &bytes)],
        Detail::Scenario,
    )?;
    let lines = std::fs::read_to_string(observations)?;
    let read = lines.lines().filter_map(|l| serde_json::from_str(l).ok());
    let observations: Vec<Observation> = read.collect();
    let before_s = cpu_s();
    let (judgement, mut cost) = match rate {
        [] => at_once(&theatre, &observations),
        [rate, by @ ..] => {
            let rate = rate.parse()?;
            as_they_arrive(&theatre, observations.clone(), rate, by == ["cpu"])
        }
    };
    cost["observations"] = observations.len().into();
    cost["events"] = judgement.events.len().into();
    cost["cpu_seconds"] = (cpu_s() - before_s).into();
    cost["peak_mb"] = peak_mb().into();
    cost["load"] = load().into();
    write(findings, &judgement.events)?;
    write(&format!("{findings}.exchanges"), &judgement.exchanges)?;
    println!("{cost}");
    Ok(())
}

/// One JSON object a line.
fn write(path: &str, items: &[impl serde::Serialize]) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for item in items {
        serde_json::to_writer(&mut out, item)?;
        writeln!(out)?;
    }
    Ok(())
}

fn at_once(theatre: &Theatre, observations: &[Observation]) -> (Judgement, serde_json::Value) {
    let start = Instant::now();
    let judgement = judge(theatre, observations, &Parameters::default());
    let cost = serde_json::json!({"seconds": start.elapsed().as_secs_f64()});
    (judgement, cost)
}

fn as_they_arrive(
    theatre: &Theatre,
    mut observations: Vec<Observation>,
    rate: f64,
    by_cpu: bool,
) -> (Judgement, serde_json::Value) {
    observations.sort_by_key(|o| o.received);
    let mut live = Live::new(theatre.clone(), Parameters::default(), Window::default());
    let arrival = |i: usize| i as f64 / rate;
    let (mut now_s, mut next, mut judgements) = (0.0, 0, 0_u32);
    let mut waited_s: Vec<f64> = Vec::with_capacity(observations.len());
    let (mut told, mut of_whole) = (0, 0);
    while next < observations.len() {
        now_s = f64::max(now_s, arrival(next));
        let first = next;
        while next < observations.len() && arrival(next) <= now_s {
            next += 1;
        }
        let (start, start_cpu_s) = (Instant::now(), thread_cpu_s());
        live.push(observations.get(first..next).unwrap_or_default());
        live.judge();
        now_s += if by_cpu {
            thread_cpu_s() - start_cpu_s
        } else {
            start.elapsed().as_secs_f64()
        };
        judgements += 1;
        waited_s.extend((first..next).map(|i| now_s - arrival(i)));
        if first / COMPARED_EVERY < next / COMPARED_EVERY {
            let window: Vec<Observation> = live.observations().cloned().collect();
            let whole = judge(theatre, &window, &Parameters::default());
            let now = &live.judgement().events;
            of_whole += u32::try_from(whole.events.len()).unwrap_or(u32::MAX);
            let found = whole
                .events
                .iter()
                .filter(|e| now.iter().any(|n| is_same(e, n)));
            told += u32::try_from(found.count()).unwrap_or(u32::MAX);
        }
    }
    // What waits to be brought up to date is, before it is held against a judgement at once.
    live.judge_whole();
    waited_s.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let i = (share * (waited_s.len() as f64 - 1.0)) as usize;
        waited_s.get(i).copied().unwrap_or(0.0) * 1e3
    };
    let window: Vec<Observation> = live.observations().cloned().collect();
    let batch = judge(theatre, &window, &Parameters::default());
    // What the window passed is settled; the rest must be what a judgement of the window gives.
    let from = live.judgement().events.first().map(|e| e.time);
    let same = batch.events.iter().filter(|e| Some(e.time) >= from);
    let cost = serde_json::json!({
        "seconds": now_s, "judgements": judgements, "rate": rate, "window": window.len(),
        "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0),
        "told_as_whole": f64::from(told) / f64::from(of_whole.max(1)),
        "same_as_batch": same.eq(&live.judgement().events),
    });
    (live.judgement().clone(), cost)
}

/// Whether two judgements tell the same of one event: the same verdict, within a second and some 300 m.
fn is_same(a: &Event, b: &Event) -> bool {
    let north_m = (a.position.lat_deg() - b.position.lat_deg()) * 111_000.0;
    let narrower = a.position.lat_deg().to_radians().cos();
    let east_m = (a.position.lon_deg() - b.position.lon_deg()) * 111_000.0 * narrower;
    a.attribution.verdict == b.attribution.verdict
        && a.time.seconds_since(b.time).abs() < 1.0
        && north_m.hypot(east_m) < 300.0
}

/// Time the main thread was on a processor, seconds; zero where `/proc` does not tell.
fn thread_cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let ns = stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    ns.unwrap_or(0.0) / 1e9
}

/// User and system time of this process so far, seconds; zero where `/proc` does not tell.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name.split(' ').skip(11).take(2);
    // Ticks of 10 ms (USER_HZ).
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// How many programs wanted a processor over the last minute; zero where `/proc` does not tell.
fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = load.split(' ').next().and_then(|v| v.parse().ok());
    minute.unwrap_or(0.0)
}

/// The most memory this process had, MB; zero where `/proc` does not tell.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kb = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
