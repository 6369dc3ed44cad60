//! The leaves of a log, one or all.

use truceline_domain::Sha256;

use super::coordinates::HEIGHT;
use super::error::LogError;
use super::proof::leaf_hash;
use super::reader::Log;
use crate::entry::Entry;

/// One leaf as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
}

impl Leaf {
    /// The entry that the bytes are.
    ///
    /// # Errors
    /// When they are no canonical entry.
    pub fn entry(&self) -> Result<Entry, LogError> {
        Ok(Entry::from_bytes(&self.bytes)?)
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Sha256 {
        leaf_hash(&self.bytes)
    }
}

/// The leaves of a view in order. After an error it ends.
#[derive(Debug)]
pub struct Entries<'a> {
    log: &'a Log,
    next: u64,
    bundle: std::vec::IntoIter<Vec<u8>>,
    verified: bool,
}

impl<'a> Entries<'a> {
    pub(super) fn new(log: &'a Log, from: u64) -> Self {
        Self {
            log,
            next: from,
            bundle: Vec::new().into_iter(),
            verified: false,
        }
    }

    /// The same, each leaf checked against the root.
    #[must_use]
    pub fn verified(self) -> Self {
        Self {
            verified: true,
            ..self
        }
    }

    fn load(&self) -> Result<Vec<Vec<u8>>, LogError> {
        let number = self.next >> HEIGHT;
        let mut entries = self.log.bundle(number)?;
        let first = number << HEIGHT;
        if self.verified {
            let hashes = self.log.hashes(0, first..first + entries.len() as u64)?;
            let wrong = entries
                .iter()
                .zip(&hashes)
                .position(|(entry, hash)| leaf_hash(entry) != *hash);
            if let Some(wrong) = wrong {
                return Err(self.log.not_in_tree(number, first + wrong as u64));
            }
        }
        entries.drain(
            ..usize::try_from(self.next - first)
                .unwrap_or(0)
                .min(entries.len()),
        );
        Ok(entries)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Leaf, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.log.size() {
            return None;
        }
        if self.bundle.len() == 0 {
            match self.load() {
                Ok(entries) => self.bundle = entries.into_iter(),
                Err(error) => {
                    self.next = u64::MAX;
                    return Some(Err(error));
                }
            }
        }
        let bytes = self.bundle.next()?;
        let leaf = Leaf {
            index: self.next,
            bytes,
        };
        self.next += 1;
        Some(Ok(leaf))
    }
}
