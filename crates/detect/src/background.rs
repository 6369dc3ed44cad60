//! What the ground looks like when nothing happens on it, and what stands out from it.
//!
//! A running mean and variance a pixel (Wren et al., *Pfinder*, IEEE PAMI 19(7), 1997, one Gaussian each), held in the
//! coordinates of one picture, the anchor, so that ground stands still while the camera moves. Pixels that stand out are
//! learnt twenty times more slowly. To the variance comes what a small error of registration makes of a steep edge.

use crate::align::{Alignment, Pyramid, Template};
use crate::correlate::Correlator;
use crate::homography::Homography;
use crate::plane::Plane;

/// Time in which the background follows the light, seconds.
const FOLLOW_S: f64 = 4.0;
/// Time in which its variance follows, seconds.
const SETTLE_S: f64 = 10.0;
/// What stands out is learnt so much more slowly…
const HELD_SHARE: f64 = 0.05;
/// … until it has stood out so long, seconds: what came to stay is ground.
const HELD_AT_MOST_S: f32 = 20.0;
/// Registration is taken to be good to so many pixels, one standard deviation: chosen by hand, so that steep edges are quiet
/// on synthetic pans.
const REGISTRATION_SD_PX: f32 = 0.25;
/// Looks before a pixel's variance is believed.
pub(crate) const RIPE_LOOKS: f32 = 5.0;
/// A pixel stands out at so many standard deviations…
const STANDS_OUT: f32 = 4.5;
/// … and so many grey levels, after a mean over 3 × 3 pixels.
const STANDS_OUT_LEVELS: f32 = 5.0;
/// A picture less like the background than this shows something else: a cut.
const LEAST_LIKENESS: f32 = 0.5;
/// The anchor is changed when less of the background than this is in view, or when it is seen so much smaller or greater.
const LEAST_VIEW: f64 = 0.75;
const MOST_ZOOM: f64 = 1.25;

/// The background of one camera, in pixels of its anchor.
pub(crate) struct Background {
    mean: Plane,
    /// Variance of the smoothed difference.
    variance: Plane,
    /// How often each pixel was seen.
    looks: Plane,
    /// For how long each has stood out, seconds.
    held_s: Plane,
    /// From the anchor's pixels to the last picture's.
    map: Homography,
    correlator: Correlator,
}

/// A picture held against the background, in the background's pixels.
pub(crate) struct Difference {
    pub(crate) width: usize,
    /// The picture where it shows the background, in the background's light; `NAN` elsewhere.
    pub(crate) now: Plane,
    /// The background as it was before this picture.
    pub(crate) before: Plane,
    /// Picture less background; 0 where either is unknown.
    pub(crate) raw: Plane,
    /// The same, averaged over 3 × 3 pixels.
    pub(crate) smooth: Plane,
    /// Standard deviation of `smooth` where nothing happens; infinite where that is not known yet.
    pub(crate) spread: Plane,
    /// What stands out.
    pub(crate) stands_out: Vec<bool>,
    /// The share of the pixels in view that stands out.
    pub(crate) share: f64,
    /// From background to picture.
    pub(crate) map: Homography,
}

/// What became of a picture.
pub(crate) enum Held {
    /// It shows something else than the background: all begins anew.
    Cut,
    /// It was held against the background.
    Against(Box<Difference>),
}

impl Background {
    /// Of a first picture.
    pub(crate) fn new(picture: &Plane) -> Self {
        let (width, height) = (picture.width, picture.height);
        Self {
            mean: picture.clone(),
            variance: Plane::filled(width, height, 9.0),
            looks: Plane::filled(width, height, 1.0),
            held_s: Plane::filled(width, height, 0.0),
            map: Homography::IDENTITY,
            correlator: Correlator::new(),
        }
    }

    /// What the ground looks like, and how often each pixel was seen.
    pub(crate) fn ground(&self) -> (&Plane, &Plane) {
        (&self.mean, &self.looks)
    }

    /// Holds a picture against the background. `moved` is how the metadata says pixels went since the last picture.
    pub(crate) fn hold(&mut self, picture: &Pyramid, moved: Option<Homography>) -> Held {
        let images = Pyramid::of(self.mean.clone());
        let seen = Pyramid::of(Plane {
            data: self
                .looks
                .data
                .iter()
                .map(|&n| f32::from(n > 0.0))
                .collect(),
            ..self.looks
        });
        let guess = moved.map_or(self.map, |moved| self.map.then(&moved));
        let template = Template::new(&images, &seen);
        let found = template.align(picture, guess, &mut self.correlator);
        let Some(alignment) = found.filter(|a| a.likeness >= LEAST_LIKENESS && is_sane(&a.map))
        else {
            return Held::Cut;
        };
        self.map = alignment.map;
        let [whole, ..] = &picture.0;
        Held::Against(Box::new(self.difference(whole, &alignment)))
    }

    fn difference(&self, picture: &Plane, alignment: &Alignment) -> Difference {
        let (width, height) = (self.mean.width, self.mean.height);
        let mut now = warped(picture, &alignment.map, width, height, f32::NAN);
        let mut raw = Plane::filled(width, height, 0.0);
        let pixels = now.data.iter_mut().zip(&mut raw.data);
        for ((c, e), (mean, looks)) in pixels.zip(self.mean.data.iter().zip(&self.looks.data)) {
            *c = (*c - alignment.offset) / alignment.gain;
            if *looks > 0.0 && c.is_finite() {
                *e = *c - mean;
            }
        }
        let smooth = raw.smoothed();
        let spread = self.spread(&now);
        let mut stands_out = Vec::with_capacity(smooth.data.len());
        let (mut out, mut ripe) = (0_usize, 0_usize);
        for (e, s) in smooth.data.iter().zip(&spread.data) {
            let is_out = s.is_finite() && e.abs() > (STANDS_OUT * s).max(STANDS_OUT_LEVELS);
            out += usize::from(is_out);
            ripe += usize::from(s.is_finite());
            stands_out.push(is_out);
        }
        Difference {
            width,
            now,
            before: self.mean.clone(),
            raw,
            smooth,
            spread,
            stands_out,
            share: out as f64 / ripe.max(1) as f64,
            map: alignment.map,
        }
    }

