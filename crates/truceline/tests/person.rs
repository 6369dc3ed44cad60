//! Persons through the built program.

use crate::common::{run, theatre};

#[test]
fn a_person_is_admitted_invited_and_revoked_and_the_record_says_so() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("centre");
    let dir = dir.to_str().unwrap();
    run(&["init", dir, "--theatre", theatre().to_str().unwrap()]).ok();
    let procedures = std::fs::read_to_string(theatre().join("procedures.md")).unwrap();
    let state = procedures
        .split("{ id = \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let add = |id: &str, role: &str, state: &str| {
        run(&[
            "person", "add", "--dir", dir, id, "--name", "Ada A.", "--state", state, "--role", role,
        ])
    };
    add("ada", "signing officer", &state).ok();
    let nowhere = add("bob", "analyst", "nowhere");
    assert!(
        nowhere.code == 1 && nowhere.stderr.contains("no state of this centre"),
        "{nowhere:?}"
    );
    assert!(add("eve", "king", &state).stderr.contains("is no role"));
    let invited = run(&["person", "invite", "--dir", dir, "ada"]).ok();
    assert!(
        invited.stdout.starts_with("http://localhost:7400/login#"),
        "{invited:?}"
    );
    let listed = run(&["--json", "person", "list", "--dir", dir])
        .ok()
        .lines();
    assert_eq!(
        (listed.len(), &listed[0]["id"], &listed[0]["passkeys"]),
        (1, &"ada".into(), &serde_json::json!([]))
    );
    // An officer's key vouches for a passkey; there is none yet.
    let key = format!("{dir}/keys/officer-{state}.key");
    let vouched = run(&["person", "vouch", "--dir", dir, "ada", "--key", &key]);
    assert!(
        vouched.code == 1 && vouched.stderr.contains("no passkey"),
        "{vouched:?}"
    );
    run(&["person", "revoke", "--dir", dir, "ada", "--why", "left"]).ok();
    assert!(
        run(&["person", "list", "--dir", dir])
            .ok()
            .stdout
            .contains("revoked")
    );
    assert_eq!(run(&["person", "invite", "--dir", dir, "ada"]).code, 1);
    assert_eq!(run(&["verify", dir]).code, 0);
    // The code of an invitation is nowhere in the folder.
    let code = invited.stdout.trim().split('#').nth(1).unwrap().to_owned();
    let found = std::process::Command::new("grep")
        .args(["-r", &code, dir])
        .output()
        .unwrap();
    assert!(found.stdout.is_empty(), "{found:?}");
}
