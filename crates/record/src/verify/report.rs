//! What a check found, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use truceline_domain::{FindingId, Recorded, Sha256};

use crate::report::ReportLine;
use crate::signature::{Officer, Standing};

/// Most faults that are told one by one; the rest are counted.
pub const MAX_TOLD: usize = 1000;

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A centre's whole folder: its record is what is checked.
    Centre,
    /// A record's folder or a copy of it.
    Record,
    /// A bundle.
    Bundle,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Centre => "the record of a centre",
            Self::Record => "a record",
            Self::Bundle => "a bundle",
        })
    }
}

/// What is wrong, in kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The keys.
    Keys,
    /// The checkpoint or the log's signature under it.
    Checkpoint,
    /// A cosignature, or too few of them.
    Cosignature,
    /// The present does not continue the earlier checkpoint.
    History,
    /// Entries or tiles that are not those under the root.
    Tree,
    /// An entry that is not in its one form.
    Entry,
    /// A recorded time before that of the entry before it.
    Time,
    /// Bytes that an entry names and that are missing or others.
    Blob,
    /// An entry about a finding that does not count.
    Finding,
    /// A deed that those whom it names did not sign.
    Deed,
    /// An entry about retention that is void, or a tombstone without one.
    Retention,
    /// The journal.
    Journal,
    /// The file of a bundle.
    Archive,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// Where: a file, relative to what was checked, or an entry.
    pub place: String,
    /// What was seen and what was expected.
    pub why: String,
}

/// A key that the check relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustedKey {
    /// `log`, `witness`, `officer` or `other`.
    pub role: &'static str,
    /// The verifier key.
    pub vkey: String,
    /// First 32 hexadecimal digits of the verifier key's SHA-256, in groups of four: what two people
    /// read to each other.
    pub fingerprint: String,
    /// Whether it was given to the check; otherwise it was taken from what was checked.
    pub given: bool,
}

/// A valid cosignature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigned {
    /// The witness' key.
    pub by: String,
    /// The time it put under it, seconds since 1970-01-01T00:00:00Z.
    pub unix_s: u64,
}

/// The tree that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The log's name.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// Its root.
    pub root: Option<Sha256>,
    /// Valid cosignatures on it.
    pub cosigned: Vec<Cosigned>,
    /// How many entries are under a checkpoint with the quorum; all of them when it is `size`.
    pub cosigned_size: u64,
}

/// How much was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Entries by type.
    pub entries: BTreeMap<String, u64>,
    /// Files of the log.
    pub tiles: u64,
    /// Bytes that entries name: how many files.
    pub blobs: u64,
    /// And how many bytes in them.
    pub blob_bytes: u64,
    /// Deleted by procedure.
    pub deleted: u64,
    /// Officers' signatures that count.
    pub signatures: u64,
}

