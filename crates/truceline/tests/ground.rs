//! The ground mission: its form, its liaison log, its notices, by the built program.

use crate::common::{run, theatre};

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

/// The folder of a shipped theatre.
fn shipped() -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(crate::common::root().join("theatres")).unwrap();
    let mut all: Vec<_> = all
        .map(|t| t.unwrap().path())
        .filter(|t| t.join("shifts.toml").is_file())
        .collect();
    all.sort();
    all
}

/// A centre of a theatre with its shifts planned and its patrols' positions taken in.
fn on_shift(temp: &std::path::Path, theatre: &std::path::Path) -> String {
    let dir = temp.join(theatre.file_name().unwrap());
    let dir = dir.to_str().unwrap().to_owned();
    run(&["init", &dir, "--theatre", theatre.to_str().unwrap()]).ok();
    let plans = theatre.join("shifts.toml");
    let mut words = vec!["ground", "plan", "--dir", &dir, plans.to_str().unwrap()];
    let keys = [
        format!("{dir}/keys/officer-ru.key"),
        format!("{dir}/keys/officer-tr.key"),
    ];
    for key in &keys {
        words.extend(["--key", key]);
    }
    run(&words).ok();
    for file in ["patrol.cot", "patrol-m4.cot"] {
        let feed = theatre.join("feeds").join(file);
        if feed.is_file() {
            run(&[
                "ingest",
                "--dir",
                &dir,
                "--format",
                "cot",
                feed.to_str().unwrap(),
            ])
            .ok();
        }
    }
    dir
}

fn states(dir: &str, at: &str) -> std::collections::BTreeMap<String, String> {
    let told = run(&["--json", "ground", "--dir", dir, "--at", at]);
    assert!(matches!(told.code, 0 | 1), "{told:?}");
    let word = |v: &serde_json::Value, name: &str| v[name].as_str().unwrap().to_owned();
    told.lines()
        .iter()
        .map(|s| (word(s, "shift"), word(s, "state")))
        .collect()
}

#[test]
fn the_shipped_patrols_went_as_planned_and_the_second_on_the_road_was_called_off() {
    let temp = tempfile::tempdir().unwrap();
    let theatres = shipped();
    assert_eq!(theatres.len(), 2);
    let mut done = 0;
    for theatre in theatres {
        let dir = on_shift(temp.path(), &theatre);
        let before = states(&dir, "2021-03-14T08:00:00Z");
        let after = states(&dir, "2021-03-17T12:00:00Z");
        for (shift, state) in &after {
            match shift.as_str() {
                "m4-2021-03-16" => assert_eq!(
                    (state.as_str(), before[shift].as_str()),
                    ("cancelled", "cancelled")
                ),
                "patrol-3-2021-03-15" | "post-4-2021-03-14" => {
                    assert_eq!(state, "not-observed", "{shift}")
                }
                _ => {
                    assert_eq!(
                        (state.as_str(), before[shift].as_str()),
                        ("done", "not-begun"),
                        "{shift}"
                    );
                    done += 1;
                }
            }
        }
        assert_eq!(
            states(&dir, "2021-03-14T09:15:00Z")["patrol-3-2021-03-14"],
            "under-way"
        );
        let watched = |dir: &str| {
            let words = [
                "coverage", "--dir", dir, "--weapon", "mortar", "--format", "json",
            ];
            let span = [
                "--from",
                "2021-03-14T09:00:00Z",
                "--to",
                "2021-03-14T10:00:00Z",
            ];
            run(&[&words[..], &span[..]].concat()).ok().stdout
        };
        let unwatched = watched(&dir);
        // A post's own word of its shift, after it.
        let report = run(&[
            "ground",
            "manned",
            "--post",
            "P04",
            "--from",
            "2021-03-14T09:00:00Z",
            "--until",
            "2021-03-14T10:00:00Z",
            "--text",
            "quiet",
        ]);
        let file = temp.path().join("manned.ndjson");
        std::fs::write(&file, report.ok().stdout).unwrap();
        let words = [
            "ingest", "--dir", &dir, "--feed", "posts", "--format", "report",
        ];
        run(&[&words[..], &[file.to_str().unwrap()]].concat()).ok();
        assert_eq!(
            states(&dir, "2021-03-17T12:00:00Z")["post-4-2021-03-14"],
            "done"
        );
        assert_ne!(watched(&dir), unwatched);
        // It is no event of a table.
        let report = run(&[
            "report",
            "--dir",
            &dir,
            "--date",
            "2021-03-15",
            "--format",
            "json",
        ]);
        if report.code == 0 {
            let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
            assert_eq!(report["rows"].as_array().unwrap().len(), 0, "{report}");
        }
        let map = run(&[
            "ground",
            "--dir",
            &dir,
            "--format",
            "geojson",
            "--at",
            "2021-03-17T12:00:00Z",
        ]);
        assert!(
            map.stdout.contains("\"LineString\"") && map.stdout.contains("\"Point\""),
            "{map:?}"
        );
        let told = run(&["ground", "--dir", &dir, "--at", "2021-03-17T12:00:00Z"]);
        assert!(
            told.stdout.contains("done") && told.stdout.contains("recorded after it had begun"),
            "{told:?}"
        );
        run(&["verify", &dir]).ok();
    }
    assert_eq!(done, 3);
}

