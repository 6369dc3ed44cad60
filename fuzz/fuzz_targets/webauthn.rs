//! What a stranger's browser posts as a new passkey or as an answer: nothing of it may stop the centre,
//! and a key that is taken must write itself back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_record::webauthn::{Assertion, PublicKey, Registration, RelyingParty, base64url};

const CHALLENGE: &[u8] = b"what is asked";

fn client_data(kind: &str) -> String {
    let challenge = base64url(CHALLENGE);
    base64url(format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"http://localhost"}}"#).as_bytes())
}

fn register(object: &[u8]) {
    let centre = RelyingParty { id: "localhost".into(), origin: None };
    let registration =
        Registration { client_data: client_data("webauthn.create"), attestation_object: base64url(object) };
    if let Ok(made) = registration.check(&centre, CHALLENGE) {
        assert_eq!(PublicKey::from_der(&made.key.to_der()), Ok(made.key));
    }
}

fuzz_target!(|data: &[u8]| {
    register(data);
    // Behind lawful first bytes, so that the parts after them are reached: {"authData": bytes}, where the
    // bytes begin with SHA-256 of "localhost", flags, counter, model, and an id of one byte.
    let mut auth = vec![
        0x49, 0x96, 0x0d, 0xe5, 0x88, 0x0e, 0x8c, 0x68, 0x74, 0x34, 0x17, 0x0f, 0x64, 0x76, 0x60, 0x5b, 0x8f, 0xe4, 0xae,
        0xb9, 0xa2, 0x86, 0x32, 0xc7, 0x99, 0x5c, 0xf3, 0xba, 0x83, 0x1d, 0x97, 0x63, 0x45, 0, 0, 0, 0,
    ];
    auth.extend_from_slice(&[0; 16]);
    auth.extend_from_slice(&[0, 1, 7]);
    auth.extend_from_slice(data);
    let mut object = b"\xa1\x68authData\x59".to_vec();
    object.extend_from_slice(&u16::try_from(auth.len()).unwrap_or(u16::MAX).to_be_bytes());
    object.extend_from_slice(&auth);
    register(&object);
    // An answer: the key of a fixed passkey, and whatever comes as its parts.
    if let Ok(key) = PublicKey::from_der(data) {
        assert_eq!(PublicKey::from_der(&key.to_der()), Ok(key));
    }
    let (a, b) = data.split_at(data.len() / 2);
    let assertion = Assertion {
        credential: "x".into(),
        authenticator_data: base64url(a),
        client_data: client_data("webauthn.get"),
        signature: base64url(b),
    };
    let point = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a,
        0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02,
        0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
    ];
    if let Ok(key) = PublicKey::from_der(&point) {
        let centre = RelyingParty { id: "localhost".into(), origin: None };
        // Nobody signs by chance.
        assert!(assertion.check(&centre, &key, CHALLENGE).is_err());
    }
});
