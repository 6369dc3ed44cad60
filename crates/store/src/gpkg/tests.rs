use truceline_domain::{Finding, FindingId, Observation, Sha256};

use super::{FindingFilter, GeoPackage, Part, TimeSpan};
use crate::{FindingRow, StoreError};

fn observation(id: &str) -> Observation {
    let line = format!(
        r#"{{"id":"{id}","source":"SAT1","observed":"2021-03-14T09:00:00Z","kind":"thermal","lat":39.9,"lon":46.9,"sd_m":300}}"#
    );
    serde_json::from_str(&line).unwrap()
}

fn finding(id: &str) -> Finding {
    serde_json::from_value(serde_json::json!({
        "id": id, "theatre": "t", "geometry": "0".repeat(64), "engine": "e",
        "observed_until": "2021-03-14T09:00:00Z",
        "event": {
            "id": id, "time": "2021-03-14T09:00:00Z", "time_sd_s": 0.1, "lat": 39.9, "lon": 46.9,
            "cov_m2": [[100.0, 0.0], [0.0, 400.0]], "kind": "mortar",
            "p": {"north": 0.9, "none": 0.1}, "verdict": "undetermined", "evidence": ["o1"]
        },
        "assessments": [{"clause": "1", "agreement": "0".repeat(64), "holding": "undetermined", "reason": "r"}]
    }))
    .unwrap()
}

fn fill(store: &mut GeoPackage) {
    store
        .transaction(|s| {
            s.put_observation("f", 3, &observation("o1"))?;
            let finding = finding("e1");
            s.replace_events(std::slice::from_ref(&finding.event))?;
            s.put_finding(&FindingRow {
                entry: 4,
                recorded: "2021-03-14T09:01:00Z".parse().unwrap(),
                sha256: truceline_domain::Sha256::of(b"x"),
                standing: "open".to_owned(),
                finding,
            })?;
            s.set_projected_entries(5)
        })
        .unwrap();
}

#[test]
fn the_same_rows_give_the_same_content_however_often_they_were_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let mut a = GeoPackage::open(&dir.path().join("a.gpkg")).unwrap();
    let mut b = GeoPackage::open(&dir.path().join("b.gpkg")).unwrap();
    fill(&mut a);
    fill(&mut b);
    let events = a.events().unwrap();
    a.replace_events(&events).unwrap();
    assert_eq!(a.content_sha256().unwrap(), b.content_sha256().unwrap());
    b.set_standing("e1", "determined").unwrap();
    assert_ne!(a.content_sha256().unwrap(), b.content_sha256().unwrap());
}

#[test]
fn it_reads_what_it_wrote_and_opens_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.gpkg");
    fill(&mut GeoPackage::open(&path).unwrap());
    let store = GeoPackage::open(&path).unwrap();
    assert_eq!(store.projected_entries().unwrap(), 5);
    let row = store.finding(&"e1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(row.finding, finding("e1"));
    let features = store.features("event_ellipses").unwrap();
    assert_eq!(features[0].id, "e1");
    assert!(matches!(
        features[0].geometry,
        geo_types::Geometry::Polygon(_)
    ));
    assert!(store.features("sqlite_schema").is_err());
}

#[test]
fn a_second_delivery_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = GeoPackage::open(&dir.path().join("s.gpkg")).unwrap();
    fill(&mut store);
    let before = store.content_sha256().unwrap();
    assert!(
        !store
            .put_observation("other", 9, &observation("o1"))
            .unwrap()
    );
    assert_eq!(store.content_sha256().unwrap(), before);
}

#[test]
fn the_r_tree_follows_the_rows() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = GeoPackage::open(&dir.path().join("s.gpkg")).unwrap();
    fill(&mut store);
    let count = |s: &GeoPackage| -> i64 {
        s.db.query_row(
            "SELECT count(*) FROM rtree_events_geom WHERE minx > 46",
            [],
            |r| r.get(0),
        )
        .unwrap()
    };
    assert_eq!(count(&store), 1);
    store.replace_events(&[]).unwrap();
    assert_eq!(count(&store), 0);
}

#[test]
fn what_fails_within_a_transaction_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = GeoPackage::open(&dir.path().join("s.gpkg")).unwrap();
    let failed: Result<(), StoreError> = store.transaction(|s| {
        s.put_observation("f", 1, &observation("o1"))?;
        Err(StoreError::Row {
            what: "w".into(),
            why: "y".into(),
        })
    });
    assert!(failed.is_err());
    assert!(store.features("observations").unwrap().is_empty());
}

#[test]
fn a_foreign_file_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.gpkg");
    std::fs::write(&path, b"this is no database, whatever its name says").unwrap();
    let told = GeoPackage::open(&path).unwrap_err().to_string();
    assert!(told.contains("s.gpkg") && told.contains("replay"), "{told}");
    let other = dir.path().join("other.gpkg");
    rusqlite::Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    let told = GeoPackage::open(&other).unwrap_err().to_string();
    assert!(told.contains("replay"), "{told}");
}

