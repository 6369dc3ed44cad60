//! The process killed in the midst of it.

use super::at_work;
use crate::common::run;
use crate::common::serving::Browser;
use serde_json::{Value, json};

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
