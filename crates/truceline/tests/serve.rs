//! A centre at work, through the built program: live feeds, commands beside it, a kill, a full disk.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{SmallDisk, run, theatre};
use serde_json::Value;

/// A centre's folder and the `serve` that is at work on it.
struct AtWork {
    dir: PathBuf,
    address: String,
    port: u16,
    serve: Option<Child>,
}

impl AtWork {
    /// A centre in `place` with one live feed.
    fn new(place: &Path) -> Self {
        let dir = place.join("centre");
        run(&["init", text(&dir), "--theatre", text(&theatre())]).ok();
        let port = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let listen = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let config = dir.join("truceline.toml");
        let mut lines = std::fs::read_to_string(&config).unwrap();
        lines += &format!("\n[[feed]]\nid = \"drone\"\nlive = \"udp://127.0.0.1:{port}\"\n");
        std::fs::write(&config, lines).unwrap();
        let mut at_work = Self {
            dir,
            address: listen.to_string(),
            port,
            serve: None,
        };
        at_work.start();
        at_work
    }

    fn start(&mut self) {
        let serve = Command::new(env!("CARGO_BIN_EXE_truceline"))
            .args(["serve", "--dir", text(&self.dir), "--listen", &self.address])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.serve = Some(serve);
        self.wait("it answers", |centre| centre.get("/healthz", "").map(drop));
    }

    /// As a crash or an operator without patience would.
    fn kill(&mut self) {
        let mut serve = self.serve.take().unwrap();
        serve.kill().unwrap();
        serve.wait().unwrap();
    }

    fn end(&mut self) {
        let mut serve = self.serve.take().unwrap();
        let pid = serve.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(serve.wait().unwrap().success());
    }

    /// Asks as this machine's commands do, with a header of its own, and opens the answer.
    fn ask(&self, path: &str, header: &str) -> Option<TcpStream> {
        let control = std::fs::read(self.dir.join("serve.json")).ok()?;
        let control: Value = serde_json::from_slice(&control).ok()?;
        let token = control["token"].as_str()?.to_owned();
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: centre\r\nAuthorization: Bearer {token}\r\n{header}\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        Some(stream)
    }

    /// The status and the body of an answer.
    fn get(&self, path: &str, header: &str) -> Option<(u16, Vec<u8>)> {
        let mut answer = Vec::new();
        self.ask(path, header)?.read_to_end(&mut answer).ok()?;
        let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
        let status = std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()?;
        Some((status, answer.split_off(head + 4)))
    }

    fn feed(&self) -> Option<Value> {
        serde_json::from_slice(&self.get("/api/feeds/drone", "")?.1).ok()
    }

