//! The way from observations to events.

use std::collections::BTreeMap;

use truceline_agreement::{Geometry, Theatre};
use truceline_domain::{
    Attribution, Body, CovarianceM2, Event, EventClass, EventKind, FindingId, Impact, Observation,
    ObservationId, PartyId, Sha256,
};

use crate::associate::{Associator, Source};
use crate::attribute::{self, Spot};
use crate::calibrate;
use crate::chunk::{self, Chunk, Memo, Question};
use crate::classify;
use crate::exchange;
use crate::explain;
use crate::field::Field;
use crate::fires;
use crate::guns;
use crate::link::{self, Heard, Link};
use crate::prepare::{Prepared, Unused};
use crate::signature::{self, Signature};
use crate::{Judgement, Parameters};

/// Picks from which a source is clear enough to learn sensors' errors from.
const CLEAR_PICKS: usize = 5;
/// How often a burst is heard and its gun is not, and the other way round: they are about as loud.
const BURST_WITHOUT_GUN: f64 = 0.05;
const GUN_WITHOUT_BURST: f64 = 0.15;
/// Chance that a party fires from ground that another holds.
const FALSE_FLAG: f64 = 0.015;
/// The same where people or vehicles were seen at the gun shortly before or after.
const FALSE_FLAG_SEEN: f64 = 0.35;
/// A source of this score is as likely there as not.
const SURE_SCORE: f64 = 2.0;
/// The same where the round came down on the ground it was fired from.
const FALSE_FLAG_ON_OWN: f64 = 0.4;

/// The sources of a field, chunk by chunk, and one list of them.
fn sources(field: &Field, question: Question, threads: usize, memo: &mut Memo) -> Vec<Source> {
    let chunks = chunk::chunks(field);
    let least_picks = match question {
        Question::Clear => CLEAR_PICKS,
        Question::All => 2,
    };
    let answer = |c: &Chunk| Associator::new(&c.field).sources(least_picks);
    let answers = memo.answers(&chunks, question, threads, answer);
    let found = chunks.iter().zip(&answers);
    let found = found.flat_map(|(c, answer)| c.in_whole(answer)).collect();
    Associator::new(field).resolved(found)
}

/// Judges with what `memo` holds of earlier judgements; the answer is that of an empty one.
pub(crate) fn judge(
    theatre: &Theatre,
    observations: &[&Observation],
    parameters: &Parameters,
    threads: usize,
    memo: &mut Memo,
) -> Judgement {
    let Some(mut all) = Prepared::new(theatre, observations) else {
        return Judgement {
            unused: Unused {
                no_evidence: observations.len(),
                ..Unused::default()
            },
            ..Judgement::default()
        };
    };
    let clear = sources(&all.field, Question::Clear, threads, memo);
    let sensors = calibrate::sensors(&all.field, &clear);
    if calibrate::correct(&mut all.field, &sensors) {
        all.field.count();
    }
    let mut sources = sources(&all.field, Question::All, threads, memo);
    let _guns = guns::guns(&all.field, &mut sources);
    let used: usize = sources.iter().map(|s| s.picks.len()).sum();
    all.unused.unexplained = all.field.picks.len().saturating_sub(used);
    let signatures = signature::all();
    let heard: Vec<Heard> = sources
        .into_iter()
        .map(|source| {
            let geometry = theatre.at(all.epoch.plus_seconds(source.estimate.t_s()));
            let ln_kinds = classify::ln_kinds(&all, &signatures, &geometry, &source);
            Heard { source, ln_kinds }
        })
        .collect();
    let links = link::links(&heard, &signatures);
    let telling = Telling {
        all: &all,
        signatures: &signatures,
        parameters,
        parties: theatre.parties(),
    };
    let (mut events, bursts) = telling.events(&heard, &links);
    events.extend(fires::events(&all, &theatre.parties()));
    events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    let unused = Unused {
        bursts_without_gun: bursts,
        ..all.unused
    };
    memo.forget();
    let exchanges = exchange::exchanges(&events, &all.plane, parameters.max_wrong_accusation);
    Judgement {
        events,
        exchanges,
        sensors: sensors.into_iter().map(|s| s.told).collect(),
        unused,
    }
}

struct Telling<'t, 'a> {
    all: &'t Prepared<'a>,
    signatures: &'t [Signature],
    parameters: &'t Parameters,
    parties: Vec<PartyId>,
}

