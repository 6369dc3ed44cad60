use super::*;

/// Noise of several sizes, without period, as ground has.
fn ground(x: f64, y: f64) -> f32 {
    let octaves = [(48.0, 40.0), (19.0, 25.0), (7.3, 18.0), (3.7, 10.0)];
    let sum: f64 = octaves
        .iter()
        .map(|&(size, height)| height * noise(x / size, y / size))
        .sum();
    (110.0 + sum) as f32
}

/// Random numbers at whole coordinates, −1 to 1, smoothly joined.
fn noise(x: f64, y: f64) -> f64 {
    let at = |i: f64, j: f64| {
        let mut h = (i as i64 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (j as i64 as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        h = (h ^ h >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((h ^ h >> 29) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let smooth = |t: f64| t * t * (3.0 - 2.0 * t);
    let (i, j) = (x.floor(), y.floor());
    let (u, v) = (smooth(x - i), smooth(y - j));
    let row = |j: f64| at(i, j) * (1.0 - u) + at(i + 1.0, j) * u;
    row(j) * (1.0 - v) + row(j + 1.0) * v
}

/// The ground through a map from picture to ground, with gain and offset.
fn view(map: &Homography, gain: f32, offset: f32) -> Plane {
    let (width, height) = (320, 180);
    let data = (0..width * height).map(|n| {
        let (x, y) = map.map((n % width) as f64, (n / width) as f64).unwrap();
        gain * ground(x, y) + offset
    });
    Plane {
        width,
        height,
        data: data.collect(),
    }
}

fn found(true_map: &Homography, gain: f32, offset: f32, guess: Homography) -> Alignment {
    let background = Pyramid::of(view(&Homography::IDENTITY, 1.0, 0.0));
    let seen = Pyramid::of(Plane::filled(320, 180, 1.0));
    // The picture shows at `true_map(x)` what the background shows at x.
    let picture = Pyramid::of(view(&true_map.inverse().unwrap(), gain, offset));
    Template::new(&background, &seen)
        .align(&picture, guess, &mut Correlator::new())
        .unwrap()
}

fn assert_near(found: &Homography, truth: &Homography) {
    for (x, y) in [
        (40.0, 40.0),
        (280.0, 40.0),
        (160.0, 90.0),
        (40.0, 140.0),
        (280.0, 140.0),
    ] {
        let ((a, b), (c, d)) = (found.map(x, y).unwrap(), truth.map(x, y).unwrap());
        assert!(
            (a - c).hypot(b - d) < 0.1,
            "{:?} at {x},{y}",
            (a - c, b - d)
        );
    }
}

#[test]
fn shifts_turns_zooms_and_exposure_are_found() {
    for truth in [
        Homography::IDENTITY,
        Homography::shift(3.3, -2.6),
        Homography::shift(-47.0, 31.5),
        Homography([1.01, -0.02, 5.0, 0.021, 0.99, -3.0, 0.0, 0.0, 1.0]),
        Homography([1.0, 0.01, 2.0, -0.012, 1.0, 3.0, 2e-5, -1e-5, 1.0]),
    ] {
        for (gain, offset) in [(1.0, 0.0), (0.8, 25.0)] {
            let got = found(&truth, gain, offset, Homography::IDENTITY);
            assert_near(&got.map, &truth);
            assert!((got.gain - gain).abs() < 0.02 && (got.offset - offset).abs() < 2.0);
            assert!(got.likeness > 0.98);
        }
    }
}

#[test]
fn a_good_guess_bridges_what_correlation_cannot() {
    let turned = Homography([0.9, -0.43, 60.0, 0.43, 0.9, -50.0, 0.0, 0.0, 1.0]);
    let guess = Homography::shift(2.0, -1.0).then(&turned);
    assert_near(&found(&turned, 1.0, 0.0, guess).map, &turned);
}

#[test]
fn nothing_to_compare_is_told() {
    let flat = Pyramid::of(Plane::filled(320, 180, 90.0));
    let seen = Pyramid::of(Plane::filled(320, 180, 1.0));
    let template = Template::new(&flat, &seen);
    assert_eq!(
        template.align(&flat, Homography::IDENTITY, &mut Correlator::new()),
        None
    );
}
