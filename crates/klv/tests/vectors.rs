//! The examples that the standards print beside each item: the engineering value and its bytes.

use truceline_klv::pack::Series;
use truceline_klv::st0601::lists::{Payload, WavelengthBand};
use truceline_klv::st0601::locations::Waypoint;
use truceline_klv::st0601::weapons::WeaponStore;
use truceline_klv::st0601::{Builder, DEF, Packet};
use truceline_klv::{Imap, ImapSpecial, Pack, Reading, Special, Value};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|b| *b != b' ').collect();
    digits
        .chunks(2)
        .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap())
        .collect()
}

/// ST 0601.19 §8, "example value" and "example LS value" of each item with a number. The printed values are rounded; they are
/// held to half a quantum plus the last printed digit.
const NUMBERS: &[(u32, &str, f64, f64)] = &[
    (5, "71C2", 159.974365, 5e-7),
    (6, "FD3D", -0.431531724, 5e-10),
    (7, "08B8", 3.40586566, 5e-9),
    (8, "93", 147.0, 0.0),
    (9, "9F", 159.0, 0.0),
    (13, "5595B66D", 60.176822966978335, 1e-13),
    (14, "5B5360C4", 128.42675904204452, 1e-13),
    (15, "C221", 14190.7195, 5e-5),
    (16, "CD9C", 144.571298, 5e-7),
    (17, "D917", 152.643626, 5e-7),
    (18, "724A0A20", 160.71921143697557, 1e-13),
    (19, "87F84B86", -168.79232483394085, 1e-13),
    (20, "7DC55ECE", 176.86543764939194, 1e-13),
    (21, "03830926", 68590.98329874477, 1e-10),
    (22, "1281", 722.819867, 5e-7),
    (23, "F101A229", -10.542388633146132, 1e-13),
    (24, "14BC082B", 29.157890122923014, 1e-13),
    (25, "34F3", 3216.03723, 5e-6),
    (26, "1750", 0.0136602540, 1.2e-6),
    (27, "063F", 0.0036602540, 1.2e-6),
    (28, "F9C1", -0.0036602540, 1.2e-6),
    (29, "1750", 0.0136602540, 1.2e-6),
    (30, "ED1F", -0.0110621778, 1.2e-6),
    (31, "F732", -0.0051602540, 1.2e-6),
    (32, "01D0", 0.0010621778, 1.2e-6),
    (33, "EB3F", -0.0121602540, 1.2e-6),
    (35, "A7C4", 235.924010, 5e-7),
    (36, "B2", 69.8039216, 5e-8),
    (37, "BEBA", 3725.18502, 5e-6),
    (38, "CA35", 14818.6770, 5e-5),
    (39, "54", 84.0, 0.0),
    (40, "8F695262", -79.16385005189285, 1e-13),
    (41, "765457F2", 166.40081296041646, 1e-13),
    (42, "F823", 18389.0471, 5e-5),
    (43, "03", 6.0, 0.0),
    (44, "0F", 30.0, 0.0),
    (45, "1A95", 425.215152, 5e-7),
    (46, "2611", 608.9231, 5e-5),
    (49, "3D07", 1191.95850, 5e-6),
    (50, "C883", -8.67030854, 5e-9),
    (51, "D3FE", -61.8878750, 5e-7),
    (52, "DF79", -5.08255257, 5e-9),
    (53, "6AF4", 2088.96010, 5e-6),
    (54, "7670", 8306.80552, 5e-6),
    (55, "81", 50.5882353, 5e-8),
    (56, "8C", 140.0, 0.0),
    (57, "B38EACF1", 3506979.03160634, 1e-8),
    (58, "A45D", 6420.53864, 5e-6),
    (62, "06CF", 1743.0, 0.0),
    (64, "DDC5", 311.868162, 5e-7),
    (65, "0D", 13.0, 0.0),
    (67, "85A15A39", -86.04120734894704, 1e-13),
    (68, "001C501C", 0.15552755452484243, 1e-13),
    (69, "0BB3", 9.44533455, 5e-9),
    (71, "172F", 32.6024262, 5e-8),
    (75, "C221", 14190.7195, 5e-5),
    (76, "0BB3", 9.44533455, 5e-9),
    (78, "0BB3", 9.44533455, 5e-9),
    (79, "09FB", 25.4977569, 5e-8),
    (80, "09FB", 25.4977569, 5e-8),
    (82, "F1069B63", -10.528728379108287, 2.1e-8),
    (83, "14BCB2C0", 29.161550376960857, 4.2e-8),
    (84, "F1004D00", -10.546048887183977, 2.1e-8),
    (85, "14BE84C8", 29.17155037696086, 4.2e-8),
    (86, "F0FD9B17", -10.553450810972622, 2.1e-8),
    (87, "14BB17AF", 29.15272986888517, 4.2e-8),
    (88, "F102052A", -10.541326455319641, 2.1e-8),
    (89, "14B9D176", 29.14572986888517, 4.2e-8),
    (90, "FF62E2F2", -0.43152510208614414, 1e-13),
    (91, "04D804DF", 3.4058139815022304, 1e-13),
    (92, "F3AB48EF", -8.670176984123037, 1e-13),
    (93, "DE179323", -47.683, 5e-4),
    (96, "00D92A", 13898.5463, 0.25),
    (103, "2F921E", 23456.24, 7.9e-3),
    (104, "2F921E", 23456.24, 7.9e-3),
    (105, "2F921E", 23456.24, 7.9e-3),
    (109, "0001A0", 1.625, 0.0),
    (110, "4DAF", 19887.0, 0.0),
    (111, "0BB8", 3000.0, 0.0),
    (112, "1F40", 125.0, 0.0),
    (113, "05F500", 2150.0, 0.0),
    (114, "05F740", 2154.5, 0.0),
    (117, "3E90", 1.0, 0.0),
    (118, "3E8011", 0.004176, 2.5e-4),
    (119, "3B60", -50.0, 0.0),
    (120, "4800", 72.0, 0.0),
    (123, "07", 7.0, 0.0),
    (132, "0257C0", 2400.0, 0.0),
    (133, "2710", 10000.0, 0.0),
    (134, "3700", 55.0, 0.0),
    (136, "1E", 30.0, 0.0),
    (137, "012B8DC635", 5025678901.0, 0.0),
];

