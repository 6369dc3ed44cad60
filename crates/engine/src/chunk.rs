//! Time in chunks that can be associated each for itself, on as many threads as there are, with the
//! same answer on any number of them.
//!
//! A chunk answers for the sources that sounded within its [`CHUNK_S`] seconds. It looks at what
//! arrived from [`MARGIN_S`] before until [`MARGIN_S`] after them, so that no arrival of its own is
//! missing and what its neighbours explain does not disturb it. Its answer is a pure function of
//! these readings as corrected, of the air, and of what it is asked: an answer kept under [`Chunk::digest`] and the question
//! is the answer that would be worked out again.

use std::collections::BTreeMap;

use truceline_domain::{Event, Sha256};

use crate::again::{Known, Place};
use crate::associate::Source;
use crate::calibrate::{self, Correction};
use crate::field::{CHUNK_S, Field, Track, chunk_of};
use crate::guns::{Gun, Guns};
use crate::locate::Anchor;
use crate::sound::Weather;

/// The longest way of sound from a source to an array, seconds (42 km at 325 m/s).
pub(crate) const MARGIN_S: f64 = 130.0;
/// Places that fired are known this long before and after a chunk, seconds.
const PLACES_S: f64 = 900.0;
/// A lone source is a place worth trying when so many arrivals put it within so many metres; the next
/// round may come from beside it.
const LONE_PICKS: usize = 4;
const LONE_MOST_SD_M: f64 = 250.0;
const LONE_SD_M: f64 = 25.0;

/// So many chunks of a question are enough for one judgement in turns, if new readings touch no more.
const ENOUGH: usize = 3;

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

/// How much of what is out of date, though all that was heard is the same, a judgement works out
/// anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// All of it: the answer is that of an empty memory.
    Whole,
    /// So many chunks of each question; sensors' corrections stay as they were where they hardly
    /// differ, when `keeps_corrections`. What new readings touch is always worked out.
    Turn {
        chunks: usize,
        keeps_corrections: bool,
    },
}

/// Answers kept from one judgement to the next. An answer that a judgement does not ask for again is
/// forgotten with it, so that no more is kept than one judgement needs.
#[derive(Debug)]
pub(crate) struct Memo {
    answers: BTreeMap<(i64, Question), Answer>,
    /// Events under the digest of all that they are told from.
    told: BTreeMap<Sha256, Event>,
    told_now: BTreeMap<Sha256, Event>,
    /// The corrections in use.
    pub(crate) corrections: Vec<Correction>,
    pub(crate) pace: Pace,
    /// Whether the judgement now made rests on anything out of date.
    pub(crate) is_behind: bool,
    turn: u64,
}

/// What was answered to a question to a chunk.
#[derive(Debug)]
struct Answer {
    /// Digest of all it depends on, and of which readings these are.
    digest: Sha256,
    readings: Sha256,
    sources: Vec<Source>,
    /// When it was worked out and last asked for, in judgements.
    made: u64,
    asked: u64,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            answers: BTreeMap::new(),
            told: BTreeMap::new(),
            told_now: BTreeMap::new(),
            corrections: vec![],
            pace: Pace::Whole,
            is_behind: false,
            turn: 0,
        }
    }
}

impl Memo {
    /// Begins a judgement.
    pub(crate) fn begin(&mut self, pace: Pace) {
        self.pace = pace;
        self.is_behind = false;
        self.turn += 1;
    }