#[test]
fn rows_are_found_by_where_and_when_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = GeoPackage::open(&dir.path().join("a.gpkg")).unwrap();
    fill(&mut store);
    let (here, elsewhere) = ([46.0, 39.0, 47.0, 40.0], [10.0, 39.0, 11.0, 40.0]);
    let at = |text: &str| Some(text.parse().unwrap());
    let span = |from, until| TimeSpan { from, until };
    let (nine, past) = (
        at("2021-03-14T09:00:00Z"),
        at("2021-03-14T09:00:00.000001Z"),
    );
    let found = |layer: &str, within, span| store.located(layer, within, span, &[]).unwrap();
    let all = found("events", here, TimeSpan::default());
    assert_eq!(all.len(), 1);
    assert!((all[0].lon_deg - 46.9).abs() < 1e-5 && (all[0].lat_deg - 39.9).abs() < 1e-5);
    assert!(found("events", elsewhere, TimeSpan::default()).is_empty());
    assert_eq!(found("events", here, span(nine, past)), all);
    assert!(found("events", here, span(past, None)).is_empty());
    assert!(found("events", here, span(None, nine)).is_empty());
    let rows = store
        .numbered("events", &["id", "kind"], [all[0].fid, 77])
        .unwrap();
    assert_eq!((rows.len(), rows[0].1.id.as_str()), (1, "e1"));
    assert!(!rows[0].1.properties.contains_key("body"));
    for wrong in ["documents", "nothing", "events; DROP TABLE events"] {
        assert!(
            store
                .located(wrong, here, TimeSpan::default(), &[])
                .is_err()
        );
        assert!(store.numbered(wrong, &[], [1]).is_err());
    }
}

/// A filter in the database takes what the same filter takes of all, in the same order, in pages too.
#[test]
fn findings_are_listed_by_what_they_say() {
    let dir = tempfile::tempdir().unwrap();
    let store = GeoPackage::open(&dir.path().join("s.gpkg")).unwrap();
    let standings = [
        "open",
        "half-signed by one",
        "determined",
        "superseded by F-1",
    ];
    for n in 0..40u64 {
        let mut put = finding(&format!("F-{n}"));
        put.event.time = put.event.time.plus_seconds((n * 7919 % 13) as f64);
        store
            .put_finding(&FindingRow {
                entry: n,
                recorded: format!("2021-03-14T09:01:{n:02}Z").parse().unwrap(),
                sha256: Sha256::of(b""),
                standing: standings[n as usize % 4].to_owned(),
                finding: put,
            })
            .unwrap();
    }
    let ids = |filter: &FindingFilter, part| -> Vec<String> {
        let rows = store.findings_of(filter, part).unwrap();
        rows.iter().map(|r| r.finding.id.to_string()).collect()
    };
    let mut all = store.findings().unwrap();
    all.sort_by_key(|row| std::cmp::Reverse((row.finding.event.time, row.entry)));
    let all: Vec<String> = all.iter().map(|r| r.finding.id.to_string()).collect();
    assert_eq!(ids(&FindingFilter::default(), Part::ALL), all);
    assert_eq!(
        ids(&FindingFilter::default(), Part { from: 7, most: 5 }),
        all[7..12]
    );
    let half = |word: &str| FindingFilter {
        standings: word.split(',').map(str::to_owned).collect(),
        ..FindingFilter::default()
    };
    assert_eq!(ids(&half("half-signed"), Part::ALL).len(), 10);
    assert_eq!(ids(&half("half-signed,open"), Part::ALL).len(), 20);
    let everywhere = [-180.0, -90.0, 180.0, 90.0];
    let placed = |words: &FindingFilter| {
        let words = words.standings.as_slice();
        let found = store.located("findings", everywhere, TimeSpan::default(), words);
        found.unwrap().len()
    };
    assert_eq!(placed(&half("half-signed")), 10);
    assert_eq!(placed(&half("half-signed,open")), 20);
    // A word, not a piece of one, and no pattern.
    for none in ["half", "%", "open'; DROP TABLE findings; --"] {
        assert!(ids(&half(none), Part::ALL).is_empty(), "{none}");
    }
    let base = finding("F-x").event.time;
    let between = FindingFilter {
        time: TimeSpan {
            from: Some(base.plus_seconds(2.0)),
            until: Some(base.plus_seconds(5.0)),
        },
        verdict: Some("undetermined".to_owned()),
        kind: Some("mortar".to_owned()),
        ..FindingFilter::default()
    };
    let within = |id: &String| {
        let at = store
            .finding(&FindingId::new(id).unwrap())
            .unwrap()
            .unwrap()
            .finding
            .event
            .time;
        at >= base.plus_seconds(2.0) && at < base.plus_seconds(5.0)
    };
    let wanted: Vec<String> = all.iter().filter(|id| within(id)).cloned().collect();
    assert!(!wanted.is_empty());
    assert_eq!(ids(&between, Part::ALL), wanted);
    let [from, until] = ["2021-03-14T09:01:03Z", "2021-03-14T09:01:05Z"].map(|t| t.parse().ok());
    let put = FindingFilter {
        recorded: TimeSpan { from, until },
        ..FindingFilter::default()
    };
    let mut put = ids(&put, Part::ALL);
    put.sort();
    assert_eq!(put, ["F-3", "F-4"]);
    let counts = store.standings().unwrap();
    let words = ["determined", "half-signed", "open", "superseded"];
    assert_eq!(counts, words.map(|word| (word.to_owned(), 10)).into());
    let known = store.finding_ids().unwrap();
    assert_eq!(known.len(), 40);
    assert_eq!(known[3].as_str(), "F-3");
}
