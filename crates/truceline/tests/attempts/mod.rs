//! Attempts to get in, against the built program at work. Passkeys' own (replayed and forged assertions) are
//! tested in the service, another theatre's in `theatres.rs`.

mod kill;
mod requests;
mod texts;
mod who;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::common::serving::{Serving, admit_part};
use crate::common::{run, theatre};

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
