//! `truceline report`: what a joint centre issues of a day.

use std::io::Write as _;

use anyhow::Context as _;
use truceline_report::{DailyReport, compose, csv, html};
use truceline_service::centre::report_bytes;

use crate::args::{Report, ReportFormat};

pub(crate) fn run(args: &Report) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir)?;
    let report = centre.daily_report(&args.report, args.date)?;
    let bytes = written(args, &report)?;
    match &args.out {
        Some(path) => {
            std::fs::write(path, &bytes).with_context(|| format!("writing {}", path.display()))?;
        }
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    tell(args, &report);
    Ok(true)
}

fn written(args: &Report, report: &DailyReport) -> anyhow::Result<Vec<u8>> {
    let (canonical, sha256) = report_bytes(report)?;
    let page = || compose(report, args.lang, &sha256);
    Ok(match args.format {
        ReportFormat::Html => html(&page()).into_bytes(),
        ReportFormat::Csv => csv(report).into_bytes(),
        ReportFormat::Json => canonical,
    })
}

/// What the report covers, so that nobody takes one day for another.
fn tell(args: &Report, report: &DailyReport) {
    eprintln!(
        "{} report of {}, {}: from {} to {}, {} findings, {} rows",
        args.report,
        args.date,
        report.theatre,
        report.from,
        report.until,
        report.findings.len(),
        report.rows.len()
    );
}
