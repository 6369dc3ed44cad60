//! Where and when a source sounded: robust Gauss–Newton over arrival times, bearings, flashes,
//! shocks and places seen, with the air's speed and wind as unknowns held by their priors.

use nalgebra::{SMatrix, SVector};

use crate::equations::Equations;
use crate::field::{Field, Pick, Wave};
use crate::plane::{Xy, root_sum, wrapped};
use crate::sound::{Air, onset_var_s2};

/// East, north (m), time of origin (s), and what the air's speed and wind (east, north) differ from
/// the stations' (m/s).
pub(crate) type State = SVector<f64, 6>;
pub(crate) type Matrix = SMatrix<f64, 6, 6>;

/// A source's state with its covariance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) state: State,
    pub(crate) cov: Matrix,
}

impl Estimate {
    pub(crate) fn place(&self) -> Xy {
        Xy::new(self.state[0], self.state[1])
    }

    pub(crate) fn t_s(&self) -> f64 {
        self.state[2]
    }

    /// Largest standard deviation of the place in any direction, metres.
    pub(crate) fn place_sd_m(&self) -> f64 {
        let (ee, en, nn) = (self.cov[(0, 0)], self.cov[(0, 1)], self.cov[(1, 1)]);
        (f64::midpoint(ee, nn) + root_sum((ee - nn) / 2.0, en))
            .max(0.0)
            .sqrt()
    }
}

/// A place known beforehand: that of a gun that fired before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) at: Xy,
    pub(crate) sd_m: f64,
}

/// One number that was measured against what a state predicts.
pub(crate) struct Residual {
    /// Measured minus predicted.
    pub(crate) value: f64,
    /// Variance of the measurement.
    pub(crate) var: f64,
    /// How the prediction changes with the state.
    pub(crate) slope: State,
    /// The prediction depends on so many of the state's first numbers: place, time, air.
    pub(crate) reach: usize,
}

const BY_PLACE: usize = 2;
const BY_TIME: usize = 3;
const BY_AIR: usize = 6;

impl Residual {
    /// Variance of the prediction and the measurement together.
    pub(crate) fn variance(&self, cov: &Matrix) -> f64 {
        self.var
            + match self.reach {
                ..=BY_PLACE => self.predicted::<BY_PLACE>(cov),
                BY_TIME => self.predicted::<BY_TIME>(cov),
                _ => self.predicted::<BY_AIR>(cov),
            }
    }

    fn predicted<const N: usize>(&self, cov: &Matrix) -> f64 {
        let mut sum = 0.0;
        for j in 0..N {
            let mut along = 0.0;
            for i in 0..N {
                along += cov[(i, j)] * self.slope[i];
            }
            sum += along * self.slope[j];
        }
        sum
    }

    /// Squared distance in standard deviations of prediction and measurement together.
    pub(crate) fn z2(&self, cov: &Matrix) -> f64 {
        self.value * self.value / self.variance(cov)
    }

    /// Distance in standard deviations of the measurement.
    pub(crate) fn z(&self) -> f64 {
        self.value.abs() / self.var.sqrt()
    }
}

/// What a measurement of this variance that is off by `value` counts by in a fit: beyond
/// [`HUBER_SD`] it pulls no harder.
pub(crate) fn huber_weight(value: f64, var: f64) -> f64 {
    if value * value <= HUBER_SD * HUBER_SD * var {
        1.0 / var
    } else {
        HUBER_SD / (value.abs() * var.sqrt())
    }
}

/// A frame of a video in which a thing is seen may lie this far from it in time, s (measured).
const SEEN_SD_S: f64 = 0.25;
/// Optical onsets, s (the scenario set's table).
const FLASH_SD_S: f64 = 0.02;
/// Seismic velocities differ along paths by this share (same), and onsets by this, s.
const SHOCK_SHARE: f64 = 0.03;
const SHOCK_SD_S: f64 = 0.05;
/// Nearer than this the direction to a sensor says nothing of the place, metres.
const NEAREST_M: f64 = 20.0;

/// Residual of a pick's time, given where its station stands.
pub(crate) fn time_residual(field: &Field, pick: &Pick, air: &Air, state: &State) -> Residual {
    let place = Xy::new(state[0], state[1]);
    let station = pick.station.and_then(|s| field.stations.get(s));
    let clock_var = station.map_or(0.0, |s| s.clock_sd_s * s.clock_sd_s);
    let way = station.map_or(Xy::default(), |s| s.at.minus(place));
    let r_m = way.length().max(NEAREST_M);
    let u = Xy::new(way.e / r_m, way.n / r_m);
    let mut slope = State::zeros();
    slope[2] = 1.0;
    let mut reach = BY_TIME;
    let (travel_s, wave_var) = match pick.wave {
        Wave::Sound { level_db, .. } => {
            let speed = air.speed_mps(u) + state[3] + Xy::new(state[4], state[5]).dot(u);
            let slow = 1.0 / speed.max(200.0);
            let travel_s = r_m * slow;
            let per_speed = -travel_s * slow;
            (slope[0], slope[1]) = (-u.e * slow, -u.n * slow);
            slope[3] = per_speed;
            (slope[4], slope[5]) = (per_speed * u.e, per_speed * u.n);
            reach = BY_AIR;
            (travel_s, onset_var_s2(level_db, r_m))
        }
        Wave::Shock { speed_mps } => {
            (slope[0], slope[1]) = (-u.e / speed_mps, -u.n / speed_mps);
            let travel_s = r_m / speed_mps;
            (
                travel_s,
                (SHOCK_SHARE * travel_s).powi(2) + SHOCK_SD_S * SHOCK_SD_S,
            )
        }
        Wave::Light => (0.0, FLASH_SD_S * FLASH_SD_S),
        Wave::Seen { .. } => (0.0, SEEN_SD_S * SEEN_SD_S),
    };
    Residual {
        value: pick.t_s - state[2] - travel_s,
        var: wave_var + clock_var,
        slope,
        reach,
    }
}

