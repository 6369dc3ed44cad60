//! What was watched: the line of contact cut in stretches, time cut in bins, and which kind of
//! source would have seen a shot there. *Not observed* is never *complied*.
//!
//! A source counts only while there is evidence that it was up:
//!
//! - sound and flash sensors: within half an hour of any reading of theirs, around the sensor to the
//!   range the theatre documents, else to the ranges below;
//! - cameras of aircraft: while the stretch lies in the frame on the ground, between metadata packets
//!   no more than 5 s apart;
//! - posts: around their own reports. Shifts without a report leave no evidence that anyone looked;
//! - satellites never: they pass, they do not watch.

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_agreement::Theatre;
use truceline_agreement::theatre::{ContactLine, SensorKind};
use truceline_domain::{Body, Checksum, Observation, Observed, Position, SourceId};

use crate::detection::Watch;
use crate::picture;
use crate::plane::{Plane, Xy};

/// How well one stretch of one line was watched.
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
    /// Share of its length and of the time the line stood that each kind of source watched.
    pub watched: BTreeMap<Watch, f64>,
    /// The same for all sources together: the best one at each place and time.
    pub watched_by_any: f64,
    /// The longest time in which some part of it was unwatched, seconds; whole bins.
    pub longest_gap_s: f64,
    /// Nothing watched any of it at any time.
    pub never_watched: bool,
    /// The line did not stand in the span asked for: nothing can be said.
    pub stood: bool,
}

/// Length of a stretch, metres.
const STRETCH_M: f64 = 5_000.0;
/// Samples along a stretch lie about this far apart, metres.
const SAMPLE_M: f64 = 1_000.0;
/// Length of a bin, seconds.
const BIN_S: f64 = 600.0;
/// A sensor counts as up within this time of a reading, seconds.
const UP_S: f64 = 1_800.0;
/// Around a report its post counts as manned for this time, seconds.
const MANNED_S: f64 = 600.0;
/// A rifle burst of 73 dB at 1 km stands 1.6 standard deviations (5.6 dB) above the noise floor at
/// this distance in a wind of 6 m/s: 73 − 20·log 4 − 2.4·4 − 5.6 ≈ 45.2 dB over 38 + 1.2·6. The
/// level model is the one that sources are located by.
const HEARD_M: f64 = 4_000.0;
/// A muzzle flash by night without a hill between; by day less. No terrain is known here, so this
/// is an assumption, not a measurement.
const SEEN_M: f64 = 4_000.0;
/// What people on a post notice of rifle fire, an assumption.
const POST_M: f64 = 2_000.0;
/// Metadata packets farther apart leave a hole in what a camera saw, seconds.
const PACKETS_S: f64 = 5.0;
/// A part of the line counts as watched in a bin from this share of it on.
const WATCHED_SHARE: f64 = 0.9;
/// No more bins than this: a year in bins of ten minutes.
const MOST_BINS: usize = 52_704;

/// Coverage of every stretch of the theatre's lines from `from` until `until` (at most a year).
#[must_use]
pub fn coverage(
    theatre: &Theatre,
    observations: &[Observation],
    from: Observed,
    until: Observed,
) -> Vec<Stretch> {
    let span_s = until.seconds_since(from);
    let bins = ((span_s / BIN_S).ceil().max(0.0) as usize).min(MOST_BINS);
    let sources = Sources::new(theatre, observations, from, bins);
    let lines = theatre.lines.iter().enumerate();
    lines
        .flat_map(|(number, line)| stretches(number, line, &sources))
        .collect()
}

/// A metadata packet's time and the corners it tells.
type Packet = (f64, Option<[Position; 4]>);

/// When each source was up, and what cameras saw.
struct Sources<'a> {
    theatre: &'a Theatre,
    from: Observed,
    bins: usize,
    /// Times of any reading, seconds after `from`, in order.
    up: BTreeMap<&'a SourceId, Vec<f64>>,
    /// Times of reports, in order.
    reports: BTreeMap<&'a SourceId, Vec<f64>>,
    /// Frames with the time until the next packet: start, length, corners.
    frames: Vec<(f64, f64, [Position; 4])>,
}

