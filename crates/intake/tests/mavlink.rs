//! Drone telemetry through the public decoder: real recordings against the figures of other
//! readers (pymavlink 2.4.50, pyulog 1.3.0), and frames and logs made here for what those lack.

use mavlink::dialects::ardupilotmega as dialect;
use mavlink::dialects::ardupilotmega::MavMessage;
use mavlink::{MAVLinkV2MessageRaw, MavHeader};
use proptest::prelude::*;
use truceline_domain::{Body, FeedId, MavlinkPosition, Observation, SourceId};
use truceline_intake::{Context, Fault, FaultKind, Format, Item, Tally, decoder};

const TLOG: &[u8] = include_bytes!("data/mavlink/ardusub.tlog");
const DATAFLASH: &[u8] = include_bytes!("data/mavlink/ardusub.BIN");
const PIXHAWK: &[u8] = include_bytes!("data/ulog/pixhawk.ulg");
const APPENDED: &[u8] = include_bytes!("data/ulog/appended.ulg");

fn read_in(bytes: &[u8], chunk: usize) -> (Vec<Item>, Tally) {
    let context = Context {
        feed: FeedId::new("uav-1").unwrap(),
        source: SourceId::new("UAV1").unwrap(),
    };
    let mut decoder = decoder(Format::Mavlink, context);
    let mut items = Vec::new();
    for piece in bytes.chunks(chunk) {
        decoder.push(piece, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    (items, decoder.tally())
}

fn read(bytes: &[u8]) -> (Vec<Item>, Tally) {
    read_in(bytes, bytes.len().max(1))
}

fn observations(items: &[Item]) -> Vec<&Observation> {
    let only = |item| match item {
        &Item::Observation(ref o) => Some(&**o),
        _ => None,
    };
    items.iter().filter_map(only).collect()
}

fn faults(items: &[Item]) -> Vec<&Fault> {
    items
        .iter()
        .filter_map(|item| {
            if let Item::Fault(f) = item {
                Some(f)
            } else {
                None
            }
        })
        .collect()
}

fn count(tally: &Tally, name: &str) -> u64 {
    tally.counts.get(name).copied().unwrap_or(0)
}

fn message(o: &Observation) -> &str {
    match &o.body {
        Body::MavlinkPosition(b) => &b.message,
        Body::MavlinkAttitude(b) => &b.message,
        Body::MavlinkGimbal(b) => &b.message,
        Body::MavlinkCamera(b) => &b.message,
        other => panic!("{other:?}"),
    }
}

fn last<'i>(items: &'i [Item], name: &str) -> &'i Observation {
    observations(items)
        .into_iter()
        .rfind(|o| message(o) == name)
        .unwrap()
}

fn position(o: &Observation) -> &MavlinkPosition {
    if let Body::MavlinkPosition(p) = &o.body {
        p
    } else {
        panic!("{o:?}")
    }
}

