//! Vector tiles as foreign programs read them: PyPI's mapbox-vector-tile and GDAL's MVT driver.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::serving::Serving;
use crate::common::{run, theatre};
use serde_json::Value;

/// Decodes a tile and writes its features, with places in degrees, as JSON.
const DECODE: &str = r#"
import sys, json, math, mapbox_vector_tile
z, x, y = map(int, sys.argv[2:5])
tile = mapbox_vector_tile.decode(open(sys.argv[1], "rb").read(), default_options={"y_coord_down": True})
def place(c):
    n = 2.0 ** z
    lon = (x + c[0] / 4096) / n * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + c[1] / 4096) / n))))
    return [lon, lat]
out = {}
for name, layer in tile.items():
    out[name] = [dict(f["properties"], type=f["geometry"]["type"],
        place=place(f["geometry"]["coordinates"]) if f["geometry"]["type"] == "Point" else None) for f in layer["features"]]
print(json.dumps(out))
"#;

fn decoded(python: &Path, tile: &Path, at: (u32, u32, u32)) -> Value {
    let output = Command::new(python)
        .args(["-c", DECODE])
        .arg(tile)
        .args([at.0, at.1, at.2].map(|n| n.to_string()))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_there(program: &str, words: &[&str]) -> bool {
    let ran = Command::new(program)
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ran.is_ok_and(|status| status.success())
}

#[test]
fn foreign_programs_read_the_tiles() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("centre");
    run(&[
        "init",
        dir.to_str().unwrap(),
        "--theatre",
        theatre().to_str().unwrap(),
    ])
    .ok();
    let sensors = theatre().join("feeds/sensors.ndjson");
    run(&[
        "ingest",
        "--dir",
        dir.to_str().unwrap(),
        sensors.to_str().unwrap(),
    ]);
    let serving = Serving::start(&dir);
    let commands = serving.control(&dir);
    let events = commands
        .get("/ogc/collections/events/items?limit=10000")
        .json();
    let events = events["features"].as_array().unwrap().clone();
    assert!(!events.is_empty());
    let places: BTreeMap<&str, (f64, f64)> = events
        .iter()
        .map(|event| {
            let at = &event["geometry"]["coordinates"];
            let id = event["properties"]["id"].as_str().unwrap();
            (id, (at[0].as_f64().unwrap(), at[1].as_f64().unwrap()))
        })
        .collect();
    // The tile of zoom 8 that the first event lies in, and the whole world.
    let (lon, lat) = *places.values().next().unwrap();
    let down = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    let near = (
        8,
        ((lon + 180.0) / 360.0 * 256.0) as u32,
        (down * 256.0) as u32,
    );
    let has_python = is_there("python3", &["-c", "import mapbox_vector_tile"]);
    let has_gdal = is_there("ogrinfo", &["--version"]);
    if !has_python {
        eprintln!("SKIPPED: mapbox-vector-tile (PyPI) is not here; tiles are not decoded by it");
    }
    if !has_gdal {
        eprintln!("SKIPPED: ogrinfo is not here; tiles are not read by GDAL");
    }
    for (z, x, y) in [(0, 0, 0), near] {
        for layer in ["events", "findings", "theatre"] {
            let answer = commands.get(&format!("/tiles/{layer}/{z}/{x}/{y}.mvt"));
            assert_eq!(answer.status, 200, "{}", answer.text());
            let file = place.path().join(format!("{layer}-{z}-{x}-{y}.mvt"));
            std::fs::write(&file, &answer.body).unwrap();
            if has_gdal {
                let read = Command::new("ogrinfo")
                    .args(["-ro", "-so", "-al"])
                    .args([
                        "-oo",
                        &format!("Z={z}"),
                        "-oo",
                        &format!("X={x}"),
                        "-oo",
                        &format!("Y={y}"),
                    ])
                    .arg(&file)
                    .output()
                    .unwrap();
                let told = String::from_utf8_lossy(&read.stdout).into_owned();
                assert!(
                    read.status.success() && told.contains("count: Integer"),
                    "{layer}: {told}"
                );
                assert!(told.contains(&format!("Layer name: {layer}")), "{told}");
            }
            if !has_python {
                continue;
            }
            let told = decoded(Path::new("python3"), &file, (z, x, y));
            let features = told[layer].as_array().unwrap();
            assert!(
                !features.is_empty() && features.iter().all(|f| f["count"] == 1),
                "{layer}: {told}"
            );
            if layer == "events" {
                if z == 0 {
                    assert_eq!(features.len(), places.len());
                }
                // A unit of a tile, degrees.
                let unit = 360.0 / f64::from(1 << z) / 4096.0;
                for feature in features {
                    let (lon, lat) = places[feature["id"].as_str().unwrap()];
                    let at = &feature["place"];
                    let off = (at[0].as_f64().unwrap() - lon)
                        .abs()
                        .max((at[1].as_f64().unwrap() - lat).abs());
                    assert!(off <= unit, "{feature} is {off}° off");
                }
            }
        }
    }
}
