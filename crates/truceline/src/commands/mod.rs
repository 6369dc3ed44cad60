//! One module a command.

mod amend;
mod assess;
mod bundle;
mod check;
mod coverage;
mod decode;
mod demo;
mod detect;
mod export;
mod findings;
mod ingest;
mod init;
mod keys;
mod picture;
mod replay;
mod retention;
mod serve;
mod sign;
mod verify;
mod witness;

use std::path::Path;

use anyhow::Context as _;
use truceline_service::Centre;

use crate::args::{Cli, Command};

/// Runs a command; `false` when a check failed or something was set aside.
pub(crate) fn run(cli: Cli) -> anyhow::Result<bool> {
    let json = cli.json;
    match cli.command {
        Command::Demo(args) => demo::run(&args, json),
        Command::Init(args) => init::run(&args, json),
        Command::Serve(args) => serve::run(&args),
        Command::Ingest(args) => ingest::run(&args, json),
        Command::Decode(args) => decode::run(&args, json),
        Command::Detect(args) => detect::run(&args, json),
        Command::Assess(args) => assess::run(&args, json),
        Command::Picture(args) => picture::run(&args),
        Command::Findings(args) => findings::run(&args, json),
        Command::Sign(args) => sign::sign(&args, json),
        Command::Dissent(args) => sign::dissent(&args, json),
        Command::Coverage(args) => coverage::run(&args, json),
        Command::Bundle(args) => bundle::run(&args, json),
        Command::Verify(args) => verify::run(&args, json),
        Command::Witness(args) => witness::run(&args),
        Command::Replay(args) => replay::run(&args, json),
        Command::Check(args) => check::run(&args, json),
        Command::Export(args) => export::run(&args),
        Command::Amend(args) => amend::run(&args),
        Command::Keygen(args) => keys::generate(&args),
        Command::Retention(args) => retention::run(&args.step, json),
    }
}

/// Opens a centre to write to it; what a crash left is told.
fn open(dir: &Path) -> anyhow::Result<Centre> {
    let (centre, recovery) = Centre::open(dir).with_context(|| format!("{}", dir.display()))?;
    if !recovery.is_clean() {
        eprintln!("{}: {recovery}", dir.display());
    }
    Ok(centre)
}

/// Opens a centre to read it.
fn read(dir: &Path) -> anyhow::Result<Centre> {
    Centre::read(dir).with_context(|| format!("{}", dir.display()))
}
