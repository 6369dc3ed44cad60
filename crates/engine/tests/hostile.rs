//! Observers that lie, sensors that are gone, numbers that cannot be.

use std::collections::BTreeSet;

use crate::common::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use truceline_domain::{Event, Observation, ObservationId, Verdict};

/// A post that always blames one side, all night, in every direction.
fn partisan(blames: &str, seed: u64) -> Vec<Observation> {
    let posts: Value = serde_json::from_str(THEATRE).unwrap();
    let post = posts["features"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["properties"]["kind"] == "post")
        .unwrap();
    let report = |n: u64| {
        let turn = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(n * 1_442_695_040);
        let minute = n % 60;
        let line = json!({
            "id": format!("lie{n}"), "kind": "report", "source": post["properties"]["id"],
            "observed": format!("2026-05-05T0{}:{minute:02}:00Z", n / 60),
            "received": format!("2026-05-05T0{}:{minute:02}:40Z", n / 60),
            "bearing_deg": (turn >> 20) % 360, "distance_m": 500 + (turn >> 30) % 4000, "count": 3,
            "weapon": (["mortar", "hmg", "small_arms"])[(n % 3) as usize], "direction": "incoming",
            "attributed": blames, "text": "They fire again.",
        });
        serde_json::from_value(line).unwrap()
    };
    (0..180).map(report).collect()
}

fn same<'e>(event: &Event, among: &'e [Event]) -> Option<&'e Event> {
    let evidence: BTreeSet<&ObservationId> = event.evidence.iter().collect();
    let shared = |e: &Event| e.evidence.iter().filter(|id| evidence.contains(id)).count();
    among
        .iter()
        .max_by_key(|e| shared(e))
        .filter(|e| 2 * shared(e) >= evidence.len())
}

proptest! {
    #![proptest_config(few(4))]
    #[test]
    fn a_partisan_observer_turns_no_accusation(seed in any::<u64>(), blames in prop_oneof!["az", "am"]) {
        let all = observations(OBSERVATIONS);
        let honest = judged(THEATRE, &all).events;
        let mut with = all;
        with.extend(partisan(&blames, seed));
        let judgement = judged(THEATRE, &with);
        assert_nobody_wrongly_accused(&judgement);
        for event in &honest {
            let Some(party) = named(event) else { continue };
            let now = same(event, &judgement.events).unwrap();
            let kept = named(now).is_none_or(|other| other == party);
            prop_assert!(kept, "{party} became {:?}", now.attribution.verdict);
            prop_assert_ne!(&now.attribution.verdict, &Verdict::None);
        }
    }
}

#[test]
fn without_a_sensor_places_are_known_worse() {
    let all = observations(OBSERVATIONS);
    let whole = judged(THEATRE, &all).events;
    let area = |e: &Event| e.cov_m2.ee() * e.cov_m2.nn() - e.cov_m2.en() * e.cov_m2.en();
    let (mut ln_ratio, mut count) = (0.0, 0);
    for lost in ["A02", "A04", "A08", "A11"] {
        let gone: BTreeSet<&ObservationId> = all
            .iter()
            .filter(|o| o.source.as_str() == lost)
            .map(|o| &o.id)
            .collect();
        let rest: Vec<Observation> = all
            .iter()
            .filter(|o| !gone.contains(&o.id))
            .cloned()
            .collect();
        let judgement = judged(THEATRE, &rest);
        assert_nobody_wrongly_accused(&judgement);
        let rests_on_it = |e: &&Event| e.evidence.iter().any(|id| gone.contains(id));
        for event in whole.iter().filter(rests_on_it) {
            if let Some(now) = same(event, &judgement.events) {
                ln_ratio += (area(now) / area(event)).ln() / 2.0;
                count += 1;
            }
        }
    }
    assert!(
        count > 5 && ln_ratio / f64::from(count) > 0.0,
        "{ln_ratio} over {count}"
    );
}

#[test]
fn numbers_that_cannot_be_are_refused_at_the_door() {
    let good = json!({
        "id": "o1", "kind": "acoustic", "source": "A01", "observed": "2026-05-05T00:00:00Z",
        "received": "2026-05-05T00:00:01Z", "bearing_deg": 10.0, "bearing_sd_deg": 3.0, "level_db": 60.0,
        "class": "muzzle", "class_p": 0.8, "dur_s": 0.3, "peak_hz": 90.0,
    });
    assert!(serde_json::from_value::<Observation>(good.clone()).is_ok());
    let bad = [
        ("bearing_sd_deg", json!(-1.0)),
        ("bearing_sd_deg", json!(0.0)),
        ("class_p", json!(1.5)),
        ("peak_hz", json!(-3.0)),
        ("observed", json!("2026-05-05T00:00:00")),
        ("level_db", json!("loud")),
        ("id", json!("")),
    ];
    for (key, value) in bad {
        let mut line = good.clone();
        line[key] = value.clone();
        assert!(
            serde_json::from_value::<Observation>(line).is_err(),
            "{key} {value}"
        );
    }
    let text = good.to_string();
    for number in ["NaN", "Infinity", "-Infinity", "1e999"] {
        let line = text.replace("60.0", number);
        assert_ne!(line, text);
        assert!(
            serde_json::from_str::<Observation>(&line).is_err(),
            "{number}"
        );
    }
    let place = |lat: f64, lon: f64| {
        json!({"id": "o2", "kind": "thermal", "source": "SAT1", "observed": "2026-05-05T00:00:00Z",
               "lat": lat, "lon": lon, "sd_m": 200.0})
    };
    assert!(serde_json::from_value::<Observation>(place(91.0, 0.0)).is_err());
    assert!(serde_json::from_value::<Observation>(place(0.0, 181.0)).is_err());
}

#[test]
fn absurd_numbers_that_are_numbers_harm_nobody() {
    let mut all = observations(OBSERVATIONS);
    let honest = judged(THEATRE, &all);
    let absurd = |n: usize, o: &Observation| {
        let mut line = serde_json::to_value(o).unwrap();
        line["id"] = json!(format!("absurd{n}"));
        match n % 4 {
            0 => line["observed"] = json!("9999-01-01T00:00:00Z"),
            1 => line["observed"] = json!("0001-01-01T00:00:00Z"),
            2 if line["kind"] == "acoustic" => line["level_db"] = json!(1e12),
            _ if line["kind"] == "acoustic" => line["peak_hz"] = json!(1e-9),
            _ => {}
        }
        serde_json::from_value(line).unwrap()
    };
    let more: Vec<Observation> = all
        .iter()
        .step_by(5)
        .enumerate()
        .map(|(n, o)| absurd(n, o))
        .collect();
    all.extend(more);
    let judgement = judged(THEATRE, &all);
    assert_nobody_wrongly_accused(&judgement);
    assert!(judgement.events.len() + 2 >= honest.events.len());
}
