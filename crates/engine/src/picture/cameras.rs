//! From observations to footprints: one packet, or a vehicle's messages joined by time.

use std::collections::BTreeMap;

use truceline_agreement::theatre::Terrain;
use truceline_domain::{Body, Observation, Observed, SourceId};

use super::footprint::{self, Footprint, Seen, is_infrared, is_null_island, pixel_m};
use super::telemetry::Vehicle;
use super::view::View;
use crate::terrain::geoid::Geoid;

/// Most vehicles whose messages are joined.
const MOST_VEHICLES: usize = 4_096;

/// All cameras, over a theatre's terrain when it has one.
#[derive(Debug, Clone)]
pub(crate) struct Cameras {
    terrain: Option<Terrain>,
    geoid: Geoid,
    vehicles: BTreeMap<(SourceId, u8), Vehicle>,
}

impl Cameras {
    pub(crate) fn new(terrain: Option<Terrain>) -> Self {
        Self {
            terrain,
            geoid: Geoid::default(),
            vehicles: BTreeMap::new(),
        }
    }

    /// What an observation shows of the ground. Parts of a vehicle's telemetry are kept for its next
    /// position.
    pub(crate) fn footprint(&mut self, o: &Observation) -> Option<Footprint> {
        let time = o.observed?;
        let terrain = self.terrain.as_ref();
        match &o.body {
            Body::FmvMetadata(m) => {
                let (seen, view) = footprint::of_packet(m, terrain, &mut self.geoid)?;
                let camera_msl_m = m.number("sensor_true_altitude_m");
                let mut footprint = assembled(o, time, seen, view.as_ref(), camera_msl_m);
                footprint.camera = m.sensor_position();
                footprint.is_infrared = is_infrared(m);
                Some(footprint)
            }
            Body::MavlinkAttitude(m) => {
                self.vehicle(o, m.system)?.attitude(time, m);
                None
            }
            Body::MavlinkGimbal(m) => {
                self.vehicle(o, m.system)?.gimbal(time, m);
                None
            }
            Body::MavlinkCamera(m) => {
                self.vehicle(o, m.system)?.camera(time, m);
                None
            }
            Body::MavlinkPosition(m) if !is_null_island(m.position) => {
                let vehicle = self.vehicles.get(&(o.source.clone(), m.system))?;
                let (seen, view) = vehicle.sees(time, m, terrain, &mut self.geoid)?;
                let camera_msl_m = m.height_msl_m.map(f64::from);
                let mut footprint = assembled(o, time, seen, Some(&view), camera_msl_m);
                footprint.camera = Some(m.position);
                Some(footprint)
            }
            _ => None,
        }
    }

    fn vehicle(&mut self, o: &Observation, system: u8) -> Option<&mut Vehicle> {
        let key = (o.source.clone(), system);
        if self.vehicles.len() >= MOST_VEHICLES && !self.vehicles.contains_key(&key) {
            return None;
        }
        Some(self.vehicles.entry(key).or_default())
    }
}

fn assembled(
    o: &Observation,
    time: Observed,
    seen: Seen,
    view: Option<&View>,
    camera_msl_m: Option<f64>,
) -> Footprint {
    let axis_deg = view.map(View::axis_deg);
    Footprint {
        source: o.source.clone(),
        time,
        pixel_m: pixel_m(&seen.corners),
        corners: seen.corners,
        ce90_m: seen.ce90_m,
        cut_off: seen.cut_off,
        centre: seen.centre,
        centre_ce90_m: seen.centre_ce90_m,
        camera: None,
        camera_msl_m,
        azimuth_deg: axis_deg.map(|[azimuth, _]| azimuth),
        depression_deg: axis_deg.map(|[_, depression]| depression),
        ground: seen.ground,
        level_msl_m: seen.level_msl_m,
        is_infrared: false,
        observation: o.id.clone(),
    }
}
