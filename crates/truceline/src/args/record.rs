//! The record and what keeps it, as people type it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Centre;

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
