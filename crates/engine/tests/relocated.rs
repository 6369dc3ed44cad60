//! A post that moved: what was watched before and after is reckoned from where it stood then.

use crate::common::*;
use serde_json::json;
use truceline_agreement::Theatre;
use truceline_agreement::theatre::{Operator, Post};
use truceline_agreement::when::Validity;
use truceline_domain::{Observation, Observed, Position};
use truceline_engine::{Stretch, coverage};

fn at(time: &str) -> Observed {
    format!("2026-05-05T{time}Z").parse().unwrap()
}

/// The smoke scenario's line with one post: at its beginning until 01:00, at its end from then on.
fn moved() -> (Theatre, [Position; 2]) {
    let mut theatre = theatre(THEATRE);
    let line = &theatre.lines[0].path.0;
    let places = [line[0], line[line.len() - 1]].map(|c| Position::new(c.y, c.x).unwrap());
    let post = |position, from, until| Post {
        id: "P9".parse().unwrap(),
        operator: Operator::Mission,
        position,
        accuracy_m: 0.0,
        valid: Validity { from, until },
    };
    let moves = Some(at("01:00:00"));
    theatre.posts = vec![post(places[0], None, moves), post(places[1], moves, None)];
    (theatre, places)
}

/// The best chance that anything was noticed on the first stretch and on the last: nobody but the post is there.
fn by_post(theatre: &Theatre, all: &[Observation], from: &str, until: &str) -> [f64; 2] {
    let stretches = coverage(theatre, all, at(from), at(until));
    let watched = |s: &Stretch| s.kinds.values().map(|k| k.p_seen).fold(0.0, f64::max);
    let first = stretches.first().map_or(0.0, watched);
    [first, stretches.last().map_or(0.0, watched)]
}

#[test]
fn its_reports_watch_from_where_it_stood() {
    let (theatre, _) = moved();
    let report = |id: &str, time: &str| -> Observation {
        let report = json!({
            "id": id, "source": "P9", "observed": at(time), "kind": "report",
            "means": "heard", "phenomenon": "explosion",
        });
        serde_json::from_value(report).unwrap()
    };
    let all = [report("before", "00:20:00"), report("after", "01:40:00")];
    let [first, last] = by_post(&theatre, &all, "00:00:00", "01:00:00");
    assert!(first > 0.0 && last == 0.0, "{first} {last}");
    let [first, last] = by_post(&theatre, &all, "01:00:00", "02:00:00");
    assert!(first == 0.0 && last > 0.0, "{first} {last}");
    let standing = |time: &str| theatre.at(at(time)).post("P9").map(|p| p.position);
    assert_eq!(standing("00:59:59"), Some(theatre.posts[0].position));
    assert_eq!(standing("01:00:00"), Some(theatre.posts[1].position));
}

#[test]
fn somebody_at_the_place_it_left_does_not_man_it() {
    let (theatre, [old, new]) = moved();
    let marker = |id: &str, time: &str, place: Position| -> Observation {
        let time = at(time);
        let event = json!({
            "id": id, "source": "patrol", "observed": time, "kind": "cot.event", "uid": "patrol",
            "type": "a-f-G", "how": "m-g", "time": time, "start": time, "stale": time,
            "lat": place.lat, "lon": place.lon,
        });
        serde_json::from_value(event).unwrap()
    };
    let left = [marker("left", "01:30:00", old)];
    assert_eq!(by_post(&theatre, &left, "01:00:00", "02:00:00"), [0.0, 0.0]);
    let there = [marker("there", "01:30:00", new)];
    let [first, last] = by_post(&theatre, &there, "01:00:00", "02:00:00");
    assert!(first == 0.0 && last > 0.0, "{first} {last}");
}
