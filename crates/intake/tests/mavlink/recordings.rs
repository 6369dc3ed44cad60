//! Real recordings.

use truceline_domain::Body;
use truceline_intake::FaultKind;

use super::feed::{APPENDED, DATAFLASH, PIXHAWK, TLOG, count, last, position, read};
use crate::common::{faults, observations};

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
