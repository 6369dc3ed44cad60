//! `truceline site`, as people type it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use truceline_domain::Observed;

/// Where a centre, a post or a relay could stand: candidates ranked, with the reasons.
///
/// The file has features of kind `candidate` (with `id` and `use`: centre, post or relay) and what is
/// known around them: `relay`, `zone` (the former zone of conflict), `host` (the host's ground), `road`,
/// `power`, `airfield`. The line, the terrain and the drone corridors are the theatre's. How often each
/// candidate comes first when the weights are drawn at random is told beside its rank. docs/siting.md
/// has the method.
///
/// Examples:
///   truceline site theatres/karabakh-2020/siting/candidates.geojson --theatre theatres/karabakh-2020
///   truceline site places.geojson --theatre theatres/line --weights ours.toml --format html -o siting.html
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Site {
    /// The candidates and what lies around them, GeoJSON.
    #[arg(value_name = "CANDIDATES.geojson")]
    pub(crate) candidates: PathBuf,
    /// The theatre's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) theatre: PathBuf,
    /// Weights and the radio link, TOML [default: every criterion counts alike].
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    /// The instant at which the theatre's line and corridors are taken [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Observed>,
    /// Where the drawing of weights begins; the same seed gives the same shares.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The form [default: a table; with --json JSON].
    #[arg(long, value_enum)]
    pub(crate) format: Option<SiteFormat>,
    /// The file to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Forms of a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SiteFormat {
    /// Lines for people.
    Table,
    /// JSON, a ranking a use.
    Json,
    /// A GeoJSON feature collection.
    Geojson,
    /// One HTML file with a map.
    Html,
}
