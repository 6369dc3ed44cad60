//! The command line, as people type it.

mod centre;
mod desk;
mod detect;
mod form;
mod ground;
mod liaison;
mod mandate;
mod mobility;
mod modalities;
mod person;
mod play;
mod record;
mod report;
mod site;
mod talks;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use truceline_domain::FindingId;
use truceline_intake::Format;

pub(crate) use centre::{Centre, Shown, Theatre, TheatreStep};
pub(crate) use desk::{
    Compliance, Coverage, CoverageBy, CoverageFormat, Dissent, Findings, FindingsFormat, Picture,
    Sign,
};
pub(crate) use detect::Detect;
pub(crate) use form::{FormArgs, FormFormat};
pub(crate) use ground::{Ground, GroundFormat, GroundStep};
pub(crate) use liaison::{Contact, Liaison, LiaisonStep, NoticeArgs};
pub(crate) use mandate::{Deploy, End, Mandate, MandateStep};
pub(crate) use mobility::Mobility;
pub(crate) use modalities::{Modalities, ModalityStep, OnText};
pub(crate) use person::{Add, Invite, List, Person, PersonStep, Revoke, Vouch};
pub(crate) use play::Play;
pub(crate) use record::{
    Amend, Bundle, Check, Export, Keygen, Replay, Retention, RetentionStep, Verify, Witness,
};
pub(crate) use report::{Decide, OfDate, Report, ReportFormat, ReportStep};
pub(crate) use site::{Site, SiteFormat};
pub(crate) use talks::{
    Said, Signed, Talks, TalksStep, Withdrawals, WithdrawalsFormat, WithdrawalsStep,
};

/// Watches a ceasefire from a distance: feeds in, a determined finding out, in a record that anyone
/// can check.
///
/// Results go to standard output (NDJSON or the form asked for), everything for people to standard
/// error. Exit status: 0 done, 1 a check failed or something was set aside, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Tell results and summaries as JSON, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log more (-v information, -vv detail); RUST_LOG is heeded too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    Init(Init),
    Serve(Serve),
    Ingest(Ingest),
    Decode(Decode),
    Detect(Detect),
    Assess(Assess),
    Picture(Picture),
    Play(Play),
    Findings(Findings),
    Sign(Sign),
    Dissent(Dissent),
    Coverage(Coverage),
    Compliance(Compliance),
    Report(Report),
    Bundle(Bundle),
    Verify(Verify),
    Witness(Witness),
    Replay(Replay),
    Check(Check),
    Export(Export),
    Amend(Amend),
    Keygen(Keygen),
    Mandate(Mandate),
    Modalities(Modalities),
    Mobility(Mobility),
    Talks(Talks),
    Withdrawals(Withdrawals),
    Person(Person),
    Retention(Retention),
    Site(Site),
    Theatre(Theatre),
    Form(FormArgs),
    Ground(Ground),
    Liaison(Liaison),
    Notice(NoticeArgs),
}

/// A working centre on the shipped theatre and feeds.
///
/// Makes a centre in a folder of its own, takes in the shipped feeds, judges them, has an officer of
/// each sending state sign one finding, writes and verifies its evidence bundle, and serves a page.
///
/// Example: truceline demo --once
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Demo {
    /// Where to make the centre; a folder that is not there yet [default: a temporary one].
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Where the page is served on 127.0.0.1.
    #[arg(long, default_value_t = 7400, value_name = "N")]
    pub(crate) port: u16,
    /// Run, print a summary, exit.
    #[arg(long)]
    pub(crate) once: bool,
    /// The theatre with its documents, geometry and feeds [default: the one below `theatres`
    /// that ships most feeds].
    #[arg(long, value_name = "DIR", env = "TRUCELINE_THEATRE")]
    pub(crate) theatre: Option<PathBuf>,
}

/// Make a centre: keys, log, store, configuration.
///
/// Private keys that the centre does not need (officers', witnesses') are made too, unless their
/// verifier keys are given: move them to their owners' machines before anything is signed.
///
/// Examples:
///   truceline init centre --theatre theatres/line
///   truceline init centre --theatre theatres/line --vkey "$(cat officer.vkey)"
///   truceline init centre --theatre theatres/line --theatre theatres/other
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Init {
    /// The folder to make; it must be empty or not there.
    pub(crate) dir: PathBuf,
    /// The theatre's folder with agreement.md, procedures.md, mandate.md and theatre/*.geojson. Given
    /// several times, the centre watches several: the first is meant where no command says another.
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) theatre: Vec<PathBuf>,
    /// The log's origin, a name nobody else uses [default: joint-centre.example/THEATRE]. With several
    /// theatres, that of the first.
    #[arg(long, value_name = "NAME", env = "TRUCELINE_ORIGIN")]
    pub(crate) origin: Option<String>,
    /// Verifier key of an officer or witness, made elsewhere with `truceline keygen`. No private key
    /// is then made for that officer's state, or that witness. May be given several times.
    #[arg(long, value_name = "VKEY")]
    pub(crate) vkey: Vec<String>,
    /// Leave the procedures a draft, whatever their text says: `truceline modalities` takes the steps.
    /// Without this, and when no --vkey is given, it is an exercise: the steps are taken with the keys
    /// made here.
    #[arg(long)]
    pub(crate) as_draft: bool,
}

