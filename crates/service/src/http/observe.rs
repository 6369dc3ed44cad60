//! Each request has a name, is counted, and is written down before its answer leaves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::access::Who;
use super::app::{App, Problem};
use crate::clock;
use crate::watch::Access;

/// Under this header the answer says the request's name, which its access has too.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What was answered since the process began.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// By the first digit of the status, 1 to 5.
    by_class: [AtomicU64; 6],
    micros: AtomicU64,
    number: AtomicU64,
}

impl Counts {
    /// The figures as Prometheus reads them (text format 0.0.4).
    pub(super) fn to_text(&self) -> String {
        let mut text = "# HELP truceline_http_answers_total Answers since the process began, by class of status.\n\
                        # TYPE truceline_http_answers_total counter\n"
            .to_owned();
        for (class, count) in self.by_class.iter().enumerate().skip(1) {
            let n = count.load(Ordering::Relaxed);
            text.push_str(&format!(
                "truceline_http_answers_total{{class=\"{class}xx\"}} {n}\n"
            ));
        }
        let seconds = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        text.push_str(&format!(
            "# HELP truceline_http_seconds_total Time until answers began, together.\n\
             # TYPE truceline_http_seconds_total counter\ntruceline_http_seconds_total {seconds}\n"
        ));
        text
    }
}

/// Names, counts and writes down a request.
pub(super) async fn write_down(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let counts = app.counts();
    let number = counts.number.fetch_add(1, Ordering::Relaxed);
    let id = format!("{}-{number}", app.begun());
    let method = request.method().to_string();
    // A code in the path is a secret: what the route says stands in its place.
    let matched = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let secret = matched.is_some_and(|path| path.starts_with("/api/invitations/"));
    let path = if secret {
        "/api/invitations/…".to_owned()
    } else {
        request.uri().path().to_owned()
    };
    let mut response = in_form(&path, next.run(request).await).await;
    let status = response.status().as_u16();
    if let Some(count) = counts.by_class.get(usize::from(status / 100)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    counts.micros.fetch_add(micros, Ordering::Relaxed);
    let who = response.extensions().get::<Who>();
    let who = who.map_or_else(|| "-".to_owned(), |who| who.name().to_owned());
    if is_accessed(&path) {
        // The file is on this machine's disk and is not synced: it holds nobody up.
        let path = path.chars().take(500).collect();
        app.accesses().put(&Access {
            at: clock::recorded(),
            who,
            method,
            path,
            status,
            request: id.clone(),
        });
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A refusal that the framework made in plain words, in the form of RFC 9457.
async fn in_form(path: &str, response: Response) -> Response {
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let plain = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    let api = ["/api/", "/ogc", "/tiles/"]
        .iter()
        .any(|front| path.starts_with(front));
    if !(refused && plain && api) {
        return response;
    }
    let who = response.extensions().get::<Who>().cloned();
    let words = axum::body::to_bytes(response.into_body(), MAX_WORDS_BYTES)
        .await
        .unwrap_or_default();
    let mut response = Problem::new(status, String::from_utf8_lossy(&words)).into_response();
    if let Some(who) = who {
        response.extensions_mut().insert(who);
    }
    response
}

/// The longest refusal in plain words.
const MAX_WORDS_BYTES: usize = 16 * 1024;

/// Whether a path shows anything of the centre: not whether it lives, its style, and the public log.
fn is_accessed(path: &str) -> bool {
    let public = [
        "/healthz",
        "/style.css",
        "/login",
        "/login.js",
        "/vkeys",
        "/metrics",
    ];
    !public.contains(&path)
        && !["/log/", "/console/", "/basemap/", "/glyphs/"]
            .iter()
            .any(|front| path.starts_with(front))
}
