//! Who left their premises, corridor or sector: fixes come in from feeds, telephones and gates; what
//! they prove waits here until the centre records it, which is at once where a request or a feed told it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use truceline_agreement::Theatre;
use truceline_domain::{Body, Checksum, Observation, Received, Recorded, Sha256};
use truceline_mandate::mobility::crossing::Turn;
use truceline_mandate::mobility::{Confinement, Crossing, Fix, Sentinel, areas_of};
use truceline_mandate::shifts::{Shifts, patrol};
use truceline_record::Draft;

use super::Rules;
use crate::config::MemberConfig;
use crate::{Centre, CentreError};

/// Type of the entry with a [`CrossingBody`].
pub const CROSSING: &str = "crossing";

/// Body of an entry of type `crossing`: somebody left what they are confined to, or came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossingBody {
    /// What was noticed.
    pub crossing: Crossing,
    /// The member's state; nothing for a drone or a patrol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When the fix that proves it reached the centre.
    pub received: Received,
    /// Who is told: both sending states and the host.
    pub told: Vec<String>,
    /// SHA-256 of the procedures that confine them.
    pub procedures_sha256: Sha256,
}

/// A crossing in the record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrossingRow {
    /// Its entry.
    pub entry: u64,
    /// When it was recorded.
    pub recorded: Recorded,
    /// What was noticed.
    #[serde(flatten)]
    pub body: CrossingBody,
}

/// A drone's fixes are looked at so far apart, seconds.
const LOOKED_S: f64 = 0.5;
/// So many shifts are remembered to have begun.
const MOST_BEGUN: usize = 4_096;
/// A fix may be so much ahead of the centre's clock, seconds.
const AHEAD_S: f64 = 60.0;

/// Watches all who are confined. It clones cheaply; all clones are one.
#[derive(Clone)]
pub struct Watch {
    rules: Rules,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    sentinel: Sentinel,
    noticed: Vec<CrossingBody>,
    shifts: Arc<Shifts>,
    /// Shifts whose patrols were seen on their ground: from there on they can leave it.
    begun: BTreeSet<String>,
}

impl State {
    /// Takes a fix of somebody who may be a patrol on its shift.
    fn on_shift(&mut self, fix: &Fix, theatre: &Theatre) -> Option<Crossing> {
        let shifts = self.shifts.clone();
        let plan = shifts.of_patrol(&fix.subject, fix.observed)?;
        let (confinement, shift) = (patrol::confinement(plan), plan.shift.as_str());
        let last = self.sentinel.last(confinement, &fix.subject, Some(shift));
        if last.is_some_and(|last| fix.observed.seconds_since(last) < LOOKED_S) {
            return None;
        }
        let beyond_m = patrol::beyond_m(plan, fix.position, fix.observed, theatre)?;
        if beyond_m > 0.0 && !self.begun.contains(shift) {
            return None;
        }
        if !self.begun.contains(shift) {
            if self.begun.len() >= MOST_BEGUN {
                self.begun.pop_first();
            }
            self.begun.insert(shift.to_owned());
        }
        let area = plan.sector.as_deref().unwrap_or(shift).to_owned();
        self.sentinel
            .beyond(fix, confinement, &[area], Some(shift), beyond_m)
    }
}

