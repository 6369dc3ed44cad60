//! Shifts: what is refused, and what is said of a patrol and a post by what was seen.

use crate::common::{at, by, state};
use proptest::prelude::*;
use truceline_agreement::theatre::Detail;
use truceline_agreement::{Documents, File, Theatre};
use truceline_domain::{Observed, Position, TheatreId};
use truceline_mandate::mobility::Fix;
use truceline_mandate::shifts::{
    Plan, Route, RouteKind, Seen, Shifts, State, Statement, Unit, patrol, post,
};

/// A road along 40° N from 46.00 to 46.10 E (8.5 km), in a sector a kilometre to each side, which stands until 2024-03-01.
const MAP: &str = r#"{"type":"FeatureCollection","theatre":"valley","timezone":"+04:00","features":[
{"type":"Feature","properties":{"kind":"contact_line","id":"l","accuracy":"survey","valid_from":null,"valid_until":null},
 "geometry":{"type":"LineString","coordinates":[[45.9,39.9],[46.2,39.9]]}},
{"type":"Feature","properties":{"kind":"held","party":"a","accuracy":"survey","valid_from":null,"valid_until":null},
 "geometry":{"type":"Polygon","coordinates":[[[45.9,39.9],[46.2,39.9],[46.2,40.1],[45.9,40.1],[45.9,39.9]]]}},
{"type":"Feature","properties":{"kind":"held","party":"b","accuracy":"survey","valid_from":null,"valid_until":null},
 "geometry":{"type":"Polygon","coordinates":[[[45.9,39.8],[46.2,39.8],[46.2,39.9],[45.9,39.9],[45.9,39.8]]]}},
{"type":"Feature","properties":{"kind":"sector","id":"road","accuracy":"survey","valid_from":"2021-01-01","valid_until":"2024-03-01"},
 "geometry":{"type":"Polygon","coordinates":[[[45.99,39.991],[46.11,39.991],[46.11,40.009],[45.99,40.009],[45.99,39.991]]]}},
{"type":"Feature","properties":{"kind":"post","id":"P1","operator":"mission","accuracy":"survey","valid_from":"2021-01-01","valid_until":null},
 "geometry":{"type":"Point","coordinates":[46.0,40.0]}}]}"#;

static VALLEY: std::sync::LazyLock<Documents> = std::sync::LazyLock::new(|| {
    let id = TheatreId::new("valley").unwrap();
    let map = [File::new("map.geojson", MAP.as_bytes())];
    let theatre = Theatre::parse(&id, &map, Detail::Theatre).unwrap();
    Documents {
        theatre: Some(theatre),
        ..Documents::default()
    }
});

fn plan(name: &str, from: &str, until: &str) -> Plan {
    Plan {
        shift: name.to_owned(),
        version: 1,
        unit: Unit::Patrol("p1".to_owned()),
        states: vec![state("north"), state("south")],
        members: 8,
        from: at(from),
        until: at(until),
        timezone: "+04:00".to_owned(),
        sector: Some("road".to_owned()),
        route: Some(Route {
            kind: RouteKind::Line,
            points: vec![[46.0, 40.0], [46.05, 40.0], [46.1, 40.0]],
            tolerance_m: 200.0,
        }),
        text: None,
    }
}

fn usual() -> Plan {
    plan("m1", "2021-03-14T09:00:00Z", "2021-03-14T11:00:00Z")
}

fn take(shifts: &mut Shifts, statement: Statement, signers: &[&str]) -> Result<(), String> {
    let sending = [state("north"), state("south")];
    let before = shifts.clone();
    let recorded = at("2021-03-13T12:00:00Z");
    let taken = shifts.take(7, recorded, &statement, &by(signers), &sending, &VALLEY);
    if taken.is_err() {
        assert_eq!(*shifts, before, "refused, and changed");
    }
    taken.map_err(|refusal| refusal.to_string())
}

fn fix(time: Observed, lon: f64, lat: f64) -> Fix {
    Fix {
        subject: "p1".to_owned(),
        observed: time,
        position: Position::new(lat, lon).unwrap(),
        sd_m: Some(5.0),
    }
}

/// A fix a minute along the road, from a minute of the shift until another, from one longitude to another.
fn drive(plan: &Plan, minutes: std::ops::RangeInclusive<u32>, lon: [f64; 2]) -> Vec<Fix> {
    let length = f64::from(minutes.end() - minutes.start()).max(1.0);
    let first = *minutes.start();
    let go = |minute: u32| {
        let share = f64::from(minute - first) / length;
        let time = plan.from.plus_seconds(f64::from(minute) * 60.0);
        fix(time, lon[0] + (lon[1] - lon[0]) * share, 40.0)
    };
    minutes.map(go).collect()
}

