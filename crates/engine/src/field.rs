//! What one chunk of time is associated from: stations, what arrived at them, the air.

use std::sync::Arc;

use truceline_domain::{AcousticClass, SourceId};

use crate::plane::Xy;
use crate::sound::Weather;

/// Seconds after 1970 that a field's times count from: one epoch for all, so that the same reading
/// has the same time whatever else was observed. (A double holds today's to 0.24 µs.)
pub(crate) const EPOCH_UNIX_US: i64 = 0;
/// Length of a chunk of time, seconds; chunks begin at whole multiples of it.
pub(crate) const CHUNK_S: f64 = 600.0;
/// Within this time around an arrival others at the same station are counted, seconds.
const RATE_WINDOW_S: f64 = 60.0;

/// The chunk of time that a time lies in.
pub(crate) fn chunk_of(t_s: f64) -> i64 {
    (t_s / CHUNK_S).floor() as i64
}

/// A sensor at one of its places.
#[derive(Debug, Clone)]
pub(crate) struct Station {
    pub(crate) source: Arc<SourceId>,
    pub(crate) at: Xy,
    pub(crate) clock_sd_s: f64,
    pub(crate) bearing_sd_rad: f64,
    /// Picks of sound, of light, of shocks, each in order of time.
    pub(crate) sounds: Track,
    pub(crate) lights: Track,
    pub(crate) shocks: Track,
}

impl Station {
    /// The same station without picks.
    pub(crate) fn empty(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            sounds: Track::default(),
            lights: Track::default(),
            shocks: Track::default(),
            ..*self
        }
    }

    fn track_mut(&mut self, wave: &Wave) -> Option<&mut Track> {
        match wave {
            Wave::Sound { .. } => Some(&mut self.sounds),
            Wave::Light => Some(&mut self.lights),
            Wave::Shock { .. } => Some(&mut self.shocks),
            Wave::Seen { .. } => None,
        }
    }
}

/// Picks in order of time, with their times beside them for quick search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Track {
    pub(crate) picks: Vec<usize>,
    pub(crate) times_s: Vec<f64>,
}

impl Track {
    /// Those from `from_s` to `until_s`.
    pub(crate) fn between(&self, from_s: f64, until_s: f64) -> &[usize] {
        let from = self.times_s.partition_point(|t| *t < from_s);
        let rest = self.times_s.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|t| **t <= until_s).count();
        self.picks.get(from..from + count).unwrap_or_default()
    }

    /// In order of time again, from the picks as they are now.
    pub(crate) fn sort(&mut self, picks: &[Pick]) {
        let time = |p: &usize| picks.get(*p).map_or(f64::NAN, |p| p.t_s);
        self.picks
            .sort_by(|a, b| time(a).total_cmp(&time(b)).then(a.cmp(b)));
        self.times_s.clear();
        self.times_s.extend(self.picks.iter().map(time));
    }
}

/// What arrived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wave {
    /// Sound at an array.
    Sound {
        level_db: f64,
        ln_hz: Option<f64>,
        ln_s: Option<f64>,
        class: AcousticClass,
        class_p: f64,
    },
    /// A flash.
    Light,
    /// A ground shock, at this speed in m/s.
    Shock { speed_mps: f64 },
    /// Seen from above, with this standard deviation along each axis.
    Seen { at: Xy, sd_m: f64, burst: bool },
}

/// One arrival.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pick {
    /// Its place among the observations prepared.
    pub(crate) observation: usize,
    /// A hash of the observation's name, and of when it was received.
    pub(crate) name: u64,
    /// `None` for what is seen from above.
    pub(crate) station: Option<usize>,
    /// Seconds after the epoch, by the source's clock as corrected.
    pub(crate) t_s: f64,
    /// Bearing as corrected and its standard deviation, radians.
    pub(crate) bearing: Option<(f64, f64)>,
    pub(crate) wave: Wave,
    /// Arrivals of the same kind at the same station a second, around this time.
    pub(crate) rate_per_s: f64,
}

impl Pick {
    /// Writes down all that may be worked out from it, for a digest.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let mut number = |v: f64| bytes.extend_from_slice(&v.to_bits().to_le_bytes());
        number(self.station.map_or(-1.0, |s| s as f64));
        number(self.t_s);
        number(self.rate_per_s);
        let (bearing, sd) = self.bearing.unwrap_or((f64::NAN, f64::NAN));
        number(bearing);
        number(sd);
        match self.wave {
            Wave::Sound {
                level_db,
                ln_hz,
                ln_s,
                class,
                class_p,
            } => {
                let class = match class {
                    AcousticClass::Muzzle => 1.0,
                    AcousticClass::Impact => 2.0,
                    AcousticClass::Unknown => 3.0,
                };
                let unknown = f64::NAN;
                let all = [level_db, ln_hz.unwrap_or(unknown), ln_s.unwrap_or(unknown)];
                all.into_iter()
                    .chain([class, class_p])
                    .for_each(&mut number);
            }
            Wave::Light => number(4.0),
            Wave::Shock { speed_mps } => number(speed_mps),
            Wave::Seen { at, sd_m, burst } => {
                let burst = f64::from(u8::from(burst));
                [at.e, at.n, sd_m, burst].into_iter().for_each(&mut number);
            }
        }
    }
}

