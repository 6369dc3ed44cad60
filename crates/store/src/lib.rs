//! The queryable projection of the record, as an OGC GeoPackage that any GIS opens.
//!
//! Nothing here is a source of truth: delete the file, replay the record, and it comes back with
//! the same content ([`GeoPackage::content_sha256`]).

mod error;
pub mod export;
mod geometry;
mod gpkg;
mod rows;
mod shown;

pub use error::StoreError;
pub use geometry::{ellipse_polygon, point};
pub use gpkg::{FindingFilter, GeoPackage, Located, Part, TimeSpan};
pub use rows::{
    AccessRow, DeedRow, DocumentRow, FeatureRow, FindingRow, FootprintRow, PersonRow, SegmentRow,
    SignatureRow, TheatreRow, TrackRow, WatchRow,
};
pub use shown::shows;
