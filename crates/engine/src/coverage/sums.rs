//! From cells to stretches: shares watched, probabilities, gaps.

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_agreement::theatre::ContactLine;
use truceline_agreement::when::Validity;
use truceline_domain::{EventKind, Observed, Position};

use super::places::{Part, Places};
use super::watch::{Cell, Cells};
use super::{WATCHED_P, WATCHED_SHARE, middle_of};
use crate::detection::{WATCHED_FOR, Watch};

/// How well one stretch of one line was watched.
///
/// The fields beside `kinds` are those of small arms: the quietest violation and the hardest to
/// notice. What is watched for them is watched for nearly all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stretch {
    /// The line's id, when it has one.
    pub line: Option<String>,
    /// The line's place among the theatre's lines, from 0.
    pub line_number: usize,
    /// Where along the line it begins and ends, metres.
    pub from_m: f64,
    /// See `from_m`.
    pub to_m: f64,
    /// Its middle.
    pub middle: Position,
    /// Share of its length and of the time the line stood that each kind of source watched: in which
    /// a burst of small arms there would have been noticed by it rather than not.
    pub watched: BTreeMap<Watch, f64>,
    /// The same for all sources together.
    pub watched_by_any: f64,
    /// The longest time in which some part of it was unwatched, seconds; whole bins.
    pub longest_gap_s: f64,
    /// Nothing watched any of it at any time.
    pub never_watched: bool,
    /// The line did not stand in the span asked for: nothing can be said.
    pub stood: bool,
    /// By kind of violation, those of [`WATCHED_FOR`].
    pub kinds: BTreeMap<EventKind, Watched>,
}

/// How well a stretch was watched for one kind of violation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Watched {
    /// Probability that one violation of the kind, anywhere on the stretch at any time the line stood,
    /// would have been noticed. One less this is the chance that it was missed.
    pub p_seen: f64,
    /// The same for each kind of source alone; those that noticed nothing are left out.
    pub p_seen_by: BTreeMap<Watch, f64>,
    /// Share of length and time in which it would have been noticed rather than not.
    pub watched: f64,
    /// The same for each kind of source alone.
    pub watched_by: BTreeMap<Watch, f64>,
    /// The longest time in which some part was unwatched, seconds; whole bins.
    pub longest_gap_s: f64,
    /// No part of it was ever watched.
    pub never_watched: bool,
}

/// A stretch in one hour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hour {
    /// From.
    pub from: Observed,
    /// Until, not included.
    pub until: Observed,
    /// What held between.
    #[serde(flatten)]
    pub stretch: Stretch,
}

/// What is needed of a line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    id: Option<String>,
    valid: Validity,
}

impl Line {
    pub(super) fn of(line: &ContactLine) -> Self {
        Self {
            id: line.id.clone(),
            valid: line.valid,
        }
    }
}

/// Sums over the bins of a span.
pub(super) struct Sums<'a> {
    lines: &'a [Line],
    parts: Vec<(Part, OfPart)>,
}

#[derive(Debug, Clone, Default)]
struct OfPart {
    /// Seconds the line stood.
    stood_s: f64,
    kinds: [OfKind; WATCHED_FOR.len()],
}

#[derive(Debug, Clone, Default)]
struct OfKind {
    /// Each a mean over the stretch's samples, times seconds.
    p_s: f64,
    p_by_s: [f64; 4],
    watched_s: f64,
    watched_by_s: [f64; 4],
    gap_s: f64,
    longest_s: f64,
}

impl<'a> Sums<'a> {
    pub(super) fn new(lines: &'a [Line], places: Option<&Places>) -> Self {
        let parts = places.map(|p| p.parts.as_slice()).unwrap_or_default();
        Self {
            lines,
            parts: parts
                .iter()
                .map(|p| (p.clone(), OfPart::default()))
                .collect(),
        }
    }

