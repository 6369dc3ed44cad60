//! What of a theatre's geometry is in force on the day of the exercise.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use geojson::{Feature, GeoJson, Value};

use super::DAY;
use super::geometry::Point;

/// A sensor, a post or a site.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) id: String,
    pub(super) at: Point,
    /// A party's id, or `mission`.
    pub(super) operator: String,
    pub(super) kinds: Vec<String>,
    pub(super) clock_sd_s: f64,
    pub(super) bearing_sd_deg: f64,
}

impl Placed {
    pub(super) fn has(&self, kind: &str) -> bool {
        self.kinds.iter().any(|k| k == kind)
    }
}

/// Ground held by a party: the outer ring and the holes in it.
#[derive(Debug)]
struct Held {
    party: String,
    rings: Vec<Vec<Point>>,
}

/// What an exercise on a theatre is told beside its map: `exercise.toml`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ground {
    /// The middle: latitude, longitude, degrees.
    origin_deg: [f64; 2],
    /// A road on which a drone sees a vehicle: latitude, longitude, degrees.
    pub(super) road_deg: [f64; 2],
    /// Whether the project's film, whose metadata orbit one place on earth, was flown here.
    pub(super) film: bool,
    /// A road on which a second patrol drives: latitude, longitude, degrees; none when there is none.
    #[serde(default)]
    pub(super) patrol_deg: Vec<[f64; 2]>,
}

#[derive(Debug, Default)]
pub(super) struct Theatre {
    pub(super) ground: Ground,
    pub(super) sensors: Vec<Placed>,
    pub(super) posts: Vec<Placed>,
    pub(super) quarries: Vec<Placed>,
    line: Vec<Vec<Point>>,
    held: Vec<Held>,
}

impl Theatre {
    /// Reads `exercise.toml` and `theatre/*.geojson`.
    pub(super) fn read(dir: &Path) -> Result<Self, String> {
        let exercise = dir.join("exercise.toml");
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", exercise.display());
        let text = fs::read_to_string(&exercise).map_err(|e| at(&e))?;
        let ground: Ground = toml::from_str(&text).map_err(|e| at(&e))?;
        super::geometry::touch(ground.origin_deg);
        let dir = dir.join("theatre");
        let entries = fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let mut paths: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "geojson"));
        paths.sort();
        let mut theatre = Self {
            ground,
            ..Self::default()
        };
        for path in paths {
            let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
            let text = fs::read_to_string(&path).map_err(|e| at(&e))?;
            let GeoJson::FeatureCollection(all) =
                text.parse().map_err(|e: geojson::Error| at(&e))?
            else {
                return Err(at(&"no feature collection"));
            };
            for feature in all.features.iter().filter(|f| in_force(f)) {
                theatre.add(feature);
            }
        }
        Ok(theatre)
    }

    fn add(&mut self, feature: &Feature) {
        let Some(geometry) = &feature.geometry else {
            return;
        };
        match (text(feature, "kind").as_str(), &geometry.value) {
            ("contact_line", Value::LineString(line)) => self.line.push(points(line)),
            ("held", Value::Polygon(rings)) => self.held.push(Held {
                party: text(feature, "party"),
                rings: rings.iter().map(|ring| points(ring)).collect(),
            }),
            ("sensor", Value::Point(at)) => self.sensors.push(placed(feature, at)),
            ("post", Value::Point(at)) => self.posts.push(placed(feature, at)),
            ("site", Value::Point(at)) if text(feature, "what") == "quarry" => {
                self.quarries.push(placed(feature, at));
            }
            _ => {}
        }
    }

    /// The parties that hold ground, in order of their ids.
    pub(super) fn parties(&self) -> Vec<String> {
        self.held
            .iter()
            .map(|h| h.party.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    pub(super) fn sensor(&self, id: &str) -> Result<&Placed, String> {
        self.sensors
            .iter()
            .find(|s| s.id == id)
            .ok_or_else(|| format!("the theatre has no sensor {id}"))
    }

    /// Who holds the ground there.
    pub(super) fn holder(&self, at: Point) -> Option<&str> {
        let within = |held: &&Held| held.rings.iter().filter(|r| at.is_within(r)).count() % 2 == 1;
        self.held
            .iter()
            .find(within)
            .map(|held| held.party.as_str())
    }

    /// The nearest point of the line of contact.
    pub(super) fn nearest_on_line(&self, at: Point) -> Option<Point> {
        self.line
            .iter()
            .flat_map(|line| line.windows(2))
            .filter_map(|pair| match pair {
                [a, b] => Some(at.nearest_on(*a, *b)),
                _ => None,
            })
            .min_by(|a, b| at.distance_m(*a).total_cmp(&at.distance_m(*b)))
    }

    /// How far a place is from the line, metres.
    pub(super) fn behind_m(&self, at: Point) -> f64 {
        self.nearest_on_line(at)
            .map_or(f64::INFINITY, |nearest| at.distance_m(nearest))
    }

    /// The place on a party's ground that lies about so far behind the stretch of the line next to `near`: of all
    /// directions the one that leads farthest from the line.
    pub(super) fn behind(&self, near: Point, party: &str, behind_m: f64) -> Result<Point, String> {
        let from = self
            .nearest_on_line(near)
            .ok_or("the theatre has no line of contact")?;
        (0..72)
            .map(|step| from.moved(f64::from(step) * 5.0, behind_m))
            .filter(|at| self.holder(*at) == Some(party))
            .max_by(|a, b| self.behind_m(*a).total_cmp(&self.behind_m(*b)))
            .ok_or_else(|| format!("no ground of {party} {behind_m} m behind the line"))
    }
}

/// Whether a feature is valid on the day of the exercise; dates are compared as they are written.
fn in_force(feature: &Feature) -> bool {
    let day = |key: &str| text(feature, key).chars().take(10).collect::<String>();
    let (from, until) = (day("valid_from"), day("valid_until"));
    from.as_str() <= DAY && (until.is_empty() || DAY < until.as_str())
}

fn text(feature: &Feature, key: &str) -> String {
    feature
        .property(key)
        .and_then(|v| v.as_str())
        .unwrap_or_default()
        .to_owned()
}

fn placed(feature: &Feature, at: &[f64]) -> Placed {
    let number = |key: &str| {
        feature
            .property(key)
            .and_then(|v| v.as_f64())
            .unwrap_or_default()
    };
    let kinds = feature.property("kinds").and_then(|v| v.as_array());
    Placed {
        id: text(feature, "id"),
        at: point(at),
        operator: text(feature, "operator"),
        kinds: kinds
            .into_iter()
            .flatten()
            .filter_map(|k| Some(k.as_str()?.to_owned()))
            .collect(),
        clock_sd_s: number("clock_sd_s"),
        bearing_sd_deg: number("bearing_sd_deg"),
    }
}

fn points(positions: &[Vec<f64>]) -> Vec<Point> {
    positions.iter().map(|p| point(p)).collect()
}

fn point(position: &[f64]) -> Point {
    match position {
        [lon_deg, lat_deg, ..] => Point::of(*lat_deg, *lon_deg),
        _ => Point::of(0.0, 0.0),
    }
}
