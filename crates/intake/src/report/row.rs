//! What a report tells to one observation.

use jiff::tz::TimeZone;
use truceline_domain::{
    Bearing, Body, CountKind, Direction, NonNegative, Observation, ObservationId, PartyId,
    Phenomenon, Position, Report, SourceId, Weapon,
};

use super::bearing::{self, Distance};
use super::field::{Field, Fields};
use super::frame::Refusal;
use super::{when, words};
use crate::FaultKind;

/// Makes the observation. `source` is named when the report names no observer, `local` is the zone of
/// times that tell none of their own.
pub(super) fn observation(
    fields: &Fields,
    source: &SourceId,
    local: Option<&TimeZone>,
) -> Result<Observation, Refusal> {
    let source = match fields.get(Field::Observer) {
        Some(observer) => SourceId::new(observer)?,
        None => source.clone(),
    };
    let mut report = empty();
    // A local time whose zone nobody told is no instant: the report is kept without one.
    let (observed, undated) = match time(fields, local) {
        Ok(when) => {
            report.observed_until = when.until;
            (Some(when.observed), None)
        }
        Err(refusal) if refusal.kind == FaultKind::Undated => (None, Some(refusal.message)),
        Err(refusal) => return Err(refusal),
    };
    where_from(fields, &mut report)?;
    where_seen(fields, &mut report)?;
    what(fields, &mut report)?;
    report.attributed = match fields.get(Field::Attributed) {
        Some(party) if !party.eq_ignore_ascii_case("none") => Some(PartyId::new(party)?),
        _ => None,
    };
    let mut text = std::mem::take(&mut report.text);
    for field in [Field::Text, Field::Attachment] {
        if let Some(told) = fields.get(field) {
            append(
                &mut text,
                if field == Field::Text {
                    ""
                } else {
                    "attachment: "
                },
                told,
            );
        }
    }
    if let Some(undated) = &undated {
        append(&mut text, "", undated);
    }
    report.text = text;
    let id = match fields.get(Field::Id) {
        Some(id) => ObservationId::new(id)?,
        None => Observation::id_from_content(&source, &fields.identity())?,
    };
    Ok(Observation {
        id,
        source,
        observed,
        received: None,
        body: Body::Report(report),
    })
}

fn empty() -> Report {
    Report {
        bearing_deg: None,
        bearing_half_width_deg: None,
        distance_m: None,
        distance_min_m: None,
        distance_max_m: None,
        place: None,
        observer: None,
        observer_place: None,
        count: None,
        count_kind: CountKind::Exact,
        means: None,
        phenomenon: None,
        weapon: Weapon::Unknown,
        weapon_text: None,
        direction: Direction::Unknown,
        flight_from_deg: None,
        flight_to_deg: None,
        attributed: None,
        observed_until: None,
        text: String::new(),
        attachments: Vec::new(),
    }
}

/// Adds to the observers' words what has no field of its own.
fn append(text: &mut String, label: &str, told: &str) {
    if !text.is_empty() {
        text.push_str("; ");
    }
    text.push_str(label);
    text.push_str(told);
}

fn time(fields: &Fields, local: Option<&TimeZone>) -> Result<when::When, Refusal> {
    let own = fields.get(Field::Zone).map(when::zone).transpose()?;
    let zone = own.as_ref().or(local);
    let joined;
    let text = match (
        fields.get(Field::When),
        fields.get(Field::Date),
        fields.get(Field::Time),
    ) {
        (Some(when), ..) => when,
        (None, Some(date), Some(time)) => {
            joined = format!("{date} {time}");
            &joined
        }
        (None, Some(date), None) => date,
        (None, None, _) => fields
            .get(Field::FormStart)
            .ok_or_else(|| Refusal::malformed("no time; expected a column «Date, time»"))?,
    };
    let mut when = when::when(text, zone)?;
    if let Some(until) = fields.get(Field::Until) {
        let until = when::when(until, zone)?;
        let until = until.until.unwrap_or(until.observed);
        if until < when.observed {
            return Err(Refusal::absurd(format!(
                "until: {until} is before {}",
                when.observed
            )));
        }
        when.until = Some(until);
    }
    Ok(when)
}

/// Where the observers stood.
fn where_from(fields: &Fields, report: &mut Report) -> Result<(), Refusal> {
    report.observer = pair(fields, Field::ObserverLatitude, Field::ObserverLongitude)?;
    if let Some(place) = fields.get(Field::ObserverPlace) {
        match bearing::point(place) {
            Some(point) if report.observer.is_none() => report.observer = Some(point?),
            _ => report.observer_place = Some(place.to_owned()),
        }
    }
    Ok(())
}

fn pair(fields: &Fields, lat: Field, lon: Field) -> Result<Option<Position>, Refusal> {
    match (number(fields, lat)?, number(fields, lon)?) {
        (Some(lat_deg), Some(lon_deg)) => Ok(Some(Position::new(lat_deg, lon_deg)?)),
        (None, None) => Ok(None),
        _ => Err(Refusal::malformed(format!(
            "{} or {} is missing",
            lat.name(),
            lon.name()
        ))),
    }
}

