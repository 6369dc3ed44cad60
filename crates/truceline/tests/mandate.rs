//! Authorisations, deployments and procedures through the built program.

use std::path::{Path, PathBuf};

use crate::common::{Ran, run, theatre};
use serde_json::Value;

struct Made {
    _dir: tempfile::TempDir,
    centre: PathBuf,
}

impl Made {
    fn new(extra: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let centre = dir.path().join("centre");
        let theatre = theatre();
        let args = ["init", text(&centre), "--theatre", text(&theatre)];
        run(&[&args[..], extra].concat()).ok();
        Self { _dir: dir, centre }
    }

    fn dir(&self) -> &str {
        text(&self.centre)
    }

    /// Officers of the two sending states and the host's official, in order of their files.
    fn keys(&self) -> [String; 3] {
        let mut keys: Vec<_> = std::fs::read_dir(self.centre.join("keys"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap().to_str().unwrap();
                name.starts_with("officer-") || name.starts_with("official-")
            })
            .map(|path| text(&path).to_owned())
            .collect();
        keys.sort_by_key(|path| path.rsplit('/').next().unwrap().to_owned());
        keys.try_into().unwrap()
    }

    fn run(&self, args: &[&str]) -> Ran {
        let (first, rest) = args.split_at(args.len().min(2));
        run(&[first, &["--dir", self.dir()], rest].concat())
    }

    fn checkpoint(&self) -> Vec<u8> {
        std::fs::read(self.centre.join("record/log/checkpoint")).unwrap()
    }