#[test]
fn a_real_tlog_gives_what_pymavlink_gives() {
    let (items, tally) = read(TLOG);
    assert_eq!(count(&tally, "frames"), 7055);
    assert_eq!(
        tally.faults["bad checksum"], 4,
        "of a camera with definitions of its own"
    );
    for (name, n) in [
        ("ATTITUDE", 867),
        ("GLOBAL_POSITION_INT", 134),
        ("GPS_RAW_INT", 90),
        ("MOUNT_STATUS", 134),
        ("SYSTEM_TIME", 136),
        ("PARAM_VALUE", 887),
        ("HEARTBEAT", 180),
        ("EKF_STATUS_REPORT", 134),
    ] {
        assert_eq!(count(&tally, name), n, "{name}");
    }
    assert_eq!(tally.observations["mavlink.position"], 134 + 90);
    assert_eq!(tally.observations["mavlink.attitude"], 867);
    assert_eq!(tally.observations["mavlink.gimbal"], 134);

    let at = last(&items, "GLOBAL_POSITION_INT");
    let p = position(at);
    assert_eq!(
        (p.position.lat_deg(), p.position.lon_deg()),
        (48.386_141_3, -124.630_573_8)
    );
    assert_eq!(p.height_msl_m.unwrap().get(), -0.06);
    assert_eq!(p.height_above_home_m.unwrap().get(), -0.062);
    assert_eq!(p.velocity_north_mps.unwrap().get(), -0.12);
    assert_eq!(p.heading_deg.unwrap().deg(), 238.22);
    // The vehicle tells no UTC, so the ground station's clock is taken.
    assert_eq!(at.observed.unwrap().unix_us(), 1_683_220_585_239_000);
    let Body::MavlinkAttitude(a) = &last(&items, "ATTITUDE").body else {
        panic!()
    };
    assert!((a.yaw_deg.get() - f64::to_degrees(-2.123_739_004_135_132)).abs() < 1e-9);

    // Missing frames by component, as a count over pymavlink's messages gives them.
    let missing: Vec<_> = faults(&items)
        .into_iter()
        .filter(|f| f.kind == FaultKind::Missing)
        .collect();
    let of = |who: &str| missing.iter().filter(|f| f.message.contains(who)).count();
    assert_eq!(of("of system 255 component 190 "), 75);
    assert_eq!(of("of system 1 component 194 "), 44);
    assert_eq!(of("of system 1 component 220 "), 45);
    assert_eq!(of("of system 1 component 100 "), 4);
    assert_eq!(missing.len(), 75 + 44 + 45 + 4);
    assert_eq!(faults(&items).len(), missing.len() + 4);
}

#[test]
fn a_real_dataflash_log_gives_what_pymavlink_gives() {
    let (items, tally) = read(DATAFLASH);
    assert_eq!(count(&tally, "DataFlash records"), 7510);
    for (name, n) in [
        ("PARM", 876),
        ("IMU", 594),
        ("ATT", 237),
        ("AHR2", 237),
        ("FMT", 152),
    ] {
        assert_eq!(count(&tally, name), n, "{name}");
    }
    assert!(faults(&items).is_empty(), "{:?}", faults(&items));
    let all = observations(&items);
    assert_eq!(all.len(), 237 + 237);
    assert!(
        all.iter().all(|o| o.observed.is_none()),
        "the log has no GPS time"
    );
    let Body::MavlinkAttitude(a) = &all[0].body else {
        panic!()
    };
    assert_eq!((a.system, a.message.as_str()), (1, "ATT"));
    assert_eq!(
        (a.roll_deg.get(), a.pitch_deg.get(), a.yaw_deg.get()),
        (-0.08, -0.63, 213.93)
    );
}

#[test]
fn a_real_ulog_gives_what_pyulog_gives() {
    let (items, tally) = read(PIXHAWK);
    assert!(
        faults(&items)
            .iter()
            .all(|f| f.kind == FaultKind::Missing && f.offset == 65_531)
    );
    assert_eq!(count(&tally, "milliseconds dropped by the logger"), 30);
    assert_eq!(count(&tally, "vehicle_attitude"), 504);
    assert_eq!(count(&tally, "vehicle_local_position"), 247);
    let samples = [
        "vehicle_attitude",
        "vehicle_local_position",
        "vehicle_gps_position",
    ];
    let samples: u64 = samples.iter().map(|n| count(&tally, n)).sum();
    assert_eq!(samples + count(&tally, "samples of other topics"), 5691);
    assert_eq!(tally.observations["mavlink.position"], 13);
    assert_eq!(tally.observations["mavlink.attitude"], 504);

    let fix = last(&items, "vehicle_gps_position");
    assert_eq!(fix.observed.unwrap().unix_us(), 1_618_986_661_000_344);
    let p = position(fix);
    assert_eq!(p.system, 1);
    assert_eq!(
        (p.position.lat_deg(), p.position.lon_deg()),
        (63.417_052_5, 10.408_218)
    );
    assert_eq!(
        (p.height_msl_m.unwrap().get(), p.height_hae_m.unwrap().get()),
        (64.454, 104.405)
    );
    assert!((p.velocity_east_mps.unwrap().get() + 0.046).abs() < 1e-6);
    assert!((p.horizontal_sd_m.unwrap().get() - 2.901).abs() < 1e-6);
    assert_eq!(p.heading_deg, None);

    let turned = last(&items, "vehicle_attitude");
    let Body::MavlinkAttitude(a) = &turned.body else {
        panic!()
    };
    for (ours, theirs) in [
        (a.roll_deg, 1.086_515_729_752_463_7),
        (a.pitch_deg, -0.088_545_496_993_634_7),
        (a.yaw_deg, 6.015_206_856_539_621_5),
    ] {
        assert!((ours.get() - theirs).abs() < 1e-5, "{ours:?} {theirs}");
    }
    // 22,941,795 µs since boot, by the fix of 22,858,638 µs.
    assert_eq!(
        turned.observed.unwrap().unix_us(),
        1_618_986_661_000_344 + 83_157
    );
}

