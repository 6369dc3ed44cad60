//! The store's layers in other forms: GeoJSON (RFC 7946), KML (OGC 12-007r2), GeoParquet 1.1.
//!
//! All carry the same rows: [`FeatureRow`]. A copy as GeoPackage is
//! [`crate::GeoPackage::copy_to`].

mod geojson;
mod kml;
mod parquet;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::{FeatureRow, StoreError};

/// A form to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 7946.
    GeoJson,
    /// OGC KML 2.3.
    Kml,
    /// GeoParquet 1.1 with WKB geometry.
    Parquet,
}

impl Form {
    /// By a file's ending; `None` when it is none of these.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "geojson" | "json" => Some(Self::GeoJson),
            "kml" => Some(Self::Kml),
            "parquet" | "geoparquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Writes rows to a file that must not be there yet.
///
/// # Errors
/// When the file exists or cannot be written whole; a part of it is then removed.
pub fn write(path: &Path, form: Form, rows: &[FeatureRow]) -> Result<(), StoreError> {
    let fail = |why: String| StoreError::Export {
        path: path.to_owned(),
        why,
    };
    let mut file = File::create_new(path).map_err(|e| fail(e.to_string()))?;
    let written = match form {
        Form::GeoJson => geojson::write(&mut file, rows),
        Form::Kml => kml::write(&mut file, rows),
        Form::Parquet => parquet::write(&mut file, rows),
    };
    written
        .and_then(|()| file.flush().map_err(|e| e.to_string()))
        .map_err(|why| {
            // A half-written export would look like a whole one.
            drop(std::fs::remove_file(path));
            fail(why)
        })
}

/// Rows as one GeoJSON feature collection.
///
/// # Errors
/// When a row cannot be told in JSON.
pub fn feature_collection(rows: &[FeatureRow]) -> Result<String, StoreError> {
    let mut bytes = Vec::new();
    geojson::write(&mut bytes, rows).map_err(|why| StoreError::Row {
        what: "GeoJSON".to_owned(),
        why,
    })?;
    String::from_utf8(bytes).map_err(|e| StoreError::Row {
        what: "GeoJSON".to_owned(),
        why: e.to_string(),
    })
}

#[cfg(test)]
mod tests;
