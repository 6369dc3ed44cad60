//! Paths that lead elsewhere, what is too large, and who is slow.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::{at_work, raw};
use crate::common::serving::Browser;
use serde_json::Value;

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

/// Who is refused while a photograph is still on its way is told so: no broken line, again and again.
#[test]
fn a_refusal_reaches_whoever_still_sends() {
    let place = tempfile::tempdir().unwrap();
    let serving = at_work(place.path());
    let photograph = vec![b'x'; 300_000];
    for path in ["/openrosa/submission", "/api/liaison"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer nobody\r\nconnection: close\r\n\
             content-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n",
            photograph.len()
        );
        let request = [head.as_bytes(), &photograph].concat();
        for _ in 0..15 {
            let (status, text) = raw(&serving, &request);
            assert!(matches!(status, 401 | 429), "{path}: {status} {text}");
        }
    }
}
