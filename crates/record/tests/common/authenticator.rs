//! A passkey in software, as the standard describes one (W3C Web Authentication, § 6): it makes a key,
//! and answers questions. Nothing of the code under test is used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// One passkey on one device.
pub(crate) struct Authenticator {
    pub(crate) key: p256::ecdsa::SigningKey,
    pub(crate) credential: String,
    pub(crate) rp_id: String,
    pub(crate) origin: String,
    /// 0x01: somebody was there; 0x04: and was verified.
    pub(crate) flags: u8,
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Authenticator {
    /// The passkey that `seed` gives, for a centre on this machine.
    pub(crate) fn new(seed: &str) -> Self {
        let secret = Sha256::digest(seed.as_bytes());
        Self {
            key: p256::ecdsa::SigningKey::from_slice(&secret).unwrap(),
            credential: base64url(&Sha256::digest(secret)[..16]),
            rp_id: "localhost".to_owned(),
            origin: "http://localhost:7400".to_owned(),
            flags: 0x05,
        }
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&[0, 0, 0, 7]);
        data
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    /// What a browser gives for a new passkey; `challenge` is base64url.
    pub(crate) fn make(&self, challenge: &str) -> Value {
        let mut data = self.data(self.flags | 0x40);
        let id = URL_SAFE_NO_PAD.decode(&self.credential).unwrap();
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&(id.len() as u16).to_be_bytes());
        data.extend_from_slice(&id);
        let point = self.key.verifying_key().to_encoded_point(false);
        // COSE_Key, canonical CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        data.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend_from_slice(point.x().unwrap());
        data.extend_from_slice(&[0x22, 0x58, 0x20]);
        data.extend_from_slice(point.y().unwrap());
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend_from_slice(&data);
        json!({"id": self.credential, "rawId": self.credential, "type": "public-key", "response": {
            "clientDataJSON": base64url(&self.client_data("webauthn.create", challenge)),
            "attestationObject": base64url(&object),
        }})
    }

    /// What a browser gives for a question; `challenge` is base64url.
    pub(crate) fn answer(&self, challenge: &str) -> Value {
        let client = self.client_data("webauthn.get", challenge);
        let data = self.data(self.flags);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature: p256::ecdsa::Signature = self.key.sign(&signed);
        json!({"id": self.credential, "rawId": self.credential, "type": "public-key", "response": {
            "clientDataJSON": base64url(&client), "authenticatorData": base64url(&data),
            "signature": base64url(signature.to_der().as_bytes()), "userHandle": null,
        }})
    }
}
