//! `truceline coverage`: what was watched, when, by what, and what a violation's chance was to be
//! noticed.

use anyhow::{Context as _, bail};
use truceline_domain::EventKind;
use truceline_engine::Hour;
use truceline_engine::detection::Watch;
use truceline_service::coverage::{name, of};

use crate::args::{Coverage, CoverageBy, CoverageFormat};
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
    let mut covered = truceline_engine::covered(theatre, &observations);
    let rows = match args.by {
        CoverageBy::Hour => covered.hours(args.from, args.to),
        CoverageBy::Span => {
            let whole = |stretch| Hour {
                from: args.from,
                until: args.to,
                stretch,
            };
            let stretches = covered.stretches(args.from, args.to);
            stretches.into_iter().map(whole).collect()
        }
    };
    let default = if json {
        CoverageFormat::Json
    } else {
        CoverageFormat::Table
    };
    match args.format.unwrap_or(default) {
        CoverageFormat::Table => table(&rows, args),
        CoverageFormat::Json => lines(&rows, args.by)?,
        CoverageFormat::Csv => csv(&rows, args.weapon)?,
        CoverageFormat::Geojson => {
            println!(
                "{}",
                truceline_service::coverage::geojson(&rows, args.weapon, theatre)
            );
        }
    }
    Ok(true)
}

fn lines(rows: &[Hour], by: CoverageBy) -> anyhow::Result<()> {
    let mut lines = Lines::new();
    for row in rows {
        match by {
            CoverageBy::Hour => lines.put(row)?,
            CoverageBy::Span => lines.put(&row.stretch)?,
        }
    }
    lines.end()?;
    Ok(())
}

/// A line a stretch that stood in the span, then what was never watched.
fn table(rows: &[Hour], args: &Coverage) {
    let by_hour = args.by == CoverageBy::Hour;
    let time = if by_hour { "hour (UTC)        " } else { "" };
    println!(
        "{time}{:<16} {:>11}  {:>7}  {:>7}  {:>11}  by",
        "line", "km", "watched", "noticed", "longest gap"
    );
    let stood: Vec<&Hour> = rows.iter().filter(|row| row.stretch.stood).collect();
    for row in &stood {
        let Some(w) = of(row, args.weapon) else {
            continue;
        };
        if by_hour {
            print!("{}  ", row.from.timestamp().strftime("%Y-%m-%d %H:%M"));
        }
        let by: Vec<_> = w
            .p_seen_by
            .iter()
            .filter(|(_, p)| **p >= 0.005)
            .map(|(watch, p)| format!("{} {:.0} %", watch.as_str(), 100.0 * p))
            .collect();
        println!(
            "{:<16} {:>5.1}-{:<5.1}  {:>5.0} %  {:>5.0} %  {:>7.0} min  {}",
            name(row),
            row.stretch.from_m / 1000.0,
            row.stretch.to_m / 1000.0,
            100.0 * w.watched,
            100.0 * w.p_seen,
            w.longest_gap_s / 60.0,
            by.join(", ")
        );
    }
    println!(
        "watched: share of length and time in which one event of {} would have been noticed rather than not; \
         noticed: the probability that it would have been, and by each kind of source alone",
        args.weapon.as_str()
    );
    never(&stood, args.weapon);
}

/// What was watched in no row.
fn never(stood: &[&Hour], weapon: EventKind) {
    let key = |row: &Hour| (row.stretch.line_number, row.stretch.from_m.to_bits());
    let (mut all, mut watched) = (
        std::collections::BTreeMap::new(),
        std::collections::BTreeSet::new(),
    );
    for row in stood {
        all.insert(key(row), (row.stretch.to_m - row.stretch.from_m) / 1000.0);
        if of(row, weapon).is_some_and(|w| !w.never_watched) {
            watched.insert(key(row));
        }
    }
    let length: f64 = all.values().sum();
    let unwatched = all.iter().filter(|(key, _)| !watched.contains(*key));
    let never: f64 = unwatched.map(|(_, km)| km).sum();
    println!(
        "{never:.1} of {length:.1} km were never watched: not observed, and no statement of compliance covers them"
    );
}

fn csv(rows: &[Hour], weapon: EventKind) -> anyhow::Result<()> {
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    let mut head = vec![
        "from",
        "until",
        "line",
        "from_m",
        "to_m",
        "lat",
        "lon",
        "stood",
        "kind",
        "watched",
        "p_seen",
        "longest_gap_s",
        "never_watched",
    ];
    let columns = Watch::ALL.map(|w| {
        [
            format!("watched_{}", w.as_str()),
            format!("p_seen_{}", w.as_str()),
        ]
    });
    head.extend(columns.iter().flatten().map(String::as_str));
    out.write_record(&head)?;
    for row in rows {
        let Some(w) = of(row, weapon) else { continue };
        let s = &row.stretch;
        let mut fields = vec![
            row.from.to_string(),
            row.until.to_string(),
            name(row),
            format!("{:.0}", s.from_m),
            format!("{:.0}", s.to_m),
            format!("{:.6}", s.middle.lat_deg()),
            format!("{:.6}", s.middle.lon_deg()),
            s.stood.to_string(),
            weapon.as_str().to_owned(),
            format!("{:.4}", w.watched),
            format!("{:.4}", w.p_seen),
            format!("{:.0}", w.longest_gap_s),
            w.never_watched.to_string(),
        ];
        for watch in Watch::ALL {
            let share = |map: &std::collections::BTreeMap<Watch, f64>| {
                format!("{:.4}", map.get(&watch).copied().unwrap_or(0.0))
            };
            fields.extend([share(&w.watched_by), share(&w.p_seen_by)]);
        }
        out.write_record(&fields)?;
    }
    out.flush()?;
    Ok(())
}
