//! Reading the tables.

use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};
use serde_json::{Map, Value};
use truceline_domain::{Event, Finding, FindingId, Observed, Sha256};

use super::{GeoPackage, schema, spatial};
use crate::StoreError;
use crate::error::Doing;
use crate::rows::{AccessRow, DocumentRow, FeatureRow, FindingRow, SignatureRow};

impl GeoPackage {
    /// The layers with a geometry, by name.
    pub fn layers() -> impl Iterator<Item = &'static str> {
        schema::TABLES
            .iter()
            .filter(|t| t.geometry.is_some())
            .map(|t| t.name)
    }

    /// All rows with a place of one layer, in the order in which they came.
    ///
    /// # Errors
    /// When there is no such layer or SQLite cannot read.
    pub fn features(&self, layer: &str) -> Result<Vec<FeatureRow>, StoreError> {
        known(layer)?;
        let sql = format!("SELECT * FROM {layer} WHERE geom IS NOT NULL ORDER BY fid");
        self.rows(&sql, &[], |row| feature(layer, row))
    }

    /// The events of the latest judgement, in its order.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn events(&self) -> Result<Vec<Event>, StoreError> {
        self.rows("SELECT body FROM events ORDER BY fid", &[], |row| {
            parse(&text(row, "body")?)
        })
    }

    /// The findings, in the order in which they were put.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn findings(&self) -> Result<Vec<FindingRow>, StoreError> {
        self.rows(&format!("{FINDINGS} ORDER BY fid"), &[], finding)
    }

    /// One finding by its id; `None` when there is none.
    ///
    /// # Errors
    /// When SQLite cannot read or the row is not of this program.
    pub fn finding(&self, id: &FindingId) -> Result<Option<FindingRow>, StoreError> {
        let rows = self.rows(
            &format!("{FINDINGS} WHERE id = ?1"),
            &[&id.as_str()],
            finding,
        )?;
        Ok(rows.into_iter().next())
    }

    /// The signatures and dissents on a finding, in the order in which they came.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn signatures(&self, finding: &FindingId) -> Result<Vec<SignatureRow>, StoreError> {
        let sql = format!("{SIGNATURES} WHERE finding = ?1 ORDER BY fid");
        self.rows(&sql, &[&finding.as_str()], signature)
    }

    /// The documents, in the order in which they entered the record.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn documents(&self) -> Result<Vec<DocumentRow>, StoreError> {
        let sql = "SELECT entry, recorded, kind, path, sha256 FROM documents ORDER BY fid";
        self.rows(sql, &[], |row| {
            Ok(DocumentRow {
                entry: count(row, "entry")?,
                recorded: word(row, "recorded")?,
                kind: text(row, "kind")?,
                path: text(row, "path")?,
                sha256: word(row, "sha256")?,
            })
        })
    }

    /// Indices of the log's entries that documents, findings, signatures, persons and the watch came from, in order.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn desk_entries(&self) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT entry FROM documents UNION SELECT entry FROM findings \
                   UNION SELECT entry FROM signatures UNION SELECT entry FROM persons \
                   UNION SELECT entry FROM alerts UNION SELECT entry FROM deeds ORDER BY entry";
        self.rows(sql, &[], |row| count(row, "entry"))
    }

    /// An observation by its id: the feed it came by, and itself as JSON. A drone's own whereabouts are
    /// here once a second only.
    ///
    /// # Errors
    /// When SQLite cannot read or the row is not of this program.
    pub fn observation(&self, id: &str) -> Result<Option<(Option<String>, Value)>, StoreError> {
        let sql =
            "SELECT id, source, observed, received, feed, body FROM observations WHERE id = ?1";
        let rows = self.rows(sql, &[&id], |row| {
            Ok((Some(text(row, "feed")?), observation(row)?))
        })?;
        Ok(rows.into_iter().next())
    }

    /// Observations of a kind whose member `member` (of the columns or the body) is `value`, observed from an instant
    /// until another, in the order of time, as JSON. A drone's own whereabouts are here once a second only.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn observations_of(
        &self,
        kind: &str,
        (member, value): (&str, &str),
        (from, until): (Observed, Observed),
    ) -> Result<Vec<Value>, StoreError> {
        let sql = "SELECT id, source, observed, received, body FROM observations \
                   WHERE observed BETWEEN ?1 AND ?2 AND kind = ?3 ORDER BY observed, fid";
        let rows = self.rows(
            sql,
            &[&from.to_string(), &until.to_string(), &kind],
            observation,
        )?;
        let of = |row: &Value| row.get(member).and_then(Value::as_str) == Some(value);
        Ok(rows.into_iter().filter(of).collect())
    }

    /// Whether an observation is excluded from judgement.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn is_excluded(&self, observation: &str) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS n FROM alerts WHERE kind = 'exclusion' AND about = ?1";
        let n = self.rows(sql, &[&observation], |row| count(row, "n"))?;
        Ok(n.first().is_some_and(|n| *n > 0))
    }

    /// Whether accesses whose lines have this hash are in the record.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn has_accesses(&self, sha256: &Sha256) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS n FROM accesses WHERE sha256 = ?1";
        let n = self.rows(sql, &[&sha256.to_string()], |row| count(row, "n"))?;
        Ok(n.first().is_some_and(|n| *n > 0))
    }

    /// Accesses, the newest first: `limit` of them after the first `skip`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn accesses(&self, skip: usize, limit: usize) -> Result<Vec<AccessRow>, StoreError> {
        let sql = "SELECT at, who, method, path, status, request FROM accesses \
                   ORDER BY fid DESC LIMIT ?1 OFFSET ?2";
        let bound = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.rows(sql, &[&bound(limit), &bound(skip)], |row| {
            Ok(AccessRow {
                at: word(row, "at")?,
                who: text(row, "who")?,
                method: text(row, "method")?,
                path: text(row, "path")?,
                status: row.get("status").doing("reading a status")?,
                request: text(row, "request")?,
            })
        })
    }

    /// Whether anything of this feed is in the record.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn has_feed(&self, feed: &str) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS n FROM segments WHERE feed = ?1";
        let n = self.rows(sql, &[&feed], |row| count(row, "n"))?;
        Ok(n.first().is_some_and(|n| *n > 0))
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// When there is no such table or SQLite cannot read.
    pub fn count(&self, table: &str) -> Result<u64, StoreError> {
        if !schema::TABLES.iter().any(|known| known.name == table) {
            let why = "no such table".to_owned();
            return Err(StoreError::Row {
                what: table.to_owned(),
                why,
            });
        }
        let sql = format!("SELECT count(*) AS n FROM {table}");
        let n = self.rows(&sql, &[], |row| count(row, "n"))?;
        Ok(n.first().copied().unwrap_or(0))
    }

    /// How many observations there are of each kind, by source.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn observation_counts(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        let sql = "SELECT source, kind, count(*) AS n FROM observations \
                   GROUP BY source, kind ORDER BY source, kind";
        self.rows(sql, &[], |row| {
            Ok((text(row, "source")?, text(row, "kind")?, count(row, "n")?))
        })
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.db.prepare_cached(sql).doing("preparing a query")?;
        let mut rows = statement.query(values).doing("querying")?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing("reading a row")? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}

