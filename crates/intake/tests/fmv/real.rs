//! Recorded and synthetic streams against what is known of them.

use serde_json::Value;
use truceline_domain::{Checksum, FmvCarriage};
use truceline_intake::{FaultKind, Format};

use super::mux::{decode, decode_in};

fn data(name: &str) -> Vec<u8> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fmv/");
    std::fs::read(format!("{dir}{name}")).unwrap()
}

#[test]
fn vrsg_sample_stream() {
    let bytes = data("sample-stream.ts");
    assert_eq!(Format::recognise(&bytes), Some(Format::Fmv));
    let told = decode(&bytes);
    assert_eq!(told.kinds(), []);
    let metadata = told.metadata();
    assert_eq!(metadata.len(), 277);
    for (o, m) in &metadata {
        assert_eq!(m.checksum, Checksum::Ok);
        assert_eq!((m.pid, m.program, m.carriage), (257, 1, FmvCarriage::Async));
        assert!(o.observed.is_some() && m.pts_90k.is_some());
        // Each begins in a transport packet of its stream.
        let at = m.offset as usize;
        assert_eq!(&bytes[at..at + 3], &[0x47, 0x41, 0x01]);
    }
    let times = [metadata[0].0.observed, metadata[276].0.observed].map(|t| t.unwrap().to_string());
    assert_eq!(times[0], "2012-06-29T14:32:34.100000Z");
    assert!(
        times[1].starts_with("2012-06-29T14:32:43.3"),
        "{}",
        times[1]
    );
    assert_eq!(told.count("h264 access units (pid 256)"), 277);
    assert_eq!(told.count("misp time stamps (pid 256)"), 277);
    assert_eq!(told.count("vmti packets (pid 257)"), 37);
    assert_eq!(told.count("random access points (pid 256)"), 28);
    assert_eq!(told.detections().len(), 129);
    for (o, video) in told.detections() {
        assert!(o.observed.is_some());
        assert!((video.position.lat_deg() - 34.7).abs() < 0.1);
        assert!((video.position.lon_deg() + 86.7).abs() < 0.1);
    }
}

/// Each segment begins with its tables, then the random access point, and together they are the feed.
#[test]
fn segments_begin_with_tables() {
    for name in ["sample-stream.ts", "sync_h264.ts", "async_h264.ts"] {
        let bytes = data(name);
        let told = decode(&bytes);
        let cuts = told.cuts();
        assert_eq!(
            cuts.len() as u64,
            told.count("random access points (pid 256)"),
            "{name}"
        );
        for cut in &cuts {
            let at = cut.offset as usize;
            assert_eq!(at % 188, 0);
            assert_eq!(
                &bytes[at..at + 3],
                &[0x47, 0x40, 0x00],
                "a PAT at {at} of {name}"
            );
        }
        // Read alone, a segment states the same under the same names.
        let (from, to) = (cuts[1].offset as usize, cuts[3].offset as usize);
        let alone = decode(&bytes[from..to]);
        assert_eq!(alone.count("random access points (pid 256)"), 2);
        let whole: Vec<_> = told.observations().map(|o| o.id.clone()).collect();
        assert!(alone.metadata().len() > 5);
        for (o, _) in alone.metadata() {
            assert!(whole.contains(&o.id), "{name} {}", o.id);
        }
    }
}

#[test]
fn cheyenne_raw_klv() {
    let bytes = data("Cheyenne.bin");
    assert_eq!(Format::recognise(&bytes), Some(Format::Fmv));
    let told = decode(&bytes);
    assert_eq!(told.kinds(), []);
    let metadata = told.metadata();
    assert_eq!((metadata.len(), told.cuts().len()), (407, 407));
    let mut next = 0;
    for ((o, m), cut) in metadata.iter().zip(told.cuts()) {
        assert_eq!((m.pid, m.pts_90k, m.carriage), (0, None, FmvCarriage::Raw));
        assert_eq!(m.checksum, Checksum::Ok);
        assert_eq!(
            (m.offset, cut.offset, cut.observed),
            (next, next, o.observed)
        );
        let at = m.offset as usize;
        next += 16 + 2 + u64::from(bytes[at + 17]);
    }
    assert_eq!(next, bytes.len() as u64);
    let first = metadata[0].0.observed.unwrap().to_string();
    assert!(first.starts_with("2012-09-19T20:40:44"), "{first}");
    assert_eq!(decode_in(&bytes, std::iter::repeat(7)), told);
}