    fn wait<T>(&self, what: &str, is: impl Fn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(done) = is(self) {
                return done;
            }
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{what}: {:?}",
                self.feed()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn until_bytes(&self, bytes: u64) {
        self.wait("bytes", |centre| {
            (centre.feed()?["bytes"].as_u64()? >= bytes).then_some(())
        });
    }

    /// All recorded bytes of the feed: the segments in the log's order.
    fn recorded(&self) -> Vec<u8> {
        let (centre, record) = (self.dir.join("record"), self.dir.join("record/segments"));
        let reader = truceline_record::Record::open_reader(&centre).unwrap();
        let log = reader.log().unwrap();
        let entries = log.entries(0).map(|leaf| leaf.unwrap().entry().unwrap());
        entries
            .filter(|entry| entry.kind == "segment")
            .flat_map(|entry| {
                let body: Value = entry.body_as().unwrap();
                let name = body["sha256"].as_str().unwrap().to_owned();
                std::fs::read(record.join(&name[..2]).join(&name)).unwrap()
            })
            .collect()
    }

    fn gaps(&self) -> Vec<String> {
        let reader = truceline_record::Record::open_reader(&self.dir.join("record")).unwrap();
        let log = reader.log().unwrap();
        let entries = log.entries(0).map(|leaf| leaf.unwrap().entry().unwrap());
        entries
            .filter(|entry| entry.kind == "gap")
            .map(|entry| {
                let body: Value = entry.body_as().unwrap();
                body["reason"].as_str().unwrap().to_owned()
            })
            .collect()
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        if let Some(mut serve) = self.serve.take() {
            // It may have ended by itself.
            let _ended = serve.kill();
            let _reaped = serve.wait();
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Sends a stretch as an encoder does, a few datagrams at a time.
fn send(encoder: &UdpSocket, port: u16, bytes: &[u8]) {
    for (n, datagram) in bytes.chunks(7 * 188).enumerate() {
        encoder.send_to(datagram, ("127.0.0.1", port)).unwrap();
        if n % 8 == 7 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn film() -> Vec<u8> {
    std::fs::read(theatre().join("feeds/drone.ts")).unwrap()
}

#[test]
fn a_killed_centre_loses_no_byte_that_it_was_given_and_says_when_it_was_away() {
    let place = tempfile::tempdir().unwrap();
    let mut centre = AtWork::new(place.path());
    let (film, encoder) = (film(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let mut sent = Vec::new();
    for part in film.chunks(film.len() / 4 / 188 * 188).take(3) {
        send(&encoder, centre.port, part);
        centre.until_bytes(part.len() as u64);
        sent.extend_from_slice(part);
        centre.kill();
        centre.start();
    }
    centre.end();
    assert_eq!(centre.recorded(), sent);
    let away = centre.gaps();
    assert_eq!(
        away.iter()
            .filter(|why| why.contains("process ended"))
            .count(),
        3,
        "{away:?}"
    );
    let verified = run(&["verify", text(&centre.dir)]);
    assert_eq!(verified.code, 0, "{verified:?}");
    run(&["replay", "--dir", text(&centre.dir)]).ok();
}

#[test]
fn officers_sign_and_files_are_taken_in_while_the_centre_is_at_work() {
    let place = tempfile::tempdir().unwrap();
    let mut centre = AtWork::new(place.path());
    let dir = text(&centre.dir).to_owned();
    let sensors = theatre().join("feeds/sensors.ndjson");
    let ran = run(&["ingest", "--dir", &dir, text(&sensors)]);
    assert!(
        ran.stderr.contains("recorded by the centre at work"),
        "{ran:?}"
    );
    let finding = centre.wait("a finding", |_| {
        let ran = run(&["findings", "--dir", &dir, "--format", "json"]);
        let first = ran.lines().into_iter().next()?;
        first["finding"]["id"].as_str().map(str::to_owned)
    });
    let mut keys: Vec<_> = std::fs::read_dir(centre.dir.join("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| text(path).contains("/officer-"))
        .collect();
    keys.sort();
    let first = run(&["sign", "--dir", &dir, &finding, "--key", text(&keys[0])]).ok();
    assert!(first.stdout.contains("half-signed"), "{first:?}");
    let twice = run(&["sign", "--dir", &dir, &finding, "--key", text(&keys[0])]);
    assert_eq!(twice.code, 1, "{twice:?}");
    let second = run(&["sign", "--dir", &dir, &finding, "--key", text(&keys[1])]).ok();
    assert!(second.stdout.contains("determined: both"), "{second:?}");
    let mandate = theatre().join("mandate.md");
    let refused = run(&["amend", "--dir", &dir, text(&mandate)]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("is at work on it"), "{refused:?}");
    centre.end();
    run(&["replay", "--dir", &dir]).ok();
    assert!(!centre.dir.join("serve.json").exists());
}

#[test]
fn a_full_disk_is_told_and_what_can_be_held_back_is_recorded_when_there_is_space() {
    let Some(disk) = SmallDisk::mounted(24, "a full disk under a live feed") else {
        return;
    };
    let mut centre = AtWork::new(disk.path());
    let (film, encoder) = (film(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let (first, rest) = film.split_at(film.len() / 3 / 188 * 188);
    send(&encoder, centre.port, first);
    centre.until_bytes(first.len() as u64);
    disk.fill(0);
    send(&encoder, centre.port, rest);
    centre.wait("the full disk is told", |centre| {
        (centre.feed()?["condition"] == "storage_full").then_some(())
    });
    disk.free();
    centre.until_bytes(film.len() as u64);
    centre.wait("it is up again", |centre| {
        let feed = centre.feed()?;
        (feed["condition"] != "storage_full").then_some(())
    });
    centre.end();
    assert_eq!(
        centre.recorded(),
        film,
        "the queue held what came while the disk was full"
    );
    let verified = run(&["verify", text(&centre.dir)]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn video_is_shown_as_it_comes_and_again_when_it_is_recorded() {
    let place = tempfile::tempdir().unwrap();
    let mut centre = AtWork::new(place.path());
    let (film, encoder) = (film(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let mut live = centre.ask("/api/feeds/drone/live.mp4", "").unwrap();
    send(&encoder, centre.port, &film);
    centre.until_bytes(film.len() as u64);
    let mut shown = vec![0; 64 << 10];
    live.read_exact(&mut shown).unwrap();
    let boxes = |bytes: &[u8], name: &[u8]| bytes.windows(4).any(|w| w == name);
    assert!(boxes(&shown, b"moov") && boxes(&shown, b"moof"));
    drop(live);
    // What lies in the segment that is still open is found too, and said to be so.
    let last = "from=2021-03-14T09:30:08.2Z&to=2021-03-14T09:30:09.5Z";
    let proof = centre.wait("a clip of the open segment", |centre| {
        let path = format!("/api/feeds/drone/clip?{last}&format=ts&proof=true");
        let (status, proof) = centre.get(&path, "")?;
        let proof: serde_json::Value = serde_json::from_slice(&proof).ok()?;
        (status == 200 && proof["open_segment"].is_object()).then_some(proof)
    });
    let open = &proof["open_segment"];
    assert_eq!(open["sha256"], proof["made_from"][0]["segment"], "{proof}");
    let (status, jpeg) = centre
        .get("/api/feeds/drone/still?at=2021-03-14T09:30:03Z", "")
        .unwrap();
    assert_eq!((status, &jpeg[..2]), (200, &[0xFF, 0xD8][..]));
    // The segment ends by itself ten seconds after its first byte.
    centre.wait("a segment", |centre| {
        (centre.feed()?["segments"].as_u64()? > 0).then_some(())
    });
    let span = "from=2021-03-14T09:30:02Z&to=2021-03-14T09:30:05Z";
    let (status, clip) = centre
        .get(&format!("/api/feeds/drone/clip?{span}&format=mp4"), "")
        .unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&clip));
    assert!(boxes(&clip, b"ftyp") && boxes(&clip, b"mdat"));
    let (status, ts) = centre
        .get(&format!("/api/feeds/drone/clip?{span}&format=ts"), "")
        .unwrap();
    assert_eq!((status, ts.len() % 188, ts[0]), (200, 0, 0x47));
    let at = "at=2021-03-14T09:30:03Z";
    let (status, jpeg) = centre
        .get(&format!("/api/feeds/drone/still?{at}"), "")
        .unwrap();
    assert_eq!((status, &jpeg[..2]), (200, &[0xFF, 0xD8][..]));
    let path = format!("/api/feeds/drone/replay.mp4?{span}");
    let (status, whole) = centre.get(&path, "").unwrap();
    assert_eq!(status, 200);
    let (status, part) = centre.get(&path, "Range: bytes=100-199\r\n").unwrap();
    assert_eq!((status, &part[..]), (206, &whole[100..200]));
    let (status, bar) = centre
        .get(&format!("/api/feeds/drone/thumbnails?{span}&count=3"), "")
        .unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bar));
    for wrong in [
        "/api/feeds/nobody/still?at=2021-03-14T09:30:03Z",
        "/api/feeds/drone/still?at=1999-01-01T00:00:00Z",
        "/api/feeds/drone/clip?from=2021-03-14T09:30:05Z&to=2021-03-14T09:30:02Z",
        "/api/feeds/drone/still?at=yesterday",
    ] {
        let (status, why) = centre.get(wrong, "").unwrap();
        assert!(
            (400..500).contains(&status),
            "{wrong}: {status} {}",
            String::from_utf8_lossy(&why)
        );
    }
    centre.end();
}
