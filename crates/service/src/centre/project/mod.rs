//! Entries into the store. The same code projects an entry that was just written and one of a year
//! ago: that is what makes live and replayed the same.

mod desk;
mod seen;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use truceline_domain::Sha256;
use truceline_record::Entry;
use truceline_record::bodies::{
    ACCESS, ATTACHMENT, AccessBody, BATCH, BatchBody, DOCUMENT, DocumentBody, SEGMENT,
};
use truceline_record::deed;
use truceline_record::people;
use truceline_record::signature::{FINDING, SIGNATURE};
use truceline_record::watch::{ACKNOWLEDGEMENT, ALERT, EXCLUSION, ExclusionBody};
use truceline_store::{AccessRow, DeedRow, DocumentRow, GeoPackage, WatchRow};

use super::judge::JUDGEMENT;
use super::window::Window;
use super::{CROSSING, Changed, Deeds, Documents, LIAISON, Watch as Confined};
use crate::error::io;
use crate::watch::{Access, Alerts};
use crate::{Centre, CentreError};

/// What a replay came to.
#[derive(Debug)]
pub struct Replayed {
    /// Entries projected.
    pub entries: u64,
    /// SHA-256 of the store's content before; `None` when there was no store that could be read.
    pub before: Option<Sha256>,
    /// And after.
    pub after: Sha256,
    /// Judgements made again, each found to be the recorded one byte for byte.
    pub judgements: u64,
}

impl Centre {
    /// Projects all entries that the store does not have yet.
    ///
    /// # Errors
    /// When the record or the store fails; the store is then as far as it was.
    pub fn catch_up(&mut self) -> Result<u64, CentreError> {
        let log = self.record.log()?;
        if log.size() == self.seen {
            return Ok(0);
        }
        let mut parts = Parts {
            record: &self.record,
            desk: &mut self.desk,
            documents: &mut self.documents,
            deeds: &mut self.deeds,
            attachments: &mut self.attachments,
            contacts: &mut self.contacts,
            confined: &self.watch,
            alerts: &mut self.alerts,
            judged: &mut self.judged,
            changed: &mut self.changed,
            theatre: &self.config.theatre,
            window: self.window.as_mut(),
            judgements: 0,
            ruled_anew: false,
        };
        let mut seen = self.seen;
        let done = self.store.transaction(|store| {
            // Within the transaction: another process may have projected since.
            let projected = store.projected_entries()?;
            if log.size() < projected {
                let why = format!(
                    "the store has {projected} entries, the log {}: the store is of another record; run `truceline replay`",
                    log.size()
                );
                return Err(CentreError::Refused(why));
            }
            for leaf in log.entries(seen) {
                let leaf = leaf?;
                let entry = leaf.entry()?;
                if leaf.index < projected {
                    parts.remember(leaf.index, &entry)?;
                } else {
                    parts.apply(store, leaf.index, &entry)?;
                }
                seen = leaf.index + 1;
            }
            if seen > projected {
                store.set_projected_entries(seen)?;
            }
            Ok::<_, CentreError>(())
        });
        let (judgements, ruled_anew) = (parts.judgements, parts.ruled_anew);
        done?;
        self.seen = seen;
        if ruled_anew {
            self.rules.renew(&self.documents);
            self.renew_directory();
        }
        if self.extents.is_none_or(|at| at.elapsed() >= EXTENTS_EVERY) {
            self.store.renew_extents()?;
            self.extents = Some(Instant::now());
        }
        Ok(judgements)
    }

    /// Builds the desk and the documents again from the entries that the store has already.
    pub(super) fn recall(&mut self) -> Result<(), CentreError> {
        let log = self.record.log()?;
        let vkeys = self.record.vkeys()?;
        // Read before the entries are: what another process projects meanwhile is seen again later.
        let projected = self.store.projected_entries()?;
        self.seen = projected;
        let entries = self.store.desk_entries()?;
        let known = entries.into_iter().filter(|index| *index < projected);
        for leaf in log.leaves(known) {
            let leaf = leaf?;
            let (index, entry) = (leaf.index, leaf.entry()?);
            self.alerts.take(&entry);
            match entry.kind.as_str() {
                DOCUMENT => self.documents.take(&self.record, index, &entry)?,
                CROSSING => {
                    self.deeds.crossed(index, &entry)?;
                    if let Some(row) = self.deeds.crossings().last() {
                        self.watch.recall(&row.body.crossing);
                    }
                }
                ATTACHMENT => self.attachments.take(&entry)?,
                LIAISON => self.contacts.take(index, &entry)?,
                kind if deed::KINDS.contains(&kind) => {
                    let keys = (&vkeys, self.desk.people());
                    drop(self.deeds.take(index, &entry, keys, &mut self.documents));
                }
                // What does not count was told when it was projected first.
                _ => drop(self.desk.take(index, &entry, &vkeys)),
            }
        }
        self.watch.renew_shifts(self.deeds.shifts());
        Ok(())
    }

