//! A Kalman filter for something that moves at nearly constant velocity over a plane.
//!
//! State: east, north and their rates; white noise of acceleration (Bar-Shalom, Li & Kirubarajan,
//! *Estimation with Applications to Tracking and Navigation*, 2001, section 6.2.2). Fixes err alike
//! in every direction, so both axes have one covariance: three numbers instead of ten.

use truceline_domain::{Observed, Position};

use crate::plane::{Plane, Xy};

/// Spectral density of the acceleration, m²/s³: a drone's turn of 2 m/s² held for a second.
const ACCELERATION: f64 = 4.0;
/// One standard deviation of a velocity of which nothing is known, m/s.
const UNKNOWN_MPS: f64 = 50.0;
/// A plane serves so far from its origin, metres.
const PLANE_M: f64 = 50_000.0;

/// Where something is and how it moves.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    plane: Plane,
    time: Observed,
    at: Xy,
    velocity: Xy,
    /// Variances and covariance of an axis: position, both, velocity (m², m²/s, m²/s²).
    variance: [f64; 3],
}

/// A statement of a place, with its error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) time: Observed,
    pub(super) position: Position,
    /// One standard deviation of each component, metres.
    pub(super) sd_m: f64,
}

/// What the filter holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    pub(super) position: Option<Position>,
    pub(super) sd_m: f64,
    pub(super) velocity: Xy,
}

impl Filter {
    /// At rest as far as is known, which is not far.
    pub(super) fn new(fix: &Measured) -> Self {
        Self {
            plane: Plane::at(fix.position),
            time: fix.time,
            at: Xy::default(),
            velocity: Xy::default(),
            variance: [fix.sd_m * fix.sd_m, 0.0, UNKNOWN_MPS * UNKNOWN_MPS],
        }
    }

    pub(super) fn time(&self) -> Observed {
        self.time
    }

    fn ahead(&self, time: Observed) -> (Xy, [f64; 3]) {
        let dt = time.seconds_since(self.time).max(0.0);
        let [pp, pv, vv] = self.variance;
        let q = ACCELERATION;
        let at = Xy::new(
            self.at.e + self.velocity.e * dt,
            self.at.n + self.velocity.n * dt,
        );
        let variance = [
            pp + 2.0 * dt * pv + dt * dt * vv + q * dt * dt * dt / 3.0,
            pv + dt * vv + q * dt * dt / 2.0,
            vv + q * dt,
        ];
        (at, variance)
    }

    /// How far a fix lies from where it was expected: squared, in variances (χ² with two degrees of
    /// freedom when all is as the model has it).
    pub(super) fn surprise(&self, fix: &Measured) -> f64 {
        let (at, [pp, ..]) = self.ahead(fix.time);
        let apart = self.plane.to_m(fix.position).minus(at);
        apart.dot(apart) / (pp + fix.sd_m * fix.sd_m)
    }

    /// Takes a fix no older than the last.
    pub(super) fn take(&mut self, fix: &Measured) {
        let (at, [pp, pv, vv]) = self.ahead(fix.time);
        let apart = self.plane.to_m(fix.position).minus(at);
        let total = pp + fix.sd_m * fix.sd_m;
        let (gain_p, gain_v) = (pp / total, pv / total);
        self.at = Xy::new(at.e + gain_p * apart.e, at.n + gain_p * apart.n);
        self.velocity = Xy::new(
            self.velocity.e + gain_v * apart.e,
            self.velocity.n + gain_v * apart.n,
        );
        self.variance = [pp * (1.0 - gain_p), pv * (1.0 - gain_p), vv - gain_v * pv];
        self.time = fix.time;
        if self.at.length() > PLANE_M
            && let Some(origin) = self.plane.to_position(self.at)
        {
            // Velocity turns by a fraction of a degree between planes 50 km apart, away from the
            // poles: within what is unknown of it.
            self.plane = Plane::at(origin);
            self.at = Xy::default();
        }
    }

    pub(super) fn estimate(&self) -> Estimate {
        Estimate {
            position: self.plane.to_position(self.at),
            sd_m: self.variance[0].max(0.0).sqrt(),
            velocity: self.velocity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Straight flight anywhere: the speed is found, and the error told covers the error made.
        #[test]
        fn a_straight_flight_is_followed(lat in -89.0..89.0f64, lon in -180.0..180.0f64, e in -30.0..30.0f64, n in -30.0..30.0f64) {
            let start = Position::new(lat, lon).unwrap();
            let plane = Plane::at(start);
            let t0 = Observed::from_unix_us(1_600_000_000_000_000).unwrap();
            let fix = |s: f64| Measured {
                time: t0.plus_seconds(s),
                position: plane.to_position(Xy::new(e * s, n * s)).unwrap(),
                sd_m: 5.0,
            };
            let mut filter = Filter::new(&fix(0.0));
            for i in 1..60 {
                prop_assert!(filter.surprise(&fix(f64::from(i))) < 27.0);
                filter.take(&fix(f64::from(i)));
            }
            let estimate = filter.estimate();
            prop_assert!((estimate.velocity.minus(Xy::new(e, n))).length() < 0.5);
            let apart_m = plane.to_m(estimate.position.unwrap()).distance(Xy::new(e * 59.0, n * 59.0));
            prop_assert!(apart_m < 3.0 * estimate.sd_m && estimate.sd_m < 5.0);
        }
    }
}
