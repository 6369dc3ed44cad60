//! The offline check: a whole record passes, and nothing that was changed does.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scene::{ORIGIN, Scene, all_given, full, officer, small, witness_key};
use truceline_record::signature::Standing;
use truceline_record::verify::{FaultKind, Options, Report, verify};
use truceline_record::{Checkpoint, Log};

fn check(path: &Path, options: &Options) -> Report {
    verify(path, options, &|_| {}).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn a_whole_record_passes_with_the_standing_of_its_findings() {
    let scene = full();
    let report = scene.verify();
    assert!(report.passed(), "{report}");
    assert_eq!(report.tree.cosigned.len(), 3);
    assert_eq!(report.tree.cosigned_size, report.tree.size);
    assert_eq!(report.counts.deleted, 1);
    assert_eq!(report.counts.signatures, 4);
    let standings: Vec<String> = report
        .findings
        .iter()
        .map(|f| f.standing.to_string())
        .collect();
    assert_eq!(
        standings,
        ["determined, by east/ada, west/bea", "half-signed, by west"]
    );
    assert_eq!(report.findings[0].dissents.len(), 1);
    // The centre's whole folder is the same check.
    let centre = check(scene.folder.path(), &all_given(3));
    assert!(centre.passed() && centre.findings == report.findings);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["standing"], "determined");
    assert!(
        report.to_string().starts_with("PASSED: a record in "),
        "{report}"
    );
}

/// Flips one bit of every `step`th byte of every file of the record and counts the flips; which bit
/// goes round with the offset. The lock's words are for people and are no part of the record.
fn flip(scene: &Scene, step: usize, options: &Options) -> usize {
    let root = scene.path();
    let report = check(&root, options);
    assert!(report.passed(), "{report}");
    let mut flipped = 0;
    for path in files(&root)
        .into_iter()
        .filter(|path| !path.ends_with("lock"))
    {
        let whole = fs::read(&path).unwrap();
        for at in (flipped % step..whole.len()).step_by(step) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            assert!(
                !check(&root, options).passed(),
                "byte {at} of {} was changed unseen",
                path.display()
            );
            flipped += 1;
        }
        fs::write(&path, &whole).unwrap();
    }
    flipped
}

#[test]
fn every_flipped_byte_of_a_small_record_is_found() {
    let options = Options {
        threads: 1,
        ..all_given(0)
    };
    let flipped = flip(&small(), 1, &options);
    assert!(flipped > 4_000, "{flipped}");
}

#[test]
fn flipped_bytes_of_a_record_with_everything_are_found() {
    let flipped = flip(
        &full(),
        61,
        &Options {
            threads: 1,
            ..all_given(3)
        },
    );
    assert!(flipped > 200, "{flipped}");
}

#[test]
#[ignore = "takes minutes: every byte of a record with everything"]
fn every_flipped_byte_of_a_record_with_everything_is_found() {
    assert!(
        flip(
            &full(),
            1,
            &Options {
                threads: 1,
                ..all_given(3)
            }
        ) > 10_000
    );
}

