//! Whose session it is, that a change was meant, and what each side and role may do.

use super::at_work;
use crate::common::serving::Browser;
use serde_json::json;

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
