//! The command line, as people type it.

mod centre;
mod detect;
mod form;
mod ground;
mod mandate;
mod mobility;
mod modalities;
mod person;
mod play;
mod report;
mod site;
mod talks;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use truceline_domain::{EventKind, FindingId, Observed};
use truceline_engine::Language;
use truceline_intake::Format;

pub(crate) use centre::{Centre, Theatre, TheatreStep};
pub(crate) use detect::Detect;
pub(crate) use form::{FormArgs, FormFormat};
pub(crate) use ground::{Contact, Liaison, LiaisonStep, NoticeArgs};
pub(crate) use mandate::{Deploy, End, Mandate, MandateStep};
pub(crate) use mobility::Mobility;
pub(crate) use modalities::{Modalities, ModalityStep, OnText};
pub(crate) use person::{Add, Invite, List, Person, PersonStep, Revoke, Vouch};
pub(crate) use play::Play;
pub(crate) use report::{Report, ReportFormat};
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

/// The picture at an instant: line, areas, posts, tracks, footprints, events.
///
/// Examples:
///   truceline picture --dir centre --at 2021-03-14T09:30:00Z
///   truceline picture --dir centre --out picture.gpkg
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Picture {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The instant, RFC 3339 [default: all of it].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Observed>,
    /// A .geojson or .gpkg file [default: GeoJSON on standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// The findings and where they stand.
///
/// Example: truceline findings --dir centre --format osce
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Findings {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The form [default: a table on a terminal, NDJSON otherwise].
    #[arg(long, value_enum)]
    pub(crate) format: Option<FindingsFormat>,
    /// Tell why, in this language (en, az, hy, ru, tr, ar), in the table and in JSON.
    #[arg(long, value_name = "LANG")]
    pub(crate) lang: Option<Language>,
}

/// A form of the list of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// Lines for people.
    Table,
    /// One JSON object a line.
    Json,
    /// Comma-separated values.
    Csv,
    /// A GeoJSON feature collection.
    Geojson,
    /// The OSCE's table of ceasefire violations, as CSV.
    Osce,
}

/// Sign a finding as an officer of a sending state.
///
/// Example: truceline sign --dir centre F-3f9c2a --key officer.key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Sign {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The finding; the beginning of its id will do when no other begins so.
    pub(crate) finding: String,
    /// The officer's private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

/// Dissent from a finding; the dissent is kept beside it.
///
/// Example: truceline dissent --dir centre F-3f9c2a --key officer.key --reason "the map is too coarse here"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Dissent {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The finding; the beginning of its id will do when no other begins so.
    pub(crate) finding: String,
    /// The officer's private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// Share of line × time watched, by source kind and stretch, and the probability that a violation
/// there would have been noticed.
///
/// Examples:
///   truceline coverage --dir centre --from 2021-03-14T09:00:00Z --to 2021-03-14T10:00:00Z
///   truceline coverage --dir centre --from … --to … --weapon mortar --by hour --format csv
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// From, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Observed,
    /// Until, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Observed,
    /// Form [default: a table; with --json one JSON object a line].
    #[arg(long, value_enum)]
    pub(crate) format: Option<CoverageFormat>,
    /// A row for the whole span, or one an hour.
    #[arg(long, value_enum, value_name = "SPAN", default_value_t = CoverageBy::Span)]
    pub(crate) by: CoverageBy,
    /// For what: small_arms, hmg, mortar, artillery, mlrs, drone_strike, or movement of vehicles.
    #[arg(long, value_name = "KIND", default_value = "small_arms", value_parser = watched_for)]
    pub(crate) weapon: EventKind,
}

/// Forms of coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// Lines for people.
    Table,
    /// One JSON object a line, all kinds of violation in each.
    Json,
    /// Comma-separated values.
    Csv,
    /// A GeoJSON feature collection, a line a stretch.
    Geojson,
}

/// Spans of a row of coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageBy {
    /// All of it.
    Span,
    /// An hour of UTC.
    Hour,
}

fn watched_for(word: &str) -> Result<EventKind, String> {
    let known = truceline_engine::detection::WATCHED_FOR;
    let found = known.iter().find(|kind| kind.as_str() == word).copied();
    found.ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|kind| kind.as_str()).collect();
        format!("expected one of {}", words.join(", "))
    })
}

/// Who kept which clause, stretch by stretch: violated, complied, not observed.
///
/// Complied is said only of a stretch that was watched as well as the clause asks, and with the chance
/// that a violation there would have been missed; what nobody watched is not observed.
///
/// Examples:
///   truceline compliance --dir centre --from 2021-03-14T00:00:00Z --to 2021-03-15T00:00:00Z
///   truceline --json compliance --dir centre --from 2021-03-14T00:00:00Z --to 2021-03-15T00:00:00Z
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Compliance {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// From, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Observed,
    /// Until, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Observed,
}

