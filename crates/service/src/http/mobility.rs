//! Members' mobility over HTTP: what telephones and gates tell, and who left.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use truceline_domain::{Observed, Sha256};
use truceline_mandate::mobility::crossing::Turn;
use truceline_mandate::mobility::owntracks::{self, Message};

use super::app::{App, Problem};
use crate::centre::CrossingRow;
use crate::clock;
use crate::live::Change;

/// The routes under `/api/mobility`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/mobility", get(list))
        .route("/api/mobility/owntracks", post(owntracks_post))
        .route("/api/mobility/gates", post(gate_post))
}

/// Who is out, and every crossing. Nobody's whereabouts are in it but where a departure was proved.
#[derive(Debug, Serialize)]
struct Mobility {
    out: Vec<CrossingRow>,
    crossings: Vec<CrossingRow>,
}

async fn list(State(app): State<App>) -> Result<Json<Mobility>, Problem> {
    let now = Observed::from(clock::recorded().timestamp());
    let mobility = app.with(move |centre| {
        let crossings = centre.deeds().crossings().to_vec();
        Ok(Mobility {
            out: centre.deeds().out(now),
            crossings,
        })
    });
    Ok(Json(mobility.await?))
}

/// Takes a message of OwnTracks' HTTP mode. The telephone shows its member's token, as the password of
/// Basic authentication (the user is the member) or as a bearer.
async fn owntracks_post(
    State(app): State<App>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Json<Value>, Problem> {
    let received = clock::received();
    let shown = shown(&headers).ok_or_else(|| who("a telephone"))?;
    let message = owntracks::read(&body)
        .map_err(|e| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, e.to_string()))?;
    let hub = app.hub().clone();
    let crossings = app
        .with(move |centre| {
            let of_token = |m: &&crate::config::MemberConfig| {
                m.token_file
                    .as_ref()
                    .is_some_and(|file| token(centre.dir(), file) == Some(shown))
            };
            let Some(member) = centre.config().members.iter().find(of_token).cloned() else {
                return Ok(None);
            };
            match message {
                Message::Other => Ok(Some(Vec::new())),
                Message::Location(fix) => centre.whereabouts(&member.id, fix, received).map(Some),
            }
        })
        .await?;
    for crossing in crossings.ok_or_else(|| who("a telephone"))? {
        hub.tell(Change::Crossing(Box::new(crossing)));
    }
    // OwnTracks expects a list: of friends, which there are none of.
    Ok(Json(json!([])))
}

/// What a gate tells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Passed {
    gate: String,
    member: String,
    turn: Turn,
    at: Observed,
}

async fn gate_post(
    State(app): State<App>,
    headers: HeaderMap,
    Json(passed): Json<Passed>,
) -> Result<Json<Value>, Problem> {
    let received = clock::received();
    let shown = shown(&headers).ok_or_else(|| who("a gate"))?;
    let hub = app.hub().clone();
    let crossings = app
        .with(move |centre| {
            let gates = centre.config().gates.iter();
            let known = gates.filter(|g| g.id == passed.gate);
            let let_in = known
                .filter(|g| token(centre.dir(), &g.token_file) == Some(shown))
                .count();
            if let_in == 0 {
                return Ok(None);
            }
            let Passed {
                gate,
                member,
                turn,
                at,
            } = passed;
            centre
                .passed_gate(&gate, &member, turn, at, received)
                .map(Some)
        })
        .await?;
    let crossings = crossings.ok_or_else(|| who("a gate"))?;
    for crossing in &crossings {
        hub.tell(Change::Crossing(Box::new(crossing.clone())));
    }
    Ok(Json(json!({"crossings": crossings})))
}

fn who(what: &str) -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        format!("{what} shows its token: Basic authentication or Authorization: Bearer …"),
    )
}

/// The hash of the token that a request shows.
fn shown(headers: &HeaderMap) -> Option<Sha256> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(Sha256::of(token.trim().as_bytes()));
    }
    let basic = BASE64_STANDARD
        .decode(value.strip_prefix("Basic ")?.trim())
        .ok()?;
    let basic = String::from_utf8(basic).ok()?;
    let (_, password) = basic.split_once(':')?;
    Some(Sha256::of(password.as_bytes()))
}

/// The hash of the token in a file; hashes are compared, so that the time it takes tells nothing.
fn token(dir: &std::path::Path, file: &std::path::Path) -> Option<Sha256> {
    let text = std::fs::read_to_string(dir.join(file)).ok()?;
    let line = text.lines().next().unwrap_or_default().trim();
    // An empty file is no token that anybody has.
    (!line.is_empty()).then(|| Sha256::of(line.as_bytes()))
}
