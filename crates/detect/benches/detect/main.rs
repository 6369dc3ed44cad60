//! Recall and false alarms by class on synthetic scenes, false alarms on recordings, and what a look costs.
//!
//! Prints Markdown tables. `--only WORD` runs the scenes with that word in their name, `--quick` one of each kind. `--features` prints instead
//! the label of each detection, whether it was true, and its score, as CSV.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here is to stop the measurement"
)]

mod cases;
mod cost;
mod recordings;
#[path = "../../tests/scene/mod.rs"]
mod scene;

use cases::Case;
use cost::unit;
use scene::{Random, Scene, Thing, Truth};
use truceline_detect::{Detection, Options, Told, Watcher};
use truceline_domain::{Body, SourceId, VideoLabel};
use truceline_media::synthetic::PictureEncoder;

/// Pictures of the scenes, pixels; what the detector itself works at.
const SIZE: (usize, usize) = (640, 360);
/// Bits a second at which they are encoded: 640 × 360 as a drone's 4 Mb/s of 1280 × 720.
const BITS: u32 = 1_000_000;
const SECONDS: f64 = 16.0;

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
    let mut cases = cases::all();
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
    recordings::all();
    println!();
    cost::all();
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
