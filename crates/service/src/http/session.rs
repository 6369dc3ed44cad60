//! Logging in: by a passkey, by an invitation that makes one, or as a part in an exercise.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_domain::Sha256;
use truceline_record::people::{PasskeyBody, PersonBody};
use truceline_record::webauthn::{Algorithm, Assertion, Refused, Registration, base64url};

use super::access::{Asked, COOKIE, Session, Who};
use super::app::{App, Problem};
use super::front::Base;

/// How long browsers wait for the person, milliseconds.
const TIMEOUT_MS: u32 = 120_000;
/// Cookies live as long as a session can.
const MAX_AGE_S: u64 = 12 * 3600;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/session", get(current).delete(log_out))
        .route("/api/session/passkey/options", post(passkey_options))
        .route("/api/session/passkey", post(passkey))
        .route("/api/session/tokens", post(make_token))
        .route("/api/session/exercise", get(exercise_parts).post(exercise))
        .route("/api/invitations/{code}", get(invitation).post(register))
        .route("/api/invitations/{code}/options", post(register_options))
}

/// A person as the API tells them.
pub(super) fn person_json(person: &PersonBody) -> Value {
    json!({
        "id": person.person, "name": person.name, "state": person.state,
        "roles": person.roles, "theatres": person.theatres,
    })
}

fn session_json(app: &App, person: &PersonBody, session: &Session) -> Value {
    let may: Vec<_> = app.directory().rights(person).each().collect();
    json!({
        "person": person_json(person), "may": may, "csrf": session.csrf,
        "expires": session.expires(), "exercise": session.exercise,
    })
}

async fn current(State(app): State<App>, who: Who) -> Result<Json<Value>, Problem> {
    let person = who.as_person()?;
    let session = who.session().ok_or_else(not_logged_in)?;
    Ok(Json(session_json(&app, person, session)))
}

async fn log_out(State(app): State<App>, base: Base, headers: HeaderMap) -> Response {
    app.sessions().end(&headers);
    let gone = [(header::SET_COOKIE, cookie(&app, &base, "", 0))];
    (StatusCode::NO_CONTENT, gone).into_response()
}

/// The session's cookie: of this theatre's paths alone.
fn cookie(app: &App, base: &Base, value: &str, max_age_s: u64) -> String {
    let (path, secure) = (base.as_str(), secure(app));
    format!(
        "{COOKIE}={value}; HttpOnly; SameSite=Strict; Path={path}/; Max-Age={max_age_s}{secure}"
    )
}

fn not_logged_in() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "log in first")
}

fn secure(app: &App) -> &'static str {
    let https = app
        .public_url()
        .is_some_and(|url| url.starts_with("https://"));
    if https { "; Secure" } else { "" }
}

/// Where somebody logs in, and what their browser showed before.
#[derive(Debug)]
struct Door {
    base: Base,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Door {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let headers = parts.headers.clone();
        let base = Base::from_request_parts(parts, state).await?;
        Ok(Self { base, headers })
    }
}

impl Door {
    /// Begins a session and answers with it. The browser's session before, if any, ends.
    fn open(&self, app: &App, person: &PersonBody, exercise: bool) -> Result<Response, Problem> {
        app.sessions().end(&self.headers);
        let (value, session) = app.sessions().begin(&person.person, exercise)?;
        let cookie = cookie(app, &self.base, &value, MAX_AGE_S);
        let body = Json(session_json(app, person, &session));
        Ok(([(header::SET_COOKIE, cookie)], body).into_response())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhoWants {
    person: Option<String>,
}

/// An answer to a question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer<C> {
    pub(super) id: String,
    pub(super) credential: C,
}

/// What a browser's `PublicKeyCredential.toJSON()` has of an assertion (§ 5.1, AuthenticationResponseJSON).
#[derive(Debug, Deserialize)]
pub(super) struct AssertionJson {
    id: String,
    response: AssertionResponse,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
}

impl From<AssertionJson> for Assertion {
    fn from(json: AssertionJson) -> Self {
        Self {
            credential: json.id,
            authenticator_data: json.response.authenticator_data,
            client_data: json.response.client_data,
            signature: json.response.signature,
        }
    }
}

/// And of a new passkey (RegistrationResponseJSON).
#[derive(Debug, Deserialize)]
struct RegistrationJson {
    id: String,
    response: RegistrationResponse,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
}

/// What a browser is asked for (§ 5.5, PublicKeyCredentialRequestOptionsJSON).
pub(super) fn request_options(app: &App, challenge: &[u8], credentials: &[String]) -> Value {
    let allowed: Vec<Value> = credentials
        .iter()
        .map(|id| json!({"type": "public-key", "id": id}))
        .collect();
    json!({
        "challenge": base64url(challenge), "rpId": app.relying_party().id, "timeout": TIMEOUT_MS,
        "allowCredentials": allowed, "userVerification": "required",
    })
}

fn challenge() -> Result<Vec<u8>, Problem> {
    let mut bytes = vec![0; 32];
    let failed = |e| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("no randomness: {e}"),
        )
    };
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

async fn passkey_options(
    State(app): State<App>,
    Json(wants): Json<WhoWants>,
) -> Result<Json<Value>, Problem> {
    let challenge = challenge()?;
    // The passkey says whose it is: nobody learns here who has one.
    let options = request_options(&app, &challenge, &[]);
    let id = app.ceremonies().ask(Asked::Login {
        challenge,
        person: wants.person,
    })?;
    Ok(Json(json!({"id": id, "options": options})))
}

