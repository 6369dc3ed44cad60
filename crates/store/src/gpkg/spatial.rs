//! Geometries in the GeoPackage: the binary form, the SQL functions that its R-tree triggers call,
//! and the triggers themselves (12-128r18, clause 2.1.3 and annex F.3).

use geo_types::{Geometry, Rect};
use geozero::wkb::{FromWkb, WkbDialect};
use geozero::{CoordDimensions, ToWkb};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error, Result};

use crate::StoreError;

/// WGS 84, longitude and latitude.
const SRS_ID: i32 = 4326;

/// The GeoPackage binary form of a geometry, with its envelope.
pub(super) fn blob(
    what: &str,
    geometry: &Geometry<f64>,
) -> std::result::Result<Vec<u8>, StoreError> {
    let fail = |why: String| StoreError::Geometry {
        what: what.to_owned(),
        why,
    };
    let rect = bounds(geometry).ok_or_else(|| fail("it is empty".to_owned()))?;
    let envelope = vec![rect.min().x, rect.max().x, rect.min().y, rect.max().y];
    geometry
        .to_gpkg_wkb(CoordDimensions::xy(), Some(SRS_ID), envelope)
        .map_err(|e| fail(e.to_string()))
}

/// Reads the binary form back.
pub(super) fn geometry(what: &str, blob: &[u8]) -> std::result::Result<Geometry<f64>, StoreError> {
    Geometry::from_wkb(&mut std::io::Cursor::new(blob), WkbDialect::Geopackage).map_err(|e| {
        StoreError::Geometry {
            what: what.to_owned(),
            why: e.to_string(),
        }
    })
}

fn bounds(geometry: &Geometry<f64>) -> Option<Rect<f64>> {
    let mut coordinates = Vec::new();
    collect(geometry, &mut coordinates);
    let first = *coordinates.first()?;
    let (mut min, mut max) = (first, first);
    for c in coordinates {
        min = geo_types::coord! { x: min.x.min(c.x), y: min.y.min(c.y) };
        max = geo_types::coord! { x: max.x.max(c.x), y: max.y.max(c.y) };
    }
    Some(Rect::new(min, max))
}

fn collect(geometry: &Geometry<f64>, into: &mut Vec<geo_types::Coord<f64>>) {
    match geometry {
        Geometry::Point(p) => into.push(p.0),
        Geometry::Line(l) => into.extend([l.start, l.end]),
        Geometry::LineString(l) => into.extend(&l.0),
        Geometry::Polygon(p) => into.extend(&p.exterior().0),
        Geometry::MultiPoint(m) => into.extend(m.0.iter().map(|p| p.0)),
        Geometry::MultiLineString(m) => m.0.iter().for_each(|l| into.extend(&l.0)),
        Geometry::MultiPolygon(m) => m.0.iter().for_each(|p| into.extend(&p.exterior().0)),
        Geometry::GeometryCollection(c) => c.0.iter().for_each(|g| collect(g, into)),
        Geometry::Rect(r) => into.extend([r.min(), r.max()]),
        Geometry::Triangle(t) => into.extend(t.to_array()),
    }
}

/// Gives SQLite the functions that the R-tree triggers call.
pub(super) fn register(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("ST_IsEmpty", 1, flags, |c| Ok(envelope(c)?.is_none()))?;
    let edges: [(&str, usize); 4] = [
        ("ST_MinX", 0),
        ("ST_MaxX", 1),
        ("ST_MinY", 2),
        ("ST_MaxY", 3),
    ];
    for (name, edge) in edges {
        db.create_scalar_function(name, 1, flags, move |c| Ok(envelope(c)?.map(|e| e[edge])))?;
    }
    Ok(())
}

/// The envelope in a blob's header: min x, max x, min y, max y (clause 2.1.3.1.1). This program
/// always writes one, little endian or big.
fn envelope(context: &Context<'_>) -> Result<Option<[f64; 4]>> {
    const HEADER: usize = 8;
    let Some(blob) = context
        .get_raw(0)
        .as_blob_or_null()
        .map_err(|e| Error::UserFunctionError(e.into()))?
    else {
        return Ok(None);
    };
    let malformed = || Error::UserFunctionError("a geometry without GeoPackage header".into());
    let flags = match blob {
        [b'G', b'P', 0, flags, ..] => *flags,
        _ => return Err(malformed()),
    };
    let (empty, kind, little) = (flags & 0x10 != 0, (flags >> 1) & 0x07, flags & 1 == 1);
    if empty {
        return Ok(None);
    }
    if kind == 0 {
        return Err(malformed());
    }
    let mut edges = [0.0; 4];
    for (i, edge) in edges.iter_mut().enumerate() {
        let at = HEADER + 8 * i;
        let bytes: [u8; 8] = blob
            .get(at..at + 8)
            .and_then(|b| b.try_into().ok())
            .ok_or_else(malformed)?;
        *edge = if little {
            f64::from_le_bytes(bytes)
        } else {
            f64::from_be_bytes(bytes)
        };
    }
    Ok(Some(edges))
}

/// The R-tree of a layer with the triggers of annex F.3 (those of version 1.3, where the update
/// triggers 6 and 7 replace 1 and 5).
pub(super) fn rtree_sql(table: &str) -> String {
    TRIGGERS.replace("<t>", table)
}

const TRIGGERS: &str = r"
INSERT INTO gpkg_extensions VALUES ('<t>', 'geom', 'gpkg_rtree_index',
  'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_<t>_geom USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_<t>_geom_insert AFTER INSERT ON <t>
  WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  INSERT OR REPLACE INTO rtree_<t>_geom VALUES (NEW.fid,
    ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_<t>_geom_update2 AFTER UPDATE OF geom ON <t>
  WHEN OLD.fid = NEW.fid AND (NEW.geom IS NULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_<t>_geom WHERE id = OLD.fid;
END;
CREATE TRIGGER rtree_<t>_geom_update4 AFTER UPDATE ON <t>
  WHEN OLD.fid != NEW.fid AND (NEW.geom IS NULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_<t>_geom WHERE id IN (OLD.fid, NEW.fid);
END;
CREATE TRIGGER rtree_<t>_geom_update5 AFTER UPDATE ON <t>
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_<t>_geom WHERE id = OLD.fid;
  INSERT OR REPLACE INTO rtree_<t>_geom VALUES (NEW.fid,
    ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_<t>_geom_update6 AFTER UPDATE OF geom ON <t>
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom NOT NULL AND NOT ST_IsEmpty(OLD.geom))
BEGIN
  UPDATE rtree_<t>_geom SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom),
    miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid;
END;
CREATE TRIGGER rtree_<t>_geom_update7 AFTER UPDATE OF geom ON <t>
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom IS NULL OR ST_IsEmpty(OLD.geom))
BEGIN
  INSERT INTO rtree_<t>_geom VALUES (NEW.fid,
    ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_<t>_geom_delete AFTER DELETE ON <t> WHEN OLD.geom NOT NULL
BEGIN
  DELETE FROM rtree_<t>_geom WHERE id = OLD.fid;
END;
";
