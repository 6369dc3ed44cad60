//! What a crash, a bad disk or a bad copy may do to the newest files: each of them is cut, filled with
//! other bytes, lengthened or lost, one at a time.

use std::fs;
use std::path::Path;

use crate::common::{Centre, copy, draft, recorded};
use truceline_record::{LogError, Record, Recovery};

const ENTRIES: u32 = 300;

/// Changes the bytes of a file.
type Damage = fn(&mut Vec<u8>);

/// Every way to damage a file, by name.
const DAMAGES: [(&str, Damage); 6] = [
    ("emptied", |bytes| bytes.clear()),
    ("cut by one", |bytes| bytes.truncate(bytes.len() - 1)),
    ("cut in half", |bytes| bytes.truncate(bytes.len() / 2)),
    ("lengthened", |bytes| {
        bytes.extend_from_slice(b"\xffgarbage\x00\n")
    }),
    ("zeroed tail", |bytes| {
        bytes.iter_mut().rev().take(16).for_each(|byte| *byte = 0)
    }),
    ("flipped", |bytes| {
        bytes
            .iter_mut()
            .rev()
            .take(1)
            .for_each(|byte| *byte ^= 0x20)
    }),
];

/// A record of 300 entries: as its writer left it in order, or as it was while it was open.
fn template(ended: bool) -> Centre {
    let centre = Centre::in_memory();
    let record = centre.open();
    record.append_all((0..250).map(draft).collect()).unwrap();
    for n in 250..ENTRIES {
        record.append(draft(n)).unwrap();
    }
    if ended {
        drop(record);
    } else {
        copy(&centre.path(), &centre.folder.path().join("open"));
        drop(record);
        fs::remove_dir_all(centre.path()).unwrap();
        fs::rename(centre.folder.path().join("open"), centre.path()).unwrap();
    }
    centre
}

fn open(path: &Path) -> Result<(Record, Recovery), LogError> {
    Record::open_writer(path, &Centre::key(), || recorded(1_605_000_000_000_000))
}

fn assert_all_there(record: &Record, case: &str) {
    let log = record.log().unwrap();
    assert_eq!(log.size(), u64::from(ENTRIES), "{case}");
    for (n, leaf) in (0..ENTRIES).zip(log.entries(0).verified()) {
        let entry = leaf
            .unwrap_or_else(|error| panic!("{case}: {error}"))
            .entry()
            .unwrap();
        assert_eq!(entry.id, draft(n).id, "{case}");
    }
    let appended = record
        .append(draft(ENTRIES))
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(appended.index, u64::from(ENTRIES), "{case}");
}

#[test]
fn any_one_of_the_newest_files_may_be_torn() {
    for ended in [true, false] {
        let template = template(ended);
        let copied = template.folder.path().join("copy");
        for name in [
            "journal",
            "log/checkpoint",
            "log/tile/0/001.p/44",
            "log/tile/1/000.p/1",
            "log/tile/entries/001.p/44",
        ] {
            let removed = ("removed", None);
            let damages = DAMAGES
                .iter()
                .map(|(damage, function)| (*damage, Some(function)));
            for (damage, function) in damages.chain([removed]) {
                let case = format!("{name} {damage}, ended in order: {ended}");
                copy(&template.path(), &copied);
                let file = copied.join(name);
                match function {
                    None => fs::remove_file(&file).unwrap(),
                    Some(function) => {
                        let mut bytes = fs::read(&file).unwrap();
                        function(&mut bytes);
                        fs::write(&file, bytes).unwrap();
                    }
                }
                let (record, found) =
                    open(&copied).unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_all_there(&record, &case);
                assert!(!found.is_clean(), "{case}: {found}");
                if function.is_some() && damage != "emptied" {
                    assert!(
                        !found.quarantined.is_empty(),
                        "{case}: nothing is thrown away: {found}"
                    );
                    for kept in &found.quarantined {
                        assert!(copied.join(kept).is_file(), "{case}: {}", kept.display());
                    }
                }
                drop(record);
                let (_, again) = open(&copied).unwrap();
                assert!(again.is_clean(), "{case}, opened again: {again}");
                fs::remove_dir_all(&copied).unwrap();
            }
        }
    }
}

