//! Checking a bundle: from the checkpoint to each entry, from the entries to each file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use sha2::Digest as _;
use truceline_domain::{Finding, Sha256};

use super::archive::{Archive, ArchiveError};
use super::loose::loose_files;
use super::proof::TlogProof;
use super::select::observation_ids;
use super::{FORMAT, Manifest, blob_name, number};
use crate::batch::MAX_BATCH_BYTES;
use crate::bodies::{BATCH, DOCUMENT};
use crate::entry::{Entry, MAX_ENTRY_BYTES};
use crate::log::Checkpoint;
use crate::log::proof::{check_inclusion, leaf_hash};
use crate::retention::{DELETION, DeletionBody, HOLD, RELEASE, has_both_keys};
use crate::signature::FindingBody;
use crate::verify::meaning::{Meaning, named_by};
use crate::verify::{FaultKind, Options, Report, Subject, Tree, VerifyError, check_finding, trust};
use crate::vkeys::Vkeys;

/// Longest file of words: README, sums, keys, checkpoint, proofs, notes.
const MAX_SMALL_BYTES: u64 = 4 << 20;

/// The largest finding that is read.
const MAX_FINDING_BYTES: u64 = 16 << 20;

/// A bundle while it is checked.
struct Opened<R: Read + Seek> {
    archive: Archive<R>,
    /// The SHA-256 of every file, as read.
    sums: BTreeMap<String, Sha256>,
    /// Files that some check has accounted for.
    known: BTreeSet<String>,
}

/// Checks the bundle in the file `path`.
pub(crate) fn verify(path: &Path, options: &Options) -> Result<Report, VerifyError> {
    let io = |source| VerifyError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    let mut report = Report::new(Subject::Bundle, path, options.quorum);
    if let Err(error) = check(&mut report, BufReader::new(file), options) {
        report.fault(FaultKind::Archive, "the bundle", error);
    }
    Ok(report)
}

fn check(
    report: &mut Report,
    from: impl Read + Seek,
    options: &Options,
) -> Result<(), ArchiveError> {
    let archive = Archive::open(from)?;
    let mut bundle = Opened {
        archive,
        sums: BTreeMap::new(),
        known: BTreeSet::new(),
    };
    bundle.sum_all(report)?;
    let Some((checkpoint, note, vkeys)) = bundle.trust(report, options)? else {
        return Ok(());
    };
    let Some(manifest) = bundle.manifest(report, &checkpoint)? else {
        return Ok(());
    };
    let entries = bundle.entries(report, &checkpoint, &note)?;
    let mut meaning = Meaning::default();
    for (index, entry) in &entries {
        // A hold or another medium in the same deletion need not be enclosed, so whether a deletion
        // stood is seen from a copy of the record only.
        if [HOLD, RELEASE, DELETION].contains(&entry.kind.as_str()) {
            *report.counts.entries.entry(entry.kind.clone()).or_default() += 1;
        } else {
            meaning.take(report, *index, entry, &vkeys);
        }
    }
    meaning.conclude(report);
    bundle.loose(report, &entries)?;
    bundle.blobs(report, &entries, &vkeys)?;
    let Some(case) = meaning.desk.case(&manifest.finding) else {
        report.fault(
            FaultKind::Finding,
            "entries/",
            format!("no entry of finding {}", manifest.finding),
        );
        return Ok(());
    };
    bundle.finding(report, &case.body, &entries)?;
    bundle.strangers(report);
    report.note(format!(
        "a bundle shows what was in the log when it had {} entries; a later dissent or superseding finding is \
         seen in a later bundle or a copy of the record only",
        report.tree.size
    ));
    Ok(())
}

impl<R: Read + Seek> Opened<R> {
    /// Reads a file and accounts for it; that it is missing is a fault.
    fn file(
        &mut self,
        report: &mut Report,
        name: &str,
        max: u64,
    ) -> Result<Option<Vec<u8>>, ArchiveError> {
        self.known.insert(name.to_owned());
        let bytes = self.archive.read(name, max)?;
        if bytes.is_none() {
            report.fault(FaultKind::Archive, name, "missing");
        }
        Ok(bytes)
    }

