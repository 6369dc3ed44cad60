//! Tracks and footprints as a live map and a replay need them.

use proptest::prelude::*;
use serde_json::{Value, json};
use truceline_agreement::theatre::Terrain;
use truceline_domain::{Observation, Observed, Position};
use truceline_engine::{
    APART_S, Change, Ground, KEPT_EVERY_S, LATENESS_S, Picture, PictureState, picture,
};

fn at(seconds: f64) -> Observed {
    let start: Observed = "2020-11-11T06:00:00Z".parse().unwrap();
    start.plus_seconds(seconds)
}

fn observation(value: Value) -> Observation {
    serde_json::from_value(value).unwrap()
}

/// A vehicle's fix, metres east and north of 40 N 47 E.
fn fix(id: usize, seconds: f64, east_m: f64, north_m: f64) -> Observation {
    observation(json!({
        "id": format!("f{id}"), "source": "UAV1", "kind": "mavlink.position", "observed": at(seconds),
        "system": 1, "message": "GLOBAL_POSITION_INT",
        "lat": 40.0 + north_m / 111_035.0, "lon": 47.0 + east_m / 85_394.0, "height_msl_m": 2000.0,
    }))
}

/// Straight flight at 20 m/s to the east, one fix a second.
fn flight(from: usize, until: usize) -> Vec<Observation> {
    (from..until)
        .map(|i| fix(i, i as f64, 20.0 * i as f64, 0.0))
        .collect()
}

#[test]
fn a_flight_has_speed_and_course() {
    let picture = picture(&flight(0, 60), None);
    let last = picture.tracks[0].points.last().unwrap();
    assert!((last.speed_mps - 20.0).abs() < 0.3, "{last:?}");
    assert!((last.course_deg.unwrap() - 90.0).abs() < 0.5);
    assert!(last.sd_m < 5.0);
}

#[test]
fn a_stop_is_no_gap_and_a_gap_no_stop() {
    let mut all = flight(0, 30);
    // It stands for two minutes and is received; then it is silent for two and elsewhere.
    all.extend((30..150).map(|i| fix(i, i as f64, 580.0, 0.0)));
    all.extend((150..160).map(|i| fix(i, i as f64 + 120.0, 580.0 + 20.0 * (i - 149) as f64, 0.0)));
    let track = &picture(&all, None).tracks[0];
    assert_eq!(track.gaps, [[at(149.0), at(270.0)]]);
    assert_eq!(track.stops.len(), 1, "{:?}", track.stops);
    let stop = track.stops[0];
    assert!(stop.from <= at(31.0) && stop.until == at(149.0), "{stop:?}");
    assert!(track.leaps.is_empty() && track.left_out == 0);
}

#[test]
fn a_lone_fix_far_off_is_left_out_and_several_are_a_leap() {
    let mut all = flight(0, 60);
    all[20] = fix(20, 20.0, 9_000.0, 9_000.0);
    let track = &picture(&all, None).tracks[0];
    assert_eq!(
        (track.left_out, track.points.len(), track.leaps.len()),
        (1, 59, 0)
    );

    let mut all = flight(0, 30);
    all.extend((30..60).map(|i| fix(i, i as f64, 20.0 * i as f64, 8_000.0)));
    let track = &picture(&all, None).tracks[0];
    assert_eq!(
        (track.left_out, track.points.len(), track.leaps.len()),
        (0, 60, 1)
    );
    let leap = track.leaps[0];
    assert!(
        leap.time == at(30.0) && (leap.distance_m - 8_000.0).abs() < 30.0,
        "{leap:?}"
    );
}

#[test]
fn a_maps_tail_is_the_newest_of_each_track_and_camera() {
    let whole = picture(&flight(0, 300), None);
    let tail = whole.clone().tail(60.0);
    let (all, kept) = (&whole.tracks[0].points, &tail.tracks[0].points);
    assert_eq!(kept.first().unwrap().time, at(239.0));
    assert!(all.ends_with(kept));
    assert_eq!(whole.clone().tail(0.0).tracks[0].points.len(), 1);
    assert_eq!(whole.clone().tail(f64::NAN).tracks[0].points.len(), 1);
    assert_eq!(whole.clone().tail(1e9), whole);
}

