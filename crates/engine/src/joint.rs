//! All rounds of a battery located at once: rounds of one gun share its place, and all share the air
//! and the sensors' clocks.
//!
//! Unknowns: the place of each gun, what the air differs from the stations' (three numbers), the
//! clock error of each sensor (held by its stated spread), and the time of each round. Times are
//! eliminated round by round (Schur's complement), so that the normal matrix stays as small as the
//! guns and sensors are many. A clock's error is the same in every round: it does not average out,
//! and the covariance says so.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector, Matrix2, Vector2};

use crate::associate::Source;
use crate::calibration::{HEAVY_SHIFT_M, LIGHT_SHIFT_M};
use crate::field::Field;
use crate::locate::{
    Estimate, HUBER_SD, Matrix, State, each_residual, huber_weight, time_residual,
};
use crate::plane::Xy;

/// A gun's rounds stand this near to each other along each axis, metres, one standard deviation:
/// small arms shift by some metres, heavier weapons less.
pub(crate) fn round_sd_m(round: &Source) -> f64 {
    let hz = round.fingerprint.ln_hz;
    if hz.arrays > 0.0 && hz.value < HEAVY_LN_HZ {
        HEAVY_SHIFT_M
    } else {
        LIGHT_SHIFT_M
    }
}

/// Logarithm of the frequency between mortars and machine guns (140 Hz).
const HEAVY_LN_HZ: f64 = 4.94;
/// What a place is held by beforehand, metres, and a time, seconds.
const LOOSE_SD_M: f64 = 60_000.0;
const LOOSE_SD_S: f64 = 300.0;
const ROUNDS_OF_FIT: usize = 5;

/// Rounds of one battery with the gun that each is taken for.
pub(crate) struct Battery<'a> {
    pub(crate) field: &'a Field,
    pub(crate) rounds: Vec<&'a Source>,
    pub(crate) gun_of: Vec<usize>,
    /// A first place of each gun.
    pub(crate) places: Vec<Xy>,
}

/// What was found.
pub(crate) struct Joint {
    /// Place of each gun with its covariance.
    pub(crate) guns: Vec<(Xy, Matrix2<f64>)>,
    /// Each round, where its gun stands.
    pub(crate) rounds: Vec<Estimate>,
    /// The air's difference from the stations', and each sensor's clock error, seconds.
    pub(crate) air: [f64; 3],
    pub(crate) clocks: BTreeMap<usize, f64>,
}

struct Unknowns {
    theta: DVector<f64>,
    times: Vec<f64>,
}

/// What one round says of its time: `weight·t = pull − along·θ`.
struct OfTime {
    weight: f64,
    pull: f64,
    along: DVector<f64>,
}

