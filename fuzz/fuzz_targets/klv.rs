//! Drone metadata from anywhere: packets are found in any bytes, every item is decoded, JSON made, and what was decoded is
//! written and read again. Every byte must be accounted for, every number finite, every list bounded, and a decoded value must
//! survive its own encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_klv::carriage::{Reassembly, metadata_cells};
use truceline_klv::st0601::{self, Builder, Packet};
use truceline_klv::stream::{Found, KlvPacket, scan};
use truceline_klv::{
    Checksum, Key, LocalSet, Pack, SetBuilder, Value, st0102, st0604, st0806, st0903, st1204,
};

/// Numbers of a mapping whose step is coarser than the decoded value's last bit come back to the same code, so exactly.
fn value_survives(set: LocalSet<'_>, depth: usize) {
    for item in set.items() {
        let Ok(item) = item else { break };
        let Ok(value) = item.value() else { continue };
        match value {
            Value::Set(inner) if depth < 16 => value_survives(inner, depth + 1),
            Value::Pack(pack) => {
                if let Ok(pack) = pack.read() {
                    pack_survives(&pack);
                }
            }
            Value::Real(number) => assert!(number.is_finite(), "{item:?}"),
            _ => {}
        }
        let mut again = SetBuilder::new(set.def());
        // Codes beyond what the encoder may write (variable lengths) are refused, not changed.
        if again.put(item.tag, &value).is_err() {
            continue;
        }
        let again = LocalSet::new(set.def(), again.as_bytes());
        let second = again
            .find(item.tag)
            .expect("the item just written")
            .value()
            .expect("a value just written");
        match (value, second) {
            (Value::Real(first), Value::Real(second)) => {
                let quantum = item.field().and_then(|f| f.format.quantum()).unwrap_or(0.0);
                assert!(
                    (first - second).abs() <= quantum * 1.000_001,
                    "{first} {second} {item:?}"
                );
            }
            (first, second) => assert_eq!(first.as_u64(), second.as_u64(), "{item:?}"),
        }
    }
}

fn pack_survives(pack: &Pack<'_>) {
    let mut bytes = Vec::new();
    if pack.encode(&mut bytes).is_err() || bytes.is_empty() {
        return;
    }
    // Bytes after the fields of a pack and padded numbers may go; what is read again must not change any more.
    let second = Pack::decode(pack.kind(), &bytes).expect("a pack just written");
    let mut twice = Vec::new();
    second
        .encode(&mut twice)
        .expect("a pack that was written once");
    assert_eq!(bytes, twice, "{pack:?}");
}

fn packet_is_consistent(klv: &KlvPacket<'_>) {
    if klv.key != Key::UasDatalink {
        assert_eq!(Key::from_bytes(klv.key.bytes()), klv.key);
        return;
    }
    let packet = Packet::parse(klv.bytes).expect("what the scan took for a packet");
    value_survives(packet.set(), 0);
    let _ = (
        packet.sensor_position(),
        packet.frame_center(),
        packet.target_location(),
        packet.corners(),
    );
    let _ = (
        packet.field_of_view(),
        packet.platform_attitude(),
        packet.sensor_pointing(),
        packet.core_id(),
    );
    if let Some(vmti) = packet.vmti() {
        vmti.targets().filter_map(Result::ok).for_each(|t| {
            let _ = (
                t.location(),
                t.offset_deg(),
                t.velocity_mps(),
                t.centroid_px(640),
                t.bounding_box_px(640),
            );
        });
    }
    let json = serde_json::to_string(&packet.to_json()).expect("JSON of a packet");
    assert!(
        json.len() < 4096 + 4096 * klv.bytes.len(),
        "{} bytes of JSON from {}",
        json.len(),
        klv.bytes.len()
    );

    // The same items in a packet of ours: the right checksum, and the same items again.
    let mut builder = Builder::bare();
    let items: Vec<_> = packet
        .items()
        .map_while(Result::ok)
        .filter(|item| item.tag != 1)
        .collect();
    for item in &items {
        builder.raw(item.tag, item.raw);
    }
    let bytes = builder.finish();
    let again = Packet::parse(&bytes).expect("our own packet");
    assert_eq!(again.checksum(), Checksum::Ok);
    let same = again
        .items()
        .map_while(Result::ok)
        .filter(|i| i.tag != 1)
        .map(|i| (i.tag, i.raw));
    assert!(same.eq(items.iter().map(|i| (i.tag, i.raw))));
}

fuzz_target!(|data: &[u8]| {
    let mut covered = 0;
    for found in scan(data) {
        covered += match found {
            Found::Packet(klv) => {
                assert_eq!(klv.offset, covered);
                packet_is_consistent(&klv);
                klv.bytes.len()
            }
            Found::Garbage { offset, length } => {
                assert_eq!(offset, covered);
                length
            }
            Found::Truncated {
                offset,
                available,
                needed,
                ..
            } => {
                assert_eq!(offset, covered);
                assert!(needed.is_none_or(|needed| needed > available));
                available
            }
        };
    }
    assert_eq!(covered, data.len(), "every byte is told");

    // Straight into the items, so that the fuzzer need not find a key and a length first.
    for def in [
        &st0601::DEF,
        &st0102::DEF,
        &st0806::DEF,
        &st0903::DEF,
        &st0903::DEF_LEGACY,
        &st0903::VTARGET,
    ] {
        let set = LocalSet::new(def, data);
        value_survives(set, 0);
        let _ = set.to_json();
    }
    let mut join = Reassembly::default();
    for cell in metadata_cells(data).map_while(Result::ok) {
        let _ = join.push(&cell);
    }
    if let Ok(Some(time)) = st0604::parse_sei(data) {
        assert!(time.nano || time.nanoseconds % 1000 == 0);
    }
    if let Ok(id) = st1204::CoreId::read(data) {
        assert_eq!(
            id.to_string()
                .parse::<st1204::CoreId>()
                .expect("its own text"),
            id
        );
    }
});
