//! From observations as they came to picks in order of time, each at its station.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use truceline_agreement::Theatre;
use truceline_agreement::theatre::Sensor;
use truceline_domain::{
    Body, Checksum, Observation, Observed, SeismicArrival, SourceId, VideoLabel,
};

use crate::field::{EPOCH_UNIX_US, Field, Pick, Station, Track, Wave};
use crate::plane::{Plane, Xy};
use crate::sound::{Reading, Weather};

/// How many observations were put aside, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Unused {
    /// A second delivery under the same name.
    pub delivered_twice: usize,
    /// The same reading under another name.
    pub sent_again: usize,
    /// Without a time that can be believed, or with a bad checksum.
    pub no_evidence: usize,
    /// Of a sensor or post that the theatre does not show at that time.
    pub unknown_source: usize,
    /// Taken as evidence of no event: single arrivals, echoes, noise.
    pub unexplained: usize,
    /// Bursts on the ground whose gun was not located: known to be there, not told as events.
    pub bursts_without_gun: usize,
}

/// All that a judgement works on.
pub(crate) struct Prepared<'a> {
    pub(crate) theatre: &'a Theatre,
    pub(crate) plane: Plane,
    pub(crate) epoch: Observed,
    /// In order of (observed, id), each once.
    pub(crate) observations: Vec<&'a Observation>,
    pub(crate) field: Field,
    /// Notices, hotspots, reports, and people or vehicles seen, among the observations.
    pub(crate) notices: Vec<usize>,
    pub(crate) hotspots: Vec<usize>,
    pub(crate) reports: Vec<usize>,
    pub(crate) movers: Vec<usize>,
    pub(crate) unused: Unused,
}

/// Clock and bearing errors of a sensor for which the theatre tells none: a clock disciplined by
/// satellites and an array of decimetres.
const CLOCK_SD_S: f64 = 0.03;
const BEARING_SD_DEG: f64 = 4.0;
/// CE90 of a circular normal distribution in standard deviations: √(−2 ln 0.1).
const CE90_SD: f64 = 2.145_966;

impl<'a> Prepared<'a> {
    /// `None` when there is nothing to judge.
    pub(crate) fn new(theatre: &'a Theatre, observations: &[&'a Observation]) -> Option<Self> {
        let mut unused = Unused::default();
        let observations = in_order(observations, &mut unused);
        observations.first()?;
        let epoch = Observed::from_unix_us(EPOCH_UNIX_US).ok()?;
        let line = theatre.lines.iter().flat_map(|l| l.path.coords());
        let line = line.filter_map(|c| truceline_domain::Position::new(c.y, c.x).ok());
        let plane = Plane::amid(theatre.sensors.iter().map(|s| s.position))
            .or_else(|| Plane::amid(line))?;
        let stations = theatre.sensors.iter().map(|s| station(s, &plane)).collect();
        let mut prepared = Self {
            theatre,
            plane,
            epoch,
            observations,
            field: Field::of(stations),
            notices: vec![],
            hotspots: vec![],
            reports: vec![],
            movers: vec![],
            unused,
        };
        prepared.take_picks();
        prepared.field.count();
        Some(prepared)
    }

    /// Seconds after the epoch.
    pub(crate) fn seconds(&self, t: Observed) -> f64 {
        t.seconds_since(self.epoch)
    }

    fn take_picks(&mut self) {
        let mut by_source: BTreeMap<&SourceId, Vec<usize>> = BTreeMap::new();
        for (i, sensor) in self.theatre.sensors.iter().enumerate() {
            by_source.entry(&sensor.id).or_default().push(i);
        }
        let posts: BTreeSet<&SourceId> = self.theatre.posts.iter().map(|p| &p.id).collect();
        let mut readings = vec![];
        for (i, o) in self.observations.iter().enumerate() {
            let Some(observed) = o.observed else { continue };
            let t_s = self.seconds(observed);
            if let Body::Weather(w) = &o.body {
                let to = w.wind_from_deg.deg().to_radians() + std::f64::consts::PI;
                let wind = Xy::default().along(Xy::of_bearing(to), w.wind_mps.get());
                readings.push(Reading {
                    t_s,
                    temperature_c: w.temperature_c.get(),
                    wind,
                });
                continue;
            }
            match &o.body {
                Body::Notice(_) => self.notices.push(i),
                Body::Thermal(_) => self.hotspots.push(i),
                Body::Report(_) => self.reports.push(i),
                Body::Video(v) if matches!(v.label, VideoLabel::Person | VideoLabel::Vehicle) => {
                    self.movers.push(i);
                }
                _ => {}
            }
            let Some((wave, bearing_deg)) = wave(&o.body, &self.plane) else {
                let is_known = !matches!(o.body, Body::Report(_)) || posts.contains(&o.source);
                self.unused.unknown_source += usize::from(!is_known);
                continue;
            };
            let is_seen = matches!(wave, Wave::Seen { .. });
            let station = by_source
                .get(&o.source)
                .filter(|_| !is_seen)
                .and_then(|places| {
                    let stands = |s: &&usize| {
                        self.theatre
                            .sensors
                            .get(**s)
                            .is_some_and(|s| s.valid.holds_at(observed))
                    };
                    places.iter().find(stands).copied()
                });
            if station.is_none() && !is_seen {
                self.unused.unknown_source += 1;
                continue;
            }
            let bearing = bearing_deg.map(|(b, sd)| (b.to_radians(), sd.to_radians()));
            let pick = Pick {
                observation: i,
                name: name(o),
                station,
                t_s,
                bearing,
                wave,
                rate_per_s: 0.0,
            };
            self.field.picks.push(pick);
        }
        self.field.weather = Weather::new(readings);
    }
}

