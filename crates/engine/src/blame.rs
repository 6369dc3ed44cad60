//! Whom reports blame, held against what all else says.

use std::collections::{BTreeMap, BTreeSet};

use truceline_domain::{Body, PartyId};

use crate::associate::Source;
use crate::classify::Kinds;
use crate::observers::{Accusation, Observers};
use crate::telling::{Round, Telling, spot};
use crate::{attribute, explain};

impl Telling<'_, '_> {
    /// What those are worth who blame someone: each report against what all else says of the first
    /// round of its series.
    pub(crate) fn observers<'r>(
        &self,
        reports: &BTreeMap<(bool, usize), Vec<usize>>,
        rounds: impl Iterator<Item = ((bool, usize), Round<'r>, &'r Kinds)>,
    ) -> Observers {
        let blames = |i: usize| {
            let o = self.all.observations.get(i)?;
            match &o.body {
                Body::Report(r) => Some((o.source.clone(), r.attributed.clone()?)),
                _ => None,
            }
        };
        let mut says: BTreeMap<_, BTreeMap<PartyId, usize>> = BTreeMap::new();
        for (observer, accused) in self.all.reports.iter().filter_map(|i| blames(*i)) {
            let own = says.entry(observer).or_default();
            *own.entry(accused).or_default() += 1;
        }
        let mut accusations = vec![];
        let mut seen = BTreeSet::new();
        for (key, round, kinds) in rounds {
            let spoken = reports.get(&key).into_iter().flatten();
            let accusing: Vec<_> = spoken.filter_map(|i| Some((*i, blames(*i)?))).collect();
            if accusing.is_empty() || !seen.insert(key) {
                continue;
            }
            let Some(others) = self.by_others(&round, kinds) else {
                continue;
            };
            accusations.extend(accusing.into_iter().map(|(report, (observer, accused))| {
                Accusation {
                    report,
                    observer,
                    kind: kinds.kind,
                    series: seen.len(),
                    accused,
                    others: others.clone(),
                }
            }));
        }
        Observers::learnt(&accusations, &says, self.parties.len())
    }

    /// The chance of each party by all but reports, given that one of them did it.
    fn by_others(&self, round: &Round<'_>, kinds: &Kinds) -> Option<BTreeMap<PartyId, f64>> {
        let gun = &round.heard.source;
        let geometry = self
            .all
            .theatre
            .at(self.all.epoch.plus_seconds(gun.estimate.t_s()));
        let held =
            |s: &Source| attribute::holders(&geometry, &self.all.plane, &spot(s), &self.parties);
        let movers = round.way(self.all, &geometry, None).movers;
        let (holders, burst) = (held(gun), round.burst.map(held));
        let evidence = explain::Evidence {
            holders: &holders,
            burst: burst.as_ref(),
            reports: &[],
            movers: &movers,
            notice: None,
        };
        let seen = round.way(self.all, &geometry, Some(&movers));
        let p = self.weighed(round, kinds, &seen, &evidence)?.p;
        Some(
            p.parties()
                .map(|(party, p)| (party.clone(), p.get()))
                .collect(),
        )
    }
}
