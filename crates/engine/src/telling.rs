//! From sources, guns and links to events: what each was, who did it, and what was cited.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use truceline_agreement::Geometry;
use truceline_domain::{
    Attribution, CovarianceM2, Event, EventKind, FindingId, Impact, ObservationId, PartyId, Sha256,
};

use crate::associate::{Associator, Source};
use crate::attribute::{self, Spot};
use crate::classify::Kinds;
use crate::guns::{Gun, Guns};
use crate::link::{Heard, Link};
use crate::memo::Memo;
use crate::observers::{ObserverState, Observers, reweighed};
use crate::prepare::Prepared;
use crate::reports;
use crate::signature::Signature;
use crate::walkers::{self, Claimant, FALSE_FLAG, Fired, Walkers, Way};
use crate::{Parameters, classify, doubt, explain};

/// Chance that a party fires from ground that another holds, where the round came down on the ground it was fired from.
const FALSE_FLAG_ON_OWN: f64 = 0.4;
/// A burst is cited as a round's from this chance on that it is its own.
const SURE_BURST: f64 = 0.7;
/// A source of this score is as likely there as not.
const SURE_SCORE: f64 = 2.0;
/// What it adds to a source's score that its gun fired once more, and twice and more.
const SERIES_SURE: [f64; 3] = [0.0, 3.0, 6.0];

pub(crate) struct Telling<'t, 'a> {
    pub(crate) all: &'t Prepared<'a>,
    pub(crate) signatures: &'t [Signature],
    pub(crate) parameters: &'t Parameters,
    pub(crate) parties: Vec<PartyId>,
    pub(crate) guns: &'t Guns,
}

/// What was told.
pub(crate) struct Events {
    pub(crate) events: Vec<Event>,
    /// How many bursts have no gun.
    pub(crate) bursts: usize,
    pub(crate) observers: Vec<ObserverState>,
}

/// What speaks of a round beside its arrivals: places among the observations.
struct Beside {
    way: Way,
    reports: Vec<usize>,
    notice: Option<usize>,
}

/// A round with what it hangs together with.
pub(crate) struct Round<'s> {
    pub(crate) heard: &'s Heard,
    /// Its gun, or itself.
    by: Claimant,
    gun: Option<&'s Gun>,
    pub(crate) burst: Option<&'s Source>,
    link: Option<&'s Link>,
    fellow: Option<EventKind>,
    walkers: &'s Walkers,
    observers: &'s Observers,
}

impl Round<'_> {
    /// Rounds known of its gun, itself among them.
    fn rounds(&self) -> usize {
        self.gun.map_or(1, |g| g.rounds.len())
    }

    /// Who came to the gun and left it, as far as seen.
    pub(crate) fn way(
        &self,
        all: &Prepared<'_>,
        geometry: &Geometry<'_>,
        among: Option<&[usize]>,
    ) -> Way {
        let source = &self.heard.source;
        let t_s = source.estimate.t_s();
        let fired = Fired {
            by: self.by,
            spot: spot(source),
            from_s: self.gun.map_or(t_s, |g| g.from_s),
            until_s: self.gun.map_or(t_s, |g| g.until_s),
        };
        self.walkers.around(all, geometry, &fired, among)
    }
}

