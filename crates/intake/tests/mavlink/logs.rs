//! DataFlash and ULog made here, for what the recordings lack: fixes, mounts, corruption.

use truceline_domain::Body;
use truceline_intake::{Fault, FaultKind};

use super::feed::{last, position, read};
use crate::common::{faults, observations};

/// A DataFlash record: its type and payload.
fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&[0xA3, 0x95, kind][..], payload].concat()
}

fn padded(text: &str, len: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(len, 0);
    bytes
}

fn fmt(kind: u8, len: u8, name: &str, format: &str, labels: &str) -> Vec<u8> {
    let parts = [
        vec![kind, len],
        padded(name, 4),
        padded(format, 16),
        padded(labels, 64),
    ];
    record(128, &parts.concat())
}

fn dataflash_head() -> Vec<u8> {
    [
        fmt(128, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns"),
        fmt(
            1,
            51,
            "GPS",
            "QBBIHBcLLeffffB",
            "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U",
        ),
        fmt(
            2,
            31,
            "POS",
            "QLLfff",
            "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt",
        ),
        fmt(3, 28, "MNT", "QBffff", "TimeUS,I,Roll,Pitch,YawB,YawE"),
        fmt(4, 31, "PARM", "QNf", "TimeUS,Name,Value"),
    ]
    .concat()
}

fn gps(time_us: u64, instance: u8, status: u8, week_ms: u32) -> Vec<u8> {
    let mut p = time_us.to_le_bytes().to_vec();
    p.extend([instance, status]);
    p.extend(week_ms.to_le_bytes());
    p.extend(2131_u16.to_le_bytes());
    p.push(14);
    p.extend(80_i16.to_le_bytes());
    p.extend(397_500_000_i32.to_le_bytes());
    p.extend(467_500_000_i32.to_le_bytes());
    p.extend(51_250_i32.to_le_bytes());
    for value in [10.0_f32, 90.0, -1.5, 0.0] {
        p.extend(value.to_le_bytes());
    }
    p.push(1);
    record(1, &p)
}

fn pos(time_us: u64, lat_e7: i32) -> Vec<u8> {
    let mut p = time_us.to_le_bytes().to_vec();
    p.extend(lat_e7.to_le_bytes());
    p.extend(467_500_000_i32.to_le_bytes());
    for value in [512.5_f32, 100.0, 100.0] {
        p.extend(value.to_le_bytes());
    }
    record(2, &p)
}

fn mount(time_us: u64, yaw_b: f32, yaw_e: f32) -> Vec<u8> {
    let mut p = time_us.to_le_bytes().to_vec();
    p.push(0);
    for value in [0.5_f32, -45.0, yaw_b, yaw_e] {
        p.extend(value.to_le_bytes());
    }
    record(3, &p)
}

#[test]
fn dataflash_is_in_utc_from_the_first_fix_on() {
    let parameter = [
        &5_u64.to_le_bytes()[..],
        &padded("SYSID_THISMAV", 16),
        &7_f32.to_le_bytes(),
    ];
    // 2020-11-09T21:00:00Z is 162,018,000 ms into GPS week 2131.
    let log = [
        dataflash_head(),
        record(4, &parameter.concat()),
        pos(1_000_000, 397_500_001),
        gps(2_000_000, 0, 1, 162_018_000),
        gps(2_000_000, 0, 3, 162_018_000),
        gps(2_100_000, 1, 3, 170_000_000),
        pos(2_500_000, 397_500_001),
        mount(2_500_000, 10.0, 200.0),
        mount(2_600_000, 10.0, f32::NAN),
    ];
    let (items, _) = read(&log.concat());
    assert!(faults(&items).is_empty(), "{:?}", faults(&items));
    let all = observations(&items);
    let us: Vec<_> = all
        .iter()
        .map(|o| o.observed.map(|t| t.unix_us()))
        .collect();
    let t = 1_604_955_600_000_000;
    let then = |ms: i64| Some(t + ms * 1000);
    assert_eq!(
        us,
        [None, then(0), then(100), then(500), then(500), then(600)]
    );
    let fix = position(all[1]);
    assert_eq!((fix.system, fix.message.as_str()), (7, "GPS"));
    assert_eq!(position(all[2]).message, "GPS[1]");
    assert_eq!(
        (fix.position.lat_deg(), fix.height_msl_m.unwrap().get()),
        (39.75, 512.5)
    );
    assert!((fix.velocity_east_mps.unwrap().get() - 10.0).abs() < 1e-9);
    assert_eq!(fix.velocity_down_mps.unwrap().get(), -1.5);
    assert_eq!(position(all[3]).height_above_home_m.unwrap().get(), 100.0);
    let yaw = |i: usize| {
        let Body::MavlinkGimbal(g) = &all[i].body else {
            panic!()
        };
        (g.pitch_deg.get(), g.yaw_deg.get(), g.yaw_from_north)
    };
    assert_eq!(
        (yaw(4), yaw(5)),
        ((-45.0, 200.0, true), (-45.0, 10.0, false))
    );
}

#[test]
fn dataflash_that_is_broken_is_read_on() {
    let start = dataflash_head().len() as u64;
    let log = [
        dataflash_head(),
        pos(1, 397_500_001),
        pos(2, 397_500_002)[..20].to_vec(),
        pos(3, 397_500_003),
        pos(4, 997_500_000),
        fmt(2, 12, "XYZ", "Qb", "TimeUS,A"),
        fmt(9, 200, "BAD", "Qb", "TimeUS,A"),
        gps(60_000_000, 0, 3, 162_018_000),
        gps(70_000_000, 0, 3, 999_000),
        pos(5, 397_500_005),
        pos(6, 397_500_006)[..30].to_vec(),
    ];
    let (items, _) = read(&log.concat());
    let told: Vec<_> = faults(&items).iter().map(|f| f.kind).collect();
    assert_eq!(
        told,
        [
            FaultKind::Garbage,   // a record cut short
            FaultKind::Absurd,    // latitude 99.75
            FaultKind::Absurd,    // type 2 again, otherwise
            FaultKind::Malformed, // a length that its fields do not have
            FaultKind::ClockJump, // GPS time went back
            FaultKind::ClockJump, // the vehicle started anew
            FaultKind::Truncated,
        ],
        "{:?}",
        faults(&items)
    );
    assert_eq!(faults(&items)[0].offset, start + 31);
    assert_eq!(
        last(&items, "POS").observed,
        None,
        "after the restart no fix has come"
    );
    assert_eq!(observations(&items).len(), 5);
}

/// A ULog message.
fn ulog(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u16).to_le_bytes()[..], &[kind], payload].concat()
}

