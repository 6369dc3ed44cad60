//! Rows of a layer by where and when they are, without reading what tiles do not show.

use rusqlite::{Row, ToSql};
use truceline_domain::Observed;

use super::GeoPackage;
use super::listed::has_first_word;
use super::read::{feature, known};
use crate::error::Doing;
use crate::{FeatureRow, StoreError};

/// A span of time; an end that is not given is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TimeSpan {
    /// From, included.
    pub from: Option<Observed>,
    /// Until, excluded.
    pub until: Option<Observed>,
}

/// Where a row of a layer is: the middle of its bounding box, degrees, to a metre (the R-tree keeps single floats).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Located {
    /// Its number in the layer.
    pub fid: i64,
    /// Longitude.
    pub lon_deg: f64,
    /// Latitude.
    pub lat_deg: f64,
}

/// Which rows of a layer, beside where they are.
struct Which<'a> {
    kind: Option<&'a str>,
    /// First words of standings; none is any.
    standings: &'a [String],
    span: TimeSpan,
}

/// The columns that say since when and until when a row of a layer is so.
fn times(layer: &str) -> (&'static str, &'static str) {
    match layer {
        "theatre" => ("valid_from", "valid_until"),
        "tracks" => ("from_time", "until_time"),
        "observations" | "footprints" => ("observed", "observed"),
        _ => ("time", "time"),
    }
}

impl GeoPackage {
    /// The rows of a layer whose bounding box touches `[west, south, east, north]`, degrees, and whose time
    /// touches the span, in the order in which they came. What has no time is of every span. Of findings those
    /// whose standing begins with one of `standings`, when any is given.
    ///
    /// # Errors
    /// When there is no such layer, it has no standings, or SQLite cannot read.
    pub fn located(
        &self,
        layer: &str,
        bounds_deg: [f64; 4],
        span: TimeSpan,
        standings: &[String],
    ) -> Result<Vec<Located>, StoreError> {
        let columns = "r.id, (r.minx + r.maxx) / 2, (r.miny + r.maxy) / 2";
        let read = |e: rusqlite::Result<Located>| e.doing("reading where a row is");
        let which = Which {
            kind: None,
            standings,
            span,
        };
        self.touching(layer, columns, bounds_deg, &which, |row| {
            read((|| {
                Ok(Located {
                    fid: row.get(0)?,
                    lon_deg: row.get(1)?,
                    lat_deg: row.get(2)?,
                })
            })())
        })
    }

    /// The same rows with these of their columns; of one kind, when one is given.
    ///
    /// # Errors
    /// When there is no such layer or column, or SQLite cannot read.
    pub fn within(
        &self,
        layer: &str,
        columns: &[&str],
        kind: Option<&str>,
        bounds_deg: [f64; 4],
        span: TimeSpan,
    ) -> Result<Vec<FeatureRow>, StoreError> {
        let columns: String = columns
            .iter()
            .map(|column| format!("t.{column}, "))
            .collect();
        let columns = format!("t.fid, {columns}t.geom");
        let which = Which {
            kind,
            standings: &[],
            span,
        };
        self.touching(layer, &columns, bounds_deg, &which, |row| {
            feature(layer, row)
        })
    }

    fn touching<T>(
        &self,
        layer: &str,
        columns: &str,
        [west, south, east, north]: [f64; 4],
        which: &Which<'_>,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        known(layer)?;
        let (since, until) = times(layer);
        let mut sql = format!(
            "SELECT {columns} FROM rtree_{layer}_geom r JOIN {layer} t ON t.fid = r.id \
             WHERE r.maxx >= ?1 AND r.maxy >= ?2 AND r.minx <= ?3 AND r.miny <= ?4"
        );
        // Times are text of one width, so that they sort as instants do.
        let (first, last) = (
            which.span.from.map(|at| at.to_string()),
            which.span.until.map(|at| at.to_string()),
        );
        let mut values: Vec<&dyn ToSql> = vec![&west, &south, &east, &north];
        if let Some(first) = &first {
            let ends = if since == until { ">=" } else { ">" };
            sql.push_str(&format!(" AND (t.{until} IS NULL OR t.{until} {ends} ?5)"));
            values.push(first);
        }
        if let Some(last) = &last {
            values.push(last);
            let n = values.len();
            sql.push_str(&format!(" AND (t.{since} IS NULL OR t.{since} < ?{n})"));
        }
        if let Some(kind) = &which.kind {
            values.push(kind);
            sql.push_str(&format!(" AND t.kind = ?{}", values.len()));
        }
        if !which.standings.is_empty() {
            let (first, count) = (values.len() + 1, which.standings.len());
            sql.push_str(&format!(
                " AND {}",
                has_first_word("t.standing", first, count)
            ));
            values.extend(which.standings.iter().map(|word| word as &dyn ToSql));
        }
        sql.push_str(" ORDER BY r.id");
        self.rows(&sql, &values, read)
    }

    /// Rows of a layer by their numbers, with these of its columns; a number that is none is passed over.
    ///
    /// # Errors
    /// When there is no such layer or column, or SQLite cannot read.
    pub fn numbered(
        &self,
        layer: &str,
        columns: &[&str],
        fids: impl IntoIterator<Item = i64>,
    ) -> Result<Vec<(i64, FeatureRow)>, StoreError> {
        known(layer)?;
        let columns: String = columns.iter().flat_map(|column| [*column, ", "]).collect();
        let sql =
            format!("SELECT fid, {columns}geom FROM {layer} WHERE fid = ?1 AND geom IS NOT NULL");
        let mut rows = Vec::new();
        for fid in fids {
            let row = self.rows(&sql, &[&fid], |row| feature(layer, row))?;
            rows.extend(row.into_iter().map(|row| (fid, row)));
        }
        Ok(rows)
    }
}
