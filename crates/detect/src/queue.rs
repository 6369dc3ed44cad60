//! What lies between a feed and its watcher, and never makes the feed wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use truceline_domain::Observation;
use truceline_intake::fmv::AccessUnit;

/// Most access units held: a second of video at 30 pictures a second and a picture group of two.
const MOST_UNITS: usize = 90;
/// Most bytes held.
const MOST_BYTES: usize = 16 << 20;

/// One thing for a watcher.
#[derive(Debug, Clone)]
pub enum Offered {
    /// A coded picture.
    Unit(Arc<AccessUnit>),
    /// An `fmv.metadata` observation.
    Metadata(Arc<Observation>),
    /// So many coded pictures were let go before what comes next.
    Skipped(u64),
}

/// A queue that holds the latest only: when its reader falls behind, all is let go up to the next random access point, and
/// the reader told how much. Shared by clones of one `Arc`.
///
/// Owner of what lies within: the lock, held for no longer than a push or a pop takes.
#[derive(Debug, Default)]
pub struct Queue {
    inner: Mutex<Inner>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Offered>,
    units: usize,
    bytes: usize,
    /// Let go since the last that was held.
    skipped: u64,
    /// Everything is let go until a random access point comes.
    skipping: bool,
    closed: bool,
}

impl Queue {
    /// Offers a coded picture. Never waits for the reader.
    pub fn offer_unit(&self, unit: Arc<AccessUnit>) {
        let mut inner = self.lock();
        if inner.closed {
            return;
        }
        let full = inner.units >= MOST_UNITS || inner.bytes + unit.units.len() > MOST_BYTES;
        if full {
            inner.let_go();
        }
        if inner.skipping && !unit.random_access {
            inner.skipped += 1;
            return;
        }
        inner.skipping = false;
        let skipped = std::mem::take(&mut inner.skipped);
        if skipped > 0 {
            inner.waiting.push_back(Offered::Skipped(skipped));
        }
        inner.units += 1;
        inner.bytes += unit.units.len();
        inner.waiting.push_back(Offered::Unit(unit));
        drop(inner);
        self.filled.notify_one();
    }

    /// Offers metadata. While pictures are let go, so is metadata.
    pub fn offer_metadata(&self, observation: Arc<Observation>) {
        let mut inner = self.lock();
        // As many packets as pictures and then some: a feed of metadata alone does not fill the memory.
        if !inner.closed && !inner.skipping && inner.waiting.len() < 4 * MOST_UNITS {
            inner.waiting.push_back(Offered::Metadata(observation));
            drop(inner);
            self.filled.notify_one();
        }
    }

    /// The feed ends: the reader gets what is held, then nothing.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Whether nothing comes any more and nothing is held.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let inner = self.lock();
        inner.closed && inner.waiting.is_empty()
    }

    /// Takes the next, waiting at most so long. `None` when there is none.
    #[must_use]
    pub fn take(&self, patience: Duration) -> Option<Offered> {
        let empty = |inner: &mut Inner| inner.waiting.is_empty() && !inner.closed;
        let waited = self.filled.wait_timeout_while(self.lock(), patience, empty);
        let (mut inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let next = inner.waiting.pop_front();
        if let Some(Offered::Unit(unit)) = &next {
            inner.units -= 1;
            inner.bytes -= unit.units.len();
        }
        next
    }

    /// A reader that panicked leaves the queue whole: nothing is done under the lock that can stop half way.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn let_go(&mut self) {
        for held in self.waiting.drain(..) {
            self.skipped += match held {
                Offered::Unit(_) => 1,
                Offered::Skipped(n) => n,
                Offered::Metadata(_) => 0,
            };
        }
        self.units = 0;
        self.bytes = 0;
        self.skipping = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truceline_intake::fmv::Codec;

    fn unit(n: u64, random_access: bool, bytes: usize) -> Arc<AccessUnit> {
        Arc::new(AccessUnit {
            pid: 256,
            program: 1,
            codec: Codec::H264,
            pts_90k: Some(n),
            dts_90k: Some(n),
            cut_offset: None,
            random_access,
            damaged: false,
            units: vec![0; bytes],
        })
    }

    fn taken(queue: &Queue) -> Vec<String> {
        let mut all = vec![];
        while let Some(next) = queue.take(Duration::ZERO) {
            all.push(match next {
                Offered::Unit(unit) => unit.pts_90k.unwrap().to_string(),
                Offered::Skipped(n) => format!("skipped {n}"),
                Offered::Metadata(_) => "metadata".to_owned(),
            });
        }
        all
    }

    #[test]
    fn who_falls_behind_goes_on_at_a_random_access_point() {
        let queue = Queue::default();
        for n in 0..200 {
            queue.offer_unit(unit(n, n % 50 == 0, 10));
        }
        // The 91st finds it full: all are let go up to the point at 100; so are those from there on when the one at 190 comes.
        assert_eq!(taken(&queue), [""; 0]);
        queue.offer_unit(unit(200, true, 10));
        assert_eq!(taken(&queue), ["skipped 200", "200"]);
    }

    #[test]
    fn bytes_are_bounded_and_the_end_is_told() {
        let queue = Queue::default();
        for n in 0..4 {
            queue.offer_unit(unit(n, true, 6 << 20));
        }
        assert_eq!(taken(&queue), ["skipped 2", "2", "3"]);
        queue.offer_unit(unit(4, true, 10));
        queue.close();
        queue.offer_unit(unit(5, true, 10));
        assert!(!queue.is_over());
        assert_eq!(taken(&queue), ["4"]);
        assert!(queue.is_over());
    }
}