#[test]
fn appended_sections_are_followed() {
    let (items, tally) = read(APPENDED);
    assert_eq!(count(&tally, "vehicle_attitude"), 306);
    assert_eq!(count(&tally, "vehicle_local_position"), 95);
    assert_eq!(count(&tally, "samples of other topics"), 6852 - 306 - 95);
    // Before each section the crash left at most one message cut off.
    for fault in faults(&items) {
        assert_eq!(fault.kind, FaultKind::Truncated, "{fault}");
        let end = fault.offset + fault.bytes.len() as u64;
        assert!([434_369, 451_825, 469_281].contains(&end), "{fault}");
    }
    assert!(observations(&items).iter().all(|o| o.observed.is_none()));
}

fn frame(sequence: u8, message: &MavMessage) -> Vec<u8> {
    let mut raw = MAVLinkV2MessageRaw::new();
    raw.serialize_message(
        MavHeader {
            system_id: 1,
            component_id: 1,
            sequence,
        },
        message,
    );
    raw.raw_bytes().to_vec()
}

fn at(time_boot_ms: u32, lat: i32) -> MavMessage {
    MavMessage::GLOBAL_POSITION_INT(dialect::GLOBAL_POSITION_INT_DATA {
        time_boot_ms,
        lat,
        lon: 468_000_000,
        alt: 1_234_000,
        relative_alt: 120_000,
        hdg: u16::MAX,
        ..Default::default()
    })
}

fn system_time(time_unix_usec: u64, time_boot_ms: u32) -> MavMessage {
    MavMessage::SYSTEM_TIME(dialect::SYSTEM_TIME_DATA {
        time_unix_usec,
        time_boot_ms,
    })
}

#[test]
fn a_bare_stream_is_in_the_vehicles_utc_once_it_tells_it() {
    let unix_us = 1_604_955_600_000_000;
    let stream = [
        frame(0, &at(1000, 397_000_000)),
        frame(1, &system_time(unix_us, 2000)),
        frame(2, &at(2500, 397_000_001)),
    ];
    let (items, _) = read(&stream.concat());
    let all = observations(&items);
    assert_eq!(all[0].observed, None);
    assert_eq!(all[1].observed.unwrap().unix_us(), unix_us as i64 + 500_000);
    let p = position(all[1]);
    assert_eq!(p.height_above_home_m.unwrap().get(), 120.0);
    assert_eq!(p.heading_deg, None, "65535 is unknown");
    assert!(faults(&items).is_empty());
}

