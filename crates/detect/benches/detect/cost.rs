//! What a look costs.

use std::time::Duration;

use truceline_detect::{Options, Telemetry};
use truceline_domain::SourceId;
use truceline_intake::fmv::{AccessUnit, Codec};
use truceline_media::synthetic::PictureEncoder;

use super::cases::vehicles;
use super::scene::{Motion, Random, Scene};

/// An access unit as the feed's reader would tell it.
pub(super) fn unit(annex_b: &[u8], pts_90k: u64) -> AccessUnit {
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

/// Processor time of one thread on pictures of 1280 × 720 at 4 Mb/s.
pub(super) fn all() {
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
