//! From an invitation to a finding that two passkeys determine, and attempts to do so without.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use truceline_record::SignerKey;

use super::{Browser, admit_part, app, new_centre, states};
use crate::http::App;

#[path = "../../../../record/tests/common/authenticator.rs"]
mod authenticator;
pub(super) use authenticator::Authenticator;

/// Takes in the theatre's sensors and judges: some findings stand before the officers.
pub(super) async fn finding(app: &App) -> String {
    let sensors = crate::shipped::feed("sensors.ndjson");
    let mut browser = Browser::new(app);
    let request = browser
        .request("POST", "/api/feeds/sensors/observations?format=sensor")
        .header("authorization", "Bearer control")
        .body(Body::from(sensors))
        .unwrap();
    let (status, told) = browser.send(request).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    app.clone()
        .with(|centre| centre.judge().map(drop))
        .await
        .unwrap();
    let ids = app
        .clone()
        .with(|centre| centre.finding_ids())
        .await
        .unwrap();
    ids[0].to_string()
}

/// A person who registered their passkey by an invitation.
pub(super) async fn registered(app: &App, admin: &mut Browser, id: &str, state: &str) -> Browser {
    let person = json!({"id": id, "name": id, "state": state, "roles": ["signing officer"]});
    assert_eq!(
        admin.post("/api/persons", &person).await.0,
        StatusCode::CREATED
    );
    let (status, invited) = admin
        .post(&format!("/api/persons/{id}/invitations"), &json!({}))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{invited}");
    let path = format!("/api/invitations/{}", invited["code"].as_str().unwrap());
    let mut browser = Browser::new(app);
    assert_eq!(browser.get(&path).await.1["person"]["id"], id);
    let (_, asked) = browser.post(&format!("{path}/options"), &json!({})).await;
    let challenge = asked["options"]["challenge"].as_str().unwrap();
    let answer = json!({"id": asked["id"], "credential": Authenticator::new(id).make(challenge)});
    let (status, session) = browser.post(&path, &answer).await;
    assert_eq!(status, StatusCode::OK, "{session}");
    assert_eq!(session["person"]["id"], id);
    // The invitation and the answer count once.
    assert_eq!(
        Browser::new(app).post(&path, &answer).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(Browser::new(app).get(&path).await.0, StatusCode::NOT_FOUND);
    browser
}

async fn log_in(app: &App, device: &Authenticator) -> (StatusCode, Value, Browser, Value) {
    let mut browser = Browser::new(app);
    let (_, asked) = browser
        .post("/api/session/passkey/options", &json!({}))
        .await;
    let challenge = asked["options"]["challenge"].as_str().unwrap();
    let answer = json!({"id": asked["id"], "credential": device.answer(challenge)});
    let (status, told) = browser.post("/api/session/passkey", &answer).await;
    (status, told, browser, answer)
}

async fn ask(browser: &mut Browser, finding: &str, decision: &str) -> (StatusCode, Value) {
    let wanted = match decision {
        "dissent" => {
            json!({"decision": "dissent", "reason": "'; DROP TABLE findings;-- <b>no</b>"})
        }
        _ => json!({"decision": decision}),
    };
    browser
        .post(
            &format!("/api/findings/{finding}/decisions/options"),
            &wanted,
        )
        .await
}

#[tokio::test]
async fn two_passkeys_determine_a_finding_and_nothing_less_does() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let finding = finding(&app).await;
    let states = states(&app);
    admit_part(&app, "admin", &states[0], "machine administrator").await;
    let mut admin = Browser::playing(&app, "admin").await;
    let mut ada = registered(&app, &mut admin, "ada", &states[0]).await;
    let bea = registered(&app, &mut admin, "bea", &states[1]).await;
    // Logged in, and not vouched for: nothing to sign with.
    let (status, told) = ask(&mut ada, &finding, "sign").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(
        told["detail"].as_str().unwrap().contains("vouched"),
        "{told}"
    );
    for (id, state) in [("ada", &states[0]), ("bea", &states[1])] {
        let key = SignerKey::load(&centre.join(format!("keys/officer-{state}.key"))).unwrap();
        app.clone()
            .with(move |centre| centre.vouch_for(id, &key))
            .await
            .unwrap();
    }
    let path = format!("/api/findings/{finding}/decisions");
    let (status, asked) = ask(&mut ada, &finding, "sign").await;
    assert_eq!(status, StatusCode::OK, "{asked}");
    assert!(
        asked["text"]
            .as_str()
            .unwrap()
            .starts_with("truceline/finding/v1\n"),
        "{asked}"
    );
    let challenge = asked["options"]["challenge"].as_str().unwrap();
    let answer =
        json!({"id": asked["id"], "credential": Authenticator::new("ada").answer(challenge)});
    // Another person's session cannot bring it in.
    let mut thief = bea;
    assert_eq!(thief.post(&path, &answer).await.0, StatusCode::FORBIDDEN);
    let (_, asked) = ask(&mut ada, &finding, "sign").await;
    let answer =
        json!({"id": asked["id"], "credential": Authenticator::new("ada").answer(challenge)});
    let (status, told) = ada.post(&path, &answer).await;
    assert_eq!(
        (status, &told["standing"]["standing"]),
        (StatusCode::CREATED, &json!("half-signed")),
        "{told}"
    );
    assert_eq!(
        ada.post(&path, &answer).await.0,
        StatusCode::CONFLICT,
        "replayed"
    );
    // A login's answer is no signature, and another device's is not theirs.
    let (status, _, mut bea, login) = log_in(&app, &Authenticator::new("bea")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        bea.post("/api/session/passkey", &login).await.0,
        StatusCode::CONFLICT,
        "replayed"
    );
    let (_, asked) = ask(&mut bea, &finding, "sign").await;
    let other = json!({"id": asked["id"], "credential": login["credential"]});
    assert_eq!(bea.post(&path, &other).await.0, StatusCode::CONFLICT);
    let (_, asked) = ask(&mut bea, &finding, "sign").await;
    let challenge = asked["options"]["challenge"].as_str().unwrap();
    let other =
        json!({"id": asked["id"], "credential": Authenticator::new("ada").answer(challenge)});
    assert_eq!(bea.post(&path, &other).await.0, StatusCode::CONFLICT);
    let (_, asked) = ask(&mut bea, &finding, "sign").await;
    let answer =
        json!({"id": asked["id"], "credential": Authenticator::new("bea").answer(challenge)});
    let (status, told) = bea.post(&path, &answer).await;
    assert_eq!(
        (status, &told["standing"]["standing"]),
        (StatusCode::CREATED, &json!("determined")),
        "{told}"
    );
    drop((app, admin, ada, bea, thief));
    verifies(&centre, &finding);
}

