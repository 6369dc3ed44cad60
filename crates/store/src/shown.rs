//! What belongs to the picture of an instant.

use truceline_domain::Observed;

use crate::FeatureRow;

/// An event is in the picture of an instant when it happened at most so long before it, seconds.
const EVENT_SHOWN_S: f64 = 3600.0;

/// A footprint is in the picture of an instant when it was seen at most so long before it, seconds.
const FOOTPRINT_SHOWN_S: f64 = 5.0;

/// Whether a row belongs to the picture of the instant `at`.
#[must_use]
pub fn shows(row: &FeatureRow, at: Observed) -> bool {
    let time = |name: &str| row.properties.get(name)?.as_str()?.parse::<Observed>().ok();
    let within = |name: &str, seconds: f64| {
        time(name).is_some_and(|t| (0.0..=seconds).contains(&at.seconds_since(t)))
    };
    match row.layer.as_str() {
        "theatre" => {
            time("valid_from").is_none_or(|from| from <= at)
                && time("valid_until").is_none_or(|until| at < until)
        }
        "tracks" => {
            time("from_time").is_some_and(|t| t <= at)
                && time("until_time").is_some_and(|t| at <= t)
        }
        "footprints" => within("observed", FOOTPRINT_SHOWN_S),
        _ => within("time", EVENT_SHOWN_S),
    }
}
