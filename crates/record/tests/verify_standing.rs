//! How findings stand: two keys determine, nothing else does.

use crate::scene::{ORIGIN, Scene, officer, sending, theatre, vkeys};
use truceline_domain::{FindingId, Sha256};
use truceline_record::signature::{
    Decision, Desk, FindingBody, NotAnOfficersWord, SendingStates, Setback, SignatureBody,
    Standing, check, finding_bytes, sign,
};
use truceline_record::{Algorithm, Draft, Entry, SignerKey};

/// A desk with entries put on it, without a log.
struct Trial {
    desk: Desk,
    next: u64,
}

impl Trial {
    fn new() -> Self {
        Self {
            desk: Desk::new(),
            next: 0,
        }
    }

    fn take(&mut self, draft: Draft) -> Result<(), Setback> {
        let entry: Entry = draft.stamped("2020-11-10T10:00:00Z".parse().unwrap());
        let index = self.next;
        self.next += 1;
        self.desk.take(index, &entry, &vkeys())
    }

    fn put(&mut self, body: &FindingBody) -> Result<(), Setback> {
        self.take(body.draft(&theatre(), "engine").unwrap())
    }

    fn sign(&mut self, body: &FindingBody, key: &SignerKey) -> Result<(), Setback> {
        let signed = sign(
            ORIGIN,
            &body.id,
            body.sha256,
            Decision::Determined,
            None,
            key,
        )
        .unwrap();
        self.take(signed.draft(&theatre()).unwrap())
    }

    fn dissent(&mut self, body: &FindingBody, key: &SignerKey) -> Result<(), Setback> {
        let signed = sign(
            ORIGIN,
            &body.id,
            body.sha256,
            Decision::Dissent,
            Some("no"),
            key,
        )
        .unwrap();
        self.take(signed.draft(&theatre()).unwrap())
    }

    fn standing(&self, id: &str) -> Standing {
        self.desk
            .case(&id.parse::<FindingId>().unwrap())
            .unwrap()
            .standing()
    }
}

fn body(id: &str, supersedes: Option<&str>) -> FindingBody {
    let scene_finding = |scene: &Scene| scene.finding(id, &[], supersedes);
    thread_local!(static SCENE: Scene = Scene::empty());
    let finding = SCENE.with(scene_finding);
    FindingBody::of(&finding, &finding_bytes(&finding).unwrap(), sending())
}

#[test]
fn both_sending_states_determine_in_either_order() {
    for keys in [
        [officer("east", "ada"), officer("west", "bea")],
        [officer("west", "bea"), officer("east", "ada")],
    ] {
        let mut trial = Trial::new();
        let finding = body("F", None);
        trial.put(&finding).unwrap();
        assert_eq!(trial.standing("F"), Standing::Open);
        trial.sign(&finding, &keys[0]).unwrap();
        assert!(matches!(trial.standing("F"), Standing::HalfSigned { .. }));
        trial.sign(&finding, &keys[1]).unwrap();
        assert!(matches!(trial.standing("F"), Standing::Determined { by } if by.len() == 2));
    }
}

#[test]
fn one_side_twice_is_one_key() {
    let mut trial = Trial::new();
    let finding = body("F", None);
    trial.put(&finding).unwrap();
    trial.sign(&finding, &officer("east", "ada")).unwrap();
    trial.sign(&finding, &officer("east", "abe")).unwrap();
    let again = trial.sign(&finding, &officer("east", "ada")).unwrap_err();
    assert!(
        matches!(again, Setback::DecidedBefore { .. }) && again.is_harmless(),
        "{again}"
    );
    assert_eq!(
        trial.standing("F"),
        Standing::HalfSigned { by: "east".into() }
    );
}

