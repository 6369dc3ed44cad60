//! Who asks, and whether they may: one guard before every route, one table of what each needs.
//!
//! A module of routes adds a line a route to [`table`], and its handlers take [`Who`] when they want to
//! know who asks. A route without a line is refused to everybody.

mod ceremony;
mod leave;
mod limits;
mod rest;
mod session;
pub(super) mod table;

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, OptionalFromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use truceline_domain::Sha256;
use truceline_record::people::PersonBody;

use super::app::{App, Problem};
use super::front::up;
use crate::people::{Right, Rights};

pub(super) use ceremony::{Asked, Ceremonies};
pub(super) use leave::Leave;
pub(super) use limits::Limits;
pub(super) use session::{COOKIE, Session, Sessions};
use table::{Needs, Route};

/// The header that says a request was meant: a page of another site cannot set it.
pub(super) const CSRF: &str = "x-truceline-csrf";

/// What this machine's own commands may do with the token in `serve.json`.
const CONTROL: Rights = Rights::of(&[
    Right::See,
    Right::SeeFeeds,
    Right::SeeReports,
    Right::SeeAudit,
    Right::ManagePersons,
    Right::Liaise,
]);

/// What a token can give at most.
const READING: Rights = Rights::of(&[
    Right::See,
    Right::SeeFeeds,
    Right::SeeReports,
    Right::SeeAudit,
]);

/// The hash of the token that a program shows: as a bearer, or as the password of whatever user (RFC 7617),
/// since some GIS clients have fields for these alone.
fn token_sha256(headers: &HeaderMap) -> Option<Sha256> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(token) = shown.strip_prefix("Bearer ") {
        return Some(Sha256::of(token.trim().as_bytes()));
    }
    let basic = BASE64_STANDARD
        .decode(shown.strip_prefix("Basic ")?.trim())
        .ok()?;
    let basic = String::from_utf8(basic).ok()?;
    Some(Sha256::of(basic.split_once(':')?.1.as_bytes()))
}

/// The address that a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) std::net::IpAddr);

/// Who asks.
#[derive(Debug, Clone)]
pub struct Who {
    identity: Identity,
    /// What they may do.
    pub rights: Rights,
}

#[derive(Debug, Clone)]
enum Identity {
    /// This machine's own commands.
    Control,
    /// A person who logged in.
    Person(PersonBody, Arc<Session>),
    /// A program that reads for a person.
    Token(PersonBody),
}

impl Who {
    /// The name under which the record says who did it.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Control => "this machine's commands",
            Identity::Person(person, _) | Identity::Token(person) => &person.person,
        }
    }

    /// The person; none for this machine's commands.
    #[must_use]
    pub fn person(&self) -> Option<&PersonBody> {
        match &self.identity {
            Identity::Control => None,
            Identity::Person(person, _) | Identity::Token(person) => Some(person),
        }
    }

    /// The person, who must be one.
    ///
    /// # Errors
    /// For this machine's commands.
    pub fn as_person(&self) -> Result<&PersonBody, Problem> {
        let refused = || {
            Problem::new(
                StatusCode::FORBIDDEN,
                "this takes a person who is logged in",
            )
        };
        self.person().ok_or_else(refused)
    }

    /// Their session.
    pub(super) fn session(&self) -> Option<&Arc<Session>> {
        match &self.identity {
            Identity::Control | Identity::Token(_) => None,
            Identity::Person(_, session) => Some(session),
        }
    }

    /// Refuses who has not this right.
    ///
    /// # Errors
    /// When they have it not.
    pub fn needs(&self, right: Right) -> Result<(), Problem> {
        if self.rights.has(right) {
            return Ok(());
        }
        let word = serde_json::to_value(right).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().replace('_', " ");
        let why = format!(
            "{} may not do this here: it takes the right to {word}",
            self.name()
        );
        Err(Problem::new(StatusCode::FORBIDDEN, why))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(unknown)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "log in first")
}

