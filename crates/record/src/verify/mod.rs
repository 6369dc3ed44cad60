//! Checking a record offline: a centre's folder, a copy of its record, or a bundle.
//!
//! What is checked, and what each check proves, is told for lawyers in `docs/verify.md`. In short:
//! every byte under `record/` is either derived from the root that the log signed and the witnesses
//! cosigned, or named by an entry by its hash, or told in the report's notes.
//!
//! Nothing here writes, and nothing asks the network.

mod blobs;
mod files;
pub(crate) mod meaning;
mod report;
mod tree;
pub(crate) mod trust;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

pub(crate) use blobs::check_finding;
pub use report::{
    Cosigned, Counts, Fault, FaultKind, FindingLine, MAX_TOLD, Report, Subject, Tree, TrustedKey,
};
pub use trust::fingerprint;

use crate::folder::Folder;
use crate::key::VerifierKey;
use crate::log::{Checkpoint, Log};
use crate::vkeys::Vkeys;
use meaning::Meaning;

/// What is asked of a check.
#[derive(Debug, Clone)]
pub struct Options {
    /// Keys that the reader has from elsewhere. For each role of which none is given, the keys of what
    /// is checked are used, and the report says so.
    pub vkeys: Vec<VerifierKey>,
    /// How many witnesses must have cosigned.
    pub quorum: usize,
    /// An earlier checkpoint that the present must continue: the bytes of its file.
    pub old: Option<Vec<u8>>,
    /// Threads that hash.
    pub threads: usize,
}

impl Default for Options {
    /// No keys of one's own, no quorum, no earlier checkpoint, all processors.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            vkeys: Vec::new(),
            quorum: 0,
            old: None,
            threads,
        }
    }
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Entries checked.
    Entries {
        /// So many.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// Files of evidence hashed.
    Blobs {
        /// So many.
        done: u64,
        /// Of so many.
        total: u64,
    },
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder that is none of a centre or a record.
    #[error("{}: neither a centre (record/log), nor a record (log/), nor a bundle", path.display())]
    NothingToCheck {
        /// The folder.
        path: PathBuf,
    },
}

/// Checks what lies at `path`: a centre's folder, a record's folder or a bundle file. `progress` is
/// called on the calling thread.
///
/// # Errors
/// When there is nothing that can be checked. What is wrong with what is there stands in the report.
pub fn verify(
    path: &Path,
    options: &Options,
    progress: &dyn Fn(Progress),
) -> Result<Report, VerifyError> {
    let metadata = fs::metadata(path).map_err(|source| VerifyError::Io {
        path: path.to_owned(),
        source,
    })?;
    if metadata.is_file() {
        return crate::bundle::verify(path, options);
    }
    if path.join("record").join("log").is_dir() {
        return Ok(record(
            &path.join("record"),
            Report::new(Subject::Centre, path, options.quorum),
            options,
            progress,
        ));
    }
    if path.join("log").is_dir() {
        return Ok(record(
            path,
            Report::new(Subject::Record, path, options.quorum),
            options,
            progress,
        ));
    }
    Err(VerifyError::NothingToCheck {
        path: path.to_owned(),
    })
}

/// Longest checkpoint or `vkeys` file that is read.
const MAX_SMALL_BYTES: u64 = 1_000_000;

fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    read_file(path, MAX_SMALL_BYTES)
}

/// Reads a file of at most `max` bytes. A copy may come from a stranger: what is no file (a pipe, a
/// device) is not opened, since reading it could wait for ever.
fn read_file(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!(
            "more than {max} bytes, which it cannot have"
        )));
    }
    Ok(bytes)
}

