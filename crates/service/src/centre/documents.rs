//! The centre's documents as the record has them: every version that entered, parsed, and what they
//! say at an instant. The files in `documents/` are for people; they decide nothing.

use std::fs;
use std::path::Path;

use truceline_agreement::{Documents as Parsed, Fault, Faults, File, Theatre};
use truceline_domain::{Observed, Sha256, TheatreId};
use truceline_mandate::modalities::{Modalities, Statement};
use truceline_mandate::{Refusal, Signer};
use truceline_record::bodies::DocumentBody;
use truceline_record::deed::{Deed, MODALITY};
use truceline_record::signature::SendingStates;
use truceline_record::{Draft, Entry, Record, SignerKey};
use truceline_store::TheatreRow;

use crate::error::io;
use crate::{Centre, CentreError};

/// A document's file: its path within the theatre's folder, with `/`, and its bytes.
#[derive(Debug, Clone)]
pub struct Named {
    /// The path.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// All documents in the record.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    files: Vec<Named>,
    parsed: Parsed,
    modalities: Modalities,
}

/// The kind of the entry that holds the verifier keys: recorded, so that a change of keys is seen.
const VKEYS: &str = "vkeys";

impl Documents {
    /// Takes a document's entry. A later map takes the place of the earlier one of that path (its
    /// features carry their dates); a later text is one more version.
    pub(super) fn take(
        &mut self,
        record: &Record,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        let body: DocumentBody = entry.body_as()?;
        if body.kind == VKEYS {
            return Ok(());
        }
        let file = Named {
            path: body.path,
            bytes: record.blob(&body.sha256)?,
        };
        self.files = with(std::mem::take(&mut self.files), file);
        let (parsed, faults) = Parsed::read(&borrowed(&self.files));
        for fault in faults.iter().filter(|fault| fault.is_error()) {
            // It was whole when it was entered; a document can be wrong for a moment while several
            // are entered one after another.
            tracing::debug!(index, %fault, "a document in the record");
        }
        self.parsed = parsed;
        self.parsed
            .procedures
            .iter()
            .for_each(|p| self.modalities.enter(p));
        self.decide();
        Ok(())
    }

    /// Takes a step of the procedures.
    pub(super) fn step(
        &mut self,
        index: u64,
        at: Observed,
        statement: &Statement,
        signers: &[Signer],
    ) -> Result<(), Refusal> {
        self.modalities.take(index, at, statement, signers)?;
        self.decide();
        Ok(())
    }

    /// What the steps in the record say counts, not what a document says of itself.
    fn decide(&mut self) {
        for procedures in &mut self.parsed.procedures {
            let (version, text) = (procedures.version, procedures.text_sha256);
            procedures.decided = Some(self.modalities.spans(version, text));
        }
    }

    /// The text of procedures by its hash, without their approval.
    #[must_use]
    pub fn text(&self, text_sha256: Sha256) -> Option<String> {
        let known = self.parsed.procedures.iter();
        let known = known.clone().find(|p| p.text_sha256 == text_sha256)?;
        let mut files = self.files.iter();
        let file = files.find(|file| Sha256::of(&file.bytes) == known.sha256)?;
        let text = String::from_utf8(file.bytes.clone()).ok()?;
        let before = text
            .split_once("```approval")
            .map(|(before, _)| before.to_owned());
        Some(before.unwrap_or(text))
    }

    /// The steps that the procedures have taken.
    #[must_use]
    pub fn modalities(&self) -> &Modalities {
        &self.modalities
    }

    /// The article around a line of a document: its heading and its text, without the fenced blocks.
    #[must_use]
    pub fn article(&self, sha256: &Sha256, line: usize) -> (String, String) {
        let file = self
            .files
            .iter()
            .find(|file| Sha256::of(&file.bytes) == *sha256);
        let text = file
            .map(|file| String::from_utf8_lossy(&file.bytes))
            .unwrap_or_default();
        let (mut title, mut prose, mut fenced) = (String::new(), Vec::new(), false);
        for (n, row) in text.lines().enumerate() {
            if row.starts_with("```") {
                fenced = !fenced;
            } else if !fenced && row.starts_with('#') {
                if n >= line {
                    break;
                }
                title = row.trim_start_matches('#').trim().to_owned();
                prose.clear();
            } else if !fenced {
                prose.push(row);
            }
        }
        (title, prose.join("\n").trim().to_owned())
    }

    /// What they say.
    #[must_use]
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// The theatre's geometry.
    #[must_use]
    pub fn theatre(&self) -> Option<&Theatre> {
        self.parsed.theatre.as_ref()
    }

    /// The procedures in force at an instant: their hash and the states whose keys determine.
    #[must_use]
    pub fn procedures_at(&self, at: Observed) -> Option<(Sha256, SendingStates)> {
        let procedures = self.parsed.procedures_at(at)?;
        let [a, b] = procedures.sending_states.as_slice() else {
            return None;
        };
        Some((
            procedures.sha256,
            SendingStates::new(a.id.as_str(), b.id.as_str()).ok()?,
        ))
    }

