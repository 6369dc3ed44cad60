//! Passkeys under findings: they count when an officer of the state vouched for them, and never otherwise.

use crate::common::authenticator::{Authenticator, base64url};
use crate::scene::{ORIGIN, Scene, officer, sending, theatre, vkeys};
use serde_json::Value;
use truceline_domain::{Recorded, Sha256};
use truceline_record::people::{
    INVITATION, InvitationBody, PASSKEY, PERSON, PasskeyBody, PersonBody, REVOCATION,
    RevocationBody, Unheeded, VOUCHER, VoucherBody, key_name, vouch,
};
use truceline_record::signature::{
    Decision, Desk, FindingBody, Method, NotAnOfficersWord, Setback, SignatureBody, Standing,
    finding_bytes,
};
use truceline_record::webauthn::{Assertion, Refused, Registration, RelyingParty};
use truceline_record::{Draft, SignerKey};

struct Trial {
    desk: Desk,
    next: u64,
}

impl Trial {
    fn put(&mut self, kind: &str, body: &impl serde::Serialize) -> Result<(), Setback> {
        let draft = Draft::new(kind, &theatre(), "test", body).unwrap();
        self.next += 1;
        self.desk.take(
            self.next,
            &draft.stamped("2020-11-10T10:00:00Z".parse().unwrap()),
            &vkeys(),
        )
    }
}

fn person(id: &str, state: &str) -> PersonBody {
    PersonBody {
        person: id.into(),
        name: format!("Ms {id}"),
        state: state.into(),
        roles: vec!["signing officer".into()],
        theatres: vec![theatre()],
        exercise: false,
    }
}

fn passkey(id: &str, device: &Authenticator) -> PasskeyBody {
    let challenge = Sha256::of(id.as_bytes());
    let made = device.make(&base64url(challenge.as_bytes()));
    let text = |name: &str| made["response"][name].as_str().unwrap().to_owned();
    let registration = Registration {
        client_data: text("clientDataJSON"),
        attestation_object: text("attestationObject"),
    };
    let centre = RelyingParty {
        id: device.rp_id.clone(),
        origin: None,
    };
    let made = registration.check(&centre, challenge.as_bytes()).unwrap();
    PasskeyBody {
        person: id.into(),
        credential: made.credential,
        public_key: made.key,
        rp_id: centre.id,
        origin: made.origin,
        invitation_sha256: Sha256::of(format!("code {id}").as_bytes()),
    }
}

fn assertion(json: &Value) -> Assertion {
    let text = |name: &str| json["response"][name].as_str().unwrap().to_owned();
    Assertion {
        credential: json["id"].as_str().unwrap().to_owned(),
        authenticator_data: text("authenticatorData"),
        client_data: text("clientDataJSON"),
        signature: text("signature"),
    }
}

/// A decision by a passkey, as the centre records it.
fn decided(finding: &FindingBody, state: &str, id: &str, device: &Authenticator) -> SignatureBody {
    let mut body = SignatureBody {
        finding: finding.id.clone(),
        sha256: finding.sha256,
        decision: Decision::Determined,
        reason: None,
        state: state.into(),
        key_name: key_name(ORIGIN, state, id),
        note: String::new(),
        assertion: None,
        method: Method::Webauthn,
    };
    let challenge = Sha256::of(body.text(ORIGIN).unwrap().to_string().as_bytes());
    body.assertion = Some(assertion(&device.answer(&base64url(challenge.as_bytes()))));
    body
}

fn finding(id: &str) -> FindingBody {
    let finding = Scene::empty().finding(id, &[], None);
    FindingBody::of(&finding, &finding_bytes(&finding).unwrap(), sending())
}

/// Two findings before the officers, and a person of each state with a passkey.
fn trial() -> (Trial, FindingBody, FindingBody) {
    let mut trial = Trial {
        desk: Desk::new(),
        next: 0,
    };
    let (first, second) = (finding("F"), finding("G"));
    for (id, state) in [("ida", "east"), ("wim", "west")] {
        trial.put(PERSON, &person(id, state)).unwrap();
        trial
            .put(PASSKEY, &passkey(id, &Authenticator::new(id)))
            .unwrap();
    }
    trial.put("finding", &first).unwrap();
    trial.put("finding", &second).unwrap();
    (trial, first, second)
}