/// What an event is, with what probability.
pub(crate) struct Kinds {
    pub(crate) kind: EventKind,
    pub(crate) p_kind: f64,
    /// The chance that a weapon was used at all.
    pub(crate) p_weapon: f64,
    pub(crate) p_burst: f64,
    pub(crate) p_air: f64,
}

impl Telling<'_, '_> {
    /// Events, and how many bursts have no gun.
    fn events(&self, heard: &[Heard], links: &[Link]) -> (Vec<Event>, usize) {
        let by_gun: BTreeMap<usize, &Link> = links.iter().map(|l| (l.gun, l)).collect();
        let ends: std::collections::BTreeSet<usize> = links.iter().map(|l| l.burst).collect();
        let mut events = vec![];
        let mut bursts = 0;
        for (i, h) in heard.iter().enumerate() {
            if ends.contains(&i) {
                continue;
            }
            let link = by_gun.get(&i).copied();
            let kinds = self.kinds(h, link);
            if kinds.p_burst > 0.5 {
                bursts += 1;
                continue;
            }
            let burst = link.and_then(|l| heard.get(l.burst)).map(|b| &b.source);
            events.extend(self.event(h, burst, link, &kinds));
        }
        (events, bursts)
    }

    fn kinds(&self, h: &Heard, link: Option<&Link>) -> Kinds {
        let top = h.ln_kinds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut of: BTreeMap<EventKind, f64> = BTreeMap::new();
        let (mut all, mut bursts) = (0.0, 0.0);
        for (s, ln) in self.signatures.iter().zip(&h.ln_kinds) {
            let mut p = (ln - top).exp();
            if s.is_burst && link.is_none() {
                p *= BURST_WITHOUT_GUN;
            }
            if s.bursts && link.is_none() {
                p *= GUN_WITHOUT_BURST;
            }
            if let Some(link) = link {
                // Linked: a gun's round of this weapon, unless the link is by chance.
                let fits = s.kind == link.weapon && !s.is_burst;
                p = if fits {
                    p * (link.worth + 3.0).clamp(0.0, 8.0).exp()
                } else {
                    p
                };
            }
            all += p;
            if s.is_burst {
                bursts += p;
            } else {
                *of.entry(s.kind).or_insert(0.0) += p;
            }
        }
        let guns = (all - bursts).max(1e-300);
        let (kind, p) = of.iter().fold((EventKind::Unknown, 0.0), |best, (k, p)| {
            if *p > best.1 { (*k, *p) } else { best }
        });
        let share = |wanted: &dyn Fn(EventKind) -> bool| {
            of.iter()
                .filter(|(k, _)| wanted(**k))
                .map(|(_, p)| p)
                .sum::<f64>()
                / guns
        };
        Kinds {
            kind,
            p_kind: p / guns,
            p_weapon: share(&|k| k.class() == EventClass::Firing),
            p_air: share(&|k| k == EventKind::DroneStrike),
            p_burst: bursts / all.max(1e-300),
        }
    }

