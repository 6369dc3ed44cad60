//! Two theatres in one centre: nothing of the one is in the other, though parties and sensors bear the
//! same names.

use std::fs;
use std::path::Path;

use crate::common::serving::{Browser, Serving, admit_part};
use crate::common::twin::twin;
use crate::common::{run, theatre};
use serde_json::{Value, json};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn nothing_of_one_theatre_is_in_the_other() {
    let temp = tempfile::tempdir().unwrap();
    let centre = temp.path().join("centre");
    let first = theatre();
    let twin = twin(&first, temp.path());
    let dir = path(&centre);
    run(&[
        "init",
        dir,
        "--theatre",
        path(&first),
        "--theatre",
        path(&twin),
    ])
    .ok();
    let list = run(&["--json", "theatre", "list", "--dir", dir])
        .ok()
        .lines();
    assert_eq!(list.len(), 2);
    assert_eq!(list[1]["theatre"], "twin-2020");
    assert_ne!(list[0]["listen"], list[1]["listen"]);
    assert_ne!(list[0]["origin"], list[1]["origin"]);

    // Everything comes in for the first; both have a sensor of each of its names.
    let sensors = first.join("feeds/sensors.ndjson");
    let ran = run(&["ingest", "--dir", dir, path(&sensors)]);
    assert!(matches!(ran.code, 0 | 1), "{ran:?}");
    let other = ["--dir", dir, "--theatre", "twin-2020"];
    let of = |theatre: &[&str], words: &[&str]| run(&[words, theatre].concat());
    let findings = |theatre: &[&str]| of(theatre, &["findings", "--format", "json"]).ok().lines();
    let own = findings(&["--dir", dir]);
    assert!(!own.is_empty());
    assert!(findings(&other).is_empty());
    // Naming the first is the same as naming none.
    let named = [
        "--dir",
        dir,
        "--theatre",
        list[0]["theatre"].as_str().unwrap(),
    ];
    assert_eq!(findings(&named), own);

    let report = |theatre: &[&str]| -> Value {
        let words = ["report", "--date", "2021-03-15", "--format", "json"];
        serde_json::from_str(&of(theatre, &words).ok().stdout).unwrap()
    };
    let (ours, theirs) = (report(&["--dir", dir]), report(&other));
    assert!(!ours["findings"].as_array().unwrap().is_empty());
    assert_eq!(theirs["theatre"], "twin-2020");
    for part in ["findings", "rows"] {
        assert!(theirs[part].as_array().unwrap().is_empty(), "{part}");
    }
    let watched = |r: &Value| r["coverage"][0]["watched"].as_f64();
    assert!(watched(&theirs).is_none_or(|w| w == 0.0), "{theirs}");
    let out = temp.path().join("twin.geojson");
    of(&other, &["export", "--out", path(&out)]).ok();
    assert!(!fs::read_to_string(&out).unwrap().contains("\"events\""));

    // An officer of the one opens nothing in the other, and does not change either.
    let id = own[0]["finding"]["id"].as_str().unwrap();
    let key = centre.join("theatres/twin-2020/keys/officer-ru.key");
    let ran = run(&["sign", "--dir", dir, id, "--key", path(&key)]);
    assert!(
        ran.code == 1 && ran.stderr.contains("not an officer's of"),
        "{ran:?}"
    );
    let ran = of(&other, &["sign", id, "--key", path(&key)]);
    assert!(
        ran.code == 1 && ran.stderr.contains("no finding begins"),
        "{ran:?}"
    );
    for theatre in [&centre, &centre.join("theatres/twin-2020")] {
        run(&["verify", path(theatre)]).ok();
    }

    // What is wrong is told, and nothing changes.
    let ran = of(&["--dir", dir, "--theatre", "nowhere"], &["findings"]);
    assert!(ran.code == 2 && ran.stderr.contains("twin-2020"), "{ran:?}");
    let ran = run(&["theatre", "add", path(&twin), "--dir", dir]);
    assert!(
        ran.code == 1 && ran.stderr.contains("watches twin-2020 already"),
        "{ran:?}"
    );
}