fn ulog_head(appended: [u64; 3]) -> Vec<u8> {
    let mut flags = vec![0; 16];
    flags[8] = u8::from(appended[0] > 0);
    flags.extend(appended.iter().flat_map(|a| a.to_le_bytes()));
    [
        b"ULog\x01\x12\x35\x01\0\0\0\0\0\0\0\0".to_vec(),
        ulog(b'B', &flags),
        ulog(b'F', b"sensor_gps:uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;double altitude_msl_m;float eph;uint8_t fix_type;uint8_t[3] _padding0;"),
        ulog(b'F', b"vehicle_local_position:uint64_t timestamp;double ref_lat;double ref_lon;float x;float y;float z;float ref_alt;float heading;bool xy_global;bool z_global;"),
        ulog(b'F', b"gimbal_device_attitude_status:uint64_t timestamp;float[4] q;uint16_t device_flags;"),
        ulog(b'A', b"\x01\x05\0sensor_gps"),
        ulog(b'A', b"\0\x06\0vehicle_local_position"),
        ulog(b'A', b"\0\x07\0gimbal_device_attitude_status"),
    ]
    .concat()
}

fn ulog_gps(time_us: u64, utc_us: u64, lat: f64) -> Vec<u8> {
    let mut p = 5_u16.to_le_bytes().to_vec();
    p.extend(time_us.to_le_bytes());
    p.extend(utc_us.to_le_bytes());
    for value in [lat, 46.75, 512.5] {
        p.extend(value.to_le_bytes());
    }
    p.extend(1.25_f32.to_le_bytes());
    p.push(3);
    ulog(b'D', &p)
}

fn ulog_local(time_us: u64) -> Vec<u8> {
    let mut p = 6_u16.to_le_bytes().to_vec();
    p.extend(time_us.to_le_bytes());
    p.extend(39.75_f64.to_le_bytes());
    p.extend(46.75_f64.to_le_bytes());
    for value in [
        1_111.949_3_f32,
        0.0,
        -20.0,
        500.0,
        std::f32::consts::FRAC_PI_2,
    ] {
        p.extend(value.to_le_bytes());
    }
    p.extend([1, 1]);
    ulog(b'D', &p)
}

fn ulog_gimbal(time_us: u64) -> Vec<u8> {
    let mut p = 7_u16.to_le_bytes().to_vec();
    p.extend(time_us.to_le_bytes());
    let h = std::f32::consts::FRAC_1_SQRT_2;
    for value in [h, 0.0, 0.0, h] {
        p.extend(value.to_le_bytes());
    }
    p.extend(32_u16.to_le_bytes());
    ulog(b'D', &p)
}

