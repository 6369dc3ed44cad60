//! The ground mission's shifts over HTTP: what was seen of each, and the signed statements that plan them.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use truceline_domain::Observed;
use truceline_mandate::shifts::{Standing, Statement};
use truceline_record::deed::SHIFT;

use super::access::Who;
use super::app::{App, Problem};
use super::deeds::{Coming, ask};
use super::mandate::Recorded;
use super::paging::{Page, Paging, tagged, tagged_bytes};
use crate::clock;
use crate::live::Change;

/// The routes under `/api/ground`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/ground", get(list))
        .route("/api/ground/map", get(map))
        .route("/api/ground/shifts", post(state))
        .route("/api/ground/shifts/options", post(options))
}

/// Which shifts, and when they are looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    /// RFC 3339; now when left out.
    at: Option<Observed>,
    /// Those that end after it.
    from: Option<Observed>,
    /// Those that begin before it.
    until: Option<Observed>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Which {
    fn instant(&self) -> Observed {
        let now = || Observed::from(clock::recorded().timestamp());
        self.at.unwrap_or_else(now)
    }
}

/// A part of the list, and the instant at which it stands so.
#[derive(Debug, Serialize)]
struct Shifts {
    at: Observed,
    #[serde(flatten)]
    page: Page<Standing>,
}

async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let paging = Paging::read(which.limit, which.cursor.as_deref())?;
    let (at, span) = (which.instant(), (which.from, which.until));
    let all = app.with(move |centre| centre.shifts(at, span)).await?;
    let page = paging.page(all.into_iter());
    Ok(tagged(&headers, &Shifts { at, page }))
}

async fn map(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let (at, span) = (which.instant(), (which.from, which.until));
    let map = app.with(move |centre| centre.shifts_map(at, span)).await?;
    let bytes = map.to_string().into_bytes();
    Ok(tagged_bytes(&headers, "application/geo+json", bytes))
}

/// The text of a statement that will be signed, and what one's passkey is asked. A shift of both states takes two
/// signatures: the second one goes over the same statement, signed elsewhere.
async fn options(
    State(app): State<App>,
    who: Who,
    Json(statement): Json<Statement>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(ask(&app, &who, SHIFT, &statement)?))
}

/// Takes a statement about a shift: signed where the keys are, or the answer to what was asked before.
async fn state(
    State(app): State<App>,
    who: Who,
    Json(coming): Json<Coming>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    let deed = coming.deed(&app, &who, SHIFT).await?;
    let shift = deed.statement.get("shift").and_then(Value::as_str);
    let shift = shift.unwrap_or_default().to_owned();
    let hub = app.hub().clone();
    let entry = app
        .with(move |centre| centre.take_deed(SHIFT, &deed))
        .await?;
    hub.tell(Change::Shift { shift, entry });
    Ok((StatusCode::CREATED, Json(Recorded { entry })))
}
