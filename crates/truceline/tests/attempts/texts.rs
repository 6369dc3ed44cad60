//! Texts that are code to whoever does not escape them.

use std::path::{Path, PathBuf};

use super::{CODE, at_work};
use crate::common::serving::Browser;
use crate::common::{run, theatre};
use serde_json::{Value, json};
use truceline_service::Centre;

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
