//! What is wrong with a sensor, from how its readings lie to clear sources that others heard.

use truceline_domain::{Sha256, SourceId};

use crate::associate::Source;
use crate::field::{Field, Wave};
use crate::locate::{bearing_residual, time_residual};
use crate::memo::Memo;

/// What was estimated of a sensor, for its operator.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SensorState {
    /// Which.
    pub source: SourceId,
    /// Clear events that its readings were held against.
    pub events: usize,
    /// Its clock ahead of true time at the middle of the span judged, seconds.
    pub clock_offset_s: f64,
    /// One standard deviation of that.
    pub clock_offset_sd_s: f64,
    /// Seconds that it gains a day.
    pub clock_drift_s_per_day: f64,
    /// Its bearings turned clockwise from true, degrees.
    pub bearing_bias_deg: f64,
    /// One standard deviation of that.
    pub bearing_bias_sd_deg: f64,
    /// Whether its readings were corrected by these.
    pub corrected: bool,
    /// In words.
    pub sentence: String,
}

/// A sensor's state and the correction of its readings.
#[derive(Debug, Clone)]
pub(crate) struct Calibration {
    pub(crate) told: SensorState,
    pub(crate) correction: Option<Correction>,
}

/// What a sensor's readings are corrected by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Correction {
    station: usize,
    clock: Clock,
    bearing_bias_rad: f64,
}

/// Ahead of true time by `offset_s + rate·(t − middle_s)`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Clock {
    offset_s: f64,
    rate: f64,
    middle_s: f64,
}

impl Clock {
    fn ahead_s(&self, t_s: f64) -> f64 {
        self.offset_s + self.rate * (t_s - self.middle_s)
    }
}

/// Corrections that differ by less than this an hour and a half around the middle of what they were
/// learnt from are one for a while, seconds and radians (0.3°).
const HARDLY_S: f64 = 0.03;
const HARDLY_RAD: f64 = 0.005;
const AROUND_S: f64 = 5400.0;

/// Whether two lists of corrections are of the same sensors and nearly the same.
pub(crate) fn hardly_differ(a: &[Correction], b: &[Correction]) -> bool {
    let near = |(a, b): (&Correction, &Correction)| {
        let apart_s = |by_s: f64| {
            let t_s = b.clock.middle_s + by_s;
            (a.clock.ahead_s(t_s) - b.clock.ahead_s(t_s)).abs()
        };
        a.station == b.station
            && [-AROUND_S, AROUND_S]
                .into_iter()
                .all(|t| apart_s(t) < HARDLY_S)
            && (a.bearing_bias_rad - b.bearing_bias_rad).abs() < HARDLY_RAD
    };
    a.len() == b.len() && a.iter().zip(b).all(near)
}

/// A reading of a sensor that may belong to a clear source: when the source's sound was due, how
/// much later it came, how far its bearing lay off, radians and in standard deviations.
#[derive(Clone, Copy)]
struct Lag {
    due_s: f64,
    late_s: f64,
    off_rad: f64,
}

/// Offsets are looked for up to this, seconds.
const FARTHEST_S: f64 = 15.0;
/// Readings within this of a clock's line support it, seconds.
const SUPPORT_S: f64 = 0.35;
/// Drifts looked for: up to 24 s a day, in steps that part the ends of the span by a quarter of a
/// second (half a second a day at least).
const MOST_DRIFT: f64 = 24.0 / 86_400.0;
const LEAST_DRIFT_STEP: f64 = 0.5 / 86_400.0;
const ENDS_APART_S: f64 = 0.25;
/// Fewer clear sources tell nothing.
const LEAST_SUPPORT: usize = 5;
/// A clock is left alone within this of true time beyond its own spread, seconds.
const CLOCK_FREE_S: f64 = 0.3;
/// Bearings are left alone within this many of the array's standard deviations.
const BEARING_FREE_SD: f64 = 1.5;

/// The state of each sensor that hears or sees. Sources must not depend on any one sensor: five
/// arrivals each.
pub(crate) fn sensors(field: &Field, clear: &[Source], memo: &mut Memo) -> Vec<Calibration> {
    let numbers: Vec<usize> = (0..field.stations.len()).collect();
    let mut sources = vec![];
    clear.iter().for_each(|s| s.write(field, &mut sources));
    let sources = Sha256::of(&sources);
    let found = memo.calibrated(
        &numbers,
        |number| digest(field, &sources, *number),
        |number| sensor(field, clear, *number),
    );
    found.into_iter().flatten().collect()
}

