//! What waits to be committed, and the one thread that commits it.

use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use truceline_domain::Recorded;

use super::checkpoint::Checkpoint;
use super::committer::{Committer, Failure};
use super::error::LogError;

/// Entries that go into one commit at most, in bytes; more wait for the next. It bounds the time
/// that one waits and what a crash has to write again.
pub(super) const COMMIT_BYTES: usize = 4 << 20;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) queue: Mutex<Queue>,
    /// Told when the queue has work or closes.
    pub(super) work: Condvar,
}

/// What waits for the committing thread. Whoever holds the lock may add to it; that thread takes.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) appends: Vec<Append>,
    pub(super) cosigned: Vec<Cosign>,
    /// Entries are stamped under the lock, so that the log's order is the order of their times.
    pub(super) last_recorded: Option<Recorded>,
    pub(super) closed: bool,
    /// Why the writer stopped; answers everyone after.
    pub(super) stopped: Option<LogError>,
}

#[derive(Debug)]
pub(super) struct Append {
    pub(super) entries: Vec<Vec<u8>>,
    /// Told the index of the first entry.
    pub(super) reply: SyncSender<Result<u64, LogError>>,
}

#[derive(Debug)]
pub(super) struct Cosign {
    pub(super) checkpoint: Checkpoint,
    pub(super) quorum: bool,
    pub(super) reply: SyncSender<Result<(), LogError>>,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole between any two statements that change it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The committing thread: takes what waits, commits it, answers; until the writer closes.
pub(super) fn run(shared: &Shared, mut committer: Committer) {
    let _stops_on_panic = StopsOnPanic(shared);
    loop {
        let (appends, cosigned) = {
            let mut queue = shared.lock();
            while queue.appends.is_empty() && queue.cosigned.is_empty() && !queue.closed {
                queue = shared
                    .work
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if queue.appends.is_empty() && queue.cosigned.is_empty() {
                break;
            }
            (
                take_commit(&mut queue.appends),
                std::mem::take(&mut queue.cosigned),
            )
        };
        let going = commit(shared, &mut committer, appends)
            && cosigned
                .into_iter()
                .all(|job| cosign(shared, &mut committer, job))
            && settle(shared, &mut committer);
        if !going {
            return;
        }
    }
    // Ending in order leaves a short journal; if this fails, the next opening does it.
    let _left_to_the_next_opening = committer.settle();
}

/// Answers those who wait when the committing thread breaks an invariant.
struct StopsOnPanic<'a>(&'a Shared);

impl Drop for StopsOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            stop(self.0, "the committing thread panicked");
        }
    }
}

/// Takes appends from the front of the queue up to one commit's size.
fn take_commit(appends: &mut Vec<Append>) -> Vec<Append> {
    let mut bytes = 0;
    let fitting = appends
        .iter()
        .take_while(|append| {
            let before = bytes;
            bytes += append.entries.iter().map(Vec::len).sum::<usize>();
            before == 0 || bytes <= COMMIT_BYTES
        })
        .count();
    appends.drain(..fitting).collect()
}

fn commit(shared: &Shared, committer: &mut Committer, appends: Vec<Append>) -> bool {
    if appends.is_empty() {
        return true;
    }
    let mut first = committer.edge.size();
    let entries: Vec<&[u8]> = appends
        .iter()
        .flat_map(|append| append.entries.iter().map(Vec::as_slice))
        .collect();
    let outcome = committer.commit(&entries);
    match outcome {
        Ok(()) => {
            for append in appends {
                // Whoever gave up waiting is not told; the entry is recorded all the same.
                let _gone = append.reply.send(Ok(first));
                first += append.entries.len() as u64;
            }
            true
        }
        Err(Failure::Undone(error)) => {
            for append in appends {
                let _gone = append.reply.send(Err(error.clone()));
            }
            true
        }
        Err(Failure::Unknown(error)) => {
            let stopped = stop(shared, &error.to_string());
            for append in appends {
                let _gone = append.reply.send(Err(stopped.clone()));
            }
            false
        }
    }
}

fn cosign(shared: &Shared, committer: &mut Committer, job: Cosign) -> bool {
    let (answer, going) = match committer.cosign(&job.checkpoint, job.quorum) {
        Ok(()) => (Ok(()), true),
        Err(Failure::Undone(error)) => (Err(error), true),
        Err(Failure::Unknown(error)) => (Err(stop(shared, &error.to_string())), false),
    };
    let _gone = job.reply.send(answer);
    going
}

fn settle(shared: &Shared, committer: &mut Committer) -> bool {
    if !committer.wants_to_settle() {
        return true;
    }
    match committer.settle() {
        Ok(()) => true,
        Err(Failure::Undone(_)) => {
            // The old journal goes on; try again when it has grown a little.
            committer.settle_at = committer.journal_bytes + committer.settle_bytes / 16;
            true
        }
        Err(Failure::Unknown(error)) => {
            stop(shared, &error.to_string());
            false
        }
    }
}

/// Stops the writer and answers all who wait. Their entries were not tried, but the one answer
/// fits: open the log again and look.
fn stop(shared: &Shared, reason: &str) -> LogError {
    let stopped = LogError::StateUnknown {
        reason: reason.into(),
    };
    let (appends, cosigned) = {
        let mut queue = shared.lock();
        queue.stopped = Some(stopped.clone());
        (
            std::mem::take(&mut queue.appends),
            std::mem::take(&mut queue.cosigned),
        )
    };
    for append in appends {
        let _gone = append.reply.send(Err(stopped.clone()));
    }
    for job in cosigned {
        let _gone = job.reply.send(Err(stopped.clone()));
    }
    stopped
}
