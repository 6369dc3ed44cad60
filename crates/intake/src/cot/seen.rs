//! The events of late, to tell when one comes again: networks deliver by several ways.

use std::collections::VecDeque;

use truceline_domain::{Observed, Sha256};

/// So many events are remembered.
const REMEMBERED: usize = 1024;

/// Digests of the last events, oldest first.
#[derive(Debug, Default)]
pub(super) struct Seen {
    digests: VecDeque<Sha256>,
}

impl Seen {
    /// Whether an event of this time and content is among those of late; it is from now on.
    pub(super) fn again(&mut self, observed: Option<Observed>, said: &[u8]) -> bool {
        let mut bytes = observed
            .map_or([0; 8], |o| o.unix_us().to_be_bytes())
            .to_vec();
        bytes.extend_from_slice(said);
        let digest = Sha256::of(&bytes);
        if self.digests.contains(&digest) {
            return true;
        }
        if self.digests.len() >= REMEMBERED {
            self.digests.pop_front();
        }
        self.digests.push_back(digest);
        false
    }
}
