//! A page as PDF/A-2b (ISO 19005-2): fonts within, nothing from outside, the same bytes whenever it is
//! made again.
//!
//! The layout is our own and small: lines, tables that go on over sheets, one drawing. The file is written by
//! krilla, which refuses what the standard does not allow.

mod sheet;
mod text;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::Archival;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata, TextDirection as Reading};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::TextDirection;
use truceline_domain::Observed;

use self::sheet::{Mark, Sheets};
use self::text::{Faces, Line, Setting};
use truceline_page::Page;
use truceline_page::{Drawing, Paint, Rgb, Shape};

/// What a file says of itself beside its page. It comes from what the page is made of and not from a clock,
/// so that the file is the same when it is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Of when it is, such as a report's cut-off: the standard asks for a date.
    pub at: Observed,
    /// What it is made of, such as a SHA-256.
    pub id: String,
}

/// Why no file was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// A font of this program cannot be read.
    #[error("a font of this program cannot be read")]
    Font,
    /// Not what the standard allows.
    #[error("no PDF/A was written: {0}")]
    Standard(String),
}

/// The page as a PDF/A-2b file.
///
/// # Errors
/// [`NotWritten`] when the page cannot be put into such a file.
pub fn pdf(page: &Page, stamp: &Stamp) -> Result<Vec<u8>, NotWritten> {
    let mut faces = Faces::load()?;
    let sheets = Sheets::of(page, &mut faces);
    let standard = |e: &dyn std::fmt::Debug| NotWritten::Standard(format!("{e:?}"));
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish();
    let mut document = Document::new_with(SerializeSettings {
        configuration: configuration.map_err(|e| standard(&e))?,
        enable_tagging: false,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(page, stamp));
    let [width, height] = sheets.size;
    let settings = PageSettings::from_wh(width, height).ok_or_else(|| standard(&"its size"))?;
    for marks in &sheets.sheets {
        let mut sheet = document.start_page_with(settings.clone());
        let mut surface = sheet.surface();
        for mark in marks {
            draw(&mut surface, mark, &mut faces);
        }
        surface.finish();
        sheet.finish();
    }
    let mut outline = Outline::new();
    for (text, sheet, y) in &sheets.headings {
        let place = XyzDestination::new(*sheet, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(cut(text), place));
    }
    document.set_outline(outline);
    document.finish().map_err(|e| standard(&e))
}

/// A text as the file's own strings take it: PDF/A allows them 32,767 bytes (ISO 19005-2 § 6.1.13).
fn cut(text: &str) -> String {
    let seen = text.chars().filter(|c| !text::is_unseen(*c));
    seen.take(1000).collect()
}

fn metadata(page: &Page, stamp: &Stamp) -> Metadata {
    let part = |n: i8| u8::try_from(n).unwrap_or(0);
    let at = jiff::tz::TimeZone::UTC.to_datetime(stamp.at.timestamp());
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(cut(&page.title))
        .language(page.lang.to_owned())
        .creator("truceline".to_owned())
        .document_id(stamp.id.clone())
        .text_direction(if page.right_to_left {
            Reading::RightToLeft
        } else {
            Reading::LeftToRight
        })
        .creation_date(date)
}

fn fill([r, g, b]: Rgb, opacity: f64) -> Fill {
    Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::new(opacity as f32).unwrap_or(NormalizedF32::ONE),
        rule: FillRule::EvenOdd,
    }
}

fn stroke([r, g, b]: Rgb, width: f32, dash: Option<[f32; 2]>) -> Stroke {
    Stroke {
        paint: rgb::Color::new(r, g, b).into(),
        width,
        dash: dash.map(|[on, off]| StrokeDash {
            array: vec![on, off],
            offset: 0.0,
        }),
        ..Stroke::default()
    }
}

fn draw(surface: &mut Surface<'_>, mark: &Mark<'_>, faces: &mut Faces) {
    match mark {
        Mark::Text {
            x,
            baseline,
            size,
            color,
            line,
        } => letters(surface, [*x, *baseline], *size, *color, line, faces),
        Mark::Rule { from, to, color } => {
            let mut path = PathBuilder::new();
            path.move_to(from[0], from[1]);
            path.line_to(to[0], to[1]);
            paint(surface, path, None, Some(stroke(*color, 0.5, None)));
        }
        Mark::Shade { at, size, color } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(at[0], at[1], size[0], size[1]) {
                path.push_rect(rect);
            }
            paint(surface, path, Some(fill(*color, 1.0)), None);
        }
        Mark::Drawing { at, scale, drawing } => picture(surface, *at, *scale, drawing, faces),
    }
}

fn paint(surface: &mut Surface<'_>, path: PathBuilder, fill: Option<Fill>, stroke: Option<Stroke>) {
    // A path without a length is nothing to be seen.
    if let Some(path) = path.finish() {
        surface.set_fill(fill);
        surface.set_stroke(stroke);
        surface.draw_path(&path);
    }
}

