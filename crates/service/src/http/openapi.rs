//! The API described, from the very table that the guard reads: as OpenAPI 3.1, and as a page.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, Response};
use axum::routing::get;
use maud::html;
use serde_json::{Map, Value, json};

use super::access::table::{Needs, ROUTES, Route};
use super::app::App;
use super::bodies;
use super::pages;
use super::paging::tagged;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/openapi.json", get(description))
        .route("/api/docs", get(page))
        .route("/metrics", get(metrics))
}

/// What a route needs, in words.
fn needs(route: &Route) -> String {
    match route.needs {
        Needs::Nothing => "nothing, or what it asks for itself".to_owned(),
        Needs::Known => "somebody who is logged in".to_owned(),
        Needs::Right(right) => {
            let word = serde_json::to_value(right).unwrap_or_default();
            format!(
                "the right to {}",
                word.as_str().unwrap_or_default().replace('_', " ")
            )
        }
    }
}

/// What may be asked of a route beside its path: a name and the form of its value.
const QUERIES: &[(&str, &[(&str, &str)])] = &[
    (
        "/api/findings",
        &[
            ("standing", ""),
            ("party", ""),
            ("kind", ""),
            ("from", "date-time"),
            ("to", "date-time"),
            ("limit", "count"),
            ("cursor", ""),
        ],
    ),
    ("/api/findings/{id}", &[("lang", "")]),
    (
        "/api/alerts",
        &[("open", "boolean"), ("limit", "count"), ("cursor", "")],
    ),
    ("/api/audit", &[("limit", "count"), ("cursor", "")]),
    ("/api/picture", &[("at", "date-time")]),
    ("/api/picture/live", &[("tail_s", "seconds")]),
    (
        "/tiles/{layer}",
        &[
            ("from", "date-time"),
            ("to", "date-time"),
            ("kind", ""),
            ("standing", ""),
        ],
    ),
    (
        "/tiles/{layer}/{z}/{x}/{y}",
        &[
            ("from", "date-time"),
            ("to", "date-time"),
            ("kind", ""),
            ("standing", ""),
        ],
    ),
    ("/api/theatre", &[("at", "date-time")]),
    (
        "/api/coverage",
        &[
            ("from", "date-time"),
            ("to", "date-time"),
            ("by", ""),
            ("kind", ""),
        ],
    ),
    (
        "/api/compliance",
        &[("from", "date-time"), ("to", "date-time")],
    ),
    (
        "/api/reports/{report}/{date}",
        &[("lang", ""), ("format", "")],
    ),
    (
        "/api/handover",
        &[("from", "date-time"), ("to", "date-time")],
    ),
    (
        "/ogc/collections/{collection}/items",
        &[
            ("bbox", ""),
            ("datetime", ""),
            ("limit", "count"),
            ("offset", "count"),
        ],
    ),
];

/// A parameter of a query.
fn parameter(name: &str, form: &str) -> Value {
    let schema = match form {
        "count" => json!({"type": "integer", "minimum": 0}),
        "seconds" => json!({"type": "number", "minimum": 0}),
        "boolean" => json!({"type": "boolean"}),
        "date-time" => json!({"type": "string", "format": "date-time"}),
        _ => json!({"type": "string"}),
    };
    json!({"name": name, "in": "query", "required": false, "schema": schema})
}

async fn description(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let item = paths
            .entry(route.path.to_owned())
            .or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.to_lowercase(), operation(route));
        }
    }
    let value = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "truceline", "version": env!("CARGO_PKG_VERSION"),
            "description": format!("The API of the centre {}. docs/api.md says more.", app.directory().origin),
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": app.own_url()}],
        "paths": paths,
        "components": {
            "schemas": bodies::schemas(),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": super::access::COOKIE},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    });
    tagged(&headers, &value)
}

fn operation(route: &Route) -> Value {
    let in_path = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    let queries = QUERIES
        .iter()
        .filter(|(path, _)| route.method == "GET" && *path == route.path);
    parameters.extend(
        queries
            .flat_map(|(_, all)| *all)
            .map(|(name, form)| parameter(name, form)),
    );
    if route.method != "GET" && route.needs != Needs::Nothing {
        parameters.push(json!({
            "name": "X-Truceline-CSRF", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "the session's word, with a cookie",
        }));
    }
    let id: String = route
        .path
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let bodies = bodies::of(route.method, route.path);
    let problem = json!({
        "description": "refused, or wrong", "content": bodies::problem(bodies, route.is_page()),
    });
    let mut done = json!({"description": "done"});
    if let (Some(members), Some(content)) = (
        done.as_object_mut(),
        bodies.and_then(bodies::Bodies::content),
    ) {
        members.insert("content".to_owned(), content);
    }
    let mut operation = json!({
        "operationId": format!("{}{id}", route.method.to_lowercase()), "summary": route.says,
        "description": format!("Needs {}.", needs(route)), "parameters": parameters,
        "responses": {"2XX": done, "304": {"description": "known already"}, "4XX": problem, "5XX": problem},
    });
    if let Some(members) = operation.as_object_mut() {
        if let Some(request) = bodies.and_then(bodies::Bodies::request) {
            members.insert("requestBody".to_owned(), request);
        }
        let security = match route.needs {
            Needs::Nothing => json!([]),
            _ => json!([{"session": []}, {"token": []}]),
        };
        members.insert("security".to_owned(), security);
    }
    operation
}

async fn page() -> Html<String> {
    let body = html! {
        p { a href="../plain/" { "Overview" } }
        h1 { "The API" }
        p { "The same as " a href="openapi.json" { "OpenAPI 3.1" } ". GIS clients find the layers at " code { "/ogc" } "." }
        div.scroll { table {
            tr { th { "Method" } th { "Path" } th { "What it does" } th { "Needs" } }
            @for route in ROUTES {
                tr { td { (route.method) } td { code { (route.path) } } td { (route.says) } td { (needs(route)) } }
            }
        } }
    };
    Html(pages::page("API · truceline", "../", &body).into_string())
}

/// Figures for Prometheus.
async fn metrics(State(app): State<App>) -> String {
    let mut text = app.counts().to_text();
    text.push_str("# HELP truceline_feed_up Whether a live feed gives what it should.\n# TYPE truceline_feed_up gauge\n");
    let states: Vec<_> = app.hub().feeds().map(|feed| feed.state()).collect();
    for state in &states {
        let up = u8::from(state.condition == crate::live::Condition::Up);
        text.push_str(&format!(
            "truceline_feed_up{{feed=\"{}\"}} {up}\n",
            state.id
        ));
    }
    text.push_str("# HELP truceline_feed_bytes_total Bytes taken since the process began.\n# TYPE truceline_feed_bytes_total counter\n");
    for state in &states {
        text.push_str(&format!(
            "truceline_feed_bytes_total{{feed=\"{}\"}} {}\n",
            state.id, state.bytes
        ));
    }
    text
}
