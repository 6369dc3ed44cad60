//! What was watched, and who kept what.

use std::collections::{BTreeMap, BTreeSet};

use truceline_domain::{Finding as OfDomain, Kept as KeptWord, Probability};
use truceline_engine::{CoverageState, Stretch, compliance};

use super::{Gathering, Put};
use crate::model::{Covered, Kept};

impl Gathering<'_> {
    pub(super) fn kept(&self, coverage: &mut CoverageState, standing: &[&Put]) -> Vec<Kept> {
        let findings: Vec<OfDomain> = standing.iter().map(|put| put.finding.clone()).collect();
        let mut merged: Vec<(Kept, f64)> = Vec::new();
        let all = compliance(
            self.input.documents,
            self.theatre,
            coverage,
            &findings,
            self.day.from,
            self.day.until,
        );
        for row in all {
            let along_km = row.along_m.map(|m| m.map(km));
            let length = along_km.map_or(0.0, |[a, b]| b - a);
            let line = row.line.or_else(|| {
                let number = row.line_number?;
                Some((number + 1).to_string())
            });
            let next = Kept {
                party: row.party,
                clause: row.clause.to_string(),
                line,
                along_km,
                kept: row.kept,
                watched: row.watched.get(),
                gap_min: (row.longest_gap_s / 60.0).round(),
                p_missed: row.p_missed.map(Probability::get),
                findings: row.findings,
            };
            match merged.last_mut() {
                Some((last, so_far)) if continues(last, &next) => {
                    let whole = *so_far + length;
                    let mean = |a: f64, b: f64| {
                        if whole > 0.0 {
                            (a * *so_far + b * length) / whole
                        } else {
                            a
                        }
                    };
                    last.watched = mean(last.watched, next.watched);
                    last.p_missed = last.p_missed.zip(next.p_missed).map(|(a, b)| mean(a, b));
                    last.gap_min = last.gap_min.max(next.gap_min);
                    last.along_km = last.along_km.zip(next.along_km).map(|(a, b)| [a[0], b[1]]);
                    *so_far = whole;
                }
                _ => merged.push((next, length)),
            }
        }
        merged
            .into_iter()
            .map(|(row, _)| Kept {
                watched: four(row.watched),
                p_missed: row.p_missed.map(four),
                ..row
            })
            .collect()
    }
}

/// Whether a row of compliance goes on where the one before ended, and says the same.
fn continues(last: &Kept, next: &Kept) -> bool {
    let joins = match (last.along_km, next.along_km) {
        (Some([_, end]), Some([start, _])) => (end - start).abs() < 0.001,
        _ => false,
    };
    joins
        && (&last.party, &last.clause, &last.line, last.kept)
            == (&next.party, &next.clause, &next.line, next.kept)
        && last.findings == next.findings
        && last.kept != KeptWord::Violated
        && last.p_missed.is_some() == next.p_missed.is_some()
}

/// Stretches of a line together, those that stood.
pub(super) fn lines(stretches: &[Stretch]) -> Vec<Covered> {
    let mut by_line: BTreeMap<usize, Vec<&Stretch>> = BTreeMap::new();
    for stretch in stretches.iter().filter(|s| s.stood) {
        by_line
            .entry(stretch.line_number)
            .or_default()
            .push(stretch);
    }
    by_line
        .into_iter()
        .map(|(number, all)| {
            let length = |s: &Stretch| s.to_m - s.from_m;
            let whole: f64 = all.iter().map(|s| length(s)).sum();
            let share = |of: &dyn Fn(&Stretch) -> f64| {
                let sum: f64 = all.iter().map(|s| of(s) * length(s)).sum();
                four(sum / whole.max(1.0))
            };
            let never = all.iter().filter(|s| s.never_watched);
            let never_m: f64 = never.map(|s| length(s)).sum();
            let kinds: BTreeSet<_> = all.iter().flat_map(|s| s.watched.keys().copied()).collect();
            let named = all.first().and_then(|s| s.line.clone());
            Covered {
                line: named.unwrap_or_else(|| (number + 1).to_string()),
                km: km(whole),
                watched: share(&|s| s.watched_by_any),
                watched_by: kinds
                    .into_iter()
                    .map(|w| {
                        let of = share(&|s| s.watched.get(&w).copied().unwrap_or(0.0));
                        (w.as_str().to_owned(), of)
                    })
                    .collect(),
                never_km: km(never_m),
            }
        })
        .collect()
}

fn km(m: f64) -> f64 {
    (m / 100.0).round() / 10.0
}

fn four(share: f64) -> f64 {
    (share * 1e4).round() / 1e4
}
