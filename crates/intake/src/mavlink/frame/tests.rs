use mavlink::dialects::ardupilotmega::{HEARTBEAT_DATA, MavMessage};
use mavlink::{MAVLinkV1MessageRaw, MAVLinkV2MessageRaw, MavHeader};

use super::*;

fn header() -> MavHeader {
    MavHeader {
        system_id: 7,
        component_id: 9,
        sequence: 200,
    }
}

fn heartbeat() -> MavMessage {
    MavMessage::HEARTBEAT(HEARTBEAT_DATA::default())
}

fn v2() -> Vec<u8> {
    let mut raw = MAVLinkV2MessageRaw::new();
    raw.serialize_message(header(), &heartbeat());
    raw.raw_bytes().to_vec()
}

#[test]
fn frames_of_both_versions_are_read() {
    let mut raw = MAVLinkV1MessageRaw::new();
    raw.serialize_message(header(), &heartbeat());
    for bytes in [raw.raw_bytes().to_vec(), v2()] {
        let Candidate::Frame(frame) = candidate(&bytes) else {
            panic!("{:?}", candidate(&bytes));
        };
        assert_eq!((frame.system, frame.component, frame.sequence), (7, 9, 200));
        assert_eq!(message_name(frame.message_id), Some("HEARTBEAT"));
        assert_eq!(frame.bytes, bytes);
        for cut in 1..bytes.len() {
            assert_eq!(candidate(&bytes[..cut]), Candidate::Short, "{cut}");
        }
    }
}

#[test]
fn a_changed_byte_is_a_bad_sum() {
    let mut bytes = v2();
    bytes[10] ^= 1;
    let Candidate::BadSum(frame) = candidate(&bytes) else {
        panic!("{:?}", candidate(&bytes));
    };
    assert_ne!(frame.sum(), frame.computed_sum());
}

#[test]
fn a_signature_belongs_to_the_frame_and_other_flags_forbid() {
    let mut bytes = v2();
    bytes[2] = SIGNED;
    let end = bytes.len() - SUM;
    let sum = calculate_crc(&bytes[1..end], MavMessage::extra_crc(0)).to_le_bytes();
    bytes[end..].copy_from_slice(&sum);
    bytes.extend([0x5A; SIGNATURE]);
    let Candidate::Frame(frame) = candidate(&bytes) else {
        panic!("{:?}", candidate(&bytes));
    };
    assert!(frame.signed && frame.bytes.len() == bytes.len());
    bytes[2] = 0x02;
    assert_eq!(candidate(&bytes), Candidate::No);
}