    /// Deletes the store of the centre in `dir` and projects the whole record anew.
    ///
    /// # Errors
    /// When the record cannot be read, or a judgement made again differs from the recorded one.
    pub fn replay(dir: &std::path::Path) -> Result<Replayed, CentreError> {
        let path = dir.join("store.gpkg");
        let before = GeoPackage::open(&path)
            .and_then(|store| store.content_sha256())
            .ok();
        for file in ["store.gpkg", "store.gpkg-wal", "store.gpkg-shm"].map(|name| dir.join(name)) {
            if file.exists() {
                std::fs::remove_file(&file).map_err(io("removing", &file))?;
            }
        }
        let centre = Self::read(dir)?;
        let entries = centre.store.projected_entries()?;
        let judgements = centre.store.count("judgements")?;
        let after = centre.store.content_sha256()?;
        Ok(Replayed {
            entries,
            before,
            after,
            judgements,
        })
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.extents.map(|_| self.store.renew_extents()) {
            tracing::warn!(%error, "the layers' extents are old");
        }
    }
}

/// While feeds go on, the layers' extents are renewed so often.
const EXTENTS_EVERY: Duration = Duration::from_secs(60);

/// What projecting an entry may touch beside the store.
struct Parts<'a> {
    record: &'a truceline_record::Record,
    desk: &'a mut truceline_record::signature::Desk,
    documents: &'a mut Documents,
    deeds: &'a mut Deeds,
    attachments: &'a mut super::Attachments,
    contacts: &'a mut super::liaison::Contacts,
    confined: &'a Confined,
    alerts: &'a mut Alerts,
    judged: &'a mut BTreeMap<truceline_domain::EntryId, super::Judged>,
    changed: &'a mut Changed,
    theatre: &'a truceline_domain::TheatreId,
    window: Option<&'a mut Window>,
    judgements: u64,
    /// Whether persons or documents changed.
    ruled_anew: bool,
}