    fn event(
        &self,
        heard: &Heard,
        burst: Option<&Source>,
        link: Option<&Link>,
        kinds: &Kinds,
    ) -> Option<Event> {
        let (all, gun) = (self.all, &heard.source);
        let time = all.epoch.plus_seconds(gun.estimate.t_s());
        let geometry = all.theatre.at(time);
        let spot = spot(gun);
        let held = |s: &Spot| attribute::holders(&geometry, &all.plane, s, &self.parties);
        let holders = held(&spot);
        let burst_holders = burst.map(|b| held(&self::spot(b)));
        let movers = self.movers(&spot, gun.estimate.t_s());
        let reports = self.reports(&geometry, gun, burst, kinds.kind);
        let notice = classify::announced(all, gun);
        let evidence = explain::Evidence {
            holders: &holders,
            burst: burst_holders.as_ref(),
            reports: &reports,
            movers: &movers,
            notice: notice.filter(|_| kinds.kind == EventKind::Demolition),
        };
        let weigh = |e: &explain::Evidence<'_>| {
            let is_whole = e.burst.is_some() == burst.is_some() && e.notice == evidence.notice;
            if is_whole {
                return self.weighed(gun, link, kinds, e);
            }
            let link = link.filter(|_| e.burst.is_some());
            let without = evidence.notice.is_some() && e.notice.is_none();
            let kinds = self.kinds(&heard.unannounced(self.signatures, without), link);
            self.weighed(gun, link, &kinds, e)
        };
        let attribution = weigh(&evidence)?;
        let mut ids = self.evidence(gun, burst);
        let id = event_id(&ids)?;
        let beside = reports.iter().chain(evidence.notice.as_ref());
        ids.extend(beside.filter_map(|i| all.observations.get(*i).map(|o| o.id.clone())));
        ids.sort();
        ids.dedup();
        let told = explain::Told {
            gun,
            burst,
            link,
            kinds,
            evidence,
            attribution: &attribution,
            geometry: &geometry,
            needed: 1.0 - self.parameters.max_wrong_accusation,
            weigh: &weigh,
        };
        let explanation = explain::explanation(all, &told);
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
            evidence: ids,
            explanation,
        })
    }

    /// Who, from where it was fired and what else is known of it.
    fn weighed(
        &self,
        gun: &Source,
        link: Option<&Link>,
        kinds: &Kinds,
        evidence: &explain::Evidence<'_>,
    ) -> Option<Attribution> {
        let holders = evidence.holders;
        let on_own = evidence.burst.map_or(0.0, |there| {
            let share = |(p, w): (&PartyId, &f64)| w * there.get(p).copied().unwrap_or(0.0);
            holders.iter().map(share).sum()
        });
        let false_flag = if evidence.movers.is_empty() {
            FALSE_FLAG + (FALSE_FLAG_ON_OWN - FALSE_FLAG) * on_own
        } else {
            FALSE_FLAG_SEEN
        };
        let p_air = kinds.p_air / kinds.p_weapon.max(1e-9);
        let doers = attribute::doers(holders, p_air, false_flag);
        let sureness = gun.score + link.map_or(0.0, |l| l.worth.max(0.0));
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

    fn evidence(&self, gun: &Source, burst: Option<&Source>) -> Vec<ObservationId> {
        let picks = gun.picks.iter().chain(burst.iter().flat_map(|b| &b.picks));
        let observation = |p: &usize| {
            let pick = self.all.field.picks.get(*p)?;
            self.all
                .observations
                .get(pick.observation)
                .map(|o| o.id.clone())
        };
        let mut ids: Vec<_> = picks.filter_map(observation).collect();
        ids.sort();
        ids
    }

    /// People or vehicles seen at a place shortly before or after a time.
    fn movers(&self, spot: &Spot, t_s: f64) -> Vec<usize> {
        let reach_m = MOVERS_M + 2.0 * spot.cov[0].max(spot.cov[2]).sqrt();
        let near = |i: &usize| match self.all.observations.get(*i).map(|o| &o.body) {
            Some(Body::Video(v)) => self.all.plane.to_m(v.position).distance(spot.at) < reach_m,
            _ => false,
        };
        let around = self.all.around(&self.all.movers, t_s, MOVERS_S);
        around.iter().copied().filter(near).collect()
    }

    /// Reports that speak of this event or its series.
    fn reports(
        &self,
        geometry: &Geometry<'_>,
        gun: &Source,
        burst: Option<&Source>,
        kind: EventKind,
    ) -> Vec<usize> {
        let places = [Some(gun), burst]
            .into_iter()
            .flatten()
            .map(|s| s.estimate.place());
        let t_s = gun.estimate.t_s();
        let speaks = |i: &usize| {
            let o = self.all.observations.get(*i)?;
            let Body::Report(r) = &o.body else {
                return None;
            };
            if !explain::weapon_fits(r.weapon, kind) {
                return None;
            }
            let at = self
                .all
                .plane
                .to_m(geometry.post(o.source.as_str())?.position);
            let (bearing_rad, distance_m) =
                (r.bearing_deg?.deg().to_radians(), r.distance_m?.get());
            let mut places = places.clone();
            places
                .any(|p| {
                    let way = p.minus(at);
                    let off = crate::plane::wrapped(way.bearing_rad() - bearing_rad);
                    let ratio = way.length() / distance_m.max(100.0);
                    off.abs() < REPORT_RAD && (0.55..1.8).contains(&ratio)
                })
                .then_some(*i)
        };
        let near = self.all.around(&self.all.reports, t_s, REPORT_S);
        near.iter().filter_map(speaks).collect()
    }
}

const MOVERS_M: f64 = 300.0;
const MOVERS_S: f64 = 1200.0;
/// A report's minute, and how long a series goes on around it.
const REPORT_S: f64 = 75.0;
/// Half of the coarsest sector of a report's bearing (45°), radians.
const REPORT_RAD: f64 = 22.5 * std::f64::consts::PI / 180.0;

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
