//! Steps of the procedures taken in the browser: by whom, on which text, and what is refused.

use axum::http::StatusCode;
use serde_json::{Value, json};
use truceline_record::verify::verify;

use super::{Browser, admit_part, app, new_centre};

async fn take(browser: &mut Browser, version: u64, statement: &Value) -> (StatusCode, Value) {
    let path = format!("/api/modalities/{version}/steps");
    let (status, asked) = browser.post(&format!("{path}/options"), statement).await;
    if status != StatusCode::OK {
        return (status, asked);
    }
    assert_eq!(asked["method"], "exercise");
    let text = asked["text"].as_str().unwrap();
    assert!(text.starts_with("truceline/deed/v1\n"), "{text}");
    let answer = json!({"id": asked["id"], "credential": null});
    // What was asked for the procedures is no word in the talks.
    let elsewhere = browser.post("/api/talks/statements", &answer).await;
    assert!(elsewhere.0.is_client_error(), "{}", elsewhere.1);
    let (status, taken) = browser.post(&path, &answer).await;
    assert!(
        browser.post(&path, &answer).await.0.is_client_error(),
        "an answer counts once"
    );
    (status, taken)
}

#[tokio::test]
async fn the_host_suspends_and_resumes_and_others_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let (states, host) = {
        let directory = app.directory();
        let procedures = directory.procedures.as_ref().unwrap();
        let states: Vec<String> = directory.sending_states().map(str::to_owned).collect();
        (states, procedures.host.id.to_string())
    };
    for (id, state, role) in [
        ("officer", &states[0], "signing officer"),
        ("watcher", &states[0], "observer"),
        ("auditor", &host, "auditor"),
        ("official", &host, "host official"),
    ] {
        admit_part(&app, id, state, role).await;
    }
    let mut official = Browser::playing(&app, "official").await;
    let (_, board) = official.get("/api/modalities").await;
    let version = board["in_force"].as_u64().unwrap();
    let text = board["versions"][0]["text_sha256"].clone();
    let (status, whole) = official
        .get(&format!("/api/modalities/{version}/text"))
        .await;
    assert_eq!((status, &whole["text_sha256"]), (StatusCode::OK, &text));
    assert!(whole["text"].as_str().unwrap().contains("```procedures"));
    let none = official.get("/api/modalities/4000000000/text").await;
    assert_eq!(none.0, StatusCode::NOT_FOUND, "{}", none.1);

    let suspend =
        json!({"version": version, "text_sha256": text, "step": {"suspend": {"why": "a test"}}});
    for id in ["watcher", "auditor"] {
        let mut other = Browser::playing(&app, id).await;
        let refused = take(&mut other, version, &suspend).await;
        assert_eq!(refused.0, StatusCode::FORBIDDEN, "{id}: {}", refused.1);
    }
    // One sending state alone suspends nothing, and is told what it takes.
    let mut officer = Browser::playing(&app, "officer").await;
    let (status, why) = take(&mut officer, version, &suspend).await;
    assert_eq!(status, StatusCode::CONFLICT, "{why}");
    let mut other_text = suspend.clone();
    other_text["text_sha256"] = json!("00".repeat(32));
    for (at, statement) in [(version, &other_text), (version + 1, &suspend)] {
        let refused = take(&mut official, at, statement).await;
        assert_eq!(refused.0, StatusCode::CONFLICT, "{}", refused.1);
    }
    assert_eq!(official.get("/api/modalities").await.1["in_force"], version);

    let (status, taken) = take(&mut official, version, &suspend).await;
    assert_eq!(status, StatusCode::CREATED, "{taken}");
    let (_, board) = official.get("/api/modalities").await;
    assert_eq!(board["in_force"], Value::Null);
    assert_eq!(board["versions"][0]["state"], "suspended");
    let resume = json!({"version": version, "text_sha256": text, "step": {"resume": {"why": "the test is over"}}});
    let (status, taken) = take(&mut official, version, &resume).await;
    assert_eq!(status, StatusCode::CREATED, "{taken}");
    assert_eq!(official.get("/api/modalities").await.1["in_force"], version);
    let options = truceline_record::verify::Options::default();
    let checked = verify(&centre, &options, &|_| {}).unwrap();
    assert!(checked.faults.is_empty(), "{checked}");
}
