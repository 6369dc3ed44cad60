//! How fast sound travels and how loud it arrives, from the weather stations' readings.
//!
//! c = 331.3 + 0.606·T + w·u (m/s; T in °C; w the wind, u the unit vector from source to sensor):
//! the usual linear form of Cramer's speed of sound in air (J. Acoust. Soc. Am. 93, 1993), good to
//! 0.2 m/s from −20 to 40 °C. Level falls with spherical spreading and an absorption linear in
//! frequency, a fit to ISO 9613-1 for 10–500 Hz.

use crate::calibration::{AIR_STILL_SD_MPS, AIR_WIND_SD_MPS};
use crate::plane::Xy;

/// One reading of one station.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) t_s: f64,
    pub(crate) temperature_c: f64,
    /// Where the wind blows to, m/s.
    pub(crate) wind: Xy,
}

/// The air over the theatre at one time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Air {
    /// Speed of sound without wind, m/s.
    pub(crate) still_mps: f64,
    pub(crate) still_sd_mps: f64,
    pub(crate) wind: Xy,
    /// One standard deviation of each component of the wind, m/s.
    pub(crate) wind_sd_mps: f64,
}

/// Readings older or newer than this say little, seconds.
const REACH_S: f64 = 7200.0;
/// Weight of a reading falls by e in this time, seconds.
const FADE_S: f64 = 2700.0;
/// What not knowing the weather leaves open, m/s: ±10 °C and a light breeze.
const UNKNOWN_SD_MPS: (f64, f64) = (6.0, 4.0);
/// Errors of one station: temperature, wind speed, wind direction (10°) (the scenario set's).
const STATION_C: f64 = 0.7;
const STATION_WIND_MPS: f64 = 1.0;
const STATION_WIND_RAD: f64 = 0.175;
/// The temperature taken without any reading, °C (the standard atmosphere's).
const UNKNOWN_TEMPERATURE_C: f64 = 15.0;

/// All readings, in order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather {
    readings: Vec<Reading>,
}

impl Weather {
    /// `readings` in order of time.
    pub(crate) fn new(readings: Vec<Reading>) -> Self {
        Self { readings }
    }

    /// All readings, as numbers.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let of = |r: &Reading| [r.t_s, r.temperature_c, r.wind.e, r.wind.n];
        self.readings.iter().flat_map(of)
    }

    /// The readings that tell of the air from one time to another.
    pub(crate) fn between(&self, from_s: f64, until_s: f64) -> &[Reading] {
        let from = self.readings.partition_point(|r| r.t_s < from_s - REACH_S);
        let until = self
            .readings
            .partition_point(|r| r.t_s <= until_s + REACH_S);
        self.readings.get(from..until).unwrap_or_default()
    }

    pub(crate) fn at(&self, t_s: f64) -> Air {
        let first = self.readings.partition_point(|r| r.t_s < t_s - REACH_S);
        let from_first = self.readings.get(first..).unwrap_or_default();
        let near = from_first.iter().take_while(|r| r.t_s <= t_s + REACH_S);
        // Weights, and weighted sums of temperature and wind and of their squares.
        let mut sums = [0.0; 6];
        for r in near {
            let weight = (-(r.t_s - t_s).abs() / FADE_S).exp();
            let (warm, wind) = (r.temperature_c, r.wind);
            let of = [1.0, warm, warm * warm, wind.e, wind.n, wind.dot(wind)];
            (sums.iter_mut().zip(of)).for_each(|(sum, v)| *sum += weight * v);
        }
        let [sum, ..] = sums;
        if sum <= 0.0 {
            return Air {
                still_mps: 331.3 + 0.606 * UNKNOWN_TEMPERATURE_C,
                still_sd_mps: UNKNOWN_SD_MPS.0,
                wind: Xy::default(),
                wind_sd_mps: UNKNOWN_SD_MPS.1,
            };
        }
        let [_, temperature_c, warm2, wind_e, wind_n, wind2] = sums.map(|s| s / sum);
        let wind = Xy::new(wind_e, wind_n);
        // Where stations differ by more than their own errors, a front is passing: the air on a path
        // is then known worse than their mean.
        let temperature_var = (warm2 - temperature_c * temperature_c).max(0.0);
        let wind_var = (wind2 - wind.dot(wind)).max(0.0) / 2.0;
        let speed_mps = wind.length();
        let wind_error_var =
            (STATION_WIND_MPS.powi(2) + (STATION_WIND_RAD * speed_mps).powi(2)) / 2.0;
        let excess = |seen: f64, error: f64| (seen - 1.5 * error).max(0.0).sqrt();
        Air {
            still_mps: 331.3 + 0.606 * temperature_c,
            still_sd_mps: AIR_STILL_SD_MPS
                .hypot(0.606 * excess(temperature_var, STATION_C * STATION_C)),
            wind,
            wind_sd_mps: AIR_WIND_SD_MPS.hypot(excess(wind_var, wind_error_var)),
        }
    }
}

impl Air {
    /// Speed along the unit vector `u` from source to sensor, m/s.
    pub(crate) fn speed_mps(&self, u: Xy) -> f64 {
        (self.still_mps + self.wind.dot(u)).max(200.0)
    }

    /// What a sound loses from 1 km of its source to `r_m`, dB.
    pub(crate) fn loss_db(&self, u: Xy, r_m: f64, peak_hz: f64) -> f64 {
        let r_km = r_m.max(50.0) / 1000.0;
        20.0 * r_km.log10() + (0.6 + peak_hz / 250.0) * r_km - 0.8 * self.wind.dot(u)
    }

    /// Level below which wind noise hides a sound, dB.
    pub(crate) fn floor_db(&self) -> f64 {
        38.0 + 1.2 * self.wind.length()
    }
}

/// Variance of an onset's time, s²: how sharply it can be picked (0.02 s loud, 0.06 s faint, one
/// standard deviation) and what turbulence adds on the way (0.02 s·√(r/km)).
pub(crate) fn onset_var_s2(level_db: f64, r_m: f64) -> f64 {
    let faint = ((65.0 - level_db) / 25.0).clamp(0.0, 1.0);
    let pick_s = 0.02 + 0.04 * faint;
    pick_s * pick_s + 0.02 * 0.02 * (r_m / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_runs_faster_down_the_wind() {
        let wind = Xy::new(5.0, 0.0);
        let air = Weather::new(vec![Reading {
            t_s: 0.0,
            temperature_c: 20.0,
            wind,
        }])
        .at(600.0);
        assert!((air.speed_mps(Xy::new(1.0, 0.0)) - 348.42).abs() < 1e-9);
        assert!((air.speed_mps(Xy::new(-1.0, 0.0)) - 338.42).abs() < 1e-9);
        assert!((air.loss_db(Xy::new(0.0, 1.0), 1000.0, 100.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn without_stations_the_speed_is_known_worse() {
        let air = Weather::default().at(0.0);
        assert!(air.still_sd_mps > 5.0 && air.wind.length() == 0.0);
    }
}