pub(super) const FINDINGS: &str = "SELECT entry, recorded, sha256, standing, body FROM findings";

pub(super) const SIGNATURES: &str =
    "SELECT entry, recorded, finding, state, key_name, decision, reason, method FROM signatures";

pub(super) fn signature(row: &Row<'_>) -> Result<SignatureRow, StoreError> {
    Ok(SignatureRow {
        entry: count(row, "entry")?,
        recorded: word(row, "recorded")?,
        finding: word(row, "finding")?,
        state: text(row, "state")?,
        key_name: text(row, "key_name")?,
        decision: text(row, "decision")?,
        reason: row.get("reason").doing("reading a reason")?,
        method: text(row, "method")?,
    })
}

/// An observation whole: its body with the columns that stand beside it.
fn observation(row: &Row<'_>) -> Result<Value, StoreError> {
    let mut body = parse::<Value>(&text(row, "body")?)?;
    for column in ["id", "source", "observed", "received"] {
        let value: Option<String> = row.get(column).doing("reading an observation")?;
        if let (Some(members), Some(value)) = (body.as_object_mut(), value) {
            members.insert(column.to_owned(), value.into());
        }
    }
    Ok(body)
}

pub(super) fn finding(row: &Row<'_>) -> Result<FindingRow, StoreError> {
    Ok(FindingRow {
        entry: count(row, "entry")?,
        recorded: word(row, "recorded")?,
        sha256: word(row, "sha256")?,
        standing: text(row, "standing")?,
        finding: parse::<Finding>(&text(row, "body")?)?,
    })
}

