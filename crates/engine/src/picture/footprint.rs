//! Ground that a camera saw: as sent, else reckoned from attitude, gimbal and field of view.

use serde::Serialize;
use truceline_agreement::theatre::Terrain;
use truceline_domain::{Checksum, FmvMetadata, ObservationId, Observed, Position, SourceId};

use super::view::{CE90_PER_SD, Errors, Turn, View, ce90_m};
use crate::plane::{Plane, Xy};
use crate::terrain::geoid::Geoid;
use crate::terrain::globe;
use crate::terrain::ray::{FARTHEST_M, Ground as RayGround, Hit};

/// Corners that look over the horizon, or farther than is believed, are put at this distance.
pub const BOUND_M: f64 = 20_000.0;
/// One standard deviation of the height of level ground where the frame centre's height was sent, and
/// where nothing better than the height of a take-off place is known, metres (assumptions: a sender
/// takes it from a terrain of its own; ground rises and falls by so much within a drone's reach).
const SENT_HEIGHT_SD_M: f64 = 20.0;
pub(super) const GUESSED_HEIGHT_SD_M: f64 = 100.0;
/// Pixels of a picture, across and down, where nothing tells (ST 0601 does not): those of standard
/// definition, so that coverage does not claim what a finer picture might have shown.
const PICTURE_PIXELS: f64 = 720.0 * 576.0;

/// What the corners lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The sender's own corners.
    Sent,
    /// Reckoned on the theatre's terrain.
    Terrain,
    /// Reckoned on level ground at `level_msl_m`: no terrain there, or none in the theatre.
    Flat,
}

/// Ground that a camera saw at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Footprint {
    /// Whose camera.
    pub source: SourceId,
    /// When.
    pub time: Observed,
    /// Upper left, upper right, lower right, lower left corner of the frame on the ground.
    pub corners: [Position; 4],
    /// Radius that holds 90 % of the error of each corner, metres; `None` when nothing tells it, and
    /// for corners that were cut off.
    pub ce90_m: [Option<f64>; 4],
    /// Corners that look over the horizon or beyond what is believed: put at [`BOUND_M`] in their
    /// direction. What lies beyond was perhaps seen, and is not claimed.
    pub cut_off: [bool; 4],
    /// The frame's centre on the ground.
    pub centre: Option<Position>,
    /// Radius that holds 90 % of its error, metres.
    pub centre_ce90_m: Option<f64>,
    /// Where the camera was.
    pub camera: Option<Position>,
    /// Its height above mean sea level, metres.
    pub camera_msl_m: Option<f64>,
    /// Azimuth of its axis, degrees from true north.
    pub azimuth_deg: Option<f64>,
    /// Depression of its axis below the horizontal, degrees.
    pub depression_deg: Option<f64>,
    /// What the corners lie on.
    pub ground: Ground,
    /// The height of that ground above mean sea level, metres, when it was taken to be level.
    pub level_msl_m: Option<f64>,
    /// Ground that a pixel holds, metres, on average over the frame, at standard definition.
    pub pixel_m: f64,
    /// The camera sees heat, by its own word.
    pub is_infrared: bool,
    /// The observation that says so.
    pub observation: ObservationId,
}

/// Corners, centre and their errors.
pub(super) struct Seen {
    pub(super) corners: [Position; 4],
    pub(super) ce90_m: [Option<f64>; 4],
    pub(super) cut_off: [bool; 4],
    pub(super) centre: Option<Position>,
    pub(super) centre_ce90_m: Option<f64>,
    pub(super) ground: Ground,
    pub(super) level_msl_m: Option<f64>,
}

/// Where ground is looked for.
pub(super) struct Land<'a> {
    pub(super) terrain: Option<&'a Terrain>,
    /// The geoid above the ellipsoid there, metres.
    pub(super) geoid_m: f64,
    /// Level ground above mean sea level, metres, and its error, when anything tells it.
    pub(super) level: Option<[f64; 2]>,
}

