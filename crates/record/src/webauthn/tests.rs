//! Answers of a passkey, whole and damaged.

use serde_json::Value;

use super::*;
#[path = "../../tests/common/authenticator.rs"]
mod authenticator;
use authenticator::Authenticator;

const CHALLENGE: &[u8] = b"what is asked, 32 bytes or other";

fn centre() -> RelyingParty {
    RelyingParty {
        id: "localhost".to_owned(),
        origin: None,
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn made(passkey: &Authenticator) -> Registration {
    let json = passkey.make(&base64url(CHALLENGE));
    let response = &json["response"];
    Registration {
        client_data: text(response, "clientDataJSON"),
        attestation_object: text(response, "attestationObject"),
    }
}

fn answered(passkey: &Authenticator) -> Assertion {
    let json = passkey.answer(&base64url(CHALLENGE));
    let response = &json["response"];
    Assertion {
        credential: text(&json, "id"),
        authenticator_data: text(response, "authenticatorData"),
        client_data: text(response, "clientDataJSON"),
        signature: text(response, "signature"),
    }
}

#[test]
fn a_passkey_is_registered_and_answers() {
    let passkey = Authenticator::new("ada");
    let registered = made(&passkey).check(&centre(), CHALLENGE).unwrap();
    assert_eq!(registered.credential, passkey.credential);
    assert_eq!(registered.key.algorithm(), Algorithm::Es256);
    let assertion = answered(&passkey);
    assert_eq!(
        assertion.check(&centre(), &registered.key, CHALLENGE),
        Ok(())
    );
    let again: PublicKey =
        serde_json::from_str(&serde_json::to_string(&registered.key).unwrap()).unwrap();
    assert_eq!(again, registered.key);
}

#[test]
fn answers_to_other_questions_places_and_of_other_keys_are_refused() {
    let passkey = Authenticator::new("ada");
    let key = made(&passkey).check(&centre(), CHALLENGE).unwrap().key;
    let check = |passkey: &Authenticator| answered(passkey).check(&centre(), &key, CHALLENGE);
    assert_eq!(
        answered(&passkey).check(&centre(), &key, b"another"),
        Err(Refused::Challenge)
    );
    let other = Authenticator::new("bea");
    assert_eq!(check(&other), Err(Refused::Signature));
    let elsewhere = Authenticator {
        origin: "https://localhost.evil.example".to_owned(),
        ..Authenticator::new("ada")
    };
    assert!(matches!(check(&elsewhere), Err(Refused::Origin(_))));
    let for_another = Authenticator {
        rp_id: "evil.example".to_owned(),
        ..Authenticator::new("ada")
    };
    assert!(matches!(check(&for_another), Err(Refused::RelyingParty(_))));
    let unattended = Authenticator {
        flags: 0x01,
        ..Authenticator::new("ada")
    };
    assert_eq!(check(&unattended), Err(Refused::NotVerified));
    // A registration is no assertion.
    let swapped = Assertion {
        client_data: made(&passkey).client_data,
        ..answered(&passkey)
    };
    assert!(matches!(
        swapped.check(&centre(), &key, CHALLENGE),
        Err(Refused::Type(_))
    ));
}

#[test]
fn one_changed_bit_is_noticed() {
    let passkey = Authenticator::new("ada");
    let key = made(&passkey).check(&centre(), CHALLENGE).unwrap().key;
    let whole = answered(&passkey);
    let parts = whole.parts().unwrap();
    for i in 0..parts.authenticator_data.len() {
        let mut data = parts.authenticator_data.clone();
        data[i] ^= 0x10;
        let changed = Assertion {
            authenticator_data: base64url(&data),
            ..whole.clone()
        };
        assert!(
            changed.check(&centre(), &key, CHALLENGE).is_err(),
            "byte {i}"
        );
    }
    for i in 0..parts.signature.len() {
        let mut signature = parts.signature.clone();
        signature[i] ^= 0x01;
        let changed = Assertion {
            signature: base64url(&signature),
            ..whole.clone()
        };
        assert!(
            changed.check(&centre(), &key, CHALLENGE).is_err(),
            "byte {i}"
        );
    }
}

#[test]
fn an_origin_fits_its_relying_party_and_no_other() {
    for (id, origin) in [
        ("localhost", "http://localhost:7400"),
        ("localhost", "http://localhost"),
        ("centre.example", "https://centre.example"),
        ("centre.example", "https://watch.centre.example:8443"),
    ] {
        assert!(fits(id, origin), "{id} {origin}");
    }
    for (id, origin) in [
        ("centre.example", "http://centre.example"),
        ("centre.example", "https://evilcentre.example"),
        ("centre.example", "https://centre.example.evil"),
        ("centre.example", "https://evil.example:1@centre.example"),
        ("localhost", "http://localhost.evil.example"),
        ("", "https://"),
        ("centre.example", "ftp://centre.example"),
    ] {
        assert!(!fits(id, origin), "{id} {origin}");
    }
}

#[test]
fn damaged_registrations_are_refused_without_a_panic() {
    let whole = made(&Authenticator::new("ada"));
    let object = bytes_of(&whole.attestation_object, "object").unwrap();
    for cut in 0..object.len() {
        let short = Registration {
            attestation_object: base64url(&object[..cut]),
            ..whole.clone()
        };
        assert!(short.check(&centre(), CHALLENGE).is_err(), "cut at {cut}");
    }
    let deep = Registration {
        attestation_object: base64url(&[0x81; 4000]),
        ..whole.clone()
    };
    assert!(deep.check(&centre(), CHALLENGE).is_err());
    let claims_much = [
        &[0xa1_u8, 0x68][..],
        b"authData",
        &[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ]
    .concat();
    let huge = Registration {
        attestation_object: base64url(&claims_much),
        ..whole
    };
    assert!(huge.check(&centre(), CHALLENGE).is_err());
}
