//! `truceline bundle`: one file with a finding and all that it rests on.

use serde_json::json;

use crate::args::{Bundle, whole_id};

pub(crate) fn run(args: &Bundle, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir)?;
    let id = whole_id(&args.finding, centre.finding_ids()?)?;
    let written = centre.bundle(&id, &args.out)?;
    if json {
        println!(
            "{}",
            json!({"finding": id, "file": args.out, "entries": written.entries, "blobs": written.blobs,
                   "blob_bytes": written.blob_bytes, "size": written.size,
                   "cosignatures": written.cosignatures, "deleted": written.deleted})
        );
        return Ok(true);
    }
    println!(
        "{}: {id}, {} entries with proofs, {} files of evidence ({} bytes), checkpoint of {} entries with {} cosignatures",
        args.out.display(),
        written.entries,
        written.blobs,
        written.blob_bytes,
        written.size,
        written.cosignatures
    );
    for sha256 in &written.deleted {
        println!("  not in it, deleted by procedure: {sha256}");
    }
    println!("check it with: truceline verify {}", args.out.display());
    Ok(true)
}
