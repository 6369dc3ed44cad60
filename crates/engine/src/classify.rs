//! What a source was, from its sound, its place and what is known of the place.

use std::collections::BTreeMap;

use truceline_agreement::Geometry;
use truceline_domain::{Body, EventClass, EventKind};

use crate::associate::Source;
use crate::field::Wave;
use crate::findings::NOTICE_SLACK_S;
use crate::link::{Heard, Link};
use crate::plane::Xy;
use crate::prepare::Prepared;
use crate::signature::Signature;

/// Log-probabilities, up to a constant, of each signature for one source.
pub(crate) fn ln_kinds(
    all: &Prepared<'_>,
    signatures: &[Signature],
    geometry: &Geometry<'_>,
    source: &Source,
) -> Vec<f64> {
    let place = source.estimate.place();
    let behind_m = all
        .plane
        .to_position(place)
        .and_then(|p| geometry.line_distance_m(p));
    let place_sd_m = source.estimate.place_sd_m();
    let quarry = quarry_m(all, geometry, place);
    let is_announced = announced(all, source).is_some();
    let mut shocks = 0.0;
    let (mut classes, mut seen) = (vec![], vec![]);
    for pick in source.picks.iter().filter_map(|p| all.field.picks.get(*p)) {
        match pick.wave {
            Wave::Sound { class, class_p, .. } => classes.push((class, class_p)),
            Wave::Shock { .. } => shocks += 1.0,
            Wave::Seen { burst, .. } => seen.push(burst),
            Wave::Light => {}
        }
    }
    signatures
        .iter()
        .map(|s| {
            let mut ln = s.prior.ln() + s.ln_density(&source.fingerprint);
            ln += classes.iter().map(|(c, p)| s.ln_class(*c, *p)).sum::<f64>();
            ln += seen.iter().map(|impact| s.ln_seen(*impact)).sum::<f64>();
            if !s.shocks {
                ln -= SHOCK_LN * shocks;
            }
            if let Some(d) = behind_m {
                ln += behind(s, d, place_sd_m);
            }
            match s.kind {
                EventKind::BlastQuarry if quarry < SITE_REACH_M + 2.0 * place_sd_m => ln += 3.0,
                EventKind::BlastQuarry => ln -= 1.0,
                EventKind::Demolition if is_announced => ln += ANNOUNCED_LN,
                _ => {}
            }
            ln
        })
        .collect()
}

/// How often a burst is heard and its gun is not, and the other way round: they are about as loud.
const BURST_WITHOUT_GUN: f64 = 0.05;
/// The same for guns that few arrays heard, and for those that more did (measured: of 2,000 mortar
/// rounds heard by five arrays and more one in two hundred had no burst).
const GUN_WITHOUT_BURST: [f64; 2] = [0.03, 0.005];
const MANY_ARRAYS: f64 = 5.0;
/// That a sound at a gun's place amid its series is one more of its rounds and not another thing that
/// happened just there: a gun fires some twice a minute, and all other things together happen some
/// thousand times a day in hundreds of square kilometres, which is e^10 less in a hundred metres' square.
/// As a logarithm, less what the places leave open.
const FELLOW_LN: f64 = 8.0;
/// What an event is, with what probability.
#[derive(Debug)]
pub(crate) struct Kinds {
    pub(crate) kind: EventKind,
    pub(crate) p_kind: f64,
    /// The chance that a weapon was used at all.
    pub(crate) p_weapon: f64,
    pub(crate) p_burst: f64,
    pub(crate) p_air: f64,
}

