//! A centre: its folder, its record, its store.
//!
//! | in the folder | what |
//! |---|---|
//! | `record/` | the record: copy it, and the evidence is copied |
//! | `keys/` | private keys, readable by their owner alone |
//! | `documents/` | the documents as they were last entered, for people to read and amend |
//! | `store.gpkg` | the queryable projection; `truceline replay` makes it anew |
//! | `quarantine/` | what could not be read |
//! | `truceline.toml` | configuration |
//! | `theatres/` | further theatres of the centre, each built alike ([`theatres()`]) |
//!
//! Everything follows one way: a call here writes entries, and [`Centre::catch_up`] projects entries
//! into the store, whether they are a second or a year old.

mod batches;
mod board;
mod confined;
mod cosign;
mod create;
mod deeds;
mod desk;
pub mod documents;
mod due;
mod evidence;
mod forms;
mod ground;
mod intake;
mod judge;
mod liaison;
mod people;
mod picture_rows;
mod positions;
mod project;
mod release;
mod report;
mod retention;
mod rules;
mod talks;
mod theatre_rows;
mod theatres;
mod watch;
mod watching;
mod what_if;
mod window;
mod withdrawals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use truceline_domain::{EntryId, FindingId};
use truceline_record::log::Recovery;
use truceline_record::signature::Desk;
use truceline_record::{Record, SignerKey};
use truceline_store::GeoPackage;

pub use board::{Mandate, ModalitiesBoard, Standing};
pub use confined::{CROSSING, CrossingBody, CrossingRow, Watch};
pub use cosign::Cosigning;
pub use create::{Created, create, create_as_draft};
pub use deeds::Deeds;
pub use desk::Signed;
pub(crate) use desk::{Changed, summary};
pub use documents::Documents;
pub(crate) use due::Due;
pub use forms::{Attachments, NotTaken, Sent, Submitted};
pub use judge::{JUDGEMENT, Judged, JudgementBody, Outcome, parameters};
pub use liaison::{Announcement, Channel, Contact, ContactBody, LIAISON};
pub use people::{Invited, SharedDirectory};
pub use positions::{FORGOTTEN, ForgottenBody};
pub use project::Replayed;
pub use release::{Board, Row as ReportRow, Told, Which};
pub use report::report_bytes;
pub use rules::Rules;
pub use talks::{Draft, PointStatus, TalksBoard};
pub use theatres::{add_theatre, theatre_folder, theatres};
pub(crate) use watching::Watching;
pub use what_if::{Said, WhatIf};

use crate::watch::Alerts;
use crate::{CentreError, Config, clock};
use batches::Batches;

/// A centre at work.
pub struct Centre {
    dir: PathBuf,
    config: Config,
    record: Arc<Record>,
    store: GeoPackage,
    desk: Desk,
    documents: Documents,
    deeds: Deeds,
    rules: Rules,
    watch: Watch,
    /// What was judged in this process, by the judgement's entry: the projection need not judge again.
    judged: BTreeMap<EntryId, Judged>,
    /// What those who watch are to be told of findings.
    changed: Changed,
    /// Entries before this number are on the desk, among the documents, and in the store.
    seen: u64,
    /// When the store's extents were renewed after something was projected.
    extents: Option<std::time::Instant>,
    /// What is judged again and again while feeds go on; `None` when nobody asked for it.
    window: Option<window::Window>,
    /// Persons and procedures, for those who answer requests.
    directory: SharedDirectory,
    /// What people of the watch take note of.
    alerts: Alerts,
    /// Files that came with reports.
    attachments: Attachments,
    /// Contacts with the parties.
    contacts: liaison::Contacts,
    batches: Arc<Batches>,
    watching: Arc<Watching>,
    /// Reports that were made lately.
    made: release::Made,
}

/// The log's private key within a centre's folder.
pub(crate) const LOG_KEY: &str = "keys/log.key";

impl Centre {
    /// Opens a centre for its one writer. What a crash left is put in order and told.
    ///
    /// # Errors
    /// When it is no centre, another process writes it, or its record is damaged.
    pub fn open(dir: &Path) -> Result<(Self, Recovery), CentreError> {
        let config = Config::load(dir)?;
        let signer = SignerKey::load(&dir.join(LOG_KEY))?;
        if signer.name() != config.origin {
            let why = format!(
                "truceline.toml says the origin is {:?}, the log's key is {:?}",
                config.origin,
                signer.name()
            );
            return Err(CentreError::Refused(why));
        }
        let (record, recovery) =
            Record::open_writer(&dir.join("record"), &signer, clock::recorded)?;
        let mut centre = Self::with(dir, config, record)?;
        centre.finish_deletions()?;
        centre.forget_positions()?;
        Ok((centre, recovery))
    }

    /// Opens a centre for reading, also while another process writes it.
    ///
    /// # Errors
    /// When it is no centre or its record or store cannot be read.
    pub fn read(dir: &Path) -> Result<Self, CentreError> {
        let config = Config::load(dir)?;
        let record = Record::open_reader(&dir.join("record"))?;
        Self::with(dir, config, record)
    }

    fn with(dir: &Path, config: Config, record: Record) -> Result<Self, CentreError> {
        let store = GeoPackage::open(&dir.join("store.gpkg"))?;
        let (desk, judged) = (Desk::new(), BTreeMap::new());
        let documents = Documents::default();
        let rules = Rules::default();
        let dir = dir.to_path_buf();
        let record = Arc::new(record);
        let batches = Arc::new(Batches::new(Arc::clone(&record)));
        let mut centre = Self {
            dir,
            config,
            record,
            store,
            desk,
            documents,
            deeds: Deeds::default(),
            watch: Watch::new(rules.clone()),
            rules,
            judged,
            changed: Changed::default(),
            seen: 0,
            extents: None,
            window: None,
            directory: SharedDirectory::default(),
            alerts: Alerts::default(),
            attachments: Attachments::default(),
            contacts: liaison::Contacts::default(),
            watching: Arc::new(Watching::new(Arc::clone(&batches))),
            batches,
            made: release::Made::default(),
        };
        centre.recall()?;
        centre.rules.renew(&centre.documents);
        centre.catch_up()?;
        centre.renew_directory();
        Ok(centre)
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &GeoPackage {
        &self.store
    }

    /// The documents, in all versions that entered the record.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The sending states, by the latest procedures.
    #[must_use]
    pub fn sending_states(&self) -> Vec<String> {
        self.documents.states().0
    }

    /// All observations in the record, in its order.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn observations(&self) -> Result<Vec<truceline_domain::Observation>, CentreError> {
        judge::observations(&self.record, self.record.log()?.size())
    }

    /// Observations by time, asked without holding the centre.
    pub(crate) fn batches(&self) -> Arc<Batches> {
        Arc::clone(&self.batches)
    }

    /// What was watched.
    pub(crate) fn watching(&self) -> Arc<Watching> {
        Arc::clone(&self.watching)
    }

    /// The findings on the desk, with what was decided on each.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The ids of all findings.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn finding_ids(&self) -> Result<Vec<FindingId>, CentreError> {
        Ok(self.store.finding_ids()?)
    }
}
