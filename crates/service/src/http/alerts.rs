//! Alerts: the queue, taking note by name, and each as a CAP message for other alarm systems.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::access::Who;
use super::app::{App, Problem};
use super::front::Base;
use super::paging::{Paging, tagged, tagged_bytes};
use crate::clock;
use crate::watch::Alert;
use crate::watch::cap::{self, Teller};

/// So many alerts are in the feed of CAP messages.
const IN_FEED: usize = 200;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/alerts", get(alerts))
        .route("/api/alerts.cap", get(feed))
        .route("/api/alerts/{id}/cap", get(message))
        .route("/api/alerts/{id}/acknowledgement", post(acknowledge))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    open: Option<bool>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn alerts(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let paging = Paging::read(which.limit, which.cursor.as_deref())?;
    let page = app.with(move |centre| {
        let all = centre.alerts().newest_first();
        let asked = all.filter(|alert| which.open.is_none_or(|open| alert.is_open() == open));
        Ok(paging.page(asked.cloned()))
    });
    Ok(tagged(&headers, &page.await?))
}

async fn acknowledge(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Json<Alert>, Problem> {
    let person = who.as_person()?.person.clone();
    let none = Problem::not_found(format!("there is no alert {id:?}"));
    let done = app.with(move |centre| {
        if centre.alerts().get(&id).is_none() {
            return Ok(None);
        }
        centre.acknowledge(&id, &person).map(Some)
    });
    done.await?.map(Json).ok_or(none)
}

/// Who tells the messages.
fn teller(app: &App, below: &Base, headers: &HeaderMap) -> Teller {
    let directory = app.directory();
    let theatre = directory.theatre.as_ref();
    Teller {
        origin: directory.origin.clone(),
        theatre: theatre.map(ToString::to_string).unwrap_or_default(),
        exercise: directory
            .people
            .persons()
            .any(|person| person.body.exercise),
        url: below.url(app, headers),
    }
}

/// The newest alerts as an Atom feed of CAP messages.
async fn feed(
    State(app): State<App>,
    below: Base,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let teller = teller(&app, &below, &headers);
    let feed = app.with(move |centre| {
        let alerts = centre.alerts().newest_first().take(IN_FEED);
        Ok(cap::feed(alerts, &teller, clock::recorded()))
    });
    Ok(tagged_bytes(&headers, cap::ATOM, feed.await?.into_bytes()))
}

/// An alert's latest CAP message.
async fn message(
    State(app): State<App>,
    below: Base,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let teller = teller(&app, &below, &headers);
    let none = Problem::not_found(format!("there is no alert {id:?}"));
    let message = app.with(move |centre| {
        let alert = centre.alerts().get(&id);
        Ok(alert.map(|alert| cap::message(alert, &teller)))
    });
    let message = message.await?.ok_or(none)?;
    Ok(tagged_bytes(&headers, cap::CAP, message.into_bytes()))
}
