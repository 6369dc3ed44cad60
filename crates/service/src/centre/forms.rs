//! Filled forms as devices send them: kept until all their files are there, then recorded once.
//!
//! A device may send one submission in several parts: the answers and some files, then the answers again
//! and the other files (OpenRosa 1.0, Form Submission API). What came of a submission that is not whole
//! waits in `forms/<SHA-256 of its instanceID>/`; nothing of it is in the record. When the last file is there,
//! the files' bytes go into the record, then an entry `attachment` for each, then the submission itself as a
//! segment and its report, which cites the files' hashes. If we die between, the device was told nothing and
//! sends again: what is recorded already is not recorded again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use truceline_domain::{FeedId, ObservationId, Sha256, SourceId};
use truceline_intake::Format;
use truceline_intake::report::{Named, Submission};
use truceline_record::bodies::{ATTACHMENT, AttachmentBody};
use truceline_record::{Draft, Entry};
use truceline_report::{FORM_ID, Form};

use crate::error::io;
use crate::intake::Input;
use crate::{Centre, CentreError};

/// The feed that filled forms belong to.
const FEED: &str = "forms";
/// So many submissions may wait for files at once.
const MAX_WAITING: usize = 256;
/// And so many files come with one.
const MAX_FILES: usize = 16;

/// A file that came with a submission.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its name, as the answers name it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What taking a submission came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It is recorded.
    Recorded,
    /// It was recorded before; nothing was changed.
    Before,
    /// These files have still to come.
    Waits(Vec<String>),
}

/// Why a submission is not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It is no answer to the form.
    #[error("{0}")]
    Submission(String),
    /// A file is not what the question asks for.
    #[error("{0}")]
    File(String),
    /// One of that name came before, and says otherwise.
    #[error("{0} came before with other answers; a changed form is a new submission")]
    Other(ObservationId),
    /// Too many wait already.
    #[error("{MAX_WAITING} submissions wait for files already")]
    Full,
    /// The record or the disk refuses.
    #[error(transparent)]
    Centre(#[from] CentreError),
}

/// The files that came with reports.
#[derive(Debug, Clone, Default)]
pub struct Attachments(BTreeMap<ObservationId, Vec<AttachmentBody>>);

impl Attachments {
    /// Takes the entry of one.
    pub(super) fn take(&mut self, entry: &Entry) -> Result<(), CentreError> {
        let body: AttachmentBody = entry.body_as()?;
        let of = self.0.entry(body.observation.clone()).or_default();
        if !of.contains(&body) {
            of.push(body);
        }
        Ok(())
    }

    /// Those of a report.
    #[must_use]
    pub fn of(&self, observation: &ObservationId) -> &[AttachmentBody] {
        self.0.get(observation).map_or(&[], Vec::as_slice)
    }

    /// The one with these bytes.
    #[must_use]
    pub fn with(&self, sha256: &Sha256) -> Option<&AttachmentBody> {
        self.0.values().flatten().find(|a| a.sha256 == *sha256)
    }
}

/// What waits for files, as it lies on the disk beside them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    /// SHA-256 of the answers.
    answers: Option<Sha256>,
    /// The files that came, by their names.
    files: BTreeMap<String, Sha256>,
}

impl Centre {
    /// The mission's form, for the posts and in the languages of the documents in the record.
    #[must_use]
    pub fn form(&self) -> Form {
        let documents = self.documents.parsed();
        let procedures = documents.procedures.iter().max_by_key(|p| p.version);
        // A language that the program has no words for is left to those who translate the form.
        let codes = procedures.map_or(&[][..], |p| &p.languages).iter();
        let languages: Vec<_> = codes.filter_map(|code| code.parse().ok()).collect();
        let posts = self.documents.theatre().map_or(&[][..], |t| &t.posts);
        let observers: Vec<String> = posts.iter().map(|p| p.id.to_string()).collect();
        Form::new(&languages, &observers)
    }

