//! Other programs: layers for GIS, tokens, TAK clients, webhooks, CAP, vector tiles.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::passkeys::finding;
use super::watch::playing;
use super::{Browser, app, new_centre};
use crate::config::WebhookConfig;
use crate::http::{App, centre_router};

/// A field of a request's head.
fn field(head: &str, name: &str) -> String {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let mut named = fields.filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.next().unwrap().1.to_owned()
}

/// Reads a request of HTTP/1.1 with a body, and answers it.
async fn takes(bell: &tokio::net::TcpListener, status: &str) -> (String, String) {
    let (mut stream, _) = bell.accept().await.unwrap();
    let mut heard = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&heard).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = field(head, "content-length");
            if body.len() == length.parse::<usize>().unwrap() {
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                return (head.to_owned(), body.to_owned());
            }
        }
        let mut part = [0; 4096];
        let n = stream.read(&mut part).await.unwrap();
        assert!(n > 0, "{text}");
        heard.extend_from_slice(&part[..n]);
    }
}

/// An alert is posted signed; when it was not taken, again, under the same id. Redirections lead nowhere.
#[tokio::test]
async fn an_alert_reaches_a_webhook_signed_and_again_when_it_was_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    finding(&app).await;
    let bell = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let secret = BASE64_STANDARD.encode([7_u8; 32]);
    std::fs::write(
        app.dir().join("keys/bell.secret"),
        format!("whsec_{secret}\n"),
    )
    .unwrap();
    let webhook = WebhookConfig {
        url: format!("http://{}/bell", bell.local_addr().unwrap()),
        secret_file: Some("keys/bell.secret".into()),
    };
    crate::watch::webhook::start(app.hub(), app.dir(), &[webhook]).unwrap();
    let alerts = app
        .clone()
        .with(|centre| Ok(centre.alerts().newest_first().cloned().collect::<Vec<_>>()));
    let alert = alerts.await.unwrap().remove(0);
    let change = crate::live::Change::Alert(Box::new(alert.clone()));
    app.hub().tell(change);
    let nowhere = "302 Found\r\nLocation: http://127.0.0.1:1/";
    let (first, _) = takes(&bell, nowhere).await;
    let again = tokio::time::timeout(Duration::from_secs(120), takes(&bell, "204 No Content"));
    let (head, body) = again.await.unwrap();
    let id = field(&head, "webhook-id");
    assert_eq!(id, field(&first, "webhook-id"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&[7; 32]).unwrap();
    mac.update(format!("{id}.{}.{body}", field(&head, "webhook-timestamp")).as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(
        field(&head, "webhook-signature"),
        format!("v1,{}", signature)
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&body["type"], &body["data"]["id"]),
        (&json!("alert.raised"), &json!(alert.id))
    );
}

/// A body as it is, with its type and tag.
pub(super) async fn raw(
    app: &App,
    browser: &Browser,
    path: &str,
    known: &str,
) -> (StatusCode, String, String, Vec<u8>) {
    let request = browser
        .request("GET", path)
        .header(header::IF_NONE_MATCH, known);
    let request = request.body(Body::empty()).unwrap();
    let response = centre_router(app.clone()).oneshot(request).await.unwrap();
    let text = |name| {
        let value = response.headers().get(name);
        value
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    let (status, kind, tag) = (
        response.status(),
        text(header::CONTENT_TYPE),
        text(header::ETAG),
    );
    let body = to_bytes(response.into_body(), 10 << 20).await.unwrap();
    (status, kind, tag, body.to_vec())
}

#[tokio::test]
async fn alerts_are_had_as_cap_messages_in_an_atom_feed() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let id = finding(&app).await;
    let observer = playing(&app, "observer").await;
    let (status, kind, tag, feed) = raw(&app, &observer, "/api/alerts.cap", "").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::OK, "application/atom+xml")
    );
    let feed = String::from_utf8(feed).unwrap();
    let message = format!("/api/alerts/finding-{id}/cap");
    assert!(
        feed.contains(&format!("href=\"http://localhost:7400{message}\"")),
        "{feed}"
    );
    assert_eq!(
        raw(&app, &observer, "/api/alerts.cap", &tag).await.0,
        StatusCode::NOT_MODIFIED
    );
    let (status, kind, _, told) = raw(&app, &observer, &message, "").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::OK, "application/cap+xml")
    );
    let told = String::from_utf8(told).unwrap();
    assert!(
        told.contains("<status>Exercise</status>") && told.contains("<circle>"),
        "{told}"
    );
    assert_eq!(
        raw(&app, &observer, "/api/alerts/none/cap", "").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn findings_reach_a_tak_client() {
    use tokio::io::AsyncReadExt as _;
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let id = finding(&app).await;
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
