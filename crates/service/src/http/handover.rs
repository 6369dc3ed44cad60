//! The sheet that one shift hands to the next.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use truceline_domain::{FeedId, Observed, Recorded};
use truceline_record::bodies::{GAP, GapBody};
use truceline_store::{FindingFilter, Part, TimeSpan};

use super::app::{App, Problem};
use super::paging::tagged;
use super::watch::Span;
use crate::centre::summary;
use crate::{Centre, CentreError};

/// What one shift tells the next: what happened, what waits, how the feeds are.
pub(super) async fn sheet(
    State(app): State<App>,
    headers: HeaderMap,
    Query(span): Query<Span>,
) -> Result<Response, Problem> {
    span.checked()?;
    let states: Vec<_> = app.hub().feeds().map(|feed| feed.state()).collect();
    let sheet = app.with(move |centre| {
        let shift = Shift { from: span.from, to: span.to };
        let mut gaps = shift.gaps(centre)?;
        let feeds: Vec<Value> = states
            .iter()
            .map(|s| {
                json!({
                    "id": s.id, "source": s.source, "condition": s.condition, "since": s.since, "why": s.why,
                    "missing": s.missing, "gaps": gaps.remove(&s.id).unwrap_or_default(),
                })
            })
            .collect();
        let new = shift.findings(centre)?;
        let waiting = waiting(centre)?;
        let mut alerts: Vec<_> = centre.alerts().newest_first().collect();
        alerts.retain(|alert| alert.is_open() || shift.has(alert.at));
        let open = alerts.iter().filter(|alert| alert.is_open()).count();
        Ok(json!({
            "from": shift.from, "to": shift.to, "theatre": centre.config().theatre, "findings": new,
            "waiting": waiting, "decisions": shift.decisions(centre)?, "alerts": alerts,
            "open_alerts": open, "feeds": feeds, "entries": centre.record().log()?.size(),
        }))
    });
    Ok(tagged(&headers, &sheet.await?))
}

/// What waits for a key, however old.
fn waiting(centre: &Centre) -> Result<Vec<Value>, CentreError> {
    let standings = ["open", "half-signed"].map(str::to_owned).to_vec();
    listed(
        centre,
        &FindingFilter {
            standings,
            ..FindingFilter::default()
        },
    )
}

/// In the order in which they were put.
fn listed(centre: &Centre, filter: &FindingFilter) -> Result<Vec<Value>, CentreError> {
    let mut rows = centre.store().findings_of(filter, Part::ALL)?;
    rows.sort_by_key(|row| row.entry);
    Ok(rows.iter().map(summary).collect())
}

/// A shift, by the log's clock: it is hours of people, whatever day the sources tell.
struct Shift {
    from: Observed,
    to: Observed,
}

impl Shift {
    fn has(&self, at: Recorded) -> bool {
        (self.from..self.to).contains(&Observed::from(at.timestamp()))
    }

    fn span(&self) -> TimeSpan {
        TimeSpan {
            from: Some(self.from),
            until: Some(self.to),
        }
    }

    /// What was put before the officers.
    fn findings(&self, centre: &Centre) -> Result<Vec<Value>, CentreError> {
        listed(
            centre,
            &FindingFilter {
                recorded: self.span(),
                ..FindingFilter::default()
            },
        )
    }

    fn decisions(&self, centre: &Centre) -> Result<Vec<Value>, CentreError> {
        let decisions = centre.store().signatures_between(self.span())?;
        let told = decisions.iter().map(|s| {
            let by = s.key_name.rsplit('/').next().unwrap_or_default();
            json!({
                "finding": s.finding, "state": s.state, "by": by, "at": s.recorded,
                "decision": s.decision, "reason": s.reason, "method": s.method,
            })
        });
        Ok(told.collect())
    }

    /// What feeds did not give. The log's times never go back, so its part of the shift is found by halving.
    fn gaps(&self, centre: &Centre) -> Result<BTreeMap<FeedId, Vec<Value>>, CentreError> {
        let log = centre.record().log()?;
        let (mut low, mut high) = (0, log.size());
        while low < high {
            let middle = low + (high - low) / 2;
            if Observed::from(log.entry(middle)?.recorded.timestamp()) < self.from {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut gaps: BTreeMap<FeedId, Vec<Value>> = BTreeMap::new();
        for leaf in log.entries(low) {
            let entry = leaf?.entry()?;
            if !self.has(entry.recorded) {
                break;
            }
            if entry.kind == GAP {
                let GapBody {
                    feed,
                    received,
                    reason,
                    missing,
                } = entry.body_as()?;
                let told = json!({"from": received.first, "to": received.last, "why": reason, "missing": missing});
                gaps.entry(feed).or_default().push(told);
            }
        }
        Ok(gaps)
    }
}