fn seen(plan: &Plan, now_minute: f64, track: &[Fix]) -> Seen {
    let theatre = VALLEY.theatre.as_ref().unwrap();
    patrol::seen(
        plan,
        plan.from.plus_seconds(now_minute * 60.0),
        track,
        theatre,
    )
}

#[test]
fn both_states_plan_a_joint_shift_together_or_one_after_the_other() {
    for (a, b) in [("north", "south"), ("south", "north")] {
        let mut together = Shifts::default();
        take(&mut together, Statement::Plan(usual()), &[a, b]).unwrap();
        assert_eq!(together.latest().count(), 1);
        let mut apart = Shifts::default();
        take(&mut apart, Statement::Plan(usual()), &[a]).unwrap();
        assert_eq!((apart.latest().count(), apart.proposed().count()), (0, 1));
        // The other side proposes otherwise: then the first has not signed that.
        let other = Plan {
            members: 9,
            ..usual()
        };
        take(&mut apart, Statement::Plan(other.clone()), &[b]).unwrap();
        assert_eq!(apart.latest().count(), 0);
        take(&mut apart, Statement::Plan(other), &[a]).unwrap();
        let planned = apart.latest().next().unwrap();
        assert_eq!((planned.plan.members, planned.by.len()), (9, 2));
        assert!(planned.announced_ahead);
        assert_eq!(apart.proposed().count(), 0);
        // Either may call it off, once.
        let cancel = || Statement::Cancel {
            shift: "m1".to_owned(),
            version: 1,
            why: "fog".to_owned(),
        };
        take(&mut apart, cancel(), &[a]).unwrap();
        assert!(
            take(&mut apart, cancel(), &[b])
                .unwrap_err()
                .contains("already")
        );
    }
}

#[test]
fn what_contradicts_itself_the_map_or_another_shift_is_refused() {
    let both = ["north", "south"];
    let wrong: Vec<(&str, Plan)> = vec![
        (
            "after the beginning",
            Plan {
                until: usual().from,
                ..usual()
            },
        ),
        (
            "at most a week",
            Plan {
                until: at("2021-04-14T00:00:00Z"),
                ..usual()
            },
        ),
        (
            "1 to 1000",
            Plan {
                members: 0,
                ..usual()
            },
        ),
        (
            "an offset",
            Plan {
                timezone: "Europe/Baku".to_owned(),
                ..usual()
            },
        ),
        (
            "does not stand",
            Plan {
                sector: Some("raod".to_owned()),
                ..usual()
            },
        ),
        (
            "each once",
            Plan {
                states: vec![state("north"), state("north")],
                ..usual()
            },
        ),
        (
            "each once",
            Plan {
                states: vec![],
                ..usual()
            },
        ),
        (
            "each once",
            Plan {
                states: vec![state("host")],
                ..usual()
            },
        ),
        (
            "at least one",
            Plan {
                sector: None,
                route: None,
                ..usual()
            },
        ),
        (
            "version 1",
            Plan {
                version: 2,
                ..usual()
            },
        ),
        (
            "bytes without",
            Plan {
                shift: " m1".to_owned(),
                ..usual()
            },
        ),
        (
            "bytes without",
            Plan {
                unit: Unit::Patrol(String::new()),
                ..usual()
            },
        ),
        (
            "neither",
            Plan {
                unit: Unit::Post("P1".to_owned()),
                ..usual()
            },
        ),
        (
            "one of P1",
            Plan {
                unit: Unit::Post("P9".to_owned()),
                sector: None,
                route: None,
                ..usual()
            },
        ),
    ];
    for (why, plan) in wrong {
        let refused = take(&mut Shifts::default(), Statement::Plan(plan.clone()), &both);
        let said = refused.expect_err(&format!("{plan:?}"));
        assert!(said.contains(why), "{said}");
    }
    let route = |points: Vec<[f64; 2]>, tolerance_m| {
        let route = Some(Route {
            kind: RouteKind::Line,
            points,
            tolerance_m,
        });
        take(
            &mut Shifts::default(),
            Statement::Plan(Plan { route, ..usual() }),
            &both,
        )
    };
    assert!(route(vec![[46.0, 40.0]], 200.0).is_err());
    // Latitude first, at a longitude that no latitude has.
    assert!(route(vec![[40.0, 96.0], [40.0, 96.1]], 200.0).is_err());
    assert!(route(vec![[46.0, 40.0], [46.1, 40.0]], 1.0).is_err());
    assert!(route(vec![[46.0, 40.0], [46.1, 40.0]], f64::NAN).is_err());

    let mut shifts = Shifts::default();
    take(&mut shifts, Statement::Plan(usual()), &both).unwrap();
    let other = plan("m2", "2021-03-14T10:59:00Z", "2021-03-14T12:00:00Z");
    let clash = take(&mut shifts, Statement::Plan(other.clone()), &both).unwrap_err();
    assert!(clash.contains("has the shift m1"), "{clash}");
    // A stranger's signature, and a cancellation of what nobody planned.
    assert!(
        take(
            &mut shifts,
            Statement::Plan(Plan {
                version: 2,
                ..usual()
            }),
            &["host"]
        )
        .is_err()
    );
    let cancel = |shift: &str, version| Statement::Cancel {
        shift: shift.to_owned(),
        version,
        why: "fog".to_owned(),
    };
    assert!(take(&mut shifts, cancel("m9", 1), &both).is_err());
    assert!(take(&mut shifts, cancel("m1", 2), &both).is_err());
    assert!(take(&mut shifts, cancel("m1", 1), &["host"]).is_err());
    // Once it is called off, its patrol is free.
    take(&mut shifts, cancel("m1", 1), &["south"]).unwrap();
    take(&mut shifts, Statement::Plan(other), &both).unwrap();
}

