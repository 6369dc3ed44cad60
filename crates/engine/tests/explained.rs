//! What is told of a judgement is what judging again without a piece gives.

use std::collections::BTreeSet;

use crate::common::*;
use truceline_domain::{Event, Observation, ObservationId, Piece, Statement, Verdict};
use truceline_engine::{Language, say};

/// The event that rests on most of the same evidence.
fn successor<'e>(event: &Event, among: &'e [Event]) -> Option<&'e Event> {
    let evidence: BTreeSet<&ObservationId> = event.evidence.iter().collect();
    let shared = |e: &Event| e.evidence.iter().filter(|id| evidence.contains(id)).count();
    among
        .iter()
        .max_by_key(|e| shared(e))
        .filter(|e| shared(e) >= 2)
}

fn without(all: &[Observation], gone: &[ObservationId]) -> Vec<Observation> {
    all.iter()
        .filter(|o| !gone.contains(&o.id))
        .cloned()
        .collect()
}

#[test]
fn sentences_are_the_statements_and_nothing_else() {
    for event in judged(THEATRE, &observations(OBSERVATIONS)).events {
        let said = say(&event.explanation.statements, Language::En, &|p| {
            p.to_string()
        });
        assert_eq!(said, event.explanation.sentences);
        let verdict = event.explanation.statements.iter().find_map(|s| match s {
            Statement::Named { party, .. } => Some(Verdict::Party(party.clone())),
            Statement::NoViolation { .. } => Some(Verdict::None),
            Statement::Undetermined { .. } => Some(Verdict::Undetermined),
            _ => None,
        });
        assert_eq!(verdict.unwrap(), event.attribution.verdict);
    }
}

#[test]
fn every_observation_has_its_worth_and_its_metres() {
    for event in judged(THEATRE, &observations(OBSERVATIONS)).events {
        for c in &event.explanation.contributions {
            assert!(c.log_odds.is_finite() && c.moved_m.is_none_or(f64::is_finite));
            assert_eq!(c.observation.is_some(), c.source.is_some());
        }
        let worth = |c: &truceline_domain::Contribution| c.log_odds.abs();
        assert!(
            event
                .explanation
                .contributions
                .is_sorted_by(|a, b| worth(a) >= worth(b))
        );
        let least = event.explanation.strongest_against();
        assert!(least.is_none_or(|c| c.log_odds < 0.0));
    }
}

/// People and vehicles on a straight way to the event's place and away from it, a minute apart.
fn walked(event: &Event, count: u32) -> Vec<Observation> {
    let made = (0..count).map(|i| {
        let minutes = f64::from(i) - f64::from(count) / 2.0 + 0.5;
        let lat = event.position.lat_deg() + minutes * 70.0 / 111_100.0;
        let at = event.time.plus_seconds(minutes * 60.0).to_string();
        serde_json::from_value(serde_json::json!({
            "id": format!("walked-{i}"), "received": at, "observed": at, "source": "UAV1", "kind": "video",
            "lat": lat, "lon": event.position.lon_deg(), "ce90_m": 10.0,
            "label": if i % 2 == 0 { "person" } else { "vehicle" }, "score": 0.9,
        }))
        .unwrap()
    });
    made.collect()
}

#[test]
fn what_is_weighed_is_cited_and_what_is_cited_is_weighed() {
    let mut all = observations(OBSERVATIONS);
    let before = judged(THEATRE, &all).events;
    let fired = before.iter().filter(|e| named(e).is_some());
    all.extend(fired.take(1).flat_map(|e| walked(e, 8)));
    let events = judged(THEATRE, &all).events;
    let (mut movers, mut names) = (0, BTreeSet::new());
    for event in &events {
        let cited: BTreeSet<&ObservationId> = event.evidence.iter().collect();
        assert_eq!(cited.len(), event.evidence.len());
        let told = &event.explanation.contributions;
        let weighed = told.iter().filter_map(|c| c.observation.as_ref());
        assert_eq!(cited, weighed.collect::<BTreeSet<_>>());
        let gone = event.explanation.counterfactuals.iter();
        assert!(gone.flat_map(|c| &c.without).all(|id| cited.contains(id)));
        let seen = told.iter().filter(|c| c.what == Piece::Movers).count();
        let said = event.explanation.statements.iter().find_map(|s| match s {
            Statement::Moved { count, .. } => Some(*count as usize),
            _ => None,
        });
        assert_eq!(said.unwrap_or(0), seen);
        movers += seen;
        names.insert(&event.id);
    }
    assert!(movers > 0, "nobody was seen to come and go");
    // Who walked there is weighed, and names no event anew.
    assert!(before.iter().all(|e| names.contains(&e.id)));
}

#[test]
fn what_is_said_to_happen_without_a_source_happens_without_it() {
    let all = observations(OBSERVATIONS);
    let events = judged(THEATRE, &all).events;
    let (mut told, mut came) = (0, 0);
    for event in &events {
        for c in &event.explanation.counterfactuals {
            assert_ne!(c.verdict, event.attribution.verdict);
            assert!(!c.without.is_empty());
            let rest = judged(THEATRE, &without(&all, &c.without)).events;
            let verdict = successor(event, &rest).map(|e| e.attribution.verdict.clone());
            told += 1;
            // Without the source others may join it; what counts is that it is named no more.
            came += usize::from(verdict.is_none_or(|v| v != event.attribution.verdict));
        }
    }
    assert!(came * 4 >= told * 3, "{came} of {told}");
}

#[test]
fn where_no_source_carries_the_answer_none_turns_it() {
    let all = observations(OBSERVATIONS);
    let events = judged(THEATRE, &all).events;
    let firm: Vec<&Event> = events
        .iter()
        .filter(|e| e.explanation.counterfactuals.is_empty() && named(e).is_some())
        .collect();
    assert!(!firm.is_empty());
    for event in firm {
        let sources: BTreeSet<_> = event
            .explanation
            .contributions
            .iter()
            .filter_map(|c| c.source.clone())
            .collect();
        let source = sources.first().unwrap();
        let gone: Vec<ObservationId> = event
            .explanation
            .contributions
            .iter()
            .filter(|c| c.source.as_ref() == Some(source))
            .filter_map(|c| c.observation.clone())
            .collect();
        let rest = judged(THEATRE, &without(&all, &gone)).events;
        let verdict = successor(event, &rest).map(|e| e.attribution.verdict.clone());
        assert!(
            matches!(&verdict, Some(v) if *v == event.attribution.verdict || *v == Verdict::Undetermined),
            "{:?} without {source}: {verdict:?}",
            event.attribution.verdict
        );
    }
}
