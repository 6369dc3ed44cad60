//! Findings: the list, one with all that its page needs, its bundle, and what it would be otherwise.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;
use truceline_domain::{Contribution, FindingId, ObservationId, Observed, PartyId, Sha256};
use truceline_engine::{Language, say};
use truceline_record::signature::Standing;
use truceline_store::{FindingFilter, FindingRow, TimeSpan};

use super::access::Who;
use super::app::{App, Problem, blocking};
use super::paging::{Paging, tagged};
use crate::centre::summary;
use crate::people::Right;
use crate::{Centre, CentreError};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/findings", get(list))
        .route("/api/findings/{id}", get(one))
        .route("/api/findings/{id}/bundle", get(bundle))
        .route("/api/attachments/{sha256}", get(attachment))
        .route("/api/findings/{id}/what-if", post(what_if))
        .route("/api/findings/{id}/exclusions", post(exclude))
}

/// Words with commas between, as a query has them.
pub(super) fn words(list: Option<&str>) -> Vec<String> {
    let words = list.into_iter().flat_map(|list| list.split(','));
    words.map(str::to_owned).collect()
}

/// What is asked of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// First words of standings with commas between: `open`, `half-signed`, `determined`, `dissented`, `superseded`.
    standing: Option<String>,
    /// Whom the engine names.
    party: Option<String>,
    /// What happened.
    kind: Option<String>,
    from: Option<Observed>,
    to: Option<Observed>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Filter {
    fn of_store(self) -> FindingFilter {
        FindingFilter {
            standings: words(self.standing.as_deref()),
            verdict: self.party,
            kind: self.kind,
            time: TimeSpan {
                from: self.from,
                until: self.to,
            },
            recorded: TimeSpan::default(),
        }
    }
}

/// The list, the newest event first; as GeoJSON all of them.
async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let wants = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if wants.contains("geo+json") {
        return Ok(app
            .with(|centre| super::json_of(centre, &["findings"]))
            .await?);
    }
    let paging = Paging::read(filter.limit, filter.cursor.as_deref())?;
    let page = app.with(move |centre| {
        let rows = centre
            .store()
            .findings_of(&filter.of_store(), paging.part())?;
        Ok(paging.page_of(rows.iter().map(summary)))
    });
    Ok(tagged(&headers, &page.await?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InLanguage {
    lang: Option<String>,
}

fn no_finding(id: &FindingId) -> Problem {
    Problem::not_found(format!("there is no finding {id}"))
}

fn finding_id(id: String) -> Result<FindingId, Problem> {
    FindingId::new(id).map_err(|e| Problem::not_found(e.to_string()))
}

async fn one(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(InLanguage { lang }): Query<InLanguage>,
) -> Result<Response, Problem> {
    let id = finding_id(id)?;
    let lang = lang.as_deref().map_or(Ok(Language::En), str::parse);
    let lang = lang.map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "lang: expected en, az, hy, ru, tr or ar",
        )
    })?;
    let asked = id.clone();
    let state = who
        .person()
        .map(|person| person.state.clone())
        .filter(|_| who.rights.has(Right::Sign));
    let found = app.with(move |centre| whole(centre, &asked, lang, state.as_deref()));
    let found = found.await?.ok_or_else(|| no_finding(&id))?;
    Ok(tagged(&headers, &found))
}

/// A finding with all that an incident's page shows.
fn whole(
    centre: &Centre,
    id: &FindingId,
    lang: Language,
    signs_for: Option<&str>,
) -> Result<Option<Value>, CentreError> {
    let Some(row) = centre.store().finding(id)? else {
        return Ok(None);
    };
    let (finding, event) = (&row.finding, &row.finding.event);
    let case = centre.desk().case(id);
    let standing = case.map(|case| case.standing());
    let decided =
        |state: &str| case.is_some_and(|c| c.decisions.iter().any(|d| d.officer.state == state));
    let open = !matches!(standing, Some(Standing::Superseded { .. }) | None);
    let may = signs_for.is_some_and(|state| open && !decided(state));
    let signatures: Vec<Value> = centre
        .store()
        .signatures(id)?
        .into_iter()
        .map(|s| {
            let by = s.key_name.rsplit('/').next().unwrap_or_default();
            let name = centre
                .people()
                .person(by)
                .map(|person| person.body.name.clone());
            json!({
                "state": s.state, "by": name.unwrap_or_else(|| by.to_owned()), "key": s.key_name,
                "at": s.recorded, "decision": s.decision, "reason": s.reason, "method": s.method,
                "entry": s.entry,
            })
        })
        .collect();
    let parties = centre.documents().parsed().parties_at(event.time);
    let name = |party: &PartyId| {
        let known = parties.iter().find(|p| p.id == *party);
        known.map_or_else(|| party.to_string(), |p| p.name.clone())
    };
    let overtaken_by = match &standing {
        Some(Standing::Superseded { by }) => Some(by.clone()),
        _ => case.and_then(|case| case.successor.clone()),
    };
    Ok(Some(json!({
        "id": id, "finding": finding, "sha256": row.sha256, "recorded": row.recorded, "entry": row.entry,
        "standing": row.standing, "signatures": signatures, "clauses": clauses(centre, &row),
        "sentences": say(&event.explanation.statements, lang, &name), "evidence": evidence(centre, &row)?,
        "supersedes": finding.supersedes, "superseded_by": overtaken_by,
        "may": {"sign": may, "dissent": may},
    })))
}