#[test]
fn a_dissent_stays_beside_and_the_first_decision_stands() {
    let mut trial = Trial::new();
    let finding = body("F", None);
    trial.put(&finding).unwrap();
    trial.dissent(&finding, &officer("west", "bea")).unwrap();
    assert!(matches!(trial.standing("F"), Standing::Dissented { .. }));
    trial.sign(&finding, &officer("east", "ada")).unwrap();
    assert!(
        matches!(trial.standing("F"), Standing::Dissented { .. }),
        "one key and a dissent"
    );
    assert!(
        trial.sign(&finding, &officer("west", "bea")).is_err(),
        "the same officer does not turn"
    );
    assert!(matches!(trial.standing("F"), Standing::Dissented { .. }));
    // Another officer of the dissenter's state is that state's key; the dissent stays visible.
    let mut trial = Trial::new();
    trial.put(&finding).unwrap();
    trial.dissent(&finding, &officer("east", "abe")).unwrap();
    trial.sign(&finding, &officer("east", "ada")).unwrap();
    trial.sign(&finding, &officer("west", "bea")).unwrap();
    assert!(matches!(trial.standing("F"), Standing::Determined { .. }));
    assert_eq!(
        trial.desk.cases().next().unwrap().dissents()[0].person,
        "abe"
    );
}

#[test]
fn nothing_else_counts() {
    let mut trial = Trial::new();
    let finding = body("F", None);
    let east = officer("east", "ada");
    assert!(
        matches!(
            trial.sign(&finding, &east),
            Err(Setback::UnknownFinding { .. })
        ),
        "before the finding"
    );
    trial.put(&finding).unwrap();
    let key = |name: &str, algorithm| SignerKey::from_seed(name, algorithm, &[9; 32]).unwrap();
    // An officer's name with another key.
    let stranger = key(&format!("{ORIGIN}/officer/west/bea"), Algorithm::Ed25519);
    let error = trial.sign(&finding, &stranger).unwrap_err();
    assert!(
        matches!(
            error,
            Setback::Signature {
                source: NotAnOfficersWord::UnknownKey(_),
                ..
            }
        ),
        "{error}"
    );
    // Keys that are no officers' cannot even sign.
    for name in [ORIGIN, "elsewhere.example/officer/east/ada"] {
        let other = key(name, Algorithm::Ed25519);
        assert!(
            sign(
                ORIGIN,
                &finding.id,
                finding.sha256,
                Decision::Determined,
                None,
                &other
            )
            .is_err()
        );
    }
    // Over another hash.
    let mut other = finding.clone();
    other.sha256 = Sha256::of(b"other");
    assert!(matches!(
        trial.sign(&other, &east),
        Err(Setback::OtherBytes { .. })
    ));
    // An entry that says otherwise than its note.
    let honest = sign(
        ORIGIN,
        &finding.id,
        finding.sha256,
        Decision::Determined,
        None,
        &east,
    )
    .unwrap();
    let dissent = sign(
        ORIGIN,
        &finding.id,
        finding.sha256,
        Decision::Dissent,
        Some("no"),
        &east,
    )
    .unwrap();
    let lies = [
        SignatureBody {
            state: "west".into(),
            ..honest.clone()
        },
        SignatureBody {
            key_name: "x".into(),
            ..honest.clone()
        },
        SignatureBody {
            decision: Decision::Determined,
            reason: None,
            ..dissent.clone()
        },
        SignatureBody {
            reason: Some("yes".into()),
            ..dissent.clone()
        },
        SignatureBody {
            finding: "G".parse().unwrap(),
            ..honest.clone()
        },
        SignatureBody {
            note: format!("{}{}", honest.note, honest.note.lines().last().unwrap()),
            ..honest.clone()
        },
        SignatureBody {
            note: honest.note.replace('—', "-"),
            ..honest.clone()
        },
        SignatureBody {
            note: honest.note.trim_end().into(),
            ..honest.clone()
        },
        SignatureBody {
            note: String::new(),
            ..honest.clone()
        },
    ];
    for lie in lies {
        assert!(
            check(&lie, &vkeys(), &truceline_record::people::People::default()).is_err(),
            "{lie:?}"
        );
        assert!(
            trial.take(lie.draft(&theatre()).unwrap()).is_err(),
            "{lie:?}"
        );
    }
    assert_eq!(trial.standing("F"), Standing::Open);
    // Without procedures nobody can decide.
    let mut lawless = body("L", None);
    lawless.procedures_sha256 = None;
    trial.put(&lawless).unwrap();
    assert!(matches!(
        trial.sign(&lawless, &east),
        Err(Setback::NoProcedures { .. })
    ));
    // A state that the procedures do not name.
    let mut elsewhere = body("E", None);
    elsewhere.sending_states = SendingStates::new("north", "west").unwrap();
    trial.put(&elsewhere).unwrap();
    assert!(matches!(
        trial.sign(&elsewhere, &east),
        Err(Setback::NotASendingState { .. })
    ));
}