impl Land<'_> {
    fn ground(&self) -> Option<RayGround<'_>> {
        let level_hae_m = self.level.map(|[msl_m, _]| msl_m + self.geoid_m);
        match (self.terrain, level_hae_m) {
            (Some(terrain), level) => Some(RayGround::Terrain {
                terrain,
                geoid_m: self.geoid_m,
                // Without any word of level ground, rays that leave the terrain meet its lowest.
                level_hae_m: level.or_else(|| Some(terrain.extremes_m()?[0] + self.geoid_m))?,
            }),
            (None, Some(level)) => Some(RayGround::Level(level)),
            (None, None) => None,
        }
    }

    fn sd_m(&self, hit: &Hit) -> f64 {
        match self.terrain {
            Some(terrain) if hit.on_terrain => terrain.sd_m,
            _ => self.level.map_or(GUESSED_HEIGHT_SD_M, |[_, sd_m]| sd_m),
        }
    }
}

/// Reckons what a view sees. `None` without ground to meet, or when all of it is sky.
pub(super) fn reckoned(view: &View, land: &Land<'_>) -> Option<Seen> {
    let ground = land.ground()?;
    let eye = view.eye();
    let (axis, rays) = view.rays();
    let hits = rays.map(|ray| {
        ground
            .meets(eye, ray)
            .filter(|hit| hit.range_m <= FARTHEST_M)
    });
    if hits.iter().all(Option::is_none) {
        return None;
    }
    let error = |hit: &Hit| ce90_m(eye, hit, Some(view), &view.errors, land.sd_m(hit));
    let mut corners = [view.place; 4];
    let mut cut_off = [false; 4];
    for (((corner, cut), hit), ray) in corners.iter_mut().zip(&mut cut_off).zip(&hits).zip(&rays) {
        let bounded = hit.as_ref().filter(|h| within_bound(view.place, h.place));
        *corner = match bounded {
            Some(hit) => hit.place,
            None => {
                *cut = true;
                view.bounded(ray, BOUND_M)?
            }
        };
    }
    let centre = ground.meets(eye, axis);
    let on_terrain = hits.iter().flatten().all(|hit| hit.on_terrain);
    let mut errors = hits.each_ref().map(|hit| hit.as_ref().map(&error));
    for (error, cut) in errors.iter_mut().zip(cut_off) {
        if cut {
            *error = None;
        }
    }
    Some(Seen {
        corners,
        ce90_m: errors,
        cut_off,
        centre: centre.map(|hit| hit.place),
        centre_ce90_m: centre.as_ref().map(error),
        ground: if on_terrain {
            Ground::Terrain
        } else {
            Ground::Flat
        },
        level_msl_m: (!on_terrain).then(|| land.level.map(|[m, _]| m)).flatten(),
    })
}

fn within_bound(camera: Position, place: Position) -> bool {
    Plane::at(camera).to_m(place).length() <= BOUND_M
}

/// A packet's footprint: its own corners when it sends them, else reckoned.
pub(super) fn of_packet(
    m: &FmvMetadata,
    terrain: Option<&Terrain>,
    geoid: &mut Geoid,
) -> Option<(Seen, Option<View>)> {
    if m.checksum == Checksum::Bad {
        return None;
    }
    let place = m.sensor_position();
    let geoid_m = place.map_or(0.0, |p| geoid.undulation_m(p));
    let level = m
        .number("frame_center_elevation_m")
        .or_else(|| Some(m.number("frame_center_height_above_ellipsoid_m")? - geoid_m));
    let land = Land {
        terrain,
        geoid_m,
        level: level.map(|msl_m| [msl_m, SENT_HEIGHT_SD_M]),
    };
    let view = place.and_then(|place| view(m, place, geoid_m));
    let seen = match m.corners() {
        Some(corners) => Some(sent(m, corners, view.as_ref(), &land)),
        None => reckoned(view.as_ref()?, &land),
    }?;
    Some((seen, view))
}