#[test]
fn numbers_are_those_that_the_standard_prints() {
    for &(tag, hex, expected, tolerance) in NUMBERS {
        let raw = bytes(hex);
        let field = DEF.field(tag).unwrap();
        let found = field.format.decode(&raw).unwrap().as_f64().unwrap();
        assert!(
            (found - expected).abs() <= tolerance,
            "item {tag} {}: {found} is not {expected}",
            field.name
        );
        // And back: the decoded value encodes to the same bytes where the length is the standard's choice.
        let mut out = Vec::new();
        let value = field.format.decode(&raw).unwrap();
        field.format.encode(&value, &mut out).unwrap();
        if out.len() == raw.len() {
            assert_eq!(out, raw, "item {tag}");
        }
    }
}

#[test]
fn texts_and_times_are_those_that_the_standard_prints() {
    let texts = [
        (3, "MISSION01"),
        (4, "AF-101"),
        (10, "MQ1-B"),
        (11, "EO"),
        (12, "Geodetic WGS84"),
        (59, "TOP GUN"),
        (70, "APACHE"),
        (106, "BLUE"),
        (107, "BASE01"),
        (108, "HOME"),
        (129, "A123"),
        (135, "Frequency Modulation"),
    ];
    for (tag, text) in texts {
        assert_eq!(
            DEF.field(tag).unwrap().format.decode(text.as_bytes()),
            Ok(Value::Text(text))
        );
    }
    let times = [
        (2, "0004 59F4 A6AA 4AA8", 1_224_807_209_913_000),
        (72, "0002 D5D0 2466 0180", 798_039_894_000_000),
        (131, "05 6F27 1B5E 41B7", 1_529_588_637_122_999),
    ];
    for (tag, hex, time) in times {
        assert_eq!(
            DEF.field(tag).unwrap().format.decode(&bytes(hex)),
            Ok(Value::Unsigned(time))
        );
    }
}