#[test]
fn a_record_that_is_whole_opens_without_a_word() {
    let template = template(true);
    let (record, found) = open(&template.path()).unwrap();
    assert!(found.is_clean(), "{found}");
    assert_eq!(found.to_string(), "the log opens with 300 entries");
    assert_all_there(&record, "whole");
}

#[test]
fn a_commit_that_was_torn_in_the_journal_is_dropped_and_told() {
    let template = template(true);
    // A frame that was never finished: the commit's first half.
    let whole = fs::read(template.path().join("journal")).unwrap();
    let torn = [&whole[..], &whole[..100]].concat();
    fs::write(template.path().join("journal"), torn).unwrap();
    let (record, found) = open(&template.path()).unwrap();
    assert_eq!(
        (found.dropped_bytes, found.quarantined.len(), found.size),
        (100, 1, 300)
    );
    assert!(found.to_string().contains("dropped 100 bytes"), "{found}");
    assert_eq!(
        fs::read(template.path().join(&found.quarantined[0])).unwrap(),
        whole[..100]
    );
    assert_all_there(&record, "torn");
}

#[test]
fn a_signed_tree_is_never_gone_back_on() {
    // The journal and the last bundle: together they hold the only copies of the last entries.
    let template = template(true);
    fs::remove_file(template.path().join("journal")).unwrap();
    fs::write(template.path().join("log/tile/entries/001.p/44"), b"").unwrap();
    let refused = open(&template.path()).unwrap_err();
    assert!(matches!(refused, LogError::Damaged { .. }), "{refused}");

    // A full tile below: all hashes above it hang on it.
    let template = self::template(true);
    let path = template.path().join("log/tile/0/000");
    let mut bytes = fs::read(&path).unwrap();
    bytes[77] ^= 1;
    fs::write(&path, bytes).unwrap();
    let refused = open(&template.path()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("restore the folder from a copy"),
        "{refused}"
    );
}

#[test]
fn an_entry_that_was_changed_is_not_given_as_the_logs() {
    let template = template(true);
    let record = Record::open_reader(&template.path()).unwrap();
    let log = record.log().unwrap();
    let path = template.path().join("log/tile/entries/000");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    // The bundle is one file: none of its leaves is given, the next bundle's are.
    let given: Vec<_> = log.leaves([0, 255, 256]).map(|leaf| leaf.is_ok()).collect();
    assert_eq!(given, [false, false, true]);
    assert!(log.leaf(255).is_err());
}

#[test]
fn a_journal_of_another_log_is_refused() {
    let template = template(true);
    let other = Centre::in_memory();
    let key = truceline_record::SignerKey::generate(
        "other.example/t",
        truceline_record::Algorithm::Ed25519,
    );
    let path = other.folder.path().join("other");
    Record::create(&path, &key.unwrap()).unwrap();
    fs::copy(path.join("journal"), template.path().join("journal")).unwrap();
    let refused = open(&template.path()).unwrap_err();
    assert!(matches!(refused, LogError::Damaged { .. }), "{refused}");
}

#[test]
fn unfinished_files_are_kept_apart() {
    let centre = Centre::in_memory();
    fs::write(centre.path().join("tmp/blob-1-0"), b"half a segment").unwrap();
    let (_, found) = open(&centre.path()).unwrap();
    assert_eq!(found.quarantined, [Path::new("quarantine/tmp_blob-1-0.1")]);
    let kept = centre.path().join("quarantine/tmp_blob-1-0.1");
    assert_eq!(fs::read(kept).unwrap(), b"half a segment");
}
