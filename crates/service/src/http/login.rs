//! The page where people log in: by passkey, by an invitation, or as a part in an exercise. Passkeys
//! take a script; it is this page's own, and the only one.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::html;

use super::app::App;
use super::pages;

/// What this page may load and ask: its own script and style, and the centre.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

pub(super) fn routes() -> Router<App> {
    let script = || async {
        (
            [(header::CONTENT_TYPE, "text/javascript")],
            include_str!("login.js"),
        )
    };
    Router::new()
        .route("/login", get(page))
        .route("/login.js", get(script))
}

async fn page(State(app): State<App>) -> Response {
    let directory = app.directory();
    let parts: Vec<_> = directory
        .people
        .persons()
        .filter(|p| p.body.exercise && !p.revoked)
        .collect();
    let body = html! {
        p.faint { (directory.origin) }
        h1 { "Log in" }
        p.lead #told role="status" {}
        section #invited hidden {
            p { "You are invited as " b #who {} ". Your passkey stays on your device; the centre keeps its public half." }
            p { button #register { "Make a passkey" } }
        }
        section #known {
            p { button #passkey { "Use my passkey" } }
        }
        @if !parts.is_empty() {
            h2 { "Exercise" }
            p { "This centre is an exercise. Take a part; nothing that you sign is anybody's word." }
            ul {
                @for part in &parts {
                    li { button.part data-person=(part.body.person) { (part.body.name) } }
                }
            }
        }
        noscript { p { "Passkeys take a script, which this page brings along." } }
        script src="login.js" {}
    };
    let page = pages::page("Log in · truceline", "", &body).into_string();
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response()
}
