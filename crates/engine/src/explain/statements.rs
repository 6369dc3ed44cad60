//! What may be said of a judgement, with its numbers.

use std::collections::BTreeSet;

use truceline_domain::{Counterfactual, SourceId, Statement, Verdict};

use super::absent::{Bench, Gone};

/// A source that speaks less than this for or against is not named, log-odds.
const LEAST_TOLD: f64 = 0.1;

/// What, where, whose ground; what fits; who; for, against, and without what.
pub(super) fn statements(
    bench: &Bench<'_>,
    cited: &BTreeSet<usize>,
    worth: &[(SourceId, f64)],
    changed: &[Counterfactual],
) -> Vec<Statement> {
    let mut said = vec![located(bench), kind(bench)];
    said.extend(ground(bench));
    said.extend(beside(bench, cited));
    said.extend(answer(bench));
    let told = worth.iter().filter(|(_, w)| w.abs() > LEAST_TOLD);
    let loudest = told.clone().max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((source, log_odds)) = loudest.filter(|(_, w)| *w > 0.0).cloned() {
        said.push(Statement::For { source, log_odds });
    }
    let against = told.min_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((source, log_odds)) = against.filter(|(_, w)| *w < 0.0).cloned() {
        said.push(Statement::Against { source, log_odds });
    }
    said.extend(changed.iter().map(|c| Statement::Without {
        source: c.source.clone(),
        verdict: c.verdict.clone(),
    }));
    if changed.is_empty() {
        said.push(Statement::Firm);
    }
    said
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn located(bench: &Bench<'_>) -> Statement {
    let gun = bench.told.gun;
    let picks = gun
        .picks
        .iter()
        .filter_map(|p| bench.all.field.picks.get(*p));
    let stations: BTreeSet<_> = picks.map(|p| p.station).collect();
    Statement::Located {
        kind: bench.told.kinds.kind,
        arrivals: count(gun.picks.len()),
        stations: count(stations.len()),
        sd_m: gun.estimate.place_sd_m(),
    }
}

fn kind(bench: &Bench<'_>) -> Statement {
    let kinds = bench.told.kinds;
    Statement::Kind {
        kind: kinds.kind,
        p_kind: kinds.p_kind,
        p_weapon: kinds.p_weapon,
    }
}

fn ground(bench: &Bench<'_>) -> Option<Statement> {
    let told = bench.told;
    let position = bench.all.plane.to_position(told.gun.estimate.place())?;
    let line = told.geometry.nearest_line(position)?;
    let (line_m, line_sd_m) = (line.distance_m, line.line.accuracy_m);
    Some(match told.geometry.holder(position) {
        Some(party) => Statement::Held {
            line_m,
            line_sd_m,
            party: party.clone(),
            p: told.evidence.holders.get(party).copied().unwrap_or(0.0),
        },
        None => Statement::NobodyHolds { line_m, line_sd_m },
    })
}

fn beside(bench: &Bench<'_>, cited: &BTreeSet<usize>) -> Vec<Statement> {
    let told = bench.told;
    let mut said = vec![];
    if let (Some(burst), Some(link)) = (told.burst, told.link) {
        let range_m = burst.estimate.place().distance(told.gun.estimate.place());
        said.push(Statement::Round {
            kind: link.weapon,
            flight_s: link.flight_s,
            range_km: range_m / 1000.0,
        });
    }
    if told.evidence.notice.is_some() {
        said.push(Statement::Announced);
    }
    let worth = |all: &[usize]| bench.worth(&bench.without(&Gone::new(all.to_vec())));
    let movers = told.evidence.movers.iter().copied();
    let movers: Vec<usize> = movers.filter(|i| cited.contains(i)).collect();
    if !movers.is_empty() {
        said.push(Statement::Moved {
            count: count(movers.len()),
            log_odds: worth(&movers),
        });
    }
    if !told.evidence.reports.is_empty() {
        said.push(Statement::Reported {
            count: count(told.evidence.reports.len()),
            log_odds: worth(told.evidence.reports),
        });
    }
    said
}

fn answer(bench: &Bench<'_>) -> Option<Statement> {
    let attribution = bench.told.attribution;
    let p = |party| attribution.p.of(party).get();
    Some(match &attribution.verdict {
        Verdict::Party(party) => Statement::Named {
            party: party.clone(),
            p: p(party),
        },
        Verdict::None => Statement::NoViolation {
            p: attribution.p.none().get(),
        },
        Verdict::Undetermined => {
            let (party, p) = attribution.p.likeliest_party()?;
            Statement::Undetermined {
                party: party.clone(),
                p: p.get(),
                needed: bench.told.needed,
            }
        }
    })
}