impl Watch {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            state: Arc::default(),
        }
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the record says of somebody.
    pub(super) fn recall(&self, crossing: &Crossing) {
        let mut held = self.held();
        held.begun.extend(crossing.shift.clone());
        held.sentinel.recall(crossing);
    }

    /// Takes the shifts as they are planned by now.
    pub(super) fn renew_shifts(&self, shifts: &Arc<Shifts>) {
        self.held().shifts = shifts.clone();
    }

    /// What was noticed and is not in the record yet.
    pub(super) fn drain(&self) -> Vec<CrossingBody> {
        std::mem::take(&mut self.held().noticed)
    }

    /// Takes an observation of a feed: drones and patrols tell of themselves.
    pub fn push(&self, observation: &Observation, received: Received) {
        let Some(observed) = observation.observed else {
            return;
        };
        let (confinement, subject, position, sd_m) = match &observation.body {
            Body::FmvMetadata(m) if m.checksum != Checksum::Bad => {
                let Some(position) = m.sensor_position() else {
                    return;
                };
                let subject = observation.source.to_string();
                (Confinement::Corridor, subject, position, None)
            }
            Body::MavlinkPosition(m) => {
                let sd_m = m.horizontal_sd_m.map(f64::from);
                let subject = observation.source.to_string();
                (Confinement::Corridor, subject, m.position, sd_m)
            }
            Body::CotEvent(c) => {
                let sd_m = c.ce_m.map(f64::from);
                (Confinement::Sector, c.uid.clone(), c.position, sd_m)
            }
            _ => return,
        };
        let fix = Fix {
            subject,
            observed,
            position,
            sd_m,
        };
        self.fix(&fix, confinement, None, received);
    }

    /// Takes a member's fix, whose subject is the member.
    fn member(&self, fix: &Fix, state: &str, received: Received) {
        self.fix(fix, Confinement::Premises, Some(state), received);
    }

    fn fix(&self, fix: &Fix, confinement: Confinement, state: Option<&str>, received: Received) {
        let mut held = self.held();
        let last = held.sentinel.last(confinement, &fix.subject, None);
        let soon = |last| fix.observed.seconds_since(last) < LOOKED_S;
        if state.is_none() && last.is_some_and(soon) {
            return;
        }
        let documents = self.rules.documents();
        let (Some(procedures), Some(theatre)) = (
            documents.procedures_at(fix.observed),
            documents.theatre.as_ref(),
        ) else {
            return;
        };
        let mut noticed = Vec::new();
        if confinement == Confinement::Corridor {
            let allowed = procedures.are_drone_hours(fix.observed);
            noticed.extend(held.sentinel.hours(fix, allowed));
        }
        if let Some(areas) = areas_of(procedures, confinement, &fix.subject) {
            let geometry = theatre.at(fix.observed);
            noticed.extend(held.sentinel.take(fix, confinement, &areas, &geometry));
        }
        if confinement != Confinement::Corridor {
            noticed.extend(held.on_shift(fix, theatre));
        }
        for crossing in noticed {
            held.noticed
                .push(body(crossing, state, received, procedures));
        }
    }

    fn gate(
        &self,
        member: &MemberConfig,
        gate: &str,
        turn: Turn,
        at: truceline_domain::Observed,
        received: Received,
    ) {
        let documents = self.rules.documents();
        let Some(procedures) = documents.procedures_at(at) else {
            return;
        };
        let Some(areas) = areas_of(procedures, Confinement::Premises, &member.id) else {
            return;
        };
        let mut held = self.held();
        let crossing = held.sentinel.gate(&member.id, gate, turn, at, &areas);
        if let Some(crossing) = crossing {
            let state = Some(member.state.as_str());
            held.noticed
                .push(body(crossing, state, received, procedures));
        }
    }
}

fn body(
    crossing: Crossing,
    state: Option<&str>,
    received: Received,
    procedures: &truceline_agreement::document::Procedures,
) -> CrossingBody {
    let told = procedures.sending_states.iter().chain([&procedures.host]);
    CrossingBody {
        crossing,
        state: state.map(str::to_owned),
        received,
        told: told.map(|s| s.id.to_string()).collect(),
        procedures_sha256: procedures.sha256,
    }
}

impl Centre {
    /// Watches who is confined; feeds push what they tell of themselves.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Takes a member's whereabouts: `device` names them in the configuration. The fix is kept only as
    /// long as the procedures say; what it proves is recorded before this returns.
    ///
    /// # Errors
    /// When no member has such a device, its clock is ahead, or the record refuses.
    pub fn whereabouts(
        &mut self,
        device: &str,
        fix: Fix,
        received: Received,
    ) -> Result<Vec<CrossingRow>, CentreError> {
        let members = self.config.members.iter();
        let member = members
            .clone()
            .find(|m| m.device == device || m.id == device);
        let member = member
            .cloned()
            .ok_or_else(|| CentreError::Refused(format!("no member has the device {device:?}")))?;
        let now = truceline_domain::Observed::from(received.timestamp());
        if fix.observed.seconds_since(now) > AHEAD_S {
            let why = format!("{device}: a fix of {}, which is to come", fix.observed);
            return Err(CentreError::Refused(why));
        }
        let fix = Fix {
            subject: member.id.clone(),
            ..fix
        };
        self.keep_position(&fix, received)?;
        self.watch.member(&fix, member.state.as_str(), received);
        self.record_crossings()
    }

    /// Takes what a gate tells of a member.
    ///
    /// # Errors
    /// When there is no such member, or the record refuses.
    pub fn passed_gate(
        &mut self,
        gate: &str,
        member: &str,
        turn: Turn,
        at: truceline_domain::Observed,
        received: Received,
    ) -> Result<Vec<CrossingRow>, CentreError> {
        let member = self.config.members.iter().find(|m| m.id == member).cloned();
        let member =
            member.ok_or_else(|| CentreError::Refused("there is no such member".to_owned()))?;
        self.watch.gate(&member, gate, turn, at, received);
        self.record_crossings()
    }

    /// Records what was noticed; tells what was recorded.
    ///
    /// # Errors
    /// When the record refuses.
    pub fn record_crossings(&mut self) -> Result<Vec<CrossingRow>, CentreError> {
        let noticed = self.watch.drain();
        if noticed.is_empty() {
            return Ok(Vec::new());
        }
        let (theatre, origin) = (&self.config.theatre, &self.config.origin);
        let mut drafts = Vec::new();
        for body in &noticed {
            let draft = Draft::new(CROSSING, theatre, origin, body)?;
            let times = (Some(body.crossing.proved), Some(body.received));
            drafts.push(draft.with_times(times.0, times.1));
        }
        let before = self.deeds.crossings().len();
        self.record.append_all(drafts)?;
        self.catch_up()?;
        let rows = self.deeds.crossings().iter().skip(before).cloned();
        Ok(rows.collect())
    }
}
