//! Who left the place that they are confined to: observers their premises, drones their corridor,
//! patrols their sector. One test for all ([`crossing`]); positions come as fixes with their accuracy.
//!
//! The polygon in the documents is the law, so its edge is taken as exact; what is uncertain is where
//! somebody stood.

pub mod crossing;
pub mod owntracks;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_agreement::document::Procedures;
use truceline_agreement::theatre::Geometry;
use truceline_domain::{Observed, Position};

use crossing::{Crosser, Turn};

/// Whereabouts of a person or a vehicle.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// Who or what.
    pub subject: String,
    /// When, by its own clock.
    pub observed: Observed,
    /// Where.
    pub position: Position,
    /// One standard deviation of the place along one axis, metres; `None` when nothing is told.
    pub sd_m: Option<f64>,
}

impl Fix {
    /// Its standard deviation, or what is taken where none is told, metres.
    pub(crate) fn sd_m_or(&self, confinement: Confinement) -> f64 {
        self.sd_m
            .filter(|sd| sd.is_finite() && *sd >= 0.0)
            .unwrap_or(confinement.untold_sd_m())
    }
}

/// What somebody is confined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confinement {
    /// Observers, to their premises.
    Premises,
    /// Drones, to their corridors.
    Corridor,
    /// Patrols, to their sector.
    Sector,
    /// Patrols, to their way.
    Route,
    /// Drones, to their hours.
    Hours,
}

impl Confinement {
    /// Metres beyond the edge that a person would call outside: a gate's depth, a drone's turn.
    #[must_use]
    pub const fn margin_m(self) -> f64 {
        match self {
            Self::Premises => 20.0,
            Self::Corridor => 100.0,
            Self::Sector | Self::Route => 50.0,
            Self::Hours => 0.0,
        }
    }

    /// One standard deviation where nothing is told, metres: a telephone among houses, the GNSS
    /// receiver of an aircraft, a hand-held one (assumptions).
    const fn untold_sd_m(self) -> f64 {
        match self {
            Self::Premises => 50.0,
            Self::Corridor | Self::Hours => 10.0,
            Self::Sector | Self::Route => 20.0,
        }
    }
}

/// Somebody left, or came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossing {
    /// Who or what.
    pub subject: String,
    /// Confined to what.
    pub confinement: Confinement,
    /// The areas, ids of the theatre; of a route, the shift.
    pub areas: Vec<String>,
    /// Out, or back in.
    pub turn: Turn,
    /// The first of the fixes that together prove it.
    pub since: Observed,
    /// The fix that proves it.
    pub proved: Observed,
    /// Where that was; nothing when a gate tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Metres beyond the edge, negative within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond_m: Option<f64>,
    /// One standard deviation of that fix, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd_m: Option<f64>,
    /// The gate that tells it, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// The shift during which a patrol left its ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<String>,
}

/// Most subjects that are watched at once; those heard of longest ago go.
const MOST_SUBJECTS: usize = 4_096;

/// Watches all who are confined.
#[derive(Debug, Clone, Default)]
pub struct Sentinel {
    subjects: BTreeMap<Key, Crosser>,
}

/// Who is confined to what, and during which shift.
type Key = (Confinement, String, Option<String>);

impl Sentinel {
    /// What the record says of somebody: from there the test goes on.
    pub fn recall(&mut self, crossing: &Crossing) {
        let key = (
            crossing.confinement,
            crossing.subject.clone(),
            crossing.shift.clone(),
        );
        let crosser = self.subjects.entry(key).or_default();
        crosser.set(crossing.turn, crossing.proved);
    }

    /// Takes a fix; tells a crossing when this is the fix that proves it. Nothing is told where no area
    /// of that name stands at the time.
    pub fn take(
        &mut self,
        fix: &Fix,
        confinement: Confinement,
        areas: &[String],
        geometry: &Geometry<'_>,
    ) -> Option<Crossing> {
        let beyond_m = beyond_areas_m(fix.position, areas, geometry)?;
        self.beyond(fix, confinement, areas, None, beyond_m)
    }

    /// Takes a fix that lies so far beyond the edge, metres, negative within; of a patrol, the edge of the ground
    /// that its shift keeps it to. Each shift is a test of its own.
    pub fn beyond(
        &mut self,
        fix: &Fix,
        confinement: Confinement,
        areas: &[String],
        shift: Option<&str>,
        beyond_m: f64,
    ) -> Option<Crossing> {
        let sd_m = fix.sd_m_or(confinement);
        self.make_room();
        let key = (confinement, fix.subject.clone(), shift.map(str::to_owned));
        let crosser = self.subjects.entry(key).or_default();
        let turn = crosser.take(fix.observed, beyond_m, sd_m, confinement.margin_m())?;
        Some(Crossing {
            subject: fix.subject.clone(),
            confinement,
            areas: areas.to_vec(),
            turn,
            since: crosser.since(),
            proved: fix.observed,
            position: Some(fix.position),
            beyond_m: Some((beyond_m * 10.0).round() / 10.0),
            sd_m: Some(sd_m),
            gate: None,
            shift: shift.map(str::to_owned),
        })
    }

