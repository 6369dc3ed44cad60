//! For tests: the shipped theatre that has a film among its feeds.

use std::path::{Path, PathBuf};

/// Its folder.
pub(crate) fn theatre() -> PathBuf {
    let theatres = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres");
    std::fs::read_dir(theatres)
        .unwrap()
        .map(|theatre| theatre.unwrap().path())
        .find(|theatre| theatre.join("feeds/drone.ts").is_file())
        .unwrap()
}

/// One of its feeds.
pub(crate) fn feed(name: &str) -> Vec<u8> {
    std::fs::read(theatre().join("feeds").join(name)).unwrap()
}
