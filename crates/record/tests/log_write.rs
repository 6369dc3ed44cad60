//! The log as its users see it: what is appended can be read, proven, and read while it grows.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{Centre, draft, recorded};
use truceline_record::log::proof::{check_consistency, check_inclusion};
use truceline_record::log::{Coordinates, Kind};
use truceline_record::{Algorithm, Checkpoint, EntryError, LogError, Quorum, Record, SignerKey};

#[test]
fn what_is_appended_can_be_read_and_proven() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let drafts = (0..600).map(draft).collect();
    let appended = record.append_all(drafts).unwrap();
    assert!(
        appended
            .iter()
            .enumerate()
            .all(|(n, appended)| appended.index == n as u64)
    );
    record.append(draft(600)).unwrap();

    let log = record.log().unwrap();
    log.checkpoint()
        .check_log_key(centre.key.verifier())
        .unwrap();
    assert_eq!(log.size(), 601);
    for index in [0, 255, 256, 599] {
        let entry = log.entry(index).unwrap();
        assert_eq!(entry.id, appended[index as usize].id);
        let leaf = log.leaf(index).unwrap().hash();
        let proof = log.inclusion_proof(index, 601).unwrap();
        check_inclusion(&proof, 601, &log.root(), index, &leaf).unwrap();
        assert!(check_inclusion(&proof, 601, &log.root(), index + 1, &leaf).is_err());
    }
    for old in [0, 1, 255, 256, 257, 600, 601] {
        let proof = log.consistency_proof(old, 601).unwrap();
        let old_root = log.root_at(old).unwrap();
        check_consistency(&proof, old, &old_root, 601, &log.root()).unwrap();
    }
    let all: Vec<_> = log.entries(0).verified().collect::<Result<_, _>>().unwrap();
    assert_eq!(all.len(), 601);
    assert_eq!(log.entries(598).count(), 3);
    let places = [600, 3, 255, 256, 4];
    let some: Vec<_> = log.leaves(places).map(Result::unwrap).collect();
    assert_eq!(some, places.map(|at| all[at as usize].clone()));
    let ends: Vec<_> = log.leaves([2, 601, 5]).map(|leaf| leaf.is_ok()).collect();
    assert_eq!(ends, [true, false, true]);
    assert!(matches!(
        log.entry(601),
        Err(LogError::OutOfRange {
            asked: 601,
            size: 601
        })
    ));
    assert!(log.inclusion_proof(0, 602).is_err() && log.consistency_proof(2, 1).is_err());
}

#[test]
fn threads_share_commits_and_each_gets_its_own_place() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let places: Vec<u64> = std::thread::scope(|scope| {
        let append = |thread: u32| {
            let record = &record;
            move || {
                (0..50)
                    .map(|n| record.append(draft(thread * 1000 + n)).unwrap().index)
                    .collect()
            }
        };
        let threads: Vec<_> = (0..16).map(|thread| scope.spawn(append(thread))).collect();
        threads
            .into_iter()
            .flat_map(|thread| -> Vec<u64> { thread.join().unwrap() })
            .collect()
    });
    let distinct: BTreeSet<u64> = places.iter().copied().collect();
    assert_eq!((distinct.len(), distinct.last()), (800, Some(&799)));
    assert_eq!(
        record
            .log()
            .unwrap()
            .entries(0)
            .verified()
            .filter(Result::is_ok)
            .count(),
        800
    );
}

#[test]
fn a_reader_is_right_at_every_moment_of_writing() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut views, mut before) = (0, record.log().unwrap());
            while !done.load(Ordering::Relaxed) {
                let log = record.log().unwrap();
                log.check_root().unwrap();
                let proof = log.consistency_proof(before.size(), log.size()).unwrap();
                check_consistency(
                    &proof,
                    before.size(),
                    &before.root(),
                    log.size(),
                    &log.root(),
                )
                .unwrap();
                if log.size() > 0 {
                    log.entry(log.size() - 1).unwrap();
                }
                // An older view stays readable though its partial tiles are tidied away.
                before.check_root().unwrap();
                (views, before) = (views + 1, log);
            }
            views
        });
        for n in 0..700 {
            record.append(draft(n)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 10);
    });
}

