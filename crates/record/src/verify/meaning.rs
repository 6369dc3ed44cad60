//! What the entries say, in their order: times, findings and signatures, holds and deletions, and
//! which bytes they name.

use std::collections::BTreeMap;

use truceline_domain::{Recorded, Sha256};

use super::report::{FaultKind, FindingLine, Report};
use crate::bodies::{
    ACCESS, ATTACHMENT, AccessBody, AttachmentBody, BATCH, BatchBody, DOCUMENT, DocumentBody,
    QUARANTINE, QuarantineBody, SEGMENT, STILL, SegmentBody, StillBody,
};
use crate::deed::{self, Deed};
use crate::entry::Entry;
use crate::people;
use crate::report::{Releases, named_by_report};
use crate::retention::{DELETION, HOLD, RELEASE, Retention};
use crate::signature::{Desk, FINDING, FindingBody, Method, Officer, SIGNATURE};
use crate::vkeys::Vkeys;

/// Bytes that an entry names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    /// The first entry that names them.
    pub(crate) index: u64,
    /// How many it says they are.
    pub(crate) bytes: u64,
}

/// What the entries said so far.
#[derive(Default)]
pub(crate) struct Meaning {
    pub(crate) desk: Desk,
    pub(crate) retention: Retention,
    pub(crate) releases: Releases,
    pub(crate) named: BTreeMap<Sha256, Named>,
    /// Approvals of deeds by keys that a centre held in an exercise.
    played: usize,
    last: Option<(u64, Recorded)>,
}

impl Meaning {
    /// Takes the next entry.
    pub(crate) fn take(&mut self, report: &mut Report, index: u64, entry: &Entry, vkeys: &Vkeys) {
        let place = || format!("entry {index} ({})", entry.id);
        if let Some((before, time)) = self.last.filter(|(_, time)| entry.recorded < *time) {
            let why = format!(
                "recorded {}, entry {before} before it at {time}",
                entry.recorded
            );
            report.fault(FaultKind::Time, place(), why);
        }
        self.last = Some((index, entry.recorded));
        count(&mut report.counts.entries, &entry.kind);
        match named_by(entry) {
            Ok(Some((sha256, bytes))) => self.name(report, index, sha256, bytes),
            Ok(None) => {}
            Err(why) => report.fault(FaultKind::Entry, place(), why),
        }
        match entry.kind.as_str() {
            kind if reads_person_or_finding(kind) => {
                if let Err(setback) = self.desk.take(index, entry, vkeys) {
                    if setback.is_harmless() {
                        report.note(format!("{}: {setback}", place()));
                    } else {
                        report.fault(FaultKind::Finding, place(), setback);
                    }
                }
            }
            kind if deed::KINDS.contains(&kind) => {
                match deed::read(entry, vkeys, self.desk.people()) {
                    Ok((deed, officers)) => self.deed(report, index, entry, &deed, &officers),
                    Err(why) => report.fault(FaultKind::Deed, place(), why),
                }
            }
            _ => {}
        }
        // Every entry that names bytes counts there, so that only media can be deleted.
        if reads_body_of(&entry.kind) {
            match self.retention.take(index, entry, vkeys) {
                Ok(()) => {}
                // That the body is malformed was told above.
                Err(crate::retention::Void::Body(_)) if named_by(entry).is_err() => {}
                Err(void) => report.fault(FaultKind::Retention, place(), void),
            }
        }
    }

    /// Takes a deed that is signed as it says. Its rules, but those of a report's release, need the documents.
    fn deed(
        &mut self,
        report: &mut Report,
        index: u64,
        entry: &Entry,
        deed: &Deed,
        officers: &[Officer],
    ) {
        let methods = deed.approvals.iter().map(deed::Approval::method);
        self.played += methods.filter(|m| *m == Method::Exercise).count();
        if entry.kind != deed::REPORT {
            return;
        }
        match self.releases.take(index, entry.recorded, deed, officers) {
            Ok(()) => {}
            Err(why) if why.is_harmless() => {
                report.note(format!("entry {index} ({}): {why}", entry.id));
            }
            Err(why) => {
                let place = format!("entry {index} ({})", entry.id);
                report.fault(FaultKind::Deed, place, why);
            }
        }
    }

    fn name(&mut self, report: &mut Report, index: u64, sha256: Sha256, bytes: u64) {
        let first = *self.named.entry(sha256).or_insert(Named { index, bytes });
        if first.bytes != bytes {
            let why = format!(
                "says that {sha256} has {bytes} bytes, entry {} says {}",
                first.index, first.bytes
            );
            report.fault(FaultKind::Blob, format!("entry {index}"), why);
        }
    }

    /// Writes into the report how the findings stand.
    pub(crate) fn conclude(&self, report: &mut Report) {
        report.findings = self
            .desk
            .cases()
            .map(|case| FindingLine {
                id: case.body.id.clone(),
                index: case.index,
                sha256: case.body.sha256,
                standing: case.standing(),
                dissents: case.dissents(),
            })
            .collect();
        report.findings.sort_by_key(|line| line.index);
        let decisions = || self.desk.cases().flat_map(|case| &case.decisions);
        report.counts.signatures = decisions().count() as u64;
        report.reports = self.releases.lines();
        let exercise = decisions().filter(|d| d.method == Method::Exercise).count() + self.played;
        if exercise > 0 {
            report.note(format!(
                "{exercise} signatures were made in an exercise, with keys that the centre held: they are nobody's word"
            ));
        }
    }
}

/// Whether the desk looks at entries of this type.
fn reads_person_or_finding(kind: &str) -> bool {
    [FINDING, SIGNATURE].contains(&kind) || people::KINDS.contains(&kind)
}

/// Whether the body of entries of this type is looked at; of others only that it has its one form.
pub(crate) fn reads_body_of(kind: &str) -> bool {
    const KINDS: [&str; 12] = [
        ACCESS, ATTACHMENT, SEGMENT, BATCH, STILL, DOCUMENT, QUARANTINE, FINDING, SIGNATURE, HOLD,
        RELEASE, DELETION,
    ];
    KINDS.contains(&kind) || people::KINDS.contains(&kind) || deed::KINDS.contains(&kind)
}

/// At most so many types are told apart; a hostile log must not fill the memory with names.
const MAX_KINDS: usize = 100;

fn count(kinds: &mut BTreeMap<String, u64>, kind: &str) {
    if let Some(n) = kinds.get_mut(kind) {
        *n += 1;
    } else {
        let name = if kinds.len() < MAX_KINDS {
            kind
        } else {
            "of other types"
        };
        *kinds.entry(name.to_owned()).or_default() += 1;
    }
}

/// The bytes that an entry names, and how many they are.
pub(crate) fn named_by(entry: &Entry) -> Result<Option<(Sha256, u64)>, String> {
    let malformed = |e: crate::entry::EntryError| e.to_string();
    Ok(match entry.kind.as_str() {
        SEGMENT => {
            let body: SegmentBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        BATCH => {
            let body: BatchBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        ATTACHMENT => {
            let body: AttachmentBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        STILL => {
            let body: StillBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        DOCUMENT => {
            let body: DocumentBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        QUARANTINE => {
            let body: QuarantineBody = entry.body_as().map_err(malformed)?;
            body.sha256.map(|sha256| (sha256, body.bytes))
        }
        ACCESS => {
            let body: AccessBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        FINDING => {
            let body: FindingBody = entry.body_as().map_err(malformed)?;
            Some((body.sha256, body.bytes))
        }
        deed::REPORT => named_by_report(entry).map_err(malformed)?,
        _ => None,
    })
}
