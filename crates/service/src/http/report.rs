//! Reports as pages and files.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use serde::Deserialize;
use truceline_engine::Language;
use truceline_report::{compose, csv, html};

use super::app::{App, Problem};
use super::paging::tagged_bytes;
use crate::centre::report_bytes;

/// What a report's page may load: its own style, which it brings along.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/reports/{report}/{date}", get(report))
}

/// How a report is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    lang: Option<String>,
    format: Option<String>,
}

/// The report of a date, as the record has it now.
async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path((report, date)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let bad = |why: String| Problem::new(StatusCode::BAD_REQUEST, why);
    let date: Date = date.parse().map_err(|e| bad(format!("date: {e}")))?;
    let language: Language = match &wanted.lang {
        Some(code) => code.parse().map_err(bad)?,
        None => Language::default(),
    };
    let told = app.with(move |centre| centre.daily_report(&report, date));
    let told = told.await?;
    let (bytes, sha256) = report_bytes(&told)?;
    let (kind, body) = match wanted.format.as_deref().unwrap_or("html") {
        "html" => {
            let page = html(&compose(&told, language, &sha256));
            ("text/html; charset=utf-8", page.into_bytes())
        }
        "csv" => ("text/csv; charset=utf-8", csv(&told).into_bytes()),
        "json" => ("application/json", bytes),
        other => {
            let why = format!("format {other:?}; expected html, csv or json");
            return Err(bad(why));
        }
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
    Ok((policy, tagged_bytes(&headers, kind, body)).into_response())
}
