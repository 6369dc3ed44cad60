//! One sensor: what it makes of an event that reaches it.

use truceline_domain::{
    Acoustic, AcousticClass, Bearing, Body, EventKind, Finite, Flash, NonNegative, Positive,
    Probability, Refused, Seismic, SeismicArrival,
};

use super::crlb::Evidence;
use super::geometry::{Point, round};
use super::physics::{self, Source};
use super::plan::Event;
use super::random::Random;
use super::sensors::Reading;
use super::theatre::Placed;

/// Chance that a wall of rock sends a sound back.
const ECHO_P: f64 = 0.12;

/// Of two arrivals at one array within so many seconds the weaker is lost.
const DEAD_TIME_S: f64 = 0.25;

/// One sensor with its clock's error.
pub(super) struct Site<'a> {
    pub(super) sensor: &'a Placed,
    pub(super) clock_s: f64,
    pub(super) random: &'a mut Random,
    pub(super) told: Vec<Reading>,
}

impl Site<'_> {
    pub(super) fn perceive(&mut self, number: usize, event: &Event) -> Result<(), Refused> {
        let (burst, burst_s) = event.impact.unwrap_or((event.at, event.time_s));
        let is_shell = event.impact.is_some();
        if self.sensor.has("acoustic") {
            if let Some(sound) = physics::muzzle(event.kind) {
                self.hear(
                    number,
                    sound,
                    event.at,
                    event.time_s,
                    (AcousticClass::Muzzle, is_shell),
                )?;
            }
            if let Some(sound) = physics::ground(event.kind) {
                self.hear(
                    number,
                    sound,
                    burst,
                    burst_s,
                    (AcousticClass::Impact, is_shell),
                )?;
            }
        }
        if self.sensor.has("flash") {
            self.see(
                number,
                event.at,
                event.time_s,
                muzzle_flash_p(event.kind),
                true,
            )?;
            if is_shell {
                self.see(number, burst, burst_s, 0.5, false)?;
            }
        }
        if self.sensor.has("seismic") && shakes_the_ground(event.kind) {
            self.feel(number, burst, burst_s)?;
        }
        Ok(())
    }

    fn hear(
        &mut self,
        number: usize,
        sound: Source,
        from: Point,
        time_s: f64,
        (class, is_shell): (AcousticClass, bool),
    ) -> Result<(), Refused> {
        let Some(arrival) = physics::heard(sound, from, self.sensor.at, self.random) else {
            return Ok(());
        };
        let onset_s = time_s + arrival.delay_s + self.random.normal(arrival.onset_sd_s);
        let faint = 1.0 + ((15.0 - arrival.snr_db) / 15.0).max(0.0);
        let bearing_sd_deg = self.sensor.bearing_sd_deg * faint;
        let bearing_deg = self.sensor.at.bearing_deg(from) + self.random.normal(bearing_sd_deg);
        let heard = Heard {
            sound,
            class,
            level_db: arrival.level_db,
            snr_db: arrival.snr_db,
        };
        let mut reading = self.sound(onset_s, bearing_deg, bearing_sd_deg, heard)?;
        reading.event = Some(number);
        let echo = self
            .random
            .chance(ECHO_P)
            .then(|| self.echo(&reading, onset_s, bearing_deg));
        // The place of the event is the muzzle's, or that of the phenomenon: a round's burst is elsewhere.
        let of_the_place = class == AcousticClass::Muzzle || !is_shell;
        reading.evidence = of_the_place.then(|| Evidence {
            sensor: self.sensor.at,
            bearing_sd_deg,
            time_sd_s: Some(arrival.onset_sd_s.hypot(self.sensor.clock_sd_s)),
            sound: true,
        });
        self.told.push(reading);
        self.told.extend(echo.transpose()?);
        Ok(())
    }

    pub(super) fn sound(
        &mut self,
        onset_s: f64,
        bearing_deg: f64,
        bearing_sd_deg: f64,
        heard: Heard,
    ) -> Result<Reading, Refused> {
        let [low, high] = heard.sound.dur_s;
        let class_p = 0.55 + 0.4 * (heard.snr_db / 25.0).clamp(0.0, 1.0);
        let class = if self.random.chance(class_p) {
            heard.class
        } else {
            other_class(heard.class)
        };
        let body = Body::Acoustic(Acoustic {
            bearing_deg: Bearing::new(round(bearing_deg.rem_euclid(360.0), 1))?,
            bearing_sd_deg: Positive::new(round(bearing_sd_deg, 1))?,
            level_db: Finite::new(round(heard.level_db, 1))?,
            class,
            class_p: Some(Probability::new(round(class_p, 2))?),
            dur_s: Some(NonNegative::new(round(self.random.between(low, high), 2))?),
            peak_hz: Some(NonNegative::new(
                (heard.sound.peak_hz * self.random.between(0.85, 1.15)).round(),
            )?),
        });
        Ok(self.reading(onset_s, body, Some(heard.level_db)))
    }

    /// A second arrival, weaker and from elsewhere.
    fn echo(
        &mut self,
        first: &Reading,
        onset_s: f64,
        bearing_deg: f64,
    ) -> Result<Reading, Refused> {
        let mut echo = first.clone();
        let aside_deg =
            self.random.between(20.0, 60.0) * if self.random.chance(0.5) { 1.0 } else { -1.0 };
        let later_s = onset_s + self.random.between(0.8, 5.0);
        if let Body::Acoustic(sound) = &mut echo.body {
            let level_db = sound.level_db.get() - self.random.between(6.0, 12.0);
            sound.bearing_deg =
                Bearing::new(round((bearing_deg + aside_deg).rem_euclid(360.0), 1))?;
            sound.level_db = Finite::new(round(level_db, 1))?;
            sound.class = AcousticClass::Unknown;
            echo.level_db = Some(level_db);
        }
        let moved = self.reading(later_s, echo.body.clone(), echo.level_db);
        Ok(Reading {
            event: first.event,
            is_also: true,
            ..moved
        })
    }

    fn see(
        &mut self,
        number: usize,
        from: Point,
        time_s: f64,
        p: f64,
        of_the_place: bool,
    ) -> Result<(), Refused> {
        let range_km = from.distance_m(self.sensor.at) / 1000.0;
        // Ground and haze hide the more, the farther.
        if !self.random.chance(p * (-range_km / 8.0).exp()) {
            return Ok(());
        }
        let sd_deg = self.sensor.bearing_sd_deg;
        let bearing_deg = self.sensor.at.bearing_deg(from) + self.random.normal(sd_deg);
        let body = flash(bearing_deg, sd_deg)?;
        let seen_s = time_s + self.random.normal(0.02);
        let mut reading = self.reading(seen_s, body, None);
        reading.event = Some(number);
        reading.evidence = of_the_place.then(|| Evidence {
            sensor: self.sensor.at,
            bearing_sd_deg: sd_deg,
            time_sd_s: Some(self.sensor.clock_sd_s.hypot(0.02)),
            sound: false,
        });
        self.told.push(reading);
        Ok(())
    }

    fn feel(&mut self, number: usize, from: Point, time_s: f64) -> Result<(), Refused> {
        let range_m = from.distance_m(self.sensor.at);
        for (arrival, speed_mps, p) in [
            (SeismicArrival::P, physics::P_MPS, 0.5),
            (SeismicArrival::Rg, physics::RG_MPS, 0.8),
        ] {
            if !self.random.chance(p * (-range_m / 9_000.0).exp()) {
                continue;
            }
            let travel_s = range_m / speed_mps * (1.0 + self.random.normal(0.03));
            let body = Body::Seismic(Seismic { arrival });
            let mut reading = self.reading(time_s + travel_s, body, None);
            reading.event = Some(number);
            self.told.push(reading);
        }
        Ok(())
    }

    /// Stamps what was perceived at a true time by the sensor's own clock.
    pub(super) fn reading(&mut self, true_s: f64, body: Body, level_db: Option<f64>) -> Reading {
        Reading {
            source: self.sensor.id.clone(),
            observed_s: true_s + self.clock_s,
            received_s: true_s + self.random.between(0.6, 2.8),
            body,
            event: None,
            is_also: false,
            evidence: None,
            level_db,
        }
    }
}

