//! Targets of ST 0903 as detections with a place.

use truceline_domain::{Position, Positive, Probability, Video, VideoLabel};
use truceline_klv::st0601::Packet;
use truceline_klv::st0903::packs::VTarget;

/// Radius of a circle that holds 90 % of a circular Gaussian, in standard deviations: sqrt(-2 ln 0.1).
const CE90_PER_SIGMA: f64 = 2.145_966_026_289_347;
/// The score of a target that tells no confidence: neither for nor against.
const SCORE_UNTOLD: f64 = 0.5;
/// Error of the direction in which a sensor looks, when nobody tells it: navigation and gimbal together, degrees. Small
/// drones without a survey-grade unit hold one to two degrees in heading.
const POINTING_ERROR_DEG: f64 = 2.0;
/// No place taken from a picture is believed better than this, metres (CE90): the sensor's own position and the terrain
/// model under the line of sight are not known better.
const LEAST_CE90_M: f64 = 30.0;
/// When the packet tells neither width nor range nothing is known of the error but that the target is in view.
const UNKNOWN_CE90_M: f64 = 1000.0;

/// The target as a detection; `None` when it has no place on the ground.
pub(super) fn located(packet: &Packet<'_>, target: &VTarget<'_>) -> Option<Video> {
    let (position, sent_ce90_m) = place(packet, target)?;
    let ce90_m = sent_ce90_m.unwrap_or_else(|| derived_ce90_m(packet));
    let score = target
        .confidence_percent()
        .and_then(|p| Probability::new(p as f64 / 100.0).ok())
        .or_else(|| Probability::new(SCORE_UNTOLD).ok())?;
    Some(Video {
        position,
        ce90_m: Positive::new(ce90_m).ok()?,
        label: label(target),
        score,
        target_id: Some(u64::from(target.id)),
    })
}

/// Where the target is, and CE90 when the sender tells it: from item 17, else from the offset to the frame centre.
fn place(packet: &Packet<'_>, target: &VTarget<'_>) -> Option<(Position, Option<f64>)> {
    if let Some(location) = target.location() {
        let told = location
            .latitude_deg
            .value()
            .zip(location.longitude_deg.value());
        if let Some((lat, lon)) = told {
            let sigma = location.uncertainty.and_then(|u| u.covariance());
            let ce90_m = sigma.map(ce90_of).filter(|m| *m > 0.0);
            return Some((Position::new(lat, lon).ok()?, ce90_m));
        }
    }
    let (north, east) = target.offset_deg()?;
    let centre = packet.frame_center()?;
    let lon = (centre.longitude_deg + east + 180.0).rem_euclid(360.0) - 180.0;
    Some((Position::new(centre.latitude_deg + north, lon).ok()?, None))
}

/// CE90 of an east-north-up covariance: that of a circle with the standard deviation of the ellipse's long axis, which
/// holds 90 % or more.
fn ce90_of(covariance_m2: [[f64; 3]; 3]) -> f64 {
    let [[ee, en, _], [_, nn, _], _] = covariance_m2;
    let long_axis = f64::midpoint(ee, nn) + ((ee - nn) / 2.0).hypot(en);
    CE90_PER_SIGMA * long_axis.sqrt()
}

/// CE90 when the sender tells none: the greater of the picture's width on the ground (items 96, 22) and of the pointing
/// error over the slant range (item 21), drawn out along the ground where the line of sight is flat.
fn derived_ce90_m(packet: &Packet<'_>) -> f64 {
    let width_m = packet.target_width_m().filter(|w| *w > 0.0);
    let pointing_m = packet.slant_range_m().filter(|r| *r > 0.0).map(|range_m| {
        let drop_m = packet
            .sensor_position()
            .and_then(|s| s.altitude_msl_m)
            .zip(packet.frame_center().and_then(|c| c.elevation_msl_m))
            .map(|(sensor_m, ground_m)| (sensor_m - ground_m).max(0.0));
        // Flatter than about six degrees the formula says nothing any more.
        let sine = drop_m.map_or(1.0, |drop_m| (drop_m / range_m).clamp(0.1, 1.0));
        range_m * POINTING_ERROR_DEG.to_radians().tan() / sine
    });
    match (width_m, pointing_m) {
        (None, None) => UNKNOWN_CE90_M,
        (w, p) => w.unwrap_or(0.0).max(p.unwrap_or(0.0)).max(LEAST_CE90_M),
    }
}

/// Words of ontology classes (item 102, `VObject` item 2) and what they stand for here. Ontologies are the senders' own; the
/// words are those of their class names, looked for as whole words, the most telling first.
const WORDS: [(VideoLabel, &[&str]); 5] = [
    (
        VideoLabel::MuzzleFlash,
        &["muzzle", "muzzleflash", "gunfire"],
    ),
    (
        VideoLabel::Impact,
        &["impact", "explosion", "detonation", "blast", "shellburst"],
    ),
    (VideoLabel::Smoke, &["smoke"]),
    (
        VideoLabel::Person,
        &[
            "person",
            "people",
            "human",
            "pedestrian",
            "dismount",
            "man",
            "soldier",
        ],
    ),
    (
        VideoLabel::Vehicle,
        &[
            "vehicle",
            "car",
            "truck",
            "tank",
            "bus",
            "van",
            "motorcycle",
            "apc",
            "ifv",
            "lorry",
        ],
    ),
];

fn label(target: &VTarget<'_>) -> VideoLabel {
    const VOBJECT_TAG: u32 = 102;
    const ONTOLOGY_CLASS_TAG: u32 = 2;
    let object = target.items.set(VOBJECT_TAG);
    let class = object
        .and_then(|o| o.text(ONTOLOGY_CLASS_TAG))
        .unwrap_or("");
    label_of(class)
}

fn label_of(class: &str) -> VideoLabel {
    let words = words(class);
    WORDS
        .iter()
        .find(|(_, known)| words.iter().any(|w| known.contains(&w.as_str())))
        .map_or(VideoLabel::Unknown, |(label, _)| *label)
}

/// The words of a class name, in lower case: `http://…#MilitaryVehicle` has `military` and `vehicle`.
fn words(class: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in class.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphabetic()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_by_their_words() {
        for (class, label) in [
            ("Vehicle", VideoLabel::Vehicle),
            (
                "http://example.org/onto#MilitaryVehicle",
                VideoLabel::Vehicle,
            ),
            ("muzzle_flash", VideoLabel::MuzzleFlash),
            ("Dismount", VideoLabel::Person),
            ("SmokePlume", VideoLabel::Smoke),
            ("Command", VideoLabel::Unknown),
            ("", VideoLabel::Unknown),
        ] {
            assert_eq!(label_of(class), label, "{class}");
        }
    }

    #[test]
    fn ce90_is_that_of_the_long_axis() {
        let ce90 = ce90_of([[100.0, 0.0, 0.0], [0.0, 25.0, 0.0], [0.0, 0.0, 9.0]]);
        assert!((ce90 - 10.0 * CE90_PER_SIGMA).abs() < 1e-9);
        // Correlated errors lie along the diagonal.
        let ce90 = ce90_of([[100.0, 100.0, 0.0], [100.0, 100.0, 0.0], [0.0, 0.0, 0.0]]);
        assert!((ce90 - 200_f64.sqrt() * CE90_PER_SIGMA).abs() < 1e-9);
    }
}
