//! The ground mission over HTTP: shifts planned and seen, contacts written down, works announced.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use truceline_record::watch::AlertBody;

use super::{Browser, admit_part, app, new_centre, states};
use crate::http::{App, centre_router};
use crate::live::Change;

/// Two sending states and somebody of each role.
async fn scene(dir: &std::path::Path) -> (App, Vec<String>) {
    let app = app(&new_centre(dir));
    let states = states(&app);
    for state in &states {
        admit_part(&app, &format!("{state}-signing"), state, "signing officer").await;
    }
    for (id, role) in [
        ("duty", "duty officer"),
        ("analyst", "analyst"),
        ("auditor", "auditor"),
        ("liaison", "liaison officer"),
    ] {
        admit_part(&app, id, &states[0], role).await;
    }
    (app, states)
}

fn plan(states: &[&str]) -> Value {
    json!({
        "act": "plan", "shift": "m1", "version": 1, "unit": {"patrol": "p-9"}, "states": states,
        "members": 6, "from": "2021-03-14T09:00:00Z", "until": "2021-03-14T10:00:00Z",
        "timezone": "+04:00", "sector": "sector-3",
    })
}

/// Signs what is asked by playing a part.
async fn sign(browser: &mut Browser, statement: &Value) -> (StatusCode, Value) {
    let (status, asked) = browser.post("/api/ground/shifts/options", statement).await;
    if status != StatusCode::OK {
        return (status, asked);
    }
    let answer = json!({"id": asked["id"], "credential": null});
    browser.post("/api/ground/shifts", &answer).await
}

/// What is late at an instant in a centre whose record began at another.
async fn told(app: &App, began: &str, at: &str) -> Vec<AlertBody> {
    let (began, at) = (began.parse().unwrap(), at.parse().unwrap());
    let alerts = app
        .clone()
        .with(move |centre| centre.shifts_overdue(began, at, &mut BTreeSet::new()));
    alerts.await.unwrap()
}

/// Sends what a feed has.
async fn send(browser: &mut Browser, path: &str, body: String) {
    let sent = browser
        .request("POST", path)
        .header("authorization", "Bearer control")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(browser.send(sent).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_joint_shift_takes_both_states_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (app, states) = scene(dir.path()).await;
    let mut told = app.hub().changes();
    let joint = plan(&[&states[0], &states[1]]);
    let mut first = Browser::playing(&app, &format!("{}-signing", states[0])).await;
    let mut second = Browser::playing(&app, &format!("{}-signing", states[1])).await;
    let state = async |browser: &mut Browser| -> Value {
        let (status, page) = browser.get("/api/ground?at=2021-03-14T08:00:00Z").await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page["items"][0]["state"].clone()
    };
    assert_eq!(state(&mut first).await, Value::Null);
    let (status, taken) = sign(&mut first, &joint).await;
    assert_eq!(status, StatusCode::CREATED, "{taken}");
    assert_eq!(state(&mut second).await, "proposed");
    assert_eq!(sign(&mut second, &joint).await.0, StatusCode::CREATED);
    assert_eq!(state(&mut first).await, "not-begun");
    let (_, later) = first.get("/api/ground?at=2021-03-14T11:00:00Z").await;
    assert_eq!(later["items"][0]["state"], "not-observed", "{later}");
    let (_, map) = first.get("/api/ground/map?at=2021-03-14T11:00:00Z").await;
    assert_eq!(map["features"][0]["geometry"]["type"], "MultiPolygon");
    let (_, none) = first.get("/api/ground?from=2021-03-15T00:00:00Z").await;
    assert_eq!(none["items"], json!([]));
    let mut shifts = Vec::new();
    while let Ok(change) = told.try_recv() {
        if let Change::Shift { shift, .. } = change {
            shifts.push(shift);
        }
    }
    assert_eq!(shifts, ["m1", "m1"]);
}

#[tokio::test]
async fn a_post_of_whose_shift_nothing_was_reported_is_told_when_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (app, states) = scene(dir.path()).await;
    let mut officer = Browser::playing(&app, &format!("{}-signing", states[0])).await;
    for post in ["P04", "P05", "P06"] {
        let mut own = plan(&[&states[0]]);
        own["shift"] = post.into();
        own["unit"] = json!({"post": post});
        own.as_object_mut().unwrap().remove("sector");
        let (status, taken) = sign(&mut officer, &own).await;
        assert_eq!(status, StatusCode::CREATED, "{taken}");
    }
    // The whole shift, or a word just after its end.
    let report = |post: &str, from: &str, until: &str| {
        json!({
            "id": format!("{post}/1"), "kind": "report", "source": post, "observed": from,
            "observed_until": until, "text": "quiet",
        })
    };
    let manned = [
        report("P05", "2021-03-14T09:00:00Z", "2021-03-14T10:00:00Z"),
        report("P06", "2021-03-14T10:02:00Z", "2021-03-14T10:02:00Z"),
    ];
    let manned = manned.map(|report| format!("{report}\n")).concat();
    send(
        &mut officer,
        "/api/feeds/posts/observations?format=report",
        manned,
    )
    .await;
    let began = "2021-03-14T00:00:00Z";
    // A report may be of the whole shift, and come at its end.
    assert_eq!(told(&app, began, "2021-03-14T10:14:00Z").await, []);
    let alerts = told(&app, began, "2021-03-14T10:16:00Z").await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].kind, "post");
    assert_eq!(alerts[0].text.args["post"], "P04");
    let later = "2021-03-14T10:01:00Z";
    assert_eq!(told(&app, later, "2021-03-14T10:16:00Z").await, []);
}

