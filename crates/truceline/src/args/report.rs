//! `truceline report`, as people type it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use truceline_engine::Language;

use super::Centre;

/// The daily report: what a joint centre issues of one day, from cut-off to cut-off.
///
/// The day, its cut-off, recipients and languages are those of the procedures in force at the cut-off;
/// before the host has approved procedures nothing is reported. The same record gives the same bytes,
/// whenever the report is made again.
///
/// Examples:
///   truceline report --dir centre --date 2021-03-15 --lang en -o report.html
///   truceline report --dir centre --date 2021-03-15 --lang ar -o report-ar.html
///   truceline report --dir centre --date 2021-03-15 --format csv > report.csv
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// The date of the cut-off at which the day ends, such as 2021-03-15.
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Date,
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
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One HTML file that prints well, without script.
    Html,
    /// Comma-separated values for machines, the same in every language.
    Csv,
    /// The report's canonical bytes (RFC 8785), of which all other forms are made.
    Json,
}