fn vouched(id: &str, state: &str, key: &SignerKey) -> VoucherBody {
    vouch(ORIGIN, state, &passkey(id, &Authenticator::new(id)), key).unwrap()
}

#[test]
fn two_vouched_passkeys_determine_a_finding() {
    let (mut trial, finding, _) = trial();
    trial
        .put(VOUCHER, &vouched("ida", "east", &officer("east", "ada")))
        .unwrap();
    trial
        .put(VOUCHER, &vouched("wim", "west", &officer("west", "bea")))
        .unwrap();
    trial
        .put(
            "signature",
            &decided(&finding, "east", "ida", &Authenticator::new("ida")),
        )
        .unwrap();
    let case = |trial: &Trial| trial.desk.case(&finding.id).unwrap().clone();
    assert_eq!(
        case(&trial).standing(),
        Standing::HalfSigned { by: "east".into() }
    );
    trial
        .put(
            "signature",
            &decided(&finding, "west", "wim", &Authenticator::new("wim")),
        )
        .unwrap();
    assert!(matches!(
        case(&trial).standing(),
        Standing::Determined { .. }
    ));
    assert!(
        case(&trial)
            .decisions
            .iter()
            .all(|d| d.method == Method::Webauthn)
    );
}

#[test]
fn a_passkey_that_nobody_vouched_for_does_not_sign_and_only_the_own_state_vouches() {
    let (mut trial, finding, _) = trial();
    let signed = decided(&finding, "east", "ida", &Authenticator::new("ida"));
    let refused = trial.put("signature", &signed).unwrap_err();
    assert!(matches!(
        refused,
        Setback::Signature {
            source: NotAnOfficersWord::NotVouchedFor { .. },
            ..
        }
    ));
    let by_other_state = trial.put(VOUCHER, &vouched("ida", "east", &officer("west", "bea")));
    assert!(matches!(
        by_other_state,
        Err(Setback::Person(Unheeded::OthersVoucher { .. }))
    ));
    // A voucher for one passkey is none for another.
    let mut moved = vouched("ida", "east", &officer("east", "ada"));
    moved.person = "wim".into();
    moved.credential = Authenticator::new("wim").credential;
    assert!(matches!(
        trial.put(VOUCHER, &moved),
        Err(Setback::Person(Unheeded::Voucher { .. }))
    ));
    // An officer's key that the record does not know.
    let stranger = officer("east", "zoe");
    assert!(
        trial
            .put(VOUCHER, &vouched("ida", "east", &stranger))
            .is_err()
    );
    assert!(trial.put("signature", &signed).is_err());
}

#[test]
fn replayed_and_foreign_assertions_are_refused() {
    let (mut trial, first, second) = trial();
    trial
        .put(VOUCHER, &vouched("ida", "east", &officer("east", "ada")))
        .unwrap();
    trial
        .put(VOUCHER, &vouched("wim", "west", &officer("west", "bea")))
        .unwrap();
    let (ida, wim) = (Authenticator::new("ida"), Authenticator::new("wim"));
    let honest = decided(&first, "east", "ida", &ida);
    let assertion_of = |body: &SignatureBody| body.assertion.clone();
    let lies = [
        // The answer of one finding under another, and of a signature under a dissent.
        SignatureBody {
            assertion: assertion_of(&honest),
            ..decided(&second, "east", "ida", &ida)
        },
        SignatureBody {
            decision: Decision::Dissent,
            reason: Some("no".into()),
            ..honest.clone()
        },
        // As another person, of the own state or the other.
        SignatureBody {
            key_name: key_name(ORIGIN, "west", "wim"),
            state: "west".into(),
            ..honest.clone()
        },
        SignatureBody {
            key_name: key_name(ORIGIN, "west", "ida"),
            state: "west".into(),
            ..honest.clone()
        },
        SignatureBody {
            state: "west".into(),
            ..honest.clone()
        },
        SignatureBody {
            key_name: "x".into(),
            ..honest.clone()
        },
        // By another's device, at another site, without a person verified.
        decided(&first, "east", "ida", &wim),
        decided(
            &first,
            "east",
            "ida",
            &Authenticator {
                origin: "https://evil.example".into(),
                ..Authenticator::new("ida")
            },
        ),
        decided(
            &first,
            "east",
            "ida",
            &Authenticator {
                rp_id: "evil.example".into(),
                ..Authenticator::new("ida")
            },
        ),
        decided(
            &first,
            "east",
            "ida",
            &Authenticator {
                flags: 0x01,
                ..Authenticator::new("ida")
            },
        ),
        // Said to be what it is not.
        SignatureBody {
            method: Method::Key,
            ..honest.clone()
        },
        SignatureBody {
            method: Method::Exercise,
            ..honest.clone()
        },
        SignatureBody {
            assertion: None,
            ..honest.clone()
        },
        SignatureBody {
            note: "a note".into(),
            ..honest.clone()
        },
    ];
    for lie in lies {
        let refused = trial.put("signature", &lie).unwrap_err();
        assert!(
            matches!(refused, Setback::Signature { .. }),
            "{lie:?}: {refused}"
        );
        assert!(!refused.is_harmless());
    }
    assert_eq!(
        trial.desk.case(&first.id).unwrap().standing(),
        Standing::Open
    );
    trial.put("signature", &honest).unwrap();
    let twice = trial.put("signature", &honest).unwrap_err();
    assert!(
        matches!(twice, Setback::DecidedBefore { .. }),
        "the same once more changes nothing"
    );
    // With the signature of another, the challenge alone does not help.
    let mut forged = decided(&second, "east", "ida", &ida);
    forged.assertion.as_mut().unwrap().signature = honest.assertion.unwrap().signature;
    let refused = trial.put("signature", &forged).unwrap_err();
    assert!(matches!(
        refused,
        Setback::Signature {
            source: NotAnOfficersWord::Assertion(Refused::Signature),
            ..
        }
    ));
}

