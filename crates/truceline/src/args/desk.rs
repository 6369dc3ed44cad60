//! What people look at and decide on, as they type it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use truceline_domain::{EventKind, Observed};
use truceline_engine::Language;

use super::Centre;

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
