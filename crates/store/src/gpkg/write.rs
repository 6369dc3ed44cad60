//! Filling the tables. Callers wrap related calls in [`GeoPackage::transaction`].

use rusqlite::{ToSql, params};
use truceline_domain::{Event, Observation, Observed, Probability, Recorded, Sha256};

use super::{GeoPackage, schema, spatial};
use crate::error::Doing;
use crate::rows::{
    AccessRow, DocumentRow, FindingRow, FootprintRow, PersonRow, SegmentRow, SignatureRow,
    TheatreRow, TrackRow, WatchRow,
};
use crate::{StoreError, ellipse_polygon, point};

impl GeoPackage {
    /// Adds a document.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_document(&self, row: &DocumentRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO documents (entry, recorded, kind, path, sha256) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[&signed(row.entry), &row.recorded.to_string(), &row.kind, &row.path, &row.sha256.to_string()],
        )
    }

    /// Adds a segment.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_segment(&self, row: &SegmentRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO segments (entry, feed, format, sha256, bytes, observed_from, observed_until) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &[
                &signed(row.entry),
                &row.feed,
                &row.format,
                &row.sha256.to_string(),
                &signed(row.bytes),
                &row.observed_from.map(|t| t.to_string()),
                &row.observed_until.map(|t| t.to_string()),
            ],
        )
    }

    /// Puts these features in the place of the theatre's.
    ///
    /// # Errors
    /// When SQLite refuses or a geometry is empty.
    pub fn replace_theatre(&self, rows: &[TheatreRow]) -> Result<(), StoreError> {
        self.empty("theatre")?;
        rows.iter().try_for_each(|row| {
            self.run(
                "INSERT INTO theatre (kind, id, name, party, valid_from, valid_until, accuracy_m, geom) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                &[
                    &row.kind,
                    &row.id,
                    &row.name,
                    &row.party,
                    &row.valid_from.map(|t| t.to_string()),
                    &row.valid_until.map(|t| t.to_string()),
                    &row.accuracy_m,
                    &spatial::blob(&row.kind, &row.geometry)?,
                ],
            )
        })
    }

    /// Adds an observation; a second one under the same id is left out, and `false` told.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_observation(
        &self,
        feed: &str,
        entry: u64,
        observation: &Observation,
    ) -> Result<bool, StoreError> {
        let body = json("observation", &observation.body)?;
        let geom = observation
            .body
            .place()
            .map(|place| spatial::blob(observation.id.as_str(), &point(place)))
            .transpose()?;
        let mut statement = self
            .db
            .prepare_cached(
                "INSERT OR IGNORE INTO observations \
                 (id, source, kind, observed, received, feed, entry, body, geom) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .doing("preparing an observation")?;
        statement
            .execute(params![
                observation.id.as_str(),
                observation.source.as_str(),
                observation.body.kind(),
                observation.observed.map(|t| t.to_string()),
                observation.received.map(|t| t.to_string()),
                feed,
                signed(entry),
                body,
                geom
            ])
            .map(|rows| rows == 1)
            .doing("writing an observation")
    }

    /// Puts these events in the place of the last judgement's.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn replace_events(&self, events: &[Event]) -> Result<(), StoreError> {
        self.empty("events")?;
        self.empty("event_ellipses")?;
        events.iter().try_for_each(|event| self.put_event(event))
    }

    /// Puts those of these events that lie at `from` or later in the place of those that did.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn replace_events_since(&self, from: Observed, events: &[Event]) -> Result<(), StoreError> {
        let at = from.to_string();
        for table in ["events", "event_ellipses"] {
            self.run(&format!("DELETE FROM {table} WHERE time >= ?1"), &[&at])?;
        }
        for event in events.iter().filter(|event| event.time >= from) {
            // It may have been earlier by a judgement before.
            for table in ["events", "event_ellipses"] {
                let sql = format!("DELETE FROM {table} WHERE id = ?1");
                self.run(&sql, &[&event.id.as_str()])?;
            }
            self.put_event(event)?;
        }
        Ok(())
    }

    fn put_event(&self, event: &Event) -> Result<(), StoreError> {
        let (id, time, kind) = (
            event.id.as_str(),
            event.time.to_string(),
            event.kind.as_str(),
        );
        let verdict = event.attribution.verdict.to_string();
        self.run(
            "INSERT INTO events (id, time, time_sd_s, kind, class, verdict, p, evidence, body, geom) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            &[
                &id,
                &time,
                &event.time_sd_s.get(),
                &kind,
                &event.kind.class().as_str(),
                &verdict,
                &json("probabilities", &event.attribution.p)?,
                &signed(event.evidence.len() as u64),
                &json("event", event)?,
                &spatial::blob(id, &point(event.position))?,
            ],
        )?;
        let ninety = Probability::new(0.9).map_err(|e| StoreError::Row {
            what: id.to_owned(),
            why: e.to_string(),
        })?;
        let ellipse = ellipse_polygon(event.position, event.cov_m2, ninety);
        self.run(
            "INSERT INTO event_ellipses (id, time, kind, verdict, geom) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[&id, &time, &kind, &verdict, &spatial::blob(id, &ellipse)?],
        )
    }

    /// Adds a finding with its assessments.
    ///
    /// # Errors
    /// When SQLite refuses, e.g. a second finding under one id.
    pub fn put_finding(&self, row: &FindingRow) -> Result<(), StoreError> {
        let finding = &row.finding;
        let id = finding.id.as_str();
        self.run(
            "INSERT INTO findings \
             (id, entry, recorded, sha256, time, kind, verdict, standing, supersedes, body, geom) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            &[
                &id,
                &signed(row.entry),
                &row.recorded.to_string(),
                &row.sha256.to_string(),
                &finding.event.time.to_string(),
                &finding.event.kind.as_str(),
                &finding.event.attribution.verdict.to_string(),
                &row.standing,
                &finding.supersedes.as_ref().map(|s| s.as_str()),
                &json("finding", finding)?,
                &spatial::blob(id, &point(finding.event.position))?,
            ],
        )?;
        finding.assessments.iter().try_for_each(|a| {
            self.run(
                "INSERT INTO assessments (finding, clause, party, holding, reason) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                &[
                    &id,
                    &a.clause.as_str(),
                    &a.party.as_ref().map(|p| p.as_str()),
                    &a.holding.to_string(),
                    &a.reason,
                ],
            )
        })
    }

    /// Says where a finding stands now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_standing(&self, finding: &str, standing: &str) -> Result<(), StoreError> {
        self.run(
            "UPDATE findings SET standing = ?2 WHERE id = ?1",
            &[&finding, &standing],
        )
    }

    /// Adds a signature or dissent.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_signature(&self, row: &SignatureRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO signatures (entry, recorded, finding, state, key_name, decision, reason, method) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                &signed(row.entry),
                &row.recorded.to_string(),
                &row.finding.as_str(),
                &row.state,
                &row.key_name,
                &row.decision,
                &row.reason,
                &row.method,
            ],
        )
    }

    /// Adds what was recorded of the watch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_watch(&self, row: &WatchRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO alerts (entry, recorded, kind, about, said_by, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                &signed(row.entry),
                &row.recorded.to_string(),
                &row.kind,
                &row.about,
                &row.by,
                &row.body,
            ],
        )
    }

    /// Adds an access.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_access(
        &self,
        entry: u64,
        sha256: &Sha256,
        row: &AccessRow,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO accesses (entry, at, who, method, path, status, request, sha256) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                &signed(entry),
                &row.at.to_string(),
                &row.who,
                &row.method,
                &row.path,
                &row.status,
                &row.request,
                &sha256.to_string(),
            ],
        )
    }

    /// Adds what was recorded of a person.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_person(&self, row: &PersonRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO persons (entry, recorded, kind, person, said_by, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                &signed(row.entry),
                &row.recorded.to_string(),
                &row.kind,
                &row.person,
                &row.by,
                &row.body,
            ],
        )
    }

    /// Adds a judgement: how many events it found, and the SHA-256 of their lines.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_judgement(
        &self,
        entry: u64,
        recorded: Recorded,
        events: u64,
        events_sha256: &Sha256,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO judgements (entry, recorded, events, events_sha256) VALUES (?1, ?2, ?3, ?4)",
            &[&signed(entry), &recorded.to_string(), &signed(events), &events_sha256.to_string()],
        )
    }

    /// Puts these tracks and footprints in the place of the last picture's.
    ///
    /// # Errors
    /// When SQLite refuses or a geometry is empty.
    pub fn add_picture(
        &self,
        tracks: &[TrackRow],
        footprints: &[FootprintRow],
    ) -> Result<(), StoreError> {
        for row in tracks {
            self.run(
                "INSERT INTO tracks (source, name, from_time, until_time, fixes, geom) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    &row.source.as_str(),
                    &row.name,
                    &row.from.to_string(),
                    &row.until.to_string(),
                    &signed(row.fixes),
                    &spatial::blob(row.source.as_str(), &row.geometry)?,
                ],
            )?;
        }
        footprints.iter().try_for_each(|row| {
            self.run(
                "INSERT INTO footprints (source, observed, observation, geom) VALUES (?1, ?2, ?3, ?4)",
                &[
                    &row.source.as_str(),
                    &row.observed.to_string(),
                    &row.observation.as_str(),
                    &spatial::blob(row.source.as_str(), &row.geometry)?,
                ],
            )
        })
    }

    /// Says how many of the log's entries have been projected.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_projected_entries(&self, entries: u64) -> Result<(), StoreError> {
        self.run("UPDATE projection SET entries = ?1", &[&signed(entries)])
    }

    /// Renews the layers' extents, which tell a map where to begin. It looks at every row of their
    /// indices: to be done when writing ends, not with every row.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn renew_extents(&self) -> Result<(), StoreError> {
        let layers = schema::TABLES.iter().filter(|t| t.geometry.is_some());
        layers.map(|table| table.name).try_for_each(|name| {
            let sql = format!(
                "UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = \
                 (SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_{name}_geom) \
                 WHERE table_name = '{name}'"
            );
            let renewed = self.db.execute(&sql, []);
            renewed.map(drop).doing("renewing a layer's extent")
        })
    }

    /// Empties a table and starts its numbers anew, so that replay gives the same numbers.
    fn empty(&self, table: &'static str) -> Result<(), StoreError> {
        self.db
            .execute(&format!("DELETE FROM {table}"), [])
            .doing("emptying a table")?;
        self.run("DELETE FROM sqlite_sequence WHERE name = ?1", &[&table])
    }

    fn run(&self, sql: &str, values: &[&dyn ToSql]) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached(sql).doing("preparing a row")?;
        statement.execute(values).map(drop).doing("writing a row")
    }
}

fn json(what: &str, value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Row {
        what: what.to_owned(),
        why: e.to_string(),
    })
}

/// SQLite's integers are signed; a log has no 2^63 entries.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