    /// Standard deviation of the smoothed difference a pixel: what was measured, and what an error of registration makes
    /// of the slope there.
    fn spread(&self, now: &Plane) -> Plane {
        let mut spread = Plane::filled(now.width, now.height, f32::INFINITY);
        let known = self
            .looks
            .data
            .iter()
            .zip(&now.data)
            .map(|(&n, c)| n >= RIPE_LOOKS && c.is_finite());
        for (n, ((to, variance), known)) in spread
            .data
            .iter_mut()
            .zip(&self.variance.data)
            .zip(known)
            .enumerate()
        {
            if known {
                let (gx, gy) = self.mean.gradient(n % now.width, n / now.width);
                let slip = REGISTRATION_SD_PX * REGISTRATION_SD_PX * (gx * gx + gy * gy);
                *to = (variance + slip).sqrt().max(0.5);
            }
        }
        spread
    }

    /// Learns from a picture that was held against it `since_s` after the last. What stands out, and what `keep` tells, is
    /// learnt slowly. Returns the map from the old anchor's pixels to the new one's when that was changed.
    pub(crate) fn learn(
        &mut self,
        seen: &Difference,
        keep: &[bool],
        since_s: f64,
    ) -> Option<Homography> {
        let follow = 1.0 - (-since_s / FOLLOW_S).exp();
        let settle = (since_s / SETTLE_S).min(1.0);
        let planes = self.mean.data.iter_mut().zip(&mut self.variance.data);
        let counts = self.looks.data.iter_mut().zip(&mut self.held_s.data);
        let views = seen
            .now
            .data
            .iter()
            .zip(&seen.smooth.data)
            .zip(&seen.spread.data);
        let masks = seen
            .stands_out
            .iter()
            .zip(keep.iter().chain(std::iter::repeat(&false)));
        for (((((mean, variance), (looks, held_s)), ((now, smooth), spread)), (out, keep)), raw) in
            planes.zip(counts).zip(views).zip(masks).zip(&seen.raw.data)
        {
            if !now.is_finite() {
                continue;
            }
            if *looks == 0.0 {
                *mean = *now;
            }
            let first = 1.0 / f64::from(*looks + 1.0);
            let out = *out || *keep;
            *held_s = if out {
                *held_s + since_s as f32
            } else {
                (*held_s - since_s as f32).max(0.0)
            };
            let slow = out && *held_s < HELD_AT_MOST_S;
            let share = first.max(follow) * if slow { HELD_SHARE } else { 1.0 };
            *mean += share as f32 * raw;
            if !slow {
                let limit = if spread.is_finite() {
                    4.0 * spread
                } else {
                    20.0
                };
                let size = smooth.clamp(-limit, limit);
                *variance += first.max(settle) as f32 * (size * size - *variance);
            }
            *looks += 1.0;
        }
        self.anchor_anew(seen)
    }

    /// Takes the last picture as the anchor when the camera has gone far from the old one.
    fn anchor_anew(&mut self, seen: &Difference) -> Option<Homography> {
        let (width, height) = (self.mean.width, self.mean.height);
        let in_view = seen.now.data.iter().filter(|c| c.is_finite()).count();
        let zoom = self
            .map
            .length_scale(width as f64 / 2.0, height as f64 / 2.0)?;
        let near = (1.0 / MOST_ZOOM..=MOST_ZOOM).contains(&zoom);
        if near && in_view as f64 >= LEAST_VIEW * (width * height) as f64 {
            return None;
        }
        let to_new = self.map;
        let to_old = to_new.inverse()?;
        self.mean = warped(&self.mean, &to_old, width, height, 0.0);
        self.variance = warped(&self.variance, &to_old, width, height, 9.0);
        self.held_s = warped(&self.held_s, &to_old, width, height, 0.0);
        // A pixel is known only where all that it is mixed of is.
        let mut looks = warped(&self.looks, &to_old, width, height, 0.0);
        looks.data.iter_mut().for_each(|n| {
            if *n < 1.0 {
                *n = 0.0;
            }
        });
        self.looks = looks;
        self.map = Homography::IDENTITY;
        Some(to_new)
    }
}

/// A map that turns a picture inside out, or to a splinter, is no registration.
fn is_sane(map: &Homography) -> bool {
    map.length_scale(0.0, 0.0)
        .is_some_and(|s| (0.2..5.0).contains(&s))
        && map.inverse().is_some()
}

/// The plane as seen through a map from the result's pixels to its own, `fill` where it does not reach.
pub(crate) fn warped(
    plane: &Plane,
    map: &Homography,
    width: usize,
    height: usize,
    fill: f32,
) -> Plane {
    let [a, b, c, d, e, f, g, h, i] = map.0;
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        let y = y as f64;
        let (u0, v0, w0) = (b * y + c, e * y + f, h * y + i);
        data.extend((0..width).map(|x| {
            let x = x as f64;
            let w = w0 + g * x;
            let (u, v) = ((u0 + a * x) / w, (v0 + d * x) / w);
            if w > 1e-9 {
                plane.sample(u as f32, v as f32).unwrap_or(fill)
            } else {
                fill
            }
        }));
    }
    Plane {
        width,
        height,
        data,
    }
}
