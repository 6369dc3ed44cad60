//! The smoke scenario, and its findings held against its truth.

use proptest::prelude::ProptestConfig;
use serde_json::Value;
use truceline_agreement::theatre::Detail;
use truceline_agreement::{File, Theatre};
use truceline_domain::{Event, Observation, Observed, TheatreId, Verdict};
use truceline_engine::{Judgement, Parameters, judge};

pub(crate) const THEATRE: &str = include_str!("../data/smoke/theatre.geojson");
pub(crate) const OBSERVATIONS: &str = include_str!("../data/smoke/observations.ndjson");
const TRUTH: &str = include_str!("../data/smoke/truth.ndjson");

/// So few cases of a property that judges a whole night, unless `PROPTEST_CASES` asks for another number.
pub(crate) fn few(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let asked = asked.and_then(|n| n.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(cases))
}

pub(crate) fn theatre(text: &str) -> Theatre {
    let id = TheatreId::new("smoke").unwrap();
    Theatre::parse(
        &id,
        &[File::new("theatre.geojson", text.as_bytes())],
        Detail::Scenario,
    )
    .unwrap()
}

pub(crate) fn observations(text: &str) -> Vec<Observation> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(crate) fn judged(theatre_text: &str, observations: &[Observation]) -> Judgement {
    judge(&theatre(theatre_text), observations, &Parameters::default())
}

/// What really happened, and which finding (if any) is it.
pub(crate) struct Held {
    pub(crate) party: Option<String>,
    pub(crate) found: Option<Event>,
    pub(crate) error_m: f64,
}

/// Metres between places a few kilometres apart.
pub(crate) fn apart_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let mean = f64::midpoint(a.0, b.0).to_radians();
    let (north, east) = (
        (a.0 - b.0) * 111_100.0,
        (a.1 - b.1) * 111_320.0 * mean.cos(),
    );
    north.hypot(east)
}

/// Findings nearest to each true event, within 4 s and 600 m; each finding is used once.
pub(crate) fn held_against_truth(judgement: &Judgement) -> Vec<Held> {
    let mut free: Vec<Event> = judgement.events.clone();
    let hold = |truth: &Value| {
        let time: Observed = truth["time"].as_str().unwrap().parse().unwrap();
        let place = (
            truth["lat"].as_f64().unwrap(),
            truth["lon"].as_f64().unwrap(),
        );
        let error = |e: &Event| apart_m(place, (e.position.lat_deg(), e.position.lon_deg()));
        let near = free
            .iter()
            .enumerate()
            .filter(|(_, e)| e.time.seconds_since(time).abs() < 4.0 && error(e) < 600.0)
            .min_by(|a, b| error(a.1).total_cmp(&error(b.1)))
            .map(|(i, _)| i);
        let found = near.map(|i| free.remove(i));
        let is_violation = truth["violation"].as_bool().unwrap();
        Held {
            party: truth["party"]
                .as_str()
                .filter(|_| is_violation)
                .map(str::to_owned),
            error_m: found.as_ref().map_or(f64::NAN, error),
            found,
        }
    };
    lines(TRUTH).iter().map(hold).collect()
}

pub(crate) fn named(event: &Event) -> Option<String> {
    match &event.attribution.verdict {
        Verdict::Party(party) => Some(party.to_string()),
        _ => None,
    }
}

/// No finding names a party that did not fire within 90 s and 3 km.
pub(crate) fn assert_nobody_wrongly_accused(judgement: &Judgement) {
    let truth = lines(TRUTH);
    for event in &judgement.events {
        let Some(party) = named(event) else { continue };
        let fired = truth.iter().any(|t| {
            let near = |at: &Value| {
                let time: Observed = at["time"].as_str().unwrap().parse().unwrap();
                let place = (at["lat"].as_f64().unwrap(), at["lon"].as_f64().unwrap());
                let here = (event.position.lat_deg(), event.position.lon_deg());
                event.time.seconds_since(time).abs() < 90.0 && apart_m(place, here) < 3000.0
            };
            t["violation"] == true
                && t["party"] == party.as_str()
                && (near(t) || (t["impact"].is_object() && near(&t["impact"])))
        });
        assert!(
            fired,
            "{party} wrongly named: {:?}",
            event.explanation.sentences
        );
    }
}
