//! Targets of ST 0903 as detections with a place.

use truceline_domain::{CovarianceM2, Position, Positive, Probability, Video, VideoLabel};
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
/// Metres in a degree of latitude, mean (WGS 84); good to 0.6 %, where the error itself is known to a third.
const M_PER_DEG: f64 = 111_195.0;

/// The target as a detection; `None` when it has no place on the ground. `frame_px` is the width and height of the frame
/// in which its pixels count.
pub(super) fn located(
    packet: &Packet<'_>,
    target: &VTarget<'_>,
    frame_px: Option<(u64, u64)>,
) -> Option<Video> {
    let (position, sent) = place(packet, target, frame_px)?;
    let covariance = sent.unwrap_or_else(|| derived(packet, position));
    let score = target
        .confidence_percent()
        .and_then(|p| Probability::new(p as f64 / 100.0).ok())
        .or_else(|| Probability::new(SCORE_UNTOLD).ok())?;
    let [[ee, en], [_, nn]] = covariance;
    Some(Video {
        position,
        ce90_m: Positive::new(ce90_of(covariance)).ok()?,
        // Errors that are wholly along one line are no ellipse; the radius holds them.
        cov_m2: CovarianceM2::new(ee, en, nn).ok(),
        label: label(target),
        score,
        target_id: Some(u64::from(target.id)),
    })
}

/// East and north, square metres.
type Covariance = [[f64; 2]; 2];

/// Where the target is, and its covariance when the sender tells it: from item 17, else from the offset to the frame
/// centre, else from its pixel and the frame's corners.
fn place(
    packet: &Packet<'_>,
    target: &VTarget<'_>,
    frame_px: Option<(u64, u64)>,
) -> Option<(Position, Option<Covariance>)> {
    if let Some(location) = target.location() {
        let told = location
            .latitude_deg
            .value()
            .zip(location.longitude_deg.value());
        if let Some((lat, lon)) = told {
            let sent = location.uncertainty.and_then(|u| u.covariance());
            let sent = sent.map(|[[ee, en, _], [_, nn, _], _]| [[ee, en], [en, nn]]);
            let sent = sent.filter(|c| ce90_of(*c) > 0.0);
            return Some((Position::new(lat, lon).ok()?, sent));
        }
    }
    let offset = target.offset_deg().and_then(|(north, east)| {
        let centre = packet.frame_center()?;
        Position::new(
            centre.latitude_deg + north,
            wrapped(centre.longitude_deg + east),
        )
        .ok()
    });
    let place = offset.or_else(|| at_pixel(packet, target, frame_px?))?;
    Some((place, None))
}

fn wrapped(lon_deg: f64) -> f64 {
    (lon_deg + 180.0).rem_euclid(360.0) - 180.0
}

/// The place of a target's centroid, by the projective map that takes the corners of the picture to the corners of the frame
/// on the ground: exact on level ground.
fn at_pixel(
    packet: &Packet<'_>,
    target: &VTarget<'_>,
    (width, height): (u64, u64),
) -> Option<Position> {
    let (row, column) = target.centroid_px(width)?;
    if row > height || column > width {
        return None;
    }
    // Rows and columns count from 1; a pixel's centre lies half a pixel before its number.
    let u = (column as f64 - 0.5) / width as f64;
    let v = (row as f64 - 0.5) / height as f64;
    let corners = packet.corners()?.points_deg;
    let [(lat, lon), ..] = corners;
    // Degrees from the first corner: within a frame that is a plane but for a common scale.
    let plane = corners.map(|(y, x)| (wrapped(x - lon), y - lat));
    let (east, north) = projected(plane, u, v)?;
    Position::new(lat + north, wrapped(lon + east)).ok()
}

/// The point (u, v) of the unit square in the quadrilateral with these corners, clockwise from the square's origin
/// (P. S. Heckbert, *Fundamentals of Texture Mapping and Image Warping*, 1989, section 2.2.3).
fn projected([a, b, c, d]: [(f64, f64); 4], u: f64, v: f64) -> Option<(f64, f64)> {
    let sum = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
    let (one, two) = ((b.0 - c.0, b.1 - c.1), (d.0 - c.0, d.1 - c.1));
    let cross = |p: (f64, f64), q: (f64, f64)| p.0 * q.1 - p.1 * q.0;
    let area = cross(one, two);
    let (g, h) = (cross(sum, two) / area, cross(one, sum) / area);
    let bottom = g * u + h * v + 1.0;
    let on = |a: f64, b: f64, d: f64| (a + (b - a + g * b) * u + (d - a + h * d) * v) / bottom;
    let point = (on(a.0, b.0, d.0), on(a.1, b.1, d.1));
    (bottom > 0.0 && point.0.is_finite() && point.1.is_finite()).then_some(point)
}

