//! Recall and false alarms by class on synthetic scenes, false alarms on recordings, and what a look costs.
//!
//! Prints Markdown tables. `--only WORD` runs the scenes with that word in their name, `--quick` one of each kind. `--features` prints instead
//! the label of each detection, whether it was true, and its score, as CSV.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here is to stop the measurement"
)]

#[path = "../tests/scene/mod.rs"]
mod scene;

use std::time::Duration;

use scene::{Motion, Random, Scene, Thing, Truth};
use truceline_detect::{Detection, Options, Telemetry, Told, Watcher};
use truceline_domain::{Body, FeedId, SourceId, VideoLabel};
use truceline_intake::fmv::{AccessUnit, Codec, Seen, Watch};
use truceline_intake::{Context, Item};
use truceline_media::synthetic::PictureEncoder;

/// Pictures of the scenes, pixels; what the detector itself works at.
const SIZE: (usize, usize) = (640, 360);
/// Bits a second at which they are encoded: 640 × 360 as a drone's 4 Mb/s of 1280 × 720.
const BITS: u32 = 1_000_000;
const SECONDS: f64 = 16.0;

/// Puts into a scene what is to be seen, at a contrast, and tells it.
type Make = fn(&mut Scene, f32, &mut Random) -> Vec<Truth>;

/// One kind of scene: its name, what is in it, and how it is seen.
struct Case {
    name: &'static str,
    contrast: f32,
    seeds: std::ops::Range<u64>,
    motion: Motion,
    make: Make,
}

/// What became of a case.
#[derive(Default)]
struct Score {
    truths: usize,
    found: usize,
    seconds: f64,
    false_alarms: [usize; 3],
    far_off: usize,
}

fn main() {
    let csv = std::env::args().any(|a| a == "--features");
    let quick = std::env::args().any(|a| a == "--quick");
    let mut cases = cases();
    let mut args = std::env::args().skip_while(|a| a != "--only").skip(1);
    if let Some(only) = args.next() {
        cases.retain(|case| case.name.contains(&only));
    }
    let scores = in_two_threads(&cases, quick, csv);
    if csv {
        return;
    }
    println!(
        "| scene | contrast | there | found | recall | false: flash | smoke | vehicle | an hour |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (case, score) in cases.iter().zip(&scores) {
        let recall = (100 * score.found).checked_div(score.truths);
        let recall = recall.map_or_else(|| "–".to_owned(), |share| format!("{share} %"));
        let [flash, smoke, vehicle] = score.false_alarms;
        let hourly = (flash + smoke + vehicle) as f64 * 3600.0 / score.seconds;
        println!(
            "| {} | {} | {} | {} | {recall} | {flash} | {smoke} | {vehicle} | {hourly:.0} |",
            case.name, case.contrast, score.truths, score.found
        );
    }
    let seconds: f64 = scores.iter().map(|s| s.seconds).sum();
    let sum = |n: usize| {
        scores.iter().map(|s| s.false_alarms[n]).sum::<usize>() as f64 * 3600.0 / seconds
    };
    println!();
    println!(
        "All scenes, {:.0} s: false alarms an hour: flash {:.1}, smoke {:.1}, vehicle {:.1}.",
        seconds,
        sum(0),
        sum(1),
        sum(2)
    );
    println!();
    recordings();
    println!();
    cost();
}

fn in_two_threads(cases: &[Case], quick: bool, csv: bool) -> Vec<Score> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let done = std::sync::Mutex::new(vec![]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(case) = cases.get(n) else { break };
                    let score = run(case, quick, csv);
                    eprintln!(
                        "{} {}: {} of {}, false {:?}",
                        case.name, case.contrast, score.found, score.truths, score.false_alarms
                    );
                    done.lock().unwrap().push((n, score));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, score)| score).collect()
}