/// Run the centre: take in the configured feeds, judge, serve pages, the log and its documents.
///
/// A centre that watches several theatres serves them all on the first one's address, each below
/// /t/THEATRE/, with sessions, rights and a record of its own. With --theatre it serves that one alone.
///
/// Examples:
///   truceline serve --dir centre
///   truceline serve --dir centre --theatre other --listen 127.0.0.1:7401
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// Where to listen [default: `listen` of truceline.toml].
    #[arg(long, value_name = "ADDR", env = "TRUCELINE_LISTEN")]
    pub(crate) listen: Option<String>,
}

/// Take feeds into the record: their original bytes, their observations, what they are judged to be.
///
/// Examples:
///   truceline ingest --dir centre --feed drone-1 sample.ts
///   truceline ingest --dir centre --format report --source P03 reports.csv
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Ingest {
    #[command(flatten)]
    pub(crate) centre: Centre,
    #[command(flatten)]
    pub(crate) feed: FeedArgs,
    /// Files, http(s) addresses, or - for standard input.
    #[arg(required = true, value_name = "FILE|URL")]
    pub(crate) inputs: Vec<String>,
}

/// What is said of a feed.
#[derive(Debug, Clone, Args)]
pub(crate) struct FeedArgs {
    /// The feed's name [default: the file's name without its ending].
    #[arg(long, value_name = "ID")]
    pub(crate) feed: Option<String>,
    /// The source that observations name when the bytes name none [default: the feed's name].
    #[arg(long, value_name = "ID")]
    pub(crate) source: Option<String>,
    /// The format: fmv, mavlink, cot, report, hotspot or sensor [default: recognised].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

/// Observations as NDJSON on standard output; needs no centre.
///
/// Examples:
///   truceline decode sample.ts | head -1
///   truceline decode --format hotspot VIIRS.csv
///   zcat flight.tlog.gz | truceline decode -
///   truceline decode udp://239.1.2.3:5004 --for 60
///   truceline decode 'mqtt://broker?topic=sensors/%23'
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Decode {
    #[command(flatten)]
    pub(crate) feed: FeedArgs,
    /// Stop after so many seconds of a live source [default: at Ctrl-C].
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u32>,
    /// Files, http(s) addresses, live addresses (docs/live.md), or - for standard input.
    #[arg(required = true, value_name = "FILE|URL|-")]
    pub(crate) inputs: Vec<String>,
}

/// The engine alone: findings as NDJSON on standard output.
///
/// With a theatre's folder, findings are held against the clauses of its agreement; with a GeoJSON
/// file alone, only events are told.
///
/// Example: truceline assess --theatre theatre.geojson observations.ndjson > findings.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Assess {
    /// A theatre's folder, or one GeoJSON file.
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) theatre: PathBuf,
    /// Observations as `truceline decode` writes them.
    #[arg(value_name = "OBSERVATIONS.ndjson")]
    pub(crate) observations: String,
    /// Name a party only when the probability of wrongly accusing it is at most this
    /// [default: the procedures', or 0.05].
    #[arg(long, value_name = "P")]
    pub(crate) max_wrong_accusation: Option<f64>,
}

/// The beginning of a finding's id as typed, made whole.
pub(crate) fn whole_id(
    typed: &str,
    known: impl IntoIterator<Item = FindingId>,
) -> anyhow::Result<FindingId> {
    let mut fit: Vec<FindingId> = known
        .into_iter()
        .filter(|id| id.as_str().starts_with(typed))
        .collect();
    // An id that is typed whole is meant, even when another begins with it.
    if let Some(exact) = fit.iter().position(|id| id.as_str() == typed) {
        return Ok(fit.swap_remove(exact));
    }
    match fit.as_slice() {
        [one] => Ok(one.clone()),
        [] => anyhow::bail!("no finding begins with {typed:?}; `truceline findings` lists them"),
        many => {
            let ids: Vec<_> = many.iter().take(5).map(|id| id.as_str()).collect();
            anyhow::bail!(
                "{} findings begin with {typed:?}: {} …",
                many.len(),
                ids.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    /// Every command with every option: names that clash, defaults that do not parse.
    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
