//! Vehicles: compact patches that move over the ground, steadily, as fast as vehicles do.
//!
//! Patches are joined to tracks by nearness to where the track is going; a track is a vehicle when a straight line at constant
//! speed fits its places far better than standing still does, it has gone further than its own length, and speed and size are
//! a vehicle's by the scale of the ground.
//!
//! A vehicle hides the ground: within it nothing is left of the ground's own pattern. Where that shows through (a shadow, haze,
//! smoke) the patch is none. A bird is small, quick, and turns: it does not hold one line and one size for two seconds.

use crate::background::Difference;
use crate::blobs::{Blob, MAX_BLOBS, blobs};
use crate::homography::Homography;

/// A track is looked at over so many seconds…
const WINDOW_S: f64 = 3.0;
/// … and must have been seen so often in them…
const LEAST_HITS: usize = 8;
/// … over so long, seconds.
const LEAST_AGE_S: f64 = 1.8;
/// A track not seen for so long is lost, seconds.
const LOST_S: f64 = 1.0;
/// Slowest and fastest vehicle, m/s.
const SPEED_MPS: (f64, f64) = (1.0, 40.0);
/// The same where nothing tells the scale, picture widths a second.
const SPEED_WIDTHS: (f64, f64) = (0.004, 0.25);
/// Smallest and largest ground that a vehicle covers, m²; motion blur and a trail of dust included.
const AREA_M2: (f64, f64) = (2.0, 250.0);
/// The least that a car covers at half of what its patch stands out by at the most, m²: of a box that is its size, of
/// a dot that blurs it is a fraction of what stands out at all. The smallest cars have 3.5 × 1.6 m, of which low
/// contrast shows a part.
const CORE_M2: f64 = 3.5;
/// The area of a vehicle's patch scatters by no more than this about its mean, as a share of it.
const AREA_SCATTER: f64 = 0.5;
/// The ground's pattern shows through a patch when the picture follows it by such a slope, and explains such a share
/// of what varies within the patch…
const THROUGH: (f64, f64) = (0.5, 0.5);
/// … over at least so many pixels, where the ground varies by so many grey levels: twice the grain of usual cameras.
const THROUGH_PX: usize = 9;
const THROUGH_LEVELS: f64 = 3.0;
/// The same where nothing tells the scale, and always at the least, pixels of the working size.
const AREA_PX: (f64, f64) = (5.0, 3000.0);
/// Places scatter about the line by no more than this, pixels, and a fifth of the patch's length.
const SCATTER_PX: f64 = 1.5;
/// What a track must have gone, in units of what is asked at the least (see [`Fit::margin`]).
const LEAST_MARGIN: f64 = 1.0;
/// Tracks followed at once.
const MOST_TRACKS: usize = 256;

/// A look at a track.
#[derive(Clone, Copy)]
struct Hit {
    at_s: f64,
    x: f64,
    y: f64,
    blob: Blob,
    /// Pixels of it at half of its peak and more.
    core: usize,
    /// Whether the ground shows through it; `None` where the ground is too plain to tell.
    through: Option<bool>,
}

struct Track {
    number: u64,
    hits: Vec<Hit>,
    told_s: Option<f64>,
}

/// A track found to be a vehicle.
pub(crate) struct Moving {
    /// Its patch as seen last, in pixels of the background.
    pub(crate) blob: Blob,
    /// How far beyond what is asked of it it went.
    pub(crate) margin: f64,
    /// How often it was seen in the window, of how often it could have been.
    pub(crate) steadiness: f64,
    /// Standard deviations by which it stands out.
    pub(crate) contrast: f64,
    pub(crate) number: u64,
}

/// Follows what moves in one stream.
#[derive(Default)]
pub(crate) struct Vehicles {
    tracks: Vec<Track>,
    looks_s: Vec<f64>,
    numbers: u64,
}

impl Vehicles {
    /// Of a new scene in the same stream: numbers go on.
    pub(crate) fn continued(before: &Self) -> Self {
        Self {
            numbers: before.numbers,
            ..Self::default()
        }
    }

