//! `truceline findings`: what was put before the officers, and where it stands.

use std::io::{IsTerminal, Write};

use geo::{Bearing as _, Distance as _, Haversine, Point};
use serde_json::{Value, json};
use truceline_domain::{EventKind, Finding, Holding, PartyId, Position};
use truceline_engine::{Language, say};
use truceline_service::Centre;
use truceline_store::FindingRow;
use truceline_store::export::feature_collection;

use crate::args::{Findings, FindingsFormat};
use crate::tell::Lines;

pub(crate) fn run(args: &Findings, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir)?;
    let default = if std::io::stdout().is_terminal() && !json {
        FindingsFormat::Table
    } else {
        FindingsFormat::Json
    };
    let rows = centre.store().findings()?;
    match args.format.unwrap_or(default) {
        FindingsFormat::Table => {
            for row in &rows {
                println!("{}", line(row));
                for sentence in args.lang.map_or(vec![], |lang| why(&centre, row, lang)) {
                    println!("    {sentence}");
                }
            }
        }
        FindingsFormat::Json => {
            let mut lines = Lines::new();
            for row in &rows {
                let mut object = object(&centre, row)?;
                if let Some(lang) = args.lang {
                    object["sentences"] = json!({lang.code(): why(&centre, row, lang)});
                }
                lines.put(&object)?;
            }
            lines.end()?;
        }
        FindingsFormat::Csv => csv(&rows)?,
        FindingsFormat::Geojson => {
            print!(
                "{}",
                feature_collection(&centre.store().features("findings")?)?
            );
        }
        FindingsFormat::Osce => osce(&centre, &rows)?,
    }
    if rows.is_empty() {
        eprintln!("no findings yet");
    }
    Ok(true)
}

/// A finding in a line for people: probability in words with its number.
pub(super) fn line(row: &FindingRow) -> String {
    let event = &row.finding.event;
    format!(
        "{:<14} {}  {:<12} {:.4} {:.4} ±{:>5.0} m  {:<14} {:<24} {}",
        row.finding.id.as_str(),
        event.time.timestamp().strftime("%Y-%m-%d %H:%M:%SZ"),
        event.kind.as_str(),
        event.position.lat_deg(),
        event.position.lon_deg(),
        (event.cov_m2.ee() + event.cov_m2.nn()).sqrt(),
        event.attribution.verdict.to_string(),
        row.standing,
        chances(&row.finding),
    )
}

/// Why, in a language, with the names that the agreements give the parties.
fn why(centre: &Centre, row: &FindingRow, language: Language) -> Vec<String> {
    let event = &row.finding.event;
    let parties = centre.documents().parsed().parties_at(event.time);
    let name = |party: &PartyId| {
        let known = parties.iter().find(|p| p.id == *party);
        known.map_or_else(|| party.to_string(), |p| p.name.clone())
    };
    say(&event.explanation.statements, language, &name)
}

