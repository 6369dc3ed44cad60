//! Entries into the store as they are recorded, judged from time to time, cosigned now and then.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use truceline_domain::Observed;

use super::hub::{Change, Hub};
use crate::centre::{Cosigning, Due};
use crate::watch::{Accesses, Look};
use crate::{Centre, CentreError, clock};

/// How often the store is brought up to date, and what came is judged.
const PROJECT: Duration = Duration::from_millis(100);
/// How often witnesses are asked, when there is something new.
const COSIGN: Duration = Duration::from_secs(10);
/// How often it is looked for whereabouts that are too old to be kept.
const FORGET: Duration = Duration::from_secs(600);
/// A judgement is recorded at most so often.
const JUDGE: Duration = Duration::from_secs(5);
/// And when observations come without a pause, it waits for one no longer than this.
const JUDGE_LATEST: Duration = Duration::from_secs(15);

/// The thread that keeps store, judgement and cosignatures up to date.
pub struct Projector {
    thread: JoinHandle<()>,
}

impl Projector {
    /// Starts it; it ends when `stop` is cancelled, and has then projected all there is.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        centre: Arc<Mutex<Centre>>,
        hub: Arc<Hub>,
        accesses: Arc<Accesses>,
        stop: CancellationToken,
    ) -> Result<Self, CentreError> {
        let (look, told) = {
            let centre = centre.lock().unwrap_or_else(PoisonError::into_inner);
            (
                Look::new(centre.dir().to_path_buf()),
                centre.alerts().revision(),
            )
        };
        let turn = Turn {
            look,
            due: Due::default(),
            told,
            accesses,
            centre,
            hub,
            entries: 0,
            cosigned: 0,
            cosigning: None,
            asked: Instant::now(),
            judge_at: Instant::now(),
            judged: 0,
            forgotten: Instant::now(),
        };
        let thread = std::thread::Builder::new()
            .name("projector".to_owned())
            .spawn(move || turn.run(&stop))
            .map_err(|source| CentreError::Io {
                doing: "starting a thread",
                path: "projector".into(),
                source,
            })?;
        Ok(Self { thread })
    }

    /// Waits until it has ended.
    pub fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!("the projector panicked");
        }
    }
}

struct Turn {
    look: Look,
    due: Due,
    /// Alerts up to this revision were told.
    told: u64,
    accesses: Arc<Accesses>,
    centre: Arc<Mutex<Centre>>,
    hub: Arc<Hub>,
    /// How many entries listeners were told of.
    entries: u64,
    /// How many entries the last checkpoint had that witnesses were asked for.
    cosigned: u64,
    /// Who is asked, with what each has seen.
    cosigning: Option<Cosigning>,
    asked: Instant,
    /// When the next judgement may be recorded.
    judge_at: Instant,
    /// How many observations to be judged there were when the engine judged last.
    judged: u64,
    forgotten: Instant,
}

impl Turn {
    fn run(mut self, stop: &CancellationToken) {
        loop {
            let last = stop.is_cancelled();
            if let Err(error) = self.project() {
                tracing::error!(%error, "the store is behind the record");
            }
            if let Err(error) = self.judge() {
                tracing::error!(%error, "nothing was judged");
            }
            if let Err(error) = self.watch(last) {
                tracing::error!(%error, "an alert or an access is not in the record");
            }
            if let Err(error) = self.cosign(last) {
                tracing::error!(%error, "the checkpoint was not cosigned");
            }
            if last {
                return;
            }
            std::thread::sleep(PROJECT);
        }
    }

    fn project(&mut self) -> Result<(), CentreError> {
        let mut centre = self.centre.lock().unwrap_or_else(PoisonError::into_inner);
        centre.catch_up()?;
        // What a request recorded was projected before its answer left: it is told here all the same.
        let entries = centre.store().projected_entries()?;
        if entries != self.entries {
            self.entries = entries;
            self.hub.tell(Change::Record { entries });
        }
        let (changed, more) = centre.take_changed()?;
        if more || !changed.is_empty() {
            self.hub.tell(Change::Findings { changed, more });
        }
        for crossing in centre.record_crossings()? {
            self.hub.tell(Change::Crossing(Box::new(crossing)));
        }
        if self.forgotten.elapsed() >= FORGET {
            self.forgotten = Instant::now();
            centre.forget_positions()?;
        }
        Ok(())
    }

    /// What came is judged at once; the record is told now and then, once all of it is heeded in full.
    fn judge(&mut self) -> Result<(), CentreError> {
        let mut centre = self.centre.lock().unwrap_or_else(PoisonError::into_inner);
        let observations = centre.to_be_judged();
        let is_current = match centre.judge_turn() {
            Ok(Some(is_current)) => is_current,
            Ok(None) => return Ok(()),
            // A centre without geometry is told so when there is something to judge.
            Err(_) if observations == self.judged => return Ok(()),
            Err(error) => {
                self.judged = observations;
                return Err(error);
            }
        };
        let waits = self.judge_at.elapsed();
        let is_due = Instant::now() >= self.judge_at && (is_current || waits > JUDGE_LATEST);
        if observations == self.judged || !is_due {
            return Ok(());
        }
        let outcome = centre.judge_window()?;
        drop(centre);
        self.judged = observations;
        self.judge_at = Instant::now() + JUDGE;
        let Some(outcome) = outcome else {
            return Ok(());
        };
        self.hub.tell(Change::Judgement {
            events: outcome.events,
            findings: outcome.findings,
            superseded: outcome.superseded,
        });
        Ok(())
    }

    /// Raises what the machine sees, tells what changed, and puts accesses into the record.
    fn watch(&mut self, last: bool) -> Result<(), CentreError> {
        let mut centre = self.centre.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = if last {
            Vec::new()
        } else {
            self.look.at(&self.hub, centre.alerts())
        };
        let now = Observed::from(clock::recorded().timestamp());
        let due = self.due.at(&centre, now);
        let raised = centre.raise(&seen).and_then(|()| centre.raise(&due?));
        let taken = centre.take_accesses(&self.accesses, last);
        for alert in centre.alerts().since(self.told) {
            self.hub.tell(Change::Alert(Box::new(alert.clone())));
        }
        self.told = centre.alerts().revision();
        raised.and(taken)
    }

    fn cosign(&mut self, last: bool) -> Result<(), CentreError> {
        if self.asked.elapsed() < COSIGN && !last {
            return Ok(());
        }
        self.asked = Instant::now();
        {
            let centre = self.centre.lock().unwrap_or_else(PoisonError::into_inner);
            let size = centre.record().log()?.size();
            if size == self.cosigned {
                return Ok(());
            }
            self.cosigned = size;
            match &mut self.cosigning {
                Some(cosigning) => cosigning.renew(&centre),
                none => *none = centre.cosigning()?,
            }
        }
        // Witnesses may be slow: nothing waits for them.
        match &self.cosigning {
            Some(cosigning) => cosigning.gather().map(drop),
            None => Ok(()),
        }
    }
}