#[tokio::test]
async fn a_patrol_that_was_not_seen_to_keep_its_sector_is_told_when_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (app, states) = scene(dir.path()).await;
    let mut officer = Browser::playing(&app, &format!("{}-signing", states[0])).await;
    let mut seen = String::new();
    // One is seen all its time, one for a third of it, one not at all.
    for (patrol, minutes) in [("p-1", 60), ("p-2", 20), ("p-3", 0)] {
        let mut own = plan(&[&states[0]]);
        own["shift"] = patrol.into();
        own["unit"] = json!({"patrol": patrol});
        let (status, taken) = sign(&mut officer, &own).await;
        assert_eq!(status, StatusCode::CREATED, "{taken}");
        for minute in 0..minutes {
            seen += &format!(
                r#"<event version="2.0" uid="{patrol}" type="a-n-G-E-V" how="m-g" time="2021-03-14T09:{minute:02}:00Z" start="2021-03-14T09:{minute:02}:00Z" stale="2021-03-14T10:00:00Z"><point lat="39.95" lon="46.87" hae="400" ce="6" le="12"/><detail/></event>"#
            );
            seen.push('\n');
        }
    }
    send(
        &mut officer,
        "/api/feeds/patrols/observations?format=cot",
        seen,
    )
    .await;
    let began = "2021-03-14T00:00:00Z";
    let what = |alerts: Vec<AlertBody>| -> Vec<_> {
        let args = alerts.into_iter().map(|alert| alert.text.args);
        args.map(|a| (a["patrol"].clone(), a["what"].clone()))
            .collect()
    };
    let never = (json!("p-3"), json!("begin"));
    let before = what(told(&app, began, "2021-03-14T10:14:00Z").await);
    assert_eq!(before, std::slice::from_ref(&never));
    let after = what(told(&app, began, "2021-03-14T10:16:00Z").await);
    assert_eq!(after, [(json!("p-2"), json!("sector")), never]);
}

#[tokio::test]
async fn who_may_not_plan_or_plans_what_cannot_be_is_refused_and_nothing_changes() {
    let dir = tempfile::tempdir().unwrap();
    let (app, states) = scene(dir.path()).await;
    let own = plan(&[&states[0]]);
    for id in ["duty", "analyst", "auditor", "liaison"] {
        let mut browser = Browser::playing(&app, id).await;
        assert_eq!(
            sign(&mut browser, &own).await.0,
            StatusCode::FORBIDDEN,
            "{id}"
        );
    }
    let mut other = Browser::playing(&app, &format!("{}-signing", states[1])).await;
    let (status, problem) = sign(&mut other, &own).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        problem["detail"].as_str().unwrap().contains("signed by"),
        "{problem}"
    );
    let mut officer = Browser::playing(&app, &format!("{}-signing", states[0])).await;
    for (member, value) in [
        ("sector", json!("sector-99")),
        ("until", json!("2021-03-14T09:00:00Z")),
        ("timezone", json!("local")),
        ("members", json!(0)),
        (
            "route",
            json!({"kind": "line", "points": [[46.8, 139.9], [46.9, 39.9]], "tolerance_m": 200.0}),
        ),
    ] {
        let mut wrong = own.clone();
        wrong[member] = value;
        let (status, problem) = sign(&mut officer, &wrong).await;
        assert_eq!(status, StatusCode::CONFLICT, "{member}: {problem}");
    }
    for wrong in [
        json!({"act": "plan"}),
        json!({"act": "plan", "from": "2021-02-29T00:00:00Z"}),
        json!({"act": "dance", "shift": "m1"}),
    ] {
        let (status, _) = sign(&mut officer, &wrong).await;
        assert!(status.is_client_error(), "{wrong}");
    }
    let (_, page) = officer.get("/api/ground").await;
    assert_eq!(page["items"], json!([]));
}

