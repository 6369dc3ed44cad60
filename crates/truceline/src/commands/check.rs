//! `truceline check`: documents, theatres, configuration.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use truceline_agreement::Fault;
use truceline_service::centre::documents::{Named, faults, read_theatre};
use truceline_service::{Config, config};

use crate::args::Check;

pub(crate) fn run(args: &Check, json: bool) -> anyhow::Result<bool> {
    let mut sound = true;
    let mut checked = 0;
    let mut loose = Vec::new();
    for path in &args.paths {
        match one(path, &mut loose) {
            Ok(found) => {
                checked += 1;
                sound &= tell(&found, json);
            }
            // The other paths are still checked.
            Err(e) => {
                sound = false;
                complain(
                    &format!("{}: {}", path.display(), crate::tell::why(&e)),
                    json,
                );
            }
        }
    }
    if !loose.is_empty() {
        // Files named one by one are held against each other.
        sound &= tell(&faults(&loose), json);
    }
    if sound && !json {
        println!("{checked} checked: no errors");
    }
    Ok(sound)
}

fn one(path: &Path, loose: &mut Vec<Named>) -> anyhow::Result<Vec<Fault>> {
    if path.is_dir() {
        return folder(path);
    }
    let name = path.display().to_string();
    match path.extension().and_then(|e| e.to_str()) {
        Some("toml") => {
            let text = std::fs::read_to_string(path).context("cannot be read")?;
            Config::parse(&text, path)?;
            Ok(Vec::new())
        }
        Some("md" | "geojson" | "tif") => {
            let bytes = std::fs::read(path).context("cannot be read")?;
            loose.push(Named { path: name, bytes });
            Ok(Vec::new())
        }
        _ => bail!(
            "expected a folder, a document (.md), geometry (.geojson, .tif) or truceline.toml"
        ),
    }
}

/// A centre's folder (its configuration and the copies of its documents) or a theatre's.
fn folder(dir: &Path) -> anyhow::Result<Vec<Fault>> {
    let is_centre = dir.join(config::FILE).is_file();
    if is_centre {
        Config::load(dir)?;
    }
    let documents = if is_centre {
        dir.join("documents")
    } else {
        dir.to_path_buf()
    };
    let mut files = read_theatre(&documents)?;
    for file in &mut files {
        file.path = documents.join(&file.path).display().to_string();
    }
    Ok(faults(&files))
}

/// Tells faults; `false` when one of them is an error.
fn tell(faults: &[Fault], json: bool) -> bool {
    for fault in faults {
        if json {
            println!(
                "{}",
                json!({"file": fault.file, "line": fault.line, "column": fault.column,
                       "severity": if fault.is_error() { "error" } else { "note" },
                       "what": fault.what, "expected": fault.expected})
            );
        } else {
            println!("{fault}");
        }
    }
    !faults.iter().any(Fault::is_error)
}

fn complain(why: &str, json: bool) {
    if json {
        println!("{}", json!({"severity": "error", "what": why}));
    } else {
        println!("{why}");
    }
}