#[test]
fn a_shift_over_a_leap_day_counts_and_one_after_the_sectors_end_is_refused() {
    let both = ["north", "south"];
    // 29 February 2024, 20:00 to 23:30 at +04:00, and the sector stands until 00:00 of 1 March there.
    let mut shifts = Shifts::default();
    let leap = plan("leap", "2024-02-29T16:00:00Z", "2024-02-29T19:30:00Z");
    take(&mut shifts, Statement::Plan(leap.clone()), &both).unwrap();
    assert_eq!(leap.until.seconds_since(leap.from), 3.5 * 3600.0);
    let late = plan("late", "2024-02-29T19:30:00Z", "2024-02-29T20:00:02Z");
    let refused = take(&mut shifts, Statement::Plan(late), &both).unwrap_err();
    assert!(
        refused.contains("does not stand at 2024-02-29T20:00:01"),
        "{refused}"
    );
    // Days that do not exist are no time at all.
    assert!("2023-02-29T16:00:00Z".parse::<Observed>().is_err());
    // The zone in which people are told changes nothing of when it is.
    let there = plan(
        "there",
        "2021-10-31T01:00:00+04:00",
        "2021-10-31T05:00:00+03:00",
    );
    assert_eq!(there.until.seconds_since(there.from), 5.0 * 3600.0);
    take(&mut shifts, Statement::Plan(there), &both).unwrap();
}

#[test]
fn a_patrol_that_went_as_planned_is_done_and_was_under_way_before() {
    let plan = usual();
    let track = drive(&plan, 2..=90, [46.0, 46.1]);
    let half: Vec<_> = track.iter().take(40).cloned().collect();
    assert_eq!(seen(&plan, -60.0, &[]).state, State::NotBegun);
    assert_eq!(seen(&plan, 10.0, &[]).state, State::NotBegun);
    assert_eq!(seen(&plan, 41.0, &half).state, State::UnderWay);
    let done = seen(&plan, 150.0, &track);
    assert_eq!((done.state, done.late_s), (State::Done, 0.0));
    assert_eq!(done.observed_share, Some(1.0));
    assert!(done.passed.iter().all(Option::is_some) && done.left.is_empty());
    // In whatever order its positions come.
    let mut turned = track.clone();
    turned.reverse();
    assert_eq!(seen(&plan, 150.0, &turned), done);
}

#[test]
fn who_begins_or_ends_late_is_late_and_by_how_much_is_told() {
    let plan = usual();
    let track = drive(&plan, 30..=110, [46.0, 46.1]);
    let late = seen(&plan, 200.0, &track);
    assert_eq!((late.state, late.late_s), (State::Late, 1_800.0));
    let track = drive(&plan, 0..=150, [46.0, 46.1]);
    let on_its_way: Vec<_> = track.iter().take(141).cloned().collect();
    assert_eq!(seen(&plan, 141.0, &on_its_way).state, State::Late);
    let late = seen(&plan, 200.0, &track);
    assert_eq!(late.state, State::Late);
    assert!((late.late_s - 1_800.0).abs() < 200.0, "{late:?}");
    // At its base, five kilometres off, when it should have gone.
    let waits: Vec<_> = (0..=30)
        .map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 45.9, 40.05))
        .collect();
    assert_eq!(seen(&plan, 30.0, &waits).state, State::Late);
}

