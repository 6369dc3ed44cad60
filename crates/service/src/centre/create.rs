//! Making a centre: folder, keys, record with its documents, configuration.

use std::fs;
use std::path::{Path, PathBuf};

use truceline_agreement::document::Procedures;
use truceline_domain::{PartyId, TheatreId};
use truceline_mandate::modalities::{Statement, Step};
use truceline_record::bodies::{DOCUMENT, DocumentBody};
use truceline_record::deed::{Deed, MODALITY};
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
    /// Versions of the procedures whose steps were taken with the keys made here, as an exercise.
    pub exercise: Vec<u32>,
}

/// Makes a centre in `dir` for the theatre in the folder `theatre_dir`. `given` are verifier keys of
/// officers and witnesses who made theirs elsewhere.
///
/// When all keys are made here it is an exercise: the steps that the procedures' own text says were
/// taken, its signatures and its approval, are taken with these keys. Otherwise the procedures are a
/// draft until those whose keys it takes have taken the steps.
///
/// # Errors
/// When `dir` is not empty, the documents have faults, or a given key fits no role of this origin.
pub fn create(
    dir: &Path,
    theatre_dir: &Path,
    origin: Option<&str>,
    given: Vec<VerifierKey>,
) -> Result<Created, CentreError> {
    make(dir, theatre_dir, origin, given, true)
}

/// The same, with the procedures left a draft whatever their text says.
///
/// # Errors
/// As [`create`].
pub fn create_as_draft(
    dir: &Path,
    theatre_dir: &Path,
    origin: Option<&str>,
    given: Vec<VerifierKey>,
) -> Result<Created, CentreError> {
    make(dir, theatre_dir, origin, given, false)
}

fn make(
    dir: &Path,
    theatre_dir: &Path,
    origin: Option<&str>,
    given: Vec<VerifierKey>,
    exercise: bool,
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
    let made = missing_keys(dir, &origin, &states, host.as_deref(), &given)?;
    let exercise = exercise && given.is_empty();
    let (record, _) = Record::open_writer(&dir.join("record"), &log_key, clock::recorded)?;
    let mut vkeys = record.vkeys()?;
    let public = made.iter().map(|(key, _)| key.verifier().clone());
    for key in given.into_iter().chain(public) {
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
    let mut taken = Vec::new();
    if exercise {
        for procedures in &documents.parsed().procedures {
            let steps = exercise_steps(&origin, &theatre, procedures, &made)?;
            if !steps.is_empty() {
                taken.push(procedures.version);
            }
            drafts.extend(steps);
        }
    }
    record.append_all(drafts)?;
    let config = Config {
        origin: origin.clone(),
        theatre: theatre.clone(),
        listen: "127.0.0.1:7400".to_owned(),
        public_url: None,
        cot_listen: None,
        witnesses: Vec::new(),
        feeds: Vec::new(),
        webhooks: Vec::new(),
        members: Vec::new(),
        gates: Vec::new(),
        form_devices: Vec::new(),
        whereabouts: Vec::new(),
    };
    config.save(dir)?;
    Ok(Created {
        origin,
        theatre,
        vkeys: vkeys.iter().map(|(_, key)| key.clone()).collect(),
        to_hand_over: made.into_iter().map(|(_, path)| path).collect(),
        exercise: taken,
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

/// The steps that procedures say of themselves were taken, by the keys of an exercise: both states
/// agree, one submits, the host approves. None for a text without an approval: that is a draft.
fn exercise_steps(
    origin: &str,
    theatre: &TheatreId,
    procedures: &Procedures,
    made: &[(SignerKey, PathBuf)],
) -> Result<Vec<Draft>, CentreError> {
    let (Some(from), Some(approval)) = (procedures.in_force_from(), &procedures.approval) else {
        return Ok(Vec::new());
    };
    let key_of = |state: &PartyId| {
        let mut keys = made.iter().map(|(key, _)| key);
        keys.find(|key| {
            matches!(Role::of(key.name(), origin), Role::Officer { state: s, .. } if s == state.as_str())
        })
    };
    let approve = Step::Approve {
        from,
        reference: Some(approval.reference.clone()),
    };
    let states = procedures.sending_states.iter().map(|s| &s.id);
    let agreed = states.clone().map(|state| (state, Step::Agree));
    let submitted = states.take(1).map(|state| (state, Step::Submit));
    let mut drafts = Vec::new();
    for (state, step) in agreed
        .chain(submitted)
        .chain([(&procedures.host.id, approve)])
    {
        let Some(key) = key_of(state) else {
            return Ok(Vec::new());
        };
        let statement = Statement {
            version: procedures.version,
            text_sha256: procedures.text_sha256,
            step,
        };
        let refused = |why: String| CentreError::Refused(why);
        let deed = Deed::of(&statement).map_err(|e| refused(e.to_string()))?;
        let deed = deed.signed(MODALITY, origin, key);
        let deed = deed.map_err(|e| refused(e.to_string()))?;
        drafts.push(deed.draft(MODALITY, theatre, key.name())?);
    }
    Ok(drafts)
}

/// Keys for officers of states and for witnesses that brought none: one officer a sending state, one
/// official of the host, one witness of each.
fn missing_keys(
    dir: &Path,
    origin: &str,
    states: &[String],
    host: Option<&str>,
    given: &[VerifierKey],
) -> Result<Vec<(SignerKey, PathBuf)>, CentreError> {
    let roles: Vec<Role> = given
        .iter()
        .map(|key| Role::of(key.name(), origin))
        .collect();
    let officer = |state: &str| -> bool {
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
    if let Some(host) = host.filter(|host| !officer(host)) {
        let name = format!("{origin}/officer/{host}/official");
        wanted.push((name, format!("official-{host}.key"), Algorithm::Ed25519));
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
    let mut made = Vec::new();
    for (name, file, algorithm) in wanted {
        let key = SignerKey::generate(&name, algorithm)?;
        let path = dir.join("keys").join(file);
        key.save(&path)?;
        made.push((key, path));
    }
    Ok(made)
}