    /// Looks at a picture, taken `at_s` on the stream's clock; `metres_per_pixel` is the ground's scale at a point of the
    /// background, where known. Tracks told before are told again after `repeat_s`.
    pub(crate) fn look(
        &mut self,
        seen: &Difference,
        at_s: f64,
        repeat_s: f64,
        metres_per_pixel: impl Fn(f64, f64) -> Option<f64>,
    ) -> Vec<Moving> {
        let mut mask = widened(&seen.stands_out, seen.width);
        let mut found = blobs(&mut mask, &seen.smooth.data, seen.width, AREA_PX.0 as usize);
        if found.len() > MAX_BLOBS {
            return vec![];
        }
        found.retain(|b| is_vehicle_sized(b, metres_per_pixel(b.x, b.y)) && is_alone(seen, b));
        self.looks_s.push(at_s);
        self.looks_s.retain(|s| at_s - s <= WINDOW_S);
        let found: Vec<Hit> = found.iter().map(|b| Hit::of(b, at_s, seen)).collect();
        self.join(&found, at_s, seen.width as f64, &metres_per_pixel);
        self.tracks
            .retain(|t| t.hits.last().is_some_and(|h| at_s - h.at_s <= LOST_S));
        let looks = self.looks_s.clone();
        let judge = |track: &mut Track| {
            let last = *track.hits.last().filter(|h| h.at_s == at_s)?;
            let due = track.told_s.is_none_or(|s| at_s - s >= repeat_s);
            let fit = Fit::of(&track.hits).filter(|_| due)?;
            let scale = metres_per_pixel(last.x, last.y);
            let margin = fit.margin(last.blob.length());
            (fit.is_steady(&track.hits)
                && margin >= LEAST_MARGIN
                && fit.has_speed(scale, seen.width)
                && !track.is_bird(scale)
                && track.hides_the_ground())
            .then_some(())?;
            let first_s = track.hits.first()?.at_s;
            let could = looks.iter().filter(|s| **s >= first_s).count();
            let at = last.y.round() as usize * seen.width + last.x.round() as usize;
            let spread = seen.spread.data.get(at).copied().unwrap_or(f32::INFINITY);
            track.told_s = Some(at_s);
            Some(Moving {
                blob: last.blob,
                margin,
                steadiness: track.hits.len() as f64 / could.max(1) as f64,
                contrast: f64::from(last.blob.peak.abs() / spread),
                number: track.number,
            })
        };
        self.tracks.iter_mut().filter_map(judge).collect()
    }

    /// The background is held in other pixels from here on.
    pub(crate) fn remap(&mut self, map: &Homography) {
        for track in &mut self.tracks {
            track.hits.retain_mut(|hit| match map.map(hit.x, hit.y) {
                Some((x, y)) => {
                    (hit.x, hit.y) = (x, y);
                    true
                }
                None => false,
            });
        }
        self.tracks.retain(|t| !t.hits.is_empty());
    }

