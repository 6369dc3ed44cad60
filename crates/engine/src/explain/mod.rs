//! Why: what each observation contributed, what would change the answer, and what may be said of it.
//! Everything told is computed by judging again without a piece, through the very function that
//! judged with it.

mod absent;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use truceline_agreement::Geometry;
use truceline_domain::{
    Attribution, Contribution, Counterfactual, EventKind, Explanation, PartyId, Piece, SourceId,
    Verdict, Weapon,
};

use crate::associate::Source;
use crate::classify::Kinds;
use crate::field::Wave;
use crate::link::Link;
use crate::prepare::Prepared;
use crate::say::{Language, say};
pub(crate) use absent::exchanged;
use absent::{Absent, Bench, Gone};

/// What whom an answer names is weighed from. The engine weighs an event with all of it, and an
/// explanation again with less.
#[derive(Clone, Copy)]
pub(crate) struct Evidence<'e> {
    /// The chance that each party holds the firing place.
    pub(crate) holders: &'e BTreeMap<PartyId, f64>,
    /// The same of the place where the round came down; `None` without a burst.
    pub(crate) burst: Option<&'e BTreeMap<PartyId, f64>>,
    /// Reports that fit, people or vehicles seen there: places among the observations.
    pub(crate) reports: &'e [usize],
    pub(crate) movers: &'e [usize],
    /// A notice that covers it.
    pub(crate) notice: Option<usize>,
}

/// What an explanation is made from.
pub(crate) struct Told<'t> {
    pub(crate) gun: &'t Source,
    pub(crate) burst: Option<&'t Source>,
    pub(crate) link: Option<&'t Link>,
    pub(crate) kinds: &'t Kinds,
    /// Rounds known of its gun, this one among them.
    pub(crate) rounds: usize,
    pub(crate) evidence: Evidence<'t>,
    /// What is cited however little it weighs: its own arrivals, reports, the notice.
    pub(crate) own: &'t BTreeSet<usize>,
    pub(crate) attribution: &'t Attribution,
    pub(crate) geometry: &'t Geometry<'t>,
    /// The probability from which a party is named.
    pub(crate) needed: f64,
    /// The chances that each party holds a source's place.
    pub(crate) held: &'t dyn Fn(&Source) -> BTreeMap<PartyId, f64>,
    /// Weighs who from such evidence.
    pub(crate) weigh: &'t dyn Fn(&Evidence<'_>) -> Option<Attribution>,
}

/// Log-odds are told within this: a model is never surer.
const MOST_LOG_ODDS: f64 = 12.0;
/// What moves the answer by less than this, in log-odds, does not weigh: it is 0.00 where it is told.
const LEAST_WEIGHED: f64 = 0.005;
/// How near to the threshold, in log-odds, an answer by the straight line is judged again in full.
const NEAR_LOG_ODDS: f64 = 1.0;

fn log_odds(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln().clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS)
}

/// The likeliest answer: a party, or `None` for nobody.
fn likeliest(attribution: &Attribution) -> Option<PartyId> {
    let none = attribution.p.none();
    attribution
        .p
        .likeliest_party()
        .filter(|(_, p)| *p > none)
        .map(|(party, _)| party.clone())
}

fn chance(attribution: &Attribution, answer: Option<&PartyId>) -> f64 {
    answer
        .map_or(attribution.p.none(), |p| attribution.p.of(p))
        .get()
}

/// Why, and the observations to cite: every one that the explanation names is among them.
pub(crate) fn explanation(all: &Prepared<'_>, told: &Told<'_>) -> (Explanation, BTreeSet<usize>) {
    let bench = Bench::new(all, told);
    let cited = cited(&bench);
    let (sources, counterfactuals) = sources(&bench, &cited);
    let statements = statements::statements(&bench, &cited, &sources, &counterfactuals);
    let explanation = Explanation {
        contributions: contributions(&bench, &cited),
        counterfactuals,
        sentences: say(&statements, Language::En, &|p| p.to_string()),
        statements,
    };
    (explanation, cited)
}

/// An event's own observations, and what else weighs: people and vehicles seen, each alone or those that do
/// not weigh alone together, and arrivals of a burst that may as well be a neighbour's. Such a burst as a
/// whole is not cited: without it the round would have the other one.
fn cited(bench: &Bench<'_>) -> BTreeSet<usize> {
    let told = bench.told;
    let weighs = |gone: &Gone| bench.worth(&bench.without(gone)).abs() >= LEAST_WEIGHED;
    let weighs_alone = |i: &usize| weighs(&Gone::observation(*i));
    let movers = told.evidence.movers.iter().copied();
    let (mut weighing, rest): (Vec<usize>, Vec<usize>) = movers.partition(weighs_alone);
    if !rest.is_empty() && weighs(&Gone::new(rest.clone())) {
        weighing.extend(rest);
    }
    let burst = told.burst.map_or(vec![], |b| bench.observations(b));
    let others = burst.into_iter().filter(|i| !told.own.contains(i));
    weighing.extend(others.filter(weighs_alone));
    told.own.iter().copied().chain(weighing).collect()
}

