//! The demo's feeds: an exercise on a theatre, made anew byte for byte by `cargo xtask feeds`.
//!
//! The plan ([`plan`]) says what happens; [`physics`] what a sensor hears, sees and feels of it; each
//! other module writes one file. Places, sensors, posts and parties come from the theatre's own
//! geometry, so that no party is named here.

mod crlb;
mod drone;
mod geometry;
mod hotspots;
mod index;
mod patrol;
mod physics;
mod plan;
mod random;
mod reports;
mod sensors;
mod site;
mod telemetry;
mod theatre;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};

use self::plan::Plan;
use self::random::Random;
use self::theatre::Theatre;

/// The exercise begins here: 2021-03-14T09:00:00Z, microseconds. It lasts an hour.
const START_US: i64 = 1_615_712_400_000_000;
const DAY: &str = "2021-03-14";
const HOUR_S: f64 = 3600.0;

/// Writes all feeds of the exercise on `theatre_dir` into `out`.
///
/// # Errors
/// When the theatre or a genuine recording cannot be read, or a file cannot be written.
pub(crate) fn generate(theatre_dir: &Path, out: &Path) -> Result<(), String> {
    let theatre = Theatre::read(theatre_dir)?;
    let plan = Plan::of(&theatre)?;
    fs::create_dir_all(out).map_err(|e| format!("{}: {e}", out.display()))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))
    };
    let readings = sensors::simulate(&theatre, &plan, &mut Random::seeded(1))?;
    write("sensors.ndjson", readings.ndjson()?.as_bytes())?;
    write("truth.ndjson", truth::ndjson(&plan, &readings)?.as_bytes())?;
    write(
        "reports.csv",
        reports::csv(&theatre, &plan, &mut Random::seeded(2)).as_bytes(),
    )?;
    write(
        "hotspots.csv",
        hotspots::csv(&theatre, &plan, &mut Random::seeded(3)).as_bytes(),
    )?;
    write(
        "patrol.cot",
        patrol::xml(&theatre, &mut Random::seeded(4))?.as_bytes(),
    )?;
    let on_the_road = patrol::on_the_road(&theatre, &mut Random::seeded(5))?;
    if let Some(xml) = &on_the_road {
        write("patrol-m4.cot", xml.as_bytes())?;
    }
    let (film, road) = (theatre.ground.film, on_the_road.is_some());
    if film {
        write("telemetry.tlog", &telemetry::tlog()?)?;
        write(
            "drone.ts",
            &drone::moved_to_the_exercise(&recording("fmv/sync_h264.ts")?)?,
        )?;
        write("test-flight.ts", &recording("fmv/sample-stream.ts")?)?;
        write(
            "firms-modis-2022-02.csv",
            &recording("hotspot/modis_nrt_2022-02.csv")?,
        )?;
    }
    write("feeds.toml", index::feeds(film, road).as_bytes())?;
    write("SOURCE.txt", index::source(film, road).as_bytes())
}

/// A recording that the tests of the readers use too.
fn recording(name: &str) -> Result<Vec<u8>, String> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../crates/intake/tests/data",
        name,
    ]
    .iter()
    .collect();
    fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests;
