//! Where and when a source sounded: robust Gauss–Newton over arrival times, bearings, flashes,
//! shocks and places seen, with the air's speed and wind as unknowns held by their priors.

use nalgebra::{SMatrix, SVector};

use crate::field::{Field, Pick, Wave};
use crate::plane::{Xy, root_sum, wrapped};
use crate::sound::{Air, onset_sd_s};

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
    /// Measured minus predicted, in `sd`'s unit.
    pub(crate) value: f64,
    pub(crate) sd: f64,
    /// How the prediction changes with the state.
    pub(crate) slope: State,
}

impl Residual {
    /// Variance of the prediction and the measurement together.
    pub(crate) fn variance(&self, cov: &Matrix) -> f64 {
        self.sd * self.sd + (self.slope.transpose() * cov * self.slope)[0]
    }

    /// Squared distance in standard deviations of prediction and measurement together.
    pub(crate) fn z2(&self, cov: &Matrix) -> f64 {
        self.value * self.value / self.variance(cov)
    }
}

/// A frame of a video in which a thing is seen may lie this far from it in time, s (measured).
const SEEN_SD_S: f64 = 0.25;
/// Optical onsets, s (the scenario set's table).
const FLASH_SD_S: f64 = 0.02;
/// Seismic velocities differ along paths by this share (same).
const SHOCK_SHARE: f64 = 0.03;
/// Nearer than this the direction to a sensor says nothing of the place, metres.
const NEAREST_M: f64 = 20.0;

/// Residual of a pick's time, given where its station stands.
pub(crate) fn time_residual(field: &Field, pick: &Pick, air: &Air, state: &State) -> Residual {
    let place = Xy::new(state[0], state[1]);
    let station = pick.station.and_then(|s| field.stations.get(s));
    let clock_sd_s = station.map_or(0.0, |s| s.clock_sd_s);
    let way = station.map_or(Xy::default(), |s| s.at.minus(place));
    let r_m = way.length().max(NEAREST_M);
    let u = Xy::new(way.e / r_m, way.n / r_m);
    let (travel_s, slope, wave_sd_s) = match pick.wave {
        Wave::Sound { level_db, .. } => {
            let speed = air.speed_mps(u) + state[3] + Xy::new(state[4], state[5]).dot(u);
            let speed = speed.max(200.0);
            let per_speed = -r_m / (speed * speed);
            let slope = State::from([
                -u.e / speed,
                -u.n / speed,
                1.0,
                per_speed,
                per_speed * u.e,
                per_speed * u.n,
            ]);
            (r_m / speed, slope, onset_sd_s(level_db, r_m))
        }
        Wave::Shock { speed_mps } => {
            let slope = State::from([-u.e / speed_mps, -u.n / speed_mps, 1.0, 0.0, 0.0, 0.0]);
            let travel_s = r_m / speed_mps;
            (travel_s, slope, root_sum(SHOCK_SHARE * travel_s, 0.05))
        }
        Wave::Light => (0.0, State::from([0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), FLASH_SD_S),
        Wave::Seen { .. } => (0.0, State::from([0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), SEEN_SD_S),
    };
    let value = pick.t_s - state[2] - travel_s;
    Residual {
        value,
        sd: root_sum(wave_sd_s, clock_sd_s),
        slope,
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
        sd,
        slope,
    })
}

/// All residuals of a pick: time first, then bearing or place.
pub(crate) fn residuals(
    field: &Field,
    pick: &Pick,
    air: &Air,
    state: &State,
) -> impl Iterator<Item = Residual> {
    let time = time_residual(field, pick, air, state);
    let mut more = [bearing_residual(field, pick, state), None];
    if let Wave::Seen { at, sd_m, .. } = pick.wave {
        let east = State::from([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let north = State::from([0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        more = [
            Some(Residual {
                value: at.e - state[0],
                sd: sd_m,
                slope: east,
            }),
            Some(Residual {
                value: at.n - state[1],
                sd: sd_m,
                slope: north,
            }),
        ];
    }
    std::iter::once(time).chain(more.into_iter().flatten())
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
        let mut normal = Matrix::from_diagonal(&precision);
        let mut pull = precision.component_mul(&(hold - state));
        for pick in picks.iter().filter_map(|p| field.picks.get(*p)) {
            for r in residuals(field, pick, air, state) {
                let z = (r.value / r.sd).abs();
                let weighted = r.slope * ((HUBER_SD / z).min(1.0) / (r.sd * r.sd));
                normal.ger(1.0, &weighted, &r.slope, 1.0);
                pull += weighted * r.value;
            }
        }
        normal.cholesky().map(|c| (c, pull))
    };
    for _ in 0..rounds {
        let (cholesky, pull) = equations(&state)?;
        let mut step = cholesky.solve(&pull);
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
            let cov = cholesky.inverse();
            return Some(Estimate { state, cov });
        }
    }
    let (cholesky, _) = equations(&state)?;
    let cov = cholesky.inverse();
    Some(Estimate { state, cov })
}