    /// The files that came with reports.
    #[must_use]
    pub fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// Takes a submission of a device, or a part of one: its answers and some of its files.
    ///
    /// # Errors
    /// [`NotTaken`] says what is wrong with it; nothing is recorded or kept then.
    pub fn submit(
        &mut self,
        device: &str,
        answers: &[u8],
        sent: Vec<Sent>,
    ) -> Result<Submitted, NotTaken> {
        let feed = FeedId::new(FEED).map_err(|e| NotTaken::Submission(e.to_string()))?;
        let source = SourceId::new(device).map_err(|e| NotTaken::Submission(e.to_string()))?;
        let submission = Submission::read(answers, &source).map_err(NotTaken::Submission)?;
        if submission.form.as_deref() != Some(FORM_ID) {
            let form = submission.form.unwrap_or_default();
            let why = format!("an answer to the form {form:?}; this centre has {FORM_ID:?}");
            return Err(NotTaken::Submission(why));
        }
        let asked = files_asked(&submission.files)?;
        for file in &sent {
            let question = asked.get(file.name.as_str()).ok_or_else(|| {
                NotTaken::File(format!("no answer names the file {:?}", file.name))
            })?;
            media_type(question, file)?;
        }
        let id = submission.observation.id.clone();
        if self.is_recorded(&submission, &id)? {
            return Ok(Submitted::Before);
        }
        let folder = self.waiting_folder(&id);
        let waiting = keep(&folder, answers, &sent, &id)?;
        let missing: Vec<String> = asked
            .keys()
            .filter(|name| !waiting.files.contains_key(**name))
            .map(|name| (*name).to_owned())
            .collect();
        if !missing.is_empty() {
            return Ok(Submitted::Waits(missing));
        }
        let attached = self.attach(&feed, &id, &submission.files, &folder, &waiting)?;
        self.catch_up()?;
        let name = format!("the submission {id}");
        let taken = self.take_in(
            Input {
                name: &name,
                reader: &mut Cursor::new(answers),
                feed,
                source,
                format: Some(Format::Report),
                attached,
            },
            &mut |_| {},
        )?;
        if taken.observations != 1 {
            // It was read above by the same rules, so this is a fault of the program.
            let why = taken.faults.join("; ");
            return Err(NotTaken::Submission(format!("it was set aside: {why}")));
        }
        fs::remove_dir_all(&folder).map_err(io("removing", &folder))?;
        Ok(Submitted::Recorded)
    }

    /// Whether this submission is in the record. One that says otherwise under the same name is refused.
    fn is_recorded(&self, submission: &Submission, id: &ObservationId) -> Result<bool, NotTaken> {
        let stored = self
            .store
            .observation(id.as_str())
            .map_err(CentreError::from)?;
        let Some((_, mut stored)) = stored else {
            return Ok(false);
        };
        let mut now = serde_json::to_value(&submission.observation).unwrap_or_default();
        for value in [&mut stored, &mut now] {
            if let Some(members) = value.as_object_mut() {
                members.remove("received");
                members.remove("attachments");
            }
        }
        if stored == now {
            Ok(true)
        } else {
            Err(NotTaken::Other(id.clone()))
        }
    }

    fn waiting_folder(&self, id: &ObservationId) -> PathBuf {
        let name = Sha256::of(id.as_str().as_bytes()).to_string();
        self.dir.join("forms").join(name)
    }

    /// Puts the files that wait into the record; returns their hashes in the order of the answers.
    fn attach(
        &mut self,
        feed: &FeedId,
        id: &ObservationId,
        named: &[Named],
        folder: &std::path::Path,
        waiting: &Waiting,
    ) -> Result<Vec<Sha256>, NotTaken> {
        let (mut drafts, mut attached) = (Vec::new(), Vec::new());
        for Named { question, name } in named {
            let Some(sha256) = waiting.files.get(name) else {
                continue;
            };
            let path = folder.join(sha256.to_string());
            let file = Sent {
                name: name.clone(),
                bytes: fs::read(&path).map_err(io("reading", &path))?,
            };
            let body = AttachmentBody {
                feed: feed.clone(),
                observation: id.clone(),
                media_type: media_type(question, &file)?.to_owned(),
                sha256: Sha256::of(&file.bytes),
                bytes: file.bytes.len() as u64,
                name: file.name,
            };
            attached.push(body.sha256);
            if self.attachments.of(id).contains(&body) {
                continue;
            }
            let stored = self.record.put_blob(&file.bytes);
            stored.map_err(CentreError::from)?;
            let theatre = &self.config.theatre;
            let draft = Draft::new(ATTACHMENT, theatre, feed.as_str(), &body);
            drafts.push(draft.map_err(CentreError::from)?);
        }
        self.record.append_all(drafts).map_err(CentreError::from)?;
        Ok(attached)
    }
}

