//! Officers at the desk: a signature or a dissent becomes an entry, and the finding stands anew.

use truceline_domain::FindingId;
use truceline_record::signature::{Decision, SIGNATURE, Standing, sign};
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
        let refused = |why: String| CentreError::Refused(why);
        let case = self
            .desk
            .case(finding)
            .ok_or_else(|| refused(format!("there is no finding {finding}")))?;
        let body = sign(
            &self.config.origin,
            finding,
            case.body.sha256,
            decision,
            reason,
            key,
        )
        .map_err(|e| refused(e.to_string()))?;
        let draft = Draft::new(SIGNATURE, &self.config.theatre, &body.key_name, &body)?;
        // Held against the desk's rules before it is written: a signature that will not count is
        // told to the officer, not put into the log.
        let trial = draft.clone().stamped(crate::clock::recorded());
        let size = self.record.log()?.size();
        self.desk
            .clone()
            .take(size, &trial, &self.record.vkeys()?)
            .map_err(|setback| refused(setback.to_string()))?;
        let entry = self.record.append(draft)?.index;
        self.catch_up()?;
        let standing = self
            .desk
            .case(finding)
            .map_or(Standing::Open, |case| case.standing());
        Ok(Signed { entry, standing })
    }
}
