//! Two theatres of one `serve`: what is sent to the one by devices, drawn in its tiles, told to its listeners,
//! counted and refused, is nothing to the other.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::common::serving::{Browser, Serving, admit_part};
use crate::common::twin::twin;
use crate::common::{run, theatre};
use serde_json::{Value, json};
use truceline_service::Config;
use truceline_service::config::FormDeviceConfig;

/// A word that is said in the first theatre alone.
const SAID: &str = "saffron-heron";

struct Scene {
    _temp: tempfile::TempDir,
    serving: Serving,
    /// The first theatre's name.
    one: String,
    folders: [PathBuf; 2],
}

impl Scene {
    /// Both theatres at work: the first has events, a tablet and a duty officer; the second a tablet and an officer
    /// of its own.
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let centre = temp.path().join("centre");
        let first = theatre();
        let twin = twin(&first, temp.path());
        let one = first.file_name().unwrap().to_str().unwrap().to_owned();
        let dir = centre.to_str().unwrap();
        let words = [
            "init",
            dir,
            "--theatre",
            first.to_str().unwrap(),
            "--theatre",
        ];
        run(&[&words[..], &[twin.to_str().unwrap()]].concat()).ok();
        let sensors = first.join("feeds/sensors.ndjson");
        run(&["ingest", "--dir", dir, sensors.to_str().unwrap()]);
        let folders = [centre.clone(), centre.join("theatres/twin-2020")];
        for (folder, name) in folders.iter().zip(["tablet-one", "tablet-two"]) {
            with_device(folder, name);
        }
        admit_part(&folders[0], "ada", "duty officer", &[&one]);
        admit_part(&folders[1], "bea", "duty officer", &["twin-2020"]);
        Self {
            serving: Serving::start(&centre),
            _temp: temp,
            one,
            folders,
        }
    }

    fn below(&self, theatre: &str) -> String {
        format!("{}/t/{theatre}", self.serving.url)
    }

    /// Who plays the duty officer of each.
    fn officers(&self) -> [Browser; 2] {
        [
            Browser::playing(&self.below(&self.one), "ada"),
            Browser::playing(&self.below("twin-2020"), "bea"),
        ]
    }
}

fn with_device(folder: &Path, id: &str) {
    let mut config = Config::load(folder).unwrap();
    std::fs::write(
        folder.join(format!("keys/{id}.token")),
        format!("secret-{id}\n"),
    )
    .unwrap();
    config.form_devices.push(FormDeviceConfig {
        id: id.into(),
        token_file: format!("keys/{id}.token").into(),
    });
    config.save(folder).unwrap();
}

fn device(base: &str, id: &str) -> Browser {
    Browser {
        bearer: Some(format!("secret-{id}")),
        ..Browser::at(base)
    }
}

fn contact(text: &str) -> Value {
    json!({"at": "2021-03-14T10:05:00Z", "with": "am", "person": "Col. N.", "means": "call", "text": text})
}

#[test]
fn a_tablet_sends_to_its_own_theatre_alone() {
    let scene = Scene::new();
    let (here, there) = (scene.below(&scene.one), scene.below("twin-2020"));
    for (base, id) in [(&here, "tablet-one"), (&there, "tablet-two")] {
        let list = device(base, id).get("/openrosa/formList");
        assert_eq!(list.status, 200, "{}", list.text());
        // What the list names lies below the same theatre.
        let text = list.text();
        let url = text.split_once("<downloadUrl>").unwrap().1;
        let url = url.split_once("</downloadUrl>").unwrap().0;
        assert!(url.starts_with(base.as_str()), "{url}");
        let form = device("", id).get(url);
        assert_eq!(form.status, 200, "{url}: {}", form.text());
    }
    for (base, id) in [(&there, "tablet-one"), (&here, "tablet-two")] {
        for path in ["/openrosa/formList", "/openrosa/submission"] {
            assert_eq!(device(base, id).get(path).status, 401, "{id} {path}");
        }
    }
    let form = device(&here, "tablet-one").get("/openrosa/forms/truceline_observation.xml");
    let version = form.text().split_once("version=\"").unwrap().1.to_owned();
    let version = version.split_once('"').unwrap().0;
    let filled = format!(
        "<?xml version='1.0'?><data id=\"truceline_observation\" version=\"{version}\"><observer>P03</observer>\
         <observed>2021-03-14T13:00:00.000+04:00</observed><means>heard</means><phenomenon>explosion</phenomenon>\
         <weapon>mortar</weapon><direction>incoming</direction><text>{SAID}</text>\
         <meta><instanceID>uuid:7f5c9a3e</instanceID></meta></data>"
    );
    let body = format!(
        "--b0und\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"s.xml\"\r\n\r\n{filled}\r\n--b0und--\r\n"
    );
    let kind = [("content-type", "multipart/form-data; boundary=b0und")];
    let send =
        |base: &str| device(base, "tablet-one").send("POST", "/openrosa/submission", &kind, &body);
    assert_eq!(send(&there).status, 401);
    let taken = send(&here);
    assert_eq!(taken.status, 201, "{}", taken.text());
    let holds = |folder: &Path| {
        let centre = truceline_service::Centre::read(folder).unwrap();
        let all = centre.observations().unwrap();
        all.iter()
            .any(|o| serde_json::to_string(o).unwrap().contains(SAID))
    };
    assert_eq!(scene.folders.each_ref().map(|f| holds(f)), [true, false]);
}