/// A row of any layer: known columns become the shape's fields, the rest its properties.
pub(super) fn feature(layer: &str, row: &Row<'_>) -> Result<FeatureRow, StoreError> {
    let mut properties = Map::new();
    let mut geometry = None;
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    for (i, column) in statement.column_names().enumerate() {
        let value = row.get_ref(i).doing("reading a value")?;
        match (column, value) {
            ("geom", ValueRef::Blob(blob)) => geometry = Some(spatial::geometry(layer, blob)?),
            // The body repeats the columns and adds detail: its own JSON, not a text of it.
            ("body" | "p", ValueRef::Text(json)) => {
                let value = serde_json::from_slice(json).unwrap_or(Value::Null);
                properties.insert(column.to_owned(), value);
            }
            (_, ValueRef::Null) => {}
            (_, ValueRef::Integer(n)) => drop(properties.insert(column.to_owned(), n.into())),
            (_, ValueRef::Real(x)) => drop(properties.insert(column.to_owned(), x.into())),
            (_, value) => {
                let text = value.as_str().unwrap_or_default();
                properties.insert(column.to_owned(), text.into());
            }
        }
    }
    let number = properties.remove("fid").unwrap_or_default();
    let word = |name: &str| {
        properties
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let missing = || StoreError::Row {
        what: layer.to_owned(),
        why: "a row without geometry".to_owned(),
    };
    Ok(FeatureRow {
        layer: layer.to_owned(),
        id: word("id").unwrap_or_else(|| number.to_string()),
        kind: word("kind")
            .or_else(|| word("name"))
            .unwrap_or_else(|| layer.to_owned()),
        time: ["time", "observed", "from_time", "valid_from"]
            .into_iter()
            .find_map(word),
        geometry: geometry.ok_or_else(missing)?,
        properties,
    })
}

/// Refuses what is no layer.
pub(super) fn known(layer: &str) -> Result<(), StoreError> {
    let known: Vec<_> = GeoPackage::layers().collect();
    if known.contains(&layer) {
        return Ok(());
    }
    let why = format!("no such layer; there are {}", known.join(", "));
    Err(StoreError::Row {
        what: layer.to_owned(),
        why,
    })
}

pub(super) fn text(row: &Row<'_>, column: &str) -> Result<String, StoreError> {
    row.get(column).doing("reading a text")
}

pub(super) fn count(row: &Row<'_>, column: &str) -> Result<u64, StoreError> {
    row.get::<_, i64>(column)
        .map(i64::unsigned_abs)
        .doing("reading a number")
}

/// A value of the domain from its text.
pub(super) fn word<T: std::str::FromStr<Err: std::fmt::Display>>(
    row: &Row<'_>,
    column: &str,
) -> Result<T, StoreError> {
    text(row, column)?
        .parse()
        .map_err(|e: T::Err| StoreError::Row {
            what: column.to_owned(),
            why: e.to_string(),
        })
}

fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError::Row {
        what: "body".to_owned(),
        why: e.to_string(),
    })
}
