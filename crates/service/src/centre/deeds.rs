//! Statements that people sign beside findings, held against the rules of their kind: before they are
//! recorded, and again whenever the record is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use truceline_domain::{Observed, PartyId};
use truceline_mandate::mobility::crossing::Turn;
use truceline_mandate::shifts::Shifts;
use truceline_mandate::strength::Ledger;
use truceline_mandate::talks::Talks;
use truceline_mandate::withdrawals::Reports;
use truceline_mandate::{Refusal, Signer};
use truceline_record::deed::{self, DEPLOYMENT, Deed, MODALITY, REPORT, SHIFT, TALKS, WITHDRAWAL};
use truceline_record::people::People;
use truceline_record::report::{Releases, ReportStatement, ReportVersion};
use truceline_record::signature::Officer;
use truceline_record::{Draft, Entry, Vkeys};

use super::{CROSSING, CrossingRow, Documents};
use crate::{Centre, CentreError, clock};

/// What the deeds of a record come to.
#[derive(Debug, Clone, Default)]
pub struct Deeds {
    strength: Ledger,
    talks: Talks,
    reports: Reports,
    releases: Releases,
    shifts: Arc<Shifts>,
    crossings: Vec<CrossingRow>,
}

impl Deeds {
    /// Takes the deed of an entry.
    pub(super) fn take(
        &mut self,
        index: u64,
        entry: &Entry,
        (vkeys, people): (&Vkeys, &People),
        documents: &mut Documents,
    ) -> Result<(), CentreError> {
        let (deed, officers) = deed::read(entry, vkeys, people).map_err(refused)?;
        let signers = signers(&officers)?;
        match entry.kind.as_str() {
            MODALITY => {
                let statement = deed.statement_as().map_err(refused)?;
                let at = Observed::from(entry.recorded.timestamp());
                documents.step(index, at, &statement, &signers)
            }
            DEPLOYMENT => {
                let statement = deed.statement_as().map_err(refused)?;
                let sending = sending(documents)?;
                self.strength
                    .take(&statement, &signers, &sending, documents.parsed())
            }
            TALKS => {
                let statement = deed.statement_as().map_err(refused)?;
                let at = Observed::from(entry.recorded.timestamp());
                let sending = sending(documents)?;
                self.talks.take(at, &statement, &signers, &sending)
            }
            WITHDRAWAL => {
                let report = deed.statement_as().map_err(refused)?;
                let at = Observed::from(entry.recorded.timestamp());
                let sending = sending(documents)?;
                let parsed = documents.parsed();
                self.reports
                    .take(index, at, &report, &signers, &sending, parsed)
            }
            REPORT => {
                let statement: ReportStatement = deed.statement_as().map_err(refused)?;
                issued_by(documents, &statement.version)?;
                let taken = self.releases.take(index, entry.recorded, &deed, &officers);
                return taken.map_err(refused);
            }
            SHIFT => {
                let statement = deed.statement_as().map_err(refused)?;
                let at = Observed::from(entry.recorded.timestamp());
                let sending = sending(documents)?;
                let shifts = Arc::make_mut(&mut self.shifts);
                shifts.take(
                    index,
                    at,
                    &statement,
                    &signers,
                    &sending,
                    documents.parsed(),
                )
            }
            kind => Err(Refusal::new(
                format!("an entry of type {kind:?}"),
                deed::KINDS.join(", "),
            )),
        }
        .map_err(refused)
    }

    /// Takes a crossing that the centre noticed.
    pub(super) fn crossed(&mut self, index: u64, entry: &Entry) -> Result<(), CentreError> {
        debug_assert_eq!(entry.kind, CROSSING);
        self.crossings.push(CrossingRow {
            entry: index,
            recorded: entry.recorded,
            body: entry.body_as()?,
        });
        Ok(())
    }

    /// Who left what they are confined to, and came back, in the record's order.
    #[must_use]
    pub fn crossings(&self) -> &[CrossingRow] {
        &self.crossings
    }

