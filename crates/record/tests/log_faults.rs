//! Every call to the disk fails once in each way. Whatever happens: what was acknowledged is in the
//! log, what was published is never gone back on, and the writer says when it does not know.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;

use crate::common::faulty::{Fault, FaultyDisk};
use crate::common::{Centre, draft, recorded};
use truceline_domain::EntryId;
use truceline_record::{Checkpoint, LogError, Writer};

/// Small, so that the journal is begun anew between the appends of a test.
const SETTLE_BYTES: u64 = 1_500;

/// Appends on a disk that fails, then opens the record on one that does not and looks. The names of
/// the failing call and of what the writer said about it; none when the fault was not reached.
fn run(calls: usize, fault: Fault, kind: ErrorKind) -> Option<(String, String)> {
    let centre = Centre::in_memory();
    // Near the end of a tile, so that commits fill tiles of two levels and begin others.
    drop(
        centre
            .open()
            .append_all((0..254).map(draft).collect())
            .unwrap(),
    );
    let disk = Arc::new(FaultyDisk::new(calls, fault, kind));
    let folder = truceline_record::Folder::new(&centre.path());
    let mut acknowledged: BTreeMap<u64, EntryId> = BTreeMap::new();
    let mut said = String::new();
    let shared: Arc<FaultyDisk> = Arc::clone(&disk);
    match Writer::open_on(shared, SETTLE_BYTES, &folder, &centre.key, || recorded(1)) {
        Err(error) => said = format!("not opened: {error}"),
        Ok((writer, _)) => {
            let mut stopped = false;
            for n in 254..260 {
                match writer.append(draft(n)) {
                    Ok(appended) => {
                        assert!(!stopped, "a writer that does not know must not go on");
                        acknowledged.insert(appended.index, appended.id);
                    }
                    Err(error) => {
                        assert!(!stopped || error.is_state_unknown(), "{error}");
                        stopped = error.is_state_unknown();
                        assert!(stopped || matches!(error, LogError::Io { .. }), "{error}");
                        assert_eq!(
                            error.is_storage_full(),
                            !stopped && kind == ErrorKind::StorageFull
                        );
                        said = if stopped { "unknown" } else { "refused" }.to_owned();
                    }
                }
            }
        }
    }
    let case = format!("{:?} {fault:?} {kind:?}: {said}", disk.failed());

    let record = centre.open();
    let log = record.log().unwrap();
    let leaves: Result<Vec<_>, _> = log.entries(0).verified().collect();
    assert!(
        leaves
            .unwrap_or_else(|error| panic!("{case}: {error}"))
            .len()
            >= 254,
        "{case}"
    );
    for (index, id) in &acknowledged {
        assert_eq!(
            log.entry(*index).unwrap().id,
            *id,
            "{case}: acknowledged and lost"
        );
    }
    for seen in disk.checkpoints() {
        let seen = Checkpoint::parse(&seen).unwrap();
        let (size, root) = (seen.head().size, seen.head().root);
        assert_eq!(
            log.root_at(size).unwrap(),
            root,
            "{case}: gone back on a published tree"
        );
    }
    record
        .append(draft(999))
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    disk.failed().map(|call| (call, said))
}

#[test]
fn no_fault_of_the_disk_loses_what_was_acknowledged() {
    for (fault, kind) in [
        (Fault::NotDone, ErrorKind::StorageFull),
        (Fault::HalfDone, ErrorKind::StorageFull),
        (Fault::Done, ErrorKind::Other),
    ] {
        let mut met: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut calls = 0;
        while let Some((call, said)) = run(calls, fault, kind) {
            met.entry(call).or_default().push(said);
            calls += 1;
        }
        // The table holds nothing if the calls it is about were not made.
        assert!(calls > 60, "{calls} calls");
        for call in [
            "write_at ",
            "sync_data ",
            "put publish",
            "rename checkpoint",
            "rename journal",
            "rename 000",
        ] {
            assert!(
                met.contains_key(call),
                "{call} was not met: {:?}",
                met.keys()
            );
        }
        let says = |call: &str, word: &str| met[call].iter().any(|said| said == word);
        assert!(says("sync_data ", "unknown"), "a failed sync is not known");
        assert!(
            says("rename checkpoint", "unknown"),
            "a checkpoint that may be out is not taken back"
        );
        assert!(
            says("write_at ", "refused") && says("put publish", "refused"),
            "a full disk is told"
        );
    }
}
