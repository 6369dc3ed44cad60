//! The entries and tiles of a log, every byte of them, up to the root.
//!
//! Workers take one entry bundle after another: they hash its entries, compare the level-0 tile, read
//! each entry and give back what later checks need. The levels above are small and are compared when
//! all bundles are done. Nothing is believed before it leads to the root.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

use truceline_domain::Sha256;

use super::report::{FaultKind, Report};
use super::{Progress, meaning, read_file};
use crate::entry::Entry;
use crate::log::proof::{leaf_hash, root_of};
use crate::log::{Coordinates, EMPTY_ROOT, FULL_WIDTH, Kind, MAX_LEVEL, TreeHead, entry_bundle};

/// Bundles that may be done and not yet taken: what bounds the memory.
const AHEAD: usize = 64;

/// Longest entry bundle: 256 entries of 65,535 bytes with their lengths.
pub(super) const MAX_BUNDLE_BYTES: u64 = 256 * (2 + 65_535);

/// After so many missing bundles nobody needs to hear of the others.
const MAX_LOST: u64 = 100;

/// Stands for the root of a bundle that has none; no bytes hash to it.
const NO_ROOT: Sha256 = Sha256::from_bytes([0; 32]);

/// One entry bundle, checked.
struct Bundle {
    number: u64,
    /// Leaf hashes of its entries.
    leaves: Vec<Sha256>,
    /// Its entries in order, `None` where one is not in its one form.
    entries: Vec<Option<Entry>>,
    faults: Vec<(FaultKind, String, String)>,
}

