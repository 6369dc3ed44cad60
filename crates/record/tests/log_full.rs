//! A disk that is full: a small file system of memory, mounted for the test.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{Centre, draft};

/// A mounted file system that goes with the test.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn new(place: &'a Path, size: &str) -> Result<Self, String> {
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(place)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(Self(place))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _stays = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_the_log_goes_on_when_there_is_space() {
    let place = tempfile::tempdir().unwrap();
    let _mounted = match Mounted::new(place.path(), "2m") {
        Ok(mounted) => mounted,
        Err(reason) => {
            eprintln!(
                "SKIPPED: no small file system can be mounted here ({reason}); the full disk is \
                 tested by log_faults only"
            );
            return;
        }
    };
    let centre = Centre::new_in(place.path());
    fs::write(place.path().join("ballast"), vec![7; 1 << 20]).unwrap();
    let record = centre.open();
    let mut acknowledged = Vec::new();
    let large = |n: u32| {
        let mut draft = draft(n);
        draft.body = serde_json::json!("x".repeat(3_000));
        draft
    };
    let full = loop {
        match record.append(large(acknowledged.len() as u32)) {
            Ok(appended) => acknowledged.push(appended.leaf),
            Err(error) => break error,
        }
    };
    assert!(full.is_storage_full(), "{full}");
    assert!(acknowledged.len() > 5, "{}", acknowledged.len());
    for _ in 0..3 {
        let again = record.append(large(0));
        assert!(
            again.is_err_and(|error| error.is_storage_full()),
            "as long as it is full"
        );
    }
    assert_eq!(record.log().unwrap().size(), acknowledged.len() as u64);
    let blob = record.put_blob(&vec![1; 2 << 20]).unwrap_err();
    assert!(blob.is_storage_full(), "{blob}");

    fs::remove_file(place.path().join("ballast")).unwrap();
    acknowledged.push(record.append(large(1_000)).unwrap().leaf);
    record.put_blob(b"small").unwrap();
    drop(record);

    let log = centre.open().log().unwrap();
    let leaves: Vec<_> = log
        .entries(0)
        .verified()
        .map(|leaf| leaf.unwrap().hash())
        .collect();
    assert_eq!(leaves, acknowledged);
}

#[test]
fn a_log_opens_on_a_disk_that_is_full_once_there_is_space() {
    let place = tempfile::tempdir().unwrap();
    let Ok(_mounted) = Mounted::new(place.path(), "1m") else {
        eprintln!("SKIPPED: no small file system can be mounted here");
        return;
    };
    let centre = Centre::new_in(place.path());
    let leaf = centre.open().append(draft(0)).unwrap().leaf;
    let mut ballast = vec![7; 1 << 20];
    while fs::write(place.path().join("ballast"), &ballast).is_err() && ballast.len() > 1 {
        ballast.truncate(ballast.len() - 1024);
    }
    let opened = truceline_record::Record::open_writer(&centre.path(), &centre.key, || {
        crate::common::recorded(0)
    });
    if let Err(error) = opened {
        assert!(error.is_storage_full(), "{error}");
    }
    fs::remove_file(place.path().join("ballast")).unwrap();
    assert_eq!(centre.open().log().unwrap().leaf(0).unwrap().hash(), leaf);
}
