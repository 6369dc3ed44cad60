//! Candidates in order, with the reasons.

use truceline_agreement::Theatre;
use truceline_agreement::document::Procedures;
use truceline_agreement::theatre::Geometry;

use crate::criteria::{self, Criterion, Score};
use crate::read::{Candidate, Candidates, Use};
use crate::robust::shares_first;
use crate::weights::Weights;

/// A candidate with all that was found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Sited {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
    /// Height of its antenna or eyes above ground, metres.
    pub height_m: f64,
    /// From 1; `None` for one that is ruled out.
    pub rank: Option<u32>,
    /// The weighted mean of its scores, 0 to 1.
    pub total: f64,
    /// Share of all weights for which it comes first. `None` for one that is ruled out.
    pub first_share: Option<f64>,
    /// Why it is ruled out; empty when it is not.
    pub ruled_out: Vec<String>,
    /// By criterion.
    pub scores: Vec<Score>,
}

/// The candidates for one use, best first, those ruled out last.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Ranking {
    /// What for.
    pub r#use: Use,
    /// The candidates.
    pub sited: Vec<Sited>,
    /// Criteria that counted: those on which something is known of every candidate that is not ruled
    /// out, each with its weight.
    pub counted: Vec<(Criterion, f64)>,
    /// Those that did not count, and why.
    pub left_out: Vec<(Criterion, String)>,
}