    pub(super) fn add(&mut self, cells: &Cells, bin: i64, seconds: f64) {
        let middle = middle_of(bin);
        for (part, sums) in &mut self.parts {
            let stands = self
                .lines
                .get(part.line)
                .is_some_and(|l| l.valid.holds_at(middle));
            let samples = cells.get(part.samples.clone()).unwrap_or_default();
            if !stands || samples.is_empty() {
                for kind in &mut sums.kinds {
                    kind.gap_s = 0.0;
                }
                continue;
            }
            sums.stood_s += seconds;
            for (number, kind) in sums.kinds.iter_mut().enumerate() {
                let of_kind = samples.iter().filter_map(|kinds| kinds.get(number));
                kind.add(of_kind, samples.len() as f64, seconds);
            }
        }
    }

    pub(super) fn stretches(self) -> Vec<Stretch> {
        let lines = self.lines;
        self.parts
            .into_iter()
            .map(|(part, sums)| stretch(lines, &part, &sums))
            .collect()
    }
}

impl OfKind {
    fn add<'c>(&mut self, cells: impl Iterator<Item = &'c Cell>, count: f64, seconds: f64) {
        let weight = seconds / count;
        let mut whole = true;
        for cell in cells {
            self.p_s += f64::from(cell.any) * weight;
            let mut best = watched_share(cell.any, 0.0);
            for (i, watch) in Watch::ALL.iter().enumerate() {
                let p = cell.by.get(i).copied().unwrap_or(0.0);
                let framed = if *watch == Watch::Uav {
                    cell.framed
                } else {
                    0.0
                };
                let share = watched_share(p, framed);
                best = best.max(share);
                if let (Some(p_s), Some(watched_s)) =
                    (self.p_by_s.get_mut(i), self.watched_by_s.get_mut(i))
                {
                    *p_s += f64::from(p) * weight;
                    *watched_s += share * weight;
                }
            }
            self.watched_s += best * weight;
            whole &= best >= WATCHED_SHARE;
        }
        self.gap_s = if whole { 0.0 } else { self.gap_s + seconds };
        self.longest_s = self.longest_s.max(self.gap_s);
    }

    fn watched(&self, stood_s: f64) -> Watched {
        let share = |s: f64| (s / stood_s.max(1e-9)).clamp(0.0, 1.0);
        let by = |sums: &[f64; 4]| {
            let all = Watch::ALL.iter().zip(sums).filter(|(_, s)| **s > 0.0);
            all.map(|(watch, s)| (*watch, share(*s))).collect()
        };
        Watched {
            p_seen: share(self.p_s),
            p_seen_by: by(&self.p_by_s),
            watched: share(self.watched_s),
            watched_by: by(&self.watched_by_s),
            longest_gap_s: self.longest_s,
            never_watched: self.watched_s == 0.0,
        }
    }
}

/// Share of a bin in which a place was watched: all of it, when a violation there would have been
/// noticed rather than not; else as long as a camera was over it.
fn watched_share(p: f32, framed: f32) -> f64 {
    if f64::from(p) >= WATCHED_P {
        1.0
    } else {
        f64::from(framed)
    }
}

fn stretch(lines: &[Line], part: &Part, sums: &OfPart) -> Stretch {
    let kinds: BTreeMap<EventKind, Watched> = WATCHED_FOR
        .iter()
        .zip(&sums.kinds)
        .map(|(kind, of_kind)| (*kind, of_kind.watched(sums.stood_s)))
        .collect();
    let [hardest, ..] = &sums.kinds;
    let small_arms = hardest.watched(sums.stood_s);
    Stretch {
        line: lines.get(part.line).and_then(|l| l.id.clone()),
        line_number: part.line,
        from_m: part.from_m,
        to_m: part.to_m,
        middle: part.middle,
        never_watched: small_arms.watched_by.is_empty() && small_arms.never_watched,
        watched: small_arms.watched_by,
        watched_by_any: small_arms.watched,
        longest_gap_s: small_arms.longest_gap_s,
        stood: sums.stood_s > 0.0,
        kinds,
    }
}
