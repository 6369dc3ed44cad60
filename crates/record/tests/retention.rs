//! Media go by two keys only, a legal hold stops it, and a crash between entry and removal is finished.

use crate::scene::{ORIGIN, STATES, Scene, officer, sending};
use truceline_domain::Sha256;
use truceline_record::blob::Presence;
use truceline_record::bodies::{BATCH, BatchBody};
use truceline_record::retention::{Scope, Void};
use truceline_record::verify::FaultKind;
use truceline_record::{Algorithm, SignerKey};

fn keys() -> Vec<SignerKey> {
    vec![officer("east", "ada"), officer("west", "bea")]
}

fn is_there(scene: &Scene, sha256: &Sha256) -> bool {
    matches!(
        scene.record().blobs().presence(sha256).unwrap(),
        Presence::Present { .. }
    )
}

#[test]
fn two_keys_delete_a_medium_and_leave_its_hash() {
    let scene = Scene::new();
    let medium = scene.segment(b"medium");
    let index = scene.delete(&scene.deletion(&[medium], &keys()));
    assert!(
        is_there(&scene, &medium),
        "only after the entry is durable, and by the function that does it"
    );
    let finished = scene.finish_deletions();
    assert_eq!((finished.removed, finished.void), (vec![medium], vec![]));
    match scene.record().blobs().presence(&medium).unwrap() {
        Presence::Deleted(tombstone) => assert_eq!(tombstone.index, index),
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.finish_deletions().removed, vec![], "once");
    scene.cosign();
    let report = scene.verify();
    assert!(report.passed() && report.counts.deleted == 1, "{report}");
}

#[test]
fn a_crash_between_entry_and_removal_is_finished_at_the_next_opening() {
    let mut scene = Scene::new();
    let media: Vec<Sha256> = (0..3)
        .map(|n| scene.segment(format!("medium {n}").as_bytes()))
        .collect();
    let index = scene.delete(&scene.deletion(&media, &keys()));
    // Died after the first removal, and between the second's tombstone and its removal.
    let entry = scene.record().log().unwrap().entry(index).unwrap().id;
    let tombstone = truceline_record::blob::Tombstone { entry, index };
    let second = std::fs::read(scene.record().blobs().path(&media[1])).unwrap();
    scene.record().blobs().bury(&media[0], &tombstone).unwrap();
    scene.record().blobs().bury(&media[1], &tombstone).unwrap();
    std::fs::write(scene.record().blobs().path(&media[1]), second).unwrap();
    scene.cosign();
    let report = scene.verify();
    assert!(report.passed(), "what is still there is no fault: {report}");
    scene.close();
    scene.open();
    let mut left = media[1..].to_vec();
    left.sort_unstable();
    assert_eq!(scene.finish_deletions().removed, left);
    assert!(scene.verify().passed());
}