#[test]
fn enumerations_and_flags_have_the_standards_words() {
    let label = |tag: u32, code: u8| match DEF.field(tag).unwrap().format.decode(&[code]).unwrap() {
        Value::Enumerated { label, .. } => label,
        other => panic!("{other:?}"),
    };
    assert_eq!(label(34, 2), Some("Icing detected"));
    assert_eq!(label(63, 2), Some("Medium"));
    assert_eq!(label(77, 1), Some("Operational"));
    assert_eq!(label(125, 9), Some("Egress"));
    assert_eq!(label(126, 5), Some("Auto - Holding Position"));
    assert_eq!(label(126, 200), None);
    match DEF.field(47).unwrap().format.decode(&[0x31]).unwrap() {
        Value::Flags { bits: 0x31, names } => assert_eq!(
            [names[0], names[4], names[5]],
            ["laser_range_on", "slant_range_measured", "image_invalid"]
        ),
        other => panic!("{other:?}"),
    }
}

fn pack(tag: u32, raw: &[u8]) -> Pack<'static> {
    let raw: &'static [u8] = raw.to_vec().leak();
    match DEF.field(tag).unwrap().format.decode(raw).unwrap() {
        Value::Pack(pack) => {
            let pack = pack.read().unwrap();
            let mut out = Vec::new();
            pack.encode(&mut out).unwrap();
            assert_eq!(out, raw, "item {tag} written again");
            pack
        }
        other => panic!("{other:?}"),
    }
}

fn number(reading: Reading) -> f64 {
    reading.value().unwrap()
}

#[test]
fn weapons_as_the_standard_prints_them() {
    let Pack::WeaponLoad(load) = pack(60, &[0xaf, 0xd8]) else {
        panic!()
    };
    assert_eq!(
        (
            load.station_number,
            load.substation_number,
            load.weapon_type,
            load.weapon_variant
        ),
        (10, 15, 13, 8)
    );
    let Pack::WeaponFired(fired) = pack(61, &[0xba]) else {
        panic!()
    };
    assert_eq!((fired.station_number, fired.substation_number), (11, 10));

    let raw = bytes("0E 01 02 03 01 82 03 07 48617270 6F6F6E 0D 00 00 00 01 82 03 06 4742552D3135");
    let Pack::WeaponStores(series) = pack(140, &raw) else {
        panic!()
    };
    let stores: Vec<WeaponStore<'_>> = series.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        (
            stores[0].station_id,
            stores[0].hardpoint_id,
            stores[0].carriage_id,
            stores[0].store_id
        ),
        (1, 2, 3, 1)
    );
    assert_eq!(
        (stores[0].general_status(), stores[0].status >> 8),
        (Some("Ready/All Up Round"), 1)
    );
    assert_eq!(
        (stores[0].store_type.as_str(), stores[1].store_type.as_str()),
        (Some("Harpoon"), Some("GBU-15"))
    );
}

#[test]
fn places_as_the_standard_prints_them() {
    let Pack::ImageHorizon(horizon) = pack(
        81,
        &bytes("0A 00 00 14 CF37C049 65D4C3B2 CED91688 65E52600"),
    ) else {
        panic!()
    };
    assert_eq!((horizon.x0_percent, horizon.y1_percent), (10, 20));
    let [start, end] = horizon.points.unwrap();
    assert!(
        (number(start.latitude_deg) + 34.3).abs() < 1e-7
            && (number(end.longitude_deg) - 143.29).abs() < 1e-7
    );

    let raw = bytes("0B 406BC209 19BDA554 070E00 0B 40783CB8 19A29274 07C600");
    let Pack::Airbases(bases) = pack(130, &raw) else {
        panic!()
    };
    let (take_off, recovery) = (bases.take_off.unwrap(), bases.recovery.unwrap());
    assert!((number(take_off.latitude_deg) - 38.841_859).abs() < 1e-6);
    assert!((number(take_off.longitude_deg) + 77.036_784).abs() < 1e-6);
    assert_eq!(number(take_off.height_hae_m.unwrap()), 3.0 - 900.0 + 900.0);
    assert!((number(recovery.latitude_deg) - 38.939_353).abs() < 1e-6);
    assert!((number(recovery.longitude_deg) + 77.459_811).abs() < 1e-6);
    let Pack::Airbases(unknown) = pack(130, &bytes("00 0B 40783CB8 19A29274 07C600")) else {
        panic!()
    };
    assert!(unknown.take_off.is_none() && unknown.recovery.is_some());
    let Pack::Airbases(same) = pack(130, &bytes("08 406BC209 19BDA554")) else {
        panic!()
    };
    assert!(same.recovery == same.take_off && same.take_off.unwrap().height_hae_m.is_none());

    let raw =
        bytes("0F 00 0001 03 4071D894 19BDBFE7 089800 0F 03 FFFE 00 4071E5AF 19BF5AA7 096000");
    let Pack::Waypoints(series) = pack(141, &raw) else {
        panic!()
    };
    let points: Vec<Waypoint> = series.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        (points[0].id, points[0].prosecution_order, points[0].info),
        (0, 1, Some(3))
    );
    let at = points[0].location.unwrap();
    assert!(
        (number(at.latitude_deg) - 38.889_422).abs() < 1e-6
            && (number(at.longitude_deg) + 77.035_162).abs() < 1e-6
    );
    assert_eq!(number(at.height_hae_m.unwrap()), 200.0);
    assert_eq!(
        (
            points[1].prosecution_order,
            number(points[1].location.unwrap().height_hae_m.unwrap())
        ),
        (-2, 300.0)
    );
}

