//! Findings, alerts, accesses and layers as programs ask for them.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::passkeys::finding;
use super::{Browser, admit_part, app, new_centre};
use crate::http::{App, centre_router};
use crate::watch::Accesses;

async fn playing(app: &App, role: &str) -> Browser {
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

/// Other programs are told: a webhook rings, and a TAK client sees the finding.
#[tokio::test]
async fn alerts_reach_a_webhook_and_findings_a_tak_client() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let id = finding(&app).await;
    let bell = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/bell", bell.local_addr().unwrap());
    crate::watch::webhook::start(app.hub(), vec![url]).unwrap();
    let alerts = app
        .clone()
        .with(|centre| Ok(centre.alerts().newest_first().cloned().collect::<Vec<_>>()));
    let alert = alerts.await.unwrap().remove(0);
    app.hub()
        .tell(crate::live::Change::Alert(Box::new(alert.clone())));
    let (mut rung, _) = bell.accept().await.unwrap();
    let mut heard = String::new();
    while !heard.contains(&alert.id) {
        let mut part = [0; 4096];
        let n = rung.read(&mut part).await.unwrap();
        assert!(n > 0, "{heard}");
        heard.push_str(&String::from_utf8_lossy(&part[..n]));
    }
    rung.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    // A port that is free, then taken by the stream.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let stop = CancellationToken::new();
    let (told, ends, address) = (app.clone(), stop.clone(), free.clone());
    let streaming =
        tokio::spawn(async move { crate::watch::cot::listen(told, &address, ends).await });
    let mut client = loop {
        match tokio::net::TcpStream::connect(&free).await {
            Ok(client) => break client,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    };
    let mut seen = String::new();
    while !seen.contains(&format!("uid=\"truceline.{id}\"")) {
        let mut part = [0; 4096];
        let n = client.read(&mut part).await.unwrap();
        assert!(n > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&part[..n]));
    }
    stop.cancel();
    streaming.await.unwrap().unwrap();
}

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

#[tokio::test]
async fn layers_are_had_by_place_time_and_page() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    finding(&app).await;
    let mut observer = playing(&app, "observer").await;
    let (_, all) = observer.get("/ogc/collections/events/items").await;
    let count = all["numberMatched"].as_u64().unwrap();
    assert!(count > 1, "{all}");
    let (_, page) = observer.get("/ogc/collections/events/items?limit=1").await;
    assert_eq!(
        (&page["numberReturned"], &page["numberMatched"]),
        (&json!(1), &json!(count))
    );
    assert!(
        page["links"]
            .as_array()
            .unwrap()
            .iter()
            .any(|l| l["rel"] == "next")
    );
    let (_, none) = observer
        .get("/ogc/collections/events/items?bbox=-10,-10,-9,-9")
        .await;
    assert_eq!(none["numberMatched"], 0);
    let (_, none) = observer
        .get("/ogc/collections/events/items?datetime=../1990-01-01T00:00:00Z")
        .await;
    assert_eq!(none["numberMatched"], 0);
    let id = all["features"][0]["id"].as_str().unwrap();
    let (status, one) = observer
        .get(&format!("/ogc/collections/events/items/{id}"))
        .await;
    assert_eq!((status, &one), (StatusCode::OK, &all["features"][0]));
    for wrong in [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "datetime=yesterday",
        "limit=0",
        "limit=-1",
    ] {
        let (status, _) = observer
            .get(&format!("/ogc/collections/events/items?{wrong}"))
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(
        observer.get("/ogc/collections/nothing/items").await.0,
        StatusCode::NOT_FOUND
    );
    let (_, described) = observer.get("/api/openapi.json").await;
    assert!(described["paths"]["/api/findings/{id}"]["get"]["summary"].is_string());
}

/// A program reads with a token, and changes nothing with it.
#[tokio::test]
async fn a_token_reads_alone_and_gdal_reads_the_layers_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    finding(&app).await;
    let mut officer = playing(&app, "signing officer").await;
    let (status, made) = officer
        .post("/api/session/tokens", &json!({"name": "QGIS"}))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let token = made["token"].as_str().unwrap().to_owned();
    let mut program = Browser::new(&app);
    let bearer = |program: &Browser, method: &str, path: &str| {
        let request = program
            .request(method, path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from("{}"))
            .unwrap()
    };
    let request = bearer(&program, "GET", "/api/findings");
    assert_eq!(program.send(request).await.0, StatusCode::OK);
    for path in [
        "/api/session/tokens",
        "/api/alerts/x/acknowledgement",
        "/api/findings/F-1/decisions",
    ] {
        let request = bearer(&program, "POST", path);
        assert_eq!(
            program.send(request).await.0,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    gdal(app, &token).await;
}

async fn gdal(app: App, token: &str) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let router = centre_router(app);
    let serving =
        axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let server = tokio::spawn(serving.into_future());
    let (url, header) = (
        format!("OAPIF:http://localhost:{port}/ogc"),
        format!("Authorization: Bearer {token}"),
    );
    let asked = tokio::task::spawn_blocking(move || {
        let mut ogrinfo = std::process::Command::new("ogrinfo");
        ogrinfo
            .args(["-ro", "-so", &url, "events"])
            .env("GDAL_HTTP_HEADERS", header)
            .output()
    });
    match asked.await.unwrap() {
        Err(_) => eprintln!(
            "SKIPPED: GDAL's ogrinfo is not here; OGC API - Features is untested by a foreign client"
        ),
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(
                told.contains("Geometry: Point") && told.contains("Feature Count"),
                "{told}{output:?}"
            );
        }
    }
    stop.cancel();
    drop(server.await);
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
