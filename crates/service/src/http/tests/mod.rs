//! The pages and the API as browsers and programs ask for them.

mod access;
mod doors;
mod ground;
mod leave;
mod modalities;
mod openrosa;
mod passkeys;
mod programs;
mod reports;
mod tiles;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use serde_json::{Value, json};
use truceline_record::people::PersonBody;

use super::{App, centre_router};
use crate::config::FeedConfig;
use crate::live::Hub;
use crate::{Centre, centre, shipped};

/// A new centre of a shipped theatre.
pub(super) fn new_centre(dir: &Path) -> PathBuf {
    let centre = dir.join("centre");
    centre::create(&centre, &shipped::theatre(), None, Vec::new()).unwrap();
    centre
}

/// A centre at work, without live feeds.
pub(super) fn app(dir: &Path) -> App {
    app_with(dir, &[])
}

/// A centre at work with these feeds.
pub(super) fn app_with(dir: &Path, feeds: &[FeedConfig]) -> App {
    let (centre, _) = Centre::open(dir).unwrap();
    let place = centre.place();
    let runtime = tokio::runtime::Handle::current();
    let hub = Hub::start(feeds, &place, None, &runtime).unwrap();
    App::new(Arc::new(Mutex::new(centre)), Arc::new(hub), Some("control"))
}

