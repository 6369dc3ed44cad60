//! What happens in a scene.

use truceline_domain::VideoLabel;

use super::camera::ToGround;
use super::smooth;

/// Something on or above the ground. Times are seconds, places metres, brightness grey levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Thing {
    /// Light of a Gaussian shape.
    Flash {
        at: (f64, f64),
        from_s: f64,
        lasts_s: f64,
        size_m: f64,
        levels: f32,
    },
    /// A plume that grows from a source and drifts; `opacity` at its middle, `levels` its own brightness.
    Smoke {
        at: (f64, f64),
        from_s: f64,
        drift_mps: (f64, f64),
        growth_mps: f64,
        opacity: f32,
        levels: f32,
    },
    /// A box that goes straight on and hides the ground: as bright all over as the ground around it is on average, and so
    /// many levels more.
    Vehicle {
        at: (f64, f64),
        from_s: f64,
        until_s: f64,
        velocity_mps: (f64, f64),
        size_m: (f64, f64),
        levels: f32,
    },
    /// A dot that darts over the picture; metres as seen on the ground.
    Bird {
        at: (f64, f64),
        from_s: f64,
        velocity_mps: (f64, f64),
        size_m: f64,
        levels: f32,
    },
    /// A soft shadow that goes over the ground; multiplies.
    Shadow {
        at: (f64, f64),
        from_s: f64,
        velocity_mps: (f64, f64),
        size_m: f64,
        depth: f32,
    },
    /// A lamp that goes on and stays on for so long.
    Lamp {
        at: (f64, f64),
        from_s: f64,
        until_s: f64,
        size_m: f64,
        levels: f32,
    },
    /// Every so many pictures each row of one field is brighter.
    Lines {
        from_s: f64,
        until_s: f64,
        levels: f32,
    },
}

/// What is to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Truth {
    pub(crate) label: VideoLabel,
    pub(crate) from_s: f64,
    /// Until when a detection counts.
    pub(crate) until_s: f64,
    pub(crate) thing: Thing,
}