fn letters(
    surface: &mut Surface<'_>,
    [mut x, baseline]: [f32; 2],
    size: f32,
    color: Rgb,
    line: &Line,
    faces: &Faces,
) {
    surface.set_fill(Some(fill(color, 1.0)));
    surface.set_stroke(None);
    for piece in &line.pieces {
        if let Some(font) = faces.font(piece.face) {
            let direction = if piece.right_to_left {
                TextDirection::RightToLeft
            } else {
                TextDirection::LeftToRight
            };
            let at = Point::from_xy(x, baseline);
            surface.draw_text(at, font, size, &piece.text, false, direction);
        }
        x += piece.width;
    }
}

/// A drawing; what lies beyond its edges is cut off.
fn picture(
    surface: &mut Surface<'_>,
    [left, top]: [f32; 2],
    scale: f32,
    drawing: &Drawing,
    faces: &mut Faces,
) {
    let place = |[x, y]: [f64; 2]| [left + x as f32 * scale, top + y as f32 * scale];
    let (width, height) = (drawing.width as f32 * scale, drawing.height as f32 * scale);
    let mut edge = PathBuilder::new();
    if let Some(rect) = Rect::from_xywh(left, top, width, height) {
        edge.push_rect(rect);
    }
    let Some(edge) = edge.finish() else { return };
    surface.push_clip_path(&edge, &FillRule::NonZero);
    for shape in &drawing.shapes {
        match shape {
            Shape::Path {
                rings,
                closed,
                paint: style,
            } => {
                let mut path = PathBuilder::new();
                for ring in rings {
                    for (i, point) in ring.iter().enumerate() {
                        let [x, y] = place(*point);
                        if i == 0 {
                            path.move_to(x, y);
                        } else {
                            path.line_to(x, y);
                        }
                    }
                    if *closed && ring.len() > 1 {
                        path.close();
                    }
                }
                styled(surface, path, style, scale);
            }
            Shape::Ellipse {
                at,
                radii,
                turned_deg,
                paint: style,
            } => styled(
                surface,
                ellipse(*at, *radii, *turned_deg, &place),
                style,
                scale,
            ),
            Shape::Text {
                at,
                text,
                size,
                color,
                bold,
                centred,
            } => {
                let setting = Setting {
                    size: *size as f32 * scale,
                    bold: *bold,
                    right_to_left: false,
                };
                // What is longer than the drawing is wide goes on nowhere.
                let line = faces.lines(text, width, setting).into_iter().next();
                let line = line.unwrap_or_default();
                let [x, y] = place(*at);
                let x = if *centred { x - line.width / 2.0 } else { x };
                letters(surface, [x, y], setting.size, *color, &line, faces);
            }
        }
    }
    surface.pop();
    surface.set_fill(None);
    surface.set_stroke(Some(stroke([0xbb; 3], 0.5, None)));
    surface.draw_path(&edge);
}

fn styled(surface: &mut Surface<'_>, path: PathBuilder, style: &Paint, scale: f32) {
    let dash = style.dash.map(|d| d.map(|n| n as f32 * scale));
    let inside = style.fill.map(|(color, opacity)| fill(color, opacity));
    let edge = style.stroke;
    let edge = edge.map(|(color, width)| stroke(color, width as f32 * scale, dash));
    paint(surface, path, inside, edge);
}

/// An ellipse by four cubic curves, good to three ten-thousandths of its radius.
fn ellipse(
    [cx, cy]: [f64; 2],
    [rx, ry]: [f64; 2],
    turned_deg: f64,
    place: &dyn Fn([f64; 2]) -> [f32; 2],
) -> PathBuilder {
    /// Length of the curves' handles for a quarter of the unit circle, (4/3)·(√2 − 1).
    const HANDLE: f64 = 0.552_284_75;
    let (sin, cos) = turned_deg.to_radians().sin_cos();
    let at = |x: f64, y: f64| {
        let (x, y) = (x * rx, y * ry);
        place([cx + x * cos - y * sin, cy + x * sin + y * cos])
    };
    let mut path = PathBuilder::new();
    let [x, y] = at(1.0, 0.0);
    path.move_to(x, y);
    let quarters = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0]];
    for pair in quarters.windows(2) {
        let &[[x0, y0], [x1, y1]] = pair else {
            continue;
        };
        let [ax, ay] = at(x0 + HANDLE * x1, y0 + HANDLE * y1);
        let [bx, by] = at(x1 + HANDLE * x0, y1 + HANDLE * y0);
        let [x, y] = at(x1, y1);
        path.cubic_to(ax, ay, bx, by, x, y);
    }
    path.close();
    path
}