impl<'a> Sources<'a> {
    fn new(
        theatre: &'a Theatre,
        observations: &'a [Observation],
        from: Observed,
        bins: usize,
    ) -> Self {
        let mut sources = Self {
            theatre,
            from,
            bins,
            up: BTreeMap::new(),
            reports: BTreeMap::new(),
            frames: vec![],
        };
        let mut packets: BTreeMap<&SourceId, Vec<Packet>> = BTreeMap::new();
        for o in observations {
            let Some(t_s) = o.observed.map(|t| t.seconds_since(from)) else {
                continue;
            };
            match &o.body {
                Body::FmvMetadata(m) if m.checksum == Checksum::Bad => continue,
                Body::FmvMetadata(m) => {
                    packets
                        .entry(&o.source)
                        .or_default()
                        .push((t_s, picture::corners(m)));
                }
                Body::Report(_) => sources.reports.entry(&o.source).or_default().push(t_s),
                _ => {}
            }
            sources.up.entry(&o.source).or_default().push(t_s);
        }
        for times in sources.up.values_mut().chain(sources.reports.values_mut()) {
            times.sort_by(f64::total_cmp);
        }
        for flight in packets.values_mut() {
            flight.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (this, next) in flight.iter().zip(flight.iter().skip(1)) {
                let length_s = next.0 - this.0;
                if let Some(corners) = this.1.filter(|_| length_s > 0.0 && length_s <= PACKETS_S) {
                    sources.frames.push((this.0, length_s, corners));
                }
            }
        }
        sources.frames.sort_by(|a, b| a.0.total_cmp(&b.0));
        sources
    }

    /// For each bin the share of it in which each kind of source watched `place`.
    fn watch(&self, place: Position) -> BTreeMap<Watch, Vec<f64>> {
        let plane = Plane::at(place);
        let mut shares: BTreeMap<Watch, Vec<f64>> = BTreeMap::new();
        let middle = |bin: usize| (bin as f64 + 0.5) * BIN_S;
        let near = |times: Option<&Vec<f64>>, t_s: f64, within_s: f64| {
            times.is_some_and(|times| {
                let at = times.partition_point(|t| *t < t_s - within_s);
                times.get(at).is_some_and(|t| *t <= t_s + within_s)
            })
        };
        let mut mark = |watch: Watch, covers: &dyn Fn(f64, Observed) -> bool| {
            let bins = shares.entry(watch).or_insert_with(|| vec![0.0; self.bins]);
            for (bin, share) in bins.iter_mut().enumerate() {
                if *share < 1.0 && covers(middle(bin), self.from.plus_seconds(middle(bin))) {
                    *share = 1.0;
                }
            }
        };
        for sensor in &self.theatre.sensors {
            let apart_m = plane.to_m(sensor.position).length();
            let hears_or_sees = [
                (SensorKind::Acoustic, Watch::Acoustic, HEARD_M),
                (SensorKind::Flash, Watch::Flash, SEEN_M),
            ];
            for (kind, watch, usual_m) in hears_or_sees {
                let reach_m = sensor.range_m.unwrap_or(usual_m) - sensor.accuracy_m;
                if sensor.kinds.contains(&kind) && apart_m <= reach_m {
                    mark(watch, &|t_s, at| {
                        sensor.valid.holds_at(at) && near(self.up.get(&sensor.id), t_s, UP_S)
                    });
                }
            }
        }
        for post in &self.theatre.posts {
            if plane.to_m(post.position).length() <= POST_M - post.accuracy_m {
                mark(Watch::Post, &|t_s, at| {
                    post.valid.holds_at(at) && near(self.reports.get(&post.id), t_s, MANNED_S)
                });
            }
        }
        self.frames_over(&plane, &mut shares);
        shares
    }

    fn frames_over(&self, plane: &Plane, shares: &mut BTreeMap<Watch, Vec<f64>>) {
        let mut seen_until = f64::NEG_INFINITY;
        for (start_s, length_s, corners) in &self.frames {
            let corners = corners.map(|c| plane.to_m(c));
            if !holds_origin(&corners) {
                continue;
            }
            // Two cameras over one place count once.
            let mut at = start_s.max(seen_until).max(0.0);
            let end = start_s + length_s;
            seen_until = seen_until.max(end);
            let bins = shares
                .entry(Watch::Uav)
                .or_insert_with(|| vec![0.0; self.bins]);
            while at < end {
                let bin = (at / BIN_S) as usize;
                let Some(share) = bins.get_mut(bin) else {
                    break;
                };
                let until = end.min((bin + 1) as f64 * BIN_S);
                *share += (until - at) / BIN_S;
                at = until;
            }
        }
    }
}

/// Whether a polygon of four corners holds (0, 0): the ray east crosses its edges oddly often.
fn holds_origin(corners: &[Xy; 4]) -> bool {
    let next = corners.iter().cycle().skip(1);
    let crossings = corners
        .iter()
        .zip(next)
        .filter(|(a, b)| (a.n > 0.0) != (b.n > 0.0) && a.e - a.n * (b.e - a.e) / (b.n - a.n) > 0.0);
    crossings.count() % 2 == 1
}

