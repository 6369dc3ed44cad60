//! A centre's record in a folder that goes with the test.

#![allow(dead_code)] // Each test binary uses its part.

use std::path::PathBuf;

use truceline_domain::{Recorded, TheatreId};
use truceline_record::{Algorithm, Draft, Record, SignerKey};

pub(crate) struct Centre {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) key: SignerKey,
}

impl Centre {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key =
            SignerKey::from_seed("joint-centre.example/t", Algorithm::Ed25519, &[3; 32]).unwrap();
        Record::create(&folder.path().join("record"), &key).unwrap();
        Self { folder, key }
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
