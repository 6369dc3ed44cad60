//! A checkpoint: the log's signed statement of its size and root (C2SP tlog-checkpoint in a C2SP
//! signed-note). The formats are read and written by the crates `tlog_tiles` and `signed_note`.

use signed_note::{Note, Signature};
use tlog_tiles::Hash;
use truceline_domain::Sha256;

use super::LogError;
use crate::key::{SignerKey, VerifierKey};

/// More than that no log of ours reaches (a million entries a second for nine years); the bound
/// keeps hostile sizes away from the arithmetic of trees.
pub const MAX_TREE_SIZE: u64 = 1 << 48;

/// The root of the tree without entries (RFC 6962 §2.1): SHA-256 of nothing.
pub const EMPTY_ROOT: Sha256 = Sha256::from_bytes(tlog_tiles::EMPTY_HASH.0);

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// The log's name.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The Merkle tree hash over them (RFC 6962 §2.1).
    pub root: Sha256,
    /// Lines after the root, each with its newline; this log writes none.
    pub extension: String,
}

impl TreeHead {
    /// The head of `origin`'s tree of `size` entries.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Sha256) -> Self {
        Self {
            origin: origin.to_owned(),
            size,
            root,
            extension: String::new(),
        }
    }

    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!(
            "{}\n{}\n{}\n{}",
            self.origin,
            self.size,
            Hash(*self.root.as_bytes()),
            self.extension
        )
    }

    /// Reads the text that is signed.
    ///
    /// # Errors
    /// When it is no checkpoint text or speaks of more than 2^48 entries.
    pub fn parse(text: &[u8]) -> Result<Self, LogError> {
        let parsed = tlog_tiles::Checkpoint::from_bytes(text).map_err(|_| {
            LogError::Checkpoint("expected the lines origin, size and base64 root".into())
        })?;
        if parsed.size() > MAX_TREE_SIZE {
            return Err(LogError::Checkpoint(format!(
                "a size of {}, at most 2^48",
                parsed.size()
            )));
        }
        let head = Self {
            origin: parsed.origin().to_owned(),
            size: parsed.size(),
            root: Sha256::from_bytes(parsed.hash().0),
            extension: parsed.extension().to_owned(),
        };
        if head.size == 0 && head.root != EMPTY_ROOT {
            return Err(LogError::Checkpoint(
                "a root of no entries that is not SHA-256 of nothing".into(),
            ));
        }
        // What was parsed writes itself back, so that a signature is over what was understood.
        if head.to_text().as_bytes() != text {
            return Err(LogError::Checkpoint(
                "lines that do not write themselves back".into(),
            ));
        }
        Ok(head)
    }
}

/// A tree head with the signature lines under it.
#[derive(Debug)]
pub struct Checkpoint {
    head: TreeHead,
    signatures: Vec<Signature>,
}

impl Clone for Checkpoint {
    fn clone(&self) -> Self {
        Self {
            head: self.head.clone(),
            signatures: self.signatures.clone(),
        }
    }
}

impl Checkpoint {
    /// The head with the log's own signature.
    ///
    /// # Errors
    /// When the key's name is not the origin.
    pub fn sign(head: TreeHead, key: &SignerKey) -> Result<Self, LogError> {
        if key.name() != head.origin {
            let reason = format!(
                "the key {} signs for the origin {}",
                key.name(),
                head.origin
            );
            return Err(LogError::Checkpoint(reason));
        }
        let signature = key.sign(head.to_text().as_bytes()).to_vec();
        let line = Signature::new(key.name().to_owned(), key.verifier().id(), signature)
            .map_err(|error| LogError::Checkpoint(error.to_string()))?;
        Ok(Self {
            head,
            signatures: vec![line],
        })
    }

    /// Reads a signed checkpoint. Its signatures are not verified by this.
    ///
    /// # Errors
    /// When it is no signed note or its text no checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        let refused = |what: &str| LogError::Checkpoint(format!("{what} in {} bytes", bytes.len()));
        let note = Note::from_bytes(bytes).map_err(|_| refused("no signed note"))?;
        let head = TreeHead::parse(note.text())?;
        // `signed_note` keeps its signatures to itself; the lines after the last empty one are they.
        let lines = bytes.get(note.text().len() + 1..).unwrap_or_default();
        let signatures: Vec<Signature> = lines
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| {
                Signature::from_bytes(line).map_err(|_| refused("a malformed signature line"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { head, signatures })
    }

    /// The signed note.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.to_text().into_bytes();
        bytes.push(b'\n');
        for signature in &self.signatures {
            bytes.extend_from_slice(&signature.to_bytes());
        }
        bytes
    }

    /// What it says.
    #[must_use]
    pub fn head(&self) -> &TreeHead {
        &self.head
    }

    /// The signature lines, the log's own first when this log wrote it.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Checks that the log `key` signed it.
    ///
    /// # Errors
    /// When the origin is another or no line of `key` holds.
    pub fn check_log_key(&self, key: &VerifierKey) -> Result<(), LogError> {
        if self.head.origin != key.name() {
            let reason = format!("origin {:?}, expected {:?}", self.head.origin, key.name());
            return Err(LogError::Checkpoint(reason));
        }
        let text = self.head.to_text();
        let mut own = self
            .signatures
            .iter()
            .filter(|s| s.name() == key.name() && s.id() == key.id());
        if own.any(|line| signed_note::Verifier::verify(key, text.as_bytes(), line.signature())) {
            return Ok(());
        }
        Err(LogError::Checkpoint(format!("no signature by {key} holds")))
    }

    /// The same with `more` signature lines; a line of the same key takes the place of an older one.
    #[must_use]
    pub fn with_signatures(mut self, more: &[Signature]) -> Self {
        for line in more {
            self.signatures
                .retain(|old| old.name() != line.name() || old.id() != line.id());
            self.signatures.push(line.clone());
        }
        self
    }
}