    /// Takes what a gate tells: that is proof alone. Nothing is told when it was known.
    pub fn gate(
        &mut self,
        subject: &str,
        gate: &str,
        turn: Turn,
        at: Observed,
        areas: &[String],
    ) -> Option<Crossing> {
        self.make_room();
        let key = (Confinement::Premises, subject.to_owned(), None);
        let crosser = self.subjects.entry(key).or_default();
        if crosser.turn() == turn {
            return None;
        }
        crosser.set(turn, at);
        Some(Crossing {
            subject: subject.to_owned(),
            confinement: Confinement::Premises,
            areas: areas.to_vec(),
            turn,
            since: at,
            proved: at,
            position: None,
            beyond_m: None,
            sd_m: None,
            gate: Some(gate.to_owned()),
            shift: None,
        })
    }

    /// Takes that a drone flies, within its hours or not. Told is when the one follows the other.
    pub fn hours(&mut self, fix: &Fix, allowed: bool) -> Option<Crossing> {
        self.make_room();
        let key = (Confinement::Hours, fix.subject.clone(), None);
        let crosser = self.subjects.entry(key).or_default();
        let turn = if allowed { Turn::In } else { Turn::Out };
        let known = crosser.turn() == turn;
        if known || crosser.last().is_some_and(|last| fix.observed <= last) {
            return None;
        }
        crosser.set(turn, fix.observed);
        Some(Crossing {
            subject: fix.subject.clone(),
            confinement: Confinement::Hours,
            areas: Vec::new(),
            turn,
            since: fix.observed,
            proved: fix.observed,
            position: Some(fix.position),
            beyond_m: None,
            sd_m: fix.sd_m,
            gate: None,
            shift: None,
        })
    }

    /// When somebody was heard of last.
    #[must_use]
    pub fn last(
        &self,
        confinement: Confinement,
        subject: &str,
        shift: Option<&str>,
    ) -> Option<Observed> {
        let key = (confinement, subject.to_owned(), shift.map(str::to_owned));
        self.subjects.get(&key).and_then(Crosser::last)
    }

    fn make_room(&mut self) {
        if self.subjects.len() < MOST_SUBJECTS {
            return;
        }
        let silent = self
            .subjects
            .iter()
            .min_by_key(|(_, crosser)| crosser.last());
        if let Some(key) = silent.map(|(key, _)| key.clone()) {
            self.subjects.remove(&key);
        }
    }
}

/// Metres from a place to the edge of the nearest of the areas, negative within one of them. `None`
/// when none of them stands.
pub(crate) fn beyond_areas_m(
    position: Position,
    areas: &[String],
    geometry: &Geometry<'_>,
) -> Option<f64> {
    let standing = geometry
        .areas
        .iter()
        .filter(|area| areas.contains(&area.id));
    let mut nearest: Option<f64> = None;
    for area in standing {
        let edge_m = geometry.edge_distance_m(position, area);
        let within = geometry
            .areas_around(position)
            .any(|a| std::ptr::eq(a, *area));
        let beyond_m = if within { -edge_m } else { edge_m };
        nearest = Some(nearest.map_or(beyond_m, |n: f64| n.min(beyond_m)));
    }
    nearest.filter(|n| n.is_finite())
}

/// The areas that procedures confine somebody to; `None` when they do not confine them.
#[must_use]
pub fn areas_of(
    procedures: &Procedures,
    confinement: Confinement,
    subject: &str,
) -> Option<Vec<String>> {
    match confinement {
        Confinement::Premises if procedures.mobility.may_leave_premises => None,
        Confinement::Premises => Some(vec![procedures.premises.clone()]),
        Confinement::Corridor => {
            let corridors = &procedures.drone_corridors;
            (!corridors.is_empty()).then(|| corridors.clone())
        }
        Confinement::Hours | Confinement::Route => None,
        Confinement::Sector => {
            let of = procedures.sectors.iter().filter(|s| s.patrol == subject);
            let areas: Vec<_> = of.map(|s| s.area.clone()).collect();
            (!areas.is_empty()).then_some(areas)
        }
    }
}
