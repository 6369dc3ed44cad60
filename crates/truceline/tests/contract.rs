//! The API held against its own description by a foreign program: schemathesis makes hundreds of requests
//! from the OpenAPI document; none may make the centre fail, none may be answered as is not described.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{run, theatre};

/// Ends the centre whatever happens.
struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[test]
fn the_api_answers_as_it_describes_itself() {
    let there = Command::new("schemathesis")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        eprintln!(
            "SKIPPED: schemathesis (PyPI) is not here; the API is not held against its description"
        );
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("centre");
    let dir = dir.to_str().unwrap();
    run(&["init", dir, "--theatre", theatre().to_str().unwrap()]).ok();
    let sensors = theatre().join("feeds/sensors.ndjson");
    run(&["ingest", "--dir", dir, sensors.to_str().unwrap()]).ok();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let serve = Command::new(env!("CARGO_BIN_EXE_truceline"))
        .args(["serve", "--dir", dir, "--listen", &free.to_string()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _serving = Serving(serve);
    let began = Instant::now();
    let control = loop {
        let control = std::fs::read(format!("{dir}/serve.json")).ok();
        let control =
            control.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
        if let Some(control) = control {
            break control;
        }
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "the centre does not answer"
        );
        std::thread::sleep(Duration::from_millis(100));
    };
    let (url, token) = (
        control["url"].as_str().unwrap(),
        control["token"].as_str().unwrap(),
    );
    let output = Command::new("schemathesis")
        .args([
            "run",
            "--url",
            url,
            "--max-examples",
            "5",
            "--phases",
            "coverage,fuzzing",
        ])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"])
        // What goes on without end is no answer that can be looked at.
        .args([
            "--exclude-path-regex",
            "(live|replay|changes)",
            &format!("{url}/api/openapi.json"),
        ])
        .current_dir(place.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
