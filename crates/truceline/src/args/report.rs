//! `truceline report`, as people type it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use truceline_engine::Language;
use truceline_service::centre::Which;

use super::{Centre, Shown};

/// The daily report: what a joint centre issues of one day, from cut-off to cut-off.
///
/// The day, its cut-off, recipients and languages are those of the procedures in force at the cut-off;
/// before the host has approved procedures nothing is reported. The same record gives the same bytes,
/// whenever the report is made again. A report that both sending states released is told as they released
/// it, whatever was recorded since; `--version now` tells what the record would give today.
///
/// Examples:
///   truceline report --dir centre --date 2021-03-15 --lang en -o report.html
///   truceline report --dir centre --date 2021-03-15 --lang ar --format pdf -o report-ar.pdf
///   truceline report --dir centre --date 2021-03-15 --format csv > report.csv
///   truceline report release --dir centre --date 2021-03-15 --key officer.key
///   truceline report releases --dir centre --date 2021-03-15
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) centre: Shown,
    /// The date of the cut-off at which the day ends, such as 2021-03-15.
    #[arg(long, value_name = "DATE", required = true)]
    pub(crate) date: Option<Date>,
    /// The report, as the procedures call it.
    #[arg(long, value_name = "ID", default_value = "daily")]
    pub(crate) report: String,
    /// The form.
    #[arg(long, value_enum, default_value_t = ReportFormat::Html)]
    pub(crate) format: ReportFormat,
    /// The language: en, az, hy, ru, tr or ar.
    #[arg(long, value_name = "LANG", default_value_t = Language::En)]
    pub(crate) lang: Language,
    /// The file to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Which version: `now`, or the SHA-256 of one that an officer signed [default: the released one, where
    /// there is one].
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<Which>,
    #[command(subcommand)]
    pub(crate) step: Option<ReportStep>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportStep {
    /// Release a report as an officer; it is released when an officer of each sending state has.
    ///
    /// The second officer signs the very bytes that the first one signed, even when the record has moved on
    /// since. A version that is to take the place of a released one is begun with `--version now`.
    ///
    /// Examples:
    ///   truceline report release --dir centre --date 2021-03-15 --key officer.key
    ///   truceline report release --dir centre --date 2021-03-15 --version now --key officer.key
    #[command(verbatim_doc_comment)]
    Release(Decide),
    /// Refuse a report as an officer, with a reason.
    ///
    /// Example: truceline report refuse --dir centre --date 2021-03-15 --reason "row 3 names a wrong place" \
    ///            --key officer.key
    #[command(verbatim_doc_comment)]
    Refuse {
        #[command(flatten)]
        decide: Decide,
        /// Why, in one line.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Tell what was signed of a date, by whom, and whether the record gives the same today.
    ///
    /// Example: truceline report releases --dir centre --date 2021-03-15
    #[command(verbatim_doc_comment)]
    Releases(OfDate),
}

/// A report of a date.
#[derive(Debug, Args)]
pub(crate) struct OfDate {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The report's date.
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Date,
    /// The report, as the procedures call it.
    #[arg(long, value_name = "ID", default_value = "daily")]
    pub(crate) report: String,
}

/// An officer's decision on a report.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    #[command(flatten)]
    pub(crate) of: OfDate,
    /// Which version: `now`, or a SHA-256 [default: the one that waits for a signature, else as the record
    /// gives it now].
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<Which>,
    /// The officer's private key; of both sending states where one machine has both.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One HTML file that prints well, without script.
    Html,
    /// PDF/A-2b, for archives.
    Pdf,
    /// Comma-separated values for machines, the same in every language.
    Csv,
    /// The report's canonical bytes (RFC 8785), of which all other forms are made.
    Json,
}
