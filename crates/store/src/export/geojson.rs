//! GeoJSON: one feature a line, so that a difference between two exports can be read.

use std::io::Write;

use geojson::{Feature, Geometry, Value as Shape, feature::Id};

use crate::FeatureRow;

pub(super) fn write(out: &mut impl Write, rows: &[FeatureRow]) -> Result<(), String> {
    let text = |e: std::io::Error| e.to_string();
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n")
        .map_err(text)?;
    for (i, row) in rows.iter().enumerate() {
        let comma = if i + 1 < rows.len() { ",\n" } else { "\n" };
        let line = serde_json::to_string(&feature(row)).map_err(|e| e.to_string())?;
        out.write_all(line.as_bytes())
            .and_then(|()| out.write_all(comma.as_bytes()))
            .map_err(text)?;
    }
    out.write_all(b"]}\n").map_err(text)
}

fn feature(row: &FeatureRow) -> Feature {
    let mut properties = row.properties.clone();
    properties.insert("layer".to_owned(), row.layer.clone().into());
    properties
        .entry("kind")
        .or_insert_with(|| row.kind.clone().into());
    if let Some(time) = &row.time {
        properties
            .entry("time")
            .or_insert_with(|| time.clone().into());
    }
    Feature {
        bbox: None,
        geometry: Some(Geometry::new(Shape::from(&row.geometry))),
        id: Some(Id::String(format!("{}/{}", row.layer, row.id))),
        properties: Some(properties),
        foreign_members: None,
    }
}
