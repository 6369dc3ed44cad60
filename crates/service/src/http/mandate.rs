//! The mandate over HTTP: strength, deadlines, procedures, and the signed statements that change them.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use truceline_domain::{Observed, Sha256};
use truceline_mandate::modalities::Statement;
use truceline_mandate::withdrawals::Withdrawal;
use truceline_record::deed::{DEPLOYMENT, Deed, MODALITY, TALKS, WITHDRAWAL};

use super::access::Who;
use super::app::{App, Problem};
use super::deeds::{Coming, ask};
use crate::centre::{Mandate, ModalitiesBoard, TalksBoard};
use crate::clock;
use crate::people::{HOST_OFFICIAL, Right};

/// The routes under `/api/mandate` and `/api/modalities`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/mandate", get(mandate))
        .route("/api/mandate/deployments", post(deploy))
        .route("/api/talks", get(talks))
        .route("/api/talks/statements", post(state))
        .route("/api/talks/table", get(table))
        .route("/api/withdrawals", get(withdrawals))
        .route("/api/withdrawals/map", get(withdrawals_map))
        .route("/api/withdrawals/reports", post(report))
        .route("/api/modalities", get(modalities))
        .route("/api/modalities/{version}/text", get(text))
        .route("/api/modalities/{version}/steps", post(step))
        .route(
            "/api/modalities/{version}/steps/options",
            post(step_options),
        )
}

/// The instant that is asked about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct At {
    /// RFC 3339; now when left out.
    #[serde(default)]
    at: Option<Observed>,
}

impl At {
    fn instant(&self) -> Observed {
        self.at
            .unwrap_or_else(|| Observed::from(clock::recorded().timestamp()))
    }
}

/// A signed statement that is in the record now. It is answered when its entry is durable.
#[derive(Debug, Serialize)]
pub(super) struct Recorded {
    pub(super) entry: u64,
}

async fn mandate(State(app): State<App>, Query(at): Query<At>) -> Result<Json<Mandate>, Problem> {
    let at = at.instant();
    Ok(Json(app.with(move |centre| Ok(centre.mandate(at))).await?))
}

async fn modalities(
    State(app): State<App>,
    Query(at): Query<At>,
) -> Result<Json<ModalitiesBoard>, Problem> {
    let at = at.instant();
    Ok(Json(
        app.with(move |centre| Ok(centre.modalities(at))).await?,
    ))
}

/// The text of a version.
#[derive(Debug, Serialize)]
struct Text {
    version: u32,
    text_sha256: Sha256,
    text: String,
}

async fn text(State(app): State<App>, Path(version): Path<u32>) -> Result<Json<Text>, Problem> {
    let found = app.with(move |centre| Ok(centre.modalities_text(version)));
    let (text_sha256, text) = found.await?.ok_or_else(|| {
        Problem::not_found(format!(
            "the record holds no version {version} of the procedures"
        ))
    })?;
    Ok(Json(Text {
        version,
        text_sha256,
        text,
    }))
}

/// Takes a signed deployment. The signature says who it is; nothing else is needed.
async fn deploy(
    State(app): State<App>,
    Json(deed): Json<Deed>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    record(app, DEPLOYMENT, deed).await
}

async fn talks(State(app): State<App>) -> Result<Json<TalksBoard>, Problem> {
    Ok(Json(app.with(|centre| centre.talks()).await?))
}

/// The language of the printed table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(default = "english")]
    lang: String,
    /// `html` or `pdf`.
    #[serde(default)]
    format: Option<String>,
}

fn english() -> String {
    "en".to_owned()
}

async fn table(
    State(app): State<App>,
    Query(Language { lang, format }): Query<Language>,
) -> Result<Response, Problem> {
    match format.as_deref().unwrap_or("html") {
        "html" => {
            let page = app.with(move |centre| centre.talks_table(&lang));
            Ok(Html(page.await?).into_response())
        }
        "pdf" => {
            let file = app.with(move |centre| centre.talks_pdf(&lang)).await?;
            Ok(([(header::CONTENT_TYPE, "application/pdf")], file).into_response())
        }
        other => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!("format {other:?}; expected html or pdf"),
        )),
    }
}

async fn withdrawals(
    State(app): State<App>,
    Query(at): Query<At>,
) -> Result<Json<Vec<Withdrawal>>, Problem> {
    let at = at.instant();
    Ok(Json(app.with(move |centre| centre.withdrawals(at)).await?))
}

async fn withdrawals_map(
    State(app): State<App>,
    Query(at): Query<At>,
) -> Result<Response, Problem> {
    let at = at.instant();
    let map = app.with(move |centre| centre.withdrawals_map(at)).await?;
    let kind = [(header::CONTENT_TYPE, "application/geo+json")];
    Ok((kind, map.to_string()).into_response())
}

/// Takes a signed statement in the talks.
async fn state(
    State(app): State<App>,
    Json(deed): Json<Deed>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    record(app, TALKS, deed).await
}

/// Takes a signed report of an area that is to be left.
async fn report(
    State(app): State<App>,
    Json(deed): Json<Deed>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    record(app, WITHDRAWAL, deed).await
}

/// The text of a step that will be signed, and what one's passkey is asked. Officers who sign and the host's
/// officials take steps; which of them this one, the rules of the procedures say when it is taken.
async fn step_options(
    State(app): State<App>,
    who: Who,
    Path(version): Path<u32>,
    Json(statement): Json<Statement>,
) -> Result<Json<Value>, Problem> {
    let roles = &who.as_person()?.roles;
    if !roles.iter().any(|role| role == HOST_OFFICIAL) {
        who.needs(Right::Sign)?;
    }
    if statement.version != version {
        return Err(other_version(version));
    }
    Ok(Json(ask(&app, &who, MODALITY, &statement)?))
}

fn other_version(version: u32) -> Problem {
    let why = format!("the signature is not on version {version}");
    Problem::new(StatusCode::CONFLICT, why)
}

/// Takes a step of the procedures: signed where the key is, or the answer to what was asked before.
async fn step(
    State(app): State<App>,
    who: Who,
    Path(version): Path<u32>,
    Json(coming): Json<Coming>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    let deed = coming.deed(&app, &who, MODALITY).await?;
    let stated = deed.statement.get("version").and_then(|v| v.as_u64());
    if stated != Some(u64::from(version)) {
        return Err(other_version(version));
    }
    record(app, MODALITY, deed).await
}

async fn record(
    app: App,
    kind: &'static str,
    deed: Deed,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    let entry = app
        .with(move |centre| centre.take_deed(kind, &deed))
        .await?;
    Ok((StatusCode::CREATED, Json(Recorded { entry })))
}
