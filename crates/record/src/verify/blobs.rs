//! The bytes that entries name: all there, all right, or deleted by procedure.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use truceline_domain::Sha256;

use super::meaning::Meaning;
use super::report::{FaultKind, Report};
use super::{Progress, read_file};
use crate::blob::{Blobs, Tombstone};
use crate::folder::Folder;
use crate::signature::FindingBody;

/// A tombstone is a line of JSON; longer files are none.
const MAX_TOMBSTONE_BYTES: u64 = 1024;

/// The largest finding that is read back.
const MAX_FINDING_BYTES: u64 = 16 << 20;

/// The largest report that is read back; one day has some hundred kilobytes.
const MAX_REPORT_BYTES: u64 = 64 << 20;

/// What lies in `segments/`.
#[derive(Default)]
struct Found {
    blobs: Vec<(Sha256, PathBuf)>,
    tombstones: BTreeMap<Sha256, PathBuf>,
}

/// Checks every file in `segments/` and every hash that an entry names.
pub(super) fn check(
    report: &mut Report,
    folder: &Folder,
    meaning: &Meaning,
    threads: usize,
    progress: &dyn Fn(Progress),
) {
    let found = list(report, folder);
    let present: BTreeSet<Sha256> = found.blobs.iter().map(|(sha256, _)| *sha256).collect();
    hash_all(report, folder, &found.blobs, meaning, threads, progress);
    for (sha256, named) in &meaning.named {
        let tombstone = found.tombstones.get(sha256);
        let deleted = meaning.retention.deleted(sha256);
        match (present.contains(sha256), tombstone, deleted) {
            (true, ..) => {}
            (false, Some(_), Some(_)) => report.counts.deleted += 1,
            (false, None, Some(deletion)) => {
                let why = format!(
                    "deleted by entry {}, but its tombstone is missing",
                    deletion.index
                );
                report.fault(FaultKind::Retention, blob_place(sha256), why);
            }
            (false, _, None) => {
                let why = format!("missing, named by entry {}", named.index);
                report.fault(FaultKind::Blob, blob_place(sha256), why);
            }
        }
    }
    check_tombstones(report, &found, meaning, &present);
    let orphans = present
        .iter()
        .filter(|sha256| !meaning.named.contains_key(sha256))
        .count();
    if orphans > 0 {
        report.note(format!(
            "segments/ holds {orphans} files that no entry names; they are no evidence"
        ));
    }
    check_findings(report, folder, meaning);
    check_reports(report, folder, meaning);
}

fn blob_place(sha256: &Sha256) -> String {
    format!("segments/{}/{sha256}", sha256.short(2))
}

/// Lists `segments/<ab>/<hash>[.tombstone]`.
fn list(report: &mut Report, folder: &Folder) -> Found {
    let mut found = Found::default();
    for shard in read_dir(&folder.segments()) {
        let shard_name = file_name(&shard);
        for path in read_dir(&shard) {
            let name = file_name(&path);
            let (hash, tombstone) = match name.strip_suffix(".tombstone") {
                Some(hash) => (hash, true),
                None => (name.as_str(), false),
            };
            match hash.parse::<Sha256>() {
                Ok(sha256) if sha256.short(2) == shard_name && tombstone => {
                    found.tombstones.insert(sha256, path);
                }
                Ok(sha256) if sha256.short(2) == shard_name => found.blobs.push((sha256, path)),
                _ => report.note(format!(
                    "segments/{shard_name}/{name} is not named by a hash and was not checked"
                )),
            }
        }
    }
    found.blobs.sort_unstable();
    found
}

