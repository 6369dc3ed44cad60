//! Of what lies before the officers: findings, signatures, persons.

use truceline_domain::{Finding, FindingId};
use truceline_record::Entry;
use truceline_record::signature::{FindingBody, SignatureBody, Standing};
use truceline_store::{FindingRow, GeoPackage, PersonRow, SignatureRow};

use super::Parts;
use crate::CentreError;

impl Parts<'_> {
    pub(super) fn finding(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        let Some(body) = self.put(index, entry)? else {
            return Ok(());
        };
        let bytes = self.record.blob(&body.sha256)?;
        let finding: Finding =
            serde_json::from_slice(&bytes).map_err(|e| CentreError::Foreign {
                index,
                kind: entry.kind.clone(),
                why: e.to_string(),
            })?;
        let standing = self.standing(&finding.id);
        let sha256 = body.sha256;
        store.put_finding(&FindingRow {
            entry: index,
            recorded: entry.recorded,
            sha256,
            standing,
            finding,
        })?;
        if let Some(earlier) = &body.supersedes {
            store.set_standing(earlier.as_str(), &self.standing(earlier))?;
        }
        Ok(())
    }

    pub(super) fn signature(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        let Some((body, earlier)) = self.signed(index, entry)? else {
            return Ok(());
        };
        store.put_signature(&SignatureRow {
            entry: index,
            recorded: entry.recorded,
            finding: body.finding.clone(),
            state: body.state,
            key_name: body.key_name,
            decision: body.decision.to_string(),
            reason: body.reason,
            method: body.method.to_string(),
        })?;
        store.set_standing(body.finding.as_str(), &self.standing(&body.finding))?;
        match earlier {
            Some(earlier) => Ok(store.set_standing(earlier.as_str(), &self.standing(&earlier))?),
            None => Ok(()),
        }
    }

    /// Puts a finding on the desk; `None` when it does not count.
    pub(super) fn put(
        &mut self,
        index: u64,
        entry: &Entry,
    ) -> Result<Option<FindingBody>, CentreError> {
        if !self.counts(index, entry)? {
            return Ok(None);
        }
        let body: FindingBody = entry.body_as()?;
        self.changed.note(&body.id);
        if let Some(earlier) = &body.supersedes {
            self.changed.note(earlier);
        }
        Ok(Some(body))
    }

    /// Puts a decision on the desk, with the finding that the decided one supersedes: determining it may undo that one;
    /// `None` when it does not count.
    pub(super) fn signed(
        &mut self,
        index: u64,
        entry: &Entry,
    ) -> Result<Option<(SignatureBody, Option<FindingId>)>, CentreError> {
        if !self.counts(index, entry)? {
            return Ok(None);
        }
        let body: SignatureBody = entry.body_as()?;
        self.changed.note(&body.finding);
        let case = self.desk.case(&body.finding);
        let earlier = case.and_then(|case| case.body.supersedes.clone());
        if let Some(earlier) = &earlier {
            self.changed.note(earlier);
        }
        Ok(Some((body, earlier)))
    }

    pub(super) fn person(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        self.ruled_anew = true;
        if !self.counts(index, entry)? {
            return Ok(());
        }
        let word = |name: &str| {
            entry
                .body
                .get(name)
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned)
        };
        store.put_person(&PersonRow {
            entry: index,
            recorded: entry.recorded,
            kind: entry.kind.clone(),
            person: word("person").unwrap_or_default(),
            by: entry.by.clone(),
            body: entry.body.to_string(),
        })?;
        Ok(())
    }

    /// Puts an entry on the desk; `false` when it does not count, which is told and kept in the log.
    pub(super) fn counts(&mut self, index: u64, entry: &Entry) -> Result<bool, CentreError> {
        match self.desk.take(index, entry, &self.record.vkeys()?) {
            Ok(()) => Ok(true),
            Err(setback) => {
                tracing::warn!(index, %setback, "an entry that does not count");
                Ok(false)
            }
        }
    }

    fn standing(&self, finding: &FindingId) -> String {
        let standing = self
            .desk
            .case(finding)
            .map_or(Standing::Open, |case| case.standing());
        standing_word(&standing)
    }
}

/// How a finding stands, in the words of the store, pages and tables.
#[must_use]
pub(crate) fn standing_word(standing: &Standing) -> String {
    match standing {
        Standing::Open => "open".to_owned(),
        Standing::HalfSigned { by } => format!("half-signed by {by}"),
        Standing::Determined { .. } => "determined".to_owned(),
        Standing::Dissented { by } => {
            let states: Vec<_> = by.iter().map(|officer| officer.state.as_str()).collect();
            format!("dissented by {}", states.join(", "))
        }
        Standing::Superseded { by } => format!("superseded by {by}"),
    }
}
