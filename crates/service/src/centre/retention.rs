//! Media that are held, released or deleted: by officers' keys, under the procedures in force.

use std::collections::BTreeSet;

use truceline_domain::{ObservationId, Observed, Sha256};
use truceline_record::bodies::{BATCH, BatchBody, SEGMENT, STILL, SegmentBody, StillBody};
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
    /// When it is held, too young or cited by a finding by the procedures' rule, no procedures are in
    /// force, a hash is no media's or a key is missing.
    /// Nothing is recorded or removed then.
    pub fn delete(
        &mut self,
        sha256: &[Sha256],
        why: &str,
        keys: &[SignerKey],
    ) -> Result<Vec<Sha256>, CentreError> {
        let (procedures_sha256, sending_states) = self.procedures_now()?;
        self.may_go(&procedures_sha256, sha256)?;
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

    /// That the procedures let these media go: they are as old as the rule of their kind says, and no
    /// finding cites them where the rule keeps what is cited. Their age is from the last instant that they
    /// show; of what tells none, from its entry.
    fn may_go(&self, procedures: &Sha256, asked: &[Sha256]) -> Result<(), CentreError> {
        let parsed = self.documents.parsed();
        let Some(procedures) = parsed.procedures.iter().find(|p| p.sha256 == *procedures) else {
            return Ok(());
        };
        let rule_of = |media: &str| procedures.retention.iter().find(|r| r.media == media);
        let cited = self.cited()?;
        let now = super::rules::now();
        for leaf in self.record.log()?.entries(0) {
            let entry = leaf?.entry()?;
            let recorded = Observed::from(entry.recorded.timestamp());
            match entry.kind.as_str() {
                SEGMENT => {
                    let body: SegmentBody = entry.body_as()?;
                    let media = media_of(&body.format);
                    if let Some(rule) = media
                        .and_then(rule_of)
                        .filter(|_| asked.contains(&body.sha256))
                    {
                        let shown = body.observed.as_ref().map_or(recorded, |span| span.last);
                        old_enough(&body.sha256, rule, shown, now)?;
                    }
                }
                STILL => {
                    let body: StillBody = entry.body_as()?;
                    if let Some(rule) = rule_of("imagery").filter(|_| asked.contains(&body.sha256))
                    {
                        old_enough(&body.sha256, rule, recorded, now)?;
                    }
                }
                BATCH => {
                    let body: BatchBody = entry.body_as()?;
                    let Some(segment) = body.segment.filter(|sha256| asked.contains(sha256)) else {
                        continue;
                    };
                    for observation in body.read(self.record.blobs())? {
                        let media = media_of_kind(observation.body.kind());
                        let keeps = media.and_then(rule_of).is_some_and(|rule| rule.keep_cited);
                        if keeps && cited.contains(&observation.id) {
                            return Err(CentreError::Refused(format!(
                                "{segment} is cited by a finding, and the procedures keep what is cited"
                            )));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The observations that findings rest on.
    fn cited(&self) -> Result<BTreeSet<ObservationId>, CentreError> {
        let findings = self.store.findings()?;
        let evidence = findings
            .into_iter()
            .flat_map(|row| row.finding.event.evidence);
        Ok(evidence.collect())
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

/// The kind of media of a feed's format, as procedures name it. Readings and reports are no media.
fn media_of(format: &str) -> Option<&'static str> {
    match format {
        "fmv" => Some("video"),
        "mavlink" | "cot" => Some("telemetry"),
        "hotspot" => Some("imagery"),
        _ => None,
    }
}

/// The same of an observation's kind.
fn media_of_kind(kind: &str) -> Option<&'static str> {
    match kind {
        "video" | "fmv.metadata" => Some("video"),
        "cot.event" => Some("telemetry"),
        "thermal" => Some("imagery"),
        _ if kind.starts_with("mavlink.") => Some("telemetry"),
        _ => None,
    }
}

fn old_enough(
    sha256: &Sha256,
    rule: &truceline_agreement::document::Retention,
    shown: Observed,
    now: Observed,
) -> Result<(), CentreError> {
    let until = shown.plus_seconds(f64::from(rule.days) * 86_400.0);
    if now < until {
        return Err(CentreError::Refused(format!(
            "{sha256} is {} of {shown}: by the procedures it is kept {} days, until {until}",
            rule.media, rule.days
        )));
    }
    Ok(())
}

fn refused(why: impl std::fmt::Display) -> CentreError {
    CentreError::Refused(why.to_string())
}