impl Battery<'_> {
    pub(crate) fn fit(&self) -> Option<Joint> {
        let stations = self.stations();
        let guns = self.places.len();
        let size = 2 * guns + 3 + stations.len();
        let mut unknowns = Unknowns {
            theta: DVector::zeros(size),
            times: self.rounds.iter().map(|r| r.estimate.t_s()).collect(),
        };
        for (k, place) in self.places.iter().enumerate() {
            unknowns.theta[2 * k] = place.e;
            unknowns.theta[2 * k + 1] = place.n;
        }
        let mut solved = None;
        for _ in 0..ROUNDS_OF_FIT {
            let (normal, pull, times) = self.equations(&unknowns, &stations);
            let cov = normal.cholesky()?.inverse();
            let step = &cov * pull;
            for (t, of) in unknowns.times.iter_mut().zip(&times) {
                *t += (of.pull - of.along.dot(&step)) / of.weight;
            }
            unknowns.theta += &step;
            if !unknowns.theta.iter().all(|v| v.is_finite()) {
                return None;
            }
            let moved_m = step.rows(0, 2 * guns).amax();
            solved = Some((cov, times));
            if moved_m < 0.5 {
                break;
            }
        }
        let (cov, times) = solved?;
        Some(self.told(&unknowns, &cov, &times, &stations))
    }

    /// The column of each station that heard any round.
    fn stations(&self) -> BTreeMap<usize, usize> {
        let heard: std::collections::BTreeSet<usize> = self
            .rounds
            .iter()
            .flat_map(|r| &r.picks)
            .filter_map(|p| self.field.picks.get(*p)?.station)
            .collect();
        let first = 2 * self.places.len() + 3;
        heard
            .into_iter()
            .enumerate()
            .map(|(i, s)| (s, first + i))
            .collect()
    }

    fn state(&self, unknowns: &Unknowns, round: usize) -> State {
        let (theta, guns) = (&unknowns.theta, self.places.len());
        let gun = self.gun_of.get(round).copied().unwrap_or(0);
        let time = unknowns.times.get(round).copied().unwrap_or(0.0);
        let air = |i: usize| theta[2 * guns + i];
        State::from([
            theta[2 * gun],
            theta[2 * gun + 1],
            time,
            air(0),
            air(1),
            air(2),
        ])
    }

    fn equations(
        &self,
        unknowns: &Unknowns,
        stations: &BTreeMap<usize, usize>,
    ) -> (DMatrix<f64>, DVector<f64>, Vec<OfTime>) {
        let theta = &unknowns.theta;
        let (guns, size) = (self.places.len(), theta.len());
        let mut normal = DMatrix::zeros(size, size);
        let mut pull = DVector::zeros(size);
        for i in 0..2 * guns {
            normal[(i, i)] = 1.0 / (LOOSE_SD_M * LOOSE_SD_M);
        }
        let Some(first) = self.rounds.first() else {
            return (normal, pull, vec![]);
        };
        let air = &first.air;
        for (i, sd) in [air.still_sd_mps, air.wind_sd_mps, air.wind_sd_mps]
            .into_iter()
            .enumerate()
        {
            let at = 2 * guns + i;
            normal[(at, at)] = 1.0 / (sd * sd);
            pull[at] = -theta[at] / (sd * sd);
        }
        for (station, at) in stations {
            let sd_s = self.clock_sd_s(*station);
            normal[(*at, *at)] = 1.0 / (sd_s * sd_s);
            pull[*at] = -theta[*at] / (sd_s * sd_s);
        }
        let mut times = Vec::with_capacity(self.rounds.len());
        let mut row: Vec<(usize, f64)> = Vec::with_capacity(6);
        for (i, round) in self.rounds.iter().enumerate() {
            let state = self.state(unknowns, i);
            let gun = self.gun_of.get(i).copied().unwrap_or(0);
            let mut of = OfTime {
                weight: 1.0 / (LOOSE_SD_S * LOOSE_SD_S),
                pull: 0.0,
                along: DVector::zeros(size),
            };
            for number in &round.picks {
                let Some(pick) = self.field.picks.get(*number) else {
                    continue;
                };
                each_residual(self.field, pick, &round.air, &state, |r| {
                    row.clear();
                    row.extend([(2 * gun, r.slope[0]), (2 * gun + 1, r.slope[1])]);
                    let (mut value, mut var) = (r.value, r.var);
                    if r.slope[2] != 0.0 {
                        row.extend((0..3).map(|a| (2 * guns + a, r.slope[3 + a])));
                        if let Some((station, at)) =
                            pick.station.and_then(|s| Some((s, *stations.get(&s)?)))
                        {
                            row.push((at, 1.0));
                            value -= theta[at];
                            var = without_clock(r.var, self.clock_sd_s(station));
                        }
                    }
                    let w = huber_weight(value, var.max(1e-12));
                    for (a, x) in &row {
                        for (b, y) in &row {
                            normal[(*a, *b)] += w * x * y;
                        }
                        pull[*a] += w * x * value;
                        of.along[*a] += w * r.slope[2] * x;
                    }
                    of.weight += w * r.slope[2] * r.slope[2];
                    of.pull += w * r.slope[2] * value;
                });
            }
            normal.ger(-1.0 / of.weight, &of.along, &of.along, 1.0);
            pull.axpy(-of.pull / of.weight, &of.along, 1.0);
            times.push(of);
        }
        (normal, pull, times)
    }

    fn clock_sd_s(&self, station: usize) -> f64 {
        let station = self.field.stations.get(station);
        station.map_or(0.05, |s| s.clock_sd_s).max(1e-4)
    }

    fn told(
        &self,
        unknowns: &Unknowns,
        cov: &DMatrix<f64>,
        times: &[OfTime],
        stations: &BTreeMap<usize, usize>,
    ) -> Joint {
        let guns = self.places.len();
        let theta = &unknowns.theta;
        let place_cov = |k: usize| {
            let at = |i: usize, j: usize| cov[(2 * k + i, 2 * k + j)];
            Matrix2::new(at(0, 0), at(0, 1), at(1, 0), at(1, 1))
        };
        let round = |(i, of): (usize, &OfTime)| {
            let gun = self.gun_of.get(i).copied().unwrap_or(0);
            // Places of the state's numbers among the unknowns; the time stands apart.
            let at = [
                2 * gun,
                2 * gun + 1,
                0,
                2 * guns,
                2 * guns + 1,
                2 * guns + 2,
            ];
            let slope = &of.along / of.weight;
            let with_time = cov * &slope;
            let mut own = Matrix::zeros();
            for a in 0..6 {
                for b in 0..6 {
                    own[(a, b)] = match (a, b) {
                        (2, 2) => 1.0 / of.weight + slope.dot(&with_time),
                        (2, _) => -with_time[at[b]],
                        (_, 2) => -with_time[at[a]],
                        _ => cov[(at[a], at[b])],
                    };
                }
            }
            let shift_m = self.rounds.get(i).map_or(0.0, |r| round_sd_m(r));
            own[(0, 0)] += shift_m * shift_m;
            own[(1, 1)] += shift_m * shift_m;
            Estimate {
                state: self.state(unknowns, i),
                cov: own,
            }
        };
        Joint {
            guns: (0..guns)
                .map(|k| (Xy::new(theta[2 * k], theta[2 * k + 1]), place_cov(k)))
                .collect(),
            rounds: times.iter().enumerate().map(round).collect(),
            air: [0, 1, 2].map(|i| theta[2 * guns + i]),
            clocks: stations.iter().map(|(s, at)| (*s, theta[*at])).collect(),
        }
    }
}

