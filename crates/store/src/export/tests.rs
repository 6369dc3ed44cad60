use super::*;
use serde_json::{Map, Value, json};

fn rows() -> Vec<FeatureRow> {
    let row = |layer: &str, id: &str, time: Option<&str>| FeatureRow {
        layer: layer.to_owned(),
        id: id.to_owned(),
        kind: "mortar".to_owned(),
        time: time.map(str::to_owned),
        properties: Map::from_iter([("text".to_owned(), Value::from("a < b & \"c\""))]),
        geometry: geo_types::Geometry::Point(geo_types::Point::new(47.0, 40.0)),
    };
    vec![
        row("events", "e1", Some("2021-03-14T09:00:00.000000Z")),
        row("theatre", "7", None),
    ]
}

#[test]
fn geojson_has_every_row_longitude_first() {
    let text = feature_collection(&rows()).unwrap();
    let parsed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed["features"].as_array().unwrap().len(), 2);
    assert_eq!(
        parsed["features"][0]["geometry"]["coordinates"],
        json!([47.0, 40.0])
    );
    assert_eq!(parsed["features"][0]["id"], "events/e1");
}

#[test]
fn kml_escapes_what_people_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e.kml");
    write(&path, Form::Kml, &rows()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("a &lt; b &amp; "), "{text}");
    assert!(
        text.contains("<when>2021-03-14T09:00:00.000000Z</when>"),
        "{text}"
    );
    assert_eq!(text.matches("<Placemark").count(), 2);
}

#[test]
fn parquet_reads_back() {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e.parquet");
    write(&path, Form::Parquet, &rows()).unwrap();
    let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata();
    assert_eq!(metadata.num_rows(), 2);
    let geo = metadata
        .key_value_metadata()
        .unwrap()
        .iter()
        .find(|kv| kv.key == "geo")
        .unwrap();
    let geo: Value = serde_json::from_str(geo.value.as_deref().unwrap()).unwrap();
    assert_eq!(
        geo["columns"]["geometry"]["geometry_types"],
        json!(["Point"])
    );
    let row = reader.get_row_iter(None).unwrap().nth(1).unwrap().unwrap();
    let cells: Vec<String> = row
        .get_column_iter()
        .map(|(name, field)| format!("{name}={field}"))
        .collect();
    assert!(
        cells.contains(&"id=\"7\"".to_owned()) && cells.contains(&"time=null".to_owned()),
        "{cells:?}"
    );
}

#[test]
fn an_existing_file_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e.geojson");
    std::fs::write(&path, "mine").unwrap();
    assert!(write(&path, Form::GeoJson, &rows()).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}