impl Parts<'_> {
    fn apply(&mut self, store: &GeoPackage, index: u64, entry: &Entry) -> Result<(), CentreError> {
        self.alerts.take(entry);
        match entry.kind.as_str() {
            DOCUMENT => self.document(store, index, entry),
            SEGMENT => seen::segment(store, index, &entry.body_as()?),
            BATCH => self.batch(store, index, &entry.body_as()?),
            JUDGEMENT => self.judgement(store, index, entry),
            FINDING => self.finding(store, index, entry),
            SIGNATURE => self.signature(store, index, entry),
            CROSSING => self.crossing(store, index, entry),
            ATTACHMENT => self.attachment(store, index, entry),
            LIAISON => {
                self.contacts.take(index, entry)?;
                stated(store, index, entry)
            }
            kind if deed::KINDS.contains(&kind) => self.deed(store, index, entry),
            kind if people::KINDS.contains(&kind) => self.person(store, index, entry),
            ALERT | ACKNOWLEDGEMENT | EXCLUSION => self.watch(store, index, entry),
            ACCESS => self.accesses(store, index, &entry.body_as()?),
            // Gaps, quarantine, retention: they stand in the record, and nothing is drawn of them.
            _ => Ok(()),
        }
    }

    /// Takes an entry that the store has already.
    fn remember(&mut self, index: u64, entry: &Entry) -> Result<(), CentreError> {
        self.alerts.take(entry);
        match entry.kind.as_str() {
            DOCUMENT => {
                self.documents.take(self.record, index, entry)?;
                self.ruled_anew = true;
            }
            kind if deed::KINDS.contains(&kind) => drop(self.takes_deed(index, entry)?),
            CROSSING => self.crossed(index, entry)?,
            ATTACHMENT => self.attachments.take(entry)?,
            LIAISON => self.contacts.take(index, entry)?,
            FINDING => drop(self.put(index, entry)?),
            SIGNATURE => drop(self.signed(index, entry)?),
            kind if people::KINDS.contains(&kind) => {
                self.counts(index, entry)?;
                self.ruled_anew = true;
            }
            JUDGEMENT => drop(self.judged.remove(&entry.id)),
            EXCLUSION => self.exclude(entry),
            BATCH => {
                if let Some(window) = &mut self.window {
                    window.take(entry.body_as::<BatchBody>()?.read(self.record.blobs())?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn document(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        let DocumentBody {
            kind, path, sha256, ..
        } = entry.body_as()?;
        store.put_document(&DocumentRow {
            entry: index,
            recorded: entry.recorded,
            kind,
            path,
            sha256,
        })?;
        self.documents.take(self.record, index, entry)?;
        self.ruled_anew = true;
        store.replace_theatre(&self.documents.theatre_rows())?;
        Ok(())
    }

    fn deed(&mut self, store: &GeoPackage, index: u64, entry: &Entry) -> Result<(), CentreError> {
        let counts = self.takes_deed(index, entry)?;
        let body: deed::Deed = match entry.body_as() {
            Ok(body) => body,
            // It was told that it does not count.
            Err(_) => return Ok(()),
        };
        store.put_deed(&DeedRow {
            entry: index,
            recorded: entry.recorded,
            kind: entry.kind.clone(),
            by: entry.by.clone(),
            counts,
            statement: body.statement.to_string(),
        })?;
        Ok(())
    }

    fn crossed(&mut self, index: u64, entry: &Entry) -> Result<(), CentreError> {
        self.deeds.crossed(index, entry)?;
        if let Some(row) = self.deeds.crossings().last() {
            self.confined.recall(&row.body.crossing);
        }
        Ok(())
    }

    fn crossing(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        self.crossed(index, entry)?;
        stated(store, index, entry)
    }

    fn attachment(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        self.attachments.take(entry)?;
        stated(store, index, entry)
    }

    /// Takes a deed; `false` when it does not count, which is told and kept in the log.
    fn takes_deed(&mut self, index: u64, entry: &Entry) -> Result<bool, CentreError> {
        let vkeys = self.record.vkeys()?;
        let keys = (&vkeys, self.desk.people());
        let taken = self.deeds.take(index, entry, keys, self.documents);
        self.ruled_anew |= entry.kind == deed::MODALITY;
        if entry.kind == deed::SHIFT {
            self.confined.renew_shifts(self.deeds.shifts());
        }
        if let Err(why) = &taken {
            tracing::warn!(index, %why, "an entry that does not count");
        }
        Ok(taken.is_ok())
    }

    fn watch(&mut self, store: &GeoPackage, index: u64, entry: &Entry) -> Result<(), CentreError> {
        let word = |name: &str| entry.body.get(name).and_then(serde_json::Value::as_str);
        store.put_watch(&WatchRow {
            entry: index,
            recorded: entry.recorded,
            kind: entry.kind.clone(),
            about: word("observation")
                .or_else(|| word("alert"))
                .unwrap_or_default()
                .to_owned(),
            by: entry.by.clone(),
            body: entry.body.to_string(),
        })?;
        if entry.kind == EXCLUSION {
            self.exclude(entry);
        }
        Ok(())
    }

    /// An excluded observation is not judged by from here on.
    fn exclude(&mut self, entry: &Entry) {
        if let (Some(window), Ok(body)) = (&mut self.window, entry.body_as::<ExclusionBody>()) {
            window.exclude(&body.observation);
        }
    }

    fn accesses(
        &mut self,
        store: &GeoPackage,
        index: u64,
        body: &AccessBody,
    ) -> Result<(), CentreError> {
        let bytes = self.record.blob(&body.sha256)?;
        for access in crate::watch::lines(&bytes) {
            let Access {
                at,
                who,
                method,
                path,
                status,
                request,
            } = access;
            store.put_access(
                index,
                &body.sha256,
                &AccessRow {
                    at,
                    who,
                    method,
                    path,
                    status,
                    request,
                },
            )?;
        }
        Ok(())
    }
}

/// Puts an entry that the centre itself states beside the deeds.
fn stated(store: &GeoPackage, index: u64, entry: &Entry) -> Result<(), CentreError> {
    store.put_deed(&DeedRow {
        entry: index,
        recorded: entry.recorded,
        kind: entry.kind.clone(),
        by: entry.by.clone(),
        counts: true,
        statement: entry.body.to_string(),
    })?;
    Ok(())
}