/// One file with a finding, its evidence, proofs, cosigned checkpoint, agreement and procedures.
///
/// Example: truceline bundle --dir centre F-3f9c2a -o F-3f9c2a.zip
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Bundle {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The finding; the beginning of its id will do when no other begins so.
    pub(crate) finding: String,
    /// The file to write; it must not be there yet.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Check a centre, a copy of its record, or a bundle, offline.
///
/// Without --vkey the keys in the copy itself are used, and trust rests on comparing their
/// fingerprints with those that the sending states published.
///
/// Examples:
///   truceline verify centre
///   truceline verify finding.zip --vkey "$(cat log.vkey)" --quorum 2
///   truceline verify copy/record --old checkpoint-of-last-year
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Verify {
    /// A centre's folder, its `record` folder, or a bundle.
    pub(crate) path: PathBuf,
    /// A verifier key to trust (the key itself, or a file of them). May be given several times.
    #[arg(long, value_name = "VKEY|FILE")]
    pub(crate) vkey: Vec<String>,
    /// How many witnesses must have cosigned the checkpoint.
    #[arg(long, value_name = "N")]
    pub(crate) quorum: Option<usize>,
    /// A checkpoint kept from earlier, which this record must extend.
    #[arg(long, value_name = "CHECKPOINT")]
    pub(crate) old: Option<PathBuf>,
}

/// Run one sending state's own witness (C2SP tlog-witness).
///
/// Keeps what it has cosigned beside the key, refuses a log that forks or goes back, and keeps both
/// checkpoints as evidence when one does.
///
/// Example: truceline witness --key witness.key --log "$(head -1 centre/record/vkeys)" --listen 127.0.0.1:7101
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Witness {
    /// The witness' private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7101")]
    pub(crate) listen: String,
    /// Verifier key of a log to watch (the key itself, or a file of them). May be given several times.
    #[arg(long, value_name = "VKEY|FILE", required = true)]
    pub(crate) log: Vec<String>,
    /// Where to keep what was cosigned [default: the key's file with the ending .state].
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// Rebuild every projection from the record, and judge again: the same events and findings, byte for byte.
///
/// Example: truceline replay --dir centre
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) centre: Centre,
}

/// Check documents, theatres and configuration: errors with file, line and what was expected.
///
/// Examples:
///   truceline check theatres/line
///   truceline check centre/truceline.toml agreement.md
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Check {
    /// Folders of theatres or centres, documents (.md), geometry (.geojson, .tif), truceline.toml.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// The store in another form, by the file's ending.
///
/// Example: truceline export --dir centre --out centre.parquet
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// A .gpkg, .parquet, .geojson or .kml file that is not there yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Enter new versions of documents into the record.
///
/// Example: truceline amend --dir centre procedures.md
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Amend {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// agreement.md, procedures.md, mandate.md, theatre *.geojson or terrain .tif files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// Make a key: the private half into a file that only its owner can read, the public half on
/// standard output.
///
/// Examples:
///   truceline keygen joint-centre.example/line/officer/STATE/PERSON --out officer.key
///   truceline keygen joint-centre.example/line/witness/STATE --out witness.key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Keygen {
    /// The key's name: `ORIGIN/officer/STATE/PERSON` or `ORIGIN/witness/STATE`.
    pub(crate) name: String,
    /// The file for the private half; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Hold and delete media by procedure, with an officer's key of each sending state.
#[derive(Debug, Args)]
pub(crate) struct Retention {
    #[command(subcommand)]
    pub(crate) step: RetentionStep,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionStep {
    Hold(Hold),
    Release(Release),
    Delete(Delete),
}

/// Put a legal hold on media: nothing under it can be deleted.
///
/// Example: truceline retention hold --dir centre --why "case 12" --sha256 3f9c…
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Hold {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// What: SHA-256 of a segment or batch. May be given several times; all media when left out.
    #[arg(long, value_name = "SHA256")]
    pub(crate) sha256: Vec<truceline_domain::Sha256>,
    /// An officer's private key; one side is enough to hold.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}

/// Lift a legal hold.
#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The hold's name, as `retention hold` told it.
    pub(crate) hold: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// An officer's private key, one of each sending state.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}

/// Delete media; the entry and the hash stay.
///
/// Example: truceline retention delete --dir centre --sha256 3f9c… --why "video older than 365 days" \
///            --key officer-1.key --key officer-2.key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Delete {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// What: SHA-256 of a segment or batch. May be given several times.
    #[arg(long, value_name = "SHA256", required = true)]
    pub(crate) sha256: Vec<truceline_domain::Sha256>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// An officer's private key, one of each sending state.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
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
