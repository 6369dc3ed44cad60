//! `truceline report`: what a joint centre issues of a day, and its release.

use std::io::Write as _;

use anyhow::Context as _;
use serde_json::json;
use truceline_page::html;
use truceline_record::deed::REPORT;
use truceline_record::report::{ReportDecision, ReportStanding, ReportStatement};
use truceline_report::{Released, compose, csv};
use truceline_service::centre::{Board, ReportRow, Told, Which};

use super::deeds;
use crate::args::{Decide, OfDate, Report, ReportFormat, ReportStep};

pub(crate) fn run(args: &Report, json: bool) -> anyhow::Result<bool> {
    match &args.step {
        None => tell(args),
        Some(ReportStep::Release(decide)) => sign(decide, ReportDecision::Release, None, json),
        Some(ReportStep::Refuse { decide, reason }) => {
            sign(decide, ReportDecision::Refuse, Some(reason), json)
        }
        Some(ReportStep::Releases(of)) => releases(of, json),
    }
}

fn tell(args: &Report) -> anyhow::Result<bool> {
    let dir = &args.centre.dir()?;
    let date = args.date.context("which day? say --date")?;
    let centre = super::read(dir)?;
    let which = args.version.unwrap_or(Which::Standing);
    let told = centre.told_report(&args.report, date, which)?;
    let bytes = written(args, &told)?;
    match &args.out {
        Some(path) => {
            std::fs::write(path, &bytes).with_context(|| format!("writing {}", path.display()))?;
        }
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    // What it covers, so that nobody takes one day for another.
    let report = &told.report;
    eprintln!(
        "{} report of {date}, {}: from {} to {}, {} findings, {} rows",
        args.report,
        report.theatre,
        report.from,
        report.until,
        report.findings.len(),
        report.rows.len()
    );
    eprintln!(
        "SHA-256 {}: {}",
        told.released.sha256,
        words(&told.released)
    );
    Ok(true)
}

fn written(args: &Report, told: &Told) -> anyhow::Result<Vec<u8>> {
    Ok(match args.format {
        ReportFormat::Html => html(&compose(&told.report, args.lang, &told.released)).into_bytes(),
        ReportFormat::Csv => csv(&told.report).into_bytes(),
        ReportFormat::Pdf => told.pdf(args.lang)?,
        ReportFormat::Json => told.bytes.clone(),
    })
}

/// Whether these very bytes were released, in a sentence.
fn words(released: &Released) -> String {
    let by: Vec<_> = released
        .by
        .iter()
        .map(|(state, person)| format!("{state}/{person}"))
        .collect();
    let by = by.join(" and ");
    let mut words = match (released.whole, by.is_empty()) {
        (true, _) => format!("released by {by}"),
        (false, false) => format!("not released, signed by {by} alone"),
        (false, true) => "released by nobody".to_owned(),
    };
    for refused in &released.refused {
        let (state, person, reason) = (&refused.state, &refused.person, &refused.reason);
        words.push_str(&format!("; refused by {state}/{person}: {reason}"));
    }
    match &released.other_stands {
        Some(later) if released.whole => {
            words.push_str(&format!("; superseded by the released version {later}"));
        }
        Some(stands) => {
            words.push_str(&format!(
                "; it would supersede the released version {stands}"
            ));
        }
        None => {}
    }
    words
}

fn sign(
    args: &Decide,
    decision: ReportDecision,
    reason: Option<&String>,
    json: bool,
) -> anyhow::Result<bool> {
    let of = &args.of;
    let which = args.version.unwrap_or(Which::Standing);
    let route = |statement: &ReportStatement| {
        let version = &statement.version;
        format!("/api/reports/{}/{}/release", version.report, version.date)
    };
    let (statement, entry) = deeds::record(&of.centre.dir, REPORT, &args.key, route, |centre| {
        let report = (of.report.as_str(), of.date);
        Ok(centre.report_statement(report, which, decision, reason.cloned())?)
    })?;
    let sha256 = statement.version.sha256;
    let board = super::read(&of.centre.dir)?.report_board(&of.report, of.date)?;
    let row = board.versions.iter().find(|row| row.sha256 == sha256);
    let standing = row.map_or(ReportStanding::HalfReleased, |row| row.standing);
    if json {
        println!(
            "{}",
            json!({"report": of.report, "date": of.date, "sha256": sha256, "entry": entry, "standing": standing})
        );
    } else {
        println!("{} of {}, SHA-256 {sha256}", of.report, of.date);
        println!("entry {entry}: {}", meaning(standing));
    }
    Ok(true)
}

fn meaning(standing: ReportStanding) -> &'static str {
    match standing {
        ReportStanding::HalfReleased => {
            "signed by one sending state; not released until the other signs the same bytes"
        }
        ReportStanding::Released => "released: both sending states have signed the same bytes",
        ReportStanding::Refused => "refused; not released",
        ReportStanding::Superseded => "released; a later version was released in its place",
    }
}

fn releases(of: &OfDate, json: bool) -> anyhow::Result<bool> {
    let board = super::read(&of.centre.dir)?.report_board(&of.report, of.date)?;
    if json {
        println!("{}", serde_json::to_string(&board)?);
        return Ok(true);
    }
    let Board {
        report,
        date,
        now,
        stands,
        versions,
    } = &board;
    for ReportRow {
        sha256,
        before,
        standing,
        signatures,
        ..
    } in versions
    {
        println!("{report} of {date}, SHA-256 {sha256}, on entries before {before}: {standing}");
        for s in signatures {
            let decision = match s.decision {
                ReportDecision::Release => "released",
                ReportDecision::Refuse => "refused",
            };
            let why = s
                .reason
                .as_ref()
                .map_or_else(String::new, |why| format!(": {why}"));
            let (state, person, at, entry) = (&s.state, &s.person, s.at, s.entry);
            println!(
                "  {decision} by {state}/{person} at {at} (entry {entry}, by {}){why}",
                s.method
            );
        }
    }
    let now = now.map(|now| now.sha256);
    match (now, stands) {
        (None, _) => println!("the record gives no such report today"),
        (Some(now), Some(stands)) if now == *stands => {
            println!("the record gives the released version today");
        }
        (Some(now), Some(_)) => {
            println!("the record gives another today, superseding and not released: {now}");
        }
        (Some(now), None) => println!("the record gives today, not released: {now}"),
    }
    Ok(true)
}