#[test]
fn revoked_persons_and_passkeys_count_no_more() {
    let (mut trial, finding, _) = trial();
    trial
        .put(VOUCHER, &vouched("ida", "east", &officer("east", "ada")))
        .unwrap();
    let revocation = RevocationBody {
        person: "ida".into(),
        credential: None,
        why: "left".into(),
    };
    trial.put(REVOCATION, &revocation).unwrap();
    assert!(
        trial
            .put(
                "signature",
                &decided(&finding, "east", "ida", &Authenticator::new("ida"))
            )
            .is_err()
    );
    // Admitted again, they have no passkey; another state's they can never become.
    assert!(matches!(
        trial.put(PERSON, &person("ida", "west")),
        Err(Setback::Person(Unheeded::OtherState { .. }))
    ));
    trial.put(PERSON, &person("ida", "east")).unwrap();
    assert!(
        trial
            .put(
                "signature",
                &decided(&finding, "east", "ida", &Authenticator::new("ida"))
            )
            .is_err()
    );
    assert!(
        trial
            .desk
            .people()
            .of_credential(&Authenticator::new("ida").credential)
            .is_none()
    );
}

#[test]
fn an_invitation_counts_once_and_a_credential_is_one_persons() {
    let mut trial = Trial {
        desk: Desk::new(),
        next: 0,
    };
    trial.put(PERSON, &person("ida", "east")).unwrap();
    let code_sha256 = Sha256::of(b"code ida");
    let expires: Recorded = "2020-11-13T10:00:00Z".parse().unwrap();
    trial
        .put(
            INVITATION,
            &InvitationBody {
                person: "ida".into(),
                code_sha256,
                expires,
            },
        )
        .unwrap();
    assert!(trial.desk.people().invitation("code ida").is_some());
    assert!(trial.desk.people().invitation("code").is_none());
    trial
        .put(PASSKEY, &passkey("ida", &Authenticator::new("ida")))
        .unwrap();
    assert!(trial.desk.people().invitation("code ida").is_none());
    let again = PasskeyBody {
        credential: "other".into(),
        ..passkey("ida", &Authenticator::new("x"))
    };
    assert!(trial.put(PASSKEY, &again).is_err());
    trial.put(PERSON, &person("bob", "east")).unwrap();
    let stolen = PasskeyBody {
        person: "bob".into(),
        ..passkey("bob", &Authenticator::new("ida"))
    };
    assert!(matches!(
        trial.put(PASSKEY, &stolen),
        Err(Setback::Person(Unheeded::Again { .. }))
    ));
    for wrong in ["", "Ida", "a/b", "a b", "ä", &"a".repeat(65)] {
        assert!(
            trial.put(PERSON, &person(wrong, "east")).is_err(),
            "{wrong:?}"
        );
    }
}
