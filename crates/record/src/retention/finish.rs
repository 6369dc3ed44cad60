//! The removal of what deletions order.

use truceline_domain::Sha256;

use super::{Retention, Void};
use crate::blob::{BlobError, Blobs, Presence, Tombstone};
use crate::log::{Log, LogError};
use crate::vkeys::Vkeys;

/// What [`finish_deletions`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// Bytes that were removed now.
    pub removed: Vec<Sha256>,
    /// Entries that are void: index and reason.
    pub void: Vec<(u64, Void)>,
}

/// Why deletions could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file could not be removed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Removes what deletions of the log order and is still there. Run after a deletion was appended and
/// whenever a record is opened for writing: it is the same work, so that a crash between is nothing
/// special.
///
/// # Errors
/// When the log cannot be read or a file cannot be removed; what was removed before stays removed, and
/// running it again goes on.
pub fn finish_deletions(
    log: &Log,
    vkeys: &Vkeys,
    blobs: &Blobs,
) -> Result<Finished, RetentionError> {
    let mut retention = Retention::new();
    let mut finished = Finished::default();
    for leaf in log.entries(0).verified() {
        let leaf = leaf?;
        if let Err(void) = retention.take(leaf.index, &leaf.entry()?, vkeys) {
            finished.void.push((leaf.index, void));
        }
    }
    let mut deletions: Vec<(Sha256, Tombstone)> = retention.deletions().collect();
    deletions.sort_unstable_by_key(|(sha256, tombstone)| (tombstone.index, *sha256));
    for (sha256, tombstone) in deletions {
        // A hold that came after the deletion and before the bytes went still saves them.
        if retention.held(&sha256).is_some() {
            continue;
        }
        if let Presence::Present { .. } = blobs.presence(&sha256)? {
            blobs.bury(&sha256, &tombstone)?;
            finished.removed.push(sha256);
        }
    }
    Ok(finished)
}
