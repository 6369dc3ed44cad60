//! Directions and distances as people give them.

use truceline_domain::{Bearing, NonNegative, Position, Positive, Refused};

use super::frame::folded;

/// The sixteen winds, clockwise from north.
const WINDS: [&str; 16] = [
    "n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw",
    "nnw",
];

/// Half of a sixteenth of the circle.
const HALF_WIND_DEG: f64 = 11.25;

/// The direction of a wind, `NNE` or `north-north-east`, degrees.
pub(super) fn wind_deg(word: &str) -> Option<f64> {
    let mut word = folded(word);
    for (long, short) in [("north", "n"), ("south", "s"), ("east", "e"), ("west", "w")] {
        word = word.replace(long, short);
    }
    let index = WINDS.iter().position(|wind| *wind == word)?;
    Some(index as f64 * 2.0 * HALF_WIND_DEG)
}

/// A sector: its middle and half of its width, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sector {
    pub(super) middle_deg: f64,
    pub(super) half_width_deg: f64,
}

/// The narrowest sector that holds all winds, each with its own width. `None` for no wind, or when
/// they leave nothing of the circle out.
fn sector(mut winds_deg: Vec<f64>) -> Option<Sector> {
    winds_deg.sort_unstable_by(f64::total_cmp);
    let first = *winds_deg.first()?;
    let nexts = winds_deg.iter().skip(1).copied().chain([first + 360.0]);
    // The widest gap is what the sector leaves out; it begins behind its gap's end.
    let (start, gap) = winds_deg
        .iter()
        .zip(nexts)
        .map(|(from, to)| (to, to - from))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let width = 360.0 - gap;
    let half_width_deg = width / 2.0 + HALF_WIND_DEG;
    (half_width_deg < 180.0).then(|| Sector {
        middle_deg: (start + width / 2.0).rem_euclid(360.0),
        half_width_deg,
    })
}

/// Reads winds: `NW, N and NNE`, `WSW W WNW`. `None` when a word is no wind.
pub(super) fn winds(text: &str) -> Option<Sector> {
    let words = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/'))
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("and"));
    words
        .map(wind_deg)
        .collect::<Option<Vec<_>>>()
        .and_then(sector)
}

/// Reads a flight: `W to E`, `from W to E`, `W-E`, `W>E`. From and to, degrees.
pub(super) fn flight(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("from ").unwrap_or(&text);
    // «W-E» is a flight, «north-east» a wind: the latter is tried whole by those who ask for winds.
    let (from, to) = [" to ", "->", ">", "→", "–", "-"]
        .iter()
        .find_map(|m| text.split_once(m))?;
    let (from, to) = (wind_deg(from)?, wind_deg(to)?);
    (from != to).then_some((from, to))
}

/// Distance from nearer to farther, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distance {
    pub(super) min_m: f64,
    pub(super) max_m: f64,
}

impl Distance {
    /// From kilometres, as tables give them.
    pub(super) fn from_km(a: f64, b: f64) -> Self {
        // Metres are whole here: 1.1 km are 1100 m and not 1100.0000000000002.
        let [a, b] = [a, b].map(|km| (km * 1000.0).round());
        Self {
            min_m: a.min(b),
            max_m: a.max(b),
        }
    }

    pub(super) fn middle(self) -> Result<NonNegative, Refused> {
        NonNegative::new(f64::midpoint(self.min_m, self.max_m))
    }

    /// Nearer and farther end, when they differ.
    pub(super) fn ends(self) -> Result<Option<[NonNegative; 2]>, Refused> {
        if self.min_m == self.max_m {
            return Ok(None);
        }
        Ok(Some([
            NonNegative::new(self.min_m)?,
            NonNegative::new(self.max_m)?,
        ]))
    }
}

/// Where an event was, seen from the observer.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) distance: Option<Distance>,
    pub(super) sector: Option<Sector>,
}

/// Reads `2-7km NNE`, `4.5 km NE`, `800m`, `NW, N and NNE`. `None` for anything else, such as a
/// distance from a named place.
pub(super) fn seen(text: &str) -> Option<Seen> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let start = lower.find(|c: char| c.is_ascii_digit());
    let Some(start) = start else {
        return winds(text).map(|sector| Seen {
            distance: None,
            sector: Some(sector),
        });
    };
    let before = lower.get(..start)?.trim();
    if !["", "about", "approx.", "approximately", "~", "ca."].contains(&before) {
        return None;
    }
    let lower = lower.get(start..)?;
    let unit = lower.find(|c: char| c.is_alphabetic() && c != 't' && c != 'o')?;
    let distance = lower.get(..unit)?;
    let rest = lower.get(unit..)?;
    let (per_km, rest) = match rest.strip_prefix("km") {
        Some(rest) => (1.0, rest),
        None => (1000.0, rest.strip_prefix('m')?),
    };
    let rest = rest.trim_start_matches([',', '.', ' ']);
    let rest = rest.strip_prefix("to the ").unwrap_or(rest);
    let sector = if rest.is_empty() {
        None
    } else {
        Some(winds(rest)?)
    };
    let mut ends = distance
        .split(['-', '–'])
        .flat_map(|part| part.split("to"))
        .map(|n| n.trim().replace(',', ".").parse::<f64>().ok());
    let near = ends.next()??;
    let far = ends.next().map_or(Some(near), |far| far)?;
    if ends.next().is_some() {
        return None;
    }
    let distance = Distance::from_km(near / per_km, far / per_km);
    Some(Seen {
        distance: Some(distance),
        sector,
    })
}

/// The domain's form of a sector.
pub(super) fn bearing(sector: Sector) -> Result<(Bearing, Positive), Refused> {
    Ok((
        Bearing::new(sector.middle_deg)?,
        Positive::new(sector.half_width_deg)?,
    ))
}

/// Reads a form's point: latitude, longitude and, passed over, height and accuracy.
pub(super) fn point(text: &str) -> Option<Result<Position, Refused>> {
    let numbers: Option<Vec<f64>> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    match numbers?.as_slice() {
        [lat_deg, lon_deg] | [lat_deg, lon_deg, _] | [lat_deg, lon_deg, _, _] => {
            Some(Position::new(*lat_deg, *lon_deg))
        }
        _ => None,
    }
}
