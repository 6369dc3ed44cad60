//! What hangs together: rounds of one battery, what fired at one place, the weapon that a battery is known by.

use std::collections::BTreeMap;

use truceline_domain::EventKind;

use crate::classify::Kinds;
use crate::link::{self, Heard, Link};
use crate::reports::Series;
use crate::telling::{Telling, spot};
use crate::walkers::{Claimant, Fired};

impl Telling<'_, '_> {
    /// What a source's series goes by: its battery, or itself when it stands alone.
    pub(crate) fn key(&self, source: usize) -> (bool, usize) {
        let gun = self.guns.of.get(source).copied().flatten();
        let battery = gun.and_then(|g| self.guns.guns.get(g)).map(|g| g.battery);
        battery.map_or((false, source), |b| (true, b))
    }

    /// How many rounds of each battery are linked to a burst, by weapon.
    pub(crate) fn fellows(&self, links: &[Link]) -> BTreeMap<(usize, EventKind), usize> {
        let mut fellows = BTreeMap::new();
        for link in links {
            if let (true, battery) = self.key(link.gun) {
                *fellows.entry((battery, link.weapon)).or_insert(0) += 1;
            }
        }
        fellows
    }

    /// The weapon that most other rounds of a source's battery are known by.
    pub(crate) fn fellow(
        &self,
        source: usize,
        link: Option<&Link>,
        fellows: &BTreeMap<(usize, EventKind), usize>,
    ) -> Option<EventKind> {
        let (true, battery) = self.key(source) else {
            return None;
        };
        let weapons = link::WEAPONS.iter();
        let known = weapons.filter_map(|w| {
            let own = usize::from(link.is_some_and(|l| l.weapon == *w));
            Some((fellows.get(&(battery, *w))?.saturating_sub(own), *w))
        });
        let known = known.filter(|(rounds, _)| *rounds > 0);
        known
            .max_by_key(|(rounds, _)| *rounds)
            .map(|(_, weapon)| weapon)
    }

    /// What a source stands for where it fired: its gun, or itself when it stands alone.
    pub(crate) fn claimant(&self, source: usize) -> Claimant {
        let gun = self.guns.of.get(source).copied().flatten();
        gun.map_or((false, source), |g| (true, g))
    }

    /// All that fired, guns once.
    pub(crate) fn fired(&self, heard: &[Heard], kinds: &BTreeMap<usize, Kinds>) -> Vec<Fired> {
        let mut fired: BTreeMap<Claimant, Fired> = BTreeMap::new();
        for (i, _) in kinds.iter().filter(|(_, k)| k.p_burst <= 0.5) {
            let (by, Some(h)) = (self.claimant(*i), heard.get(*i)) else {
                continue;
            };
            let gun = self.guns.guns.get(by.1).filter(|_| by.0);
            let t_s = h.source.estimate.t_s();
            fired.entry(by).or_insert_with(|| Fired {
                by,
                spot: spot(&h.source),
                from_s: gun.map_or(t_s, |g| g.from_s),
                until_s: gun.map_or(t_s, |g| g.until_s),
            });
        }
        fired.into_values().collect()
    }

    pub(crate) fn series(
        &self,
        heard: &[Heard],
        by_gun: &BTreeMap<usize, &Link>,
        kinds: &BTreeMap<usize, Kinds>,
    ) -> BTreeMap<(bool, usize), Series> {
        let mut all: BTreeMap<(bool, usize), Series> = BTreeMap::new();
        for (i, kinds) in kinds.iter().filter(|(_, k)| k.p_burst <= 0.5) {
            let Some(h) = heard.get(*i) else { continue };
            let burst = by_gun.get(i).and_then(|l| heard.get(l.burst));
            let t_s = h.source.estimate.t_s();
            let series = all.entry(self.key(*i)).or_insert(Series {
                from_s: t_s,
                ..Series::default()
            });
            // Sources stand in order of time: the first is the earliest.
            series.rounds += 1;
            series.kind = series.kind.or(Some(kinds.kind));
            if series.rounds <= 3 {
                series.places.push(h.source.estimate.place());
                series
                    .places
                    .extend(burst.map(|b| b.source.estimate.place()));
            }
        }
        all
    }
}
