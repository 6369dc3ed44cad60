//! The picture as a drawing: an SVG of the theatre and its events, made on the server, so that a
//! page needs neither script nor tiles.

use geo_types::{Coord, Geometry, LineString};
use maud::{Markup, html};
use truceline_store::FeatureRow;

/// Width of the drawing in its own units; the height follows from the ground.
const WIDTH: f64 = 1000.0;
/// Kept free at each edge, as a share of the drawing.
const MARGIN: f64 = 0.04;

/// Ground to drawing: plate carrée with the parallel in the middle kept true, good enough for a
/// theatre of some hundred kilometres.
struct Frame {
    min: Coord<f64>,
    units_per_deg_lon: f64,
    units_per_deg_lat: f64,
    height: f64,
}

impl Frame {
    /// The frame around `focus`; `None` when there is nothing to draw.
    fn around<'a>(focus: impl Iterator<Item = &'a FeatureRow>) -> Option<Self> {
        let mut all = Vec::new();
        focus
            .for_each(|row| coordinates(&row.geometry, &mut |line| all.extend_from_slice(&line.0)));
        let first = *all.first()?;
        let (mut min, mut max) = (first, first);
        for c in all {
            (min.x, min.y) = (min.x.min(c.x), min.y.min(c.y));
            (max.x, max.y) = (max.x.max(c.x), max.y.max(c.y));
        }
        let width_deg = (max.x - min.x).max(0.01) * (1.0 + 2.0 * MARGIN);
        let height_deg = (max.y - min.y).max(0.01) * (1.0 + 2.0 * MARGIN);
        let shrink = f64::midpoint(min.y, max.y).to_radians().cos().max(0.05);
        let units_per_deg_lon = WIDTH / width_deg;
        let units_per_deg_lat = units_per_deg_lon / shrink;
        let min = Coord {
            x: f64::midpoint(min.x, max.x) - width_deg / 2.0,
            y: f64::midpoint(min.y, max.y) - height_deg / 2.0,
        };
        let height = height_deg * units_per_deg_lat;
        Some(Self {
            min,
            units_per_deg_lon,
            units_per_deg_lat,
            height,
        })
    }

    fn xy(&self, c: Coord<f64>) -> (f64, f64) {
        let x = (c.x - self.min.x) * self.units_per_deg_lon;
        let y = self.height - (c.y - self.min.y) * self.units_per_deg_lat;
        ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0)
    }

    fn path(&self, geometry: &Geometry<f64>) -> String {
        let mut d = String::new();
        coordinates(geometry, &mut |line| {
            for (i, c) in line.0.iter().enumerate() {
                let (x, y) = self.xy(*c);
                d.push_str(&format!("{}{x} {y}", if i == 0 { "M" } else { "L" }));
            }
        });
        d
    }
}

/// Calls `each` with every line, ring and point of a geometry.
fn coordinates(geometry: &Geometry<f64>, each: &mut impl FnMut(&LineString<f64>)) {
    match geometry {
        Geometry::Point(p) => each(&LineString::new(vec![p.0])),
        Geometry::LineString(l) => each(l),
        Geometry::MultiLineString(m) => m.0.iter().for_each(each),
        Geometry::Polygon(p) => {
            each(p.exterior());
            p.interiors().iter().for_each(each);
        }
        Geometry::MultiPolygon(m) => {
            for p in &m.0 {
                each(p.exterior());
                p.interiors().iter().for_each(&mut *each);
            }
        }
        Geometry::MultiPoint(m) => m.0.iter().for_each(|p| each(&LineString::new(vec![p.0]))),
        Geometry::GeometryCollection(c) => c.0.iter().for_each(|g| coordinates(g, each)),
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
    }
}

/// The drawing: areas first, then lines, then points, then events. The frame is the contact line
/// with sensors and posts; what lies outside, such as a fire in another country, is cut off.
pub(super) fn svg(rows: &[FeatureRow]) -> Markup {
    let in_focus =
        |row: &&FeatureRow| matches!(row.kind.as_str(), "contact_line" | "sensor" | "post");
    let Some(frame) = Frame::around(rows.iter().filter(in_focus)) else {
        return html! { p { "Nothing to draw yet." } };
    };
    let layer = |name: &'static str| rows.iter().filter(move |row| row.layer == name);
    let theatre = |kind: &'static str| layer("theatre").filter(move |row| row.kind == kind);
    html! {
        svg class="map" viewBox={ "0 0 " (WIDTH) " " (frame.height.round()) } role="img"
            aria-label="Map of the theatre: line of contact, areas, sensors, posts, events" {
            @for row in theatre("held") { path class={ "held party-" (party_number(rows, row)) } d=(frame.path(&row.geometry)) { title { (label(row)) } } }
            @for row in theatre("area") { path class="area" d=(frame.path(&row.geometry)) { title { (label(row)) } } }
            @for row in theatre("corridor") { path class="corridor" d=(frame.path(&row.geometry)) { title { (label(row)) } } }
            @for row in layer("footprints") { path class="footprint" d=(frame.path(&row.geometry)) {} }
            @for row in layer("tracks") { path class="track" d=(frame.path(&row.geometry)) { title { (label(row)) } } }
            @for row in theatre("contact_line") { path class="contact-line" d=(frame.path(&row.geometry)) { title { (label(row)) } } }
            @for row in theatre("sensor") { (dot(&frame, row, "sensor", 3.0)) }
            @for row in theatre("post") { (dot(&frame, row, "post", 5.0)) }
            @for row in layer("event_ellipses") { path class="ellipse" d=(frame.path(&row.geometry)) {} }
            @for row in layer("events") { (dot(&frame, row, "event", 5.0)) }
        }
    }
}

fn dot(frame: &Frame, row: &FeatureRow, class: &str, radius: f64) -> Markup {
    let mut markup = html! {};
    coordinates(&row.geometry, &mut |line| {
        if let Some(c) = line.0.first() {
            let (x, y) = frame.xy(*c);
            markup =
                html! { circle class=(class) cx=(x) cy=(y) r=(radius) { title { (label(row)) } } };
        }
    });
    markup
}

fn label(row: &FeatureRow) -> String {
    let text = |name: &str| row.properties.get(name).and_then(|v| v.as_str());
    let mut label = text("name")
        .or_else(|| text("id"))
        .unwrap_or(&row.id)
        .to_owned();
    label.push_str(&format!(" ({})", row.kind));
    if let (Some(verdict), Some(time)) = (text("verdict"), &row.time) {
        label.push_str(&format!(", {verdict}, {time}"));
    }
    label
}

/// Parties are told apart by shades that carry no meaning: by the order in which the theatre names them.
fn party_number(rows: &[FeatureRow], row: &FeatureRow) -> usize {
    let party = |row: &FeatureRow| row.properties.get("party").cloned();
    let mut parties: Vec<_> = rows.iter().filter_map(party).collect();
    let mut seen = Vec::new();
    parties.retain(|p| {
        if seen.contains(p) {
            false
        } else {
            seen.push(p.clone());
            true
        }
    });
    parties
        .iter()
        .position(|p| Some(p) == party(row).as_ref())
        .unwrap_or(0)
}