#[test]
fn the_annex_packet_has_a_wrong_sum_and_is_no_evidence() {
    let told = decode(&data("DynamicConstantMISMMSPacketData.bin"));
    let [(o, m)] = told.metadata()[..] else {
        panic!("one packet")
    };
    assert_eq!((m.checksum, o.observed), (Checksum::Bad, None));
    assert_eq!(m.st0601["mission_id"], "Mission 12");
    assert_eq!(told.kinds(), [FaultKind::BadChecksum]);
    assert!(
        told.faults()[0].message.contains("0xaa43"),
        "{}",
        told.faults()[0]
    );
    assert_eq!(told.faults()[0].bytes.len(), 228);
}

#[test]
fn synthetic_streams_against_their_truth() {
    for (name, carriage) in [
        ("sync_h264", FmvCarriage::Sync),
        ("async_h264", FmvCarriage::Async),
    ] {
        let told = decode(&data(&format!("{name}.ts")));
        assert_eq!(told.kinds(), [], "{name}");
        assert_eq!(told.count("h264 access units (pid 256)"), 300);
        let truth = String::from_utf8(data(&format!("{name}.truth.ndjson"))).unwrap();
        let metadata = told.metadata();
        assert_eq!(metadata.len(), truth.lines().count());
        for (line, (o, m)) in truth.lines().zip(metadata) {
            let row: Value = serde_json::from_str(line).unwrap();
            assert_eq!(o.observed.unwrap().to_string(), row["timestamp"]);
            assert_eq!(
                serde_json::to_value(m.pts_90k).unwrap(),
                row["pts_90k_unwrapped"]
            );
            assert_eq!(m.pid, row["klv_pid"]);
            assert_eq!(m.program, row["program"]);
            assert_eq!((m.carriage, m.checksum), (carriage, Checksum::Ok));
            compare(&row["values"], &m.st0601, "");
        }
    }
}

/// Every value of the truth is there and the same.
fn compare(truth: &Value, told: &serde_json::Map<String, Value>, set: &str) {
    for (name, value) in truth.as_object().unwrap() {
        let ours = told.get(&name_of(name, set));
        let ours = ours.unwrap_or_else(|| panic!("{name} is not told"));
        match (value, ours) {
            (Value::Object(_), Value::Object(nested)) => compare(value, nested, name),
            (Value::Number(a), Value::Number(b)) => {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                assert!((a - b).abs() < 1e-9, "{name}: {a} {b}");
            }
            _ => assert_eq!(value, ours, "{name}"),
        }
    }
}

/// The truth shortens names.
fn name_of(name: &str, set: &str) -> String {
    if set == "security" && name == "classification" {
        return "security_classification".into();
    }
    match name {
        "security" => "security_local_metadata_set".into(),
        "uas_ls_version" => "uas_datalink_ls_version_number".into(),
        "platform_heading_deg" | "platform_pitch_deg" | "platform_roll_deg" => {
            name.replace("_deg", "_angle_deg")
        }
        _ => name
            .replace("hfov", "horizontal_field_of_view")
            .replace("vfov", "vertical_field_of_view")
            .replace("sensor_rel_azimuth", "sensor_relative_azimuth_angle")
            .replace("sensor_rel_elevation", "sensor_relative_elevation_angle")
            .replace("sensor_rel_roll", "sensor_relative_roll_angle")
            .replace("corner_lat_", "corner_latitude_point_")
            .replace("corner_lon_", "corner_longitude_point_"),
    }
}
