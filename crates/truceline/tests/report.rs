//! The daily report of the shipped exercise, by the built program: its day, its keys, its languages,
//! and that it comes out the same again.

use std::path::{Path, PathBuf};

use crate::common::{run, theatre};
use serde_json::Value;

/// The exercise is of 14 March 2021; at 08:00 local of the next day its day ends.
const DATE: &str = "2021-03-15";

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn exercise() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let centre = dir.path().join("centre");
    run(&["init", path(&centre), "--theatre", path(&theatre())]).ok();
    let feeds = theatre().join("feeds");
    let (sensors, reports) = (feeds.join("sensors.ndjson"), feeds.join("reports.csv"));
    let ran = run(&[
        "ingest",
        "--dir",
        path(&centre),
        path(&sensors),
        path(&reports),
    ]);
    assert!(matches!(ran.code, 0 | 1), "{ran:?}");
    (dir, centre)
}

fn told(centre: &Path, words: &[&str]) -> String {
    let mut all = vec!["report", "--dir", path(centre)];
    all.extend(words);
    run(&all).ok().stdout
}

fn model(centre: &Path) -> Value {
    serde_json::from_str(&told(centre, &["--date", DATE, "--format", "json"])).unwrap()
}

#[test]
fn a_day_is_told_with_its_keys_and_its_dissent() {
    let (_dir, centre) = exercise();
    let ids: Vec<String> = model(&centre)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.len() >= 3, "{ids:?}");
    let keys = ["officer-ru.key", "officer-tr.key"].map(|k| centre.join("keys").join(k));
    for key in &keys {
        run(&["sign", "--dir", path(&centre), &ids[0], "--key", path(key)]).ok();
    }
    run(&[
        "sign",
        "--dir",
        path(&centre),
        &ids[1],
        "--key",
        path(&keys[0]),
    ])
    .ok();
    let words = [
        "dissent",
        "--dir",
        path(&centre),
        &ids[2],
        "--key",
        path(&keys[1]),
    ];
    run(&[&words[..], &["--reason", "the map is <too> coarse here"]].concat()).ok();

    let report = model(&centre);
    let standing: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["standing"].as_str().unwrap())
        .collect();
    assert_eq!(standing[..3], ["determined", "half-signed", "dissented"]);
    assert!(standing[3..].iter().all(|s| *s == "open"), "{standing:?}");
    assert_eq!(report["from"], "2021-03-14T04:00:00.000000Z");
    assert_eq!(report["until"], "2021-03-15T04:00:00.000000Z");
    // Reports of people stand beside what sensors located.
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.iter().any(|r| r["observer"].get("post").is_some()));
    assert!(rows.iter().any(|r| r["observer"].get("centre").is_some()));

    let html = told(&centre, &["--date", DATE]);
    assert!(html.contains("Dissent: Republic of Türkiye"), "{html}");
    assert!(html.contains("the map is &lt;too&gt; coarse here"));
    assert!(!html.contains("<script") && !html.contains("{ $") && !html.contains("{$"));
    let csv = told(&centre, &["--date", DATE, "--format", "csv"]);
    assert!(csv.starts_with("record,"), "{csv}");
    assert!(csv.lines().any(|l| l.starts_with("compliance,")));
}