#[test]
fn clocks_that_jump_or_disagree_are_told() {
    let unix_us = 1_604_955_600_000_000_u64;
    let hour = 3_600_000_000;
    let stamped = |us: u64, frame: Vec<u8>| [us.to_be_bytes().to_vec(), frame].concat();
    let tlog = [
        stamped(unix_us, frame(0, &system_time(unix_us + hour, 100_000))),
        stamped(
            unix_us,
            frame(1, &system_time(unix_us + hour + 5_000_000, 100_000)),
        ),
        stamped(unix_us - 2_000_000, frame(2, &at(100_000, 397_000_000))),
        stamped(unix_us, frame(3, &at(1000, 397_000_001))),
        stamped(7, frame(4, &at(2000, 397_000_002))),
    ];
    let (items, _) = read(&tlog.concat());
    let told: Vec<_> = faults(&items)
        .iter()
        .map(|f| (f.kind, f.message.clone()))
        .collect();
    let words = [
        "ahead of the ground",
        "jumped by 5.000 s",
        "went back by 2.000 s",
        "since boot went back",
    ];
    for (i, word) in words.iter().enumerate() {
        assert_eq!(told[i].0, FaultKind::ClockJump);
        assert!(told[i].1.contains(word), "{told:?}");
    }
    assert_eq!((told[4].0, told.len()), (FaultKind::Absurd, 5));
    let times: Vec<_> = observations(&items)
        .iter()
        .map(|o| o.observed.map(|t| t.unix_us() as u64))
        .collect();
    // By the vehicle's clock; after its restart by the ground's, moved by what the two differ.
    let ahead = hour + 5_000_000;
    assert_eq!(times, [Some(unix_us + ahead), Some(unix_us + ahead), None]);
}

#[test]
fn what_a_message_calls_unknown_is_no_number_and_what_cannot_be_is_set_aside() {
    let gps = |fix_type, lat| {
        MavMessage::GPS_RAW_INT(dialect::GPS_RAW_INT_DATA {
            fix_type,
            lat,
            lon: 468_000_000,
            alt: 900_000,
            vel: 1000,
            cog: 9000,
            h_acc: 1500,
            ..Default::default()
        })
    };
    let fov = MavMessage::CAMERA_FOV_STATUS(dialect::CAMERA_FOV_STATUS_DATA {
        lat_camera: 397_000_000,
        lon_camera: 468_000_000,
        lat_image: i32::MAX,
        lon_image: i32::MAX,
        hfov: 60.0,
        vfov: f32::NAN,
        ..Default::default()
    });
    let gimbal = |q| {
        MavMessage::GIMBAL_DEVICE_ATTITUDE_STATUS(dialect::GIMBAL_DEVICE_ATTITUDE_STATUS_DATA {
            q,
            flags: dialect::GimbalDeviceFlags::GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME,
            ..Default::default()
        })
    };
    let h = std::f32::consts::FRAC_1_SQRT_2;
    let messages = [
        gps(dialect::GpsFixType::GPS_FIX_TYPE_NO_FIX, 397_000_000),
        gps(dialect::GpsFixType::GPS_FIX_TYPE_3D_FIX, 397_000_000),
        gps(dialect::GpsFixType::GPS_FIX_TYPE_3D_FIX, 910_000_000),
        MavMessage::GLOBAL_POSITION_INT(dialect::GLOBAL_POSITION_INT_DATA::default()),
        fov,
        gimbal([h, 0.0, 0.0, h]),
        gimbal([f32::NAN; 4]),
        gimbal([3.0, 0.0, 0.0, 0.0]),
    ];
    let frames: Vec<_> = messages.iter().zip(0..).map(|(m, i)| frame(i, m)).collect();
    let (items, _) = read(&frames.concat());
    let all = observations(&items);
    assert_eq!(all.len(), 3, "{all:?}");
    let p = position(all[0]);
    assert_eq!(p.height_msl_m.unwrap().get(), 900.0);
    assert!((p.velocity_east_mps.unwrap().get() - 10.0).abs() < 1e-9);
    assert_eq!(p.horizontal_sd_m.unwrap().get(), 1.5);
    let Body::MavlinkCamera(camera) = &all[1].body else {
        panic!()
    };
    assert_eq!(camera.horizontal_fov_deg.unwrap().get(), 60.0);
    assert_eq!((camera.vertical_fov_deg, camera.image), (None, None));
    let Body::MavlinkGimbal(gimbal) = &all[2].body else {
        panic!()
    };
    assert!(gimbal.yaw_from_north && (gimbal.yaw_deg.get() - 90.0).abs() < 1e-3);
    let told: Vec<_> = faults(&items).iter().map(|f| f.kind).collect();
    assert_eq!(told, [FaultKind::Absurd, FaultKind::Absurd]);
    assert!(
        faults(&items)[0].message.contains("latitude: \"91\""),
        "{}",
        faults(&items)[0]
    );
}

