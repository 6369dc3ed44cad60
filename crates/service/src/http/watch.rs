//! What the watch has before it: the picture of any instant, coverage and compliance, the theatre
//! and the procedures in force, the accesses, and the sheet that one shift hands to the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_domain::{EventKind, Finding, Observed};
use truceline_engine::Picture;
use truceline_store::export::feature_collection;
use truceline_store::{FeatureRow, FindingFilter, TimeSpan, shows};

use super::access::Who;
use super::app::{App, Problem};
use super::front::Neighbour;
use super::handover;
use super::paging::{Paging, tagged, tagged_bytes};
use super::watched::{By, Of};
use crate::centre::Watching;
use crate::people::Directory;
use crate::{Centre, CentreError};

/// The layers of a picture, from the ground up.
const LAYERS: [&str; 5] = [
    "theatre",
    "tracks",
    "footprints",
    "event_ellipses",
    "events",
];
/// The longest span that coverage and compliance are made of, seconds: what is read grows with it.
const MAX_SPAN_S: f64 = 31.0 * 86_400.0;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/handover", get(handover::sheet))
        .route("/api/picture", get(picture))
        .route("/api/coverage", get(coverage))
        .route("/api/compliance", get(compliance))
        .route("/api/theatre", get(theatre))
        .route("/api/theatres", get(theatres))
        .route("/api/procedures", get(procedures))
        .route("/api/audit", get(audit))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    at: Option<Observed>,
}

/// Whether an answer of this kind is asked for by name.
fn wants(headers: &HeaderMap, kind: &str) -> bool {
    let accepts = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepts
        .flat_map(|all| all.split(','))
        .any(|one| one.split(';').next().unwrap_or_default().trim() == kind)
}

/// So much before an instant is read for its picture, seconds: what is older is not fresh any more.
const BEFORE_S: f64 = 900.0;

/// What moved and where cameras looked at an instant, in the form of the live picture.
async fn seen_at(app: App, at: Observed) -> Result<Picture, Problem> {
    let taken = app.with(move |centre| {
        let ground = centre
            .documents()
            .theatre()
            .and_then(|theatre| theatre.terrain.clone());
        Ok((centre.batches(), ground))
    });
    let (batches, ground) = taken.await?;
    let made = super::app::blocking(move || {
        // The instant itself is in its picture.
        let until = at.plus_seconds(1e-6);
        let observations = batches.between(at.plus_seconds(-BEFORE_S), until)?;
        Ok(truceline_engine::picture(&observations, ground.as_ref()).at(at))
    });
    Ok(made.await?)
}

/// The picture, of an instant when one is named: as GeoJSON, or in the form of the live picture when
/// JSON is asked for by name.
async fn picture(
    State(app): State<App>,
    headers: HeaderMap,
    Query(At { at }): Query<At>,
) -> Result<Response, Problem> {
    if let Some(at) = at.filter(|_| wants(&headers, "application/json")) {
        return Ok(tagged(&headers, &seen_at(app, at).await?));
    }
    let drawn = app.with(move |centre| drawn(centre, &LAYERS, at));
    Ok(tagged_bytes(
        &headers,
        "application/geo+json",
        drawn.await?.into_bytes(),
    ))
}

async fn theatre(
    State(app): State<App>,
    headers: HeaderMap,
    Query(At { at }): Query<At>,
) -> Result<Response, Problem> {
    let drawn = app.with(move |centre| drawn(centre, &["theatre"], at));
    Ok(tagged_bytes(
        &headers,
        "application/geo+json",
        drawn.await?.into_bytes(),
    ))
}

