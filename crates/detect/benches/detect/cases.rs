//! The scenes: what is to be found, and what looks like it.

use truceline_domain::VideoLabel;

use super::scene::{Motion, Random, Scene, Thing, Truth};
use super::{SECONDS, SIZE};

/// Puts into a scene what is to be seen, at a contrast, and tells it.
pub(super) type Make = fn(&mut Scene, f32, &mut Random) -> Vec<Truth>;

/// One kind of scene: its name, what is in it, and how it is seen.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) contrast: f32,
    pub(super) seeds: std::ops::Range<u64>,
    pub(super) motion: Motion,
    pub(super) make: Make,
}

/// All of them.
pub(super) fn all() -> Vec<Case> {
    let mut cases = vec![];
    for contrast in [25.0, 50.0, 100.0] {
        cases.push(Case {
            name: "flashes, orbit",
            contrast,
            seeds: 0..2,
            motion: Motion::Orbit,
            make: flashes,
        });
    }
    cases.push(Case {
        name: "flashes, pan 8 m/s",
        contrast: 100.0,
        seeds: 2..4,
        motion: Motion::Pan(8.0),
        make: flashes,
    });
    for contrast in [15.0, 30.0, 60.0] {
        cases.push(Case {
            name: "vehicles, orbit",
            contrast,
            seeds: 4..6,
            motion: Motion::Orbit,
            make: vehicles,
        });
    }
    cases.push(Case {
        name: "vehicles, pan 8 m/s",
        contrast: 30.0,
        seeds: 6..8,
        motion: Motion::Pan(8.0),
        make: vehicles,
    });
    for contrast in [20.0, 40.0, 80.0] {
        cases.push(Case {
            name: "bright smoke, orbit",
            contrast,
            seeds: 8..11,
            motion: Motion::Orbit,
            make: smoke,
        });
    }
    cases.push(Case {
        name: "dark smoke, orbit",
        contrast: -50.0,
        seeds: 11..14,
        motion: Motion::Orbit,
        make: smoke,
    });
    cases.push(Case {
        name: "bright smoke, pan 4 m/s",
        contrast: 80.0,
        seeds: 14..17,
        motion: Motion::Pan(4.0),
        make: smoke,
    });
    let quiet: [(&'static str, Motion, Make); 9] = [
        ("nothing, orbit", Motion::Orbit, nothing),
        ("nothing, pan 20 m/s", Motion::Pan(20.0), nothing),
        ("nothing, zoom × 2", Motion::Zoom(2.0), nothing),
        ("cuts each 4 s", Motion::Cuts(4.0), nothing),
        ("exposure steps", Motion::Orbit, exposure),
        ("flickering light", Motion::Orbit, flicker),
        ("clouds' shadows", Motion::Orbit, shadows),
        ("birds", Motion::Orbit, birds),
        ("lamps, bright lines of one field", Motion::Orbit, lamps),
    ];
    for (name, motion, make) in quiet {
        cases.push(Case {
            name,
            contrast: 0.0,
            seeds: 20..22,
            motion,
            make,
        });
    }
    cases
}

fn nothing(_: &mut Scene, _: f32, _: &mut Random) -> Vec<Truth> {
    vec![]
}

fn exposure(scene: &mut Scene, _: f32, _: &mut Random) -> Vec<Truth> {
    scene.light = |s| {
        if s % 6.0 < 3.0 {
            (1.0, 0.0)
        } else {
            (0.75, 45.0)
        }
    };
    vec![]
}

fn flicker(scene: &mut Scene, _: f32, _: &mut Random) -> Vec<Truth> {
    scene.light = |s| {
        (
            1.0 + 0.08 * (s * 20.0).sin() as f32,
            6.0 * (s * 7.0).sin() as f32,
        )
    };
    vec![]
}

fn shadows(scene: &mut Scene, _: f32, random: &mut Random) -> Vec<Truth> {
    for from in [(-250.0, 20.0), (-350.0, -60.0)] {
        let velocity_mps = (random.within(10.0, 18.0), random.within(-3.0, 3.0));
        scene.things.push(Thing::Shadow {
            at: from,
            from_s: 0.0,
            velocity_mps,
            size_m: 50.0,
            depth: 0.3,
        });
    }
    vec![]
}

fn birds(scene: &mut Scene, _: f32, random: &mut Random) -> Vec<Truth> {
    for n in 0..8 {
        let at = (random.within(-120.0, 120.0), random.within(-70.0, 70.0));
        let velocity_mps = (random.within(-40.0, 40.0), random.within(-40.0, 40.0));
        let levels = if n % 2 == 0 { 70.0 } else { -50.0 };
        scene.things.push(Thing::Bird {
            at,
            from_s: 2.0 + 1.5 * f64::from(n),
            velocity_mps,
            size_m: 0.6,
            levels,
        });
    }
    vec![]
}

fn lamps(scene: &mut Scene, _: f32, random: &mut Random) -> Vec<Truth> {
    for n in 0..5 {
        let at = (random.within(-100.0, 100.0), random.within(-60.0, 60.0));
        let from_s = 2.0 + 2.5 * f64::from(n);
        scene.things.push(Thing::Lamp {
            at,
            from_s,
            until_s: from_s + 5.0,
            size_m: 1.0,
            levels: 90.0,
        });
    }
    scene.things.push(Thing::Lines {
        from_s: 10.0,
        until_s: 12.0,
        levels: 8.0,
    });
    vec![]
}

fn flashes(scene: &mut Scene, levels: f32, random: &mut Random) -> Vec<Truth> {
    let mut truths = vec![];
    for n in 0..8 {
        let from_s = 3.0 + 1.5 * f64::from(n) + 0.04 * (random.within(0.0, 10.0)).floor();
        let centre = scene
            .camera
            .to_ground(from_s, SIZE.0, SIZE.1)
            .at(320.0, 180.0);
        let at = (
            centre.0 + random.within(-100.0, 100.0),
            centre.1 + random.within(-60.0, 60.0),
        );
        let long = n % 4 == 3;
        let lasts_s = if long { 0.3 } else { 0.04 };
        let thing = Thing::Flash {
            at,
            from_s,
            lasts_s,
            size_m: random.within(0.8, 2.0),
            levels,
        };
        let label = if long {
            VideoLabel::Impact
        } else {
            VideoLabel::MuzzleFlash
        };
        scene.things.push(thing);
        truths.push(Truth {
            label,
            from_s: from_s - 0.1,
            until_s: from_s + 1.0,
            thing,
        });
    }
    truths
}

pub(super) fn vehicles(scene: &mut Scene, levels: f32, random: &mut Random) -> Vec<Truth> {
    let mut truths = vec![];
    for n in 0..4 {
        let from_s = 2.0 * f64::from(n);
        let centre = scene
            .camera
            .to_ground(from_s + 4.0, SIZE.0, SIZE.1)
            .at(320.0, 180.0);
        let speed = random.within(3.0, 15.0);
        let angle = random.within(0.0, std::f64::consts::TAU);
        let velocity_mps = (speed * angle.cos(), speed * angle.sin());
        let at = (
            centre.0 + random.within(-60.0, 60.0) - 4.0 * velocity_mps.0,
            centre.1 + random.within(-40.0, 40.0) - 4.0 * velocity_mps.1,
        );
        let levels = if n % 2 == 0 { levels } else { -levels };
        let thing = Thing::Vehicle {
            at,
            from_s,
            until_s: from_s + 10.0,
            velocity_mps,
            size_m: (5.0, 2.4),
            levels,
        };
        scene.things.push(thing);
        truths.push(Truth {
            label: VideoLabel::Vehicle,
            from_s,
            until_s: from_s + 10.5,
            thing,
        });
    }
    truths
}

fn smoke(scene: &mut Scene, contrast: f32, random: &mut Random) -> Vec<Truth> {
    let at = (random.within(-50.0, 50.0), random.within(-30.0, 30.0));
    let drift_mps = (random.within(1.0, 3.0), random.within(-1.0, 1.0));
    let thing = Thing::Smoke {
        at,
        from_s: 3.0,
        drift_mps,
        growth_mps: 0.6,
        opacity: 0.8,
        levels: 110.0 + contrast,
    };
    scene.things.push(thing);
    vec![Truth {
        label: VideoLabel::Smoke,
        from_s: 3.0,
        until_s: SECONDS + 1.0,
        thing,
    }]
}
