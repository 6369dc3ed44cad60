//! The table of observations in the form of the OSCE's mission to Ukraine: one row a located event of
//! a finding, one a report of people, as they gave it.

use std::collections::{BTreeMap, BTreeSet};

use truceline_agreement::Theatre;
use truceline_domain::{
    Body, CountKind, Direction, Event, EventKind, Finding, Observation, ObservationId, Phenomenon,
    Report, Weapon,
};

use crate::model::{Location, Observer, Row, Seen, Wind};
use crate::places::locate;

/// The row of a finding; `kinds` tells what an observation was.
pub(crate) fn of_finding(
    theatre: &Theatre,
    finding: &Finding,
    kinds: &BTreeMap<&ObservationId, &Body>,
) -> Row {
    let event = &finding.event;
    let means: BTreeSet<Seen> = event
        .evidence
        .iter()
        .filter_map(|id| seen(kinds.get(id)?))
        .collect();
    let impact = event.impact.is_some();
    Row {
        observer: Observer::Centre(finding.id.clone()),
        location: locate(theatre, event.position, event.time),
        means: means.into_iter().collect(),
        number: Some(1),
        number_kind: CountKind::Exact,
        observation: perceived(event.kind),
        kind: Some(event.kind),
        direction: if impact {
            Direction::Outgoing
        } else {
            Direction::Unknown
        },
        flight: flight(event),
        weapon: weapon(event.kind),
        weapon_text: None,
        time: event.time,
        until: None,
    }
}

/// From the gun to where its round came down.
fn flight(event: &Event) -> Option<[Wind; 2]> {
    use geo::{Bearing as _, Geodesic, Point};
    let impact = event.impact.as_ref()?.position;
    let point = |p: truceline_domain::Position| Point::new(p.lon_deg(), p.lat_deg());
    let to_deg = Geodesic.bearing(point(event.position), point(impact));
    Some([Wind::of(to_deg + 180.0), Wind::of(to_deg)])
}

/// The row of a report, as the observers gave it. `None` without a time, and of one that says only that its post was
/// manned.
pub(crate) fn of_report(
    theatre: &Theatre,
    observation: &Observation,
    report: &Report,
) -> Option<Row> {
    let time = observation.observed.filter(|_| !report.is_of_a_shift())?;
    let wind = report.bearing_deg.map(|b| Wind::of(b.deg()));
    let km = |m: f64| (m / 100.0).round() / 10.0;
    let near = report.distance_min_m.or(report.distance_m);
    let far = report.distance_max_m.or(report.distance_m);
    let range = near.zip(far).map(|(a, b)| [km(a.get()), km(b.get())]);
    let location = match report.place {
        Some(place) => locate(theatre, place, time),
        None if range.is_some() || wind.is_some() => Location::Seen { km: range, wind },
        None => Location::Unknown,
    };
    let flight = report.flight_from_deg.zip(report.flight_to_deg);
    Some(Row {
        observer: Observer::Post {
            source: observation.source.clone(),
            place: report.observer_place.clone(),
            observation: observation.id.clone(),
        },
        location,
        means: report.means.map(Seen::from).into_iter().collect(),
        number: report.count,
        number_kind: report.count_kind,
        observation: report.phenomenon,
        kind: None,
        direction: report.direction,
        flight: flight.map(|(from, to)| [Wind::of(from.deg()), Wind::of(to.deg())]),
        weapon: report.weapon,
        weapon_text: report.weapon_text.clone(),
        time,
        until: report.observed_until,
    })
}

fn seen(body: &Body) -> Option<Seen> {
    match body {
        Body::Acoustic(_) => Some(Seen::Acoustic),
        Body::Flash(_) => Some(Seen::Flash),
        Body::Seismic(_) => Some(Seen::Seismic),
        Body::Thermal(_) => Some(Seen::Satellite),
        Body::Video(_) => Some(Seen::Uav),
        Body::Report(report) => report.means.map(Seen::from),
        _ => None,
    }
}

/// What people would have perceived.
fn perceived(kind: EventKind) -> Option<Phenomenon> {
    match kind {
        EventKind::SmallArms | EventKind::Hmg => Some(Phenomenon::Burst),
        EventKind::Mortar
        | EventKind::Artillery
        | EventKind::Mlrs
        | EventKind::DroneStrike
        | EventKind::Demolition
        | EventKind::BlastQuarry => Some(Phenomenon::Explosion),
        EventKind::Unknown => None,
        _ => Some(Phenomenon::Other),
    }
}

fn weapon(kind: EventKind) -> Weapon {
    match kind {
        EventKind::SmallArms => Weapon::SmallArms,
        EventKind::Hmg => Weapon::Hmg,
        EventKind::Mortar => Weapon::Mortar,
        EventKind::Artillery => Weapon::Artillery,
        EventKind::Mlrs => Weapon::Mlrs,
        EventKind::DroneStrike => Weapon::Drone,
        _ => Weapon::Unknown,
    }
}