#[test]
fn lists_as_the_standard_prints_them() {
    let Pack::ControlCommand(command) =
        pack(115, &bytes("05 11 466C7920746F20576179706F696E742031"))
    else {
        panic!()
    };
    assert_eq!(
        (command.id, command.command.as_str(), command.time_us),
        (5, Some("Fly to Waypoint 1"), None)
    );
    let Pack::Oids(ids) = pack(116, &[3, 7]) else {
        panic!()
    };
    assert_eq!(ids.numbers().collect::<Result<Vec<_>, _>>(), Ok(vec![3, 7]));

    let Pack::CountryCodes(codes) = pack(122, &bytes("01 0E 03 43414E 00 03 465241")) else {
        panic!()
    };
    assert_eq!(
        (
            codes.coding_method,
            codes.overflight_country.unwrap().as_str()
        ),
        (14, Some("CAN"))
    );
    assert_eq!(
        (
            codes.operator_country,
            codes.country_of_manufacture.unwrap().as_str()
        ),
        (None, Some("FRA"))
    );

    let Pack::FrameRate(rate) = pack(127, &bytes("83D460 8769")) else {
        panic!()
    };
    assert_eq!((rate.numerator, rate.denominator), (60_000, 1001));
    assert!((rate.frames_per_second().unwrap() - 59.94).abs() < 1e-3);

    let Pack::Wavelengths(bands) = pack(128, &bytes("0D 15 000007D0 00000FA0 4E4E4952")) else {
        panic!()
    };
    let bands: Vec<WavelengthBand<'_>> = bands.records().collect::<Result<_, _>>().unwrap();
    assert_eq!((bands[0].id, bands[0].name.as_str()), (21, Some("NNIR")));
    assert_eq!(
        (number(bands[0].min_nm), number(bands[0].max_nm)),
        (1000.0, 2000.0)
    );

    let raw = bytes(
        "03 12 00 00 0F 564953204E6F73652043616D657261 15 01 00 12 41434D4520564953204D6F64656C20313233",
    );
    let Pack::Payloads(list) = pack(138, &raw) else {
        panic!()
    };
    let payloads: Vec<Payload<'_>> = list.payloads.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        (list.count, payloads.len(), payloads[1].name.as_str()),
        (3, 2, Some("ACME VIS Model 123"))
    );

    let Pack::ActivePayloads(active) = pack(139, &[0x0b]) else {
        panic!()
    };
    assert_eq!(active.ids().collect::<Vec<_>>(), [0, 1, 3]);
    let Pack::SubstreamId(id) = pack(143, &[5]) else {
        panic!()
    };
    assert_eq!((id.local_id, id.universal_id), (5, None));
}

