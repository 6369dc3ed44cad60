//! From coded pictures to detections, and what hostile ones do.

use crate::scene::{Motion, Scene, Thing};
use proptest::prelude::*;
use truceline_detect::{Detection, Detector, Options, Told, Watcher};
use truceline_domain::{SourceId, VideoLabel};
use truceline_intake::fmv::{AccessUnit, Codec};
use truceline_media::decode::Picture;
use truceline_media::synthetic::PictureEncoder;

fn source() -> SourceId {
    SourceId::new("UAV1").unwrap()
}

/// An access unit of one slice and its parameter sets, as the encoder writes them.
fn unit(annex_b: &[u8], pts_90k: u64) -> AccessUnit {
    let starts: Vec<usize> = (0..annex_b.len().saturating_sub(3))
        .filter(|&i| annex_b[i..i + 4] == [0, 0, 0, 1])
        .collect();
    let ends = starts.iter().skip(1).copied().chain([annex_b.len()]);
    let mut units = vec![];
    for (&from, to) in starts.iter().zip(ends) {
        units.extend((to as u32 - from as u32 - 4).to_be_bytes());
        units.extend(&annex_b[from + 4..to]);
    }
    AccessUnit {
        pid: 256,
        program: 1,
        codec: Codec::H264,
        pts_90k: Some(pts_90k),
        dts_90k: Some(pts_90k),
        cut_offset: None,
        random_access: true,
        damaged: false,
        units,
    }
}

/// Three seconds with a flash at two, small.
fn scene() -> Scene {
    let mut scene = Scene::new(3, (320, 192), Motion::Orbit);
    scene.camera.width_m = 160.0;
    scene.things.push(Thing::Flash {
        at: (20.0, 10.0),
        from_s: 2.0,
        lasts_s: 0.04,
        size_m: 1.2,
        levels: 110.0,
    });
    scene
}

fn watched(units: &[AccessUnit], scene: &Scene) -> Vec<Told> {
    let mut watcher = Watcher::new(source(), Options::default());
    watcher.metadata(&scene.camera.metadata(0, scene.width, scene.height));
    let mut all = vec![];
    for unit in units {
        watcher.unit(unit, &mut |told| all.push(told));
    }
    watcher.finish(&mut |told| all.push(told));
    all
}

#[test]
fn a_coded_flash_is_found_and_named_the_same_twice() {
    let scene = scene();
    let mut encoder = PictureEncoder::new(25.0, 800_000, 25).unwrap();
    let units: Vec<_> = (0..75)
        .map(|n| {
            let picture = scene.picture(n);
            unit(&encoder.encode(&picture).unwrap(), picture.pts_90k)
        })
        .collect();
    let told = watched(&units, &scene);
    let [Told::Detection(flash)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(flash.label, VideoLabel::MuzzleFlash);
    assert_eq!(flash.pts_90k, 90_000 + 2 * 90_000);
    // Metadata two seconds old does not place it.
    assert_eq!(flash.observation, None);
    assert_eq!(watched(&units, &scene), told);
}

#[test]
fn what_cannot_be_decoded_is_told_once() {
    let mut watcher = Watcher::new(source(), Options::default());
    let mut told = vec![];
    let mut broken = unit(&[0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 9, 9, 9], 5);
    for _ in 0..3 {
        watcher.unit(&broken, &mut |t| told.push(t));
    }
    broken.codec = Codec::Hevc;
    for _ in 0..3 {
        watcher.unit(&broken, &mut |t| told.push(t));
    }
    watcher.skip(7, &mut |t| told.push(t));
    assert!(
        matches!(
            told.as_slice(),
            [Told::Fault(_), Told::Fault(_), Told::Skipped(7)]
        ),
        "{told:?}"
    );
}

/// The part of a picture that begins at a point.
fn part(picture: &Picture, left: usize, top: usize, width: usize, height: usize) -> Picture {
    let rows = picture
        .luma
        .chunks_exact(picture.width)
        .skip(top)
        .take(height);
    Picture {
        width,
        height,
        luma: rows
            .flat_map(|row| &row[left..left + width])
            .copied()
            .collect(),
        chroma_u: vec![128; width * height / 4],
        chroma_v: vec![128; width * height / 4],
        ..picture.clone()
    }
}

#[test]
fn a_picture_moved_gives_the_same_moved() {
    let scene = scene();
    let found = |left: usize, top: usize| -> Vec<Detection> {
        let mut detector = Detector::new(source(), Options::default());
        let pictures = (0..65).map(|n| part(&scene.picture(n), left, top, 288, 168));
        pictures
            .flat_map(|p| detector.push_picture(&p, None))
            .collect()
    };
    let here = found(0, 0);
    assert_eq!(here.len(), 1);
    for (left, top) in [(8, 4), (17, 11), (30, 22)] {
        let there = found(left, top);
        assert_eq!(there.len(), 1, "{left} {top}");
        assert_eq!(
            (there[0].label, there[0].pts_90k),
            (here[0].label, here[0].pts_90k)
        );
        let (a, b) = (here[0].area, there[0].area);
        assert!(
            a.left.abs_diff(b.left + left) <= 1 && a.top.abs_diff(b.top + top) <= 1,
            "{a:?} {b:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Pictures of any size and content, with planes that lie about it, and any clock.
    #[test]
    fn pictures_of_any_kind_are_survived(
        sizes in prop::collection::vec((0usize..200, 0usize..120, any::<u8>(), 0u64..400_000, 0usize..3), 1..12),
    ) {
        let mut detector = Detector::new(source(), Options::default());
        let mut clock = 0;
        for (width, height, value, step, lie) in sizes {
            clock += step;
            let luma = (0..width * height).map(|n| value.wrapping_add((n * n % 251) as u8)).collect::<Vec<_>>();
            let picture = Picture {
                width,
                height,
                luma: luma[..luma.len().saturating_sub(lie)].to_vec(),
                chroma_u: vec![128; width * height / 8],
                chroma_v: vec![],
                colour: truceline_media::decode::Colour { full_range: false, matrix: truceline_media::decode::Matrix::Bt709 },
                pts_90k: clock % 600_000,
            };
            for detection in detector.push_picture(&picture, None) {
                prop_assert!(detection.area.left + detection.area.width <= width + 1);
            }
        }
    }
}

#[test]
fn a_picture_without_pixels_has_nothing() {
    let mut detector = Detector::new(source(), Options::default());
    for (width, height) in [(0, 0), (0, 90), (160, 0)] {
        let picture = Picture {
            width,
            height,
            luma: vec![],
            chroma_u: vec![],
            chroma_v: vec![],
            colour: truceline_media::decode::Colour {
                full_range: false,
                matrix: truceline_media::decode::Matrix::Bt709,
            },
            pts_90k: 0,
        };
        assert!(detector.push_picture(&picture, None).is_empty());
    }
}
