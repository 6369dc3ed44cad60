//! Moving targets of ST 0903 with a place on the ground.

use truceline_domain::VideoLabel;
use truceline_klv::st0601::Builder;

use crate::mux::{EPOCH_US, decode};

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
