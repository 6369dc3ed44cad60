//! What reaches the watch by itself, through the built program: who is beyond the premises, an area that was to be
//! left, a mandate that runs out, a patrol that is not seen to begin.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::serving::{Browser, Serving, admit_part};
use crate::common::twin::copy;
use crate::common::{run, theatre};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};
use truceline_service::Config;
use truceline_service::config::MemberConfig;

fn now() -> Timestamp {
    Timestamp::now()
}

/// A time as documents write it, to the second.
fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The alerts of a kind, as soon as there are so many.
fn alerts(browser: &Browser, kind: &str, count: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let all = browser.get("/api/alerts?open=true&limit=1000").json();
        let of_kind = all["items"].as_array().unwrap().iter();
        let of_kind: Vec<Value> = of_kind.filter(|a| a["kind"] == kind).cloned().collect();
        if of_kind.len() >= count {
            return of_kind;
        }
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "no alert {kind}: {all}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A centre whose theatre is changed, and its duty officer.
fn centre(temp: &Path, change: impl Fn(&str, String) -> String) -> std::path::PathBuf {
    let theatre = copy(&theatre(), &temp.join("theatre-copy"), change);
    let dir = temp.join("centre");
    run(&[
        "init",
        dir.to_str().unwrap(),
        "--theatre",
        theatre.to_str().unwrap(),
    ])
    .ok();
    let name = Config::load(&dir).unwrap().theatre.to_string();
    admit_part(&dir, "duty", "duty officer", &[&name]);
    dir
}

#[test]
fn a_member_beyond_the_premises_is_told_and_back_again() {
    let temp = tempfile::tempdir().unwrap();
    let dir = centre(temp.path(), |_, text| text);
    let mut config = Config::load(&dir).unwrap();
    config.members.push(MemberConfig {
        id: "tr-07".into(),
        state: "tr".parse().unwrap(),
        device: "t7".into(),
        token_file: Some("keys/tr-07.token".into()),
    });
    std::fs::write(dir.join("keys/tr-07.token"), "secret\n").unwrap();
    config.save(&dir).unwrap();
    let serving = Serving::start(&dir);
    let duty = Browser::playing(&serving.url, "duty");
    let phone = Browser {
        bearer: Some("secret".to_owned()),
        ..Browser::at(&serving.url)
    };
    // 2021-03-14T10:00:00Z, and the middle of the premises by the map.
    let fix = |lat: f64, minute: i64| {
        let tst = 1_615_716_000 + 60 * minute;
        let body = json!({"_type": "location", "lat": lat, "lon": premises(1), "acc": 5, "tst": tst, "tid": "t7"});
        let answer = phone.post("/api/mobility/owntracks", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    fix(premises(0), 0);
    fix(premises(0) + 0.05, 5);
    let out = alerts(&duty, "crossing", 1);
    assert_eq!(out[0]["text"]["id"], "crossing.out");
    assert_eq!(out[0]["text"]["args"]["subject"], "tr-07");
    assert_eq!(out[0]["text"]["args"]["confinement"], "premises");
    assert_eq!(out[0]["severity"], "warning");
    fix(premises(0), 10);
    let both = alerts(&duty, "crossing", 2);
    assert_eq!(both[0]["text"]["id"], "crossing.in", "the newest first");
    // Taken note of by name, once for all.
    let id = out[0]["id"].as_str().unwrap();
    let noted = duty.post(&format!("/api/alerts/{id}/acknowledgement"), &json!({}));
    assert_eq!(
        (noted.status, &noted.json()["acknowledged"]["by"]),
        (200, &json!("duty"))
    );
    // Whoever shows another token places nobody.
    let stranger = Browser {
        bearer: Some("guess".to_owned()),
        ..phone.clone()
    };
    let body = json!({"_type": "location", "lat": 0.0, "lon": 0.0, "acc": 5, "tst": 1_615_719_000, "tid": "t7"});
    assert_eq!(stranger.post("/api/mobility/owntracks", &body).status, 401);
    assert_eq!(alerts(&duty, "crossing", 1).len(), 1);
}

/// Latitude (0) or longitude (1) of the middle of the premises.
fn premises(axis: usize) -> f64 {
    let text = std::fs::read_to_string(theatre().join("theatre/areas.geojson")).unwrap();
    let map: Value = serde_json::from_str(&text).unwrap();
    let features = map["features"].as_array().unwrap();
    let premises = features
        .iter()
        .find(|f| f["properties"]["id"] == "premises");
    let ring = premises.unwrap()["geometry"]["coordinates"][0]
        .as_array()
        .unwrap();
    let corners = &ring[..ring.len() - 1];
    let sum: f64 = corners.iter().map(|c| c[1 - axis].as_f64().unwrap()).sum();
    sum / corners.len() as f64
}

#[test]
fn an_area_that_was_to_be_left_and_a_mandate_that_runs_out_are_told() {
    let mut ahead_s = 20;
    // The deadline lies after the record's beginning, however slow the machine is.
    let (temp, dir, by) = loop {
        let temp = tempfile::tempdir().unwrap();
        let by = now() + SignedDuration::from_secs(ahead_s);
        // An authorisation of a year that ends in twenty days, and one area to be left in a moment.
        let today = TimeZone::UTC.to_datetime(now()).date();
        let began = today + 20.days() - 1.year();
        let after = began + 1.day();
        let change = |name: &str, text: String| match name {
            "agreement.md" => text.replacen("by = 2020-12-01", &format!("by = {}", written(by)), 2),
            "mandate.md" => text
                .replace("from = 2020-11-17", &format!("from = {began}"))
                .replace(
                    "from = 2021-01-30\nuntil = 2021-11-16",
                    &format!("from = {after}\nuntil = {after}"),
                ),
            _ => text,
        };
        let dir = centre(temp.path(), change);
        if now() < by {
            break (temp, dir, by);
        }
        ahead_s *= 2;
    };
    while now() <= by {
        std::thread::sleep(Duration::from_millis(100));
    }
    let serving = Serving::start(&dir);
    let duty = Browser::playing(&serving.url, "duty");
    let overdue = alerts(&duty, "withdrawal", 1);
    assert_eq!(
        overdue.len(),
        1,
        "what had passed before the record began is no news: {overdue:?}"
    );
    assert_eq!(overdue[0]["text"]["id"], "withdrawal.overdue");
    assert_eq!(overdue[0]["text"]["args"]["bound"], "am");
    let due = alerts(&duty, "deadline", 1);
    let mut args = due.iter().map(|a| &a["text"]["args"]);
    let ends = args.find(|a| a["of"] == "tr-2020" && a["what"] == "authorisation-ends");
    let ends = ends.unwrap_or_else(|| panic!("{due:?}"));
    assert_eq!(
        (&ends["warning_days"], &ends["state"]),
        (&json!(30), &json!("tr"))
    );
    // The same after it was started again: told once.
    drop(serving);
    let serving = Serving::start(&dir);
    let duty = Browser::playing(&serving.url, "duty");
    assert_eq!(alerts(&duty, "withdrawal", 1).len(), 1);
    assert_eq!(alerts(&duty, "deadline", 1).len(), due.len());
    drop(temp);
}

#[test]
fn a_patrol_that_is_not_seen_to_begin_is_told_and_one_off_its_ground_too() {
    let temp = tempfile::tempdir().unwrap();
    let dir = centre(temp.path(), |_, text| text);
    let text = dir.to_str().unwrap();
    let from = now() - SignedDuration::from_mins(20);
    let until = now() + SignedDuration::from_hours(3);
    let plan = |shift: &str, patrol: &str| {
        format!(
            "[[shift]]\nshift = \"{shift}\"\nunit = {{ patrol = \"{patrol}\" }}\nstates = [\"tr\"]\nmembers = 4\nfrom = {}\n\
             until = {}\ntimezone = \"Z\"\nsector = \"sector-3\"\n",
            written(from),
            written(until)
        )
    };
    let file = temp.path().join("plan.toml");
    std::fs::write(&file, plan("silent", "p-1") + &plan("astray", "p-2")).unwrap();
    let key = format!("{text}/keys/officer-tr.key");
    run(&[
        "ground",
        "plan",
        "--dir",
        text,
        file.to_str().unwrap(),
        "--key",
        &key,
    ])
    .ok();
    // The second is in its sector, and then five kilometres beyond.
    let event = |minute: i64, lat: f64| {
        let at = written(from + SignedDuration::from_mins(minute));
        format!(
            "<event version=\"2.0\" uid=\"p-2\" type=\"a-n-G-E-V\" how=\"m-g\" time=\"{at}\" start=\"{at}\" stale=\"{at}\">\
             <point lat=\"{lat}\" lon=\"46.88\" hae=\"400\" ce=\"6\" le=\"12\"/></event>\n"
        )
    };
    let track = temp.path().join("track.cot");
    std::fs::write(
        &track,
        event(1, 39.94) + &event(5, 39.94) + &event(10, 40.05),
    )
    .unwrap();
    let serving = Serving::start(&dir);
    let duty = Browser::playing(&serving.url, "duty");
    // While the centre is at work.
    run(&[
        "ingest",
        "--dir",
        text,
        "--feed",
        "p-2",
        "--format",
        "cot",
        track.to_str().unwrap(),
    ])
    .ok();
    let late = alerts(&duty, "patrol", 1);
    let args = &late[0]["text"]["args"];
    assert_eq!(
        (&args["shift"], &args["what"], &args["state"]),
        (&json!("silent"), &json!("begin"), &json!("not-observed"))
    );
    let out = alerts(&duty, "crossing", 1);
    assert_eq!(out[0]["text"]["args"]["subject"], "p-2");
    assert_eq!(out[0]["text"]["args"]["areas"], "sector-3");
    let shifts = duty.get("/api/ground").json();
    let state = |shift: &str| {
        let all = shifts["items"].as_array().unwrap();
        all.iter().find(|s| s["shift"] == shift).unwrap()["state"].clone()
    };
    assert_eq!(
        (state("silent"), state("astray")),
        (json!("not-observed"), json!("left"))
    );
    let mobility = duty.get("/api/mobility").json();
    assert_eq!(
        mobility["out"][0]["crossing"]["shift"], "astray",
        "{mobility}"
    );
    // Contacts are written down by the command too, while it is at work.
    let contact = [
        "liaison",
        "add",
        "--dir",
        text,
        "--at",
        "2021-03-14T10:05:00Z",
        "--with",
        "am",
        "--person",
        "Col. N.",
        "--means",
        "radio",
        "--by",
        "duty officer K.",
        "--text",
        "asked about the patrol",
    ];
    run(&contact).ok();
    let log = duty.get("/api/liaison").json();
    assert_eq!(log["items"][0]["contact"]["by"], "duty officer K.", "{log}");
}
