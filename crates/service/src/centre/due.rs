//! What runs out and what was to be left, as alerts: each warning once, whenever the centre is at work again.

use std::time::{Duration, Instant};

use serde_json::Value;
use truceline_domain::{Observed, PartyId};
use truceline_mandate::withdrawals::{Ground, Seen, State, Withdrawal};
use truceline_record::watch::{AlertBody, Severity};

use crate::watch::message;
use crate::{Centre, CentreError};

/// Deadlines are looked at so often.
const DEADLINES_EVERY: Duration = Duration::from_secs(60);
/// Areas that are to be left, of which what was seen there is read from the store, so often.
const AREAS_EVERY: Duration = Duration::from_secs(3600);

/// When each was looked at last.
#[derive(Debug, Default)]
pub(crate) struct Due {
    deadlines: Option<Instant>,
    areas: Option<Instant>,
}

/// Whether it is time again; then it is now.
fn is_time(last: &mut Option<Instant>, every: Duration) -> bool {
    if last.is_some_and(|at| at.elapsed() < every) {
        return false;
    }
    *last = Some(Instant::now());
    true
}

impl Due {
    /// The alerts that are to be raised at an instant and were not yet. What had run out before the record began is
    /// no news, and stands on the board of the mandate.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn at(
        &mut self,
        centre: &Centre,
        at: Observed,
    ) -> Result<Vec<AlertBody>, CentreError> {
        let log = centre.record.log()?;
        if log.size() == 0 {
            return Ok(Vec::new());
        }
        let began = Observed::from(log.entry(0)?.recorded.timestamp());
        let mut due = Vec::new();
        if is_time(&mut self.deadlines, DEADLINES_EVERY) {
            due.extend(centre.deadlines_due(began, at));
            due.extend(centre.shifts_overdue(began, at)?);
        }
        if is_time(&mut self.areas, AREAS_EVERY) {
            due.extend(centre.areas_overdue(began, at)?);
        }
        due.retain(|body| centre.alerts().get(&body.alert).is_none());
        Ok(due)
    }
}

impl Centre {
    /// What runs out within 90, 30 or 7 days, or has run out with nothing in its place. The alert's name says the day
    /// and the warning, so that each is raised once.
    fn deadlines_due(&self, began: Observed, at: Observed) -> Vec<AlertBody> {
        let all = self.mandate(at).deadlines.into_iter();
        let all = all.filter(|deadline| deadline.ends >= began);
        let due = all.filter_map(|deadline| Some((deadline.warning_days?, deadline)));
        due.map(|(days, deadline)| {
            let what = serde_json::to_value(deadline.what).unwrap_or_default();
            let what = what.as_str().unwrap_or_default().to_owned();
            let state = deadline.state.map(|state| state.to_string());
            let last_day = deadline.last_day.to_string();
            let name = format!("deadline-{what}-{}-{last_day}-{days}", deadline.of);
            let severity = match days {
                0 | 7 => Severity::Alarm,
                30 => Severity::Warning,
                _ => Severity::Notice,
            };
            let args = [
                ("what", Value::from(what)),
                ("of", deadline.of.into()),
                ("state", state.unwrap_or_default().into()),
                ("last_day", last_day.into()),
                ("warning_days", days.into()),
            ];
            named(name, "deadline", severity, message("deadline.due", args))
        })
        .collect()
    }

    /// Areas that were to be left before an instant and were not. A deadline that was moved has a name of its own.
    fn areas_overdue(&self, began: Observed, at: Observed) -> Result<Vec<AlertBody>, CentreError> {
        // What was seen is read only when a deadline has passed of which nothing was said yet.
        let passed = self
            .deeds
            .reports()
            .at(at, self.documents.parsed(), &Nothing);
        let is_told =
            |w: &Withdrawal| name(w).is_none_or(|name| self.alerts().get(&name).is_some());
        let is_news = |w: &Withdrawal| w.deadlines.last().is_some_and(|last| last.by >= began);
        if passed
            .iter()
            .all(|w| !w.deadline_passed || !is_news(w) || is_told(w))
        {
            return Ok(Vec::new());
        }
        let all = self.withdrawals(at)?.into_iter();
        let overdue = all.filter(|w| w.state == State::Overdue && is_news(w));
        let alerts = overdue.filter_map(|w| {
            let bound: Vec<_> = w.bound.iter().map(PartyId::as_str).collect();
            let by = w.deadlines.last()?.by.to_string();
            let args = [
                ("area", Value::from(w.area.as_str())),
                ("clause", w.clause.as_str().into()),
                ("bound", bound.join(", ").into()),
                ("by", by.into()),
            ];
            let text = message("withdrawal.overdue", args);
            Some(named(name(&w)?, "withdrawal", Severity::Warning, text))
        });
        Ok(alerts.collect())
    }
}

/// The name of the alert of an area and the deadline that counts.
fn name(withdrawal: &Withdrawal) -> Option<String> {
    let (clause, area) = (&withdrawal.clause, &withdrawal.area);
    let by = withdrawal.deadlines.last()?.by.unix_us();
    Some(format!("withdrawal-overdue-{clause}-{area}-{by}"))
}

pub(super) fn named(
    alert: String,
    kind: &str,
    severity: Severity,
    text: truceline_record::watch::Message,
) -> AlertBody {
    AlertBody {
        alert,
        kind: kind.to_owned(),
        severity,
        text,
        feed: None,
        finding: None,
    }
}

/// Ground of which nothing is known.
struct Nothing;

impl Ground for Nothing {
    fn seen(&self, _: &str, _: &[PartyId], _: Observed, _: Observed) -> Vec<Seen> {
        Vec::new()
    }

    fn watched_share(&self, _: &str, _: Observed, _: Observed) -> f64 {
        0.0
    }
}
