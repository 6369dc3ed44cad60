//! New arrivals among sources that were found before: what can be said of them at once, until all of
//! their chunk is associated anew.

use crate::again::Known;
use crate::associate::{Associator, PARTNERS, Source, in_order};
use crate::field::Wave;
use crate::locate::fit;

/// Of a flood no more than these are looked at one by one; the rest waits until the chunk's turn.
const MOST_NEWS: usize = 1000;

impl Associator<'_> {
    /// `sources` joined by new picks: by those that a source lacks at their station, and by sources of
    /// picks that are free.
    pub(crate) fn joined_by(
        mut self,
        mut sources: Vec<Source>,
        news: &[usize],
        known: &Known,
    ) -> Vec<Source> {
        let news = news.get(..MOST_NEWS).unwrap_or(news);
        for pick in sources.iter().flat_map(|s| &s.picks) {
            self.taken[*pick] = true;
        }
        for pick in news {
            let gains = sources.iter().enumerate();
            let gains = gains.filter_map(|(i, s)| Some((self.gain_of_one_more(s, *pick)?, i)));
            let best = gains.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            if let Some((gain, i)) = best
                && let Some(source) = sources.get_mut(i)
                && let Some(more) = self.with_one_more(source, *pick, gain)
            {
                self.taken[*pick] = true;
                *source = more;
            }
        }
        let mut more = vec![];
        for pick in news {
            let is_sound = matches!(self.pick(*pick).wave, Wave::Sound { .. });
            if is_sound && !self.taken[*pick] {
                more.extend(self.best_from_places(*pick, &known.places));
                more.extend(self.best_through(*pick, PARTNERS));
            }
        }
        self.accept(more, 2, &mut sources);
        in_order(&mut sources);
        sources
    }

    /// What a pick adds to a source that has none of its station and kind; `None` unless it gains.
    fn gain_of_one_more(&self, source: &Source, pick: usize) -> Option<f64> {
        let (one, kind) = (self.pick(pick), |w: &Wave| std::mem::discriminant(w));
        let is_there = |p: &usize| {
            let other = self.pick(*p);
            other.station == one.station && kind(&other.wave) == kind(&one.wave)
        };
        let gain = self.gain(source, one)?;
        (gain > 0.0 && !source.picks.iter().any(is_there)).then_some(gain)
    }

    fn with_one_more(&self, source: &Source, pick: usize, gain: f64) -> Option<Source> {
        let mut more = source.clone();
        more.picks.push(pick);
        self.by_time(&mut more.picks);
        let (air, state) = (&more.air, &more.estimate.state);
        more.estimate = fit(self.field, &more.picks, air, state, more.anchor.as_ref(), 4)?;
        more.fingerprint = self.fingerprint(&more);
        more.score += gain;
        Some(more)
    }
}
