//! `truceline init`.

use std::path::Path;

use serde_json::json;
use truceline_service::centre::{self, Created};

use super::keys;
use crate::args::Init;

pub(crate) fn run(args: &Init, json: bool) -> anyhow::Result<bool> {
    let given = keys::verifiers(&args.vkey)?;
    let mut theatres = args.theatre.iter();
    if let Some(first) = theatres.next() {
        let origin = args.origin.as_deref();
        // Keys are of one log's origin: those of further theatres are given to `theatre add`.
        let created = centre::create(&args.dir, first, origin, given)?;
        tell(&args.dir, &created, json);
    }
    for further in theatres {
        let (folder, created) = centre::add_theatre(&args.dir, further, None, Vec::new())?;
        tell(&folder, &created, json);
    }
    Ok(true)
}

/// What was made.
pub(super) fn tell(dir: &Path, created: &Created, json: bool) {
    if json {
        let vkeys: Vec<_> = created.vkeys.iter().map(ToString::to_string).collect();
        println!(
            "{}",
            json!({"dir": dir, "origin": created.origin, "theatre": created.theatre,
                   "vkeys": vkeys, "to_hand_over": created.to_hand_over, "documents": created.documents})
        );
        return;
    }
    println!(
        "{}: a centre for {}, origin {}",
        dir.display(),
        created.theatre,
        created.origin
    );
    println!("documents in the record: {}", created.documents.join(", "));
    println!("verifier keys (publish them through each state's own channels):");
    created.vkeys.iter().for_each(|key| println!("  {key}"));
    if !created.to_hand_over.is_empty() {
        println!("private keys that belong to others; move each to its owner's machine:");
        created
            .to_hand_over
            .iter()
            .for_each(|path| println!("  {}", path.display()));
    }
}