#[test]
fn a_stream_that_is_out_of_step_is_read_on() {
    let frames: Vec<_> = (0..6)
        .map(|i| frame(i, &at(1000, 397_000_000 + i32::from(i))))
        .collect();
    let mut bad_sum = frames[2].clone();
    bad_sum[20] ^= 0xFF;
    let stream = [
        b"\xFD\x09noise".to_vec(),
        frames[0].clone(),
        frames[1].clone(),
        bad_sum,
        frames[3].clone(),
        frames[3].clone(),
        frames[4].clone(),
        frames[5][..20].to_vec(),
    ]
    .concat();
    let (items, tally) = read(&stream);
    assert_eq!(tally.observations["mavlink.position"], 4);
    let told: Vec<_> = faults(&items).iter().map(|f| (f.kind, f.offset)).collect();
    let size = frames[0].len() as u64;
    assert_eq!(
        told,
        [
            (FaultKind::Garbage, 0),
            (FaultKind::BadChecksum, 7 + 2 * size),
            (FaultKind::Missing, 7 + 3 * size),
            (FaultKind::Duplicate, 7 + 4 * size),
            (FaultKind::Truncated, 7 + 6 * size),
        ]
    );
}

#[test]
fn a_record_stamped_with_time_since_boot_is_kept_without_time() {
    let bytes = [
        &47_332_000_u64.to_be_bytes(),
        &frame(9, &at(1, 397_000_000))[..],
        &[0; 14],
    ]
    .concat();
    assert_eq!(Format::recognise(&bytes), Some(Format::Mavlink));
    let (items, tally) = read(&bytes);
    assert_eq!(
        (count(&tally, "frames"), observations(&items)[0].observed),
        (1, None)
    );
    let told: Vec<_> = faults(&items)
        .iter()
        .map(|f| (f.kind, f.bytes.len()))
        .collect();
    assert_eq!(told, [(FaultKind::Absurd, 8), (FaultKind::Garbage, 14)]);
}

#[test]
fn feeds_are_recognised_by_their_first_bytes() {
    let bare = frame(0, &at(1, 397_000_000));
    let joined = [b"\x00\x01\xFEnoise", &bare[..], &bare[..]].concat();
    for known in [
        TLOG,
        DATAFLASH,
        PIXHAWK,
        APPENDED,
        &TLOG[..20],
        &bare,
        &joined,
    ] {
        assert_eq!(Format::recognise(known), Some(Format::Mavlink));
    }
    for other in [
        &b""[..],
        b"\xFD",
        b"{\"kind\":\"flash\"}\n",
        b"latitude,longitude\n1,2\n",
        b"ULog is a format",
        b"\xA3\x95",
        &bare[..bare.len() - 1],
        &[0xFD; 4096],
        &[0xFE; 4096],
        &[0; 4096],
    ] {
        assert_ne!(Format::recognise(other), Some(Format::Mavlink), "{other:?}");
    }
}

fn any_feed() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        (0..TLOG.len(), 0..600usize)
            .prop_map(|(at, n)| TLOG[at..(at + n).min(TLOG.len())].to_vec()),
        (0..DATAFLASH.len(), 0..600usize)
            .prop_map(|(at, n)| DATAFLASH[at..(at + n).min(DATAFLASH.len())].to_vec()),
        (0..APPENDED.len(), 0..600usize)
            .prop_map(|(at, n)| APPENDED[at..(at + n).min(APPENDED.len())].to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let head = prop_oneof![
        Just(Vec::new()),
        Just(TLOG[..2000].to_vec()),
        Just(DATAFLASH[..16_000].to_vec()),
        Just(PIXHAWK[..66_000].to_vec()),
    ];
    (head, prop::collection::vec(part, 0..6)).prop_map(|(h, parts)| [h, parts.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_pieces_give_the_same_items(feed in any_feed(), chunk in 1..700usize) {
        let whole = read(&feed);
        prop_assert_eq!(&read_in(&feed, chunk), &whole);
        for fault in faults(&whole.0) {
            prop_assert!(fault.offset <= feed.len() as u64);
        }
    }
}