impl Telling<'_, '_> {
    /// Events in no order, and what was learnt of those who report.
    pub(crate) fn events(&self, heard: &[Heard], links: &[Link], memo: &mut Memo) -> Events {
        let by_gun: BTreeMap<usize, &Link> = links.iter().map(|l| (l.gun, l)).collect();
        let ends: BTreeSet<usize> = links.iter().map(|l| l.burst).collect();
        let told: Vec<usize> = (0..heard.len()).filter(|i| !ends.contains(i)).collect();
        let fellows = self.fellows(links);
        let kinds: BTreeMap<usize, Kinds> = told
            .iter()
            .filter_map(|i| {
                Some((
                    *i,
                    Kinds::of(
                        self.signatures,
                        heard.get(*i)?,
                        by_gun.get(i).copied(),
                        self.fellow(*i, by_gun.get(i).copied(), &fellows),
                    ),
                ))
            })
            .collect();
        let walkers = Walkers::new(self.all, &self.fired(heard, &kinds));
        let series = self.series(heard, &by_gun, &kinds);
        let reports = reports::by_series(self.all, self.all.theatre, &series);
        let strangers = Observers::default();
        let round = |i: &usize| {
            let link = by_gun.get(i).copied();
            let gun = self.guns.of.get(*i).copied().flatten();
            Some(Round {
                heard: heard.get(*i)?,
                by: self.claimant(*i),
                gun: gun.and_then(|g| self.guns.guns.get(g)),
                burst: link.and_then(|l| heard.get(l.burst)).map(|b| &b.source),
                link,
                fellow: self.fellow(*i, link, &fellows),
                walkers: &walkers,
                observers: &strangers,
            })
        };
        let rounds = kinds.iter().filter(|(_, k)| k.p_burst <= 0.5);
        let rounds = rounds.filter_map(|(i, k)| Some((self.key(*i), round(i)?, k)));
        let observers = self.observers(&reports, rounds);
        let bursts = kinds.values().filter(|k| k.p_burst > 0.5).count();
        let firing: Vec<usize> = (kinds.iter())
            .filter(|(_, k)| k.p_burst <= 0.5)
            .map(|(i, _)| *i)
            .collect();
        let whole = memo.workers().each(&firing, |i| {
            let round = Round {
                observers: &observers,
                ..round(i)?
            };
            let kinds = kinds.get(i)?;
            let spoken = reports.get(&self.key(*i)).map_or(&[][..], Vec::as_slice);
            let beside = self.beside(&round, kinds, spoken);
            Some((round, kinds, beside))
        });
        let whole: Vec<(Round<'_>, &Kinds, Beside)> = whole.into_iter().flatten().collect();
        let associator = Associator::new(&self.all.field);
        let events = memo.told(
            &whole,
            |(round, kinds, beside)| self.names_and_digest(round, kinds, beside),
            |whole| self.event(&associator, whole),
        );
        Events {
            events: events.into_iter().flatten().collect(),
            bursts,
            observers: observers.told,
        }
    }

    fn event(
        &self,
        associator: &Associator<'_>,
        (round, kinds, beside): &(Round<'_>, &Kinds, Beside),
    ) -> Option<Event> {
        let (all, gun, burst) = (self.all, &round.heard.source, round.burst);
        let time = all.epoch.plus_seconds(gun.estimate.t_s());
        let geometry = all.theatre.at(time);
        let spot = spot(gun);
        let held = |s: &Source| doubt::holders(associator, &geometry, &all.plane, s, &self.parties);
        let holders = held(gun);
        let burst_holders =
            burst.map(|b| attribute::holders(&geometry, &all.plane, &self::spot(b), &self.parties));
        let evidence = explain::Evidence {
            holders: &holders,
            burst: burst_holders.as_ref(),
            reports: &beside.reports,
            movers: &beside.way.movers,
            notice: beside.notice,
        };
        let way = |movers: &[usize]| round.way(all, &geometry, Some(movers));
        let whole_way = way(evidence.movers);
        // With all of it what was judged; with less the kinds are weighed anew.
        let weigh = |e: &explain::Evidence<'_>| {
            let seen = if e.movers == evidence.movers {
                Cow::Borrowed(&whole_way)
            } else {
                Cow::Owned(way(e.movers))
            };
            if e.burst.is_some() == burst.is_some() && e.notice == evidence.notice {
                return self.weighed(round, kinds, &seen, e);
            }
            let is_unannounced = evidence.notice.is_some() && e.notice.is_none();
            let heard = round.heard.unannounced(self.signatures, is_unannounced);
            let link = round.link.filter(|_| e.burst.is_some());
            let kinds = Kinds::of(self.signatures, &heard, link, round.fellow);
            self.weighed(&Round { link, ..*round }, &kinds, &seen, e)
        };
        let attribution = weigh(&evidence)?;
        // A burst that may as well be a neighbour's is no evidence of this round.
        let own_burst = burst.filter(|_| round.link.is_some_and(|l| l.sure > SURE_BURST));
        let mut own = self.heard(gun, own_burst);
        // Named after the arrivals alone: what else weighs changes with what was seen and said.
        let id = event_id(&self.ids(&own))?;
        own.extend(beside.reports.iter().chain(beside.notice.as_ref()));
        let told = explain::Told {
            gun,
            burst,
            link: round.link,
            kinds,
            rounds: round.rounds(),
            evidence,
            own: &own,
            attribution: &attribution,
            geometry: &geometry,
            needed: 1.0 - self.parameters.max_wrong_accusation,
            held: &held,
            weigh: &weigh,
        };
        let (explanation, cited) = explain::explanation(all, &told);
        let cov = &gun.estimate.cov;
        Some(Event {
            id,
            time,
            time_sd_s: truceline_domain::Positive::new(cov[(2, 2)].sqrt().max(0.01)).ok()?,
            position: all.plane.to_position(gun.estimate.place())?,
            cov_m2: covariance(&spot)?,
            kind: kinds.kind,
            impact: burst.and_then(|b| self.impact(b)),
            attribution,
            evidence: self.ids(&cited),
            explanation,
        })
    }

    /// What speaks of a round beside its arrivals.
    fn beside(&self, round: &Round<'_>, kinds: &Kinds, reports: &[usize]) -> Beside {
        let gun = &round.heard.source;
        let time = self.all.epoch.plus_seconds(gun.estimate.t_s());
        let geometry = self.all.theatre.at(time);
        let announced = classify::announced(self.all, gun);
        Beside {
            way: round.way(self.all, &geometry, None),
            reports: reports.to_vec(),
            notice: announced.filter(|_| kinds.kind == EventKind::Demolition),
        }
    }

    /// Digests of what an event rests on, and of all that [`Telling::event`] makes it from, beside theatre
    /// and parameters: what it reads must be in here.
    fn names_and_digest(
        &self,
        round: &Round<'_>,
        kinds: &Kinds,
        beside: &Beside,
    ) -> (Sha256, Sha256) {
        let field = &self.all.field;
        let (mut names, mut all) = (vec![], Vec::with_capacity(4096));
        for source in [Some(&round.heard.source), round.burst]
            .into_iter()
            .flatten()
        {
            source.write_names(field, &mut names);
            source.write(field, &mut all);
        }
        for list in [
            &beside.way.movers[..],
            &beside.reports,
            beside.notice.as_slice(),
        ] {
            let of = list.iter().filter_map(|i| self.all.observations.get(*i));
            for o in of {
                let received = o.received.map_or(i64::MIN, |r| r.unix_us());
                names.extend_from_slice(o.id.as_str().as_bytes());
                names.push(0);
                names.extend_from_slice(&received.to_le_bytes());
            }
            // Where one list ends.
            names.push(1);
        }
        all.extend_from_slice(&names);
        let parties = round.observers.blame(&beside.reports);
        for (party, worth) in parties.chain(beside.way.towards.iter().map(|p| (p, f64::NAN))) {
            all.extend_from_slice(party.as_str().as_bytes());
            all.push(0);
            all.extend_from_slice(&worth.to_bits().to_le_bytes());
        }
        let mut numbers = |of: &[f64]| {
            all.extend(of.iter().flat_map(|v| v.to_bits().to_le_bytes()));
            // Where one list ends.
            all.extend(u64::MAX.to_le_bytes());
        };
        let known = |kind: EventKind| f64::from(kind as u8);
        numbers(&doubt::rates(field, &round.heard.source));
        numbers(&round.heard.ln_kinds);
        let way = &beside.way;
        numbers(&way.shares);
        numbers(&[way.against, way.by_chance, way.log_odds]);
        let k = kinds;
        numbers(&[known(k.kind), k.p_kind, k.p_weapon, k.p_burst, k.p_air]);
        numbers(&round.fellow.map_or(vec![], |kind| vec![known(kind)]));
        numbers(&round.link.map_or(vec![], |l| {
            vec![known(l.weapon), l.flight_s, l.worth, l.sure]
        }));
        numbers(
            &round
                .gun
                .map_or(vec![], |g| vec![g.rounds.len() as f64, g.from_s, g.until_s]),
        );
        (Sha256::of(&names), Sha256::of(&all))
    }

    /// Who, from where it was fired, who was `seen` to walk there and what else is known of it.
    pub(crate) fn weighed(
        &self,
        round: &Round<'_>,
        kinds: &Kinds,
        seen: &Way,
        evidence: &explain::Evidence<'_>,
    ) -> Option<Attribution> {
        let holders = evidence.holders;
        let on_own = evidence.burst.map_or(0.0, |there| {
            let share = |(p, w): (&PartyId, &f64)| w * there.get(p).copied().unwrap_or(0.0);
            holders.iter().map(share).sum()
        });
        let unseen = FALSE_FLAG + (FALSE_FLAG_ON_OWN - FALSE_FLAG) * on_own;
        let false_flag = walkers::odds(unseen, seen.log_odds);
        let p_air = kinds.p_air / kinds.p_weapon.max(1e-9);
        let doers = attribute::doers(holders, p_air, false_flag, seen.towards.as_ref());
        let doers = reweighed(&doers, round.observers.blame(evidence.reports));
        let rounds = round.rounds();
        let sureness = round.heard.source.score
            + round.link.map_or(0.0, |l| l.worth.max(0.0))
            + SERIES_SURE[rounds.clamp(1, 3) - 1];
        let violation = kinds.p_weapon / (1.0 + ((SURE_SCORE - sureness) / 2.0).exp());
        attribute::verdict(&doers, violation, self.parameters.max_wrong_accusation)
    }

    fn impact(&self, burst: &Source) -> Option<Impact> {
        Some(Impact {
            position: self.all.plane.to_position(burst.estimate.place())?,
            cov_m2: covariance(&spot(burst)),
            time: Some(self.all.epoch.plus_seconds(burst.estimate.t_s())),
        })
    }

    /// The observations whose arrivals these are.
    fn heard(&self, gun: &Source, burst: Option<&Source>) -> BTreeSet<usize> {
        let picks = gun.picks.iter().chain(burst.iter().flat_map(|b| &b.picks));
        let picks = picks.filter_map(|p| self.all.field.picks.get(*p));
        picks.map(|p| p.observation).collect()
    }

    /// Names of observations, each once, in order.
    fn ids(&self, observations: &BTreeSet<usize>) -> Vec<ObservationId> {
        let all = observations.iter();
        let all = all.filter_map(|i| self.all.observations.get(*i));
        let mut ids: Vec<_> = all.map(|o| o.id.clone()).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

pub(crate) fn spot(source: &Source) -> Spot {
    let cov = &source.estimate.cov;
    Spot {
        at: source.estimate.place(),
        cov: [cov[(0, 0)], cov[(0, 1)], cov[(1, 1)]],
    }
}

/// With a floor of 1 m², so that it stays positive definite when written.
pub(crate) fn covariance(spot: &Spot) -> Option<CovarianceM2> {
    let [ee, en, nn] = spot.cov;
    CovarianceM2::new(ee + 1.0, en, nn + 1.0).ok()
}

/// A name from the evidence: the same evidence gives the same name.
pub(crate) fn event_id(evidence: &[ObservationId]) -> Option<FindingId> {
    let text: Vec<&str> = evidence.iter().map(ObservationId::as_str).collect();
    let digest = Sha256::of(text.join("\n").as_bytes());
    FindingId::new(format!("e-{}", digest.short(20))).ok()
}