/// One process serves both theatres; whoever is let in to the one is nobody in the other.
#[test]
fn one_serve_has_two_theatres_and_nothing_of_the_one_is_answered_by_the_other() {
    let temp = tempfile::tempdir().unwrap();
    let centre = temp.path().join("centre");
    let first = theatre();
    let twin = twin(&first, temp.path());
    let (dir, one) = (path(&centre), first.file_name().unwrap().to_str().unwrap());
    let init = ["init", dir, "--theatre", path(&first), "--theatre"];
    run(&[&init[..], &[path(&twin)]].concat()).ok();
    let sensors = first.join("feeds/sensors.ndjson");
    run(&["ingest", "--dir", dir, path(&sensors)]);
    let other = centre.join("theatres/twin-2020");
    for folder in [&centre, &other] {
        admit_part(folder, "both", "duty officer", &[one, "twin-2020"]);
    }
    // A name that no key or hash has by chance: answers are looked through for it.
    admit_part(&centre, "tomyris", "duty officer", &[one, "twin-2020"]);
    admit_part(&other, "zenobia", "duty officer", &["twin-2020"]);
    let serving = Serving::start(&centre);
    let below = |theatre: &str| format!("{}/t/{theatre}", serving.url);
    let (here, there) = (below(one), below("twin-2020"));

    // Each theatre's session is of its own paths.
    let ada = Browser::playing(&here, "tomyris");
    let told = Browser::at(&here).post("/api/session/exercise", &json!({"person": "both"}));
    let cookie = told.header("set-cookie").unwrap().to_owned();
    assert!(cookie.contains(&format!("; Path=/t/{one}/; ")), "{cookie}");
    let told = Browser::at(&there).post("/api/session/exercise", &json!({"person": "tomyris"}));
    assert_eq!(told.status, 404, "ada is no person of the twin");
    let (both, bea) = (
        Browser::playing(&here, "both"),
        Browser::playing(&there, "zenobia"),
    );

    // Who may see which.
    let urls = |browser: &Browser| -> Vec<Value> {
        let items = browser.get("/api/theatres").json()["items"].clone();
        let items = items.as_array().unwrap().iter();
        items
            .map(|item| json!([item["url"], item["here"]]))
            .collect()
    };
    let of_one = json!([format!("/t/{one}/"), true]);
    assert_eq!(
        urls(&both),
        [of_one.clone(), json!(["/t/twin-2020/", false])]
    );
    // Named in the one's record alone, or admitted to one alone: the other is not spoken of.
    assert_eq!(urls(&ada), [of_one]);
    assert_eq!(urls(&bea), [json!(["/t/twin-2020/", true])]);

    // The first answers at the root too, the other does not.
    let at_root = Browser::playing(&serving.url, "tomyris");
    let ids: Vec<String> = ada.get("/api/findings").json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(!ids.is_empty());
    assert_eq!(
        at_root.get("/api/findings").json(),
        ada.get("/api/findings").json()
    );

    // Nothing of the one in the other's answers: lists, pictures, layers, reports, figures, log.
    let paths = [
        "/api/findings",
        "/api/alerts",
        "/api/picture",
        "/api/picture/live",
        "/api/feeds",
        "/api/audit",
        "/api/procedures",
        "/api/mandate",
        "/api/ground",
        "/api/liaison",
        "/api/alerts.cap",
        "/api/talks",
        "/api/persons",
        "/plain/",
        "/metrics",
        "/ogc/collections/findings/items",
        "/ogc/collections/events/items",
        "/log/checkpoint",
        "/vkeys",
        "/api/reports/daily/2021-03-15?format=json",
        "/api/handover?from=2021-03-14T00:00:00Z&to=2021-03-15T00:00:00Z",
    ];
    let origin = |folder: &Path| truceline_service::Config::load(folder).unwrap().origin;
    let ours = origin(&centre);
    for asked in paths {
        let answer = bea.get(asked);
        assert_eq!(answer.status, 200, "{asked}: {}", answer.text());
        let text = answer.text();
        for word in ids
            .iter()
            .map(String::as_str)
            .chain(["tomyris", one, &ours])
        {
            // Who works on both says so in both records.
            let is_own = word == one && asked == "/api/persons";
            assert!(
                is_own || !text.contains(word),
                "{asked} tells {word}: {text}"
            );
        }
    }
    for asked in ["", "/bundle", "/decisions/options"] {
        let asked = format!("/api/findings/{}{asked}", ids[0]);
        let answer = match asked.ends_with("options") {
            true => bea.post(&asked, &json!({"decision": "sign"})),
            false => bea.get(&asked),
        };
        assert!(
            matches!(answer.status, 403 | 404),
            "{asked}: {}",
            answer.text()
        );
    }
    assert_eq!(
        bea.get(&format!("/ogc/collections/findings/items/{}", ids[0]))
            .status,
        404
    );

    // The one's session, its word, its tokens and its commands' token open nothing in the other, nor by a way round.
    let base = |browser: &Browser, base: &str| Browser {
        base: base.to_owned(),
        ..browser.clone()
    };
    let token = ada.post("/api/session/tokens", &json!({"name": "program"}));
    let token = token.json()["token"].as_str().unwrap().to_owned();
    let program = Browser {
        bearer: Some(token),
        ..Browser::at(&here)
    };
    assert_eq!(program.get("/api/findings").status, 200);
    let commands = serving.control(&centre);
    assert_eq!(commands.get("/api/findings").status, 200);
    for known in [&ada, &both, &program, &commands] {
        let known = base(known, &there);
        assert_eq!(known.get("/api/findings").status, 401);
        assert_eq!(known.get("/api/changes").status, 401);
        assert_eq!(known.get("/plain/").header("location"), Some("../login"));
        assert_eq!(
            known
                .post("/api/session/tokens", &json!({"name": "x"}))
                .status,
            401
        );
    }
    let root = base(&bea, &serving.url);
    for round in [
        format!("/t/twin-2020/../{one}/api/findings"),
        format!("/t/twin-2020/..%2f{one}/api/findings"),
        format!("/t/twin-2020//t/{one}/api/findings"),
        format!("/t/twin-2020/t/{one}/api/findings"),
        format!("/t/twin-2020%2f..%2f{one}/api/findings"),
        "/t/twin-2020/log/../../../record/log/checkpoint".to_owned(),
        format!("/t//t/{one}/api/findings"),
        "/api/findings".to_owned(),
    ] {
        let answer = root.get(&round);
        assert!(
            matches!(answer.status, 400 | 401 | 404),
            "{round}: {}",
            answer.text()
        );
    }
    assert_eq!(
        root.get("/t/twin-2020").header("location"),
        Some("/t/twin-2020/")
    );

    // An answer to a question of the one is none to the other's.
    let asked = Browser::at(&here).post("/api/session/passkey/options", &json!({}));
    let answer = json!({"id": asked.json()["id"], "credential": {"id": "x", "response":
        {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30"}}});
    assert_eq!(
        Browser::at(&there)
            .post("/api/session/passkey", &answer)
            .status,
        409
    );

    // Both kept who asked them, each its own.
    let who = |browser: &Browser| browser.get("/api/audit?limit=1000").text();
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(!who(&bea).contains("\"ada\"") && !who(&ada).contains("\"bea\""));
    // Commands beside it find each theatre.
    let listed = |of: &[&str]| {
        run(&[&["person", "list", "--dir", dir], of].concat())
            .ok()
            .stdout
    };
    assert!(listed(&[]).contains("tomyris") && !listed(&[]).contains("zenobia"));
    assert!(listed(&["--theatre", "twin-2020"]).contains("zenobia"));
}