#[test]
fn tiles_draw_nothing_of_the_other_theatre() {
    let scene = Scene::new();
    let [ada, bea] = scene.officers();
    let size = |browser: &Browser, layer: &str| {
        let tile = browser.get(&format!("/tiles/{layer}/0/0/0.mvt"));
        assert!(matches!(tile.status, 200 | 204), "{layer}: {}", tile.text());
        tile.body.len()
    };
    for layer in ["events", "findings"] {
        assert!(size(&ada, layer) > 100, "{layer}");
        // The whole world in one tile has no feature: a layer's frame at most.
        assert!(size(&bea, layer) < 100, "{layer}: {}", size(&bea, layer));
    }
    assert!(size(&ada, "theatre") > 100 && size(&bea, "theatre") > 100);
    for (browser, own, other) in [
        (&ada, scene.one.as_str(), "twin-2020"),
        (&bea, "twin-2020", &scene.one),
    ] {
        let told = browser.get("/tiles/events.json");
        let url = told.json()["tiles"][0].as_str().unwrap().to_owned();
        assert!(
            url.contains(&format!("/t/{own}/")) && !url.contains(other),
            "{url}"
        );
    }
    // A session of the one asks the other's tiles in vain.
    let across = Browser {
        base: scene.below(&scene.one),
        ..bea
    };
    assert_eq!(across.get("/tiles/events/0/0/0.mvt").status, 401);
}

/// Lines of a stream of events, as they come.
fn listen(scene: &Scene, browser: &Browser, theatre: &str) -> BufReader<TcpStream> {
    let address = scene.serving.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let cookie = browser.cookie.clone().unwrap();
    write!(
        stream,
        "GET /t/{theatre}/api/changes HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n"
    )
    .unwrap();
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    while !line.contains("alive") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the stream ended");
    }
    lines
}

#[test]
fn listeners_figures_and_refusals_know_nothing_of_the_other_theatre() {
    let scene = Scene::new();
    let [ada, bea] = scene.officers();
    let mut theirs = listen(&scene, &bea, "twin-2020");
    let mut ours = listen(&scene, &ada, &scene.one);
    assert_eq!(ada.post("/api/liaison", &contact(SAID)).status, 201);
    assert_eq!(
        bea.post("/api/liaison", &contact("the other's own")).status,
        201
    );
    let until = |lines: &mut BufReader<TcpStream>, word: &str| -> String {
        let mut all = String::new();
        while !all.contains(word) {
            assert_ne!(
                lines.read_line(&mut all).unwrap(),
                0,
                "the stream ended: {all}"
            );
        }
        all
    };
    assert!(until(&mut ours, SAID).contains("event: liaison"));
    let heard = until(&mut theirs, "the other's own");
    assert!(!heard.contains(SAID), "{heard}");
    let log = bea.get("/api/liaison").text();
    assert!(
        log.contains("the other's own") && !log.contains(SAID),
        "{log}"
    );

    // Searches, reports and refusals name nothing of the first: not a finding, nor whether there is one.
    let findings = ada.get("/api/findings").json();
    let id = findings["items"][0]["id"].as_str().unwrap().to_owned();
    let origin = |folder: &Path| Config::load(folder).unwrap().origin;
    let words = [SAID, "\"ada\"", &scene.one, &origin(&scene.folders[0])];
    let (known, unknown) = (
        bea.get(&format!("/api/findings/{id}")),
        bea.get("/api/findings/F-0000000000000000"),
    );
    let told = |answer: &crate::common::serving::Answer, id: &str| answer.text().replace(id, "…");
    assert_eq!(known.status, 404);
    assert_eq!(told(&known, &id), told(&unknown, "F-0000000000000000"));
    for path in [
        "/api/findings?party=am&kind=mortar",
        "/api/reports/daily/2021-03-15?format=json",
        "/api/reports/daily/2021-03-15?format=csv",
        "/api/reports/weekly/2021-03-15",
        "/api/picture?at=nonsense",
        "/api/coverage?from=2021-03-14T09:00:00Z&to=2021-03-14T10:00:00Z&by=fortnight",
        "/api/ground",
        "/api/attachments/0000000000000000000000000000000000000000000000000000000000000000",
        "/metrics",
        "/api/openapi.json",
        "/nowhere",
    ] {
        let text = bea.get(path).text();
        for word in words {
            assert!(!text.contains(word), "{path} tells {word}: {text}");
        }
        assert!(!text.contains(&id), "{path} tells {id}: {text}");
    }
    // Figures are each theatre's own: what the one was asked for, the other did not count.
    let answers = |browser: &Browser| {
        let text = browser.get("/metrics").text();
        let line = text.lines().find(|l| l.contains("class=\"2xx\"")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let before = answers(&bea);
    for _ in 0..20 {
        ada.get("/api/findings");
    }
    assert_eq!(answers(&bea), before + 1);
}
