//! A log in memory, without files, that can misbehave as no honest log could.

use tlog_tiles::{Hash, HashReader, prove_tree, stored_hashes, tree_hash};
use truceline_domain::Sha256;
use truceline_record::log::{Checkpoint, LogError, TreeHead};
use truceline_record::witness::AddCheckpoint;
use truceline_record::{Algorithm, SignerKey};

pub(crate) const ORIGIN: &str = "log.example/line";

pub(crate) struct Tree {
    pub(crate) key: SignerKey,
    pub(crate) leaves: Vec<Vec<u8>>,
    hashes: Hashes,
}

struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes
            .iter()
            .map(|&i| self.0[usize::try_from(i).unwrap()])
            .collect())
    }
}

impl Tree {
    pub(crate) fn of(leaves: impl IntoIterator<Item = String>) -> Self {
        let key = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, &[0x11; 32]).unwrap();
        let mut tree = Self {
            key,
            leaves: Vec::new(),
            hashes: Hashes(Vec::new()),
        };
        for leaf in leaves {
            tree.push(leaf.into_bytes());
        }
        tree
    }

    pub(crate) fn honest(size: usize) -> Self {
        Self::of((0..size).map(|i| format!("entry {i}")))
    }

    /// The same as the honest tree up to `same`, another one from there on.
    pub(crate) fn forked(same: usize, size: usize) -> Self {
        Self::of((0..size).map(|i| format!("{} {i}", if i < same { "entry" } else { "forged" })))
    }

    pub(crate) fn push(&mut self, leaf: Vec<u8>) {
        let new = stored_hashes(self.leaves.len() as u64, &leaf, &self.hashes).unwrap();
        self.hashes.0.extend(new);
        self.leaves.push(leaf);
    }

    pub(crate) fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub(crate) fn checkpoint_at(&self, size: u64) -> Checkpoint {
        let root = Sha256::from_bytes(tree_hash(size, &self.hashes).unwrap().0);
        Checkpoint::sign(TreeHead::new(ORIGIN, size, root), &self.key).unwrap()
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_at(self.size())
    }

    pub(crate) fn prove(&self, old: u64, new: u64) -> Result<Vec<Sha256>, LogError> {
        let refused = |_| LogError::OutOfRange {
            asked: old,
            size: new,
        };
        let proof = prove_tree(new, old, &self.hashes).map_err(refused)?;
        Ok(proof.into_iter().map(|h| Sha256::from_bytes(h.0)).collect())
    }

    /// The request from `old` to `new`, as an honest log would write it.
    pub(crate) fn request(&self, old: u64, new: u64) -> String {
        let checkpoint = self.checkpoint_at(new);
        AddCheckpoint::build(&checkpoint, old, &|old| self.prove(old, new))
            .unwrap()
            .body()
    }
}