/// A digest of clear sources, and of what a sensor heard and saw.
fn digest(field: &Field, sources: &Sha256, number: usize) -> Sha256 {
    let mut bytes = sources.as_bytes().to_vec();
    let station = field.stations.get(number);
    let tracks = station.map(|s| [&s.sounds, &s.lights]);
    let picks = tracks.into_iter().flatten().flat_map(|t| &t.picks);
    let picks = picks.filter_map(|p| field.picks.get(*p));
    picks.for_each(|pick| pick.write(&mut bytes));
    Sha256::of(&bytes)
}

fn sensor(field: &Field, clear: &[Source], number: usize) -> Option<Calibration> {
    let station = field.stations.get(number)?;
    if station.sounds.picks.is_empty() && station.lights.picks.is_empty() {
        return None;
    }
    let lags = lags(field, clear, number);
    let (clock, support) = clock(&lags);
    let is_off = clock.offset_s.abs() > CLOCK_FREE_S || clock.rate.abs() * 43_200.0 > CLOCK_FREE_S;
    let clock = if is_off && support.len() >= LEAST_SUPPORT {
        clock
    } else {
        Clock::default()
    };
    let mut offs: Vec<f64> = support.iter().map(|l| l.off_rad).collect();
    offs.sort_by(f64::total_cmp);
    let bias = offs.get(offs.len() / 2).copied().unwrap_or(0.0);
    let bias_sd = station.bearing_sd_rad * 1.25 / (support.len().max(1) as f64).sqrt();
    let is_turned = support.len() >= LEAST_SUPPORT
        && bias.abs() > BEARING_FREE_SD * station.bearing_sd_rad
        && bias.abs() > 3.0 * bias_sd;
    let bearing_bias_rad = if is_turned { bias } else { 0.0 };
    let corrected = is_turned || clock.offset_s != 0.0 || clock.rate != 0.0;
    let mut told = SensorState {
        source: (*station.source).clone(),
        events: support.len(),
        clock_offset_s: clock.offset_s,
        clock_offset_sd_s: SUPPORT_S / 2.0 / (support.len().max(1) as f64).sqrt(),
        clock_drift_s_per_day: clock.rate * 86_400.0,
        bearing_bias_deg: bearing_bias_rad.to_degrees(),
        bearing_bias_sd_deg: bias_sd.to_degrees(),
        corrected,
        sentence: String::new(),
    };
    told.sentence = sentence(&told);
    let correction = corrected.then_some(Correction {
        station: number,
        clock,
        bearing_bias_rad,
    });
    Some(Calibration { told, correction })
}

fn sentence(s: &SensorState) -> String {
    if s.events < LEAST_SUPPORT {
        return format!(
            "{}: held against {} clear events, too few to tell.",
            s.source, s.events
        );
    }
    if !s.corrected {
        return format!("{}: in order, by {} clear events.", s.source, s.events);
    }
    let mut faults = vec![];
    if s.clock_offset_s != 0.0 || s.clock_drift_s_per_day != 0.0 {
        faults.push(format!(
            "its clock is {:.2} s {} in the middle of the span and gains {:.2} s a day",
            s.clock_offset_s.abs(),
            if s.clock_offset_s > 0.0 {
                "fast"
            } else {
                "slow"
            },
            s.clock_drift_s_per_day
        ));
    }
    if s.bearing_bias_deg != 0.0 {
        faults.push(format!(
            "its bearings are turned by {:.1}°",
            s.bearing_bias_deg
        ));
    }
    format!(
        "{}: {}, by {} clear events; its readings were corrected.",
        s.source,
        faults.join(" and "),
        s.events
    )
}

fn lags(field: &Field, clear: &[Source], number: usize) -> Vec<Lag> {
    let Some(station) = field.stations.get(number) else {
        return vec![];
    };
    let mut lags = vec![];
    for source in clear {
        let own = source.picks.iter().filter(|p| {
            field
                .picks
                .get(**p)
                .is_some_and(|p| p.station == Some(number))
        });
        // A source that stands on this very sensor would prove itself.
        if source.picks.len() < 5 + own.count() {
            continue;
        }
        for list in [&station.sounds, &station.lights] {
            let Some(probe) = list.picks.first().and_then(|p| field.picks.get(*p)) else {
                continue;
            };
            let r = time_residual(field, probe, &source.air, &source.estimate.state);
            let due_s = probe.t_s - r.value;
            for pick in list.between(due_s - FARTHEST_S, due_s + FARTHEST_S) {
                let Some(pick) = field.picks.get(*pick) else {
                    continue;
                };
                if !sounds_like(&pick.wave, source) {
                    continue;
                }
                let off_rad =
                    bearing_residual(field, pick, &source.estimate.state).map_or(0.0, |r| r.value);
                // Turned arrays are found up to 45 degrees.
                if off_rad.abs() < std::f64::consts::FRAC_PI_4 {
                    lags.push(Lag {
                        due_s,
                        late_s: pick.t_s - due_s,
                        off_rad,
                    });
                }
            }
        }
    }
    lags
}

