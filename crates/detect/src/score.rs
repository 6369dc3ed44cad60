//! How likely a detection is what it is taken for.
//!
//! A logistic function of what speaks for it, a class each. The weights are set by hand, so that what barely passes scores
//! near one half and what passes by far scores high; they are **not fitted**: on the synthetic scenes measured so far
//! (docs/detector.md) there is too little that is false to fit them to. The score orders detections; until it is fitted on
//! real video it is held to 90 %.

use truceline_domain::Probability;

use crate::flash::Flash;
use crate::smoke::Plume;
use crate::vehicle::Moving;

/// Log-odds before anything speaks for it, and what each feature adds.
struct Weights<const N: usize> {
    base: f64,
    each: [f64; N],
}

/// Peak over what is asked, and having lasted a second picture.
const FLASH: Weights<2> = Weights {
    base: 0.5,
    each: [1.2, 0.3],
};
/// Growth (natural logarithm), veil, contrast (grey levels).
const SMOKE: Weights<3> = Weights {
    base: -1.5,
    each: [1.0, 6.0, 0.05],
};
/// Way gone over what is asked (natural logarithm), steadiness, contrast (standard deviations, natural logarithm).
const VEHICLE: Weights<3> = Weights {
    base: -2.5,
    each: [1.2, 2.5, 0.6],
};

impl<const N: usize> Weights<N> {
    /// Never surer than [`MOST`]. `None` for features that are no numbers.
    fn score(&self, features: [f64; N]) -> Option<Probability> {
        let sum: f64 = self.each.iter().zip(features).map(|(w, f)| w * f).sum();
        let p = 1.0 / (1.0 + (-self.base - sum).exp());
        Probability::new(p.clamp(0.0, MOST)).ok()
    }
}

/// The highest score: the some fifty detections measured, all true, carry no more than that fewer than one in seventeen is
/// false (rule of three), and only in scenes like those.
const MOST: f64 = 0.9;

/// What speaks for each class, as the fit of the weights wants it.
pub(crate) fn flash_features(flash: &Flash) -> [f64; 2] {
    [flash.margin.clamp(0.0, 4.0), f64::from(flash.lit_90k > 0)]
}

pub(crate) fn smoke_features(plume: &Plume) -> [f64; 3] {
    [
        plume.growth.max(1.0).ln(),
        plume.veil.clamp(0.0, 0.5),
        plume.contrast.min(40.0),
    ]
}

pub(crate) fn vehicle_features(moving: &Moving) -> [f64; 3] {
    [
        moving.margin.max(1.0).ln(),
        moving.steadiness.min(1.0),
        moving.contrast.clamp(1.0, 100.0).ln(),
    ]
}

pub(crate) fn flash(flash: &Flash) -> Option<Probability> {
    FLASH.score(flash_features(flash))
}

pub(crate) fn smoke(plume: &Plume) -> Option<Probability> {
    SMOKE.score(smoke_features(plume))
}

pub(crate) fn vehicle(moving: &Moving) -> Option<Probability> {
    VEHICLE.score(vehicle_features(moving))
}