async fn get(centre: &Path, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).header(header::AUTHORIZATION, "Bearer control");
    let request = request.body(Body::empty()).unwrap();
    let response = centre_router(app(centre)).oneshot(request).await.unwrap();
    let policy = response.headers().get(header::CONTENT_SECURITY_POLICY);
    let policy = policy
        .map(|v| v.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let status = response.status();
    let body = to_bytes(response.into_body(), 10 << 20).await.unwrap();
    (status, policy, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn pages_show_the_theatre_and_load_nothing_from_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let (status, policy, page) = get(&centre, "/plain/").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(
        page.contains("contact-line") && page.contains("agreement.md"),
        "{page}"
    );
    assert!(
        !page.contains("<script") && !page.contains("https://"),
        "{page}"
    );
    assert_eq!(get(&centre, "/style.css").await.0, StatusCode::OK);
    let (status, _, picture) = get(&centre, "/api/picture").await;
    assert_eq!(status, StatusCode::OK);
    assert!(serde_json::from_str::<serde_json::Value>(&picture).unwrap()["features"].is_array());
}

#[tokio::test]
async fn the_log_is_served_as_it_lies_and_keys_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let (status, _, checkpoint) = get(&centre, "/log/checkpoint").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        checkpoint,
        std::fs::read_to_string(centre.join("record/log/checkpoint")).unwrap()
    );
    assert_eq!(get(&centre, "/vkeys").await.0, StatusCode::OK);
    for hidden in [
        "/keys/log.key",
        "/log/../../keys/log.key",
        "/log/%2e%2e/%2e%2e/keys/log.key",
    ] {
        let (status, _, body) = get(&centre, hidden).await;
        assert_ne!(status, StatusCode::OK, "{hidden}");
        assert!(!body.contains("PRIVATE+KEY"), "{hidden}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_and_escaped() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let (status, _, page) = get(&centre, "/findings/%3Cscript%3E").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!page.contains("<script>"), "{page}");
    assert_eq!(get(&centre, "/nowhere").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_who_shows_the_token_posts_and_what_is_posted_is_in_the_record_when_answered() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let flash = r#"{"id":"o1","source":"F1","kind":"flash","observed":"2021-03-14T09:00:00Z","bearing_deg":10,"bearing_sd_deg":1}"#;
    let post = async |token: &str, body: &str| {
        let request = Request::post("/api/feeds/sensors/observations?format=sensor")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = centre_router(app.clone()).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (
            status,
            serde_json::from_slice::<serde_json::Value>(&body).unwrap(),
        )
    };
    let (status, problem) = post("guess", flash).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(problem["detail"].as_str().unwrap().contains("token"));
    let (status, taken) = post("control", flash).await;
    assert_eq!(
        (status, &taken["observations"]),
        (StatusCode::OK, &1.into())
    );
    let observations = app.clone().with(|c| c.observations()).await.unwrap();
    assert_eq!(observations[0].id.as_str(), "o1");
    let (status, taken) = post("control", "{\"id\":7}\n").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{taken}");
    assert_eq!(taken["set_aside"], 1);
}

#[tokio::test]
async fn a_report_is_told_in_its_forms_and_a_wrong_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let path = |query: &str| format!("/api/reports/daily/2021-03-15{query}");
    let (status, policy, page) = get(&centre, &path("?lang=ar")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("dir=\"rtl\"") && !page.contains("<script"));
    assert!(
        policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"),
        "{policy}"
    );
    let (_, _, model) = get(&centre, &path("?format=json")).await;
    assert!(
        model.contains("\"form\":\"truceline/daily-report/v1\""),
        "{model}"
    );
    let (_, _, csv) = get(&centre, &path("?format=csv")).await;
    assert!(csv.starts_with("record,"), "{csv}");
    for wrong in [
        path("?lang=xx"),
        path("?format=doc"),
        "/api/reports/daily/2021-02-30".into(),
    ] {
        assert_eq!(
            get(&centre, &wrong).await.0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    // Before the procedures, and a report that they do not order.
    for none in [
        "/api/reports/daily/2020-12-01",
        "/api/reports/weekly/2021-03-15",
    ] {
        assert_eq!(get(&centre, none).await.0, StatusCode::CONFLICT, "{none}");
    }
}

#[tokio::test]
async fn a_feed_that_is_none_is_told_as_a_problem() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let (status, _, body) = get(&centre, "/api/feeds/nobody").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("\"detail\""), "{body}");
    assert_eq!(get(&centre, "/api/feeds").await.2, "[]");
}

/// The sending states, by their ids.
pub(super) fn states(app: &App) -> Vec<String> {
    let directory = app.directory();
    directory.sending_states().map(str::to_owned).collect()
}

/// Somebody at a browser: their cookie and their word against other sites' pages.
pub(super) struct Browser {
    app: App,
    cookie: Option<String>,
    csrf: Option<String>,
}

impl Browser {
    pub(super) fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            cookie: None,
            csrf: None,
        }
    }

    /// One who plays a part.
    pub(super) async fn playing(app: &App, person: &str) -> Self {
        let mut browser = Self::new(app);
        let (status, told) = browser
            .post("/api/session/exercise", &json!({"person": person}))
            .await;
        assert_eq!(status, StatusCode::OK, "{told}");
        browser
    }

    pub(super) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:7400");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-truceline-csrf", csrf);
        }
        request
    }

    pub(super) async fn send(&mut self, request: Request<Body>) -> (StatusCode, Value) {
        let response = centre_router(self.app.clone())
            .oneshot(request)
            .await
            .unwrap();
        let status = response.status();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(
                cookie.contains("HttpOnly; SameSite=Strict; Path=/"),
                "{cookie}"
            );
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        let body = to_bytes(response.into_body(), 10 << 20).await.unwrap();
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(csrf) = value["csrf"].as_str() {
            self.csrf = Some(csrf.to_owned());
        }
        (status, value)
    }

    pub(super) async fn get(&mut self, path: &str) -> (StatusCode, Value) {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub(super) async fn post(&mut self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        self.send(request).await
    }

    /// The status alone: an answer without end is not read.
    pub(super) async fn status(&self, method: &str, path: &str) -> StatusCode {
        let request = self
            .request(method, path)
            .header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from("{}")).unwrap();
        centre_router(self.app.clone())
            .oneshot(request)
            .await
            .unwrap()
            .status()
    }
}

/// Admits a part that anyone may play.
pub(super) async fn admit_part(app: &App, id: &str, state: &str, role: &str) {
    let body = PersonBody {
        person: id.to_owned(),
        name: format!("Exercise: {role}"),
        state: state.to_owned(),
        roles: vec![role.to_owned()],
        theatres: app.directory().theatre.clone().into_iter().collect(),
        exercise: true,
    };
    app.clone()
        .with(move |centre| centre.admit(&body, "test"))
        .await
        .unwrap();
}
