//! Attempts to get in, against the built program at work. Passkeys' own (replayed and forged assertions) are
//! tested in the service, another theatre's in `theatres.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on has failed.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::serving::{Browser, Serving, admit_part};
use common::{run, theatre};
use serde_json::{Value, json};
use truceline_service::Centre;

/// A text that is code to whoever does not escape it.
const CODE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"; DROP TABLE findings;-- \u{202e}&amp;";

/// A centre with findings, at work, and parts for each role.
fn at_work(place: &Path) -> Serving {
    let dir = place.join("centre");
    run(&[
        "init",
        dir.to_str().unwrap(),
        "--theatre",
        theatre().to_str().unwrap(),
    ])
    .ok();
    let sensors = theatre().join("feeds/sensors.ndjson");
    run(&[
        "ingest",
        "--dir",
        dir.to_str().unwrap(),
        sensors.to_str().unwrap(),
    ]);
    let theatre = theatre();
    let name = theatre.file_name().unwrap().to_str().unwrap();
    for (id, role) in [
        ("officer", "duty officer"),
        ("analyst", "analyst"),
        ("signer", "signing officer"),
        ("observer", "observer"),
        ("host", "host official"),
        ("admin", "machine administrator"),
    ] {
        admit_part(&dir, id, role, &[name]);
    }
    Serving::start(&dir)
}

/// Sends bytes as they are, and reads the answer's first line and the rest.
fn raw(serving: &Serving, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(serving.url.trim_start_matches("http://")).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(120)))
        .unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    // What is cut off in mid-answer is looked at as far as it came.
    let _cut = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text
        .get(9..12)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    (status, text)
}

#[test]
fn a_session_is_its_browsers_own() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let url = &serving.url;
    // A cookie that somebody else chose is not taken over at login.
    let chosen =
        "truceline_session=0000000000000000000000000000000000000000000000000000000000000000";
    let mut victim = Browser::at(url);
    victim.cookie = Some(chosen.to_owned());
    let answer = victim.post("/api/session/exercise", &json!({"person": "officer"}));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(!cookie.starts_with(chosen), "{cookie}");
    assert!(
        cookie.contains("HttpOnly; SameSite=Strict; Path=/"),
        "{cookie}"
    );
    assert_eq!(victim.get("/api/session").status, 401);
    // Who logs in again ends the session before.
    let first = Browser::playing(url, "officer");
    let again = first.post("/api/session/exercise", &json!({"person": "observer"}));
    assert_eq!(again.status, 200);
    assert_eq!(first.get("/api/session").status, 401);
    // Forged and half forged.
    let known = Browser::playing(url, "officer");
    let value = known.cookie.clone().unwrap();
    let flipped = format!(
        "{}{}",
        &value[..value.len() - 1],
        if value.ends_with('0') { '1' } else { '0' }
    );
    for forged in [
        "truceline_session=",
        "truceline_session=officer",
        "truceline_session=%00",
        &flipped,
        &value.to_uppercase(),
    ] {
        let mut other = Browser::at(url);
        other.cookie = Some(forged.to_owned());
        assert_eq!(other.get("/api/findings").status, 401, "{forged}");
    }
    // Cookies without number do not cost a hash each, and do not hide the right one.
    let mut many = known.clone();
    many.cookie = Some(format!("{value}; {}", "truceline_session=x; ".repeat(200)));
    assert_eq!(many.get("/api/session").status, 200);
}