fn number(fields: &Fields, field: Field) -> Result<Option<f64>, Refusal> {
    let Some(text) = fields.get(field) else {
        return Ok(None);
    };
    let seen = || text.chars().take(40).collect::<String>();
    let digits = text.trim_end_matches(['°', ' ']);
    let value = digits.parse().map(Some);
    value.map_err(|_| Refusal::malformed(format!("{}: {:?} is no number", field.name(), seen())))
}

/// Where the event was: a place, or a direction and a distance from the observers.
fn where_seen(fields: &Fields, report: &mut Report) -> Result<(), Refusal> {
    report.place = pair(fields, Field::Latitude, Field::Longitude)?;
    let mut seen = bearing::Seen::default();
    for field in [Field::EventLocation, Field::DistanceText, Field::Bearings] {
        let Some(text) = fields.get(field) else {
            continue;
        };
        if let Some(told) = bearing::seen(text) {
            seen.distance = seen.distance.or(told.distance);
            seen.sector = seen.sector.or(told.sector);
        } else if let Some(point) = bearing::point(text) {
            report.place = report.place.or(Some(point?));
        } else {
            append(&mut report.text, &format!("{}: ", field.name()), text);
        }
    }
    match fields.get(Field::Bearing).map(bearing::winds) {
        Some(Some(sector)) => seen.sector = Some(sector),
        Some(None) => {
            let deg = number(fields, Field::Bearing)?
                .map(Bearing::new)
                .transpose()?;
            report.bearing_deg = deg;
            seen.sector = None;
        }
        None => {}
    }
    if let Some(sector) = seen.sector {
        let (bearing, half_width) = bearing::bearing(sector)?;
        report.bearing_deg = Some(bearing);
        report.bearing_half_width_deg = Some(half_width);
    }
    let near = number(fields, Field::DistanceKmMin)?;
    let far = number(fields, Field::DistanceKmMax)?;
    if let Some(near) = near.or(far) {
        seen.distance = Some(Distance::from_km(near, far.unwrap_or(near)));
    }
    if let Some(distance) = seen.distance {
        report.distance_m = Some(distance.middle()?);
        if let Some([near, far]) = distance.ends()? {
            report.distance_min_m = Some(near);
            report.distance_max_m = Some(far);
        }
    }
    if let Some(distance_m) = number(fields, Field::DistanceM)? {
        report.distance_m = Some(NonNegative::new(distance_m)?);
    }
    Ok(())
}

/// What was perceived, how, how often and with what.
fn what(fields: &Fields, report: &mut Report) -> Result<(), Refusal> {
    if let Some(text) = fields.get(Field::Count) {
        (report.count, report.count_kind) = words::count(text)?;
    }
    if let Some(kind) = fields.get(Field::CountKind).and_then(words::count_kind) {
        report.count_kind = kind;
    }
    report.means = noted(fields, Field::Means, report, words::means);
    report.phenomenon = fields.get(Field::Phenomenon).map(words::phenomenon);
    if report.phenomenon == Some(Phenomenon::Other) {
        append(
            &mut report.text,
            "observation: ",
            fields.get(Field::Phenomenon).unwrap_or_default(),
        );
    }
    if let Some(text) = fields.get(Field::Weapon) {
        report.weapon = words::weapon(text);
        report.weapon_text = Some(text.to_owned());
    }
    for field in [
        Field::Phenomenon,
        Field::Description,
        Field::Direction,
        Field::Flight,
    ] {
        let Some(text) = fields.get(field) else {
            continue;
        };
        let known = told_of_flight(text, report);
        if !known && field != Field::Phenomenon {
            append(&mut report.text, &format!("{}: ", field.name()), text);
        }
    }
    Ok(())
}

/// A word of a vocabulary; one that is not in it goes into the text.
fn noted<T>(
    fields: &Fields,
    field: Field,
    report: &mut Report,
    read: fn(&str) -> Option<T>,
) -> Option<T> {
    let text = fields.get(field)?;
    let word = read(text);
    if word.is_none() {
        append(&mut report.text, &format!("{}: ", field.name()), text);
    }
    word
}

/// Reads «outgoing», «impact», «from W to E». Whether all of the text is understood.
fn told_of_flight(text: &str, report: &mut Report) -> bool {
    if let Some((from_deg, to_deg)) = bearing::flight(text) {
        report.flight_from_deg = Bearing::new(from_deg).ok();
        report.flight_to_deg = Bearing::new(to_deg).ok();
        return true;
    }
    match words::direction(text) {
        Some(direction) => {
            if direction != Direction::Unknown {
                report.direction = direction;
            }
            // «incoming, W to E» has more in it than the word.
            !text.contains([',', ';', '(', ' '])
        }
        None => false,
    }
}