/// Stations, picks and air: all that association looks at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    pub(crate) stations: Vec<Station>,
    /// Stations by distance from each station.
    pub(crate) nearest: Arc<Vec<Vec<usize>>>,
    pub(crate) picks: Vec<Pick>,
    /// Picks seen from above, in order of time.
    pub(crate) seen: Track,
    pub(crate) weather: Weather,
    /// Of each station the chunks in or about which it heard anything, in order: it was up then.
    pub(crate) up: Vec<Vec<i64>>,
}

/// A station counts as up in this many chunks before and after one in which it heard anything.
const UP_CHUNKS: i64 = 6;

impl Field {
    /// Without picks and weather.
    pub(crate) fn of(stations: Vec<Station>) -> Self {
        let by_distance = |from: &Station| {
            let apart = stations.iter().enumerate();
            let mut apart: Vec<(f64, usize)> =
                apart.map(|(i, s)| (s.at.distance(from.at), i)).collect();
            apart.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            apart.into_iter().map(|(_, i)| i).collect()
        };
        Self {
            nearest: Arc::new(stations.iter().map(by_distance).collect()),
            stations,
            ..Self::default()
        }
    }

    /// Whether a station was working at a time, as far as its own readings tell.
    pub(crate) fn is_up(&self, station: usize, t_s: f64) -> bool {
        let up = self.up.get(station);
        up.is_some_and(|chunks| chunks.binary_search(&chunk_of(t_s)).is_ok())
    }

    /// Lists the picks at their stations in order of time; after any change of their times.
    pub(crate) fn list(&mut self) {
        for s in &mut self.stations {
            let tracks = [&mut s.sounds, &mut s.lights, &mut s.shocks];
            tracks.into_iter().for_each(|t| t.picks.clear());
        }
        self.seen.picks.clear();
        for (number, pick) in self.picks.iter().enumerate() {
            let track = match pick.station {
                None => Some(&mut self.seen),
                Some(s) => (self.stations.get_mut(s)).and_then(|s| s.track_mut(&pick.wave)),
            };
            if let Some(track) = track {
                track.picks.push(number);
            }
        }
        for s in &mut self.stations {
            for track in [&mut s.sounds, &mut s.lights, &mut s.shocks] {
                track.sort(&self.picks);
            }
        }
        self.seen.sort(&self.picks);
    }

    /// Lists the picks and counts how often each station is reached, and when it was up.
    pub(crate) fn count(&mut self) {
        self.list();
        self.up.clear();
        for station in &self.stations {
            for track in [&station.sounds, &station.lights, &station.shocks] {
                let times_s = &track.times_s;
                let (mut from, mut until) = (0, 0);
                for (pick, t) in track.picks.iter().zip(times_s) {
                    while times_s.get(from).is_some_and(|x| *x < t - RATE_WINDOW_S) {
                        from += 1;
                    }
                    while times_s.get(until).is_some_and(|x| *x <= t + RATE_WINDOW_S) {
                        until += 1;
                    }
                    if let Some(pick) = self.picks.get_mut(*pick) {
                        pick.rate_per_s = (until - from) as f64 / (2.0 * RATE_WINDOW_S);
                    }
                }
            }
            let mut up: Vec<i64> = vec![];
            for t_s in &station.sounds.times_s {
                let chunk = chunk_of(*t_s);
                let new = up.last().map_or(i64::MIN, |last| last + 1);
                up.extend(new.max(chunk - UP_CHUNKS)..=chunk + UP_CHUNKS);
            }
            self.up.push(up);
        }
    }

    /// All that a question to this field depends on, as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.picks.len() * 96);
        self.picks.iter().for_each(|pick| pick.write(&mut bytes));
        let mut number = |v: f64| bytes.extend_from_slice(&v.to_bits().to_le_bytes());
        for station in &self.stations {
            let all = [station.at.e, station.at.n, station.clock_sd_s];
            all.into_iter().for_each(&mut number);
        }
        self.weather.numbers().for_each(&mut number);
        for chunks in &self.up {
            number(chunks.len() as f64);
            chunks.iter().for_each(|chunk| number(*chunk as f64));
        }
        bytes
    }
}
