//! One event found twice: two sources at one place and time that no array heard both of.
//!
//! Greedy growth may split the arrivals of a loud event between two sources that agree on where and
//! when. Where the arrivals of both suit one source, it is one.

use std::collections::BTreeSet;

use crate::associate::{Associator, Source};
use crate::field::Wave;
use crate::guns::alike;
use crate::locate::fit;

/// Nearer than this in time, seconds, and place beside three standard deviations, metres.
const NEAR_S: f64 = 0.6;
const NEAR_M: f64 = 40.0;
/// What one source explains instead of two is worth this much more: one coincidence less.
const ONE_LESS: f64 = 2.0;

impl Associator<'_> {
    /// Joins pairs of `sources` (in order of time) that are one.
    pub(crate) fn merged(&self, sources: Vec<Source>) -> Vec<Source> {
        let mut kept: Vec<Source> = Vec::with_capacity(sources.len());
        for source in sources {
            let t_s = source.estimate.t_s();
            let near = kept.iter().enumerate().rev();
            let mut near = near.take_while(|(_, k)| t_s - k.estimate.t_s() < NEAR_S);
            let joined = near.find_map(|(i, k)| Some((i, self.joined(k, &source)?)));
            match joined {
                Some((i, joined)) => {
                    if let Some(place) = kept.get_mut(i) {
                        *place = joined;
                    }
                }
                None => kept.push(source),
            }
        }
        kept
    }

    fn joined(&self, a: &Source, b: &Source) -> Option<Source> {
        let sd_m = a.estimate.place_sd_m().hypot(b.estimate.place_sd_m());
        let apart_m = a.estimate.place().distance(b.estimate.place());
        let heard = |s: &Source| -> BTreeSet<(Option<usize>, bool)> {
            let key = |p: &usize| {
                let pick = self.pick(*p);
                (pick.station, matches!(pick.wave, Wave::Sound { .. }))
            };
            s.picks.iter().map(key).collect()
        };
        let is_near = apart_m < NEAR_M + 3.0 * sd_m && alike(a, b);
        if !is_near || !heard(a).is_disjoint(&heard(b)) {
            return None;
        }
        let better = if b.score > a.score { b } else { a };
        let mut picks: Vec<usize> = a.picks.iter().chain(&b.picks).copied().collect();
        picks.sort_unstable();
        let anchor = a.anchor.or(b.anchor);
        let start = &better.estimate.state;
        let mut source = Source {
            estimate: fit(self.field, &picks, &better.air, start, anchor.as_ref(), 6)?,
            air: better.air,
            picks,
            fingerprint: better.fingerprint,
            score: a.score + b.score + ONE_LESS,
            anchor,
        };
        let all = source.picks.len();
        self.drop_outliers(&mut source, anchor.as_ref())?;
        if source.picks.len() < all {
            return None;
        }
        source.fingerprint = self.fingerprint(&source);
        self.by_time(&mut source.picks);
        Some(source)
    }
}
