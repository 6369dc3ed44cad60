//! Contacts with the parties and what they announce, while the centre is at work.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_domain::{FeedId, Observed, SourceId};
use truceline_intake::Format;

use super::access::Who;
use super::app::{App, Problem, blocking};
use super::mandate::Recorded;
use super::paging::{Paging, tagged};
use crate::centre::{Announcement, Channel, ContactBody};
use crate::intake::{Input, take_in};
use crate::live::Change;
use crate::{CentreError, clock};

/// The feed that announcements come by.
const NOTICES: &str = "notices";

/// The routes under `/api/liaison` and `/api/notices`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/liaison", get(list).post(write))
        .route("/api/notices", post(announce))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// The newest first.
async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let paging = Paging::read(which.limit, which.cursor.as_deref())?;
    let page = app.with(move |centre| Ok(paging.page(centre.contacts().iter().rev().cloned())));
    Ok(tagged(&headers, &page.await?))
}

/// A contact as it comes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    at: Observed,
    with: String,
    person: String,
    means: Channel,
    /// Told by this machine's commands alone: of a person it is known.
    by: Option<String>,
    text: String,
}

async fn write(
    State(app): State<App>,
    who: Who,
    Json(new): Json<New>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    let by = match (who.person(), new.by) {
        (Some(person), None) => person.person.clone(),
        (None, Some(by)) => by,
        (Some(_), Some(_)) => {
            let why = "by: whoever is logged in has written it; leave it out";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
        }
        (None, None) => {
            let why = "by: expected who of the centre writes it down";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
        }
    };
    let body = ContactBody {
        at: new.at,
        with: new.with,
        person: new.person,
        means: new.means,
        by,
        text: new.text,
    };
    let hub = app.hub().clone();
    let contact = app.with(move |centre| centre.log_contact(&body)).await?;
    let entry = contact.entry;
    hub.tell(Change::Liaison(Box::new(contact)));
    Ok((StatusCode::CREATED, Json(Recorded { entry })))
}

/// Takes what is announced into the record, as an observation of whoever enters it.
async fn announce(
    State(app): State<App>,
    who: Who,
    Json(announcement): Json<Announcement>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let by = who.person().map_or(NOTICES, |person| &person.person);
    let refused = |e: truceline_domain::Refused| CentreError::Refused(e.to_string());
    let source = SourceId::new(by).map_err(refused)?;
    let feed = FeedId::new(NOTICES).map_err(refused)?;
    let party = announcement.party.clone();
    let place = app.with(move |centre| {
        if let Some(party) = &party {
            centre.is_known(party.as_str())?;
        }
        Ok(centre.place())
    });
    let place = place.await?;
    let at = Observed::from(clock::recorded().timestamp());
    let observation = announcement.observation(source.clone(), at)?;
    let id = observation.id.clone();
    let taken = blocking(move || {
        let line = serde_json::to_vec(&observation);
        let line = line.map_err(|e| CentreError::Refused(e.to_string()))?;
        let input = Input {
            name: "an announcement",
            reader: &mut line.as_slice(),
            feed,
            source,
            format: Some(Format::Sensor),
            attached: Vec::new(),
        };
        take_in(place, input, &mut |_| {})
    });
    let taken = taken.await?;
    if taken.observations == 0 {
        let why = taken.faults.join("; ");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    Ok((StatusCode::CREATED, Json(json!({"observation": id}))))
}
