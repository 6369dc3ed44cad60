//! What people of the watch do, and who asked for what, as entries.

use truceline_domain::{FindingId, ObservationId};
use truceline_record::Draft;
use truceline_record::bodies::{ACCESS, AccessBody, Span};
use truceline_record::watch::{
    ACKNOWLEDGEMENT, ALERT, AcknowledgementBody, AlertBody, EXCLUSION, ExclusionBody,
};

use crate::watch::{Accesses, Alert, Alerts};
use crate::{Centre, CentreError};

/// The longest reason, bytes.
const MAX_REASON_BYTES: usize = 4096;

impl Centre {
    /// The alerts.
    #[must_use]
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// Raises alerts.
    ///
    /// # Errors
    /// When the record refuses.
    pub fn raise(&mut self, alerts: &[AlertBody]) -> Result<(), CentreError> {
        let (theatre, origin) = (&self.config.theatre, &self.config.origin);
        let drafts = alerts
            .iter()
            .map(|body| Draft::new(ALERT, theatre, origin, body));
        let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
        if !drafts.is_empty() {
            self.record.append_all(drafts)?;
            self.catch_up()?;
        }
        Ok(())
    }

    /// A person takes note of an alert. Who comes second finds it taken note of, and that is no error.
    ///
    /// # Errors
    /// When there is no such alert.
    pub fn acknowledge(&mut self, alert: &str, person: &str) -> Result<Alert, CentreError> {
        let none = || CentreError::Refused(format!("there is no alert {alert:?}"));
        let known = self.alerts.get(alert).ok_or_else(none)?;
        if known.acknowledged.is_none() {
            let body = AcknowledgementBody {
                alert: alert.to_owned(),
                person: person.to_owned(),
            };
            let draft = Draft::new(ACKNOWLEDGEMENT, &self.config.theatre, person, &body)?;
            self.record.append(draft)?;
            self.catch_up()?;
        }
        self.alerts.get(alert).cloned().ok_or_else(none)
    }

    /// Excludes an observation from judgement, with a reason, and judges again.
    ///
    /// # Errors
    /// When the finding does not cite it, it is excluded already, or the reason is none.
    pub fn exclude(
        &mut self,
        finding: &FindingId,
        observation: &ObservationId,
        reason: &str,
        person: &str,
    ) -> Result<u64, CentreError> {
        let refused = |why: String| Err(CentreError::Refused(why));
        let row = self.store.finding(finding)?;
        let Some(row) = row else {
            return refused(format!("there is no finding {finding}"));
        };
        if !row.finding.event.evidence.contains(observation) {
            return refused(format!("{finding} does not rest on {observation}"));
        }
        if reason.trim().is_empty()
            || reason.len() > MAX_REASON_BYTES
            || reason.chars().any(char::is_control)
        {
            return refused(
                "an exclusion takes a reason, one line of at most 4,096 bytes".to_owned(),
            );
        }
        if self.store.is_excluded(observation.as_str())? {
            return refused(format!("{observation} is excluded already"));
        }
        let body = ExclusionBody {
            observation: observation.clone(),
            finding: finding.clone(),
            reason: reason.to_owned(),
            person: person.to_owned(),
        };
        let draft = Draft::new(EXCLUSION, &self.config.theatre, person, &body)?;
        let entry = self.record.append(draft)?.index;
        self.catch_up()?;
        if !self.is_in_window(row.finding.event.time) || self.judge_window()?.is_none() {
            self.judge()?;
        }
        Ok(entry)
    }

    /// Puts accesses that are due into the record.
    ///
    /// # Errors
    /// When the record refuses; the lines stay where they are.
    pub fn take_accesses(&mut self, accesses: &Accesses, last: bool) -> Result<(), CentreError> {
        let Some(bytes) = accesses.due(last)? else {
            return Ok(());
        };
        let mut answered = None;
        let mut count = 0;
        for access in crate::watch::lines(&bytes) {
            answered = Some(Span::with(answered, access.at));
            count += 1;
        }
        if let Some(answered) = answered {
            let stored = self.record.put_blob(&bytes)?;
            // A crash between the entry and the file's removal: they are in the record already.
            if !self.store.has_accesses(&stored.sha256)? {
                let body = AccessBody {
                    sha256: stored.sha256,
                    bytes: stored.bytes,
                    count,
                    answered,
                };
                let draft = Draft::new(ACCESS, &self.config.theatre, &self.config.origin, &body)?;
                self.record.append(draft)?;
                self.catch_up()?;
            }
        }
        accesses.recorded()
    }
}
