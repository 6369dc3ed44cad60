//! The map of a report: a drawing that needs neither tiles nor script.

use truceline_domain::PartyId;
use truceline_page::{Drawing, Frame, Paint, Position, Rgb, Shape};

use crate::model::{DailyReport, Fix};
use crate::say::Words;

/// Most names of places, so that they can be read.
const MAX_PLACES: usize = 14;

const BLACK: Rgb = [0x22, 0x22, 0x22];
const WHITE: Rgb = [0xff, 0xff, 0xff];
const RED: Rgb = [0xa0, 0x20, 0x20];
/// Height of letters, in the drawing's units.
const LETTERS: f64 = 15.0;

/// Shades for parties, in the order in which the theatre names them; they mean nothing.
const SHADES: [Rgb; 4] = [
    [0xdf, 0xe8, 0xee],
    [0xee, 0xe8, 0xdf],
    [0xe6, 0xee, 0xdf],
    [0xea, 0xdf, 0xee],
];

/// The drawing; `None` when there is nothing to draw.
pub(crate) fn map(report: &DailyReport, words: &Words) -> Option<Drawing> {
    let map = &report.map;
    let points = map.posts.iter().map(|p| p.fix);
    let points = points.chain(report.findings.iter().map(|f| f.fix));
    let mut around: Vec<Position> = points.map(lon_lat).collect();
    if around.is_empty() {
        around.extend(map.lines.iter().flatten().copied());
    }
    let frame = Frame::around(&around)?;
    let mut drawing = frame.open();
    let shapes = &mut drawing.shapes;
    ground(shapes, &frame, report);
    places(shapes, &frame, report, words);
    findings(shapes, &frame, report);
    scale(shapes, &frame, words);
    Some(drawing)
}

fn lon_lat(fix: Fix) -> Position {
    [fix.lon_deg, fix.lat_deg]
}

fn ground(shapes: &mut Vec<Shape>, frame: &Frame, report: &DailyReport) {
    let map = &report.map;
    let mut parties: Vec<&PartyId> = map.held.iter().map(|h| &h.party).collect();
    parties.sort();
    parties.dedup();
    let mut path = |rings, closed, paint| {
        shapes.push(Shape::Path {
            rings,
            closed,
            paint,
        });
    };
    for held in &map.held {
        let number = parties.iter().position(|p| **p == held.party).unwrap_or(0);
        let shade = SHADES.get(number % SHADES.len()).copied().unwrap_or(WHITE);
        let rings = held.rings.iter().map(|r| frame.path(r)).collect();
        path(rings, true, Paint::fill(shade));
    }
    for ring in &map.interest {
        let dashed = Paint {
            dash: Some([8.0, 6.0]),
            ..Paint::stroke([0x88; 3], 1.0)
        };
        path(vec![frame.path(ring)], true, dashed);
    }
    for line in &map.lines {
        path(vec![frame.path(line)], false, Paint::stroke(BLACK, 3.0));
    }
}

fn places(shapes: &mut Vec<Shape>, frame: &Frame, report: &DailyReport, words: &Words) {
    let shown = report
        .map
        .places
        .iter()
        .filter(|p| frame.holds(lon_lat(p.fix)));
    for place in shown.take(MAX_PLACES) {
        let [x, y] = frame.xy(lon_lat(place.fix));
        let name = place
            .names
            .get(words.language.code())
            .unwrap_or(&place.name);
        shapes.push(Shape::circle([x, y], 3.0, Paint::fill([0x55; 3])));
        shapes.push(Shape::text([x + 6.0, y], name, LETTERS, [0x44; 3]));
    }
    for post in report
        .map
        .posts
        .iter()
        .filter(|p| frame.holds(lon_lat(p.fix)))
    {
        let [x, y] = frame.xy(lon_lat(post.fix));
        let paint = Paint::both(WHITE, BLACK, 2.0);
        shapes.push(Shape::square([x, y], 5.0, paint));
        let at = [x + 8.0, y + 5.0];
        shapes.push(Shape::text(at, &post.name, 13.0, BLACK));
    }
}

/// Each finding with its 90 % ellipse, numbered as in the table; filled when determined by both.
fn findings(shapes: &mut Vec<Shape>, frame: &Frame, report: &DailyReport) {
    for (i, finding) in report.findings.iter().enumerate() {
        let [x, y] = frame.xy(lon_lat(finding.fix));
        let [major, minor, bearing] = finding.ellipse_90;
        let fill = if finding.standing == "determined" {
            RED
        } else {
            WHITE
        };
        shapes.push(Shape::Ellipse {
            at: [x, y],
            radii: [frame.length(minor), frame.length(major)],
            turned_deg: bearing,
            paint: Paint {
                fill: Some((RED, 0.15)),
                ..Paint::stroke(RED, 1.0)
            },
        });
        shapes.push(Shape::circle([x, y], 5.0, Paint::both(fill, RED, 2.0)));
        shapes.push(Shape::Text {
            at: [x + 7.0, y - 6.0],
            text: (i + 1).to_string(),
            size: LETTERS,
            color: RED,
            bold: true,
            centred: false,
        });
    }
}

/// A bar of a round length, and north.
fn scale(shapes: &mut Vec<Shape>, frame: &Frame, words: &Words) {
    let [width, height] = frame.size();
    let lengths = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];
    let fits = lengths
        .into_iter()
        .rev()
        .find(|m| frame.length(*m) <= width / 4.0);
    let Some(m) = fits else { return };
    let (end, y) = (20.0 + frame.length(m), height - 20.0);
    let tick = |x: f64| vec![[x, y - 5.0], [x, y + 5.0]];
    shapes.push(Shape::Path {
        rings: vec![vec![[20.0, y], [end, y]], tick(20.0), tick(end)],
        closed: false,
        paint: Paint::stroke(BLACK, 2.0),
    });
    let label = words.say("km", &[("n", &words.number(m / 1000.0, 0))]);
    shapes.push(Shape::text([20.0, y - 10.0], label, LETTERS, BLACK));
    let north = width - 25.0;
    shapes.push(Shape::Path {
        rings: vec![vec![
            [north, 20.0],
            [north - 7.0, 38.0],
            [north + 7.0, 38.0],
        ]],
        closed: true,
        paint: Paint::fill(BLACK),
    });
    shapes.push(Shape::Text {
        at: [north, 54.0],
        text: words.word("wind-0"),
        size: LETTERS,
        color: BLACK,
        bold: false,
        centred: true,
    });
}