/// Residual of a pick's bearing; `None` when it has none.
pub(crate) fn bearing_residual(field: &Field, pick: &Pick, state: &State) -> Option<Residual> {
    let (bearing, sd) = pick.bearing?;
    let station = field.stations.get(pick.station?)?;
    let d = Xy::new(state[0], state[1]).minus(station.at);
    let r2 = d.dot(d).max(NEAREST_M * NEAREST_M);
    let slope = State::from([d.n / r2, -d.e / r2, 0.0, 0.0, 0.0, 0.0]);
    Some(Residual {
        value: wrapped(bearing - d.bearing_rad()),
        var: sd * sd,
        slope,
        reach: BY_PLACE,
    })
}

/// Hands on all residuals of a pick: time first, then bearing or place.
pub(crate) fn each_residual(
    field: &Field,
    pick: &Pick,
    air: &Air,
    state: &State,
    mut to: impl FnMut(Residual),
) {
    to(time_residual(field, pick, air, state));
    if let Some(bearing) = bearing_residual(field, pick, state) {
        to(bearing);
    }
    if let Wave::Seen { at, sd_m, .. } = pick.wave {
        for (axis, at) in [at.e, at.n].into_iter().enumerate() {
            let mut slope = State::zeros();
            slope[axis] = 1.0;
            to(Residual {
                value: at - state[axis],
                var: sd_m * sd_m,
                slope,
                reach: BY_PLACE,
            });
        }
    }
}

/// The largest distance of a pick's residuals in standard deviations of the measurement.
pub(crate) fn worst_z(field: &Field, pick: &Pick, air: &Air, state: &State) -> f64 {
    let mut worst = 0.0;
    each_residual(field, pick, air, state, |r| worst = r.z().max(worst));
    worst
}

/// Beyond this many standard deviations a residual counts linearly (Huber).
pub(crate) const HUBER_SD: f64 = 2.5;
/// What a place is held by without an anchor, metres: none of our sensors reaches farther.
const LOOSE_SD_M: f64 = 60_000.0;
const LOOSE_SD_S: f64 = 300.0;
const LONGEST_STEP_M: f64 = 5_000.0;
const SMALL_STEP_M: f64 = 0.5;
/// A source that runs beyond this from the theatre's middle is none.
const FARTHEST_M: f64 = 1e6;

/// Fits a source to picks, from `start`. `None` when it runs away.
pub(crate) fn fit(
    field: &Field,
    picks: &[usize],
    air: &Air,
    start: &State,
    anchor: Option<&Anchor>,
    rounds: usize,
) -> Option<Estimate> {
    let mut state = *start;
    let (hold, hold_sd_m) = anchor.map_or((Xy::new(start[0], start[1]), LOOSE_SD_M), |a| {
        (a.at, a.sd_m)
    });
    let hold = State::from([hold.e, hold.n, start[2], 0.0, 0.0, 0.0]);
    let precision = State::from([
        hold_sd_m,
        hold_sd_m,
        LOOSE_SD_S,
        air.still_sd_mps,
        air.wind_sd_mps,
        air.wind_sd_mps,
    ])
    .map(|sd| 1.0 / (sd * sd));
    let equations = |state: &State| {
        let mut equations = Equations::held(&precision, &(hold - state));
        for pick in picks.iter().filter_map(|p| field.picks.get(*p)) {
            each_residual(field, pick, air, state, |r| {
                equations.add(&r, huber_weight(r.value, r.var));
            });
        }
        equations
    };
    for _ in 0..rounds {
        let equations = equations(&state);
        let factor = equations.factor()?;
        let mut step = equations.solved(&factor);
        // A step longer than bearings are linear over is cut.
        let length_m = root_sum(step[0], step[1]);
        if length_m > LONGEST_STEP_M {
            step *= LONGEST_STEP_M / length_m;
        }
        state += step;
        if !(state.iter().all(|v| v.is_finite()) && root_sum(state[0], state[1]) < FARTHEST_M) {
            return None;
        }
        if length_m < SMALL_STEP_M {
            let cov = factor.inverse();
            return Some(Estimate { state, cov });
        }
    }
    let cov = equations(&state).factor()?.inverse();
    Some(Estimate { state, cov })
}
