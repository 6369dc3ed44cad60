//! Moving targets of ST 0903 with a place on the ground.

use truceline_domain::VideoLabel;
use truceline_klv::st0601::Builder;

use super::mux::{EPOCH_US, decode};

fn item(tag: u8, value: &[u8]) -> Vec<u8> {
    [&[tag, value.len() as u8], value].concat()
}

/// IMAPB of ST 1201 for the ranges used here, from its equations.
fn imap(value: f64, min: f64, max: f64, bytes: u32) -> Vec<u8> {
    let b = ((max - min).log2()).ceil() as i32;
    let scale = 2_f64.powi(8 * bytes as i32 - 1 - b);
    let offset = if min < 0.0 && max > 0.0 {
        scale * min - (scale * min).floor()
    } else {
        0.0
    };
    let code = (scale * (value - min) + offset).trunc() as u64;
    code.to_be_bytes()[8 - bytes as usize..].to_vec()
}

fn packet(targets: &[Vec<u8>]) -> Vec<u8> {
    let series: Vec<u8> = targets
        .iter()
        .flat_map(|t| [&[t.len() as u8], &t[..]].concat())
        .collect();
    let vmti = [item(4, &[5]), item(101, &series)].concat();
    let mut b = Builder::new(EPOCH_US);
    for (tag, number) in [
        (13, 39.9),
        (14, 46.9),
        (15, 2400.0),
        (21, 4000.0),
        (22, 50.0),
        (23, 39.95),
        (24, 46.95),
        (25, 400.0),
    ] {
        b.number(tag, number).unwrap();
    }
    b.raw(74, &vmti);
    b.finish()
}

#[test]
fn targets_with_a_place_are_detections() {
    let mut location = [imap(39.96, -90.0, 90.0, 4), imap(46.97, -180.0, 180.0, 4)].concat();
    location.extend(imap(400.0, -900.0, 19_000.0, 2));
    for sigma_m in [30.0, 10.0, 5.0] {
        location.extend(imap(sigma_m, 0.0, 650.0, 2));
    }
    let class = item(102, &item(2, b"MilitaryVehicle"));
    let measured = [&[7][..], &item(5, &[80]), &item(17, &location), &class].concat();
    let offset = [
        &[8][..],
        &item(10, &imap(0.001, -19.2, 19.2, 3)),
        &item(11, &imap(-0.002, -19.2, 19.2, 3)),
    ]
    .concat();
    let pixel_only = [&[9][..], &item(1, &[1, 2])].concat();
    let bytes = packet(&[measured, offset, pixel_only]);
    let told = decode(&bytes);
    assert_eq!(told.kinds(), []);
    let detections = told.detections();
    assert_eq!(detections.len(), 2);

    let (o, first) = detections[0];
    assert_eq!(o.observed.unwrap().unix_us() as u64, EPOCH_US);
    assert!((first.position.lat_deg() - 39.96).abs() < 1e-6);
    assert!((first.position.lon_deg() - 46.97).abs() < 1e-6);
    // sqrt(-2 ln 0.1) standard deviations of the long axis.
    assert!(
        (first.ce90_m.get() - 30.0 * 2.146).abs() < 0.1,
        "{:?}",
        first.ce90_m
    );
    assert_eq!((first.score.get(), first.label), (0.8, VideoLabel::Vehicle));
    assert_eq!(first.target_id, Some(7));
    let sent = first.cov_m2.unwrap();
    assert!((sent.ee() - 900.0).abs() < 5.0 && (sent.nn() - 100.0).abs() < 2.0 && sent.en() == 0.0);

    let second = detections[1].1;
    assert!((second.position.lat_deg() - 39.951).abs() < 1e-5);
    assert!((second.position.lon_deg() - 46.948).abs() < 1e-5);
    assert_eq!(
        (second.score.get(), second.label),
        (0.5, VideoLabel::Unknown)
    );
    // Two degrees over 4 km, seen 30 degrees down: twice that along the ground.
    let expected = 4000.0 * 2_f64.to_radians().tan() / 0.5;
    assert!(
        (second.ce90_m.get() - expected).abs() < 2.0,
        "{:?}",
        second.ce90_m
    );

    // The ellipse lies along the line of sight, north-east, and is twice as long as it is wide.
    let reckoned = second.cov_m2.unwrap();
    let (long_m, wide_m, bearing_deg) =
        reckoned.ellipse(truceline_domain::Probability::new(0.9).unwrap());
    assert!((long_m / wide_m - 2.0).abs() < 0.02 && (long_m - expected).abs() < 2.0);
    assert!((bearing_deg - 36.0).abs() < 3.0, "{bearing_deg}");

    assert_eq!(told.count("vmti targets"), 3);
    assert_eq!(told.count("vmti targets without a place"), 1);
    let ids: std::collections::BTreeSet<_> = told.observations().map(|o| o.id.as_str()).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn a_packet_with_a_wrong_sum_has_no_detections() {
    let location = [
        imap(39.96, -90.0, 90.0, 4),
        imap(46.97, -180.0, 180.0, 4),
        imap(0.0, -900.0, 19_000.0, 2),
    ]
    .concat();
    let mut bytes = packet(&[[&[7][..], &item(17, &location)].concat()]);
    assert_eq!(decode(&bytes).detections().len(), 1);
    let n = bytes.len();
    bytes[n - 1] ^= 1;
    assert_eq!(decode(&bytes).detections().len(), 0);
}

#[test]
fn a_target_known_by_its_pixel_lies_within_the_frame() {
    // The centre of a picture of 640 by 480: row 240, column 320.
    let number: u32 = 239 * 640 + 320;
    let pixel = [&[9][..], &item(1, &number.to_be_bytes()[1..])].concat();
    let series = [&[pixel.len() as u8], &pixel[..]].concat();
    let size = [
        item(8, &640_u16.to_be_bytes()),
        item(9, &480_u16.to_be_bytes()),
    ]
    .concat();
    let vmti = [item(4, &[5]), size, item(101, &series)].concat();
    let mut b = Builder::new(EPOCH_US);
    for (tag, number) in [
        (13, 39.9),
        (14, 46.9),
        (15, 2400.0),
        (23, 39.95),
        (24, 46.95),
        (25, 400.0),
    ] {
        b.number(tag, number).unwrap();
    }
    // Twice as wide at its far edge: diagonals cross at a third of its depth from the near one.
    for (tag, number) in [
        (82, 39.96),
        (83, 46.93),
        (84, 39.96),
        (85, 46.97),
        (86, 39.945),
        (87, 46.96),
        (88, 39.945),
        (89, 46.94),
    ] {
        b.number(tag, number).unwrap();
    }
    b.raw(74, &vmti);
    let told = decode(&b.finish());
    let (_, target) = told.detections()[0];
    assert!(
        (target.position.lat_deg() - 39.950).abs() < 1e-4,
        "{:?}",
        target.position
    );
    assert!(
        (target.position.lon_deg() - 46.950).abs() < 1e-4,
        "{:?}",
        target.position
    );
}