    /// Hashes every file and holds `SHA256SUMS` against them.
    fn sum_all(&mut self, report: &mut Report) -> Result<(), ArchiveError> {
        let names: Vec<String> = self.archive.names().map(str::to_owned).collect();
        for name in names {
            let mut hash = sha2::Sha256::new();
            let mut bytes = 0_u64;
            self.archive.stream(&name, |chunk| {
                hash.update(chunk);
                bytes += chunk.len() as u64;
            })?;
            report.counts.blobs += 1;
            report.counts.blob_bytes += bytes;
            self.sums
                .insert(name, Sha256::from_bytes(hash.finalize().into()));
        }
        const SUMS: &str = "SHA256SUMS";
        let Some(listed) = self.file(report, SUMS, MAX_SMALL_BYTES)? else {
            return Ok(());
        };
        let others = self.sums.iter().filter(|(name, _)| *name != SUMS);
        let expected: String = others
            .map(|(name, sha256)| format!("{sha256}  {name}\n"))
            .collect();
        if expected.as_bytes() != listed {
            let expected: BTreeSet<&str> = expected.lines().collect();
            let listed = String::from_utf8_lossy(&listed);
            let wrong = listed.lines().find(|line| !expected.contains(line));
            let why = wrong.map_or_else(
                || "does not list every other file once, in order".to_owned(),
                |line| format!("says {line:?}, which is not so"),
            );
            report.fault(FaultKind::Archive, SUMS, why);
        }
        Ok(())
    }