const UTC_US: u64 = 1_604_955_600_000_000;

#[test]
fn ulog_topics_of_today_are_read() {
    let log = [
        ulog_head([0; 3]),
        ulog_gps(10_000_000, UTC_US, 39.75),
        ulog_local(10_500_000),
        ulog_gimbal(10_600_000),
    ];
    let (items, _) = read(&log.concat());
    assert!(faults(&items).is_empty(), "{:?}", faults(&items));
    let fix = position(last(&items, "sensor_gps[1]"));
    assert_eq!(
        (fix.position.lat_deg(), fix.height_msl_m.unwrap().get()),
        (39.75, 512.5)
    );
    assert_eq!(fix.horizontal_sd_m.unwrap().get(), 1.25);
    let local = last(&items, "vehicle_local_position");
    assert_eq!(local.observed.unwrap().unix_us() as u64, UTC_US + 500_000);
    let p = position(local);
    // 1,111.9493 m is a hundredth of a degree on PX4's sphere.
    assert!((p.position.lat_deg() - 39.76).abs() < 1e-7);
    assert_eq!(p.height_msl_m.unwrap().get(), 520.0);
    assert!((p.heading_deg.unwrap().deg() - 90.0).abs() < 1e-4);
    let Body::MavlinkGimbal(g) = &last(&items, "gimbal_device_attitude_status").body else {
        panic!()
    };
    assert!(!g.yaw_from_north && (g.yaw_deg.get() - 90.0).abs() < 1e-3);
}

fn told<'i>(faults: &[&'i Fault]) -> Vec<(FaultKind, &'i str)> {
    faults
        .iter()
        .map(|f| (f.kind, f.message.as_str()))
        .collect()
}

#[test]
fn a_ulog_that_is_broken_is_read_on() {
    let log = [
        ulog_head([0; 3]),
        ulog_gps(10_000_000, UTC_US, 39.75),
        vec![0xFF; 50],
        ulog_local(10_500_000),
        ulog_local(10_600_000),
        ulog(b'D', &[6, 0, 1, 2, 3]),
        ulog(b'S', b"\x2F\x73\x13\x20\x25\x0C\xBB\x12"),
        ulog(b'D', b"\x09\0no such subscription"),
        ulog(b'A', b"\0\x0A\0no_such_format"),
        ulog(b'O', &30_u16.to_le_bytes()),
        ulog_gps(10_700_000, UTC_US + 700_000, 139.75),
        ulog_local(10_800_000),
        ulog_local(10_900_000)[..40].to_vec(),
    ];
    let (items, _) = read(&log.concat());
    let faults = faults(&items);
    let kinds: Vec<_> = faults.iter().map(|f| f.kind).collect();
    assert_eq!(
        kinds,
        [
            FaultKind::Garbage,
            FaultKind::Garbage,
            FaultKind::Garbage,
            FaultKind::Malformed,
            FaultKind::Missing,
            FaultKind::Absurd,
            FaultKind::Truncated,
        ],
        "{:?}",
        told(&faults)
    );
    assert_eq!(observations(&items).len(), 4);
}

#[test]
fn a_section_appended_after_a_crash_ends_the_message_before_it() {
    let first = [
        ulog_head([0; 3]),
        ulog_gps(10_000_000, UTC_US, 39.75),
        ulog_local(1)[..20].to_vec(),
    ];
    let at = first.concat().len() as u64;
    let log = [
        ulog_head([at, 0, 0]),
        ulog_gps(10_000_000, UTC_US, 39.75),
        ulog_local(10_400_000)[..20].to_vec(),
        ulog_local(10_500_000),
    ];
    let (items, _) = read(&log.concat());
    let faults = faults(&items);
    assert_eq!(told(&faults).len(), 1, "{faults:?}");
    assert_eq!(
        (faults[0].kind, faults[0].offset),
        (FaultKind::Truncated, at - 20)
    );
    assert_eq!(observations(&items).len(), 2);
}

#[test]
fn a_ulog_that_forbids_to_be_read_is_set_aside() {
    let mut log = [ulog_head([0; 3]), ulog_gps(10_000_000, UTC_US, 39.75)].concat();
    log[16 + 3 + 8] = 0x02;
    let (items, _) = read(&log);
    let told: Vec<_> = faults(&items).iter().map(|f| f.kind).collect();
    assert_eq!(told, [FaultKind::Malformed, FaultKind::Garbage]);
    assert!(observations(&items).is_empty());
}
