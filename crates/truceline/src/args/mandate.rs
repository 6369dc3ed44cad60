//! `truceline mandate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use truceline_domain::PartyId;

use super::{Centre, Shown};

/// Strength against ceilings by state and day, and what runs out.
///
/// Warned is 90, 30 and 7 days before an authorisation, a term or the last day for a notice runs out.
///
/// Examples:
///   truceline mandate --dir centre
///   truceline --json mandate --dir centre --at 2021-03-14
///   truceline mandate --dir centre --from 2021-03-01 --to 2021-03-31
///   truceline mandate deploy --dir centre --state tr --category persons --count 12 --site premises \
///            --from 2021-03-01 --until 2021-08-31 --key officer-tr.key
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Mandate {
    #[command(flatten)]
    pub(crate) centre: Shown,
    /// The day [default: today].
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "to"])]
    pub(crate) at: Option<Date>,
    /// Each day from this one on.
    #[arg(long, value_name = "DATE", requires = "to")]
    pub(crate) from: Option<Date>,
    /// To this one.
    #[arg(long, value_name = "DATE", requires = "from")]
    pub(crate) to: Option<Date>,
    #[command(subcommand)]
    pub(crate) step: Option<MandateStep>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MandateStep {
    Deploy(Deploy),
    End(End),
}

/// Record a deployment or a rotation, by a key of its state.
///
/// What is above a ceiling or outside a term is refused. With --override and a key of each sending state
/// it is recorded all the same, and shown so ever after.
///
/// Examples:
///   truceline mandate deploy --dir centre --state tr --category persons --count 12 --from 2021-03-01 \
///            --until 2021-08-31 --key officer-tr.key
///   truceline mandate deploy --dir centre --state tr --category persons --count 39 --from 2021-06-01 \
///            --relieves tr-2020/premises/2021-01-30/persons --key officer-tr.key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// Whose.
    #[arg(long, value_name = "STATE")]
    pub(crate) state: PartyId,
    /// persons, vehicles, aircraft, or weapon:CLASS.
    #[arg(long, value_name = "CATEGORY")]
    pub(crate) category: String,
    /// How many.
    #[arg(long, value_name = "N")]
    pub(crate) count: u32,
    /// First day.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Date,
    /// Last day [default: open].
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
    /// Where, an area of the theatre [default: the authorisation's only site].
    #[arg(long, value_name = "AREA")]
    pub(crate) site: Option<String>,
    /// The authorisation [default: the one of the state that holds on the first day].
    #[arg(long, value_name = "ID")]
    pub(crate) authorisation: Option<String>,
    /// The deployment's name [default: made of authorisation, site, first day and category].
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The deployment that it relieves, which ends the day before.
    #[arg(long, value_name = "NAME")]
    pub(crate) relieves: Option<String>,
    /// Record it although it is refused, for this reason; takes a key of each sending state.
    #[arg(long = "override", value_name = "WHY")]
    pub(crate) override_why: Option<String>,
    /// An officer's private key. May be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}

/// Give a deployment an earlier end.
///
/// Example: truceline mandate end --dir centre tr-2020/premises/2021-01-30/persons --on 2021-05-31 \
///            --key officer-tr.key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct End {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The deployment's name.
    pub(crate) deployment: String,
    /// Its last day.
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Date,
    /// An officer's private key.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}