    /// How many witnesses must cosign: by the procedures in force at an instant, or by the latest
    /// when none are in force any more.
    #[must_use]
    pub fn witness_quorum(&self, at: Observed) -> usize {
        let latest = || self.parsed.procedures.iter().max_by_key(|p| p.version);
        self.parsed
            .procedures_at(at)
            .or_else(latest)
            .map_or(0, |p| p.quorum.witnesses as usize)
    }

    /// The theatre's id, by the documents.
    pub(super) fn theatre_id(&self) -> Result<TheatreId, CentreError> {
        let agreements = self.parsed.agreements.iter().map(|a| &a.theatre);
        let id = agreements
            .chain(self.parsed.procedures.iter().map(|p| &p.theatre))
            .next();
        id.cloned().ok_or_else(|| {
            CentreError::Refused("no agreement and no procedures name a theatre".to_owned())
        })
    }

    /// The sending states and the host, by the latest procedures.
    pub(super) fn states(&self) -> (Vec<String>, Option<String>) {
        match self.parsed.procedures.iter().max_by_key(|p| p.version) {
            Some(p) => {
                let sending = p.sending_states.iter().map(|s| s.id.to_string()).collect();
                (sending, Some(p.host.id.to_string()))
            }
            None => (Vec::new(), None),
        }
    }

    /// What kind of document a file is, and its version, as it says itself.
    pub(super) fn kind_and_version(&self, file: &Named) -> (String, String) {
        let sha256 = Sha256::of(&file.bytes);
        if let Some(kind) = map_kind(&file.path) {
            return (kind.to_owned(), "1".to_owned());
        }
        if let Some(p) = self.parsed.procedures.iter().find(|p| p.sha256 == sha256) {
            return ("procedures".to_owned(), p.version.to_string());
        }
        match self.parsed.agreements.iter().find(|a| a.sha256 == sha256) {
            Some(a) => ("agreement".to_owned(), a.version.to_string()),
            None => ("mandate".to_owned(), "1".to_owned()),
        }
    }

    /// The theatre's features as rows of the store.
    pub(super) fn theatre_rows(&self) -> Vec<TheatreRow> {
        self.theatre()
            .map(super::theatre_rows::rows)
            .unwrap_or_default()
    }
}

impl Centre {
    /// Enters new versions of documents; tells what was entered.
    ///
    /// # Errors
    /// When a file cannot be read, or the documents with it have a fault that those without it have
    /// not. Nothing is recorded then.
    pub fn amend(&mut self, files: &[std::path::PathBuf]) -> Result<Vec<String>, CentreError> {
        let amendment = self.amendment(files)?;
        self.enter_documents(amendment.drafts, &amendment.files)?;
        Ok(amendment.told)
    }

    fn enter_documents(&mut self, drafts: Vec<Draft>, files: &[Named]) -> Result<(), CentreError> {
        self.record.append_all(drafts)?;
        for file in files {
            super::create::keep_copy(&self.dir, file)?;
        }
        self.catch_up().map(drop)
    }

    /// Enters a text of the procedures together with the step that brings it, which `step` makes of its
    /// version and the hash of its text; returns these two.
    ///
    /// # Errors
    /// As [`Self::amend`], and when the file holds no procedures or the step is refused. Nothing is
    /// recorded then.
    pub fn step_with_text(
        &mut self,
        file: &Path,
        key: &SignerKey,
        step: impl FnOnce(u32, Sha256) -> Statement,
    ) -> Result<(u32, Sha256), CentreError> {
        let Amendment {
            mut drafts,
            documents,
            files,
            ..
        } = self.amendment(&[file.to_path_buf()])?;
        let sha256 = files.first().map(|file| Sha256::of(&file.bytes));
        let mut texts = documents.parsed.procedures.iter();
        let drafted = texts.find(|p| Some(p.sha256) == sha256).ok_or_else(|| {
            CentreError::Refused(format!("{} holds no `procedures` block", file.display()))
        })?;
        let (version, text_sha256) = (drafted.version, drafted.text_sha256);
        let statement = step(version, text_sha256);
        let refused = |e: &dyn std::fmt::Display| CentreError::Refused(e.to_string());
        let deed = Deed::of(&statement).map_err(|e| refused(&e))?;
        let deed = deed.signed(MODALITY, &self.config.origin, key);
        let deed = deed.map_err(|e| refused(&e))?;
        let entry = deed.draft(MODALITY, &self.config.theatre, key.name())?;
        // Held against the rules as if its text were in the record already.
        let mut trial = self.documents.clone();
        trial.modalities.enter(drafted);
        let size = self.record.log()?.size();
        let stamped = entry.clone().stamped(crate::clock::recorded());
        self.deeds.clone().take(
            size,
            &stamped,
            (&self.record.vkeys()?, self.desk.people()),
            &mut trial,
        )?;
        drafts.push(entry);
        self.enter_documents(drafts, &files)?;
        Ok((version, text_sha256))
    }

