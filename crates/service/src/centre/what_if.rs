//! What a judgement would be without some observations. Nothing is recorded.

use std::collections::BTreeSet;

use serde::Serialize;
use truceline_domain::{Attribution, Event, FindingId, ObservationId, Position};

use super::judge::parameters;
use super::window::{WINDOW_S, observations_since};
use crate::{Centre, CentreError};

/// Observations so long after the event are looked at, seconds: reports come late.
const AFTER_S: f64 = 3600.0;

/// What a judgement says of one event.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// Who, with what probability.
    pub attribution: Attribution,
    /// Where.
    pub position: Position,
    /// Semi-axes of the ellipse of 90 %, metres, and the bearing of the longer, degrees.
    pub ellipse_90: (f64, f64, f64),
    /// How many observations it rests on.
    pub evidence: usize,
}

impl Said {
    fn of(event: &Event) -> Self {
        let p90 = truceline_domain::Probability::new(0.9);
        Self {
            attribution: event.attribution.clone(),
            position: event.position,
            ellipse_90: p90.map_or((0.0, 0.0, 0.0), |p| event.cov_m2.ellipse(p)),
            evidence: event.evidence.len(),
        }
    }
}

/// A judgement before and after.
#[derive(Debug, Clone, Serialize)]
pub struct WhatIf {
    /// As the finding says.
    pub before: Said,
    /// Without the observations; none when nothing would be found.
    pub after: Option<Said>,
}

impl Centre {
    /// Judges the hours around a finding without the observations `without`.
    ///
    /// # Errors
    /// When there is no such finding or no geometry, or the record cannot be read.
    pub fn what_if(
        &self,
        finding: &FindingId,
        without: &[ObservationId],
    ) -> Result<WhatIf, CentreError> {
        let row = self.store.finding(finding)?;
        let row =
            row.ok_or_else(|| CentreError::Refused(format!("there is no finding {finding}")))?;
        let theatre = self.documents.theatre();
        let theatre =
            theatre.ok_or_else(|| CentreError::Refused("the record has no geometry".to_owned()))?;
        let event = &row.finding.event;
        let (since, until) = (
            event.time.plus_seconds(-WINDOW_S),
            event.time.plus_seconds(AFTER_S),
        );
        let mut observations = observations_since(&self.record, self.seen, since)?;
        let left_out: BTreeSet<_> = without.iter().collect();
        observations
            .retain(|o| o.observed.is_some_and(|at| at <= until) && !left_out.contains(&o.id));
        let parameters = parameters(self.documents.parsed(), &observations);
        let judgement = truceline_engine::judge(theatre, &observations, &parameters);
        let evidence: BTreeSet<_> = event.evidence.iter().collect();
        let shared = |other: &Event| {
            other
                .evidence
                .iter()
                .filter(|id| evidence.contains(id))
                .count()
        };
        let after = judgement
            .events
            .iter()
            .max_by_key(|other| shared(other))
            .filter(|other| shared(other) > 0);
        Ok(WhatIf {
            before: Said::of(event),
            after: after.map(Said::of),
        })
    }
}
