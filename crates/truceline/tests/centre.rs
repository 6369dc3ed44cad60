//! The whole way through the built program: init, ingest, judge, sign, dissent, bundle, verify,
//! replay, export, on the shipped theatre's exercise.

use std::path::{Path, PathBuf};

use crate::common::{Ran, SmallDisk, run, theatre};
use serde_json::Value;

/// A centre with the exercise's sensors and reports in it.
struct Exercise {
    _dir: tempfile::TempDir,
    centre: PathBuf,
}

impl Exercise {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let centre = dir.path().join("centre");
        run(&["init", path(&centre), "--theatre", path(&theatre())]).ok();
        let feeds = theatre().join("feeds");
        let sensors = feeds.join("sensors.ndjson");
        // The exercise sends one line twice and the like on purpose: the status may tell so.
        let ran = run(&["ingest", "--dir", path(&centre), path(&sensors)]);
        assert!(matches!(ran.code, 0 | 1), "{ran:?}");
        Self { _dir: dir, centre }
    }

    fn dir(&self) -> &str {
        path(&self.centre)
    }

    fn key(&self, name: &str) -> String {
        path(&self.centre.join("keys").join(name)).to_owned()
    }

    fn findings(&self) -> Vec<Value> {
        run(&["findings", "--dir", self.dir(), "--format", "json"])
            .ok()
            .lines()
    }

    /// The officers' keys, one a sending state.
    fn officers(&self) -> [String; 2] {
        let mut keys: Vec<_> = std::fs::read_dir(self.centre.join("keys"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("officer-"))
            .collect();
        keys.sort();
        [self.key(&keys[0]), self.key(&keys[1])]
    }

    fn id(&self, n: usize) -> String {
        self.findings()[n]["finding"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn standing(&self, id: &str) -> String {
        let all = self.findings();
        let one = all.iter().find(|f| f["finding"]["id"] == id).unwrap();
        one["standing"].as_str().unwrap().to_owned()
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn two_keys_determine_and_one_side_twice_does_not() {
    let exercise = Exercise::new();
    let [first, second] = exercise.officers();
    let id = exercise.id(0);
    let sign = |key: &str| run(&["sign", "--dir", exercise.dir(), &id, "--key", key]);
    assert!(
        sign(&first).ok().stdout.contains("half-signed"),
        "one key is not two"
    );
    let again = sign(&first);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("first decision stands"), "{again:?}");
    assert!(exercise.standing(&id).starts_with("half-signed"));
    sign(&second).ok();
    assert_eq!(exercise.standing(&id), "determined");
}

#[test]
fn a_dissent_is_kept_beside_the_finding() {
    let exercise = Exercise::new();
    let [first, second] = exercise.officers();
    let id = exercise.id(0);
    run(&["sign", "--dir", exercise.dir(), &id, "--key", &first]).ok();
    let reason = "the map is too coarse";
    run(&[
        "dissent",
        "--dir",
        exercise.dir(),
        &id,
        "--key",
        &second,
        "--reason",
        reason,
    ])
    .ok();
    assert!(exercise.standing(&id).starts_with("dissented"));
    let all = exercise.findings();
    let signatures = all[0]["signatures"].as_array().unwrap();
    assert!(
        signatures.iter().any(|s| s["reason"] == reason),
        "{signatures:?}"
    );
}

#[test]
fn a_key_that_is_no_officers_is_refused_and_nothing_is_written() {
    let exercise = Exercise::new();
    let before = std::fs::read(exercise.centre.join("record/log/checkpoint")).unwrap();
    let id = exercise.id(0);
    let refused = run(&[
        "sign",
        "--dir",
        exercise.dir(),
        &id,
        "--key",
        &exercise.key("log.key"),
    ]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("officer"), "{refused:?}");
    let unknown = run(&[
        "sign",
        "--dir",
        exercise.dir(),
        "F-nothing",
        "--key",
        &exercise.officers()[0],
    ]);
    assert_eq!(unknown.code, 1);
    assert_eq!(
        std::fs::read(exercise.centre.join("record/log/checkpoint")).unwrap(),
        before
    );
}

#[test]
fn a_bundle_verifies_alone_and_a_changed_byte_is_found() {
    let exercise = Exercise::new();
    let id = exercise.id(0);
    for key in exercise.officers() {
        run(&["sign", "--dir", exercise.dir(), &id, "--key", &key]).ok();
    }
    let file = exercise.centre.join("bundle.zip");
    run(&["bundle", "--dir", exercise.dir(), &id, "-o", path(&file)]).ok();
    // Away from the centre, with the log's key from elsewhere.
    let away = tempfile::tempdir().unwrap();
    let copy = away.path().join("bundle.zip");
    std::fs::copy(&file, &copy).unwrap();
    // The bytes as the feed sent them are in it, not only what was decoded from them.
    let original = std::fs::read(theatre().join("feeds/sensors.ndjson")).unwrap();
    let name = truceline_domain::Sha256::of(&original).to_string();
    let whole = std::fs::read(&copy).unwrap();
    assert!(
        whole.windows(64).any(|w| w == name.as_bytes()),
        "{name} is not in the bundle"
    );
    let vkeys = exercise.centre.join("record/vkeys");
    let checked = run(&["verify", path(&copy), "--vkey", path(&vkeys)]).ok();
    assert!(
        checked.stdout.contains("PASSED") && checked.stdout.contains(&id),
        "{checked:?}"
    );
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    let failed = run(&["verify", path(&copy)]);
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stdout.contains("FAILED"), "{failed:?}");
    // A bundle is not written over.
    assert_eq!(
        run(&["bundle", "--dir", exercise.dir(), &id, "-o", path(&file)]).code,
        1
    );
}

#[test]
fn a_record_verifies_as_a_copy_and_replays_to_the_same_content() {
    let exercise = Exercise::new();
    run(&["verify", exercise.dir()]).ok();
    run(&["verify", path(&exercise.centre.join("record"))]).ok();
    let replayed = run(&["replay", "--dir", exercise.dir(), "--json"]).ok();
    let told: Value = serde_json::from_str(&replayed.stdout).unwrap();
    assert_eq!(told["same"], true, "{told}");
    assert_eq!(told["judgements"], 1, "{told}");
}

#[test]
fn taking_a_feed_in_again_changes_no_finding() {
    let exercise = Exercise::new();
    let before: Vec<_> = exercise
        .findings()
        .iter()
        .map(|f| f["finding"]["id"].clone())
        .collect();
    let sensors = theatre().join("feeds/sensors.ndjson");
    run(&["ingest", "--dir", exercise.dir(), path(&sensors)]);
    let after: Vec<_> = exercise
        .findings()
        .iter()
        .map(|f| f["finding"]["id"].clone())
        .collect();
    assert_eq!(before, after);
}

#[test]
fn a_full_disk_is_told_with_what_to_do_and_the_same_command_again_takes_all() {
    let Some(disk) = SmallDisk::mounted(48, "a feed taken in on a full disk") else {
        return;
    };
    let exercise = Exercise::new();
    let ids = |dir: &str| -> Vec<Value> {
        let found = run(&["findings", "--dir", dir, "--format", "json"]).ok();
        let of = found.lines();
        of.iter().map(|f| f["finding"]["id"].clone()).collect()
    };
    let centre = disk.path().join("centre");
    let sensors = theatre().join("feeds/sensors.ndjson");
    let ingest = || run(&["ingest", "--dir", path(&centre), path(&sensors)]);
    run(&["init", path(&centre), "--theatre", path(&theatre())]).ok();
    // It is full before the first byte, in the middle, or only when the findings are put.
    for left in [0, 32 << 10, 256 << 10, 1 << 20] {
        disk.fill(left);
        let refused = ingest();
        disk.free();
        assert_eq!(refused.code, 1, "{left}: {refused:?}");
        let told = refused.stderr.contains("make room on that disk");
        assert!(told, "{left}: {refused:?}");
    }
    let taken = ingest();
    assert!(matches!(taken.code, 0 | 1), "{taken:?}");
    assert!(!ids(path(&centre)).is_empty());
    assert_eq!(ids(path(&centre)), ids(exercise.dir()));
    let verified = run(&["verify", path(&centre)]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn what_is_broken_is_set_aside_and_the_rest_kept() {
    let exercise = Exercise::new();
    let set_aside = || {
        std::fs::read_dir(exercise.centre.join("quarantine"))
            .unwrap()
            .count()
    };
    let before = set_aside();
    let feed = exercise.centre.join("night.ndjson");
    let good = r#"{"id":"n1","source":"A01","observed":"2021-03-14T09:59:00Z","received":"2021-03-14T09:59:01Z","kind":"flash","bearing_deg":10,"bearing_sd_deg":1}"#;
    std::fs::write(
        &feed,
        format!("{good}\nthis is no JSON\n{}\n", good.replace("n1", "n2")),
    )
    .unwrap();
    let ran = run(&[
        "ingest",
        "--dir",
        exercise.dir(),
        "--format",
        "sensor",
        path(&feed),
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("line 2"), "{ran:?}");
    assert!(ran.stderr.contains("2 observations"), "{ran:?}");
    assert_eq!(set_aside(), before + 1);
    run(&["verify", exercise.dir()]).ok();
}

#[test]
fn pictures_and_exports_are_what_they_say() {
    let exercise = Exercise::new();
    let picture = run(&[
        "picture",
        "--dir",
        exercise.dir(),
        "--at",
        "2021-03-14T10:00:00Z",
    ])
    .ok();
    let picture: Value = serde_json::from_str(&picture.stdout).unwrap();
    let layers: Vec<_> = picture["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["properties"]["layer"].clone())
        .collect();
    assert!(
        layers.contains(&"theatre".into()) && layers.contains(&"events".into()),
        "{layers:?}"
    );
    for ending in ["gpkg", "geojson", "kml", "parquet"] {
        let out = exercise.centre.join(format!("out.{ending}"));
        run(&["export", "--dir", exercise.dir(), "--out", path(&out)]).ok();
        assert!(std::fs::metadata(&out).unwrap().len() > 1000, "{ending}");
        assert_eq!(
            run(&["export", "--dir", exercise.dir(), "--out", path(&out)]).code,
            1,
            "written over"
        );
    }
    assert_eq!(
        run(&["export", "--dir", exercise.dir(), "--out", "out.doc"]).code,
        1
    );
    for format in ["csv", "geojson", "osce", "table"] {
        let told = run(&["findings", "--dir", exercise.dir(), "--format", format]).ok();
        assert!(told.stdout.lines().count() > 1, "{format}: {told:?}");
    }
    let span = [
        "--from",
        "2021-03-14T09:00:00Z",
        "--to",
        "2021-03-14T10:00:00Z",
    ];
    let covered = run(&[&["coverage", "--dir", exercise.dir()], &span[..]].concat()).ok();
    assert!(covered.stdout.contains("never watched"), "{covered:?}");
}

#[test]
fn only_one_writes_and_many_read() {
    let exercise = Exercise::new();
    let lock = std::fs::File::open(exercise.centre.join("record/lock")).unwrap();
    lock.lock().unwrap();
    let refused = run(&[
        "ingest",
        "--dir",
        exercise.dir(),
        path(&theatre().join("feeds/reports.csv")),
    ]);
    assert_eq!(refused.code, 1, "{refused:?}");
    run(&["findings", "--dir", exercise.dir()]).ok();
    drop(lock);
}

#[test]
fn media_go_only_with_both_keys_and_stay_under_a_hold() {
    let exercise = Exercise::new();
    let [first, second] = exercise.officers();
    let log = run(&[
        "export",
        "--dir",
        exercise.dir(),
        "--out",
        path(&exercise.centre.join("x.gpkg")),
    ]);
    log.ok();
    let segment = std::fs::read_dir(exercise.centre.join("record/segments"))
        .unwrap()
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .find(|name| {
            let of_feed = std::fs::read(theatre().join("feeds/sensors.ndjson")).unwrap();
            *name == truceline_domain::Sha256::of(&of_feed).to_string()
        })
        .expect("the feed's bytes are one segment");
    let delete = |keys: &[&str]| {
        let mut args = vec![
            "retention",
            "delete",
            "--dir",
            exercise.dir(),
            "--sha256",
            &segment,
            "--why",
            "old",
        ];
        keys.iter().for_each(|key| args.extend(["--key", key]));
        run(&args)
    };
    assert_eq!(delete(&[&first]).code, 1, "one key is not two");
    let held = run(&[
        "retention",
        "hold",
        "--dir",
        exercise.dir(),
        "--why",
        "case 12",
        "--key",
        &first,
    ])
    .ok();
    let hold = held.stdout.trim().trim_start_matches("held: ").to_owned();
    assert_eq!(delete(&[&first, &second]).code, 1, "held");
    let release = [
        "retention",
        "release",
        "--dir",
        exercise.dir(),
        &hold,
        "--why",
        "closed",
    ];
    run(&[&release[..], &["--key", &first, "--key", &second]].concat()).ok();
    delete(&[&first, &second]).ok();
    let checked: Ran = run(&["verify", exercise.dir()]).ok();
    assert!(checked.stdout.contains("PASSED"), "{checked:?}");
    run(&["replay", "--dir", exercise.dir()]).ok();
}
