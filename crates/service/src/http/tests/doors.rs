//! What is written down of who asked, and ways that lead nowhere.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;

use super::watch::playing;
use super::{Browser, app, new_centre};
use crate::http::centre_router;
use crate::watch::Accesses;

#[tokio::test]
async fn every_access_is_in_the_record_also_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let first = app(&centre);
    let mut auditor = playing(&first, "auditor").await;
    assert_eq!(auditor.get("/api/findings").await.0, StatusCode::OK);
    assert_eq!(
        Browser::new(&first).get("/api/findings").await.0,
        StatusCode::UNAUTHORIZED
    );
    // The process is killed: nothing was put into the record yet.
    drop((first, auditor));
    let second = app(&centre);
    let accesses: Arc<Accesses> = second.accesses().clone();
    second
        .clone()
        .with(move |centre| centre.take_accesses(&accesses, true))
        .await
        .unwrap();
    let mut auditor = Browser::playing(&second, "auditor").await;
    let (status, told) = auditor.get("/api/audit").await;
    assert_eq!(status, StatusCode::OK);
    let lines: Vec<_> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (&a["who"], &a["path"], &a["status"]))
        .collect();
    assert!(
        lines.contains(&(&json!("auditor"), &json!("/api/findings"), &json!(200))),
        "{lines:?}"
    );
    assert!(
        lines.contains(&(&json!("-"), &json!("/api/findings"), &json!(401))),
        "{lines:?}"
    );
    drop((second, auditor));
    let report = truceline_record::verify::verify(&centre, &Default::default(), &|_| {}).unwrap();
    assert!(report.passed(), "{report}");
    let replayed = crate::Centre::replay(&centre).unwrap();
    assert_eq!(replayed.before, Some(replayed.after));
}

/// No route gives a file of the centre's folder that is not meant to be given.
#[tokio::test]
async fn paths_lead_nowhere_else_and_bodies_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let secret = std::fs::read_to_string(centre.join("keys/log.key")).unwrap();
    let mut officer = playing(&app, "signing officer").await;
    assert!(Path::new(&centre.join("accesses.open")).exists());
    for path in [
        "/log/../../keys/log.key",
        "/log/..%2f..%2fkeys%2flog.key",
        "/vkeys/../../keys/log.key",
        "/serve.json",
        "/api/feeds/..%2f..%2fkeys/still?at=2021-03-14T09:30:00Z",
        "/findings/..%2F..%2Fkeys%2Flog.key",
        "/ogc/collections/..%2f..%2fkeys/items",
        "/accesses.open",
    ] {
        let request = officer.request("GET", path).body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(centre_router(app.clone()), request)
            .await
            .unwrap();
        assert_ne!(answer.status(), StatusCode::OK, "{path}");
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20)
            .await
            .unwrap();
        assert!(
            !String::from_utf8_lossy(&body).contains(secret.trim()),
            "{path}"
        );
    }
    let large = json!({"name": "x".repeat(2 << 20)});
    assert_eq!(
        officer.post("/api/session/tokens", &large).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}