/// What an array makes of a sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    pub(super) sound: Source,
    pub(super) class: AcousticClass,
    pub(super) level_db: f64,
    pub(super) snr_db: f64,
}

fn other_class(class: AcousticClass) -> AcousticClass {
    match class {
        AcousticClass::Muzzle => AcousticClass::Impact,
        _ => AcousticClass::Muzzle,
    }
}

pub(super) fn flash(bearing_deg: f64, sd_deg: f64) -> Result<Body, Refused> {
    Ok(Body::Flash(Flash {
        bearing_deg: Bearing::new(round(bearing_deg.rem_euclid(360.0), 1))?,
        bearing_sd_deg: Positive::new(round(sd_deg, 2))?,
    }))
}

/// Chance that the flash is seen where nothing hides it.
fn muzzle_flash_p(kind: EventKind) -> f64 {
    match kind {
        EventKind::SmallArms => 0.4,
        EventKind::Hmg => 0.6,
        EventKind::Mortar => 0.6,
        EventKind::Artillery => 0.9,
        EventKind::Thunder => 1.0,
        _ => 0.0,
    }
}

fn shakes_the_ground(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Mortar | EventKind::Artillery | EventKind::Demolition | EventKind::BlastQuarry
    )
}

pub(super) fn lose_in_dead_time(told: &mut Vec<Reading>) {
    told.sort_by(|a, b| a.observed_s.total_cmp(&b.observed_s));
    let sounds: Vec<(f64, f64)> = told
        .iter()
        .filter_map(|r| Some((r.observed_s, r.level_db?)))
        .collect();
    told.retain(|reading| {
        let Some(level_db) = reading.level_db else {
            return true;
        };
        !sounds.iter().any(|(at_s, other_db)| {
            (at_s - reading.observed_s).abs() < DEAD_TIME_S && *other_db > level_db
        })
    });
}