#[test]
fn zeros_are_nowhere() {
    let mut zero = flight(0, 1);
    zero.push(observation(json!({
        "id": "z", "source": "UAV1", "kind": "mavlink.position", "observed": at(1.0),
        "system": 1, "message": "GLOBAL_POSITION_INT", "lat": 0.0, "lon": 0.0,
    })));
    let track = &picture(&zero, None).tracks[0];
    assert_eq!((track.points.len(), track.left_out), (1, 0));
}

#[test]
fn a_clock_that_jumped_back_begins_a_new_leg() {
    let mut state = PictureState::new(None);
    let mut told = vec![];
    for o in flight(600, 660) {
        told.extend(state.push(&o));
    }
    assert_eq!(told.len(), 60);
    // The source restarts with its clock ten minutes back, and flies on.
    let mut changes = vec![];
    for i in 0..60 {
        changes.extend(state.push(&fix(1_000 + i, i as f64, 13_200.0 + 20.0 * i as f64, 0.0)));
    }
    let jumped = changes
        .iter()
        .filter(|c| matches!(c, Change::ClockBack { .. }));
    assert_eq!(jumped.count(), 1);
    let tracks = state.picture().tracks;
    assert_eq!(tracks.iter().map(|t| t.leg).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(tracks[1].points.len(), 60, "none is lost");
}

/// A second of flight, 30 fixes in it.
fn fine_flight(seconds: usize) -> Vec<Observation> {
    let at_s = |i: usize| i as f64 / 30.0;
    (0..30 * seconds)
        .map(|i| fix(i, at_s(i), 20.0 * at_s(i), 0.0))
        .collect()
}

#[test]
fn what_comes_thirty_times_a_second_is_looked_at_ten_times_and_kept_once() {
    let all = fine_flight(60);
    let mut state = PictureState::new(None);
    let told: usize = all.iter().map(|o| state.push(o).len()).sum();
    assert!((500..=60 * 12).contains(&told), "{told}");
    let track = &state.picture().tracks[0];
    assert!(
        (58..=62).contains(&track.points.len()),
        "{}",
        track.points.len()
    );
    let apart = |w: &[truceline_engine::TrackPoint]| w[1].time.seconds_since(w[0].time);
    // All but the last, which is the newest there is.
    let steps: Vec<f64> = track.points.windows(2).map(apart).collect();
    assert!(steps.iter().rev().skip(1).all(|s| *s >= KEPT_EVERY_S));
    let newest = all.last().unwrap().observed.unwrap();
    assert!(newest.seconds_since(track.points.last().unwrap().time) < APART_S);
    assert_eq!(
        state.picture(),
        picture(&all, None),
        "live and batch are one"
    );
}

#[test]
fn the_place_before_a_silence_is_kept() {
    let mut all = fine_flight(10);
    all.extend((0..30).map(|i| fix(1_000 + i, 110.0 + i as f64 / 30.0, 2_200.0, 0.0)));
    let track = &picture(&all, None).tracks[0];
    let [gap] = track.gaps.as_slice() else {
        panic!("{:?}", track.gaps)
    };
    assert!(track.points.iter().any(|p| p.time == gap[0]));
    assert!(track.points.iter().any(|p| p.time == gap[1]));
}

/// The same flight by its metadata, its clock ahead by so much, in turns so that no two places are alike.
fn seen_by(source: &str, ahead_s: f64) -> Vec<Observation> {
    (0..120)
        .map(|i| {
            let s = f64::from(i) / 2.0;
            let (e, n) = (900.0 * (s / 40.0).sin(), 15.0 * s);
            let mut o = fix(i as usize, s + ahead_s, e, n);
            o.source = source.parse().unwrap();
            o.id = format!("{source}{i}").parse().unwrap();
            o
        })
        .collect()
}

#[test]
fn two_who_see_one_thing_show_how_their_clocks_differ() {
    let mut all = seen_by("KLV", 0.0);
    all.extend(seen_by("TLM", 3.2));
    let pairs = picture(&all, None).clock_pairs();
    let [pair] = pairs.as_slice() else {
        panic!("{pairs:?}")
    };
    assert!(
        (pair.offset_s + 3.2).abs() < 0.2 && pair.differs(),
        "{pair:?}"
    );
    let (other, offset_s) = pair.seen_from(&"TLM".parse().unwrap()).unwrap();
    assert!(other.as_str() == "KLV" && offset_s > 3.0);
    // Elsewhere at the same time: not one thing.
    let mut apart = seen_by("KLV", 0.0);
    apart.extend(flight(0, 60));
    assert_eq!(picture(&apart, None).clock_pairs(), []);
    // And clocks that agree.
    let mut alike = seen_by("KLV", 0.0);
    alike.extend(seen_by("TLM", 0.0));
    let pairs = picture(&alike, None).clock_pairs();
    assert!(!pairs[0].differs(), "{pairs:?}");
}

fn shuffled() -> impl Strategy<Value = Vec<Observation>> {
    // Each fix is delayed by less than the lateness allowed.
    proptest::collection::vec(0.0..LATENESS_S - 1.0, 80).prop_map(|delays| {
        let mut flight = flight(0, 80);
        flight[40] = fix(40, 40.0, 9_000.0, 9_000.0);
        let mut delayed: Vec<_> = flight.into_iter().zip(delays).enumerate().collect();
        delayed.sort_by(|(i, (_, a)), (j, (_, b))| (*i as f64 + a).total_cmp(&(*j as f64 + b)));
        delayed.into_iter().map(|(_, (o, _))| o).collect()
    })
}

proptest! {
    #[test]
    fn any_order_of_arrival_within_the_bound_gives_the_same_track(arrived in shuffled()) {
        let mut state = PictureState::new(None);
        for o in &arrived {
            state.push(o);
            // A second delivery changes nothing.
            prop_assert!(state.push(o).is_empty());
        }
        prop_assert_eq!(state.picture(), picture(&flight_with_outlier(), None));
    }

    #[test]
    fn a_picture_holds_anywhere_on_earth(lat in -89.5..89.5f64, lon in -180.0..180.0f64, azimuth in 0.0..360.0f64) {
        let own = picture(&[packet(lat, lon, azimuth, -50.0)], None);
        let home = picture(&[packet(40.0, 47.0, azimuth, -50.0)], None);
        let (own, home) = (&own.footprints[0], &home.footprints[0]);
        let size = |f: &truceline_engine::Footprint| f.pixel_m;
        prop_assert!((size(own) / size(home) - 1.0).abs() < 0.01, "{} {}", size(own), size(home));
        for (a, b) in own.ce90_m.iter().zip(home.ce90_m) {
            prop_assert!((a.unwrap() / b.unwrap() - 1.0).abs() < 0.02);
        }
        prop_assert!((own.azimuth_deg.unwrap() - azimuth).abs() < 1e-6);
    }
}

fn flight_with_outlier() -> Vec<Observation> {
    let mut flight = flight(0, 80);
    flight[40] = fix(40, 40.0, 9_000.0, 9_000.0);
    flight
}

/// A packet without corners.
fn packet(lat: f64, lon: f64, heading: f64, elevation: f64) -> Observation {
    observation(json!({
        "id": "p", "source": "UAV1", "kind": "fmv.metadata", "observed": at(0.0),
        "pts_90k": null, "pid": 0, "carriage": "raw", "checksum": "ok", "offset": 0,
        "st0601": {
            "platform_heading_angle_deg": heading, "platform_pitch_angle_deg": 0.0, "platform_roll_angle_deg": 0.0,
            "sensor_latitude_deg": lat, "sensor_longitude_deg": lon, "sensor_ellipsoid_height_m": 2400.0,
            "sensor_horizontal_field_of_view_deg": 10.0, "sensor_vertical_field_of_view_deg": 6.0,
            "sensor_relative_azimuth_angle_deg": 0.0, "sensor_relative_elevation_angle_deg": elevation,
            "frame_center_height_above_ellipsoid_m": 400.0,
        },
    }))
}

#[test]
fn corners_over_the_horizon_are_cut_off_and_said_so() {
    let picture = picture(&[packet(40.0, 47.0, 0.0, -4.0)], None);
    let f = &picture.footprints[0];
    assert_eq!(f.cut_off, [true, true, false, false]);
    assert!(f.ce90_m[0].is_none() && f.ce90_m[2].is_some());
    let far_m = (f.corners[0].lat_deg() - 40.0) * 111_035.0;
    assert!((19_000.0..20_100.0).contains(&far_m), "{far_m}");
    // All sky is no footprint.
    assert!(
        truceline_engine::picture(&[packet(40.0, 47.0, 0.0, 20.0)], None)
            .footprints
            .is_empty()
    );
}

#[test]
fn the_terrain_is_met_where_there_is_one() {
    // Ground that rises by 100 m a kilometre to the north, from 100 m.
    let slope = |lat: f64, _| 100.0 + (lat - 40.0) * 111.0 * 100.0;
    let terrain = Terrain::of_function([40.3, 46.8], 0.0025, [160, 160], slope).unwrap();
    let on = picture(&[packet(40.0, 47.0, 0.0, -20.0)], Some(&terrain));
    let flat = picture(&[packet(40.0, 47.0, 0.0, -20.0)], None);
    let (on, flat) = (&on.footprints[0], &flat.footprints[0]);
    assert_eq!((on.ground, flat.ground), (Ground::Terrain, Ground::Flat));
    assert!(flat.level_msl_m.is_some() && on.level_msl_m.is_none());
    let north = |p: Position| p.lat_deg();
    assert!((north(on.centre.unwrap()) - north(flat.centre.unwrap())).abs() > 0.001);
}

#[test]
fn a_vehicles_messages_make_one_view() {
    let at_s = |s: f64| at(s);
    let message = |id: &str, kind: &str, s: f64, more: Value| {
        let mut value =
            json!({"id": id, "source": "UAV2", "kind": kind, "observed": at_s(s), "system": 1});
        value
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        observation(value)
    };
    let place = json!({
        "message": "GLOBAL_POSITION_INT", "lat": 40.0, "lon": 47.0, "height_msl_m": 2400.0,
        "height_above_home_m": 2000.0, "heading_deg": 90.0,
    });
    let all = [
        message(
            "a",
            "mavlink.attitude",
            0.00,
            json!({"message": "ATTITUDE", "roll_deg": 12.0, "pitch_deg": 3.0, "yaw_deg": 90.0}),
        ),
        message(
            "g",
            "mavlink.gimbal",
            0.05,
            json!({"message": "GIMBAL_DEVICE_ATTITUDE_STATUS", "roll_deg": 0.0, "pitch_deg": -45.0, "yaw_deg": 30.0, "yaw_from_north": false}),
        ),
        message(
            "c",
            "mavlink.camera",
            0.06,
            json!({"message": "CAMERA_FOV_STATUS", "horizontal_fov_deg": 20.0, "vertical_fov_deg": 12.0}),
        ),
        message("p", "mavlink.position", 0.10, place.clone()),
        // Two seconds later the gimbal is silent: the camera is taken to look along the nose… whose attitude is old too.
        message("q", "mavlink.position", 2.10, place),
    ];
    let Picture { footprints, .. } = picture(&all, None);
    assert_eq!(footprints.len(), 1);
    let f = &footprints[0];
    assert!(
        (f.azimuth_deg.unwrap() - 120.0).abs() < 1e-6
            && (f.depression_deg.unwrap() - 45.0).abs() < 1e-6
    );
    assert_eq!((f.ground, f.level_msl_m), (Ground::Flat, Some(400.0)));
    // 2 km up and 45° down: the centre lies 2 km away.
    let centre = f.centre.unwrap();
    let (n, e) = (
        (centre.lat_deg() - 40.0) * 111_035.0,
        (centre.lon_deg() - 47.0) * 85_394.0,
    );
    assert!((n.hypot(e) - 2_000.0).abs() < 5.0, "{n} {e}");
}

#[test]
fn memory_is_bounded() {
    let mut state = PictureState::new(None);
    for i in 0..20_000 {
        state.push(&fix(i, i as f64, 20.0 * (i % 1_000) as f64, 0.0));
    }
    let points: usize = state.picture().tracks.iter().map(|t| t.points.len()).sum();
    assert!(points < 4_000, "{points}");
}
