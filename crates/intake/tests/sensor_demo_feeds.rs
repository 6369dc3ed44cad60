//! The feeds that the demo ships are what their index says, and read whole.

use std::path::{Path, PathBuf};

use truceline_domain::{Body, Checksum, Observation, Observed};
use truceline_intake::{Fault, FaultKind, Format};

fn feeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres/karabakh-2020/feeds")
}

fn read(file: &str, format: Format) -> (Vec<Observation>, Vec<Fault>) {
    let bytes = std::fs::read(feeds().join(file)).unwrap();
    assert_eq!(Format::recognise(&bytes), Some(format), "{file}");
    crate::common::told(crate::common::items(format, [&bytes[..]]).0)
}

fn span(observations: &[Observation]) -> (Observed, Observed) {
    let times = || observations.iter().filter_map(|o| o.observed);
    (times().min().unwrap(), times().max().unwrap())
}

fn at(time: &str) -> Observed {
    format!("2021-03-14T{time}Z").parse().unwrap()
}

#[test]
fn the_simulated_feeds_have_no_fault_but_the_line_that_comes_twice() {
    let (readings, faults) = read("sensors.ndjson", Format::Sensor);
    assert!(readings.len() > 500);
    assert!(
        matches!(faults.as_slice(), [f] if f.kind == FaultKind::Duplicate),
        "{faults:?}"
    );
    for (file, format, at_least) in [
        ("reports.csv", Format::Report, 20),
        ("hotspots.csv", Format::Hotspot, 5),
        ("patrol.cot", Format::Cot, 60),
        ("telemetry.tlog", Format::Mavlink, 2_000),
        ("drone.ts", Format::Fmv, 100),
    ] {
        let (observations, faults) = read(file, format);
        assert!(
            observations.len() >= at_least,
            "{file}: {}",
            observations.len()
        );
        assert!(faults.is_empty(), "{file}: {}", faults[0]);
        let (from, until) = span(&observations);
        assert!(
            at("09:00:00") <= from && until <= at("10:00:00"),
            "{file}: {from} to {until}"
        );
    }
}

#[test]
fn the_genuine_feeds_are_read_whole() {
    let (hotspots, faults) = read("firms-modis-2022-02.csv", Format::Hotspot);
    assert_eq!((hotspots.len(), faults.len()), (616, 0));
    let (flight, _) = read("test-flight.ts", Format::Fmv);
    assert!(flight.len() >= 277);
}

#[test]
fn film_and_telemetry_tell_one_flight() {
    let (film, _) = read("drone.ts", Format::Fmv);
    let (log, _) = read("telemetry.tlog", Format::Mavlink);
    let mut compared = 0;
    for packet in &film {
        let Body::FmvMetadata(metadata) = &packet.body else {
            continue;
        };
        assert_eq!(metadata.checksum, Checksum::Ok);
        let value = |name: &str| metadata.st0601[name].as_f64().unwrap();
        let filmed = (value("sensor_latitude_deg"), value("sensor_longitude_deg"));
        let nearest = log.iter().filter_map(|o| match &o.body {
            Body::MavlinkPosition(p) => {
                let apart_s = o.observed?.seconds_since(packet.observed?).abs();
                (apart_s < 0.1001).then(|| (p.position.lat_deg(), p.position.lon_deg()))
            }
            _ => None,
        });
        for (lat_deg, lon_deg) in nearest {
            let (north_m, east_m) = (
                (lat_deg - filmed.0) * 111_030.0,
                (lon_deg - filmed.1) * 85_500.0,
            );
            assert!(north_m.hypot(east_m) < 25.0, "{north_m} {east_m}");
            compared += 1;
        }
    }
    assert!(compared >= 100, "{compared}");
}
