//! One module a command.

mod amend;
mod assess;
mod at_work;
mod bundle;
mod check;
mod compliance;
mod coverage;
mod decode;
mod deeds;
mod demo;
mod demo_live;
mod demo_readings;
mod detect;
mod export;
mod findings;
mod form;
mod ground;
mod ingest;
mod init;
mod keys;
mod liaison;
mod live;
mod mandate;
mod mobility;
mod modalities;
mod person;
mod picture;
mod play;
mod replay;
mod report;
mod retention;
mod serve;
mod sign;
mod site;
mod talks;
mod theatre;
mod verify;
mod withdrawals;
mod witness;

use std::path::Path;

use anyhow::Context as _;
use truceline_record::LogError;
use truceline_service::{Centre, CentreError, Control};

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
        Command::Play(args) => play::run(&args, json),
        Command::Findings(args) => findings::run(&args, json),
        Command::Sign(args) => sign::sign(&args, json),
        Command::Dissent(args) => sign::dissent(&args, json),
        Command::Coverage(args) => coverage::run(&args, json),
        Command::Compliance(args) => compliance::run(&args, json),
        Command::Report(args) => report::run(&args, json),
        Command::Bundle(args) => bundle::run(&args, json),
        Command::Verify(args) => verify::run(&args, json),
        Command::Witness(args) => witness::run(&args),
        Command::Replay(args) => replay::run(&args, json),
        Command::Check(args) => check::run(&args, json),
        Command::Export(args) => export::run(&args),
        Command::Amend(args) => amend::run(&args),
        Command::Keygen(args) => keys::generate(&args),
        Command::Mandate(args) => mandate::run(&args, json),
        Command::Talks(args) => talks::run(&args, json),
        Command::Withdrawals(args) => withdrawals::run(&args, json),
        Command::Mobility(args) => mobility::run(&args, json),
        Command::Modalities(args) => modalities::run(&args, json),
        Command::Person(args) => person::run(&args.step, json),
        Command::Retention(args) => retention::run(&args.step, json),
        Command::Site(args) => site::run(&args, json),
        Command::Theatre(args) => theatre::run(&args.step, json),
        Command::Form(args) => form::run(&args),
        Command::Ground(args) => ground::run(&args, json),
        Command::Liaison(args) => liaison::run(&args.step, json),
        Command::Notice(args) => liaison::notice(&args),
    }
}

/// Opens a centre to write to it; what a crash left is told.
fn open(dir: &Path) -> anyhow::Result<Centre> {
    match open_or_find(dir)? {
        Writer::Here(centre) => Ok(*centre),
        Writer::AtWork(control) => anyhow::bail!(
            "{}: `truceline serve` is at work on it at {} and writes it alone; end that first",
            dir.display(),
            control.url
        ),
    }
}

/// Who can write a centre.
enum Writer {
    /// This process.
    Here(Box<Centre>),
    /// A `truceline serve` that is at work on it.
    AtWork(Control),
}

/// Opens a centre to write to it, or finds the process that does.
fn open_or_find(dir: &Path) -> anyhow::Result<Writer> {
    match Centre::open(dir) {
        Ok((centre, recovery)) => {
            if !recovery.is_clean() {
                eprintln!("{}: {recovery}", dir.display());
            }
            Ok(Writer::Here(Box::new(centre)))
        }
        Err(error @ CentreError::Log(LogError::Locked { .. })) => match Control::find(dir) {
            Some(control) => Ok(Writer::AtWork(control)),
            None => Err(error).with_context(|| format!("{}", dir.display())),
        },
        Err(error) => Err(error).with_context(|| format!("{}", dir.display())),
    }
}

/// Opens a centre to read it.
fn read(dir: &Path) -> anyhow::Result<Centre> {
    Centre::read(dir).with_context(|| format!("{}", dir.display()))
}
