//! Time in chunks that can be associated each for itself, on as many threads as there are, with the
//! same answer on any number of them.
//!
//! A chunk answers for the sources that sounded within its [`CHUNK_S`] seconds. It looks at what
//! arrived from [`MARGIN_S`] before until [`MARGIN_S`] after them, so that no arrival of its own is
//! missing and what its neighbours explain does not disturb it. Its answer is a pure function of
//! these readings as corrected, of the air, and of what it is asked: an answer kept under [`Chunk::digest`] and the question
//! is the answer that would be worked out again ([`crate::memo`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use truceline_domain::Sha256;

use crate::again::{Known, Place};
use crate::associate::Source;
use crate::field::{CHUNK_S, Field, Track, chunk_of};
use crate::guns::{Gun, Guns};
use crate::locate::Anchor;
use crate::sound::Weather;
use crate::workers::Workers;

/// The longest way of sound from a source to an array, seconds (42 km at 325 m/s).
pub(crate) const MARGIN_S: f64 = 130.0;
/// Places that fired are known this long before and after a chunk, seconds.
const PLACES_S: f64 = 900.0;
/// A lone source is a place worth trying when so many arrivals put it within so many metres; the next
/// round may come from beside it.
const LONE_PICKS: usize = 4;
const LONE_MOST_SD_M: f64 = 250.0;
const LONE_SD_M: f64 = 25.0;

/// One chunk of a field.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Which: it begins at `number · CHUNK_S`.
    pub(crate) number: i64,
    /// Its part of the whole field.
    pub(crate) field: Field,
    /// For each of its picks the pick's place in the whole field.
    pub(crate) members: Vec<usize>,
    /// What is known beforehand.
    pub(crate) known: Known,
}

/// The chunks of a field in which anything arrived, in order of time.
pub(crate) fn chunks(whole: &Field, workers: &Workers) -> Vec<Chunk> {
    let mut members: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (number, pick) in whole.picks.iter().enumerate() {
        let (first, last) = (chunk_of(pick.t_s - MARGIN_S), chunk_of(pick.t_s + MARGIN_S));
        for chunk in first..=last {
            members.entry(chunk).or_default().push(number);
        }
    }
    let members: Vec<(i64, Vec<usize>)> = members.into_iter().collect();
    let mut chunks = workers.each(&members, |(number, members)| chunk(whole, *number, members));
    // A chunk without a sound of its own has no source.
    chunks.retain(|c| c.field.stations.iter().any(|s| !s.sounds.picks.is_empty()));
    chunks
}

fn chunk(whole: &Field, number: i64, members: &[usize]) -> Chunk {
    let from_s = number as f64 * CHUNK_S;
    let readings = whole
        .weather
        .between(from_s - MARGIN_S, from_s + CHUNK_S + MARGIN_S);
    let up = whole.up.iter().map(|chunks| {
        let from = chunks.partition_point(|c| *c < number - 1);
        let until = chunks.partition_point(|c| *c <= number + 1);
        chunks.get(from..until).unwrap_or_default().to_vec()
    });
    let mut field = Field {
        stations: whole.stations.iter().map(|s| s.empty()).collect(),
        nearest: Arc::clone(&whole.nearest),
        picks: members
            .iter()
            .filter_map(|m| whole.picks.get(*m).copied())
            .collect(),
        seen: Track::default(),
        weather: Weather::new(readings.to_vec()),
        up: up.collect(),
    };
    field.list();
    Chunk {
        number,
        field,
        members: members.to_vec(),
        known: Known::default(),
    }
}

impl Chunk {
    /// Whether the chunk answers for a source of this time.
    pub(crate) fn owns(&self, source: &Source) -> bool {
        chunk_of(source.estimate.t_s()) == self.number
    }

    /// Names of its picks, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = u64> + '_ {
        self.field.picks.iter().map(|p| p.name)
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