/// Lets a request through when whoever asks may do what its route needs.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut request = rest::taken(request);
    let matched = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let route = matched.and_then(|path| table::find(request.method(), path));
    let Some(route) = route else {
        tracing::error!(?matched, method = %request.method(), "a route without a line in the table");
        return Problem::not_found("there is no such route").into_response();
    };
    let who = app.who(request.headers());
    if !app.is_in_time(who.as_ref(), &request) {
        let why = "too many requests; wait a second";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, why);
        return ([(header::RETRY_AFTER, "1")], problem).into_response();
    }
    if let Err(problem) = let_through(&app, route, who.as_ref(), &request) {
        let wants_page = route.is_page() && who.is_none();
        return if wants_page {
            Redirect::to(&format!("{}login", up(request.uri().path()))).into_response()
        } else {
            problem.into_response()
        };
    }
    let Some(who) = who else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(who.clone());
    let mut response = next.run(request).await;
    // Read by whoever writes down the access.
    response.extensions_mut().insert(who);
    response
}

fn let_through(
    app: &App,
    route: &Route,
    who: Option<&Who>,
    request: &Request,
) -> Result<(), Problem> {
    let (method, headers) = (request.method(), request.headers());
    let changes = !matches!(*method, Method::GET | Method::HEAD);
    // A socket is opened with GET, and a page of another site can try.
    if (changes || headers.contains_key(header::UPGRADE)) && !app.is_same_origin(headers) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "the request comes from a page of another site",
        ));
    }
    let known = || who.ok_or_else(unknown);
    match route.needs {
        Needs::Nothing => return Ok(()),
        Needs::Known => drop(known()?),
        Needs::Right(right) => known()?.needs(right)?,
    }
    if changes && who.is_some_and(|who| matches!(who.identity, Identity::Token(_))) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "a token reads, and changes nothing",
        ));
    }
    if let (true, Some(session)) = (changes, who.and_then(Who::session)) {
        let shown = headers.get(CSRF).and_then(|value| value.to_str().ok());
        if !shown.is_some_and(|shown| session.is_meant(shown)) {
            let why = format!("a request that changes something takes the header {CSRF}");
            return Err(Problem::new(StatusCode::FORBIDDEN, why));
        }
    }
    Ok(())
}

impl App {
    /// Who asks, by their session or this machine's token; none when neither counts.
    pub(super) fn who(&self, headers: &HeaderMap) -> Option<Who> {
        if let Some(session) = self.sessions().find(headers) {
            let directory = self.directory();
            // A person who was revoked is out at once.
            let person = directory.person(&session.person)?.body.clone();
            let rights = directory.rights(&person);
            return Some(Who {
                identity: Identity::Person(person, session),
                rights,
            });
        }
        if self.is_let_in(headers, None) {
            return Some(Who {
                identity: Identity::Control,
                rights: CONTROL,
            });
        }
        let directory = self.directory();
        let (person, token) = directory.people.of_token(token_sha256(headers)?)?;
        if token.expires <= crate::clock::recorded() {
            return None;
        }
        let rights = directory.rights(&person.body).within(READING);
        Some(Who {
            identity: Identity::Token(person.body.clone()),
            rights,
        })
    }

    /// Whether whoever asks has not asked too often. This machine's commands may ask as they like.
    fn is_in_time(&self, who: Option<&Who>, request: &Request) -> bool {
        match who.map(|who| &who.identity) {
            Some(Identity::Control) => true,
            // Each browser by itself: several may play one part.
            Some(Identity::Person(_, session)) => self.limits().takes(&session.csrf, limits::KNOWN),
            Some(Identity::Token(person)) => self.limits().takes(&person.person, limits::KNOWN),
            None => {
                let peer = request.extensions().get::<Peer>();
                let peer = peer.map_or_else(String::new, |Peer(ip)| format!("from {ip}"));
                self.limits().takes(&peer, limits::UNKNOWN)
            }
        }
    }

    /// Whether a request comes from the centre's own pages, or from no page at all.
    fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(origin) = headers.get(header::ORIGIN) else {
            return !matches!(
                text(header::HeaderName::from_static("sec-fetch-site")),
                Some("cross-site" | "same-site")
            );
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        if self.public_url() == Some(origin) {
            return true;
        }
        let host = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        host.is_some() && host == text(header::HOST)
    }
}
