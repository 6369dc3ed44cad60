//! The body of a `POST …/add-checkpoint` (C2SP tlog-witness, «add-checkpoint»):
//!
//! ```text
//! old <size of the last checkpoint that this witness cosigned>
//! <base64 of one hash of the RFC 6962 consistency proof>      0 to 63 lines
//!
//! <the checkpoint, a signed note>
//! ```
//!
//! Every line ends in a newline. Reading is strict: what is not exactly this form is refused, so
//! that reading and writing are inverse to each other.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use truceline_domain::Sha256;

use crate::log::{Checkpoint, LogError};

/// Most proof lines that a request may carry (tlog-witness: «MUST NOT send more than 63»).
pub const MAX_PROOF_LINES: usize = 63;

/// Longest request that is read, in bytes: 63 proof lines and a checkpoint with far more than the 16
/// signatures of up to 5 kB that signed-note demands verifiers to take.
pub const MAX_REQUEST_BYTES: usize = 256 * 1024;

/// A request to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Tree size of the last checkpoint that the witness cosigned for this log, 0 when none.
    pub old_size: u64,
    /// RFC 6962 §2.1.2 consistency proof from `old_size` to the checkpoint's size.
    pub proof: Vec<Sha256>,
    /// The checkpoint as a signed note, byte for byte.
    pub checkpoint: String,
}

/// Why a request is not of the protocol's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The body is longer than [`MAX_REQUEST_BYTES`].
    #[error("the request has {seen} bytes, at most {MAX_REQUEST_BYTES} are read")]
    TooLong {
        /// Bytes received.
        seen: usize,
    },
    /// The body is not UTF-8.
    #[error("the request is not UTF-8 from byte {valid_up_to} on")]
    NotUtf8 {
        /// Offset of the first bad byte.
        valid_up_to: usize,
    },
    /// The first line is not `old <decimal>`.
    #[error("line 1: {seen:?} is not «old», one space and a decimal without leading zeroes")]
    OldSize {
        /// The line, cut to 80 characters.
        seen: String,
    },
    /// A proof line is not the base64 of 32 bytes.
    #[error("line {line}: {seen:?} is not the base64 of a 32-byte hash")]
    ProofLine {
        /// Line number, from 1.
        line: usize,
        /// The line, cut to 80 characters.
        seen: String,
    },
    /// More than [`MAX_PROOF_LINES`].
    #[error("more than {MAX_PROOF_LINES} consistency proof lines")]
    ProofTooLong,
    /// No blank line ends the proof.
    #[error("no empty line between the proof and the checkpoint")]
    NoCheckpoint,
}

impl AddCheckpoint {
    /// The request to cosign `checkpoint`, for a witness that cosigned `old_size` last. `prove` gives
    /// the consistency proof from a size to the checkpoint's.
    ///
    /// # Errors
    /// When there is no such proof.
    pub fn build(
        checkpoint: &Checkpoint,
        old_size: u64,
        prove: &(dyn Fn(u64) -> Result<Vec<Sha256>, LogError> + Sync),
    ) -> Result<Self, LogError> {
        // The empty tree is the beginning of every tree: that needs no proof.
        let proof = if old_size == 0 {
            Vec::new()
        } else {
            prove(old_size)?
        };
        let checkpoint = String::from_utf8_lossy(&checkpoint.to_bytes()).into_owned();
        Ok(Self {
            old_size,
            proof,
            checkpoint,
        })
    }

    /// Reads a request's body.
    ///
    /// # Errors
    /// [`Malformed`] for anything that is not exactly of the protocol's form. The checkpoint's own
    /// form is not looked at here.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        if body.len() > MAX_REQUEST_BYTES {
            return Err(Malformed::TooLong { seen: body.len() });
        }
        let body = std::str::from_utf8(body).map_err(|e| Malformed::NotUtf8 {
            valid_up_to: e.valid_up_to(),
        })?;
        let (first, mut rest) = body.split_once('\n').unwrap_or((body, ""));
        let old_size = first
            .strip_prefix("old ")
            .and_then(decimal)
            .ok_or_else(|| Malformed::OldSize { seen: cut(first) })?;
        let mut proof = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').ok_or(Malformed::NoCheckpoint)?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == MAX_PROOF_LINES {
                return Err(Malformed::ProofTooLong);
            }
            let hash = hash_line(line).ok_or_else(|| Malformed::ProofLine {
                line: proof.len() + 2,
                seen: cut(line),
            })?;
            proof.push(hash);
        }
        Ok(Self {
            old_size,
            proof,
            checkpoint: rest.to_owned(),
        })
    }

    /// The body as it is sent.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            body.push_str(&BASE64_STANDARD.encode(hash.as_bytes()));
            body.push('\n');
        }
        body.push('\n');
        body.push_str(&self.checkpoint);
        body
    }
}

/// A decimal without sign or leading zeroes, as every C2SP format writes numbers.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let n: u64 = text.parse().ok()?;
    (n.to_string() == text).then_some(n)
}

/// The base64 (RFC 4648 §4, with padding) of a 32-byte hash.
pub(crate) fn hash_line(line: &str) -> Option<Sha256> {
    let bytes: [u8; 32] = BASE64_STANDARD.decode(line).ok()?.try_into().ok()?;
    Some(Sha256::from_bytes(bytes))
}

fn cut(line: &str) -> String {
    line.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str =
        "centre.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAA=\n";

    #[test]
    fn the_form_of_the_protocol_is_read_and_written_back() {
        let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
        for body in [
            format!("old 0\n\n{NOTE}"),
            format!("old 20852014\n{hash}\n{hash}\n\n{NOTE}"),
        ] {
            let request = AddCheckpoint::parse(body.as_bytes()).unwrap();
            assert_eq!(request.body(), body);
            assert_eq!(request.checkpoint, NOTE);
        }
    }

    #[test]
    fn every_other_form_is_refused_with_its_place() {
        let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
        let many = format!("{hash}\n").repeat(64);
        for (body, why) in [
            (String::new(), "line 1"),
            ("old 01\n\n".into(), "line 1"),
            ("old +1\n\n".into(), "line 1"),
            ("old  1\n\n".into(), "line 1"),
            ("old 18446744073709551616\n\n".into(), "line 1"),
            ("old 1\r\n\n".into(), "line 1"),
            ("old 1".into(), "no empty line"),
            (format!("old 1\n{hash}\n"), "no empty line"),
            (format!("old 1\n{hash}\nAAAA\n\n"), "line 3"),
            (format!("old 1\n {hash}\n\n"), "line 2"),
            (
                format!("old 1\n{}\n\n", hash.replace("kaw=", "kax=")),
                "line 2",
            ),
            (format!("old 1\n{many}\n"), "more than 63"),
            ("x".repeat(MAX_REQUEST_BYTES + 1), "bytes"),
        ] {
            let refused = AddCheckpoint::parse(body.as_bytes())
                .unwrap_err()
                .to_string();
            assert!(refused.contains(why), "{refused} for {:?}", cut(&body));
        }
        assert!(matches!(
            AddCheckpoint::parse(b"old 1\n\xff"),
            Err(Malformed::NotUtf8 { valid_up_to: 6 })
        ));
    }
}
