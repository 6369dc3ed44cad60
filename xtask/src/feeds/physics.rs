//! What reaches a sensor: the model of the project's scenarios. Distances in a plane, height ignored.

use truceline_domain::EventKind;

use super::geometry::Point;
use super::random::Random;

/// The air of the exercise's hour, the same everywhere.
pub(super) const TEMPERATURE_C: f64 = 9.0;
pub(super) const WIND_FROM_DEG: f64 = 250.0;
pub(super) const WIND_MPS: f64 = 3.0;

/// A source of sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Level at 1 km, dB.
    pub(super) level_db: f64,
    pub(super) peak_hz: f64,
    pub(super) dur_s: [f64; 2],
}

const fn source(level_db: f64, peak_hz: f64, dur_s: [f64; 2]) -> Source {
    Source {
        level_db,
        peak_hz,
        dur_s,
    }
}

/// The sound at the muzzle; of what is no gun, none.
pub(super) fn muzzle(kind: EventKind) -> Option<Source> {
    match kind {
        EventKind::SmallArms => Some(source(73.0, 450.0, [0.5, 3.0])),
        EventKind::Hmg => Some(source(78.0, 220.0, [0.5, 3.0])),
        EventKind::Mortar => Some(source(83.0, 90.0, [0.15, 0.4])),
        EventKind::Artillery => Some(source(91.0, 35.0, [0.3, 0.6])),
        _ => None,
    }
}

/// The sound at the ground where a round bursts, or of the phenomenon itself.
pub(super) fn ground(kind: EventKind) -> Option<Source> {
    match kind {
        EventKind::Mortar => Some(source(87.0, 50.0, [0.15, 0.4])),
        EventKind::Artillery => Some(source(91.0, 30.0, [0.3, 0.6])),
        EventKind::Demolition => Some(source(91.0, 20.0, [0.3, 0.6])),
        EventKind::BlastQuarry => Some(source(90.0, 15.0, [0.8, 2.0])),
        EventKind::Thunder => Some(source(95.0, 30.0, [2.0, 10.0])),
        _ => None,
    }
}

/// A sound as it arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) delay_s: f64,
    /// One standard deviation of its onset, the sensor's clock left out.
    pub(super) onset_sd_s: f64,
    pub(super) level_db: f64,
    /// Above the floor of noise.
    pub(super) snr_db: f64,
}

/// Wind along the way from source to sensor, m/s.
fn wind_along_mps(from: Point, to: Point) -> f64 {
    let towards_deg = WIND_FROM_DEG + 180.0;
    WIND_MPS * (from.bearing_deg(to) - towards_deg).to_radians().cos()
}

pub(super) fn sound_mps(from: Point, to: Point) -> f64 {
    331.3 + 0.606 * TEMPERATURE_C + wind_along_mps(from, to)
}

/// What is heard at `to`, without chance: `None` below the floor of noise.
pub(super) fn expected(
    sound: Source,
    from: Point,
    to: Point,
    level_error_db: f64,
) -> Option<Arrival> {
    let range_m = from.distance_m(to).max(50.0);
    let range_km = range_m / 1000.0;
    let level_db =
        sound.level_db - 20.0 * range_km.log10() - (0.6 + sound.peak_hz / 250.0) * range_km
            + 0.8 * wind_along_mps(from, to)
            + level_error_db;
    let snr_db = level_db - (38.0 + 1.2 * WIND_MPS);
    let pick_sd_s = 0.06 - 0.04 * (snr_db / 30.0).clamp(0.0, 1.0);
    let turbulence_sd_s = 0.02 * range_km.sqrt();
    (snr_db > 0.0).then(|| Arrival {
        delay_s: range_m / sound_mps(from, to),
        onset_sd_s: pick_sd_s.hypot(turbulence_sd_s),
        level_db,
        snr_db,
    })
}

/// What is heard at `to`, level ± 3 dB.
pub(super) fn heard(sound: Source, from: Point, to: Point, random: &mut Random) -> Option<Arrival> {
    expected(sound, from, to, random.normal(3.0))
}

/// Speeds of ground shocks, m/s: the compressional and the short-period surface wave.
pub(super) const P_MPS: f64 = 5_500.0;
pub(super) const RG_MPS: f64 = 2_800.0;