#[test]
fn a_copy_taken_while_writing_verifies_when_the_checkpoint_is_taken_first() {
    let centre = Centre::in_memory();
    let record = centre.open();
    record.append_all((0..300).map(draft).collect()).unwrap();
    let done = AtomicBool::new(false);
    let copies = centre.folder.path().join("copies");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Not faster than a copy is taken, or none would end.
            for n in 300..2_000 {
                record.append(draft(n)).unwrap();
                std::thread::sleep(std::time::Duration::from_micros(500));
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        for n in 0..5 {
            let copy = copies.join(n.to_string());
            std::fs::create_dir_all(copy.join("log")).unwrap();
            let checkpoint = centre.path().join("log/checkpoint");
            std::fs::copy(checkpoint, copy.join("log/checkpoint")).unwrap();
            crate::common::copy(&centre.path().join("log/tile"), &copy.join("log/tile"));
            let log = Record::open_reader(&copy).unwrap().log().unwrap();
            assert_eq!(
                log.entries(0).verified().filter(Result::is_ok).count() as u64,
                log.size()
            );
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn times_never_run_backwards() {
    let centre = Centre::in_memory();
    let clock = std::sync::atomic::AtomicI64::new(2_000_000_000);
    let backwards = move || recorded(clock.fetch_sub(1_000_000, Ordering::Relaxed));
    let (record, _) = Record::open_writer(&centre.path(), &centre.key, backwards).unwrap();
    for n in 0..3 {
        record.append(draft(n)).unwrap();
    }
    drop(record);
    let (record, _) = Record::open_writer(&centre.path(), &centre.key, || recorded(7)).unwrap();
    record.append(draft(3)).unwrap();
    let log = record.log().unwrap();
    let times: Vec<_> = log
        .entries(0)
        .map(|leaf| leaf.unwrap().entry().unwrap().recorded)
        .collect();
    assert_eq!(times, vec![recorded(2_000_000_000); 4]);
}

#[test]
fn a_refused_entry_leaves_no_trace() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let mut large = draft(1);
    large.body = serde_json::json!("x".repeat(70_000));
    let refused = record
        .append_all(vec![draft(0), large, draft(2)])
        .unwrap_err();
    assert!(
        matches!(refused, LogError::Entry(EntryError::TooLarge { .. })),
        "{refused}"
    );
    assert_eq!(record.log().unwrap().size(), 0);
    assert_eq!(record.append(draft(0)).unwrap().index, 0);
}

#[test]
fn a_second_writer_is_refused_by_name() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let refused = Record::open_writer(&centre.path(), &centre.key, || recorded(0)).unwrap_err();
    assert!(matches!(refused, LogError::Locked { .. }));
    let process = format!("process {}", std::process::id());
    assert!(refused.to_string().contains(&process), "{refused}");
    drop(record);
    drop(centre.open());
}

#[test]
fn a_record_is_made_once_and_written_with_its_own_key() {
    let centre = Centre::in_memory();
    let again = Record::create(&centre.path(), &centre.key);
    assert!(matches!(again, Err(LogError::Exists { .. })));
    let other = SignerKey::generate(centre.key.name(), Algorithm::Ed25519).unwrap();
    let refused = Record::open_writer(&centre.path(), &other, || recorded(0)).unwrap_err();
    assert!(refused.to_string().contains("vkeys"), "{refused}");
    let reader = Record::open_reader(&centre.path()).unwrap();
    assert!(matches!(reader.append(draft(0)), Err(LogError::Closed)));
    assert!(Record::open_reader(&centre.path().join("no")).is_err());
}

#[test]
fn partial_tiles_stay_until_the_full_one_is_durable() {
    let centre = Centre::in_memory();
    let record = centre.open();
    for n in 0..258 {
        record.append(draft(n)).unwrap();
    }
    let partial = |width| {
        let tile = Coordinates {
            kind: Kind::Hashes(0),
            index: 0,
            width,
        };
        centre.path().join("log").join(tile.to_string())
    };
    assert!(partial(1).exists() && partial(255).exists() && partial(256).exists());
    drop(record);
    assert!(
        !partial(1).exists() && partial(256).exists(),
        "tidied away when the writer ends"
    );
    let second = Coordinates {
        kind: Kind::Entries,
        index: 1,
        width: 1,
    };
    assert!(
        centre.path().join("log").join(second.to_string()).exists(),
        "of a tile not full yet"
    );
}

#[test]
fn cosignatures_join_the_checkpoint_and_the_last_quorum_stays() {
    let centre = Centre::in_memory();
    let record = centre.open();
    record.append(draft(0)).unwrap();
    let witness = SignerKey::generate("w", Algorithm::CosignatureV1).unwrap();
    let cosign = |checkpoint: &Checkpoint| {
        let message =
            truceline_record::key::cosignature_message(5, checkpoint.head().to_text().as_bytes());
        let mut signature = 5_u64.to_be_bytes().to_vec();
        signature.extend(witness.sign(&message));
        let line =
            signed_note::Signature::new("w".into(), witness.verifier().id(), signature).unwrap();
        checkpoint.clone().with_signatures(&[line])
    };
    let of_one = record.log().unwrap().checkpoint().clone();
    let cosigned = cosign(&of_one);
    record
        .publish_cosigned(cosigned.clone(), Quorum::Open)
        .unwrap();
    let at = |name: &str| std::fs::read(centre.path().join("log").join(name));
    assert_eq!(at("checkpoint").unwrap(), cosigned.to_bytes());
    assert!(at("checkpoint.cosigned").is_err());
    record
        .publish_cosigned(cosigned.clone(), Quorum::Reached)
        .unwrap();
    assert_eq!(at("checkpoint.cosigned").unwrap(), cosigned.to_bytes());

    drop(record);
    let record = centre.open();
    assert_eq!(
        at("checkpoint").unwrap(),
        cosigned.to_bytes(),
        "kept when nothing was added"
    );
    record.append(draft(1)).unwrap();
    assert_eq!(
        record.log().unwrap().checkpoint().signatures().len(),
        1,
        "of a larger tree: none yet"
    );
    assert_eq!(
        at("checkpoint.cosigned").unwrap(),
        cosigned.to_bytes(),
        "the last quorum stays"
    );
    record
        .publish_cosigned(cosigned.clone(), Quorum::Reached)
        .unwrap();
    assert_eq!(
        record.log().unwrap().size(),
        2,
        "a late cosignature does not set the log back"
    );

    let mut forged = of_one.head().clone();
    forged.root = truceline_domain::Sha256::of(b"other");
    let forged = cosign(&Checkpoint::sign(forged, &centre.key).unwrap());
    assert!(record.publish_cosigned(forged, Quorum::Reached).is_err());
}