    /// Who is out at an instant by the last that was noticed of them. Whose shift is over is out of nothing.
    #[must_use]
    pub fn out(&self, at: Observed) -> Vec<CrossingRow> {
        let mut last = BTreeMap::new();
        for row in &self.crossings {
            let crossing = &row.body.crossing;
            let key = (crossing.confinement, &crossing.subject, &crossing.shift);
            last.insert(key, row);
        }
        let lasts = |shift: &String| {
            let planned = self.shifts.versions(shift).last();
            planned.is_some_and(|p| p.cancelled.is_none() && at < p.plan.until)
        };
        let out = last.into_values();
        out.filter(|row| row.body.crossing.turn == Turn::Out)
            .filter(|row| row.body.crossing.shift.as_ref().is_none_or(lasts))
            .cloned()
            .collect()
    }

    /// The shifts of the ground mission. They clone cheaply.
    #[must_use]
    pub fn shifts(&self) -> &Arc<Shifts> {
        &self.shifts
    }

    /// The talks.
    #[must_use]
    pub fn talks(&self) -> &Talks {
        &self.talks
    }

    /// What was reported of areas that are to be left.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// By whose keys reports were released.
    #[must_use]
    pub fn releases(&self) -> &Releases {
        &self.releases
    }

    /// Strength against ceilings.
    #[must_use]
    pub fn strength(&self) -> &Ledger {
        &self.strength
    }
}

/// The sending states, by the latest procedures.
pub(super) fn sending(documents: &Documents) -> Result<Vec<PartyId>, CentreError> {
    let (states, _) = documents.states();
    states
        .into_iter()
        .map(|state| PartyId::new(state).map_err(refused))
        .collect()
}

/// Whether a report is issued by procedures of the record, and released by the keys of their two states.
fn issued_by(documents: &Documents, version: &ReportVersion) -> Result<(), CentreError> {
    let all = documents.parsed().procedures.iter();
    let mut named = all.filter(|p| p.sha256 == version.procedures_sha256);
    let same = named.any(|p| {
        let mut states: Vec<_> = p.sending_states.iter().map(|s| s.id.as_str()).collect();
        states.sort_unstable();
        states == *version.sending_states.names()
    });
    if same {
        return Ok(());
    }
    Err(refused(format!(
        "the procedures {} are not in the record, or their sending states are not {}",
        version.procedures_sha256, version.sending_states
    )))
}

fn signers(officers: &[Officer]) -> Result<Vec<Signer>, CentreError> {
    officers
        .iter()
        .map(|officer| {
            Ok(Signer {
                state: PartyId::new(officer.state.as_str()).map_err(refused)?,
                person: officer.person.clone(),
            })
        })
        .collect()
}

impl Centre {
    /// What people's statements come to.
    #[must_use]
    pub fn deeds(&self) -> &Deeds {
        &self.deeds
    }

    /// Records a signed statement; returns its entry's number.
    ///
    /// # Errors
    /// When a signature is wrong, the wrong ones signed, or the rules of its kind refuse it. Nothing is
    /// recorded then.
    pub fn take_deed(&mut self, kind: &str, deed: &Deed) -> Result<u64, CentreError> {
        self.catch_up()?;
        let draft = self.try_deed(kind, deed)?;
        if kind == REPORT {
            // Its bytes must be in the record before an entry names them.
            self.keep_report(deed)?;
        }
        let entry = self.record.append(draft)?.index;
        self.catch_up()?;
        Ok(entry)
    }

    /// The entry of a signed statement, when it would count now.
    ///
    /// # Errors
    /// As [`Self::take_deed`].
    fn try_deed(&self, kind: &str, deed: &Deed) -> Result<Draft, CentreError> {
        let vkeys = self.record.vkeys()?;
        let people = self.desk.people();
        let officers = deed.signers(kind, &vkeys, people).map_err(refused)?;
        let origin = &self.config.origin;
        let by = officers.first().map_or_else(
            || origin.clone(),
            |officer| format!("{origin}/officer/{officer}"),
        );
        let draft = deed.draft(kind, &self.config.theatre, &by)?;
        // What will not count is told to whoever signed it, not put into the log.
        let trial = draft.clone().stamped(clock::recorded());
        let size = self.record.log()?.size();
        let mut documents = self.documents.clone();
        self.deeds
            .clone()
            .take(size, &trial, (&vkeys, people), &mut documents)?;
        Ok(draft)
    }
}

fn refused(why: impl std::fmt::Display) -> CentreError {
    CentreError::Refused(why.to_string())
}