fn cases() -> Vec<Case> {
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

fn vehicles(scene: &mut Scene, levels: f32, random: &mut Random) -> Vec<Truth> {
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

fn run(case: &Case, quick: bool, csv: bool) -> Score {
    let mut score = Score::default();
    let seeds = if quick {
        case.seeds.start..case.seeds.start + 1
    } else {
        case.seeds.clone()
    };
    for seed in seeds {
        let mut scene = Scene::new(seed, SIZE, case.motion);
        let truths = (case.make)(&mut scene, case.contrast, &mut Random(seed ^ 0x5EED));
        let found = watched(&scene);
        score.seconds += SECONDS;
        score.truths += truths.len();
        let mut hit = vec![false; truths.len()];
        for detection in &found {
            let matched: Vec<usize> = (0..truths.len())
                .filter(|&n| is_of(detection, &truths[n], &scene))
                .collect();
            for n in &matched {
                hit[*n] = true;
            }
            if csv {
                println!(
                    "{:?},{},{}",
                    detection.label,
                    u8::from(!matched.is_empty()),
                    detection.score.get()
                );
            }
            if matched.is_empty() {
                score.false_alarms[class(detection.label)] += 1;
                eprintln!(
                    "  false in {} {}: {:?} at {:.1} s {:?}",
                    case.name,
                    seed,
                    detection.label,
                    at_s(detection),
                    detection.area
                );
            } else if off_m(detection, &scene) > 1.0 {
                score.far_off += 1;
            }
        }
        score.found += hit.iter().filter(|h| **h).count();
    }
    score
}

fn class(label: VideoLabel) -> usize {
    match label {
        VideoLabel::Smoke => 1,
        VideoLabel::Vehicle => 2,
        _ => 0,
    }
}

fn at_s(detection: &Detection) -> f64 {
    detection.pts_90k as f64 / 90_000.0 - 1.0
}

/// Whether a detection shows what is there: of its class, in its time, its box near the thing in the picture.
fn is_of(detection: &Detection, truth: &Truth, scene: &Scene) -> bool {
    let s = at_s(detection);
    if class(detection.label) != class(truth.label) || !(truth.from_s..=truth.until_s).contains(&s)
    {
        return false;
    }
    let at = match truth.thing {
        Thing::Vehicle {
            at,
            from_s,
            velocity_mps,
            ..
        } => (
            at.0 + velocity_mps.0 * (s - from_s),
            at.1 + velocity_mps.1 * (s - from_s),
        ),
        Thing::Flash { at, .. } | Thing::Smoke { at, .. } => at,
        _ => return false,
    };
    let (x, y) = scene.camera.to_ground(s, SIZE.0, SIZE.1).back(at.0, at.1);
    let room = 12.0 + if class(truth.label) == 1 { 24.0 } else { 0.0 };
    let area = detection.area;
    let within = |v: f64, from: usize, size: usize| {
        v >= from as f64 - room && v <= (from + size) as f64 + room
    };
    within(x, area.left, area.width) && within(y, area.top, area.height)
}

/// Distance to where the picture's own true footprint has the middle of the box, over what was said (CE90).
fn off_m(detection: &Detection, scene: &Scene) -> f64 {
    let Some(Body::Video(video)) = detection.observation.as_ref().map(|o| &o.body) else {
        return 0.0;
    };
    let area = detection.area;
    let (x, y) = (
        area.left as f64 + area.width as f64 / 2.0,
        area.top as f64 + area.height as f64 / 2.0,
    );
    let (east, north) = scene
        .camera
        .to_ground(at_s(detection), SIZE.0, SIZE.1)
        .at(x, y);
    let (lat, lon) = scene::position(east, north);
    let per_deg = 6_371_008.8_f64.to_radians();
    let off = ((video.position.lat_deg() - lat) * per_deg)
        .hypot((video.position.lon_deg() - lon) * per_deg * lat.to_radians().cos());
    off / video.ce90_m.get()
}

/// The scene encoded, decoded and watched.
fn watched(scene: &Scene) -> Vec<Detection> {
    let mut encoder = PictureEncoder::new(scene.rate_hz as f32, BITS, 50).unwrap();
    let mut watcher = Watcher::new(SourceId::new("UAV1").unwrap(), Options::default());
    let mut found = vec![];
    let mut tell = |told: Told| match told {
        Told::Detection(detection) => found.push(*detection),
        other => eprintln!("  {other:?}"),
    };
    let mut packets = 0;
    for n in 0..(SECONDS * scene.rate_hz) as usize {
        while packets as f64 / 10.0 <= n as f64 / scene.rate_hz {
            watcher.metadata(&scene.camera.metadata(packets, scene.width, scene.height));
            packets += 1;
        }
        let picture = scene.picture(n);
        let unit = unit(&encoder.encode(&picture).unwrap(), picture.pts_90k);
        watcher.unit(&unit, &mut tell);
    }
    watcher.finish(&mut tell);
    found
}

/// An access unit as the feed's reader would tell it.
fn unit(annex_b: &[u8], pts_90k: u64) -> AccessUnit {
    let mut units = vec![];
    for nal in openh264_units(annex_b) {
        units.extend((nal.len() as u32).to_be_bytes());
        units.extend(nal);
    }
    AccessUnit {
        pid: 256,
        program: 1,
        codec: Codec::H264,
        pts_90k: Some(pts_90k),
        dts_90k: Some(pts_90k),
        cut_offset: None,
        random_access: false,
        damaged: false,
        units,
    }
}

/// The units between start codes, as the encoder writes them.
fn openh264_units(annex_b: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = (0..annex_b.len().saturating_sub(3))
        .filter(|&i| annex_b[i..i + 4] == [0, 0, 0, 1])
        .collect();
    let ends = starts.iter().skip(1).copied().chain([annex_b.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&from, to)| &annex_b[from + 4..to])
        .collect()
}

/// False alarms on recordings that are at hand. What they show is not known picture by picture: the sample flies over a
/// simulated town with traffic, the synthetic ones show a test pattern that moves.
fn recordings() {
    println!("| recording | seconds | flash | smoke | vehicle | score of each |");
    println!("|---|--:|--:|--:|--:|---|");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../intake/tests/data/fmv/");
    for name in ["sample-stream.ts", "sync_h264.ts", "async_h264.ts"] {
        let bytes = std::fs::read(format!("{folder}{name}")).unwrap();
        let context = Context {
            feed: FeedId::new("f").unwrap(),
            source: SourceId::new("f").unwrap(),
        };
        let mut watcher = Watcher::new(context.source.clone(), Options::default());
        let mut found: Vec<Detection> = vec![];
        let mut span = (u64::MAX, 0);
        let mut watch = Watch::new(context);
        let mut tell = |told: Told| {
            if let Told::Detection(detection) = told {
                found.push(*detection);
            }
        };
        let mut on = |seen: Seen| match seen {
            Seen::Item(Item::Observation(observation)) => watcher.metadata(&observation),
            Seen::AccessUnit(unit) => {
                if let Some(pts) = unit.pts_90k {
                    span = (span.0.min(pts), span.1.max(pts));
                }
                watcher.unit(&unit, &mut tell);
            }
            Seen::Item(_) => {}
        };
        watch.push(&bytes, &mut on);
        watch.finish(&mut on);
        watcher.finish(&mut tell);
        let count = |n: usize| found.iter().filter(|d| class(d.label) == n).count();
        let scores: Vec<String> = found
            .iter()
            .map(|d| {
                format!(
                    "{:.2} at {:.1} s",
                    d.score.get(),
                    (d.pts_90k - span.0) as f64 / 90_000.0
                )
            })
            .collect();
        let seconds = (span.1 - span.0) as f64 / 90_000.0;
        println!(
            "| {name} | {seconds:.1} | {} | {} | {} | {} |",
            count(0),
            count(1),
            count(2),
            scores.join(", ")
        );
    }
}

/// Processor time of one thread on pictures of 1280 × 720 at 4 Mb/s.
fn cost() {
    let mut scene = Scene::new(1, (1280, 720), Motion::Orbit);
    vehicles(&mut scene, 40.0, &mut Random(3));
    let mut encoder = PictureEncoder::new(25.0, 4_000_000, 50).unwrap();
    let pictures: Vec<_> = (0..100).map(|n| scene.picture(n)).collect();
    let units: Vec<_> = pictures
        .iter()
        .map(|p| unit(&encoder.encode(p).unwrap(), p.pts_90k))
        .collect();
    let mut decoder = truceline_media::decode::PictureDecoder::new(Codec::H264).unwrap();
    let decode = timed(|| {
        units
            .iter()
            .for_each(|u| decoder.push_unit(u, &mut |_| {}).unwrap())
    }) / 100;
    let mut detector =
        truceline_detect::Detector::new(SourceId::new("s").unwrap(), Options::default());
    let telemetry = Telemetry::of(&scene.camera.metadata(0, 1280, 720));
    let all = timed(|| {
        pictures
            .iter()
            .for_each(|p| drop(detector.push_picture(p, telemetry.as_ref())))
    });
    let looks = detector.looks();
    let glances = looks.pictures - looks.analysed;
    let mut idle = truceline_detect::Detector::new(
        SourceId::new("s").unwrap(),
        Options {
            rate_hz: 0.1,
            ..Options::default()
        },
    );
    let glance = timed(|| {
        pictures
            .iter()
            .for_each(|p| drop(idle.push_picture(p, None)))
    }) / 100;
    let look = (all.saturating_sub(glance * glances as u32)) / looks.analysed as u32;
    let second = decode * 25 + glance * 20 + look * 5;
    println!("| 1280 × 720, one thread | processor time |");
    println!("|---|--:|");
    println!("| decode a picture | {} |", ms(decode));
    println!("| glance at one (flashes) | {} |", ms(glance));
    println!("| analyse one | {} |", ms(look));
    println!(
        "| a second of a feed: 25 decoded, 5 analysed | {} |",
        ms(second)
    );
    println!("| 20 feeds | {:.2} cores |", second.as_secs_f64() * 20.0);
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Time that this thread had a processor (Linux: the first field of schedstat, nanoseconds), whatever else runs.
fn timed(work: impl FnOnce()) -> Duration {
    let spent = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        text.split(' ')
            .next()
            .and_then(|n| n.parse().ok())
            .map(Duration::from_nanos)
    };
    let (before, wall) = (spent(), std::time::Instant::now());
    work();
    match (before, spent()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall.elapsed(),
    }
}
