//! `truceline modalities`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use truceline_domain::Observed;

use super::{Centre, Shown};

/// The working procedures on their way: drafted by two, decided by the host.
///
/// Without a step, all versions are shown with the steps they have taken. Each step is signed, over
/// the very text's SHA-256, by who may take it; anything else is refused and changes nothing.
///
/// Examples:
///   truceline modalities --dir centre
///   truceline modalities draft --dir centre --key officer-tr.key procedures-2.md
///   truceline modalities agree --dir centre --key officer-ru.key
///   truceline modalities approve --dir centre --key official-az.key --text procedures-2.md
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Modalities {
    #[command(flatten)]
    pub(crate) centre: Shown,
    /// How they stood at this instant, RFC 3339 [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Observed>,
    #[command(subcommand)]
    pub(crate) step: Option<ModalityStep>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModalityStep {
    /// Put a text forward, by an officer of a sending state.
    Draft {
        #[command(flatten)]
        centre: Centre,
        /// An officer's private key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The text: procedures.md with a version of its own.
        file: PathBuf,
    },
    /// Agree to a draft, by an officer of each sending state.
    Agree(OnText),
    /// Submit to the host what both have agreed, by an officer of either.
    Submit(OnText),
    /// Approve what was submitted, by an official of the host; it is then in force from a date.
    Approve {
        #[command(flatten)]
        on: OnText,
        /// In force from then, when the text does not say later [default: as the text says].
        #[arg(long, value_name = "TIME")]
        from: Option<Observed>,
        /// The host's own reference.
        #[arg(long, value_name = "TEXT", conflicts_with = "changed")]
        reference: Option<String>,
        /// Approve this text instead, which the two must then agree to.
        #[arg(long, value_name = "FILE", requires = "remarks")]
        changed: Option<PathBuf>,
        /// What was changed, and why.
        #[arg(long, value_name = "TEXT", requires = "changed")]
        remarks: Option<String>,
    },
    /// Return what was submitted, with remarks, by an official of the host.
    Return {
        #[command(flatten)]
        on: OnText,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        remarks: String,
    },
    /// Suspend approved procedures, by an official of the host or by both sending states together.
    Suspend {
        #[command(flatten)]
        on: OnText,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Let suspended procedures go on, by whoever suspended them.
    Resume {
        #[command(flatten)]
        on: OnText,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
}

/// Which text a step is on, and who takes it.
#[derive(Debug, Args)]
pub(crate) struct OnText {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The version [default: the latest].
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u32>,
    /// The text as you have it: the step is taken on it, and refused when the record has another.
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Option<PathBuf>,
    /// A private key. May be given several times, where a step takes several.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}