/// CE90 of an east-north covariance: that of a circle with the standard deviation of the ellipse's long axis, which holds
/// 90 % or more.
fn ce90_of([[ee, en], [_, nn]]: Covariance) -> f64 {
    let long_axis = f64::midpoint(ee, nn) + ((ee - nn) / 2.0).hypot(en);
    CE90_PER_SIGMA * long_axis.sqrt()
}

/// The covariance when the sender tells none: the pointing error over the slant range (item 21, else to the place), drawn
/// out along the ground where the line of sight is flat, and no less than the picture's width (items 96, 22) or
/// than [`LEAST_CE90_M`] in any direction.
fn derived(packet: &Packet<'_>, place: Position) -> Covariance {
    let sensor = packet.sensor_position();
    let way_m = sensor.map(|s| {
        let mean = f64::midpoint(s.latitude_deg, place.lat_deg()).to_radians();
        let east = wrapped(place.lon_deg() - s.longitude_deg) * M_PER_DEG * mean.cos();
        (east, (place.lat_deg() - s.latitude_deg) * M_PER_DEG)
    });
    let drop_m = sensor
        .and_then(|s| s.altitude_msl_m)
        .zip(packet.frame_center().and_then(|c| c.elevation_msl_m))
        .map(|(sensor_m, ground_m)| (sensor_m - ground_m).max(0.0));
    let reckoned_m = way_m
        .zip(drop_m)
        .map(|((e, n), drop_m)| e.hypot(n).hypot(drop_m));
    let range_m = packet.slant_range_m().filter(|r| *r > 0.0).or(reckoned_m);
    let width_m = packet.target_width_m().filter(|w| *w > 0.0);
    if range_m.is_none() && width_m.is_none() {
        return round(UNKNOWN_CE90_M);
    }
    let least_m = width_m.unwrap_or(0.0).max(LEAST_CE90_M);
    let Some(range_m) = range_m else {
        return round(least_m);
    };
    // The pointing error is meant as a CE90 across the line of sight.
    let across_m = (range_m * POINTING_ERROR_DEG.to_radians().tan()).max(least_m);
    // Flatter than about six degrees the formula says nothing any more.
    let sine = drop_m.map_or(1.0, |drop_m| (drop_m / range_m).clamp(0.1, 1.0));
    let along_m = (range_m * POINTING_ERROR_DEG.to_radians().tan() / sine).max(across_m);
    match way_m {
        Some((e, n)) if e.hypot(n) > 1.0 => {
            let (e, n) = (e / e.hypot(n), n / e.hypot(n));
            let [along, across] = [along_m, across_m].map(|m| (m / CE90_PER_SIGMA).powi(2));
            [
                [along * e * e + across * n * n, (along - across) * e * n],
                [(along - across) * e * n, along * n * n + across * e * e],
            ]
        }
        _ => round(along_m),
    }
}

/// A circle's covariance.
fn round(ce90_m: f64) -> Covariance {
    let variance = (ce90_m / CE90_PER_SIGMA).powi(2);
    [[variance, 0.0], [0.0, variance]]
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
        let ce90 = ce90_of([[100.0, 0.0], [0.0, 25.0]]);
        assert!((ce90 - 10.0 * CE90_PER_SIGMA).abs() < 1e-9);
        // Correlated errors lie along the diagonal.
        let ce90 = ce90_of([[100.0, 100.0], [100.0, 100.0]]);
        assert!((ce90 - 200_f64.sqrt() * CE90_PER_SIGMA).abs() < 1e-9);
    }

    #[test]
    fn pixels_go_to_the_ground_by_perspective() {
        // A frame twice as wide at its far edge: its diagonals cross nearer to the near one.
        let frame = [(-2.0, 3.0), (2.0, 3.0), (1.0, 1.0), (-1.0, 1.0)];
        for (u, v, point) in [
            (0.0, 0.0, (-2.0, 3.0)),
            (1.0, 0.0, (2.0, 3.0)),
            (1.0, 1.0, (1.0, 1.0)),
            (0.0, 1.0, (-1.0, 1.0)),
            (0.5, 0.5, (0.0, 5.0 / 3.0)),
        ] {
            let got = projected(frame, u, v).unwrap();
            assert!(
                (got.0 - point.0).abs() < 1e-12 && (got.1 - point.1).abs() < 1e-12,
                "{got:?}"
            );
        }
        assert!(projected([(0.0, 0.0); 4], 0.5, 0.5).is_none());
    }
}