    /// The checkpoint, its bytes, and the keys relied on.
    fn trust(
        &mut self,
        report: &mut Report,
        options: &Options,
    ) -> Result<Option<(Checkpoint, Vec<u8>, Vkeys)>, ArchiveError> {
        let text = self.file(report, "vkeys", MAX_SMALL_BYTES)?;
        self.known.insert("README.txt".into());
        let Some(note) = self.file(report, "checkpoint", MAX_SMALL_BYTES)? else {
            return Ok(None);
        };
        let checkpoint = match Checkpoint::parse(&note) {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                report.fault(FaultKind::Checkpoint, "checkpoint", error);
                return Ok(None);
            }
        };
        let head = checkpoint.head();
        report.tree = Tree {
            origin: head.origin.clone(),
            size: head.size,
            root: Some(head.root),
            ..Tree::default()
        };
        let Some(vkeys) = trust::keys(report, &head.origin, text.as_deref(), &options.vkeys) else {
            return Ok(None);
        };
        report.tree.cosigned = trust::check_lines(report, "checkpoint", &checkpoint, &vkeys);
        let cosigned = report.tree.cosigned.len();
        if cosigned < options.quorum {
            let why = format!(
                "{cosigned} valid cosignatures, {} are asked for",
                options.quorum
            );
            report.fault(FaultKind::Cosignature, "checkpoint", why);
        } else {
            report.tree.cosigned_size = head.size;
        }
        if let Some(old) = &options.old {
            check_old(report, old, &checkpoint, &vkeys);
        }
        Ok(Some((checkpoint, note, vkeys)))
    }

    fn manifest(
        &mut self,
        report: &mut Report,
        checkpoint: &Checkpoint,
    ) -> Result<Option<Manifest>, ArchiveError> {
        const NAME: &str = "bundle.json";
        let Some(bytes) = self.file(report, NAME, MAX_SMALL_BYTES)? else {
            return Ok(None);
        };
        let manifest: Manifest = match serde_json::from_slice(&bytes) {
            Ok(manifest) => manifest,
            Err(error) => {
                report.fault(FaultKind::Archive, NAME, error);
                return Ok(None);
            }
        };
        let head = checkpoint.head();
        if manifest.format != FORMAT {
            report.fault(
                FaultKind::Archive,
                NAME,
                format!("of format {:?}, expected {FORMAT}", manifest.format),
            );
        }
        if manifest.origin != head.origin || manifest.size != head.size {
            report.fault(
                FaultKind::Archive,
                NAME,
                "names another log or size than the checkpoint",
            );
        }
        Ok(Some(manifest))
    }

    /// The entries that are proven to be in the log, in order.
    fn entries(
        &mut self,
        report: &mut Report,
        checkpoint: &Checkpoint,
        note: &[u8],
    ) -> Result<Vec<(u64, Entry)>, ArchiveError> {
        let names: Vec<String> = self
            .archive
            .names()
            .filter(|name| name.starts_with("entries/"))
            .map(str::to_owned)
            .collect();
        let mut entries = Vec::new();
        for name in names {
            let digits = name
                .trim_start_matches("entries/")
                .trim_end_matches(".json")
                .to_owned();
            let index = digits
                .parse()
                .ok()
                .filter(|&index| name == format!("entries/{}.json", number(index)));
            let Some(index) = index else {
                report.fault(FaultKind::Archive, name, "not the name of an entry");
                continue;
            };
            let leaf = self
                .file(report, &name, MAX_ENTRY_BYTES as u64)?
                .unwrap_or_default();
            let proof_name = format!("proofs/{digits}.tlog-proof");
            let Some(proof) = self.file(report, &proof_name, MAX_SMALL_BYTES)? else {
                continue;
            };
            if let Err(why) = in_log(&leaf, index, &proof, checkpoint, note) {
                report.fault(FaultKind::Tree, proof_name, why);
                continue;
            }
            match Entry::from_bytes(&leaf) {
                Ok(entry) => entries.push((index, entry)),
                Err(error) => report.fault(FaultKind::Entry, name, error),
            }
        }
        entries.sort_by_key(|(index, _)| *index);
        Ok(entries)
    }

    /// What stands in entries once more as files of its own, for public tools.
    fn loose(&mut self, report: &mut Report, entries: &[(u64, Entry)]) -> Result<(), ArchiveError> {
        let origin = report.tree.origin.clone();
        for (index, entry) in entries {
            for (name, bytes) in loose_files(&origin, *index, entry) {
                let Some(enclosed) = self.file(report, &name, MAX_SMALL_BYTES)? else {
                    continue;
                };
                if enclosed != bytes {
                    report.fault(FaultKind::Finding, name, "other bytes than in its entry");
                }
            }
        }
        Ok(())
    }

    /// The bytes that entries name.
    fn blobs(
        &mut self,
        report: &mut Report,
        entries: &[(u64, Entry)],
        vkeys: &Vkeys,
    ) -> Result<(), ArchiveError> {
        let deleted = deleted(report, entries, vkeys);
        let finding = self.sums.get("finding.json").copied();
        for (index, entry) in entries {
            let Ok(Some((sha256, _))) = named_by(entry) else {
                continue;
            };
            if finding == Some(sha256) {
                continue;
            }
            let name = blob_name(entry, &sha256);
            self.known.insert(name.clone());
            match self.sums.get(&name) {
                Some(sum) if *sum == sha256 => {}
                Some(sum) => report.fault(FaultKind::Blob, name, format!("has the SHA-256 {sum}")),
                None if deleted.contains(&sha256) => {
                    report.counts.deleted += 1;
                    report.note(format!(
                        "{name} was deleted by procedure, with the keys of both states"
                    ));
                }
                None => report.fault(
                    FaultKind::Blob,
                    name,
                    format!("missing, named by entry {index}"),
                ),
            }
        }
        Ok(())
    }

    /// The finding, and that all it rests on is enclosed.
    fn finding(
        &mut self,
        report: &mut Report,
        body: &FindingBody,
        entries: &[(u64, Entry)],
    ) -> Result<(), ArchiveError> {
        const NAME: &str = "finding.json";
        let Some(bytes) = self.file(report, NAME, MAX_FINDING_BYTES)? else {
            return Ok(());
        };
        if Sha256::of(&bytes) != body.sha256 {
            report.fault(
                FaultKind::Finding,
                NAME,
                format!("not the bytes with the SHA-256 {}", body.sha256),
            );
            return Ok(());
        }
        check_finding(report, body, &bytes);
        // That it is no finding was told by that.
        let Ok(finding) = serde_json::from_slice::<Finding>(&bytes) else {
            return Ok(());
        };
        let mut enclosed = BTreeSet::new();
        let mut documents = BTreeSet::new();
        for (_, entry) in entries {
            let Ok(Some((sha256, _))) = named_by(entry) else {
                continue;
            };
            match entry.kind.as_str() {
                DOCUMENT => drop(documents.insert(sha256)),
                BATCH => {
                    let batch = self
                        .archive
                        .read(&blob_name(entry, &sha256), MAX_BATCH_BYTES)?;
                    enclosed.extend(observation_ids(&batch.unwrap_or_default()));
                }
                _ => {}
            }
        }
        for id in finding
            .event
            .evidence
            .iter()
            .filter(|id| !enclosed.contains(id.as_str()))
        {
            let why = format!("cites the observation {id}, which is in no enclosed batch");
            report.fault(FaultKind::Finding, NAME, why);
        }
        for sha256 in body.agreement_sha256.iter().chain(&body.procedures_sha256) {
            if !documents.contains(sha256) {
                let why = format!("was judged under the document {sha256}, which is not enclosed");
                report.fault(FaultKind::Finding, NAME, why);
            }
        }
        Ok(())
    }

    /// Whatever no check has accounted for does not belong.
    fn strangers(&self, report: &mut Report) {
        for name in self
            .archive
            .names()
            .filter(|name| !self.known.contains(*name))
        {
            report.fault(
                FaultKind::Archive,
                name,
                "nothing vouches for it, it does not belong into a bundle",
            );
        }
    }
}

