//! Judges a scenario: `assess THEATRE.geojson OBSERVATIONS.ndjson FINDINGS.ndjson`.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use truceline_agreement::theatre::Detail;
use truceline_agreement::{File, Theatre};
use truceline_domain::{Observation, TheatreId};
use truceline_engine::{Parameters, judge};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(theatre), Some(observations), Some(findings)) =
        (args.next(), args.next(), args.next())
    else {
        return Err("usage: assess THEATRE.geojson OBSERVATIONS.ndjson FINDINGS.ndjson".into());
    };
    let bytes = std::fs::read(&theatre)?;
    let theatre = Theatre::parse(
        &TheatreId::new("scenario")?,
        &[File::new(&theatre, &bytes)],
        Detail::Scenario,
    )?;
    let text = std::fs::read_to_string(observations)?;
    let (good, bad): (Vec<_>, Vec<_>) = text
        .lines()
        .map(serde_json::from_str::<Observation>)
        .partition(Result::is_ok);
    let observations: Vec<Observation> = good.into_iter().flatten().collect();
    let start = Instant::now();
    let judgement = judge(&theatre, &observations, &Parameters::default());
    eprintln!(
        "{} observations ({} lines skipped), {} events in {:.2} s, {:?}",
        observations.len(),
        bad.len(),
        judgement.events.len(),
        start.elapsed().as_secs_f64(),
        judgement.unused
    );
    for sensor in judgement.sensors.iter().filter(|s| s.corrected) {
        eprintln!("{}", sensor.sentence);
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(findings)?);
    for event in &judgement.events {
        serde_json::to_writer(&mut out, event)?;
        writeln!(out)?;
    }
    Ok(())
}
