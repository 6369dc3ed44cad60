//! A drawing as shapes, of which both the SVG of a page and its PDF are made.

use std::fmt::Write as _;

use serde::Serialize;

use crate::html::escaped;

/// A drawing; its units are those of its own width and height, y downwards.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drawing {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What is drawn, each over those before it.
    pub shapes: Vec<Shape>,
}

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// How a shape is painted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Paint {
    /// The inside, and how much of it covers what is below (0 to 1).
    pub fill: Option<(Rgb, f64)>,
    /// The edge and its width.
    pub stroke: Option<(Rgb, f64)>,
    /// Drawn and left out along the edge; a whole line when none.
    pub dash: Option<[f64; 2]>,
}

impl Paint {
    /// The inside alone.
    #[must_use]
    pub const fn fill(color: Rgb) -> Self {
        Self {
            fill: Some((color, 1.0)),
            stroke: None,
            dash: None,
        }
    }

    /// The edge alone.
    #[must_use]
    pub const fn stroke(color: Rgb, width: f64) -> Self {
        Self {
            fill: None,
            stroke: Some((color, width)),
            dash: None,
        }
    }

    /// Inside and edge.
    #[must_use]
    pub const fn both(fill: Rgb, stroke: Rgb, width: f64) -> Self {
        Self {
            fill: Some((fill, 1.0)),
            stroke: Some((stroke, width)),
            dash: None,
        }
    }
}

/// A shape.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Shape {
    /// Lines through points; several rings make one shape with holes (even-odd).
    Path {
        /// The rings or lines.
        rings: Vec<Vec<[f64; 2]>>,
        /// Whether each ends where it began.
        closed: bool,
        /// How it is painted.
        paint: Paint,
    },
    /// An ellipse.
    Ellipse {
        /// Its middle.
        at: [f64; 2],
        /// Half axes across and up, before it is turned.
        radii: [f64; 2],
        /// Turned clockwise, degrees.
        turned_deg: f64,
        /// How it is painted.
        paint: Paint,
    },
    /// A line of text.
    Text {
        /// Where its baseline begins, or has its middle.
        at: [f64; 2],
        /// The text.
        text: String,
        /// Height of its letters' square.
        size: f64,
        /// Its colour.
        color: Rgb,
        /// In heavy letters.
        bold: bool,
        /// Around the point, not from it on.
        centred: bool,
    },
}

impl Shape {
    /// A circle.
    #[must_use]
    pub fn circle(at: [f64; 2], radius: f64, paint: Paint) -> Self {
        Self::Ellipse {
            at,
            radii: [radius, radius],
            turned_deg: 0.0,
            paint,
        }
    }

    /// A square around a point.
    #[must_use]
    pub fn square([x, y]: [f64; 2], half: f64, paint: Paint) -> Self {
        let (w, e, n, s) = (x - half, x + half, y - half, y + half);
        Self::Path {
            rings: vec![vec![[w, n], [e, n], [e, s], [w, s]]],
            closed: true,
            paint,
        }
    }

    /// A plain line of text.
    #[must_use]
    pub fn text(at: [f64; 2], text: impl Into<String>, size: f64, color: Rgb) -> Self {
        Self::Text {
            at,
            text: text.into(),
            size,
            color,
            bold: false,
            centred: false,
        }
    }
}

impl Drawing {
    /// As an SVG document.
    #[must_use]
    pub fn svg(&self) -> String {
        let (w, h) = (tenth(self.width), tenth(self.height));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             font-family=\"Noto Sans, Noto Sans Armenian, Noto Sans Arabic\">"
        );
        for shape in &self.shapes {
            // Writing to a string does not fail.
            let _ = match shape {
                Shape::Path {
                    rings,
                    closed,
                    paint,
                } => {
                    let end = if *closed { "Z" } else { "" };
                    let d: String = rings.iter().map(|r| data(r) + end).collect();
                    write!(
                        out,
                        "<path d=\"{d}\" fill-rule=\"evenodd\"{}/>",
                        style(paint)
                    )
                }
                Shape::Ellipse {
                    at: [x, y],
                    radii: [rx, ry],
                    turned_deg,
                    paint,
                } => {
                    let (x, y) = (tenth(*x), tenth(*y));
                    let (rx, ry) = (tenth(*rx), tenth(*ry));
                    let turn = if *turned_deg == 0.0 {
                        String::new()
                    } else {
                        format!(" transform=\"rotate({turned_deg} {x} {y})\"")
                    };
                    let style = style(paint);
                    write!(
                        out,
                        "<ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{rx}\" ry=\"{ry}\"{turn}{style}/>"
                    )
                }
                Shape::Text {
                    at: [x, y],
                    text,
                    size,
                    color,
                    bold,
                    centred,
                } => {
                    let (x, y, text) = (tenth(*x), tenth(*y), escaped(text));
                    let bold = if *bold { " font-weight=\"bold\"" } else { "" };
                    let centred = if *centred {
                        " text-anchor=\"middle\""
                    } else {
                        ""
                    };
                    let color = hex(*color);
                    write!(
                        out,
                        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{color}\"{bold}{centred}>{text}</text>"
                    )
                }
            };
        }
        out.push_str("</svg>");
        out
    }
}

fn data(points: &[[f64; 2]]) -> String {
    let mut d = String::new();
    for (i, [x, y]) in points.iter().enumerate() {
        let step = if i == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{step}{} {}", tenth(*x), tenth(*y));
    }
    d
}

fn style(paint: &Paint) -> String {
    let mut style = match paint.fill {
        None => " fill=\"none\"".to_owned(),
        Some((color, 1.0)) => format!(" fill=\"{}\"", hex(color)),
        Some((color, opacity)) => format!(" fill=\"{}\" fill-opacity=\"{opacity}\"", hex(color)),
    };
    if let Some((color, width)) = paint.stroke {
        let _ = write!(style, " stroke=\"{}\" stroke-width=\"{width}\"", hex(color));
    }
    if let Some([on, off]) = paint.dash {
        let _ = write!(style, " stroke-dasharray=\"{on} {off}\"");
    }
    style
}

fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A tenth of a unit is nothing that can be seen.
pub(crate) fn tenth(units: f64) -> f64 {
    (units * 10.0).round() / 10.0
}