fn stretches(number: usize, line: &ContactLine, sources: &Sources<'_>) -> Vec<Stretch> {
    let vertices: Vec<Position> = line
        .path
        .coords()
        .filter_map(|c| Position::new(c.y, c.x).ok())
        .collect();
    let legs: Vec<(Position, Position, f64)> = vertices
        .iter()
        .zip(vertices.iter().skip(1))
        .map(|(a, b)| (*a, *b, Plane::at(*a).to_m(*b).length()))
        .collect();
    let length_m: f64 = legs.iter().map(|l| l.2).sum();
    let count = (length_m / STRETCH_M).round().max(1.0);
    let part_m = length_m / count;
    (0..count as usize)
        .filter_map(|i| {
            let (from_m, to_m) = (i as f64 * part_m, (i as f64 + 1.0) * part_m);
            let samples = (part_m / SAMPLE_M).round().max(1.0) as usize;
            let places: Vec<Position> = (0..samples)
                .filter_map(|k| along(&legs, from_m + (k as f64 + 0.5) * part_m / samples as f64))
                .collect();
            let middle = along(&legs, f64::midpoint(from_m, to_m))?;
            Some(stretch(
                number,
                line,
                sources,
                [from_m, to_m],
                middle,
                &places,
            ))
        })
        .collect()
}

/// The place at a length along a line.
fn along(legs: &[(Position, Position, f64)], at_m: f64) -> Option<Position> {
    let mut left_m = at_m;
    for (a, b, length_m) in legs {
        if left_m <= *length_m {
            let plane = Plane::at(*a);
            let d = plane.to_m(*b);
            let share = left_m / length_m.max(1e-9);
            return plane.to_position(Xy::new(d.e * share, d.n * share));
        }
        left_m -= length_m;
    }
    legs.last().map(|l| l.1)
}

fn stretch(
    line_number: usize,
    line: &ContactLine,
    sources: &Sources<'_>,
    [from_m, to_m]: [f64; 2],
    middle: Position,
    places: &[Position],
) -> Stretch {
    let stands: Vec<bool> = (0..sources.bins)
        .map(|bin| {
            line.valid
                .holds_at(sources.from.plus_seconds((bin as f64 + 0.5) * BIN_S))
        })
        .collect();
    let cells = (stands.iter().filter(|s| **s).count() * places.len()).max(1) as f64;
    let standing = |bins: &[f64]| -> f64 {
        bins.iter()
            .zip(&stands)
            .filter(|(_, s)| **s)
            .map(|(share, _)| share.min(1.0))
            .sum()
    };
    let mut watched: BTreeMap<Watch, f64> = BTreeMap::new();
    let mut by_any = 0.0;
    let mut whole = vec![true; sources.bins];
    for place in places {
        let shares = sources.watch(*place);
        let mut best = vec![0.0_f64; sources.bins];
        for (watch, bins) in &shares {
            *watched.entry(*watch).or_insert(0.0) += standing(bins) / cells;
            best.iter_mut().zip(bins).for_each(|(b, s)| *b = b.max(*s));
        }
        by_any += standing(&best) / cells;
        whole
            .iter_mut()
            .zip(&best)
            .for_each(|(w, b)| *w &= *b >= WATCHED_SHARE);
    }
    let (mut gap, mut longest) = (0_usize, 0_usize);
    for (is_whole, stood) in whole.iter().zip(&stands) {
        gap = if *stood && !is_whole { gap + 1 } else { 0 };
        longest = longest.max(gap);
    }
    watched.retain(|_, share| *share > 0.0);
    Stretch {
        line: line.id.clone(),
        line_number,
        from_m,
        to_m,
        middle,
        watched,
        watched_by_any: by_any,
        longest_gap_s: longest as f64 * BIN_S,
        never_watched: by_any == 0.0,
        stood: stands.contains(&true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_what_lies_inside_whichever_way_it_turns() {
        let frame = |e: f64, n: f64| {
            [(-1.0, 1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)].map(|(x, y)| Xy::new(x + e, y + n))
        };
        assert!(holds_origin(&frame(0.0, 0.0)));
        assert!(!holds_origin(&frame(3.0, 0.0)) && !holds_origin(&frame(-3.0, 0.2)));
        let mut turned = frame(0.1, 0.1);
        turned.reverse();
        assert!(holds_origin(&turned));
    }
}
