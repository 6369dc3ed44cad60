//! The same night at other places on earth gives the same findings there.

use crate::common::*;
use serde_json::Value;
use truceline_domain::Observation;

/// A rotation of the earth, as a matrix: the scene is carried along as a rigid whole.
type Rotation = [[f64; 3]; 3];

fn unit(lat: f64, lon: f64) -> [f64; 3] {
    let (lat, lon) = (lat.to_radians(), lon.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

fn times(a: &Rotation, v: [f64; 3]) -> [f64; 3] {
    a.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// East, north and up at a place, as rows.
fn frame(lat: f64, lon: f64, turned_deg: f64) -> Rotation {
    let (la, lo) = (lat.to_radians(), lon.to_radians());
    let east = [-lo.sin(), lo.cos(), 0.0];
    let north = [-la.sin() * lo.cos(), -la.sin() * lo.sin(), la.cos()];
    let (s, c) = turned_deg.to_radians().sin_cos();
    let mix = |x: f64, y: f64| [0, 1, 2].map(|i| x * east[i] + y * north[i]);
    [mix(c, -s), mix(s, c), unit(lat, lon)]
}

struct Carry {
    to: (f64, f64),
    turned_deg: f64,
}

/// The scene's middle.
const FROM: (f64, f64) = (39.79, 46.76);

impl Carry {
    /// Where a place goes: the same way east and north of the new middle, turned clockwise.
    fn place(&self, lat: f64, lon: f64) -> (f64, f64) {
        // On the ellipsoid, by offsets in metres: radii of curvature of both middles.
        let (e, n) = offset_m(FROM, (lat, lon));
        let (s, c) = self.turned_deg.to_radians().sin_cos();
        from_offset(self.to, (c * e + s * n, c * n - s * e))
    }
}

const A: f64 = 6_378_137.0;
const E2: f64 = 0.006_694_379_990_141_316;

fn earth_centred((lat, lon): (f64, f64)) -> [f64; 3] {
    let w = (1.0 - E2 * lat.to_radians().sin().powi(2)).sqrt();
    let u = unit(lat, lon);
    [A / w * u[0], A / w * u[1], A / w * (1.0 - E2) * u[2]]
}

fn offset_m(origin: (f64, f64), place: (f64, f64)) -> (f64, f64) {
    let (o, p) = (earth_centred(origin), earth_centred(place));
    let [e, n, _] = times(
        &frame(origin.0, origin.1, 0.0),
        [0, 1, 2].map(|i| p[i] - o[i]),
    );
    (e, n)
}

/// The place whose offset is this, by fixed-point steps.
fn from_offset(origin: (f64, f64), wanted: (f64, f64)) -> (f64, f64) {
    let (mut lat, mut lon) = origin;
    for _ in 0..20 {
        let (e, n) = offset_m(origin, (lat, lon));
        lat += (wanted.1 - n) / 111_000.0;
        lon += (wanted.0 - e) / (111_320.0 * lat.to_radians().cos());
    }
    (lat, if lon > 180.0 { lon - 360.0 } else { lon })
}

fn carry_pairs(value: &mut Value, carry: &Carry) {
    match value {
        Value::Array(pair) if pair.len() == 2 && pair.iter().all(Value::is_number) => {
            let (lat, lon) = carry.place(pair[1].as_f64().unwrap(), pair[0].as_f64().unwrap());
            *value = serde_json::json!([lon, lat]);
        }
        Value::Array(all) => all.iter_mut().for_each(|v| carry_pairs(v, carry)),
        _ => {}
    }
}

fn carried(carry: &Carry) -> (String, Vec<Observation>) {
    let mut theatre: Value = serde_json::from_str(THEATRE).unwrap();
    for feature in theatre["features"].as_array_mut().unwrap() {
        carry_pairs(&mut feature["geometry"]["coordinates"], carry);
    }
    let moved = lines(OBSERVATIONS).into_iter().map(|mut line| {
        if let (Some(lat), Some(lon)) = (line["lat"].as_f64(), line["lon"].as_f64()) {
            let (lat, lon) = carry.place(lat, lon);
            line["lat"] = lat.into();
            line["lon"] = lon.into();
        }
        for key in ["bearing_deg", "wind_from_deg"] {
            if let Some(deg) = line[key].as_f64() {
                line[key] = (deg + carry.turned_deg).rem_euclid(360.0).into();
            }
        }
        serde_json::from_value(line).unwrap()
    });
    (theatre.to_string(), moved.collect())
}

#[test]
fn findings_move_along_with_the_scene() {
    let home = judged(THEATRE, &observations(OBSERVATIONS));
    let elsewhere = [
        Carry {
            to: (-33.5, -70.2),
            turned_deg: 0.0,
        },
        Carry {
            to: (5.0, 120.0),
            turned_deg: 137.0,
        },
        Carry {
            to: (62.0, 10.0),
            turned_deg: -60.0,
        },
        // Where meridians run together: a degree of longitude is 10 km long.
        Carry {
            to: (84.8, -30.0),
            turned_deg: 20.0,
        },
        Carry {
            to: (-79.0, 100.0),
            turned_deg: 0.0,
        },
    ];
    for carry in elsewhere {
        let (theatre, observations) = carried(&carry);
        let there = judged(&theatre, &observations);
        assert_eq!(there.events.len(), home.events.len());
        for (a, b) in home.events.iter().zip(&there.events) {
            assert_eq!(a.kind, b.kind);
            assert_eq!(a.attribution.verdict, b.attribution.verdict);
            let moved = carry.place(a.position.lat_deg(), a.position.lon_deg());
            let off_m = apart_m(moved, (b.position.lat_deg(), b.position.lon_deg()));
            assert!(off_m < 25.0, "{off_m} m off");
            assert!(a.time.seconds_since(b.time).abs() < 0.1);
        }
    }
}

/// The theatre as people draw it across the antimeridian: longitudes run on beyond 180.
fn drawn_on(theatre: &str, east_deg: f64) -> String {
    let mut theatre: Value = serde_json::from_str(theatre).unwrap();
    for feature in theatre["features"].as_array_mut().unwrap() {
        shift_pairs(&mut feature["geometry"]["coordinates"], &|lon| {
            lon + east_deg
        });
    }
    theatre.to_string()
}

fn shift_pairs(value: &mut Value, shift: &dyn Fn(f64) -> f64) {
    match value {
        Value::Array(pair) if pair.len() == 2 && pair.iter().all(Value::is_number) => {
            pair[0] = shift(pair[0].as_f64().unwrap()).into();
        }
        Value::Array(all) => all.iter_mut().for_each(|v| shift_pairs(v, shift)),
        _ => {}
    }
}

#[test]
fn a_scene_across_the_antimeridian_gives_the_same_findings() {
    let home = judged(THEATRE, &observations(OBSERVATIONS));
    // Onto the antimeridian from both sides: the scene's middle lies on it.
    for (east_deg, onto) in [
        (180.0 - FROM.1, 180.0),
        (-180.0 - FROM.1, -180.0),
        (180.02 - FROM.1, 180.02),
    ] {
        let wrap = |lon: f64| (lon + 180.0).rem_euclid(360.0) - 180.0;
        let moved = lines(OBSERVATIONS).into_iter().map(|mut line| {
            if let Some(lon) = line["lon"].as_f64() {
                line["lon"] = wrap(lon + east_deg).into();
            }
            serde_json::from_value(line).unwrap()
        });
        let moved: Vec<Observation> = moved.collect();
        let there = judged(&drawn_on(THEATRE, east_deg), &moved);
        assert_eq!(there.events.len(), home.events.len(), "onto {onto}");
        for (a, b) in home.events.iter().zip(&there.events) {
            assert_eq!((a.kind, &a.id), (b.kind, &b.id));
            assert_eq!(a.attribution.verdict, b.attribution.verdict);
            let none = a.attribution.p.none().get() - b.attribution.p.none().get();
            assert!(none.abs() < 1e-3, "{none}");
            let off_deg = wrap(a.position.lon_deg() + east_deg - b.position.lon_deg());
            assert!(off_deg.abs() < 1e-4, "{off_deg}");
            assert!((a.position.lat_deg() - b.position.lat_deg()).abs() < 1e-4);
        }
    }
}
