//! Time in chunks that can be associated each for itself, on as many threads as there are, with the
//! same answer on any number of them.
//!
//! A chunk answers for the sources that sounded within its [`CHUNK_S`] seconds. It looks at what
//! arrived from [`MARGIN_S`] before until [`MARGIN_S`] after them, so that no arrival of its own is
//! missing and what its neighbours explain does not disturb it. Its answer is a pure function of
//! these readings as corrected, of the air, and of what it is asked: an answer kept under [`Chunk::digest`] and the question
//! is the answer that would be worked out again.

use std::collections::BTreeMap;

use truceline_domain::Sha256;

use crate::associate::Source;
use crate::field::{CHUNK_S, Field, Track, chunk_of};
use crate::sound::Weather;

/// The longest way of sound from a source to an array, seconds (42 km at 325 m/s).
pub(crate) const MARGIN_S: f64 = 130.0;

/// What is asked of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// Sources clear enough to learn sensors' errors from.
    Clear,
    /// All sources.
    All,
}

/// Answers kept from one judgement to the next. An answer that a judgement does not ask for again is
/// forgotten with it, so that no more is kept than one judgement needs.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    answers: BTreeMap<(Sha256, Question), Vec<Source>>,
    asked: BTreeMap<(Sha256, Question), Vec<Source>>,
}

impl Memo {
    /// Answers of all `chunks`, in their order: those kept, and the rest worked out on `threads`
    /// threads.
    pub(crate) fn answers(
        &mut self,
        chunks: &[Chunk],
        question: Question,
        threads: usize,
        answer: impl Fn(&Chunk) -> Vec<Source> + Sync,
    ) -> Vec<Vec<Source>> {
        let keys: Vec<_> = chunks.iter().map(|c| (c.digest(), question)).collect();
        let is_new = |i: &usize| keys.get(*i).is_some_and(|k| !self.answers.contains_key(k));
        let new: Vec<usize> = (0..chunks.len()).filter(is_new).collect();
        let found = on_threads(&new, threads, |i| chunks.get(*i).map_or(vec![], &answer));
        for (i, found) in new.iter().zip(found) {
            if let Some(key) = keys.get(*i) {
                self.answers.insert(*key, found);
            }
        }
        let answers = keys.into_iter().map(|key| {
            let answer = self.answers.get(&key).cloned().unwrap_or_default();
            self.asked.insert(key, answer.clone());
            answer
        });
        answers.collect()
    }

    /// Forgets what was not asked for since the last time.
    pub(crate) fn forget(&mut self) {
        self.answers = std::mem::take(&mut self.asked);
    }
}

/// One chunk of a field.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Which: it begins at `number · CHUNK_S`.
    pub(crate) number: i64,
    /// Its part of the whole field.
    pub(crate) field: Field,
    /// For each of its picks the pick's place in the whole field.
    pub(crate) members: Vec<usize>,
}

/// The chunks of a field in which anything arrived, in order of time.
pub(crate) fn chunks(whole: &Field) -> Vec<Chunk> {
    let mut members: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (number, pick) in whole.picks.iter().enumerate() {
        let (first, last) = (chunk_of(pick.t_s - MARGIN_S), chunk_of(pick.t_s + MARGIN_S));
        for chunk in first..=last {
            members.entry(chunk).or_default().push(number);
        }
    }
    let mut chunks: Vec<Chunk> = members
        .into_iter()
        .map(|(number, members)| chunk(whole, number, members))
        .collect();
    // A chunk without a sound of its own has no source.
    chunks.retain(|c| c.field.stations.iter().any(|s| !s.sounds.picks.is_empty()));
    chunks
}

fn chunk(whole: &Field, number: i64, members: Vec<usize>) -> Chunk {
    let from_s = number as f64 * CHUNK_S;
    let readings = whole
        .weather
        .between(from_s - MARGIN_S, from_s + CHUNK_S + MARGIN_S);
    let up = (number - 1..=number + 1).flat_map(|c| (0..whole.stations.len()).map(move |s| (s, c)));
    let mut field = Field {
        stations: whole.stations.iter().map(|s| s.empty()).collect(),
        picks: members
            .iter()
            .filter_map(|m| whole.picks.get(*m).copied())
            .collect(),
        seen: Track::default(),
        weather: Weather::new(readings.to_vec()),
        up: up.filter(|u| whole.up.contains(u)).collect(),
    };
    field.list();
    Chunk {
        number,
        field,
        members,
    }
}

impl Chunk {
    /// Whether the chunk answers for a source of this time.
    pub(crate) fn owns(&self, source: &Source) -> bool {
        chunk_of(source.estimate.t_s()) == self.number
    }

    /// A digest of all that its answer depends on.
    pub(crate) fn digest(&self) -> Sha256 {
        Sha256::of(&self.field.bytes())
    }

    /// Its own sources, their picks numbered as in the whole field.
    pub(crate) fn in_whole(&self, sources: &[Source]) -> Vec<Source> {
        let whole = |p: &usize| self.members.get(*p).copied();
        sources
            .iter()
            .filter(|s| self.owns(s))
            .map(|s| Source {
                picks: s.picks.iter().filter_map(whole).collect(),
                ..s.clone()
            })
            .collect()
    }
}

/// Answers for each of `items`, in their order, worked out on `threads` threads.
pub(crate) fn on_threads<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.clamp(1, items.len().max(1));
    if threads == 1 {
        return items.iter().map(work).collect();
    }
    // Every n-th to each thread: neighbours cost alike. No answer depends on another's.
    let work = &work;
    let parts: Vec<Vec<R>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|t| scope.spawn(move || items.iter().skip(t).step_by(threads).map(work).collect()))
            .collect();
        workers
            .into_iter()
            .map(|w| match w.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    (0..items.len())
        .filter_map(|i| parts.get_mut(i % threads).and_then(Iterator::next))
        .collect()
}