#[test]
fn made_again_it_has_the_same_bytes_in_every_language() {
    let (_dir, centre) = exercise();
    for lang in ["en", "az", "hy", "ru", "tr", "ar"] {
        let words = ["--date", DATE, "--lang", lang];
        let first = told(&centre, &words);
        assert_eq!(first, told(&centre, &words), "{lang}");
        let dir = if lang == "ar" { "rtl" } else { "ltr" };
        assert!(first.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")));
        // Every message was found: a missing one is told by its name.
        for word in [
            "col-",
            "kept-",
            "standing-",
            "means-",
            "weapon-",
            "obs-",
            "dir-",
            "h-",
        ] {
            assert!(!first.contains(&format!(">{word}")), "{lang}: {word}");
        }
    }
    // What comes later, of another day, changes nothing of it.
    let before = told(&centre, &["--date", DATE, "--format", "json"]);
    let later = centre.parent().unwrap().join("later.ndjson");
    let line = r#"{"kind":"flash","id":"later","source":"A01","observed":"2021-03-20T10:00:00Z","bearing_deg":90.0,"bearing_sd_deg":1.0}"#;
    std::fs::write(&later, format!("{line}\n")).unwrap();
    run(&["ingest", "--dir", path(&centre), path(&later)]).ok();
    assert_eq!(before, told(&centre, &["--date", DATE, "--format", "json"]));
}

#[test]
fn before_the_procedures_nothing_is_reported() {
    let (_dir, centre) = exercise();
    let dir = path(&centre);
    let ran = run(&["report", "--dir", dir, "--date", "2021-01-20"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("nothing is reported"), "{ran:?}");
    // The first day begins when they came into force, not at the cut-off before.
    let first = told(&centre, &["--date", "2021-01-30", "--format", "json"]);
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["from"], "2021-01-29T20:00:00.000000Z");
    let ran = run(&["report", "--dir", dir, "--date", DATE, "--report", "weekly"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("they order daily"),
        "{ran:?}"
    );
    assert_eq!(
        run(&["report", "--dir", dir, "--date", "2021-02-30"]).code,
        2
    );
}

fn release(centre: &Path, step: &str, more: &[&str]) -> crate::common::Ran {
    let words = [
        "--json",
        "report",
        step,
        "--dir",
        path(centre),
        "--date",
        DATE,
    ];
    run(&[&words[..], more].concat())
}

#[test]
fn two_keys_release_the_very_same_bytes() {
    let (_dir, centre) = exercise();
    let keys = ["officer-ru.key", "officer-tr.key"].map(|k| centre.join("keys").join(k));
    let keys = keys.each_ref().map(|key| path(key));
    let json = ["--date", DATE, "--format", "json"];
    let draft = told(&centre, &json);
    assert!(told(&centre, &["--date", DATE]).contains("released by nobody yet"));
    let first = release(&centre, "release", &["--key", keys[0]])
        .ok()
        .lines()
        .remove(0);
    assert_eq!(first["standing"], "half-released");
    // What is signed meanwhile does not change what the other officer signs.
    let id = model(&centre)["findings"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    run(&["sign", "--dir", path(&centre), &id, "--key", keys[0]]).ok();
    let now = told(&centre, &json);
    assert_ne!(now, draft);
    let again = release(&centre, "release", &["--key", keys[0]]);
    assert!(
        again.code == 1 && again.stderr.contains("decided on this version before"),
        "{again:?}"
    );
    let second = release(&centre, "release", &["--key", keys[1]])
        .ok()
        .lines()
        .remove(0);
    assert_eq!(second["standing"], "released");
    assert_eq!(second["sha256"], first["sha256"]);
    // From here on it is told as it was released, byte for byte.
    assert_eq!(told(&centre, &json), draft);
    let page = told(&centre, &["--date", DATE, "--lang", "ru"]);
    assert!(page.contains("Выпущен за подписями"), "{page}");
    let today = run(&[
        "report",
        "--dir",
        path(&centre),
        "--date",
        DATE,
        "--version",
        "now",
    ])
    .ok();
    assert!(
        today
            .stdout
            .contains("would take the place of the released one")
    );
    assert!(
        today
            .stderr
            .contains("it would supersede the released version"),
        "{today:?}"
    );
    let releases = run(&["report", "releases", "--dir", path(&centre), "--date", DATE]).ok();
    assert!(
        releases.stdout.contains("superseding and not released"),
        "{releases:?}"
    );
    // A refusal is recorded with its reason, and supersedes nothing.
    let refusal = [
        "--version",
        "now",
        "--reason",
        "row 3 <b>",
        "--key",
        keys[1],
    ];
    let refused = release(&centre, "refuse", &refusal).ok().lines().remove(0);
    assert_eq!(refused["standing"], "refused");
    assert_eq!(told(&centre, &json), draft);
    // Both keys on one machine release the later version, and the first is superseded.
    let sha256 = refused["sha256"].as_str().unwrap();
    let other = release(&centre, "release", &["--version", sha256, "--key", keys[1]]);
    assert!(
        other.code == 1 && other.stderr.contains("first decision stands"),
        "{other:?}"
    );
    let read = run(&["verify", path(&centre)]).ok();
    assert!(
        read.stdout.contains("Reports:") && read.stdout.contains(": refused, refused by"),
        "{read:?}"
    );
    // A key of no sending state, and bytes that nobody has.
    let host = std::fs::read_dir(centre.join("keys")).unwrap();
    let host = host
        .map(|f| f.unwrap().path())
        .find(|f| path(f).contains("official-"))
        .unwrap();
    let ran = release(
        &centre,
        "release",
        &["--version", "now", "--key", path(&host)],
    );
    assert!(
        ran.code == 1 && ran.stderr.contains("the sending states are"),
        "{ran:?}"
    );
    let ran = release(
        &centre,
        "release",
        &["--version", &"0".repeat(64), "--key", keys[0]],
    );
    assert!(
        ran.code == 1 && ran.stderr.contains("look at it again"),
        "{ran:?}"
    );
}
