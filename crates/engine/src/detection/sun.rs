//! Day and night: how high the sun stands.
//!
//! The Solar Position Algorithm (Reda & Andreas, Solar Energy 76, 2004, good to 0.0003° from −2000 to
//! 6000) by the crate `solar-positioning`.

use solar_positioning::time::JulianDate;
use solar_positioning::{Location, SolarPositions, delta_t};
use truceline_domain::{Observed, Position};

/// Below this the sun gives no light to see by, degrees: the end of civil twilight.
const DARK_DEG: f64 = -6.0;
/// Unix epoch as a Julian date.
const UNIX_EPOCH_JD: f64 = 2_440_587.5;
/// Taken for ΔT (TT − UT1) where no estimate is to be had, seconds; it moves the sun by 0.003° in a
/// minute of error, which no one sees.
const USUAL_DELTA_T_S: f64 = 70.0;

/// Elevation of the sun's centre above the horizon at a place and time, degrees, without refraction;
/// `None` outside the years −2000 to 6000.
#[must_use]
pub fn elevation_deg(place: Position, at: Observed) -> Option<f64> {
    let julian_days = UNIX_EPOCH_JD + at.unix_us() as f64 / 86_400e6;
    let year = 1970.0 + at.unix_us() as f64 / (365.2425 * 86_400e6);
    let delta_t_s = delta_t::estimate(year).unwrap_or(USUAL_DELTA_T_S);
    let date = JulianDate::new(julian_days, delta_t_s).ok()?;
    let location = Location {
        latitude: place.lat_deg(),
        longitude: place.lon_deg(),
    };
    let sun = SolarPositions::new().at_from_julian(date, location, 0.0, None);
    sun.ok().map(|sun| sun.elevation_angle())
}

/// Share of daylight: 1 with the sun above the horizon, 0 from the end of civil twilight, between
/// them linear. Night where the sun's place is not known: nothing is then said to be seen.
#[must_use]
pub fn daylight(place: Position, at: Observed) -> f64 {
    elevation_deg(place, at).map_or(0.0, |deg| (1.0 - deg / DARK_DEG).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_stands_where_the_almanac_has_it() {
        // The example of Reda & Andreas, table A5.1: 17 October 2003, 12:30:30 −7 h, 39.742476° N
        // 105.1786° W: topocentric elevation 39.8884° with refraction of 0.0163°.
        let place = Position::new(39.742_476, -105.178_6).unwrap();
        let at: Observed = "2003-10-17T12:30:30-07:00".parse().unwrap();
        let deg = elevation_deg(place, at).unwrap();
        assert!((deg - 39.872).abs() < 0.005, "{deg}");
    }

    #[test]
    fn twilight_lies_between_day_and_night() {
        let place = Position::new(40.0, 46.8).unwrap();
        let light = |time: &str| daylight(place, time.parse().unwrap());
        assert_eq!(light("2021-03-14T09:00:00Z"), 1.0);
        assert_eq!(light("2021-03-14T21:00:00Z"), 0.0);
        // Sunset on that day is at about 14:53 UTC.
        let dusk = light("2021-03-14T15:05:00Z");
        assert!((0.1..0.9).contains(&dusk), "{dusk}");
    }
}
