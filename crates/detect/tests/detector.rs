//! The detector on synthetic scenes, small and quick.

use crate::scene::{Motion, Scene, Thing};
use truceline_detect::{Detection, Detector, Options, Telemetry};
use truceline_domain::{Body, SourceId, VideoLabel};

/// The detections in so many seconds of a scene, by its pictures as drawn.
fn detections(scene: &Scene, seconds: f64) -> Vec<Detection> {
    let mut detector = Detector::new(SourceId::new("UAV1").unwrap(), Options::default());
    let mut found = vec![];
    for n in 0..(seconds * scene.rate_hz) as usize {
        let packet = (n as f64 / scene.rate_hz * 10.0) as usize;
        let telemetry = Telemetry::of(&scene.camera.metadata(packet, scene.width, scene.height));
        found.extend(detector.push_picture(&scene.picture(n), telemetry.as_ref()));
    }
    eprintln!("{:?}", detector.looks());
    for d in &found {
        eprintln!(
            "{:?} {:.2} s {} {:?}",
            d.label,
            d.pts_90k as f64 / 90_000.0 - 1.0,
            d.score.get(),
            d.area
        );
    }
    found
}

fn labels(found: &[Detection]) -> Vec<VideoLabel> {
    found.iter().map(|d| d.label).collect()
}

fn scene(motion: Motion) -> Scene {
    Scene::new(5, (480, 270), motion)
}

#[test]
fn quiet_ground_is_quiet() {
    for motion in [
        Motion::Orbit,
        Motion::Pan(8.0),
        Motion::Zoom(1.5),
        Motion::Cuts(3.0),
    ] {
        assert_eq!(labels(&detections(&scene(motion), 5.0)), [], "{motion:?}");
    }
}

#[test]
fn a_flash_is_found_where_it_was() {
    let mut scene = scene(Motion::Orbit);
    scene.things.push(Thing::Flash {
        at: (40.0, 30.0),
        from_s: 4.0,
        lasts_s: 0.04,
        size_m: 1.5,
        levels: 110.0,
    });
    let found = detections(&scene, 6.0);
    assert_eq!(labels(&found), [VideoLabel::MuzzleFlash]);
    let flash = &found[0];
    assert_eq!(flash.pts_90k, 90_000 + 4 * 90_000);
    let (x, y) = scene.camera.to_ground(4.0, 480, 270).back(40.0, 30.0);
    let (left, top) = (flash.area.left as f64, flash.area.top as f64);
    assert!(
        left <= x && x <= left + flash.area.width as f64,
        "{x} {:?}",
        flash.area
    );
    assert!(
        top <= y && y <= top + flash.area.height as f64,
        "{y} {:?}",
        flash.area
    );
    assert!(flash.still.png.starts_with(b"\x89PNG"));
    let observation = flash.observation.as_ref().unwrap();
    assert_eq!(
        observation.observed.unwrap().to_string(),
        "2020-11-11T06:00:04.000000Z"
    );
    let Body::Video(video) = &observation.body else {
        panic!("no video")
    };
    assert!(video.ce90_m.get() > 30.0);
}

#[test]
fn a_vehicle_is_found() {
    let mut scene = scene(Motion::Orbit);
    scene.things.push(Thing::Vehicle {
        at: (-30.0, 10.0),
        from_s: 0.0,
        until_s: 20.0,
        velocity_mps: (8.0, 2.0),
        size_m: (5.0, 2.5),
        levels: 45.0,
    });
    assert_eq!(labels(&detections(&scene, 6.0)), [VideoLabel::Vehicle]);
}

#[test]
fn smoke_is_found() {
    let mut scene = scene(Motion::Orbit);
    scene.things.push(Thing::Smoke {
        at: (20.0, -20.0),
        from_s: 3.0,
        drift_mps: (2.0, 1.0),
        growth_mps: 0.6,
        opacity: 0.8,
        levels: 190.0,
    });
    assert_eq!(labels(&detections(&scene, 14.0)), [VideoLabel::Smoke]);
}
