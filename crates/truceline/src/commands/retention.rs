//! `truceline retention`: holds, releases, deletions, each by officers' keys.

use std::path::PathBuf;

use serde_json::json;
use truceline_record::SignerKey;
use truceline_record::retention::Scope;

use crate::args::RetentionStep;

pub(crate) fn run(step: &RetentionStep, json: bool) -> anyhow::Result<bool> {
    match step {
        RetentionStep::Hold(args) => {
            let mut centre = super::open(&args.centre.dir)?;
            let scope = if args.sha256.is_empty() {
                Scope::Everything
            } else {
                Scope::Blobs(args.sha256.clone())
            };
            let name = centre.hold(scope, &args.why, &load(&args.key)?)?;
            super::sign::tell_witnesses(&centre);
            tell(json, json!({"hold": name}), &format!("held: {name}"));
        }
        RetentionStep::Release(args) => {
            let mut centre = super::open(&args.centre.dir)?;
            centre.release(&args.hold, &args.why, &load(&args.key)?)?;
            super::sign::tell_witnesses(&centre);
            tell(
                json,
                json!({"released": args.hold}),
                &format!("released: {}", args.hold),
            );
        }
        RetentionStep::Delete(args) => {
            let mut centre = super::open(&args.centre.dir)?;
            let removed = centre.delete(&args.sha256, &args.why, &load(&args.key)?)?;
            super::sign::tell_witnesses(&centre);
            let words = format!(
                "deleted {} of {}; entry and hashes stay",
                removed.len(),
                args.sha256.len()
            );
            tell(json, json!({"removed": removed}), &words);
        }
    }
    Ok(true)
}

fn load(paths: &[PathBuf]) -> anyhow::Result<Vec<SignerKey>> {
    Ok(paths
        .iter()
        .map(|path| SignerKey::load(path))
        .collect::<Result<_, _>>()?)
}

fn tell(json: bool, object: serde_json::Value, words: &str) {
    if json {
        println!("{object}");
    } else {
        println!("{words}");
    }
}
