//! Filled forms as ODK Collect sends them: HEAD first, then parts of `multipart/form-data`, some in several
//! requests, some twice.

use std::path::Path;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use truceline_record::verify::verify;

use super::{app, new_centre};
use crate::Config;
use crate::config::FormDeviceConfig;
use crate::http::{App, centre_router};

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a photograph";
const SOUND: &[u8] = b"\0\0\0\x18ftypM4A a sound";

fn with_device(centre: &Path) {
    let mut config = Config::load(centre).unwrap();
    std::fs::write(centre.join("keys/tablet.token"), "geheim\n").unwrap();
    std::fs::write(centre.join("keys/empty.token"), "\n").unwrap();
    config.form_devices = ["tablet", "empty"]
        .map(|id| FormDeviceConfig {
            id: id.into(),
            token_file: format!("keys/{id}.token").into(),
        })
        .to_vec();
    config.save(centre).unwrap();
}

async fn ask(
    app: &App,
    method: &str,
    path: &str,
    login: &str,
    body: Vec<u8>,
) -> (Response<()>, String) {
    let login = BASE64_STANDARD.encode(login);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "centre.example:7400")
        .header("X-OpenRosa-Version", "1.0")
        .header(header::AUTHORIZATION, format!("Basic {login}"))
        .header(
            header::CONTENT_TYPE,
            "multipart/form-data; boundary=\"b0und\"",
        )
        .body(Body::from(body))
        .unwrap();
    let response = centre_router(app.clone()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 10 << 20).await.unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    (Response::from_parts(parts, ()), text)
}

fn filled(id: &str, form: &str, more: &str) -> String {
    format!(
        "<?xml version='1.0' ?><data id=\"{form}\" version=\"1\"><start>2021-03-14T10:00:00.000+04:00</start>\
         <observer>P1</observer><observed>2021-03-14T10:00:00.000+04:00</observed><means>heard</means>\
         <phenomenon>explosion</phenomenon><weapon>mortar</weapon><direction>incoming</direction>{more}\
         <meta><instanceID>{id}</instanceID></meta></data>"
    )
}

fn multipart(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or_else(String::new, |f| format!("; filename=\"{f}\""));
        let head =
            format!("--b0und\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b0und--\r\n");
    body
}

/// Sends answers and files; returns the status and what was said.
async fn send(app: &App, xml: &str, files: &[(&str, &[u8])]) -> (StatusCode, String) {
    let mut parts = vec![("xml_submission_file", Some("s.xml"), xml.as_bytes())];
    parts.extend(
        files
            .iter()
            .map(|(name, bytes)| (*name, Some(*name), *bytes)),
    );
    let body = multipart(&parts);
    let (response, text) = ask(app, "POST", "/openrosa/submission", "tablet:geheim", body).await;
    (response.status(), text)
}

async fn entries(app: &App) -> u64 {
    app.clone()
        .with(|centre| Ok(centre.record().log()?.size()))
        .await
        .unwrap()
}