fn read_dir(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Hashes all files, several at a time.
fn hash_all(
    report: &mut Report,
    folder: &Folder,
    files: &[(Sha256, PathBuf)],
    meaning: &Meaning,
    threads: usize,
    progress: &dyn Fn(Progress),
) {
    let store = Blobs::new(folder);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (done, taken) = sync_channel(64);
        for _ in 0..threads.max(1) {
            let (done, next, store) = (done.clone(), &next, &store);
            scope.spawn(move || {
                while let Some((sha256, _)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if done.send((*sha256, store.check(sha256))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        for (sha256, checked) in taken {
            report.counts.blobs += 1;
            progress(Progress::Blobs {
                done: report.counts.blobs,
                total: files.len() as u64,
            });
            let named = meaning.named.get(&sha256);
            match (checked, named) {
                (Ok(bytes), Some(named)) if bytes != named.bytes => {
                    let why = format!("{bytes} bytes, entry {} says {}", named.index, named.bytes);
                    report.fault(FaultKind::Blob, blob_place(&sha256), why);
                }
                (Ok(bytes), _) => report.counts.blob_bytes += bytes,
                (Err(error), _) => {
                    report.fault(FaultKind::Blob, blob_place(&sha256), reason(&error))
                }
            }
        }
    });
    // Threads end in any order; a report is the same every time.
    report.faults.sort_by(|a, b| {
        (a.kind == FaultKind::Blob)
            .cmp(&(b.kind == FaultKind::Blob))
            .then_with(|| {
                if a.kind == FaultKind::Blob && b.kind == FaultKind::Blob {
                    a.place.cmp(&b.place)
                } else {
                    std::cmp::Ordering::Equal
                }
            })
    });
}

/// An error without the path, which stands before it.
fn reason(error: &crate::blob::BlobError) -> String {
    match error {
        crate::blob::BlobError::Damaged { reason, .. } => reason.clone(),
        crate::blob::BlobError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

/// Each tombstone stands for a deletion that holds, and says so exactly.
fn check_tombstones(
    report: &mut Report,
    found: &Found,
    meaning: &Meaning,
    present: &BTreeSet<Sha256>,
) {
    for (sha256, path) in &found.tombstones {
        let place = format!("{}.tombstone", blob_place(sha256));
        let text = read_file(path, MAX_TOMBSTONE_BYTES).unwrap_or_default();
        let says = serde_json::from_slice::<Tombstone>(&text).ok();
        let Some(deletion) = meaning.retention.deleted(sha256) else {
            report.fault(
                FaultKind::Retention,
                place,
                "no deletion with both keys is in the log",
            );
            continue;
        };
        // The text too, so that no byte of it can be changed unseen.
        if says.as_ref() != Some(&deletion) || serde_json::to_vec(&deletion).ok() != Some(text) {
            let why = format!(
                "does not say that entry {} ({}) deleted it",
                deletion.index, deletion.entry
            );
            report.fault(FaultKind::Retention, place, why);
        }
        if present.contains(sha256) {
            report.note(format!(
                "{} is still there beside its tombstone",
                blob_place(sha256)
            ));
        }
    }
}

/// Holds each finding's entry against the bytes that are signed.
fn check_findings(report: &mut Report, folder: &Folder, meaning: &Meaning) {
    let store = Blobs::new(folder);
    for case in meaning.desk.cases() {
        if case.body.bytes > MAX_FINDING_BYTES {
            let why = format!(
                "{} bytes, at most {MAX_FINDING_BYTES} are read",
                case.body.bytes
            );
            report.fault(FaultKind::Finding, format!("finding {}", case.body.id), why);
            continue;
        }
        // That the bytes are missing or damaged was told before.
        if let Ok(bytes) = store.read(&case.body.sha256) {
            check_finding(report, &case.body, &bytes);
        }
    }
}

/// Holds what was signed of each report against its bytes.
fn check_reports(report: &mut Report, folder: &Folder, meaning: &Meaning) {
    let store = Blobs::new(folder);
    for version in meaning.releases.versions() {
        let of = &version.of;
        let why = if of.bytes > MAX_REPORT_BYTES {
            let bytes = of.bytes;
            Some(format!(
                "{bytes} bytes, at most {MAX_REPORT_BYTES} are read"
            ))
        } else {
            // That the bytes are missing or damaged was told before.
            let bytes = store.read(&of.sha256).ok();
            bytes.and_then(|bytes| of.differs_from(&bytes))
        };
        if let Some(why) = why {
            let place = format!("report {} of {}", of.report, of.date);
            report.fault(FaultKind::Deed, place, why);
        }
    }
}

/// Holds a finding's entry against its bytes, which must be canonical.
pub(crate) fn check_finding(report: &mut Report, body: &FindingBody, bytes: &[u8]) {
    let place = format!("finding {}", body.id);
    let finding: truceline_domain::Finding = match serde_json::from_slice(bytes) {
        Ok(finding) => finding,
        Err(error) => {
            return report.fault(FaultKind::Finding, place, format!("its bytes: {error}"));
        }
    };
    let canonical = serde_json::from_slice(bytes)
        .ok()
        .and_then(|value| crate::canonical::to_vec(&value).ok());
    if canonical.as_deref() != Some(bytes) {
        report.fault(
            FaultKind::Finding,
            &place,
            "its bytes are not canonical JSON (RFC 8785)",
        );
    }
    if FindingBody::of(&finding, bytes, body.sending_states.clone()) != *body {
        report.fault(
            FaultKind::Finding,
            place,
            "its entry says otherwise than its bytes",
        );
    }
}
