//! The line of contact cut in stretches, and the places where a violation along it would happen.

use rstar::primitives::GeomWithData;
use truceline_agreement::Theatre;
use truceline_agreement::theatre::ContactLine;
use truceline_domain::{EventKind, Position};

use crate::detection::{WATCHED_FOR, behind_line_m};
use crate::plane::{Plane, Xy};

/// Length of a stretch, metres.
const STRETCH_M: f64 = 5_000.0;
/// Samples along a stretch lie about this far apart, metres.
const SAMPLE_M: f64 = 1_000.0;
/// Most samples of a theatre: 20,000 km of line.
const MOST_SAMPLES: usize = 20_000;
/// Where behind the line violations are taken to happen, as shares of the usual depth.
const DEPTHS: [f64; 2] = [0.25, 0.75];

/// A stretch of a line.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The line's place among the theatre's.
    pub(super) line: usize,
    pub(super) from_m: f64,
    pub(super) to_m: f64,
    pub(super) middle: Position,
    /// Its samples: a range of [`Places::samples`].
    pub(super) samples: std::ops::Range<usize>,
}

/// A place on the line.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) place: Position,
    /// For each kind of [`WATCHED_FOR`], where a violation of that kind here would happen: a range of
    /// [`Places::spots`].
    pub(super) spots: [std::ops::Range<usize>; WATCHED_FOR.len()],
}

/// Where a violation of one kind would happen.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) place: Position,
    /// Its kind's place among [`WATCHED_FOR`].
    pub(super) kind: usize,
    /// On the places' plane.
    pub(super) at: Xy,
}

/// A spot in the tree of spots.
pub(super) type Leaf = GeomWithData<[f64; 2], u32>;

/// All places of a theatre.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) parts: Vec<Part>,
    pub(super) samples: Vec<Sample>,
    pub(super) spots: Vec<Spot>,
    /// Amid the theatre; frames of cameras are held against spots on it.
    pub(super) plane: Plane,
    pub(super) tree: rstar::RTree<Leaf>,
}

impl Places {
    /// `None` when the theatre has no line.
    pub(super) fn of(theatre: &Theatre) -> Option<Self> {
        let vertices = theatre.lines.iter().flat_map(vertices);
        let plane = Plane::amid(vertices)?;
        let mut places = Self {
            parts: vec![],
            samples: vec![],
            spots: vec![],
            plane,
            tree: rstar::RTree::new(),
        };
        for (number, line) in theatre.lines.iter().enumerate() {
            places.cut(number, line);
        }
        let leaves = places
            .spots
            .iter()
            .enumerate()
            .map(|(i, spot)| Leaf::new([spot.at.e, spot.at.n], i as u32));
        places.tree = rstar::RTree::bulk_load(leaves.collect());
        Some(places)
    }

    fn cut(&mut self, line: usize, contact: &ContactLine) {
        let vertices: Vec<Position> = vertices(contact).collect();
        let legs: Vec<Leg> = vertices
            .iter()
            .zip(vertices.iter().skip(1))
            .map(|(a, b)| Leg::new(*a, *b))
            .collect();
        let length_m: f64 = legs.iter().map(|l| l.length_m).sum();
        let count = (length_m / STRETCH_M).round().max(1.0);
        let part_m = length_m / count;
        let samples = (part_m / SAMPLE_M).round().max(1.0) as usize;
        for i in 0..count as usize {
            let (from_m, to_m) = (i as f64 * part_m, (i as f64 + 1.0) * part_m);
            let first = self.samples.len();
            for k in 0..samples {
                let at_m = from_m + (k as f64 + 0.5) * part_m / samples as f64;
                if self.samples.len() < MOST_SAMPLES
                    && let Some((place, across)) = along(&legs, at_m)
                {
                    self.sample(place, across);
                }
            }
            let Some((middle, _)) = along(&legs, f64::midpoint(from_m, to_m)) else {
                continue;
            };
            self.parts.push(Part {
                line,
                from_m,
                to_m,
                middle,
                samples: first..self.samples.len(),
            });
        }
    }

    /// A place on the line and the spots to either side of it; `across` is the unit vector across the
    /// line.
    fn sample(&mut self, place: Position, across: Xy) {
        let plane = Plane::at(place);
        let mut number = 0;
        let spots = WATCHED_FOR.map(|kind| {
            let first = self.spots.len();
            for depth_m in depths_m(kind) {
                let spot = plane.to_position(Xy::default().along(across, depth_m));
                if let Some(place) = spot {
                    let at = self.plane.to_m(place);
                    self.spots.push(Spot {
                        place,
                        kind: number,
                        at,
                    });
                }
            }
            number += 1;
            first..self.spots.len()
        });
        self.samples.push(Sample { place, spots });
    }
}

/// How far to the one side (positive) and the other (negative).
fn depths_m(kind: EventKind) -> Vec<f64> {
    let [near_m, far_m] = behind_line_m(kind);
    if far_m <= 0.0 {
        return vec![0.0];
    }
    let depths = DEPTHS.map(|share| near_m + (far_m - near_m) * share);
    depths.iter().flat_map(|d| [*d, -d]).collect()
}

fn vertices(line: &ContactLine) -> impl Iterator<Item = Position> + '_ {
    line.path
        .coords()
        .filter_map(|c| Position::new(c.y, c.x).ok())
}

/// A straight piece of a line.
struct Leg {
    from: Position,
    way: Xy,
    length_m: f64,
}

impl Leg {
    fn new(from: Position, to: Position) -> Self {
        let way = Plane::at(from).to_m(to);
        Self {
            from,
            way,
            length_m: way.length(),
        }
    }
}

/// The place at a length along a line, and the unit vector across it there.
fn along(legs: &[Leg], at_m: f64) -> Option<(Position, Xy)> {
    let mut left_m = at_m;
    let last = legs.len().checked_sub(1)?;
    for (i, leg) in legs.iter().enumerate() {
        if left_m <= leg.length_m || i == last {
            let share = (left_m / leg.length_m.max(1e-9)).clamp(0.0, 1.0);
            let place =
                Plane::at(leg.from).to_position(Xy::new(leg.way.e * share, leg.way.n * share))?;
            let scale = 1.0 / leg.length_m.max(1e-9);
            return Some((place, Xy::new(leg.way.n * scale, -leg.way.e * scale)));
        }
        left_m -= leg.length_m;
    }
    None
}
