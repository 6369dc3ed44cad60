//! GeoParquet 1.1: one row a feature, geometry as ISO WKB, so that `DuckDB` and its like read it.

use std::io::Write;
use std::sync::Arc;

use geozero::{CoordDimensions, ToWkb};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::FeatureRow;

const SCHEMA: &str = "message feature {
  required binary layer (STRING);
  required binary id (STRING);
  required binary kind (STRING);
  optional binary time (STRING);
  required binary properties (JSON);
  required binary geometry;
}";

/// Rows of a row group: enough for good pages, few enough to hold in memory.
const GROUP_ROWS: usize = 100_000;

pub(super) fn write(out: &mut (impl Write + Send), rows: &[FeatureRow]) -> Result<(), String> {
    write_rows(out, rows).map_err(|e| e.to_string())
}

fn write_rows(
    out: &mut (impl Write + Send),
    rows: &[FeatureRow],
) -> Result<(), parquet::errors::ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("truceline ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(
            "geo".to_owned(),
            geo_metadata(rows),
        )]))
        .build();
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
    for group in rows.chunks(GROUP_ROWS) {
        let mut writer = file.next_row_group()?;
        let columns: [Column; 6] = [
            |r| Ok(Some(r.layer.as_str().into())),
            |r| Ok(Some(r.id.as_str().into())),
            |r| Ok(Some(r.kind.as_str().into())),
            |r| Ok(r.time.as_deref().map(ByteArray::from)),
            |r| {
                Ok(Some(
                    serde_json::to_string(&r.properties)
                        .map_err(other)?
                        .as_str()
                        .into(),
                ))
            },
            |r| {
                Ok(Some(
                    r.geometry
                        .to_wkb(CoordDimensions::xy())
                        .map_err(other)?
                        .into(),
                ))
            },
        ];
        for cell in columns {
            let cells = group.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
            let levels: Vec<i16> = cells.iter().map(|c| i16::from(c.is_some())).collect();
            let values: Vec<ByteArray> = cells.into_iter().flatten().collect();
            if let Some(mut column) = writer.next_column()? {
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels), None)?;
                column.close()?;
            }
        }
        writer.close()?;
    }
    file.close().map(drop)
}

type Column = fn(&FeatureRow) -> Result<Option<ByteArray>, parquet::errors::ParquetError>;

fn other(e: impl std::fmt::Display) -> parquet::errors::ParquetError {
    parquet::errors::ParquetError::General(e.to_string())
}

/// The `geo` key of the GeoParquet specification; without `crs` it means OGC:CRS84.
fn geo_metadata(rows: &[FeatureRow]) -> String {
    let mut types: Vec<&str> = rows.iter().map(|row| type_name(&row.geometry)).collect();
    types.sort_unstable();
    types.dedup();
    serde_json::json!({
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": types}}
    })
    .to_string()
}

fn type_name(geometry: &geo_types::Geometry<f64>) -> &'static str {
    use geo_types::Geometry as G;
    match geometry {
        G::Point(_) => "Point",
        G::Line(_) | G::LineString(_) => "LineString",
        G::Polygon(_) | G::Rect(_) | G::Triangle(_) => "Polygon",
        G::MultiPoint(_) => "MultiPoint",
        G::MultiLineString(_) => "MultiLineString",
        G::MultiPolygon(_) => "MultiPolygon",
        G::GeometryCollection(_) => "GeometryCollection",
    }
}
