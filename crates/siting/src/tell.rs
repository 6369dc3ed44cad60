//! A ranking as lines, GeoJSON, and a page with a map.

use std::fmt::Write as _;

use serde_json::{Value, json};
use truceline_agreement::Theatre;
use truceline_agreement::theatre::Geometry;
use truceline_page::{Block, Cell, Drawing, Frame, Page, Paint, Shape};

use crate::rank::{Ranking, Sited};

/// Lines for people.
#[must_use]
pub fn table(rankings: &[Ranking]) -> String {
    let mut out = String::new();
    for ranking in rankings {
        let _ = writeln!(out, "{}:", ranking.r#use.as_str());
        for one in &ranking.sited {
            let rank = one.rank.map_or("-".to_owned(), |n| n.to_string());
            let share = first(one);
            let _ = writeln!(
                out,
                "{rank:>3}  {:<24} {:.3}  first for {share} of all weights",
                one.name, one.total
            );
            for reason in &one.ruled_out {
                let _ = writeln!(out, "       ruled out: {reason}");
            }
            for score in &one.scores {
                let figure = score.score.map_or("   ?".to_owned(), |s| format!("{s:.2}"));
                let _ = writeln!(
                    out,
                    "       {:<14} {figure}  {}",
                    score.criterion.as_str(),
                    score.reason
                );
            }
        }
        let _ = writeln!(out, "     {}", weighed(ranking));
        for (criterion, why) in &ranking.left_out {
            let _ = writeln!(out, "     not weighed: {}: {why}", criterion.as_str());
        }
    }
    out
}

fn first(one: &Sited) -> String {
    one.first_share
        .map_or("none".to_owned(), |s| format!("{:.0} %", 100.0 * s))
}

fn weighed(ranking: &Ranking) -> String {
    let weights = ranking.counted.iter();
    let weights: Vec<_> = weights
        .map(|(c, w)| format!("{} {w}", c.as_str()))
        .collect();
    format!("weights: {}", weights.join(", "))
}

/// A GeoJSON feature collection, a point a candidate.
#[must_use]
pub fn geojson(rankings: &[Ranking]) -> Value {
    let features: Vec<Value> = rankings
        .iter()
        .flat_map(|ranking| {
            ranking.sited.iter().map(|one| {
                json!({
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [one.lon_deg, one.lat_deg]},
                    "properties": {
                        "id": one.id, "name": one.name, "use": ranking.r#use, "rank": one.rank,
                        "total": one.total, "first_share": one.first_share,
                        "ruled_out": one.ruled_out, "scores": one.scores,
                    },
                })
            })
        })
        .collect();
    json!({"type": "FeatureCollection", "features": features})
}

/// A page with a table a use and a map.
#[must_use]
pub fn page(rankings: &[Ranking], theatre: &Theatre, now: &Geometry<'_>) -> Page {
    let mut blocks = Vec::new();
    for ranking in rankings {
        blocks.push(Block::Heading {
            text: format!("Candidates: {}", ranking.r#use.as_str()),
        });
        let rows = ranking.sited.iter().map(|one| {
            let mut reasons = one.ruled_out.clone();
            reasons.extend(one.scores.iter().map(|s| {
                let figure = s.score.map_or("?".to_owned(), |v| format!("{v:.2}"));
                format!("{} {figure}: {}", s.criterion.as_str(), s.reason)
            }));
            vec![
                Cell::plain(one.rank.map_or("ruled out".to_owned(), |n| n.to_string())),
                Cell::words(one.name.clone()),
                Cell::plain(format!("{:.3}", one.total)),
                Cell::plain(first(one)),
                Cell::words(reasons.join("\n")),
            ]
        });
        let head = ["Rank", "Place", "Total", "First for", "Reasons"];
        blocks.push(Block::Table {
            caption: weighed(ranking),
            head: head.map(str::to_owned).to_vec(),
            widths: vec![10, 20, 10, 12, 48],
            rows: rows.collect(),
        });
        let left_out = ranking.left_out.iter();
        let lines: Vec<_> = left_out
            .map(|(c, why)| format!("not weighed: {}: {why}", c.as_str()))
            .collect();
        if !lines.is_empty() {
            blocks.push(Block::List { lines });
        }
    }
    if let Some(drawing) = map(rankings, theatre, now) {
        blocks.push(Block::Drawing {
            drawing,
            caption: "Candidates (numbered by rank; hollow: ruled out) and the line of contact"
                .to_owned(),
        });
    }
    Page {
        lang: "en",
        right_to_left: false,
        title: format!("Siting in {}", theatre.id),
        foot: "A ranking is an aid to those who decide; its weights are theirs to choose."
            .to_owned(),
        page_word: "Page".to_owned(),
        wide: false,
        blocks,
    }
}

fn map(rankings: &[Ranking], theatre: &Theatre, now: &Geometry<'_>) -> Option<Drawing> {
    let all = || rankings.iter().flat_map(|r| &r.sited);
    let lines = theatre.lines.iter().filter(|l| l.valid.holds_at(now.at));
    let paths: Vec<Vec<[f64; 2]>> = lines
        .map(|l| l.path.0.iter().map(|c| [c.x, c.y]).collect())
        .collect();
    let mut around: Vec<[f64; 2]> = all().map(|s| [s.lon_deg, s.lat_deg]).collect();
    around.extend(paths.iter().flatten().copied());
    let frame = Frame::around(&around)?;
    let mut drawing = frame.open();
    for path in &paths {
        drawing.shapes.push(Shape::Path {
            rings: vec![frame.path(path)],
            closed: false,
            paint: Paint::stroke([0x22; 3], 3.0),
        });
    }
    for one in all() {
        let [x, y] = frame.xy([one.lon_deg, one.lat_deg]);
        let (blue, white) = ([0x20, 0x50, 0x80], [0xff; 3]);
        let fill = if one.rank.is_some() { blue } else { white };
        let rank = one.rank.map_or("–".to_owned(), |n| n.to_string());
        let paint = Paint::both(fill, blue, 2.0);
        drawing.shapes.push(Shape::circle([x, y], 7.0, paint));
        let (at, name) = ([x + 10.0, y + 5.0], format!("{rank} {}", one.name));
        drawing.shapes.push(Shape::text(at, name, 15.0, [0; 3]));
    }
    Some(drawing)
}
