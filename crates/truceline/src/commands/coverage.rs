//! `truceline coverage`: what was watched, when, by what, and what a violation's chance was to be
//! noticed.

use anyhow::{Context as _, bail};
use geo::{Coord, LineString};
use serde_json::{Value, json};
use truceline_domain::EventKind;
use truceline_engine::detection::Watch;
use truceline_engine::{Hour, Watched};

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
            let paths = theatre
                .lines
                .iter()
                .map(|line| &line.path)
                .collect::<Vec<_>>();
            println!("{}", geojson(&rows, args.weapon, &paths));
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

/// The figures of a row for one kind of violation.
fn of(row: &Hour, kind: EventKind) -> Option<&Watched> {
    row.stretch.kinds.get(&kind)
}

fn name(row: &Hour) -> String {
    let number = row.stretch.line_number + 1;
    row.stretch
        .line
        .clone()
        .unwrap_or_else(|| format!("line {number}"))
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

fn geojson(rows: &[Hour], weapon: EventKind, paths: &[&LineString<f64>]) -> Value {
    let features: Vec<Value> = rows
        .iter()
        .filter_map(|row| {
            let w = of(row, weapon)?;
            let path = paths.get(row.stretch.line_number)?;
            let piece = piece(path, row.stretch.from_m, row.stretch.to_m);
            Some(json!({
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": piece},
                "properties": {
                    "from": row.from, "until": row.until, "line": name(row),
                    "from_m": row.stretch.from_m, "to_m": row.stretch.to_m, "stood": row.stretch.stood,
                    "kind": weapon, "watched": w.watched, "p_seen": w.p_seen,
                    "watched_by": w.watched_by, "p_seen_by": w.p_seen_by,
                    "longest_gap_s": w.longest_gap_s, "never_watched": w.never_watched,
                },
            }))
        })
        .collect();
    json!({"type": "FeatureCollection", "features": features})
}

/// The piece of a line between two lengths along it, metres over the ellipsoid.
fn piece(path: &LineString<f64>, from_m: f64, to_m: f64) -> Vec<[f64; 2]> {
    use geo::{Distance as _, Geodesic, Point};
    let mut piece = Vec::new();
    let mut at_m = 0.0;
    for leg in path.lines() {
        let (a, b) = (leg.start, leg.end);
        let length_m = Geodesic.distance(Point::from(a), Point::from(b)).max(1e-9);
        let between = |m: f64| {
            let share = ((m - at_m) / length_m).clamp(0.0, 1.0);
            Coord {
                x: a.x + (b.x - a.x) * share,
                y: a.y + (b.y - a.y) * share,
            }
        };
        let (start_m, end_m) = (from_m.max(at_m), to_m.min(at_m + length_m));
        if start_m <= end_m {
            for c in [between(start_m), between(end_m)] {
                if piece.last() != Some(&[c.x, c.y]) {
                    piece.push([c.x, c.y]);
                }
            }
        }
        at_m += length_m;
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_line_join() {
        let path = LineString::from(vec![(46.0, 40.0), (46.1, 40.0), (46.1, 40.1)]);
        let (first, second) = (
            piece(&path, 0.0, 10_000.0),
            piece(&path, 10_000.0, 99_000.0),
        );
        assert_eq!(first.last(), second.first());
        assert_eq!(first[1], [46.1, 40.0]);
        assert_eq!(second.last(), Some(&[46.1, 40.1]));
    }
}
