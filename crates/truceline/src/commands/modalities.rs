//! `truceline modalities`: the procedures' way from a draft to being in force.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use truceline_agreement::{Documents, File};
use truceline_domain::{Observed, Sha256};
use truceline_mandate::modalities::{Statement, Step};
use truceline_record::SignerKey;
use truceline_record::deed::MODALITY;
use truceline_service::{Centre, clock};

use super::deeds;
use crate::args::{Modalities, ModalityStep, OnText};

pub(crate) fn run(args: &Modalities, json: bool) -> anyhow::Result<bool> {
    let Some(step) = &args.step else {
        return show(args, json);
    };
    match step {
        ModalityStep::Draft { centre, key, file } => {
            let key = SignerKey::load(key)?;
            let make = |version, text_sha256| Statement {
                version,
                text_sha256,
                step: Step::Draft,
            };
            with_text(&centre.dir, file, &key, make, "drafted", json)
        }
        ModalityStep::Agree(on) => take(on, |_| Step::Agree, json),
        ModalityStep::Submit(on) => take(on, |_| Step::Submit, json),
        ModalityStep::Approve {
            on,
            from,
            changed: Some(changed),
            remarks: Some(remarks),
            ..
        } => approve_changed(on, *from, changed, remarks, json),
        ModalityStep::Approve {
            on,
            from,
            reference,
            ..
        } => take(
            on,
            |own_from| Step::Approve {
                from: from.unwrap_or(own_from),
                reference: reference.clone(),
            },
            json,
        ),
        ModalityStep::Return { on, remarks } => {
            let remarks = remarks.clone();
            take(on, |_| Step::Return { remarks }, json)
        }
        ModalityStep::Suspend { on, why } => {
            let why = why.clone();
            take(on, |_| Step::Suspend { why }, json)
        }
        ModalityStep::Resume { on, why } => {
            let why = why.clone();
            take(on, |_| Step::Resume { why }, json)
        }
    }
}

/// `false` when none are in force.
fn show(args: &Modalities, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir()?)?;
    let now = || Observed::from(clock::recorded().timestamp());
    let board = centre.modalities(args.at.unwrap_or_else(now));
    if json {
        println!("{}", serde_json::to_string(&board)?);
        return Ok(board.in_force.is_some());
    }
    for standing in &board.versions {
        let version = &standing.version;
        println!(
            "version {} ({}): {}",
            version.version, version.title, standing.standing
        );
        println!("  text {}", version.text_sha256);
        for step in &version.steps {
            let who: Vec<_> = step.by.iter().map(ToString::to_string).collect();
            println!(
                "  {}  {} by {}, entry {}",
                step.at,
                step.step.word(),
                who.join(" and "),
                step.entry
            );
        }
    }
    if let Some(why) = &board.why_not {
        println!("{why}");
    }
    Ok(board.in_force.is_some())
}

/// Takes a step on a text of the record; `step` is made of the start that the text gives itself.
fn take(on: &OnText, step: impl FnOnce(Observed) -> Step, json: bool) -> anyhow::Result<bool> {
    let route = |s: &Statement| format!("/api/modalities/{}/steps", s.version);
    let make = |centre: &Centre| {
        let (version, text_sha256, from) = text(on, centre)?;
        Ok(Statement {
            version,
            text_sha256,
            step: step(from),
        })
    };
    let (statement, entry) = deeds::record(&on.centre.dir, MODALITY, &on.key, route, make)?;
    tell(
        &on.centre.dir,
        statement.version,
        statement.step.word(),
        entry,
        json,
    )
}

fn tell(dir: &Path, version: u32, word: &str, entry: u64, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(dir)?;
    let board = centre.modalities(Observed::from(clock::recorded().timestamp()));
    let standing = board.versions.iter().find(|s| s.version.version == version);
    let standing = standing.map_or("", |s| s.standing.as_str());
    if json {
        println!(
            "{}",
            json!({"version": version, "step": word, "entry": entry, "standing": standing})
        );
    } else {
        println!("version {version}: {word}, entry {entry}; it is {standing}");
    }
    Ok(true)
}

/// The version, hash and own start of the text that a step is on.
fn text(on: &OnText, centre: &Centre) -> anyhow::Result<(u32, Sha256, Observed)> {
    let procedures = &centre.documents().parsed().procedures;
    let of_file = on.text.as_deref().map(of_file).transpose()?;
    let version = on.version.or(of_file.map(|(version, _)| version));
    let known = match version {
        Some(version) => procedures.iter().find(|p| p.version == version),
        None => procedures.iter().max_by_key(|p| p.version),
    };
    let known = known.context("the record has no such version of the procedures")?;
    let sha256 = of_file.map_or(known.text_sha256, |(_, sha256)| sha256);
    Ok((known.version, sha256, known.from))
}

/// The version and the hash of the text in a file.
fn of_file(path: &Path) -> anyhow::Result<(u32, Sha256)> {
    let bytes = std::fs::read(path).with_context(|| format!("{}", path.display()))?;
    let name = path.display().to_string();
    let (documents, _) = Documents::read(&[File::new(&name, &bytes)]);
    let read = documents.procedures.first();
    let read = read.with_context(|| format!("{name} holds no procedures that can be read"))?;
    Ok((read.version, read.text_sha256))
}

fn approve_changed(
    on: &OnText,
    from: Option<Observed>,
    changed: &Path,
    remarks: &str,
    json: bool,
) -> anyhow::Result<bool> {
    let centre = super::read(&on.centre.dir)?;
    let (version, text_sha256, own_from) = text(on, &centre)?;
    drop(centre);
    let key = on.key.first().context("no --key")?;
    let key = SignerKey::load(key)?;
    let make = |changed_version, changed_sha256| Statement {
        version,
        text_sha256,
        step: Step::ApproveWithChanges {
            from: from.unwrap_or(own_from),
            remarks: remarks.to_owned(),
            changed_version,
            changed_sha256,
        },
    };
    with_text(
        &on.centre.dir,
        changed,
        &key,
        make,
        "approved in place of it",
        json,
    )
}

/// Enters a text with the step that brings it.
fn with_text(
    dir: &Path,
    file: &Path,
    key: &SignerKey,
    make: impl FnOnce(u32, Sha256) -> Statement,
    word: &str,
    json: bool,
) -> anyhow::Result<bool> {
    let mut centre = super::open(dir)?;
    let (version, text_sha256) = centre.step_with_text(file, key, make)?;
    super::sign::tell_witnesses(&centre);
    if json {
        println!(
            "{}",
            json!({"version": version, "text_sha256": text_sha256})
        );
    } else {
        println!("version {version}: {word}, text {text_sha256}");
    }
    Ok(true)
}