    /// Answers of all `chunks`, in their order: those kept, and the rest worked out on `threads`
    /// threads.
    pub(crate) fn answers(
        &mut self,
        chunks: &[Chunk],
        question: Question,
        threads: usize,
        answer: impl Fn(&Chunk) -> Vec<Source> + Sync,
    ) -> Vec<Vec<Source>> {
        let digests = on_threads(chunks, threads, Chunk::digest);
        let mut new = vec![];
        let mut outdated: Vec<(u64, usize)> = vec![];
        for (i, (chunk, digest)) in chunks.iter().zip(&digests).enumerate() {
            match self.answers.get(&(chunk.number, question)) {
                Some(kept) if kept.digest == *digest => {}
                Some(kept) if self.pace != Pace::Whole && kept.readings == chunk.readings => {
                    outdated.push((kept.made, i));
                }
                _ => new.push(i),
            }
        }
        if let Pace::Turn { chunks: most, .. } = self.pace {
            outdated.sort_unstable();
            // Where new readings cost enough already, the rest waits.
            let most = most.min(ENOUGH.saturating_sub(new.len()));
            self.is_behind |= outdated.len() > most;
            new.extend(outdated.iter().take(most).map(|(_, i)| *i));
        }
        let found = on_threads(&new, threads, |i| chunks.get(*i).map_or(vec![], &answer));
        for (i, sources) in new.iter().zip(found) {
            let (Some(chunk), Some(digest)) = (chunks.get(*i), digests.get(*i)) else {
                continue;
            };
            let made = Answer {
                digest: *digest,
                readings: chunk.readings,
                sources,
                made: self.turn,
                asked: self.turn,
            };
            self.answers.insert((chunk.number, question), made);
        }
        let kept = chunks.iter().map(|chunk| {
            let kept = self.answers.get_mut(&(chunk.number, question))?;
            kept.asked = self.turn;
            Some(kept.sources.clone())
        });
        kept.map(Option::unwrap_or_default).collect()
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

    /// The event told before from just this.
    pub(crate) fn told(&self, digest: &Sha256) -> Option<&Event> {
        self.told.get(digest)
    }

    /// Keeps an event for the next judgement.
    pub(crate) fn tell(&mut self, digest: Sha256, event: &Event) {
        self.told_now.insert(digest, event.clone());
    }

    /// Forgets what was not asked for since the last time.
    pub(crate) fn forget(&mut self) {
        let turn = self.turn;
        self.answers.retain(|_, a| a.asked == turn);
        self.told = std::mem::take(&mut self.told_now);
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
    /// A digest of which readings it holds, whatever they are corrected to.
    readings: Sha256,
    /// What is known beforehand.
    pub(crate) known: Known,
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
    let names: Vec<u8> = (field.picks.iter())
        .flat_map(|p| p.name.to_le_bytes())
        .collect();
    Chunk {
        number,
        field,
        members,
        readings: Sha256::of(&names),
        known: Known::default(),
    }
}

impl Chunk {
    /// Whether the chunk answers for a source of this time.
    pub(crate) fn owns(&self, source: &Source) -> bool {
        chunk_of(source.estimate.t_s()) == self.number
    }

    /// A digest of all that its answer depends on.
    pub(crate) fn digest(&self) -> Sha256 {
        let mut bytes = self.field.bytes();
        let known = self.known.numbers();
        bytes.extend(known.iter().flat_map(|v| v.to_bits().to_le_bytes()));
        Sha256::of(&bytes)
    }

    /// Tells it what is known of the whole field: sources, the gun of each, and the guns.
    pub(crate) fn learn(&mut self, sources: &[Source], guns: &Guns) {
        let from_s = self.number as f64 * CHUNK_S;
        let until_s = from_s + CHUNK_S;
        let local: BTreeMap<usize, usize> = (self.members.iter().enumerate())
            .map(|(l, w)| (*w, l))
            .collect();
        let mut known = Known::default();
        let first = sources.partition_point(|s| s.estimate.t_s() < from_s - PLACES_S);
        let last = sources.partition_point(|s| s.estimate.t_s() < until_s + PLACES_S);
        for i in first..last {
            let Some(source) = sources.get(i) else {
                continue;
            };
            let t_s = source.estimate.t_s();
            let gun = guns.of.get(i).copied().flatten();
            let gun = gun.and_then(|g| guns.guns.get(g));
            if (from_s - MARGIN_S..until_s + MARGIN_S).contains(&t_s) {
                let picks = source.picks.iter().filter_map(|p| local.get(p).copied());
                known.sources.push(Source {
                    picks: picks.collect(),
                    anchor: gun.map(Gun::anchor),
                    ..source.clone()
                });
            }
            let sd_m = source.estimate.place_sd_m().hypot(LONE_SD_M);
            if gun.is_none() && source.picks.len() >= LONE_PICKS && sd_m < LONE_MOST_SD_M {
                let at = source.estimate.place();
                known.places.push(Place {
                    anchor: Anchor { at, sd_m },
                    from_s: t_s,
                    until_s: t_s,
                });
            }
        }
        let fires = |g: &&Gun| g.from_s < until_s + PLACES_S && g.until_s > from_s - PLACES_S;
        known
            .places
            .extend(guns.guns.iter().filter(fires).map(|g| Place {
                anchor: g.anchor(),
                from_s: g.from_s,
                until_s: g.until_s,
            }));
        known.places.sort_by(|a, b| {
            (a.from_s.total_cmp(&b.from_s)).then(a.anchor.sd_m.total_cmp(&b.anchor.sd_m))
        });
        known.sources.retain(|s| s.picks.len() >= 2);
        self.known = known;
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