/// The clauses that it was held against, with their text as it was in force.
fn clauses(centre: &Centre, row: &FindingRow) -> Vec<Value> {
    let mut told = BTreeMap::new();
    for assessment in &row.finding.assessments {
        let agreements = &centre.documents().parsed().agreements;
        let agreement = agreements.iter().find(|a| a.sha256 == assessment.agreement);
        let clause = agreement.and_then(|a| a.clause(&assessment.clause));
        let (title, text) = match clause {
            Some(clause) => centre
                .documents()
                .article(&assessment.agreement, clause.place.line),
            None => (String::new(), String::new()),
        };
        told.entry(assessment.clause.clone()).or_insert_with(|| {
            json!({
                "id": assessment.clause, "title": title, "text": text,
                "summary": clause.map(|clause| clause.summary.clone()),
                "agreement": agreement.map(|a| a.title.clone()), "agreement_sha256": assessment.agreement,
            })
        });
    }
    told.into_values().collect()
}

/// The observations it rests on, each with what it contributed.
fn evidence(centre: &Centre, row: &FindingRow) -> Result<Vec<Value>, CentreError> {
    let event = &row.finding.event;
    let mut by_id: BTreeMap<&ObservationId, Vec<&Contribution>> = BTreeMap::new();
    for contribution in &event.explanation.contributions {
        if let Some(id) = &contribution.observation {
            by_id.entry(id).or_default().push(contribution);
        }
    }
    let mut all = Vec::new();
    for id in &event.evidence {
        let stored = centre.store().observation(id.as_str())?;
        let excluded = centre.store().is_excluded(id.as_str())?;
        let (feed, observation) = stored.unwrap_or_else(|| (None, json!({"id": id})));
        let said = by_id.get(id).cloned().unwrap_or_default();
        all.push(json!({
            "observation": observation, "feed": feed, "excluded": excluded,
            "contribution": said.first(), "contributions": said,
            "attachments": centre.attachments().of(id),
        }));
    }
    Ok(all)
}

/// A file that came with a report. It is shown as what its first bytes say it is, and runs nothing.
async fn attachment(
    State(app): State<App>,
    Path(sha256): Path<Sha256>,
) -> Result<Response, Problem> {
    let found = app.with(move |centre| {
        let known = centre.attachments().with(&sha256);
        let kind = known.map(|known| known.media_type.clone());
        kind.map(|kind| Ok((kind, centre.record().blob(&sha256)?)))
            .transpose()
    });
    let (kind, bytes) = found
        .await?
        .ok_or_else(|| Problem::not_found(format!("no report came with a file {sha256}")))?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// The evidence bundle, made for whoever asks.
async fn bundle(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = finding_id(id)?;
    let asked = id.clone();
    let known = app
        .clone()
        .with(move |centre| Ok(centre.desk().case(&asked).is_some()))
        .await?;
    if !known {
        return Err(no_finding(&id));
    }
    let asked = id.clone();
    let cosigning = app.clone().with(move |centre| centre.cosigning_for(&asked));
    if let Some(cosigning) = cosigning.await? {
        // Witnesses may be slow: the centre does not wait for them, and when they are away the bundle
        // says how many there are.
        if let Err(error) = blocking(move || cosigning.gather()).await {
            tracing::warn!(finding = %id, %error, "a bundle goes out under the log's own signature");
        }
    }
    let asked = id.clone();
    let made = app.with(move |centre| {
        let folder =
            tempfile::tempdir().map_err(crate::error::io("making a folder for", centre.dir()))?;
        let path = folder.path().join("bundle.zip");
        centre.bundle(&asked, &path)?;
        // Open already: the folder goes when this returns, its bytes when they were sent.
        std::fs::File::open(&path).map_err(crate::error::io("reading", &path))
    });
    let file = tokio::fs::File::from_std(made.await?);
    let name = format!("attachment; filename=\"{id}.zip\"");
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Without {
    without: Vec<ObservationId>,
}

async fn what_if(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(Without { without }): Json<Without>,
) -> Result<Response, Problem> {
    let id = finding_id(id)?;
    let judged = app.with(move |centre| {
        if centre.store().finding(&id)?.is_none() {
            return Ok(Err(no_finding(&id)));
        }
        centre.what_if(&id, &without).map(Ok)
    });
    Ok(Json(judged.await??).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclusion {
    observation: ObservationId,
    reason: String,
}

async fn exclude(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(Exclusion {
        observation,
        reason,
    }): Json<Exclusion>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let id = finding_id(id)?;
    let person = who.as_person()?.person.clone();
    let entry = app
        .with(move |centre| centre.exclude(&id, &observation, &reason, &person))
        .await?;
    Ok((StatusCode::CREATED, Json(json!({"entry": entry}))))
}