async fn passkey(
    State(app): State<App>,
    door: Door,
    Json(answer): Json<Answer<AssertionJson>>,
) -> Result<Response, Problem> {
    let Asked::Login {
        challenge,
        person: wanted,
    } = app.ceremonies().answered(&answer.id)?
    else {
        return Err(other_question());
    };
    let assertion = Assertion::from(answer.credential);
    let directory = app.directory();
    let refused = || {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "this passkey is not known here, or was revoked",
        )
    };
    let (person, passkey) = directory
        .people
        .of_credential(&assertion.credential)
        .ok_or_else(refused)?;
    if wanted.is_some_and(|wanted| wanted != person.body.person) {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "this passkey is somebody else's",
        ));
    }
    assertion
        .check(&app.relying_party(), &passkey.body.public_key, &challenge)
        .map_err(unauthorized)?;
    door.open(&app, &person.body, false)
}

pub(super) fn other_question() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "this answers another question than the one that was asked",
    )
}

fn unauthorized(refused: Refused) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, refused.to_string())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenName {
    name: String,
}

/// Makes a token for a program of the person who is logged in: it reads, and changes nothing.
async fn make_token(
    State(app): State<App>,
    who: Who,
    Json(TokenName { name }): Json<TokenName>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let person = who.as_person()?.person.clone();
    let made = app
        .with(move |centre| centre.make_token(&person, &name))
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(json!({"token": made.code, "expires": made.expires})),
    ))
}

/// The persons of the record that anyone may play.
async fn exercise_parts(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let directory = app.directory();
    let parts = directory
        .people
        .persons()
        .filter(|p| p.body.exercise && !p.revoked);
    let items: Vec<Value> = parts.map(|p| person_json(&p.body)).collect();
    if items.is_empty() {
        return Err(no_exercise());
    }
    Ok(Json(json!({"items": items})))
}

fn no_exercise() -> Problem {
    Problem::not_found("this centre is no exercise: log in with a passkey")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    person: String,
}

async fn exercise(
    State(app): State<App>,
    door: Door,
    Json(part): Json<Part>,
) -> Result<Response, Problem> {
    let directory = app.directory();
    let person = directory
        .person(&part.person)
        .filter(|p| p.body.exercise)
        .ok_or_else(no_exercise)?;
    door.open(&app, &person.body, true)
}

/// The person of an invitation that counts, and until when it does.
fn invited(app: &App, code: &str) -> Result<(PersonBody, truceline_domain::Recorded), Problem> {
    let directory = app.directory();
    let open = directory.people.invitation(code);
    let open = open.filter(|(_, invitation)| invitation.expires > crate::clock::recorded());
    let gone = || Problem::not_found("this invitation was used, was replaced, or has expired");
    open.map(|(person, invitation)| (person.body.clone(), invitation.expires))
        .ok_or_else(gone)
}

async fn invitation(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (person, expires) = invited(&app, &code)?;
    Ok(Json(
        json!({"person": person_json(&person), "expires": expires}),
    ))
}

async fn register_options(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (person, _) = invited(&app, &code)?;
    let challenge = challenge()?;
    let directory = app.directory();
    let handle = Sha256::of(format!("{}\n{}", directory.origin, person.person).as_bytes());
    let known = directory
        .person(&person.person)
        .map(|p| &p.passkeys[..])
        .unwrap_or_default();
    let exclude: Vec<Value> = known
        .iter()
        .map(|p| json!({"type": "public-key", "id": p.body.credential}))
        .collect();
    let kinds = Algorithm::ALL.map(|alg| json!({"type": "public-key", "alg": alg.cose()}));
    let options = json!({
        "rp": {"id": app.relying_party().id, "name": directory.origin},
        "user": {"id": base64url(handle.as_bytes()), "name": person.person, "displayName": person.name},
        "challenge": base64url(&challenge), "pubKeyCredParams": kinds, "timeout": TIMEOUT_MS,
        "excludeCredentials": exclude, "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
    });
    let id = app.ceremonies().ask(Asked::Register { challenge, code })?;
    Ok(Json(json!({"id": id, "options": options})))
}

async fn register(
    State(app): State<App>,
    door: Door,
    Path(code): Path<String>,
    Json(answer): Json<Answer<RegistrationJson>>,
) -> Result<Response, Problem> {
    let asked = app.ceremonies().answered(&answer.id)?;
    let Asked::Register {
        challenge,
        code: asked,
    } = asked
    else {
        return Err(other_question());
    };
    if asked != code {
        return Err(other_question());
    }
    let (person, _) = invited(&app, &code)?;
    let registration = Registration {
        client_data: answer.credential.response.client_data,
        attestation_object: answer.credential.response.attestation_object,
    };
    let centre = app.relying_party();
    let made = registration
        .check(&centre, &challenge)
        .map_err(unauthorized)?;
    if made.credential != answer.credential.id {
        return Err(unauthorized(Refused::Malformed(
            "another id than the passkey's own",
        )));
    }
    let body = PasskeyBody {
        person: person.person.clone(),
        credential: made.credential,
        public_key: made.key,
        rp_id: centre.id,
        origin: made.origin,
        invitation_sha256: Sha256::of(code.as_bytes()),
    };
    app.clone()
        .with(move |centre| centre.register(&code, &body))
        .await?;
    door.open(&app, &person, false)
}