fn drawn(centre: &Centre, layers: &[&str], at: Option<Observed>) -> Result<String, CentreError> {
    let mut rows: Vec<FeatureRow> = Vec::new();
    for layer in layers {
        rows.extend(centre.store().features(layer)?);
    }
    rows.retain(|row| at.is_none_or(|at| shows(row, at)));
    Ok(feature_collection(&rows)?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    pub(super) from: Observed,
    pub(super) to: Observed,
    #[serde(default)]
    by: By,
    /// For what, on a map: small arms when left out.
    kind: Option<EventKind>,
}

impl Span {
    pub(super) fn checked(&self) -> Result<(), Problem> {
        is_short(self.from, self.to)
    }
}

/// Refuses a span that ends before it begins or is longer than what is read at once.
pub(super) fn is_short(from: Observed, to: Observed) -> Result<(), Problem> {
    let seconds = to.seconds_since(from);
    if seconds > 0.0 && seconds <= MAX_SPAN_S {
        return Ok(());
    }
    let why = format!("from {from} to {to}: expected a span of at most 31 days");
    Err(Problem::new(StatusCode::BAD_REQUEST, why))
}

/// What coverage and compliance are made of, taken from the centre so that nobody waits while they are made.
pub(super) struct Ground {
    pub(super) parsed: truceline_agreement::Documents,
    pub(super) watching: Arc<Watching>,
    findings: Vec<Finding>,
}

impl Ground {
    pub(super) async fn of(app: App, from: Observed, to: Observed) -> Result<Self, Problem> {
        let taken = app.with(move |centre| {
            let filter = FindingFilter {
                time: TimeSpan {
                    from: Some(from),
                    until: Some(to),
                },
                ..FindingFilter::default()
            };
            let rows = centre
                .store()
                .findings_of(&filter, truceline_store::Part::ALL)?;
            // A finding that another took the place of speaks no more.
            let standing = rows
                .into_iter()
                .filter(|row| !row.standing.starts_with("superseded"));
            let findings = standing.map(|row| row.finding).collect();
            let parsed = centre.documents().parsed().clone();
            Ok(Self {
                parsed,
                watching: centre.watching(),
                findings,
            })
        });
        Ok(taken.await?)
    }
}

async fn coverage(
    State(app): State<App>,
    headers: HeaderMap,
    Query(span): Query<Span>,
) -> Result<Response, Problem> {
    span.checked()?;
    let (on_map, kind) = (
        wants(&headers, "application/geo+json"),
        span.kind.unwrap_or(EventKind::SmallArms),
    );
    let of = Of {
        from: span.from,
        to: span.to,
        by: span.by,
    };
    let spans = app.tiles().clone();
    let watched = spans.watched.get(app, of).await?;
    let made = super::app::blocking(move || {
        Ok(if on_map {
            crate::coverage::geojson(&watched.rows, kind, watched.theatre()?)
        } else {
            json!({"items": watched.rows, "next": null})
        })
    });
    let value = made.await?;
    let kind = if on_map {
        "application/geo+json"
    } else {
        "application/json"
    };
    Ok(tagged_bytes(&headers, kind, value.to_string().into_bytes()))
}

async fn compliance(
    State(app): State<App>,
    headers: HeaderMap,
    Query(span): Query<Span>,
) -> Result<Response, Problem> {
    span.checked()?;
    let ground = Ground::of(app, span.from, span.to).await?;
    let rows = super::app::blocking(move || {
        let theatre = super::watched::theatre(&ground.parsed)?;
        let (from, to) = (span.from, span.to);
        let mut covered = ground.watching.between(theatre, from, to)?;
        Ok(truceline_engine::compliance(
            &ground.parsed,
            theatre,
            &mut covered,
            &ground.findings,
            from,
            to,
        ))
    });
    Ok(tagged(
        &headers,
        &json!({"items": rows.await?, "next": null}),
    ))
}

/// The theatre that is asked, then the others on this address that whoever asks is a person of. Of those that
/// they are not, nothing is told.
async fn theatres(State(app): State<App>, who: Who) -> Json<Value> {
    let item = |directory: &Directory, base: &str, here: bool| {
        let title = directory.procedures.as_ref().map(|p| p.title.clone());
        json!({"id": directory.theatre, "title": title, "url": format!("{base}/"), "here": here})
    };
    let directory = app.directory();
    let is_own = |n: &&Neighbour| directory.theatre.as_ref() == Some(&n.theatre);
    let base = app.theatres().iter().find(is_own);
    let own = item(&directory, base.map_or("", |n| &n.base), true);
    let others = app.theatres().iter().filter(|n| !is_own(n));
    let others = others.filter_map(|neighbour| {
        let person = who.person()?;
        let there = neighbour.directory.now();
        let is_person = person.theatres.contains(&neighbour.theatre)
            && there
                .person(&person.person)
                .map(|p| &p.body)
                .is_some_and(|p| {
                    p.exercise == person.exercise && p.theatres.contains(&neighbour.theatre)
                });
        is_person.then(|| item(&there, &neighbour.base, false))
    });
    let items: Vec<Value> = std::iter::once(own).chain(others).collect();
    Json(json!({"items": items, "next": null}))
}

/// What is in force.
async fn procedures(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let directory = app.directory();
    let parties = app.with(|centre| {
        let agreements = &centre.documents().parsed().agreements;
        let named = agreements
            .iter()
            .flat_map(|a| &a.parties)
            .map(|p| (p.id.to_string(), p.name.clone()));
        Ok(named.collect::<BTreeMap<_, _>>())
    });
    let parties = parties.await?;
    Ok(tagged(&headers, &procedures_json(&directory, &parties)))
}

fn procedures_json(directory: &Directory, parties: &BTreeMap<String, String>) -> Value {
    let Some(p) = &directory.procedures else {
        return json!({"in_force": false, "theatre": directory.theatre, "parties": named(parties)});
    };
    let state = |s: &truceline_agreement::document::Signatory| json!({"id": s.id, "name": s.name});
    let roles: Vec<Value> = p
        .roles
        .iter()
        .map(|role| json!({"id": role.id, "may": role.may}))
        .collect();
    json!({
        "in_force": p.holds_at(Observed::from(crate::clock::recorded().timestamp())),
        "theatre": p.theatre, "title": p.title, "version": p.version, "sha256": p.sha256,
        "from": p.in_force_from(), "until": p.until, "timezone": p.offset.to_string(), "languages": p.languages,
        "sending_states": p.sending_states.iter().map(state).collect::<Vec<_>>(), "host": state(&p.host),
        "quorum": {"signatures": p.quorum.signatures, "witnesses": p.quorum.witnesses},
        "max_wrong_accusation": p.max_wrong_accusation, "roles": roles,
        "area_of_interest": p.area_of_interest, "drone_corridors": p.drone_corridors, "premises": p.premises,
        "parties": named(parties),
    })
}

fn named(names: &BTreeMap<String, String>) -> Vec<Value> {
    let named = names.iter();
    named
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Who asked for what, the newest first.
async fn audit(
    State(app): State<App>,
    headers: HeaderMap,
    Query(part): Query<Part>,
) -> Result<Response, Problem> {
    let paging = Paging::read(part.limit, part.cursor.as_deref())?;
    let page = app.with(move |centre| {
        let rows = centre.store().accesses(paging.from, paging.limit + 1)?;
        let from_start = Paging { from: 0, ..paging };
        let mut page = from_start.page(rows.into_iter());
        page.next = page.next.map(|_| (paging.from + paging.limit).to_string());
        Ok(page)
    });
    Ok(tagged(&headers, &page.await?))
}
