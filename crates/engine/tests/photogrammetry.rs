//! Own corners held against those that senders reckoned themselves: their corners are taken out of the
//! packets, and what the picture makes of attitude, gimbal and field of view is compared.

use truceline_domain::{Body, Observation, Position};
use truceline_engine::{Footprint, Ground, Picture, picture};

const SYNTH: &str = include_str!("data/fmv/synth.ndjson");
const VRSG: &str = include_str!("data/fmv/vrsg.ndjson");
const TELEMETRY: &str = include_str!("data/fmv/telemetry.ndjson");
const CHEYENNE: &str = include_str!("data/fmv/cheyenne.ndjson");

fn packets(text: &str) -> Vec<Observation> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn without_corners(mut packets: Vec<Observation>) -> Vec<Observation> {
    for o in &mut packets {
        if let Body::FmvMetadata(m) = &mut o.body {
            let corner = |name: &String| name.contains("corner");
            let names: Vec<_> = m.st0601.keys().filter(|n| corner(n)).cloned().collect();
            names.iter().for_each(|name| {
                m.st0601.remove(name);
            });
        }
    }
    packets
}

fn apart_m(a: Position, b: Position) -> f64 {
    let mean = f64::midpoint(a.lat_deg(), b.lat_deg()).to_radians();
    let north = (a.lat_deg() - b.lat_deg()) * 111_100.0;
    let east = (a.lon_deg() - b.lon_deg()) * 111_320.0 * mean.cos();
    north.hypot(east)
}

/// Sent and own footprints of each packet, by time.
fn pairs(text: &str) -> (Picture, Picture) {
    let sent = picture(&packets(text), None);
    let own = picture(&without_corners(packets(text)), None);
    assert!(sent.footprints.iter().all(|f| f.ground == Ground::Sent));
    assert!(own.footprints.iter().all(|f| f.ground == Ground::Flat));
    (sent, own)
}

/// Root of the mean square, greatest, and share within the CE90 told, over all corners.
fn errors(sent: &[Footprint], own: &[Footprint]) -> [f64; 3] {
    let mut all = vec![];
    let mut within = 0.0;
    for s in sent {
        let Some(o) = own.iter().find(|o| o.time == s.time) else {
            continue;
        };
        for ((a, b), ce90_m) in s.corners.iter().zip(&o.corners).zip(o.ce90_m) {
            let apart_m = apart_m(*a, *b);
            all.push(apart_m);
            within += f64::from(u8::from(ce90_m.is_some_and(|c| apart_m <= c)));
        }
    }
    let count = all.len() as f64;
    let rms = (all.iter().map(|m| m * m).sum::<f64>() / count).sqrt();
    [rms, all.iter().copied().fold(0.0, f64::max), within / count]
}

#[test]
fn the_synthetic_orbit_comes_out_as_it_went_in() {
    let (sent, own) = pairs(SYNTH);
    assert_eq!(sent.footprints.len(), own.footprints.len());
    let [rms, most, within] = errors(&sent.footprints, &own.footprints);
    println!("synth: rms {rms:.2} m, most {most:.2} m, {within:.3} within CE90");
    assert!(rms < 1.0 && within == 1.0, "{rms} {most}");
}

#[test]
fn a_simulators_corners_are_met() {
    let (sent, own) = pairs(VRSG);
    let [rms, most, within] = errors(&sent.footprints, &own.footprints);
    println!("vrsg: rms {rms:.2} m, most {most:.2} m, {within:.3} within CE90");
    assert!(within > 0.9, "{rms} {most} {within}");
}

#[test]
fn a_real_sensors_corners_are_met() {
    let (sent, own) = pairs(CHEYENNE);
    let [rms, most, within] = errors(&sent.footprints, &own.footprints);
    println!(
        "cheyenne: rms {rms:.2} m, most {most:.2} m, {within:.3} within CE90, {} of {}",
        own.footprints.len(),
        sent.footprints.len()
    );
    assert!(within > 0.9, "{rms} {most} {within}");
}

#[test]
fn a_vehicles_camera_looks_where_it_says() {
    // CAMERA_FOV_STATUS tells where the picture's centre meets the ground by the vehicle's reckoning.
    let all = packets(TELEMETRY);
    let told: Vec<_> = all
        .iter()
        .filter_map(|o| match &o.body {
            Body::MavlinkCamera(m) => Some((o.observed?, m.image?)),
            _ => None,
        })
        .collect();
    let own = picture(&all, None);
    let mut most_m = 0.0_f64;
    let mut compared = 0;
    for f in &own.footprints {
        let Some((_, image)) = told.iter().find(|(time, _)| *time == f.time) else {
            continue;
        };
        compared += 1;
        most_m = most_m.max(apart_m(*image, f.centre.unwrap()));
    }
    println!("telemetry: most {most_m:.2} m over {compared}");
    assert!(compared > 5 && most_m < 5.0, "{most_m} m over {compared}");
}
