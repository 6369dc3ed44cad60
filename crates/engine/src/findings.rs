//! Events held against the clauses in force, as findings for the officers.

use truceline_agreement::{Documents, Theatre};
use truceline_domain::{Body, Event, Finding, Notice, Observation, Probability};

use crate::plane::Plane;
use crate::{ENGINE, Judgement};

/// Clocks of those who announce are no better than this, seconds.
pub(crate) const NOTICE_SLACK_S: f64 = 60.0;

/// One finding for each event of a judgement: the event held against every clause in force at its
/// time. `observations` are those that were judged; they tell which events were announced and up to
/// when was observed.
#[must_use]
pub fn findings(
    documents: &Documents,
    theatre: &Theatre,
    observations: &[Observation],
    judgement: &Judgement,
) -> Vec<Finding> {
    let notices: Vec<&Notice> = observations
        .iter()
        .filter_map(|o| match &o.body {
            Body::Notice(n) => Some(n),
            _ => None,
        })
        .collect();
    let latest = observations.iter().filter_map(|o| o.observed).max();
    let finding = |event: &Event| Finding {
        id: event.id.clone(),
        theatre: theatre.id.clone(),
        event: event.clone(),
        assessments: documents.assess(
            event,
            &theatre.at(event.time),
            notices.iter().any(|n| covers(n, event)),
        ),
        procedures: documents.procedures_at(event.time).map(|p| p.sha256),
        geometry: theatre.sha256,
        engine: ENGINE.to_owned(),
        observed_until: latest.unwrap_or(event.time).max(event.time),
        supersedes: None,
    };
    judgement.events.iter().map(finding).collect()
}

/// Whether a notice covers an event: its window, and its circle widened by twice the event's
/// standard deviation.
fn covers(notice: &Notice, event: &Event) -> bool {
    let [from, until] = notice.window;
    let in_time = event.time >= from.plus_seconds(-NOTICE_SLACK_S)
        && event.time <= until.plus_seconds(NOTICE_SLACK_S);
    // The ellipse that holds 1 − e^(−1/2) of a two-dimensional Gaussian has axes of one deviation.
    let sd_m = Probability::new(1.0 - (-0.5_f64).exp()).map_or(0.0, |p| event.cov_m2.ellipse(p).0);
    let apart_m = Plane::at(event.position).to_m(notice.position).length();
    in_time && apart_m <= notice.radius_m.get() + 2.0 * sd_m
}
