//! The journal: commits since the log's files were last made durable. It lies beside the log, is
//! not served, and is the one file that is synced before an entry is acknowledged.
//!
//! It is a sequence of frames:
//!
//! ```text
//! "TLJ1"                    4 bytes
//! length of the payload     uint32, big-endian
//! SHA-256 of the payload    32 bytes
//! payload:
//!   index of the first entry  uint64, big-endian
//!   number of entries         uint32, big-endian
//!   the entries               each after its length as big-endian uint16, as in an entry bundle
//!   the checkpoint            the signed note of the tree with these entries, to the end
//! ```
//!
//! The first frame begins at a multiple of 256: it holds the last bundle's entries again, so that
//! whatever the disk does to the newest files of the log, they can be written anew. Each further
//! frame is one commit.

use super::checkpoint::Checkpoint;
use super::entry_bundle;

const MAGIC: &[u8; 4] = b"TLJ1";
const HEAD_BYTES: usize = 4 + 4 + 32;

/// No frame is longer; a length above it is damage.
pub(super) const MAX_PAYLOAD_BYTES: usize = 64 << 20;

/// One frame.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The index of the first entry.
    pub(crate) first: u64,
    /// The entries' canonical bytes.
    pub(crate) entries: Vec<Vec<u8>>,
    /// The tree with them.
    pub(crate) checkpoint: Checkpoint,
}

/// The bytes of a frame whose `count` entries are already laid out as in a bundle.
pub(super) fn frame_bytes(
    first: u64,
    count: u32,
    entries: &[u8],
    checkpoint: &Checkpoint,
) -> Vec<u8> {
    let note = checkpoint.to_bytes();
    let mut payload = Vec::with_capacity(12 + entries.len() + note.len());
    payload.extend_from_slice(&first.to_be_bytes());
    payload.extend_from_slice(&count.to_be_bytes());
    payload.extend_from_slice(entries);
    payload.extend_from_slice(&note);
    let mut frame = Vec::with_capacity(HEAD_BYTES + payload.len());
    frame.extend_from_slice(MAGIC);
    frame.extend_from_slice(
        &u32::try_from(payload.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    frame.extend_from_slice(truceline_domain::Sha256::of(&payload).as_bytes());
    frame.extend_from_slice(&payload);
    frame
}

/// The frames of a journal that are whole, and how many bytes they take. What comes after is the
/// torn rest of a commit that nobody was told of.
pub(crate) fn read(journal: &[u8]) -> (Vec<Frame>, usize) {
    let mut frames: Vec<Frame> = Vec::new();
    let mut rest = journal;
    while let Some((frame, after)) = read_frame(rest) {
        let follows = match frames.last() {
            None => frame.first % 256 == 0,
            Some(before) => before.checkpoint.head().size == frame.first,
        };
        if !follows {
            break;
        }
        frames.push(frame);
        rest = after;
    }
    (frames, journal.len() - rest.len())
}

fn read_frame(bytes: &[u8]) -> Option<(Frame, &[u8])> {
    let (magic, bytes) = bytes.split_first_chunk::<4>()?;
    let (length, bytes) = bytes.split_first_chunk::<4>()?;
    let (digest, bytes) = bytes.split_first_chunk::<32>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if magic != MAGIC || length > MAX_PAYLOAD_BYTES {
        return None;
    }
    let (payload, after) = bytes.split_at_checked(length)?;
    if truceline_domain::Sha256::of(payload).as_bytes() != digest {
        return None;
    }
    let (first, payload) = payload.split_first_chunk::<8>()?;
    let (count, mut payload) = payload.split_first_chunk::<4>()?;
    let mut entries = Vec::new();
    for _ in 0..u32::from_be_bytes(*count) {
        let (length, rest) = payload.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        payload = rest;
    }
    let checkpoint = Checkpoint::parse(payload).ok()?;
    let first = u64::from_be_bytes(*first);
    let whole = first.checked_add(entries.len() as u64) == Some(checkpoint.head().size);
    whole.then_some((
        Frame {
            first,
            entries,
            checkpoint,
        },
        after,
    ))
}

/// Lays entries out as a frame holds them.
pub(super) fn lay_out<'a>(entries: impl Iterator<Item = &'a [u8]>) -> (u32, Vec<u8>) {
    let mut bytes = Vec::new();
    let count = entries
        .filter(|entry| entry_bundle::push(&mut bytes, entry))
        .count();
    (u32::try_from(count).unwrap_or(u32::MAX), bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{EMPTY_ROOT, TreeHead};
    use super::*;
    use crate::key::{Algorithm, SignerKey};

    fn journal() -> Vec<u8> {
        let key = SignerKey::from_seed("o", Algorithm::Ed25519, &[1; 32]).unwrap();
        let mut bytes = Vec::new();
        let mut size = 0;
        for entries in [vec![], vec![&b"a"[..], b"b"], vec![b"c"]] {
            let (count, laid_out) = lay_out(entries.iter().copied());
            let head = TreeHead::new(
                "o",
                size + u64::from(count),
                match count {
                    0 => EMPTY_ROOT,
                    _ => super::super::proof::leaf_hash(b"any"),
                },
            );
            let checkpoint = Checkpoint::sign(head, &key).unwrap();
            bytes.extend(frame_bytes(size, count, &laid_out, &checkpoint));
            size += u64::from(count);
        }
        bytes
    }

    #[test]
    fn frames_come_back_in_order() {
        let bytes = journal();
        let (frames, length) = read(&bytes);
        let entries: Vec<usize> = frames.iter().map(|frame| frame.entries.len()).collect();
        assert_eq!((entries, length), (vec![0, 2, 1], bytes.len()));
    }

    #[test]
    fn a_cut_or_flipped_frame_ends_the_journal_before_it() {
        let bytes = journal();
        let frame_ends: Vec<usize> = (0..=bytes.len())
            .filter(|&n| read(&bytes[..n]).1 == n)
            .collect();
        assert_eq!(frame_ends.len(), 4, "0 and the three frames' ends");
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            let before = frame_ends.iter().rfind(|&&end| end <= at).unwrap();
            assert_eq!(read(&flipped).1, *before, "byte {at}");
        }
        let mut gap = bytes[..frame_ends[1]].to_vec();
        gap.extend_from_slice(&bytes[frame_ends[2]..]);
        assert_eq!(read(&gap).1, frame_ends[1], "a frame that does not follow");
    }
}
