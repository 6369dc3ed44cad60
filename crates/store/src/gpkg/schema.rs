//! The tables. Layers carry a geometry and an R-tree (extension `gpkg_rtree_index`); attribute
//! tables do not. Times are text, RFC 3339 UTC with microseconds: SQLite and GIS sort them rightly.

/// The number of this shape; another number means: replay.
pub(super) const SHAPE: i64 = 5;

/// Findings by time, for lists and spans.
pub(super) const FINDINGS_TIME: &str =
    "CREATE INDEX IF NOT EXISTS findings_time ON findings (time, entry);";

/// One table.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// `None` for an attribute table.
    pub(super) geometry: Option<&'static str>,
    /// Columns after `fid` and before `geom`.
    columns: &'static str,
}

/// All tables, in the order in which they are hashed.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "projection",
        description: "how far the record is projected",
        geometry: None,
        columns: "shape INTEGER NOT NULL, entries INTEGER NOT NULL",
    },
    Table {
        name: "documents",
        description: "documents as they entered the record",
        geometry: None,
        columns: "entry INTEGER NOT NULL, recorded TEXT NOT NULL, kind TEXT NOT NULL, \
                  path TEXT NOT NULL, sha256 TEXT NOT NULL",
    },
    Table {
        name: "segments",
        description: "original bytes of the feeds",
        geometry: None,
        columns: "entry INTEGER NOT NULL, feed TEXT NOT NULL, format TEXT NOT NULL, \
                  sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, observed_from TEXT, observed_until TEXT",
    },
    Table {
        name: "theatre",
        description: "line, areas, posts, sensors",
        geometry: Some("GEOMETRY"),
        columns: "kind TEXT NOT NULL, id TEXT, name TEXT, party TEXT, valid_from TEXT, \
                  valid_until TEXT, accuracy_m REAL NOT NULL",
    },
    Table {
        name: "observations",
        description: "what sources stated; only rows with a place have a geometry",
        geometry: Some("GEOMETRY"),
        columns: "id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, kind TEXT NOT NULL, observed TEXT, \
                  received TEXT, feed TEXT NOT NULL, entry INTEGER NOT NULL, body TEXT NOT NULL",
    },
    Table {
        name: "events",
        description: "what happened, by the latest judgement",
        geometry: Some("POINT"),
        columns: "id TEXT NOT NULL UNIQUE, time TEXT NOT NULL, time_sd_s REAL NOT NULL, \
                  kind TEXT NOT NULL, class TEXT NOT NULL, verdict TEXT NOT NULL, p TEXT NOT NULL, \
                  evidence INTEGER NOT NULL, body TEXT NOT NULL",
    },
    Table {
        name: "event_ellipses",
        description: "the 90 % ellipse of each event",
        geometry: Some("POLYGON"),
        columns: "id TEXT NOT NULL UNIQUE, time TEXT NOT NULL, kind TEXT NOT NULL, verdict TEXT NOT NULL",
    },
    Table {
        name: "findings",
        description: "what was put before the officers",
        geometry: Some("POINT"),
        columns: "id TEXT NOT NULL UNIQUE, entry INTEGER NOT NULL, recorded TEXT NOT NULL, \
                  sha256 TEXT NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, verdict TEXT NOT NULL, \
                  standing TEXT NOT NULL, supersedes TEXT, body TEXT NOT NULL",
    },
    Table {
        name: "assessments",
        description: "findings against clauses",
        geometry: None,
        columns: "finding TEXT NOT NULL, clause TEXT NOT NULL, party TEXT, holding TEXT NOT NULL, \
                  reason TEXT NOT NULL",
    },
    Table {
        name: "signatures",
        description: "signatures and dissents of officers",
        geometry: None,
        columns: "entry INTEGER NOT NULL, recorded TEXT NOT NULL, finding TEXT NOT NULL, \
                  state TEXT NOT NULL, key_name TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT, \
                  method TEXT NOT NULL",
    },
    Table {
        name: "persons",
        description: "who was admitted, invited, vouched for and revoked",
        geometry: None,
        columns: "entry INTEGER NOT NULL, recorded TEXT NOT NULL, kind TEXT NOT NULL, \
                  person TEXT NOT NULL, said_by TEXT NOT NULL, body TEXT NOT NULL",
    },
    Table {
        name: "alerts",
        description: "alerts, acknowledgements and excluded observations as they entered the record",
        geometry: None,
        columns: "entry INTEGER NOT NULL, recorded TEXT NOT NULL, kind TEXT NOT NULL, \
                  about TEXT NOT NULL, said_by TEXT NOT NULL, body TEXT NOT NULL",
    },
    Table {
        name: "accesses",
        description: "who asked the centre for what",
        geometry: None,
        columns: "entry INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, method TEXT NOT NULL, \
                  path TEXT NOT NULL, status INTEGER NOT NULL, request TEXT NOT NULL, sha256 TEXT NOT NULL",
    },
    Table {
        name: "deeds",
        description: "statements that people signed beside findings",
        geometry: None,
        columns: "entry INTEGER NOT NULL, recorded TEXT NOT NULL, kind TEXT NOT NULL, signer TEXT NOT NULL, \
                  counts INTEGER NOT NULL, statement TEXT NOT NULL",
    },
    Table {
        name: "judgements",
        description: "when the engine judged, and what came out",
        geometry: None,
        columns: "entry INTEGER NOT NULL, recorded TEXT NOT NULL, events INTEGER NOT NULL, \
                  events_sha256 TEXT NOT NULL",
    },
    Table {
        name: "tracks",
        description: "ways of platforms",
        geometry: Some("LINESTRING"),
        columns: "source TEXT NOT NULL, name TEXT NOT NULL, from_time TEXT NOT NULL, \
                  until_time TEXT NOT NULL, fixes INTEGER NOT NULL",
    },
    Table {
        name: "footprints",
        description: "ground that a source could see",
        geometry: Some("POLYGON"),
        columns: "source TEXT NOT NULL, observed TEXT NOT NULL, observation TEXT NOT NULL",
    },
];

