//! Judging while observations come: the record has what a judgement at once would give, and a replay
//! gives it again, byte for byte.

use std::path::{Path, PathBuf};

use truceline_domain::{Event, EventKind};
use truceline_intake::Format;
use truceline_service::intake::Input;
use truceline_service::{Centre, centre};

struct Kept {
    _dir: tempfile::TempDir,
    path: PathBuf,
    centre: Centre,
}

fn theatre() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres/karabakh-2020")
}

fn sensors() -> Vec<String> {
    let text = std::fs::read_to_string(theatre().join("feeds/sensors.ndjson")).unwrap();
    text.lines().map(str::to_owned).collect()
}

impl Kept {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("centre");
        centre::create(&path, &theatre(), None, Vec::new()).unwrap();
        let (mut centre, _) = Centre::open(&path).unwrap();
        centre.keep_window().unwrap();
        Self {
            _dir: dir,
            path,
            centre,
        }
    }

    fn take_in(&mut self, lines: &[String]) {
        let text = lines.join("\n");
        let input = Input {
            name: "sensors",
            reader: &mut text.as_bytes(),
            feed: "sensors".parse().unwrap(),
            source: "sensors".parse().unwrap(),
            format: Some(Format::Sensor),
            attached: Vec::new(),
        };
        let taken = self.centre.take_in(input, &mut |_| ()).unwrap();
        // What is delivered twice within a file is told, and taken once.
        assert!(
            taken.observations + 3 > lines.len() as u64,
            "{:?}",
            taken.faults
        );
    }

    /// As the service does while nothing more comes, then the record is told.
    fn judge(&mut self) {
        while self.centre.judge_turn().unwrap() == Some(false) {}
        self.centre.judge_window().unwrap().unwrap();
    }

    fn events(&self) -> Vec<Event> {
        self.centre.store().events().unwrap()
    }

    /// The store projected anew is the store that grew: each judgement came out byte for byte.
    fn replayed(self) -> u64 {
        let Self { _dir, path, centre } = self;
        drop(centre);
        let replayed = Centre::replay(&path).unwrap();
        assert_eq!(replayed.before, Some(replayed.after));
        replayed.judgements
    }
}

#[test]
fn what_was_judged_as_it_came_replays_byte_for_byte() {
    let all = sensors();
    let mut kept = Kept::new();
    assert_eq!(kept.centre.judge_turn().unwrap(), None);
    let parts = all.chunks(all.len().div_ceil(4));
    let count = parts.len() as u64;
    for part in parts {
        kept.take_in(part);
        kept.judge();
    }
    let as_they_came = kept.events();
    assert!(!as_they_came.is_empty());
    // In another order, judged once: the same events.
    let mut other = Kept::new();
    let (late, soon) = all.split_at(all.len() / 3);
    other.take_in(soon);
    other.take_in(late);
    other.judge();
    assert_eq!(other.events(), as_they_came);
    assert_eq!(kept.replayed(), count);
}

#[test]
fn a_satellites_pass_told_three_hours_late_revises_what_was_judged() {
    let mut all = sensors();
    let pixel = |id: &str, observed: &str, received: &str| {
        format!(
            r#"{{"id":"{id}","source":"SAT1","observed":"{observed}","received":"{received}","kind":"thermal","lat":39.9,"lon":46.95,"sd_m":200.0,"frp_mw":12.0}}"#
        )
    };
    all.push(pixel(
        "hot1",
        "2021-03-14T09:20:00Z",
        "2021-03-14T09:40:00Z",
    ));
    let mut kept = Kept::new();
    kept.take_in(&all);
    kept.judge();
    let fires = |events: Vec<Event>| -> Vec<Event> {
        let is_fire = |e: &Event| {
            e.kind == EventKind::Fire && e.evidence.iter().any(|id| id.as_str() == "hot1")
        };
        events.into_iter().filter(is_fire).collect()
    };
    let before = fires(kept.events());
    assert_eq!(before.len(), 1);
    kept.take_in(&[pixel(
        "hot0",
        "2021-03-14T09:05:00Z",
        "2021-03-14T12:10:00Z",
    )]);
    kept.judge();
    let after = fires(kept.events());
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].evidence.len(), before[0].evidence.len() + 1);
    assert!(after[0].time < before[0].time);
    assert_eq!(kept.replayed(), 2);
}
