//! Two theatres in one centre: nothing of the one is in the other, though parties and sensors bear the
//! same names.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on has failed.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{run, theatre};
use serde_json::Value;
use truceline_domain::Sha256;

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The shipped theatre under another name: the same parties, sensors and posts. The host's approval is of
/// other bytes then, so it is given anew.
fn twin(dir: &Path) -> PathBuf {
    let from = theatre();
    let name = from.file_name().unwrap().to_str().unwrap().to_owned();
    let twin = dir.join("twin");
    fs::create_dir_all(twin.join("theatre")).unwrap();
    for folder in ["", "theatre"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let file = entry.unwrap().path();
            let to = twin.join(folder).join(file.file_name().unwrap());
            match file.extension().and_then(|e| e.to_str()) {
                Some("md" | "geojson") => {
                    let text = fs::read_to_string(&file).unwrap();
                    fs::write(to, approved(&text.replace(&name, "twin-2020"))).unwrap();
                }
                Some("tif") => drop(fs::copy(&file, to).unwrap()),
                _ => {}
            }
        }
    }
    twin
}

fn approved(text: &str) -> String {
    let Some((before, approval)) = text.split_once("```approval\n") else {
        return text.to_owned();
    };
    let line = approval
        .lines()
        .find(|l| l.starts_with("text_sha256"))
        .unwrap();
    let anew = format!("text_sha256 = \"{}\"", Sha256::of(before.as_bytes()));
    format!("{before}```approval\n{}", approval.replace(line, &anew))
}

#[test]
fn nothing_of_one_theatre_is_in_the_other() {
    let temp = tempfile::tempdir().unwrap();
    let centre = temp.path().join("centre");
    let (first, twin) = (theatre(), twin(temp.path()));
    let dir = path(&centre);
    run(&[
        "init",
        dir,
        "--theatre",
        path(&first),
        "--theatre",
        path(&twin),
    ])
    .ok();
    let list = run(&["--json", "theatre", "list", "--dir", dir])
        .ok()
        .lines();
    assert_eq!(list.len(), 2);
    assert_eq!(list[1]["theatre"], "twin-2020");
    assert_ne!(list[0]["listen"], list[1]["listen"]);
    assert_ne!(list[0]["origin"], list[1]["origin"]);

    // Everything comes in for the first; both have a sensor of each of its names.
    let sensors = first.join("feeds/sensors.ndjson");
    let ran = run(&["ingest", "--dir", dir, path(&sensors)]);
    assert!(matches!(ran.code, 0 | 1), "{ran:?}");
    let other = ["--dir", dir, "--theatre", "twin-2020"];
    let of = |theatre: &[&str], words: &[&str]| run(&[words, theatre].concat());
    let findings = |theatre: &[&str]| of(theatre, &["findings", "--format", "json"]).ok().lines();
    let own = findings(&["--dir", dir]);
    assert!(!own.is_empty());
    assert!(findings(&other).is_empty());
    // Naming the first is the same as naming none.
    let named = [
        "--dir",
        dir,
        "--theatre",
        list[0]["theatre"].as_str().unwrap(),
    ];
    assert_eq!(findings(&named), own);

    let report = |theatre: &[&str]| -> Value {
        let words = ["report", "--date", "2021-03-15", "--format", "json"];
        serde_json::from_str(&of(theatre, &words).ok().stdout).unwrap()
    };
    let (ours, theirs) = (report(&["--dir", dir]), report(&other));
    assert!(!ours["findings"].as_array().unwrap().is_empty());
    assert_eq!(theirs["theatre"], "twin-2020");
    for part in ["findings", "rows"] {
        assert!(theirs[part].as_array().unwrap().is_empty(), "{part}");
    }
    let watched = |r: &Value| r["coverage"][0]["watched"].as_f64();
    assert!(watched(&theirs).is_none_or(|w| w == 0.0), "{theirs}");
    let out = temp.path().join("twin.geojson");
    of(&other, &["export", "--out", path(&out)]).ok();
    assert!(!fs::read_to_string(&out).unwrap().contains("\"events\""));

    // An officer of the one opens nothing in the other, and does not change either.
    let id = own[0]["finding"]["id"].as_str().unwrap();
    let key = centre.join("theatres/twin-2020/keys/officer-ru.key");
    let ran = run(&["sign", "--dir", dir, id, "--key", path(&key)]);
    assert!(
        ran.code == 1 && ran.stderr.contains("not an officer's of"),
        "{ran:?}"
    );
    let ran = of(&other, &["sign", id, "--key", path(&key)]);
    assert!(
        ran.code == 1 && ran.stderr.contains("no finding begins"),
        "{ran:?}"
    );
    for theatre in [&centre, &centre.join("theatres/twin-2020")] {
        run(&["verify", path(theatre)]).ok();
    }

    // What is wrong is told, and nothing changes.
    let ran = of(&["--dir", dir, "--theatre", "nowhere"], &["findings"]);
    assert!(ran.code == 2 && ran.stderr.contains("twin-2020"), "{ran:?}");
    let ran = run(&["theatre", "add", path(&twin), "--dir", dir]);
    assert!(
        ran.code == 1 && ran.stderr.contains("watches twin-2020 already"),
        "{ran:?}"
    );
}
