//! Officers at the desk: a signature or a dissent becomes an entry, and the finding stands anew.

use truceline_domain::FindingId;
use truceline_record::signature::{Case, Decision, SIGNATURE, SignatureBody, Standing, sign};
use truceline_record::{Draft, SignerKey};

use crate::{Centre, CentreError};

/// What signing came to.
#[derive(Debug)]
pub struct Signed {
    /// The entry.
    pub entry: u64,
    /// How the finding stands now.
    pub standing: Standing,
}

impl Centre {
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
