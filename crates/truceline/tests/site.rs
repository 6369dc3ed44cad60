//! Siting on the shipped exercise, by the built program.

use crate::common::{root, run};
use serde_json::Value;

fn site(words: &[&str]) -> crate::common::Ran {
    let theatre = root().join("theatres/karabakh-2020");
    let candidates = theatre.join("siting/candidates.geojson");
    let mut all = vec!["site", candidates.to_str().unwrap(), "--theatre"];
    all.extend([theatre.to_str().unwrap(), "--at", "2021-03-14T00:00:00Z"]);
    all.extend(words);
    run(&all)
}

fn rankings(words: &[&str]) -> Vec<Value> {
    let text = site(&[&["--format", "json"], words].concat()).ok().stdout;
    serde_json::from_str(&text).unwrap()
}

#[test]
fn candidates_are_ranked_with_reasons_and_what_was_agreed_rules_out() {
    let all = rankings(&[]);
    assert_eq!(all[0]["use"], "centre");
    let centre = all[0]["sited"].as_array().unwrap();
    let last = centre.last().unwrap();
    assert_eq!(last["id"], "c-aghdam");
    assert_eq!(last["ruled_out"][0], "within the former zone of conflict");
    assert_eq!(last["rank"], Value::Null);
    assert!(
        centre[..3]
            .iter()
            .all(|c| c["ruled_out"].as_array().unwrap().is_empty())
    );
    let shares: f64 = centre
        .iter()
        .filter_map(|c| c["first_share"].as_f64())
        .sum();
    assert!((shares - 1.0).abs() < 0.001, "{shares}");
    // No data on power: it does not count, and that is told.
    let left_out = all[0]["left_out"].to_string();
    assert!(left_out.contains("power"), "{left_out}");
    let posts = all[1]["sited"].as_array().unwrap();
    assert!(
        posts[0]["scores"][0]["score"].as_f64().unwrap() > 0.0,
        "{posts:?}"
    );
    // The same again: nothing is drawn anew.
    assert_eq!(all, rankings(&[]));
    assert_ne!(
        all[0]["counted"],
        rankings(&["--weights", weights().as_str()])[0]["counted"]
    );
}

fn weights() -> String {
    let path = root().join("theatres/karabakh-2020/siting/weights.toml");
    path.to_str().unwrap().to_owned()
}

#[test]
fn it_is_told_as_a_table_geojson_and_a_page() {
    assert!(site(&[]).ok().stdout.contains("first for"));
    let geojson: Value = serde_json::from_str(&site(&["--format", "geojson"]).ok().stdout).unwrap();
    assert_eq!(geojson["features"].as_array().unwrap().len(), 6);
    let html = site(&["--format", "html"]).ok().stdout;
    assert!(html.contains("<svg") && !html.contains("<script"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bad.geojson");
    let theatre = root().join("theatres/karabakh-2020");
    let told = |feature: &str| {
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{feature}]}}");
        std::fs::write(&file, text).unwrap();
        let words = [
            "site",
            file.to_str().unwrap(),
            "--theatre",
            theatre.to_str().unwrap(),
        ];
        let ran = run(&words);
        assert_eq!(ran.code, 1, "{ran:?}");
        ran.stderr
    };
    let point = r#""geometry":{"type":"Point","coordinates":[47.0,40.0]}"#;
    let with = |p: &str| format!("{{\"type\":\"Feature\",\"properties\":{p},{point}}}");
    assert!(told("").contains("no candidate"));
    assert!(
        told(&with(r#"{"kind":"candidate","id":"a","use":"palace"}"#))
            .contains("centre, post or relay")
    );
    assert!(
        told(&with(
            r#"{"kind":"candidate","id":"a","use":"post","height_m":-3}"#
        ))
        .contains("height_m -3")
    );
    assert!(told(&with(r#"{"kind":"zone"}"#)).contains("expected a Polygon"));
    let crossed = r#"{"type":"Feature","properties":{"kind":"zone"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}"#;
    assert!(told(crossed).contains("crosses itself"));
}
