//! decode(encode(x)) = x within a quantum, for every item of every table; carriage and streams likewise.

use proptest::prelude::*;
use truceline_klv::carriage::{Reassembly, metadata_cells, write_cells};
use truceline_klv::format::Format;
use truceline_klv::set::{Field, SetDef};
use truceline_klv::st0601::{Builder, Packet};
use truceline_klv::stream::{Found, scan};
use truceline_klv::{
    Checksum, Imap, ImapSpecial, LocalSet, Reading, SetBuilder, Special, Value, st0102, st0601,
    st0806, st0903,
};

const TABLES: [&SetDef; 16] = [
    &st0601::DEF,
    &st0102::DEF,
    &st0806::DEF,
    &st0806::POINT_OF_INTEREST,
    &st0806::AREA_OF_INTEREST,
    &st0806::USER_DEFINED,
    &st0903::DEF,
    &st0903::DEF_LEGACY,
    &st0903::VTARGET,
    &st0903::VTARGET_LEGACY,
    &st0903::VTRACKER,
    &st0903::VOBJECT,
    &st0903::VFEATURE,
    &st0903::VCHIP,
    &st0903::ALGORITHM,
    &st0903::ONTOLOGY,
];

fn put_and_find(def: &'static SetDef, tag: u32, value: &Value<'_>, check: impl FnOnce(Value<'_>)) {
    let mut set = SetBuilder::new(def);
    set.put(tag, value).unwrap();
    let set = LocalSet::new(def, set.as_bytes());
    assert_eq!(set.items().count(), 1);
    check(set.find(tag).unwrap().value().unwrap());
}

/// A value of the field's kind made from two random numbers: `share` of the range, and `bits`.
fn check_field(def: &'static SetDef, field: &Field, share: f64, bits: u64, text: &str) {
    let name = field.name;
    match field.format {
        Format::LinearUnsigned { .. }
        | Format::LinearSigned { .. }
        | Format::ShortenedSigned { .. }
        | Format::Imapb { .. } => {
            let (min, max) = range(&field.format);
            let quantum = field.format.quantum().unwrap();
            for number in [min, max, min + share * (max - min)] {
                put_and_find(def, field.tag, &Value::Real(number), |found| {
                    let found = found.as_f64().unwrap();
                    assert!(
                        (found - number).abs() <= quantum * 1.000_001,
                        "{name}: {found} for {number}, quantum {quantum}"
                    );
                    assert!(
                        found >= min - 1e-9 * max.abs() && found <= max + 1e-9 * max.abs(),
                        "{name}: {found} outside"
                    );
                });
            }
            let beyond = SetBuilder::new(def)
                .put(field.tag, &Value::Real(max + 2.0 * quantum))
                .is_err();
            let nan = SetBuilder::new(def)
                .put(field.tag, &Value::Real(f64::NAN))
                .is_err();
            assert!(beyond && nan, "{name}");
        }
        Format::Unsigned { max, .. } => {
            let number = bits >> (64 - 8 * u32::from(max));
            put_and_find(def, field.tag, &Value::Unsigned(number), |found| {
                assert_eq!(found, Value::Unsigned(number), "{name}")
            });
        }
        Format::Signed { max, .. } => {
            let number = bits as i64 >> (64 - 8 * u32::from(max));
            put_and_find(def, field.tag, &Value::Signed(number), |found| {
                assert_eq!(found, Value::Signed(number), "{name}")
            });
        }
        Format::Text => put_and_find(def, field.tag, &Value::Text(text), |found| match text {
            "" => assert_eq!(found, Value::Empty),
            text => assert_eq!(found, Value::Text(text)),
        }),
        Format::TextUtf16 => {
            let raw: Vec<u8> = text
                .chars()
                .filter(char::is_ascii)
                .flat_map(|c| [0, c as u8])
                .chain([0, b'x'])
                .collect();
            put_and_find(def, field.tag, &Value::TextUtf16(&raw), |found| {
                assert_eq!(found, Value::TextUtf16(&raw))
            });
        }
        Format::Enumerated(_) | Format::Codes(_) => {
            let code = bits & 0xff;
            put_and_find(
                def,
                field.tag,
                &Value::Enumerated { code, label: None },
                |found| assert_eq!(found.as_u64(), Some(code)),
            );
        }
        Format::Flags(names) => {
            let bits = bits & 0xff;
            put_and_find(def, field.tag, &Value::Flags { bits, names }, |found| {
                assert_eq!(found.as_u64(), Some(bits))
            });
        }
        Format::Bytes { min, max } => {
            let raw = vec![bits as u8; min.max(max.min(16))];
            put_and_find(def, field.tag, &Value::Bytes(&raw), |found| {
                assert_eq!(found, Value::Bytes(&raw))
            });
        }
        Format::Raw(_) => {
            let raw = bits.to_be_bytes();
            put_and_find(def, field.tag, &Value::Bytes(&raw), |found| {
                assert_eq!(found, Value::Bytes(&raw))
            });
        }
        Format::Set(inner) => {
            let items = [9, 1, bits as u8];
            put_and_find(
                def,
                field.tag,
                &Value::Set(LocalSet::new(inner, &items)),
                |found| {
                    assert_eq!(found.as_set().unwrap().find(9).unwrap().raw, [bits as u8]);
                },
            );
        }
        // Packs have their own vectors; here only that a zero-length one is told apart.
        _ => put_and_find(def, field.tag, &Value::Empty, |found| {
            assert_eq!(found, Value::Empty)
        }),
    }
}

fn range(format: &Format) -> (f64, f64) {
    match *format {
        Format::LinearUnsigned { bytes, min, step } => {
            (min, min + step * (2f64.powi(8 * i32::from(bytes)) - 1.0))
        }
        Format::LinearSigned { max, .. } | Format::ShortenedSigned { max, .. } => (-max, max),
        Format::Imapb { min, max, .. } => (min, max),
        _ => panic!(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_item_of_every_table_comes_back(share in 0.0..=1.0f64, bits: u64, text in "\\PC{0,20}") {
        for def in TABLES {
            for field in def.fields {
                check_field(def, field, share, bits, &text);
            }
        }
    }

    #[test]
    fn every_item_of_st_0601_comes_back_in_one_packet(share in 0.0..=1.0f64, time: u64) {
        let mut builder = Builder::new(time);
        for field in st0601::DEF.fields {
            if field.format.quantum().is_some() {
                let (min, max) = range(&field.format);
                builder.number(field.tag, min + share * (max - min)).unwrap();
            }
        }
        let bytes = builder.finish();
        let packet = Packet::parse(&bytes).unwrap();
        prop_assert_eq!(packet.checksum(), Checksum::Ok);
        prop_assert_eq!(packet.precision_time_stamp_us(), Some(time));
        for field in st0601::DEF.fields {
            if let Some(quantum) = field.format.quantum() {
                let (min, max) = range(&field.format);
                let found = packet.number(field.tag).unwrap();
                prop_assert!((found - (min + share * (max - min))).abs() <= quantum * 1.000_001);
            }
        }
    }

    #[test]
    fn imap_of_any_range_and_length_comes_back(min in -1e9..1e9f64, width in 1e-3..1e9f64, share in 0.0..=1.0f64, length in 1usize..=8) {
        let max = min + width;
        let map = Imap::b(min, max, length).unwrap();
        let value = (min + share * (max - min)).min(max);
        let mut code = Vec::new();
        map.encode(Reading::Value(value), &mut code).unwrap();
        prop_assert_eq!(code.len(), length);
        let found = map.decode(&code).unwrap().value().unwrap();
        // Doubles of this size themselves are coarser than eight-byte codes.
        prop_assert!((found - value).abs() <= map.resolution() + 4.0 * f64::EPSILON * (min.abs() + width), "{} {}", found, value);
        prop_assert!(map.encode(Reading::Value(max + map.resolution() + width), &mut code).is_err());
        let special = Special::imap(ImapSpecial::AboveMaximum, length);
        code.clear();
        map.encode(Reading::Special(special), &mut code).unwrap();
        prop_assert_eq!(map.decode(&code).unwrap(), Reading::Special(special));
    }

    #[test]
    fn imap_zero_is_exact(min in -1e6..-1e-3f64, max in 1e-3..1e6f64, length in 2usize..=8) {
        let map = Imap::b(min, max, length).unwrap();
        let mut code = Vec::new();
        map.encode(Reading::Value(0.0), &mut code).unwrap();
        let found = map.decode(&code).unwrap().value().unwrap();
        prop_assert!(found.abs() <= 1e-6 * map.resolution().max(1e-6), "{}", found);
    }

    #[test]
    fn access_units_come_back_from_cells(sizes in proptest::collection::vec(0usize..200_000, 1..5), first: u8) {
        let (mut payload, mut sequence) = (Vec::new(), first);
        let units: Vec<Vec<u8>> = sizes.iter().map(|&size| (0..size).map(|i| (i * 7) as u8).collect()).collect();
        for unit in &units {
            sequence = write_cells(unit, 0, sequence, &mut payload).unwrap();
        }
        let mut join = Reassembly::default();
        let mut found = Vec::new();
        for cell in metadata_cells(&payload) {
            let cell = cell.unwrap();
            let joined = join.push(&cell);
            prop_assert_eq!(&joined.lost, &None);
            found.extend(joined.unit.map(<[u8]>::to_vec));
        }
        prop_assert_eq!(found, units);
    }

    #[test]
    fn packets_are_found_between_garbage(garbage in proptest::collection::vec(proptest::collection::vec(0u8..6, 0..40), 1..6), cut in 0usize..60) {
        let packet = Builder::new(7).finish();
        let mut bytes = Vec::new();
        let mut offsets = Vec::new();
        for noise in &garbage {
            bytes.extend(noise);
            offsets.push(bytes.len());
            bytes.extend(&packet);
        }
        bytes.truncate(bytes.len() - cut.min(packet.len()));
        let whole = if cut == 0 { offsets.len() } else { offsets.len() - 1 };
        let (mut covered, mut found) = (0, Vec::new());
        for item in scan(&bytes) {
            covered += match item {
                Found::Packet(p) => { found.push(p.offset); p.bytes.len() }
                Found::Garbage { offset, length } => { prop_assert_eq!(offset, covered); length }
                Found::Truncated { offset, available, .. } => { prop_assert_eq!(offset, covered); available }
            };
        }
        prop_assert_eq!(covered, bytes.len());
        prop_assert_eq!(&found[..], &offsets[..whole]);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), tag in 1u32..150) {
        for def in TABLES {
            let set = LocalSet::new(def, &bytes);
            prop_assert!(set.items().count() <= bytes.len());
            let json = serde_json::Value::Object(set.to_json());
            prop_assert!(!json.to_string().contains("Infinity"));
        }
        let mut builder = Builder::bare();
        builder.raw(tag, &bytes);
        let packet = builder.finish();
        let packet = Packet::parse(&packet).unwrap();
        prop_assert_eq!(packet.checksum(), Checksum::Ok);
        let _ = (packet.to_json(), packet.corners(), packet.vmti().map(|v| v.targets().count()));
    }
}