/// Without keys of one's own the same holds: a copy at least agrees with itself.
#[test]
fn every_removed_or_cut_file_is_found_also_without_own_keys() {
    let scene = full();
    let root = scene.path();
    let options = Options {
        quorum: 3,
        ..Options::default()
    };
    let report = check(&root, &options);
    assert!(report.passed(), "{report}");
    assert!(
        report.to_string().contains("Compare\ntheir fingerprints"),
        "{report}"
    );
    assert!(report.keys.iter().all(|key| !key.given));
    for path in files(&root) {
        let name = path.file_name().unwrap().to_str().unwrap();
        // Older partial tiles may go (tlog-tiles); those of the present size are asked for.
        let older = path.parent().unwrap().extension().is_some_and(|e| e == "p")
            && name
                .parse::<u64>()
                .is_ok_and(|width| width != report.tree.size);
        if ["lock", "journal", "checkpoint.cosigned"].contains(&name) || older {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(
            !check(&root, &options).passed(),
            "{} was removed unseen",
            path.display()
        );
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(
            !check(&root, &options).passed(),
            "{} was cut unseen",
            path.display()
        );
        let mut longer = whole.clone();
        longer.push(b'\n');
        fs::write(&path, &longer).unwrap();
        assert!(
            !check(&root, &options).passed(),
            "{} was lengthened unseen",
            path.display()
        );
        fs::write(&path, &whole).unwrap();
    }
    assert!(check(&root, &options).passed());
}

#[test]
fn trust_is_the_readers_own() {
    let scene = full();
    let root = scene.path();
    let kinds = |options: &Options| -> Vec<FaultKind> {
        check(&root, options)
            .faults
            .iter()
            .map(|fault| fault.kind)
            .collect()
    };
    // Another log's key: nothing of this log is believed.
    let other = truceline_record::SignerKey::from_seed(
        ORIGIN,
        truceline_record::Algorithm::Ed25519,
        &[9; 32],
    )
    .unwrap();
    let given = Options {
        vkeys: vec![other.verifier().clone()],
        ..Options::default()
    };
    assert!(kinds(&given).contains(&FaultKind::Checkpoint));
    // Keys of another centre.
    let stranger = truceline_record::SignerKey::from_seed(
        "x.example",
        truceline_record::Algorithm::Ed25519,
        &[9; 32],
    )
    .unwrap();
    let given = Options {
        vkeys: vec![stranger.verifier().clone()],
        ..Options::default()
    };
    assert_eq!(kinds(&given), [FaultKind::Keys]);
    // Officers that the reader does not know do not determine.
    let given = Options {
        vkeys: vec![officer("east", "ada").verifier().clone()],
        ..Options::default()
    };
    let report = check(&root, &given);
    assert!(
        matches!(report.findings[0].standing, Standing::HalfSigned { .. }),
        "{report}"
    );
    assert!(
        report
            .faults
            .iter()
            .any(|fault| fault.why.contains("not among the record's verifier keys"))
    );
    // A witness that the reader does not know does not count.
    let given: Vec<_> = ["east", "west"]
        .iter()
        .map(|s| witness_key(s).verifier().clone())
        .collect();
    let report = check(
        &root,
        &Options {
            vkeys: given,
            quorum: 3,
            ..Options::default()
        },
    );
    assert_eq!(report.tree.cosigned.len(), 2);
    assert!(
        report
            .faults
            .iter()
            .any(|fault| fault.why.contains("3 are asked for")),
        "{report}"
    );
    // A quorum that was never there.
    assert!(
        kinds(&Options {
            quorum: 4,
            ..all_given(0)
        })
        .contains(&FaultKind::Cosignature)
    );
}

#[test]
fn the_present_must_continue_an_earlier_checkpoint() {
    let mut scene = full();
    let early = fs::read(scene.path().join("log/checkpoint")).unwrap();
    scene.open();
    scene.segment(b"third medium");
    let newer = fs::read(scene.path().join("log/checkpoint")).unwrap();
    let with = |old: &[u8]| Options {
        old: Some(old.to_vec()),
        ..all_given(3)
    };
    let report = check(&scene.path(), &with(&early));
    assert!(report.passed(), "{report}");
    assert!(
        report.notes.iter().any(|note| note.contains("continues")),
        "{report}"
    );
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("newest 1 entries")),
        "{report}"
    );

    // Rolled back: the same folder at an earlier time.
    let earlier = full();
    let report = check(&earlier.path(), &with(&newer));
    assert!(
        report
            .faults
            .iter()
            .any(|f| f.kind == FaultKind::History && f.why.contains("rolled back")),
        "{report}"
    );
    // Rewritten: another past of the same log.
    let rewritten = Scene::new();
    for _ in 0..20 {
        rewritten.segment(b"another past");
    }
    rewritten.cosign();
    let report = check(&rewritten.path(), &with(&newer));
    assert!(
        report.faults.iter().any(|f| f.why.contains("rewritten")),
        "{report}"
    );
    // Not this log's.
    let forged = String::from_utf8(early)
        .unwrap()
        .replace("\n\n— ", "\n\n— x");
    assert!(!check(&scene.path(), &with(forged.as_bytes())).passed());
    assert!(!check(&scene.path(), &with(b"no checkpoint")).passed());
}

#[test]
fn times_that_jump_back_and_bodies_that_lie_are_told() {
    let scene = Scene::new();
    // The writer holds times to its order, so the entry is put in by hand: a forged log.
    scene.segment(b"medium");
    let mut forged = scene.finding("F-1", &[], None);
    let body = scene.put(&forged);
    forged.engine = "other".into();
    let mut lie = body.clone();
    lie.id = "F-9".parse().unwrap();
    scene.append(lie.draft(&crate::scene::theatre(), "engine").unwrap());
    let mut absent = body.clone();
    absent.id = "F-8".parse().unwrap();
    absent.sha256 = truceline_domain::Sha256::of(b"nowhere");
    scene.append(absent.draft(&crate::scene::theatre(), "engine").unwrap());
    let theatre = crate::scene::theatre();
    scene.append(
        truceline_record::Draft::new("segment", &theatre, "x", &serde_json::json!({"sha256": 5}))
            .unwrap(),
    );
    let report = check(&scene.path(), &all_given(0));
    let why: Vec<&str> = report
        .faults
        .iter()
        .map(|fault| fault.why.as_str())
        .collect();
    assert!(
        why.iter().any(|w| w.contains("its entry says otherwise")),
        "{why:?}"
    );
    assert!(
        why.iter().any(|w| w.contains("missing, named by entry")),
        "{why:?}"
    );
    assert!(
        report.faults.iter().any(|f| f.kind == FaultKind::Entry),
        "{report}"
    );
}

