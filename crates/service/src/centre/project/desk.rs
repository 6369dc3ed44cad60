//! Of what lies before the officers: findings, signatures, persons.

use truceline_domain::Finding;
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
        if !self.counts(index, entry)? {
            return Ok(());
        }
        let body: FindingBody = entry.body_as()?;
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
        if !self.counts(index, entry)? {
            return Ok(());
        }
        let body: SignatureBody = entry.body_as()?;
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
        // Determining a finding may undo the one it supersedes.
        let earlier = self
            .desk
            .case(&body.finding)
            .and_then(|case| case.body.supersedes.clone());
        match earlier {
            Some(earlier) => Ok(store.set_standing(earlier.as_str(), &self.standing(&earlier))?),
            None => Ok(()),
        }
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

    fn standing(&self, finding: &truceline_domain::FindingId) -> String {
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
