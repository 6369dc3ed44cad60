//! The map of a report: an SVG drawing that needs neither tiles nor script.

use std::fmt::Write as _;

use truceline_domain::PartyId;

use crate::html::escaped;
use crate::model::{DailyReport, Fix, Position};
use crate::say::Words;

/// Width of the drawing in its own units; the height follows from the ground.
const WIDTH: f64 = 1000.0;
/// Highest drawing, in the same units: one that fits a page.
const MAX_HEIGHT: f64 = 1100.0;
/// Ground shown around what matters, degrees.
const MARGIN_DEG: f64 = 0.05;
/// Most names of places, so that they can be read.
const MAX_PLACES: usize = 14;

/// Ground to drawing: plate carrée with the middle parallel kept true, good enough for a theatre of some
/// hundred kilometres.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    west: f64,
    north: f64,
    per_lon: f64,
    per_lat: f64,
    width: f64,
    height: f64,
}

impl Frame {
    /// The frame around points; `None` without any.
    #[must_use]
    pub fn around(points: &[Position]) -> Option<Self> {
        let first = points.first()?;
        let (mut w, mut e, mut s, mut n) = (first[0], first[0], first[1], first[1]);
        for [x, y] in points {
            (w, e, s, n) = (w.min(*x), e.max(*x), s.min(*y), n.max(*y));
        }
        let (w, e) = (w - MARGIN_DEG, e + MARGIN_DEG);
        let (s, n) = (s - MARGIN_DEG, n + MARGIN_DEG);
        let shrink = f64::midpoint(s, n).to_radians().cos().max(0.05);
        let aspect = (n - s) / ((e - w) * shrink);
        let width = WIDTH.min(MAX_HEIGHT / aspect);
        let per_lon = width / (e - w);
        let per_lat = per_lon / shrink;
        Some(Self {
            west: w,
            north: n,
            per_lon,
            per_lat,
            width,
            height: (n - s) * per_lat,
        })
    }

    /// A place in the drawing's own units, to a tenth.
    #[must_use]
    pub fn xy(&self, [lon, lat]: Position) -> (f64, f64) {
        (
            tenth((lon - self.west) * self.per_lon),
            tenth((self.north - lat) * self.per_lat),
        )
    }