#[test]
fn silence_is_not_observed_and_only_a_patrol_seen_elsewhere_has_not_gone() {
    let plan = usual();
    for minute in [20.0, 119.0, 121.0, 10_000.0] {
        assert_eq!(
            seen(&plan, minute, &[]).state,
            State::NotObserved,
            "{minute}"
        );
    }
    let elsewhere = |minutes: std::ops::RangeInclusive<u32>| -> Vec<Fix> {
        minutes
            .map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 45.9, 40.05))
            .collect()
    };
    assert_eq!(
        seen(&plan, 121.0, &elsewhere(0..=120)).state,
        State::NotGone
    );
    // Half of the time is not enough to say so.
    let half = seen(&plan, 121.0, &elsewhere(0..=60));
    assert_eq!(half.state, State::NotObserved);
    assert!(half.observed_share.unwrap() < 0.6 && half.longest_gap_s > 3_000.0);
}

#[test]
fn who_leaves_the_road_has_left_it_and_comes_back() {
    let plan = usual();
    let mut track = drive(&plan, 0..=40, [46.0, 46.05]);
    let off = |m: u32| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 46.05, 40.006);
    track.extend((41..=50).map(off));
    let out = seen(&plan, 50.0, &track);
    assert_eq!(out.state, State::Left, "{out:?}");
    assert_eq!(out.left[0].until, None);
    track.extend(drive(&plan, 55..=100, [46.05, 46.1]));
    let back = seen(&plan, 130.0, &track);
    assert_eq!(back.state, State::Done);
    assert!(
        back.left.len() == 1 && back.left[0].until.is_some(),
        "{back:?}"
    );
    // On its way to the road it has left nothing.
    let mut track: Vec<_> = (-20..0)
        .map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 45.9, 40.05))
        .collect();
    track.extend(drive(&plan, 1..=90, [46.0, 46.1]));
    assert_eq!(seen(&plan, 130.0, &track).left, []);
}

#[test]
fn a_point_that_was_missed_in_view_is_unfinished_and_one_in_the_dark_is_not_known() {
    let waypoints = Route {
        kind: RouteKind::Waypoints,
        points: vec![[46.0, 40.0], [46.05, 40.005], [46.1, 40.0]],
        tolerance_m: 200.0,
    };
    let plan = Plan {
        route: Some(waypoints),
        ..usual()
    };
    // All along the road, half a kilometre past the second point.
    let track = drive(&plan, 0..=90, [46.0, 46.1]);
    let missed = seen(&plan, 130.0, &track);
    assert_eq!(missed.state, State::Unfinished, "{missed:?}");
    assert_eq!(missed.passed[1], None);
    let dark: Vec<_> = track
        .iter()
        .enumerate()
        .filter(|(m, _)| !(30..60).contains(m))
        .map(|(_, f)| f.clone())
        .collect();
    assert_eq!(seen(&plan, 130.0, &dark).state, State::PartlyObserved);
    // Nothing more was heard half way.
    let half: Vec<_> = track.iter().take(45).cloned().collect();
    assert_eq!(seen(&plan, 130.0, &half).state, State::PartlyObserved);
    // It stood still half way and was seen to.
    let mut stood = half.clone();
    stood.extend((46..=125).map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 46.05, 40.0)));
    assert_eq!(seen(&plan, 500.0, &stood).state, State::Unfinished);
}

#[test]
fn a_round_that_ends_where_it_began_is_not_done_at_its_start() {
    let round = Route {
        kind: RouteKind::Waypoints,
        points: vec![[46.0, 40.0], [46.05, 40.0], [46.0, 40.0]],
        tolerance_m: 200.0,
    };
    let plan = Plan {
        route: Some(round),
        ..usual()
    };
    let waits = |from: u32, until: u32| -> Vec<Fix> {
        (from..=until)
            .map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 46.0, 40.0))
            .collect()
    };
    assert_eq!(seen(&plan, 500.0, &waits(0, 130)).state, State::Unfinished);
    let mut track = waits(0, 10);
    track.extend(drive(&plan, 11..=50, [46.0, 46.05]));
    track.extend(drive(&plan, 51..=90, [46.05, 46.0]));
    assert_eq!(seen(&plan, 130.0, &track).state, State::Done);
}

