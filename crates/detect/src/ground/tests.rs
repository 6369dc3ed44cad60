use serde_json::json;

use super::*;

fn packet(pts_90k: u64, lon: f64) -> Observation {
    serde_json::from_value(json!({
        "id": "m1", "source": "UAV1", "kind": "fmv.metadata", "observed": "2020-11-11T06:00:00Z",
        "pts_90k": pts_90k, "pid": 257, "carriage": "sync", "checksum": "ok", "offset": 0,
        "st0601": {
            "frame_center_latitude_deg": 40.0, "frame_center_longitude_deg": lon,
            "offset_corner_latitude_point_1_deg": 0.004, "offset_corner_longitude_point_1_deg": -0.006,
            "offset_corner_latitude_point_2_deg": 0.004, "offset_corner_longitude_point_2_deg": 0.006,
            "offset_corner_latitude_point_3_deg": -0.002, "offset_corner_longitude_point_3_deg": 0.003,
            "offset_corner_latitude_point_4_deg": -0.002, "offset_corner_longitude_point_4_deg": -0.003,
            "slant_range_m": 2000.0, "sensor_true_altitude_m": 1500.0, "frame_center_elevation_m": 500.0,
        },
    }))
    .unwrap()
}

#[test]
fn corners_and_what_lies_between_have_their_places() {
    let telemetry = Telemetry::of(&packet(9000, 46.9)).unwrap();
    let view = telemetry.view(9000, 640, 360).unwrap();
    let corner = view.position(-0.5, -0.5).unwrap();
    assert!((corner.lat_deg() - 40.004).abs() < 1e-6 && (corner.lon_deg() - 46.894).abs() < 1e-6);
    let low = view.position(639.5, 359.5).unwrap();
    assert!((low.lat_deg() - 39.998).abs() < 1e-6 && (low.lon_deg() - 46.903).abs() < 1e-6);
    // Lines that draw together upwards on the ground: the middle of the picture lies nearer its lower edge.
    let middle = view.position(319.5, 179.5).unwrap();
    assert!(middle.lat_deg() < 40.001 && (middle.lon_deg() - 46.9).abs() < 1e-6);
    let near = view.metres_per_pixel(319.5, 350.0).unwrap();
    assert!(near < view.metres_per_pixel(319.5, 10.0).unwrap());
    assert!((0.5..2.0).contains(&near));
}

#[test]
fn errors_grow_with_range_and_flatness() {
    let told = Telemetry::of(&packet(0, 46.9)).unwrap();
    // 2000 m × tan 2° = 69.8 m across, twice that along at 30° down.
    assert!(
        (told.ce90_m - CE90_PER_SIGMA / 2.0 * 69.84 * 3.0).abs() < 0.1,
        "{}",
        told.ce90_m
    );
}

#[test]
fn times_follow_the_time_stamps_and_age() {
    let told = Telemetry::of(&packet(90_000, 46.9)).unwrap();
    let at = told.observed_at(90_000 + 45_000).unwrap();
    assert_eq!(at.to_string(), "2020-11-11T06:00:00.500000Z");
    assert_eq!(told.observed_at(90_000 + 90_001), None);
    assert_eq!(told.view(90_000 + 90_001, 640, 360), None);
}

#[test]
fn one_view_leads_to_another_over_the_ground() {
    let (a, b) = (packet(0, 46.9), packet(0, 46.9005));
    let view = |o| Telemetry::of(o).unwrap().view(0, 640, 360).unwrap();
    let (a, b) = (view(&a), view(&b));
    let (x, y) = a.to(&b).unwrap().map(300.0, 200.0).unwrap();
    let (p, q) = (a.position(300.0, 200.0).unwrap(), b.position(x, y).unwrap());
    assert!((p.lat_deg() - q.lat_deg()).abs() < 1e-7 && (p.lon_deg() - q.lon_deg()).abs() < 1e-7);
    // A footprint across the antimeridian is as wide as any.
    let far = Telemetry::of(&packet(0, 179.999))
        .unwrap()
        .view(0, 640, 360)
        .unwrap();
    assert!(
        (far.metres_per_pixel(320.0, 180.0).unwrap() - a.metres_per_pixel(320.0, 180.0).unwrap())
            .abs()
            < 0.01
    );
}