    fn amendment(&self, files: &[std::path::PathBuf]) -> Result<Amendment, CentreError> {
        let mut all = self.documents.files.clone();
        let mut new = Vec::new();
        for path in files {
            let bytes = fs::read(path).map_err(io("reading", path))?;
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let path = if map_kind(&name).is_some() {
                format!("theatre/{name}")
            } else {
                name
            };
            let file = Named { path, bytes };
            if all.iter().any(|known| known.bytes == file.bytes) {
                return Err(CentreError::Refused(format!(
                    "{} is in the record already",
                    file.path
                )));
            }
            all = with(all, file.clone());
            new.push(file);
        }
        let documents = checked(&all)?;
        let (theatre, origin) = (&self.config.theatre, &self.config.origin);
        let mut drafts = Vec::new();
        let mut told = Vec::new();
        for file in &new {
            let (kind, version) = documents.kind_and_version(file);
            drafts.push(super::create::draft(
                &self.record,
                theatre,
                origin,
                &kind,
                &version,
                file,
            )?);
            told.push(format!("{kind} version {version}: {}", file.path));
        }
        Ok(Amendment {
            drafts,
            told,
            documents,
            files: new,
        })
    }

    /// The procedures that rule now: those in force, or the latest when none are any more.
    pub(super) fn procedures_now(&self) -> Result<(Sha256, SendingStates), CentreError> {
        let now = Observed::from(crate::clock::recorded().timestamp());
        let parsed = self.documents.parsed();
        let latest = parsed
            .procedures
            .iter()
            .filter_map(|p| p.in_force_from())
            .max();
        self.documents
            .procedures_at(now)
            .or_else(|| self.documents.procedures_at(latest?))
            .ok_or_else(|| CentreError::Refused("no procedures have ever been in force".to_owned()))
    }
}

/// New versions of documents that have no fault beside those that are there.
struct Amendment {
    /// Their entries.
    drafts: Vec<Draft>,
    /// What they are, for people.
    told: Vec<String>,
    /// All documents with them.
    documents: Documents,
    files: Vec<Named>,
}

/// Of a map the kind of its document: GeoJSON features, or the terrain as a GeoTIFF. Maps have no
/// versions: a later one takes the earlier one's place.
fn map_kind(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "geojson" => Some("geometry"),
        "tif" | "tiff" => Some("terrain"),
        _ => None,
    }
}

/// The files with one more, which takes the place of a map of the same path.
fn with(mut files: Vec<Named>, file: Named) -> Vec<Named> {
    if map_kind(&file.path).is_some() {
        files.retain(|known| known.path != file.path);
    }
    files.push(file);
    files
}

fn borrowed(files: &[Named]) -> Vec<File<'_>> {
    files
        .iter()
        .map(|file| File::new(&file.path, &file.bytes))
        .collect()
}

/// Parses documents and refuses them when they have errors.
///
/// # Errors
/// All faults, each with file, line and what was expected.
pub fn checked(files: &[Named]) -> Result<Documents, CentreError> {
    let parsed = Parsed::parse(&borrowed(files))?;
    Ok(Documents {
        files: files.to_vec(),
        parsed,
        modalities: Modalities::default(),
    })
}

/// All faults of documents, errors and notes.
#[must_use]
pub fn faults(files: &[Named]) -> Vec<Fault> {
    Parsed::read(&borrowed(files)).1
}

/// The documents in a theatre's folder: `*.md` but `README.md` and `SOURCE.md`, and
/// `theatre/*.geojson` and `theatre/*.tif`, in order of their names.
///
/// # Errors
/// When the folder or a file cannot be read, or there is none.
pub fn read_theatre(dir: &Path) -> Result<Vec<Named>, CentreError> {
    let mut files = Vec::new();
    for (folder, ending) in [("", "md"), ("theatre", "geojson"), ("theatre", "tif")] {
        let path = dir.join(folder);
        let inside = fs::read_dir(&path).map_err(io("reading the theatre's folder", &path))?;
        for entry in inside {
            let path = entry
                .map_err(io("reading the theatre's folder", &path))?
                .path();
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let ends = path.extension().is_some_and(|e| e == ending);
            if !ends || matches!(name.as_str(), "README.md" | "SOURCE.md") {
                continue;
            }
            let bytes = fs::read(&path).map_err(io("reading", &path))?;
            let separator = if folder.is_empty() { "" } else { "/" };
            files.push(Named {
                path: format!("{folder}{separator}{name}"),
                bytes,
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() {
        let why = "no agreement.md and no theatre/*.geojson in the folder";
        return Err(Faults(vec![Fault::error(
            &dir.display().to_string(),
            1,
            why,
            "a theatre's folder",
        )])
        .into());
    }
    Ok(files)
}
