//! `truceline verify`: a centre, a copy of its record, or a bundle, offline.

use anyhow::Context as _;
use truceline_record::verify::{Options, Progress, verify};

use super::keys;
use crate::args::Verify;
use crate::tell;

pub(crate) fn run(args: &Verify, json: bool) -> anyhow::Result<bool> {
    let old = args
        .old
        .as_ref()
        .map(|path| std::fs::read(path).with_context(|| format!("{}", path.display())))
        .transpose()?;
    let options = Options {
        vkeys: keys::verifiers(&args.vkey)?,
        quorum: args.quorum.unwrap_or(0),
        old,
        ..Options::default()
    };
    let bar = tell::progress("checking", None);
    let report = verify(&args.path, &options, &|progress| {
        let (Progress::Entries { done, total } | Progress::Blobs { done, total }) = progress;
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    if json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{report}");
    }
    Ok(report.passed())
}