#[test]
fn a_log_over_many_tiles_is_checked_to_the_root() {
    let scene = Scene::new();
    let theatre = crate::scene::theatre();
    let note = |n: u32| {
        truceline_record::Draft::new("note", &theatre, "test", &serde_json::json!({"n": n}))
            .unwrap()
    };
    let mut size = 2;
    for step in [1, 252, 1, 1, 300, 65_000, 700] {
        scene
            .record()
            .append_all((0..step).map(note).collect())
            .unwrap();
        size += u64::from(step);
        if size < 1000 {
            let report = scene.verify_with(0);
            assert!(report.passed() && report.tree.size == size, "{report}");
        }
    }
    let report = scene.verify_with(0);
    assert!(report.passed() && report.tree.size == size, "{report}");
    assert_eq!(report.counts.entries["note"], size - 2);
    let log = scene.path().join("log");
    for tile in [
        "tile/entries/x001",
        "tile/0/200",
        "tile/1/000",
        "tile/entries/257",
        "tile/2/000.p/1",
    ] {
        let path = log.join(tile);
        if !path.is_file() {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            let report = scene.verify_with(0);
            assert!(
                report
                    .faults
                    .iter()
                    .any(|f| f.place.contains(tile) || f.place.contains("checkpoint")),
                "{tile} {at}: {report}"
            );
        }
        fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn nothing_to_check_is_an_error_and_a_torn_checkpoint_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    assert!(verify(folder.path(), &Options::default(), &|_| {}).is_err());
    assert!(verify(&folder.path().join("absent"), &Options::default(), &|_| {}).is_err());
    let scene = full();
    fs::write(scene.path().join("log/checkpoint"), "torn").unwrap();
    let report = check(&scene.path(), &all_given(3));
    assert_eq!(report.faults[0].kind, FaultKind::Checkpoint);
}

/// A folder, or a pipe, in the place of a file is a fault and keeps nobody waiting.
#[test]
fn what_is_no_file_is_not_read() {
    let scene = full();
    for name in [
        "journal",
        "vkeys",
        "log/checkpoint.cosigned",
        "log/tile/0/000.p/14",
        "log/tile/0/000.p/3",
    ] {
        let path = scene.path().join(name);
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            fs::create_dir(&path).unwrap();
        }
        assert!(!check(&scene.path(), &all_given(3)).passed(), "{name}");
        let _pipe = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        fs::write(&path, whole).unwrap();
    }
    assert!(check(&scene.path(), &all_given(3)).passed());
}

/// A hostile checkpoint must not keep the reader busy for ever.
#[test]
fn a_checkpoint_of_more_entries_than_there_are_ends_soon() {
    let scene = full();
    let head =
        truceline_record::TreeHead::new(ORIGIN, 1 << 48, truceline_domain::Sha256::of(b"any"));
    let signed = Checkpoint::sign(head, &crate::scene::log_key()).unwrap();
    fs::write(scene.path().join("log/checkpoint"), signed.to_bytes()).unwrap();
    let report = check(&scene.path(), &all_given(0));
    assert!(
        report.faults.len() < 400 && !report.passed(),
        "{}",
        report.faults.len()
    );
}

#[test]
fn a_forged_tree_with_the_right_key_is_caught_by_the_witnesses_only() {
    // One state holds the log's key and rewrites the past: the log is whole in itself.
    let honest = full();
    let old = Log::open(&honest.path().join("log")).unwrap();
    let rewritten = Scene::new();
    rewritten.segment(b"another past");
    let report = check(
        &rewritten.path(),
        &Options {
            quorum: 0,
            ..all_given(0)
        },
    );
    assert!(report.passed(), "{report}");
    let report = check(&rewritten.path(), &all_given(2));
    assert!(!report.passed(), "no cosignatures");
    // The honest cosignatures do not fit it.
    let mut note =
        Checkpoint::parse(&fs::read(rewritten.path().join("log/checkpoint")).unwrap()).unwrap();
    note = note.with_signatures(&old.checkpoint().signatures()[1..]);
    fs::write(rewritten.path().join("log/checkpoint"), note.to_bytes()).unwrap();
    let report = check(&rewritten.path(), &all_given(2));
    assert!(
        report
            .faults
            .iter()
            .any(|f| f.why.contains("cosignature by")),
        "{report}"
    );
}

impl Scene {
    fn verify_with(&self, quorum: usize) -> Report {
        check(&self.path(), &all_given(quorum))
    }
}
