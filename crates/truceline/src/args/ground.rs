//! `truceline ground`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use truceline_domain::{Observed, SourceId};

use super::{Centre, Shown};

/// Shifts of patrols and posts: what was planned, and what was seen of it.
///
/// A patrol is held against its own positions, a post against its own reports. Where nothing was heard it is
/// «not observed», never «not gone».
///
/// Examples:
///   truceline ground --dir centre
///   truceline ground --dir centre --at 2021-03-14T10:00:00Z --from 2021-03-14T00:00:00Z --until 2021-03-15T00:00:00Z
///   truceline ground plan --dir centre shifts.toml --key officer-tr.key --key officer-ru.key
///   truceline ground cancel --dir centre m4-2021-03-16 --why "fog" --key officer-tr.key
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Ground {
    #[command(flatten)]
    pub(crate) centre: Shown,
    /// As it stood at this instant, RFC 3339 [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Observed>,
    /// Shifts that end after this.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<Observed>,
    /// Shifts that begin before this.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Observed>,
    /// How it is told [default: table, or json with --json].
    #[arg(long, value_enum)]
    pub(crate) format: Option<GroundFormat>,
    #[command(subcommand)]
    pub(crate) step: Option<GroundStep>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroundFormat {
    Table,
    Json,
    Geojson,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroundStep {
    /// Plan shifts, or plan them otherwise, by keys of the states whose members go.
    ///
    /// The file is TOML: `[[shift]]` with shift, version, unit, states, members, from, until, timezone, and sector,
    /// route or both for a patrol; `[[cancelled]]` with shift, version, why. A shift of both states takes a key of
    /// each, here or one after the other; with one alone it is proposed.
    ///
    /// Example: truceline ground plan --dir centre shifts.toml --key officer-tr.key --key officer-ru.key
    #[command(verbatim_doc_comment)]
    Plan {
        #[command(flatten)]
        centre: Centre,
        /// The file.
        file: PathBuf,
        /// An officer's private key. May be given several times.
        #[arg(long, value_name = "FILE", required = true)]
        key: Vec<PathBuf>,
    },
    /// Call a shift off, by a key of one of its states.
    ///
    /// Example: truceline ground cancel --dir centre m4-2021-03-16 --why "fog" --key officer-tr.key
    #[command(verbatim_doc_comment)]
    Cancel {
        #[command(flatten)]
        centre: Centre,
        /// The shift.
        shift: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// An officer's private key.
        #[arg(long, value_name = "FILE", required = true)]
        key: Vec<PathBuf>,
    },
    /// A post's report that it was manned from when until when, as an observation on standard output.
    ///
    /// Example: truceline ground manned --post P04 --from 2021-03-14T09:00:00Z --until 2021-03-14T13:00:00Z \
    ///            --text "quiet" | truceline ingest --dir centre --feed posts --format report -
    #[command(verbatim_doc_comment)]
    Manned {
        /// The post, by its id on the map.
        #[arg(long, value_name = "ID")]
        post: SourceId,
        /// From, RFC 3339.
        #[arg(long, value_name = "TIME")]
        from: Observed,
        /// Until, RFC 3339; at most a day later.
        #[arg(long, value_name = "TIME")]
        until: Observed,
        /// In words.
        #[arg(long, value_name = "TEXT", default_value = "")]
        text: String,
    },
}
