//! Bytes that nobody sends by accident, and what is said of them.

use truceline_klv::carriage::{Reassembly, metadata_cells};
use truceline_klv::st0601::{Builder, DEF, Packet};
use truceline_klv::stream::{Found, scan};
use truceline_klv::{Checksum, Fault, Key, LocalSet, Value};

fn packet_of(items: &[u8]) -> Vec<u8> {
    let mut packet = Key::UasDatalink.bytes().to_vec();
    truceline_klv::ber::write_length(items.len(), &mut packet);
    packet.extend_from_slice(items);
    packet
}

/// Items, what of them is good, and the one error that follows.
#[test]
fn a_fault_ends_the_items_and_the_good_ones_are_kept() {
    let table: [(&[u8], usize, &str); 8] = [
        (
            &[3, 1, b'A', 4, 9, b'B'],
            1,
            "ST 0601 item 4 at byte 5: needs 9 bytes, 1 are there",
        ),
        (
            &[3, 1, b'A', 4],
            1,
            "ST 0601 item 4 at byte 4: needs 1 bytes, 0 are there",
        ),
        (
            &[3, 1, b'A', 4, 0xff, 1],
            1,
            "ST 0601 item 4 at byte 4: BER length in 127 octets, expected at most 8",
        ),
        (
            &[3, 1, b'A', 4, 0x80, 1],
            1,
            "ST 0601 item 4 at byte 4: indefinite BER length (0x80), which ST 336 does not allow",
        ),
        (
            &[4, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            0,
            "ST 0601 item 4 at byte 10: needs 18446744073709551615 bytes, 1 are there",
        ),
        (
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            0,
            "ST 0601 at byte 0: BER-OID number of more than 32 bits",
        ),
        (&[0x81], 0, "ST 0601 at byte 0: needs 2 bytes, 1 are there"),
        (
            &[4, 0x84, 0, 0],
            0,
            "ST 0601 item 4 at byte 1: needs 5 bytes, 3 are there",
        ),
    ];
    for (items, good, message) in table {
        let packet = packet_of(items);
        let packet = Packet::parse(&packet).unwrap();
        let found: Vec<_> = packet.items().collect();
        assert_eq!(found.len(), good + 1, "{items:x?}");
        assert!(found[..good].iter().all(Result::is_ok));
        assert_eq!(found[good].as_ref().unwrap_err().to_string(), message);
        assert_eq!(packet.to_json()["fault"], message);
        assert_eq!(packet.checksum(), Checksum::None);
    }
}

#[test]
fn an_item_of_the_wrong_length_keeps_its_bytes() {
    let mut builder = Builder::new(1);
    builder
        .raw(13, &[1, 2, 3])
        .raw(11, b"EO")
        .raw(81, &[1, 2])
        .raw(96, &[0; 9]);
    let packet = builder.finish();
    let packet = Packet::parse(&packet).unwrap();
    let error = packet.find(13).unwrap().value().unwrap_err();
    assert_eq!((error.standard, error.tag), ("ST 0601", Some(13)));
    assert!(matches!(error.fault, Fault::BadLength { found: 3, .. }));
    let json = packet.to_json();
    assert_eq!(json["invalid"]["sensor_latitude_deg"]["hex"], "010203");
    assert_eq!(json["invalid"].as_object().unwrap().len(), 3);
    assert_eq!(json["image_source_sensor"], "EO");
    assert_eq!(packet.checksum(), Checksum::Ok);
}

#[test]
fn unknown_tags_and_duplicates_are_kept_in_order() {
    let mut builder = Builder::new(1);
    builder
        .raw(144, &[1])
        .raw(3, b"first")
        .raw(70_000, &[2])
        .raw(3, b"second")
        .raw(144, &[3])
        .raw(115, &[1, 1, b'a'])
        .raw(115, &[2, 1, b'b']);
    let packet = builder.finish();
    let packet = Packet::parse(&packet).unwrap();
    let tags: Vec<u32> = packet.items().map(|i| i.unwrap().tag).collect();
    assert_eq!(tags, [2, 65, 144, 3, 70_000, 3, 144, 115, 115, 1]);
    assert_eq!(packet.find(70_000).unwrap().value(), Ok(Value::Bytes(&[2])));
    let json = packet.to_json();
    assert_eq!(json["unknown"]["144"], serde_json::json!(["01", "03"]));
    assert_eq!(json["unknown"]["70000"], "02");
    assert_eq!(
        (&json["mission_id"], &json["repeated"]["mission_id"][0]),
        (&"first".into(), &"second".into())
    );
    assert_eq!(json["control_command"].as_array().unwrap().len(), 2);
}

#[test]
fn the_checksum_must_be_last() {
    let good = Builder::new(1).finish();
    let mut items = good[17..].to_vec();
    items.extend([11, 2, b'E', b'O']);
    let packet = packet_of(&items);
    assert!(matches!(
        Packet::parse(&packet).unwrap().checksum(),
        Checksum::Bad { .. }
    ));
    for at in 0..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 0x10;
        let ok = Packet::parse(&flipped).is_ok_and(|p| p.checksum() == Checksum::Ok);
        assert!(!ok, "byte {at}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_told() {
    let mut builder = Builder::new(1);
    builder.raw(3, &[b'A', 0xff, b'B']);
    let packet = builder.finish();
    let packet = Packet::parse(&packet).unwrap();
    assert_eq!(packet.mission_id(), None);
    let json = packet.to_json();
    assert_eq!(json["mission_id"], "A\u{fffd}B");
    assert_eq!(
        json["special"]["mission_id"],
        serde_json::json!({ "meaning": "not_utf8", "hex": "41ff42" })
    );
}

#[test]
fn nesting_is_bounded() {
    let mut items = vec![11, 1, b'x'];
    for _ in 0..2000 {
        let mut outer = vec![101];
        truceline_klv::ber::write_length(items.len(), &mut outer);
        outer.extend(&items);
        items = outer;
    }
    let json = serde_json::Value::Object(LocalSet::new(&DEF, &items).to_json());
    let mut depth = 0;
    let mut at = &json;
    while let Some(inner) = at.get("amend_local_set") {
        at = &inner[0];
        depth += 1;
    }
    assert_eq!(depth, truceline_klv::json::MAX_DEPTH);
    assert!(at.is_string());
}

#[test]
fn lists_are_bounded() {
    // A million one-byte numbers, a million empty waypoints, a matrix of four thousand million.
    let json = |tag, raw: &[u8]| {
        let mut builder = Builder::bare();
        builder.raw(tag, raw);
        Packet::parse(&builder.finish()).unwrap().to_json()
    };
    let many = vec![0u8; 1_000_000];
    let list = json(116, &many);
    let list = list["control_command_verification_list"]
        .as_array()
        .unwrap();
    assert_eq!(
        (list.len(), &list[4096]["left_out"]),
        (4097, &(1_000_000 - 4096).into())
    );
    assert_eq!(
        json(141, &many)["waypoint_list"].as_array().unwrap().len(),
        4097
    );
    // The widest values for the most items: a length that no number holds.
    for control in [[0x8f, 0x00], [0x80, 0x0f], [0x8f, 0x0f]] {
        let widest = json(
            102,
            &[&[0x8f, 0xff, 0xff, 0xff, 0x7f][..], &control].concat(),
        );
        assert!(widest["invalid"]["sdcc_flp"].is_object(), "{widest:?}");
    }
    let sdcc = json(102, &[0x8f, 0xff, 0xff, 0xff, 0x7f, 0x00]);
    assert!(
        sdcc["sdcc_flp"]
            .as_array()
            .is_some_and(|list| list.len() == 1)
            || sdcc["invalid"]["sdcc_flp"].is_object()
    );
    let sparse = json(102, &[0x8f, 0xff, 0xff, 0xff, 0x7f, 0x7f, 0xff]);
    assert!(
        sparse["invalid"]["sdcc_flp"]["reason"]
            .as_str()
            .unwrap()
            .contains("needs")
    );
}

#[test]
fn lengths_beyond_reason_are_garbage_and_the_next_packet_is_found() {
    let good = Builder::new(1).finish();
    for length in [
        &[0x84u8, 0x7f, 0xff, 0xff, 0xff][..],
        &[0x88; 9],
        &[0xff; 128],
        &[0x80],
        &[0x82, 0xff, 0xff],
    ] {
        let mut bytes = Key::UasDatalink.bytes().to_vec();
        bytes.extend_from_slice(length);
        let bad = bytes.len();
        bytes.extend(&good);
        let found: Vec<_> = scan(&bytes).collect();
        assert_eq!(
            found[0],
            Found::Garbage {
                offset: 0,
                length: bad
            },
            "{length:x?}"
        );
        assert!(matches!(found[1], Found::Packet(p) if p.offset == bad));
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn a_million_labels_are_scanned_in_reasonable_time() {
    let label: Vec<u8> = Key::UasDatalink
        .bytes()
        .iter()
        .copied()
        .chain([0x83, 0x10, 0, 0])
        .collect();
    let mut bytes = label.repeat(100_000);
    bytes.extend(Builder::new(1).finish());
    let started = std::time::Instant::now();
    let packets = scan(&bytes)
        .filter(|f| matches!(f, Found::Packet(_)))
        .count();
    assert!(packets >= 1);
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn a_truncated_tail_says_how_much_is_missing() {
    let good = Builder::new(1).finish();
    let tail = |n: usize| scan(&good[..n]).next().unwrap();
    assert_eq!(
        tail(30),
        Found::Truncated {
            key: Key::UasDatalink,
            offset: 0,
            available: 30,
            needed: Some(good.len())
        }
    );
    assert_eq!(
        tail(16),
        Found::Truncated {
            key: Key::UasDatalink,
            offset: 0,
            available: 16,
            needed: None
        }
    );
    assert!(matches!(
        tail(3),
        Found::Truncated {
            available: 3,
            needed: None,
            ..
        }
    ));
}

#[test]
fn other_keys_are_named_and_kept() {
    let mut bytes = Key::Vmti.bytes().to_vec();
    bytes.extend([3, 4, 1, 5]);
    bytes.extend([
        0x06, 0x0e, 0x2b, 0x34, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 2, 0xca, 0xfe,
    ]);
    let found: Vec<_> = scan(&bytes).collect();
    assert!(
        matches!(found[0], Found::Packet(p) if p.key == Key::Vmti && Packet::from_klv(&p).is_none())
    );
    assert!(
        matches!(found[1], Found::Packet(p) if p.key.standard() == "unknown" && p.value == [0xca, 0xfe])
    );
    assert!(matches!(
        Packet::parse(&bytes).unwrap_err().fault,
        Fault::WrongKey { .. }
    ));
}

#[test]
fn cells_out_of_order_are_told_and_whole_ones_kept() {
    let cell = |sequence: u8, fragment: u8, data: &[u8]| {
        let mut bytes = vec![0, sequence, fragment << 6 | 0x0f, 0, data.len() as u8];
        bytes.extend(data);
        bytes
    };
    // First of several, then a gap before the last; then a whole one; then a repeated one; then a middle without a first.
    let payload = [
        cell(1, 2, b"ab"),
        cell(3, 1, b"cd"),
        cell(4, 3, b"ef"),
        cell(4, 3, b"gh"),
        cell(5, 0, b"ij"),
        cell(6, 2, b"kl"),
        cell(7, 3, b"mn"),
    ]
    .concat();
    let mut join = Reassembly::default();
    let mut log = Vec::new();
    for cell in metadata_cells(&payload) {
        let cell = cell.unwrap();
        let joined = join.push(&cell);
        log.push((
            joined.unit.map(<[u8]>::to_vec),
            joined.lost.map(|e| e.to_string()),
        ));
    }
    let said = |i: usize| {
        log[i]
            .1
            .as_deref()
            .map(|text| text.split(": ").nth(2).unwrap())
    };
    assert_eq!(
        log.iter().map(|l| l.0.as_deref()).collect::<Vec<_>>(),
        [
            None,
            None,
            Some(&b"ef"[..]),
            Some(b"gh"),
            None,
            None,
            Some(b"mn")
        ]
    );
    assert_eq!(said(0), None);
    assert_eq!(said(1), Some("cells are missing before it"));
    assert_eq!(said(2), None);
    assert_eq!(said(3), Some("its number was there before"));
    assert_eq!(said(4), Some("no first cell before it"));
    assert_eq!(said(6), Some("the access unit before it has no last cell"));
}

#[test]
fn standalone_sets_are_held_against_their_own_checksums() {
    use truceline_klv::checksum::{crc_32_mpeg2, running_sum_16};
    let whole = |key: Key, items: &[u8], tail: usize| {
        let mut bytes = key.bytes().to_vec();
        truceline_klv::ber::write_length(items.len() + tail, &mut bytes);
        bytes.extend_from_slice(items);
        bytes
    };
    let mut rvt = whole(Key::Rvt, &[8, 1, 4, 6, 2, 0, 50], 6);
    rvt.extend([1, 4]);
    rvt.extend(crc_32_mpeg2(&rvt).to_be_bytes());
    let mut vmti = whole(Key::Vmti, &[4, 1, 5, 5, 1, 9], 4);
    vmti.extend([1, 2]);
    vmti.extend(running_sum_16(&vmti).to_be_bytes());
    for good in [rvt, vmti] {
        let verdict = |bytes: &[u8]| truceline_klv::stream::first(bytes).map(|p| p.checksum());
        assert_eq!(verdict(&good), Ok(Checksum::Ok));
        let mut bad = good.clone();
        bad[19] ^= 1;
        assert!(matches!(verdict(&bad), Ok(Checksum::Bad { .. })));
        let klv = truceline_klv::stream::first(&good).unwrap();
        assert!(
            klv.set()
                .unwrap()
                .items()
                .all(|item| item.is_ok_and(|i| i.field().is_some()))
        );
    }
}
