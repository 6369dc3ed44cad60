//! Writing a bundle: the same record, finding and selection give the same bytes.

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use truceline_domain::{FindingId, Sha256};

use super::archive::ArchiveWriter;
use super::loose::loose_files;
use super::proof::TlogProof;
use super::readme::readme;
use super::{BundleError, FORMAT, Manifest, Selection, blob_name, number};
use crate::blob::Presence;
use crate::entry::Entry;
use crate::log::{Checkpoint, Leaf, Log, LogError};
use crate::record::Record;
use crate::signature::{FINDING, FindingBody};
use crate::verify::meaning::named_by;

/// What a bundle has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Entries of the log.
    pub entries: usize,
    /// Files that they name by hash.
    pub blobs: usize,
    /// Bytes in those files.
    pub blob_bytes: u64,
    /// How many entries the checkpoint covers.
    pub size: u64,
    /// How many lines of others than the log are under it.
    pub cosignatures: usize,
    /// Media that are not in it because they were deleted by procedure.
    pub deleted: Vec<Sha256>,
}

/// Writes the bundle of `finding` with the entries of `selection` to `out`.
///
/// # Errors
/// When an entry or bytes that it names cannot be read, or `out` refuses.
pub fn write<W: Write + Seek>(
    record: &Record,
    finding: &FindingId,
    out: W,
    selection: &Selection,
) -> Result<Written, BundleError> {
    let log = view(record, selection)?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut blobs: BTreeMap<String, (Sha256, u64)> = BTreeMap::new();
    let mut deleted = Vec::new();
    let note = String::from_utf8_lossy(&log.checkpoint().to_bytes()).into_owned();
    let mut body: Option<FindingBody> = None;
    for &index in &selection.entries {
        let leaf = log.leaf(index)?;
        let entry = leaf.entry()?;
        add_entry(&mut files, &log, &leaf, &entry, &note)?;
        let named = named_by(&entry).map_err(|reason| not_readable(finding, index, &reason))?;
        let own = entry.kind == FINDING
            && entry
                .body_as::<FindingBody>()
                .is_ok_and(|b| b.id == *finding);
        if own && body.is_none() {
            body = entry.body_as().ok();
        } else if let Some((sha256, bytes)) = named {
            match record.blobs().presence(&sha256)? {
                Presence::Deleted(_) => deleted.push(sha256),
                _ => drop(blobs.insert(blob_name(&entry, &sha256), (sha256, bytes))),
            }
        }
    }
    let body = body.ok_or_else(|| BundleError::NoFinding(finding.clone()))?;
    files.insert("finding.json".into(), record.blob(&body.sha256)?);
    files.insert("checkpoint".into(), note.into_bytes());
    files.insert("vkeys".into(), record.vkeys()?.to_text().into_bytes());
    files.insert("bundle.json".into(), manifest(&log, finding)?);
    let origin = &log.head().origin;
    files.insert(
        "README.txt".into(),
        readme(origin, finding, log.size()).into_bytes(),
    );
    let mut archive = ArchiveWriter::new(out);
    let mut sums: BTreeMap<&str, Sha256> = BTreeMap::new();
    sums.extend(
        files
            .iter()
            .map(|(name, bytes)| (name.as_str(), Sha256::of(bytes))),
    );
    sums.extend(
        blobs
            .iter()
            .map(|(name, (sha256, _))| (name.as_str(), *sha256)),
    );
    let sums: String = sums
        .iter()
        .map(|(name, sha256)| format!("{sha256}  {name}\n"))
        .collect();
    // People open the archive: what they should read first comes first.
    if let Some(bytes) = files.remove("README.txt") {
        archive.put("README.txt", bytes.len() as u64, &mut bytes.as_slice())?;
    }
    archive.put("SHA256SUMS", sums.len() as u64, &mut sums.as_bytes())?;
    for (name, bytes) in &files {
        archive.put(name, bytes.len() as u64, &mut bytes.as_slice())?;
    }
    for (name, (sha256, bytes)) in &blobs {
        // Wrong bytes must not leave the centre: they are checked before they are copied.
        record.blobs().check(sha256)?;
        archive.put(name, *bytes, &mut record.blobs().open(sha256)?)?;
    }
    archive.finish()?.flush().map_err(super::ArchiveError::Io)?;
    Ok(Written {
        entries: selection.entries.len(),
        blobs: blobs.len(),
        blob_bytes: blobs.values().map(|(_, bytes)| bytes).sum(),
        size: log.size(),
        cosignatures: log.checkpoint().signatures().len().saturating_sub(1),
        deleted,
    })
}

fn not_readable(finding: &FindingId, index: u64, reason: &str) -> BundleError {
    BundleError::Finding {
        finding: finding.clone(),
        reason: format!("entry {index}: {reason}"),
    }
}

/// The log as of the newest checkpoint that its quorum cosigned, if that covers the selection;
/// otherwise as of the newest.
fn view(record: &Record, selection: &Selection) -> Result<Log, BundleError> {
    let log = record.log()?;
    Ok(match cosigned(&log, selection) {
        Some(checkpoint) => Log::at(log.folder(), checkpoint),
        None => log,
    })
}

/// Whether a quorum of witnesses cosigned a checkpoint that covers a selection.
///
/// # Errors
/// When the log cannot be read.
pub fn is_cosigned(record: &Record, selection: &Selection) -> Result<bool, BundleError> {
    Ok(cosigned(&record.log()?, selection).is_some())
}

fn cosigned(log: &Log, selection: &Selection) -> Option<Checkpoint> {
    let bytes = std::fs::read(log.folder().join("checkpoint.cosigned")).ok()?;
    let last = selection.entries.last().copied().unwrap_or(0);
    Checkpoint::parse(&bytes)
        .ok()
        .filter(|checkpoint| checkpoint.head().size > last)
}

fn add_entry(
    files: &mut BTreeMap<String, Vec<u8>>,
    log: &Log,
    leaf: &Leaf,
    entry: &Entry,
    note: &str,
) -> Result<(), LogError> {
    let number = number(leaf.index);
    let hashes = log.inclusion_proof(leaf.index, log.size())?;
    let proof = TlogProof {
        index: leaf.index,
        hashes,
        checkpoint: note.to_owned(),
    };
    files.insert(format!("entries/{number}.json"), leaf.bytes.clone());
    files.insert(
        format!("proofs/{number}.tlog-proof"),
        proof.to_string().into_bytes(),
    );
    files.extend(loose_files(&log.head().origin, leaf.index, entry));
    Ok(())
}

fn manifest(log: &Log, finding: &FindingId) -> Result<Vec<u8>, BundleError> {
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        origin: log.head().origin.clone(),
        finding: finding.clone(),
        size: log.size(),
    };
    let refused = |reason: String| BundleError::Finding {
        finding: finding.clone(),
        reason,
    };
    let value = serde_json::to_value(manifest).map_err(|e| refused(e.to_string()))?;
    crate::canonical::to_vec(&value).map_err(|e| refused(e.to_string()))
}
