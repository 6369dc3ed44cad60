//! Authenticator data (§ 6.1): 32 bytes SHA-256 of the relying party's id, one byte of flags, four of
//! a counter; then, of a new credential, 16 bytes of the authenticator's model, two of the id's length,
//! the id, and its public key as COSE.

use ciborium::Value;
use sha2::{Digest as _, Sha256};

use super::{PublicKey, Refused, RelyingParty};

/// Somebody was there.
const USER_PRESENT: u8 = 0x01;
/// And was verified: PIN, finger, face.
const USER_VERIFIED: u8 = 0x04;
/// A new credential follows.
const HAS_CREDENTIAL: u8 = 0x40;
/// The longest credential id (§ 4, "credential ID").
const MAX_CREDENTIAL_BYTES: usize = 1023;
/// CBOR nests this deep at most in what is read here; more is refused before it fills the stack.
const MAX_DEPTH: usize = 8;

/// Authenticator data, taken apart.
#[derive(Debug)]
pub(super) struct AuthenticatorData {
    rp_id_sha256: [u8; 32],
    flags: u8,
    /// Of a new credential: its id and public key.
    pub(super) credential: Option<(Vec<u8>, PublicKey)>,
}

impl AuthenticatorData {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        const SHORT: Refused = Refused::Malformed("authenticator data");
        let (rp_id_sha256, rest) = bytes.split_first_chunk::<32>().ok_or(SHORT)?;
        let (&[flags], rest) = rest.split_first_chunk::<1>().ok_or(SHORT)?;
        let (_counter, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        let credential = if flags & HAS_CREDENTIAL == 0 {
            None
        } else {
            let (_model, rest) = rest.split_first_chunk::<16>().ok_or(SHORT)?;
            let (length, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
            let length = usize::from(u16::from_be_bytes(*length));
            if length == 0 || length > MAX_CREDENTIAL_BYTES {
                return Err(SHORT);
            }
            let (id, key) = rest.split_at_checked(length).ok_or(SHORT)?;
            Some((id.to_vec(), PublicKey::from_cose(&cbor(key)?)?))
        };
        Ok(Self {
            rp_id_sha256: *rp_id_sha256,
            flags,
            credential,
        })
    }

    /// § 7.1 steps 13–16, § 7.2 steps 15–17.
    pub(super) fn check(&self, centre: &RelyingParty) -> Result<(), Refused> {
        if self.rp_id_sha256[..] != Sha256::digest(centre.id.as_bytes())[..] {
            return Err(Refused::RelyingParty(centre.id.clone()));
        }
        if self.flags & USER_PRESENT == 0 || self.flags & USER_VERIFIED == 0 {
            return Err(Refused::NotVerified);
        }
        Ok(())
    }
}

/// The authenticator data in an attestation object; its statement is not looked at.
pub(super) fn of_attestation(object: &[u8]) -> Result<Vec<u8>, Refused> {
    let members = match cbor(object)? {
        Value::Map(members) => members,
        _ => return Err(Refused::Malformed("attestation object")),
    };
    let data = members
        .into_iter()
        .find(|(name, _)| name.as_text() == Some("authData"));
    data.and_then(|(_, data)| data.into_bytes().ok())
        .ok_or(Refused::Malformed("attestation object"))
}

/// The first item; what follows (extensions) is not looked at.
fn cbor(bytes: &[u8]) -> Result<Value, Refused> {
    ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH)
        .map_err(|_| Refused::Malformed("CBOR"))
}