impl Thing {
    /// Draws it over a picture.
    pub(crate) fn draw(&self, s: f64, view: &ToGround, luma: &mut [f32], size: (usize, usize)) {
        match *self {
            Self::Flash {
                at,
                from_s,
                lasts_s,
                size_m,
                levels,
            } if s >= from_s && s < from_s + lasts_s => {
                let paint = |e: f64, n: f64, v: &mut f32| {
                    *v += levels * gauss((e - at.0) / size_m, (n - at.1) / size_m)
                };
                over(view, luma, size, at, 3.0 * size_m, paint);
            }
            Self::Lamp {
                at,
                from_s,
                until_s,
                size_m,
                levels,
            } if (from_s..until_s).contains(&s) => {
                let paint = |e: f64, n: f64, v: &mut f32| {
                    *v += levels * gauss((e - at.0) / size_m, (n - at.1) / size_m)
                };
                over(view, luma, size, at, 3.0 * size_m, paint);
            }
            Self::Smoke {
                at,
                from_s,
                drift_mps,
                growth_mps,
                opacity,
                levels,
            } if s > from_s => {
                let age = s - from_s;
                // Puffs leave the source one after the other, drift, swell and thin out.
                let puffs = (age * 4.0).ceil().min(120.0) as usize;
                for puff in 0..puffs {
                    let old = age - puff as f64 / 4.0;
                    let wander = 1.5 * smooth(puff as f64 * 0.7, old * 0.3, 99);
                    let (x, y) = (
                        at.0 + drift_mps.0 * old + wander,
                        at.1 + drift_mps.1 * old - wander,
                    );
                    let radius = 1.5 + growth_mps * old;
                    let thin = f64::from(opacity) * 0.5 * (1.5 / radius).powf(0.6);
                    let paint = |e: f64, n: f64, v: &mut f32| {
                        let ragged = 0.75 + 0.5 * smooth((e - x) / 2.0, (n - y) / 2.0, puff as u64);
                        let alpha =
                            (thin * ragged) as f32 * gauss((e - x) / radius, (n - y) / radius);
                        *v += alpha.min(1.0) * (levels - *v);
                    };
                    over(view, luma, size, (x, y), 2.5 * radius, paint);
                }
            }
            Self::Vehicle {
                at,
                from_s,
                until_s,
                velocity_mps: (ve, vn),
                size_m,
                levels,
            } if (from_s..until_s).contains(&s) => {
                let (x, y) = (at.0 + ve * (s - from_s), at.1 + vn * (s - from_s));
                let speed = ve.hypot(vn).max(1e-6);
                let (ue, un) = (ve / speed, vn / speed);
                let (mut sum, mut count) = (0.0, 0.0);
                let around = |_: f64, _: f64, v: &mut f32| (sum, count) = (sum + *v, count + 1.0);
                over(view, luma, size, (x, y), 2.0 * size_m.0, around);
                let own = sum / f32::max(count, 1.0) + levels;
                let paint = |e: f64, n: f64, v: &mut f32| {
                    let (along, aside) = ((e - x) * ue + (n - y) * un, (n - y) * ue - (e - x) * un);
                    let edge = |d: f64, half: f64| ((half + 0.3 - d.abs()) / 0.6).clamp(0.0, 1.0);
                    let hidden = edge(along, size_m.0 / 2.0) * edge(aside, size_m.1 / 2.0);
                    *v += hidden as f32 * (own - *v);
                };
                over(view, luma, size, (x, y), size_m.0 + 1.0, paint);
            }
            Self::Bird {
                at,
                from_s,
                velocity_mps,
                size_m,
                levels,
            } if s >= from_s && s < from_s + 6.0 => {
                let age = s - from_s;
                let dart = |axis: u64| 6.0 * smooth(age * 1.5, 0.5, axis);
                let (x, y) = (
                    at.0 + velocity_mps.0 * age + dart(1),
                    at.1 + velocity_mps.1 * age + dart(2),
                );
                let flap = size_m * (1.0 + 0.5 * (age * 40.0).sin());
                let paint = |e: f64, n: f64, v: &mut f32| {
                    *v += levels * gauss((e - x) / flap, (n - y) / flap)
                };
                over(view, luma, size, (x, y), 3.0 * flap, paint);
            }
            Self::Shadow {
                at,
                from_s,
                velocity_mps,
                size_m,
                depth,
            } if s >= from_s => {
                let (x, y) = (
                    at.0 + velocity_mps.0 * (s - from_s),
                    at.1 + velocity_mps.1 * (s - from_s),
                );
                let paint = |e: f64, n: f64, v: &mut f32| {
                    let ragged = 1.0 + 0.4 * smooth((e - x) / 60.0, (n - y) / 60.0, 7);
                    *v *= 1.0
                        - depth * gauss((e - x) / (size_m * ragged), (n - y) / (size_m * ragged));
                };
                over(view, luma, size, (x, y), 3.0 * size_m, paint);
            }
            Self::Lines {
                from_s,
                until_s,
                levels,
            } if (from_s..until_s).contains(&s) && ((s * 25.0) as usize).is_multiple_of(4) => {
                for row in luma.chunks_exact_mut(size.0).step_by(2) {
                    row.iter_mut().for_each(|v| *v += levels);
                }
            }
            _ => {}
        }
    }
}

fn gauss(x: f64, y: f64) -> f32 {
    (-0.5 * (x * x + y * y)).exp() as f32
}

/// Paints the pixels whose ground lies within a radius of a point.
fn over(
    view: &ToGround,
    luma: &mut [f32],
    (width, height): (usize, usize),
    at: (f64, f64),
    radius_m: f64,
    mut paint: impl FnMut(f64, f64, &mut f32),
) {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(a, b)| view.back(at.0 + a * radius_m, at.1 + b * radius_m));
    let span = |of: fn(&(f64, f64)) -> f64, most: usize| {
        let low = corners
            .iter()
            .map(of)
            .fold(f64::MAX, f64::min)
            .floor()
            .clamp(0.0, most as f64);
        let high = corners
            .iter()
            .map(of)
            .fold(f64::MIN, f64::max)
            .ceil()
            .clamp(0.0, most as f64);
        low as usize..high as usize
    };
    let columns = span(|c| c.0, width);
    for y in span(|c| c.1, height) {
        for x in columns.clone() {
            let (east, north) = view.at(x as f64, y as f64);
            paint(east, north, &mut luma[y * width + x]);
        }
    }
}
