//! What is kept from one judgement to the next, so that only what new data touches is worked out again.
//!
//! Of each subject (a question to a chunk, a sensor, a battery, an event) the value is kept with a digest of all
//! that it was worked out from. In a judgement at [`Pace::Whole`] a value stands only under the same
//! digest, so that the judgement is that of an empty memory. As observations arrive, what is out of
//! date without that anything new was heard of its subject is brought up to date in turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use truceline_domain::{Event, Sha256};

use crate::associate::{Associator, Source};
use crate::battery::Settled;
use crate::calibrate::{self, Calibration, Correction};
use crate::chunk::Chunk;
use crate::kept::{Kept, Work};
use crate::workers::Workers;

/// Picks from which a source is clear enough to learn sensors' errors from.
const CLEAR_PICKS: usize = 5;
/// So many sensors, batteries and events are brought up to date with each chunk.
const SENSORS_A_CHUNK: usize = 4;
const BATTERIES_A_CHUNK: usize = 2;
const EVENTS_A_CHUNK: usize = 8;

/// What is asked of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// Sources clear enough to learn sensors' errors from.
    Clear,
    /// All sources.
    All,
    /// All sources, given what the first answers tell of guns.
    Again,
}

/// How much of what is out of date a judgement works out anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// All of it: the answer is that of an empty memory.
    Whole,
    /// So many chunks of each question. In the others new readings join what was found before: sources
    /// that they suit, and new ones. Sensors' corrections stay as they were where they hardly differ,
    /// when `keeps_corrections`.
    Turn {
        chunks: usize,
        keeps_corrections: bool,
    },
}

impl Pace {
    /// Of `a_chunk` with each chunk, how many.
    fn most(self, a_chunk: usize) -> usize {
        match self {
            Self::Whole => usize::MAX,
            Self::Turn { chunks, .. } => chunks * a_chunk,
        }
    }
}

/// What earlier judgements worked out. What a judgement does not ask for again is forgotten with it, so
/// that no more is kept than one judgement needs.
#[derive(Debug)]
pub(crate) struct Memo {
    answers: Kept<(Question, i64), Answer>,
    batteries: Kept<(Question, Sha256), Option<Settled>>,
    events: Kept<Sha256, Option<Event>>,
    sensors: Kept<usize, Option<Calibration>>,
    /// The corrections in use.
    corrections: Vec<Correction>,
    /// Whether another judgement will ask.
    keeps: bool,
    pace: Pace,
    workers: Arc<Workers>,
    /// Whether the judgement now made rests on anything out of date.
    pub(crate) is_behind: bool,
    turn: u64,
}

impl Memo {
    /// With nothing worked out yet; who will work.
    pub(crate) fn of(workers: impl Into<Arc<Workers>>) -> Self {
        Self {
            answers: Kept::default(),
            batteries: Kept::default(),
            events: Kept::default(),
            sensors: Kept::default(),
            corrections: vec![],
            keeps: true,
            pace: Pace::Whole,
            workers: workers.into(),
            is_behind: false,
            turn: 0,
        }
    }

    /// For one judgement alone: nothing is kept, and nothing hashed to be found again.
    pub(crate) fn for_one(workers: impl Into<Arc<Workers>>) -> Self {
        Self {
            keeps: false,
            ..Self::of(workers)
        }
    }

    /// Begins a judgement.
    pub(crate) fn begin(&mut self, pace: Pace) {
        self.pace = pace;
        self.is_behind = false;
        self.turn += 1;
    }

    /// Who works.
    pub(crate) fn workers(&self) -> Arc<Workers> {
        Arc::clone(&self.workers)
    }

    /// Answers of all `chunks`, in their order.
    pub(crate) fn answers(&mut self, chunks: &[Chunk], question: Question) -> Vec<Vec<Source>> {
        let workers = &self.workers;
        let full = |chunk: &Chunk| Answer::new(chunk, question, workers);
        let joined = |chunk: &Chunk, kept: &Answer| kept.joined_by_news(chunk, question);
        let subject = |chunk: &Chunk| ((question, chunk.number), chunk.digest());
        let work = Work {
            most: self.pace.most(1),
            workers: &self.workers,
            turn: self.turn,
            keeps: self.keeps,
        };
        let (answers, is_behind) = self.answers.all(work, chunks, subject, full, joined);
        self.is_behind |= is_behind;
        answers.into_iter().map(|a| a.sources).collect()
    }