    /// Joins patches to tracks, the nearest pair first, and begins tracks with the rest.
    fn join(
        &mut self,
        found: &[Hit],
        at_s: f64,
        width: f64,
        metres_per_pixel: &impl Fn(f64, f64) -> Option<f64>,
    ) {
        let mut pairs = vec![];
        for (t, track) in self.tracks.iter().enumerate() {
            let Some((last, (x, y), sure)) = track.expected(at_s) else {
                continue;
            };
            let since_s = at_s - last.at_s;
            let fastest = match metres_per_pixel(last.x, last.y) {
                Some(scale) => SPEED_MPS.1 / scale,
                None => SPEED_WIDTHS.1 * width,
            };
            let reach = if sure {
                3.0 + 0.3 * fastest * since_s
            } else {
                3.0 + fastest * since_s
            };
            let reach = reach.min(3.0 + last.blob.length().max(4.0) * if sure { 1.5 } else { 4.0 });
            for (b, blob) in found.iter().map(|hit| &hit.blob).enumerate() {
                let away = (blob.x - x).hypot(blob.y - y);
                let like = blob.area as f64 / last.blob.area as f64;
                let same_sign = blob.mean.signum() == last.blob.mean.signum();
                if away <= reach && (0.25..4.0).contains(&like) && same_sign {
                    pairs.push((away, t, b));
                }
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut taken = vec![false; found.len()];
        let mut joined = vec![false; self.tracks.len()];
        for (_, t, b) in pairs {
            if let (Some(track), Some(joined), Some(taken), Some(hit)) = (
                self.tracks.get_mut(t),
                joined.get_mut(t),
                taken.get_mut(b),
                found.get(b),
            ) && !*joined
                && !*taken
            {
                (*joined, *taken) = (true, true);
                track.hits.push(*hit);
                track.hits.retain(|h| at_s - h.at_s <= WINDOW_S);
            }
        }
        for (hit, _) in found.iter().zip(taken).filter(|(_, taken)| !taken) {
            if self.tracks.len() < MOST_TRACKS {
                self.numbers += 1;
                self.tracks.push(Track {
                    number: self.numbers,
                    hits: vec![*hit],
                    told_s: None,
                });
            }
        }
    }
}

impl Hit {
    fn of(blob: &Blob, at_s: f64, seen: &Difference) -> Self {
        Self {
            at_s,
            x: blob.x,
            y: blob.y,
            blob: *blob,
            core: core(seen, blob),
            through: shows_ground(seen, blob),
        }
    }
}

impl Track {
    /// Whether nothing of the ground is seen within it, as far as can be told, more often than not.
    fn hides_the_ground(&self) -> bool {
        let told = |through: bool| {
            self.hits
                .iter()
                .filter(|h| h.through == Some(through))
                .count()
        };
        told(true) <= told(false)
    }

    /// Whether it is too small, or changes its size as what beats its wings does.
    fn is_bird(&self, metres_per_pixel: Option<f64>) -> bool {
        let n = self.hits.len() as f64;
        let mean = self.hits.iter().map(|h| h.blob.area as f64).sum::<f64>() / n;
        let spread = self
            .hits
            .iter()
            .map(|h| (h.blob.area as f64 - mean).powi(2));
        let scatter = (spread.sum::<f64>() / n).sqrt();
        let core = self.hits.iter().map(|h| h.core as f64).sum::<f64>() / n;
        metres_per_pixel.is_some_and(|m| core * m * m < CORE_M2) || scatter > AREA_SCATTER * mean
    }

    /// The last look, where the track should be by now, and whether it has been seen often enough to say so.
    fn expected(&self, at_s: f64) -> Option<(Hit, (f64, f64), bool)> {
        let last = *self.hits.last()?;
        let fit = Fit::of(&self.hits).filter(|_| self.hits.len() >= 3);
        Some(match fit {
            Some(fit) => (last, fit.at(at_s), true),
            None => (last, (last.x, last.y), false),
        })
    }
}

/// A straight line at constant speed through a track's places, least squares.
struct Fit {
    middle_s: f64,
    x: f64,
    y: f64,
    /// Pixels a second.
    vx: f64,
    vy: f64,
    /// Root mean square of what is left, pixels.
    scatter: f64,
    age_s: f64,
}

impl Fit {
    fn of(hits: &[Hit]) -> Option<Self> {
        let (first, last) = (hits.first()?, hits.last()?);
        let n = hits.len() as f64;
        let mean = |of: &dyn Fn(&Hit) -> f64| hits.iter().map(of).sum::<f64>() / n;
        let (middle_s, x, y) = (mean(&|h| h.at_s), mean(&|h| h.x), mean(&|h| h.y));
        let spread = mean(&|h| (h.at_s - middle_s).powi(2));
        (spread > 0.0).then_some(())?;
        let vx = mean(&|h| (h.at_s - middle_s) * (h.x - x)) / spread;
        let vy = mean(&|h| (h.at_s - middle_s) * (h.y - y)) / spread;
        let mut fit = Self {
            middle_s,
            x,
            y,
            vx,
            vy,
            scatter: 0.0,
            age_s: last.at_s - first.at_s,
        };
        fit.scatter = mean(&|h| {
            let (x, y) = fit.at(h.at_s);
            (h.x - x).powi(2) + (h.y - y).powi(2)
        })
        .sqrt();
        Some(fit)
    }

    fn at(&self, s: f64) -> (f64, f64) {
        let later_s = s - self.middle_s;
        (self.x + self.vx * later_s, self.y + self.vy * later_s)
    }

    fn speed(&self) -> f64 {
        self.vx.hypot(self.vy)
    }

    /// What it went, over what it must at the least: four times its scatter, three pixels, and 0.7 of its own length.
    fn margin(&self, length: f64) -> f64 {
        let gone = self.speed() * self.age_s;
        gone / (4.0 * self.scatter).max(3.0).max(0.7 * length)
    }

    fn is_steady(&self, hits: &[Hit]) -> bool {
        let length = hits.last().map_or(0.0, |h| h.blob.length());
        hits.len() >= LEAST_HITS
            && self.age_s >= LEAST_AGE_S
            && self.scatter <= SCATTER_PX + 0.2 * length
    }

    fn has_speed(&self, scale: Option<f64>, width: usize) -> bool {
        match scale {
            Some(scale) => (SPEED_MPS.0..=SPEED_MPS.1).contains(&(self.speed() * scale)),
            None => (SPEED_WIDTHS.0..=SPEED_WIDTHS.1).contains(&(self.speed() / width as f64)),
        }
    }
}

fn is_vehicle_sized(blob: &Blob, metres_per_pixel: Option<f64>) -> bool {
    let area = blob.area as f64;
    let by_scale =
        metres_per_pixel.is_none_or(|m| (AREA_M2.0..=AREA_M2.1).contains(&(area * m * m)));
    by_scale && (AREA_PX.0..=AREA_PX.1).contains(&area) && blob.fill() >= 0.25
}

/// Whether the ground around a patch is as it was: at the ragged rim of a shadow or a plume it is not, and pieces of that
/// stand out by turns.
fn is_alone(seen: &Difference, blob: &Blob) -> bool {
    /// From the patch's box to the ring around it, and the ring's width, pixels.
    const GAP: usize = 3;
    const RING: usize = 3;
    /// What the ring may differ by, of what the patch does.
    const SHARE: f32 = 0.3;
    let reach = GAP + RING;
    let (mut sum, mut pixels) = (0.0_f32, 0.0_f32);
    for y in blob.top.saturating_sub(reach)..=blob.bottom + reach {
        for x in blob.left.saturating_sub(reach)..=(blob.right + reach).min(seen.width - 1) {
            let inside = x + GAP >= blob.left
                && x <= blob.right + GAP
                && y + GAP >= blob.top
                && y <= blob.bottom + GAP;
            if let Some(e) = seen.smooth.data.get(y * seen.width + x).filter(|_| !inside) {
                sum += e * blob.mean.signum();
                pixels += 1.0;
            }
        }
    }
    pixels > 0.0 && sum / pixels < SHARE * blob.mean.abs()
}

/// Pixels of a patch at half of its peak and more.
fn core(seen: &Difference, blob: &Blob) -> usize {
    let rows = blob.top..=blob.bottom;
    let pixels = rows.flat_map(|y| (blob.left..=blob.right).map(move |x| y * seen.width + x));
    let is_core = |at: &usize| {
        let value = seen.smooth.data.get(*at).copied().unwrap_or(0.0);
        value * blob.peak.signum() >= 0.5 * blob.peak.abs()
    };
    pixels.filter(is_core).count()
}

/// Whether the ground's pattern shows through a patch: the picture against the background there, by least squares. What hides
/// the ground has a slope of nothing; a shadow one of what it lets through. `None` where the ground is plain.
fn shows_ground(seen: &Difference, blob: &Blob) -> Option<bool> {
    let mut n = 0.0;
    let [mut x, mut y, mut xx, mut xy, mut yy] = [0.0_f64; 5];
    for row in blob.top..=blob.bottom {
        for column in blob.left..=blob.right {
            let at = row * seen.width + column;
            let is_in = seen.stands_out.get(at).copied().unwrap_or(false);
            let (Some(&now), Some(&before)) = (seen.now.data.get(at), seen.before.data.get(at))
            else {
                continue;
            };
            if is_in && now.is_finite() && (now - before).signum() == blob.mean.signum() {
                let (ground, picture) = (f64::from(before), f64::from(now));
                n += 1.0;
                x += ground;
                y += picture;
                xx += ground * ground;
                xy += ground * picture;
                yy += picture * picture;
            }
        }
    }
    let (vx, vy) = (xx / n - (x / n).powi(2), yy / n - (y / n).powi(2));
    if n < THROUGH_PX as f64 || vx < THROUGH_LEVELS * THROUGH_LEVELS {
        return None;
    }
    let together = xy / n - x * y / (n * n);
    let (slope, explained) = (together / vx, together * together / (vx * vy.max(1e-9)));
    Some(slope >= THROUGH.0 && explained >= THROUGH.1)
}

/// Each pixel that stands out, and its four neighbours: joins what noise tore apart.
fn widened(mask: &[bool], width: usize) -> Vec<bool> {
    let at = |n: Option<usize>| n.and_then(|n| mask.get(n)).copied().unwrap_or(false);
    (0..mask.len())
        .map(|n| {
            let x = n % width;
            at(Some(n))
                || at(n.checked_sub(width))
                || at(n.checked_add(width))
                || (x > 0 && at(n.checked_sub(1)))
                || (x + 1 < width && at(n.checked_add(1)))
        })
        .collect()
}
