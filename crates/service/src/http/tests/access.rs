//! Who gets in where: every role at every route, and attempts to get in without a right.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;
use truceline_record::people::{PersonBody, RevocationBody};

use super::{Browser, admit_part, app, new_centre};
use crate::http::access::table::{Needs, ROUTES};
use crate::people::DEFAULTS;

/// A path as the router has it, with something in each place.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_role_gets_at_each_route_what_the_table_says() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let state = app.directory().sending_states().next().unwrap().to_owned();
    let nobody = Browser::new(&app);
    for (n, (role, _)) in DEFAULTS.into_iter().enumerate() {
        let id = role.replace(' ', "-");
        admit_part(&app, &id, &state, role).await;
        let browser = Browser::playing(&app, &id).await;
        let rights = app
            .directory()
            .rights(&app.directory().person(&id).unwrap().body);
        for route in ROUTES
            .iter()
            .filter(|route| route.path != "/api/session" || route.method == "GET")
        {
            let path = filled(route.path);
            let told = format!("{role}: {} {path}", route.method);
            let status = browser.status(route.method, &path).await;
            match route.needs {
                Needs::Right(right) if !rights.has(right) => {
                    assert_eq!(status, StatusCode::FORBIDDEN, "{told}");
                }
                _ => assert!(
                    !matches!(status.as_u16(), 401 | 403) || route.needs == Needs::Nothing,
                    "{told}: {status}"
                ),
            }
            // Once: nobody may ask but so often.
            if n == 0 && route.needs != Needs::Nothing {
                let without = nobody.status(route.method, &path).await;
                let sent_away = matches!(without, StatusCode::UNAUTHORIZED | StatusCode::SEE_OTHER);
                assert!(sent_away, "nobody: {} {path}: {without}", route.method);
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_was_not_meant_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let state = app.directory().sending_states().next().unwrap().to_owned();
    admit_part(&app, "admin", &state, "machine administrator").await;
    let mut admin = Browser::playing(&app, "admin").await;
    let person = json!({"id": "ada", "name": "Ada", "state": state, "roles": ["analyst"]});
    let post = |browser: &Browser| {
        browser
            .request("POST", "/api/persons")
            .header(header::CONTENT_TYPE, "application/json")
    };
    // A page of another site: with the cookie, without the word, or with a word that was guessed.
    let body = || Body::from(person.to_string());
    let foreign = post(&admin)
        .header(header::ORIGIN, "https://evil.example")
        .body(body())
        .unwrap();
    assert_eq!(admin.send(foreign).await.0, StatusCode::FORBIDDEN);
    let guessed = Browser {
        csrf: Some("0".repeat(64)),
        ..Browser::new(&app)
    };
    let guessed = Browser {
        cookie: admin.cookie.clone(),
        ..guessed
    };
    let request = post(&guessed).body(body()).unwrap();
    assert_eq!(admin.send(request).await.0, StatusCode::FORBIDDEN);
    let wordless = Browser {
        cookie: admin.cookie.clone(),
        ..Browser::new(&app)
    };
    let request = post(&wordless).body(body()).unwrap();
    assert_eq!(admin.send(request).await.0, StatusCode::FORBIDDEN);
    assert!(app.directory().person("ada").is_none());
    let own = post(&admin)
        .header(header::ORIGIN, "http://localhost:7400")
        .body(body())
        .unwrap();
    assert_eq!(admin.send(own).await.0, StatusCode::CREATED);
    assert!(app.directory().person("ada").is_some());
}

#[tokio::test]
async fn a_forged_cookie_a_logged_out_one_and_a_revoked_person_are_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let state = app.directory().sending_states().next().unwrap().to_owned();
    admit_part(&app, "ada", &state, "analyst").await;
    let mut ada = Browser::playing(&app, "ada").await;
    assert_eq!(ada.get("/api/session").await.1["person"]["id"], "ada");
    for forged in [
        "truceline_session=",
        "truceline_session=ada",
        "truceline_session=\u{1f600}",
        "x; truceline_session",
    ] {
        let mut other = Browser {
            cookie: Some(forged.to_owned()),
            ..Browser::new(&app)
        };
        assert_eq!(
            other.get("/api/session").await.0,
            StatusCode::UNAUTHORIZED,
            "{forged}"
        );
    }
    let (mut kept, request) = (
        Browser {
            cookie: ada.cookie.clone(),
            ..Browser::new(&app)
        },
        ada.request("DELETE", "/api/session")
            .body(Body::empty())
            .unwrap(),
    );
    assert_eq!(ada.send(request).await.0, StatusCode::NO_CONTENT);
    assert_eq!(kept.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
    let mut ada = Browser::playing(&app, "ada").await;
    let revocation = RevocationBody {
        person: "ada".into(),
        credential: None,
        why: "left".into(),
    };
    app.clone()
        .with(move |centre| centre.revoke(&revocation, "test"))
        .await
        .unwrap();
    assert_eq!(ada.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_works_on_another_theatre_sees_nothing_here() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let state = app.directory().sending_states().next().unwrap().to_owned();
    let body = PersonBody {
        person: "far".into(),
        name: "Far".into(),
        state,
        roles: vec!["signing officer".into()],
        theatres: vec!["elsewhere".parse().unwrap()],
        exercise: true,
    };
    app.clone()
        .with(move |centre| centre.admit(&body, "test"))
        .await
        .unwrap();
    let mut far = Browser::playing(&app, "far").await;
    for path in ["/api/findings", "/api/picture", "/api/feeds", "/plain/"] {
        assert_eq!(far.get(path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let asked = far
        .post(
            "/api/findings/F-1/decisions/options",
            &json!({"decision": "sign"}),
        )
        .await;
    assert_eq!(asked.0, StatusCode::FORBIDDEN);
}

/// Who opens a connection and never ends the head of a request is shown the door, and one who asks
/// without end is told to wait.
#[tokio::test]
async fn who_is_slow_holds_no_connection_and_who_is_hasty_waits() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let (ready, address) = tokio::sync::oneshot::channel();
    let router = crate::http::centre_router(app.clone());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let ended = async move { drop(ended.await) };
    let told = move |at| ready.send(at).unwrap();
    let serving = tokio::spawn(crate::http::serve(router, "127.0.0.1:0", told, ended));
    let mut slow = tokio::net::TcpStream::connect(address.await.unwrap())
        .await
        .unwrap();
    slow.write_all(b"GET /api/session HTTP/1.1\r\nHost: centre\r\nX-Slow: ")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // However slow this machine is: it ends by itself.
    let read = tokio::time::timeout(
        std::time::Duration::from_secs(120),
        slow.read_to_end(&mut answer),
    );
    read.await.expect("the connection is ended").ok();
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    end.send(()).unwrap();
    serving.await.unwrap().unwrap();
    let hasty = Browser::new(&app);
    let mut told_to_wait = false;
    for _ in 0..2000 {
        told_to_wait |=
            hasty.status("GET", "/api/session/exercise").await == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(told_to_wait);
}

#[tokio::test]
async fn nobody_is_admitted_who_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let state = app.directory().sending_states().next().unwrap().to_owned();
    admit_part(&app, "admin", &state, "machine administrator").await;
    let mut admin = Browser::playing(&app, "admin").await;
    let ok = json!({"id": "ada", "name": "<script>alert(1)</script>'; DROP TABLE persons;--", "state": state, "roles": ["analyst"]});
    let with = |name: &str, value: serde_json::Value| {
        let mut body = ok.clone();
        body[name] = value;
        body
    };
    for wrong in [
        with("id", "../../keys".into()),
        with("id", "a'; DROP TABLE persons;--".into()),
        with("state", "nowhere".into()),
        with("roles", json!(["king"])),
        with("roles", json!(["machine administrator", "signing officer"])),
        with("roles", json!([])),
        with("name", "two\nlines".into()),
    ] {
        let (status, told) = admin.post("/api/persons", &wrong).await;
        assert_eq!(status, StatusCode::CONFLICT, "{wrong}: {told}");
    }
    let (status, _) = admin
        .post("/api/persons", &with("exercise", true.into()))
        .await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nobody gets into an exercise by the API"
    );
    assert_eq!(admin.post("/api/persons", &ok).await.0, StatusCode::CREATED);
    let (_, persons) = admin.get("/api/persons").await;
    let names: Vec<_> = persons["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"<script>alert(1)</script>'; DROP TABLE persons;--"),
        "{names:?}"
    );
}