fn sounds_like(wave: &Wave, source: &Source) -> bool {
    let Wave::Sound { ln_hz, ln_s, .. } = wave else {
        return true;
    };
    let f = &source.fingerprint;
    let near =
        |v: &Option<f64>, mean: f64, within: f64| v.is_none_or(|v| (v - mean).abs() < within);
    near(ln_hz, f.ln_hz.value, 0.3) && near(ln_s, f.ln_s.value, 0.45)
}

/// The clock line that most readings support, and those readings.
fn clock(lags: &[Lag]) -> (Clock, Vec<Lag>) {
    let first = lags.iter().map(|l| l.due_s).fold(f64::INFINITY, f64::min);
    let last = lags
        .iter()
        .map(|l| l.due_s)
        .fold(f64::NEG_INFINITY, f64::max);
    if lags.is_empty() {
        return (Clock::default(), vec![]);
    }
    let middle_s = f64::midpoint(first, last);
    let is_long = last - first > 3600.0;
    let drift_step = (2.0 * ENDS_APART_S / (last - first).max(1.0)).max(LEAST_DRIFT_STEP);
    let steps = if is_long {
        (MOST_DRIFT / drift_step).floor() as i32
    } else {
        0
    };
    let mut best = (0, Clock::default());
    let mut lates: Vec<f64> = Vec::with_capacity(lags.len());
    // Nearest to no drift first, so that of equals the plainer clock is taken.
    for step in (0..=steps).flat_map(|s| [s, -s]) {
        let rate = f64::from(step) * drift_step;
        lates.clear();
        lates.extend(lags.iter().map(|l| l.late_s - rate * (l.due_s - middle_s)));
        lates.sort_unstable_by(f64::total_cmp);
        let mut until = 0;
        for (from, late) in lates.iter().enumerate() {
            while lates
                .get(until)
                .is_some_and(|l| *l <= late + 2.0 * SUPPORT_S)
            {
                until += 1;
            }
            let offset_s = late + SUPPORT_S;
            let count = until - from;
            let better = count > best.0 + usize::from(step != 0) * (best.0 / 10)
                || (count == best.0 && offset_s.abs() < best.1.offset_s.abs());
            if better {
                best = (
                    count,
                    Clock {
                        offset_s,
                        rate,
                        middle_s,
                    },
                );
            }
        }
    }
    refined(lags, best.1)
}

/// Least squares over the supporting readings, twice.
fn refined(lags: &[Lag], mut clock: Clock) -> (Clock, Vec<Lag>) {
    let mut support = vec![];
    for _ in 0..3 {
        let line = |l: &Lag| l.late_s - clock.offset_s - clock.rate * (l.due_s - clock.middle_s);
        support = lags
            .iter()
            .copied()
            .filter(|l| line(l).abs() < SUPPORT_S)
            .collect::<Vec<_>>();
        let n = support.len() as f64;
        if n < LEAST_SUPPORT as f64 {
            break;
        }
        let mean = |f: &dyn Fn(&Lag) -> f64| support.iter().map(f).sum::<f64>() / n;
        let (t, y) = (mean(&|l| l.due_s), mean(&|l| l.late_s));
        let tt = mean(&|l| (l.due_s - t).powi(2));
        let ty = mean(&|l| (l.due_s - t) * (l.late_s - y));
        // A drift is told only when the readings span hours.
        let rate = if clock.rate != 0.0 && tt > 1.0 {
            ty / tt
        } else {
            0.0
        };
        clock = Clock {
            offset_s: y + rate * (clock.middle_s - t),
            rate,
            middle_s: clock.middle_s,
        };
    }
    (clock, support)
}

/// Corrects picks of sensors found faulty; whether any was.
pub(crate) fn correct(field: &mut Field, corrections: &[Correction]) -> bool {
    let mut by_station: Vec<Option<&Correction>> = vec![None; field.stations.len()];
    for correction in corrections {
        if let Some(place) = by_station.get_mut(correction.station) {
            *place = Some(correction);
        }
    }
    for pick in &mut field.picks {
        let station = pick.station.and_then(|s| by_station.get(s));
        if let Some(correction) = station.copied().flatten() {
            pick.t_s -= correction.clock.ahead_s(pick.t_s);
            let turned = |(b, sd)| (b - correction.bearing_bias_rad, sd);
            pick.bearing = pick.bearing.map(turned);
        }
    }
    !corrections.is_empty()
}
