//! Persons over HTTP, for this machine's commands and for those who look after machines. Whoever comes
//! this way can admit and invite; to make a passkey's signature count takes an officer's own key.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_domain::TheatreId;
use truceline_record::people::{Person, PersonBody, RevocationBody, VoucherBody};

use super::access::Who;
use super::app::{App, Problem};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/persons", get(list).post(admit))
        .route("/api/persons/{person}/invitations", post(invite))
        .route("/api/persons/{person}/revocation", post(revoke))
        .route("/api/persons/{person}/vouchers", post(vouch))
}

fn told(person: &Person) -> Value {
    let passkeys: Vec<Value> = person
        .passkeys
        .iter()
        .map(|passkey| {
            json!({
                "credential": passkey.body.credential, "origin": passkey.body.origin,
                "vouched_by": passkey.vouched_by, "revoked": passkey.revoked,
            })
        })
        .collect();
    let mut all = super::session::person_json(&person.body);
    if let Some(members) = all.as_object_mut() {
        members.insert("exercise".to_owned(), person.body.exercise.into());
        members.insert("revoked".to_owned(), person.revoked.into());
        members.insert("passkeys".to_owned(), passkeys.into());
    }
    all
}

async fn list(State(app): State<App>) -> Json<Value> {
    let items: Vec<Value> = app.directory().people.persons().map(told).collect();
    Json(json!({"items": items, "next": null}))
}

/// A person to be admitted; nobody can be admitted to an exercise this way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    id: String,
    name: String,
    state: String,
    roles: Vec<String>,
    theatres: Option<Vec<TheatreId>>,
}

async fn admit(
    State(app): State<App>,
    who: Who,
    Json(new): Json<New>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let by = who.name().to_owned();
    let theatre = app.directory().theatre.clone();
    let body = PersonBody {
        person: new.id,
        name: new.name,
        state: new.state,
        roles: new.roles,
        theatres: new
            .theatres
            .unwrap_or_else(|| theatre.into_iter().collect()),
        exercise: false,
    };
    let entry = app.with(move |centre| centre.admit(&body, &by)).await?;
    Ok((StatusCode::CREATED, Json(json!({"entry": entry}))))
}

async fn invite(
    State(app): State<App>,
    who: Who,
    Path(person): Path<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let by = who.name().to_owned();
    let url = app.own_url();
    let invited = app.with(move |centre| centre.invite(&person, &by)).await?;
    let link = format!("{url}/login#{}", invited.code);
    let told = json!({"code": invited.code, "expires": invited.expires, "url": link});
    Ok((StatusCode::CREATED, Json(told)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    why: String,
    credential: Option<String>,
}

async fn revoke(
    State(app): State<App>,
    who: Who,
    Path(person): Path<String>,
    Json(Why { why, credential }): Json<Why>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let by = who.name().to_owned();
    let body = RevocationBody {
        person,
        credential,
        why,
    };
    let entry = app.with(move |centre| centre.revoke(&body, &by)).await?;
    Ok((StatusCode::CREATED, Json(json!({"entry": entry}))))
}

/// Takes an officer's voucher. The signature says who it is.
async fn vouch(
    State(app): State<App>,
    Path(person): Path<String>,
    Json(body): Json<VoucherBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if body.person != person {
        let why = format!("the voucher is for {}, not for {person}", body.person);
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let entry = app.with(move |centre| centre.take_voucher(&body)).await?;
    Ok((StatusCode::CREATED, Json(json!({"entry": entry}))))
}