/// The record and the finding's bundle verify, by this program and by the script for public tools.
fn verifies(centre: &std::path::Path, finding: &str) {
    use truceline_record::verify::{Options, verify};
    let report = verify(centre, &Options::default(), &|_| {}).unwrap();
    assert!(report.passed(), "{report}");
    let bundle = centre.join("finding.zip");
    let read = crate::Centre::read(centre).unwrap();
    read.bundle(&finding.parse().unwrap(), &bundle).unwrap();
    let report = verify(&bundle, &Options::default(), &|_| {}).unwrap();
    assert!(report.passed(), "{report}");
    let script =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_bundle.py");
    let python = std::process::Command::new("python3")
        .arg(script)
        .args([&bundle, &centre.join("record/vkeys")])
        .arg("0")
        .output();
    let python = python.unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&python.stdout),
        String::from_utf8_lossy(&python.stderr),
    );
    if err.contains("No module named") {
        eprintln!(
            "SKIPPED: Python's «cryptography» is not here; the script for public tools is untested"
        );
        return;
    }
    assert!(
        python.status.success() && out.contains("is determined by"),
        "{out}{err}"
    );
}

/// What the store takes back is not held for known: the next turn has it.
#[tokio::test]
async fn a_decision_that_the_store_could_not_take_counts_once_it_can() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let finding: truceline_domain::FindingId = finding(&app).await.parse().unwrap();
    let states = states(&app);
    let full = rusqlite::Connection::open(centre.join("store.gpkg")).unwrap();
    let no =
        "CREATE TRIGGER full BEFORE INSERT ON signatures BEGIN SELECT RAISE(ABORT, 'full'); END";
    full.execute_batch(no).unwrap();
    let key = SignerKey::load(&centre.join(format!("keys/officer-{}.key", states[0]))).unwrap();
    let (id, again) = (finding.clone(), key.clone());
    let determined = truceline_record::signature::Decision::Determined;
    let decided = app
        .clone()
        .with(move |centre| centre.decide(&id, determined, None, &again));
    assert!(decided.await.is_err(), "the store takes no signature");
    full.execute_batch("DROP TRIGGER full").unwrap();
    app.clone()
        .with(|centre| centre.catch_up().map(drop))
        .await
        .unwrap();
    let id = finding.clone();
    let (row, signatures) = app
        .clone()
        .with(move |centre| {
            Ok((
                centre.store().finding(&id)?,
                centre.store().signatures(&id)?,
            ))
        })
        .await
        .unwrap();
    assert!(row.unwrap().standing.starts_with("half-signed"));
    assert_eq!(signatures.len(), 1);
    let again = app
        .clone()
        .with(move |centre| centre.decide(&finding, determined, None, &key));
    assert!(again.await.is_err(), "once is enough");
}

