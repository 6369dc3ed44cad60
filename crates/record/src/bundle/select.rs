//! What belongs into a bundle: found by reading the log once, then the batches near the event.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use truceline_domain::{Finding, FindingId, Sha256};

use super::BundleError;
use crate::blob::BlobError;
use crate::bodies::{
    ATTACHMENT, AttachmentBody, BATCH, BatchBody, DOCUMENT, DocumentBody, SEGMENT, STILL,
    SegmentBody, StillBody,
};
use crate::log::{Log, LogError};
use crate::people;
use crate::record::Record;
use crate::retention::{DELETION, DeletionBody};
use crate::signature::{FINDING, FindingBody, SIGNATURE, SignatureBody};

/// The entries that go into a bundle. What they name by hash goes with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Places in the log, from 0. More may be added, such as further segments.
    pub entries: BTreeSet<u64>,
}

/// An observation's line in a batch, as far as it is looked at here.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
}

/// The names of the observations in the bytes of a batch; lines without one are passed over.
pub(super) fn observation_ids(batch: &[u8]) -> impl Iterator<Item = String> {
    let lines = batch.split(|&byte| byte == b'\n');
    lines.filter_map(|line| {
        Some(
            serde_json::from_slice::<Line<'_>>(line)
                .ok()?
                .id
                .into_owned(),
        )
    })
}

/// What the log says, as far as a selection needs it.
#[derive(Default)]
struct Scan {
    finding: Option<FindingBody>,
    /// Entries about the finding, its successors and what it supersedes.
    entries: BTreeSet<u64>,
    batches: Vec<(u64, BatchBody)>,
    segments: BTreeMap<Sha256, Vec<u64>>,
    /// What observations looked like.
    stills: BTreeMap<String, u64>,
    /// Files that came with reports.
    attachments: BTreeMap<String, Vec<u64>>,
    documents: BTreeMap<Sha256, Vec<u64>>,
    deletions: Vec<(u64, DeletionBody)>,
}

/// Selects the entries of `finding`: its own and those about it, the documents it was judged under,
/// and the batches and segments with the observations that it cites.
///
/// # Errors
/// When the finding, or an observation that it cites, is not in the record, or the log or a batch
/// cannot be read.
pub fn select(record: &Record, finding: &FindingId) -> Result<Selection, BundleError> {
    let log = record.log()?;
    let scan = scan(&log, finding)?;
    let body = scan
        .finding
        .as_ref()
        .ok_or_else(|| BundleError::NoFinding(finding.clone()))?;
    let bytes = record.blob(&body.sha256)?;
    let parsed: Finding = serde_json::from_slice(&bytes).map_err(|e| BundleError::Finding {
        finding: finding.clone(),
        reason: e.to_string(),
    })?;
    let mut entries = scan.entries.clone();
    for sha256 in body.agreement_sha256.iter().chain(&body.procedures_sha256) {
        // The same document may have been recorded again; the last time before the finding counts.
        entries.extend(
            scan.documents
                .get(sha256)
                .and_then(|indices| indices.last()),
        );
    }
    let cited: BTreeSet<String> = parsed
        .event
        .evidence
        .iter()
        .map(|id| id.as_str().to_owned())
        .collect();
    entries.extend(cited.iter().filter_map(|id| scan.stills.get(id)));
    let attached = cited.iter().filter_map(|id| scan.attachments.get(id));
    entries.extend(attached.flatten());
    for batch in batches_with(record, &scan, &parsed, cited)? {
        entries.insert(batch.0);
        let segments = batch
            .1
            .segment
            .and_then(|sha256| scan.segments.get(&sha256));
        entries.extend(segments.and_then(|indices| indices.first()));
    }
    let named: BTreeSet<Sha256> = scan
        .segments
        .iter()
        .filter(|(_, indices)| indices.iter().any(|index| entries.contains(index)))
        .map(|(sha256, _)| *sha256)
        .collect();
    let deletes = |body: &DeletionBody| body.sha256.iter().any(|sha256| named.contains(sha256));
    entries.extend(
        scan.deletions
            .iter()
            .filter(|(_, body)| deletes(body))
            .map(|(index, _)| *index),
    );
    Ok(Selection { entries })
}

