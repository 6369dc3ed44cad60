//! What was watched along the smoke scenario's line.

use crate::common::*;
use serde_json::json;
use truceline_agreement::Theatre;
use truceline_domain::{Body, EventKind, Observation, Observed, Position};
use truceline_engine::{CoverageState, Stretch, Watch, coverage};

fn span() -> (Observed, Observed) {
    let at = |t: &str| t.parse::<Observed>().unwrap();
    (at("2026-05-05T00:00:00Z"), at("2026-05-05T01:00:00Z"))
}

fn covered(observations: &[Observation]) -> Vec<Stretch> {
    let (from, until) = span();
    coverage(&theatre(THEATRE), observations, from, until)
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
    // Weather does not watch: without it another wind would be reckoned with.
    let weather = all.iter().filter(|o| matches!(o.body, Body::Weather(_)));
    let half: Vec<Observation> = half.into_iter().chain(weather.cloned()).collect();
    for (whole, part) in covered(&all).iter().zip(&covered(&half)) {
        assert!(part.watched_by_any <= whole.watched_by_any + 1e-12);
        for (kind, watched) in &part.kinds {
            assert!(
                watched.p_seen <= whole.kinds[kind].p_seen + 1e-12,
                "{kind:?}"
            );
        }
    }
}

#[test]
fn louder_weapons_are_noticed_more_and_shares_hang_together() {
    for s in covered(&observations(OBSERVATIONS)) {
        let p = |kind: EventKind| s.kinds[&kind].p_seen;
        assert!(
            p(EventKind::Artillery) >= p(EventKind::Mortar)
                && p(EventKind::Mortar) >= p(EventKind::SmallArms)
        );
        for (kind, w) in &s.kinds {
            let best = w.p_seen_by.values().copied().fold(0.0, f64::max);
            assert!(
                (0.0..=1.0).contains(&w.p_seen) && best <= w.p_seen + 1e-6,
                "{kind:?} {w:?}"
            );
            assert_eq!(w.never_watched, w.watched == 0.0);
        }
        assert_eq!(s.watched_by_any, s.kinds[&EventKind::SmallArms].watched);
    }
}

#[test]
fn pushed_one_by_one_in_any_order_it_is_the_same() {
    let all = observations(OBSERVATIONS);
    let mut state = CoverageState::new(&theatre(THEATRE));
    let (from, until) = span();
    for (i, o) in all.iter().rev().enumerate() {
        state.push(o);
        if i % 97 == 0 {
            // Asking in between changes nothing.
            let _ = state.stretches(from, until);
        }
    }
    state.settle();
    assert_eq!(state.stretches(from, until), covered(&all));
}

#[test]
fn hours_add_up_to_the_span() {
    let all = observations(OBSERVATIONS);
    let mut state = truceline_engine::covered(&theatre(THEATRE), &all);
    let at = |t: &str| t.parse::<Observed>().unwrap();
    let (from, until) = (at("2026-05-05T00:20:00Z"), at("2026-05-05T02:00:00Z"));
    let hours = state.hours(from, until);
    let whole = state.stretches(from, until);
    assert_eq!(hours.len(), 2 * whole.len());
    for (i, stretch) in whole.iter().enumerate() {
        let p = |s: &Stretch| s.kinds[&EventKind::Mortar].p_seen;
        let (first, second) = (&hours[i], &hours[whole.len() + i]);
        let mean = (p(&first.stretch) * 40.0 + p(&second.stretch) * 60.0) / 100.0;
        assert!((mean - p(stretch)).abs() < 1e-9);
    }
}

/// A drone that hovers over the line for an hour, its frame half a kilometre wide.
fn hover(place: Position, sensor: &str, hour: &str, pixels_wide_m: f64) -> Vec<Observation> {
    let half_deg = pixels_wide_m / 2.0 / 111_200.0;
    let (lat, lon) = (place.lat_deg(), place.lon_deg());
    let corner = |n: f64, e: f64| {
        (
            lat + n * half_deg,
            lon + e * half_deg / lat.to_radians().cos(),
        )
    };
    let corners = [
        corner(1.0, -1.0),
        corner(1.0, 1.0),
        corner(-1.0, 1.0),
        corner(-1.0, -1.0),
    ];
    let mut st0601 = json!({
        "sensor_latitude_deg": lat, "sensor_longitude_deg": lon, "sensor_true_altitude_m": 2000.0,
        "image_source_sensor": sensor,
    });
    for (i, (lat, lon)) in corners.iter().enumerate() {
        st0601[format!("corner_latitude_point_{}_full_deg", i + 1)] = json!(lat);
        st0601[format!("corner_longitude_point_{}_full_deg", i + 1)] = json!(lon);
    }
    let packet = |s: u32| {
        serde_json::from_value(json!({
            "id": format!("u{s}"), "source": "UAV1", "kind": "fmv.metadata",
            "observed": format!("{hour}:{:02}:{:02}Z", s / 60, s % 60),
            "pts_90k": null, "pid": 0, "carriage": "raw", "checksum": "ok", "offset": 0, "st0601": st0601,
        }))
        .unwrap()
    };
    (0..3600).step_by(2).map(packet).collect()
}

