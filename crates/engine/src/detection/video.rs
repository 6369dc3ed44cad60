//! A camera over the place.
//!
//! **Resolution.** Johnson's criteria (J. Johnson, «Analysis of image forming systems», Image
//! Intensifier Symposium, Fort Belvoir, October 1958): half of the observers detect at 1.0 cycle
//! across the thing's critical dimension, recognise at 4.0, identify at 6.4. A cycle is two pixels.
//! How the chance grows with the number of cycles N is the target transfer probability function
//! (J. A. Ratches, «Static performance model for thermal imaging systems», Optical Engineering 15,
//! 1976; in the form of G. C. Holst, *Electro-Optical Imaging System Performance*):
//! `P = x^E / (1 + x^E)`, `x = N/N50`, `E = 2.7 + 0.7·x`. Recognition is asked for a vehicle or a
//! person (a dot that moves is not a violation), detection for the flash or smoke of a shot.
//! (Vollmerhausen & Jacobs, Optical Engineering 43, 2004, show that the criteria judge modern sensors
//! unevenly. They are kept: they ask for nothing that metadata does not tell.)
//!
//! **Dwell.** Somebody must look there while it lies in the picture. Search over a picture (Howe,
//! *The Infrared & Electro-Optical Systems Handbook*, vol. 4, 1993): noticed within t with
//! `1 − exp(−P·t/3.4 s)` of those that can be noticed at all. A thing that lasts less than the place
//! is in the picture is noticed within its own time.
//!
//! **Light.** A daylight camera sees nothing but flashes by night; the metadata's word for its sensor
//! (ST 0601 item 11) tells whether it is one. Untold counts as a daylight camera.

use truceline_domain::EventKind;

/// A frame over the place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Ground that a pixel holds, metres.
    pub pixel_m: f64,
    /// How long the place lies in the picture without a break, seconds.
    pub dwell_s: f64,
    /// Share of daylight, 0 to 1.
    pub daylight: f64,
    /// The camera sees heat.
    pub is_infrared: bool,
}

/// Johnson's cycles for half of the observers: detection and recognition.
const DETECT: f64 = 1.0;
const RECOGNISE: f64 = 4.0;
/// Pixels a cycle.
const PIXELS: f64 = 2.0;
/// Time constant of the search at P = 1, seconds (Howe 1993).
const SEARCH_S: f64 = 3.4;
/// Critical dimensions, metres: the NATO standard target of 2.3 m (STANAG 4347) for a vehicle; a
/// man's width of 0.75 m; fireball, dust or smoke of a shot (assumptions of ours).
const VEHICLE_M: f64 = 2.3;
const PERSON_M: f64 = 0.75;

/// What there is to see: size across, cycles needed, how long it lasts, seen by night by its own
/// light.
struct Sight {
    size_m: f64,
    cycles: f64,
    lasts_s: f64,
    shines: bool,
}

const fn sight(kind: EventKind) -> Option<Sight> {
    let (size_m, cycles, lasts_s, shines) = match kind {
        EventKind::Movement | EventKind::Incursion | EventKind::Works => {
            (VEHICLE_M, RECOGNISE, 600.0, false)
        }
        // A burst lasts 0.5 to 3 s (scenario set, «Physics»); the men who fire it stay longer, but
        // men lying still are no violation.
        EventKind::SmallArms => (PERSON_M, DETECT, 1.5, true),
        EventKind::Hmg => (1.0, DETECT, 1.5, true),
        EventKind::Mortar => (2.0, DETECT, 5.0, true),
        // Dust and smoke of a heavy shot drift for some ten seconds (video detections of smoke in the
        // scenario set come 5 to 60 s after the shot).
        EventKind::Artillery | EventKind::Mlrs => (5.0, DETECT, 30.0, true),
        EventKind::DroneStrike | EventKind::Demolition | EventKind::BlastQuarry => {
            (5.0, DETECT, 30.0, true)
        }
        EventKind::Fire => (5.0, DETECT, 600.0, true),
        _ => return None,
    };
    Some(Sight {
        size_m,
        cycles,
        lasts_s,
        shines,
    })
}

/// Probability that whoever watches the picture notices one event within the frame.
#[must_use]
pub fn probability(kind: EventKind, frame: &Frame) -> f64 {
    let Some(sight) = sight(kind) else {
        return 0.0;
    };
    let light = if frame.is_infrared || sight.shines {
        1.0
    } else {
        frame.daylight.clamp(0.0, 1.0)
    };
    let resolved = resolved(sight.size_m, sight.cycles, frame.pixel_m);
    let looked_s = sight.lasts_s.min(frame.dwell_s.max(0.0));
    light * resolved * (1.0 - (-resolved * looked_s / SEARCH_S).exp())
}

/// Probability that a thing of `size_m` is made out, `cycles` being needed by half of the observers,
/// where a pixel holds `pixel_m` of ground.
#[must_use]
pub fn resolved(size_m: f64, cycles: f64, pixel_m: f64) -> f64 {
    if pixel_m.is_nan() || pixel_m <= 0.0 {
        return 0.0;
    }
    let x = size_m / (PIXELS * pixel_m) / cycles;
    // From ten times the cycles on, the function is 1 to the last digit that counts.
    if x >= 10.0 {
        return 1.0;
    }
    let power = x.powf(2.7 + 0.7 * x);
    power / (1.0 + power)
}

/// Coarsest pixel at which a vehicle is recognised by half of the observers, metres.
#[must_use]
pub const fn vehicle_pixel_m() -> f64 {
    VEHICLE_M / (PIXELS * RECOGNISE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(pixel_m: f64, dwell_s: f64) -> Frame {
        Frame {
            pixel_m,
            dwell_s,
            daylight: 1.0,
            is_infrared: false,
        }
    }

    #[test]
    fn half_recognise_a_vehicle_at_four_cycles() {
        assert!((resolved(VEHICLE_M, RECOGNISE, vehicle_pixel_m()) - 0.5).abs() < 1e-12);
        assert!(probability(EventKind::Movement, &frame(0.1, 60.0)) > 0.95);
        assert!(probability(EventKind::Movement, &frame(2.0, 60.0)) < 0.01);
    }

    #[test]
    fn a_glance_notices_less_than_a_look() {
        let glance = probability(EventKind::Movement, &frame(0.2, 1.0));
        let look = probability(EventKind::Movement, &frame(0.2, 60.0));
        assert!(glance < 0.3 && look > 0.7, "{glance} {look}");
    }

    #[test]
    fn by_night_it_takes_heat_or_a_flash() {
        let night = Frame {
            daylight: 0.0,
            ..frame(0.1, 60.0)
        };
        assert_eq!(probability(EventKind::Movement, &night), 0.0);
        let infrared = Frame {
            is_infrared: true,
            ..night
        };
        assert!(probability(EventKind::Movement, &infrared) > 0.9);
        assert!(probability(EventKind::Mlrs, &night) > 0.9);
    }
}
