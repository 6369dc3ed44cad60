//! A day of feeds that never were, over the smoke scenario's line: for the benchmarks.
#![allow(dead_code, clippy::unwrap_used, missing_docs)] // Each bench uses a part; a panic ends it.

use serde_json::json;
use truceline_agreement::theatre::{Detail, Terrain};
use truceline_agreement::{File, Theatre};
use truceline_domain::{Observation, Observed, Position, TheatreId};

const THEATRE: &str = include_str!("../../tests/data/smoke/theatre.geojson");

/// 2026-05-05T00:00:00Z.
pub(crate) const START_US: i64 = 1_777_939_200_000_000;

pub(crate) fn start() -> Observed {
    Observed::from_unix_us(START_US).unwrap()
}

/// The smoke scenario's theatre on hilly ground.
pub(crate) fn theatre() -> Theatre {
    let id = TheatreId::new("smoke").unwrap();
    let file = File::new("theatre.geojson", THEATRE.as_bytes());
    let mut theatre = Theatre::parse(&id, &[file], Detail::Scenario).unwrap();
    theatre.terrain = Some(terrain());
    theatre
}

pub(crate) fn terrain() -> Terrain {
    let hills = |lat: f64, lon: f64| 400.0 + 150.0 * (lat * 300.0).sin() * (lon * 250.0).cos();
    Terrain::of_function([40.8, 45.8], 1.0 / 240.0, [408, 480], hills).unwrap()
}

/// One camera's packet at a second, flying along the theatre's line; own corners or none.
pub(crate) fn packet(theatre: &Theatre, camera: usize, tenths: i64, corners: bool) -> Observation {
    let path = &theatre.lines[0].path.0;
    let at = path[(camera * 37 + (tenths / 600) as usize) % path.len()];
    let centre = Position::new(at.y, at.x).unwrap();
    let mut st0601 = json!({
        "platform_heading_angle_deg": (tenths % 3600) as f64 / 10.0, "platform_pitch_angle_deg": 2.0,
        "platform_roll_angle_deg": -3.0, "image_source_sensor": "EO Nose",
        "sensor_latitude_deg": centre.lat_deg() - 0.02, "sensor_longitude_deg": centre.lon_deg(),
        "sensor_true_altitude_m": 2600.0, "sensor_horizontal_field_of_view_deg": 6.0,
        "sensor_vertical_field_of_view_deg": 4.0, "sensor_relative_elevation_angle_deg": -45.0,
        "sensor_relative_azimuth_angle_deg": 360.0 - (tenths % 3600) as f64 / 10.0,
        "sensor_relative_roll_angle_deg": 0.0, "slant_range_m": 3200.0,
        "frame_center_latitude_deg": centre.lat_deg(), "frame_center_longitude_deg": centre.lon_deg(),
        "frame_center_elevation_m": 400.0,
    });
    if corners {
        for (i, (n, e)) in [(1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)]
            .iter()
            .enumerate()
        {
            let i = i + 1;
            st0601[format!("offset_corner_latitude_point_{i}_deg")] = json!(0.003 * n);
            st0601[format!("offset_corner_longitude_point_{i}_deg")] = json!(0.004 * e);
        }
    }
    observation(json!({
        "id": format!("c{camera}-{tenths}"), "source": format!("UAV{camera}"), "kind": "fmv.metadata",
        "observed": start().plus_seconds(tenths as f64 / 10.0), "pts_90k": null, "pid": 0,
        "carriage": "raw", "checksum": "ok", "offset": 0, "st0601": st0601,
    }))
}

/// A reading of each sensor every ten minutes and the weather every hour.
pub(crate) fn readings(theatre: &Theatre, hours: i64) -> Vec<Observation> {
    let mut all = vec![];
    for minute in (0..hours * 60).step_by(10) {
        let observed = start().plus_seconds(minute as f64 * 60.0 + 30.0);
        for sensor in &theatre.sensors {
            all.push(observation(json!({
                "id": format!("{}-{minute}", sensor.id.as_str()), "source": sensor.id, "kind": "acoustic",
                "observed": observed, "bearing_deg": 10.0, "bearing_sd_deg": 3.0, "level_db": 55.0,
            })));
        }
        if minute % 60 == 0 {
            all.push(observation(json!({
                "id": format!("w-{minute}"), "source": "W1", "kind": "weather", "observed": observed,
                "temperature_c": 14.0, "wind_from_deg": 200.0, "wind_mps": 4.0,
            })));
        }
    }
    all
}

fn observation(value: serde_json::Value) -> Observation {
    serde_json::from_value(value).unwrap()
}
