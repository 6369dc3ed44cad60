//! A disk that fails once, in the way and at the call that a test chooses.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use truceline_record::log::disk::{Disk, SystemDisk};

/// What a failing call does before it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    NotDone,
    /// Half of a write; nothing of other calls.
    HalfDone,
    /// Everything: it failed, but persisted anyway.
    Done,
}

#[derive(Debug)]
pub(crate) struct FaultyDisk {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    calls_left: Option<usize>,
    fault: Fault,
    kind: io::ErrorKind,
    /// The call that failed.
    failed: Option<String>,
    /// Every checkpoint that anybody could have read.
    checkpoints: Vec<Vec<u8>>,
}

impl FaultyDisk {
    /// Fails the call after `calls` good ones.
    pub(crate) fn new(calls: usize, fault: Fault, kind: io::ErrorKind) -> Self {
        let (failed, checkpoints) = (None, Vec::new());
        Self {
            state: Mutex::new(State {
                calls_left: Some(calls),
                fault,
                kind,
                failed,
                checkpoints,
            }),
        }
    }

    /// The call that failed, if it came to that.
    pub(crate) fn failed(&self) -> Option<String> {
        self.state.lock().unwrap().failed.clone()
    }

    pub(crate) fn checkpoints(&self) -> Vec<Vec<u8>> {
        self.state.lock().unwrap().checkpoints.clone()
    }

    /// Runs `half` or `whole` of the call or none of it.
    fn call(
        &self,
        name: &str,
        path: Option<&Path>,
        half: impl FnOnce() -> io::Result<()>,
        whole: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.calls_left != Some(0) {
            state.calls_left = state.calls_left.map(|calls| calls - 1);
            return whole();
        }
        state.calls_left = None;
        let file = path.and_then(Path::file_name).unwrap_or_default();
        state.failed = Some(format!("{name} {}", file.display()));
        match state.fault {
            Fault::NotDone => {}
            Fault::HalfDone => half()?,
            Fault::Done => whole()?,
        }
        Err(state.kind.into())
    }
}

fn nothing() -> io::Result<()> {
    Ok(())
}

impl Disk for FaultyDisk {
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = || SystemDisk.put(path, &bytes[..bytes.len() / 2]);
        self.call("put", Some(path), half, || SystemDisk.put(path, bytes))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let result = self.call("rename", Some(to), nothing, || SystemDisk.rename(from, to));
        if to.ends_with("checkpoint")
            && let Ok(visible) = std::fs::read(to)
        {
            self.state.lock().unwrap().checkpoints.push(visible);
        }
        result
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.call("sync", Some(path), nothing, || SystemDisk.sync(path))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.call("make_folder", Some(path), nothing, || {
            SystemDisk.make_folder(path)
        })
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.call("remove_folder", Some(path), nothing, || {
            SystemDisk.remove_folder(path)
        })
    }

    fn write_at(&self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        let half = || SystemDisk.write_at(file, at, &bytes[..bytes.len() / 2]);
        self.call("write_at", None, half, || {
            SystemDisk.write_at(file, at, bytes)
        })
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        self.call("sync_data", None, nothing, || SystemDisk.sync_data(file))
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.call("truncate", None, nothing, || {
            SystemDisk.truncate(file, length)
        })
    }
}