#[tokio::test]
async fn passkeys_that_are_wrong_do_not_log_in() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let state = app.directory().sending_states().next().unwrap().to_owned();
    admit_part(&app, "admin", &state, "machine administrator").await;
    let mut admin = Browser::playing(&app, "admin").await;
    drop(registered(&app, &mut admin, "ada", &state).await);
    assert_eq!(
        log_in(&app, &Authenticator::new("ada")).await.0,
        StatusCode::OK
    );
    for wrong in [
        Authenticator::new("nobody"),
        Authenticator {
            origin: "https://evil.example".into(),
            ..Authenticator::new("ada")
        },
        Authenticator {
            rp_id: "evil.example".into(),
            ..Authenticator::new("ada")
        },
        Authenticator {
            flags: 0x01,
            ..Authenticator::new("ada")
        },
        Authenticator {
            credential: Authenticator::new("ada").credential,
            ..Authenticator::new("bob")
        },
    ] {
        assert_eq!(log_in(&app, &wrong).await.0, StatusCode::UNAUTHORIZED);
    }
    // A person with a passkey is no part that anyone may play.
    let played = Browser::new(&app)
        .post("/api/session/exercise", &json!({"person": "ada"}))
        .await;
    assert_eq!(played.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_exercise_signs_with_its_own_keys_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let finding = finding(&app).await;
    let states = states(&app);
    let changed = || app.clone().with(|centre| centre.take_changed());
    let (put, more) = changed().await.unwrap();
    assert!(put.len() > 1 && !more, "each that was put is told");
    assert_eq!(changed().await.unwrap(), (Vec::new(), false), "and once");
    for (id, state, decision) in [("one", &states[0], "sign"), ("two", &states[1], "dissent")] {
        admit_part(&app, id, state, "signing officer").await;
        let mut officer = Browser::playing(&app, id).await;
        let (status, asked) = ask(&mut officer, &finding, decision).await;
        assert_eq!(
            (status, &asked["method"]),
            (StatusCode::OK, &json!("exercise")),
            "{asked}"
        );
        let path = format!("/api/findings/{finding}/decisions");
        let (status, told) = officer
            .post(&path, &json!({"id": asked["id"], "credential": null}))
            .await;
        assert_eq!(status, StatusCode::CREATED, "{told}");
        let (told, _) = changed().await.unwrap();
        let word = told[0]["standing"].as_str().unwrap();
        let stands = ["half-signed", "dissented"]
            .iter()
            .any(|w| word.starts_with(w));
        assert!(
            told.len() == 1 && told[0]["id"] == finding.as_str() && stands,
            "{told:?}"
        );
    }
    let signatures = app
        .clone()
        .with(move |c| Ok(c.store().signatures(&finding.parse().unwrap())?))
        .await
        .unwrap();
    assert!(
        signatures.iter().all(|s| s.method == "exercise"),
        "{signatures:?}"
    );
    assert_eq!(
        signatures[1].reason.as_deref(),
        Some("'; DROP TABLE findings;-- <b>no</b>")
    );
    drop(app);
    let report = truceline_record::verify::verify(&centre, &Default::default(), &|_| {}).unwrap();
    assert!(
        report.passed() && report.to_string().contains("nobody's word"),
        "{report}"
    );
}
