//! Making a centre: folder, keys, record with its documents, configuration.

use std::fs;
use std::path::{Path, PathBuf};

use truceline_domain::TheatreId;
use truceline_record::bodies::{DOCUMENT, DocumentBody};
use truceline_record::{Algorithm, Draft, Record, Role, SignerKey, VerifierKey};

use super::LOG_KEY;
use super::documents::{self, Named};
use crate::error::io;
use crate::{CentreError, Config, clock};

/// What was made.
#[derive(Debug)]
pub struct Created {
    /// The log's origin.
    pub origin: String,
    /// The theatre.
    pub theatre: TheatreId,
    /// All keys, the log's first.
    pub vkeys: Vec<VerifierKey>,
    /// Private keys that were made here for others, to be moved to their owners' machines.
    pub to_hand_over: Vec<PathBuf>,
    /// Documents that entered the record.
    pub documents: Vec<String>,
}

/// Makes a centre in `dir` for the theatre in the folder `theatre_dir`. `given` are verifier keys of
/// officers and witnesses who made theirs elsewhere.
///
/// # Errors
/// When `dir` is not empty, the documents have faults, or a given key fits no role of this origin.
pub fn create(
    dir: &Path,
    theatre_dir: &Path,
    origin: Option<&str>,
    given: Vec<VerifierKey>,
) -> Result<Created, CentreError> {
    let files = documents::read_theatre(theatre_dir)?;
    let documents = documents::checked(&files)?;
    let theatre = documents.theatre_id()?;
    let origin = origin.map_or_else(|| format!("joint-centre.example/{theatre}"), str::to_owned);
    for key in &given {
        if matches!(Role::of(key.name(), &origin), Role::Other | Role::Log) {
            return Err(CentreError::Refused(format!(
                "{} is the key of no officer or witness of {origin}; expected a name like {origin}/officer/STATE/PERSON",
                key.name()
            )));
        }
    }
    empty_folder(dir)?;
    for folder in ["keys", "quarantine", "documents"].map(|name| dir.join(name)) {
        fs::create_dir_all(&folder).map_err(io("making the folder", &folder))?;
    }
    let log_key = SignerKey::generate(&origin, Algorithm::Ed25519)?;
    log_key.save(&dir.join(LOG_KEY))?;
    Record::create(&dir.join("record"), &log_key)?;

    let (states, host) = documents.states();
    let (made, to_hand_over) = missing_keys(dir, &origin, &states, host.as_deref(), &given)?;
    let (record, _) = Record::open_writer(&dir.join("record"), &log_key, clock::recorded)?;
    let mut vkeys = record.vkeys()?;
    for key in given.into_iter().chain(made) {
        vkeys.add(key);
    }
    let path = record.folder().vkeys();
    fs::write(&path, vkeys.to_text()).map_err(io("writing", &path))?;

    let keys = Named {
        path: "vkeys".to_owned(),
        bytes: vkeys.to_text().into_bytes(),
    };
    let mut drafts = vec![draft(&record, &theatre, &origin, "vkeys", "1", &keys)?];
    for file in &files {
        let (kind, version) = documents.kind_and_version(file);
        drafts.push(draft(&record, &theatre, &origin, &kind, &version, file)?);
        keep_copy(dir, file)?;
    }
    record.append_all(drafts)?;
    let config = Config {
        origin: origin.clone(),
        theatre: theatre.clone(),
        listen: "127.0.0.1:7400".to_owned(),
        public_url: None,
        cot_listen: None,
        alert_webhooks: Vec::new(),
        witnesses: Vec::new(),
        feeds: Vec::new(),
    };
    config.save(dir)?;
    Ok(Created {
        origin,
        theatre,
        vkeys: vkeys.iter().map(|(_, key)| key.clone()).collect(),
        to_hand_over,
        documents: files.into_iter().map(|file| file.path).collect(),
    })
}

/// The entry that puts a document into the record, whose bytes are stored first.
pub(super) fn draft(
    record: &Record,
    theatre: &TheatreId,
    by: &str,
    kind: &str,
    version: &str,
    file: &Named,
) -> Result<Draft, CentreError> {
    let stored = record.put_blob(&file.bytes)?;
    let body = DocumentBody {
        kind: kind.to_owned(),
        path: file.path.clone(),
        version: version.to_owned(),
        sha256: stored.sha256,
        bytes: stored.bytes,
    };
    Ok(Draft::new(DOCUMENT, theatre, by, &body)?)
}

/// Keeps the document where people look for it.
pub(super) fn keep_copy(dir: &Path, file: &Named) -> Result<(), CentreError> {
    let path = dir.join("documents").join(&file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io("making the folder", folder))?;
    }
    fs::write(&path, &file.bytes).map_err(io("writing", &path))
}

fn empty_folder(dir: &Path) -> Result<(), CentreError> {
    fs::create_dir_all(dir).map_err(io("making the folder", dir))?;
    let mut inside = fs::read_dir(dir).map_err(io("reading the folder", dir))?;
    match inside.next() {
        None => Ok(()),
        Some(_) => Err(CentreError::Refused(format!(
            "{} is not empty; a centre is made in a folder of its own",
            dir.display()
        ))),
    }
}

/// Keys for officers of states and for witnesses that brought none: one officer a sending state, one
/// witness a sending state and one for the host.
fn missing_keys(
    dir: &Path,
    origin: &str,
    states: &[String],
    host: Option<&str>,
    given: &[VerifierKey],
) -> Result<(Vec<VerifierKey>, Vec<PathBuf>), CentreError> {
    let roles: Vec<Role> = given
        .iter()
        .map(|key| Role::of(key.name(), origin))
        .collect();
    let officer = |state: &str| {
        roles
            .iter()
            .any(|r| matches!(r, Role::Officer { state: s, .. } if s == state))
    };
    let witness = |state: &str| {
        roles
            .iter()
            .any(|r| matches!(r, Role::Witness { state: s } if s == state))
    };
    let mut wanted = Vec::new();
    for state in states.iter().filter(|state| !officer(state)) {
        let name = format!("{origin}/officer/{state}/signing-officer");
        wanted.push((name, format!("officer-{state}.key"), Algorithm::Ed25519));
    }
    for state in states
        .iter()
        .map(String::as_str)
        .chain(host)
        .filter(|state| !witness(state))
    {
        let name = format!("{origin}/witness/{state}");
        wanted.push((
            name,
            format!("witness-{state}.key"),
            Algorithm::CosignatureV1,
        ));
    }
    let (mut keys, mut files) = (Vec::new(), Vec::new());
    for (name, file, algorithm) in wanted {
        let key = SignerKey::generate(&name, algorithm)?;
        let path = dir.join("keys").join(file);
        key.save(&path)?;
        keys.push(key.verifier().clone());
        files.push(path);
    }
    Ok((keys, files))
}
