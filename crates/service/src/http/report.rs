//! Reports as pages and files, and their release by two keys.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use truceline_domain::Sha256;
use truceline_engine::Language;
use truceline_page::html;
use truceline_record::deed::REPORT;
use truceline_record::report::{ReportDecision, ReportStanding, ReportStatement};
use truceline_report::{compose, csv};

use super::access::Who;
use super::app::{App, Problem, blocking};
use super::deeds::{Coming, ask};
use super::paging::{tagged, tagged_bytes};
use crate::centre::{Board, Which};
use crate::live::{Change, Issued};
use crate::people::Right;

/// What a report's page may load: its own style, which it brings along.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/reports/{report}/{date}", get(report))
        .route(
            "/api/reports/{report}/{date}/release",
            get(board).post(release),
        )
        .route(
            "/api/reports/{report}/{date}/release/options",
            post(options),
        )
}

/// How a report is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    lang: Option<String>,
    format: Option<String>,
    /// `now`, or the SHA-256 of one that was signed.
    version: Option<String>,
}

fn bad(why: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, why)
}

fn dated(date: &str) -> Result<Date, Problem> {
    date.parse().map_err(|e| bad(format!("date: {e}")))
}

/// The report of a date: as it was released, or as the record has it now.
async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path((report, date)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let date = dated(&date)?;
    let language: Language = match &wanted.lang {
        Some(code) => code.parse().map_err(bad)?,
        None => Language::default(),
    };
    let which = match &wanted.version {
        Some(version) => version
            .parse()
            .map_err(|e: String| bad(format!("version: {e}")))?,
        None => Which::Standing,
    };
    let told = app.with(move |centre| centre.told_report(&report, date, which));
    let told = told.await?;
    let (kind, body) = match wanted.format.as_deref().unwrap_or("html") {
        "html" => {
            let page = html(&compose(&told.report, language, &told.released));
            ("text/html; charset=utf-8", page.into_bytes())
        }
        "pdf" => {
            let made = blocking(move || told.pdf(language));
            ("application/pdf", made.await?)
        }
        "csv" => ("text/csv; charset=utf-8", csv(&told.report).into_bytes()),
        "json" => ("application/json", told.bytes),
        other => {
            let why = format!("format {other:?}; expected html, pdf, csv or json");
            return Err(bad(why));
        }
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
    Ok((policy, tagged_bytes(&headers, kind, body)).into_response())
}

/// What was signed of a date, what the record gives now, and on what whoever asks may decide.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    board: Board,
    may: May,
}

#[derive(Debug, Serialize)]
struct May {
    release: Vec<Sha256>,
    refuse: Vec<Sha256>,
}

impl Shown {
    fn to(board: Board, who: &Who) -> Self {
        let signs = who.person().filter(|_| who.rights.has(Right::Sign));
        let undecided = |sha256: &Sha256| {
            let version = board.versions.iter().find(|row| row.sha256 == *sha256);
            let mut decided = version.into_iter().flat_map(|row| &row.signatures);
            signs.is_some_and(|p| !decided.any(|s| s.state == p.state))
        };
        let open = |row: &&crate::centre::ReportRow| row.standing != ReportStanding::Superseded;
        let all = board.versions.iter().filter(open).map(|row| row.sha256);
        let now = board.now.map(|now| now.sha256);
        let now = now.filter(|now| board.versions.iter().all(|row| row.sha256 != *now));
        let may: Vec<_> = all.chain(now).filter(undecided).collect();
        Self {
            board,
            may: May {
                release: may.clone(),
                refuse: may,
            },
        }
    }
}

async fn board(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path((report, date)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let date = dated(&date)?;
    let board = app.with(move |centre| centre.report_board(&report, date));
    Ok(tagged(&headers, &Shown::to(board.await?, &who)))
}

/// What an officer wants to say, on the bytes that they looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meant {
    sha256: Sha256,
    decision: ReportDecision,
    reason: Option<String>,
}

async fn options(
    State(app): State<App>,
    who: Who,
    Path((report, date)): Path<(String, String)>,
    Json(meant): Json<Meant>,
) -> Result<Json<Value>, Problem> {
    who.needs(Right::Sign)?;
    let date = dated(&date)?;
    let statement = app.clone().with(move |centre| {
        let which = Which::Bytes(meant.sha256);
        centre.report_statement((&report, date), which, meant.decision, meant.reason)
    });
    Ok(Json(ask(&app, &who, REPORT, &statement.await?)?))
}

/// Takes an officer's decision on a report, and tells those who receive it.
async fn release(
    State(app): State<App>,
    who: Who,
    Path((report, date)): Path<(String, String)>,
    Json(coming): Json<Coming>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if matches!(coming, Coming::Answer(_)) {
        who.needs(Right::Sign)?;
    }
    let date = dated(&date)?;
    let deed = coming.deed(&app, &who, REPORT).await?;
    let statement: ReportStatement = deed
        .statement_as()
        .map_err(|e| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, e.to_string()))?;
    let of = &statement.version;
    if of.report != report || of.date != date.to_string() {
        let why = format!(
            "the signature is on {} of {}, not on {report} of {date}",
            of.report, of.date
        );
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let sha256 = of.sha256;
    let taken = app.clone().with(move |centre| {
        let entry = centre.take_deed(REPORT, &deed)?;
        let recipients = centre.told_report(&report, date, Which::Bytes(sha256))?;
        let recipients = recipients.report.recipients.into_iter().map(|r| r.id);
        Ok((
            entry,
            centre.report_board(&report, date)?,
            recipients.collect(),
        ))
    });
    let (entry, board, recipients) = taken.await?;
    let row = board.versions.iter().find(|row| row.sha256 == sha256);
    let standing = row.map_or(ReportStanding::HalfReleased, |row| row.standing);
    app.hub().tell(Change::Report(Box::new(Issued {
        report: board.report.clone(),
        date: board.date,
        sha256,
        standing,
        recipients,
    })));
    let body = json!({
        "entry": entry, "sha256": sha256, "standing": standing, "release": Shown::to(board, &who),
    });
    Ok((StatusCode::CREATED, Json(body)))
}
