//! `truceline coverage`: what was watched, when, and by what.

use anyhow::{Context as _, bail};

use truceline_engine::Stretch;

use crate::args::Coverage;
use crate::tell::Lines;

pub(crate) fn run(args: &Coverage, json: bool) -> anyhow::Result<bool> {
    if args.to <= args.from {
        bail!("--to {} is not after --from {}", args.to, args.from);
    }
    let centre = super::read(&args.centre.dir)?;
    let theatre = centre
        .documents()
        .theatre()
        .context("the record has no geometry")?;
    let observations = centre.observations()?;
    let stretches = truceline_engine::coverage(theatre, &observations, args.from, args.to);
    if json {
        let mut lines = Lines::new();
        for stretch in &stretches {
            lines.put(stretch)?;
        }
        lines.end()?;
    } else {
        table(&stretches);
    }
    Ok(true)
}

/// A line a stretch that stood in the span, then what was never watched.
fn table(stretches: &[Stretch]) {
    println!(
        "{:<16} {:>11}  {:>7}  {:>11}  by",
        "line", "km", "watched", "longest gap"
    );
    let stood: Vec<_> = stretches.iter().filter(|stretch| stretch.stood).collect();
    for stretch in &stood {
        let name = stretch
            .line
            .clone()
            .unwrap_or_else(|| format!("line {}", stretch.line_number + 1));
        let by: Vec<_> = stretch
            .watched
            .iter()
            .filter(|(_, share)| **share > 0.0)
            .map(|(watch, share)| format!("{watch:?} {:.0} %", 100.0 * share).to_lowercase())
            .collect();
        println!(
            "{name:<16} {:>5.1}-{:<5.1}  {:>5.0} %  {:>7.0} min  {}",
            stretch.from_m / 1000.0,
            stretch.to_m / 1000.0,
            100.0 * stretch.watched_by_any,
            stretch.longest_gap_s / 60.0,
            by.join(", ")
        );
    }
    let length = |all: &[&Stretch]| all.iter().map(|s| s.to_m - s.from_m).sum::<f64>() / 1000.0;
    let never: Vec<&Stretch> = stood.iter().filter(|s| s.never_watched).copied().collect();
    println!(
        "{:.1} of {:.1} km were never watched: not observed, and no statement of compliance covers them",
        length(&never),
        length(&stood)
    );
}