impl Kinds {
    /// Of what was heard, with the burst that ends it where one is linked; `fellow` is the weapon that other
    /// rounds of its battery are known by, by their bursts.
    pub(crate) fn of(
        signatures: &[Signature],
        h: &Heard,
        link: Option<&Link>,
        fellow: Option<EventKind>,
    ) -> Self {
        let top = h.ln_kinds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut of: BTreeMap<EventKind, f64> = BTreeMap::new();
        let (mut all, mut bursts) = (0.0, 0.0);
        for (s, ln) in signatures.iter().zip(&h.ln_kinds) {
            let mut p = (ln - top).exp();
            if s.is_burst && link.is_none() {
                p *= BURST_WITHOUT_GUN;
            }
            if s.bursts && link.is_none() {
                let heard_well = h.source.fingerprint.level_db.arrays >= MANY_ARRAYS;
                p *= GUN_WITHOUT_BURST[usize::from(heard_well)];
            }
            if fellow == Some(s.kind) && !s.is_burst {
                p *= FELLOW_LN.exp();
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
        Self {
            kind,
            p_kind: p / guns,
            p_weapon: share(&|k| k.class() == EventClass::Firing),
            p_air: share(&|k| k == EventKind::DroneStrike),
            p_burst: bursts / all.max(1e-300),
        }
    }
}

/// What a notice speaks for a demolition.
pub(crate) const ANNOUNCED_LN: f64 = 2.0;
/// What one ground shock speaks against a source that shakes no ground: false shocks are about one
/// in twelve.
const SHOCK_LN: f64 = 2.5;
/// A quarry's blasts lie this near its mark, metres.
const SITE_REACH_M: f64 = 1000.0;

/// Heavy mortars reach farther than a company's: 120 mm to 7 km, 82 mm to 4 km, 60 mm to 3.5 km, as published.
/// One mortar in ten is such a one, farther back than the others reach, as a logarithm (a judgement).
const LONG_MORTAR_M: f64 = 7_000.0;
const LONG_MORTAR_LN: f64 = -2.3;

/// What a place so far behind the line says for a weapon, as a logarithm.
fn behind(s: &Signature, d_m: f64, sd_m: f64) -> f64 {
    let Some((near_m, far_m)) = s.behind_line_m else {
        return 0.0;
    };
    let usual = outside(d_m, near_m, far_m, sd_m);
    match s.kind {
        EventKind::Mortar => usual.max(LONG_MORTAR_LN + outside(d_m, near_m, LONG_MORTAR_M, sd_m)),
        _ => usual,
    }
}

/// How ill a distance from the line suits a weapon fired between `near` and `far` behind it.
fn outside(d_m: f64, near_m: f64, far_m: f64, sd_m: f64) -> f64 {
    let beyond = (near_m - d_m).max(d_m - far_m).max(0.0);
    let soft = sd_m.hypot(0.3 * near_m).hypot(0.1 * far_m);
    (-0.5 * (beyond / soft).powi(2)).max(-8.0)
}

fn quarry_m(all: &Prepared<'_>, geometry: &Geometry<'_>, place: Xy) -> f64 {
    let sites = geometry.sites.iter().filter(|s| s.what == "quarry");
    sites
        .map(|s| all.plane.to_m(s.position).distance(place))
        .fold(f64::INFINITY, f64::min)
}

/// The notice that announced a source's place and time, as its place among the observations.
pub(crate) fn announced(all: &Prepared<'_>, source: &Source) -> Option<usize> {
    let place = source.estimate.place();
    let reach_m = 2.0 * source.estimate.place_sd_m();
    all.notices.iter().copied().find(|i| {
        let Some(Body::Notice(n)) = all.observations.get(*i).map(|o| &o.body) else {
            return false;
        };
        let [from, until] = n.window.map(|t| all.seconds(t));
        let at = all.plane.to_m(n.position);
        (from - NOTICE_SLACK_S..=until + NOTICE_SLACK_S).contains(&source.estimate.t_s())
            && at.distance(place) <= n.radius_m.get() + reach_m
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::{Estimate, Matrix, State};
    use crate::signature::{self, Fingerprint};
    use crate::sound::Weather;

    #[test]
    fn a_round_among_rounds_of_a_mortar_is_no_strike() {
        let source = Source {
            estimate: Estimate {
                state: State::zeros(),
                cov: Matrix::identity(),
            },
            air: Weather::default().at(0.0),
            picks: vec![],
            fingerprint: Fingerprint::default(),
            score: 10.0,
            anchor: None,
        };
        let signatures = signature::all();
        // By sound a strike rather than a mortar's muzzle, and neither rather than all else.
        let ln = |s: &Signature| match s.kind {
            EventKind::DroneStrike => 0.0,
            EventKind::Mortar if !s.is_burst => -1.0,
            _ => -30.0,
        };
        let heard = Heard {
            source,
            ln_kinds: signatures.iter().map(ln).collect(),
        };
        let kind = |fellow| Kinds::of(&signatures, &heard, None, fellow).kind;
        assert_eq!(kind(None), EventKind::DroneStrike);
        assert_eq!(kind(Some(EventKind::Mortar)), EventKind::Mortar);
        // Howitzers side by side make no mortar of it.
        assert_eq!(kind(Some(EventKind::Artillery)), EventKind::DroneStrike);
    }

    #[test]
    fn a_heavy_mortar_stands_behind_the_others_and_no_machine_gun_does() {
        let of = |kind: EventKind, d_m: f64| {
            let all = signature::all();
            let s = all.iter().find(|s| s.kind == kind && !s.is_burst);
            behind(s.unwrap(), d_m, 50.0)
        };
        assert_eq!(of(EventKind::Mortar, 3_000.0), 0.0);
        assert_eq!(of(EventKind::Mortar, 6_700.0), LONG_MORTAR_LN);
        assert_eq!(of(EventKind::Mortar, 12_000.0), -8.0);
        assert_eq!(of(EventKind::Hmg, 6_700.0), -8.0);
    }
}
