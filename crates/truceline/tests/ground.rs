//! The ground mission: its form, its liaison log, its notices, by the built program.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on has failed.

mod common;

use common::{run, theatre};

#[test]
fn a_contact_is_logged_and_one_with_nobody_known_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let centre = temp.path().join("centre");
    let dir = centre.to_str().unwrap();
    run(&["init", dir, "--theatre", theatre().to_str().unwrap()]).ok();
    let add = |with: &str, text: &str| {
        run(&[
            "liaison",
            "add",
            "--dir",
            dir,
            "--at",
            "2021-03-14T10:05:00Z",
            "--with",
            with,
            "--person",
            "Col. N.",
            "--means",
            "call",
            "--by",
            "duty officer K.",
            "--text",
            text,
        ])
    };
    add("am", "asked to cease fire near post 3").ok();
    add("az", "told the same").ok();
    let refused = add("xx", "hello");
    assert!(
        refused.code == 1 && refused.stderr.contains("they know am, az"),
        "{refused:?}"
    );
    assert_eq!(add("am", " ").code, 1);
    let all = run(&["--json", "liaison", "list", "--dir", dir])
        .ok()
        .lines();
    let with: Vec<_> = all
        .iter()
        .map(|c| c["contact"]["with"].as_str().unwrap())
        .collect();
    assert_eq!(with, ["am", "az"]);
    run(&["verify", dir]).ok();
}

#[test]
fn a_notice_is_an_observation() {
    let words = |until: &str| {
        run(&[
            "notice",
            "--from",
            "2021-03-14T09:15:00Z",
            "--until",
            until,
            "--lat",
            "39.95",
            "--lon",
            "46.85",
            "--radius-m",
            "800",
            "--party",
            "az",
            "--text",
            "found ammunition",
            "--announced",
            "2021-03-13T09:00:00Z",
        ])
    };
    let line = words("2021-03-14T09:45:00Z").ok().stdout;
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("notice.ndjson");
    std::fs::write(&file, &line).unwrap();
    let read = run(&["decode", "--format", "sensor", file.to_str().unwrap()])
        .ok()
        .lines();
    assert_eq!(read[0]["kind"], "notice");
    assert_eq!(read[0]["radius_m"], 800.0);
    assert_eq!(words("2021-03-14T09:00:00Z").code, 1);
}

#[test]
fn the_form_speaks_the_theatres_languages() {
    let theatre = theatre();
    let form = |words: &[&str]| {
        let all = [&["form", "--theatre", theatre.to_str().unwrap()], words].concat();
        run(&all).ok().stdout
    };
    let xform = form(&[]);
    for code in ["(en)", "(az)", "(hy)", "(ru)", "(tr)"] {
        assert!(xform.contains(code), "{code}");
    }
    assert!(xform.contains("<value>P03</value>"));
    assert!(form(&["--lang", "ar", "--format", "xlsform"]).contains("select_one weapon"));
}
