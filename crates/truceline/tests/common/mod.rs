//! Running the built program.

pub(crate) mod serving;
pub(crate) mod twin;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The run, which must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Standard output as NDJSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// Runs the program with these words.
pub(crate) fn run(args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_truceline"))
        .args(args)
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The shipped theatre with the richest exercise.
pub(crate) fn theatre() -> PathBuf {
    let theatres = std::fs::read_dir(root().join("theatres")).unwrap();
    let shipped = theatres.filter_map(|t| {
        let path = t.unwrap().path();
        let list = std::fs::read_to_string(path.join("feeds/feeds.toml")).ok()?;
        Some((list.matches("[[feed]]").count(), path))
    });
    shipped.max().unwrap().1
}

/// A file system of its own that is soon full; taken away with it.
pub(crate) struct SmallDisk {
    place: tempfile::TempDir,
}

impl SmallDisk {
    /// Of so many MiB; `None`, and said so, where none can be mounted: `untested` is then not seen.
    pub(crate) fn mounted(mib: u32, untested: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(place.path())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: no small file system can be mounted here; {untested} is untested");
            return None;
        }
        Some(Self { place })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// Fills it until so many bytes are left.
    pub(crate) fn fill(&self, left: u64) {
        let mut file = std::fs::File::create(self.ballast()).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        let full = file.metadata().unwrap().len();
        file.set_len(full - left).unwrap();
    }

    /// Makes room again.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} is still mounted", self.path().display());
        }
    }
}
