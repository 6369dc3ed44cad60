//! A report's release over HTTP: two passkeys on the same bytes, and nothing less.

use axum::http::StatusCode;
use serde_json::{Value, json};
use truceline_record::SignerKey;
use truceline_record::verify::verify;

use super::passkeys::{Authenticator, registered};
use super::{Browser, admit_part, app, new_centre, states};
use crate::live::Change;

const DAY: &str = "/api/reports/daily/2021-03-15";

async fn sign(browser: &mut Browser, person: &str, meant: &Value) -> (StatusCode, Value) {
    let asked = browser.post(&format!("{DAY}/release/options"), meant).await;
    if asked.0 != StatusCode::OK {
        return asked;
    }
    let challenge = asked.1["options"]["challenge"].as_str();
    let credential = challenge.map(|c| Authenticator::new(person).answer(c));
    let answer = json!({"id": asked.1["id"], "credential": credential});
    browser.post(&format!("{DAY}/release"), &answer).await
}

#[tokio::test]
async fn two_passkeys_release_the_same_bytes_and_everyone_who_receives_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let states = states(&app);
    admit_part(&app, "admin", &states[0], "machine administrator").await;
    let mut admin = Browser::playing(&app, "admin").await;
    let mut ada = registered(&app, &mut admin, "ada", &states[0]).await;
    let mut bea = registered(&app, &mut admin, "bea", &states[1]).await;
    for (id, state) in [("ada", &states[0]), ("bea", &states[1])] {
        let key = SignerKey::load(&centre.join(format!("keys/officer-{state}.key"))).unwrap();
        app.clone()
            .with(move |centre| centre.vouch_for(id, &key))
            .await
            .unwrap();
    }
    let mut told = app.hub().changes();
    let (status, board) = ada.get(&format!("{DAY}/release")).await;
    assert_eq!(status, StatusCode::OK, "{board}");
    assert_eq!(board["stands"], Value::Null);
    let now = board["now"]["sha256"].clone();
    assert_eq!(board["may"]["release"], json!([now]));
    // Bytes that nobody looked at are not signed; neither is a refusal without a reason.
    let other = "00".repeat(32);
    let wrong = [
        json!({"sha256": other, "decision": "release"}),
        json!({"sha256": now, "decision": "release", "by": "me"}),
    ];
    for wrong in wrong {
        assert!(sign(&mut ada, "ada", &wrong).await.0.is_client_error());
    }
    let silent = json!({"sha256": now, "decision": "refuse"});
    assert_eq!(sign(&mut ada, "ada", &silent).await.0, StatusCode::CONFLICT);
    assert_eq!(
        sign(&mut admin, "admin", &silent).await.0,
        StatusCode::FORBIDDEN
    );

    let meant = json!({"sha256": now, "decision": "release"});
    let (status, first) = sign(&mut ada, "ada", &meant).await;
    assert_eq!(
        (status, &first["standing"]),
        (StatusCode::CREATED, &json!("half-released")),
        "{first}"
    );
    assert_eq!(
        sign(&mut ada, "ada", &meant).await.0,
        StatusCode::CONFLICT,
        "twice"
    );
    let (status, second) = sign(&mut bea, "bea", &meant).await;
    assert_eq!(
        (status, &second["standing"]),
        (StatusCode::CREATED, &json!("released")),
        "{second}"
    );
    assert_eq!(second["release"]["stands"], now);
    let heard = std::iter::from_fn(|| told.try_recv().ok());
    let heard: Vec<_> = heard
        .filter_map(|change| match change {
            Change::Report(issued) => Some(issued),
            _ => None,
        })
        .collect();
    assert_eq!(heard.len(), 2);
    assert!(!heard[1].recipients.is_empty() && heard[1].sha256.to_string() == now);
    let (_, page) = ada
        .get(&format!(
            "{DAY}?format=json&version={}",
            now.as_str().unwrap()
        ))
        .await;
    assert_eq!(page["date"], "2021-03-15");
    drop((ada, bea, admin, told, app));
    let report = verify(&centre, &Default::default(), &|_| {}).unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(report.reports.len(), 1);
    assert!(
        report.to_string().contains("released, signed by"),
        "{report}"
    );
}
