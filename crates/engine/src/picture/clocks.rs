//! Clocks held against each other: where two sources tell of the same moving thing, the place that it passed
//! has a time by each.
//!
//! A drone that sends its metadata in its video and its telemetry beside it is such a thing; so is a vehicle
//! that two cameras follow. Each point of one track is laid onto the other track, wherever that is nearest,
//! and the times are compared. That the two are one thing is not known, only that
//! they went the same way at the same height: two that fly the same way one after the other would look like
//! one with two clocks. So what is found is told, and nothing is corrected by it.

use truceline_domain::SourceId;

use super::{Picture, Track, TrackPoint};
use crate::plane::{Plane, Xy};

/// Points of a track that are compared, the newest.
const POINTS: usize = 60;
/// So many must lie on the other track, and such a share of those compared.
const LEAST_POINTS: usize = 20;
const LEAST_SHARE: f64 = 0.9;
/// What moves more slowly is at one place at many times, m/s.
const LEAST_MPS: f64 = 4.0;
/// Beyond the errors told, two descriptions of one way may lie so far apart, metres, and in height.
const APART_M: f64 = 10.0;
const APART_UP_M: f64 = 100.0;
/// An offset whose scatter is larger says nothing, seconds.
const MOST_SCATTER_S: f64 = 5.0;

/// Two sources that tell of the same moving thing.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ClockPair {
    /// One of them.
    pub a: SourceId,
    /// The other.
    pub b: SourceId,
    /// The clock of `a` less that of `b`, seconds: positive when `a` is ahead.
    pub offset_s: f64,
    /// One standard deviation of that, seconds.
    pub sd_s: f64,
    /// How many places it rests on.
    pub points: usize,
}

impl ClockPair {
    /// The other source and this one's clock less the other's, seconds; `None` when it is neither of them.
    #[must_use]
    pub fn seen_from(&self, source: &SourceId) -> Option<(&SourceId, f64)> {
        if *source == self.a {
            Some((&self.b, self.offset_s))
        } else if *source == self.b {
            Some((&self.a, -self.offset_s))
        } else {
            None
        }
    }

    /// Whether the two differ by more than chance.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.offset_s.abs() > 3.0 * self.sd_s
    }
}

impl Picture {
    /// Pairs of sources whose clocks can be held against each other, in order of their names. Of each pair of
    /// sources the tracks that fit best count.
    #[must_use]
    pub fn clock_pairs(&self) -> Vec<ClockPair> {
        // The newest leg of each.
        let newest = |(n, track): &(usize, &Track)| {
            let next = self.tracks.get(n + 1);
            next.is_none_or(|t| (&t.source, &t.subject) != (&track.source, &track.subject))
        };
        let tracks: Vec<&Track> = self
            .tracks
            .iter()
            .enumerate()
            .filter(newest)
            .map(|(_, track)| track)
            .filter(|track| track.points.len() >= LEAST_POINTS)
            .collect();
        let mut pairs: Vec<ClockPair> = Vec::new();
        for (n, a) in tracks.iter().enumerate() {
            for b in tracks.iter().skip(n + 1).filter(|b| b.source != a.source) {
                let Some(pair) = compared(a, b) else { continue };
                match pairs
                    .iter_mut()
                    .find(|p| (&p.a, &p.b) == (&pair.a, &pair.b))
                {
                    Some(known) if known.points < pair.points => *known = pair,
                    Some(_) => {}
                    None => pairs.push(pair),
                }
            }
        }
        pairs
    }
}

/// A track's way over a plane.
fn way(track: &Track, plane: &Plane) -> Vec<Xy> {
    track
        .points
        .iter()
        .map(|p| plane.to_m(p.position))
        .collect()
}

fn compared(a: &Track, b: &Track) -> Option<ClockPair> {
    let newest = a.points.last()?;
    let plane = Plane::at(newest.position);
    let way_b = way(b, &plane);
    let from = a.points.len().saturating_sub(POINTS);
    let asked: Vec<&TrackPoint> = a
        .points
        .iter()
        .skip(from)
        .filter(|p| p.speed_mps >= LEAST_MPS)
        .collect();
    if asked.len() < LEAST_POINTS {
        return None;
    }
    let mut offsets: Vec<f64> = Vec::with_capacity(asked.len());
    let mut slack = 0.0;
    for (n, point) in asked.iter().enumerate() {
        if let Some(offset_s) = offset_s(point, plane.to_m(point.position), b, &way_b) {
            offsets.push(offset_s);
            slack += point.sd_m / point.speed_mps;
        }
        // What was not there so far will not be there often enough.
        let missed = n + 1 - offsets.len();
        if missed as f64 > (1.0 - LEAST_SHARE) * asked.len() as f64 {
            return None;
        }
    }
    offsets.sort_by(f64::total_cmp);
    let middle = |sorted: &[f64]| sorted.get(sorted.len() / 2).copied();
    let offset_s = middle(&offsets)?;
    let mut away: Vec<f64> = offsets.iter().map(|o| (o - offset_s).abs()).collect();
    away.sort_by(f64::total_cmp);
    // The median's distance from the median is 0.67 of a Gaussian's standard deviation.
    let scatter_s = middle(&away)? / 0.6745;
    let count = offsets.len();
    // Errors of places along the way go together for as long as the filter remembers: they are not divided.
    let sd_s = (scatter_s / (count as f64).sqrt()).hypot(slack / count as f64);
    (count >= LEAST_POINTS && scatter_s <= MOST_SCATTER_S).then(|| ClockPair {
        a: a.source.clone(),
        b: b.source.clone(),
        offset_s,
        sd_s,
        points: count,
    })
}

/// The time of `point` less the other track's when it passed there; of several passes the one nearest in time.
fn offset_s(point: &TrackPoint, at: Xy, other: &Track, way: &[Xy]) -> Option<f64> {
    let mut nearest: Option<f64> = None;
    for (places, points) in way.windows(2).zip(other.points.windows(2)) {
        let (&[p, q], [before, after]) = (places, points) else {
            continue;
        };
        let lasts_s = after.time.seconds_since(before.time);
        if lasts_s > super::TRACK_GAP_S {
            continue;
        }
        let (along, to) = (q.minus(p), at.minus(p));
        let length2 = along.dot(along);
        if length2 <= 0.0 {
            continue;
        }
        let share = to.dot(along) / length2;
        if !(0.0..=1.0).contains(&share) {
            continue;
        }
        let away_m = to.minus(Xy::new(along.e * share, along.n * share)).length();
        if away_m > APART_M + 3.0 * point.sd_m.hypot(before.sd_m) || !is_as_high(point, before) {
            continue;
        }
        let offset_s = point.time.seconds_since(before.time) - share * lasts_s;
        if nearest.is_none_or(|n| offset_s.abs() < n.abs()) {
            nearest = Some(offset_s);
        }
    }
    nearest
}

/// Whether two places are alike in height, as far as both tell it above the same.
fn is_as_high(a: &TrackPoint, b: &TrackPoint) -> bool {
    let apart = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| (a - b).abs());
    let both = apart(a.height_msl_m, b.height_msl_m).or(apart(a.height_hae_m, b.height_hae_m));
    both.is_none_or(|m| m <= APART_UP_M)
}
