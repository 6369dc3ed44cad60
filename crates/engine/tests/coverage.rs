//! What was watched along the smoke scenario's line.
#![allow(clippy::unwrap_used)] // A panic is a failed test.

mod common;

use common::*;
use truceline_domain::{Body, Observation, Observed};
use truceline_engine::{Stretch, Watch, coverage};

fn covered(observations: &[Observation]) -> Vec<Stretch> {
    let at = |t: &str| t.parse::<Observed>().unwrap();
    let span = (at("2026-05-05T00:00:00Z"), at("2026-05-05T01:00:00Z"));
    coverage(&theatre(THEATRE), observations, span.0, span.1)
}

#[test]
fn the_line_is_cut_whole_and_shares_are_shares() {
    let stretches = covered(&observations(OBSERVATIONS));
    assert!(stretches.len() > 8);
    assert_eq!(stretches[0].from_m, 0.0);
    for (a, b) in stretches.iter().zip(stretches.iter().skip(1)) {
        assert!((a.to_m - b.from_m).abs() < 1e-6 && (a.to_m - a.from_m - 5000.0).abs() < 600.0);
    }
    for s in &stretches {
        let best = s.watched.values().copied().fold(0.0, f64::max);
        assert!((0.0..=1.0).contains(&s.watched_by_any) && best <= s.watched_by_any + 1e-12);
        assert_eq!(s.never_watched, s.watched.is_empty());
        assert!(s.stood && s.longest_gap_s <= 3600.0);
        if s.watched_by_any < 0.5 {
            assert!(s.longest_gap_s > 0.0);
        }
    }
    assert!(
        stretches
            .iter()
            .any(|s| s.watched.contains_key(&Watch::Acoustic))
    );
}

#[test]
fn a_source_that_says_nothing_watches_nothing() {
    assert!(
        covered(&[])
            .iter()
            .all(|s| s.never_watched && s.longest_gap_s == 3600.0)
    );
    // Satellites and single detections of a drone are no watch.
    let passes: Vec<Observation> = observations(OBSERVATIONS)
        .into_iter()
        .filter(|o| matches!(o.body, Body::Thermal(_) | Body::Video(_) | Body::Weather(_)))
        .collect();
    assert!(!passes.is_empty());
    assert!(covered(&passes).iter().all(|s| s.never_watched));
}

#[test]
fn fewer_readings_never_watch_more() {
    let all = observations(OBSERVATIONS);
    let half: Vec<Observation> = all.iter().step_by(2).cloned().collect();
    for (whole, part) in covered(&all).iter().zip(&covered(&half)) {
        assert!(part.watched_by_any <= whole.watched_by_any + 1e-12);
    }
}