async fn recorded(app: &App, id: &'static str) -> Option<Value> {
    app.clone()
        .with(move |centre| Ok(centre.store().observation(id)?.map(|(_, body)| body)))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_tablet_finds_the_form_and_sends_it_filled() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    with_device(&centre);
    let app = app(&centre);
    for login in ["tablet:wrong", "empty:", "other:geheim"] {
        let (refused, _) = ask(&app, "HEAD", "/openrosa/submission", login, Vec::new()).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{login}");
        let asks: Vec<_> = refused
            .headers()
            .get_all(header::WWW_AUTHENTICATE)
            .iter()
            .collect();
        assert!(
            asks.len() == 2 && asks[0].to_str().unwrap().starts_with("Digest "),
            "{asks:?}"
        );
    }
    let login = "tablet:geheim";
    let (head, _) = ask(&app, "HEAD", "/openrosa/submission", login, Vec::new()).await;
    assert_eq!(head.status(), StatusCode::NO_CONTENT);
    assert_eq!(head.headers()["x-openrosa-version"], "1.0");
    let most: u64 = head.headers()["x-openrosa-accept-content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(most > 1 << 20);
    let (list, text) = ask(&app, "GET", "/openrosa/formList", login, Vec::new()).await;
    assert_eq!(list.status(), StatusCode::OK);
    let url = "http://centre.example:7400/openrosa/forms/truceline_observation.xml";
    assert!(
        text.contains(&format!("<downloadUrl>{url}</downloadUrl>")),
        "{text}"
    );
    let (form, text) = ask(
        &app,
        "GET",
        "/openrosa/forms/truceline_observation.xml",
        login,
        Vec::new(),
    )
    .await;
    assert!(
        form.status() == StatusCode::OK && text.contains("jr:preload=\"uid\""),
        "{text}"
    );
    let (none, _) = ask(&app, "GET", "/openrosa/forms/other.xml", login, Vec::new()).await;
    assert_eq!(none.status(), StatusCode::NOT_FOUND);

    let form = "truceline_observation";
    let plain = filled("uuid:plain", form, "");
    let (status, text) = send(&app, &plain, &[]).await;
    assert_eq!(status, StatusCode::CREATED, "{text}");
    assert!(text.contains("submit_success"), "{text}");
    let before = entries(&app).await;
    assert_eq!(
        send(&app, &plain, &[]).await.0,
        StatusCode::ACCEPTED,
        "sent again"
    );
    assert_eq!(entries(&app).await, before, "recorded once");
    let told = recorded(&app, "uuid:plain").await.unwrap();
    assert_eq!(
        (&told["source"], &told["weapon"]),
        (&json!("P1"), &json!("mortar"))
    );

    // Two files in two requests: nothing is recorded before the second.
    let both = filled(
        "uuid:both",
        form,
        "<photo>1 a.jpg</photo><audio>2.m4a</audio>",
    );
    let (status, text) = send(&app, &both, &[("1 a.jpg", PHOTO)]).await;
    assert!(
        status == StatusCode::ACCEPTED && text.contains("2.m4a still to come"),
        "{text}"
    );
    assert_eq!(entries(&app).await, before);
    assert_eq!(
        send(&app, &both, &[("2.m4a", SOUND)]).await.0,
        StatusCode::CREATED
    );
    let told = recorded(&app, "uuid:both").await.unwrap();
    let hashes: Vec<String> = [PHOTO, SOUND]
        .map(|b| truceline_domain::Sha256::of(b).to_string())
        .to_vec();
    assert_eq!(told["attachments"], json!(hashes));
    drop(app);
    let (status, _, body) = super::get(&centre, "/api/attachments/none").await;
    assert!(status.is_client_error(), "{body}");
    let (status, policy, body) =
        super::get(&centre, &format!("/api/attachments/{}", hashes[0])).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(
        policy.contains("sandbox") && body.contains("a photograph"),
        "{policy}"
    );
    assert_eq!(std::fs::read_dir(centre.join("forms")).unwrap().count(), 0);
    let report = verify(&centre, &Default::default(), &|_| {}).unwrap();
    assert!(
        report.passed() && report.counts.entries["attachment"] == 2,
        "{report}"
    );
    assert!(
        report.notes.iter().all(|n| !n.contains("no entry names")),
        "{report}"
    );
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    with_device(&centre);
    let app = app(&centre);
    let form = "truceline_observation";
    let before = entries(&app).await;
    let photo = "<photo>1.jpg</photo>";
    let script = filled("uuid:s", form, "<text><script>x</script></text>");
    let doctype = format!(
        "<!DOCTYPE x [<!ENTITY e \"x\">]>{}",
        filled("uuid:d", form, "")
    );
    let huge = filled(
        "uuid:h",
        form,
        &format!("<text>{}</text>", "x".repeat(2 << 20)),
    );
    type Files<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(&str, Files<'_>, u16); 9] = [
        (&script, &[], 422),
        (&doctype, &[], 422),
        (&huge, &[], 413),
        (&filled("uuid:f", "another_form", ""), &[], 422),
        (&filled("", form, ""), &[], 422),
        (&filled("uuid:t", form, photo), &[("1.jpg", SOUND)], 422),
        (&filled("uuid:n", form, photo), &[("2.jpg", PHOTO)], 422),
        (
            &filled("uuid:m", form, "<photo>1</photo><audio>1</audio>"),
            &[],
            422,
        ),
        ("<data", &[], 422),
    ];
    for (xml, files, status) in cases {
        let (got, text) = send(&app, xml, files).await;
        let shown = xml.get(..200).unwrap_or(xml);
        assert_eq!(got.as_u16(), status, "{shown}: {text}");
        assert!(text.contains("submit_error"), "{text}");
    }
    for body in [
        multipart(&[]),
        multipart(&[("other", None, b"x")]),
        b"--b0und\r\nno end".to_vec(),
        Vec::new(),
    ] {
        let (got, text) = ask(&app, "POST", "/openrosa/submission", "tablet:geheim", body).await;
        assert_eq!(got.status(), StatusCode::BAD_REQUEST, "{text}");
    }
    assert_eq!(entries(&app).await, before);
    assert!(!centre.join("forms").exists());
    // A form that was changed under the same name is another's word.
    let first = filled("uuid:1", form, "");
    assert_eq!(send(&app, &first, &[]).await.0, StatusCode::CREATED);
    let changed = first.replace("explosion", "burst");
    assert_eq!(send(&app, &changed, &[]).await.0, StatusCode::CONFLICT);
    // Also while it waits for its files.
    let waits = filled("uuid:2", form, photo);
    assert_eq!(send(&app, &waits, &[]).await.0, StatusCode::ACCEPTED);
    let changed = waits.replace("explosion", "burst");
    assert_eq!(
        send(&app, &changed, &[("1.jpg", PHOTO)]).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        send(&app, &waits, &[("1.jpg", PHOTO)]).await.0,
        StatusCode::CREATED
    );
}
