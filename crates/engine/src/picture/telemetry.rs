//! Cameras of MAVLink vehicles: position, attitude, gimbal and field of view come in messages of their
//! own and are joined by time.
//!
//! At each position the attitude and the gimbal count as they were then: between the messages around it,
//! or on through the last two, no more than half a second away. Positions of the raw receiver
//! (`GPS_RAW_INT` and the logs' like) are left to the track, for a vehicle's camera goes with its
//! filtered position. A gimbal's roll and pitch count from the horizon (`GIMBAL_DEVICE_ATTITUDE_STATUS`,
//! flags of roll and pitch lock, the usual case); its yaw from north, or from the vehicle's nose and
//! then the heading is added. Without a gimbal the camera looks along the nose. A camera that tells no
//! field of view has no footprint.

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
    gimbals: VecDeque<(Observed, Turn)>,
    /// Whether the gimbal's yaw counts from north, by its last message.
    gimbal_from_north: bool,
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
        if self.gimbal_from_north != m.yaw_from_north {
            // Yaws of two frames have nothing between them.
            self.gimbals.clear();
            self.gimbal_from_north = m.yaw_from_north;
        }
        keep(&mut self.gimbals, (time, turn));
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
        let attitude = turn_at(&self.attitudes, time);
        let Some(gimbal) = turn_at(&self.gimbals, time) else {
            return Some((attitude?, Turn::default()));
        };
        if self.gimbal_from_north {
            return Some((gimbal, Turn::default()));
        }
        let heading_deg = attitude
            .map(|a| a.yaw_deg)
            .or_else(|| m.heading_deg.map(|h| h.deg()))?;
        let yaw_deg = gimbal.yaw_deg + heading_deg;
        Some((Turn { yaw_deg, ..gimbal }, Turn::default()))
    }
}

/// Keeps a message in order of time; the oldest goes.
fn keep(queue: &mut VecDeque<(Observed, Turn)>, item: (Observed, Turn)) {
    if queue.len() == MOST_KEPT {
        queue.pop_front();
    }
    let place = queue.partition_point(|(t, _)| *t <= item.0);
    queue.insert(place, item);
}

/// The turn at a time, on the straight line between the messages around it, or through the last two
/// where none is later yet. `None` when no message is near.
fn turn_at(queue: &VecDeque<(Observed, Turn)>, time: Observed) -> Option<Turn> {
    let after = queue.partition_point(|(t, _)| *t < time);
    // The message at or after the time and the one before it, else the last two.
    let later = after.min(queue.len().checked_sub(1)?);
    let (t1, second) = *queue.get(later)?;
    let first = later.checked_sub(1).and_then(|i| queue.get(i).copied());
    let near = |t: Observed| time.seconds_since(t).abs() <= NEAR_S;
    match first {
        Some((t0, first)) if near(t0) || near(t1) => {
            let apart_s = t1.seconds_since(t0);
            if apart_s > 0.0 && apart_s <= 2.0 * NEAR_S {
                return Some(between(first, second, time.seconds_since(t0) / apart_s));
            }
            Some(if near(t1) { second } else { first })
        }
        _ => near(t1).then_some(second),
    }
}

/// A turn on the straight line through two, by share of the way from the first.
fn between(a: Turn, b: Turn, share: f64) -> Turn {
    let mixed = |a: f64, b: f64| {
        let way = (b - a + 180.0).rem_euclid(360.0) - 180.0;
        a + way * share
    };
    Turn {
        yaw_deg: mixed(a.yaw_deg, b.yaw_deg),
        pitch_deg: mixed(a.pitch_deg, b.pitch_deg),
        roll_deg: mixed(a.roll_deg, b.roll_deg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_lie_between_messages_and_go_on_after_the_last() {
        let at = |s: f64| Observed::UNIX_EPOCH.plus_seconds(s);
        let turn = |yaw_deg| Turn {
            yaw_deg,
            ..Turn::default()
        };
        let queue: VecDeque<_> = [(at(0.0), turn(350.0)), (at(0.5), turn(10.0))].into();
        for (s, yaw_deg) in [(0.0, 350.0), (0.25, 360.0), (0.5, 370.0), (0.75, 380.0)] {
            let got = turn_at(&queue, at(s)).unwrap().yaw_deg;
            assert!((got - yaw_deg).abs() < 1e-9, "{s}: {got}");
        }
        assert!(turn_at(&queue, at(1.1)).is_none() && turn_at(&queue, at(-0.6)).is_none());
        assert!(turn_at(&VecDeque::new(), at(0.0)).is_none());
    }
}
