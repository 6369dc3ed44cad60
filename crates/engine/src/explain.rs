//! Why: what each observation contributed, and sentences that the numbers carry.

use std::collections::BTreeMap;

use truceline_agreement::Geometry;
use truceline_domain::{
    Attribution, Contribution, EventKind, Explanation, PartyId, Verdict, Weapon,
};

use crate::associate::Source;
use crate::field::Wave;
use crate::link::Link;
use crate::locate::{fit, residuals};
use crate::normal::phi;
use crate::plane::Xy;
use crate::prepare::Prepared;
use crate::telling::Kinds;

/// What an explanation is made from.
pub(crate) struct Told<'t> {
    pub(crate) gun: &'t Source,
    pub(crate) burst: Option<&'t Source>,
    pub(crate) link: Option<&'t Link>,
    pub(crate) kinds: &'t Kinds,
    pub(crate) holders: &'t BTreeMap<PartyId, f64>,
    pub(crate) movers: &'t [usize],
    pub(crate) attribution: &'t Attribution,
    pub(crate) geometry: &'t Geometry<'t>,
    pub(crate) reports: &'t [usize],
    pub(crate) notice: Option<usize>,
}

/// Log-odds are told within this: a model is never surer.
const MOST_LOG_ODDS: f64 = 12.0;

pub(crate) fn explanation(all: &Prepared<'_>, told: &Told<'_>) -> Explanation {
    Explanation {
        contributions: contributions(all, told),
        sentences: sentences(all, told),
    }
}

fn log_odds(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln().clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS)
}

/// Distance of the gun from the nearest line, positive on the side it is on, and the unit vector
/// away from the line; the line taken as straight there.
struct Side {
    foot: Xy,
    away: Xy,
    map_sd_m: f64,
}

impl Side {
    fn of(all: &Prepared<'_>, told: &Told<'_>) -> Option<Self> {
        let place = told.gun.estimate.place();
        let line = told.geometry.nearest_line(all.plane.to_position(place)?)?;
        let foot = all.plane.to_m(line.foot);
        let way = place.minus(foot);
        let length = way.length().max(1e-3);
        Some(Self {
            foot,
            away: Xy::new(way.e / length, way.n / length),
            map_sd_m: line.line.accuracy_m,
        })
    }

    /// Log-odds that a place known with this covariance lies on this side.
    fn log_odds(&self, at: Xy, cov: &crate::locate::Matrix) -> f64 {
        let variance = self.away.e * self.away.e * cov[(0, 0)]
            + 2.0 * self.away.e * self.away.n * cov[(0, 1)]
            + self.away.n * self.away.n * cov[(1, 1)];
        let sd_m = variance.max(1.0).sqrt().hypot(self.map_sd_m);
        log_odds(phi(at.minus(self.foot).dot(self.away) / sd_m))
    }
}

