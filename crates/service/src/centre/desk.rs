//! Officers at the desk: a signature or a dissent becomes an entry, and the finding stands anew.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use truceline_domain::{FindingId, Holding};
use truceline_record::signature::{Case, Decision, SIGNATURE, SignatureBody, Standing, sign};
use truceline_record::{Draft, SignerKey};
use truceline_store::FindingRow;

use crate::{Centre, CentreError};

/// What signing came to.
#[derive(Debug)]
pub struct Signed {
    /// The entry.
    pub entry: u64,
    /// How the finding stands now.
    pub standing: Standing,
}

/// A finding as lists have it.
pub(crate) fn summary(row: &FindingRow) -> Value {
    let event = &row.finding.event;
    let violates: Vec<_> = row
        .finding
        .assessments
        .iter()
        .filter(|a| a.holding == Holding::Violates)
        .map(|a| json!({"clause": a.clause, "party": a.party}))
        .collect();
    json!({
        "id": row.finding.id, "time": event.time, "time_sd_s": event.time_sd_s, "recorded": row.recorded,
        "kind": event.kind, "verdict": event.attribution.verdict, "p": event.attribution.p,
        "lat": event.position.lat, "lon": event.position.lon, "standing": row.standing, "sha256": row.sha256,
        "supersedes": row.finding.supersedes, "violates": violates, "evidence": event.evidence.len(),
    })
}

/// Findings that were put, signed or superseded since they were asked for last.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    ids: BTreeSet<FindingId>,
    /// Others changed too, more than are told one by one.
    more: bool,
}

impl Changed {
    /// So many are told one by one; whoever hears of more asks for the list.
    const MOST: usize = 100;

    pub(super) fn note(&mut self, id: &FindingId) {
        if self.ids.len() < Self::MOST {
            self.ids.insert(id.clone());
        } else {
            self.more |= !self.ids.contains(id);
        }
    }
}

impl Centre {
    /// The findings that changed since this was asked last, as lists have them, and whether others did too.
    ///
    /// # Errors
    /// When the store cannot be read; they are told the next time then.
    pub(crate) fn take_changed(&mut self) -> Result<(Vec<Value>, bool), CentreError> {
        let mut rows = Vec::new();
        for id in &self.changed.ids {
            rows.extend(self.store.finding(id)?.as_ref().map(summary));
        }
        let more = std::mem::take(&mut self.changed).more;
        Ok((rows, more))
    }

    /// Signs a finding, or dissents from it with a reason, as the officer whose key it is.
    ///
    /// # Errors
    /// When there is no such finding, the key is no officer's of a sending state, the officer has
    /// decided before, or the finding was superseded. Nothing is recorded then.
    pub fn decide(
        &mut self,
        finding: &FindingId,
        decision: Decision,
        reason: Option<&str>,
        key: &SignerKey,
    ) -> Result<Signed, CentreError> {
        let case = self.case(finding)?;
        let (origin, sha256) = (&self.config.origin, case.body.sha256);
        let body = sign(origin, finding, sha256, decision, reason, key)
            .map_err(|e| CentreError::Refused(e.to_string()))?;
        self.take_decision(&body)
    }

    /// What an officer's signature on a finding must say, for those who sign elsewhere.
    ///
    /// # Errors
    /// When there is no such finding.
    pub fn case(&self, finding: &FindingId) -> Result<&Case, CentreError> {
        self.desk
            .case(finding)
            .ok_or_else(|| CentreError::Refused(format!("there is no finding {finding}")))
    }

    /// Takes a signature or dissent that was made elsewhere.
    ///
    /// # Errors
    /// As [`Self::decide`]; nothing is recorded then.
    pub fn take_decision(&mut self, body: &SignatureBody) -> Result<Signed, CentreError> {
        self.case(&body.finding)?;
        self.procedures_in_force()?;
        let draft = Draft::new(SIGNATURE, &self.config.theatre, &body.key_name, body)?;
        // Held against the desk's rules before it is written: a signature that will not count is
        // told to the officer, not put into the log.
        let trial = draft.clone().stamped(crate::clock::recorded());
        let size = self.record.log()?.size();
        self.desk
            .clone()
            .take(size, &trial, &self.record.vkeys()?)
            .map_err(|setback| CentreError::Refused(setback.to_string()))?;
        let entry = self.record.append(draft)?.index;
        self.catch_up()?;
        let case = self.desk.case(&body.finding);
        let standing = case.map_or(Standing::Open, |case| case.standing());
        Ok(Signed { entry, standing })
    }
}