    /// What was estimated of sensors, in the order of their `numbers`; `digest` is of all that one's state
    /// is worked out from.
    pub(crate) fn calibrated(
        &mut self,
        numbers: &[usize],
        digest: impl Fn(&usize) -> Sha256 + Sync,
        calibrate: impl Fn(&usize) -> Option<Calibration> + Sync,
    ) -> Vec<Option<Calibration>> {
        let work = Work {
            most: self.pace.most(SENSORS_A_CHUNK),
            workers: &self.workers,
            turn: self.turn,
            keeps: self.keeps,
        };
        let subject = |number: &usize| (*number, digest(number));
        let (sensors, is_behind) =
            (self.sensors).all(work, numbers, subject, calibrate, |_, _| None);
        self.is_behind |= is_behind;
        sensors
    }

    /// Batteries among the sources found by a question, settled, in the order of `batteries`; `subject`
    /// gives each its name and its digest.
    pub(crate) fn settled<B: Sync>(
        &mut self,
        question: Question,
        batteries: &[B],
        subject: impl Fn(&B) -> (Sha256, Sha256) + Sync,
        settle: impl Fn(&B) -> Option<Settled> + Sync,
    ) -> Vec<Option<Settled>> {
        let subject = |battery: &B| {
            let (name, digest) = subject(battery);
            ((question, name), digest)
        };
        let work = Work {
            most: self.pace.most(BATTERIES_A_CHUNK),
            workers: &self.workers,
            turn: self.turn,
            keeps: self.keeps,
        };
        let (settled, is_behind) =
            (self.batteries).all(work, batteries, subject, settle, |_, _| None);
        self.is_behind |= is_behind;
        settled
    }

    /// Events of `rounds`, in their order; `subject` gives each its name and its digest.
    pub(crate) fn told<R: Sync>(
        &mut self,
        rounds: &[R],
        subject: impl Fn(&R) -> (Sha256, Sha256) + Sync,
        tell: impl Fn(&R) -> Option<Event> + Sync,
    ) -> Vec<Option<Event>> {
        let work = Work {
            most: self.pace.most(EVENTS_A_CHUNK),
            workers: &self.workers,
            turn: self.turn,
            keeps: self.keeps,
        };
        let (told, is_behind) = self.events.all(work, rounds, subject, tell, |_, _| None);
        self.is_behind |= is_behind;
        told
    }

    /// The corrections to use where `fresh` were just estimated.
    pub(crate) fn corrected(&mut self, fresh: Vec<Correction>) -> &[Correction] {
        let keeps = matches!(
            self.pace,
            Pace::Turn {
                keeps_corrections: true,
                ..
            }
        );
        if keeps && calibrate::hardly_differ(&self.corrections, &fresh) {
            self.is_behind |= self.corrections != fresh;
        } else {
            self.corrections = fresh;
        }
        &self.corrections
    }

    /// Forgets what was not asked for in this judgement.
    pub(crate) fn forget(&mut self) {
        self.answers.forget(self.turn);
        self.batteries.forget(self.turn);
        self.events.forget(self.turn);
        self.sensors.forget(self.turn);
    }
}

/// What was answered to a question to a chunk.
#[derive(Debug, Clone)]
struct Answer {
    /// Names of the chunk's picks, in their order.
    names: Vec<u64>,
    sources: Vec<Source>,
}

impl Answer {
    fn new(chunk: &Chunk, question: Question, workers: &Workers) -> Self {
        let associator = Associator::new(&chunk.field);
        let sources = match question {
            Question::Clear => associator.sources(CLEAR_PICKS),
            Question::All => associator.sources(2),
            Question::Again => associator.again(&chunk.known, workers),
        };
        Self {
            names: chunk.names().collect(),
            sources,
        }
    }

    /// The sources found before among a chunk's picks as they are numbered now; in the last answer
    /// joined by what came since. `None` where nothing came and nothing went.
    fn joined_by_news(&self, chunk: &Chunk, question: Question) -> Option<Self> {
        let names: Vec<u64> = chunk.names().collect();
        if names == self.names {
            return None;
        }
        let numbers: BTreeMap<u64, usize> =
            names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        let now = |p: &usize| numbers.get(self.names.get(*p)?).copied();
        let sources = self.sources.iter().filter_map(|s| {
            let picks = s.picks.iter().map(now).collect::<Option<_>>()?;
            Some(Source { picks, ..s.clone() })
        });
        let mut sources: Vec<Source> = sources.collect();
        if question == Question::Again {
            let mut before = self.names.clone();
            before.sort_unstable();
            let news = names.iter().enumerate();
            let news = news.filter(|(_, name)| before.binary_search(name).is_err());
            let news: Vec<usize> = news.map(|(i, _)| i).collect();
            let associator = Associator::new(&chunk.field);
            sources = associator.joined_by(sources, &news, &chunk.known);
        }
        Some(Self { names, sources })
    }
}