#[test]
fn a_plan_that_cannot_be_is_refused_with_the_reason_and_nothing_changes() {
    let temp = tempfile::tempdir().unwrap();
    let theatre = &shipped()[0];
    let dir = on_shift(temp.path(), theatre);
    let checkpoint = || std::fs::read(format!("{dir}/record/log/checkpoint")).unwrap();
    let before = checkpoint();
    let file = temp.path().join("plan.toml");
    let plan = |text: &str, key: &str| {
        std::fs::write(&file, text).unwrap();
        let key = format!("{dir}/keys/{key}.key");
        let refused = run(&[
            "ground",
            "plan",
            "--dir",
            &dir,
            file.to_str().unwrap(),
            "--key",
            &key,
        ]);
        assert_eq!(refused.code, 1, "{text}: {refused:?}");
        refused.stderr
    };
    let shift = |from: &str, until: &str, more: &str| {
        format!(
            "[[shift]]\nshift = \"x\"\nunit = {{ patrol = \"p\" }}\nstates = [\"tr\"]\nmembers = 4\nfrom = {from}\n\
             until = {until}\ntimezone = \"+03:00\"\nsector = \"sector-3\"\n{more}"
        )
    };
    let (from, until) = ("2021-04-01T12:00:00+03:00", "2021-04-01T14:00:00+03:00");
    for (text, key, why) in [
        (
            shift("2021-02-29T12:00:00+03:00", until, ""),
            "officer-tr",
            "plan.toml",
        ),
        (
            shift("2021-04-01T12:00:00", until, ""),
            "officer-tr",
            "shift 1",
        ),
        (shift(until, from, ""), "officer-tr", "after the beginning"),
        (
            shift(from, until, "colour = \"red\"\n"),
            "officer-tr",
            "colour",
        ),
        (
            shift(from, until, "").replace("sector-3", "sector-9"),
            "officer-tr",
            "sector-9",
        ),
        (shift(from, until, ""), "officer-ru", "signed by"),
        (shift(from, until, ""), "official-az", "signed by"),
        (
            shift(from, until, "").replace("[\"tr\"]", "[\"az\"]"),
            "officer-tr",
            "one or both of",
        ),
        (
            "[[cancelled]]\nshift = \"none\"\nversion = 1\nwhy = \"fog\"\n".to_owned(),
            "officer-tr",
            "nobody planned",
        ),
        (
            "[[shifts]]\nshift = \"x\"\n".to_owned(),
            "officer-tr",
            "expected [[shift]]",
        ),
        ("shift = 7\n".to_owned(), "officer-tr", "expected [[shift]]"),
        ("\u{0}".to_owned(), "officer-tr", "plan.toml"),
    ] {
        let said = plan(&text, key);
        assert!(said.contains(why), "{text}: {said}");
    }
    assert_eq!(checkpoint(), before, "refused, and changed");
    let manned = [
        "ground",
        "manned",
        "--post",
        "P04",
        "--from",
        "2021-03-14T09:00:00Z",
        "--until",
    ];
    for until in ["2021-03-14T09:00:00Z", "2021-03-15T09:00:01Z"] {
        assert_eq!(run(&[&manned[..], &[until]].concat()).code, 1);
    }
}
