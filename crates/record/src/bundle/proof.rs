//! C2SP tlog-proof: that an entry is in a log, checkable offline, as text.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! index 73894
//! <base64 of a hash of the RFC 6962 inclusion proof>    zero or more lines
//!
//! <the checkpoint, a signed note>
//! ```

use base64::prelude::{BASE64_STANDARD, Engine as _};
use truceline_domain::Sha256;

/// First line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// More hashes than an inclusion proof has.
const MAX_HASHES: usize = 64;

/// A proof that an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// RFC 6962 §2.1.1, from the leaf's sibling up.
    pub hashes: Vec<Sha256>,
    /// The checkpoint as a signed note, byte for byte.
    pub checkpoint: String,
}

impl TlogProof {
    /// Reads a proof. The form's optional `extra` line is refused: a bundle has none, and nothing
    /// would vouch for it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(HEADER)?.strip_prefix("\nindex ")?;
        let (index, mut rest) = rest.split_once('\n')?;
        let index = crate::witness::decimal(index)?;
        let mut hashes = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            if line.is_empty() {
                return Some(Self {
                    index,
                    hashes,
                    checkpoint: rest.to_owned(),
                });
            }
            if hashes.len() == MAX_HASHES {
                return None;
            }
            hashes.push(crate::witness::hash_line(line)?);
        }
    }
}

impl std::fmt::Display for TlogProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{HEADER}\nindex {}\n", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", BASE64_STANDARD.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_read_and_written_back() {
        for hashes in [vec![], vec![Sha256::of(b"a"), Sha256::of(b"b")]] {
            let proof = TlogProof {
                index: 73_894,
                hashes,
                checkpoint: "o\n1\n…\n\n— o x\n".into(),
            };
            assert_eq!(TlogProof::parse(&proof.to_string()), Some(proof));
        }
        let good = "c2sp.org/tlog-proof@v1\nindex 1\n\no\n";
        assert!(TlogProof::parse(good).is_some());
        for bad in [
            "",
            "c2sp.org/tlog-proof@v2\nindex 1\n\no\n",
            "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n\no\n",
            "c2sp.org/tlog-proof@v1\nindex 01\n\no\n",
            "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\no\n",
            "c2sp.org/tlog-proof@v1\nindex 1\n",
        ] {
            assert!(TlogProof::parse(bad).is_none(), "{bad:?}");
        }
    }
}