#[test]
fn view_domain_ends_early_and_has_unknown_axes() {
    // Azimuth from 330° over 60° in two-byte codes, elevation unknown, roll 45° over 90° in three-byte codes.
    let azimuth = Imap::b(0.0, 360.0, 2).unwrap();
    let roll = Imap::b(0.0, 360.0, 3).unwrap();
    let mut raw = vec![4];
    azimuth.encode(Reading::Value(330.0), &mut raw).unwrap();
    azimuth.encode(Reading::Value(60.0), &mut raw).unwrap();
    let short = raw.clone();
    raw.extend([0, 6]);
    roll.encode(Reading::Value(45.0), &mut raw).unwrap();
    roll.encode(Reading::Value(90.0), &mut raw).unwrap();
    let Pack::ViewDomain(view) = pack(142, &raw) else {
        panic!()
    };
    assert_eq!(number(view.azimuth.unwrap().start_deg), 330.0);
    assert!(view.elevation.is_none());
    assert_eq!(number(view.roll.unwrap().range_deg), 90.0);
    let Pack::ViewDomain(view) = pack(142, &short) else {
        panic!()
    };
    assert!(view.elevation.is_none() && view.roll.is_none());
}

#[test]
fn sdcc_of_mode_2_with_a_sparse_matrix() {
    let raw = bytes("03 B304 80 3F800000 40000000 00000000 200000");
    let Pack::Sdcc(sdcc) = pack(102, &raw) else {
        panic!()
    };
    let sigmas: Vec<f64> = sdcc
        .standard_deviations()
        .unwrap()
        .map(|s| number(s.unwrap()))
        .collect();
    assert_eq!(sigmas, [1.0, 2.0, 0.0]);
    let rhos: Vec<_> = sdcc
        .correlations()
        .map(|(r, c, v)| (r, c, number(v.unwrap())))
        .collect();
    assert_eq!(rhos, [(0, 1, -0.5)]);
}

#[test]
fn imap_as_st_1201_prints_it() {
    // Appendix: −900..19000 at half a metre (IMAPA), and 0.1..0.9 in two bytes (IMAPB).
    let map = Imap::a(-900.0, 19_000.0, 0.5).unwrap();
    assert_eq!(map.length(), 3);
    for (value, code) in [(-900.0, 0), (0.0, 230_400), (10.0, 232_960)] {
        assert_eq!(map.forward(value), Some(code));
        assert_eq!(
            map.decode(&(code as u32).to_be_bytes()[1..]),
            Ok(Reading::Value(value))
        );
    }
    let map = Imap::b(0.1, 0.9, 2).unwrap();
    for (value, code) in [(0.1, 0u16), (0.5, 13_107), (0.9, 26_214)] {
        assert_eq!(map.forward(value), Some(code.into()));
        assert!((number(map.decode(&code.to_be_bytes()).unwrap()) - value).abs() < 1e-4);
    }
}

#[test]
fn imap_keeps_zero_exact_and_tells_special_values() {
    let map = Imap::b(-1.0, 5.3, 4).unwrap();
    let mut code = Vec::new();
    map.encode(Reading::Value(0.0), &mut code).unwrap();
    assert_eq!(map.decode(&code), Ok(Reading::Value(0.0)));
    let meanings = [
        (0xc8, ImapSpecial::PositiveInfinity),
        (0xe8, ImapSpecial::NegativeInfinity),
        (0xd0, ImapSpecial::PositiveQuietNan),
        (0xf0, ImapSpecial::NegativeQuietNan),
        (0xd8, ImapSpecial::PositiveSignalNan),
        (0xf8, ImapSpecial::NegativeSignalNan),
        (0xe0, ImapSpecial::BelowMinimum),
        (0xe1, ImapSpecial::AboveMaximum),
        (0xc0, ImapSpecial::UserDefined),
        (0xa0, ImapSpecial::Reserved),
    ];
    for (first, meaning) in meanings {
        let raw = [first, 0, 0];
        let map = Imap::b(-900.0, 40_000.0, 3).unwrap();
        let Reading::Special(special) = map.decode(&raw).unwrap() else {
            panic!("{first:x}")
        };
        assert_eq!(special, Special::imap(meaning, 3));
        let mut out = Vec::new();
        map.encode(Reading::Special(special), &mut out).unwrap();
        assert_eq!(out, raw);
    }
    // A code that no number of the range has is not a number, though its top bit is clear.
    let Reading::Special(beyond) = Imap::b(0.0, 360.0, 2)
        .unwrap()
        .decode(&[0x7f, 0xff])
        .unwrap()
    else {
        panic!()
    };
    assert_eq!(beyond.as_str(), "beyond_range");
}