/// The same number for the same observation, whatever else was observed.
fn name(o: &Observation) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    // Its keys are fixed: two processes agree.
    let mut hasher = DefaultHasher::new();
    (&o.id, o.observed, o.received).hash(&mut hasher);
    hasher.finish()
}

fn station(sensor: &Sensor, plane: &Plane) -> Station {
    Station {
        source: Arc::new(sensor.id.clone()),
        at: plane.to_m(sensor.position),
        // A sensor whose place is uncertain hears at a time uncertain by that much way of sound.
        clock_sd_s: sensor
            .clock_sd_s
            .unwrap_or(CLOCK_SD_S)
            .hypot(sensor.accuracy_m / 340.0),
        bearing_sd_rad: sensor.bearing_sd_deg.unwrap_or(BEARING_SD_DEG).to_radians(),
        sounds: Track::default(),
        lights: Track::default(),
        shocks: Track::default(),
    }
}

/// In order of (observed, id), without second deliveries and without what is no evidence.
fn in_order<'a>(all: &[&'a Observation], unused: &mut Unused) -> Vec<&'a Observation> {
    let is_evidence = |o: &&Observation| {
        let sum_is_bad = matches!(&o.body, Body::FmvMetadata(m) if m.checksum == Checksum::Bad);
        o.observed.is_some() && !sum_is_bad
    };
    let mut kept: Vec<&Observation> = all.iter().copied().filter(is_evidence).collect();
    unused.no_evidence = all.len() - kept.len();
    // Of two deliveries of one name the first received speaks.
    let text = |o: &Observation| serde_json::to_string(o).ok();
    kept.sort_by(|a, b| {
        let by_time = (a.observed, &a.id, a.received).cmp(&(b.observed, &b.id, b.received));
        by_time.then_with(|| text(a).cmp(&text(b)))
    });
    let mut ids = HashSet::new();
    let before = kept.len();
    kept.retain(|o| ids.insert(&o.id));
    unused.delivered_twice = before - kept.len();
    // Re-sent copies stand at the same time: only there are readings compared, as their JSON.
    let mut once: Vec<&Observation> = Vec::with_capacity(kept.len());
    for same_time in kept.chunk_by(|a, b| a.observed == b.observed) {
        let mut readings = BTreeSet::new();
        for o in same_time {
            let reading = || (&o.source, serde_json::to_string(&o.body).ok());
            if same_time.len() == 1 || readings.insert(reading()) {
                once.push(o);
            } else {
                unused.sent_again += 1;
            }
        }
    }
    once
}

/// What of an observation arrives as a wave: the wave, and its bearing with standard deviation.
fn wave(body: &Body, plane: &Plane) -> Option<(Wave, Option<(f64, f64)>)> {
    let ln = |v: f64| (v > 0.0).then(|| v.ln());
    match body {
        Body::Acoustic(a) => {
            let wave = Wave::Sound {
                level_db: a.level_db.get(),
                ln_hz: a.peak_hz.and_then(|v| ln(v.get())),
                ln_s: a.dur_s.and_then(|v| ln(v.get())),
                class: a.class,
                class_p: a.class_p.map_or(0.6, truceline_domain::Probability::get),
            };
            Some((wave, Some((a.bearing_deg.deg(), a.bearing_sd_deg.get()))))
        }
        Body::Flash(f) => Some((
            Wave::Light,
            Some((f.bearing_deg.deg(), f.bearing_sd_deg.get())),
        )),
        Body::Seismic(s) => {
            // Crustal P and short-period Rg near the surface (the scenario set's table).
            let speed_mps = match s.arrival {
                SeismicArrival::P => 5500.0,
                SeismicArrival::Rg => 2800.0,
            };
            Some((Wave::Shock { speed_mps }, None))
        }
        Body::Video(v) => {
            let burst = match v.label {
                VideoLabel::MuzzleFlash => false,
                VideoLabel::Impact => true,
                _ => return None,
            };
            let at = plane.to_m(v.position);
            Some((
                Wave::Seen {
                    at,
                    sd_m: v.ce90_m.get() / CE90_SD,
                    burst,
                },
                None,
            ))
        }
        _ => None,
    }
}
