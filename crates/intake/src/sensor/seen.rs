//! Items that come again.

use std::collections::{HashMap, VecDeque};

/// What is known of an item's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sighting {
    /// It is new.
    First,
    /// It was here before, with the same content.
    Again,
    /// It was here before, with other content.
    Changed,
}

/// Remembers the names of the last [`Seen::CAPACITY`] items and what they said, as digests: at
/// most some 20 MB. An item that comes again after more others than that counts as new; the
/// record knows it still.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    content_by_name: HashMap<u128, u64>,
    in_order: VecDeque<u128>,
}

impl Seen {
    pub(crate) const CAPACITY: usize = 1 << 18;

    /// Notes an item by its name and its content.
    pub(crate) fn note(&mut self, name: u128, content: u64) -> Sighting {
        match self.content_by_name.get(&name) {
            Some(&before) if before == content => return Sighting::Again,
            Some(_) => return Sighting::Changed,
            None => {}
        }
        if self.in_order.len() == Self::CAPACITY
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.content_by_name.remove(&oldest);
        }
        self.in_order.push_back(name);
        self.content_by_name.insert(name, content);
        Sighting::First
    }
}

/// The first 128 bits of a SHA-256: names are chosen by whoever sends the feed, so the digest must
/// be one that nobody can make collide.
pub(crate) fn digest(bytes: &[u8]) -> u128 {
    let digest = truceline_domain::Sha256::of(bytes);
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    u128::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_newest_are_known() {
        let mut seen = Seen::default();
        let all = Seen::CAPACITY as u128 + 10;
        for name in 0..all {
            assert_eq!(seen.note(name, 7), Sighting::First);
        }
        assert_eq!(seen.in_order.len(), Seen::CAPACITY);
        assert_eq!(seen.content_by_name.len(), Seen::CAPACITY);
        assert_eq!(seen.note(all - 1, 7), Sighting::Again);
        assert_eq!(seen.note(all - 1, 8), Sighting::Changed);
        assert_eq!(seen.note(0, 7), Sighting::First);
    }
}
