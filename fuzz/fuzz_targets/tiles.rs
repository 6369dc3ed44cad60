//! What a stranger may put where a log's files are expected: a checkpoint, an entry bundle, an entry,
//! a proof, keys. Whatever is taken writes itself back byte for byte.
//!
//! The first byte chooses the parser, so that one corpus serves them all.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_domain::Sha256;
use truceline_record::log::proof::{check_consistency, check_inclusion, leaf_hash, root_of};
use truceline_record::log::{Coordinates, Kind, MAX_TREE_SIZE, entry_bundle};
use truceline_record::{Checkpoint, Entry, MAX_ENTRY_BYTES, SignerKey, VerifierKey, Vkeys};

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    match choice % 6 {
        0 => checkpoint(bytes),
        1 => bundle(bytes),
        2 => entry(bytes),
        3 => proofs(bytes),
        4 => keys(bytes),
        _ => coordinates(bytes),
    }
});

fn checkpoint(bytes: &[u8]) {
    let Ok(checkpoint) = Checkpoint::parse(bytes) else {
        return;
    };
    assert!(checkpoint.head().size <= MAX_TREE_SIZE);
    assert!(!checkpoint.signatures().is_empty());
    assert_eq!(
        checkpoint.to_bytes(),
        bytes,
        "what is signed is what was understood"
    );
}

fn bundle(bytes: &[u8]) {
    let (entries, fault) = entry_bundle::split(bytes);
    assert!(entries.len() <= 256);
    let mut again = Vec::new();
    for entry in &entries {
        assert!(entry_bundle::push(&mut again, entry));
    }
    assert!(bytes.starts_with(&again));
    match fault {
        None => assert_eq!(again.len(), bytes.len()),
        Some(fault) => assert_eq!((fault.entry, fault.offset), (entries.len(), again.len())),
    }
}

fn entry(bytes: &[u8]) {
    let Ok(entry) = Entry::from_bytes(bytes) else {
        return;
    };
    assert!(bytes.len() <= MAX_ENTRY_BYTES);
    assert_eq!(
        entry.to_bytes().expect("it was read"),
        bytes,
        "an entry has one form"
    );
}

/// A small tree, and a proof that is as long as the input.
fn proofs(bytes: &[u8]) {
    let Some(([size, index, ..], rest)) = bytes.split_first_chunk::<4>().map(|(a, b)| (*a, b))
    else {
        return;
    };
    let leaves: Vec<Sha256> = (0..=size).map(|n| leaf_hash(&[n])).collect();
    let (size, index) = (leaves.len() as u64, u64::from(index));
    let root = root_of(&leaves).expect("it has leaves");
    let proof: Vec<Sha256> = rest
        .as_chunks::<32>()
        .0
        .iter()
        .map(|hash| Sha256::from_bytes(*hash))
        .collect();
    // The leaf is not in the tree, so no proof that anybody can find leads from it to the root.
    let stranger = leaf_hash(b"stranger");
    assert!(check_inclusion(&proof, size, &root, index, &stranger).is_err());
    assert!(check_inclusion(&proof, u64::MAX, &root, index, &stranger).is_err());
    assert!(check_consistency(&proof, index, &stranger, size, &root).is_err());
}

fn keys(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string().to_lowercase(), text.to_lowercase());
    }
    if let Ok(key) = text.parse::<SignerKey>() {
        assert_eq!(key.to_secret_text().to_lowercase(), text.to_lowercase());
    }
    if let Ok(vkeys) = Vkeys::parse(text, "vkeys".as_ref()) {
        assert_eq!(
            Vkeys::parse(&vkeys.to_text(), "vkeys".as_ref()).expect("its own text"),
            vkeys
        );
    }
}

fn coordinates(bytes: &[u8]) {
    let Some((index, rest)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let Some((size, rest)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let (index, size) = (u64::from_be_bytes(*index), u64::from_be_bytes(*size));
    let kind = rest
        .first()
        .map_or(Kind::Entries, |level| Kind::Hashes(*level));
    if let Some(tile) = Coordinates::in_tree(kind, index, size) {
        assert!((1..=256).contains(&tile.width) && tile.end() <= size);
        assert!(tile.to_string().starts_with("tile/") && !tile.to_string().contains(".."));
    }
}
