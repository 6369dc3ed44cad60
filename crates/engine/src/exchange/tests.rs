//! Who began, on made exchanges.
#![allow(clippy::unwrap_used)] // A panic is a failed test.

use truceline_domain::{
    Attribution, CovarianceM2, Explanation, Observed, Position, Positive, Probabilities, Verdict,
};

use super::*;

fn party(id: &str) -> PartyId {
    PartyId::new(id).unwrap()
}

/// A shot of a party `north_m` north of the line, at a second, as sure as told.
fn shot(who: &str, p: f64, at_s: f64, north_m: f64) -> Event {
    let other = if who == "x" { "y" } else { "x" };
    let weights = [(party(who), p), (party(other), 0.98 - p)];
    let start: Observed = "2026-05-05T00:00:00Z".parse().unwrap();
    Event {
        id: FindingId::new(format!("e-{who}-{at_s}-{north_m}")).unwrap(),
        time: start.plus_seconds(at_s),
        time_sd_s: Positive::new(0.2).unwrap(),
        position: Position::new(40.0 + north_m / 111_000.0, 46.0).unwrap(),
        cov_m2: CovarianceM2::new(900.0, 0.0, 900.0).unwrap(),
        kind: EventKind::Mortar,
        impact: None,
        attribution: Attribution {
            p: Probabilities::from_weights(weights, 0.02).unwrap(),
            verdict: Verdict::Undetermined,
        },
        evidence: vec![],
        explanation: Explanation::default(),
    }
}

fn judged(events: &[Event]) -> Vec<Exchange> {
    let plane = Plane::at(Position::new(40.0, 46.0).unwrap());
    exchanges(events, &plane, 0.05)
}

#[test]
fn who_is_heard_clearly_first_began() {
    let events = [shot("x", 0.97, 0.0, 900.0), shot("y", 0.97, 60.0, -900.0)];
    let [exchange] = &judged(&events)[..] else {
        panic!("one exchange")
    };
    assert!(exchange.began.of(&party("x")).get() > 0.9);
    assert_eq!(exchange.first_event, events[0].id);
    assert_eq!(exchange.participants.len(), 2);
}

#[test]
fn within_the_errors_of_time_nobody_is_named() {
    let events = [shot("x", 0.97, 0.0, 900.0), shot("y", 0.97, 0.1, -900.0)];
    let exchange = &judged(&events)[0];
    let p = exchange.began.of(&party("x")).get();
    assert!((0.4..0.75).contains(&p), "{p}");
    assert_eq!(exchange.verdict, Verdict::Undetermined);
}

#[test]
fn many_rounds_of_one_doubtful_gun_make_it_no_surer_who_began() {
    let doubtful = |n: u32| {
        let rounds = (0..n).map(|i| shot("x", 0.6, f64::from(i) * 9.0, 200.0));
        let answer = shot("y", 0.97, f64::from(n) * 9.0 + 20.0, -900.0);
        judged(&rounds.chain([answer]).collect::<Vec<_>>())[0]
            .began
            .of(&party("x"))
            .get()
    };
    let (few, many) = (doubtful(2), doubtful(9));
    assert!((few - many).abs() < 0.05, "{few} {many}");
    assert!(many < 0.7);
}

#[test]
fn swapped_parties_are_swapped_answers() {
    let of = |a: &str, b: &str| {
        let events = [
            shot(a, 0.8, 0.0, 900.0),
            shot(b, 0.9, 0.4, -900.0),
            shot(a, 0.8, 9.0, 900.0),
        ];
        judged(&events)[0].began.clone()
    };
    let (one, other) = (of("x", "y"), of("y", "x"));
    assert_eq!(one.of(&party("x")), other.of(&party("y")));
    assert_eq!(one.of(&party("y")), other.of(&party("x")));
}

#[test]
fn one_side_alone_or_far_apart_is_no_exchange() {
    let alone = [shot("x", 0.97, 0.0, 900.0), shot("x", 0.97, 5.0, 900.0)];
    assert!(judged(&alone).is_empty());
    let late = [shot("x", 0.97, 0.0, 900.0), shot("y", 0.97, 500.0, -900.0)];
    assert!(judged(&late).is_empty());
    let far = [shot("x", 0.97, 0.0, 900.0), shot("y", 0.97, 5.0, -90_000.0)];
    assert!(judged(&far).is_empty());
    assert!(judged(&[]).is_empty());
}