#[test]
fn reserved_codes_are_not_numbers() {
    let packet = {
        let mut builder = Builder::new(1);
        builder
            .raw(6, &[0x80, 0])
            .raw(13, &[0x80, 0, 0, 0])
            .raw(26, &[0x80, 0])
            .raw(90, &[0x80, 0, 0, 0])
            .raw(7, &[]);
        builder.finish()
    };
    let packet = Packet::parse(&packet).unwrap();
    let meaning = |tag: u32| match packet.find(tag).unwrap().value().unwrap() {
        Value::Special(special) => special.to_string(),
        Value::Empty => "empty".into(),
        other => panic!("{other:?}"),
    };
    assert_eq!(meaning(6), "out_of_range (0x8000)");
    assert_eq!(meaning(13), "error_indicator (0x80000000)");
    assert_eq!(meaning(26), "error_indicator (0x8000)");
    assert_eq!(meaning(90), "out_of_range (0x80000000)");
    assert_eq!(meaning(7), "empty");
    assert!(
        [6, 13, 26, 90, 7]
            .into_iter()
            .all(|tag| packet.number(tag).is_none())
    );
}

#[test]
fn vmti_location_carries_its_covariance() {
    use truceline_klv::SetBuilder;
    use truceline_klv::st0903::packs::{TargetLocation, Uncertainty, VTarget};
    use truceline_klv::st0903::{self, Edition, VTARGET, Vmti};

    let value = Reading::Value;
    let location = TargetLocation {
        latitude_deg: value(39.9),
        longitude_deg: value(46.9),
        height_hae_m: value(410.0),
        uncertainty: Some(Uncertainty {
            sigma: [value(3.0), value(4.0), value(8.0)],
            rho: Some([value(0.5), value(0.0), value(-0.25)]),
        }),
        legacy: false,
    };
    let mut items = SetBuilder::new(&VTARGET);
    items
        .put(5, &Value::Unsigned(87))
        .unwrap()
        .put_pack(17, &Pack::Location(location))
        .unwrap();
    items
        .put_number(10, 0.001)
        .unwrap()
        .put_raw(8, &[255, 128, 0])
        .put_raw(23, &[1])
        .put_raw(1, &bytes("064000"));
    let target = VTarget {
        id: 1234,
        items: truceline_klv::LocalSet::new(&VTARGET, items.as_bytes()),
    };
    let series = truceline_klv::pack::write_series(&[target]).unwrap();
    let mut vmti = SetBuilder::new(&st0903::DEF);
    vmti.put(4, &Value::Unsigned(5))
        .unwrap()
        .put(8, &Value::Unsigned(1920))
        .unwrap();
    vmti.put(101, &Value::Bytes(&series)).unwrap();

    let vmti = Vmti::new(vmti.as_bytes());
    assert_eq!(vmti.edition(), Edition::Stated(5));
    let targets: Vec<_> = vmti.targets().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        (
            targets.len(),
            targets[0].id,
            targets[0].confidence_percent()
        ),
        (1, 1234, Some(87))
    );
    assert_eq!(
        targets[0].detection_status().unwrap().label(),
        Some("Active-Moving")
    );
    assert_eq!(targets[0].color_rgb(), Some([255, 128, 0]));
    // 409600 = 213 rows of 1920 and 640 pixels more.
    assert_eq!(targets[0].centroid_px(1920), Some((214, 640)));
    let found = targets[0].location().unwrap();
    assert!(
        (number(found.latitude_deg) - 39.9).abs() < 1e-7
            && (number(found.height_hae_m) - 410.0).abs() < 1.0
    );
    let covariance = found.uncertainty.unwrap().covariance().unwrap();
    assert!((covariance[0][0] - 9.0).abs() < 0.2 && (covariance[0][1] - 6.0).abs() < 0.2);
    assert!((covariance[1][2] + 8.0).abs() < 0.2 && covariance[1][2] == covariance[2][1]);
    let json = vmti.to_json();
    assert_eq!(json["vtarget_series"][0]["target_id"], 1234);
    assert!(Series::new(&series).raw().count() == 1);
}