#[test]
fn what_changes_something_was_meant() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let admin = Browser::playing(&serving.url, "admin");
    let other = Browser::playing(&serving.url, "officer");
    let person = json!({"id": "eve", "name": "Eve", "state": "x", "roles": ["analyst"]});
    let json_kind = ("content-type", "application/json");
    let wordless = Browser {
        csrf: None,
        ..admin.clone()
    };
    let with_others = Browser {
        csrf: other.csrf.clone(),
        ..admin.clone()
    };
    for (who, headers) in [
        (&wordless, vec![json_kind]),
        (&with_others, vec![json_kind]),
        (&admin, vec![json_kind, ("origin", "https://evil.example")]),
        (&admin, vec![json_kind, ("origin", "null")]),
        (&admin, vec![json_kind, ("sec-fetch-site", "cross-site")]),
    ] {
        let answer = who.send("POST", "/api/persons", &headers, &person.to_string());
        assert_eq!(answer.status, 403, "{headers:?}: {}", answer.text());
    }
    // A form of another page cannot be made to look like JSON.
    let form = [("content-type", "text/plain")];
    assert_eq!(
        admin
            .send("POST", "/api/persons", &form, &person.to_string())
            .status,
        415
    );
    // Logging somebody in or out from another page.
    let foreign = [json_kind, ("origin", "https://evil.example")];
    let login = json!({"person": "officer"}).to_string();
    assert_eq!(
        Browser::at(&serving.url)
            .send("POST", "/api/session/exercise", &foreign, &login)
            .status,
        403
    );
    assert_eq!(
        admin.send("DELETE", "/api/session", &foreign, "").status,
        403
    );
    assert!(!admin.get("/api/persons").text().contains("\"eve\""));
}

#[test]
fn each_side_and_role_has_its_own_rights() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let of = |id: &str| Browser::playing(&serving.url, id);
    let (officer, observer, host, admin, signer) = (
        of("officer"),
        of("observer"),
        of("host"),
        of("admin"),
        of("signer"),
    );
    let id = officer.get("/api/findings").json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let decisions = format!("/api/findings/{id}/decisions");
    let sign = json!({"decision": "sign"});
    for who in [&officer, &observer, &host, &admin] {
        assert_eq!(who.post(&format!("{decisions}/options"), &sign).status, 403);
    }
    // The question that one was asked is not answered by another, and not twice.
    let asked = signer.post(&format!("{decisions}/options"), &sign).json();
    let answer = json!({"id": asked["id"], "credential": null});
    assert!(matches!(
        officer.post(&decisions, &answer).status,
        403 | 409
    ));
    let asked = signer.post(&format!("{decisions}/options"), &sign).json();
    let answer = json!({"id": asked["id"], "credential": null});
    assert_eq!(signer.post(&decisions, &answer).status, 201);
    assert_eq!(
        signer.post(&decisions, &answer).status,
        409,
        "a replayed answer"
    );
    for path in [
        "/api/findings",
        "/api/picture",
        "/api/feeds",
        "/tiles/events/0/0/0.mvt",
        "/api/alerts.cap",
    ] {
        assert_eq!(host.get(path).status, 403, "{path}");
    }
    assert_eq!(admin.get("/api/findings").status, 403);
    assert_eq!(
        observer
            .post("/api/alerts/x/acknowledgement", &json!({}))
            .status,
        403
    );
    // No API makes a part of an exercise, and nobody but who looks after machines admits.
    let part =
        json!({"id": "eve", "name": "E", "state": "x", "roles": ["analyst"], "exercise": true});
    assert_eq!(admin.post("/api/persons", &part).status, 422);
    assert_eq!(officer.post("/api/persons", &json!({})).status, 403);
}

#[test]
fn paths_lead_to_nothing_but_what_is_meant() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let secret = std::fs::read_to_string(serving.dir.join("keys/log.key")).unwrap();
    let control: Value =
        serde_json::from_slice(&std::fs::read(serving.dir.join("serve.json")).unwrap()).unwrap();
    let token = control["token"].as_str().unwrap();
    for front in [
        "/log/",
        "/console/",
        "/",
        "/api/reports/daily/",
        "/api/findings/",
        "/tiles/events/0/0/",
    ] {
        for up in [
            "..",
            "%2e%2e",
            "%2E.",
            ".%2e",
            "..%2f..",
            "%252e%252e",
            "..\\..",
            "..%5c..",
            "..%00",
            "....//",
        ] {
            for file in [
                "keys/log.key",
                "serve.json",
                "truceline.toml",
                "../../../../etc/passwd",
            ] {
                let path = format!("{front}{up}/{up}/{file}");
                let request = format!(
                    "GET {path} HTTP/1.1\r\nHost: centre\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
                );
                let (status, answer) = raw(&serving, request.as_bytes());
                assert!((400..500).contains(&status), "{path}: {answer}");
                for leak in [secret.trim(), token, "[[feed]]", "root:x:0"] {
                    assert!(!answer.contains(leak), "{path}: {answer}");
                }
            }
        }
    }
    for absolute in [
        "http://evil.example/api/findings",
        "//evil.example/plain/",
        "/\\evil.example/",
        "/t/../plain/",
    ] {
        let request =
            format!("GET {absolute} HTTP/1.1\r\nHost: centre\r\nConnection: close\r\n\r\n");
        let (_, answer) = raw(&serving, request.as_bytes());
        let location = answer
            .lines()
            .find(|line| line.to_lowercase().starts_with("location:"));
        assert!(
            location.is_none_or(|to| !to.contains("evil")),
            "{absolute}: {answer}"
        );
        assert!(!answer.starts_with("HTTP/1.1 200"), "{absolute}: {answer}");
    }
}

