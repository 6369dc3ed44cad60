//! Cameras of MAVLink vehicles: position, attitude, gimbal and field of view come in messages of their
//! own and are joined by time.
//!
//! At each position the attitude and the gimbal nearest in time count, no more than half a second away;
//! positions of the raw receiver (`GPS_RAW_INT` and the logs' like) are left to the track, for a
//! vehicle's camera goes with its filtered position. A gimbal's roll and pitch count from the horizon
//! (`GIMBAL_DEVICE_ATTITUDE_STATUS`, flags of roll and pitch lock, the usual case); its yaw from north,
//! or from the vehicle's nose and then the heading is added. Without a gimbal the camera looks along the
//! nose. A camera that tells no field of view has no footprint.

use std::collections::VecDeque;

use truceline_agreement::theatre::Terrain;
use truceline_domain::{MavlinkAttitude, MavlinkCamera, MavlinkGimbal, MavlinkPosition, Observed};

use super::footprint::{GUESSED_HEIGHT_SD_M, Land, Seen, reckoned};
use super::view::{Errors, Turn, View};
use crate::terrain::geoid::Geoid;

/// Messages farther apart than this are not joined, seconds.
const NEAR_S: f64 = 0.5;
/// A field of view holds for this long without being told again, seconds (`CAMERA_FOV_STATUS` comes at
/// 1 to 5 Hz, or once when it changes).
const FIELD_HOLDS_S: f64 = 60.0;
/// Most messages of a kind that are kept: half a second at 100 Hz.
const MOST_KEPT: usize = 64;

/// What one vehicle told last.
#[derive(Debug, Clone, Default)]
pub(super) struct Vehicle {
    attitudes: VecDeque<(Observed, Turn)>,
    gimbals: VecDeque<(Observed, Turn, bool)>,
    field: Option<(Observed, [Option<f64>; 2])>,
}

impl Vehicle {
    pub(super) fn attitude(&mut self, time: Observed, m: &MavlinkAttitude) {
        let turn = Turn {
            yaw_deg: m.yaw_deg.get(),
            pitch_deg: m.pitch_deg.get(),
            roll_deg: m.roll_deg.get(),
        };
        keep(&mut self.attitudes, (time, turn));
    }

    pub(super) fn gimbal(&mut self, time: Observed, m: &MavlinkGimbal) {
        let turn = Turn {
            yaw_deg: m.yaw_deg.get(),
            pitch_deg: m.pitch_deg.get(),
            roll_deg: m.roll_deg.get(),
        };
        keep(&mut self.gimbals, (time, turn, m.yaw_from_north));
    }

    pub(super) fn camera(&mut self, time: Observed, m: &MavlinkCamera) {
        let field = [
            m.horizontal_fov_deg.map(f64::from),
            m.vertical_fov_deg.map(f64::from),
        ];
        self.field = Some((time, field));
    }

    /// What the camera sees from a position.
    pub(super) fn sees(
        &self,
        time: Observed,
        m: &MavlinkPosition,
        terrain: Option<&Terrain>,
        geoid: &mut Geoid,
    ) -> Option<(Seen, View)> {
        if m.message.to_ascii_uppercase().contains("GPS") {
            return None;
        }
        let (told, field) = self.field?;
        if time.seconds_since(told).abs() > FIELD_HOLDS_S {
            return None;
        }
        let geoid_m = geoid.undulation_m(m.position);
        let msl_m = m
            .height_msl_m
            .map(f64::from)
            .or_else(|| Some(f64::from(m.height_hae_m?) - geoid_m))?;
        let home_msl_m = m.height_above_home_m.map(|above| msl_m - f64::from(above));
        let land = Land {
            terrain,
            geoid_m,
            level: home_msl_m.map(|m| [m, GUESSED_HEIGHT_SD_M]),
        };
        let (platform, sensor) = self.turns(time, m)?;
        let errors = Errors {
            position_m: m
                .horizontal_sd_m
                .map_or(Errors::USUAL.position_m, f64::from),
            ..Errors::USUAL
        };
        let view = View::new(m.position, msl_m + geoid_m, platform, sensor, field, errors)?;
        Some((reckoned(&view, &land)?, view))
    }

    /// How the platform is turned, and the sensor on it.
    fn turns(&self, time: Observed, m: &MavlinkPosition) -> Option<(Turn, Turn)> {
        let attitude = nearest(&self.attitudes, time, |a| a.0).map(|a| a.1);
        match nearest(&self.gimbals, time, |g| g.0) {
            Some((_, turn, true)) => Some((*turn, Turn::default())),
            Some((_, turn, false)) => {
                let heading_deg = attitude
                    .map(|a| a.yaw_deg)
                    .or_else(|| m.heading_deg.map(|h| h.deg()))?;
                let yaw_deg = turn.yaw_deg + heading_deg;
                Some((Turn { yaw_deg, ..*turn }, Turn::default()))
            }
            None => Some((attitude?, Turn::default())),
        }
    }
}

fn keep<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == MOST_KEPT {
        queue.pop_front();
    }
    queue.push_back(item);
}

fn nearest<T>(queue: &VecDeque<T>, time: Observed, of: impl Fn(&T) -> Observed) -> Option<&T> {
    let apart = |item: &T| of(item).seconds_since(time).abs();
    queue
        .iter()
        .min_by(|a, b| apart(a).total_cmp(&apart(b)))
        .filter(|item| apart(item) <= NEAR_S)
}