fn contributions(all: &Prepared<'_>, told: &Told<'_>) -> Vec<Contribution> {
    let gun = told.gun;
    let side = Side::of(all, told);
    let whole = side
        .as_ref()
        .map_or(0.0, |s| s.log_odds(gun.estimate.place(), &gun.estimate.cov));
    let mut list: Vec<Contribution> = gun
        .picks
        .iter()
        .enumerate()
        .filter_map(|(i, number)| {
            let pick = all.field.picks.get(*number)?;
            // Without this one: what the rest says of the side.
            let rest: Vec<usize> = gun.picks.iter().copied().filter(|p| p != number).collect();
            let without = fit(&all.field, &rest, &gun.air, &gun.estimate.state, None, 2);
            let log_odds = side
                .as_ref()
                .zip(without)
                .map_or(0.0, |(s, e)| whole - s.log_odds(e.place(), &e.cov));
            let worst = residuals(&all.field, pick, &gun.air, &gun.estimate.state)
                .map(|r| (r.value / r.sd).abs())
                .fold(0.0, f64::max);
            let what = match (pick.wave, i) {
                (Wave::Sound { .. }, _) => "sound of the firing",
                (Wave::Light, _) => "flash",
                (Wave::Shock { .. }, _) => "ground shock",
                (Wave::Seen { .. }, _) => "seen in video",
            };
            Some(Contribution {
                observation: all.observations.get(pick.observation).map(|o| o.id.clone()),
                what: what.into(),
                log_odds,
                residual_sd: Some(worst),
            })
        })
        .collect();
    list.extend(
        told.burst
            .iter()
            .flat_map(|b| b.picks.iter().map(move |p| (b, p)))
            .filter_map(|(b, p)| {
                let pick = all.field.picks.get(*p)?;
                let worst = residuals(&all.field, pick, &b.air, &b.estimate.state)
                    .map(|r| (r.value / r.sd).abs())
                    .fold(0.0, f64::max);
                Some(Contribution {
                    observation: all.observations.get(pick.observation).map(|o| o.id.clone()),
                    what: "burst of the round".into(),
                    log_odds: 0.0,
                    residual_sd: Some(worst),
                })
            }),
    );
    let beside = |indices: &[usize], what: &str| -> Vec<Contribution> {
        let ids = indices.iter().filter_map(|i| all.observations.get(*i));
        ids.map(|o| Contribution {
            observation: Some(o.id.clone()),
            what: what.into(),
            log_odds: 0.0,
            residual_sd: None,
        })
        .collect()
    };
    list.extend(beside(
        told.reports,
        "report that fits in time, direction and distance; not weighed for who",
    ));
    list.extend(beside(
        told.movers,
        "people or vehicles seen at the firing point: another side may have fired from there",
    ));
    if told.kinds.kind == EventKind::Demolition {
        list.extend(beside(
            told.notice.as_slice(),
            "announced at this place and time",
        ));
    }
    list.push(Contribution {
        observation: None,
        what: "firing point against the line of contact as drawn".into(),
        log_odds: whole,
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

fn sentences(all: &Prepared<'_>, told: &Told<'_>) -> Vec<String> {
    let gun = told.gun;
    let mut lines = vec![];
    let stations: std::collections::BTreeSet<_> = gun
        .picks
        .iter()
        .filter_map(|p| all.field.picks.get(*p))
        .map(|p| p.station)
        .collect();
    lines.push(format!(
        "{}: {} arrivals at {} sources, located to {:.0} m (largest standard deviation).",
        told.kinds.kind,
        gun.picks.len(),
        stations.len(),
        gun.estimate.place_sd_m()
    ));
    lines.push(format!(
        "By sound and place it is {} with probability {:.2}; that a weapon was used, {:.2}.",
        told.kinds.kind, told.kinds.p_kind, told.kinds.p_weapon
    ));
    let position = all.plane.to_position(gun.estimate.place());
    if let Some(line) = position.and_then(|p| told.geometry.nearest_line(p)) {
        let held = position.and_then(|p| told.geometry.holder(p));
        let held = held.map_or("ground that nobody holds on the map".to_owned(), |p| {
            let share = told.holders.get(p).copied().unwrap_or(0.0);
            format!(
                "ground held by {p} (probability {share:.2} over the uncertainty of place and map)"
            )
        });
        lines.push(format!(
            "It lies {:.0} m from the line of contact, which is known to {:.0} m, on {held}.",
            line.distance_m, line.line.accuracy_m
        ));
    }
    if let (Some(burst), Some(link)) = (told.burst, told.link) {
        let range_m = burst.estimate.place().distance(gun.estimate.place());
        lines.push(format!(
            "A burst {:.1} s later, {:.1} km away, fits the flight of a {} round.",
            link.flight_s,
            range_m / 1000.0,
            link.weapon
        ));
    }
    if told.notice.is_some() {
        lines.push("A demolition was announced for this place and time.".into());
    }
    if !told.movers.is_empty() {
        lines.push("People or vehicles were seen at the firing point within twenty minutes: it may have been used by another side.".into());
    }
    if !told.reports.is_empty() {
        lines.push(format!(
            "{} report(s) of observers fit in time, direction and distance; whom they blame is not weighed.",
            told.reports.len()
        ));
    }
    lines.push(match &told.attribution.verdict {
        Verdict::Party(party) => {
            format!(
                "Named: {party}, probability {:.3}.",
                told.attribution.p.of(party).get()
            )
        }
        Verdict::None => format!(
            "No violation, probability {:.3}.",
            told.attribution.p.none().get()
        ),
        Verdict::Undetermined => "Undetermined: no answer is sure enough to be named.".into(),
    });
    lines
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