#[test]
fn what_is_too_large_is_refused_and_who_is_slow_keeps_nobody_out() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let officer = Browser::playing(&serving.url, "officer");
    // Told to be large, and large without having been told.
    let head =
        "POST /api/session/passkey HTTP/1.1\r\nHost: centre\r\nContent-Type: application/json\r\n";
    let told = format!(
        "{head}Content-Length: {}\r\nConnection: close\r\n\r\n",
        2 << 20
    );
    let whole = [told.into_bytes(), vec![b'['; 2 << 20]].concat();
    let mut stream = TcpStream::connect(serving.url.trim_start_matches("http://")).unwrap();
    let _cut = stream.write_all(&whole);
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    let mut endless = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..40 {
        endless.extend_from_slice(b"10000\r\n");
        endless.extend(std::iter::repeat_n(b'[', 0x10000));
        endless.extend_from_slice(b"\r\n");
    }
    let mut stream = TcpStream::connect(serving.url.trim_start_matches("http://")).unwrap();
    // It may be cut off while it is sent.
    let _cut = stream.write_all(&endless);
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    // A head of a megabyte, and one of ten thousand fields.
    let long = format!(
        "GET /healthz HTTP/1.1\r\nHost: centre\r\nX-Long: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let many = format!(
        "GET /healthz HTTP/1.1\r\nHost: centre\r\n{}\r\n",
        "X-Many: 1\r\n".repeat(10_000)
    );
    for request in [long, many] {
        let mut stream = TcpStream::connect(serving.url.trim_start_matches("http://")).unwrap();
        let _cut = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _cut = stream.read_to_end(&mut answer);
        assert!(
            !answer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    // JSON that is deep rather than long.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let kind = [("content-type", "application/json")];
    let refused = officer.send("POST", "/api/session/tokens", &kind, &deep);
    assert!(matches!(refused.status, 400 | 422), "{}", refused.text());
    // Three hundred who never end a head, or a body; the officer is answered all the same.
    let slow: Vec<TcpStream> = (0..300)
        .map(|n| {
            let mut stream = TcpStream::connect(serving.url.trim_start_matches("http://")).unwrap();
            let begun = if n % 2 == 0 {
                "GET /api/session HTTP/1.1\r\nHost: centre\r\nX-Slow: ".to_owned()
            } else {
                format!("{head}Content-Length: 1000\r\n\r\n{{\"id\":")
            };
            stream.write_all(begun.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(officer.get("/api/session").status, 200);
    // And they are shown the door, however slow this machine is.
    for mut stream in slow {
        stream
            .set_read_timeout(Some(Duration::from_secs(180)))
            .unwrap();
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        let cut = ended
            .as_ref()
            .is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset);
        assert!(ended.is_ok() || cut, "{ended:?}");
    }
}

/// What is stored is the very text; what is shown is text, and no code.
#[test]
fn code_in_any_text_is_text() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let of = |id: &str| Browser::playing(&serving.url, id);
    let (analyst, signer, admin) = (of("analyst"), of("signer"), of("admin"));
    let id = analyst.get("/api/findings").json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let detail = |browser: &Browser| browser.get(&format!("/api/findings/{id}")).json();
    let before = analyst.get("/api/findings").json()["items"]
        .as_array()
        .unwrap()
        .len();

    // A dissent's reason.
    let decisions = format!("/api/findings/{id}/decisions");
    let dissent = json!({"decision": "dissent", "reason": CODE});
    let asked = signer.post(&format!("{decisions}/options"), &dissent);
    assert_eq!(asked.status, 200, "{}", asked.text());
    let answer = json!({"id": asked.json()["id"], "credential": null});
    assert_eq!(signer.post(&decisions, &answer).status, 201);
    assert_eq!(detail(&analyst)["signatures"][0]["reason"], CODE);

    // An exclusion's reason, and a name that it does not rest on.
    let evidence = detail(&analyst)["evidence"][0]["observation"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let exclusions = format!("/api/findings/{id}/exclusions");
    let excluded = json!({"observation": evidence, "reason": CODE});
    let answer = analyst.post(&exclusions, &excluded);
    assert!(answer.status < 300, "{}", answer.text());
    assert!(matches!(
        analyst
            .post(&exclusions, &json!({"observation": CODE, "reason": "x"}))
            .status,
        409 | 422
    ));
    assert!(matches!(
        analyst
            .post(
                &format!("/api/findings/{id}/what-if"),
                &json!({"without": [CODE]})
            )
            .status,
        200 | 409 | 422
    ));

    // A person's name, why somebody is revoked, and a program's name.
    let state = admin.get("/api/session").json()["person"]["state"].clone();
    let person = json!({"id": "eve", "name": CODE, "state": state, "roles": ["analyst"]});
    assert_eq!(admin.post("/api/persons", &person).status, 201);
    let persons = admin.get("/api/persons").json();
    let mut items = persons["items"].as_array().unwrap().iter();
    assert!(items.any(|p| p["name"] == CODE), "{persons}");
    assert_eq!(
        admin
            .post("/api/persons/eve/revocation", &json!({"why": CODE}))
            .status,
        201
    );
    assert!(matches!(
        analyst
            .post("/api/session/tokens", &json!({"name": CODE}))
            .status,
        201 | 409
    ));

    // A feed's, a source's and an observation's name, as whoever posts readings gives them.
    let control = serving.control(&serving.dir);
    let reading = json!({"id": "o<script>1", "source": "F'; DROP TABLE observations;--<script>", "kind": "flash",
        "observed": "2021-03-14T09:00:00Z", "bearing_deg": 10, "bearing_sd_deg": 1});
    let feed = "%3Cscript%3E'%3B%20DROP%20TABLE";
    for path in [
        format!("/api/feeds/{feed}/observations?format=sensor"),
        "/api/feeds/f/observations?format=sensor&source=%3Cscript%3E".into(),
    ] {
        let answer = control.send("POST", &path, &[], &reading.to_string());
        assert!(
            matches!(answer.status, 200 | 400 | 404 | 409 | 422),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
    }
    // In every path and question.
    let coded: String = CODE.bytes().map(|b| format!("%{b:02X}")).collect();
    for path in [
        format!("/findings/{coded}"),
        format!("/api/findings/{coded}"),
        format!("/api/findings?party={coded}&kind={coded}&standing={coded}"),
        format!("/api/findings?cursor={coded}"),
        format!("/api/alerts/{coded}/cap"),
        format!("/api/feeds/{coded}"),
        format!("/api/reports/{coded}/2021-03-14?lang={coded}"),
        format!("/ogc/collections/{coded}"),
        format!("/ogc/collections/events/items?datetime={coded}&bbox={coded}"),
        format!("/ogc/collections/events/items/{coded}"),
        format!("/tiles/{coded}/0/0/0.mvt"),
        format!("/tiles/{coded}.json"),
        format!("/t/{coded}/plain/"),
        format!("/api/invitations/{coded}"),
        format!("/{coded}"),
    ] {
        let answer = analyst.get(&path);
        assert!(answer.status < 500, "{path}: {}", answer.text());
        let kind = answer.header("content-type").unwrap_or_default().to_owned();
        assert!(
            !kind.starts_with("text/html") || !answer.text().contains("<script>alert"),
            "{path}: {}",
            answer.text()
        );
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
    }
    for page in [
        "/plain/".to_owned(),
        format!("/findings/{id}"),
        "/api/docs".to_owned(),
        "/api/talks/table".to_owned(),
    ] {
        let text = analyst.get(&page).text();
        assert!(
            !text.contains("<script>alert") && !text.contains("<img src=x"),
            "{page}: {text}"
        );
    }
    let shown = analyst.get(&format!("/findings/{id}")).text();
    assert!(shown.contains("&lt;script&gt;alert(1)"), "{shown}");
    // No table went, no finding either, and the record still verifies.
    assert!(
        analyst.get("/api/findings").json()["items"]
            .as_array()
            .unwrap()
            .len()
            >= before
    );
    run(&["verify", serving.dir.to_str().unwrap()]).ok();
}

/// What the liaison officer writes down is text too.
#[test]
fn code_in_the_liaison_log_is_text() {
    let place = tempfile::tempdir().unwrap();
    let dir: PathBuf = place.path().join("centre");
    let dir = dir.to_str().unwrap();
    run(&["init", dir, "--theatre", theatre().to_str().unwrap()]).ok();
    let state = Centre::read(Path::new(dir))
        .unwrap()
        .sending_states()
        .swap_remove(0);
    let contact = [
        "liaison",
        "add",
        "--dir",
        dir,
        "--at",
        "2021-03-14T10:05:00Z",
        "--means",
        "call",
    ];
    // One line each; an officer's name is a text as well.
    let said = [
        "--with", &state, "--person", CODE, "--by", CODE, "--text", CODE,
    ];
    run(&[&contact[..], &said[..]].concat()).ok();
    let told = run(&["--json", "liaison", "list", "--dir", dir])
        .ok()
        .stdout;
    let first: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let whole = first.to_string();
    assert!(
        whole.contains(&serde_json::to_string(CODE).unwrap()),
        "{whole}"
    );
    run(&["verify", dir]).ok();
}

/// SIGKILL loses no acknowledgement, and forgets no alert that waits for one.
#[test]
fn an_alert_that_was_acknowledged_stays_so_and_the_others_wait_after_a_kill() {
    let place = tempfile::tempdir().unwrap();
    let mut serving = at_work(place.path());
    let officer = Browser::playing(&serving.url, "officer");
    let alerts = officer.get("/api/alerts?open=true&limit=1000").json();
    let alerts = alerts["items"].as_array().unwrap().clone();
    assert!(alerts.len() > 2, "{alerts:?}");
    let path = |alert: &Value| {
        format!(
            "/api/alerts/{}/acknowledgement",
            alert["id"].as_str().unwrap()
        )
    };
    let taken = officer.post(&path(&alerts[0]), &json!({}));
    assert_eq!(taken.status, 200, "{}", taken.text());
    serving.kill();
    serving.start_again();
    // Sessions end with the process; what was done does not.
    assert_eq!(officer.get("/api/alerts").status, 401);
    let officer = Browser::playing(&serving.url, "officer");
    let all = officer.get("/api/alerts?limit=1000").json();
    let of = |id: &Value| {
        let found = all["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|a| a["id"] == *id);
        found.cloned().unwrap()
    };
    assert_eq!(of(&alerts[0]["id"]), taken.json());
    for alert in &alerts[1..] {
        assert_eq!(of(&alert["id"]), *alert);
    }
    // Again, in the middle of a series of them: each that was answered is there.
    let mut answered = Vec::new();
    for alert in &alerts[1..] {
        if answered.len() == 2 {
            serving.kill();
            break;
        }
        let answer = officer.post(&path(alert), &json!({}));
        assert_eq!(answer.status, 200);
        answered.push(alert["id"].clone());
    }
    serving.start_again();
    let officer = Browser::playing(&serving.url, "officer");
    let open = officer.get("/api/alerts?open=true&limit=1000").json();
    let open: Vec<&Value> = open["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["id"])
        .collect();
    assert!(answered.iter().all(|id| !open.contains(&id)));
    run(&["verify", serving.dir.to_str().unwrap()]).ok();
}