/// What each piece is worth, strongest first.
fn contributions(bench: &Bench<'_>, cited: &BTreeSet<usize>) -> Vec<Contribution> {
    let (all, told) = (bench.all, bench.told);
    let of = |observation: usize, what: Piece, absent: Absent, residual_sd: Option<f64>| {
        let o = all.observations.get(observation)?;
        Some(Contribution {
            observation: Some(o.id.clone()),
            source: Some(o.source.clone()),
            what,
            log_odds: bench.worth(&absent),
            moved_m: absent.moved_m,
            residual_sd,
        })
    };
    let pick = |number: usize, source: &Source, is_burst: bool| {
        let pick = all.field.picks.get(number)?;
        if !cited.contains(&pick.observation) {
            return None;
        }
        let what = match pick.wave {
            _ if is_burst => Piece::Burst,
            Wave::Sound { .. } => Piece::Sound,
            Wave::Light => Piece::Flash,
            Wave::Shock { .. } => Piece::Shock,
            Wave::Seen { .. } => Piece::Seen,
        };
        let worst = bench.worst_residual_sd(number, source);
        let absent = bench.without(&Gone::observation(pick.observation));
        of(pick.observation, what, absent, Some(worst))
    };
    let gun = told.gun.picks.iter();
    let mut list: Vec<Contribution> = gun.filter_map(|p| pick(*p, told.gun, false)).collect();
    if let Some(burst) = told.burst {
        list.extend(burst.picks.iter().filter_map(|p| pick(*p, burst, true)));
    }
    let beside = [
        (told.evidence.reports, Piece::Report),
        (told.evidence.movers, Piece::Movers),
        (told.evidence.notice.as_slice(), Piece::Notice),
    ];
    for (observations, what) in beside {
        list.extend(
            observations
                .iter()
                .filter(|i| cited.contains(i))
                .filter_map(|i| of(*i, what, bench.without(&Gone::observation(*i)), None)),
        );
    }
    list.push(Contribution {
        observation: None,
        source: None,
        what: Piece::Ground,
        log_odds: bench.ground(),
        moved_m: None,
        residual_sd: None,
    });
    list.sort_by(|a, b| {
        b.log_odds
            .abs()
            .total_cmp(&a.log_odds.abs())
            .then_with(|| a.observation.cmp(&b.observation))
    });
    list
}

/// What each source is worth with all that is cited of it, in order of names, and those without which the answer would
/// be another.
fn sources(
    bench: &Bench<'_>,
    cited: &BTreeSet<usize>,
) -> (Vec<(SourceId, f64)>, Vec<Counterfactual>) {
    let (mut worth, mut changed) = (vec![], vec![]);
    for (source, observations) in bench.by_source(cited) {
        let gone = Gone::new(observations);
        let mut absent = bench.without(&gone);
        worth.push((source.clone(), bench.worth(&absent)));
        if bench.is_near(&absent) {
            absent = bench.without_in_full(&gone);
        }
        let verdict = absent.attribution.as_ref();
        let verdict = verdict.map_or(Verdict::Undetermined, |a| a.verdict.clone());
        if verdict != bench.told.attribution.verdict {
            let ids = gone.observations.iter();
            let mut without: Vec<_> = ids
                .filter_map(|i| bench.all.observations.get(*i).map(|o| o.id.clone()))
                .collect();
            without.sort();
            changed.push(Counterfactual {
                source,
                without,
                verdict,
                p: absent.attribution.as_ref().map_or(0.0, |a| bench.chance(a)),
                moved_m: absent.moved_m,
            });
        }
    }
    (worth, changed)
}

/// Whether a reported weapon may be this kind of event.
pub(crate) fn weapon_fits(weapon: Weapon, kind: EventKind) -> bool {
    match weapon {
        Weapon::Unknown => true,
        Weapon::SmallArms => kind == EventKind::SmallArms,
        Weapon::Hmg | Weapon::Agl => kind == EventKind::Hmg,
        Weapon::Mortar => kind == EventKind::Mortar,
        Weapon::Artillery | Weapon::Tank | Weapon::Cannon | Weapon::AntiTank => {
            kind == EventKind::Artillery
        }
        Weapon::Mlrs => kind == EventKind::Mlrs,
        Weapon::Drone => kind == EventKind::DroneStrike,
    }
}
