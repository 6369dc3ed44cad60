//! Events held against clauses: who, whether, and the same with the parties exchanged.

use proptest::prelude::*;
use truceline_agreement::{Documents, File};
use truceline_domain::{
    Assessment, Attribution, CovarianceM2, Event, EventKind, Explanation, Holding, Impact,
    Observed, PartyId, Position, Probabilities, Verdict,
};

/// Two squares either side of 46° E; an area around the line; `A` in the west.
fn files(a: &str, b: &str) -> [(String, String); 2] {
    let document = r#"
```agreement
id = "t"
theatre = "t"
title = "T"
signed = 2020-01-01
timezone = "+00:00"
from = 2020-01-01
parties = [ { id = "{A}", name = "A" }, { id = "{B}", name = "B" } ]
```
```clause
id = "1.fire"
kind = "ceasefire"
summary = "No fire."
bound = ["{A}", "{B}"]
applies_if = 'event.class == "blast"'
violated_if = 'event.class == "firing"'
```
```clause
id = "2.leave"
kind = "withdrawal"
summary = "The zone is left."
bound = ["{A}"]
area = "zone"
by = 2020-01-10
violated_if = 'event.class == "activity" && "zone" in event.sure_areas'
```
```clause
id = "3.across"
kind = "ceasefire"
summary = "Nothing comes down on the other's ground."
bound = ["{A}", "{B}"]
violated_if = 'impact.known && impact.holder != "" && impact.holder != party && p_party > 0.5'
```
"#;
    let map = r#"{"type":"FeatureCollection","theatre":"t","timezone":"Z","features":[
{"type":"Feature","properties":{"kind":"contact_line","accuracy_m":10,"valid_from":"2020-01-01","valid_until":null},"geometry":{"type":"LineString","coordinates":[[46.0,39.0],[46.0,40.0]]}},
{"type":"Feature","properties":{"kind":"held","party":"{A}","accuracy_m":10,"valid_from":"2020-01-01","valid_until":null},"geometry":{"type":"Polygon","coordinates":[[[45.0,39.0],[46.0,39.0],[46.0,40.0],[45.0,40.0],[45.0,39.0]]]}},
{"type":"Feature","properties":{"kind":"held","party":"{B}","accuracy_m":10,"valid_from":"2020-01-01","valid_until":null},"geometry":{"type":"Polygon","coordinates":[[[46.0,39.0],[47.0,39.0],[47.0,40.0],[46.0,40.0],[46.0,39.0]]]}},
{"type":"Feature","properties":{"kind":"area","id":"zone","accuracy_m":100,"valid_from":"2020-01-01","valid_until":null},"geometry":{"type":"Polygon","coordinates":[[[45.9,39.4],[46.1,39.4],[46.1,39.6],[45.9,39.6],[45.9,39.4]]]}}
]}"#;
    let named = |text: &str| text.replace("{A}", a).replace("{B}", b);
    [
        ("agreement.md".to_owned(), named(document)),
        ("map.geojson".to_owned(), named(map)),
    ]
}

fn documents(a: &str, b: &str) -> Documents {
    let files = files(a, b);
    let files: Vec<_> = files
        .iter()
        .map(|(n, t)| File::new(n, t.as_bytes()))
        .collect();
    Documents::parse(&files).unwrap_or_else(|faults| panic!("{faults}"))
}

struct Case<'a> {
    day: &'a str,
    kind: EventKind,
    lon: f64,
    impact_lon: Option<f64>,
    p: [f64; 2],
    verdict: &'a str,
}

fn event(case: &Case<'_>, [a, b]: [&str; 2]) -> Event {
    let party = |id| PartyId::new(id).unwrap();
    let weights = [(party(a), case.p[0]), (party(b), case.p[1])];
    let verdict = match case.verdict {
        "A" => Verdict::Party(party(a)),
        "B" => Verdict::Party(party(b)),
        "none" => Verdict::None,
        _ => Verdict::Undetermined,
    };
    Event {
        id: "e1".parse().unwrap(),
        time: format!("{}T12:00:00Z", case.day).parse().unwrap(),
        time_sd_s: 0.1.try_into().unwrap(),
        position: Position::new(39.5, case.lon).unwrap(),
        cov_m2: CovarianceM2::new(10_000.0, 0.0, 2_500.0).unwrap(),
        kind: case.kind,
        impact: case.impact_lon.map(|lon| Impact {
            position: Position::new(39.5, lon).unwrap(),
            cov_m2: None,
            time: None,
        }),
        attribution: Attribution {
            p: Probabilities::from_weights(weights, 1.0 - case.p[0] - case.p[1]).unwrap(),
            verdict,
        },
        evidence: vec![],
        explanation: Explanation::default(),
    }
}

fn assess(case: &Case<'_>, [a, b]: [&str; 2]) -> Vec<Assessment> {
    let documents = documents(a, b);
    let event = event(case, [a, b]);
    let theatre = documents.theatre.as_ref().unwrap();
    documents.assess(&event, &theatre.at(event.time), false)
}