/// Checks the tree under `head` in `folder` and hands each entry to `each`, in order.
pub(super) fn check(
    report: &mut Report,
    folder: &Path,
    head: &TreeHead,
    threads: usize,
    progress: &dyn Fn(Progress),
    each: &mut dyn FnMut(&mut Report, u64, &Entry),
) {
    let width = u64::from(FULL_WIDTH);
    let bundles = head.size.div_ceil(width);
    let next = AtomicU64::new(0);
    let lost = AtomicU64::new(0);
    let mut roots = Vec::new();
    let mut rest = Vec::new();
    std::thread::scope(|scope| {
        let (done, taken) = sync_channel::<Bundle>(AHEAD);
        for _ in 0..threads.max(1) {
            let (done, next, lost) = (done.clone(), &next, &lost);
            scope.spawn(move || {
                // A checkpoint can claim 2^48 entries over an empty folder.
                while lost.load(Ordering::Relaxed) < MAX_LOST {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= bundles {
                        break;
                    }
                    let bundle = read_bundle(folder, head.size, number);
                    if bundle.leaves.is_empty() {
                        lost.fetch_add(1, Ordering::Relaxed);
                    }
                    if done.send(bundle).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        let mut waiting = BTreeMap::new();
        let mut number = 0;
        for bundle in taken {
            waiting.insert(bundle.number, bundle);
            while let Some(bundle) = waiting.remove(&number) {
                number += 1;
                report.counts.tiles += 2;
                for (kind, place, why) in bundle.faults {
                    report.fault(kind, place, why);
                }
                let first = bundle.number * width;
                for (index, entry) in (first..).zip(&bundle.entries) {
                    if let Some(entry) = entry {
                        each(report, index, entry);
                    }
                }
                if bundle.number < head.size / width {
                    // A bundle that is not whole keeps its place among the roots, with none.
                    let whole = bundle.leaves.len() == usize::from(FULL_WIDTH);
                    roots.push(root_of(&bundle.leaves).filter(|_| whole).unwrap_or(NO_ROOT));
                } else {
                    rest = bundle.leaves;
                }
                progress(Progress::Entries {
                    done: (number * width).min(head.size),
                    total: head.size,
                });
            }
        }
    });
    if lost.into_inner() >= MAX_LOST {
        let why = format!(
            "of {} entries, and {MAX_LOST} entry bundles or more are missing",
            head.size
        );
        return report.fault(FaultKind::Tree, "log/checkpoint", why);
    }
    check_upper(report, folder, head, roots, rest);
}

/// Reads and checks the bundle `number` and the tile over it.
fn read_bundle(folder: &Path, size: u64, number: u64) -> Bundle {
    let mut bundle = Bundle {
        number,
        leaves: Vec::new(),
        entries: Vec::new(),
        faults: Vec::new(),
    };
    let Some(tile) = Coordinates::in_tree(Kind::Entries, number, size) else {
        return bundle;
    };
    let place = format!("log/{tile}");
    let bytes = match read_tile(folder, tile, MAX_BUNDLE_BYTES) {
        Ok((bytes, _)) => bytes,
        Err(why) => {
            bundle.faults.push((FaultKind::Tree, place, why));
            return bundle;
        }
    };
    let (mut entries, fault) = entry_bundle::split(&bytes);
    entries.truncate(usize::from(tile.width));
    if entries.len() < usize::from(tile.width) {
        let why = fault.map_or_else(
            || format!("{} entries, expected {}", entries.len(), tile.width),
            |fault| fault.to_string(),
        );
        bundle.faults.push((FaultKind::Tree, place.clone(), why));
    } else if let Some(fault) = fault {
        bundle
            .faults
            .push((FaultKind::Tree, place.clone(), fault.to_string()));
    }
    let first = number * u64::from(FULL_WIDTH);
    bundle.leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for (index, entry) in (first..).zip(&entries) {
        match Entry::from_bytes(entry) {
            Ok(mut entry) => {
                // What nobody will look at is freed by the thread that made it, which is much
                // cheaper than by another, and need not wait its turn in memory.
                if !meaning::reads_body_of(&entry.kind) {
                    entry.body = serde_json::Value::Null;
                }
                bundle.entries.push(Some(entry));
            }
            Err(error) => {
                bundle.entries.push(None);
                bundle.faults.push((
                    FaultKind::Entry,
                    format!("entry {index}"),
                    error.to_string(),
                ));
            }
        }
    }
    let hashes = Coordinates {
        kind: Kind::Hashes(0),
        ..tile
    };
    compare_hashes(folder, hashes, &bundle.leaves, &mut bundle.faults);
    bundle
}

/// Compares a tile with the hashes computed from what lies under it.
fn compare_hashes(
    folder: &Path,
    tile: Coordinates,
    expected: &[Sha256],
    faults: &mut Vec<(FaultKind, String, String)>,
) {
    let place = format!("log/{tile}");
    let bytes = match read_tile(folder, tile, u64::from(FULL_WIDTH) * 32) {
        Ok((bytes, stand_in)) => {
            let width = usize::from(tile.width) * 32;
            // The full tile stands in for a partial one that was tidied away.
            if stand_in {
                bytes.get(..width).unwrap_or(&bytes).to_vec()
            } else {
                bytes
            }
        }
        Err(why) => return faults.push((FaultKind::Tree, place, why)),
    };
    let (hashes, tail) = bytes.as_chunks::<32>();
    if !tail.is_empty() || hashes.len() != expected.len() {
        let why = format!("{} bytes, expected {}", bytes.len(), expected.len() * 32);
        return faults.push((FaultKind::Tree, place, why));
    }
    let wrong = hashes
        .iter()
        .zip(expected)
        .position(|(hash, expected)| hash != expected.as_bytes());
    if let Some(wrong) = wrong {
        let what = match tile.kind {
            Kind::Hashes(0) => {
                format!(
                    "entry {}",
                    tile.index * u64::from(FULL_WIDTH) + wrong as u64
                )
            }
            _ => format!("hash {wrong}"),
        };
        faults.push((
            FaultKind::Tree,
            place,
            format!("{what} does not hash to what the tile says"),
        ));
    }
}

/// Reads a tile's file, or the full one in its place; whether it was the latter comes with it.
fn read_tile(folder: &Path, tile: Coordinates, max: u64) -> Result<(Vec<u8>, bool), String> {
    let read = |tile: Coordinates| read_file(&folder.join(tile.to_string()), max);
    match read(tile) {
        Ok(bytes) => Ok((bytes, false)),
        Err(error) if error.kind() == ErrorKind::NotFound && !tile.is_full() => {
            match read(tile.full()) {
                Ok(bytes) => Ok((bytes, true)),
                Err(_) => Err("missing".to_owned()),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err("missing".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Compares the tiles above level 0 and the root. `roots` are those of the full bundles, `rest` the
/// leaves after them.
fn check_upper(
    report: &mut Report,
    folder: &Path,
    head: &TreeHead,
    roots: Vec<Sha256>,
    rest: Vec<Sha256>,
) {
    let mut faults = Vec::new();
    let width = usize::from(FULL_WIDTH);
    let mut right = root_of(&rest);
    let mut level_hashes = roots;
    for level in 1..=MAX_LEVEL {
        if level_hashes.is_empty() {
            break;
        }
        for (index, hashes) in (0_u64..).zip(level_hashes.chunks(width)) {
            let tile_width = u16::try_from(hashes.len()).unwrap_or(FULL_WIDTH);
            let tile = Coordinates {
                kind: Kind::Hashes(level),
                index,
                width: tile_width,
            };
            compare_hashes(folder, tile, hashes, &mut faults);
            report.counts.tiles += 1;
        }
        let full = level_hashes.len() / width * width;
        let (above, edge) = level_hashes.split_at(full);
        let edge: Vec<Sha256> = edge.iter().copied().chain(right).collect();
        right = root_of(&edge);
        level_hashes = above.chunks(width).filter_map(root_of).collect();
    }
    for (kind, place, why) in faults {
        report.fault(kind, place, why);
    }
    let root = right.unwrap_or(EMPTY_ROOT);
    if root != head.root {
        let why = format!("signs the root {}, the entries have {root}", head.root);
        report.fault(FaultKind::Tree, "log/checkpoint", why);
    }
}
