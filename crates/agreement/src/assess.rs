//! An event held against the clauses in force at its time.

use std::sync::{Arc, LazyLock};

use cel::{Context, Env};
use serde::Serialize;
use truceline_domain::{
    Assessment, Event, Holding, Observed, PartyId, Position, Probability, Verdict,
};

use crate::document::{Agreement, Clause, Documents};
use crate::theatre::Geometry;

/// Distance that expressions see when there is no line of contact, metres.
pub const NO_LINE_M: f64 = 1e9;

/// Operators and `size()`; built once, for it is larger than all else that an assessment needs.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What expressions see of an event; field by field specified in `docs/documents.md`.
#[derive(Serialize)]
struct EventFields<'a> {
    kind: &'a str,
    class: &'a str,
    time: String,
    lat: f64,
    lon: f64,
    sd_m: f64,
    areas: Vec<&'a str>,
    sure_areas: Vec<&'a str>,
    holder: &'a str,
    line_m: f64,
    announced: bool,
}

#[derive(Serialize)]
struct ImpactFields<'a> {
    known: bool,
    lat: f64,
    lon: f64,
    areas: Vec<&'a str>,
    holder: &'a str,
    line_m: f64,
}

/// One standard deviation along the longer axis, metres.
fn sd_m(event: &Event) -> f64 {
    // The ellipse that holds 1 − e^(−1/2) of a two-dimensional Gaussian has axes of one deviation.
    let share = Probability::new(1.0 - (-0.5_f64).exp());
    share.map_or(0.0, |p| event.cov_m2.ellipse(p).0)
}

fn area_ids<'a>(geometry: &Geometry<'a>, place: Position) -> Vec<&'a str> {
    let mut ids: Vec<_> = geometry
        .areas_around(place)
        .map(|a| a.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The areas that surely hold an event: twice the deviation of its place and of the drawn edge
/// together lies between it and the edge.
fn sure_area_ids<'a>(geometry: &Geometry<'a>, event: &Event) -> Vec<&'a str> {
    let sd_m = sd_m(event);
    let mut ids: Vec<_> = geometry
        .areas_around(event.position)
        .filter(|area| {
            let edge_m = geometry.edge_distance_m(event.position, area);
            edge_m >= 2.0 * sd_m.hypot(area.accuracy_m)
        })
        .map(|a| a.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// An event with what expressions ask of it.
struct Facts<'e> {
    event: &'e Event,
    context: Context<'static, 'static>,
}

impl<'e> Facts<'e> {
    fn new(event: &'e Event, geometry: &Geometry<'_>, announced: bool) -> Result<Self, String> {
        let holder = |place| geometry.holder(place).map_or("", PartyId::as_str);
        let line_m = |place| geometry.line_distance_m(place).unwrap_or(NO_LINE_M);
        let place = event.position;
        let event_fields = EventFields {
            kind: event.kind.as_str(),
            class: event.kind.class().as_str(),
            time: event.time.to_string(),
            lat: place.lat_deg(),
            lon: place.lon_deg(),
            sd_m: sd_m(event),
            areas: area_ids(geometry, place),
            sure_areas: sure_area_ids(geometry, event),
            holder: holder(place),
            line_m: line_m(place),
            announced,
        };
        let impact = event.impact.as_ref().map(|i| i.position);
        let impact_fields = ImpactFields {
            known: impact.is_some(),
            lat: impact.map_or(0.0, Position::lat_deg),
            lon: impact.map_or(0.0, Position::lon_deg),
            areas: impact.map_or(vec![], |p| area_ids(geometry, p)),
            holder: impact.map_or("", holder),
            line_m: impact.map_or(NO_LINE_M, line_m),
        };
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        let failed = |e: cel::SerializationError| e.to_string();
        context
            .add_variable("event", event_fields)
            .map_err(failed)?;
        context
            .add_variable("impact", impact_fields)
            .map_err(failed)?;
        let p_none = event.attribution.p.none().get();
        context.add_variable_from_value("p_none", p_none);
        Ok(Self { event, context })
    }

    /// The same facts, asked about one party.
    fn about(&self, party: &PartyId) -> Context<'_, 'static> {
        let mut context = self.context.new_inner_scope();
        let p = self.event.attribution.p.of(party).get();
        context.add_variable_from_value("party", party.as_str().to_owned());
        context.add_variable_from_value("p_party", p);
        context
    }
}

