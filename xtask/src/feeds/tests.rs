use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use truceline_domain::{Body, EventKind, Observation};

use super::*;

fn theatre_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../theatres/karabakh-2020")
}

fn exercise() -> (Theatre, Plan, sensors::Readings) {
    let theatre = Theatre::read(&theatre_dir()).unwrap();
    let plan = Plan::of(&theatre).unwrap();
    let readings = sensors::simulate(&theatre, &plan, &mut Random::seeded(1)).unwrap();
    (theatre, plan, readings)
}

#[test]
fn both_parties_fire_from_near_and_from_far() {
    let (theatre, plan, _) = exercise();
    for party in &plan.parties {
        let behind: Vec<f64> = plan
            .events
            .iter()
            .filter(|e| e.party.as_ref() == Some(party) && e.violation)
            .inspect(|e| assert_eq!(theatre.holder(e.at), Some(party.as_str())))
            .map(|e| theatre.behind_m(e.at))
            .collect();
        assert!(behind.iter().any(|m| *m < 2_000.0), "{party}: {behind:?}");
        assert!(behind.iter().any(|m| *m > 5_000.0), "{party}: {behind:?}");
    }
    for event in plan.events.iter().filter(|e| e.impact.is_some()) {
        let (burst, _) = event.impact.unwrap();
        assert_ne!(theatre.holder(burst), event.party.as_deref());
    }
}

#[test]
fn most_rounds_can_be_located() {
    let (_, plan, readings) = exercise();
    let truth = truth::ndjson(&plan, &readings).unwrap();
    let locatable = truth
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["crlb_m"].as_f64().is_some_and(|m| m < 1_000.0))
        .count();
    assert!(
        locatable * 10 >= plan.events.len() * 8,
        "{locatable} of {}",
        plan.events.len()
    );
    let deep = plan
        .events
        .iter()
        .filter(|e| e.kind == EventKind::Artillery)
        .count();
    assert_eq!(deep, 6);
}

#[test]
fn every_line_is_an_observation_and_one_comes_twice() {
    let (_, _, readings) = exercise();
    let text = readings.ndjson().unwrap();
    let all: Vec<Observation> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: BTreeSet<_> = all.iter().map(|o| o.id.clone()).collect();
    assert_eq!(ids.len() + 1, all.len());
    assert!(all.is_sorted_by_key(|o| o.received));
    let kinds: BTreeSet<_> = all.iter().map(|o| o.body.kind()).collect();
    for kind in ["acoustic", "flash", "seismic", "weather", "video", "notice"] {
        assert!(kinds.contains(kind), "{kind}");
    }
    assert!(
        all.iter()
            .any(|o| matches!(&o.body, Body::Notice(n) if n.party.is_some()))
    );
}

#[test]
fn the_films_metadata_is_moved_and_still_sums_up() {
    let filmed = recording("fmv/sync_h264.ts").unwrap();
    let moved = drone::moved_to_the_exercise(&filmed).unwrap();
    assert_eq!(moved.len(), filmed.len());
    let changed = moved.iter().zip(&filmed).filter(|(a, b)| a != b).count();
    assert!((100..=1_000).contains(&changed), "{changed} bytes");
    assert!(drone::moved_to_the_exercise(b"no stream").is_err());
}

/// What is shipped is what this makes, on every theatre that ships an exercise.
#[test]
fn the_shipped_feeds_are_made_anew_byte_for_byte() {
    let theatres = theatre_dir().join("..");
    let mut count = 0;
    for theatre in fs::read_dir(theatres).unwrap() {
        let theatre = theatre.unwrap().path();
        if theatre.join("feeds").is_dir() {
            made_anew(&theatre);
            count += 1;
        }
    }
    assert!(count >= 2, "{count}");
}

fn made_anew(theatre: &Path) {
    let name = theatre.file_name().unwrap().to_str().unwrap();
    let out = std::env::temp_dir().join(format!("truceline-feeds-{name}-{}", std::process::id()));
    generate(theatre, &out).unwrap();
    let shipped = theatre.join("feeds");
    let mut bytes = 0;
    for entry in fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        let made = fs::read(&path).unwrap();
        bytes += made.len();
        let name = path.file_name().unwrap();
        assert!(
            fs::read(shipped.join(name)).unwrap() == made,
            "{name:?} differs"
        );
    }
    fs::remove_dir_all(&out).unwrap();
    assert!(bytes < 5_000_000, "{bytes} bytes");
}
