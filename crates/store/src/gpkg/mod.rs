//! The GeoPackage (OGC 12-128r18, version 1.3): opening, filling, reading.

mod listed;
mod read;
mod schema;
mod spatial;
mod within;
mod write;

pub use listed::{FindingFilter, Part};
pub use within::{Located, TimeSpan};

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sha2::{Digest, Sha256 as Hasher};
use truceline_domain::Sha256;

use crate::StoreError;
use crate::error::Doing;

/// The store: one GeoPackage, one writer.
#[derive(Debug)]
pub struct GeoPackage {
    db: Connection,
    path: PathBuf,
}

impl GeoPackage {
    /// Opens the store, making an empty one where there is none.
    ///
    /// # Errors
    /// When the file is no GeoPackage of this program's shape, or SQLite cannot open it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::opened(path).map_err(|e| e.of_file(path))
    }

    fn opened(path: &Path) -> Result<Self, StoreError> {
        let db = Connection::open(path).doing("opening the GeoPackage")?;
        spatial::register(&db).doing("registering spatial functions")?;
        // WAL lets readers go on while the projection is written. The projection can be made again
        // from the record, so a commit need not wait for the disk.
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000;",
        )
        .doing("setting up the GeoPackage")?;
        let store = Self {
            db,
            path: path.to_owned(),
        };
        match store.shape()? {
            None => store.create()?,
            Some(schema::SHAPE) => {
                // Made before there was this index, and the same otherwise.
                store
                    .db
                    .execute_batch(schema::FINDINGS_TIME)
                    .doing("making an index")?;
            }
            Some(other) => {
                let why = format!(
                    "its shape is {other}, this program writes {}",
                    schema::SHAPE
                );
                return Err(StoreError::Foreign {
                    path: path.to_owned(),
                    why,
                });
            }
        }
        Ok(store)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in one transaction: all of it becomes visible, or nothing.
    ///
    /// # Errors
    /// What `work` or SQLite says; then nothing was changed.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.db
            .execute_batch("BEGIN IMMEDIATE")
            .doing("beginning a transaction")?;
        let done = work(self);
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.db.execute_batch(end).doing("ending a transaction")?;
        done
    }

    /// How many of the log's entries have been projected.
    ///
    /// # Errors
    /// When SQLite cannot tell.
    pub fn projected_entries(&self) -> Result<u64, StoreError> {
        self.db
            .query_row("SELECT entries FROM projection", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(i64::unsigned_abs)
            .doing("reading how far the projection is")
    }

    /// The SHA-256 of all content in order: two stores made from one record have the same.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn content_sha256(&self) -> Result<Sha256, StoreError> {
        let mut hasher = Hasher::new();
        for table in schema::TABLES {
            hasher.update(table.name.as_bytes());
            let sql = format!("SELECT * FROM {} ORDER BY fid", table.name);
            let mut statement = self.db.prepare(&sql).doing("reading a table")?;
            let columns = statement.column_count();
            let mut rows = statement.query([]).doing("reading a table")?;
            while let Some(row) = rows.next().doing("reading a row")? {
                for column in 0..columns {
                    hash_value(&mut hasher, row.get_ref(column).doing("reading a value")?);
                }
            }
        }
        Ok(Sha256::from_bytes(hasher.finalize().into()))
    }

    /// Writes a copy, compacted and without a write-ahead log beside it.
    ///
    /// # Errors
    /// When the target exists or cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        if target.exists() {
            let why = "the file is there already; name another or remove it".to_owned();
            return Err(StoreError::Export {
                path: target.to_owned(),
                why,
            });
        }
        let name = target.to_string_lossy();
        self.db
            .execute("VACUUM INTO ?1", [name.as_ref()])
            .doing("copying the GeoPackage")?;
        Ok(())
    }

    /// The shape an existing store says it has; `None` for an empty file.
    fn shape(&self) -> Result<Option<i64>, StoreError> {
        let tables: i64 = self
            .db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .doing("reading what tables there are")?;
        if tables == 0 {
            return Ok(None);
        }
        self.db
            .query_row("SELECT shape FROM projection", [], |row| row.get(0))
            .map(Some)
            .map_err(|source| match source.sqlite_error_code() {
                // The table or its row is not there.
                None | Some(rusqlite::ErrorCode::Unknown) => StoreError::Foreign {
                    path: self.path.clone(),
                    why: "it is a database of something else".to_owned(),
                },
                Some(_) => StoreError::Sqlite {
                    doing: "reading its shape",
                    source,
                },
            })
    }

    fn create(&self) -> Result<(), StoreError> {
        self.db
            .execute_batch("BEGIN IMMEDIATE")
            .doing("beginning a transaction")?;
        self.db
            .execute_batch(&schema::sql())
            .doing("creating the tables")?;
        self.db.execute_batch("COMMIT").doing("creating the tables")
    }
}

/// Feeds a value with its type and length, so that no two different rows hash alike.
fn hash_value(hasher: &mut Hasher, value: rusqlite::types::ValueRef<'_>) {
    use rusqlite::types::ValueRef;
    let (tag, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(i) => return fixed(hasher, 1, i.to_be_bytes()),
        ValueRef::Real(r) => return fixed(hasher, 2, r.to_be_bytes()),
        ValueRef::Text(t) => (3, t),
        ValueRef::Blob(b) => (4, b),
    };
    hasher.update([tag]);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

fn fixed(hasher: &mut Hasher, tag: u8, bytes: [u8; 8]) {
    hasher.update([tag]);
    hasher.update(bytes);
}

#[cfg(test)]
mod tests;
