//! Keys, in the text forms of Go's `golang.org/x/mod/sumdb/note`, which C2SP signed-note adopted.
//!
//! * verifier key: `<name>+<key id, 8 hex digits>+<base64(algorithm byte || public key)>`
//! * signer key: `PRIVATE+KEY+<name>+<key id>+<base64(algorithm byte || 32-byte seed)>`
//!
//! The key id is the first four bytes of SHA-256(name || "\n" || algorithm byte || public key), so
//! that one public key under another name or for another purpose is another key.
//!
//! Roles are read from names. With the log's origin `joint-centre.example/line`:
//!
//! | name | role |
//! |---|---|
//! | `<origin>` | the log |
//! | `<origin>/witness/<state>` | the witness of a sending state or of the host |
//! | `<origin>/officer/<state>/<person>` | an officer of a sending state |
//!
//! `signed_note` has the note's format and the plain Ed25519 keys, but not the keys of
//! cosignature/v1 (algorithm 0x04), and accepts the malleable signatures that RFC 8032 leaves open;
//! hence the types here, which implement its traits.

mod role;
mod signer;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signature, VerifyingKey};

pub use self::role::Role;
pub use self::signer::SignerKey;

/// A key or a file of keys that was refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is not a key.
    #[error("not a {what}: {reason}")]
    Malformed {
        /// `verifier key`, `signer key` or `key name`.
        what: &'static str,
        /// What was seen and what was expected. Never holds private bytes.
        reason: String,
    },
    /// A line of a `vkeys` file was refused.
    #[error("{}:{line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What was seen and what was expected.
        reason: String,
    },
    /// A private key that others on this machine could read.
    #[error("{}: mode {mode:03o} lets others read this private key, expected 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file could not be read or written.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// `reading` or `writing`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The operating system gave no randomness.
    #[error("no randomness for a new key: {0}")]
    Randomness(getrandom::Error),
}

fn malformed(what: &'static str, reason: impl Into<String>) -> KeyError {
    KeyError::Malformed {
        what,
        reason: reason.into(),
    }
}

/// What a key signs, the first byte of its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Algorithm {
    /// Ed25519 over the note's text (C2SP signed-note).
    Ed25519 = 0x01,
    /// Ed25519 over a time and a checkpoint (C2SP tlog-cosignature, cosignature/v1).
    CosignatureV1 = 0x04,
}

impl Algorithm {
    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureV1),
            _ => None,
        }
    }
}

/// A public key with its name and purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    id: u32,
    public: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, algorithm: Algorithm, public: VerifyingKey) -> Result<Self, KeyError> {
        check_name(name)?;
        let id = signed_note::key_id(name, &encoded(algorithm, public.as_bytes()));
        Ok(Self {
            name: name.to_owned(),
            algorithm,
            id,
            public,
        })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id of signature lines.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is this key's over exactly `message`, by the strict rules that leave no
    /// second signature for the same message and no key that accepts everything.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.public.verify_strict(message, &signature).is_ok())
    }
}

/// A key's name as C2SP signed-note allows it.
fn check_name(name: &str) -> Result<(), KeyError> {
    if signed_note::is_key_name_valid(name) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(malformed(
        "key name",
        format!("{name:?} is empty or has a space, a plus or a control character"),
    ))
}

fn encoded(algorithm: Algorithm, key: &[u8; 32]) -> Vec<u8> {
    let mut bytes = vec![algorithm as u8];
    bytes.extend_from_slice(key);
    bytes
}

/// Reads `<name>+<id>+<base64>`; the errors tell nothing of the bytes, which may be private.
fn split_key<'a>(
    text: &'a str,
    what: &'static str,
) -> Result<(&'a str, u32, Algorithm, [u8; 32]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(malformed(
            what,
            "expected <name>+<8 hexadecimal digits>+<base64>",
        ));
    };
    check_name(name)?;
    let hex_digits = id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let id = u32::from_str_radix(id, 16)
        .ok()
        .filter(|_| hex_digits)
        .ok_or_else(|| {
            malformed(
                what,
                format!("the id of {name} is not 8 hexadecimal digits"),
            )
        })?;
    let bytes = BASE64_STANDARD
        .decode(key)
        .map_err(|_| malformed(what, format!("the bytes of {name} are not padded base64")))?;
    let (&algorithm, key) = bytes
        .split_first()
        .ok_or_else(|| malformed(what, format!("{name} has no bytes")))?;
    let algorithm = Algorithm::from_byte(algorithm).ok_or_else(|| {
        malformed(
            what,
            format!("{name} is of algorithm {algorithm:#04x}, expected 0x01 or 0x04"),
        )
    })?;
    let key = <[u8; 32]>::try_from(key)
        .map_err(|_| malformed(what, format!("{name} has {} bytes, expected 32", key.len())))?;
    Ok((name, id, algorithm, key))
}

fn check_id(key: &VerifierKey, id: u32, what: &'static str) -> Result<(), KeyError> {
    if key.id == id {
        return Ok(());
    }
    Err(malformed(
        what,
        format!(
            "{} says id {id:08x}, its bytes give {:08x}",
            key.name, key.id
        ),
    ))
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        const WHAT: &str = "verifier key";
        let (name, id, algorithm, public) = split_key(text, WHAT)?;
        let public = VerifyingKey::from_bytes(&public)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or_else(|| malformed(WHAT, format!("{name} is not a point of Ed25519 in use")))?;
        let key = Self::new(name, algorithm, public)?;
        check_id(&key, id, WHAT)?;
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = BASE64_STANDARD.encode(encoded(self.algorithm, self.public.as_bytes()));
        write!(f, "{}+{:08x}+{bytes}", self.name, self.id)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Length of a cosignature/v1: 8 bytes of time, 64 of Ed25519.
const COSIGNATURE_LEN: usize = 72;

/// What a cosignature/v1 of the time `unix_s` signs: two lines, then the checkpoint's text.
#[must_use]
pub fn cosignature_message(unix_s: u64, checkpoint_text: &[u8]) -> Vec<u8> {
    let mut message = format!("cosignature/v1\ntime {unix_s}\n").into_bytes();
    message.extend_from_slice(checkpoint_text);
    message
}

/// The time of a cosignature/v1 and its Ed25519 part.
#[must_use]
pub fn split_cosignature(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, ed25519) = signature.split_first_chunk::<8>()?;
    let unix_s = u64::from_be_bytes(*time);
    let fits = signature.len() == COSIGNATURE_LEN && i64::try_from(unix_s).is_ok();
    fits.then_some((unix_s, ed25519))
}

impl signed_note::Verifier for VerifierKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::Ed25519 => self.verifies(text, signature),
            Algorithm::CosignatureV1 => {
                split_cosignature(signature).is_some_and(|(unix_s, ed25519)| {
                    self.verifies(&cosignature_message(unix_s, text), ed25519)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests;