/// The variance of an arrival's time without that of the station's clock.
fn without_clock(var: f64, clock_sd_s: f64) -> f64 {
    (var - clock_sd_s * clock_sd_s).max(1e-6)
}

/// Where one round alone stands, air and clocks taken as `joint` found them: its place, and the
/// covariance of what is its own (the noise of its arrivals).
pub(crate) fn alone(field: &Field, round: &Source, joint: &Joint) -> Option<(Xy, Matrix2<f64>)> {
    let mut state = round.estimate.state;
    for i in 0..3 {
        state[3 + i] = joint.air[i];
    }
    let mut cov = nalgebra::Matrix3::zeros();
    for _ in 0..4 {
        let mut normal =
            nalgebra::Matrix3::from_diagonal(&nalgebra::Vector3::new(1e-8, 1e-8, 1e-5));
        let mut pull = nalgebra::Vector3::zeros();
        for number in &round.picks {
            let pick = field.picks.get(*number)?;
            each_residual(field, pick, &round.air, &state, |r| {
                let (mut value, mut var) = (r.value, r.var);
                if let Some(station) = pick.station.filter(|_| r.slope[2] != 0.0) {
                    value -= joint.clocks.get(&station).copied().unwrap_or(0.0);
                    let clock_sd_s = field.stations.get(station).map_or(0.0, |s| s.clock_sd_s);
                    var = without_clock(r.var, clock_sd_s);
                }
                let w = huber_weight(value, var);
                let slope = nalgebra::Vector3::new(r.slope[0], r.slope[1], r.slope[2]);
                normal.ger(w, &slope, &slope, 1.0);
                pull.axpy(w * value, &slope, 1.0);
            });
        }
        cov = normal.cholesky()?.inverse();
        let mut step = cov * pull;
        let length_m = step[0].hypot(step[1]);
        if length_m > 2000.0 {
            step *= 2000.0 / length_m;
        }
        for i in 0..3 {
            state[i] += step[i];
        }
        if length_m < 1.0 {
            break;
        }
    }
    let own = Matrix2::new(cov[(0, 0)], cov[(0, 1)], cov[(1, 0)], cov[(1, 1)]);
    state
        .iter()
        .all(|v| v.is_finite())
        .then_some((Xy::new(state[0], state[1]), own))
}

/// How ill a round's arrivals suit a place: the sum of squared residuals, each counted as Huber
/// does, the time of the round being free; and that time.
pub(crate) fn misfit(field: &Field, round: &Source, place: Xy, joint_air: [f64; 3]) -> (f64, f64) {
    let mut state = round.estimate.state;
    (state[0], state[1]) = (place.e, place.n);
    for i in 0..3 {
        state[3 + i] = joint_air[i];
    }
    let picks = || round.picks.iter().filter_map(|p| field.picks.get(*p));
    let mut sum = 0.0;
    for _ in 0..3 {
        let (mut weights, mut late) = (1e-9, 0.0);
        for pick in picks() {
            let r = time_residual(field, pick, &round.air, &state);
            let w = huber_weight(r.value, r.var);
            weights += w;
            late += w * r.value;
        }
        state[2] += late / weights;
        sum = 0.0;
        for pick in picks() {
            each_residual(field, pick, &round.air, &state, |r| {
                let z = r.z();
                sum += if z < HUBER_SD {
                    z * z
                } else {
                    HUBER_SD * (2.0 * z - HUBER_SD)
                };
            });
        }
    }
    (sum, state[2])
}

/// Squared distance of two places in standard deviations of `cov`.
pub(crate) fn distance2(a: Xy, b: Xy, cov: &Matrix2<f64>) -> f64 {
    let d = Vector2::new(a.e - b.e, a.n - b.n);
    cov.try_inverse()
        .map_or(f64::INFINITY, |i| (d.transpose() * i * d)[0])
}