    /// Runs what must be refused, in these words, and change nothing.
    fn refused(&self, args: &[&str], words: &str) {
        let before = self.checkpoint();
        let ran = self.run(args);
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(words), "{args:?}: {ran:?}");
        assert_eq!(self.checkpoint(), before, "{args:?}: refused, and recorded");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn strength_is_held_against_ceilings_and_overridden_by_two_keys_alone() {
    let made = Made::new(&[]);
    let [first, second, host] = made.keys();
    let states: Vec<String> = ["officer-", "officer-"]
        .iter()
        .zip([&first, &second])
        .map(|(prefix, key)| {
            let name = key.rsplit('/').next().unwrap();
            name.trim_start_matches(prefix)
                .trim_end_matches(".key")
                .to_owned()
        })
        .collect();
    let deploy =
        |state: &str, count: &str, from: &str, until: &str, rest: &[&str]| -> Vec<String> {
            let args = [
                "mandate",
                "deploy",
                "--state",
                state,
                "--category",
                "persons",
                "--count",
                count,
                "--from",
                from,
                "--until",
                until,
            ];
            args.iter().chain(rest).map(|s| (*s).to_owned()).collect()
        };
    let call = |args: &[String]| made.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = |args: &[String], words: &str| {
        made.refused(&args.iter().map(String::as_str).collect::<Vec<_>>(), words);
    };
    // 39 of 60 are there by the documents: 21 fit, 22 do not.
    let (state, key) = (&states[0], ["--key", &first]);
    let above = deploy(state, "22", "2021-03-01", "2021-03-31", &key);
    refused(&above, "61 persons on 2021-03-01; expected at most 60");
    refused(
        &deploy(state, "1", "2021-03-31", "2021-03-01", &key),
        "before it begins",
    );
    refused(
        &deploy(state, "1", "2021-03-01", "2031-03-01", &key),
        "expected at most until",
    );
    refused(
        &deploy(state, "1", "2021-03-01", "2021-03-31", &["--key", &second]),
        "not signed by an officer",
    );
    refused(
        &deploy(state, "1", "2021-03-01", "2021-03-31", &["--key", &host]),
        "not signed by an officer",
    );
    call(&deploy(state, "21", "2021-03-01", "2021-03-31", &key)).ok();
    let why = ["--override", "evacuation of the wounded", "--key", &first];
    let more = deploy(state, "5", "2021-03-10", "2021-03-11", &why);
    refused(&more, "without the key of");
    let both = deploy(
        state,
        "5",
        "2021-03-10",
        "2021-03-11",
        &[&why[..], &["--key", &second]].concat(),
    );
    call(&both).ok();

    let shown = run(&[
        "--json",
        "mandate",
        "--dir",
        made.dir(),
        "--from",
        "2021-03-09",
        "--to",
        "2021-03-12",
    ]);
    assert_eq!(shown.code, 1, "something is above its ceiling: {shown:?}");
    let told = json(&shown);
    let strength: Vec<u64> = told["strength"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["state"] == state.as_str() && r["category"] == "persons")
        .map(|r| r["strength"].as_u64().unwrap())
        .collect();
    assert_eq!(strength, [60, 65, 65, 60]);
    let table = run(&["mandate", "--dir", made.dir(), "--at", "2021-03-10"]);
    assert!(table.stdout.contains("above, by both keys"), "{table:?}");
    // The exercise's deadlines of 2021, as they were seen then.
    let warned = run(&[
        "--json",
        "mandate",
        "--dir",
        made.dir(),
        "--at",
        "2021-11-10",
    ]);
    assert!(
        json(&warned)["deadlines"]
            .to_string()
            .contains("\"warning_days\":7"),
        "{warned:?}"
    );
    run(&["verify", made.dir()]).ok();
    let replayed = run(&["replay", "--dir", made.dir(), "--json"]).ok();
    assert_eq!(json(&replayed)["same"], true);
    let again = run(&[
        "--json",
        "mandate",
        "--dir",
        made.dir(),
        "--at",
        "2021-03-10",
    ]);
    assert_eq!(json(&again)["deployments"], told["deployments"]);
}

#[test]
fn without_procedures_in_force_nothing_is_recorded_of_drones_and_nothing_determined() {
    let made = Made::new(&["--as-draft"]);
    let [first, second, host] = made.keys();
    let shown = run(&["modalities", "--dir", made.dir()]);
    assert_eq!(shown.code, 1);
    assert!(
        shown
            .stdout
            .contains("version 1 is a draft that nobody has agreed to"),
        "{shown:?}"
    );
    let drone = theatre().join("feeds/drone.ts");
    let ingest = ["ingest", "--format", "fmv", text(&drone)];
    let before = made.checkpoint();
    let ran = run(&[
        "ingest",
        "--dir",
        made.dir(),
        "--format",
        "fmv",
        text(&drone),
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("no procedures are in force: version 1"),
        "{ran:?}"
    );
    assert_eq!(made.checkpoint(), before, "{ingest:?}");
    // Sensors are heard all the same; what they tell is not judged.
    let sensors = theatre().join("feeds/sensors.ndjson");
    let ran = run(&["ingest", "--dir", made.dir(), text(&sensors)]);
    assert!(
        ran.stderr
            .contains("nothing was judged: no procedures are in force"),
        "{ran:?}"
    );
    made.refused(
        &["report", "--date=2021-03-15"],
        "no procedures are in force",
    );

    made.refused(
        &["modalities", "agree", "--key", &host],
        "expected an officer of",
    );
    made.refused(
        &["modalities", "approve", "--key", &host],
        "expected procedures that were submitted",
    );
    made.run(&["modalities", "agree", "--key", &second]).ok();
    made.refused(
        &["modalities", "submit", "--key", &first],
        "expected what both sending states have agreed",
    );
    made.run(&["modalities", "agree", "--key", &first]).ok();
    made.run(&["modalities", "submit", "--key", &first]).ok();
    made.refused(
        &["modalities", "approve", "--key", &first],
        "expected an official of the host",
    );
    // The host has another text in its hands than the record.
    let other = made.centre.join("other.md");
    let own = std::fs::read_to_string(theatre().join("procedures.md")).unwrap();
    std::fs::write(&other, own.replace("days = 180", "days = 181")).unwrap();
    made.refused(
        &[
            "modalities",
            "approve",
            "--key",
            &host,
            "--text",
            text(&other),
        ],
        "with another text",
    );
    let own = theatre().join("procedures.md");
    let approved = made
        .run(&[
            "modalities",
            "approve",
            "--key",
            &host,
            "--text",
            text(&own),
        ])
        .ok();
    assert!(approved.stdout.contains("in force from"), "{approved:?}");
    let ran = run(&["ingest", "--dir", made.dir(), text(&sensors)]);
    assert!(!ran.stderr.contains("nothing was judged"), "{ran:?}");
    let findings = run(&["findings", "--dir", made.dir(), "--format", "json"])
        .ok()
        .lines();
    let id = findings[0]["finding"]["id"].as_str().unwrap();
    run(&["sign", "--dir", made.dir(), id, "--key", &first]).ok();

    made.refused(
        &[
            "modalities",
            "suspend",
            "--why",
            "an incident",
            "--key",
            &first,
        ],
        "no key of",
    );
    made.run(&[
        "modalities",
        "suspend",
        "--why",
        "an incident",
        "--key",
        &host,
    ])
    .ok();
    let before = made.checkpoint();
    let refused = run(&["sign", "--dir", made.dir(), id, "--key", &second]);
    assert!(
        refused.stderr.contains("is suspended: an incident"),
        "{refused:?}"
    );
    assert_eq!(made.checkpoint(), before);
    made.run(&[
        "modalities",
        "resume",
        "--why",
        "cleared up",
        "--key",
        &host,
    ])
    .ok();
    run(&["sign", "--dir", made.dir(), id, "--key", &second]).ok();
    run(&["verify", made.dir()]).ok();
    let replayed = run(&["replay", "--dir", made.dir(), "--json"]).ok();
    assert_eq!(json(&replayed)["same"], true);
}

#[test]
fn a_second_version_goes_the_same_way_and_an_unreadable_one_changes_nothing() {
    let made = Made::new(&[]);
    let [first, second, host] = made.keys();
    let own = std::fs::read_to_string(theatre().join("procedures.md")).unwrap();
    let (own, _) = own.split_once("```approval").unwrap();
    let second_version = own
        .replace("version = 1", "version = 2")
        .replace("from = 2021-01-30", "from = 2021-06-01");
    let file = made.centre.join("procedures-2.md");
    std::fs::write(&file, second_version.replace("2021-06-01", "2021-02-30")).unwrap();
    made.refused(
        &["modalities", "draft", "--key", &first, text(&file)],
        "procedures-2.md:",
    );
    assert!(!made.centre.join("documents/procedures-2.md").exists());
    std::fs::write(&file, &second_version).unwrap();
    made.refused(
        &["modalities", "draft", "--key", &host, text(&file)],
        "expected an officer of",
    );
    assert!(!made.centre.join("documents/procedures-2.md").exists());
    made.run(&["modalities", "draft", "--key", &first, text(&file)])
        .ok();
    for (step, key) in [("agree", &first), ("agree", &second), ("submit", &second)] {
        made.run(&["modalities", step, "--key", key]).ok();
    }
    // The host changes it: a third text, to which the two must agree anew.
    let changed = made.centre.join("procedures-3.md");
    std::fs::write(
        &changed,
        second_version.replace("version = 2", "version = 3"),
    )
    .unwrap();
    made.run(&[
        "modalities",
        "approve",
        "--key",
        &host,
        "--version",
        "2",
        "--changed",
        text(&changed),
        "--remarks",
        "the hours of flight",
    ])
    .ok();
    let at = |time: &str| {
        let shown = run(&["--json", "modalities", "--dir", made.dir(), "--at", time]);
        json(&shown)["in_force"].clone()
    };
    assert_eq!(at("2021-06-02T00:00:00Z"), 1);
    made.run(&["modalities", "agree", "--version", "3", "--key", &first])
        .ok();
    made.run(&["modalities", "agree", "--version", "3", "--key", &second])
        .ok();
    assert_eq!(at("2021-05-31T00:00:00Z"), 1);
    assert_eq!(at("2021-06-02T00:00:00Z"), 3);
    run(&["verify", made.dir()]).ok();
    run(&["replay", "--dir", made.dir()]).ok();
}
