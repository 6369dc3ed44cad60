//! The queue between the network and whoever reads the channel of events.
//!
//! One source writes, one task forwards to the channel. Owner of all fields: the queue's lock; it
//! is never held across an await.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;

use crate::event::{Chunk, Event, Missed};

/// So many bytes wait at most for a slow reader of the channel: some thirty seconds of 4 Mb/s, the time that a full disk may take to be freed.
pub const QUEUE_BYTES: usize = 16 * 1024 * 1024;
/// Events without bytes wait in at most so many places; what would exceed them is joined or
/// dropped by kind (see [`Queue::tell`]).
const QUEUE_EVENTS: usize = 16 * 1024;
/// What an event costs beside its bytes.
const EVENT_BYTES: usize = 128;

/// The queue's writing end, and its forwarder.
#[derive(Debug)]
pub(crate) struct Queue {
    held: Mutex<Held>,
    /// Something was put in.
    filled: Notify,
    /// Something was taken out.
    drained: Notify,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct Held {
    events: VecDeque<Event>,
    bytes: usize,
    /// Bytes dropped since the last that were kept.
    dropped: u64,
    /// No more will come.
    closed: bool,
}

impl Queue {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            held: Mutex::default(),
            filled: Notify::new(),
            drained: Notify::new(),
            most_bytes,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing panics under the lock; were it so, the queue would still be whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells an event that carries no bytes. Counts of the same thing are added up while they wait.
    pub(crate) fn tell(&self, event: Event) {
        let mut held = self.held();
        if let (
            Event::Missing { what, count },
            Some(Event::Missing {
                what: last,
                count: sum,
            }),
        ) = (&event, held.events.back_mut())
            && what == last
        {
            *sum = sum.saturating_add(*count);
            return;
        }
        // A source that flaps faster than anyone reads: what it is now matters, not each change.
        if held.events.len() >= QUEUE_EVENTS {
            held.events.pop_back();
        }
        held.events.push_back(event);
        drop(held);
        self.filled.notify_one();
    }

    /// Tells bytes that came now from a source that cannot be held back; when the queue is full
    /// they are dropped, and how many is told before the next that are kept.
    pub(crate) fn offer(&self, bytes: Bytes) {
        let chunk = Chunk::now(bytes);
        if chunk.bytes.is_empty() {
            return;
        }
        let mut held = self.held();
        let cost = chunk.bytes.len() + EVENT_BYTES;
        if held.bytes + cost > self.most_bytes || held.events.len() >= QUEUE_EVENTS {
            held.dropped = held.dropped.saturating_add(chunk.bytes.len() as u64);
            return;
        }
        held.tell_dropped();
        held.bytes += cost;
        held.events.push_back(Event::Bytes(chunk));
        drop(held);
        self.filled.notify_one();
    }

    /// Tells bytes of a source that can be held back: waits while the queue is full.
    pub(crate) async fn send(&self, bytes: Bytes) {
        let cost = bytes.len() + EVENT_BYTES;
        loop {
            let drained = self.drained.notified();
            {
                let held = self.held();
                // One piece that is larger than the queue is let through when it is alone.
                if held.events.is_empty()
                    || held.bytes + cost <= self.most_bytes && held.events.len() < QUEUE_EVENTS
                {
                    break;
                }
            }
            drained.await;
        }
        if bytes.is_empty() {
            return;
        }
        let chunk = Chunk::now(bytes);
        let mut held = self.held();
        held.bytes += cost;
        held.events.push_back(Event::Bytes(chunk));
        drop(held);
        self.filled.notify_one();
    }

    /// No more will come; the forwarder ends when all is taken.
    pub(crate) fn close(&self) {
        self.held().closed = true;
        self.filled.notify_one();
    }

    /// Hands everything on until the queue is closed and empty, or nobody reads any more.
    pub(crate) async fn forward(&self, out: &Sender<Event>) {
        loop {
            let filled = self.filled.notified();
            let (event, closed) = {
                let mut held = self.held();
                let event = held.take();
                (event, held.closed)
            };
            match event {
                Some(event) => {
                    self.drained.notify_one();
                    if out.send(event).await.is_err() {
                        return;
                    }
                }
                None if closed => return,
                None => filled.await,
            }
        }
    }
}

impl Held {
    fn tell_dropped(&mut self) {
        let count = std::mem::take(&mut self.dropped);
        if count > 0 {
            let what = Missed::SlowReaderBytes;
            self.events.push_back(Event::Missing { what, count });
        }
    }

    fn take(&mut self) -> Option<Event> {
        if self.events.is_empty() {
            self.tell_dropped();
        }
        let event = self.events.pop_front();
        if let Some(Event::Bytes(chunk)) = &event {
            self.bytes = self.bytes.saturating_sub(chunk.bytes.len() + EVENT_BYTES);
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    fn bytes(n: usize) -> Bytes {
        Bytes::from(vec![7; n])
    }

    #[tokio::test]
    async fn what_a_slow_reader_costs_is_bounded_and_told() {
        let queue = Queue::new(10_000);
        (0..100).for_each(|_| queue.offer(bytes(1000)));
        assert!(queue.held().bytes <= 10_000);
        queue.close();
        let (out, mut events) = mpsc::channel(200);
        queue.forward(&out).await;
        drop(out);
        let (mut kept, mut lost) = (0, 0);
        while let Some(event) = events.recv().await {
            match event {
                Event::Bytes(chunk) => kept += chunk.bytes.len() as u64,
                Event::Missing { what, count } => {
                    assert_eq!(what, Missed::SlowReaderBytes);
                    lost += count;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((kept, kept + lost), (8000, 100_000));
    }

    #[tokio::test]
    async fn a_source_that_can_wait_loses_nothing() {
        let queue = Queue::new(3000);
        let (out, mut events) = mpsc::channel(1);
        let write = async {
            for _ in 0..50 {
                queue.send(bytes(1000)).await;
            }
            queue.send(bytes(9000)).await;
            queue.close();
        };
        let read = async {
            let mut sum = 0;
            while sum < 59_000 {
                let Some(Event::Bytes(chunk)) = events.recv().await else {
                    panic!()
                };
                sum += chunk.bytes.len();
            }
            sum
        };
        let ((), (), sum) = tokio::join!(write, queue.forward(&out), read);
        assert_eq!(sum, 59_000);
    }

    #[test]
    fn counts_of_the_same_are_added_up_while_they_wait() {
        let queue = Queue::new(10_000);
        for _ in 0..1000 {
            queue.tell(Event::Missing {
                what: Missed::RtpPackets,
                count: 2,
            });
        }
        let mut held = queue.held();
        let what = Missed::RtpPackets;
        assert_eq!(held.take(), Some(Event::Missing { what, count: 2000 }));
        assert_eq!(held.take(), None);
    }
}