    /// The beginning of the drawing, with its background; `</svg>` ends it.
    #[must_use]
    pub fn open(&self) -> String {
        let (w, h) = (tenth(self.width), tenth(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             font-family=\"Noto Sans, Noto Sans Armenian, Noto Sans Arabic\" font-size=\"15\">\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#fbfbf9\"/>"
        )
    }

    fn at(&self, fix: Fix) -> (f64, f64) {
        self.xy([fix.lon_deg, fix.lat_deg])
    }

    /// A line as the data of an SVG path.
    #[must_use]
    pub fn path(&self, points: &[Position]) -> String {
        let mut d = String::new();
        for (i, point) in points.iter().enumerate() {
            let (x, y) = self.xy(*point);
            let _ = write!(d, "{}{x} {y}", if i == 0 { 'M' } else { 'L' });
        }
        d
    }

    fn holds(&self, fix: Fix) -> bool {
        let (x, y) = self.at(fix);
        (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y)
    }

    /// Units of the drawing for a length on the ground, metres.
    fn length(&self, m: f64) -> f64 {
        // Mean length of a degree of latitude (WGS 84).
        tenth(m / 111_195.0 * self.per_lat)
    }
}

fn tenth(units: f64) -> f64 {
    (units * 10.0).round() / 10.0
}

/// Shades for parties, in the order in which the theatre names them; they mean nothing.
const SHADES: [&str; 4] = ["#dfe8ee", "#eee8df", "#e6eedf", "#eadfee"];

/// The drawing; `None` when there is nothing to draw.
pub(crate) fn svg(report: &DailyReport, words: &Words) -> Option<String> {
    let map = &report.map;
    let points = map.posts.iter().map(|p| p.fix);
    let points = points.chain(report.findings.iter().map(|f| f.fix));
    let mut around: Vec<Position> = points.map(|f| [f.lon_deg, f.lat_deg]).collect();
    if around.is_empty() {
        around.extend(map.lines.iter().flatten().copied());
    }
    let frame = Frame::around(&around)?;
    let mut out = frame.open();
    ground(&mut out, &frame, report);
    places(&mut out, &frame, report, words);
    findings(&mut out, &frame, report);
    scale(&mut out, &frame, words);
    out.push_str("</svg>");
    Some(out)
}

fn ground(out: &mut String, frame: &Frame, report: &DailyReport) {
    let map = &report.map;
    let mut parties: Vec<&PartyId> = map.held.iter().map(|h| &h.party).collect();
    parties.sort();
    parties.dedup();
    for held in &map.held {
        let number = parties.iter().position(|p| **p == held.party).unwrap_or(0);
        let shade = SHADES.get(number % SHADES.len()).copied().unwrap_or("none");
        let d: String = held.rings.iter().map(|r| frame.path(r) + "Z").collect();
        let _ = write!(
            out,
            "<path d=\"{d}\" fill=\"{shade}\" fill-rule=\"evenodd\"/>"
        );
    }
    for ring in &map.interest {
        let d = frame.path(ring);
        let _ = write!(
            out,
            "<path d=\"{d}Z\" fill=\"none\" stroke=\"#888\" stroke-dasharray=\"8 6\"/>"
        );
    }
    for line in &map.lines {
        let d = frame.path(line);
        let _ = write!(
            out,
            "<path d=\"{d}\" fill=\"none\" stroke=\"#222\" stroke-width=\"3\"/>"
        );
    }
}

fn places(out: &mut String, frame: &Frame, report: &DailyReport, words: &Words) {
    let shown = report.map.places.iter().filter(|p| frame.holds(p.fix));
    for place in shown.take(MAX_PLACES) {
        let (x, y) = frame.at(place.fix);
        let name = place
            .names
            .get(words.language.code())
            .unwrap_or(&place.name);
        let name = escaped(name);
        let _ = write!(
            out,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"#555\"/>\
             <text x=\"{}\" y=\"{y}\" fill=\"#444\">{name}</text>",
            tenth(x + 6.0)
        );
    }
    for post in report.map.posts.iter().filter(|p| frame.holds(p.fix)) {
        let (x, y) = frame.at(post.fix);
        let _ = write!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"#fff\" stroke=\"#222\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{}\" font-size=\"13\">{}</text>",
            tenth(x - 5.0),
            tenth(y - 5.0),
            tenth(x + 8.0),
            tenth(y + 5.0),
            escaped(&post.name)
        );
    }
}

/// Each finding with its 90 % ellipse, numbered as in the table; filled when determined by both.
fn findings(out: &mut String, frame: &Frame, report: &DailyReport) {
    for (i, finding) in report.findings.iter().enumerate() {
        let (x, y) = frame.at(finding.fix);
        let [major, minor, bearing] = finding.ellipse_90;
        let (rx, ry) = (frame.length(minor), frame.length(major));
        let fill = if finding.standing == "determined" {
            "#a02020"
        } else {
            "#fff"
        };
        let _ = write!(
            out,
            "<ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{rx}\" ry=\"{ry}\" transform=\"rotate({bearing} {x} {y})\" \
             fill=\"#a02020\" fill-opacity=\"0.15\" stroke=\"#a02020\"/>\
             <circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{fill}\" stroke=\"#a02020\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"#a02020\" font-weight=\"bold\">{}</text>",
            tenth(x + 7.0),
            tenth(y - 6.0),
            i + 1
        );
    }
}

/// A bar of a round length, and north.
fn scale(out: &mut String, frame: &Frame, words: &Words) {
    let lengths = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];
    let fits = lengths
        .into_iter()
        .rev()
        .find(|m| frame.length(*m) <= frame.width / 4.0);
    let Some(m) = fits else { return };
    let (long, y) = (frame.length(m), tenth(frame.height - 20.0));
    let label = words.say("km", &[("n", &words.number(m / 1000.0, 0))]);
    let _ = write!(
        out,
        "<path d=\"M20 {y}h{long}M20 {a}v10M{end} {a}v10\" stroke=\"#222\" stroke-width=\"2\" fill=\"none\"/>\
         <text x=\"20\" y=\"{b}\">{}</text>\
         <path d=\"M{n} 20l-7 18h14z\" fill=\"#222\"/><text x=\"{n}\" y=\"54\" text-anchor=\"middle\">{}</text>",
        escaped(&label),
        escaped(&words.word("wind-0")),
        a = tenth(y - 5.0),
        b = tenth(y - 10.0),
        end = tenth(20.0 + long),
        n = tenth(frame.width - 25.0),
    );
}