/// How one finding stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    /// Its name.
    pub id: FindingId,
    /// Its entry.
    pub index: u64,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// Officers who dissent, whatever it stands at.
    pub dissents: Vec<Officer>,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was checked.
    pub subject: Subject,
    /// Where.
    pub path: String,
    /// The tree.
    pub tree: Tree,
    /// How many cosignatures were asked for.
    pub quorum: usize,
    /// The keys relied on.
    pub keys: Vec<TrustedKey>,
    /// How much was checked.
    pub counts: Counts,
    /// The findings, in order of their entries.
    pub findings: Vec<FindingLine>,
    /// The reports that somebody signed, in order of their entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<ReportLine>,
    /// What is wrong, the first [`MAX_TOLD`].
    pub faults: Vec<Fault>,
    /// How many more.
    pub more_faults: u64,
    /// What is not wrong, but should be known.
    pub notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(subject: Subject, path: &std::path::Path, quorum: usize) -> Self {
        Self {
            subject,
            path: path.display().to_string(),
            tree: Tree::default(),
            quorum,
            keys: Vec::new(),
            counts: Counts::default(),
            findings: Vec::new(),
            reports: Vec::new(),
            faults: Vec::new(),
            more_faults: 0,
            notes: Vec::new(),
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn fault(
        &mut self,
        kind: FaultKind,
        place: impl Into<String>,
        why: impl fmt::Display,
    ) {
        if self.faults.len() >= MAX_TOLD {
            self.more_faults += 1;
            return;
        }
        self.faults.push(Fault {
            kind,
            place: place.into(),
            why: why.to_string(),
        });
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        if self.notes.len() < MAX_TOLD {
            self.notes.push(note.into());
        }
    }
}

/// A POSIX time as people read it; the number itself where no calendar has it.
fn utc(unix_s: u64) -> String {
    let us = i64::try_from(unix_s)
        .ok()
        .and_then(|s| s.checked_mul(1_000_000));
    let time = us.and_then(|us| Recorded::from_unix_us(us).ok());
    time.map_or_else(|| unix_s.to_string(), |time| time.to_string())
}

/// The report for people, in plain lines.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "PASSED" } else { "FAILED" };
        writeln!(f, "{verdict}: {} in {}", self.subject, self.path)?;
        let told = self.faults.len() as u64 + self.more_faults;
        if told > 0 {
            writeln!(f, "\n{told} fault{}:", if told == 1 { "" } else { "s" })?;
            for Fault {
                kind: _,
                place,
                why,
            } in &self.faults
            {
                writeln!(f, "  {place}: {why}")?;
            }
            if self.more_faults > 0 {
                writeln!(f, "  … and {} more", self.more_faults)?;
            }
        }
        self.write_tree(f)?;
        self.write_findings(f)?;
        self.write_reports(f)?;
        if !self.notes.is_empty() {
            writeln!(f, "\nTo know:")?;
            for note in &self.notes {
                writeln!(f, "  {note}")?;
            }
        }
        self.write_keys(f)
    }
}

impl Report {
    fn write_tree(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tree {
            origin,
            size,
            root,
            cosigned,
            cosigned_size,
        } = &self.tree;
        writeln!(f, "\nlog        {origin}")?;
        writeln!(f, "entries    {size}")?;
        if let Some(root) = root {
            writeln!(f, "root       {root}")?;
        }
        writeln!(
            f,
            "cosigned   by {} of {} asked for",
            cosigned.len(),
            self.quorum
        )?;
        for Cosigned { by, unix_s } in cosigned {
            writeln!(f, "           {by} at {}", utc(*unix_s))?;
        }
        if cosigned_size < size && self.quorum > 0 {
            writeln!(
                f,
                "           the quorum covers the first {cosigned_size} entries"
            )?;
        }
        let Counts {
            entries,
            tiles,
            blobs,
            blob_bytes,
            deleted,
            signatures,
        } = &self.counts;
        writeln!(
            f,
            "checked    {tiles} files of the log, {blobs} files of evidence ({blob_bytes} bytes)"
        )?;
        writeln!(
            f,
            "           {signatures} officers' signatures; media deleted by procedure: {deleted}"
        )?;
        let kinds: Vec<String> = entries
            .iter()
            .map(|(kind, n)| format!("{n} {kind}"))
            .collect();
        if !kinds.is_empty() {
            writeln!(f, "           {}", kinds.join(", "))?;
        }
        Ok(())
    }

    fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nFindings:")?;
        for line in &self.findings {
            writeln!(f, "  {} (entry {}): {}", line.id, line.index, line.standing)?;
            let beside = !matches!(line.standing, Standing::Dissented { .. });
            if beside && !line.dissents.is_empty() {
                let who: Vec<String> = line.dissents.iter().map(ToString::to_string).collect();
                writeln!(f, "      dissent beside it: {}", who.join(", "))?;
            }
        }
        Ok(())
    }

    fn write_reports(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reports.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nReports:")?;
        for line in &self.reports {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }

    fn write_keys(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.keys.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nKeys relied on:")?;
        for TrustedKey {
            role,
            vkey,
            fingerprint,
            given,
        } in &self.keys
        {
            let name = vkey.split('+').next().unwrap_or_default();
            let whence = if *given {
                "given"
            } else {
                "FROM THE COPY ITSELF"
            };
            writeln!(f, "  {role:<8} {name}\n           {fingerprint}  {whence}")?;
        }
        if self.keys.iter().any(|key| !key.given) {
            f.write_str(
                "\nThe keys marked «from the copy itself» prove only that the copy agrees with itself. Compare\n\
                 their fingerprints with those that each state published, or give the keys with --vkey.\n",
            )?;
        }
        Ok(())
    }
}
