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
        let first = number << HEIGHT;
        let mut entries = if self.verified {
            checked(self.log, number)?
        } else {
            self.log.bundle(number)?
        };
        entries.drain(
            ..usize::try_from(self.next - first)
                .unwrap_or(0)
                .min(entries.len()),
        );
        Ok(entries)
    }
}

/// The entries of a bundle, each checked against the root.
fn checked(log: &Log, number: u64) -> Result<Vec<Vec<u8>>, LogError> {
    let entries = log.bundle(number)?;
    let first = number << HEIGHT;
    let hashes = log.hashes(0, first..first + entries.len() as u64)?;
    let wrong = entries
        .iter()
        .zip(&hashes)
        .position(|(entry, hash)| leaf_hash(entry) != *hash);
    match wrong {
        Some(wrong) => Err(log.not_in_tree(number, first + wrong as u64)),
        None => Ok(entries),
    }
}

/// The leaves at these places, each checked against the root: a bundle is read and checked once for all of its leaves
/// that follow each other.
pub(super) fn chosen<'a>(
    log: &'a Log,
    indices: impl IntoIterator<Item = u64> + 'a,
) -> impl Iterator<Item = Result<Leaf, LogError>> + 'a {
    let mut held: Option<(u64, Vec<Vec<u8>>)> = None;
    indices.into_iter().map(move |index| {
        let size = log.size();
        let none = || LogError::OutOfRange { asked: index, size };
        if index >= size {
            return Err(none());
        }
        let number = index >> HEIGHT;
        let entries = match &mut held {
            Some((held, entries)) if *held == number => entries,
            held => &mut held.insert((number, checked(log, number)?)).1,
        };
        let place = usize::try_from(index - (number << HEIGHT)).map_err(|_| none())?;
        let bytes = entries.get(place).ok_or_else(none)?.clone();
        Ok(Leaf { index, bytes })
    })
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
