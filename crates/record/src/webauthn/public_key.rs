//! A passkey's public key: P-256 or Ed25519, from COSE (RFC 9053 § 7) into the form that public tools
//! read (SubjectPublicKeyInfo, RFC 5480 and RFC 8410).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ciborium::Value;
use p256::ecdsa::signature::Verifier as _;
use serde::{Deserialize, Serialize};

use super::Refused;

/// DER of a SubjectPublicKeyInfo before the 65 bytes of a point of P-256 (RFC 5480 § 2).
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// And before the 32 bytes of Ed25519 (RFC 8410 § 4).
const ED25519_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// How a passkey signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256 (COSE -7).
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519 (COSE -8).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All that are taken, the preferred first.
    pub const ALL: [Self; 2] = [Self::Es256, Self::EdDsa];

    /// The number of RFC 9053.
    #[must_use]
    pub fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
        }
    }
}

/// A passkey's public key. In JSON it is the base64 of its SubjectPublicKeyInfo (DER): the lines of a PEM
/// file without their frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(Key);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Es256(p256::ecdsa::VerifyingKey),
    EdDsa(ed25519_dalek::VerifyingKey),
}

impl PublicKey {
    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Key::Es256(_) => Algorithm::Es256,
            Key::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Key::Es256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Key::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }

    /// The key as SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        match &self.0 {
            Key::Es256(key) => [&P256_PREFIX[..], key.to_encoded_point(false).as_bytes()].concat(),
            Key::EdDsa(key) => [&ED25519_PREFIX[..], key.as_bytes()].concat(),
        }
    }

    /// The key as a PEM file, as OpenSSL reads it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let text = BASE64_STANDARD.encode(self.to_der());
        let lines: String = text
            .as_bytes()
            .chunks(64)
            .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
            .collect();
        format!("-----BEGIN PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n")
    }

    /// Reads SubjectPublicKeyInfo, DER.
    ///
    /// # Errors
    /// When it is of another kind, or no point of its curve.
    pub fn from_der(der: &[u8]) -> Result<Self, Refused> {
        if let Some(point) = der.strip_prefix(&P256_PREFIX) {
            return Self::es256(point);
        }
        let point = der
            .strip_prefix(&ED25519_PREFIX)
            .ok_or(Refused::Algorithm)?;
        Self::ed_dsa(point)
    }

    /// Reads a COSE_Key (RFC 9052 § 7).
    pub(super) fn from_cose(value: &Value) -> Result<Self, Refused> {
        const DAMAGED: Refused = Refused::Malformed("public key");
        let members = value.as_map().ok_or(DAMAGED)?;
        let member = |label: i64| {
            let found = members.iter().find(|(name, _)| *name == Value::from(label));
            found.map(|(_, value)| value)
        };
        let number = |label| {
            member(label)
                .and_then(Value::as_integer)
                .and_then(|n| i64::try_from(n).ok())
        };
        let bytes = |label| {
            member(label)
                .and_then(Value::as_bytes)
                .filter(|bytes| bytes.len() == 32)
        };
        // Labels: 1 kty, 3 alg, -1 crv, -2 x, -3 y (RFC 9053 § 7.1, § 7.2).
        match (number(1), number(3), number(-1)) {
            (Some(2), Some(-7), Some(1)) => {
                let (x, y) = (bytes(-2).ok_or(DAMAGED)?, bytes(-3).ok_or(DAMAGED)?);
                Self::es256(&[&[0x04][..], x, y].concat())
            }
            (Some(1), Some(-8), Some(6)) => Self::ed_dsa(bytes(-2).ok_or(DAMAGED)?),
            _ => Err(Refused::Algorithm),
        }
    }

    fn es256(point: &[u8]) -> Result<Self, Refused> {
        // Uncompressed alone, so that a key has one form.
        let whole = point.len() == 65 && point.first() == Some(&0x04);
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .ok()
            .filter(|_| whole);
        key.map(|key| Self(Key::Es256(key)))
            .ok_or(Refused::Malformed("public key"))
    }

    fn ed_dsa(point: &[u8]) -> Result<Self, Refused> {
        let point = <[u8; 32]>::try_from(point).map_err(|_| Refused::Malformed("public key"))?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&point)
            .ok()
            .filter(|key| !key.is_weak());
        key.map(|key| Self(Key::EdDsa(key)))
            .ok_or(Refused::Malformed("public key"))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let der = BASE64_STANDARD
            .decode(text)
            .map_err(|_| Refused::Malformed("public key"))?;
        Self::from_der(&der)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        BASE64_STANDARD.encode(key.to_der())
    }
}
