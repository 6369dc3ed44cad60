//! Ground as a drawing that needs neither tiles nor script.

use crate::drawing::{Drawing, Paint, Shape, tenth};

/// Longitude and latitude, degrees, as GeoJSON has them.
pub type Position = [f64; 2];

/// Width of the drawing in its own units; the height follows from the ground.
const WIDTH: f64 = 1000.0;
/// Highest drawing, in the same units: one that fits a page.
const MAX_HEIGHT: f64 = 1100.0;
/// Ground shown around what matters, degrees.
const MARGIN_DEG: f64 = 0.05;
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
    pub fn xy(&self, [lon, lat]: Position) -> [f64; 2] {
        [
            tenth((lon - self.west) * self.per_lon),
            tenth((self.north - lat) * self.per_lat),
        ]
    }

    /// Width and height of the drawing, in its own units.
    #[must_use]
    pub fn size(&self) -> [f64; 2] {
        [self.width, self.height]
    }

    /// An empty drawing with its background.
    #[must_use]
    pub fn open(&self) -> Drawing {
        let ([w, h], paper) = (self.size(), [0xfb, 0xfb, 0xf9]);
        Drawing {
            width: w,
            height: h,
            shapes: vec![Shape::Path {
                rings: vec![vec![[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]]],
                closed: true,
                paint: Paint::fill(paper),
            }],
        }
    }

    /// A line in the drawing's own units.
    #[must_use]
    pub fn path(&self, points: &[Position]) -> Vec<[f64; 2]> {
        points.iter().map(|point| self.xy(*point)).collect()
    }

    /// Whether a place lies in the drawing.
    #[must_use]
    pub fn holds(&self, at: Position) -> bool {
        let [x, y] = self.xy(at);
        (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y)
    }

    /// Units of the drawing for a length on the ground, metres.
    #[must_use]
    pub fn length(&self, m: f64) -> f64 {
        // Mean length of a degree of latitude (WGS 84).
        tenth(m / 111_195.0 * self.per_lat)
    }
}