#[test]
fn a_sector_without_a_way_is_kept_for_the_time_of_the_shift() {
    let plan = Plan {
        route: None,
        ..usual()
    };
    let inside = |minutes: std::ops::RangeInclusive<u32>| -> Vec<Fix> {
        minutes
            .map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 46.03, 40.002))
            .collect()
    };
    assert_eq!(seen(&plan, 125.0, &inside(0..=120)).state, State::Done);
    assert_eq!(
        seen(&plan, 125.0, &inside(0..=40)).state,
        State::PartlyObserved
    );
    let mut gone = inside(0..=40);
    gone.extend((41..=120).map(|m| fix(plan.from.plus_seconds(f64::from(m) * 60.0), 46.03, 40.05)));
    let gone = seen(&plan, 125.0, &gone);
    assert_eq!(
        (gone.state, gone.left.len()),
        (State::Unfinished, 1),
        "{gone:?}"
    );
}

#[test]
fn a_post_is_manned_as_far_as_its_reports_say() {
    let plan = Plan {
        unit: Unit::Post("P1".to_owned()),
        sector: None,
        route: None,
        ..usual()
    };
    let minute = |m: f64| plan.from.plus_seconds(m * 60.0);
    let seen = |now: f64, reports: &[[f64; 2]]| {
        let reports: Vec<_> = reports.iter().map(|r| r.map(minute)).collect();
        post::seen(&plan, minute(now), &reports)
    };
    assert_eq!(seen(-5.0, &[]).state, State::NotBegun);
    assert_eq!(seen(30.0, &[]).state, State::NotObserved);
    assert_eq!(seen(30.0, &[[5.0, 5.0]]).state, State::UnderWay);
    // Of the shift, told at its end; and from the day before until the day after.
    for whole in [[0.0, 120.0], [-300.0, 900.0]] {
        let done = seen(130.0, &[whole]);
        assert_eq!((done.state, done.observed_share), (State::Done, Some(1.0)));
    }
    let partly = seen(130.0, &[[0.0, 30.0], [100.0, 100.0]]);
    assert_eq!(partly.state, State::PartlyObserved);
    assert!(
        (partly.observed_share.unwrap() - 0.5).abs() < 1e-9,
        "{partly:?}"
    );
    assert_eq!(partly.longest_gap_s, 3_000.0);
    // A report whose end lies before its beginning stands for its beginning.
    assert_eq!(seen(130.0, &[[20.0, 3.0]]).evidence, 1);
}

proptest! {
    /// Whatever comes, shares are shares, nobody has «not gone» in silence, and more silence never makes a shift done.
    #[test]
    fn nothing_is_said_that_was_not_seen(
        fixes in prop::collection::vec((-60.0..200.0_f64, 45.95..46.15_f64, 39.98..40.02_f64), 0..60),
        now in -60.0..600.0_f64,
        dropped in 0.0..200.0_f64,
    ) {
        let plan = usual();
        let track: Vec<_> = fixes
            .iter()
            .map(|(m, lon, lat)| fix(plan.from.plus_seconds(m * 60.0), *lon, *lat))
            .collect();
        let all = seen(&plan, now, &track);
        if let Some(share) = all.observed_share {
            prop_assert!((0.0..=1.0).contains(&share));
        }
        prop_assert!(all.longest_gap_s >= 0.0 && all.late_s >= 0.0);
        if all.state == State::NotGone {
            prop_assert!(all.observed_share.unwrap() >= 0.9);
        }
        if track.is_empty() {
            prop_assert!(matches!(all.state, State::NotBegun | State::NotObserved));
        }
        // What had not come by then is not known then.
        let cut = plan.from.plus_seconds(dropped * 60.0);
        let known: Vec<_> = track.iter().filter(|f| f.observed <= cut).cloned().collect();
        prop_assert_eq!(seen(&plan, dropped, &track), seen(&plan, dropped, &known));
    }

    /// The states are alike: whose members go changes nothing of what is seen, and any order of states is one plan's.
    #[test]
    fn statements_read_as_they_were_written(members in 1..1000_u32, tolerance_m in 20.0..10_000.0_f64) {
        let mut plan = Plan { members, ..usual() };
        plan.route.as_mut().unwrap().tolerance_m = tolerance_m;
        let statement = Statement::Plan(plan);
        let text = serde_json::to_string(&statement).unwrap();
        let again: Statement = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(again, statement);
    }
}