fn contact() -> Value {
    json!({
        "at": "2021-03-14T10:05:00Z", "with": "am", "person": "Col. N.", "means": "call",
        "text": "asked to cease fire near post 3",
    })
}

#[tokio::test]
async fn contacts_are_written_down_while_the_centre_is_at_work_by_those_who_may() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = scene(dir.path()).await;
    for id in ["analyst", "auditor"] {
        let mut browser = Browser::playing(&app, id).await;
        let (status, _) = browser.post("/api/liaison", &contact()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{id}");
    }
    let mut told = app.hub().changes();
    for id in ["duty", "liaison"] {
        let mut browser = Browser::playing(&app, id).await;
        let (status, taken) = browser.post("/api/liaison", &contact()).await;
        assert_eq!(status, StatusCode::CREATED, "{id}: {taken}");
    }
    let mut duty = Browser::playing(&app, "duty").await;
    let (_, page) = duty.get("/api/liaison?limit=1").await;
    assert_eq!(
        page["items"][0]["contact"]["by"], "liaison",
        "the newest first: {page}"
    );
    let (_, rest) = duty
        .get(&format!(
            "/api/liaison?limit=1&cursor={}",
            page["next"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (&rest["items"][0]["contact"]["by"], &rest["next"]),
        (&json!("duty"), &Value::Null)
    );
    for (member, value) in [
        ("with", json!("nobody")),
        ("text", json!("  ")),
        ("at", json!("2999-01-01T00:00:00Z")),
        ("means", json!("pigeon")),
        ("by", json!("somebody else")),
    ] {
        let mut wrong = contact();
        wrong[member] = value;
        let (status, problem) = duty.post("/api/liaison", &wrong).await;
        assert!(status.is_client_error(), "{member}: {problem}");
    }
    let first = told.try_recv().unwrap();
    assert!(
        matches!(&first, Change::Liaison(row) if row.contact.by == "duty"),
        "{first:?}"
    );
    assert_eq!(
        duty.get("/api/liaison").await.1["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    // Whoever has it already is told so.
    let asked = |tag: Option<String>| {
        let mut request = duty.request("GET", "/api/liaison");
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        centre_router(app.clone()).oneshot(request.body(Body::empty()).unwrap())
    };
    let answer = asked(None).await.unwrap();
    let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(
        asked(Some(tag)).await.unwrap().status(),
        StatusCode::NOT_MODIFIED
    );
    // It is there again when the store is made anew.
    drop((duty, app));
    let centre = dir.path().join("centre");
    let opened = crate::Centre::read(&centre).unwrap();
    assert_eq!(opened.contacts().len(), 2);
}

#[tokio::test]
async fn works_that_are_announced_are_evidence_of_who_entered_them() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = scene(dir.path()).await;
    let works = json!({
        "from": "2021-03-14T09:15:00Z", "until": "2021-03-14T09:45:00Z", "lat": 39.95, "lon": 46.85,
        "radius_m": 800.0, "party": "am", "text": "demolition of found ammunition",
    });
    let mut analyst = Browser::playing(&app, "analyst").await;
    assert_eq!(
        analyst.post("/api/notices", &works).await.0,
        StatusCode::FORBIDDEN
    );
    let mut duty = Browser::playing(&app, "duty").await;
    let (status, taken) = duty.post("/api/notices", &works).await;
    assert_eq!(status, StatusCode::CREATED, "{taken}");
    let observations = app
        .clone()
        .with(|centre| centre.observations())
        .await
        .unwrap();
    assert_eq!(observations[0].source.as_str(), "duty");
    assert_eq!(observations[0].id.as_str(), taken["observation"]);
    for (member, value) in [
        ("until", json!("2021-03-14T09:15:00Z")),
        ("lat", json!(139.95)),
        ("radius_m", json!(-1.0)),
        ("party", json!("nobody")),
        ("text", json!("")),
        ("script", json!("x")),
    ] {
        let mut wrong = works.clone();
        wrong[member] = value;
        let (status, problem) = duty.post("/api/notices", &wrong).await;
        assert!(status.is_client_error(), "{member}: {problem}");
    }
    let after = app
        .clone()
        .with(|centre| centre.observations())
        .await
        .unwrap();
    assert_eq!(after.len(), 1);
}
