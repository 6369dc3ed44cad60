//! A cosignature/v1 (C2SP tlog-cosignature): a witness' word that, at a time, the largest consistent
//! tree it has seen of a log has this root.
//!
//! On a checkpoint it is a signature line like any other, whose bytes are the key id (4), the POSIX
//! time in seconds (8, big-endian) and the Ed25519 signature (64) over
//! `cosignature/v1\ntime <seconds>\n` and the checkpoint's text.

use std::fmt;

use signed_note::Verifier as _;

use crate::key::{Algorithm, SignerKey, VerifierKey, cosignature_message, split_cosignature};

/// A signature line of a witness.
#[derive(Debug, Clone, PartialEq)]
pub struct Cosignature {
    line: signed_note::Signature,
    unix_s: u64,
}

/// A line that is no cosignature/v1, or a key that cannot make one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCosignature {
    /// Not a signature line of a signed note.
    #[error("{seen:?} is not a signature line «— <name> <base64>»")]
    Line {
        /// The line, cut to 80 characters.
        seen: String,
    },
    /// Not a time and an Ed25519 signature.
    #[error(
        "the signature by {name} is not 8 bytes of time and 64 bytes of Ed25519, but {bytes} bytes"
    )]
    Form {
        /// The key's name.
        name: String,
        /// Bytes after the key id.
        bytes: usize,
    },
    /// The key signs something else.
    #[error("the key {name} is not for cosignature/v1 (algorithm 0x04)")]
    Key {
        /// The key's name.
        name: String,
    },
}

impl Cosignature {
    /// Cosigns the text of a checkpoint as seen at `unix_s`.
    ///
    /// # Errors
    /// When `key` is not for cosignatures.
    pub fn sign(
        key: &SignerKey,
        unix_s: u64,
        checkpoint_text: &[u8],
    ) -> Result<Self, NoCosignature> {
        let wrong_key = || NoCosignature::Key {
            name: key.name().to_owned(),
        };
        if key.verifier().algorithm() != Algorithm::CosignatureV1 {
            return Err(wrong_key());
        }
        let mut bytes = unix_s.to_be_bytes().to_vec();
        bytes.extend_from_slice(&key.sign(&cosignature_message(unix_s, checkpoint_text)));
        let line = signed_note::Signature::new(key.name().to_owned(), key.verifier().id(), bytes)
            .map_err(|_| wrong_key())?;
        Ok(Self { line, unix_s })
    }

    /// Reads one signature line, with or without its newline.
    ///
    /// # Errors
    /// When it is not a signature line with a time and an Ed25519 signature.
    pub fn parse(line: &str) -> Result<Self, NoCosignature> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let refused = || NoCosignature::Line {
            seen: line.chars().take(80).collect(),
        };
        if line.chars().any(char::is_control) {
            return Err(refused());
        }
        let line = signed_note::Signature::from_bytes(line.as_bytes()).map_err(|_| refused())?;
        Self::of(line)
    }

    /// The cosignature in a note's signature.
    ///
    /// # Errors
    /// When it has not the length of a time and an Ed25519 signature.
    pub fn of(line: signed_note::Signature) -> Result<Self, NoCosignature> {
        match split_cosignature(line.signature()) {
            Some((unix_s, _)) => Ok(Self { unix_s, line }),
            None => Err(NoCosignature::Form {
                name: line.name().to_owned(),
                bytes: line.signature().len(),
            }),
        }
    }

    /// Whether it is `key`'s over exactly this text. A cosignature without a time (time 0) is not
    /// one over a checkpoint (tlog-witness: «the timestamp MUST NOT be zero»).
    #[must_use]
    pub fn verify(&self, checkpoint_text: &[u8], key: &VerifierKey) -> bool {
        key.algorithm() == Algorithm::CosignatureV1
            && self.unix_s != 0
            && self.line.name() == key.name()
            && self.line.id() == key.id()
            && key.verify(checkpoint_text, self.line.signature())
    }

    /// When the witness says it saw the tree, seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_s(&self) -> u64 {
        self.unix_s
    }

    /// Name of the key it claims.
    #[must_use]
    pub fn name(&self) -> &str {
        self.line.name()
    }

    /// As a note's signature.
    #[must_use]
    pub fn signature(&self) -> &signed_note::Signature {
        &self.line
    }
}

impl fmt::Display for Cosignature {
    /// The signature line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.line.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"centre.example/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn a_cosignature_is_bound_to_text_time_and_key() {
        let key = SignerKey::from_seed("w.example/a", Algorithm::CosignatureV1, &[1; 32]).unwrap();
        let other =
            SignerKey::from_seed("w.example/a", Algorithm::CosignatureV1, &[2; 32]).unwrap();
        let c = Cosignature::sign(&key, 1_679_315_147, TEXT).unwrap();
        let line = c.to_string();
        let back = Cosignature::parse(&line).unwrap();
        assert_eq!(back, c);
        assert_eq!(back.unix_s(), 1_679_315_147);
        assert!(back.verify(TEXT, key.verifier()));
        assert!(!back.verify(&TEXT[1..], key.verifier()));
        assert!(!back.verify(TEXT, other.verifier()));
        assert!(
            !Cosignature::sign(&key, 0, TEXT)
                .unwrap()
                .verify(TEXT, key.verifier())
        );
    }

    #[test]
    fn what_is_no_cosignature_is_refused() {
        let log = SignerKey::from_seed("log.example", Algorithm::Ed25519, &[1; 32]).unwrap();
        assert!(matches!(
            Cosignature::sign(&log, 1, TEXT),
            Err(NoCosignature::Key { .. })
        ));
        for line in ["", "— a", "a AAAAAAAA", "— a AAAAAAA=", "— a\u{0} AAAAAAA="] {
            assert!(Cosignature::parse(line).is_err(), "{line:?}");
        }
    }
}
