//! Decisions of officers: by a note that was made where the officer's key is, by an assertion of the
//! officer's passkey over the very same text, or, in an exercise, by a key that the centre holds.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use truceline_domain::{FindingId, Sha256};
use truceline_record::people::{PersonBody, key_name};
use truceline_record::signature::{Decision, Method, SignatureBody, Standing, sign};

use super::access::{Asked, Who};
use super::app::{App, Problem, blocking};
use super::deeds::exercise_key;
use super::session::{Answer, AssertionJson, other_question, request_options};
use crate::CentreError;
use crate::people::Right;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/findings/{id}/decisions/options", post(options))
        .route("/api/findings/{id}/decisions", post(decide))
}

/// What a decision came to. It is answered when the entry is durable.
#[derive(Debug, Serialize)]
struct Decided {
    entry: u64,
    standing: Standing,
}

/// A decision as it comes: whole and signed, or the answer to a question that was put before.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Coming {
    Signed(Box<SignatureBody>),
    Answer(Answer<Option<AssertionJson>>),
}

/// What an officer wants to say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    decision: Word,
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    #[serde(alias = "determined")]
    Sign,
    Dissent,
}

fn finding_id(id: String) -> Result<FindingId, Problem> {
    FindingId::new(id).map_err(|e| Problem::not_found(e.to_string()))
}

/// The text that will be signed, and what the officer's passkey is asked.
async fn options(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    who.needs(Right::Sign)?;
    let finding = finding_id(id)?;
    let person = who.as_person()?;
    let exercise = who.session().is_some_and(|session| session.exercise);
    let decision = match wanted.decision {
        Word::Sign => Decision::Determined,
        Word::Dissent => Decision::Dissent,
    };
    let asked = finding.clone();
    let case = app.clone().with(move |centre| {
        let case = centre.desk().case(&asked);
        Ok(case.map(|case| (case.body.sha256, case.standing())))
    });
    let (sha256, standing) = case
        .await?
        .ok_or_else(|| Problem::not_found(format!("there is no finding {finding}")))?;
    if let Standing::Superseded { by } = standing {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            format!("{finding} was superseded by {by}"),
        ));
    }
    let origin = app.directory().origin.clone();
    let body = SignatureBody {
        finding,
        sha256,
        decision,
        reason: wanted.reason,
        state: person.state.clone(),
        key_name: key_name(&origin, &person.state, &person.person),
        note: String::new(),
        assertion: None,
        method: if exercise {
            Method::Exercise
        } else {
            Method::Webauthn
        },
    };
    let text = body
        .text(&origin)
        .map_err(|e| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, e.to_string()))?;
    let text = text.to_string();
    let options = if exercise {
        Value::Null
    } else {
        passkey_options(&app, person, &text)?
    };
    let method = body.method;
    let asked = Asked::Decide {
        person: person.person.clone(),
        body: Box::new(body),
    };
    let id = app.ceremonies().ask(asked)?;
    Ok(Json(
        json!({"id": id, "text": text, "options": options, "method": method}),
    ))
}

/// The passkeys of the person that count under a finding are asked for the SHA-256 of the text.
pub(super) fn passkey_options(
    app: &App,
    person: &PersonBody,
    text: &str,
) -> Result<Value, Problem> {
    let directory = app.directory();
    let passkeys = directory
        .person(&person.person)
        .map(|p| &p.passkeys[..])
        .unwrap_or_default();
    let counts = passkeys
        .iter()
        .filter(|p| !p.revoked && p.vouched_by.is_some());
    let credentials: Vec<String> = counts.map(|p| p.body.credential.clone()).collect();
    if credentials.is_empty() {
        let why = format!(
            "no officer of {} has vouched for your passkey yet (`truceline person vouch`): it logs you in and does not sign",
            person.state
        );
        return Err(Problem::new(StatusCode::FORBIDDEN, why));
    }
    let challenge = Sha256::of(text.as_bytes());
    Ok(request_options(app, challenge.as_bytes(), &credentials))
}

/// Takes a decision. A note says by itself who it is of; an answer must be of the person who was asked.
async fn decide(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(coming): Json<Coming>,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let finding = finding_id(id)?;
    let body = match coming {
        Coming::Signed(body) => *body,
        Coming::Answer(answer) => answered(&app, &who, answer).await?,
    };
    if body.finding != finding {
        let why = format!("the signature is on {}, not on {finding}", body.finding);
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let signed = app.with(move |centre| centre.take_decision(&body)).await?;
    let decided = Decided {
        entry: signed.entry,
        standing: signed.standing,
    };
    Ok((StatusCode::CREATED, Json(decided)))
}

async fn answered(
    app: &App,
    who: &Who,
    answer: Answer<Option<AssertionJson>>,
) -> Result<SignatureBody, Problem> {
    who.needs(Right::Sign)?;
    let asked = app.ceremonies().answered(&answer.id)?;
    let Asked::Decide { person, mut body } = asked else {
        return Err(other_question());
    };
    if person != who.as_person()?.person {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "somebody else was asked to sign this",
        ));
    }
    if body.method == Method::Exercise {
        return play(app, *body).await;
    }
    let assertion = answer.credential.ok_or_else(other_question)?;
    body.assertion = Some(assertion.into());
    Ok(*body)
}

/// Signs for whoever plays the officer, with the key that the exercise keeps at the centre, and says so.
async fn play(app: &App, body: SignatureBody) -> Result<SignatureBody, Problem> {
    let dir = app.dir().to_path_buf();
    let origin = app.directory().origin.clone();
    let played = blocking(move || {
        let key = exercise_key(&dir, &body.state)?;
        let (decision, reason) = (body.decision, body.reason.as_deref());
        let signed = sign(&origin, &body.finding, body.sha256, decision, reason, &key);
        let signed = signed.map_err(|e| CentreError::Refused(e.to_string()))?;
        Ok(SignatureBody {
            method: Method::Exercise,
            ..signed
        })
    });
    Ok(played.await?)
}
