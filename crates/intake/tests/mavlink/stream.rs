//! Frames made here.

use mavlink::dialects::ardupilotmega as dialect;
use mavlink::dialects::ardupilotmega::MavMessage;
use mavlink::{MAVLinkV2MessageRaw, MavHeader};
use truceline_domain::Body;
use truceline_intake::{FaultKind, Format};

use super::feed::{count, position, read};
use crate::common::{faults, observations};

pub(crate) fn frame(sequence: u8, message: &MavMessage) -> Vec<u8> {
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

pub(crate) fn at(time_boot_ms: u32, lat: i32) -> MavMessage {
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
