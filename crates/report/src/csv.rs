//! A report for machines: one table, the same in every language.

use csv::Writer;
use truceline_domain::{Observed, Verdict};

use crate::compose::word;
use crate::model::{DailyReport, Finding, Fix, Kept, Location, Observer, Row};

/// The columns; which are filled depends on `record`.
const COLUMNS: [&str; 36] = [
    "record",
    "observer",
    "theatre",
    "date",
    "id",
    "entry",
    "sha256",
    "time",
    "until",
    "lat_deg",
    "lon_deg",
    "place",
    "distance_km",
    "wind",
    "means",
    "number",
    "number_kind",
    "observation",
    "direction",
    "weapon",
    "kind",
    "verdict",
    "p_verdict",
    "p_none",
    "standing",
    "signed_by",
    "dissent_by",
    "dissent_reason",
    "clause",
    "party",
    "line",
    "along_km",
    "kept",
    "watched",
    "gap_min",
    "p_missed",
];

/// The report as comma-separated values (RFC 4180, UTF-8): one row a finding, an observation, a stretch's
/// compliance. Times are UTC in RFC 3339, numbers have a point. What would be taken for a formula by a
/// spreadsheet has an apostrophe before it.
#[must_use]
pub fn csv(report: &DailyReport) -> String {
    let mut out = Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = out.write_record(COLUMNS);
    for finding in &report.findings {
        put(&mut out, report, &of_finding(finding));
    }
    for row in &report.rows {
        put(&mut out, report, &of_row(row));
    }
    for kept in &report.compliance {
        put(&mut out, report, &of_kept(kept));
    }
    let bytes = out.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

type Values = Vec<(&'static str, String)>;

fn put(out: &mut Writer<Vec<u8>>, report: &DailyReport, values: &Values) {
    let record = COLUMNS.map(|column| match column {
        "theatre" => report.theatre.to_string(),
        "date" => report.date.clone(),
        _ => {
            let value = values.iter().find(|(name, _)| *name == column);
            value.map_or_else(String::new, |(_, value)| harmless(value))
        }
    });
    let _ = out.write_record(record);
}

/// OWASP, «CSV Injection»: a text that begins so is calculated by spreadsheets. Numbers stay as they are.
fn harmless(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && value.parse::<f64>().is_err() {
        format!("'{value}")
    } else {
        value.to_owned()
    }
}

fn of_finding(f: &Finding) -> Values {
    let by = |decision: &str| {
        let of = f.decisions.iter().filter(|d| d.decision == decision);
        let who: Vec<_> = of.map(|d| format!("{}/{}", d.state, d.person)).collect();
        who.join(" ")
    };
    let reasons = f.decisions.iter().filter_map(|d| d.reason.clone());
    let clauses = f.clauses.iter().map(|c| {
        let mark = if c.violated { "" } else { "?" };
        format!("{}{mark}", c.clause)
    });
    let mut values = vec![
        ("record", "finding".to_owned()),
        ("id", f.id.to_string()),
        ("entry", f.entry.to_string()),
        ("sha256", f.sha256.to_string()),
        ("time", f.time.to_string()),
        ("kind", f.kind.as_str().to_owned()),
        ("verdict", f.verdict.to_string()),
        ("p_none", f.p.none().get().to_string()),
        ("standing", f.standing.clone()),
        ("signed_by", by("determined")),
        ("dissent_by", by("dissent")),
        ("dissent_reason", reasons.collect::<Vec<_>>().join("; ")),
        ("clause", clauses.collect::<Vec<_>>().join(" ")),
    ];
    if let Verdict::Party(party) = &f.verdict {
        values.push(("p_verdict", f.p.of(party).get().to_string()));
    }
    values.extend(of_fix(f.fix));
    values.extend(
        of_location(&f.location)
            .into_iter()
            .filter(|(n, _)| !n.ends_with("_deg")),
    );
    values
}

fn of_row(row: &Row) -> Values {
    let (id, source) = match &row.observer {
        Observer::Centre(finding) => (finding.to_string(), String::new()),
        Observer::Post {
            observation,
            source,
            ..
        } => (observation.to_string(), source.to_string()),
    };
    let means: Vec<_> = row.means.iter().map(word).collect();
    let optional = |value: Option<String>| value.unwrap_or_default();
    let mut values = vec![
        ("record", "observation".to_owned()),
        ("id", id),
        ("observer", source),
        ("time", row.time.to_string()),
        (
            "until",
            optional(row.until.as_ref().map(Observed::to_string)),
        ),
        ("means", means.join(" ")),
        ("number", optional(row.number.map(|n| n.to_string()))),
        ("number_kind", word(&row.number_kind)),
        ("observation", optional(row.observation.as_ref().map(word))),
        ("direction", word(&row.direction)),
        ("weapon", word(&row.weapon)),
        ("kind", optional(row.kind.map(|k| k.as_str().to_owned()))),
    ];
    values.extend(of_location(&row.location));
    values
}

fn of_kept(kept: &Kept) -> Values {
    let findings: Vec<_> = kept.findings.iter().map(ToString::to_string).collect();
    let along = kept.along_km.map(|[a, b]| format!("{a} {b}"));
    vec![
        ("record", "compliance".to_owned()),
        ("id", findings.join(" ")),
        ("clause", kept.clause.clone()),
        ("party", kept.party.to_string()),
        ("line", kept.line.clone().unwrap_or_default()),
        ("along_km", along.unwrap_or_default()),
        ("kept", word(&kept.kept)),
        ("watched", kept.watched.to_string()),
        ("gap_min", kept.gap_min.to_string()),
        (
            "p_missed",
            kept.p_missed.map(|p| p.to_string()).unwrap_or_default(),
        ),
    ]
}

fn of_fix(fix: Fix) -> Values {
    vec![
        ("lat_deg", fix.lat_deg.to_string()),
        ("lon_deg", fix.lon_deg.to_string()),
    ]
}

/// Winds by their English letters.
const WINDS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];

fn of_location(location: &Location) -> Values {
    let wind = |w: crate::model::Wind| {
        let letters = WINDS.get(usize::from(w.number()));
        ("wind", letters.copied().unwrap_or_default().to_owned())
    };
    match location {
        Location::From {
            place, km, wind: w, ..
        } => vec![
            ("place", place.clone()),
            ("distance_km", km.to_string()),
            wind(*w),
        ],
        Location::Seen { km, wind: w } => {
            let range = km.map(|[a, b]| {
                if a == b {
                    a.to_string()
                } else {
                    format!("{a} {b}")
                }
            });
            let mut values = vec![
                ("place", "observer".to_owned()),
                ("distance_km", range.unwrap_or_default()),
            ];
            values.extend(w.map(wind));
            values
        }
        Location::At(fix) => of_fix(*fix),
        Location::Unknown => Vec::new(),
    }
}