#[test]
fn a_drone_watches_what_it_could_have_seen() {
    let theatre = theatre(THEATRE);
    let place = {
        let c = theatre.lines[0].path.0[theatre.lines[0].path.0.len() / 2];
        Position::new(c.y, c.x).unwrap()
    };
    let at = |t: &str| t.parse::<Observed>().unwrap();
    let movement = |observations: &[Observation], hour: &str| {
        let from = at(&format!("{hour}:00:00Z"));
        let all = coverage(&theatre, observations, from, from.plus_seconds(3600.0));
        let shares = all.iter().map(|s| s.kinds[&EventKind::Movement].watched);
        shares.fold(0.0, f64::max)
    };
    let (day, night) = ("2026-05-05T09", "2026-05-05T22");
    // A frame of 2.2 km holds some of the samples a kilometre apart; of 100 m at most one.
    assert!(movement(&hover(place, "EO", day, 150.0), day) <= 0.25);
    let wide = movement(&hover(place, "EO", day, 2_200.0), day);
    assert_eq!(wide, 0.0, "3 m a pixel shows no vehicle");
    let fine = |sensor: &str, hour: &str| {
        let sweep: Vec<Observation> = (0..9)
            .flat_map(|i| {
                let north = f64::from(i - 4) * 150.0 / 111_200.0;
                let p = Position::new(place.lat_deg() + north, place.lon_deg()).unwrap();
                let mut flight = hover(p, sensor, hour, 180.0);
                for o in &mut flight {
                    o.source = format!("UAV{i}").parse().unwrap();
                    o.id = format!("{i}-{}", o.id.as_str()).parse().unwrap();
                }
                flight
            })
            .collect();
        movement(&sweep, hour)
    };
    let by_day = fine("EO Nose", day);
    assert!(by_day > 0.1, "{by_day}");
    assert_eq!(
        fine("EO Nose", night),
        0.0,
        "a daylight camera sees no vehicle by night"
    );
    assert!(fine("IR Nose", night) > 0.1);
}

/// A theatre's line and sources carried round the earth's axis: on the ellipsoid a rigid move. (Its
/// held ground stays: coverage does not ask who holds it, and GeoJSON cuts polygons at 180°.)
fn carried(by_deg: f64) -> Theatre {
    let mut moved = theatre(THEATRE);
    let wrapped = |lon: f64| (lon + by_deg + 180.0).rem_euclid(360.0) - 180.0;
    let carry = |p: Position| Position::new(p.lat_deg(), wrapped(p.lon_deg())).unwrap();
    for line in &mut moved.lines {
        line.path.0.iter_mut().for_each(|c| c.x = wrapped(c.x));
    }
    moved
        .sensors
        .iter_mut()
        .for_each(|s| s.position = carry(s.position));
    moved
        .posts
        .iter_mut()
        .for_each(|p| p.position = carry(p.position));
    moved
}

#[test]
fn it_is_the_same_across_the_antimeridian() {
    let all = observations(OBSERVATIONS);
    let (from, until) = span();
    let here = coverage(&theatre(THEATRE), &all, from, until);
    let there = coverage(&carried(133.25), &all, from, until);
    assert_eq!(here.len(), there.len());
    for (a, b) in here.iter().zip(&there) {
        let heard = |s: &Stretch| {
            let by = &s.kinds[&EventKind::Mortar].p_seen_by;
            by.get(&Watch::Acoustic).copied().unwrap_or(0.0)
        };
        // Daylight is another there; sound knows none.
        assert!((heard(a) - heard(b)).abs() < 1e-5);
    }
}

#[test]
fn whoever_holds_the_ground_it_is_watched_alike() {
    let all = observations(OBSERVATIONS);
    let (from, until) = span();
    let swapped = THEATRE
        .replace("\"az\"", "\"?\"")
        .replace("\"am\"", "\"az\"")
        .replace("\"?\"", "\"am\"");
    assert_ne!(swapped, THEATRE);
    assert_eq!(
        coverage(&theatre(THEATRE), &all, from, until),
        coverage(&theatre(&swapped), &all, from, until)
    );
}