fn scan(log: &Log, id: &FindingId) -> Result<Scan, LogError> {
    let mut scan = Scan::default();
    // Findings in one line: what the finding supersedes, it, what supersedes it, and so on.
    let mut line: BTreeSet<FindingId> = BTreeSet::from([id.clone()]);
    let mut of_finding: BTreeMap<FindingId, Vec<u64>> = BTreeMap::new();
    let mut of_person: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut signers: Vec<(FindingId, String)> = Vec::new();
    for leaf in log.entries(0).verified() {
        let leaf = leaf?;
        let (index, entry) = (leaf.index, leaf.entry()?);
        match entry.kind.as_str() {
            FINDING => {
                let Ok(body) = entry.body_as::<FindingBody>() else {
                    continue;
                };
                of_finding.entry(body.id.clone()).or_default().push(index);
                if body
                    .supersedes
                    .as_ref()
                    .is_some_and(|older| line.contains(older))
                {
                    line.insert(body.id.clone());
                }
                if body.id == *id && scan.finding.is_none() {
                    line.extend(body.supersedes.clone());
                    scan.finding = Some(body);
                }
            }
            SIGNATURE => {
                let Ok(body) = entry.body_as::<SignatureBody>() else {
                    continue;
                };
                if body.assertion.is_some() {
                    let person = body.key_name.rsplit('/').next().unwrap_or_default();
                    signers.push((body.finding.clone(), person.to_owned()));
                }
                of_finding.entry(body.finding).or_default().push(index);
            }
            people::PERSON | people::PASSKEY | people::VOUCHER | people::REVOCATION => {
                let person = entry.body.get("person").and_then(serde_json::Value::as_str);
                let person = person.unwrap_or_default().to_owned();
                of_person.entry(person).or_default().push(index);
            }
            BATCH => scan
                .batches
                .extend(entry.body_as().ok().map(|body| (index, body))),
            SEGMENT => {
                let Ok(body) = entry.body_as::<SegmentBody>() else {
                    continue;
                };
                scan.segments.entry(body.sha256).or_default().push(index);
            }
            STILL => {
                let Ok(body) = entry.body_as::<StillBody>() else {
                    continue;
                };
                scan.stills.insert(body.observation.to_string(), index);
            }
            ATTACHMENT => {
                let Ok(body) = entry.body_as::<AttachmentBody>() else {
                    continue;
                };
                let of = scan.attachments.entry(body.observation.to_string());
                of.or_default().push(index);
            }
            DOCUMENT => {
                let Ok(body) = entry.body_as::<DocumentBody>() else {
                    continue;
                };
                // What came after the finding was not in force for it.
                if scan.finding.is_none() {
                    scan.documents.entry(body.sha256).or_default().push(index);
                }
            }
            DELETION => scan
                .deletions
                .extend(entry.body_as().ok().map(|body| (index, body))),
            _ => {}
        }
    }
    let about = of_finding.into_iter().filter(|(id, _)| line.contains(id));
    scan.entries = about.flat_map(|(_, indices)| indices).collect();
    // A passkey's signature stands on who its person is, the passkey, and who vouches for it.
    let signers = signers.into_iter().filter(|(id, _)| line.contains(id));
    let stand_on = signers.filter_map(|(_, person)| of_person.remove(&person));
    scan.entries.extend(stand_on.flatten());
    Ok(scan)
}

/// The batches that have the cited observations, found nearest to the event first.
fn batches_with<'a>(
    record: &Record,
    scan: &'a Scan,
    finding: &Finding,
    mut cited: BTreeSet<String>,
) -> Result<Vec<&'a (u64, BatchBody)>, BundleError> {
    let distance_s = |batch: &BatchBody| match batch.observed {
        Some(span) => {
            let before = span.first.seconds_since(finding.event.time);
            let after = finding.event.time.seconds_since(span.last);
            before.max(after).max(0.0)
        }
        None => f64::INFINITY,
    };
    let mut batches: Vec<&(u64, BatchBody)> = scan.batches.iter().collect();
    batches.sort_by(|a, b| {
        distance_s(&a.1)
            .total_cmp(&distance_s(&b.1))
            .then(a.0.cmp(&b.0))
    });
    let mut with = Vec::new();
    for batch in batches {
        if cited.is_empty() {
            break;
        }
        let bytes = match record.blob(&batch.1.sha256) {
            Ok(bytes) => bytes,
            // A batch that is not needed shall not stop the bundle; a needed one is missed below.
            Err(
                BlobError::Missing { .. } | BlobError::Deleted { .. } | BlobError::Damaged { .. },
            ) => continue,
            Err(error) => return Err(error.into()),
        };
        let before = cited.len();
        for id in observation_ids(&bytes) {
            cited.remove(&id);
        }
        if cited.len() < before {
            with.push(batch);
        }
    }
    if cited.is_empty() {
        return Ok(with);
    }
    let missing = cited.into_iter().take(20).collect();
    Err(BundleError::MissingObservations {
        finding: finding.id.clone(),
        missing,
    })
}
