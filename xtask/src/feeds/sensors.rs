//! What the sensors tell: `sensors.ndjson`.

use truceline_domain::{
    Acoustic, AcousticClass, Bearing, Body, EventKind, Finite, Flash, NonNegative, Notice,
    Observation, ObservationId, Observed, PartyId, Positive, Probability, Received, Refused,
    Seismic, SeismicArrival, SourceId, Video, VideoLabel, Weather,
};

use super::crlb::Evidence;
use super::geometry::{Point, round};
use super::physics::{self, Source};
use super::plan::{Event, NOTICE_RADIUS_M, NOTICE_S, Plan};
use super::random::Random;
use super::theatre::{Placed, Theatre};
use super::{HOUR_S, START_US};

/// This array's clock is fast by so much; nobody has noticed.
const FAST_CLOCK: (&str, f64) = ("A14", 2.4);

/// Sounds, and flashes, that come from nothing.
const FALSE_ALARMS: (usize, usize) = (14, 3);

/// Chance that a wall of rock sends a sound back.
const ECHO_P: f64 = 0.12;

/// Of two arrivals at one array within so many seconds the weaker is lost.
const DEAD_TIME_S: f64 = 0.25;

/// One reading before it has a name.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    source: String,
    observed_s: f64,
    received_s: f64,
    pub(super) body: Body,
    /// The event it comes from.
    pub(super) event: Option<usize>,
    /// It comes from the event, but is no first arrival.
    pub(super) is_also: bool,
    /// Its share in placing the event.
    pub(super) evidence: Option<Evidence>,
    /// Sounds: for the array's dead time.
    level_db: Option<f64>,
}

/// All readings in the order in which they reach the centre.
#[derive(Debug)]
pub(super) struct Readings {
    pub(super) all: Vec<Reading>,
}

/// Lets the plan's events reach the theatre's sensors.
pub(super) fn simulate(
    theatre: &Theatre,
    plan: &Plan,
    random: &mut Random,
) -> Result<Readings, String> {
    simulated(theatre, plan, random).map_err(|refused| refused.to_string())
}

fn simulated(theatre: &Theatre, plan: &Plan, random: &mut Random) -> Result<Readings, Refused> {
    let mut all = Vec::new();
    for sensor in &theatre.sensors {
        let clock_s = random.normal(sensor.clock_sd_s)
            + if sensor.id == FAST_CLOCK.0 {
                FAST_CLOCK.1
            } else {
                0.0
            };
        let mut at = Site {
            sensor,
            clock_s,
            random: &mut *random,
            told: Vec::new(),
        };
        for (number, event) in plan.events.iter().enumerate() {
            at.perceive(number, event)?;
        }
        let mut told = std::mem::take(&mut at.told);
        lose_in_dead_time(&mut told);
        all.append(&mut told);
    }
    false_alarms(theatre, random, &mut all)?;
    for station in theatre.sensors.iter().filter(|s| s.has("weather")) {
        weather(station, random, &mut all)?;
    }
    all.push(notice(plan)?);
    all.extend(vehicles(random)?);
    all.sort_by(|a, b| a.received_s.total_cmp(&b.received_s));
    Ok(Readings { all })
}

impl Readings {
    /// The name of the reading of this number.
    pub(super) fn id(number: usize) -> String {
        format!("x{:04}", number + 1)
    }

    /// One line each; one of them is delivered again half a minute later.
    pub(super) fn ndjson(&self) -> Result<String, String> {
        let mut lines = Vec::with_capacity(self.all.len() + 1);
        for (number, reading) in self.all.iter().enumerate() {
            lines.push((reading.received_s, self.line(number, reading.received_s)?));
            if number == self.all.len() / 2 {
                let again_s = reading.received_s + 31.0;
                lines.push((again_s, self.line(number, again_s)?));
            }
        }
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(lines.into_iter().map(|(_, line)| line + "\n").collect())
    }

    fn line(&self, number: usize, received_s: f64) -> Result<String, String> {
        let reading = self.all.get(number).ok_or("no such reading")?;
        let refused = |e: Refused| e.to_string();
        let observation = Observation {
            id: ObservationId::new(Self::id(number)).map_err(refused)?,
            source: SourceId::new(reading.source.as_str()).map_err(refused)?,
            observed: Some(Observed::from_unix_us(unix_us(reading.observed_s)).map_err(refused)?),
            received: Some(Received::from_unix_us(unix_us(received_s)).map_err(refused)?),
            body: reading.body.clone(),
        };
        serde_json::to_string(&observation).map_err(|e| e.to_string())
    }
}

/// Microseconds since 1970 at so many seconds of the exercise.
pub(super) fn unix_us(seconds: f64) -> i64 {
    START_US + (seconds * 1e6).round() as i64
}

/// One sensor with its clock's error.
struct Site<'a> {
    sensor: &'a Placed,
    clock_s: f64,
    random: &'a mut Random,
    told: Vec<Reading>,
}