/// Whether a leaf is at `index` in the tree of the bundle's checkpoint.
fn in_log(
    leaf: &[u8],
    index: u64,
    proof: &[u8],
    checkpoint: &Checkpoint,
    note: &[u8],
) -> Result<(), String> {
    let proof = std::str::from_utf8(proof).ok().and_then(TlogProof::parse);
    let proof = proof.ok_or("not of the form c2sp.org/tlog-proof@v1")?;
    if proof.index != index {
        return Err(format!("is of entry {}", proof.index));
    }
    if proof.checkpoint.as_bytes() != note {
        return Err("leads to another checkpoint".to_owned());
    }
    let head = checkpoint.head();
    check_inclusion(
        &proof.hashes,
        head.size,
        &head.root,
        index,
        &leaf_hash(leaf),
    )
    .map_err(|e| e.to_string())
}

/// Media that an enclosed deletion with both keys names.
fn deleted(report: &mut Report, entries: &[(u64, Entry)], vkeys: &Vkeys) -> BTreeSet<Sha256> {
    let mut deleted = BTreeSet::new();
    for (index, entry) in entries.iter().filter(|(_, entry)| entry.kind == DELETION) {
        let place = format!("entry {index} ({})", entry.id);
        match entry.body_as::<DeletionBody>() {
            Ok(body) => match has_both_keys(&body, vkeys) {
                Ok(()) => deleted.extend(body.sha256),
                Err(void) => report.fault(FaultKind::Retention, place, void),
            },
            Err(error) => report.fault(FaultKind::Retention, place, error),
        }
    }
    deleted
}

/// An earlier checkpoint of the same size must have the same root; for another size the tiles of the
/// record are needed.
fn check_old(report: &mut Report, old: &[u8], checkpoint: &Checkpoint, vkeys: &Vkeys) {
    const PLACE: &str = "--old";
    let (head, old) = match Checkpoint::parse(old) {
        Ok(old) => (checkpoint.head(), old),
        Err(error) => return report.fault(FaultKind::History, PLACE, error),
    };
    if let Err(error) = old.check_log_key(vkeys.log()) {
        return report.fault(FaultKind::History, PLACE, error);
    }
    if old.head().size == head.size {
        if old.head().root != head.root {
            report.fault(
                FaultKind::History,
                PLACE,
                "has another root of the same size: the log has forked",
            );
        }
        return;
    }
    report.fault(
        FaultKind::History,
        PLACE,
        format!(
            "is of {} entries, the bundle of {}: whether one continues the other is checked on a copy of the record",
            old.head().size,
            head.size
        ),
    );
}
