//! Recorded and synthetic packets, whole.

use serde_json::{Map, Value as Json};
use truceline_klv::Checksum;
use truceline_klv::carriage::{Fragment, Reassembly, metadata_cells};
use truceline_klv::st0601::Packet;
use truceline_klv::st0903::Edition;
use truceline_klv::stream::{Found, scan};

const CHEYENNE: &[u8] = include_bytes!("data/Cheyenne.bin");
const MISMMS: &[u8] = include_bytes!("data/DynamicConstantMISMMSPacketData.bin");
const VRSG: &[u8] = include_bytes!("data/vrsg.klv");
const SYNTH_TAGS: &str = include_str!("data/synth_tags.json");

fn packets(bytes: &[u8]) -> Vec<Packet<'_>> {
    scan(bytes)
        .map(|found| match found {
            Found::Packet(packet) => Packet::from_klv(&packet).unwrap(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn cheyenne_is_407_packets_with_right_checksums() {
    let packets = packets(CHEYENNE);
    assert_eq!(packets.len(), 407);
    assert!(packets.iter().all(|p| p.checksum() == Checksum::Ok));
    for packet in &packets {
        for item in packet.items() {
            let item = item.unwrap();
            assert!(item.field().is_some(), "{item:?}");
            item.value().unwrap();
        }
        let sensor = packet.sensor_position().unwrap();
        assert!(
            (sensor.latitude_deg - 41.1).abs() < 0.2 && (sensor.longitude_deg + 104.8).abs() < 0.3
        );
        assert!(packet.corners().is_some() && packet.frame_center().is_some());
    }
    // 2012-09-19T20:40:44Z to 20:42:09Z.
    assert_eq!(
        packets[0].precision_time_stamp_us().unwrap() / 1_000_000,
        1_348_087_244
    );
    assert_eq!(
        packets[406].precision_time_stamp_us().unwrap() / 1_000_000,
        1_348_087_328
    );
}

#[test]
fn the_mismms_packet_has_the_wrong_checksum_and_its_values() {
    let packet = Packet::parse(MISMMS).unwrap();
    assert_eq!(
        packet.checksum(),
        Checksum::Bad {
            stored: 0xaa43,
            computed: 0x3e1e
        }
    );
    let json = packet.to_json();
    assert_eq!(json["mission_id"], "Mission 12");
    assert_eq!(json["platform_designation"], "Predator");
    assert_eq!(json["image_source_sensor"], "EO Nose");
    assert_eq!(json["precision_time_stamp"], 1_231_798_102_000_000u64);
    let near = |key: &str, value: f64| {
        let found = json[key].as_f64().unwrap();
        assert!((found - value).abs() < 1e-6, "{key}: {found}");
    };
    near("sensor_latitude_deg", 60.176_822_966_978_335);
    near("sensor_longitude_deg", 128.426_759_042_044_52);
    near("sensor_true_altitude_m", 14_190.719_462_882_429);
    let security = &json["security_local_metadata_set"];
    assert_eq!(security["security_classification_name"], "UNCLASSIFIED");
    assert_eq!(security["classifying_country"], "//USA");
    assert_eq!(packet.security().unwrap().text(3), Some("//USA"));
    let id = packet.core_id().unwrap();
    assert_eq!(json["miis_core_identifier"], id.to_string());
    assert!(
        !json.contains_key("unknown")
            && !json.contains_key("invalid")
            && !json.contains_key("fault")
    );
}

#[test]
fn the_simulator_stream_has_37_vmti_sets() {
    let packets = packets(VRSG);
    assert_eq!(packets.len(), 277);
    assert!(packets.iter().all(|p| p.checksum() == Checksum::Ok));
    let vmti: Vec<_> = packets.iter().filter_map(Packet::vmti).collect();
    assert_eq!(vmti.len(), 37);
    assert_eq!(vmti[0].set().text(3), Some("TASS_EAP_1.3.0.32295"));
    assert_eq!(vmti[0].frame_size_px(), Some((640, 480)));
    assert!(packets.iter().all(|p| !p.to_json().contains_key("invalid")));
    let json = packets[0].to_json();
    assert_eq!(
        json["security_local_metadata_set"]["object_country_codes"],
        "US"
    );
}

/// The stream's encoder states its version (3) in four of 37 sets and shortens offsets. Each target is sent as a location and as
/// an offset from the frame centre; the two
/// differ by the simulator's own constant 12 and 19 m. Read by edition 4 they would be thousands of kilometres apart.
#[test]
fn targets_of_edition_3_lie_where_both_forms_say() {
    let (mut version, mut targets) = (None, 0);
    for packet in packets(VRSG) {
        let Some(vmti) = packet.vmti_with_version(version) else {
            continue;
        };
        version = vmti.set().unsigned(4).or(version);
        assert_eq!(vmti.edition(), Edition::Stated(3));
        let center = packet.frame_center().unwrap();
        for target in vmti.targets() {
            let target = target.unwrap();
            targets += 1;
            assert!((1..=100).contains(&target.confidence_percent().unwrap()));
            let Some(location) = target.location() else {
                continue;
            };
            let (north, east) = target.offset_deg().unwrap();
            let latitude = location.latitude_deg.value().unwrap();
            let longitude = location.longitude_deg.value().unwrap();
            assert!(
                (center.latitude_deg + north - latitude).abs() < 2.3e-4,
                "{north} {latitude} {}",
                center.latitude_deg
            );
            assert!(
                (center.longitude_deg + east - longitude).abs() < 2.3e-4,
                "{east} {longitude}"
            );
            let motion = target.velocity_mps();
            assert!(motion.is_none_or(|m| m.east.value().unwrap().abs() < 80.0));
        }
    }
    assert_eq!(targets, 130);
}

#[test]
fn a_set_that_does_not_state_its_edition_says_so() {
    let json: Vec<_> = packets(VRSG).iter().map(Packet::to_json).collect();
    let basis = |j: &Map<String, Json>| {
        j.get("vmti_local_set")
            .and_then(|v| v.get("edition_basis"))
            .cloned()
    };
    assert_eq!(json.iter().filter_map(basis).count(), 15);
}

/// PES payloads, each after its length in four bytes.
fn payloads(mut bytes: &'static [u8]) -> Vec<&'static [u8]> {
    let mut payloads = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (payload, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        payloads.push(payload);
        bytes = rest;
    }
    payloads
}

fn check_against_truth(units: &[Vec<u8>], truth: &str) {
    let tags: Map<String, Json> = serde_json::from_str(SYNTH_TAGS).unwrap();
    let rows: Vec<Json> = truth
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(units.len(), rows.len());
    let mut compared = 0;
    for (unit, row) in units.iter().zip(&rows) {
        assert_eq!(unit.len() as u64, row["klv_bytes"].as_u64().unwrap());
        let packet = Packet::parse(unit).unwrap();
        assert_eq!(
            packet.checksum() == Checksum::Ok,
            row["checksum_ok"].as_bool().unwrap()
        );
        assert_eq!(
            packet.precision_time_stamp_us(),
            row["timestamp_us"].as_u64()
        );
        for (tag, about) in &tags {
            let expected = &row["values"][about["name"].as_str().unwrap()];
            let tag: u32 = tag.parse().unwrap();
            if about["kind"] == "security" {
                check_security(&packet, expected);
                continue;
            }
            match expected {
                Json::Number(number) => {
                    let found = packet.number(tag).unwrap();
                    assert!(
                        (found - number.as_f64().unwrap()).abs() < 1e-9,
                        "tag {tag}: {found} {number}"
                    );
                }
                Json::String(text) => assert_eq!(packet.text(tag), Some(text.as_str())),
                Json::Null => assert_eq!(packet.number(tag), None),
                other => panic!("{other}"),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, rows.len() * (tags.len() - 1));
}

fn check_security(packet: &Packet<'_>, expected: &Json) {
    let found = Json::Object(packet.security().unwrap().to_json());
    for (ours, theirs) in [
        ("security_classification", "classification"),
        (
            "classifying_country_coding_method",
            "classifying_country_coding_method",
        ),
        ("classifying_country", "classifying_country"),
        (
            "object_country_coding_method",
            "object_country_coding_method",
        ),
        ("object_country_codes", "object_country_codes"),
        ("version", "version"),
    ] {
        assert_eq!(found[ours], expected[theirs], "{ours}");
    }
}

#[test]
fn synchronous_payloads_decode_to_the_truth() {
    let mut join = Reassembly::default();
    let mut units = Vec::new();
    for payload in payloads(include_bytes!("data/synth_sync.pes")) {
        for cell in metadata_cells(payload) {
            let cell = cell.unwrap();
            assert_eq!(cell.fragment, Fragment::Whole);
            let joined = join.push(&cell);
            assert_eq!(joined.lost, None);
            units.extend(joined.unit.map(<[u8]>::to_vec));
        }
    }
    check_against_truth(&units, include_str!("data/synth_sync.truth.ndjson"));
}

#[test]
fn asynchronous_payloads_decode_to_the_truth() {
    let units: Vec<Vec<u8>> = payloads(include_bytes!("data/synth_async.pes"))
        .into_iter()
        .flat_map(packets)
        .map(|p| p.bytes().to_vec())
        .collect();
    check_against_truth(&units, include_str!("data/synth_async.truth.ndjson"));
}

#[test]
fn every_number_of_every_sample_is_finite_in_json() {
    fn finite(json: &Json) -> bool {
        match json {
            Json::Number(number) => number.as_f64().is_some_and(f64::is_finite),
            Json::Array(list) => list.iter().all(finite),
            Json::Object(map) => map.values().all(finite),
            _ => true,
        }
    }
    for packet in packets(CHEYENNE)
        .into_iter()
        .chain(packets(VRSG))
        .chain([Packet::parse(MISMMS).unwrap()])
    {
        assert!(finite(&Json::Object(packet.to_json())));
    }
}
