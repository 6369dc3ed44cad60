//! `truceline compliance`: who kept which clause, where and when.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use truceline_domain::{Finding, Kept};

use crate::args::Compliance;
use crate::tell::Lines;

pub(crate) fn run(args: &Compliance, json: bool) -> anyhow::Result<bool> {
    if args.to <= args.from {
        bail!("--to {} is not after --from {}", args.to, args.from);
    }
    let centre = super::read(&args.centre.dir)?;
    let theatre = centre
        .documents()
        .theatre()
        .context("the record has no geometry")?;
    let observations = centre.observations()?;
    // A finding that another took the place of speaks no more.
    let findings: Vec<Finding> = centre
        .store()
        .findings()?
        .into_iter()
        .filter(|row| !row.standing.starts_with("superseded"))
        .map(|row| row.finding)
        .collect();
    let mut coverage = truceline_engine::covered(theatre, &observations);
    let rows = truceline_engine::compliance(
        centre.documents().parsed(),
        theatre,
        &mut coverage,
        &findings,
        args.from,
        args.to,
    );
    if json {
        let mut lines = Lines::new();
        for row in &rows {
            lines.put(row)?;
        }
        lines.end()?;
    } else {
        table(&rows);
    }
    Ok(true)
}

/// A line a row, then how many kilometres of which answer each party has by clause.
fn table(rows: &[truceline_domain::Compliance]) {
    println!(
        "{:<16} {:<10} {:<14} {:>11}  {:<13} {:>7}  {:>7}  why",
        "clause", "party", "line", "km", "kept", "watched", "missed"
    );
    for row in rows {
        let line = row.line.clone().unwrap_or_else(|| match row.line_number {
            Some(number) => format!("line {}", number + 1),
            None => "elsewhere".to_owned(),
        });
        let along = row.along_m.map_or(String::new(), |[from_m, to_m]| {
            format!("{:.1}-{:.1}", from_m / 1000.0, to_m / 1000.0)
        });
        let missed = row
            .p_missed
            .map_or("–".to_owned(), |p| format!("{:.2}", p.get()));
        println!(
            "{:<16} {:<10} {line:<14} {along:>11}  {:<13} {:>5.0} %  {missed:>7}  {}",
            row.clause.as_str(),
            row.party.as_str(),
            row.kept.to_string(),
            100.0 * row.watched.get(),
            row.reason,
        );
    }
    let mut km: BTreeMap<(&str, &str), BTreeMap<Kept, f64>> = BTreeMap::new();
    for row in rows {
        let length_m = row.along_m.map_or(0.0, |[from_m, to_m]| to_m - from_m);
        let of = km
            .entry((row.clause.as_str(), row.party.as_str()))
            .or_default();
        *of.entry(row.kept).or_insert(0.0) += length_m / 1000.0;
    }
    for ((clause, party), by) in km {
        let told: Vec<_> = by
            .iter()
            .map(|(kept, km)| format!("{kept} {km:.0} km"))
            .collect();
        println!("{clause}, {party}: {}", told.join(", "));
    }
}