fn chances(finding: &Finding) -> String {
    let p = &finding.event.attribution.p;
    let parties = p.parties().map(|(id, p)| (id.as_str(), p));
    let all = parties.chain([("none", p.none())]);
    all.map(|(who, p)| format!("{who} {:.1} % ({})", 100.0 * p.get(), p.word()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn object(centre: &Centre, row: &FindingRow) -> anyhow::Result<Value> {
    let signatures: Vec<_> = centre
        .store()
        .signatures(&row.finding.id)?
        .into_iter()
        .map(|s| {
            json!({"state": s.state, "key": s.key_name, "decision": s.decision,
                   "reason": s.reason, "recorded": s.recorded, "entry": s.entry})
        })
        .collect();
    Ok(
        json!({"finding": row.finding, "sha256": row.sha256, "entry": row.entry,
              "recorded": row.recorded, "standing": row.standing, "signatures": signatures}),
    )
}

fn csv(rows: &[FindingRow]) -> anyhow::Result<()> {
    let mut out = csv_writer();
    out.write_record([
        "id",
        "time",
        "time_sd_s",
        "lat",
        "lon",
        "sd_m",
        "kind",
        "verdict",
        "p_verdict",
        "p_none",
        "violates",
        "standing",
        "sha256",
    ])?;
    for FindingRow {
        finding,
        standing,
        sha256,
        ..
    } in rows
    {
        let event = &finding.event;
        let p_verdict = match &event.attribution.verdict {
            truceline_domain::Verdict::Party(party) => {
                event.attribution.p.of(party).get().to_string()
            }
            _ => String::new(),
        };
        let violates = finding
            .assessments
            .iter()
            .filter(|a| a.holding == Holding::Violates);
        let violates: Vec<_> = violates.map(|a| a.clause.as_str()).collect();
        out.write_record([
            finding.id.as_str(),
            &event.time.to_string(),
            &event.time_sd_s.get().to_string(),
            &event.position.lat_deg().to_string(),
            &event.position.lon_deg().to_string(),
            &(event.cov_m2.ee() + event.cov_m2.nn()).sqrt().to_string(),
            event.kind.as_str(),
            &event.attribution.verdict.to_string(),
            &p_verdict,
            &event.attribution.p.none().get().to_string(),
            &violates.join(" "),
            standing,
            &sha256.to_string(),
        ])?;
    }
    Ok(out.flush()?)
}

/// The table of ceasefire violations in the OSCE's columns. Times are UTC and say so.
fn osce(centre: &Centre, rows: &[FindingRow]) -> anyhow::Result<()> {
    let posts: Vec<_> = centre
        .store()
        .features("theatre")?
        .into_iter()
        .filter(|row| row.kind == "post")
        .filter_map(|row| match row.geometry {
            geo::Geometry::Point(p) => Some((row.id, p)),
            _ => None,
        })
        .collect();
    let mut out = csv_writer();
    out.write_record([
        "Position",
        "Event location",
        "Means",
        "No.",
        "Observation",
        "Description",
        "Weapon",
        "Date, time (UTC)",
        "Finding",
        "Standing",
    ])?;
    for FindingRow {
        finding, standing, ..
    } in rows
    {
        let event = &finding.event;
        let description = if event.impact.is_some() {
            "Outgoing and impact"
        } else {
            "Undetermined"
        };
        out.write_record([
            "Joint centre, remote",
            &location(event.position, &posts),
            "Sensors",
            "1",
            observation(event.kind),
            description,
            weapon(event.kind),
            &event
                .time
                .timestamp()
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string(),
            finding.id.as_str(),
            standing,
        ])?;
    }
    Ok(out.flush()?)
}

fn csv_writer() -> csv::Writer<impl Write> {
    csv::Writer::from_writer(std::io::stdout().lock())
}

/// Distance and direction from the nearest post, in 16 winds; coordinates where no post is.
fn location(place: Position, posts: &[(String, Point<f64>)]) -> String {
    let here = Point::new(place.lon_deg(), place.lat_deg());
    let nearest = posts
        .iter()
        .map(|(name, post)| (Haversine.distance(*post, here), name, post))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((m, name, post)) => {
            let wind = wind(Haversine.bearing(*post, here));
            format!("{:.1} km {wind} of post {name}", m / 1000.0)
        }
        None => format!("{:.4} N {:.4} E", place.lat_deg(), place.lon_deg()),
    }
}

/// One of 16 winds.
fn wind(bearing_deg: f64) -> &'static str {
    const WINDS: [&str; 16] = [
        "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW",
        "NW", "NNW",
    ];
    let sixteenth = (bearing_deg.rem_euclid(360.0) / 22.5).round() as usize % 16;
    WINDS.get(sixteenth).copied().unwrap_or("N")
}

fn observation(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SmallArms | EventKind::Hmg => "Burst",
        EventKind::Fire => "Fire",
        EventKind::Thunder => "Thunder",
        _ => "Explosion",
    }
}

fn weapon(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SmallArms => "Small arms",
        EventKind::Hmg => "HMG",
        EventKind::Mortar => "Mortar",
        EventKind::Artillery => "Artillery",
        EventKind::Mlrs => "MLRS",
        EventKind::DroneStrike => "UAV",
        _ => "N/K",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn winds_turn_with_the_compass() {
        assert_eq!(
            [0.0, 11.3, 90.0, 180.0, 348.8, 359.9, -45.0].map(wind),
            ["N", "NNE", "E", "S", "N", "N", "NW"]
        );
    }

    #[test]
    fn a_place_is_told_from_the_nearest_post() {
        let posts = vec![
            ("P1".to_owned(), Point::new(46.9, 39.9)),
            ("P2".to_owned(), Point::new(46.9, 39.0)),
        ];
        let told = location(Position::new(39.92, 46.9).unwrap(), &posts);
        assert_eq!(told, "2.2 km N of post P1");
    }
}
