//! Several theatres in one centre: a folder within the centre's for each but the first, with a record,
//! keys, a store and a configuration of its own.
//!
//! | in the centre's folder | what |
//! |---|---|
//! | itself | the first theatre, as if there were no other |
//! | `theatres/ID/` | another one, built alike |
//!
//! Nothing that one theatre's folder holds is read for another: what must not leak has no way to. The
//! price is a checkpoint for each that is at work, and a signature for each that asks for one.

use std::path::{Path, PathBuf};

use truceline_domain::TheatreId;
use truceline_record::VerifierKey;

use super::{Created, create};
use crate::config::FILE;
use crate::{CentreError, Config};

/// Where further theatres lie.
const FOLDER: &str = "theatres";

/// The theatres of the centre in `dir` with their folders: the first, then the others by name.
///
/// # Errors
/// When it is no centre, or a theatre's configuration is wrong.
pub fn theatres(dir: &Path) -> Result<Vec<(TheatreId, PathBuf)>, CentreError> {
    let mut all = vec![(Config::load(dir)?.theatre, dir.to_path_buf())];
    let mut further = Vec::new();
    // A centre of one theatre has no such folder.
    for entry in std::fs::read_dir(dir.join(FOLDER)).into_iter().flatten() {
        let Ok(entry) = entry else { continue };
        let folder = entry.path();
        if folder.join(FILE).is_file() {
            further.push((Config::load(&folder)?.theatre, folder));
        }
    }
    further.sort();
    all.extend(further);
    Ok(all)
}

/// The folder of a theatre of the centre in `dir`; the centre's own when none is named.
///
/// # Errors
/// When the centre does not watch it; those it watches are told.
pub fn theatre_folder(dir: &Path, theatre: Option<&TheatreId>) -> Result<PathBuf, CentreError> {
    let Some(theatre) = theatre else {
        return Ok(dir.to_path_buf());
    };
    let all = theatres(dir)?;
    if let Some((_, folder)) = all.iter().find(|(id, _)| id == theatre) {
        return Ok(folder.clone());
    }
    let known: Vec<_> = all.iter().map(|(id, _)| id.as_str()).collect();
    Err(CentreError::Refused(format!(
        "{} does not watch {theatre}; it watches {}",
        dir.display(),
        known.join(", ")
    )))
}

/// Lets the centre in `dir` watch the theatre in `theatre_dir` too. `given` are verifier keys made
/// elsewhere, as for [`create()`]. It listens on the port after the last one.
///
/// # Errors
/// When it is no centre, it watches that theatre already, or as [`create()`].
pub fn add_theatre(
    dir: &Path,
    theatre_dir: &Path,
    origin: Option<&str>,
    given: Vec<VerifierKey>,
) -> Result<(PathBuf, Created), CentreError> {
    let known = theatres(dir)?;
    let documents = super::documents::checked(&super::documents::read_theatre(theatre_dir)?)?;
    let id = documents.theatre_id()?;
    if known.iter().any(|(theatre, _)| *theatre == id) {
        let why = format!("{} watches {id} already", dir.display());
        return Err(CentreError::Refused(why));
    }
    if id.as_str().contains(['/', '\\']) || id.as_str().starts_with('.') {
        let why = format!("the theatre's id {id:?} cannot name a folder");
        return Err(CentreError::Refused(why));
    }
    let folder = dir.join(FOLDER).join(id.as_str());
    let created = create(&folder, theatre_dir, origin, given)?;
    let mut config = Config::load(&folder)?;
    config.listen = next_address(&known)?;
    config.save(&folder)?;
    Ok((folder, created))
}

/// The address after the highest port that the other theatres listen on.
fn next_address(known: &[(TheatreId, PathBuf)]) -> Result<String, CentreError> {
    let mut highest: Option<(String, u16)> = None;
    for (_, folder) in known {
        let listen = Config::load(folder)?.listen;
        let Some((host, port)) = listen.rsplit_once(':') else {
            continue;
        };
        let port = port.parse::<u16>().unwrap_or(0);
        if highest.as_ref().is_none_or(|(_, before)| port > *before) {
            highest = Some((host.to_owned(), port));
        }
    }
    let (host, port) = highest.unwrap_or_else(|| ("127.0.0.1".to_owned(), 7399));
    Ok(format!("{host}:{}", port.saturating_add(1)))
}
