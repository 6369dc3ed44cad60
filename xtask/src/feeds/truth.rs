//! What really happened: `truth.ndjson`, to score with and never to feed.

use serde_json::{Value, json};
use truceline_domain::Observed;

use super::crlb::crlb_m;
use super::geometry::{Point, round};
use super::plan::{Event, Plan};
use super::sensors::{Readings, unix_us};

/// One line an event, in the form of the project's scenarios.
pub(super) fn ndjson(plan: &Plan, readings: &Readings) -> Result<String, String> {
    let mut lines = String::new();
    for (number, event) in plan.events.iter().enumerate() {
        lines.push_str(&line(number, event, readings)?.to_string());
        lines.push('\n');
    }
    Ok(lines)
}

fn line(number: usize, event: &Event, readings: &Readings) -> Result<Value, String> {
    let of_event = |also: bool| -> Vec<String> {
        let all = readings.all.iter().enumerate();
        all.filter(|(_, r)| r.event == Some(number) && r.is_also == also)
            .map(|(at, _)| Readings::id(at))
            .collect()
    };
    let evidence: Vec<_> = readings
        .all
        .iter()
        .filter(|r| r.event == Some(number))
        .filter_map(|r| r.evidence)
        .collect();
    let (lat, lon) = event.at.degrees();
    let impact = event
        .impact
        .map(|(at, at_s)| impact(at, at_s))
        .transpose()?;
    Ok(json!({
        "id": format!("E{:03}", number + 1),
        "time": time(event.time_s)?,
        "lat": lat,
        "lon": lon,
        "impact": impact,
        "kind": event.kind,
        "party": event.party,
        "violation": event.violation,
        "incident": format!("I{:02}", event.series + 1),
        "detectable_by": of_event(false),
        "also": of_event(true),
        "crlb_m": crlb_m(event.at, &evidence).map(|m| round(m, 1)),
    }))
}

fn impact(at: Point, at_s: f64) -> Result<Value, String> {
    let (lat, lon) = at.degrees();
    Ok(json!({"lat": lat, "lon": lon, "time": time(at_s)?}))
}

fn time(seconds: f64) -> Result<Observed, String> {
    Observed::from_unix_us(unix_us(seconds)).map_err(|e| e.to_string())
}
