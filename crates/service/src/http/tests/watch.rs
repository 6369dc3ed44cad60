//! What the watch and the desk ask for: findings in pages, alerts, coverage, and what a judgement would be.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;
use truceline_domain::{Observation, Observed};

use super::passkeys::finding;
use super::{Browser, admit_part, app, new_centre};
use crate::http::{App, centre_router};

pub(super) async fn playing(app: &App, role: &str) -> Browser {
    let state = app.directory().sending_states().next().unwrap().to_owned();
    let id = role.replace(' ', "-");
    admit_part(app, &id, &state, role).await;
    Browser::playing(app, &id).await
}

#[tokio::test]
async fn a_finding_is_told_whole_filtered_in_pages_and_with_a_tag() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let id = finding(&app).await;
    let mut analyst = playing(&app, "analyst").await;
    let (status, first) = analyst.get("/api/findings?limit=1").await;
    assert_eq!(
        (status, first["items"].as_array().unwrap().len()),
        (StatusCode::OK, 1),
        "{first}"
    );
    let (_, all) = analyst.get("/api/findings").await;
    let count = all["items"].as_array().unwrap().len();
    assert!(count > 1 && first["next"] == "1", "{first}");
    let (_, second) = analyst.get("/api/findings?limit=1&cursor=1").await;
    assert_eq!(second["items"][0], all["items"][1]);
    let (_, none) = analyst.get("/api/findings?standing=determined").await;
    assert_eq!(none["items"], json!([]));
    let (_, open) = analyst
        .get("/api/findings?standing=open&from=2000-01-01T00:00:00Z")
        .await;
    assert_eq!(open["items"].as_array().unwrap().len(), count);
    for wrong in [
        "limit=0",
        "limit=9999",
        "cursor=x",
        "from=yesterday",
        "colour=red",
        "cursor=-1",
    ] {
        let (status, _) = analyst.get(&format!("/api/findings?{wrong}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let (status, whole) = analyst.get(&format!("/api/findings/{id}?lang=ru")).await;
    assert_eq!(status, StatusCode::OK, "{whole}");
    assert!(
        whole["clauses"][0]["text"].as_str().unwrap().len() > 20,
        "{}",
        whole["clauses"]
    );
    assert!(
        !whole["clauses"][0]["text"]
            .as_str()
            .unwrap()
            .contains("```")
    );
    assert!(!whole["sentences"].as_array().unwrap().is_empty());
    let evidence = whole["evidence"].as_array().unwrap();
    assert_eq!(
        evidence.len(),
        whole["finding"]["event"]["evidence"]
            .as_array()
            .unwrap()
            .len()
    );
    assert!(
        evidence
            .iter()
            .all(|o| o["observation"]["source"].is_string()),
        "{evidence:?}"
    );
    assert_eq!(whole["may"], json!({"sign": false, "dissent": false}));
    // The tag: not sent again what is known.
    let path = format!("/api/findings/{id}");
    let ask = |tag: &str| {
        let request = analyst
            .request("GET", &path)
            .header(header::IF_NONE_MATCH, tag);
        tower::ServiceExt::oneshot(
            centre_router(app.clone()),
            request.body(Body::empty()).unwrap(),
        )
    };
    let tag = ask("\"x\"").await.unwrap().headers()[header::ETAG]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(ask(&tag).await.unwrap().status(), StatusCode::NOT_MODIFIED);
    assert_eq!(
        analyst.get("/api/findings/F-none").await.0,
        StatusCode::NOT_FOUND
    );
    let (status, _) = analyst.get("/api/findings/..%2F..%2Fkeys%2Flog.key").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_if_moves_a_judgement_and_an_exclusion_is_recorded_and_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let id = finding(&app).await;
    let mut analyst = playing(&app, "analyst").await;
    let (_, whole) = analyst.get(&format!("/api/findings/{id}")).await;
    let observation = whole["finding"]["event"]["evidence"][0].clone();
    let path = format!("/api/findings/{id}/what-if");
    let (status, said) = analyst
        .post(&path, &json!({"without": [observation]}))
        .await;
    assert_eq!(status, StatusCode::OK, "{said}");
    assert_ne!(
        said["before"]["evidence"], said["after"]["evidence"],
        "{said}"
    );
    let path = format!("/api/findings/{id}/exclusions");
    let without = |reason: &str| json!({"observation": observation, "reason": reason});
    assert_eq!(
        analyst.post(&path, &without(" ")).await.0,
        StatusCode::CONFLICT
    );
    let foreign = json!({"observation": "nowhere-1", "reason": "x"});
    assert_eq!(analyst.post(&path, &foreign).await.0, StatusCode::CONFLICT);
    let (status, told) = analyst
        .post(&path, &without("a door that slams <b>'; DROP"))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    assert_eq!(
        analyst.post(&path, &without("again")).await.0,
        StatusCode::CONFLICT
    );
    let (_, whole) = analyst.get(&format!("/api/findings/{id}")).await;
    assert_eq!(whole["evidence"][0]["excluded"], true);
    // However little it changed: nothing that stands rests on what is excluded.
    assert!(whole["superseded_by"].is_string(), "{whole}");
    let mut observer = playing(&app, "observer").await;
    assert_eq!(
        observer.post(&path, &without("no right")).await.0,
        StatusCode::FORBIDDEN
    );
    drop((app, analyst, observer));
    let replayed = crate::Centre::replay(&centre).unwrap();
    assert_eq!(replayed.before, Some(replayed.after));
}

#[tokio::test]
async fn the_index_of_times_gives_what_reading_everything_gives() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let known = |app: App| app.with(|centre| Ok((centre.observations()?, centre.batches())));
    // Asked before anything is there, and then of what came since.
    let (none, batches) = known(app.clone()).await.unwrap();
    let ever: [Observed; 2] =
        ["1980-01-01T00:00:00Z", "2100-01-01T00:00:00Z"].map(|t| t.parse().unwrap());
    assert_eq!(batches.between(ever[0], ever[1]).unwrap(), none);
    finding(&app).await;
    let (all, _) = known(app.clone()).await.unwrap();
    let mut times: Vec<Observed> = all.iter().filter_map(|o| o.observed).collect();
    times.sort_unstable();
    assert!(times.len() > 10);
    let some = [0, times.len() / 3, times.len() / 2, times.len() - 1].map(|i| times[i]);
    for from in some.into_iter().chain(ever) {
        for to in some.into_iter().chain(ever) {
            let within = |o: &&Observation| o.observed.is_some_and(|at| at >= from && at < to);
            let wanted: Vec<Observation> = all.iter().filter(within).cloned().collect();
            assert_eq!(batches.between(from, to).unwrap(), wanted, "{from} {to}");
        }
    }
}

#[tokio::test]
async fn alerts_wait_until_somebody_takes_note_and_survive_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let first = app(&centre);
    let id = finding(&first).await;
    let mut officer = playing(&first, "duty officer").await;
    let (_, open) = officer.get("/api/alerts?open=true").await;
    let alert = open["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["finding"] == json!(id))
        .unwrap()
        .clone();
    assert_eq!(alert["text"]["id"], "finding.put");
    let path = format!(
        "/api/alerts/{}/acknowledgement",
        alert["id"].as_str().unwrap()
    );
    let mut observer = playing(&first, "observer").await;
    assert_eq!(
        observer.post(&path, &json!({})).await.0,
        StatusCode::FORBIDDEN
    );
    let (status, told) = officer.post(&path, &json!({})).await;
    assert_eq!(
        (status, &told["acknowledged"]["by"]),
        (StatusCode::OK, &json!("duty-officer")),
        "{told}"
    );
    // Who comes second finds it done by the first.
    let mut analyst = playing(&first, "analyst").await;
    assert_eq!(
        analyst.post(&path, &json!({})).await.1["acknowledged"]["by"],
        "duty-officer"
    );
    assert_eq!(
        officer
            .post("/api/alerts/none/acknowledgement", &json!({}))
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    let (_, all) = officer.get("/api/alerts").await;
    drop((first, officer, observer, analyst));
    // As after a kill: everything is there again from the record.
    let second = app(&centre);
    let mut officer = Browser::playing(&second, "duty-officer").await;
    assert_eq!(officer.get("/api/alerts").await.1, all);
    let (_, sheet) = officer
        .get("/api/handover?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")
        .await;
    assert!(!sheet["waiting"].as_array().unwrap().is_empty(), "{sheet}");
}

#[tokio::test]
async fn coverage_compliance_and_the_picture_of_an_instant_are_told_in_both_forms() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let id = finding(&app).await;
    let mut analyst = playing(&app, "analyst").await;
    let (_, whole) = analyst.get(&format!("/api/findings/{id}")).await;
    let day = whole["finding"]["event"]["time"]
        .as_str()
        .unwrap()
        .split('T')
        .next()
        .unwrap()
        .to_owned();
    let span = format!("from={day}T08:00:00Z&to={day}T09:00:00Z");
    let (status, coverage) = analyst.get(&format!("/api/coverage?{span}")).await;
    assert_eq!(status, StatusCode::OK, "{coverage}");
    assert!(!coverage["items"].as_array().unwrap().is_empty());
    let path = format!("/api/coverage?{span}&kind=mortar");
    let on_map = analyst
        .request("GET", &path)
        .header(header::ACCEPT, "application/geo+json");
    let (_, on_map) = analyst.send(on_map.body(Body::empty()).unwrap()).await;
    assert_eq!(
        on_map["features"][0]["geometry"]["type"], "LineString",
        "{on_map}"
    );
    let (status, compliance) = analyst.get(&format!("/api/compliance?{span}")).await;
    assert!(
        status == StatusCode::OK && compliance["items"].is_array(),
        "{compliance}"
    );
    let path = format!("/api/picture?at={day}T09:30:00Z");
    assert_eq!(analyst.get(&path).await.1["type"], "FeatureCollection");
    let as_live = analyst
        .request("GET", &path)
        .header(header::ACCEPT, "application/json");
    let (_, as_live) = analyst.send(as_live.body(Body::empty()).unwrap()).await;
    assert!(
        as_live["tracks"].is_array() && as_live["footprints"].is_array(),
        "{as_live}"
    );
    for wrong in [
        "from=2021-01-01T00:00:00Z&to=2020-01-01T00:00:00Z",
        "from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z",
        "from=x&to=y",
    ] {
        let (status, told) = analyst.get(&format!("/api/coverage?{wrong}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(
            told["detail"].is_string(),
            "a refusal of the framework too is a problem: {told}"
        );
    }
    let (_, ruled) = analyst.get("/api/procedures").await;
    assert!(
        ruled["timezone"].is_string() && ruled["parties"].as_array().unwrap().len() > 1,
        "{ruled}"
    );
}
