//! What a plan must be before it counts.

use truceline_agreement::Documents;
use truceline_agreement::when::Offset;
use truceline_domain::PartyId;

use super::{Plan, Planned, Route, RouteKind, Unit};
use crate::{Refusal, Signer, signed_by};

/// The longest shift, seconds: a week.
const LONGEST_S: f64 = 7.0 * 86_400.0;
/// Most members of a shift.
const MOST_MEMBERS: u32 = 1_000;
/// Most points of a route.
const MOST_POINTS: usize = 500;
/// What a tolerance may be, metres: a road with its sides, to a valley.
const TOLERANCE_M: std::ops::RangeInclusive<f64> = 20.0..=10_000.0;
/// Longest name, bytes.
const MOST_NAME: usize = 128;
/// Longest text, bytes.
const MOST_TEXT: usize = 1_024;

/// Its states are sending states, and an officer of one of them at least signed.
pub(super) fn signed(plan: &Plan, signers: &[Signer], sending: &[PartyId]) -> Result<(), Refusal> {
    let names = |states: &[PartyId]| {
        let names: Vec<_> = states.iter().map(PartyId::as_str).collect();
        names.join(", ")
    };
    let mut states = plan.states.clone();
    states.sort();
    states.dedup();
    let known = states.iter().all(|state| sending.contains(state));
    if states.is_empty() || states.len() != plan.states.len() || !known {
        let what = format!("a shift of the states [{}]", names(&plan.states));
        let expected = format!("one or both of {}, each once", names(sending));
        return Err(Refusal::new(what, expected));
    }
    if states.iter().any(|state| signed_by(signers, state)) {
        return Ok(());
    }
    let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
    let what = format!("signed by {}", who.join(", "));
    let expected = format!("an officer of a state whose members go: {}", names(&states));
    Err(Refusal::new(what, expected))
}

/// Names, numbers and times are such as can be.
pub(super) fn form(plan: &Plan) -> Result<(), Refusal> {
    name("shift", &plan.shift)?;
    name("unit", plan.unit.name())?;
    if let Some(text) = &plan.text {
        words("text", text, 0)?;
    }
    if !(1..=MOST_MEMBERS).contains(&plan.members) {
        let what = format!("{} members", plan.members);
        return Err(Refusal::new(what, format!("1 to {MOST_MEMBERS}")));
    }
    if Offset::parse(&plan.timezone).is_none() {
        let what = format!("timezone {:?}", plan.timezone);
        return Err(Refusal::new(what, "an offset: Z, +hh:mm or -hh:mm"));
    }
    let length_s = plan.until.seconds_since(plan.from);
    if length_s <= 0.0 || length_s > LONGEST_S {
        let what = format!("a shift from {} until {}", plan.from, plan.until);
        return Err(Refusal::new(
            what,
            "an end after the beginning, at most a week later",
        ));
    }
    plan.route.as_ref().map_or(Ok(()), route)
}

fn route(route: &Route) -> Result<(), Refusal> {
    let least = match route.kind {
        RouteKind::Line => 2,
        RouteKind::Waypoints => 1,
    };
    if !(least..=MOST_POINTS).contains(&route.points.len()) {
        let what = format!("a route of {} points", route.points.len());
        return Err(Refusal::new(what, format!("{least} to {MOST_POINTS}")));
    }
    if route.places().len() != route.points.len() {
        let what = "a point of a route that is no place";
        return Err(Refusal::new(what, "longitude, then latitude, in degrees"));
    }
    if !TOLERANCE_M.contains(&route.tolerance_m) {
        let what = format!("a tolerance of {} m", route.tolerance_m);
        let (least, most) = (TOLERANCE_M.start(), TOLERANCE_M.end());
        return Err(Refusal::new(what, format!("{least} to {most} m")));
    }
    Ok(())
}

/// Post and sector stand on the map through all of the shift; a patrol has a way or a sector to keep to.
pub(super) fn ground(plan: &Plan, documents: &Documents) -> Result<(), Refusal> {
    let Some(theatre) = &documents.theatre else {
        return Err(Refusal::new(
            "a shift where there is no map",
            "a theatre's map",
        ));
    };
    // The end of a shift is the first instant after it.
    let ends = [plan.from, plan.until.plus_seconds(-1e-6)].map(|at| theatre.at(at));
    if let Unit::Post(post) = &plan.unit {
        if plan.sector.is_some() || plan.route.is_some() {
            let what = "a post with a sector or a route";
            return Err(Refusal::new(
                what,
                "neither: a post stays where the map has it",
            ));
        }
        if let Some(end) = ends.iter().find(|map| map.post(post).is_none()) {
            let known: Vec<_> = end.posts.iter().map(|p| p.id.as_str()).collect();
            let what = format!("the post {post:?}, which does not stand at {}", end.at);
            return Err(Refusal::new(what, format!("one of {}", known.join(", "))));
        }
    } else if plan.sector.is_none() && plan.route.is_none() {
        let what = format!("{} without a sector or a route", plan.unit);
        return Err(Refusal::new(what, "at least one of them"));
    }
    let Some(sector) = &plan.sector else {
        return Ok(());
    };
    if let Some(end) = ends.iter().find(|map| map.area(sector).is_none()) {
        let known: Vec<_> = end.areas.iter().map(|a| a.id.as_str()).collect();
        let what = format!("the sector {sector:?}, which does not stand at {}", end.at);
        return Err(Refusal::new(what, format!("one of {}", known.join(", "))));
    }
    Ok(())
}

/// The latest version, by an officer of one of its states, once.
pub(super) fn cancels(latest: &Planned, version: u32, signers: &[Signer]) -> Result<(), Refusal> {
    let plan = &latest.plan;
    if version != plan.version {
        let what = format!("a cancellation of version {version} of {}", plan.shift);
        return Err(Refusal::new(what, format!("the latest, {}", plan.version)));
    }
    if latest.cancelled.is_some() {
        let what = format!("{} is cancelled already", plan.shift);
        return Err(Refusal::new(what, "a shift that is to take place"));
    }
    if plan.states.iter().any(|state| signed_by(signers, state)) {
        return Ok(());
    }
    let states: Vec<_> = plan.states.iter().map(PartyId::as_str).collect();
    let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
    let what = format!("signed by {}", who.join(", "));
    Err(Refusal::new(
        what,
        format!("an officer of {}", states.join(" or ")),
    ))
}

fn name(what: &str, text: &str) -> Result<(), Refusal> {
    let fits = !text.is_empty() && text.len() <= MOST_NAME && text.trim() == text;
    if fits && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let told = format!("{what} {:?}", text.chars().take(40).collect::<String>());
    let expected = format!("1 to {MOST_NAME} bytes without control characters or outer spaces");
    Err(Refusal::new(told, expected))
}

/// One line of text.
pub(super) fn words(what: &str, text: &str, least: usize) -> Result<(), Refusal> {
    let fits = (least..=MOST_TEXT).contains(&text.trim().len()) && text.len() <= MOST_TEXT;
    if fits && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let told = format!("{what}: {} bytes", text.len());
    let expected = format!("one line of {least} to {MOST_TEXT} bytes");
    Err(Refusal::new(told, expected))
}