/// The files that the answers name, each with its question.
fn files_asked(named: &[Named]) -> Result<BTreeMap<&str, &str>, NotTaken> {
    if named.len() > MAX_FILES {
        let why = format!(
            "{} files, at most {MAX_FILES} come with one report",
            named.len()
        );
        return Err(NotTaken::File(why));
    }
    let distinct: BTreeSet<_> = named.iter().map(|n| n.name.as_str()).collect();
    if distinct.len() < named.len() {
        return Err(NotTaken::File("two answers name one file".to_owned()));
    }
    Ok(named
        .iter()
        .map(|n| (n.name.as_str(), n.question.as_str()))
        .collect())
}

/// Keeps what came of a submission beside what came before.
fn keep(
    folder: &std::path::Path,
    answers: &[u8],
    sent: &[Sent],
    id: &ObservationId,
) -> Result<Waiting, NotTaken> {
    let index = folder.join("waiting.json");
    let mut waiting = match fs::read(&index) {
        Ok(bytes) => serde_json::from_slice::<Waiting>(&bytes).unwrap_or_default(),
        Err(_) => {
            let beside = folder.parent().and_then(|all| fs::read_dir(all).ok());
            if beside.is_some_and(|all| all.count() >= MAX_WAITING) {
                return Err(NotTaken::Full);
            }
            Waiting::default()
        }
    };
    let sha256 = Sha256::of(answers);
    if *waiting.answers.get_or_insert(sha256) != sha256 {
        return Err(NotTaken::Other(id.clone()));
    }
    fs::create_dir_all(folder).map_err(io("making", folder))?;
    for file in sent {
        let sha256 = Sha256::of(&file.bytes);
        write_whole(&folder.join(sha256.to_string()), &file.bytes)?;
        waiting.files.insert(file.name.clone(), sha256);
    }
    let text = serde_json::to_vec(&waiting).unwrap_or_default();
    // Last: what it names is there.
    write_whole(&index, &text)?;
    Ok(waiting)
}

/// Writes a file that is there whole or not at all, also after a power cut.
fn write_whole(path: &std::path::Path, bytes: &[u8]) -> Result<(), CentreError> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io("writing", path))?;
    file.write_all(bytes).map_err(io("writing", path))?;
    file.as_file().sync_all().map_err(io("syncing", path))?;
    file.persist(path).map_err(|e| CentreError::Io {
        doing: "writing",
        path: path.to_owned(),
        source: e.error,
    })?;
    Ok(())
}

/// What a file is, as its first bytes say; refused when the question asks for something else. Names and
/// what a device calls it are not believed.
fn media_type(question: &str, file: &Sent) -> Result<&'static str, NotTaken> {
    let bytes = file.bytes.as_slice();
    let at = |from: usize, mark: &[u8]| bytes.get(from..).is_some_and(|b| b.starts_with(mark));
    let picture = match () {
        () if at(0, b"\xff\xd8\xff") => Some("image/jpeg"),
        () if at(0, b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        () if at(0, b"RIFF") && at(8, b"WEBP") => Some("image/webp"),
        () => None,
    };
    let sound = match () {
        () if at(4, b"ftyp") => Some("audio/mp4"),
        () if at(0, b"#!AMR") => Some("audio/amr"),
        () if at(0, b"OggS") => Some("audio/ogg"),
        () if at(0, b"RIFF") && at(8, b"WAVE") => Some("audio/wav"),
        () if at(0, b"ID3") || at(0, b"\xff\xfb") || at(0, b"\xff\xf3") => Some("audio/mpeg"),
        () => None,
    };
    let (found, expected) = if question.eq_ignore_ascii_case("audio") {
        (sound, "a sound (M4A, AMR, Ogg, WAV, MP3)")
    } else {
        (picture, "a picture (JPEG, PNG, WebP)")
    };
    found.ok_or_else(|| NotTaken::File(format!("{:?} is not {expected}", file.name)))
}
