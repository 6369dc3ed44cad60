//! The pages as a browser asks for them.

use std::path::{Path, PathBuf};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use super::centre_router;
use crate::centre;

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

async fn get(centre: &Path, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = centre_router(centre).oneshot(request).await.unwrap();
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
