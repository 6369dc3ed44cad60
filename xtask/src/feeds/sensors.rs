//! What the sensors tell: `sensors.ndjson`.

use truceline_domain::{
    AcousticClass, Bearing, Body, Finite, NonNegative, Notice, Observation, ObservationId,
    Observed, PartyId, Positive, Probability, Received, Refused, SourceId, Video, VideoLabel,
    Weather,
};

use super::crlb::Evidence;
use super::geometry::{Point, round};
use super::physics::{self, Source};
use super::plan::{NOTICE_RADIUS_M, NOTICE_S, Plan};
use super::random::Random;
use super::site::{Heard, Site, flash, lose_in_dead_time};
use super::theatre::{Placed, Theatre};
use super::{HOUR_S, START_US};

/// This array's clock is fast by so much; nobody has noticed.
const FAST_CLOCK: (&str, f64) = ("A14", 2.4);

/// Sounds, and flashes, that come from nothing.
const FALSE_ALARMS: (usize, usize) = (14, 3);

/// One reading before it has a name.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) source: String,
    pub(super) observed_s: f64,
    pub(super) received_s: f64,
    pub(super) body: Body,
    /// The event it comes from.
    pub(super) event: Option<usize>,
    /// It comes from the event, but is no first arrival.
    pub(super) is_also: bool,
    /// Its share in placing the event.
    pub(super) evidence: Option<Evidence>,
    /// Sounds: for the array's dead time.
    pub(super) level_db: Option<f64>,
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
    all.extend(vehicles(theatre, random)?);
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
fn vehicles(theatre: &Theatre, random: &mut Random) -> Result<Vec<Reading>, Refused> {
    let [lat_deg, lon_deg] = theatre.ground.road_deg;
    let road = Point::of(lat_deg, lon_deg);
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
                cov_m2: None,
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