/// WGS 84 as GeoPackage wants it told (annex C.2).
const WGS84_WKT: &str = r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]"#;

/// A fixed instant for `last_change`, so that the same record gives the same file content.
const LAST_CHANGE: &str = "1970-01-01T00:00:00.000Z";

/// Everything needed in an empty database.
pub(super) fn sql() -> String {
    let mut sql = String::from(CORE);
    sql.push_str(&format!(
        "INSERT INTO gpkg_spatial_ref_sys VALUES
           ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),
           ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL),
           ('WGS 84 geodetic', 4326, 'EPSG', 4326, '{WGS84_WKT}', 'longitude and latitude in degrees');"
    ));
    TABLES
        .iter()
        .for_each(|table| sql.push_str(&table_sql(table)));
    sql.push_str(&format!(
        "INSERT INTO projection (shape, entries) VALUES ({SHAPE}, 0);"
    ));
    sql.push_str(
        "CREATE INDEX observations_observed ON observations (observed);
         CREATE INDEX alerts_about ON alerts (kind, about);
         CREATE INDEX accesses_sha256 ON accesses (sha256);
         CREATE INDEX signatures_finding ON signatures (finding);
         CREATE INDEX assessments_finding ON assessments (finding);",
    );
    sql.push_str(FINDINGS_TIME);
    sql
}

fn table_sql(table: &Table) -> String {
    let Table {
        name,
        description,
        columns,
        ..
    } = table;
    let (geom, data_type, srs) = match table.geometry {
        Some(kind) => (format!(", geom {kind}"), "features", "4326"),
        None => (String::new(), "attributes", "NULL"),
    };
    let mut sql = format!(
        "CREATE TABLE {name} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {columns}{geom});
         INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
           VALUES ('{name}', '{data_type}', '{name}', '{description}', '{LAST_CHANGE}', {srs});"
    );
    if let Some(kind) = table.geometry {
        sql.push_str(&format!(
            "INSERT INTO gpkg_geometry_columns VALUES ('{name}', 'geom', '{kind}', 4326, 0, 0);"
        ));
        sql.push_str(&super::spatial::rtree_sql(name));
    }
    sql
}

/// The tables every GeoPackage has (12-128r18, annex C).
const CORE: &str = "
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
";
