//! How likely a detection is what it is taken for.
//!
//! A logistic function of what speaks for it, a class each, fitted to the synthetic scenes of `benches/scenes` (see
//! docs/detector.md): of detections with a score near p, about a share p was true there. Real scenes have other shares of
//! what is looked for and of what looks like it; the score is only as good as the scenes are like them.

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
    /// Never surer than 98 %: no more was measured. `None` for features that are no numbers.
    fn score(&self, features: [f64; N]) -> Option<Probability> {
        let sum: f64 = self.each.iter().zip(features).map(|(w, f)| w * f).sum();
        let p = 1.0 / (1.0 + (-self.base - sum).exp());
        Probability::new(p.clamp(0.02, 0.98)).ok()
    }
}

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
