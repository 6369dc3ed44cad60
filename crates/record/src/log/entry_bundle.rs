//! Entry bundles: up to 256 entries, each after its length as big-endian uint16 (C2SP tlog-tiles).

use super::coordinates::FULL_WIDTH;

/// A bundle that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry} of the bundle, byte {offset}: {reason}")]
pub struct BundleError {
    /// Which entry of the bundle, from 0.
    pub entry: usize,
    /// Where in the file.
    pub offset: usize,
    /// What was seen.
    pub reason: &'static str,
}

/// Appends one entry. The caller has made sure that it is at most 65,535 bytes: longer ones are cut
/// by the length's type, so this returns false and appends nothing.
#[must_use]
pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(length) = u16::try_from(entry.len()) else {
        return false;
    };
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    true
}

/// The entries of a bundle, in order, and the first fault if there is one.
pub fn split(bundle: &[u8]) -> (Vec<&[u8]>, Option<BundleError>) {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        let fault = |reason| {
            Some(BundleError {
                entry: entries.len(),
                offset: bundle.len() - rest.len(),
                reason,
            })
        };
        if entries.len() == usize::from(FULL_WIDTH) {
            return (entries.clone(), fault("more than 256 entries"));
        }
        let Some((length, after)) = rest.split_first_chunk::<2>() else {
            return (entries.clone(), fault("the length ends early"));
        };
        let Some((entry, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        else {
            return (entries.clone(), fault("the entry ends early"));
        };
        entries.push(entry);
        rest = after;
    }
    (entries, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_split() {
        let mut bundle = Vec::new();
        assert!(
            push(&mut bundle, b"one") && push(&mut bundle, b"") && push(&mut bundle, &[7; 65_535])
        );
        assert!(!push(&mut bundle, &[7; 65_536]));
        let (entries, fault) = split(&bundle);
        assert_eq!((entries.len(), entries[0], fault), (3, &b"one"[..], None));
    }

    #[test]
    fn a_torn_bundle_gives_what_is_whole() {
        let mut bundle = Vec::new();
        assert!(push(&mut bundle, b"one") && push(&mut bundle, b"two"));
        for cut in 6..bundle.len() {
            let (entries, fault) = split(&bundle[..cut]);
            assert_eq!(
                (entries, fault.unwrap().offset),
                (vec![&b"one"[..]], 5),
                "{cut}"
            );
        }
        let (entries, fault) = split(&[0; 2 * 257]);
        assert_eq!(
            (entries.len(), fault.unwrap().reason),
            (256, "more than 256 entries")
        );
    }
}