impl Documents {
    /// Holds an event against every clause in force at its time, in order of documents and clauses.
    /// `announced`: an agreed notice covers it.
    #[must_use]
    pub fn assess(
        &self,
        event: &Event,
        geometry: &Geometry<'_>,
        announced: bool,
    ) -> Vec<Assessment> {
        self.agreements_at(event.time)
            .into_iter()
            .flat_map(|agreement| agreement.assess(event, geometry, announced))
            .collect()
    }
}

impl Agreement {
    /// The clauses that an event at an instant can violate.
    pub fn clauses_at(&self, at: Observed) -> impl Iterator<Item = &Clause> {
        self.clauses
            .iter()
            .filter(move |c| c.violated_if.is_some() && self.binds(c, at))
    }

    /// Holds an event against the clauses in force at its time, in their order. `announced`: an
    /// agreed notice covers it. Give the geometry of the event's time.
    ///
    /// A party is named only where the event's verdict names it and the clause binds it. What holds
    /// for the event without such a name is undetermined.
    #[must_use]
    pub fn assess(
        &self,
        event: &Event,
        geometry: &Geometry<'_>,
        announced: bool,
    ) -> Vec<Assessment> {
        let mut clauses = self.clauses_at(event.time).peekable();
        if clauses.peek().is_none() {
            return Vec::new();
        }
        let facts = Facts::new(event, geometry, announced);
        clauses
            .map(|clause| {
                let answer = facts
                    .as_ref()
                    .map_err(Clone::clone)
                    .and_then(|facts| answer(clause, facts))
                    // Not reached by a checked clause; told rather than guessed if it is.
                    .unwrap_or_else(|e| {
                        let why = format!("the clause could not be evaluated: {e}");
                        (Holding::Undetermined, None, why)
                    });
                let (holding, party, reason) = answer;
                Assessment {
                    clause: clause.id.clone(),
                    agreement: self.sha256,
                    party,
                    holding,
                    reason,
                }
            })
            .collect()
    }
}

type Answer = (Holding, Option<PartyId>, String);

fn answer(clause: &Clause, facts: &Facts<'_>) -> Result<Answer, String> {
    let event = facts.event;
    let Some(violated_if) = &clause.violated_if else {
        return Ok((
            Holding::NotApplicable,
            None,
            "it sets no rule for events".into(),
        ));
    };
    // For whom among those bound the event would be a violation, and of whom the clause speaks.
    let mut violators = Vec::new();
    let mut applies = false;
    for party in &clause.bound {
        let context = facts.about(party);
        if violated_if.holds(&context)? {
            violators.push(party);
        }
        if let Some(applies_if) = &clause.applies_if {
            applies |= applies_if.holds(&context)?;
        }
    }
    let what = format!("{} at {}", event.kind, event.time);
    let p = |party: &PartyId| event.attribution.p.of(party).get();
    if violators.is_empty() {
        let reason = format!("{what}: `{violated_if}` does not hold");
        let holding = if applies {
            Holding::Complies
        } else {
            Holding::NotApplicable
        };
        return Ok((holding, None, reason));
    }
    Ok(match &event.attribution.verdict {
        Verdict::Party(party) if violators.contains(&party) => {
            let reason = format!(
                "{what}: `{violated_if}` holds for {party}, named with probability {:.3}",
                p(party)
            );
            (Holding::Violates, Some(party.clone()), reason)
        }
        Verdict::Party(party) if clause.bound.contains(party) => {
            let reason = format!("{what}: `{violated_if}` does not hold for {party}");
            let holding = if applies {
                Holding::Complies
            } else {
                Holding::NotApplicable
            };
            (holding, Some(party.clone()), reason)
        }
        Verdict::Party(party) => {
            let reason = format!("{what}: {party} is named, whom this clause does not bind");
            (Holding::NotApplicable, None, reason)
        }
        Verdict::None => {
            let none = event.attribution.p.none().get();
            let reason = format!("{what}: nobody violated anything, with probability {none:.3}");
            (Holding::Complies, None, reason)
        }
        Verdict::Undetermined => {
            let chances: Vec<_> = violators
                .iter()
                .map(|party| format!("{party} {:.3}", p(party)))
                .collect();
            let reason = format!(
                "{what}: `{violated_if}` holds, but no party can be named ({})",
                chances.join(", ")
            );
            (Holding::Undetermined, None, reason)
        }
    })
}