fn shown(assessments: &[Assessment]) -> Vec<String> {
    assessments
        .iter()
        .map(|a| {
            let party = a.party.as_ref().map_or("-", |p| p.as_str());
            format!("{} {} {party}", a.clause, a.holding)
        })
        .collect()
}

const FIRE: Case<'_> = Case {
    day: "2020-01-05",
    kind: EventKind::Mortar,
    lon: 45.95,
    impact_lon: None,
    p: [0.99, 0.005],
    verdict: "A",
};

#[test]
fn a_party_is_named_only_where_the_verdict_names_it() {
    let names = ["a", "b"];
    let named = assess(&FIRE, names);
    assert_eq!(
        shown(&named),
        ["1.fire violates a", "3.across not applicable -"]
    );
    assert!(named[0].reason.contains("0.990"), "{}", named[0].reason);
    let undetermined = Case {
        verdict: "undetermined",
        p: [0.7, 0.2],
        ..FIRE
    };
    let open = assess(&undetermined, names);
    assert_eq!(shown(&open)[0], "1.fire undetermined -");
    let none = Case {
        verdict: "none",
        p: [0.01, 0.01],
        ..FIRE
    };
    assert_eq!(shown(&assess(&none, names))[0], "1.fire complies -");
    // A blast is spoken of and does not violate; thunder is not spoken of.
    let blast = Case {
        kind: EventKind::BlastQuarry,
        verdict: "none",
        ..none
    };
    assert_eq!(shown(&assess(&blast, names))[0], "1.fire complies -");
    let thunder = Case {
        kind: EventKind::Thunder,
        ..blast
    };
    assert_eq!(
        shown(&assess(&thunder, names))[0],
        "1.fire not applicable -"
    );
}

#[test]
fn a_withdrawal_binds_after_its_deadline_within_its_area_and_those_it_binds() {
    let names = ["a", "b"];
    let moving = Case {
        kind: EventKind::Movement,
        day: "2020-01-11",
        ..FIRE
    };
    let leave = |case: &Case<'_>| {
        shown(&assess(case, names))
            .into_iter()
            .find(|line| line.starts_with("2."))
    };
    assert_eq!(leave(&moving).as_deref(), Some("2.leave violates a"));
    let before = Case {
        day: "2020-01-10",
        ..moving
    };
    assert_eq!(leave(&before), None);
    let other = Case {
        verdict: "B",
        p: [0.005, 0.99],
        ..moving
    };
    assert_eq!(leave(&other).as_deref(), Some("2.leave not applicable -"));
    // 100 m (one deviation of the place) within the edge is not surely within.
    let edge = Case {
        lon: 45.9012,
        ..moving
    };
    assert_eq!(leave(&edge).as_deref(), Some("2.leave not applicable -"));
}

#[test]
fn what_comes_down_across_the_line_is_asked_of_each_party() {
    let across = Case {
        impact_lon: Some(46.02),
        ..FIRE
    };
    let found = assess(&across, ["a", "b"]);
    assert_eq!(shown(&found)[1], "3.across violates a");
    let home = Case {
        impact_lon: Some(45.9),
        ..FIRE
    };
    assert_eq!(
        shown(&assess(&home, ["a", "b"]))[1],
        "3.across not applicable -"
    );
}

#[test]
fn before_the_agreement_nothing_binds() {
    let early = Case {
        day: "2019-12-31",
        ..FIRE
    };
    assert!(assess(&early, ["a", "b"]).is_empty());
    let documents = documents("a", "b");
    let noon: Observed = "2019-12-31T12:00:00Z".parse().unwrap();
    assert!(documents.agreements_at(noon).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn exchanging_the_parties_exchanges_the_answer(
        kind in proptest::sample::select(EventKind::ALL.to_vec()),
        lon in 45.2..46.8_f64,
        impact_lon in proptest::option::of(45.2..46.8_f64),
        p in 0.0..0.99_f64,
        verdict in proptest::sample::select(vec!["A", "B", "none", "undetermined"]),
    ) {
        let case = Case { day: "2020-02-01", kind, lon, impact_lon, p: [p, 0.99 - p], verdict };
        let straight = assess(&case, ["x", "y"]);
        let exchanged = assess(&case, ["y", "x"]);
        let back = |a: &Assessment| {
            let swap = |text: &str| match text { "x" => "y", "y" => "x", other => other }.to_owned();
            (a.clause.clone(), a.party.as_ref().map(|p| swap(p.as_str())), a.holding)
        };
        let forth = |a: &Assessment| {
            (a.clause.clone(), a.party.as_ref().map(|p| p.as_str().to_owned()), a.holding)
        };
        prop_assert_eq!(
            straight.iter().map(forth).collect::<Vec<_>>(),
            exchanged.iter().map(back).collect::<Vec<_>>()
        );
        // Nobody is accused but by the verdict.
        let accused = straight.iter().filter(|a| a.holding == Holding::Violates);
        for a in accused {
            let named = match verdict { "A" => "x", "B" => "y", _ => "" };
            prop_assert_eq!(a.party.as_ref().map(|p| p.as_str()), Some(named));
        }
    }
}