impl Site<'_> {
    fn perceive(&mut self, number: usize, event: &Event) -> Result<(), Refused> {
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

    fn sound(
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
    fn reading(&mut self, true_s: f64, body: Body, level_db: Option<f64>) -> Reading {
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
struct Heard {
    sound: Source,
    class: AcousticClass,
    level_db: f64,
    snr_db: f64,
}

fn other_class(class: AcousticClass) -> AcousticClass {
    match class {
        AcousticClass::Muzzle => AcousticClass::Impact,
        _ => AcousticClass::Muzzle,
    }
}

fn flash(bearing_deg: f64, sd_deg: f64) -> Result<Body, Refused> {
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

fn lose_in_dead_time(told: &mut Vec<Reading>) {
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

fn false_alarms(
    theatre: &Theatre,
    random: &mut Random,
    all: &mut Vec<Reading>,
) -> Result<(), Refused> {
    for (kind, count) in [("acoustic", FALSE_ALARMS.0), ("flash", FALSE_ALARMS.1)] {
        let able: Vec<&Placed> = theatre.sensors.iter().filter(|s| s.has(kind)).collect();
        for _ in 0..count {
            let pick = (random.unit() * able.len() as f64) as usize;
            let Some(&sensor) = able.get(pick) else {
                continue;
            };
            let at_s = random.between(0.0, HOUR_S);
            let bearing_deg = random.between(0.0, 360.0);
            let mut site = Site {
                sensor,
                clock_s: 0.0,
                random: &mut *random,
                told: Vec::new(),
            };
            let reading = if kind == "flash" {
                let body = flash(bearing_deg, sensor.bearing_sd_deg)?;
                site.reading(at_s, body, None)
            } else {
                let snr_db = site.random.between(1.0, 10.0);
                let heard = Heard {
                    sound: NOISE,
                    class: AcousticClass::Unknown,
                    level_db: 41.6 + snr_db,
                    snr_db,
                };
                site.sound(at_s, bearing_deg, 2.0 * sensor.bearing_sd_deg, heard)?
            };
            all.push(reading);
        }
    }
    Ok(())
}

/// A door, an engine, a dog.
const NOISE: Source = Source {
    level_db: 50.0,
    peak_hz: 180.0,
    dur_s: [0.1, 1.5],
};

/// A station reports hourly and errs a little.
fn weather(station: &Placed, random: &mut Random, all: &mut Vec<Reading>) -> Result<(), Refused> {
    for hour in [-1.0, 0.0, 1.0] {
        let at_s = hour * HOUR_S + random.between(-90.0, 30.0);
        let wind_mps = (physics::WIND_MPS + random.normal(1.0)).max(0.0);
        let wind_from_deg = physics::WIND_FROM_DEG + random.normal(10.0);
        let body = Body::Weather(Weather {
            temperature_c: Finite::new(round(physics::TEMPERATURE_C + random.normal(0.7), 1))?,
            wind_from_deg: Bearing::new(wind_from_deg.round().rem_euclid(360.0))?,
            wind_mps: NonNegative::new(round(wind_mps, 1))?,
        });
        let mut site = Site {
            sensor: station,
            clock_s: 0.0,
            random: &mut *random,
            told: Vec::new(),
        };
        all.push(site.reading(at_s, body, None));
    }
    Ok(())
}

/// The announcement of the demolition, which reached the centre an hour and a half before.
fn notice(plan: &Plan) -> Result<Reading, Refused> {
    let refused = |message: String| Refused {
        what: "plan",
        seen: message,
        expected: "a demolition",
    };
    let demolition = plan
        .demolition()
        .ok_or_else(|| refused("none".to_owned()))?;
    let [from, until] = NOTICE_S.map(|s| Observed::from_unix_us(unix_us(s)));
    let party = demolition.party.as_deref().map(PartyId::new).transpose()?;
    let body = Body::Notice(Notice {
        window: [from?, until?],
        // Announced a little beside where it then was.
        position: demolition
            .at
            .moved(140.0, 220.0)
            .position()
            .map_err(refused)?,
        radius_m: Positive::new(NOTICE_RADIUS_M)?,
        party,
        text: Some("demolition of found ammunition".to_owned()),
    });
    Ok(Reading {
        source: "HQ".to_owned(),
        observed_s: -6_000.0,
        received_s: -5_400.0,
        body,
        event: None,
        is_also: false,
        evidence: None,
        level_db: None,
    })
}

/// What the drone's detector finds on the road that it films: a vehicle.
fn vehicles(random: &mut Random) -> Result<Vec<Reading>, Refused> {
    let road = Point::of(39.9013, 46.8976);
    (0..4)
        .map(|step| {
            let at_s = 1_801.0 + 2.0 * f64::from(step) + random.between(0.0, 0.5);
            let at = road.moved(62.0, 18.0 * f64::from(step) + random.normal(5.0));
            let refused = |message| Refused {
                what: "place",
                seen: message,
                expected: "on earth",
            };
            let body = Body::Video(Video {
                position: at.position().map_err(refused)?,
                ce90_m: Positive::new(45.0)?,
                label: VideoLabel::Vehicle,
                score: Probability::new(round(random.between(0.55, 0.9), 2))?,
                target_id: Some(1),
            });
            Ok(Reading {
                source: "UAV1".to_owned(),
                observed_s: at_s,
                received_s: at_s + 1.5,
                body,
                event: None,
                is_also: false,
                evidence: None,
                level_db: None,
            })
        })
        .collect()
}
