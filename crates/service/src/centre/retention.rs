//! Media that are held, released or deleted: by officers' keys, under the procedures in force.

use truceline_domain::Sha256;
use truceline_record::retention::{
    self, DELETION, DeletionBody, HOLD, HoldBody, RELEASE, ReleaseBody, Retention, Scope,
};
use truceline_record::{Draft, SignerKey};

use crate::{Centre, CentreError, clock};

impl Centre {
    /// Puts a legal hold on media; returns its name. One sending state's key is enough.
    ///
    /// # Errors
    /// When no procedures are in force or a key is no officer's. Nothing is recorded then.
    pub fn hold(
        &mut self,
        scope: Scope,
        why: &str,
        keys: &[SignerKey],
    ) -> Result<String, CentreError> {
        let (_, sending_states) = self.procedures_now()?;
        let what = serde_json::to_vec(&scope).map_err(refused)?;
        let stamp = clock::recorded();
        let name = format!(
            "H-{}",
            Sha256::of(&[&what[..], stamp.to_string().as_bytes()].concat()).short(10)
        );
        let approvals = Vec::new();
        let mut body = HoldBody {
            hold: name.clone(),
            scope,
            why: why.to_owned(),
            sending_states,
            approvals,
        };
        body.approvals = self.approve(&body.text(&self.config.origin).map_err(refused)?, keys)?;
        self.put_retention(HOLD, &body)?;
        Ok(name)
    }

    /// Lifts a hold; it takes a key of each sending state.
    ///
    /// # Errors
    /// When there is no such hold or a key is missing. Nothing is recorded then.
    pub fn release(
        &mut self,
        hold: &str,
        why: &str,
        keys: &[SignerKey],
    ) -> Result<(), CentreError> {
        let mut body = ReleaseBody {
            hold: hold.to_owned(),
            why: why.to_owned(),
            approvals: Vec::new(),
        };
        body.approvals = self.approve(&body.text(&self.config.origin).map_err(refused)?, keys)?;
        self.put_retention(RELEASE, &body)
    }

    /// Deletes media, which takes a key of each sending state; returns what was removed.
    ///
    /// # Errors
    /// When it is held, no procedures are in force, a hash is no media's or a key is missing.
    /// Nothing is recorded or removed then.
    pub fn delete(
        &mut self,
        sha256: &[Sha256],
        why: &str,
        keys: &[SignerKey],
    ) -> Result<Vec<Sha256>, CentreError> {
        let (procedures_sha256, sending_states) = self.procedures_now()?;
        let (sha256, why) = (sha256.to_vec(), why.to_owned());
        let mut body = DeletionBody {
            sha256,
            why,
            procedures_sha256,
            sending_states,
            approvals: Vec::new(),
        };
        body.approvals = self.approve(&body.text(&self.config.origin).map_err(refused)?, keys)?;
        self.put_retention(DELETION, &body)?;
        self.finish_deletions()
    }

    /// Removes what deletions in the record order and a crash left standing.
    pub(super) fn finish_deletions(&mut self) -> Result<Vec<Sha256>, CentreError> {
        let vkeys = self.record.vkeys()?;
        let done = retention::finish_deletions(&self.record.log()?, &vkeys, self.record.blobs())
            .map_err(refused)?;
        for (index, void) in &done.void {
            tracing::warn!(index, %void, "an entry about retention that is void");
        }
        Ok(done.removed)
    }

    fn approve(&self, text: &str, keys: &[SignerKey]) -> Result<Vec<String>, CentreError> {
        let origin = &self.config.origin;
        keys.iter()
            .map(|key| retention::approve(origin, text, key).map_err(refused))
            .collect()
    }

    /// Records an entry about retention after holding it against the rules: what would be void is
    /// refused, not written.
    fn put_retention(
        &mut self,
        kind: &str,
        body: &impl serde::Serialize,
    ) -> Result<(), CentreError> {
        let draft = Draft::new(kind, &self.config.theatre, &self.config.origin, body)?;
        let log = self.record.log()?;
        let vkeys = self.record.vkeys()?;
        let mut rules = Retention::new();
        for leaf in log.entries(0) {
            let leaf = leaf?;
            // Entries that were void when they came stay so, and were told then.
            drop(rules.take(leaf.index, &leaf.entry()?, &vkeys));
        }
        let trial = draft.clone().stamped(clock::recorded());
        rules.take(log.size(), &trial, &vkeys).map_err(refused)?;
        self.record.append(draft)?;
        self.catch_up().map(drop)
    }
}

fn refused(why: impl std::fmt::Display) -> CentreError {
    CentreError::Refused(why.to_string())
}
