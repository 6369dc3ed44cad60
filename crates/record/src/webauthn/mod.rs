//! Passkeys: what a person's authenticator says, checked (W3C Web Authentication, Level 3).
//!
//! The record has to be checked offline, years later, by who has nothing but the record. So the check
//! of an assertion lives here, without a clock, a network or a session; logging in uses the same one.
//! Attestation is not asked for: who vouches for a passkey is an officer's key ([`crate::people`]),
//! not the maker of the device.
//!
//! | step of the standard | where |
//! |---|---|
//! | § 7.1, registering a credential | [`Registration::check`] |
//! | § 7.2, verifying an assertion | [`Assertion::check`] |
//! | § 6.1, authenticator data | `authenticator_data` |
//! | § 5.8.1, client data | `client_data` |
//! | RFC 9053, keys | [`PublicKey`] |

mod authenticator_data;
mod client_data;
mod public_key;
#[cfg(test)]
mod tests;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use authenticator_data::AuthenticatorData;
use client_data::ClientData;
pub use public_key::{Algorithm, PublicKey};

/// The largest part of an answer that is read, bytes: browsers' client data have some 200, a credential
/// id at most 1,023 (§ 4), a public key below 100.
const MAX_PART_BYTES: usize = 8 * 1024;

/// Why an authenticator's answer does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A part is not what the standard says it is.
    #[error("the passkey's answer is damaged: {0}")]
    Malformed(&'static str),
    /// The answer is to another question: replayed, or of another text.
    #[error("the passkey answered another question than the one that was asked")]
    Challenge,
    /// An assertion where a new passkey was expected, or the reverse.
    #[error("the passkey's answer is of the type {0:?}")]
    Type(String),
    /// It was made on another site.
    #[error("the passkey was used at {0:?}, which is not this centre")]
    Origin(String),
    /// It was made for another site.
    #[error("the passkey's answer is for another centre than {0:?}")]
    RelyingParty(String),
    /// Nobody touched the authenticator, or the person was not verified by PIN or body.
    #[error("the passkey did not verify its person (a PIN, a finger or a face is needed)")]
    NotVerified,
    /// The signature is wrong.
    #[error("the passkey's signature is wrong")]
    Signature,
    /// A kind of key that is not taken.
    #[error(
        "the passkey is of a kind that is not taken: expected ES256 (P-256) or EdDSA (Ed25519)"
    )]
    Algorithm,
}

/// For whom a passkey is: the centre, as browsers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its id: a host's name.
    pub id: String,
    /// The one web origin at which it is used; without one, whatever fits the id (§ 5.1.3).
    pub origin: Option<String>,
}

impl RelyingParty {
    fn is_at(&self, origin: &str) -> bool {
        match &self.origin {
            Some(own) => own == origin,
            None => fits(&self.id, origin),
        }
    }
}

/// Whether a web origin belongs to a relying party's id: `https`, or `http` on this very machine, at the
/// host so named or below it (HTML, "is a registrable domain suffix of or is equal to").
#[must_use]
pub fn fits(rp_id: &str, origin: &str) -> bool {
    let (host, local_only) = match (
        origin.strip_prefix("https://"),
        origin.strip_prefix("http://"),
    ) {
        (Some(host), _) => (host, false),
        (None, Some(host)) => (host, true),
        (None, None) => return false,
    };
    let host = host.rsplit_once(':').map_or(host, |(host, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) {
            host
        } else {
            ""
        }
    });
    let local = host == "localhost" || host.ends_with(".localhost");
    let below = host
        .strip_suffix(rp_id)
        .is_some_and(|front| front.is_empty() || front.ends_with('.'));
    !rp_id.is_empty() && below && (local || !local_only)
}

/// What an authenticator answered to a question, as browsers give it and the record keeps it. All parts
/// are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The credential's id.
    pub credential: String,
    /// The authenticator data, whose first 32 bytes are the SHA-256 of the relying party's id and whose
    /// next has the flags (1: somebody was there, 4: the person was verified).
    pub authenticator_data: String,
    /// The client data, a JSON text with the challenge and the web origin.
    pub client_data: String,
    /// The signature over the authenticator data and the SHA-256 of the client data.
    pub signature: String,
}

/// An assertion's parts as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionParts {
    /// As [`Assertion::authenticator_data`].
    pub authenticator_data: Vec<u8>,
    /// As [`Assertion::client_data`].
    pub client_data: Vec<u8>,
    /// As [`Assertion::signature`].
    pub signature: Vec<u8>,
}

impl Assertion {
    /// Its parts as bytes.
    ///
    /// # Errors
    /// When one is not base64url.
    pub fn parts(&self) -> Result<AssertionParts, Refused> {
        Ok(AssertionParts {
            authenticator_data: bytes_of(&self.authenticator_data, "authenticator data")?,
            client_data: bytes_of(&self.client_data, "client data")?,
            signature: bytes_of(&self.signature, "signature")?,
        })
    }

    /// Checks that the holder of `key` answered exactly `challenge`, at `centre`, verified as a person.
    ///
    /// # Errors
    /// [`Refused`] says what is wrong.
    pub fn check(
        &self,
        centre: &RelyingParty,
        key: &PublicKey,
        challenge: &[u8],
    ) -> Result<(), Refused> {
        let parts = self.parts()?;
        ClientData::parse(&parts.client_data)?.check("webauthn.get", challenge, centre)?;
        let data = AuthenticatorData::parse(&parts.authenticator_data)?;
        data.check(centre)?;
        let mut signed = parts.authenticator_data;
        signed.extend_from_slice(&Sha256::digest(&parts.client_data));
        if key.verifies(&signed, &parts.signature) {
            Ok(())
        } else {
            Err(Refused::Signature)
        }
    }
}

/// A new passkey as browsers give it; parts are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The client data.
    pub client_data: String,
    /// The attestation object (CBOR, § 6.5.4), whose statement is not looked at.
    pub attestation_object: String,
}

/// A passkey that was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The credential's id, base64url without padding.
    pub credential: String,
    /// Its public key.
    pub key: PublicKey,
    /// The web origin at which it was made.
    pub origin: String,
}

impl Registration {
    /// Checks that a new passkey was made in answer to `challenge`, at `centre`, its person verified.
    ///
    /// # Errors
    /// [`Refused`] says what is wrong.
    pub fn check(&self, centre: &RelyingParty, challenge: &[u8]) -> Result<Registered, Refused> {
        let client_data = bytes_of(&self.client_data, "client data")?;
        let client = ClientData::parse(&client_data)?;
        client.check("webauthn.create", challenge, centre)?;
        let object = bytes_of(&self.attestation_object, "attestation object")?;
        let data = authenticator_data::of_attestation(&object)?;
        let data = AuthenticatorData::parse(&data)?;
        data.check(centre)?;
        let (credential, key) = data
            .credential
            .ok_or(Refused::Malformed("no credential in it"))?;
        Ok(Registered {
            credential: base64url(&credential),
            key,
            origin: client.origin,
        })
    }
}

/// Bytes as base64url without padding, as Web Authentication writes them.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a part.
fn bytes_of(text: &str, what: &'static str) -> Result<Vec<u8>, Refused> {
    if text.len() > MAX_PART_BYTES * 4 / 3 {
        return Err(Refused::Malformed(what));
    }
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Refused::Malformed(what))
}
