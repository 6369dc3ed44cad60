//! The pages as a browser asks for them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use super::{App, centre_router};
use crate::live::Hub;
use crate::{Centre, centre};

/// A new centre of a shipped theatre.
fn new_centre(dir: &Path) -> PathBuf {
    let theatres = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres");
    let theatre = std::fs::read_dir(theatres)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let centre = dir.join("centre");
    centre::create(&centre, &theatre, None, Vec::new()).unwrap();
    centre
}

/// A centre at work, without live feeds.
fn app(dir: &Path) -> App {
    let (centre, _) = Centre::open(dir).unwrap();
    let place = centre.place();
    let runtime = tokio::runtime::Handle::current();
    let hub = Hub::start(&[], &place, None, &runtime).unwrap();
    App::new(Arc::new(Mutex::new(centre)), Arc::new(hub), Some("control"))
}

async fn get(centre: &Path, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
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
    let (status, policy, page) = get(&centre, "/").await;
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
async fn a_feed_that_is_none_is_told_as_a_problem() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let (status, _, body) = get(&centre, "/api/feeds/nobody").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("\"detail\""), "{body}");
    assert_eq!(get(&centre, "/api/feeds").await.2, "[]");
}
