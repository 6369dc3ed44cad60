//! RFC 6962 hashes and proofs, in the record's types. The arithmetic is that of `tlog_tiles`, the
//! port of Go's `golang.org/x/mod/sumdb/tlog`.

use tlog_tiles::Hash;
use truceline_domain::Sha256;

use super::LogError;
use super::checkpoint::{EMPTY_ROOT, MAX_TREE_SIZE};

/// More hashes than a proof in a tree of 2^48 entries can have (RFC 6962 §2.1.2).
const MAX_PROOF_HASHES: usize = 64;

/// The hash of a leaf: SHA-256(0x00 || entry) (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Sha256 {
    from_hash(tlog_tiles::record_hash(entry))
}

/// The hash of an inner node: SHA-256(0x01 || left || right) (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Sha256, right: &Sha256) -> Sha256 {
    from_hash(tlog_tiles::node_hash(to_hash(left), to_hash(right)))
}

/// The Merkle tree hash over `leaves`, each of which may itself be the root of a perfect tree of
/// the same size, the last one of any smaller tree (RFC 6962 §2.1). None for no leaves.
#[must_use]
pub fn root_of(leaves: &[Sha256]) -> Option<Sha256> {
    match leaves {
        [] => None,
        [one] => Some(*one),
        more => {
            // The largest power of two smaller than their number.
            let left = more.len().next_power_of_two() / 2;
            let (left, right) = more.split_at(left);
            Some(node_hash(&root_of(left)?, &root_of(right)?))
        }
    }
}

/// Checks that the tree of `size` entries with the root `root` has the leaf `leaf` at `index`.
///
/// # Errors
/// When it does not follow from the proof.
pub fn check_inclusion(
    proof: &[Sha256],
    size: u64,
    root: &Sha256,
    index: u64,
    leaf: &Sha256,
) -> Result<(), LogError> {
    if size > MAX_TREE_SIZE || index >= size {
        return Err(LogError::OutOfRange { asked: index, size });
    }
    let path = hashes(proof).ok_or(LogError::Proof("inclusion"))?;
    tlog_tiles::check_record(&path, size, to_hash(root), index, to_hash(leaf))
        .map_err(|_| LogError::Proof("inclusion"))
}

/// Checks that the tree of `new_size` entries begins with the tree of `old_size`.
/// A tree of no entries is the beginning of every tree, proven by an empty proof.
///
/// # Errors
/// When it does not follow from the proof.
pub fn check_consistency(
    proof: &[Sha256],
    old_size: u64,
    old_root: &Sha256,
    new_size: u64,
    new_root: &Sha256,
) -> Result<(), LogError> {
    const FAILED: LogError = LogError::Proof("consistency");
    if new_size > MAX_TREE_SIZE || old_size > new_size {
        return Err(LogError::OutOfRange {
            asked: old_size,
            size: new_size,
        });
    }
    if old_size == 0 {
        let holds = proof.is_empty() && *old_root == EMPTY_ROOT;
        return if holds { Ok(()) } else { Err(FAILED) };
    }
    let path = hashes(proof).ok_or(FAILED)?;
    tlog_tiles::check_tree(
        &path,
        new_size,
        to_hash(new_root),
        old_size,
        to_hash(old_root),
    )
    .map_err(|_| FAILED)
}

fn hashes(proof: &[Sha256]) -> Option<Vec<Hash>> {
    (proof.len() <= MAX_PROOF_HASHES).then(|| proof.iter().map(to_hash).collect())
}

pub(crate) fn to_hash(digest: &Sha256) -> Hash {
    Hash(*digest.as_bytes())
}

pub(crate) fn from_hash(hash: Hash) -> Sha256 {
    Sha256::from_bytes(hash.0)
}
