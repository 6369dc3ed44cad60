//! Shifts of the ground mission, held against what the record has of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use truceline_domain::{Body, Observation, Observed};
use truceline_mandate::mobility::Fix;
use truceline_mandate::shifts::post::Manned;
use truceline_mandate::shifts::{
    AFTER_S, EARLY_S, GAP_S, LATE_S, Plan, Planned, Seen, Standing, State, Unit, patrol, post,
};
use truceline_record::watch::{AlertBody, Severity};

use super::due::named;
use super::withdrawals::coordinates;
use crate::watch::message;
use crate::{Centre, CentreError};

/// A report covers at most so much, seconds: a day, as in the coverage.
const LONGEST_REPORT_S: f64 = 86_400.0;

impl Centre {
    /// The shifts that reach into a span, in the order in which they begin, as they stand at an instant.
    ///
    /// # Errors
    /// When the store or what is kept of whereabouts cannot be read.
    pub fn shifts(
        &self,
        at: Observed,
        span: (Option<Observed>, Option<Observed>),
    ) -> Result<Vec<Standing>, CentreError> {
        let (from, until) = span;
        let within = |p: &&Planned| {
            from.is_none_or(|from| p.plan.until > from)
                && until.is_none_or(|until| p.plan.from < until)
        };
        let shifts = self.deeds.shifts();
        let planned = shifts.latest().filter(within);
        let mut all = planned
            .map(|p| self.standing(p, at))
            .collect::<Result<Vec<_>, _>>()?;
        all.extend(shifts.proposed().filter(within).map(|p| Standing {
            planned: p.clone(),
            seen: Seen::nothing(State::Proposed),
        }));
        all.sort_by(|a, b| {
            let key = |s: &Standing| (s.planned.plan.from, s.planned.plan.shift.clone());
            key(a).cmp(&key(b))
        });
        Ok(all)
    }

    fn standing(&self, planned: &Planned, at: Observed) -> Result<Standing, CentreError> {
        let seen = match (&planned.cancelled, &planned.plan.unit) {
            (Some(_), _) => Seen::nothing(State::Cancelled),
            (None, Unit::Post(id)) => {
                let reports = self.manned(id, &planned.plan, at)?;
                post::seen(&planned.plan, at, &reports)
            }
            (None, Unit::Patrol(name)) => match self.documents.theatre() {
                Some(theatre) => {
                    let track = self.track(name, &planned.plan, at)?;
                    patrol::seen(&planned.plan, at, &track, theatre)
                }
                // Where no map stands there is no ground to be seen on.
                None => Seen::nothing(State::NotObserved),
            },
        };
        Ok(Standing {
            planned: planned.clone(),
            seen,
        })
    }

    /// Where a patrol was around its shift: by Cursor on Target, and by what is kept of a member of that name.
    fn track(&self, name: &str, plan: &Plan, at: Observed) -> Result<Vec<Fix>, CentreError> {
        let from = plan.from.plus_seconds(-EARLY_S);
        let span = (from, plan.until.plus_seconds(AFTER_S).min(at).max(from));
        let mut fixes = Vec::new();
        for row in self
            .store
            .observations_of("cot.event", ("uid", name), span)?
        {
            let Ok(observation) = serde_json::from_value::<Observation>(row) else {
                continue;
            };
            if let (Some(observed), Body::CotEvent(event)) =
                (observation.observed, observation.body)
            {
                fixes.push(Fix {
                    subject: event.uid,
                    observed,
                    position: event.position,
                    sd_m: event.ce_m.map(f64::from),
                });
            }
        }
        if self.config.members.iter().any(|member| member.id == name) {
            fixes.extend(self.kept_positions(name, span)?);
        }
        Ok(fixes)
    }

    /// When a post was manned during its shift, by its reports.
    fn manned(&self, post: &str, plan: &Plan, at: Observed) -> Result<Vec<Manned>, CentreError> {
        let from = plan.from.plus_seconds(-LONGEST_REPORT_S);
        // A report stands for some minutes before it too.
        let span = (from, plan.until.plus_seconds(GAP_S).min(at).max(from));
        let mut manned = Vec::new();
        for row in self
            .store
            .observations_of("report", ("source", post), span)?
        {
            let Ok(observation) = serde_json::from_value::<Observation>(row) else {
                continue;
            };
            if let (Some(from), Body::Report(report)) = (observation.observed, &observation.body) {
                let until = report.observed_until.unwrap_or(from).max(from);
                manned.push([from, until.min(from.plus_seconds(LONGEST_REPORT_S))]);
            }
        }
        Ok(manned)
    }