/// Corners as sent. Their errors are those of rays from the camera to them, when its height is known.
fn sent(m: &FmvMetadata, corners: [Position; 4], view: Option<&View>, land: &Land<'_>) -> Seen {
    let centre = m
        .number("frame_center_latitude_deg")
        .zip(m.number("frame_center_longitude_deg"))
        .and_then(|(lat, lon)| Position::new(lat, lon).ok());
    let camera = m.sensor_position().zip(height_hae_m(m, land.geoid_m));
    let error = |place: Position| -> Option<f64> {
        let (camera, camera_hae_m) = camera?;
        let ground = land.ground()?;
        let eye = globe::from_place(camera, camera_hae_m);
        let (height_hae_m, on_terrain) = ground.height_hae_m(place);
        let range_m = (globe::from_place(place, height_hae_m) - eye).norm();
        let hit = Hit {
            place,
            height_hae_m,
            range_m,
            on_terrain,
        };
        Some(ce90_m(eye, &hit, view, &Errors::USUAL, land.sd_m(&hit)))
    };
    Seen {
        corners,
        ce90_m: corners.map(error),
        cut_off: [false; 4],
        centre,
        // Item 45 is the sender's own figure for the target, which is where the frame's centre is.
        centre_ce90_m: m
            .number("target_error_estimate_ce90_m")
            .filter(|m| *m > 0.0)
            .or_else(|| centre.and_then(error)),
        ground: Ground::Sent,
        level_msl_m: None,
    }
}

/// Height of the camera above the ellipsoid (items 104, 75), else above mean sea level (15) and the
/// geoid.
pub(super) fn height_hae_m(m: &FmvMetadata, geoid_m: f64) -> Option<f64> {
    m.number("sensor_ellipsoid_height_extended_m")
        .or_else(|| m.number("sensor_ellipsoid_height_m"))
        .or_else(|| Some(m.number("sensor_true_altitude_m")? + geoid_m))
}

fn view(m: &FmvMetadata, place: Position, geoid_m: f64) -> Option<View> {
    let either = |full: &str, short: &str| m.number(full).or_else(|| m.number(short));
    let platform = Turn {
        yaw_deg: m.number("platform_heading_angle_deg")?,
        pitch_deg: either("platform_pitch_angle_full_deg", "platform_pitch_angle_deg")?,
        roll_deg: either("platform_roll_angle_full_deg", "platform_roll_angle_deg")?,
    };
    let sensor = Turn {
        yaw_deg: m.number("sensor_relative_azimuth_angle_deg")?,
        pitch_deg: m.number("sensor_relative_elevation_angle_deg")?,
        roll_deg: m.number("sensor_relative_roll_angle_deg").unwrap_or(0.0),
    };
    let field = [
        m.number("sensor_horizontal_field_of_view_deg"),
        m.number("sensor_vertical_field_of_view_deg"),
    ];
    View::new(
        place,
        height_hae_m(m, geoid_m)?,
        platform,
        sensor,
        field,
        Errors::USUAL,
    )
}

/// Whether the sensor's name (item 11) says that it sees heat: a word of its own that is `IR`, `MWIR`,
/// `LWIR` or `SWIR`, or one that begins with `infrared` or `thermal`.
pub(super) fn is_infrared(m: &FmvMetadata) -> bool {
    let Some(name) = m.st0601.get("image_source_sensor").and_then(|v| v.as_str()) else {
        return false;
    };
    name.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "ir" | "mwir" | "lwir" | "swir" | "flir")
            || word.starts_with("infrared")
            || word.starts_with("thermal")
    })
}

/// Side of a square of ground as large as a pixel's on average, metres.
pub(super) fn pixel_m(corners: &[Position; 4]) -> f64 {
    let [first, ..] = corners;
    let plane = Plane::at(*first);
    let [a, b, c, d] = corners.map(|corner| plane.to_m(corner));
    let cross = |p: Xy, q: Xy| p.e * q.n - p.n * q.e;
    let twice_m2 = cross(a, b) + cross(b, c) + cross(c, d) + cross(d, a);
    (twice_m2.abs() / 2.0 / PICTURE_PIXELS).sqrt()
}

/// One standard deviation of each component that a CE90 stands for, metres.
pub(super) fn sd_of_ce90_m(ce90_m: f64) -> f64 {
    ce90_m / CE90_PER_SD
}

/// Receivers without a fix send zeros.
pub(super) fn is_null_island(position: Position) -> bool {
    position.lat_deg().abs() < 1e-6 && position.lon_deg().abs() < 1e-6
}