fn record(
    root: &Path,
    mut report: Report,
    options: &Options,
    progress: &dyn Fn(Progress),
) -> Report {
    let folder = Folder::new(root);
    let read = read_small(&folder.log().join("checkpoint"));
    let checkpoint = read
        .map_err(|e| e.to_string())
        .and_then(|b| Checkpoint::parse(&b).map_err(|e| e.to_string()));
    let checkpoint = match checkpoint {
        Ok(checkpoint) => checkpoint,
        Err(why) => {
            report.fault(FaultKind::Checkpoint, "log/checkpoint", why);
            return report;
        }
    };
    let head = checkpoint.head().clone();
    report.tree = Tree {
        origin: head.origin.clone(),
        size: head.size,
        root: Some(head.root),
        ..Tree::default()
    };
    let text = match read_small(&folder.vkeys()) {
        Ok(text) => Some(text),
        Err(error) => {
            report.fault(FaultKind::Keys, "vkeys", error);
            None
        }
    };
    let Some(vkeys) = trust::keys(&mut report, &head.origin, text.as_deref(), &options.vkeys)
    else {
        return report;
    };
    report.tree.cosigned = trust::check_lines(&mut report, "log/checkpoint", &checkpoint, &vkeys);
    let mut meaning = Meaning::default();
    tree::check(
        &mut report,
        &folder.log(),
        &head,
        options.threads,
        progress,
        &mut |report, index, entry| {
            meaning.take(report, index, entry, &vkeys);
        },
    );
    meaning.conclude(&mut report);
    let log = Log::at(&folder.log(), checkpoint);
    check_quorum(&mut report, &log, &vkeys, options.quorum);
    check_history(&mut report, &log, &vkeys, options.old.as_deref());
    files::check(&mut report, &folder, &log, &vkeys);
    blobs::check(&mut report, &folder, &meaning, options.threads, progress);
    report
}

/// The newest checkpoint with a quorum: the checkpoint itself, or the one kept beside it.
fn check_quorum(report: &mut Report, log: &Log, vkeys: &Vkeys, quorum: usize) {
    const PLACE: &str = "log/checkpoint.cosigned";
    let kept = match read_small(&log.folder().join("checkpoint.cosigned")) {
        Ok(bytes) => Checkpoint::parse(&bytes)
            .map_err(|e| e.to_string())
            .map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    let kept = match kept {
        Ok(kept) => kept,
        Err(why) => {
            report.fault(FaultKind::Cosignature, PLACE, why);
            None
        }
    };
    let mut best = (report.tree.cosigned.len(), log.size());
    if let Some(kept) = kept {
        let cosigned = trust::check_lines(report, PLACE, &kept, vkeys);
        let head = kept.head();
        if head.origin != log.head().origin || !continues(log, &kept) {
            let why = format!(
                "of {} entries, is not a beginning of the present log",
                head.size
            );
            report.fault(FaultKind::History, PLACE, why);
        } else if best.0 < quorum && cosigned.len() >= quorum {
            best = (cosigned.len(), head.size);
            report.tree.cosigned = cosigned;
        }
    }
    if best.0 >= quorum {
        report.tree.cosigned_size = best.1;
        let open = log.size() - best.1;
        if open > 0 {
            report.note(format!(
                "the newest {open} entries are not under a quorum of cosignatures yet"
            ));
        }
    } else {
        let why = format!("{} valid cosignatures, {quorum} are asked for", best.0);
        report.fault(FaultKind::Cosignature, "log/checkpoint", why);
    }
}

fn continues(log: &Log, old: &Checkpoint) -> bool {
    let head = old.head();
    head.size <= log.size() && log.root_at(head.size).is_ok_and(|root| root == head.root)
}

/// Whether the present log continues an earlier checkpoint.
fn check_history(report: &mut Report, log: &Log, vkeys: &Vkeys, old: Option<&[u8]>) {
    const PLACE: &str = "--old";
    let Some(old) = old else { return };
    let old = match Checkpoint::parse(old) {
        Ok(old) => old,
        Err(error) => return report.fault(FaultKind::History, PLACE, error),
    };
    if let Err(error) = old.check_log_key(vkeys.log()) {
        return report.fault(FaultKind::History, PLACE, error);
    }
    let size = old.head().size;
    if size > log.size() {
        let why = format!(
            "had {size} entries, the log has {}: it was rolled back",
            log.size()
        );
        return report.fault(FaultKind::History, PLACE, why);
    }
    match log.root_at(size) {
        Ok(root) if root == old.head().root => {
            report.note(format!(
                "the log continues the earlier checkpoint of {size} entries"
            ));
        }
        Ok(root) => {
            let why = format!(
                "had the root {} over {size} entries, the log has {root}: its past was rewritten, and both \
                 checkpoints are signed by it",
                old.head().root
            );
            report.fault(FaultKind::History, PLACE, why);
        }
        Err(error) => report.fault(FaultKind::History, PLACE, error),
    }
}