    /// The same as a map: each shift's route or sector, else its post, with how it stands.
    ///
    /// # Errors
    /// As [`Self::shifts`].
    pub fn shifts_map(
        &self,
        at: Observed,
        span: (Option<Observed>, Option<Observed>),
    ) -> Result<Value, CentreError> {
        let mut features = Vec::new();
        for standing in self.shifts(at, span)? {
            let geometry = self.drawn(&standing.planned.plan);
            features.push(json!({"type": "Feature", "geometry": geometry, "properties": standing}));
        }
        Ok(json!({"type": "FeatureCollection", "features": features}))
    }

    fn drawn(&self, plan: &Plan) -> Option<Value> {
        if let Some(route) = &plan.route {
            let kind = match route.points.as_slice() {
                [point] => return Some(json!({"type": "Point", "coordinates": point})),
                _ => "LineString",
            };
            return Some(json!({"type": kind, "coordinates": route.points}));
        }
        let map = self.documents.theatre()?.at(plan.from);
        if let Unit::Post(id) = &plan.unit {
            let place = map.post(id)?.position;
            return Some(
                json!({"type": "Point", "coordinates": [place.lon_deg(), place.lat_deg()]}),
            );
        }
        let area = map.area(plan.sector.as_ref()?)?;
        Some(json!({"type": "MultiPolygon", "coordinates": coordinates(&area.shape)}))
    }

    /// Patrols of which nothing was seen when they should have begun, that have not come to the end of their way, or that
    /// were not seen to keep to their sector for as much of their time as it needs; posts
    /// of whose shift nothing was reported when it was over (a report may be of the whole shift). What was over before
    /// the record began is no news. Reports are looked through once a post's shift: `manned` keeps those that had some.
    pub(crate) fn shifts_overdue(
        &self,
        began: Observed,
        at: Observed,
        manned: &mut BTreeSet<String>,
    ) -> Result<Vec<AlertBody>, CentreError> {
        let due = |from: Observed| at.seconds_since(from) > LATE_S;
        let lasts = |p: &&Planned| {
            let first = match p.plan.unit {
                Unit::Patrol(_) => p.plan.from,
                Unit::Post(_) => p.plan.until,
            };
            p.cancelled.is_none()
                && p.plan.until >= began
                && due(first)
                && at.seconds_since(p.plan.until) < AFTER_S
        };
        let mut alerts = Vec::new();
        for planned in self.deeds.shifts().latest().filter(lasts) {
            let not_told = |what: &str| self.alerts().get(&name(planned, what)).is_none();
            let plan = &planned.plan;
            if let Unit::Post(_) = plan.unit {
                if !not_told("end") || manned.contains(&name(planned, "end")) {
                    continue;
                }
                let state = self.standing(planned, at)?.seen.state;
                if state == State::NotObserved {
                    alerts.push(overdue(planned, "end", plan.until, state));
                } else {
                    manned.insert(name(planned, "end"));
                }
                continue;
            }
            let end = if plan.route.is_some() {
                "end"
            } else {
                "sector"
            };
            if !not_told("begin") && !not_told(end) {
                continue;
            }
            let seen = self.standing(planned, at)?.seen;
            if seen.began.is_none() && not_told("begin") {
                alerts.push(overdue(planned, "begin", plan.from, seen.state));
            }
            let is_out = match plan.route {
                Some(_) => seen.ended.is_none(),
                None => matches!(seen.state, State::Unfinished | State::PartlyObserved),
            };
            if seen.began.is_some() && is_out && due(plan.until) && not_told(end) {
                alerts.push(overdue(planned, end, plan.until, seen.state));
            }
        }
        Ok(alerts)
    }
}

fn name(planned: &Planned, what: &str) -> String {
    let plan = &planned.plan;
    let kind = kind(plan);
    format!("{kind}-overdue-{what}-{}-{}", plan.shift, plan.version)
}

fn kind(plan: &Plan) -> &'static str {
    match plan.unit {
        Unit::Patrol(_) => "patrol",
        Unit::Post(_) => "post",
    }
}

/// `what` it should have done by then: `begin`, `end`, or have been in its `sector`; of a post's shift something should be known at its end.
fn overdue(planned: &Planned, what: &str, by: Observed, state: State) -> AlertBody {
    let plan = &planned.plan;
    let states: Vec<_> = plan.states.iter().map(|state| state.as_str()).collect();
    let args = [
        ("what", Value::from(what)),
        ("shift", plan.shift.as_str().into()),
        (kind(plan), plan.unit.name().into()),
        ("states", states.join(", ").into()),
        ("by", by.to_string().into()),
        ("state", serde_json::to_value(state).unwrap_or_default()),
    ];
    let id = match plan.unit {
        Unit::Patrol(_) => "patrol.overdue",
        Unit::Post(_) => "post.not-observed",
    };
    let text = message(id, args);
    named(name(planned, what), kind(plan), Severity::Warning, text)
}
