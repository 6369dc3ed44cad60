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

/// How much work may be done, by whom, in which judgement.
struct Work<'w> {
    /// Of what is out of date.
    most: usize,
    workers: &'w Workers,
    turn: u64,
    /// Whether to keep what is worked out.
    keeps: bool,
}

/// Values by their subjects.
#[derive(Debug)]
struct Kept<K, V> {
    values: BTreeMap<K, Value<V>>,
}

#[derive(Debug)]
struct Value<V> {
    value: V,
    /// Of all that it was worked out from; `None` where it was only amended since.
    digest: Option<Sha256>,
    /// When it was worked out in full and last asked for, in judgements.
    made: u64,
    asked: u64,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Send + Sync, V: Clone + Send + Sync> Kept<K, V> {
    /// The values of all `items`, in their order, and whether any is out of date. `full` works out what
    /// was never asked for, and of what is out of date the oldest; `amend` what can be said of the rest,
    /// where that is not just what was said before.
    fn all<T: Sync>(
        &mut self,
        work: Work<'_>,
        items: &[T],
        subject: impl Fn(&T) -> (K, Sha256) + Sync,
        full: impl Fn(&T) -> V + Sync,
        amend: impl Fn(&T, &V) -> Option<V> + Sync,
    ) -> (Vec<V>, bool) {
        if !work.keeps {
            return (work.workers.each(items, full), false);
        }
        let subjects = work.workers.each(items, &subject);
        let mut new: Vec<usize> = vec![];
        let mut outdated: Vec<(u64, usize)> = vec![];
        for (i, (name, digest)) in subjects.iter().enumerate() {
            match self.values.get(name) {
                None => new.push(i),
                Some(kept) if kept.digest == Some(*digest) => {}
                Some(kept) => outdated.push((kept.made, i)),
            }
        }
        outdated.sort_unstable();
        let waiting = outdated.split_off(work.most.min(outdated.len()));
        let is_behind = !waiting.is_empty();
        new.extend(outdated.iter().map(|(_, i)| *i));
        let mut made: Vec<(usize, Option<V>)> =
            work.workers.each(&new, |i| (*i, items.get(*i).map(&full)));
        let full_until = made.len();
        made.extend(work.workers.each(&waiting, |(_, i)| {
            let kept = subjects.get(*i).and_then(|(name, _)| self.values.get(name));
            let amended = items.get(*i).zip(kept);
            (
                *i,
                amended.and_then(|(item, kept)| amend(item, &kept.value)),
            )
        }));
        let mut subjects: Vec<Option<(K, Sha256)>> = subjects.into_iter().map(Some).collect();
        let mut values: Vec<Option<V>> = vec![None; items.len()];
        for (nth, (i, value)) in made.into_iter().enumerate() {
            let (Some(value), Some(subject)) = (value, subjects.get_mut(i)) else {
                continue;
            };
            let Some((name, digest)) = subject.take() else {
                continue;
            };
            if let Some(place) = values.get_mut(i) {
                *place = Some(value.clone());
            }
            let is_full = nth < full_until;
            let before = self.values.get(&name).map_or(0, |v| v.made);
            let kept = Value {
                value,
                digest: is_full.then_some(digest),
                made: if is_full { work.turn } else { before },
                asked: work.turn,
            };
            self.values.insert(name, kept);
        }
        // The rest as it was.
        for (place, subject) in values.iter_mut().zip(&subjects) {
            if let Some((name, _)) = subject
                && let Some(kept) = self.values.get_mut(name)
            {
                kept.asked = work.turn;
                *place = Some(kept.value.clone());
            }
        }
        (values.into_iter().flatten().collect(), is_behind)
    }

    fn forget(&mut self, turn: u64) {
        self.values.retain(|_, v| v.asked == turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What was never asked is worked out at once, of what is out of date no more than is allowed, and
        /// in the end every value is that of its item.
        #[test]
        fn what_is_out_of_date_is_brought_up_to_date_in_turns(
            before in prop::collection::vec(any::<u8>(), 0..30),
            now in prop::collection::vec(any::<u8>(), 1..40),
            most in 1_usize..8,
            threads in 1_usize..4,
        ) {
            let named = |items: &[u8]| items.iter().copied().enumerate().collect::<Vec<_>>();
            let subject = |(name, item): &(usize, u8)| (*name, Sha256::of(&[*item]));
            let full = |(_, item): &(usize, u8)| *item;
            let mut kept: Kept<usize, u8> = Kept::default();
            let workers = Workers::of(threads);
            let mut ask = |items: &[(usize, u8)], most, turn| {
                let work = Work { most, workers: &workers, turn, keeps: true };
                let asked = kept.all(work, items, subject, full, |_, _| None);
                kept.forget(turn);
                asked
            };
            let (before, now) = (named(&before), named(&now));
            let first = ask(&before, most, 1);
            prop_assert_eq!(first, (before.iter().map(|i| i.1).collect(), false));
            let mut wrong = before.iter().zip(&now).filter(|(b, n)| b != n).count();
            for turn in 2.. {
                let (values, is_behind) = ask(&now, most, turn);
                let left = values.iter().zip(&now).filter(|(v, n)| **v != n.1).count();
                prop_assert_eq!(left, wrong.saturating_sub(most));
                prop_assert_eq!(is_behind, left > 0);
                if !is_behind {
                    break;
                }
                wrong = left;
            }
        }
    }
}