#[test]
fn every_deletion_that_must_not_be_is_void() {
    let scene = Scene::new();
    let medium = scene.segment(b"medium");
    let other = scene.segment(b"other");
    let batch_index = scene.batch(&["o1"], None);
    let batch: BatchBody = scene
        .record()
        .log()
        .unwrap()
        .entry(batch_index)
        .unwrap()
        .body_as()
        .unwrap();
    let both = keys();
    let stranger = SignerKey::from_seed(
        &format!("{ORIGIN}/officer/east/eve"),
        Algorithm::Ed25519,
        &[9; 32],
    )
    .unwrap();
    let third = SignerKey::from_seed(
        &format!("{ORIGIN}/officer/north/ned"),
        Algorithm::Ed25519,
        &[8; 32],
    )
    .unwrap();
    let mut other_list = scene.deletion(&[other], &both);
    other_list.sha256 = vec![medium];
    let mut other_reason = scene.deletion(&[medium], &both);
    other_reason.why = "because".into();
    let mut torn = scene.deletion(&[medium], &both);
    torn.approvals[1].pop();
    let mut two_lines = scene.deletion(&[medium], &both);
    two_lines.why = "because\ndetermined".into();
    let mut third_state = scene.deletion(&[medium], &[both[0].clone(), third]);
    let cases = [
        ("no key", scene.deletion(&[medium], &[])),
        ("one key", scene.deletion(&[medium], &both[..1])),
        (
            "one side twice",
            scene.deletion(&[medium], &[officer("east", "ada"), officer("east", "abe")]),
        ),
        (
            "an unknown key",
            scene.deletion(&[medium], &[stranger, both[1].clone()]),
        ),
        ("another list", other_list),
        ("another reason", other_reason),
        ("a torn note", torn),
        ("a reason of two lines", two_lines),
        ("a batch", scene.deletion(&[batch.sha256], &both)),
        ("a document", scene.deletion(&[scene.procedures], &both)),
        (
            "nothing recorded",
            scene.deletion(&[Sha256::of(b"never")], &both),
        ),
        (
            "one of two not recorded",
            scene.deletion(&[medium, Sha256::of(b"never")], &both),
        ),
        ("a third state", {
            third_state.why.push('.');
            third_state
        }),
    ];
    for (what, body) in &cases {
        scene.delete(body);
        assert!(
            is_there(&scene, &medium) && is_there(&scene, &other),
            "{what}"
        );
    }
    assert_eq!(cases[0].1.sending_states, sending());
    assert_eq!(sending().names(), &STATES.map(str::to_owned));
    let finished = scene.finish_deletions();
    assert!(finished.removed.is_empty());
    assert_eq!(finished.void.len(), cases.len(), "{:?}", finished.void);
    assert!(
        finished
            .void
            .iter()
            .any(|(_, v)| matches!(v, Void::NotOnlyMedium { kind: BATCH, .. }))
    );
    scene.cosign();
    let report = scene.verify();
    let told = report
        .faults
        .iter()
        .filter(|fault| fault.kind == FaultKind::Retention)
        .count();
    assert_eq!(told, cases.len(), "{report}");
}

#[test]
fn a_hold_stops_a_deletion_until_both_release_it() {
    let scene = Scene::new();
    let medium = scene.segment(b"medium");
    scene.hold(
        "case-1",
        Scope::Blobs(vec![medium]),
        &officer("west", "bea"),
    );
    scene.delete(&scene.deletion(&[medium], &keys()));
    assert_eq!(scene.finish_deletions().void.len(), 1);
    assert!(is_there(&scene, &medium));
    // One side alone does not release.
    scene.release("case-1", &[officer("west", "bea")]);
    scene.delete(&scene.deletion(&[medium], &keys()));
    assert_eq!(scene.finish_deletions().void.len(), 3);
    scene.release("case-1", &keys());
    scene.delete(&scene.deletion(&[medium], &keys()));
    // A hold on everything that comes in between saves what is not gone yet.
    scene.hold("case-2", Scope::Everything, &officer("east", "ada"));
    assert!(scene.finish_deletions().removed.is_empty());
    assert!(is_there(&scene, &medium));
    scene.release("case-2", &keys());
    assert_eq!(scene.finish_deletions().removed, vec![medium]);
}

#[test]
fn bytes_taken_without_an_entry_and_forged_tombstones_are_found() {
    let mut scene = Scene::new();
    let medium = scene.segment(b"medium");
    let kept = scene.segment(b"kept");
    let index = scene.delete(&scene.deletion(&[medium], &keys()));
    scene.finish_deletions();
    scene.cosign();
    assert!(scene.verify().passed());
    // The deletion of one medium does not cover another.
    let entry = scene.record().log().unwrap().entry(index).unwrap().id;
    let tombstone = truceline_record::blob::Tombstone { entry, index };
    scene.record().blobs().bury(&kept, &tombstone).unwrap();
    scene.close();
    let report = scene.verify();
    let kinds: Vec<FaultKind> = report.faults.iter().map(|fault| fault.kind).collect();
    assert!(
        kinds.contains(&FaultKind::Blob) && kinds.contains(&FaultKind::Retention),
        "{report}"
    );
}
