//! `truceline decode`, `assess` and `check` through the built program, on recorded bytes and broken
//! ones.

use crate::common::{root, run};
use serde_json::Value;

fn sample(name: &str) -> String {
    root()
        .join("crates/intake/tests/data")
        .join(name)
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_drone_stream_becomes_metadata_lines() {
    let ran = run(&["decode", &sample("fmv/sample-stream.ts")]).ok();
    let lines = ran.lines();
    let metadata: Vec<&Value> = lines
        .iter()
        .filter(|l| l["kind"] == "fmv.metadata")
        .collect();
    assert_eq!(metadata.len(), 277);
    let first = metadata[0];
    assert_eq!(first["checksum"], "ok");
    assert_eq!(first["pid"], 257);
    assert!(
        first["observed"]
            .as_str()
            .unwrap()
            .starts_with("2012-06-29T14:32:34.1"),
        "{first}"
    );
    let lat = first["st0601"]["sensor_latitude_deg"].as_f64().unwrap();
    assert!((lat - 34.72).abs() < 0.2, "{lat}");
    assert!(ran.stderr.contains("277"), "{}", ran.stderr);
}

#[test]
fn every_format_is_recognised_by_its_bytes() {
    for (file, kind) in [
        ("fmv/Cheyenne.bin", "fmv.metadata"),
        ("mavlink/ardusub.tlog", "mavlink.attitude"),
        ("hotspot/viirs_nrt_2022-09.csv", "thermal"),
        ("sensor/smoke.ndjson", "acoustic"),
        ("report/exercise_table.csv", "report"),
        ("ulog/pixhawk.ulg", "mavlink.position"),
    ] {
        // Some samples have faults of their own, which the status tells.
        let lines = run(&["decode", &sample(file)]).lines();
        assert!(
            lines.iter().any(|l| l["kind"] == kind),
            "{file}: no {kind} among {} lines",
            lines.len()
        );
    }
}

#[test]
fn bad_input_is_one_line_and_an_exit_status() {
    let dir = tempfile::tempdir().unwrap();
    let noise = dir.path().join("noise");
    std::fs::write(&noise, [7u8; 500]).unwrap();
    let ran = run(&[
        "decode",
        noise.to_str().unwrap(),
        &sample("sensor/smoke.ndjson"),
    ]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.stderr.lines().filter(|l| l.contains("noise")).count(),
        1,
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.lines().count() > 100,
        "the good input is still read"
    );
    let missing = run(&["decode", "/nowhere/at/all.ts"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("/nowhere/at/all.ts"), "{missing:?}");
    assert_eq!(
        run(&["decode", "--format", "cassette", "x"]).code,
        2,
        "wrong usage"
    );
    assert_eq!(run(&["decode"]).code, 2, "wrong usage");
}

#[test]
fn a_truncated_stream_keeps_what_came_whole() {
    let dir = tempfile::tempdir().unwrap();
    let cut = dir.path().join("cut.ts");
    let whole = std::fs::read(sample("fmv/sample-stream.ts")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2 + 77]).unwrap();
    let lines = run(&["decode", cut.to_str().unwrap()]).lines();
    assert!(lines.len() > 100 && lines.len() < 277, "{}", lines.len());
}

#[test]
fn the_engine_alone_gives_events_of_a_scenario() {
    let data = root().join("crates/engine/tests/data/smoke");
    let theatre = data.join("theatre.geojson");
    let observations = data.join("observations.ndjson");
    let ran = run(&[
        "assess",
        "--theatre",
        theatre.to_str().unwrap(),
        observations.to_str().unwrap(),
    ])
    .ok();
    let lines = ran.lines();
    assert!(lines.len() >= 8, "{} events", lines.len());
    for line in &lines {
        let sum: f64 = line["p"]
            .as_object()
            .unwrap()
            .values()
            .map(|p| p.as_f64().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-6, "{line}");
        assert!(
            line["verdict"].is_string() && line["evidence"].is_array(),
            "{line}"
        );
    }
}

#[test]
fn documents_are_checked_with_file_and_line() {
    for theatre in std::fs::read_dir(root().join("theatres")).unwrap() {
        run(&["check", theatre.unwrap().path().to_str().unwrap()]).ok();
    }
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("agreement.md");
    let source = crate::common::theatre().join("agreement.md");
    let text = std::fs::read_to_string(source).unwrap().replacen(
        "violated_if = ",
        "violated_if = 1 + ",
        1,
    );
    std::fs::write(&broken, text).unwrap();
    let ran = run(&["check", broken.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout.lines().any(|l| l.contains("agreement.md:")),
        "{ran:?}"
    );
    assert_eq!(run(&["check", "/nowhere"]).code, 1);
}
