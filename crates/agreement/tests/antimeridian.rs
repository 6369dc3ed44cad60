//! Theatres across the antimeridian: cut as RFC 7946 asks, or drawn on beyond it.

use serde_json::{Value, json};
use truceline_agreement::theatre::Detail;
use truceline_agreement::{Faults, File, Theatre};
use truceline_domain::{Observed, Position, TheatreId};

fn parse(features: &[(Value, Value)]) -> Result<Theatre, Faults> {
    let features: Vec<Value> = features
        .iter()
        .map(|(properties, geometry)| {
            json!({"type": "Feature", "properties": properties, "geometry": geometry})
        })
        .collect();
    let text = json!({"type": "FeatureCollection", "features": features}).to_string();
    let id = TheatreId::new("strait").unwrap();
    Theatre::parse(
        &id,
        &[File::new("strait.geojson", text.as_bytes())],
        Detail::Scenario,
    )
}

fn west() -> Value {
    json!({"kind": "held", "party": "west"})
}

fn east() -> Value {
    json!({"kind": "held", "party": "east"})
}

fn line() -> Value {
    json!({"kind": "contact_line"})
}

fn ring(west: f64, south: f64, east: f64, north: f64) -> Value {
    json!([[
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south]
    ]])
}

/// South of the line at 66° holds one, north the other; both across the antimeridian, once cut and
/// twice drawn on.
fn drawn() -> [Theatre; 3] {
    let cut = [
        (
            west(),
            json!({"type": "MultiPolygon", "coordinates": [ring(179.0, 65.0, 180.0, 66.0), ring(-180.0, 65.0, -179.0, 66.0)]}),
        ),
        (
            east(),
            json!({"type": "MultiPolygon", "coordinates": [ring(179.0, 66.0, 180.0, 67.0), ring(-180.0, 66.0, -179.0, 67.0)]}),
        ),
        (
            line(),
            json!({"type": "MultiLineString", "coordinates": [[[179.0, 66.0], [180.0, 66.0]], [[-180.0, 66.0], [-179.0, 66.0]]]}),
        ),
    ];
    let on = |by: f64| {
        [
            (
                west(),
                json!({"type": "Polygon", "coordinates": ring(179.0 + by, 65.0, 181.0 + by, 66.0)}),
            ),
            (
                east(),
                json!({"type": "Polygon", "coordinates": ring(179.0 + by, 66.0, 181.0 + by, 67.0)}),
            ),
            (
                line(),
                json!({"type": "LineString", "coordinates": [[179.0 + by, 66.0], [181.0 + by, 66.0]]}),
            ),
        ]
    };
    [&cut, &on(0.0), &on(-360.0)].map(|features| parse(features).unwrap_or_else(|f| panic!("{f}")))
}

#[test]
fn what_is_cut_and_what_is_drawn_on_are_the_same_ground() {
    let at: Observed = "2026-05-01T00:00:00Z".parse().unwrap();
    for theatre in drawn() {
        let geometry = theatre.at(at);
        for lon in [179.5, 179.999, 180.0, -180.0, -179.999, -179.5] {
            let holder = |lat| {
                let place = Position::new(lat, lon).unwrap();
                geometry.holder(place).map(ToString::to_string)
            };
            assert_eq!(holder(65.5).as_deref(), Some("west"), "{lon}");
            assert_eq!(holder(66.5).as_deref(), Some("east"), "{lon}");
            let place = Position::new(66.01, lon).unwrap();
            let near = geometry.nearest_line(place).unwrap();
            assert!(
                (near.distance_m - 1115.0).abs() < 2.0,
                "{}",
                near.distance_m
            );
            let across = (near.foot.lon_deg() - lon).rem_euclid(360.0);
            assert!(across.min(360.0 - across) < 1e-6, "{across}");
        }
    }
}

#[test]
fn the_nearest_line_may_lie_across_it() {
    let at: Observed = "2026-05-01T00:00:00Z".parse().unwrap();
    let path = json!({"type": "LineString", "coordinates": [[-179.99, 65.0], [-179.99, 67.0]]});
    let held = json!({"type": "Polygon", "coordinates": ring(-179.5, 65.0, -179.0, 66.0)});
    let theatre = parse(&[(line(), path), (west(), held)]).unwrap_or_else(|f| panic!("{f}"));
    let near = theatre.at(at);
    let near = near
        .nearest_line(Position::new(66.0, 179.99).unwrap())
        .unwrap();
    assert!((near.distance_m - 908.0).abs() < 2.0, "{}", near.distance_m);
    assert!((near.foot.lon_deg() + 179.99).abs() < 1e-6);
}

#[test]
fn a_cut_is_no_edge_of_an_area() {
    let at: Observed = "2026-05-01T00:00:00Z".parse().unwrap();
    let zone = json!({"kind": "area", "id": "zone"});
    let shape = json!({"type": "Polygon", "coordinates": ring(179.0, 65.0, 181.0, 67.0)});
    let held = json!({"type": "Polygon", "coordinates": ring(179.0, 65.0, 179.5, 66.0)});
    let path = json!({"type": "LineString", "coordinates": [[179.0, 66.0], [181.0, 66.0]]});
    let features = [(zone, shape), (west(), held), (line(), path)];
    let theatre = parse(&features).unwrap_or_else(|f| panic!("{f}"));
    let geometry = theatre.at(at);
    let edge_m = geometry.edge_distance_m(Position::new(66.0, 179.999).unwrap(), &theatre.areas[0]);
    assert!((edge_m - 45_000.0).abs() < 1000.0, "{edge_m}");
}

#[test]
fn a_ring_that_jumps_is_told_what_to_do() {
    let ring = json!([[
        [179.0, 65.0],
        [-179.0, 65.0],
        [-179.0, 66.0],
        [179.0, 66.0],
        [179.0, 65.0]
    ]]);
    let faults = parse(&[(west(), json!({"type": "Polygon", "coordinates": ring}))]).unwrap_err();
    let told = faults.to_string();
    assert!(told.contains("from longitude 179 to -179"), "{told}");
    assert!(told.contains("RFC 7946, section 3.1.9"), "{told}");
    let path = json!({"type": "LineString", "coordinates": [[179.0, 66.0], [-179.0, 66.0]]});
    assert!(parse(&[(line(), path)]).is_err());
    let far = json!({"type": "LineString", "coordinates": [[359.0, 66.0], [361.0, 66.0]]});
    assert!(
        parse(&[(line(), far)])
            .unwrap_err()
            .to_string()
            .contains("[361, 66] out of range")
    );
}