#[test]
fn findings_are_superseded_never_edited() {
    let (east, west) = (officer("east", "ada"), officer("west", "bea"));
    let mut trial = Trial::new();
    let first = body("F", None);
    trial.put(&first).unwrap();
    assert!(
        trial.put(&first).unwrap_err().is_harmless(),
        "the same again"
    );
    let mut edited = first.clone();
    edited.sha256 = Sha256::of(b"edited");
    assert!(!trial.put(&edited).unwrap_err().is_harmless());
    trial.sign(&first, &east).unwrap();
    // Not determined: its successor's entry supersedes it.
    let second = body("F.2", Some("F"));
    trial.put(&second).unwrap();
    assert_eq!(
        trial.standing("F"),
        Standing::Superseded {
            by: "F.2".parse().unwrap()
        }
    );
    assert!(matches!(
        trial.sign(&first, &west),
        Err(Setback::AfterSupersession { .. })
    ));
    // Determined: only two keys undo two keys.
    trial.sign(&second, &east).unwrap();
    trial.sign(&second, &west).unwrap();
    let third = body("F.3", Some("F.2"));
    trial.put(&third).unwrap();
    assert!(matches!(trial.standing("F.2"), Standing::Determined { .. }));
    trial.sign(&third, &west).unwrap();
    assert!(matches!(trial.standing("F.2"), Standing::Determined { .. }));
    trial.sign(&third, &east).unwrap();
    assert_eq!(
        trial.standing("F.2"),
        Standing::Superseded {
            by: "F.3".parse().unwrap()
        }
    );
    assert!(matches!(trial.standing("F.3"), Standing::Determined { .. }));
    // A second successor, or one of nothing.
    assert!(matches!(
        trial.put(&body("F.4", Some("F.2"))),
        Err(Setback::SupersededTwice { .. })
    ));
    assert!(matches!(
        trial.put(&body("G", Some("Z"))),
        Err(Setback::SupersedesUnknown { .. })
    ));
    assert!(matches!(
        trial.put(&body("H", Some("H"))),
        Err(Setback::SupersedesUnknown { .. })
    ));
}

#[test]
fn swapping_the_states_swaps_the_outcome_and_nothing_else() {
    for (one, other) in [("east", "west"), ("west", "east")] {
        let person = |state: &str| officer(state, if state == "east" { "ada" } else { "bea" });
        let mut trial = Trial::new();
        let finding = body("F", None);
        trial.put(&finding).unwrap();
        trial.sign(&finding, &person(one)).unwrap();
        assert_eq!(trial.standing("F"), Standing::HalfSigned { by: one.into() });
        trial.dissent(&finding, &person(other)).unwrap();
        assert!(matches!(trial.standing("F"), Standing::Dissented { by } if by[0].state == other));
    }
}

#[test]
fn sending_states_are_two_in_one_order() {
    assert_eq!(
        SendingStates::new("b", "a").unwrap(),
        SendingStates::new("a", "b").unwrap()
    );
    assert!(SendingStates::new("a", "a").is_err() && SendingStates::new("", "a").is_err());
    for json in [
        r#"["b","a"]"#,
        r#"["a"]"#,
        r#"["a","a"]"#,
        r#"["a","b","c"]"#,
    ] {
        assert!(
            serde_json::from_str::<SendingStates>(json).is_err(),
            "{json}"
        );
    }
}
