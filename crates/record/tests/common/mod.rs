//! A centre's record in a folder that goes with the test.

use std::path::{Path, PathBuf};

use truceline_domain::{Recorded, TheatreId};
use truceline_record::{Algorithm, Draft, Record, SignerKey};

pub(crate) mod authenticator;
pub(crate) mod faulty;

pub(crate) struct Centre {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) key: SignerKey,
}

impl Centre {
    pub(crate) fn new() -> Self {
        Self::new_in(&std::env::temp_dir())
    }

    /// In memory where the system has such a place: for tests that make no use of a disk's own
    /// behaviour, and of many syncs.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::new_in(memory)
        } else {
            Self::new()
        }
    }

    pub(crate) fn new_in(place: &Path) -> Self {
        let folder = tempfile::tempdir_in(place).unwrap();
        let key = Self::key();
        Record::create(&folder.path().join("record"), &key).unwrap();
        Self { folder, key }
    }

    pub(crate) fn key() -> SignerKey {
        SignerKey::from_seed("joint-centre.example/t", Algorithm::Ed25519, &[3; 32]).unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("record")
    }

    pub(crate) fn open(&self) -> Record {
        Record::open_writer(&self.path(), &self.key, || recorded(1_605_000_000_000_000))
            .unwrap()
            .0
    }
}

pub(crate) fn recorded(unix_us: i64) -> Recorded {
    Recorded::from_unix_us(unix_us).unwrap()
}

pub(crate) fn draft(n: u32) -> Draft {
    let theatre = TheatreId::new("t").unwrap();
    Draft::new("note", &theatre, "test", &serde_json::json!({ "n": n })).unwrap()
}

/// Copies a folder as `cp -r` does.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            std::fs::copy(file.path(), target).unwrap();
        }
    }
}