/// Ranks the candidates of each use, in the theatre as it stands in `now`.
#[must_use]
pub fn rank(
    candidates: &Candidates,
    theatre: &Theatre,
    now: &Geometry<'_>,
    procedures: Option<&Procedures>,
    weights: &Weights,
    seed: u64,
) -> Vec<Ranking> {
    let ground = Ground {
        candidates,
        theatre,
        now,
        procedures,
        weights,
    };
    let uses = Use::ALL.map(|(_, r#use)| r#use);
    uses.into_iter()
        .filter(|r#use| candidates.candidates.iter().any(|c| c.r#use == *r#use))
        .map(|r#use| ground.ranking(r#use, seed))
        .collect()
}

struct Ground<'a> {
    candidates: &'a Candidates,
    theatre: &'a Theatre,
    now: &'a Geometry<'a>,
    procedures: Option<&'a Procedures>,
    weights: &'a Weights,
}

impl Ground<'_> {
    fn ranking(&self, r#use: Use, seed: u64) -> Ranking {
        let all = &self.candidates.candidates;
        let of_use = all.iter().filter(|c| c.r#use == r#use);
        let mut sited: Vec<Sited> = of_use.map(|c| self.sited(c)).collect();
        let (counted, left_out) = self.counted(r#use, &sited);
        let whole: f64 = counted.iter().map(|(_, weight)| weight).sum();
        for one in &mut sited {
            let sum: f64 = counted
                .iter()
                .map(|(criterion, weight)| weight * score(one, *criterion))
                .sum();
            one.total = if whole > 0.0 {
                (sum / whole * 1e4).round() / 1e4
            } else {
                0.0
            };
        }
        sited.sort_by(|a, b| {
            let out = |s: &Sited| !s.ruled_out.is_empty();
            out(a)
                .cmp(&out(b))
                .then(b.total.total_cmp(&a.total))
                .then_with(|| a.id.cmp(&b.id))
        });
        let standing = sited.iter().filter(|s| s.ruled_out.is_empty());
        let scores: Vec<Vec<f64>> = standing
            .map(|one| counted.iter().map(|(c, _)| score(one, *c)).collect())
            .collect();
        let shares = shares_first(&scores, seed);
        for ((one, share), number) in sited.iter_mut().zip(shares).zip(1..) {
            one.rank = Some(number);
            one.first_share = Some((share * 1e4).round() / 1e4);
        }
        Ranking {
            r#use,
            sited,
            counted,
            left_out,
        }
    }

    /// A criterion counts when something is known of all that are not ruled out: nobody gains by a gap
    /// in the data.
    #[allow(clippy::type_complexity)] // Two lists that are told side by side.
    fn counted(
        &self,
        r#use: Use,
        sited: &[Sited],
    ) -> (Vec<(Criterion, f64)>, Vec<(Criterion, String)>) {
        let (mut counted, mut left_out) = (Vec::new(), Vec::new());
        for criterion in Criterion::of(r#use) {
            let standing = sited.iter().filter(|s| s.ruled_out.is_empty());
            let gap = standing
                .flat_map(|s| &s.scores)
                .find(|s| s.criterion == *criterion && s.score.is_none());
            match gap {
                Some(gap) => left_out.push((*criterion, gap.reason.clone())),
                None => match self.weights.of(r#use, *criterion) {
                    weight if weight > 0.0 => counted.push((*criterion, weight)),
                    _ => left_out.push((*criterion, "its weight is 0".to_owned())),
                },
            }
        }
        (counted, left_out)
    }

    fn sited(&self, candidate: &Candidate) -> Sited {
        let scores = Criterion::of(candidate.r#use)
            .iter()
            .map(|criterion| self.score(candidate, *criterion));
        Sited {
            id: candidate.id.clone(),
            name: candidate.name.clone(),
            lat_deg: candidate.position.lat_deg(),
            lon_deg: candidate.position.lon_deg(),
            height_m: candidate.height_m,
            rank: None,
            total: 0.0,
            first_share: None,
            ruled_out: self.ruled_out(candidate),
            scores: scores.collect(),
        }
    }

    fn score(&self, candidate: &Candidate, criterion: Criterion) -> Score {
        let terrain = self.theatre.terrain.as_ref();
        let radio = &self.weights.radio;
        let given = self.candidates;
        match criterion {
            Criterion::ZoneDistance => criteria::zone_distance(candidate, &given.zone),
            Criterion::Relays => criteria::relays(candidate, &given.relays, terrain, radio),
            Criterion::Corridors => {
                let ids = self.procedures.map_or(&[][..], |p| &p.drone_corridors);
                let areas = ids.iter().filter_map(|id| self.now.area(id));
                let shapes: Vec<_> = areas.map(|area| &area.shape).collect();
                criteria::corridors(candidate, &shapes, terrain, radio)
            }
            Criterion::View => {
                let at = self.now.at;
                let lines = self.theatre.lines.iter();
                let standing: Vec<_> = lines.filter(|l| l.valid.holds_at(at)).collect();
                criteria::view(candidate, &standing, terrain)
            }
            Criterion::Road => criteria::near(criterion, candidate, &given.roads),
            Criterion::Power => criteria::near(criterion, candidate, &given.power),
            Criterion::Airfield => criteria::near(criterion, candidate, &given.airfields),
        }
    }

    /// What was agreed of the centre's place: the host's ground, away from the former zone of conflict.
    fn ruled_out(&self, candidate: &Candidate) -> Vec<String> {
        let mut reasons = Vec::new();
        if candidate.r#use != Use::Centre {
            return reasons;
        }
        if criteria::within(candidate.position, &self.candidates.zone) {
            reasons.push("within the former zone of conflict".to_owned());
        }
        let host = self.procedures.map(|p| &p.host);
        let on_host = if self.candidates.host.is_empty() {
            let holder = self.now.holder(candidate.position);
            host.zip(holder).map(|(host, holder)| host.id == *holder)
        } else {
            Some(criteria::within(candidate.position, &self.candidates.host))
        };
        match on_host {
            Some(true) => {}
            Some(false) => reasons.push("not on the host's ground".to_owned()),
            None => reasons.push(
                "on ground of which the map does not say that it is the host's; draw it as a feature of kind `host`".to_owned(),
            ),
        }
        reasons
    }
}

fn score(one: &Sited, criterion: Criterion) -> f64 {
    let of = one.scores.iter().find(|s| s.criterion == criterion);
    of.and_then(|s| s.score).unwrap_or(0.0)
}
