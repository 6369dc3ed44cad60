//! Where two arrivals cross: a sound's bearing cuts the hyperbola of the time difference to a second
//! sound, or the circle of the time after a flash.

use crate::associate::{Associator, GATE_SD, REACH_M};
use crate::calibration::{ARRAY_LN_HZ_SD, ARRAY_LN_S_SD};
use crate::field::{Pick, Wave};
use crate::locate::State;
use crate::normal::{Densities, ln_normal};
use crate::plane::{Xy, root_sum};
use crate::signature::{ANY_PER_LN_HZ, ANY_PER_LN_S};
use crate::sound::Air;

/// A flash is looked for this long, seconds.
const FLASH_WINDOW_S: f64 = 60.0;

/// Where a pick's bearing points: as measured, and one and two standard deviations to each side.
pub(crate) struct Ray {
    bearing_rad: f64,
    sd: f64,
    units: [Xy; 5],
}

impl Ray {
    pub(crate) fn of(pick: &Pick) -> Option<Self> {
        let (bearing_rad, sd) = pick.bearing?;
        let (u, by) = (Xy::of_bearing(bearing_rad), Xy::of_bearing(sd));
        let twice = Xy::new(2.0 * by.e * by.n, 1.0 - 2.0 * by.e * by.e);
        let turned = |by: Xy| Xy::new(u.e * by.n + u.n * by.e, u.n * by.n - u.e * by.e);
        let back = |by: Xy| Xy::new(-by.e, by.n);
        Some(Self {
            bearing_rad,
            sd,
            units: [
                u,
                turned(back(by)),
                turned(by),
                turned(back(twice)),
                turned(twice),
            ],
        })
    }

    /// Tangent of the angle by which the way `d` lies beside the bearing as measured, over the
    /// bearing's standard deviation.
    fn beside(&self, d: Xy) -> f64 {
        let u = self.units[0];
        let ahead = u.dot(d);
        if ahead > 0.0 {
            (d.e * u.n - d.n * u.e) / (ahead * self.sd)
        } else {
            f64::INFINITY
        }
    }
}

/// A crossing: how ill both bearings suit it (see [`Ray::beside`], squared), the place, and when it
/// sounded there.
type Crossing = (f64, Xy, f64);

impl Associator<'_> {
    /// Where a sound and a second arrival (sound elsewhere, or a flash) cross, and what the pair is
    /// worth: how well the second fits what the first leaves open. `air` is that at the first's time.
    pub(crate) fn pair(&self, sound: usize, other: usize, air: &Air) -> Option<(f64, State)> {
        let (a, b) = (self.pick(sound), self.pick(other));
        let is_light = matches!(b.wave, Wave::Light);
        let alike = if is_light {
            0.0
        } else {
            alike(&a.wave, &b.wave)?
        };
        let at = |pick: &Pick| Some(self.field.stations.get(pick.station?)?.at);
        let (at_a, at_b) = (at(a)?, at(b)?);
        let ray_a = self.rays.get(sound)?.as_ref()?;
        let ray_b = self.rays.get(other)?.as_ref()?;
        let beside = |place: Xy| {
            let (a, b) = (
                ray_a.beside(place.minus(at_a)),
                ray_b.beside(place.minus(at_b)),
            );
            (a, b)
        };
        let crossing = |place: Xy, t0_s: f64| -> Crossing {
            let (a, b) = beside(place);
            (a * a + b * b, place, t0_s)
        };
        let (_, place, t0_s) = if is_light {
            let speed = air.speed_mps(Xy::of_bearing(ray_a.bearing_rad + std::f64::consts::PI));
            let r_m = speed * (a.t_s - b.t_s);
            (0.0..REACH_M)
                .contains(&r_m)
                .then(|| crossing(at_a.along(ray_a.units[0], r_m), b.t_s))?
        } else {
            let c = air.still_mps;
            let later_m = c * (b.t_s - a.t_s);
            let from_a = ray_a.units.iter().filter_map(|u| {
                let r_m = cut_m(at_a, *u, at_b, later_m)?;
                Some(crossing(at_a.along(*u, r_m), a.t_s - r_m / c))
            });
            let from_b = ray_b.units.iter().filter_map(|u| {
                let r_m = cut_m(at_b, *u, at_a, -later_m)?;
                Some(crossing(at_b.along(*u, r_m), b.t_s - r_m / c))
            });
            from_a.chain(from_b).min_by(|x, y| x.0.total_cmp(&y.0))?
        };
        // Each bearing may be off by its own error as seen from the crossing.
        let (beside_a, beside_b) = beside(place);
        let angle = |beside: f64, sd: f64| (beside * sd).atan() / sd;
        let miss = angle(beside_a, ray_a.sd).powi(2) + angle(beside_b, ray_b.sd).powi(2);
        if !(beside_a.is_finite() && beside_b.is_finite()) || miss > 2.0 * GATE_SD * GATE_SD {
            return None;
        }
        // Chances of the second arrival at this time and bearing if it were anything.
        let window_s = if is_light {
            FLASH_WINDOW_S
        } else {
            (2.0 * at_a.distance(at_b) / air.still_mps).max(1.0)
        };
        let anything = (b.rate_per_s * window_s).max(1e-3).ln() - std::f64::consts::TAU.ln();
        let bearing_gain = ln_normal(0.0, root_sum(ray_a.sd, ray_b.sd)) - 0.5 * miss;
        let state = State::from([place.e, place.n, t0_s, 0.0, 0.0, 0.0]);
        Some((alike + bearing_gain - anything, state))
    }
}

/// How far along `u` from `at` a sound started that `other` heard `later_m` of way after `at`:
/// |at + r·u − other| = r + later, where the ray cuts the hyperbola.
fn cut_m(at: Xy, u: Xy, other: Xy, later_m: f64) -> Option<f64> {
    let d = at.minus(other);
    let r_m = (later_m * later_m - d.dot(d)) / (2.0 * (u.dot(d) - later_m));
    (r_m > 0.0 && r_m < REACH_M && r_m + later_m > 0.0).then_some(r_m)
}

/// How much two sounds are one, by frequency and duration; `None` when they cannot be.
fn alike(a: &Wave, b: &Wave) -> Option<f64> {
    let (
        Wave::Sound { ln_hz, ln_s, .. },
        Wave::Sound {
            ln_hz: hz_b,
            ln_s: s_b,
            ..
        },
    ) = (a, b)
    else {
        return None;
    };
    let mut worth = Densities::ONE;
    for (x, y, sd, any) in [
        (ln_hz, hz_b, ARRAY_LN_HZ_SD, ANY_PER_LN_HZ),
        (ln_s, s_b, ARRAY_LN_S_SD, ANY_PER_LN_S),
    ] {
        if let (Some(x), Some(y)) = (x, y) {
            let sd = sd * std::f64::consts::SQRT_2;
            if (x - y).abs() > 3.5 * sd {
                return None;
            }
            worth = worth.normal(x - y, sd * sd).over(any);
        }
    }
    Some(worth.ln())
}
